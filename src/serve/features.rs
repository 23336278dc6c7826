//! OGC API – Features 1.0: landing page, conformance, collections, items, and a schema a collection.
//!
//! Source: OGC 17-069r3 (OGC API – Features Part 1: Core 1.0), with the trials of GDAL's client: absolute links, every
//! property in every feature, one date-time property, keyset paging.

use super::access::Reader;
use super::answer::{Document, Problem};
use super::html;
use super::query::{self, Form, Pairs};
use super::state::State;
use crate::encode::encoded;
use crate::encode::features::feature;
use crate::model::layer::{ALERTS, FeaturePage, FeatureQuery, LAYERS, Layer, WATCH_REGIONS};
use crate::store::LayerSpan;
use axum::Extension;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) const GEO_JSON: &str = "application/geo+json";
pub(super) const JSON: &str = "application/json";
pub(super) const OPEN_API: &str = "application/vnd.oai.openapi+json;version=3.0";
const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

/// Conformance classes of Part 1, version 1.0: those that clients know.
pub(super) const CONFORMS_TO: [&str; 4] = [
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
];

/// The layer, if it is there for this reader.
pub(super) fn open_layer(id: &str, reader: &Reader) -> Result<&'static Layer, Problem> {
    let layer = Layer::named(id).ok_or_else(Problem::not_found)?;
    if !is_open(layer) {
        reader.need_evidence()?;
    }
    Ok(layer)
}

/// True for what needs no scope: alerts pass the release rule, watch regions are common knowledge.
pub(super) fn is_open(layer: &Layer) -> bool {
    layer.id == ALERTS.id || layer.id == WATCH_REGIONS.id
}

pub(super) fn answer(
    form: Form,
    media_type: &'static str,
    value: &Value,
    reader: &Reader,
    headers: &HeaderMap,
) -> Response {
    let document = match form {
        Form::Json => Document::json(media_type, value),
        Form::Html => Document::new(html::MEDIA_TYPE, html::page(value).into_bytes()),
    };
    document.answer(reader, headers)
}

pub(super) async fn landing(
    Shared(state): Shared<Arc<State>>,
    Extension(reader): Extension<Reader>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let form = Form::alone(&uri, &headers)?;
    if form == Form::Html {
        let page = Document::new(html::MEDIA_TYPE, html::START_PAGE.as_bytes().to_vec());
        return Ok(page.answer(&reader, &headers));
    }
    let at = &state.public_url;
    let value = json!({
        "title": state.sender.sender_name,
        "description": "Alerts about ships, and what they rest on. Watch distances are not claims.",
        "links": [
            link(&format!("{at}/"), "self", JSON, "This page"),
            link(&format!("{at}/?f=html"), "alternate", "text/html", "This page for people"),
            link(&format!("{at}/api"), "service-desc", OPEN_API, "The API"),
            link(&format!("{at}/api?f=html"), "service-doc", "text/html", "The API for people"),
            link(&format!("{at}/conformance"), "conformance", JSON, "Conformance classes"),
            link(&format!("{at}/collections"), "data", JSON, "Collections"),
            link(&format!("{at}/stac"), "related", JSON, "Scenes and detection runs as a STAC API"),
            link(&format!("{at}/feeds/rss.xml"), "alternate", "application/rss+xml", "Active alerts, RSS"),
            link(&format!("{at}/feeds/atom.xml"), "alternate", "application/atom+xml", "Active alerts, Atom"),
        ],
    });
    Ok(answer(form, JSON, &value, &reader, &headers))
}

pub(super) async fn conformance(
    Extension(reader): Extension<Reader>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let form = Form::alone(&uri, &headers)?;
    let value = json!({ "conformsTo": CONFORMS_TO });
    Ok(answer(form, JSON, &value, &reader, &headers))
}

pub(super) async fn api(
    Shared(state): Shared<Arc<State>>,
    Extension(reader): Extension<Reader>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let form = Form::alone(&uri, &headers)?;
    let value = super::openapi::describe(&state.public_url, &state.sender.sender_name);
    Ok(answer(form, OPEN_API, &value, &reader, &headers))
}

pub(super) async fn collections(
    Shared(state): Shared<Arc<State>>,
    Extension(reader): Extension<Reader>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let form = Form::alone(&uri, &headers)?;
    let mut listed = Vec::new();
    for layer in LAYERS {
        if is_open(layer) || reader.need_evidence().is_ok() {
            listed.push(describe(&state, &reader, layer).await?);
        }
    }
    let at = format!("{}/collections", state.public_url);
    let value = json!({
        "links": [
            link(&at, "self", JSON, "Collections"),
            link(&format!("{at}?f=html"), "alternate", "text/html", "Collections for people"),
        ],
        "collections": listed,
    });
    Ok(answer(form, JSON, &value, &reader, &headers))
}

pub(super) async fn collection(
    Shared(state): Shared<Arc<State>>,
    Extension(reader): Extension<Reader>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let layer = open_layer(&id, &reader)?;
    let form = Form::alone(&uri, &headers)?;
    let value = describe(&state, &reader, layer).await?;
    Ok(answer(form, JSON, &value, &reader, &headers))
}

async fn describe(state: &State, reader: &Reader, layer: &'static Layer) -> Result<Value, Problem> {
    let at = format!("{}/collections/{}", state.public_url, layer.id);
    let mut value = json!({
        "id": layer.id,
        "title": layer.title,
        "description": layer.description,
        "itemType": "feature",
        "crs": [CRS84],
        "links": [
            link(&at, "self", JSON, layer.title),
            link(&format!("{at}?f=html"), "alternate", "text/html", layer.title),
            link(&format!("{at}/items"), "items", GEO_JSON, "Features"),
            link(&format!("{at}/items?f=html"), "items", "text/html", "Features for people"),
            link(&format!("{at}/schema"), "describedby", "application/schema+json", "Schema of a feature"),
        ],
    });
    let span = span(state, reader, layer).await?;
    if span.bounds.is_some() || span.times.0.is_some() {
        let mut extent = json!({});
        if let Some(bounds) = span.bounds {
            extent["spatial"] = json!({ "bbox": [bounds], "crs": CRS84 });
        }
        if span.times.0.is_some() {
            extent["temporal"] = json!({ "interval": [[span.times.0, span.times.1]] });
        }
        value["extent"] = extent;
    }
    Ok(value)
}

/// The extent of what this reader may have: an extent of all alerts would tell where the others are.
async fn span(state: &State, reader: &Reader, layer: &'static Layer) -> Result<LayerSpan, Problem> {
    if layer.id != ALERTS.id {
        return Ok(state.pool.ask(move |store| store.span(layer)).await?);
    }
    let snapshot = state.snapshot();
    let mut span = LayerSpan::default();
    for held in snapshot.newest(reader).iter() {
        let place = held.alert.position;
        let [west, south, east, north] = span.bounds.unwrap_or([180.0, 90.0, -180.0, -90.0]);
        span.bounds = Some([
            west.min(place.lon_deg),
            south.min(place.lat_deg),
            east.max(place.lon_deg),
            north.max(place.lat_deg),
        ]);
        let time = held.row.values[0].as_str().map(str::to_owned);
        let (first, last) = &mut span.times;
        if first.is_none() || time < *first {
            first.clone_from(&time);
        }
        if time > *last {
            *last = time;
        }
    }
    Ok(span)
}

pub(super) async fn schema(
    Shared(state): Shared<Arc<State>>,
    Extension(reader): Extension<Reader>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Pairs::of(&uri)?.end()?;
    let layer = open_layer(&id, &reader)?;
    let value = super::openapi::feature_schema(layer, &state.public_url);
    Ok(Document::json("application/schema+json", &value).answer(&reader, &headers))
}

pub(super) async fn items(
    Shared(state): Shared<Arc<State>>,
    Extension(reader): Extension<Reader>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut pairs = Pairs::of(&uri)?;
    let layer = open_layer(&id, &reader)?;
    let form = Form::of(&mut pairs, &headers)?;
    let same: Vec<(String, String)> = pairs
        .0
        .iter()
        .filter(|(name, _)| name != "after")
        .cloned()
        .collect();
    let query = query::features(layer, &mut pairs)?;
    pairs.end()?;
    let page = page(&state, &reader, layer, query, "api").await?;
    let at = format!("{}/collections/{}", state.public_url, layer.id);
    let self_at = with_query(&format!("{at}/items"), &same, None);
    let mut links = vec![
        link(&self_at, "self", GEO_JSON, "This page"),
        link(
            &with_query(&format!("{at}/items"), &same, Some(("f", "html"))),
            "alternate",
            "text/html",
            "This page for people",
        ),
        link(&at, "collection", JSON, layer.title),
    ];
    if let (true, Some(last)) = (page.more, page.rows.last()) {
        let time = last.values[0].as_str().unwrap_or_default();
        let after = format!("{time},{}", last.id);
        let next = with_query(&format!("{at}/items"), &same, Some(("after", &after)));
        links.push(link(&next, "next", GEO_JSON, "The next page"));
    }
    let value = json!({
        "type": "FeatureCollection",
        "numberMatched": page.matched,
        "numberReturned": page.rows.len(),
        "links": links,
        "features": page.rows.iter().map(|row| feature(layer, row)).collect::<Vec<_>>(),
    });
    Ok(answer(form, GEO_JSON, &value, &reader, &headers))
}

pub(super) async fn item(
    Shared(state): Shared<Arc<State>>,
    Extension(reader): Extension<Reader>,
    Path((id, feature_id)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let layer = open_layer(&id, &reader)?;
    let form = Form::alone(&uri, &headers)?;
    let query = FeatureQuery {
        id: Some(feature_id),
        limit: 1,
        ..FeatureQuery::default()
    };
    let page = page(&state, &reader, layer, query, "api").await?;
    let row = page.rows.first().ok_or_else(Problem::not_found)?;
    let at = format!("{}/collections/{}", state.public_url, layer.id);
    let here = format!("{at}/items/{}", encoded(&row.id));
    let mut value = feature(layer, row);
    value["links"] = json!([
        link(&here, "self", GEO_JSON, "This feature"),
        link(
            &format!("{here}?f=html"),
            "alternate",
            "text/html",
            "This feature for people"
        ),
        link(&at, "collection", JSON, layer.title),
    ]);
    if layer.id == ALERTS.id {
        let cap = format!("{}/alerts/{}.xml", state.public_url, encoded(&row.id));
        let cap = link(&cap, "related", "application/cap+xml", "The alert as CAP");
        if let Some(links) = value["links"].as_array_mut() {
            links.push(cap);
        }
    }
    Ok(answer(form, GEO_JSON, &value, &reader, &headers))
}

/// A page of a layer, past the release rule where alerts are concerned; those given are noted as given by `exit`.
pub(super) async fn page(
    state: &State,
    reader: &Reader,
    layer: &'static Layer,
    query: FeatureQuery,
    exit: &str,
) -> Result<FeaturePage, Problem> {
    if layer.id != ALERTS.id {
        return Ok(state
            .pool
            .ask(move |store| store.page(layer, &query))
            .await?);
    }
    let snapshot = state.snapshot();
    let newest = snapshot.newest(reader);
    let mut found: Vec<_> = newest
        .iter()
        .filter(|held| query::matches(&held.row, &query))
        .collect();
    let matched = found.len() as u64;
    if let Some((time, id)) = &query.after {
        found.retain(|held| {
            (held.row.values[0].as_str(), held.row.id.as_str()) > (time.as_deref(), id.as_str())
        });
    }
    let more = found.len() > query.limit;
    found.truncate(query.limit);
    let alerts: Vec<_> = found.iter().map(|held| &held.alert).collect();
    state.given(reader, exit, &alerts).await;
    Ok(FeaturePage {
        rows: found.iter().map(|held| held.row.clone()).collect(),
        matched,
        more,
    })
}

pub(super) fn link(href: &str, rel: &str, media_type: &str, title: &str) -> Value {
    json!({ "href": href, "rel": rel, "type": media_type, "title": title })
}

pub(super) fn with_query(
    at: &str,
    pairs: &[(String, String)],
    more: Option<(&str, &str)>,
) -> String {
    let parts: Vec<String> = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .chain(more)
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
        .collect();
    if parts.is_empty() {
        at.to_owned()
    } else {
        format!("{at}?{}", parts.join("&"))
    }
}
