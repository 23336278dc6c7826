//! The catalogue of scenes and searches, page by page: two entries a row of the table of scenes.

use super::filter::{Dialect, Filter};
use crate::model::catalogue::{
    CataloguePage, CatalogueQuery, Entry, EntryKind, EntryPlace, SortKey, SortOrder,
};
use geo::{Geometry, Intersects};
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{Type, Value as Sql};
use rusqlite::{Connection, params_from_iter};

const TABLE: &str = "scenes";

pub(super) fn read_page(
    connection: &Connection,
    query: &CatalogueQuery,
) -> rusqlite::Result<CataloguePage> {
    let Some(asked) = Asked::of(Dialect::Sqlite, query) else {
        return Ok(CataloguePage::default());
    };
    let (sql, values) = &asked.count;
    let matched: i64 = connection
        .prepare_cached(sql)?
        .query_row(params_from_iter(values), |row| row.get(0))?;
    let (sql, values) = &asked.page;
    let entries = connection
        .prepare_cached(sql)?
        .query_map(params_from_iter(values), read_entry)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(whole_page(query, matched, entries))
}

/// A page of these entries, of which one may be too many.
pub(super) fn whole_page(
    query: &CatalogueQuery,
    matched: i64,
    mut entries: Vec<Entry>,
) -> CataloguePage {
    let more = entries.len() > query.limit;
    entries.truncate(query.limit);
    CataloguePage {
        entries,
        matched: matched.unsigned_abs(),
        more,
    }
}

/// What a query asks the store for.
pub(super) struct Asked {
    /// How many there are.
    pub(super) count: (String, Vec<Sql>),
    /// Collection and record of each, one more than the page holds.
    pub(super) page: (String, Vec<Sql>),
}

impl Asked {
    /// `None` if nothing can be found.
    pub(super) fn of(dialect: Dialect, query: &CatalogueQuery) -> Option<Self> {
        if query.kinds.is_empty() {
            return None;
        }
        let entries = entries(dialect, &query.kinds);
        let mut filter = Filter::new(dialect);
        restrict(&mut filter, query);
        let count = format!(
            "SELECT count(*) FROM ({entries}) AS e WHERE {}",
            filter.sql()
        );
        let count = (count, filter.values.clone());
        let order = whole_order(&query.order);
        if let Some(place) = &query.after {
            add_after(&mut filter, &order, place);
        }
        let order: Vec<String> = order
            .iter()
            .map(|(key, order)| format!("{} {}", column(*key), word(*order)))
            .collect();
        let page = format!(
            "SELECT collection, json FROM ({entries}) AS e WHERE {} ORDER BY {} LIMIT {}",
            filter.sql(),
            order.join(", "),
            query.limit.saturating_add(1)
        );
        Some(Self {
            count,
            page: (page, filter.values),
        })
    }
}

fn entries(dialect: Dialect, kinds: &[EntryKind]) -> String {
    let by_bytes = dialect.by_bytes();
    let each: Vec<String> = EntryKind::ALL
        .into_iter()
        .filter(|kind| kinds.contains(kind))
        .map(|kind| {
            format!(
                "SELECT '{}'{by_bytes} AS collection, scene_id || '{}' AS id, fid, geom, datetime, start_time, stop_time, json
                 FROM {TABLE} WHERE datetime IS NOT NULL",
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
        filter.add_shape(TABLE, shape);
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
        filter.add_list("id", ids);
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
    entry(&collection, &json)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(1, Type::Text, Box::new(error)))
}

/// An entry from its collection and record.
pub(super) fn entry(collection: &str, json: &str) -> serde_json::Result<Entry> {
    Ok(Entry {
        kind: EntryKind::named(collection).unwrap_or(EntryKind::Scene),
        record: serde_json::from_str(json)?,
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
