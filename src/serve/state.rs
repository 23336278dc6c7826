//! What every request reads: the alerts, partners and keys as they last stood in the store, and connections to the rest.
//!
//! Alerts are held in memory, so that the release rule can be asked of each for every reader; scenes, detections,
//! contacts, tracks and outlines are read from the store page by page.

use super::ServeError;
use super::access::{Limiter, Reader, Seats};
use super::watch::Published;
use crate::encode::CapSender;
use crate::encode::features::alert_row;
use crate::model::alert::{Alert, MessageType};
use crate::model::layer::FeatureRow;
use crate::model::partner::{AuditEntry, Partner, PartnerKey};
use crate::model::release::{Audience, release};
use crate::store::{Store, StoreAddress, StoreError, open};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::sync::{Semaphore, broadcast, mpsc, watch};

/// The clock: a server outlives any one reading.
pub type Clock = fn() -> Timestamp;

/// Connections to the store that requests share.
const CONNECTIONS: usize = 8;

/// An alert revision as it is served.
#[derive(Debug)]
pub(super) struct Held {
    /// Its place in the order of storing. Never shown: gaps would tell of alerts that are withheld.
    pub(super) sequence: i64,
    pub(super) alert: Alert,
    pub(super) row: FeatureRow,
}

/// The store's small tables at one moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Snapshot {
    /// Shared between snapshots until an alert comes: commits without one, such as the audit's, copy nothing.
    book: Arc<Book>,
    /// Region to group.
    pub(super) groups: HashMap<String, String>,
    pub(super) partners: HashMap<String, Arc<Partner>>,
    /// By SHA-256.
    pub(super) keys: HashMap<String, Arc<PartnerKey>>,
    released: Released,
}

/// Alerts as one audience may have them, by time and id.
type Chosen = Arc<[Arc<Held>]>;

/// What the release rule said of all alerts of this snapshot, audience by audience: it follows from alert, audience and
/// groups alone, and those do not change within a snapshot. A copy of the snapshot, about to change, begins anew.
#[derive(Debug, Default)]
struct Released(Mutex<Vec<(Audience, Chosen)>>);

impl Clone for Released {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// Audiences whose alerts are remembered.
const MOST_REMEMBERED: usize = 256;

#[derive(Debug, Clone, Default)]
struct Book {
    /// Every revision in the order of storing.
    alerts: Vec<Arc<Held>>,
    /// Newest revision by alert.
    latest: BTreeMap<Arc<str>, Arc<Held>>,
    /// By CAP identifier, `<alert id>.r<revision>`.
    by_identifier: HashMap<Arc<str>, Arc<Held>>,
}

impl Snapshot {
    pub(super) fn add(&mut self, sequence: i64, alert: Alert) -> Arc<Held> {
        let row = alert_row(&alert);
        let held = Arc::new(Held {
            sequence,
            alert,
            row,
        });
        self.released = Released::default();
        let book = Arc::make_mut(&mut self.book);
        book.alerts.push(held.clone());
        let identifier = held.row.id.as_str().into();
        book.by_identifier.insert(identifier, held.clone());
        let newest = book
            .latest
            .entry(held.alert.id.as_str().into())
            .or_insert_with(|| held.clone());
        if newest.alert.revision <= held.alert.revision {
            *newest = held.clone();
        }
        held
    }

    /// True if partners, keys and groups are the same.
    pub(super) fn has_tables_of(&self, other: &Self) -> bool {
        self.groups == other.groups && self.partners == other.partners && self.keys == other.keys
    }

    pub(super) fn last_sequence(&self) -> i64 {
        self.book.alerts.last().map_or(0, |held| held.sequence)
    }

    /// Every revision that was stored after this one, in the order of storing.
    pub(super) fn after(&self, held: &Held) -> impl Iterator<Item = &Arc<Held>> {
        let start = self
            .book
            .alerts
            .partition_point(|other| other.sequence <= held.sequence);
        self.book.alerts[start..].iter()
    }

    /// The release rule.
    pub(super) fn may_have(&self, reader: &Reader, alert: &Alert) -> bool {
        release(alert, &reader.audience, |id| self.groups.get(id).cloned()).is_ok()
    }

    /// A revision by CAP identifier, if it is released to the reader.
    pub(super) fn released(&self, reader: &Reader, identifier: &str) -> Option<&Arc<Held>> {
        self.book
            .by_identifier
            .get(identifier)
            .filter(|held| self.may_have(reader, &held.alert))
    }

    /// The newest revision of each alert whose newest revision is released to the reader, by time and id.
    pub(super) fn newest(&self, reader: &Reader) -> Chosen {
        let known = self.released.0.lock();
        let mut known = known.unwrap_or_else(PoisonError::into_inner);
        let found = known
            .iter()
            .find(|(audience, _)| *audience == reader.audience);
        if let Some((_, chosen)) = found {
            return chosen.clone();
        }
        let mut chosen: Vec<Arc<Held>> = self
            .book
            .latest
            .values()
            .filter(|held| self.may_have(reader, &held.alert))
            .cloned()
            .collect();
        chosen.sort_by(|a, b| {
            let (first, second) = (a.row.values[0].as_str(), b.row.values[0].as_str());
            first.cmp(&second).then_with(|| a.row.id.cmp(&b.row.id))
        });
        let chosen = Chosen::from(chosen);
        if known.len() == MOST_REMEMBERED {
            known.clear();
        }
        known.push((reader.audience.clone(), chosen.clone()));
        chosen
    }

    /// Those of them that are neither withdrawn nor expired, newest first.
    pub(super) fn active(&self, reader: &Reader, now: Timestamp) -> Vec<Arc<Held>> {
        let newest = self.newest(reader);
        let mut active: Vec<_> = newest
            .iter()
            .filter(|held| {
                held.alert.message_type != MessageType::Cancel && now < held.alert.expires
            })
            .cloned()
            .collect();
        active.sort_by(|a, b| (b.alert.sent, &b.row.id).cmp(&(a.alert.sent, &a.row.id)));
        active
    }

    /// True if the alert lies in the region or group called `name`.
    pub(super) fn lies_in(&self, alert: &Alert, name: &str) -> bool {
        alert.regions.iter().any(|hit| {
            hit.region_id == name
                || self
                    .groups
                    .get(&hit.region_id)
                    .is_some_and(|group| group == name)
        })
    }

    /// True if there is a region or group called `name`.
    pub(super) fn is_region(&self, name: &str) -> bool {
        !name.is_empty()
            && (self.groups.contains_key(name) || self.groups.values().any(|group| group == name))
    }
}

/// What all requests share.
pub(super) struct State {
    pub(super) public_url: String,
    /// The folder of the store: what a run wrote beside it has paths from here.
    pub(super) files: PathBuf,
    pub(super) sender: CapSender,
    pub(super) clock: Clock,
    pub(super) limiter: Limiter,
    pub(super) seats: Arc<Seats>,
    pub(super) stream: broadcast::Sender<Published>,
    pub(super) audit: mpsc::Sender<AuditEntry>,
    /// True once the server is asked to end.
    pub(super) ending: watch::Receiver<bool>,
    pub(super) snapshot: RwLock<Arc<Snapshot>>,
    pub(super) pool: Arc<Pool>,
}

impl State {
    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        let guard = self.snapshot.read();
        guard.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn put_snapshot(&self, snapshot: Snapshot) {
        let guard = self.snapshot.write();
        *guard.unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Notes that a reader was given these revisions by an exit.
    pub(super) async fn given(&self, reader: &Reader, exit: &str, alerts: &[&Alert]) {
        let now = self.now();
        for alert in alerts {
            let entry = AuditEntry {
                audience: reader.audience.id.clone(),
                alert_id: alert.id.clone(),
                revision: alert.revision,
                exit: exit.to_owned(),
                time: now,
                key_id: reader.key.as_ref().map(|key| key.id.clone()),
            };
            // The writer ends only after the last request.
            if self.audit.send(entry).await.is_err() {
                tracing::error!(exit, "What was given could not be noted in the audit.");
            }
        }
    }
}

/// Connections to the store, opened when first needed.
pub(super) struct Pool {
    address: StoreAddress,
    clock: Clock,
    idle: Mutex<Vec<Box<dyn Store>>>,
    permits: Arc<Semaphore>,
}

impl Pool {
    pub(super) fn new(address: StoreAddress, clock: Clock) -> Self {
        Self {
            address,
            clock,
            idle: Mutex::new(Vec::new()),
            permits: Arc::new(Semaphore::new(CONNECTIONS)),
        }
    }

    /// Asks the store off the network's threads. A reader that goes away leaves its question, and the permit stays with
    /// that until it is answered.
    pub(super) async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&dyn Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, ServeError> {
        let stopped = |action: &str| ServeError::Stopped {
            action: action.to_owned(),
        };
        let permits = self.permits.clone();
        let permit = permits
            .acquire_owned()
            .await
            .or(Err(stopped("wait for a connection to the store")))?;
        let pool = self.clone();
        tokio::task::spawn_blocking(move || {
            let idle = pool
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop();
            let store = match idle {
                Some(store) => store,
                None => open(&pool.address, (pool.clock)())?,
            };
            let answer = work(store.as_ref());
            pool.idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(store);
            drop(permit);
            Ok(answer?)
        })
        .await
        .or(Err(stopped("read the store")))?
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::super::testing::clock;
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    #[tokio::test]
    async fn questions_that_nobody_waits_for_still_count_as_connections() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.gpkg");
        let address = StoreAddress::from(path);
        open(&address, clock()).unwrap();
        let pool = Arc::new(Pool::new(address, clock));
        let begun = Arc::new(AtomicUsize::new(0));
        let (let_go, held) = std::sync::mpsc::channel::<()>();
        let held = Arc::new(Mutex::new(held));
        for _ in 0..3 * CONNECTIONS {
            let (begun, held) = (begun.clone(), held.clone());
            let question = pool.ask(move |_| {
                begun.fetch_add(1, Ordering::SeqCst);
                let _ = held.lock().map(|held| held.recv());
                Ok(())
            });
            let waited = tokio::time::timeout(Duration::from_millis(30), question).await;
            assert!(waited.is_err(), "the reader goes away");
        }
        // Fewer on a machine so slow that some have not begun.
        assert!(begun.load(Ordering::SeqCst) <= CONNECTIONS);
        drop(let_go);
        pool.ask(|_| Ok(())).await.unwrap();
        assert!(pool.idle.lock().unwrap().len() <= CONNECTIONS);
    }
}
