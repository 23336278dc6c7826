//! The outbox loop: new messages in the store in, messages at partners out, for as long as it is asked to.
//!
//! A watcher asks the store every [`POLL`] whether another connection has committed (a look at one page of the file, or at
//! one row of the database), so that alerts of another process are noticed. One task a channel works its queue off. Killed at any moment and
//! started again, the loop sends again what has no stored acknowledgement: at least once, under the same id.

use super::lane::{LaneState, Rest, Work};
use super::sender::Sender;
use super::shared::Shared;
use super::tls;
use super::webhook::AddressGuard;
use crate::model::channel::{Channel, ChannelState};
use crate::model::partner::Partner;
use crate::store::{Store, StoreError};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How often the store is asked for changes.
const POLL: Duration = Duration::from_millis(20);

/// How long to wait after the store failed.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// How long lanes that are to end may take for the messages they are at.
const FAREWELL: Duration = Duration::from_secs(2);

/// How the loop works.
#[derive(Debug, Clone)]
pub struct PushOptions {
    /// The clock.
    pub clock: fn() -> Timestamp,
    /// CloudEvents `source` of this node, a URI reference.
    pub source: String,
    /// What webhooks may reach.
    pub guard: AddressGuard,
    /// When to end by itself.
    pub ending: Ending,
}

/// When the loop ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Never: when it is asked to.
    Never,
    /// When nothing is due: what waits for a later attempt is left.
    Idle,
}

/// Why the loop did not start, or ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PushError {
    /// The store cannot be read.
    #[error("the store cannot be read")]
    Store(#[from] StoreError),
    /// Another process sends already.
    #[error("another process sends from this store; expected one at a time")]
    Taken,
}

/// Sends what waits on every partner's active channels until `shutdown` is done or the ending is reached.
///
/// Partners and channels that are added, changed, paused or removed meanwhile are followed.
///
/// # Errors
///
/// If the store cannot be read at the start, or another process sends from it. Later failures of the store are logged
/// and tried again; under [`Ending::Idle`] the first one ends the loop.
pub async fn run(
    mut store: Box<dyn Store>,
    options: PushOptions,
    shutdown: impl Future<Output = ()>,
) -> Result<(), PushError> {
    tls::use_ring();
    // Asked on a thread that may block, as everything after it is.
    let claimed =
        tokio::task::spawn_blocking(move || store.claim_sending().map(|claimed| (store, claimed)));
    let claimed = claimed.await;
    let (store, claimed) =
        claimed.map_err(|error| StoreError::Interrupted(error.to_string()))??;
    if !claimed {
        return Err(PushError::Taken);
    }
    let shared = Arc::new(Shared::new(store, options.clock, options.source));
    let mut watcher = Watcher {
        shared,
        guard: Arc::new(options.guard),
        ending: options.ending,
        seen: None,
        lanes: BTreeMap::new(),
        changes: watch::Sender::new(0),
    };
    watcher.look().await?;
    let watched = watcher.keep_looking(shutdown).await;
    end(watcher.lanes.into_values(), FAREWELL).await;
    Ok(watched?)
}

/// What a lane is made from; when it differs the lane is made anew.
#[derive(Clone, PartialEq)]
struct Settings {
    channel: Channel,
    partner: Partner,
    groups: Arc<BTreeMap<String, String>>,
}

struct RunningLane {
    settings: Settings,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

struct Watcher {
    shared: Arc<Shared>,
    guard: Arc<AddressGuard>,
    ending: Ending,
    /// The change counter when channels were last read.
    seen: Option<i64>,
    lanes: BTreeMap<(String, String), RunningLane>,
    changes: watch::Sender<u64>,
}

impl Watcher {
    /// Looks again and again, until `shutdown` is done or the ending is reached.
    async fn keep_looking(&mut self, shutdown: impl Future<Output = ()>) -> Result<(), StoreError> {
        tokio::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => return Ok(()),
                () = tokio::time::sleep(POLL) => {}
            }
            match self.look().await {
                Ok(()) => {}
                Err(error) if self.ending == Ending::Idle => return Err(error),
                Err(error) => {
                    tracing::error!(error = %causes(&error), "The store cannot be read; it is tried again.");
                    tokio::time::sleep(STORE_PAUSE).await;
                }
            }
            if self.is_finished() {
                return Ok(());
            }
        }
    }

    /// Asks for changes; if there are any, brings the lanes up to date and wakes them.
    async fn look(&mut self) -> Result<(), StoreError> {
        let seen = self.seen;
        let found = self
            .shared
            .with(move |store| {
                let counter = store.data_version()?;
                if seen == Some(counter) {
                    return Ok(None);
                }
                let found = (store.channels()?, store.partners()?, store.region_groups()?);
                Ok(Some((counter, found)))
            })
            .await?;
        let Some((counter, (channels, partners, groups))) = found else {
            return Ok(());
        };
        let groups: Arc<BTreeMap<String, String>> = Arc::new(groups.into_iter().collect());
        let mut wanted = BTreeMap::new();
        for channel in channels {
            let partner = partners.iter().find(|p| p.id == channel.partner);
            if let (ChannelState::Active, Some(partner)) = (&channel.state, partner) {
                let key = (channel.partner.clone(), channel.id.clone());
                let settings = Settings {
                    channel,
                    partner: partner.clone(),
                    groups: Arc::clone(&groups),
                };
                wanted.insert(key, settings);
            }
        }
        self.follow(wanted).await;
        self.seen = Some(counter);
        self.changes.send_modify(|count| *count += 1);
        Ok(())
    }

    async fn follow(&mut self, wanted: BTreeMap<(String, String), Settings>) {
        let old: Vec<(String, String)> = self
            .lanes
            .iter()
            .filter(|(key, lane)| {
                // A lane that paused itself has ended: it is made anew once an operator has resumed it.
                lane.task.is_finished() || wanted.get(key) != Some(&lane.settings)
            })
            .map(|(key, _)| key.clone())
            .collect();
        // One lane a channel: the old ones end before new ones begin.
        let old = old.iter().filter_map(|key| self.lanes.remove(key));
        end(old, FAREWELL).await;
        for (key, settings) in wanted {
            if !self.lanes.contains_key(&key)
                && let Some(lane) = self.start(settings)
            {
                self.lanes.insert(key, lane);
            }
        }
    }

    fn start(&self, settings: Settings) -> Option<RunningLane> {
        let sender = match Sender::new(&settings.channel, &self.guard) {
            Ok(sender) => sender,
            Err(cause) => {
                tracing::error!(partner = %settings.channel.partner, channel = %settings.channel.id,
                    cause, "The channel cannot be used.");
                return None;
            }
        };
        let (stop, stopped) = watch::channel(false);
        let state = LaneState::new(
            Work {
                channel: settings.channel.clone(),
                partner: settings.partner.clone(),
                groups: Arc::clone(&settings.groups),
                shared: Arc::clone(&self.shared),
            },
            sender,
        );
        let task = tokio::spawn(keep_working(
            state,
            stopped,
            self.changes.subscribe(),
            (self.ending, self.shared.clock),
        ));
        Some(RunningLane {
            settings,
            stop,
            task,
        })
    }

    fn is_finished(&self) -> bool {
        self.ending == Ending::Idle && self.lanes.values().all(|lane| lane.task.is_finished())
    }
}

/// Ends lanes, each after the message it is at, or after `farewell` if that takes long: the message is then sent again
/// later.
async fn end(lanes: impl Iterator<Item = RunningLane>, farewell: Duration) {
    let lanes: Vec<RunningLane> = lanes
        .inspect(|lane| {
            lane.stop.send_replace(true);
        })
        .collect();
    let deadline = Instant::now() + farewell;
    for mut lane in lanes {
        match tokio::time::timeout_at(deadline, &mut lane.task).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "A channel's task broke off."),
            Err(_) => lane.task.abort(),
        }
    }
}

async fn keep_working(
    mut lane: LaneState,
    mut stopped: watch::Receiver<bool>,
    mut changes: watch::Receiver<u64>,
    (ending, clock): (Ending, fn() -> Timestamp),
) {
    while !*stopped.borrow() {
        changes.mark_unchanged();
        let rest = match lane.work_off(&stopped).await {
            Ok(rest) => rest,
            Err(error) if ending == Ending::Idle => {
                tracing::error!(error = %causes(&error), "The store failed; the channel is left.");
                return;
            }
            Err(error) => {
                tracing::error!(error = %causes(&error), "The store failed; it is tried again.");
                tokio::time::sleep(STORE_PAUSE).await;
                continue;
            }
        };
        let due = match rest {
            Rest::Paused => return,
            Rest::Until(_) if ending == Ending::Idle => return,
            Rest::Until(due) => due,
        };
        tokio::select! {
            _ = stopped.changed() => {}
            _ = changes.changed() => {}
            () = sleep_until(due, clock) => {}
        }
    }
}

async fn sleep_until(due: Option<Timestamp>, clock: fn() -> Timestamp) {
    match due {
        Some(due) => {
            let left = Duration::try_from(due.duration_since(clock())).unwrap_or_default();
            tokio::time::sleep(left.max(Duration::from_millis(1))).await;
        }
        None => std::future::pending().await,
    }
}

/// An error and what caused it, in one line.
fn causes(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text.push_str(&format!(": {next}"));
        cause = next.source();
    }
    text
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
