//! Pages of features for those who serve them, and what changed since they last looked.

use super::filter::{Dialect, Filter, expression};
use super::sqlite::GeoPackage;
use super::{FeatureReader, Figures, LayerSpan, StoreError, geometry, read_geometry};
use crate::model::alert::Alert;
use crate::model::catalogue::{CataloguePage, CatalogueQuery};
use crate::model::layer::{ALERTS, FeaturePage, FeatureQuery, FeatureRow, Kind, Layer};
use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, Row, Rows, params_from_iter};
use serde_json::{Value, json};

/// Most bytes of shapes on a page: their coordinates, not their count, are what a page of outlines or tracks weighs.
pub const MOST_SHAPE_BYTES: usize = 32 * 1024 * 1024;

impl FeatureReader for GeoPackage {
    fn data_version(&self) -> Result<i64, StoreError> {
        self.ask("read the data version", |connection| {
            connection.query_row("PRAGMA data_version", [], |row| row.get(0))
        })
    }

    fn alerts_after(&self, sequence: i64) -> Result<Vec<(i64, Alert)>, StoreError> {
        let rows = self.ask("read alerts", |connection| {
            connection
                .prepare_cached("SELECT fid, json FROM alerts WHERE fid > ?1 ORDER BY fid")?
                .query_map([sequence], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<Vec<(i64, String)>>>()
        })?;
        rows.into_iter()
            .map(|(fid, json)| {
                serde_json::from_str(&json)
                    .map(|alert| (fid, alert))
                    .map_err(|source| StoreError::Unreadable {
                        store: self.shown(),
                        table: "alerts",
                        id: format!("row {fid}"),
                        source,
                    })
            })
            .collect()
    }

    fn region_groups(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.ask("read watch regions", |connection| {
            connection
                .prepare_cached(
                    "SELECT DISTINCT region_id, feature_group FROM watch_regions ORDER BY 1",
                )?
                .query_map([], |row| {
                    Ok((
                        row.get(0)?,
                        row.get::<_, Option<String>>(1)?.unwrap_or_default(),
                    ))
                })?
                .collect()
        })
    }

    fn document(
        &self,
        alert_id: &str,
        revision: u32,
        media_type: &str,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.ask("read a message", |connection| {
            connection
                .prepare_cached(
                    "SELECT bytes FROM outbox WHERE alert_id = ?1 AND revision = ?2 AND media_type = ?3
                     ORDER BY fid LIMIT 1",
                )?
                .query_row((alert_id, revision, media_type), |row| row.get(0))
                .optional()
        })
    }

    fn span(&self, layer: &Layer) -> Result<LayerSpan, StoreError> {
        refuse_alerts(layer)?;
        self.ask("read an extent", |connection| {
            let sql = "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = ?1";
            let corners: [Option<f64>; 4] = connection.query_row(sql, [layer.table], |row| {
                Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?])
            })?;
            let times = match layer.time_column {
                None => (None, None),
                Some(time) => connection.query_row(
                    &format!("SELECT min({time}), max({time}) FROM \"{}\"", layer.table),
                    [],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )?,
            };
            Ok(LayerSpan {
                bounds: match corners {
                    [Some(west), Some(south), Some(east), Some(north)] => {
                        Some([west, south, east, north])
                    }
                    _ => None,
                },
                times,
            })
        })
    }

    fn page(&self, layer: &Layer, query: &FeatureQuery) -> Result<FeaturePage, StoreError> {
        refuse_alerts(layer)?;
        let action = format!("read {}", layer.table);
        self.ask(&action, |connection| {
            read_page(connection, layer, query, MOST_SHAPE_BYTES)
        })
    }

    fn catalogue(&self, query: &CatalogueQuery) -> Result<CataloguePage, StoreError> {
        self.ask("read the catalogue of scenes", |connection| {
            super::catalogue::read_page(connection, query)
        })
    }

    fn figures(&self) -> Result<Figures, StoreError> {
        super::figures::read(self)
    }
}

/// What is read here goes out as it is, and an alert must pass the release rule first.
pub(super) fn refuse_alerts(layer: &Layer) -> Result<(), StoreError> {
    if layer.id == ALERTS.id {
        return Err(StoreError::NotReleased { layer: layer.id });
    }
    Ok(())
}

fn read_page(
    connection: &Connection,
    layer: &Layer,
    query: &FeatureQuery,
    most_shape_bytes: usize,
) -> rusqlite::Result<FeaturePage> {
    let mut filter = Filter::of(Dialect::Sqlite, layer, query);
    let matched: i64 = connection
        .prepare_cached(&filter.count(layer.table))?
        .query_row(params_from_iter(&filter.values), |row| row.get(0))?;
    filter.add_after(layer, query);
    let sql = page(Dialect::Sqlite, layer, &filter, query.limit);
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query(params_from_iter(&filter.values))?;
    let (rows, more) = take_rows(layer, found, query.limit, most_shape_bytes)?;
    Ok(FeaturePage {
        rows,
        matched: matched.unsigned_abs(),
        more,
    })
}

/// Asks for id, geometry and properties of one row more than a page holds.
pub(super) fn page(dialect: Dialect, layer: &Layer, filter: &Filter, limit: usize) -> String {
    let properties = layer.properties.iter();
    let columns: Vec<String> = properties
        .map(|property| expression(dialect, layer, property))
        .collect();
    let (id, geometry) = (layer.id_column, dialect.geometry());
    let order = match layer.time_column {
        Some(time) => format!("{time} NULLS FIRST, {id}"),
        None => id.to_owned(),
    };
    format!(
        "SELECT {id}, {geometry}, {} FROM \"{}\" WHERE {} ORDER BY {order} LIMIT {}",
        columns.join(", "),
        layer.table,
        filter.sql(),
        limit.saturating_add(1)
    )
}

/// As many rows as a page may hold, and whether more follow.
fn take_rows(
    layer: &Layer,
    mut found: Rows<'_>,
    limit: usize,
    most_shape_bytes: usize,
) -> rusqlite::Result<(Vec<FeatureRow>, bool)> {
    let mut rows = Vec::new();
    let mut shape_bytes = 0;
    while let Some(row) = found.next()? {
        let blob = row.get_ref(1)?.as_blob_or_null()?;
        shape_bytes += blob.map_or(0, <[u8]>::len);
        // The first row is given whatever it weighs: a page without one would have no next.
        let too_heavy = shape_bytes > most_shape_bytes && !rows.is_empty();
        if too_heavy || rows.len() == limit {
            return Ok((rows, true));
        }
        rows.push(read_row(layer, row, blob)?);
    }
    Ok((rows, false))
}

fn read_row(layer: &Layer, row: &Row<'_>, blob: Option<&[u8]>) -> rusqlite::Result<FeatureRow> {
    let values = layer
        .properties
        .iter()
        .enumerate()
        .map(|(n, property)| Ok(read_value(property.kind, row.get(n + 2)?)))
        .collect::<rusqlite::Result<_>>()?;
    Ok(FeatureRow {
        id: row.get(0)?,
        geometry: blob.and_then(read_geometry::read),
        values,
    })
}

pub(super) fn read_value(kind: Kind, value: Sql) -> Value {
    match (kind, value) {
        (Kind::Flag, Sql::Integer(flag)) => json!(flag != 0),
        (Kind::Number, Sql::Integer(whole)) => json!(whole as f64),
        (_, Sql::Integer(whole)) => json!(whole),
        (_, Sql::Real(number)) => json!(number),
        (_, Sql::Text(text)) => json!(text),
        (_, Sql::Null | Sql::Blob(_)) => Value::Null,
    }
}

/// Registers the exact test behind the R-tree.
pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("tidewatch_touches", 5, flags, |call| {
        let blob = call.get_raw(0).as_blob_or_null()?;
        let bounds = [call.get(1)?, call.get(2)?, call.get(3)?, call.get(4)?];
        Ok(blob.is_some_and(|blob| touches(blob, bounds)))
    })
}

fn touches(blob: &[u8], [west, south, east, north]: [f64; 4]) -> bool {
    // Most boxes hold the geometry's own bounds or miss them.
    if let Some([min_x, max_x, min_y, max_y]) = geometry::envelope(blob) {
        if max_x < west || min_x > east || max_y < south || min_y > north {
            return false;
        }
        if min_x >= west && max_x <= east && min_y >= south && max_y <= north {
            return true;
        }
    }
    let bounds = geo::Rect::new((west, south), (east, north));
    read_geometry::read(blob).is_some_and(|shape| geo::Intersects::intersects(&shape, &bounds))
}

#[cfg(test)]
#[path = "features_tests.rs"]
mod tests;
