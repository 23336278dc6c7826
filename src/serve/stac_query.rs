//! What a search of the catalogue asks for: the parameters of a GET and the members of a POST, read strictly into one query.

use super::answer::Problem;
use super::query::{Pairs, boxes, times};
use crate::model::catalogue::{CatalogueQuery, Entry, EntryKind, EntryPlace, SortKey, SortOrder};
use geo::{BoundingRect, Geometry};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// Entries on a page if the reader does not say.
pub(super) const DEFAULT_LIMIT: usize = 10;
/// Most entries on a page; a larger wish is cut, not refused.
pub(super) const MOST_LIMIT: usize = 1_000;

/// What was asked for, as it came.
#[derive(Debug, Default)]
struct Asked {
    limit: Option<String>,
    bbox: Option<String>,
    datetime: Option<String>,
    token: Option<String>,
    intersects: Option<Value>,
    ids: Option<Vec<String>>,
    collections: Option<Vec<String>>,
    sort: Option<Vec<(String, SortOrder)>>,
}

/// The query of a GET; `kind` restricts it to the collection that its address names. The items of a collection take the
/// parameters of the search as well: pystac-client sends them there.
pub(super) fn of_pairs(
    mut pairs: Pairs,
    kind: Option<EntryKind>,
) -> Result<CatalogueQuery, Problem> {
    let list = |text: String| -> Vec<String> { text.split(',').map(str::to_owned).collect() };
    let mut asked = Asked {
        limit: pairs.take("limit"),
        bbox: pairs.take("bbox"),
        datetime: pairs.take("datetime"),
        token: pairs.take("token"),
        sort: pairs.take("sortby").map(|text| sort_of_text(&text)),
        ids: pairs.take("ids").map(list),
        collections: pairs.take("collections").map(list),
        intersects: None,
    };
    if let Some(text) = pairs.take("intersects") {
        let shape = serde_json::from_str(&text).or(Err(wrong_shape()))?;
        asked.intersects = Some(shape);
    }
    pairs.end()?;
    let mut query = query(asked)?;
    query
        .kinds
        .retain(|found| kind.is_none_or(|kind| *found == kind));
    Ok(query)
}

/// The query of a POST.
pub(super) fn of_body(body: &[u8]) -> Result<CatalogueQuery, Problem> {
    let members: Map<String, Value> =
        serde_json::from_slice(body).or(Err(Problem::bad("The body is not a JSON object.")))?;
    let mut asked = Asked::default();
    for (name, value) in members {
        match name.as_str() {
            "limit" => asked.limit = Some(whole(&value)?),
            "bbox" => asked.bbox = Some(numbers(&value)?),
            "datetime" => asked.datetime = Some(text("datetime", value)?),
            "token" => asked.token = Some(text("token", value)?),
            "intersects" => asked.intersects = Some(value),
            "ids" => asked.ids = Some(texts("ids", value)?),
            "collections" => asked.collections = Some(texts("collections", value)?),
            "sortby" => asked.sort = Some(sort_of_json(&value)?),
            other => return Err(Problem::bad(format!("{other:?} is not a member here."))),
        }
    }
    query(asked)
}

fn query(asked: Asked) -> Result<CatalogueQuery, Problem> {
    if asked.bbox.is_some() && asked.intersects.is_some() {
        return Err(Problem::bad(
            "bbox and intersects are both given; expected one of them.",
        ));
    }
    let kinds = match asked.collections {
        None => EntryKind::ALL.to_vec(),
        Some(names) => names.iter().filter_map(|id| EntryKind::named(id)).collect(),
    };
    let limit = match asked.limit {
        None => DEFAULT_LIMIT,
        Some(text) => super::query::limit(&text)?.min(MOST_LIMIT),
    };
    Ok(CatalogueQuery {
        kinds,
        ids: asked.ids,
        boxes: asked
            .bbox
            .map_or_else(|| Ok(Vec::new()), |text| boxes(&text))?,
        shape: asked.intersects.map(shape).transpose()?,
        times: asked.datetime.map(|text| times(&text)).transpose()?,
        order: order(asked.sort)?,
        after: asked.token.map(|text| place(&text)).transpose()?,
        limit,
    })
}

/// `+field,-field`; a plus sign that was not percent-encoded arrives as a blank.
fn sort_of_text(text: &str) -> Vec<(String, SortOrder)> {
    let one = |part: &str| match part.strip_prefix('-') {
        Some(name) => (name.to_owned(), SortOrder::Descending),
        None => (
            part.trim_start_matches(['+', ' ']).to_owned(),
            SortOrder::Ascending,
        ),
    };
    text.split(',').map(one).collect()
}

fn sort_of_json(value: &Value) -> Result<Vec<(String, SortOrder)>, Problem> {
    let wrong = || {
        Problem::bad(
            "sortby: expected a list of {\"field\": …, \"direction\": \"asc\" or \"desc\"}.",
        )
    };
    let one = |wish: &Value| {
        let direction = match wish.get("direction").map(Value::as_str) {
            None | Some(Some("asc")) => SortOrder::Ascending,
            Some(Some("desc")) => SortOrder::Descending,
            Some(_) => return Err(wrong()),
        };
        let field = wish["field"].as_str().ok_or_else(wrong)?;
        Ok((field.to_owned(), direction))
    };
    value
        .as_array()
        .ok_or_else(wrong)?
        .iter()
        .map(one)
        .collect()
}

/// The order asked for, or the newest first.
fn order(asked: Option<Vec<(String, SortOrder)>>) -> Result<Vec<(SortKey, SortOrder)>, Problem> {
    let Some(asked) = asked else {
        return Ok(vec![(SortKey::Time, SortOrder::Descending)]);
    };
    let mut order: Vec<(SortKey, SortOrder)> = Vec::new();
    for (field, direction) in asked {
        let key = match field.as_str() {
            "datetime" | "properties.datetime" => SortKey::Time,
            "id" => SortKey::Id,
            "collection" => SortKey::Collection,
            _ => {
                return Err(Problem::bad(format!(
                    "sortby names {field:?}; expected properties.datetime, id or collection."
                )));
            }
        };
        // A field that is named again decides nothing more.
        if !order.iter().any(|(known, _)| *known == key) {
            order.push((key, direction));
        }
    }
    Ok(order)
}

/// Where a page ends, for the link to the next one.
pub(super) fn token(entry: &Entry) -> Option<String> {
    let time = entry.record.scene.middle()?;
    let (kind, id) = (entry.kind.collection(), entry.id());
    Some(format!("{time:.3},{kind},{id}"))
}

fn place(text: &str) -> Result<EntryPlace, Problem> {
    let read = || {
        let mut parts = text.splitn(3, ',');
        let time: Timestamp = parts.next()?.parse().ok()?;
        Some(EntryPlace {
            time: format!("{time:.3}"),
            kind: EntryKind::named(parts.next()?)?,
            id: parts.next()?.to_owned(),
        })
    };
    read().ok_or_else(|| Problem::bad("token is not one that a `next` link gave."))
}

fn wrong_shape() -> Problem {
    Problem::bad("intersects: expected a GeoJSON geometry in degrees of longitude and latitude.")
}

/// True if every list of coordinates holds something, and every position two numbers at least: conversion takes that for
/// granted.
fn has_positions(geometry: &Value) -> bool {
    fn sound(coordinates: &Value) -> bool {
        match coordinates.as_array() {
            None => false,
            Some(list) if list.iter().all(Value::is_number) => list.len() >= 2,
            Some(list) => list.iter().all(sound),
        }
    }
    match (geometry.get("geometries"), geometry.get("coordinates")) {
        (Some(Value::Array(parts)), None) => parts.iter().all(has_positions),
        (None, Some(coordinates)) => sound(coordinates),
        _ => false,
    }
}

fn shape(value: Value) -> Result<Geometry<f64>, Problem> {
    let shape = has_positions(&value)
        .then(|| serde_json::from_value::<geojson::Geometry>(value).ok())
        .flatten()
        .and_then(|geometry| Geometry::<f64>::try_from(geometry).ok());
    let placed = |shape: &Geometry<f64>| {
        shape.bounding_rect().is_some_and(|bounds| {
            let (low, high) = (bounds.min(), bounds.max());
            [low.x, high.x]
                .iter()
                .all(|lon| (-180.0..=180.0).contains(lon))
                && [low.y, high.y]
                    .iter()
                    .all(|lat| (-90.0..=90.0).contains(lat))
        })
    };
    shape.filter(placed).ok_or_else(wrong_shape)
}

fn whole(value: &Value) -> Result<String, Problem> {
    let wrong = || Problem::bad(format!("limit is {value}; expected a whole number from 1."));
    value.as_u64().map(|n| n.to_string()).ok_or_else(wrong)
}

fn numbers(value: &Value) -> Result<String, Problem> {
    let wrong = || Problem::bad("bbox: expected a list of four or six numbers.");
    let list = value.as_array().ok_or_else(wrong)?;
    let numbers: Option<Vec<String>> = list
        .iter()
        .map(|number| number.is_number().then(|| number.to_string()))
        .collect();
    Ok(numbers.ok_or_else(wrong)?.join(","))
}

fn text(name: &str, value: Value) -> Result<String, Problem> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(Problem::bad(format!("{name} is {other}; expected a text."))),
    }
}

fn texts(name: &str, value: Value) -> Result<Vec<String>, Problem> {
    let wrong = || Problem::bad(format!("{name}: expected a list of texts."));
    match value {
        Value::Array(list) => list
            .into_iter()
            .map(|one| one.as_str().map(str::to_owned).ok_or_else(wrong))
            .collect(),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn pairs(given: &[(&str, &str)]) -> Result<CatalogueQuery, Problem> {
        let owned = given
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        of_pairs(Pairs(owned.collect()), None)
    }

    fn body(value: &Value) -> Result<CatalogueQuery, Problem> {
        of_body(value.to_string().as_bytes())
    }

    #[test]
    fn a_get_and_a_post_that_ask_alike_are_one_query() {
        let shape = json!({ "type": "Point", "coordinates": [123.5, 25.5] });
        let got = pairs(&[
            ("limit", "5"),
            ("datetime", "2026-01-01T00:00:00Z/.."),
            ("ids", "a,b"),
            ("collections", "scenes,no-such"),
            ("intersects", &shape.to_string()),
            ("sortby", "-properties.datetime, id"),
            ("token", "2026-01-01T00:00:00Z,scenes,a,b"),
        ])
        .unwrap();
        let posted = body(&json!({
            "limit": 5, "datetime": "2026-01-01T00:00:00Z/..", "ids": ["a", "b"],
            "collections": ["scenes", "no-such"], "intersects": shape,
            "sortby": [{"field": "datetime", "direction": "desc"}, {"field": "id", "direction": "asc"}],
            "token": "2026-01-01T00:00:00Z,scenes,a,b",
        }))
        .unwrap();
        assert_eq!(got, posted);
        assert_eq!(got.kinds, [EntryKind::Scene]);
        assert_eq!(got.after.unwrap().id, "a,b");
        let boxed = pairs(&[("bbox", "170,-5,-170,5")]).unwrap();
        assert_eq!(boxed, body(&json!({ "bbox": [170, -5, -170, 5] })).unwrap());
        assert_eq!(boxed.boxes.len(), 2);
    }

    #[test]
    fn a_large_limit_is_cut_and_nothing_asked_is_everything_newest_first() {
        let query = body(&json!({ "limit": 1_000_000 })).unwrap();
        assert_eq!(query.limit, MOST_LIMIT);
        let query = body(&json!({})).unwrap();
        assert_eq!((query.kinds.len(), query.limit), (2, DEFAULT_LIMIT));
        assert_eq!(query.order, [(SortKey::Time, SortOrder::Descending)]);
    }

    #[test]
    fn what_is_not_sound_is_refused() {
        for wrong in [
            json!([]),
            json!({ "limit": 0 }),
            json!({ "limit": "10" }),
            json!({ "bbox": "1,2,3,4" }),
            json!({ "bbox": [1, 2, 3] }),
            json!({ "bbox": [1, 2, 3, 4], "intersects": { "type": "Point", "coordinates": [1, 2] } }),
            json!({ "intersects": { "type": "Point", "coordinates": [1, 95] } }),
            json!({ "intersects": { "type": "Polygon", "coordinates": [] } }),
            json!({ "intersects": { "type": "Feature", "geometry": null, "properties": {} } }),
            json!({ "intersects": null }),
            json!({ "intersects": { "type": "Point", "coordinates": [1] } }),
            json!({ "intersects": { "type": "Point", "coordinates": [] } }),
            json!({ "intersects": { "type": "Point", "coordinates": ["1", "2"] } }),
            json!({ "intersects": { "type": "LineString", "coordinates": [[1, 2], [3]] } }),
            json!({ "intersects": { "type": "Polygon", "coordinates": [[]] } }),
            json!({ "intersects": { "type": "GeometryCollection",
                "geometries": [{ "type": "Point", "coordinates": [1] }] } }),
            json!({ "intersects": { "type": "GeometryCollection", "geometries": [] } }),
            json!({ "ids": "a" }),
            json!({ "ids": [1] }),
            json!({ "datetime": "yesterday" }),
            json!({ "sortby": [{ "field": "properties.password" }] }),
            json!({ "sortby": [{ "field": "id", "direction": "up" }] }),
            json!({ "sortby": "id" }),
            json!({ "token": "x" }),
            json!({ "filter": "1=1" }),
        ] {
            assert!(body(&wrong).is_err(), "{wrong}");
        }
        assert!(of_body(b"{").is_err() && of_body(b"").is_err() && of_body(b"\xff").is_err());
        assert!(pairs(&[("query", "x")]).is_err());
        assert!(pairs(&[("intersects", "{")]).is_err());
    }

    /// Numbers, lists of them, lists of those.
    fn coordinates() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            8 => (-400.0..400.0_f64).prop_map(Value::from),
            1 => Just(Value::Null),
        ];
        leaf.prop_recursive(4, 48, 4, |inner| {
            proptest::collection::vec(inner, 0..4).prop_map(Value::from)
        })
    }

    proptest! {
        #[test]
        fn no_shape_breaks_the_reader(
            kind in prop::sample::select(vec![
                "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
            ]),
            coordinates in coordinates(),
        ) {
            let shape = json!({ "type": kind, "coordinates": coordinates });
            let read = body(&json!({ "intersects": shape }));
            if let Ok(query) = read {
                let bounds = query.shape.and_then(|shape| shape.bounding_rect());
                prop_assert!(bounds.is_some_and(|b| b.min().x >= -180.0 && b.max().y <= 90.0));
            }
        }
    }
}
