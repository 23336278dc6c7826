//! The catalogue of scenes and searches, page by page: two entries a row of the table of scenes.

use super::features::Filter;
use crate::model::catalogue::{
    CataloguePage, CatalogueQuery, Entry, EntryKind, EntryPlace, SortKey, SortOrder,
};
use geo::{BoundingRect, Geometry, Intersects};
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{Type, Value as Sql};
use rusqlite::{Connection, params_from_iter};

const TABLE: &str = "scenes";

pub(super) fn read_page(
    connection: &Connection,
    query: &CatalogueQuery,
) -> rusqlite::Result<CataloguePage> {
    if query.kinds.is_empty() {
        return Ok(CataloguePage::default());
    }
    let entries = entries(&query.kinds);
    let mut filter = Filter::new();
    restrict(&mut filter, query);
    let matched: i64 = connection
        .prepare_cached(&format!(
            "SELECT count(*) FROM ({entries}) WHERE {}",
            filter.sql()
        ))?
        .query_row(params_from_iter(&filter.values), |row| row.get(0))?;
    let order = whole_order(&query.order);
    if let Some(place) = &query.after {
        add_after(&mut filter, &order, place);
    }
    let order: Vec<String> = order
        .iter()
        .map(|(key, order)| format!("{} {}", column(*key), word(*order)))
        .collect();
    let sql = format!(
        "SELECT collection, json FROM ({entries}) WHERE {} ORDER BY {} LIMIT {}",
        filter.sql(),
        order.join(", "),
        query.limit.saturating_add(1)
    );
    let mut entries = connection
        .prepare_cached(&sql)?
        .query_map(params_from_iter(&filter.values), read_entry)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let more = entries.len() > query.limit;
    entries.truncate(query.limit);
    Ok(CataloguePage {
        entries,
        matched: matched.unsigned_abs(),
        more,
    })
}

fn entries(kinds: &[EntryKind]) -> String {
    let each: Vec<String> = EntryKind::ALL
        .into_iter()
        .filter(|kind| kinds.contains(kind))
        .map(|kind| {
            format!(
                "SELECT '{}' AS collection, scene_id || '{}' AS id, fid, geom, datetime, start_time, stop_time, json
                 FROM {TABLE} WHERE datetime NOT NULL",
                kind.collection(),
                kind.suffix()
            )
        })
        .collect();
    each.join(" UNION ALL ")
}

fn restrict(filter: &mut Filter, query: &CatalogueQuery) {
    filter.add_boxes(TABLE, &query.boxes);
    if let Some(shape) = &query.shape {
        add_shape(filter, shape);
    }
    if let Some((from, to)) = &query.times {
        let taken = [("stop_time", ">=", from), ("start_time", "<=", to)];
        for (column, sign, bound) in taken {
            if let Some(bound) = bound {
                let mark = filter.mark(Sql::Text(bound.clone()));
                filter.add(format!("coalesce({column}, datetime) {sign} {mark}"));
            }
        }
    }
    if let Some(ids) = &query.ids {
        let list = serde_json::Value::from(ids.clone()).to_string();
        let mark = filter.mark(Sql::Text(list));
        filter.add(format!("id IN (SELECT value FROM json_each({mark}))"));
    }
}

/// First the box about the shape, through the R-tree, then the shape itself.
fn add_shape(filter: &mut Filter, shape: &Geometry<f64>) {
    let bounds = shape.bounding_rect();
    let text = serde_json::to_string(shape);
    match (bounds, text) {
        (Some(bounds), Ok(text)) => {
            let (low, high) = (bounds.min(), bounds.max());
            filter.add_boxes(TABLE, &[[low.x, low.y, high.x, high.y]]);
            let mark = filter.mark(Sql::Text(text));
            filter.add(format!("tidewatch_meets(geom, {mark})"));
        }
        // A shape without extent meets nothing.
        _ => filter.add("0".to_owned()),
    }
}

/// The order asked for, and behind it what makes it whole.
fn whole_order(asked: &[(SortKey, SortOrder)]) -> Vec<(SortKey, SortOrder)> {
    let mut order = asked.to_vec();
    for key in [SortKey::Time, SortKey::Id, SortKey::Collection] {
        if !order.iter().any(|(known, _)| *known == key) {
            order.push((key, SortOrder::Ascending));
        }
    }
    order
}

/// Behind a place: the first key that differs decides.
fn add_after(filter: &mut Filter, order: &[(SortKey, SortOrder)], place: &EntryPlace) {
    let mut equal = String::new();
    let mut any = Vec::new();
    for (key, order) in order {
        let value = match key {
            SortKey::Time => place.time.clone(),
            SortKey::Id => place.id.clone(),
            SortKey::Collection => place.kind.collection().to_owned(),
        };
        let (column, mark) = (column(*key), filter.mark(Sql::Text(value)));
        let sign = match order {
            SortOrder::Ascending => '>',
            SortOrder::Descending => '<',
        };
        any.push(format!("({equal}{column} {sign} {mark})"));
        equal.push_str(&format!("{column} = {mark} AND "));
    }
    filter.add(format!("({})", any.join(" OR ")));
}

fn column(key: SortKey) -> &'static str {
    match key {
        SortKey::Time => "datetime",
        SortKey::Id => "id",
        SortKey::Collection => "collection",
    }
}

fn word(order: SortOrder) -> &'static str {
    match order {
        SortOrder::Ascending => "ASC",
        SortOrder::Descending => "DESC",
    }
}

fn read_entry(row: &rusqlite::Row<'_>) -> rusqlite::Result<Entry> {
    let (collection, json): (String, String) = (row.get(0)?, row.get(1)?);
    let record = serde_json::from_str(&json).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(1, Type::Text, Box::new(error))
    })?;
    Ok(Entry {
        kind: EntryKind::named(&collection).unwrap_or(EntryKind::Scene),
        record,
    })
}

/// Registers the test of a geometry against a shape.
pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("tidewatch_meets", 2, flags, |call| {
        // Read once a query and not once a row.
        let shape = call.get_or_create_aux(1, |value| {
            serde_json::from_str::<Geometry<f64>>(value.as_str()?).map_err(|error| {
                Box::<dyn std::error::Error + Send + Sync>::from(error.to_string())
            })
        })?;
        let blob = call.get_raw(0).as_blob_or_null()?;
        Ok(blob
            .and_then(super::read_geometry::read)
            .is_some_and(|found| found.intersects(&*shape)))
    })
}

#[cfg(test)]
#[path = "catalogue_tests.rs"]
mod tests;
