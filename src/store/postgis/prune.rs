//! What is old, taken out of PostgreSQL: months of detections as whole partitions, all else row by row.

use super::session::{Fault, Session};
use super::writer::Put;
use super::{PostGis, schema as tables};
use crate::store::filter::Dialect;
use crate::store::prune::{Aged, Pruned, Retention, count, with_alert};
use crate::store::records::date_time;
use crate::store::{Changes, StoreError, schema};
use jiff::Timestamp;
use rusqlite::types::Value;

impl Retention for PostGis {
    fn to_prune(&self, aged: Aged, before: Timestamp) -> Result<Pruned, StoreError> {
        let value = [Value::Text(date_time(before))];
        self.ask("count what is old", |session| {
            let (old, stays) = (aged.is_old(Dialect::PostGis), aged.stays(Dialect::PostGis));
            let mut counted = |condition: String| {
                let row = session.one(&count(aged, &condition), &value)?;
                Ok::<_, Fault>(row.map_or(Ok(0), |row| row.whole(0))?.unsigned_abs())
            };
            Ok(Pruned {
                aged,
                gone: counted(format!("{old} AND NOT {stays}"))?,
                kept: counted(format!("{old} AND {stays}"))?,
            })
        })
    }

    fn prune(&mut self, aged: Aged, before: Timestamp) -> Result<Pruned, StoreError> {
        let mut pruned = self.to_prune(aged, before)?;
        let value = [Value::Text(date_time(before))];
        let goes = aged.goes(Dialect::PostGis);
        let action = format!("take old {} away", aged.as_str());
        let changes = self.write(&action, |session, now| {
            session.batch("SET LOCAL statement_timeout = 0")?;
            let mut changes = Changes::default();
            if aged == Aged::Alerts {
                let sql = format!("SELECT DISTINCT alert_id FROM alerts WHERE {goes}");
                let ids = session.query(&sql, &value)?;
                for (table, condition) in with_alert(Dialect::PostGis) {
                    for id in &ids {
                        let put = Put::into(session, table, now);
                        let removed = put.remove_where(&condition, &id.0, 0)?.removed;
                        // The count is of alerts.
                        changes.removed += removed * u64::from(table.name == schema::ALERTS.name);
                    }
                }
                return Ok(changes);
            }
            let gone = match aged {
                Aged::Detections => drop_months(session, before)?,
                _ => 0,
            };
            let put = Put::into(session, aged.table(), now);
            changes.removed = put.remove_where(&goes, &value, gone)?.removed;
            Ok(changes)
        })?;
        pruned.gone = changes.removed;
        Ok(pruned)
    }

    fn vacuum(&mut self) -> Result<(), StoreError> {
        // The space of rows is used again by others; that of dropped months is back already.
        self.ask("give space back", |session| {
            session.batch("SET statement_timeout = 0")?;
            for aged in Aged::ALL {
                session.batch(&format!("VACUUM \"{}\"", aged.as_str()))?;
            }
            Ok(session.batch("SET statement_timeout = '60s'")?)
        })
    }
}

/// Drops the partitions of months that ended before a time and of which nothing stays; gives the rows that went.
fn drop_months(session: &mut Session, before: Timestamp) -> Result<u64, Fault> {
    let stays = Aged::Detections.stays(Dialect::PostGis);
    let mut gone = 0;
    for (name, end) in tables::months(session)? {
        if end > before {
            continue;
        }
        let sql = format!("SELECT count(*), count(*) FILTER (WHERE {stays}) FROM \"{name}\"");
        let Some(counted) = session.one(&sql, &[])? else {
            continue;
        };
        if counted.whole(1)? == 0 {
            session.batch(&format!("DROP TABLE \"{name}\""))?;
            gone += counted.whole(0)?.unsigned_abs();
        }
    }
    Ok(gone)
}
