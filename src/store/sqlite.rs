//! The store as one SQLite file that is a valid GeoPackage 1.3.
//!
//! Written through the system's libsqlite3, the one that GDAL has loaded. The journal is the rollback journal and not a
//! write-ahead log: between transactions the store is a single file that a GIS opens read-only, from a read-only disk
//! too; a write-ahead log would need `-wal` and `-shm` beside it. The price, readers that wait while a scene commits, is
//! small at one transaction a scene. A process that is killed leaves a journal that the next opening rolls back.

use super::records;
use super::rows::{TableWriter, WriteError};
use super::schema::{self, Table};
use super::{
    Changes, Counts, JournalEntry, OutboxEntry, Outcome, Receipt, Revisions, SceneBatch, Store,
    StoreError,
};
use crate::model::alert::Alert;
use crate::model::contact::Contact;
use crate::model::detection::Detection;
use crate::model::event::Event;
use crate::model::region::RegionZone;
use crate::model::scene::SceneRecord;
use crate::model::track::Track;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Transaction, TransactionBehavior};
use serde::de::DeserializeOwned;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// How long to wait for another process that is writing, milliseconds.
///
/// Set by pragma: `Connection::busy_timeout`, like hooks and traces, calls `sqlite3_set_clientdata`, which SQLite before
/// 3.44 does not have, so that the program would not link.
const BUSY_MS: u32 = 10_000;

/// Pages of the store kept in memory, in SQLite's sign for KiB: what one scene's transaction touches in a store of millions of
/// detections. What does not fit is written, waited for and read again before the commit.
const CACHE_KIB: i64 = -64 * 1024;

/// Every insert of a row with a shape keeps what its pages held until it ends, as a trigger may fail; by default that goes
/// through a file, eight pages a row.
pub(super) const IN_MEMORY: &str = "MEMORY";

/// The default store: one connection to one file.
#[derive(Debug)]
pub struct GeoPackage {
    connection: Connection,
    path: PathBuf,
    last_change: String,
    /// Locked while messages are sent from this store.
    sending: Option<File>,
}

impl GeoPackage {
    /// Opens the store, or makes it if there is no file or an empty one.
    ///
    /// `now` is the time that tables changed through this connection show as their last change.
    ///
    /// # Errors
    ///
    /// A file that is not a store of this program and schema version is left untouched and named, with what was found.
    pub fn open(path: &Path, now: Timestamp) -> Result<Self, StoreError> {
        let fail = |action: &'static str| {
            move |source: rusqlite::Error| StoreError::of_sqlite(path, action, source)
        };
        let connection = Connection::open(path).map_err(fail("open the store"))?;
        connection
            .pragma_update_and_check(None, "busy_timeout", BUSY_MS, |_| Ok(()))
            .map_err(fail("open the store"))?;
        schema::register_functions(&connection)
            .and_then(|()| super::features::register(&connection))
            .and_then(|()| super::catalogue::register(&connection))
            .map_err(fail("register functions"))?;
        let mut store = Self {
            connection,
            path: path.to_owned(),
            last_change: records::date_time(now),
            sending: None,
        };
        let objects: i64 = store
            .connection
            .query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))
            .map_err(fail("read the store"))?;
        if objects == 0 {
            store.create().map_err(fail("make the tables"))?;
        }
        store.check()?;
        // Some programs leave a store in write-ahead mode.
        store
            .connection
            .pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))
            .and_then(|()| store.connection.pragma_update(None, "synchronous", "FULL"))
            .and_then(|()| {
                store
                    .connection
                    .pragma_update(None, "cache_size", CACHE_KIB)
            })
            .and_then(|()| {
                store
                    .connection
                    .pragma_update(None, "temp_store", IN_MEMORY)
            })
            .map_err(fail("set how it is written"))?;
        Ok(store)
    }

    /// The store's file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The store's file, for errors.
    pub(super) fn shown(&self) -> String {
        self.path.display().to_string()
    }

    /// Locks a file beside the store, as closing the store's own file would end SQLite's locks; false if another process
    /// holds it. The system lets go of it when the process ends, however it ends.
    pub(super) fn claim(&mut self) -> Result<bool, StoreError> {
        if self.sending.is_some() {
            return Ok(true);
        }
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let beside = self.path.with_file_name(format!(".{name}.push-lock"));
        let file = File::create(&beside).map_err(TryLockError::Error);
        match file.and_then(|file| file.try_lock().map(|()| file)) {
            Ok(file) => {
                self.sending = Some(file);
                Ok(true)
            }
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(source)) => Err(StoreError::Lock {
                path: beside,
                source,
            }),
        }
    }

    fn create(&mut self) -> rusqlite::Result<()> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have been first.
        let objects: i64 =
            transaction.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
        if objects == 0 {
            schema::create(&transaction, &self.last_change)?;
        }
        transaction.commit()
    }

    fn check(&self) -> Result<(), StoreError> {
        let found: u32 = self
            .one("read application_id", "PRAGMA application_id", [])?
            .unwrap_or(0);
        let meta: Option<i64> = self.one(
            "read the schema version",
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'tidewatch_meta'",
            [],
        )?;
        if found != schema::APPLICATION_ID || meta.is_none() {
            let (path, expected) = (self.path.clone(), schema::APPLICATION_ID);
            return Err(StoreError::Foreign {
                path,
                found,
                expected,
            });
        }
        let version: Option<String> = self.one(
            "read the schema version",
            "SELECT value FROM tidewatch_meta WHERE key = 'schema_version'",
            [],
        )?;
        if version.as_deref() != Some(schema::SCHEMA_VERSION.to_string().as_str()) {
            return Err(StoreError::SchemaVersion {
                store: self.shown(),
                found: version.unwrap_or_else(|| "none".to_owned()),
                expected: schema::SCHEMA_VERSION,
            });
        }
        Ok(())
    }

    /// Runs `work` in one transaction that commits if it succeeds.
    pub(super) fn write(
        &mut self,
        action: &str,
        work: impl FnOnce(&Transaction<'_>, &str) -> Result<Changes, WriteError>,
    ) -> Result<Changes, StoreError> {
        let result = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(WriteError::from)
            .and_then(|transaction| {
                let changes = work(&transaction, &self.last_change)?;
                transaction.commit()?;
                Ok(changes)
            });
        result.map_err(|error| error.into_store(&self.path, action))
    }

    fn sqlite(&self, action: &str, source: rusqlite::Error) -> StoreError {
        StoreError::of_sqlite(&self.path, action, source)
    }

    /// Reads by `work`.
    pub(super) fn ask<T>(
        &self,
        action: &str,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        work(&self.connection).map_err(|source| self.sqlite(action, source))
    }

    fn one<T: rusqlite::types::FromSql>(
        &self,
        action: &str,
        sql: &str,
        params: impl Params,
    ) -> Result<Option<T>, StoreError> {
        self.connection
            .query_row(sql, params, |row| row.get(0))
            .optional()
            .map_err(|source| self.sqlite(action, source))
    }

    pub(super) fn many<T>(
        &self,
        table: &Table,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            statement
                .query_map(params, read)?
                .collect::<rusqlite::Result<Vec<T>>>()
        };
        rows().map_err(|source| self.sqlite(&format!("read {}", table.name), source))
    }

    /// Records from their JSON: the query gives (id, json).
    pub(super) fn records<T: DeserializeOwned>(
        &self,
        table: &'static Table,
        sql: &str,
        params: impl Params,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.many(table, sql, params, |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })?;
        rows.into_iter()
            .map(|(id, json)| {
                serde_json::from_str(&json).map_err(|source| StoreError::Unreadable {
                    store: self.shown(),
                    table: table.name,
                    id,
                    source,
                })
            })
            .collect()
    }

    fn count(&self, table: &Table) -> Result<u64, StoreError> {
        let count: Option<i64> = self.one(
            "count rows",
            &format!("SELECT count(*) FROM \"{}\"", table.name),
            [],
        )?;
        Ok(count.unwrap_or(0).unsigned_abs())
    }
}

pub(super) fn sum(parts: impl IntoIterator<Item = Changes>) -> Changes {
    parts
        .into_iter()
        .fold(Changes::default(), |sum, part| Changes {
            inserted: sum.inserted + part.inserted,
            updated: sum.updated + part.updated,
            removed: sum.removed + part.removed,
        })
}

impl Store for GeoPackage {
    fn put_regions(&mut self, zones: &[RegionZone]) -> Result<Changes, StoreError> {
        self.write("store watch regions", |transaction, now| {
            let mut writer = TableWriter::new(transaction, &schema::WATCH_REGIONS);
            for zone in zones {
                writer.put(records::region_zone(zone))?;
            }
            writer.remove_others(None)?;
            Ok(writer.finish(now)?)
        })
    }

    fn put_scene(&mut self, batch: &SceneBatch<'_>) -> Result<Changes, StoreError> {
        let scene_id = batch.scene.id.as_str();
        self.write(&format!("store scene {scene_id}"), |transaction, now| {
            let mut scenes = TableWriter::new(transaction, &schema::SCENES);
            scenes.put(records::scene(batch)?)?;
            let mut detections = TableWriter::new(transaction, &schema::DETECTIONS)
                .all_with("scene_id", scene_id)?;
            for (sequence, detection) in batch.detections.iter().enumerate() {
                detections.put(records::detection(detection, sequence)?)?;
            }
            detections.remove_others(Some(("scene_id", scene_id)))?;
            let mut contacts =
                TableWriter::new(transaction, &schema::CONTACTS).all_with("scene_id", scene_id)?;
            for contact in batch.contacts {
                contacts.put(records::contact(contact)?)?;
            }
            contacts.remove_others(Some(("scene_id", scene_id)))?;
            let mut journal = TableWriter::new(transaction, &schema::JOURNAL);
            journal.put(records::journal(&JournalEntry {
                input: batch.input.to_owned(),
                digest: batch.digest.to_owned(),
                outcome: Outcome::Done,
                message: String::new(),
            }))?;
            Ok(sum([
                scenes.finish(now)?,
                detections.finish(now)?,
                contacts.finish(now)?,
                journal.finish(now)?,
            ]))
        })
    }

    fn put_tracks(&mut self, source: &str, tracks: &[Track]) -> Result<Changes, StoreError> {
        self.write("store tracks", |transaction, now| {
            let mut writer =
                TableWriter::new(transaction, &schema::TRACKS).all_with("source", source)?;
            for track in tracks {
                writer.put(records::track(source, track))?;
            }
            writer.remove_others(Some(("source", source)))?;
            Ok(writer.finish(now)?)
        })
    }

    fn put_events(&mut self, source: &str, events: &[Event]) -> Result<Changes, StoreError> {
        self.write("store events", |transaction, now| {
            let mut writer =
                TableWriter::new(transaction, &schema::EVENTS).all_with("source", source)?;
            for event in events {
                writer.put(records::event(source, event)?)?;
            }
            writer.remove_others(Some(("source", source)))?;
            Ok(writer.finish(now)?)
        })
    }

    fn put_alerts(
        &mut self,
        alerts: &[Alert],
        outbox: &[OutboxEntry],
    ) -> Result<Changes, StoreError> {
        self.write("store alerts", |transaction, now| {
            super::live::add_alerts(transaction, (alerts, outbox), now)
        })
    }

    fn put_receipt(&mut self, receipt: &Receipt) -> Result<Changes, StoreError> {
        self.write("store a receipt", |transaction, now| {
            let mut writer = TableWriter::new(transaction, &schema::RECEIPTS);
            writer.add(records::receipt(receipt))?;
            Ok(writer.finish(now)?)
        })
    }

    fn put_journal(&mut self, entries: &[JournalEntry]) -> Result<Changes, StoreError> {
        self.write("store the journal", |transaction, now| {
            let mut writer = TableWriter::new(transaction, &schema::JOURNAL);
            for entry in entries {
                writer.put(records::journal(entry))?;
            }
            Ok(writer.finish(now)?)
        })
    }

    fn scene_digest(&self, scene_id: &str) -> Result<Option<String>, StoreError> {
        self.one(
            "read a scene's digest",
            "SELECT digest FROM scenes WHERE scene_id = ?1",
            [scene_id],
        )
    }

    fn scene(&self, scene_id: &str) -> Result<Option<SceneRecord>, StoreError> {
        let sql = "SELECT scene_id, json FROM scenes WHERE scene_id = ?1";
        Ok(self.records(&schema::SCENES, sql, [scene_id])?.pop())
    }

    fn scenes(&self) -> Result<Vec<SceneRecord>, StoreError> {
        self.records(
            &schema::SCENES,
            "SELECT scene_id, json FROM scenes ORDER BY scene_id",
            [],
        )
    }

    fn detections(&self, scene_id: &str) -> Result<Vec<Detection>, StoreError> {
        let sql = "SELECT detection_id, json FROM detections WHERE scene_id = ?1 ORDER BY sequence";
        self.records(&schema::DETECTIONS, sql, [scene_id])
    }

    fn contacts(&self, scene_id: &str) -> Result<Vec<Contact>, StoreError> {
        let sql = "SELECT contact_id, json FROM contacts WHERE scene_id = ?1 ORDER BY contact_id";
        self.records(&schema::CONTACTS, sql, [scene_id])
    }

    fn events(&self, source: &str) -> Result<Vec<Event>, StoreError> {
        let sql = "SELECT event_id, json FROM events WHERE source = ?1 ORDER BY datetime, event_id";
        self.records(&schema::EVENTS, sql, [source])
    }

    fn alerts(&self, revisions: Revisions) -> Result<Vec<Alert>, StoreError> {
        let sql = match revisions {
            Revisions::All => "SELECT alert_id, json FROM alerts ORDER BY alert_id, revision",
            Revisions::Latest => {
                "SELECT alert_id, json FROM alerts AS a WHERE revision =
                 (SELECT max(revision) FROM alerts AS b WHERE b.alert_id = a.alert_id) ORDER BY alert_id"
            }
        };
        self.records(&schema::ALERTS, sql, [])
    }

    fn alert(&self, alert_id: &str, revision: u32) -> Result<Option<Alert>, StoreError> {
        let sql = "SELECT alert_id, json FROM alerts WHERE alert_id = ?1 AND revision = ?2";
        Ok(self
            .records(&schema::ALERTS, sql, (alert_id, revision))?
            .pop())
    }

    fn undelivered(&self, audience: &str, channel: &str) -> Result<Vec<OutboxEntry>, StoreError> {
        let sql = "SELECT audience, message_id, alert_id, revision, media_type, file_name, bytes, trace_id FROM outbox AS o
                   WHERE audience = ?1 AND NOT EXISTS (SELECT 1 FROM receipts AS r WHERE r.audience = o.audience
                   AND r.message_id = o.message_id AND r.channel = ?2) ORDER BY fid";
        self.many(
            &schema::OUTBOX,
            sql,
            [audience, channel],
            records::read_outbox,
        )
    }

    fn receipts(&self) -> Result<Vec<Receipt>, StoreError> {
        let sql = "SELECT audience, message_id, channel, delivered, target, trace_id FROM receipts ORDER BY fid";
        self.many(&schema::RECEIPTS, sql, [], |row| {
            let delivered: String = row.get(3)?;
            Ok(Receipt {
                audience: row.get(0)?,
                message_id: row.get(1)?,
                channel: row.get(2)?,
                delivered: delivered
                    .parse()
                    .map_err(|error| unreadable_column(3, error))?,
                target: row.get(4)?,
                trace_id: row.get(5)?,
            })
        })
    }

    fn journal(&self) -> Result<Vec<JournalEntry>, StoreError> {
        let sql = "SELECT input, digest, outcome, message FROM journal ORDER BY input";
        self.many(&schema::JOURNAL, sql, [], |row| {
            let outcome: String = row.get(2)?;
            Ok(JournalEntry {
                input: row.get(0)?,
                digest: row.get(1)?,
                outcome: Outcome::named(&outcome),
                message: row.get(3)?,
            })
        })
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        Ok(Counts {
            scenes: self.count(&schema::SCENES)?,
            detections: self.count(&schema::DETECTIONS)?,
            contacts: self.count(&schema::CONTACTS)?,
            tracks: self.count(&schema::TRACKS)?,
            events: self.count(&schema::EVENTS)?,
            alerts: self.count(&schema::ALERTS)?,
            watch_regions: self.count(&schema::WATCH_REGIONS)?,
            outbox: self.count(&schema::OUTBOX)?,
            receipts: self.count(&schema::RECEIPTS)?,
            journal: self.count(&schema::JOURNAL)?,
        })
    }
}

pub(super) fn unreadable_column(column: usize, error: jiff::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
}
