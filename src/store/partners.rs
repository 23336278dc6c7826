//! Partners, their keys and the audit of what they were given, in the store's file.

use super::records;
use super::rows::{TableWriter, WriteError};
use super::schema;
use super::sqlite::{GeoPackage, sum};
use super::{Changes, PartnerBook, StoreError};
use crate::model::partner::{AuditEntry, Partner, PartnerKey};
use jiff::Timestamp;
use rusqlite::Transaction;

impl PartnerBook for GeoPackage {
    fn put_partner(&mut self, partner: &Partner) -> Result<Changes, StoreError> {
        self.write("store a partner", |transaction, now| {
            let mut writer = TableWriter::new(transaction, &schema::PARTNERS);
            writer.put(records::partner(partner)?)?;
            Ok(writer.finish(now)?)
        })
    }

    fn remove_partner(&mut self, id: &str) -> Result<Changes, StoreError> {
        self.write("remove a partner", |transaction, now| {
            let mut parts = Vec::new();
            for (table, column) in [
                (&super::dispatch::CHANNELS, "partner_id"),
                (&schema::PARTNER_KEYS, "partner_id"),
                (&schema::PARTNERS, "partner_id"),
            ] {
                let mut writer = TableWriter::new(transaction, table);
                writer.remove_others(Some((column, id)))?;
                parts.push(writer.finish(now)?);
            }
            Ok(sum(parts))
        })
    }

    fn put_key(&mut self, key: &PartnerKey) -> Result<Changes, StoreError> {
        self.write("store a partner's key", |transaction, now| {
            must_be_known(transaction, &key.partner)?;
            let mut writer = TableWriter::new(transaction, &schema::PARTNER_KEYS);
            writer.put(records::partner_key(key)?)?;
            Ok(writer.finish(now)?)
        })
    }

    fn put_audit(&mut self, entries: &[AuditEntry]) -> Result<Changes, StoreError> {
        self.write("store the audit", |transaction, now| {
            let mut writer = TableWriter::new(transaction, &schema::AUDIT);
            for entry in entries {
                writer.add(records::audit(entry))?;
            }
            Ok(writer.finish(now)?)
        })
    }

    fn partners(&self) -> Result<Vec<Partner>, StoreError> {
        let sql = "SELECT partner_id, json FROM partners ORDER BY partner_id";
        self.records(&schema::PARTNERS, sql, [])
    }

    fn keys(&self) -> Result<Vec<PartnerKey>, StoreError> {
        let sql = "SELECT key_id, json FROM partner_keys ORDER BY partner_id, created, key_id";
        self.records(&schema::PARTNER_KEYS, sql, [])
    }

    fn audit(&self) -> Result<Vec<AuditEntry>, StoreError> {
        let sql = "SELECT audience, alert_id, revision, exit, time, key_id FROM audit ORDER BY fid";
        self.many(&schema::AUDIT, sql, [], |row| {
            let time: String = row.get(4)?;
            let time: Timestamp = time
                .parse()
                .map_err(|error| super::sqlite::unreadable_column(4, error))?;
            Ok(AuditEntry {
                audience: row.get(0)?,
                alert_id: row.get(1)?,
                revision: row.get(2)?,
                exit: row.get(3)?,
                time,
                key_id: row.get(5)?,
            })
        })
    }
}

/// Refuses what is stored for a partner that is not there.
pub(super) fn must_be_known(
    transaction: &Transaction<'_>,
    partner: &str,
) -> Result<(), WriteError> {
    let mut known = transaction.prepare_cached("SELECT 1 FROM partners WHERE partner_id = ?1")?;
    if known.exists([partner])? {
        return Ok(());
    }
    Err(StoreError::UnknownPartner {
        partner: partner.to_owned(),
    }
    .into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::super::samples::{Place, later, now, on_both_stores};
    use super::*;
    use crate::model::alert::Tlp;
    use crate::model::partner::Scope;
    use crate::model::release::Audience;

    fn partner(id: &str) -> Partner {
        Partner {
            id: id.into(),
            name: "Coast Guard 海上保安庁".into(),
            audience: Audience {
                id: id.into(),
                tlp: Tlp::Amber,
                regions: vec!["G".into()],
                rules: Vec::new(),
            },
            scopes: Scope::ALL.to_vec(),
        }
    }

    fn key(id: &str, partner: &str) -> PartnerKey {
        PartnerKey {
            id: id.into(),
            partner: partner.into(),
            sha256: "00".into(),
            scopes: vec![Scope::Alerts],
            created: now(),
            expires: later(),
            revoked: None,
        }
    }

    fn audit(revision: u32, time: Timestamp) -> AuditEntry {
        AuditEntry {
            audience: "a".into(),
            alert_id: "al-1".into(),
            revision,
            exit: "rss".into(),
            time,
            key_id: Some("k1".into()),
        }
    }

    on_both_stores!(
        partners_and_keys_are_read_back_and_a_removed_partner_takes_its_keys_along,
        the_audit_keeps_the_first_time_of_each_revision_and_exit,
    );

    fn partners_and_keys_are_read_back_and_a_removed_partner_takes_its_keys_along(place: &Place) {
        let mut store = place.open(now());
        for id in ["b", "a"] {
            store.put_partner(&partner(id)).unwrap();
            store.put_key(&key(&format!("k-{id}"), id)).unwrap();
        }
        assert_eq!(store.partners().unwrap(), [partner("a"), partner("b")]);
        let revoked = PartnerKey {
            revoked: Some(later()),
            ..key("k-b", "b")
        };
        store.put_key(&revoked).unwrap();
        assert_eq!(store.keys().unwrap(), [key("k-a", "a"), revoked]);
        assert_eq!(store.remove_partner("b").unwrap().removed, 2);
        assert!(store.remove_partner("b").unwrap().is_empty());
        assert_eq!(store.keys().unwrap(), [key("k-a", "a")]);
        let error = store.put_key(&key("k-b", "b")).unwrap_err();
        assert!(
            matches!(error, StoreError::UnknownPartner { .. }),
            "{error}"
        );
    }

    fn the_audit_keeps_the_first_time_of_each_revision_and_exit(place: &Place) {
        let mut store = place.open(now());
        store
            .put_audit(&[audit(1, now()), audit(2, now())])
            .unwrap();
        assert!(store.put_audit(&[audit(1, later())]).unwrap().is_empty());
        assert_eq!(store.audit().unwrap(), [audit(1, now()), audit(2, now())]);
    }
}
