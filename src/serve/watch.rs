//! Follows the store: a thread that looks every few milliseconds whether another process committed, and a thread that
//! writes the audit.
//!
//! Looking costs one read of the file's header or of one row of the database, so that an alert is on its way to the streams
//! within [`EVERY`] of its commit without a message bus.

use super::ServeError;
use super::state::{Held, Snapshot, State};
use crate::encode::features::feature;
use crate::model::layer::ALERTS;
use crate::model::partner::AuditEntry;
use crate::store::{Changes, Store, StoreAddress, StoreError, open};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Time between two looks.
pub(super) const EVERY: Duration = Duration::from_millis(20);

/// Entries that are written together.
const AUDIT_BATCH: usize = 1000;

/// Attempts to write entries before they are lost, and the time between two.
const AUDIT_ATTEMPTS: u32 = 5;
const AUDIT_PAUSE: Duration = Duration::from_secs(1);

/// Entries remembered as written, so that a poll every half minute does not ask the store again.
const AUDIT_REMEMBERED: usize = 200_000;

/// An alert on its way to the streams, its text made once for all of them.
#[derive(Debug, Clone)]
pub(super) struct Published {
    pub(super) held: Arc<Held>,
    pub(super) data: Arc<str>,
}

impl Published {
    pub(super) fn of(held: &Arc<Held>) -> Self {
        Self {
            held: held.clone(),
            data: feature(&ALERTS, &held.row).to_string().into(),
        }
    }
}

/// Reads the small tables for the first time.
pub(super) fn first(store: &dyn Store) -> Result<Snapshot, ServeError> {
    let mut snapshot = Snapshot::default();
    refresh(store, &mut snapshot)?;
    Ok(snapshot)
}

/// Brings the snapshot up to the store; gives the alerts that are new.
fn refresh(store: &dyn Store, snapshot: &mut Snapshot) -> Result<Vec<Arc<Held>>, ServeError> {
    let new = store.alerts_after(snapshot.last_sequence())?;
    snapshot.groups = store.region_groups()?.into_iter().collect();
    snapshot.partners = store
        .partners()?
        .into_iter()
        .map(|partner| (partner.id.clone(), Arc::new(partner)))
        .collect();
    snapshot.keys = store
        .keys()?
        .into_iter()
        .map(|key| (key.sha256.clone(), Arc::new(key)))
        .collect();
    Ok(new
        .into_iter()
        .map(|(sequence, alert)| snapshot.add(sequence, alert))
        .collect())
}

/// Follows the store until the server ends. A store that fails is told once and asked again.
pub(super) fn follow(state: &State, store: &dyn Store, version: i64) {
    let mut seen = version;
    let mut failing = false;
    while !*state.ending.borrow() {
        std::thread::sleep(EVERY);
        match step(state, store, &mut seen) {
            Ok(()) => failing = false,
            Err(error) if !failing => {
                failing = true;
                metrics::counter!("mda_store_failures_total").increment(1);
                tracing::error!(%error, cause = ?std::error::Error::source(&error), "The store cannot be followed; new alerts wait.");
            }
            Err(_) => {}
        }
    }
}

fn step(state: &State, store: &dyn Store, seen: &mut i64) -> Result<(), ServeError> {
    let version = store.data_version()?;
    if version == *seen {
        return Ok(());
    }
    let before = state.snapshot();
    let mut snapshot = (*before).clone();
    let new = refresh(store, &mut snapshot)?;
    // Most commits are the audit's and the outbox's: what the release rule said holds on.
    if !(new.is_empty() && snapshot.has_tables_of(&before)) {
        state.put_snapshot(snapshot);
    }
    for held in &new {
        // Without subscribers there is nobody to tell.
        let _ = state.stream.send(Published::of(held));
    }
    *seen = version;
    Ok(())
}

/// Writes the audit until the last sender is gone.
pub(super) fn keep_audit(
    address: &StoreAddress,
    clock: super::Clock,
    mut entries: mpsc::Receiver<AuditEntry>,
) {
    let mut written: HashSet<[String; 4]> = HashSet::new();
    let mut batch = Vec::with_capacity(AUDIT_BATCH);
    while entries.blocking_recv_many(&mut batch, AUDIT_BATCH) > 0 {
        if written.len() > AUDIT_REMEMBERED {
            written.clear();
        }
        batch.retain(|entry| {
            written.insert([
                entry.audience.clone(),
                entry.alert_id.clone(),
                entry.revision.to_string(),
                entry.exit.clone(),
            ])
        });
        let stored =
            batch.is_empty() || persist(AUDIT_PAUSE, || open(address, clock())?.put_audit(&batch));
        if !stored {
            written.clear();
            tracing::error!(entries = batch.len(), "Entries of the audit are lost.");
        }
        batch.clear();
    }
}

/// Writes until it succeeds, [`AUDIT_ATTEMPTS`] times at most; false if it never did. Each attempt waits for a busy store
/// by itself, too.
fn persist(pause: Duration, mut write: impl FnMut() -> Result<Changes, StoreError>) -> bool {
    for attempt in 1..=AUDIT_ATTEMPTS {
        match write() {
            Ok(_) => return true,
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%error, cause, attempt, "The audit could not be written.");
            }
        }
        std::thread::sleep(pause);
    }
    false
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::super::testing::clock;
    use super::*;
    use crate::store::{GeoPackage, PartnerBook};

    fn entry(alert_id: &str) -> AuditEntry {
        AuditEntry {
            audience: "a".into(),
            alert_id: alert_id.into(),
            revision: 1,
            exit: "rss".into(),
            time: clock(),
            key_id: None,
        }
    }

    #[test]
    fn the_audit_is_written_once_the_store_can_be_and_nothing_of_it_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.gpkg");
        let mended = path.clone();
        std::fs::write(&path, "No store yet, and too long to be an empty file.").unwrap();
        let mender = std::thread::spawn(move || {
            std::thread::sleep(AUDIT_PAUSE / 2);
            std::fs::remove_file(&mended).unwrap();
            GeoPackage::open(&mended, clock()).unwrap();
        });
        let (sender, entries) = mpsc::channel(10);
        sender.try_send(entry("one")).unwrap();
        sender.try_send(entry("two")).unwrap();
        drop(sender);
        keep_audit(&StoreAddress::from(path.clone()), clock, entries);
        mender.join().unwrap();
        let store = GeoPackage::open(&path, clock()).unwrap();
        assert_eq!(store.audit().unwrap(), [entry("one"), entry("two")]);
    }

    #[test]
    fn a_store_that_never_opens_is_given_up_in_the_end() {
        let mut attempts = 0;
        let stored = persist(Duration::ZERO, || {
            attempts += 1;
            Err(StoreError::Interrupted("test".into()))
        });
        assert_eq!((stored, attempts), (false, AUDIT_ATTEMPTS));
    }
}
