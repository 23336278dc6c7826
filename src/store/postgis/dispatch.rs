//! Partners' channels and what became of each message on them, in PostgreSQL.

use super::PostGis;
use super::books::must_be_known;
use super::cells::{Cells, Misfit, text};
use super::results::read_outbox;
use super::schema::SENDER_LOCK;
use super::session::{Fault, Session};
use super::writer::Put;
use crate::model::channel::{Channel, ChannelState, Dispatch, DispatchState};
use crate::model::partner::AuditEntry;
use crate::store::dispatch::{BEHIND, CHANNELS, DISPATCH, DISPATCHES, ENTRY, SEQUENCE};
use crate::store::records::{self, date_time};
use crate::store::sqlite::sum;
use crate::store::{
    Changes, DispatchBook, EXPIRED, Lane, Queued, Receipt, Replay, StoreError, Which, schema,
};
use rusqlite::types::Value;
use std::collections::BTreeMap;

impl DispatchBook for PostGis {
    fn claim_sending(&mut self) -> Result<bool, StoreError> {
        if !self.sends {
            let sql = format!("SELECT pg_try_advisory_lock({SENDER_LOCK})");
            self.sends = self.ask("claim the place of the sender", |session| {
                let taken = session.one(&sql, &[])?;
                Ok(taken.map_or(Ok(0), |row| row.whole(0))? == 1)
            })?;
        }
        Ok(self.sends)
    }

    fn put_channel(&mut self, channel: &Channel) -> Result<Changes, StoreError> {
        self.write("store a channel", |session, now| {
            must_be_known(session, &channel.partner)?;
            let row = records::channel(channel)?;
            let changes = Put::into(session, &CHANNELS, now).put(vec![row])?;
            if changes.inserted > 0 {
                withhold_expired(session, channel, now)?;
            }
            Ok(changes)
        })
    }

    fn pause_channel(&mut self, seen: &Channel, reason: &str) -> Result<Changes, StoreError> {
        self.write("pause a channel", |session, now| {
            let sql = "SELECT json FROM channels WHERE partner_id = $1 AND channel = $2";
            let stored = session.one(sql, &[text(&seen.partner), text(&seen.id)])?;
            let stored = stored.map(|row| row.text(0)).transpose()?;
            let is_as_seen = |json: String| {
                serde_json::from_str::<Channel>(&json).is_ok_and(|stored| stored == *seen)
            };
            if !stored.is_some_and(is_as_seen) {
                return Ok(Changes::default());
            }
            let paused = records::channel(&Channel {
                state: ChannelState::Paused(reason.to_owned()),
                ..seen.clone()
            })?;
            Put::into(session, &CHANNELS, now).put(vec![paused])
        })
    }

    fn remove_channel(&mut self, partner: &str, id: &str) -> Result<Changes, StoreError> {
        self.write("remove a channel", |session, now| {
            Put::into(session, &CHANNELS, now).remove(&[vec![text(partner), text(id)]])
        })
    }

    fn channels(&self) -> Result<Vec<Channel>, StoreError> {
        let sql = "SELECT channel, json FROM channels ORDER BY partner_id, channel";
        self.records(&CHANNELS, sql, &[])
    }

    fn queued(&self, lane: &Lane<'_>, limit: usize) -> Result<Vec<Queued>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = |after| {
            [
                text(lane.partner),
                text(lane.channel),
                Value::Integer(after),
                Value::Integer(limit),
            ]
        };
        let waiting = format!(
            "SELECT {ENTRY}, {DISPATCH} FROM dispatches AS d
             JOIN outbox AS o ON o.audience = d.partner_id AND o.message_id = d.message_id
             WHERE d.partner_id = $1 AND d.channel = $2 AND d.state = 'waiting'
             AND o.fid > $3 ORDER BY o.fid LIMIT $4"
        );
        let mut queued = self.many(&DISPATCHES, &waiting, &values(lane.from), |row| {
            Ok(Queued {
                sequence: row.whole(SEQUENCE)?,
                entry: read_outbox(row)?,
                dispatch: Some(read_dispatch(row, BEHIND)?),
            })
        })?;
        let fresh = format!(
            "SELECT {ENTRY} FROM outbox AS o WHERE o.audience = $1 AND o.fid > $3
             AND NOT EXISTS (SELECT 1 FROM dispatches AS d WHERE d.partner_id = o.audience
                             AND d.message_id = o.message_id AND d.channel = $2)
             ORDER BY o.fid LIMIT $4"
        );
        let after = values(lane.after.max(lane.from));
        queued.extend(self.many(&schema::OUTBOX, &fresh, &after, |row| {
            Ok(Queued {
                sequence: row.whole(SEQUENCE)?,
                entry: read_outbox(row)?,
                dispatch: None,
            })
        })?);
        queued.sort_by_key(|queued| queued.sequence);
        queued.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(queued)
    }

    fn reopen_withheld(&mut self, partner: &str, channel: &str) -> Result<Changes, StoreError> {
        let sql = "UPDATE dispatches SET state = 'waiting' WHERE partner_id = $1 AND channel = $2
                   AND state = 'withheld' AND answer <> $3";
        self.write("ask for withheld messages", |session, _| {
            Ok(Changes {
                updated: session.execute(sql, &[text(partner), text(channel), text(EXPIRED)])?,
                ..Changes::default()
            })
        })
    }

    fn put_dispatches(&mut self, dispatches: &[Dispatch]) -> Result<Changes, StoreError> {
        self.write("store dispatches", |session, now| {
            let (mut receipts, mut audit) = (Vec::new(), Vec::new());
            for dispatch in dispatches {
                let (DispatchState::Delivered, Some(time)) =
                    (dispatch.state, dispatch.last_attempt)
                else {
                    continue;
                };
                receipts.push(records::receipt(&Receipt {
                    audience: dispatch.partner.clone(),
                    message_id: dispatch.message_id.clone(),
                    channel: dispatch.channel.clone(),
                    delivered: time,
                    target: dispatch.target.clone(),
                    trace_id: dispatch.trace_id.clone(),
                }));
                let sql =
                    "SELECT alert_id, revision FROM outbox WHERE audience = $1 AND message_id = $2";
                let key = [text(&dispatch.partner), text(&dispatch.message_id)];
                // Without a row the reading of the first column fails, as it must.
                let row = session.one(sql, &key)?.unwrap_or(Cells(Vec::new()));
                audit.push(records::audit(&AuditEntry {
                    audience: dispatch.partner.clone(),
                    alert_id: row.text(0)?,
                    revision: row.small(1)?,
                    exit: format!("channel:{}", dispatch.channel),
                    time,
                    key_id: None,
                }));
            }
            let rows = dispatches.iter().map(records::dispatch).collect();
            Ok(sum([
                Put::into(session, &DISPATCHES, now).put(rows)?,
                Put::into(session, &schema::RECEIPTS, now).add(receipts)?,
                Put::into(session, &schema::AUDIT, now).add(audit)?,
            ]))
        })
    }

    fn standing(&self) -> Result<Vec<(DispatchState, u64)>, StoreError> {
        let sql = "SELECT coalesce(d.state, 'waiting'), count(*) FROM channels AS c
                   JOIN outbox AS o ON o.audience = c.partner_id
                   LEFT JOIN dispatches AS d ON d.partner_id = c.partner_id AND d.message_id = o.message_id
                   AND d.channel = c.channel GROUP BY 1";
        let counted: BTreeMap<String, i64> = self
            .many(&DISPATCHES, sql, &[], |row| {
                Ok((row.text(0)?, row.whole(1)?))
            })?
            .into_iter()
            .collect();
        let count =
            |state: DispatchState| counted.get(state.as_str()).map_or(0, |n| n.unsigned_abs());
        Ok(DispatchState::ALL
            .map(|state| (state, count(state)))
            .to_vec())
    }

    fn dispatches(&self, states: &[DispatchState]) -> Result<Vec<Dispatch>, StoreError> {
        // At least one value, as a list must have, and one that is no state.
        let values: Vec<Value> = std::iter::once("")
            .chain(states.iter().map(|state| state.as_str()))
            .map(text)
            .collect();
        let marks: Vec<String> = (1..=values.len()).map(|n| format!("${n}")).collect();
        let sql = format!(
            "SELECT {DISPATCH} FROM dispatches AS d WHERE d.state IN ({}) ORDER BY d.fid",
            marks.join(", ")
        );
        self.many(&DISPATCHES, &sql, &values, |row| read_dispatch(row, 0))
    }

    fn replay(&mut self, replay: &Replay<'_>) -> Result<u64, StoreError> {
        let (condition, value) = match replay.which {
            Which::Failed => ("d.state = 'failed' AND $2::text = ''", String::new()),
            Which::Alert(id) => ("o.alert_id = $2", id.to_owned()),
            Which::Unexpired(now) => (
                "EXISTS (SELECT 1 FROM alerts AS a WHERE a.alert_id = o.alert_id
                 AND a.revision = o.revision AND a.expires > $2)",
                date_time(now),
            ),
        };
        let mut copied = 0;
        let again = format!(
            "UPDATE dispatches SET state = 'waiting', attempts = 0, refusals = 0, next_attempt = NULL,
             latency_ms = NULL, answer = 'to be sent again'
             WHERE fid IN (SELECT d.fid FROM dispatches AS d
               JOIN outbox AS o ON o.audience = d.partner_id AND o.message_id = d.message_id
               WHERE d.partner_id = $1 AND ($3::text IS NULL OR d.channel = $3) AND {condition})"
        );
        let changes = self.write("replay messages", |session, _| {
            must_be_known(session, replay.partner)?;
            copied = match replay.which {
                Which::Failed => 0,
                _ => copy_missing(session, replay.partner, (condition, &value))?,
            };
            let channel = replay.channel.map_or(Value::Null, text);
            let updated =
                session.execute(&again, &[text(replay.partner), text(&value), channel])?;
            Ok(Changes {
                inserted: copied,
                updated,
                ..Changes::default()
            })
        })?;
        Ok(copied + changes.updated)
    }
}

/// Queues for a partner what meets the condition (on `o`, with `$2`) and only others got; gives the count.
fn copy_missing(
    session: &mut Session,
    partner: &str,
    (condition, value): (&str, &str),
) -> Result<u64, Fault> {
    let sql = format!(
        "INSERT INTO outbox (audience, message_id, alert_id, revision, media_type, file_name, bytes, trace_id)
         SELECT $1::text, message_id, alert_id, revision, media_type, file_name, bytes, trace_id FROM
          (SELECT DISTINCT ON (o.message_id) o.* FROM outbox AS o WHERE {condition} AND NOT EXISTS
            (SELECT 1 FROM outbox AS later WHERE later.audience = $1::text AND later.alert_id = o.alert_id
             AND (later.revision > o.revision OR later.message_id = o.message_id))
           ORDER BY o.message_id, o.fid) AS found
         ORDER BY fid"
    );
    Ok(session.execute(&sql, &[text(partner), text(value)])?)
}

/// Sets aside, for a channel that is new, the messages of its partner that have expired by `now`.
fn withhold_expired(session: &mut Session, channel: &Channel, now: &str) -> Result<(), Fault> {
    let sql = "SELECT o.message_id FROM outbox AS o JOIN alerts AS a ON a.alert_id = o.alert_id
               AND a.revision = o.revision WHERE o.audience = $1 AND a.expires <= $2 ORDER BY o.fid";
    let mut rows = Vec::new();
    for row in session.query(sql, &[text(&channel.partner), text(now)])? {
        rows.push(records::dispatch(&Dispatch {
            state: DispatchState::Withheld,
            answer: EXPIRED.to_owned(),
            ..Dispatch::untried(channel, &row.text(0)?)
        }));
    }
    // A channel that was there before under this name keeps what became of its messages.
    Put::into(session, &DISPATCHES, now).add(rows)?;
    Ok(())
}

/// A dispatch from [`DISPATCH`], whose first column is `first`.
fn read_dispatch(row: &Cells, first: usize) -> Result<Dispatch, Misfit> {
    let state = row.text(first + 3)?;
    let known = DispatchState::ALL
        .into_iter()
        .find(|known| known.as_str() == state)
        .ok_or_else(|| row.misfit(first + 3, "a dispatch's state"))?;
    Ok(Dispatch {
        partner: row.text(first)?,
        message_id: row.text(first + 1)?,
        channel: row.text(first + 2)?,
        state: known,
        attempts: row.small(first + 4)?,
        last_attempt: row.optional_time(first + 5)?,
        next_attempt: row.optional_time(first + 6)?,
        latency_ms: row.optional_whole(first + 7)?.map(i64::unsigned_abs),
        answer: row.text(first + 8)?,
        trace_id: row.text(first + 9)?,
        target: row.text(first + 10)?,
        refusals: row.small(first + 11)?,
    })
}
