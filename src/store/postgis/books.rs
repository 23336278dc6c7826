//! Partners, their keys and the audit, and what live listening keeps, in PostgreSQL.

use super::PostGis;
use super::cells::text;
use super::results::add_alerts;
use super::session::{Fault, Session};
use super::writer::Put;
use crate::model::alert::Alert;
use crate::model::outage::Outage;
use crate::model::partner::{AuditEntry, Partner, PartnerKey};
use crate::store::live::{
    FEEDS, OUTAGES, SHIPS, cause_named, feed_row, key_of, outage_row, ship_row,
};
use crate::store::records::{self, date_time};
use crate::store::sqlite::sum;
use crate::store::{
    Changes, LIVE_SOURCE, LiveBook, LiveFeed, LiveRows, PartnerBook, StoreError, dispatch, schema,
};
use jiff::Timestamp;

impl PartnerBook for PostGis {
    fn put_partner(&mut self, partner: &Partner) -> Result<Changes, StoreError> {
        self.write("store a partner", |session, now| {
            Put::into(session, &schema::PARTNERS, now).put(vec![records::partner(partner)?])
        })
    }

    fn remove_partner(&mut self, id: &str) -> Result<Changes, StoreError> {
        self.write("remove a partner", |session, now| {
            let mut parts = Vec::new();
            for table in [
                &dispatch::CHANNELS,
                &schema::PARTNER_KEYS,
                &schema::PARTNERS,
            ] {
                let put = Put::into(session, table, now).whole_where("partner_id", id);
                parts.push(put.put(Vec::new())?);
            }
            Ok(sum(parts))
        })
    }

    fn put_key(&mut self, key: &PartnerKey) -> Result<Changes, StoreError> {
        self.write("store a partner's key", |session, now| {
            must_be_known(session, &key.partner)?;
            Put::into(session, &schema::PARTNER_KEYS, now).put(vec![records::partner_key(key)?])
        })
    }

    fn put_audit(&mut self, entries: &[AuditEntry]) -> Result<Changes, StoreError> {
        self.write("store the audit", |session, now| {
            Put::into(session, &schema::AUDIT, now)
                .add(entries.iter().map(records::audit).collect())
        })
    }

    fn partners(&self) -> Result<Vec<Partner>, StoreError> {
        let sql = "SELECT partner_id, json FROM partners ORDER BY partner_id";
        self.records(&schema::PARTNERS, sql, &[])
    }

    fn keys(&self) -> Result<Vec<PartnerKey>, StoreError> {
        let sql = "SELECT key_id, json FROM partner_keys ORDER BY partner_id, created, key_id";
        self.records(&schema::PARTNER_KEYS, sql, &[])
    }

    fn audit(&self) -> Result<Vec<AuditEntry>, StoreError> {
        let sql = "SELECT audience, alert_id, revision, exit, time, key_id FROM audit ORDER BY fid";
        self.many(&schema::AUDIT, sql, &[], |row| {
            Ok(AuditEntry {
                audience: row.text(0)?,
                alert_id: row.text(1)?,
                revision: row.small(2)?,
                exit: row.text(3)?,
                time: row.time(4)?,
                key_id: row.optional_text(5)?,
            })
        })
    }
}

/// Refuses what is stored for a partner that is not there.
pub(super) fn must_be_known(session: &mut Session, partner: &str) -> Result<(), Fault> {
    let sql = "SELECT 1 FROM partners WHERE partner_id = $1";
    match session.one(sql, &[text(partner)])? {
        Some(_) => Ok(()),
        None => Err(StoreError::UnknownPartner {
            partner: partner.to_owned(),
        }
        .into()),
    }
}

impl LiveBook for PostGis {
    fn put_live(&mut self, rows: &LiveRows<'_>) -> Result<Changes, StoreError> {
        self.write("store what was heard live", |session, now| {
            let tracks = rows.ships.iter().map(|ship| &ship.track);
            let tracks = tracks.map(|track| records::track(LIVE_SOURCE, track));
            let gone: Vec<_> = rows.gone.iter().map(|ship| key_of(*ship)).collect();
            let gone_tracks = gone
                .iter()
                .map(|key| [&[text(LIVE_SOURCE)], key.as_slice()].concat())
                .collect::<Vec<_>>();
            let gone = gone.iter().map(|key| key.to_vec()).collect::<Vec<_>>();
            Ok(sum([
                Put::into(session, &schema::TRACKS, now)
                    .widening()
                    .put(tracks.collect())?,
                Put::into(session, &SHIPS, now).put(rows.ships.iter().map(ship_row).collect())?,
                Put::into(session, &schema::TRACKS, now).remove(&gone_tracks)?,
                Put::into(session, &SHIPS, now).remove(&gone)?,
                Put::into(session, &FEEDS, now).put(rows.feeds.iter().map(feed_row).collect())?,
                Put::into(session, &OUTAGES, now)
                    .put(rows.outages.iter().map(outage_row).collect())?,
                add_alerts(session, (rows.alerts, rows.outbox), now)?,
            ]))
        })
    }

    fn live_memories(&self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT json FROM live_ships ORDER BY mmsi, part";
        self.many(&SHIPS, sql, &[], |row| row.text(0))
    }

    fn live_feeds(&self) -> Result<Vec<LiveFeed>, StoreError> {
        let sql = "SELECT source, last_message FROM live_feeds ORDER BY source";
        self.many(&FEEDS, sql, &[], |row| {
            Ok(LiveFeed {
                source: row.text(0)?,
                last_message: row.time(1)?,
            })
        })
    }

    fn outages(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Outage>, StoreError> {
        let sql = "SELECT source, start_time, end_time, cause FROM outages
                   WHERE start_time <= $2 AND coalesce(end_time, $1) >= $1 ORDER BY start_time, source";
        let span = [text(&date_time(from)), text(&date_time(to))];
        self.many(&OUTAGES, sql, &span, |row| {
            Ok(Outage {
                source: row.text(0)?,
                start: row.time(1)?,
                end: row.optional_time(2)?,
                cause: cause_named(&row.text(3)?),
            })
        })
    }

    fn alert_revisions(&self, alert_id: &str) -> Result<Vec<Alert>, StoreError> {
        let sql = "SELECT alert_id, json FROM alerts WHERE alert_id = $1 ORDER BY revision";
        self.records(&schema::ALERTS, sql, &[text(alert_id)])
    }
}
