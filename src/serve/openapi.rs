//! The API's description (OpenAPI 3.0) and the schema of a feature, made from the tables that answer requests.

use super::features::{CONFORMS_TO, OPEN_API};
use crate::model::layer::{Kind, LAYERS, Layer, Property};
use serde_json::{Map, Value, json};

/// The whole API as OpenAPI 3.0.3.
pub(super) fn describe(public_url: &str, title: &str) -> Value {
    let mut paths = Map::new();
    let f = || vec![parameter_f()];
    let mut add =
        |path: &str, summary: &str, parameters: Vec<Value>, answers: Vec<(&str, Value)>| {
            paths.insert(path.to_owned(), get(summary, &parameters, &answers));
        };
    let object = || json!({ "type": "object" });
    let json_or_html = |schema: Value| vec![("application/json", schema), ("text/html", text())];
    add(
        "/",
        "Landing page",
        f(),
        json_or_html(json!({ "type": "object", "required": ["links"] })),
    );
    add(
        "/conformance",
        "Conformance classes",
        f(),
        json_or_html(conformance()),
    );
    add(
        "/api",
        "This description",
        f(),
        vec![(OPEN_API, object()), ("text/html", text())],
    );
    add(
        "/collections",
        "Collections",
        f(),
        json_or_html(json!({ "type": "object", "required": ["links", "collections"] })),
    );
    for layer in LAYERS {
        let at = format!("/collections/{}", layer.id);
        add(
            &at,
            layer.title,
            f(),
            json_or_html(json!({ "type": "object", "required": ["id", "links"] })),
        );
        let schema = vec![("application/schema+json", object())];
        add(
            &format!("{at}/schema"),
            "Schema of a feature",
            Vec::new(),
            schema,
        );
        let features = vec![
            ("application/geo+json", collection_schema(layer)),
            ("text/html", text()),
        ];
        add(
            &format!("{at}/items"),
            layer.description,
            item_parameters(layer),
            features,
        );
        let one = vec![
            ("application/geo+json", feature_reference(layer)),
            ("text/html", text()),
        ];
        let parameters = vec![path_parameter("featureId"), parameter_f()];
        add(
            &format!("{at}/items/{{featureId}}"),
            "One feature",
            parameters,
            one,
        );
        for (extension, media_type) in super::download::FORMATS {
            let schema = match extension {
                "geojson" => json!({ "type": "object", "required": ["type", "features"] }),
                _ => json!({ "type": "string", "format": "binary" }),
            };
            add(
                &format!("/download/{}.{extension}", layer.id),
                "All of them as a file",
                filter_parameters(layer),
                vec![(media_type, schema)],
            );
        }
    }
    add(
        "/alerts/{file}",
        "An alert revision as CAP 1.2: <alert id>.r<revision>.xml",
        vec![path_parameter("file")],
        vec![("application/cap+xml", text())],
    );
    for (file, media_type) in [
        ("rss.xml", "application/rss+xml"),
        ("atom.xml", "application/atom+xml"),
    ] {
        add(
            &format!("/feeds/{file}"),
            "Active alerts released to the reader",
            Vec::new(),
            vec![(media_type, text())],
        );
        add(
            &format!("/feeds/regions/{{region}}/{file}"),
            "Active alerts near a region or group",
            vec![path_parameter("region")],
            vec![(media_type, text())],
        );
        add(
            &format!("/feeds/partners/{{partner}}/{file}"),
            "Active alerts of a partner, with its key",
            vec![path_parameter("partner")],
            vec![(media_type, text())],
        );
    }
    add(
        "/healthz",
        "The process runs",
        Vec::new(),
        vec![("text/plain", text())],
    );
    add(
        "/readyz",
        "The store answers",
        Vec::new(),
        vec![("text/plain", text())],
    );
    super::openapi_stac::add(&mut paths);
    let schemas: Map<String, Value> = LAYERS
        .into_iter()
        .map(|layer| (layer.id.to_owned(), feature_body(layer)))
        .collect();
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": title,
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Alerts about ships, and what they rest on. Without a key: alerts marked TLP:CLEAR, and watch regions. `/stream` gives alerts as server-sent events.",
        },
        "servers": [{ "url": public_url }],
        "security": [{}, { "key": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer" } },
            "schemas": schemas,
            "responses": { "problem": {
                "description": "A problem (RFC 9457)",
                "content": { "application/problem+json": { "schema": { "type": "object", "required": ["status", "title"] } } },
            }},
        },
    })
}

pub(super) fn get(summary: &str, parameters: &[Value], answers: &[(&str, Value)]) -> Value {
    let content: Map<String, Value> = answers
        .iter()
        .map(|(media_type, schema)| ((*media_type).to_owned(), json!({ "schema": schema })))
        .collect();
    let mut responses = refusals();
    responses["200"] = json!({ "description": "Done", "content": content });
    responses["304"] = json!({ "description": "Unchanged" });
    json!({ "get": { "summary": summary, "parameters": parameters, "responses": responses } })
}

/// What may be answered to any request instead of what it asked for.
pub(super) fn refusals() -> Value {
    let problem = json!({ "$ref": "#/components/responses/problem" });
    let statuses = ["400", "401", "403", "404", "429", "500", "503"];
    let each = statuses.map(|status| (status.to_owned(), problem.clone()));
    Value::Object(each.into_iter().collect())
}

pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

fn conformance() -> Value {
    json!({ "type": "object", "required": ["conformsTo"],
            "properties": { "conformsTo": { "type": "array", "items": { "type": "string" }, "example": CONFORMS_TO } } })
}

pub(super) fn parameter_f() -> Value {
    json!({ "name": "f", "in": "query", "description": "Form of the answer, instead of the Accept header",
            "schema": { "type": "string", "enum": ["json", "html"] } })
}

pub(super) fn path_parameter(name: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
}

fn item_parameters(layer: &Layer) -> Vec<Value> {
    let mut parameters = vec![
        parameter_f(),
        json!({ "name": "limit", "in": "query", "description": "Most features on a page; a larger wish is cut",
                "schema": { "type": "integer", "minimum": 1, "maximum": super::query::MOST_LIMIT, "default": super::query::DEFAULT_LIMIT } }),
        json!({ "name": "after", "in": "query", "description": "Where the page before ended: as its `next` link says",
                "schema": { "type": "string", "pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z)?,.*$" } }),
    ];
    parameters.extend(filter_parameters(layer));
    parameters
}

fn filter_parameters(layer: &Layer) -> Vec<Value> {
    let mut parameters = vec![
        json!({ "name": "bbox", "in": "query", "style": "form", "explode": false,
                "description": "West, south, east, north in degrees; west > east crosses 180°; six numbers with heights",
                "schema": { "type": "array", "minItems": 4, "maxItems": 6, "items": { "type": "number" } } }),
        json!({ "name": "datetime", "in": "query", "description": "An instant, or start/end with `..` for an open end",
                "schema": { "type": "string" } }),
    ];
    parameters.extend(layer.properties.iter().skip(1).map(|property| {
        json!({ "name": property.name, "in": "query", "description": "Features with this value", "schema": { "type": json_type(property.kind) } })
    }));
    parameters
}

fn json_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Time => "string",
        Kind::Number => "number",
        Kind::Integer => "integer",
        Kind::Flag => "boolean",
    }
}

fn feature_reference(layer: &Layer) -> Value {
    json!({ "$ref": format!("#/components/schemas/{}", layer.id) })
}

fn collection_schema(layer: &Layer) -> Value {
    json!({
        "type": "object",
        "required": ["type", "features", "links", "numberMatched", "numberReturned"],
        "properties": {
            "type": { "type": "string", "enum": ["FeatureCollection"] },
            "features": { "type": "array", "items": feature_reference(layer) },
            "numberMatched": { "type": "integer" },
            "numberReturned": { "type": "integer" },
        },
    })
}

/// A feature as OpenAPI 3.0 writes schemas.
fn feature_body(layer: &Layer) -> Value {
    let of = |property: &Property| {
        let mut schema = json!({ "type": json_type(property.kind), "nullable": true });
        if property.kind == Kind::Time {
            schema["format"] = json!("date-time");
        }
        schema
    };
    let geometry =
        json!({ "type": "object", "nullable": true, "required": ["type", "coordinates"] });
    body(layer, of, &geometry)
}

/// A feature as JSON Schema 2020-12.
pub(super) fn feature_schema(layer: &Layer, public_url: &str) -> Value {
    let of = |property: &Property| {
        let mut schema = json!({ "type": [json_type(property.kind), "null"] });
        if property.kind == Kind::Time {
            schema["format"] = json!("date-time");
        }
        schema
    };
    let geometry = json!({ "type": ["object", "null"], "required": ["type", "coordinates"],
                           "properties": { "type": { "const": layer.geometry } } });
    let mut schema = body(layer, of, &geometry);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["$id"] = json!(format!("{public_url}/collections/{}/schema", layer.id));
    schema["title"] = json!(layer.title);
    schema
}

fn body(layer: &Layer, of: impl Fn(&Property) -> Value, geometry: &Value) -> Value {
    let properties: Map<String, Value> = layer
        .properties
        .iter()
        .map(|property| (property.name.to_owned(), of(property)))
        .collect();
    let names: Vec<&str> = layer.properties.iter().map(|p| p.name).collect();
    json!({
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": { "type": "string", "enum": ["Feature"] },
            "id": { "type": "string" },
            "geometry": geometry,
            "properties": { "type": "object", "required": names, "properties": properties },
        },
    })
}
