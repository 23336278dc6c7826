//! STAC API 1.0 beside the features: scenes and detection runs as Items, under a root of its own.
//!
//! A root of its own, because every item of a STAC API is a STAC Item: detections, tracks and alerts are not. All of it but
//! the landing page is evidence and needs that scope, as the same scenes do among the features.
//!
//! Source: STAC API 1.0.0 (core, collections, features, item search, sort).

use super::ServeError;
use super::access::Reader;
use super::answer::{Document, Problem};
use super::features::{GEO_JSON, JSON, OPEN_API, answer, with_query};
use super::query::{Form, Pairs};
use super::stac_query::{of_body, of_pairs, token};
use super::state::State;
use crate::encode::stac::{self as encode, PNG, Picture, STAC_VERSION, Site, link};
use crate::model::catalogue::{CatalogueQuery, Entry, EntryKind};
use crate::model::layer::SCENES;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Value, json};
use std::path::{Component, Path as FilePath, PathBuf};
use std::sync::Arc;

/// What is there, and no more.
pub(super) const CONFORMS_TO: [&str; 9] = [
    "https://api.stacspec.org/v1.0.0/core",
    "https://api.stacspec.org/v1.0.0/collections",
    "https://api.stacspec.org/v1.0.0/ogcapi-features",
    "https://api.stacspec.org/v1.0.0/ogcapi-features#sort",
    "https://api.stacspec.org/v1.0.0/item-search",
    "https://api.stacspec.org/v1.0.0/item-search#sort",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
];

fn site(state: &State) -> Site<'_> {
    Site {
        public_url: &state.public_url,
    }
}

pub(super) async fn landing(
    Shared(state): Shared<Arc<State>>,
    Extension(reader): Extension<Reader>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let form = Form::alone(&uri, &headers)?;
    let (at, root) = (&state.public_url, site(&state).root());
    let mut links = vec![
        link("self", &root, JSON, "This catalogue"),
        link("root", &root, JSON, "This catalogue"),
        link("service-desc", &format!("{at}/api"), OPEN_API, "The API"),
        link(
            "service-doc",
            &format!("{at}/api?f=html"),
            "text/html",
            "The API for people",
        ),
        link(
            "conformance",
            &format!("{root}/conformance"),
            JSON,
            "Conformance classes",
        ),
        link("data", &format!("{root}/collections"), JSON, "Collections"),
    ];
    for method in ["GET", "POST"] {
        let mut search = link("search", &format!("{root}/search"), GEO_JSON, "Search");
        search["method"] = json!(method);
        links.push(search);
    }
    if reader.need_evidence().is_ok() {
        links.extend(EntryKind::ALL.map(|kind| {
            link(
                "child",
                &site(&state).collection(kind),
                JSON,
                kind.collection(),
            )
        }));
    }
    let value = json!({
        "type": "Catalog",
        "stac_version": STAC_VERSION,
        "id": "tidewatch",
        "title": state.sender.sender_name,
        "description": "Scenes that were searched for ships, and the searches",
        "conformsTo": CONFORMS_TO,
        "links": links,
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

pub(super) async fn collections(
    Shared(state): Shared<Arc<State>>,
    Extension(reader): Extension<Reader>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let form = Form::alone(&uri, &headers)?;
    let mut listed = Vec::new();
    if reader.need_evidence().is_ok() {
        for kind in EntryKind::ALL {
            listed.push(describe(&state, kind).await?);
        }
    }
    let root = site(&state).root();
    let value = json!({
        "collections": listed,
        "links": [
            link("self", &format!("{root}/collections"), JSON, "Collections"),
            link("root", &root, JSON, "The catalogue"),
        ],
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
    let kind = open_kind(&id, &reader)?;
    let form = Form::alone(&uri, &headers)?;
    let value = describe(&state, kind).await?;
    Ok(answer(form, JSON, &value, &reader, &headers))
}

async fn describe(state: &State, kind: EntryKind) -> Result<Value, Problem> {
    let span = state.pool.ask(|store| store.span(&SCENES)).await?;
    Ok(encode::collection(
        kind,
        span.bounds,
        &span.times,
        &site(state),
    ))
}

/// The kind of a collection, if it is there for this reader.
fn open_kind(id: &str, reader: &Reader) -> Result<EntryKind, Problem> {
    let kind = EntryKind::named(id).ok_or_else(Problem::not_found)?;
    reader.need_evidence()?;
    Ok(kind)
}

pub(super) async fn items(
    Shared(state): Shared<Arc<State>>,
    Extension(reader): Extension<Reader>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let kind = open_kind(&id, &reader)?;
    let mut pairs = Pairs::of(&uri)?;
    let form = Form::of(&mut pairs, &headers)?;
    let at = format!("{}/items", site(&state).collection(kind));
    let asked = pairs.0.clone();
    let query = of_pairs(pairs, Some(kind))?;
    let mut value = page(&state, query, Turn::Get(&at, &asked)).await?;
    if let Some(links) = value["links"].as_array_mut() {
        let collection = site(&state).collection(kind);
        links.push(link("collection", &collection, JSON, kind.collection()));
    }
    Ok(answer(form, GEO_JSON, &value, &reader, &headers))
}

pub(super) async fn item(
    Shared(state): Shared<Arc<State>>,
    Extension(reader): Extension<Reader>,
    Path((id, item)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let kind = open_kind(&id, &reader)?;
    let form = Form::alone(&uri, &headers)?;
    let found = entries(&state, one(kind, item)).await?.items.pop();
    let value = found.ok_or_else(Problem::not_found)?;
    Ok(answer(form, GEO_JSON, &value, &reader, &headers))
}

pub(super) async fn search(
    Shared(state): Shared<Arc<State>>,
    Extension(reader): Extension<Reader>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    reader.need_evidence()?;
    let mut pairs = Pairs::of(&uri)?;
    let form = Form::of(&mut pairs, &headers)?;
    let at = format!("{}/search", site(&state).root());
    let asked = pairs.0.clone();
    let query = of_pairs(pairs, None)?;
    let value = page(&state, query, Turn::Get(&at, &asked)).await?;
    Ok(answer(form, GEO_JSON, &value, &reader, &headers))
}

pub(super) async fn search_posted(
    Shared(state): Shared<Arc<State>>,
    Extension(reader): Extension<Reader>,
    uri: Uri,
    body: Bytes,
) -> Result<Response, Problem> {
    reader.need_evidence()?;
    Pairs::of(&uri)?.end()?;
    let query = of_body(&body)?;
    let at = format!("{}/search", site(&state).root());
    let value = page(&state, query, Turn::Post(&at)).await?;
    // A POST is not confirmed by a tag.
    let unasked = HeaderMap::new();
    Ok(answer(Form::Json, GEO_JSON, &value, &reader, &unasked))
}

/// How the next page is asked for.
enum Turn<'a> {
    Get(&'a str, &'a [(String, String)]),
    Post(&'a str),
}

struct Found {
    items: Vec<Value>,
    matched: u64,
    /// Where to go on, if more follow.
    next: Option<String>,
}

async fn page(state: &State, query: CatalogueQuery, turn: Turn<'_>) -> Result<Value, Problem> {
    let found = entries(state, query).await?;
    let self_at = match turn {
        Turn::Get(at, asked) => with_query(at, asked, None),
        Turn::Post(at) => at.to_owned(),
    };
    let mut links = vec![
        link("self", &self_at, GEO_JSON, "This page"),
        link("root", &site(state).root(), JSON, "The catalogue"),
    ];
    links.extend(found.next.map(|token| next(&turn, &token)));
    Ok(json!({
        "type": "FeatureCollection",
        "numberMatched": found.matched,
        "numberReturned": found.items.len(),
        "links": links,
        "features": found.items,
    }))
}

fn next(turn: &Turn<'_>, token: &str) -> Value {
    match turn {
        Turn::Get(at, asked) => {
            let others = asked.iter().filter(|(name, _)| name != "token");
            let others: Vec<(String, String)> = others.cloned().collect();
            let at = with_query(at, &others, Some(("token", token)));
            let mut next = link("next", &at, GEO_JSON, "The next page");
            next["method"] = json!("GET");
            next
        }
        Turn::Post(at) => {
            let mut next = link("next", at, GEO_JSON, "The next page");
            next["method"] = json!("POST");
            next["body"] = json!({ "token": token });
            next["merge"] = json!(true);
            next
        }
    }
}

async fn entries(state: &State, query: CatalogueQuery) -> Result<Found, Problem> {
    let (public_url, files) = (state.public_url.clone(), state.files.clone());
    let work = move |store: &dyn crate::store::Store| {
        let page = store.catalogue(&query)?;
        let site = Site {
            public_url: &public_url,
        };
        let item = |entry: &Entry| {
            let picture = match picture_file(&files, entry) {
                Some(path) if path.is_file() => Picture::There,
                _ => Picture::Missing,
            };
            encode::item(entry, picture, &site)
        };
        let last = page.entries.last().filter(|_| page.more);
        Ok(Found {
            items: page.entries.iter().map(item).collect(),
            matched: page.matched,
            next: last.and_then(token),
        })
    };
    Ok(state.pool.ask(work).await?)
}

fn one(kind: EntryKind, id: String) -> CatalogueQuery {
    CatalogueQuery {
        kinds: vec![kind],
        ids: Some(vec![id]),
        boxes: Vec::new(),
        shape: None,
        times: None,
        order: Vec::new(),
        after: None,
        limit: 1,
    }
}

/// Where the picture of a scene is; `None` for a path that would leave the store's folder.
fn picture_file(folder: &FilePath, entry: &Entry) -> Option<PathBuf> {
    let name = FilePath::new(entry.record.run.quicklook.as_deref()?);
    let inside = name
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    inside.then(|| folder.join(name))
}

/// `/quicklooks/<scene id>.png`.
pub(super) async fn quicklook(
    Shared(state): Shared<Arc<State>>,
    Extension(reader): Extension<Reader>,
    Path(file): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    reader.need_evidence()?;
    Pairs::of(&uri)?.end()?;
    let id = file.strip_suffix(".png").ok_or_else(Problem::not_found)?;
    let query = one(EntryKind::Scene, id.to_owned());
    let files = state.files.clone();
    let read = move |store: &dyn crate::store::Store| {
        let entry = store.catalogue(&query)?.entries.pop();
        let path = entry.and_then(|entry| picture_file(&files, &entry));
        // One that is gone is not there.
        Ok(path.and_then(|path| std::fs::read(path).ok()))
    };
    let found: Result<Option<Vec<u8>>, ServeError> = state.pool.ask(read).await;
    let bytes = found?.ok_or_else(Problem::not_found)?;
    Ok(Document::new(PNG, bytes).answer(&reader, &headers))
}
