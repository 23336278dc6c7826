//! Partners' channels and what became of each message on them, in the store's file.

use super::partners::must_be_known;
use super::records;
use super::rows::{TableWriter, WriteError, Written};
use super::schema::{self, Table};
use super::sqlite::{GeoPackage, sum, unreadable_column};
use super::{Changes, DispatchBook, EXPIRED, Lane, Queued, Receipt, Replay, StoreError, Which};
use crate::model::channel::{Channel, ChannelState, Dispatch, DispatchState};
use crate::model::partner::AuditEntry;
use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Row, Transaction, params_from_iter};
use std::collections::BTreeMap;

pub(super) static CHANNELS: Table = Table {
    name: "channels",
    description: "Ways in which messages leave for partners, secrets among them",
    geometry: None,
    key: 2,
    columns: &[
        ("partner_id", "TEXT"),
        ("channel", "TEXT"),
        ("kind", "TEXT"),
        ("target", "TEXT"),
        ("json", "TEXT"),
    ],
};

pub(super) static DISPATCHES: Table = Table {
    name: "dispatches",
    description: "What became of each message on each channel",
    geometry: None,
    key: 3,
    columns: &[
        ("partner_id", "TEXT"),
        ("message_id", "TEXT"),
        ("channel", "TEXT"),
        ("state", "TEXT"),
        ("attempts", "INTEGER"),
        ("last_attempt", "DATETIME"),
        ("next_attempt", "DATETIME"),
        ("latency_ms", "INTEGER"),
        ("answer", "TEXT"),
        ("trace_id", "TEXT"),
        ("target", "TEXT"),
        ("refusals", "INTEGER"),
    ],
};

/// Columns of a dispatch, for [`read_dispatch`].
pub(super) const DISPATCH: &str =
    "d.partner_id, d.message_id, d.channel, d.state, d.attempts, d.last_attempt, d.next_attempt,
                        d.latency_ms, d.answer, d.trace_id, d.target, d.refusals";
/// Columns of an outbox entry, for [`records::read_outbox`].
pub(super) const ENTRY: &str = "o.audience, o.message_id, o.alert_id, o.revision, o.media_type, o.file_name, o.bytes, o.trace_id, o.fid";
/// Place of the sequence number in [`ENTRY`], and of the first column behind it.
pub(super) const SEQUENCE: usize = 8;
pub(super) const BEHIND: usize = 9;

/// Messages of a lane that were tried or held back, by place: partner, channel, place, limit.
///
/// The partial index on open dispatches is used only where its own condition stands beside a narrower one, as SQLite does
/// not derive the one from the other; and `CROSS JOIN` keeps the outbox, which grows for ever, the inner table.
fn waiting() -> String {
    format!(
        "SELECT {ENTRY}, {DISPATCH} FROM dispatches AS d
         CROSS JOIN outbox AS o ON o.audience = d.partner_id AND o.message_id = d.message_id
         WHERE d.partner_id = ?1 AND d.channel = ?2 AND d.state IN ('waiting', 'withheld') AND d.state = 'waiting'
         AND o.fid > ?3 ORDER BY o.fid LIMIT ?4"
    )
}

/// Asks for withheld messages again, by partner, channel and the answer of those that stay; the index as in [`waiting`].
const REOPEN: &str =
    "UPDATE dispatches SET state = 'waiting' WHERE partner_id = ?1 AND channel = ?2
     AND state IN ('waiting', 'withheld') AND state = 'withheld' AND answer <> ?3";

impl DispatchBook for GeoPackage {
    fn claim_sending(&mut self) -> Result<bool, StoreError> {
        self.claim()
    }

    fn put_channel(&mut self, channel: &Channel) -> Result<Changes, StoreError> {
        self.write("store a channel", |transaction, now| {
            must_be_known(transaction, &channel.partner)?;
            let mut writer = TableWriter::new(transaction, &CHANNELS);
            if writer.put(records::channel(channel)?)? == Written::Inserted {
                withhold_expired(transaction, channel, now)?;
            }
            Ok(writer.finish(now)?)
        })
    }

    fn pause_channel(&mut self, seen: &Channel, reason: &str) -> Result<Changes, StoreError> {
        self.write("pause a channel", |transaction, now| {
            let stored: Option<String> = transaction
                .query_row(
                    "SELECT json FROM channels WHERE partner_id = ?1 AND channel = ?2",
                    [&seen.partner, &seen.id],
                    |row| row.get(0),
                )
                .optional()?;
            let is_as_seen = |json: String| {
                serde_json::from_str::<Channel>(&json).is_ok_and(|stored| stored == *seen)
            };
            let mut writer = TableWriter::new(transaction, &CHANNELS);
            if stored.is_some_and(is_as_seen) {
                writer.put(records::channel(&Channel {
                    state: ChannelState::Paused(reason.to_owned()),
                    ..seen.clone()
                })?)?;
            }
            Ok(writer.finish(now)?)
        })
    }

    fn remove_channel(&mut self, partner: &str, id: &str) -> Result<Changes, StoreError> {
        self.write("remove a channel", |transaction, _| {
            let removed = transaction.execute(
                "DELETE FROM channels WHERE partner_id = ?1 AND channel = ?2",
                [partner, id],
            )?;
            Ok(Changes {
                removed: removed as u64,
                ..Changes::default()
            })
        })
    }

    fn channels(&self) -> Result<Vec<Channel>, StoreError> {
        let sql = "SELECT channel, json FROM channels ORDER BY partner_id, channel";
        self.records(&CHANNELS, sql, [])
    }

    fn queued(&self, lane: &Lane<'_>, limit: usize) -> Result<Vec<Queued>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut queued = self.many(
            &DISPATCHES,
            &waiting(),
            (lane.partner, lane.channel, lane.from, limit),
            |row| {
                Ok(Queued {
                    sequence: row.get(SEQUENCE)?,
                    entry: records::read_outbox(row)?,
                    dispatch: Some(read_dispatch(row, BEHIND)?),
                })
            },
        )?;
        let fresh = format!(
            "SELECT {ENTRY} FROM outbox AS o WHERE o.audience = ?1 AND o.fid > ?3
             AND NOT EXISTS (SELECT 1 FROM dispatches AS d WHERE d.partner_id = o.audience
                             AND d.message_id = o.message_id AND d.channel = ?2)
             ORDER BY o.fid LIMIT ?4"
        );
        queued.extend(self.many(
            &schema::OUTBOX,
            &fresh,
            (lane.partner, lane.channel, lane.after.max(lane.from), limit),
            |row| {
                Ok(Queued {
                    sequence: row.get(SEQUENCE)?,
                    entry: records::read_outbox(row)?,
                    dispatch: None,
                })
            },
        )?);
        queued.sort_by_key(|queued| queued.sequence);
        queued.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(queued)
    }

    fn reopen_withheld(&mut self, partner: &str, channel: &str) -> Result<Changes, StoreError> {
        self.write("ask for withheld messages", |transaction, _| {
            let updated = transaction.execute(REOPEN, [partner, channel, EXPIRED])?;
            Ok(Changes {
                updated: updated as u64,
                ..Changes::default()
            })
        })
    }

    fn put_dispatches(&mut self, dispatches: &[Dispatch]) -> Result<Changes, StoreError> {
        self.write("store dispatches", |transaction, now| {
            let mut writer = TableWriter::new(transaction, &DISPATCHES);
            let mut receipts = TableWriter::new(transaction, &schema::RECEIPTS);
            let mut audit = TableWriter::new(transaction, &schema::AUDIT);
            for dispatch in dispatches {
                writer.put(records::dispatch(dispatch))?;
                let (DispatchState::Delivered, Some(time)) = (dispatch.state, dispatch.last_attempt)
                else {
                    continue;
                };
                receipts.add(records::receipt(&Receipt {
                    audience: dispatch.partner.clone(),
                    message_id: dispatch.message_id.clone(),
                    channel: dispatch.channel.clone(),
                    delivered: time,
                    target: dispatch.target.clone(),
                    trace_id: dispatch.trace_id.clone(),
                }))?;
                let (alert_id, revision) = transaction
                    .prepare_cached(
                        "SELECT alert_id, revision FROM outbox WHERE audience = ?1 AND message_id = ?2",
                    )?
                    .query_row([&dispatch.partner, &dispatch.message_id], |row| {
                        Ok((row.get(0)?, row.get(1)?))
                    })?;
                audit.add(records::audit(&AuditEntry {
                    audience: dispatch.partner.clone(),
                    alert_id,
                    revision,
                    exit: format!("channel:{}", dispatch.channel),
                    time,
                    key_id: None,
                }))?;
            }
            Ok(sum([
                writer.finish(now)?,
                receipts.finish(now)?,
                audit.finish(now)?,
            ]))
        })
    }

    fn standing(&self) -> Result<Vec<(DispatchState, u64)>, StoreError> {
        let sql = "SELECT ifnull(d.state, 'waiting'), count(*) FROM channels AS c
                   CROSS JOIN outbox AS o ON o.audience = c.partner_id
                   LEFT JOIN dispatches AS d ON d.partner_id = c.partner_id AND d.message_id = o.message_id
                   AND d.channel = c.channel GROUP BY 1";
        let counted: BTreeMap<String, i64> = self
            .many(&DISPATCHES, sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?
            .into_iter()
            .collect();
        let count =
            |state: DispatchState| counted.get(state.as_str()).map_or(0, |n| n.unsigned_abs());
        Ok(DispatchState::ALL
            .map(|state| (state, count(state)))
            .to_vec())
    }

    fn dispatches(&self, states: &[DispatchState]) -> Result<Vec<Dispatch>, StoreError> {
        let marks = vec!["?"; states.len()].join(", ");
        let sql = format!(
            "SELECT {DISPATCH} FROM dispatches AS d WHERE d.state IN ({marks}) ORDER BY d.fid"
        );
        let states = states.iter().map(|state| state.as_str());
        self.many(&DISPATCHES, &sql, params_from_iter(states), |row| {
            read_dispatch(row, 0)
        })
    }

    fn replay(&mut self, replay: &Replay<'_>) -> Result<u64, StoreError> {
        let (condition, value) = match replay.which {
            Which::Failed => ("d.state = 'failed' AND ?2 = ''", String::new()),
            Which::Alert(id) => ("o.alert_id = ?2", id.to_owned()),
            Which::Unexpired(now) => (
                "EXISTS (SELECT 1 FROM alerts AS a WHERE a.alert_id = o.alert_id
                 AND a.revision = o.revision AND a.expires > ?2)",
                records::date_time(now),
            ),
        };
        let mut copied = 0;
        let again = format!(
            "UPDATE dispatches SET state = 'waiting', attempts = 0, refusals = 0, next_attempt = NULL,
             latency_ms = NULL, answer = 'to be sent again'
             WHERE fid IN (SELECT d.fid FROM dispatches AS d
               JOIN outbox AS o ON o.audience = d.partner_id AND o.message_id = d.message_id
               WHERE d.partner_id = ?1 AND (?3 IS NULL OR d.channel = ?3) AND {condition})"
        );
        let changes = self.write("replay messages", |transaction, _| {
            must_be_known(transaction, replay.partner)?;
            if replay.which != Which::Failed {
                copied = copy_missing(transaction, replay.partner, (condition, &value))?;
            }
            let updated = transaction.execute(&again, (replay.partner, &value, replay.channel))?;
            Ok(Changes {
                updated: updated as u64,
                ..Changes::default()
            })
        })?;
        Ok(copied + changes.updated)
    }
}

/// Queues for a partner what meets the condition (on `o`, with `?2`) and only others got; gives the count.
fn copy_missing(
    transaction: &Transaction<'_>,
    partner: &str,
    (condition, value): (&str, &str),
) -> rusqlite::Result<u64> {
    let copied = transaction.execute(
        &format!(
            "INSERT OR IGNORE INTO outbox (audience, message_id, alert_id, revision, media_type, file_name, bytes, trace_id)
             SELECT ?1, o.message_id, o.alert_id, o.revision, o.media_type, o.file_name, o.bytes, o.trace_id
             FROM outbox AS o WHERE {condition} AND NOT EXISTS (SELECT 1 FROM outbox AS later
               WHERE later.audience = ?1 AND later.alert_id = o.alert_id AND later.revision > o.revision)
             GROUP BY o.message_id ORDER BY min(o.fid)"
        ),
        (partner, value),
    )?;
    Ok(copied as u64)
}

/// Sets aside, for a channel that is new, the messages of its partner that have expired by `now`.
fn withhold_expired(
    transaction: &Transaction<'_>,
    channel: &Channel,
    now: &str,
) -> Result<(), WriteError> {
    let expired: Vec<String> = transaction
        .prepare(
            "SELECT o.message_id FROM outbox AS o JOIN alerts AS a ON a.alert_id = o.alert_id
             AND a.revision = o.revision WHERE o.audience = ?1 AND a.expires <= ?2 ORDER BY o.fid",
        )?
        .query_map([&channel.partner, now], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut writer = TableWriter::new(transaction, &DISPATCHES);
    for message_id in expired {
        // A channel that was there before under this name keeps what became of its messages.
        writer.add(records::dispatch(&Dispatch {
            state: DispatchState::Withheld,
            answer: EXPIRED.to_owned(),
            ..Dispatch::untried(channel, &message_id)
        }))?;
    }
    writer.finish(now)?;
    Ok(())
}

/// A dispatch from [`DISPATCH`], whose first column is `first`.
fn read_dispatch(row: &Row<'_>, first: usize) -> rusqlite::Result<Dispatch> {
    let time = |column: usize| -> rusqlite::Result<Option<Timestamp>> {
        let text: Option<String> = row.get(column)?;
        text.map(|text| {
            text.parse()
                .map_err(|error| unreadable_column(column, error))
        })
        .transpose()
    };
    let state: String = row.get(first + 3)?;
    let known = DispatchState::ALL
        .into_iter()
        .find(|known| known.as_str() == state)
        .ok_or_else(|| {
            let cause = format!("{state:?} is not a dispatch's state").into();
            rusqlite::Error::FromSqlConversionFailure(first + 3, Type::Text, cause)
        })?;
    let latency: Option<i64> = row.get(first + 7)?;
    Ok(Dispatch {
        partner: row.get(first)?,
        message_id: row.get(first + 1)?,
        channel: row.get(first + 2)?,
        state: known,
        attempts: row.get(first + 4)?,
        last_attempt: time(first + 5)?,
        next_attempt: time(first + 6)?,
        latency_ms: latency.map(i64::unsigned_abs),
        answer: row.get(first + 8)?,
        trace_id: row.get(first + 9)?,
        target: row.get(first + 10)?,
        refusals: row.get(first + 11)?,
    })
}

#[cfg(test)]
#[path = "dispatch_tests.rs"]
mod tests;
