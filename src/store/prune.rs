//! What is old and may go: by table, and never what an alert still stands on.
//!
//! Detections, contacts, scenes, tracks and events that an alert names stay as long as the alert is in the store. Alerts go
//! with their messages once every revision has expired and every message has left, was withheld or was given up; their
//! receipts and the audit stay until they are named themselves.

use super::filter::Dialect;
use super::records::date_time;
use super::rows::TableWriter;
use super::sqlite::{GeoPackage, IN_MEMORY};
use super::{StoreError, dispatch, live, schema};
use crate::store::schema::Table;
use jiff::Timestamp;
use rusqlite::types::Value;

/// What can be aged out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aged {
    /// Contacts.
    Contacts,
    /// Detections; in a database, whole months at once where nothing in them stays.
    Detections,
    /// Scenes of which neither detections nor contacts are left. Such a scene, found again by a pipeline, is new.
    Scenes,
    /// Tracks of logs; those of live listening are its own.
    Tracks,
    /// Events that have ended.
    Events,
    /// Outages of live feeds that have ended.
    Outages,
    /// Alerts that have expired, with their messages.
    Alerts,
    /// Receipts of messages that are not there any more.
    Receipts,
    /// The audit.
    Audit,
}

impl Aged {
    /// All, in the order in which they go.
    pub const ALL: [Self; 9] = [
        Self::Alerts,
        Self::Contacts,
        Self::Detections,
        Self::Scenes,
        Self::Tracks,
        Self::Events,
        Self::Outages,
        Self::Receipts,
        Self::Audit,
    ];

    /// The table's name.
    pub fn as_str(self) -> &'static str {
        self.table().name
    }

    pub(super) fn table(self) -> &'static Table {
        match self {
            Self::Contacts => &schema::CONTACTS,
            Self::Detections => &schema::DETECTIONS,
            Self::Scenes => &schema::SCENES,
            Self::Tracks => &schema::TRACKS,
            Self::Events => &schema::EVENTS,
            Self::Outages => &live::OUTAGES,
            Self::Alerts => &schema::ALERTS,
            Self::Receipts => &schema::RECEIPTS,
            Self::Audit => &schema::AUDIT,
        }
    }

    /// True of a row that is older than the first value.
    pub(super) fn is_old(self, dialect: Dialect) -> String {
        let mark = dialect.sign();
        match self {
            Self::Contacts | Self::Detections => format!("datetime < {mark}1"),
            Self::Scenes => format!("coalesce(stop_time, datetime, searched) < {mark}1"),
            Self::Tracks => {
                format!("last_time < {mark}1 AND source <> '{}'", super::LIVE_SOURCE)
            }
            Self::Events | Self::Outages => format!("end_time < {mark}1"),
            Self::Alerts => format!(
                "alert_id IN (SELECT alert_id FROM alerts GROUP BY alert_id HAVING max(expires) < {mark}1)"
            ),
            Self::Receipts => format!("delivered < {mark}1"),
            Self::Audit => format!("time < {mark}1"),
        }
    }

    /// True of an old row that stays all the same.
    pub(super) fn stays(self, dialect: Dialect) -> String {
        let alert_names = |column: &str| {
            format!("{column} IN (SELECT a.{column} FROM alerts AS a WHERE a.{column} IS NOT NULL)")
        };
        match self {
            Self::Contacts => alert_names("contact_id"),
            Self::Detections => alert_names("detection_id"),
            Self::Scenes => format!(
                "({} OR EXISTS (SELECT 1 FROM detections AS d WHERE d.scene_id = scenes.scene_id)
                 OR EXISTS (SELECT 1 FROM contacts AS c WHERE c.scene_id = scenes.scene_id))",
                alert_names("scene_id")
            ),
            Self::Tracks => "EXISTS (SELECT 1 FROM alerts AS a WHERE a.mmsi = tracks.mmsi
                 AND a.datetime BETWEEN tracks.first_time AND tracks.last_time)"
                .to_owned(),
            Self::Events => {
                let event = match dialect {
                    Dialect::Sqlite => "json_extract(a.json, '$.evidence.event_id')",
                    Dialect::PostGis => "CAST(a.json AS json) -> 'evidence' ->> 'event_id'",
                };
                format!(
                    "event_id IN (SELECT {event} FROM alerts AS a WHERE {event} IS NOT NULL)"
                )
            }
            Self::Alerts => "EXISTS (SELECT 1 FROM outbox AS o WHERE o.alert_id = alerts.alert_id
                 AND NOT EXISTS (SELECT 1 FROM receipts AS r WHERE r.audience = o.audience AND r.message_id = o.message_id)
                 AND NOT EXISTS (SELECT 1 FROM dispatches AS d WHERE d.partner_id = o.audience
                   AND d.message_id = o.message_id AND d.state <> 'waiting'))"
                .to_owned(),
            Self::Receipts => "EXISTS (SELECT 1 FROM outbox AS o WHERE o.audience = receipts.audience
                 AND o.message_id = receipts.message_id)"
                .to_owned(),
            Self::Outages | Self::Audit => "FALSE".to_owned(),
        }
    }

    /// True of a row that goes.
    pub(super) fn goes(self, dialect: Dialect) -> String {
        format!("{} AND NOT {}", self.is_old(dialect), self.stays(dialect))
    }
}

/// What was or would be taken away of one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pruned {
    /// Of which.
    pub aged: Aged,
    /// Rows that go.
    pub gone: u64,
    /// Rows that are as old and stay, as something stands on them.
    pub kept: u64,
}

/// Ageing out.
///
/// # Errors
///
/// As for [`Store`](super::Store).
pub trait Retention {
    /// How much older than `before` is and would go.
    fn to_prune(&self, aged: Aged, before: Timestamp) -> Result<Pruned, StoreError>;
    /// Takes it away, in one transaction.
    fn prune(&mut self, aged: Aged, before: Timestamp) -> Result<Pruned, StoreError>;
    /// Gives the space of what is gone back to the disk.
    fn vacuum(&mut self) -> Result<(), StoreError>;
}

/// Asks how many rows of a table meet a condition.
pub(super) fn count(aged: Aged, condition: &str) -> String {
    format!(
        "SELECT count(*) FROM \"{}\" WHERE {condition}",
        aged.as_str()
    )
}

/// Messages and their fates that go with an alert; `{mark}1` is its id.
pub(super) fn with_alert(dialect: Dialect) -> [(&'static Table, String); 3] {
    let mark = dialect.sign();
    [
        (
            &dispatch::DISPATCHES,
            format!(
                "EXISTS (SELECT 1 FROM outbox AS o WHERE o.alert_id = {mark}1
                 AND o.audience = dispatches.partner_id AND o.message_id = dispatches.message_id)"
            ),
        ),
        (&schema::OUTBOX, format!("alert_id = {mark}1")),
        (&schema::ALERTS, format!("alert_id = {mark}1")),
    ]
}

impl Retention for GeoPackage {
    fn to_prune(&self, aged: Aged, before: Timestamp) -> Result<Pruned, StoreError> {
        let (old, stays) = (aged.is_old(Dialect::Sqlite), aged.stays(Dialect::Sqlite));
        let counted = |condition: &str| {
            let sql = count(aged, condition);
            self.ask("count what is old", |connection| {
                connection.query_row(&sql, [date_time(before)], |row| row.get::<_, i64>(0))
            })
        };
        Ok(Pruned {
            aged,
            gone: counted(&format!("{old} AND NOT {stays}"))?.unsigned_abs(),
            kept: counted(&format!("{old} AND {stays}"))?.unsigned_abs(),
        })
    }

    fn prune(&mut self, aged: Aged, before: Timestamp) -> Result<Pruned, StoreError> {
        let mut pruned = self.to_prune(aged, before)?;
        let value = [Value::Text(date_time(before))];
        let goes = aged.goes(Dialect::Sqlite);
        let action = format!("take old {} away", aged.as_str());
        // One statement may touch every page: what they held is kept in a file.
        self.keep_temporaries("FILE")?;
        let changes = self.write(&action, |transaction, now| {
            if aged != Aged::Alerts {
                let mut writer = TableWriter::new(transaction, aged.table());
                writer.remove_where(&goes, &value)?;
                return Ok(writer.finish(now)?);
            }
            let sql = format!("SELECT DISTINCT alert_id FROM alerts WHERE {goes}");
            let ids: Vec<Value> = transaction
                .prepare(&sql)?
                .query_map([date_time(before)], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            let mut changes = super::Changes::default();
            for (table, condition) in with_alert(Dialect::Sqlite) {
                let mut writer = TableWriter::new(transaction, table);
                for id in &ids {
                    writer.remove_where(&condition, std::slice::from_ref(id))?;
                }
                changes = writer.finish(now)?;
            }
            // The count is of alerts.
            Ok(changes)
        });
        self.keep_temporaries(IN_MEMORY)?;
        let changes = changes?;
        pruned.gone = changes.removed;
        Ok(pruned)
    }

    fn vacuum(&mut self) -> Result<(), StoreError> {
        // The new file is built beside the old one, and not in memory.
        self.keep_temporaries("FILE")?;
        let done = self.ask("give space back", |connection| {
            connection.execute_batch("VACUUM")
        });
        self.keep_temporaries(IN_MEMORY)?;
        done
    }
}

impl GeoPackage {
    fn keep_temporaries(&self, place: &str) -> Result<(), StoreError> {
        self.ask("say where temporary pages go", |connection| {
            connection.pragma_update(None, "temp_store", place)
        })
    }
}
