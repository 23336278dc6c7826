//! The part of the API's description that speaks of the catalogue, made beside the code that answers it.

use super::openapi::{get, parameter_f, path_parameter, refusals, text};
use super::stac::CONFORMS_TO;
use super::stac_query::{DEFAULT_LIMIT, MOST_LIMIT};
use crate::encode::stac::PNG;
use crate::model::catalogue::EntryKind;
use serde_json::{Map, Value, json};

const GEO_JSON: &str = "application/geo+json";
const JSON: &str = "application/json";

/// Adds the catalogue's paths.
pub(super) fn add(paths: &mut Map<String, Value>) {
    let object = |required: &[&str]| json!({ "type": "object", "required": required });
    let page =
        |media_type: &'static str, schema: Value| vec![(media_type, schema), ("text/html", text())];
    let mut add = |path: &str, summary: &str, parameters: &[Value], answers: &[(&str, Value)]| {
        paths.insert(path.to_owned(), get(summary, parameters, answers));
    };
    let f = [parameter_f()];
    let catalog = object(&[
        "type",
        "stac_version",
        "id",
        "description",
        "links",
        "conformsTo",
    ]);
    add("/stac", "STAC API: the catalogue", &f, &page(JSON, catalog));
    let classes = json!({ "type": "object", "required": ["conformsTo"],
        "properties": { "conformsTo": { "type": "array", "items": { "type": "string" }, "example": CONFORMS_TO } } });
    add(
        "/stac/conformance",
        "STAC API: conformance classes",
        &f,
        &page(JSON, classes),
    );
    let list = object(&["collections", "links"]);
    add(
        "/stac/collections",
        "STAC API: collections",
        &f,
        &page(JSON, list),
    );
    let collection = object(&[
        "type",
        "stac_version",
        "id",
        "description",
        "license",
        "extent",
        "links",
    ]);
    for kind in EntryKind::ALL {
        let at = format!("/stac/collections/{}", kind.collection());
        add(
            &at,
            "STAC API: a collection",
            &f,
            &page(JSON, collection.clone()),
        );
        let mut parameters = page_parameters();
        parameters.push(parameter_f());
        add(
            &format!("{at}/items"),
            "STAC API: items",
            &parameters,
            &page(GEO_JSON, items()),
        );
        let parameters = [path_parameter("itemId"), parameter_f()];
        add(
            &format!("{at}/items/{{itemId}}"),
            "STAC API: one item",
            &parameters,
            &page(GEO_JSON, one()),
        );
    }
    let mut parameters = page_parameters();
    parameters.push(parameter_f());
    let mut search = get("STAC API: search", &parameters, &page(GEO_JSON, items()));
    search["post"] = posted();
    paths.insert("/stac/search".to_owned(), search);
    paths.insert(
        "/quicklooks/{file}".to_owned(),
        get(
            "The picture of a scene: <scene id>.png",
            &[path_parameter("file")],
            &[(PNG, json!({ "type": "string", "format": "binary" }))],
        ),
    );
}

fn posted() -> Value {
    let schema = json!({ "type": "object", "additionalProperties": false, "properties": {
        "limit": { "type": "integer", "minimum": 1 },
        "bbox": { "type": "array", "minItems": 4, "maxItems": 6, "items": { "type": "number" } },
        "datetime": { "type": "string" },
        "intersects": { "type": "object" },
        "ids": { "type": "array", "items": { "type": "string" } },
        "collections": { "type": "array", "items": { "type": "string" } },
        "sortby": { "type": "array", "items": { "type": "object", "required": ["field"], "properties": {
            "field": { "type": "string", "enum": SORT_FIELDS }, "direction": { "type": "string", "enum": ["asc", "desc"] } } } },
        "token": { "type": "string" },
    }});
    let mut responses = refusals();
    responses["200"] =
        json!({ "description": "Done", "content": { GEO_JSON: { "schema": items() } } });
    responses["413"] = json!({ "description": "The body is too large", "content": { "text/plain": { "schema": text() } } });
    json!({
        "summary": "STAC API: search",
        "requestBody": { "required": true, "content": { JSON: { "schema": schema } } },
        "responses": responses,
    })
}

const SORT_FIELDS: [&str; 4] = ["datetime", "properties.datetime", "id", "collection"];

fn page_parameters() -> Vec<Value> {
    vec![
        json!({ "name": "limit", "in": "query", "description": "Most items on a page; a larger wish is cut",
            "schema": { "type": "integer", "minimum": 1, "maximum": MOST_LIMIT, "default": DEFAULT_LIMIT } }),
        json!({ "name": "bbox", "in": "query", "style": "form", "explode": false,
            "description": "West, south, east, north in degrees; west > east crosses 180°; six numbers with heights",
            "schema": { "type": "array", "minItems": 4, "maxItems": 6, "items": { "type": "number" } } }),
        json!({ "name": "datetime", "in": "query", "description": "An instant, or start/end with `..` for an open end",
            "schema": { "type": "string" } }),
        json!({ "name": "sortby", "in": "query", "description": "Fields with + or - before them, between commas: properties.datetime, id, collection",
            "schema": { "type": "string", "default": "-properties.datetime" } }),
        list_parameter("ids"),
        list_parameter("collections"),
        json!({ "name": "intersects", "in": "query", "description": "A GeoJSON geometry that the footprint meets; not beside bbox",
            "schema": { "type": "string" } }),
        json!({ "name": "token", "in": "query", "description": "Where the page before ended: as its `next` link says",
            "schema": { "type": "string" } }),
    ]
}

fn list_parameter(name: &str) -> Value {
    json!({ "name": name, "in": "query", "style": "form", "explode": false, "description": "Only these",
        "schema": { "type": "array", "items": { "type": "string" } } })
}

fn items() -> Value {
    json!({
        "type": "object",
        "required": ["type", "features", "links", "numberMatched", "numberReturned"],
        "properties": {
            "type": { "type": "string", "enum": ["FeatureCollection"] },
            "features": { "type": "array", "items": one() },
            "numberMatched": { "type": "integer" },
            "numberReturned": { "type": "integer" },
        },
    })
}

fn one() -> Value {
    json!({
        "type": "object",
        "required": ["type", "stac_version", "id", "geometry", "properties", "links", "assets", "collection"],
        "properties": {
            "type": { "type": "string", "enum": ["Feature"] },
            "stac_version": { "type": "string" },
            "id": { "type": "string" },
            "geometry": { "type": "object", "nullable": true },
            "properties": { "type": "object", "required": ["datetime"] },
            "assets": { "type": "object" },
        },
    })
}
