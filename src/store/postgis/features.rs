//! Pages of features in PostgreSQL, and what changed since a reader last looked.

use super::PostGis;
use super::cells::text;
use super::session::{Fault, Session};
use crate::model::alert::Alert;
use crate::model::catalogue::{CataloguePage, CatalogueQuery};
use crate::model::channel::DispatchState;
use crate::model::layer::{FeaturePage, FeatureQuery, FeatureRow, Layer};
use crate::store::features::{MOST_SHAPE_BYTES, page, read_value, refuse_alerts};
use crate::store::filter::{Dialect, Filter};
use crate::store::{
    DispatchBook, FeatureReader, Figures, LayerSpan, Store, StoreError, catalogue, read_geometry,
};
use rusqlite::types::Value;

const VERDICTS: &str = "SELECT verdict, count(*) FROM contacts GROUP BY 1 ORDER BY 1";
const RULES: &str = "SELECT rule, count(DISTINCT alert_id) FROM alerts GROUP BY 1 ORDER BY 1";
const OLDEST_WAITING: &str = "SELECT min(a.sent) FROM channels AS c JOIN outbox AS o ON o.audience = c.partner_id
     JOIN alerts AS a ON a.alert_id = o.alert_id AND a.revision = o.revision
     LEFT JOIN dispatches AS d ON d.partner_id = c.partner_id AND d.message_id = o.message_id AND d.channel = c.channel
     WHERE coalesce(d.state, 'waiting') = 'waiting'";
const NEWEST_SCENE: &str = "SELECT max(datetime) FROM scenes";

impl FeatureReader for PostGis {
    fn data_version(&self) -> Result<i64, StoreError> {
        self.ask("read the data version", |session| {
            let found = session.one("SELECT version FROM tidewatch_changes", &[])?;
            let version = found.map_or(Ok(0), |row| row.whole(0))?;
            // What this store wrote is no news to its owner.
            Ok(version - self.own_changes)
        })
    }

    fn alerts_after(&self, sequence: i64) -> Result<Vec<(i64, Alert)>, StoreError> {
        let sql = "SELECT fid, json FROM alerts WHERE fid > $1 ORDER BY fid";
        let values = [Value::Integer(sequence)];
        let rows = self.many(&crate::store::schema::ALERTS, sql, &values, |row| {
            Ok((row.whole(0)?, row.text(1)?))
        })?;
        rows.into_iter()
            .map(|(fid, json)| {
                serde_json::from_str(&json)
                    .map(|alert| (fid, alert))
                    .map_err(|source| StoreError::Unreadable {
                        store: self.address.clone(),
                        table: "alerts",
                        id: format!("row {fid}"),
                        source,
                    })
            })
            .collect()
    }

    fn region_groups(&self) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT DISTINCT region_id, feature_group FROM watch_regions ORDER BY 1";
        self.many(&crate::store::schema::WATCH_REGIONS, sql, &[], |row| {
            Ok((row.text(0)?, row.optional_text(1)?.unwrap_or_default()))
        })
    }

    fn document(
        &self,
        alert_id: &str,
        revision: u32,
        media_type: &str,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let sql =
            "SELECT bytes FROM outbox WHERE alert_id = $1 AND revision = $2 AND media_type = $3
                   ORDER BY fid LIMIT 1";
        let key = [
            text(alert_id),
            Value::Integer(revision.into()),
            text(media_type),
        ];
        let table = &crate::store::schema::OUTBOX;
        Ok(self.many(table, sql, &key, |row| row.bytes(0))?.pop())
    }

    fn span(&self, layer: &Layer) -> Result<LayerSpan, StoreError> {
        refuse_alerts(layer)?;
        self.ask("read an extent", |session| {
            let sql =
                "SELECT min_x, min_y, max_x, max_y FROM tidewatch_contents WHERE table_name = $1";
            let mut span = LayerSpan::default();
            if let Some(row) = session.one(sql, &[text(layer.table)])? {
                let corner = |n| row.optional_number(n);
                span.bounds = match [corner(0)?, corner(1)?, corner(2)?, corner(3)?] {
                    [Some(west), Some(south), Some(east), Some(north)] => {
                        Some([west, south, east, north])
                    }
                    _ => None,
                };
            }
            if let Some(time) = layer.time_column {
                let sql = format!("SELECT min({time}), max({time}) FROM \"{}\"", layer.table);
                if let Some(row) = session.one(&sql, &[])? {
                    span.times = (row.optional_text(0)?, row.optional_text(1)?);
                }
            }
            Ok(span)
        })
    }

    fn page(&self, layer: &Layer, query: &FeatureQuery) -> Result<FeaturePage, StoreError> {
        self.page_of(layer, query, MOST_SHAPE_BYTES)
    }

    fn catalogue(&self, query: &CatalogueQuery) -> Result<CataloguePage, StoreError> {
        let Some(asked) = catalogue::Asked::of(Dialect::PostGis, query) else {
            return Ok(CataloguePage::default());
        };
        let action = "read the catalogue of scenes";
        let (matched, rows) = self.ask(action, |session| {
            let (sql, values) = &asked.count;
            let matched = session
                .one(sql, values)?
                .map_or(Ok(0), |row| row.whole(0))?;
            let (sql, values) = &asked.page;
            let rows = session.query(sql, values)?;
            let texts = rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?)));
            Ok((matched, texts.collect::<Result<Vec<_>, Fault>>()?))
        })?;
        let entries = rows.iter().map(|(collection, json)| {
            catalogue::entry(collection, json).map_err(|source| StoreError::Unreadable {
                store: self.address.clone(),
                table: "scenes",
                id: format!("of {collection}"),
                source,
            })
        });
        let entries = entries.collect::<Result<_, _>>()?;
        Ok(catalogue::whole_page(query, matched, entries))
    }

    fn figures(&self) -> Result<Figures, StoreError> {
        let (rows, dispatches): (_, Vec<(DispatchState, u64)>) = (self.counts()?, self.standing()?);
        self.ask("count for the operator", |session| {
            Ok(Figures {
                rows: rows.clone(),
                dispatches: dispatches.clone(),
                verdicts: counted(session, VERDICTS)?,
                rules: counted(session, RULES)?,
                oldest_waiting: session
                    .one(OLDEST_WAITING, &[])?
                    .map_or(Ok(None), |row| row.optional_time(0))?,
                newest_scene: session
                    .one(NEWEST_SCENE, &[])?
                    .map_or(Ok(None), |row| row.optional_time(0))?,
            })
        })
    }
}

fn counted(session: &mut Session, sql: &str) -> Result<Vec<(String, u64)>, Fault> {
    let rows = session.query(sql, &[])?;
    rows.iter()
        .map(|row| Ok((row.text(0)?, row.whole(1)?.unsigned_abs())))
        .collect()
}

impl PostGis {
    pub(super) fn page_of(
        &self,
        layer: &Layer,
        query: &FeatureQuery,
        most_shape_bytes: usize,
    ) -> Result<FeaturePage, StoreError> {
        refuse_alerts(layer)?;
        self.ask(&format!("read {}", layer.table), |session| {
            let mut filter = Filter::of(Dialect::PostGis, layer, query);
            let count = session.one(&filter.count(layer.table), &filter.values)?;
            let matched = count.map_or(Ok(0), |row| row.whole(0))?;
            filter.add_after(layer, query);
            let sql = page(Dialect::PostGis, layer, &filter, query.limit);
            let (mut rows, mut shape_bytes, mut more) = (Vec::new(), 0, false);
            session.each(&sql, &filter.values, |row| {
                let mut values = row.0.into_iter();
                let id = match values.next() {
                    Some(Value::Text(id)) => id,
                    _ => String::new(),
                };
                let shape = match values.next() {
                    Some(Value::Blob(bytes)) => Some(bytes),
                    _ => None,
                };
                shape_bytes += shape.as_deref().map_or(0, blob_bytes);
                // The first row is given whatever it weighs: a page without one would have no next.
                let too_heavy = shape_bytes > most_shape_bytes && !rows.is_empty();
                if too_heavy || rows.len() == query.limit {
                    more = true;
                    return false;
                }
                let properties = layer.properties.iter().zip(values);
                rows.push(FeatureRow {
                    id,
                    geometry: shape.as_deref().and_then(read_geometry::read_wkb),
                    values: properties
                        .map(|(property, value)| read_value(property.kind, value))
                        .collect(),
                });
                true
            })?;
            Ok(FeaturePage {
                rows,
                matched: matched.unsigned_abs(),
                more,
            })
        })
    }
}

/// What a shape weighs in the embedded store, with its header: pages end at the same place.
fn blob_bytes(wkb: &[u8]) -> usize {
    const POINT: &[u8] = &[1, 1, 0, 0, 0];
    wkb.len() + if wkb.starts_with(POINT) { 8 } else { 40 }
}
