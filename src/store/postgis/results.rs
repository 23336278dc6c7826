//! Scenes, detections, contacts, tracks, events, alerts and their messages in PostgreSQL.

use super::cells::{Cells, Misfit, text};
use super::session::{Fault, Session};
use super::writer::Put;
use super::{PostGis, schema as tables};
use crate::model::alert::Alert;
use crate::model::contact::Contact;
use crate::model::detection::Detection;
use crate::model::event::Event;
use crate::model::region::RegionZone;
use crate::model::scene::SceneRecord;
use crate::model::track::Track;
use crate::store::records::{self, alert_key};
use crate::store::schema::{self, Table};
use crate::store::sqlite::sum;
use crate::store::{
    Changes, Counts, JournalEntry, OutboxEntry, Outcome, Receipt, Revisions, SceneBatch, Store,
    StoreError,
};
use rusqlite::types::Value;

impl Store for PostGis {
    fn put_regions(&mut self, zones: &[RegionZone]) -> Result<Changes, StoreError> {
        self.write("store watch regions", |session, now| {
            let rows = zones.iter().map(records::region_zone).collect();
            Put::into(session, &schema::WATCH_REGIONS, now)
                .whole()
                .put(rows)
        })
    }

    fn put_scene(&mut self, batch: &SceneBatch<'_>) -> Result<Changes, StoreError> {
        let scene_id = batch.scene.id.as_str();
        let action = format!("store scene {scene_id}");
        self.ask(&action, |session| {
            let times = batch.detections.iter().filter_map(|d| d.time);
            tables::make_partitions(session, times)
        })?;
        self.write(&action, |session, now| {
            let scene = vec![records::scene(batch)?];
            let detections = batch.detections.iter().enumerate();
            let detections = detections
                .map(|(sequence, detection)| records::detection(detection, sequence))
                .collect::<Result<_, _>>()?;
            let contacts = batch.contacts.iter().map(records::contact);
            let contacts = contacts.collect::<Result<_, _>>()?;
            let journal = vec![records::journal(&JournalEntry {
                input: batch.input.to_owned(),
                digest: batch.digest.to_owned(),
                outcome: Outcome::Done,
                message: String::new(),
            })];
            Ok(sum([
                Put::into(session, &schema::SCENES, now).put(scene)?,
                Put::into(session, &schema::DETECTIONS, now)
                    .whole_where("scene_id", scene_id)
                    .put(detections)?,
                Put::into(session, &schema::CONTACTS, now)
                    .whole_where("scene_id", scene_id)
                    .put(contacts)?,
                Put::into(session, &schema::JOURNAL, now).put(journal)?,
            ]))
        })
    }

    fn put_tracks(&mut self, source: &str, tracks: &[Track]) -> Result<Changes, StoreError> {
        self.write("store tracks", |session, now| {
            let rows = tracks.iter().map(|track| records::track(source, track));
            Put::into(session, &schema::TRACKS, now)
                .whole_where("source", source)
                .put(rows.collect())
        })
    }

    fn put_events(&mut self, source: &str, events: &[Event]) -> Result<Changes, StoreError> {
        self.write("store events", |session, now| {
            let rows = events.iter().map(|event| records::event(source, event));
            Put::into(session, &schema::EVENTS, now)
                .whole_where("source", source)
                .put(rows.collect::<Result<_, _>>()?)
        })
    }

    fn put_alerts(
        &mut self,
        alerts: &[Alert],
        outbox: &[OutboxEntry],
    ) -> Result<Changes, StoreError> {
        self.write("store alerts", |session, now| {
            add_alerts(session, (alerts, outbox), now)
        })
    }

    fn put_receipt(&mut self, receipt: &Receipt) -> Result<Changes, StoreError> {
        self.write("store a receipt", |session, now| {
            Put::into(session, &schema::RECEIPTS, now).add(vec![records::receipt(receipt)])
        })
    }

    fn put_journal(&mut self, entries: &[JournalEntry]) -> Result<Changes, StoreError> {
        self.write("store the journal", |session, now| {
            Put::into(session, &schema::JOURNAL, now)
                .put(entries.iter().map(records::journal).collect())
        })
    }

    fn scene_digest(&self, scene_id: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT digest FROM scenes WHERE scene_id = $1";
        let mut found = self.many(&schema::SCENES, sql, &[text(scene_id)], |row| row.text(0))?;
        Ok(found.pop())
    }

    fn scene(&self, scene_id: &str) -> Result<Option<SceneRecord>, StoreError> {
        let sql = "SELECT scene_id, json FROM scenes WHERE scene_id = $1";
        Ok(self.records(&schema::SCENES, sql, &[text(scene_id)])?.pop())
    }

    fn scenes(&self) -> Result<Vec<SceneRecord>, StoreError> {
        let sql = "SELECT scene_id, json FROM scenes ORDER BY scene_id";
        self.records(&schema::SCENES, sql, &[])
    }

    fn detections(&self, scene_id: &str) -> Result<Vec<Detection>, StoreError> {
        let sql = "SELECT detection_id, json FROM detections WHERE scene_id = $1 ORDER BY sequence";
        self.records(&schema::DETECTIONS, sql, &[text(scene_id)])
    }

    fn contacts(&self, scene_id: &str) -> Result<Vec<Contact>, StoreError> {
        let sql = "SELECT contact_id, json FROM contacts WHERE scene_id = $1 ORDER BY contact_id";
        self.records(&schema::CONTACTS, sql, &[text(scene_id)])
    }

    fn events(&self, source: &str) -> Result<Vec<Event>, StoreError> {
        let sql = "SELECT event_id, json FROM events WHERE source = $1 ORDER BY datetime, event_id";
        self.records(&schema::EVENTS, sql, &[text(source)])
    }

    fn alerts(&self, revisions: Revisions) -> Result<Vec<Alert>, StoreError> {
        let sql = match revisions {
            Revisions::All => "SELECT alert_id, json FROM alerts ORDER BY alert_id, revision",
            Revisions::Latest => {
                "SELECT DISTINCT ON (alert_id) alert_id, json FROM alerts ORDER BY alert_id, revision DESC"
            }
        };
        self.records(&schema::ALERTS, sql, &[])
    }

    fn alert(&self, alert_id: &str, revision: u32) -> Result<Option<Alert>, StoreError> {
        let sql = "SELECT alert_id, json FROM alerts WHERE alert_id = $1 AND revision = $2";
        let key = [text(alert_id), Value::Integer(revision.into())];
        Ok(self.records(&schema::ALERTS, sql, &key)?.pop())
    }

    fn undelivered(&self, audience: &str, channel: &str) -> Result<Vec<OutboxEntry>, StoreError> {
        let sql = "SELECT audience, message_id, alert_id, revision, media_type, file_name, bytes, trace_id FROM outbox AS o
                   WHERE audience = $1 AND NOT EXISTS (SELECT 1 FROM receipts AS r WHERE r.audience = o.audience
                   AND r.message_id = o.message_id AND r.channel = $2) ORDER BY fid";
        self.many(
            &schema::OUTBOX,
            sql,
            &[text(audience), text(channel)],
            read_outbox,
        )
    }

    fn receipts(&self) -> Result<Vec<Receipt>, StoreError> {
        let sql = "SELECT audience, message_id, channel, delivered, target, trace_id FROM receipts ORDER BY fid";
        self.many(&schema::RECEIPTS, sql, &[], |row| {
            Ok(Receipt {
                audience: row.text(0)?,
                message_id: row.text(1)?,
                channel: row.text(2)?,
                delivered: row.time(3)?,
                target: row.text(4)?,
                trace_id: row.text(5)?,
            })
        })
    }

    fn journal(&self) -> Result<Vec<JournalEntry>, StoreError> {
        let sql = "SELECT input, digest, outcome, message FROM journal ORDER BY input";
        self.many(&schema::JOURNAL, sql, &[], |row| {
            Ok(JournalEntry {
                input: row.text(0)?,
                digest: row.text(1)?,
                outcome: Outcome::named(&row.text(2)?),
                message: row.text(3)?,
            })
        })
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        self.ask("count rows", |session| {
            let mut count = |table: &Table| -> Result<u64, Fault> {
                let sql = format!("SELECT count(*) FROM \"{}\"", table.name);
                let found = session.one(&sql, &[])?;
                Ok(found.map_or(Ok(0), |row| row.whole(0))?.unsigned_abs())
            };
            Ok(Counts {
                scenes: count(&schema::SCENES)?,
                detections: count(&schema::DETECTIONS)?,
                contacts: count(&schema::CONTACTS)?,
                tracks: count(&schema::TRACKS)?,
                events: count(&schema::EVENTS)?,
                alerts: count(&schema::ALERTS)?,
                watch_regions: count(&schema::WATCH_REGIONS)?,
                outbox: count(&schema::OUTBOX)?,
                receipts: count(&schema::RECEIPTS)?,
                journal: count(&schema::JOURNAL)?,
            })
        })
    }
}

/// Adds alert revisions and their messages.
pub(super) fn add_alerts(
    session: &mut Session,
    (alerts, outbox): (&[Alert], &[OutboxEntry]),
    now: &str,
) -> Result<Changes, Fault> {
    let rows = alerts.iter().map(records::alert);
    let alerts = Put::into(session, &schema::ALERTS, now).add_unedited(
        rows.collect::<Result<_, _>>()?,
        &|values| match values {
            [Value::Text(id), Value::Integer(revision), ..] => {
                alert_key(id, u32::try_from(*revision).unwrap_or(u32::MAX))
            }
            _ => String::new(),
        },
    )?;
    let rows = outbox.iter().map(records::outbox);
    let messages =
        Put::into(session, &schema::OUTBOX, now).add_unedited(rows.collect(), &|values| {
            match values {
                [Value::Text(audience), Value::Text(message), ..] => {
                    format!("{message} for {audience}")
                }
                _ => String::new(),
            }
        })?;
    Ok(sum([alerts, messages]))
}

/// An outbox entry from its columns in the table's order.
pub(super) fn read_outbox(row: &Cells) -> Result<OutboxEntry, Misfit> {
    Ok(OutboxEntry {
        audience: row.text(0)?,
        message_id: row.text(1)?,
        alert_id: row.text(2)?,
        revision: row.small(3)?,
        media_type: row.text(4)?,
        file_name: row.text(5)?,
        bytes: row.bytes(6)?,
        trace_id: row.text(7)?,
    })
}
