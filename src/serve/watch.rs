//! Follows the store: a thread that looks every few milliseconds whether another process committed, and a thread that
//! writes the audit.
//!
//! Looking costs one read of the file's header (SQLite's `data_version`), so that an alert is on its way to the streams
//! within [`EVERY`] of its commit without a message bus.

use super::ServeError;
use super::state::{Held, Snapshot, State};
use crate::encode::features::feature;
use crate::model::layer::ALERTS;
use crate::model::partner::AuditEntry;
use crate::store::{FeatureReader, GeoPackage, PartnerBook};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Time between two looks.
pub(super) const EVERY: Duration = Duration::from_millis(20);

/// Entries that are written together.
const AUDIT_BATCH: usize = 1000;

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
pub(super) fn first(store: &GeoPackage) -> Result<Snapshot, ServeError> {
    let mut snapshot = Snapshot::default();
    refresh(store, &mut snapshot)?;
    Ok(snapshot)
}

/// Brings the snapshot up to the store; gives the alerts that are new.
fn refresh(store: &GeoPackage, snapshot: &mut Snapshot) -> Result<Vec<Arc<Held>>, ServeError> {
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
pub(super) fn follow(state: &State, store: &GeoPackage, version: i64) {
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

fn step(state: &State, store: &GeoPackage, seen: &mut i64) -> Result<(), ServeError> {
    let version = store.data_version()?;
    if version == *seen {
        return Ok(());
    }
    let mut snapshot = (*state.snapshot()).clone();
    let new = refresh(store, &mut snapshot)?;
    state.put_snapshot(snapshot);
    for held in &new {
        // Without subscribers there is nobody to tell.
        let _ = state.stream.send(Published::of(held));
    }
    *seen = version;
    Ok(())
}

/// Writes the audit until the last sender is gone.
pub(super) fn keep_audit(
    path: &Path,
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
        if !batch.is_empty() {
            let stored =
                GeoPackage::open(path, clock()).and_then(|mut store| store.put_audit(&batch));
            if let Err(error) = stored {
                written.clear();
                tracing::error!(%error, entries = batch.len(), "The audit could not be written.");
            }
        }
        batch.clear();
    }
}
