//! What live listening keeps: tracks of late, feeds, outages, and with them the alerts they gave, in one transaction a batch.

use super::records::{self, alert_key, date_time};
use super::rows::{Row, TableWriter, WriteError, add_unedited};
use super::schema::{self, Table};
use super::sqlite::{GeoPackage, sum, unreadable_column};
use super::{Changes, OutboxEntry, StoreError};
use crate::model::alert::Alert;
use crate::model::outage::{Outage, OutageCause};
use crate::model::track::Track;
use crate::model::units::Mmsi;
use jiff::Timestamp;
use rusqlite::Transaction;
use rusqlite::types::Value;

pub(super) static OUTAGES: Table = Table {
    name: "outages",
    description: "When a live feed of AIS was not heard; without an end while it lasts",
    geometry: None,
    key: 2,
    columns: &[
        ("source", "TEXT"),
        ("start_time", "DATETIME"),
        ("end_time", "DATETIME"),
        ("cause", "TEXT"),
    ],
};

pub(super) static FEEDS: Table = Table {
    name: "live_feeds",
    description: "Live feeds of AIS, with the last message of each",
    geometry: None,
    key: 1,
    columns: &[("source", "TEXT"), ("last_message", "DATETIME")],
};

pub(super) static SHIPS: Table = Table {
    name: "live_ships",
    description: "What live listening remembers of each ship, to go on where it stopped",
    geometry: None,
    key: 2,
    columns: &[("mmsi", "TEXT"), ("part", "INTEGER"), ("json", "TEXT")],
};

/// Source of the live tracks in the table of tracks.
pub const LIVE_SOURCE: &str = "live";

/// A ship as live listening knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveShip {
    /// Its recent track.
    pub track: Track,
    /// All that is needed to go on from here, in the listener's own form.
    pub memory: String,
}

/// A feed as it was heard last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveFeed {
    /// Its id.
    pub source: String,
    /// Time of its last message (UTC).
    pub last_message: Timestamp,
}

/// One batch of live listening, stored together or not at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct LiveRows<'a> {
    /// Ships that changed.
    pub ships: &'a [LiveShip],
    /// Ships that are forgotten.
    pub gone: &'a [(Mmsi, u32)],
    /// Feeds heard.
    pub feeds: &'a [LiveFeed],
    /// Outages that began or ended: one is known by its feed and start.
    pub outages: &'a [Outage],
    /// Alert revisions, as for [`Store::put_alerts`](super::Store::put_alerts).
    pub alerts: &'a [Alert],
    /// Their messages.
    pub outbox: &'a [OutboxEntry],
}

/// What live listening keeps and asks for.
///
/// # Errors
///
/// As for [`Store`](super::Store).
pub trait LiveBook {
    /// Stores a batch in one transaction. The extent of the tracks only grows by it.
    fn put_live(&mut self, rows: &LiveRows<'_>) -> Result<Changes, StoreError>;
    /// What is remembered of each ship, by MMSI and part.
    fn live_memories(&self) -> Result<Vec<String>, StoreError>;
    /// Feeds that were heard, by id.
    fn live_feeds(&self) -> Result<Vec<LiveFeed>, StoreError>;
    /// Outages of which a moment lies in `from` ..= `to`, by start and feed; one that lasts has no end.
    fn outages(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Outage>, StoreError>;
    /// All revisions of one alert, by revision.
    fn alert_revisions(&self, alert_id: &str) -> Result<Vec<Alert>, StoreError>;
}

impl LiveBook for GeoPackage {
    fn put_live(&mut self, rows: &LiveRows<'_>) -> Result<Changes, StoreError> {
        self.write("store what was heard live", |transaction, now| {
            Ok(sum([
                put_ships(transaction, rows, now)?,
                put_feeds(transaction, rows, now)?,
                add_alerts(transaction, (rows.alerts, rows.outbox), now)?,
            ]))
        })
    }

    fn live_memories(&self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT json FROM live_ships ORDER BY mmsi, part";
        self.many(&SHIPS, sql, [], |row| row.get(0))
    }

    fn live_feeds(&self) -> Result<Vec<LiveFeed>, StoreError> {
        let sql = "SELECT source, last_message FROM live_feeds ORDER BY source";
        self.many(&FEEDS, sql, [], |row| {
            Ok(LiveFeed {
                source: row.get(0)?,
                last_message: instant(1, &row.get::<_, String>(1)?)?,
            })
        })
    }

    fn outages(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Outage>, StoreError> {
        let sql = "SELECT source, start_time, end_time, cause FROM outages
                   WHERE start_time <= ?2 AND ifnull(end_time, ?1) >= ?1 ORDER BY start_time, source";
        let span = [date_time(from), date_time(to)];
        self.many(&OUTAGES, sql, span, |row| {
            let end: Option<String> = row.get(2)?;
            let cause: String = row.get(3)?;
            Ok(Outage {
                source: row.get(0)?,
                start: instant(1, &row.get::<_, String>(1)?)?,
                end: end.map(|end| instant(2, &end)).transpose()?,
                cause: cause_named(&cause),
            })
        })
    }

    fn alert_revisions(&self, alert_id: &str) -> Result<Vec<Alert>, StoreError> {
        let sql = "SELECT alert_id, json FROM alerts WHERE alert_id = ?1 ORDER BY revision";
        self.records(&schema::ALERTS, sql, [alert_id])
    }
}

fn put_ships(
    transaction: &Transaction<'_>,
    rows: &LiveRows<'_>,
    now: &str,
) -> Result<Changes, WriteError> {
    let mut tracks = TableWriter::new(transaction, &schema::TRACKS).widening();
    let mut memories = TableWriter::new(transaction, &SHIPS);
    for ship in rows.ships {
        tracks.put(records::track(LIVE_SOURCE, &ship.track))?;
        memories.put(ship_row(ship))?;
    }
    for gone in rows.gone {
        let [mmsi, part] = key_of(*gone);
        let source = Value::Text(LIVE_SOURCE.to_owned());
        tracks.remove(vec![source, mmsi.clone(), part.clone()])?;
        memories.remove(vec![mmsi, part])?;
    }
    Ok(sum([tracks.finish(now)?, memories.finish(now)?]))
}

pub(super) fn key_of((mmsi, part): (Mmsi, u32)) -> [Value; 2] {
    [Value::Text(mmsi.to_string()), Value::Integer(part.into())]
}

pub(super) fn ship_row(ship: &LiveShip) -> Row {
    let [mmsi, part] = key_of((ship.track.mmsi, ship.track.part));
    Row {
        geometry: None,
        values: vec![mmsi, part, Value::Text(ship.memory.clone())],
    }
}

pub(super) fn feed_row(feed: &LiveFeed) -> Row {
    Row {
        geometry: None,
        values: vec![
            Value::Text(feed.source.clone()),
            Value::Text(date_time(feed.last_message)),
        ],
    }
}

pub(super) fn outage_row(outage: &Outage) -> Row {
    let end = outage.end.map(|end| Value::Text(date_time(end)));
    Row {
        geometry: None,
        values: vec![
            Value::Text(outage.source.clone()),
            Value::Text(date_time(outage.start)),
            end.unwrap_or(Value::Null),
            Value::Text(outage.cause.as_str().to_owned()),
        ],
    }
}

fn put_feeds(
    transaction: &Transaction<'_>,
    rows: &LiveRows<'_>,
    now: &str,
) -> Result<Changes, WriteError> {
    let mut feeds = TableWriter::new(transaction, &FEEDS);
    for feed in rows.feeds {
        feeds.put(feed_row(feed))?;
    }
    let mut outages = TableWriter::new(transaction, &OUTAGES);
    for outage in rows.outages {
        outages.put(outage_row(outage))?;
    }
    Ok(sum([feeds.finish(now)?, outages.finish(now)?]))
}

/// Adds alert revisions and their messages.
pub(super) fn add_alerts(
    transaction: &Transaction<'_>,
    (alerts, outbox): (&[Alert], &[OutboxEntry]),
    now: &str,
) -> Result<Changes, WriteError> {
    let mut writer = TableWriter::new(transaction, &schema::ALERTS);
    for alert in alerts {
        let id = alert_key(&alert.id, alert.revision);
        add_unedited(&mut writer, &schema::ALERTS, id, records::alert(alert)?)?;
    }
    let mut messages = TableWriter::new(transaction, &schema::OUTBOX);
    for entry in outbox {
        let id = format!("{} for {}", entry.message_id, entry.audience);
        add_unedited(&mut messages, &schema::OUTBOX, id, records::outbox(entry))?;
    }
    Ok(sum([writer.finish(now)?, messages.finish(now)?]))
}

fn instant(column: usize, text: &str) -> rusqlite::Result<Timestamp> {
    text.parse()
        .map_err(|error| unreadable_column(column, error))
}

pub(super) fn cause_named(name: &str) -> OutageCause {
    [OutageCause::Disconnected, OutageCause::Silent]
        .into_iter()
        .find(|cause| cause.as_str() == name)
        .unwrap_or(OutageCause::Stopped)
}
