//! Batches of live AIS → recent tracks, alerts and outages in the store, one transaction a batch.
//!
//! The rules on tracks are asked again for every ship of which something new was heard; the life cycle of alerts keeps what
//! receivers do not know yet. What stands in the store after a batch is all that a new start needs: the tracks, and for each ship what
//! its forgotten reports had come to.

use super::memory;
use super::{Heard, LiveBatch, LiveError, LiveReport, LiveSettings, counters};
use crate::ais::{Changed, RecentTracks};
use crate::alert::{AlertContext, Past, TrackRules, cancel, revise};
use crate::model::alert::{Alert, MessageType};
use crate::model::outage::{Outage, OutageCause};
use crate::model::track::Track;
use crate::model::units::Mmsi;
use crate::pipeline::plan::Plan;
use crate::pipeline::{alarm, run};
use crate::store::{
    LiveFeed, LiveRows, LiveShip, OutboxEntry, Store, StoreAddress, StoreError, open,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Shortest time between two revisions of an alert: a beacon tells a new place every few seconds.
const REVISE_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// Wait before a store that failed is asked again.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// Why an alert is withdrawn when its reports are still at hand and its rule is silent.
const NO_LONGER: &str = "With what was heard since, the rule no longer fires.";

/// Why listening could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A feed cannot be listened to.
    #[error(transparent)]
    Feed(#[from] LiveError<Infallible>),
}

/// Listens to the feeds of a plan until `shutdown` is set, and keeps tracks, alerts and outages in the store at `address`.
///
/// A store that fails later is asked again every second while feeds wait; what was heard is not lost by it.
///
/// # Errors
///
/// If the store cannot be opened, an address not be listened at, or a key not be had.
pub fn listen(
    plan: &Plan,
    address: &StoreAddress,
    clock: fn() -> Timestamp,
    shutdown: &Arc<AtomicBool>,
) -> Result<LiveReport, ListenError> {
    let Some(settings) = &plan.file.live else {
        return Ok(LiveReport::default());
    };
    let now = clock();
    let mut store = open(address, now)?;
    store.put_regions(&run::zones(&plan.regions))?;
    let since = last_outages(settings, store.as_mut(), now)?;
    let mut desk = Desk::new(plan, store, shutdown.clone());
    desk.restore(now)?;
    desk.write_folders(now);
    let report = super::run(settings, &since, &clock, shutdown, |batch| {
        desk.take(batch, clock());
        Ok(())
    })?;
    Ok(report)
}

/// Outages that last when listening begins: those that were open, and from each feed's last message the time in which the
/// program did not listen. One of a feed that is not listened to any more ends now.
fn last_outages(
    settings: &LiveSettings,
    store: &mut dyn Store,
    now: Timestamp,
) -> Result<Vec<Outage>, StoreError> {
    let known = store.outages(now, Timestamp::MAX)?;
    let (mut since, mut ended): (Vec<Outage>, Vec<Outage>) = known
        .into_iter()
        .filter(|outage| outage.end.is_none())
        .partition(|outage| settings.sources.iter().any(|s| s.id == outage.source));
    for outage in &mut ended {
        outage.end = Some(now.max(outage.start));
    }
    let feeds = store.live_feeds()?;
    for source in &settings.sources {
        counters::up(&source.id, false);
        let is_open = since.iter().any(|outage| outage.source == source.id);
        let feed = feeds.iter().find(|feed| feed.source == source.id);
        if let (false, Some(feed)) = (is_open, feed) {
            since.push(Outage {
                source: source.id.clone(),
                start: feed.last_message,
                end: None,
                cause: OutageCause::Stopped,
            });
        }
    }
    since.iter().for_each(counters::outage);
    ended.extend(since.iter().cloned());
    store.put_live(&LiveRows {
        outages: &ended,
        ..LiveRows::default()
    })?;
    Ok(since)
}

/// Everything between two batches.
struct Desk<'a> {
    plan: &'a Plan,
    rules: TrackRules<'a>,
    recent: RecentTracks,
    ships: HashMap<(Mmsi, u32), Known>,
    /// Ships that were forgotten since the last batch.
    gone: Vec<(Mmsi, u32)>,
    store: Box<dyn Store>,
    shutdown: Arc<AtomicBool>,
}

/// A ship that rules have looked at.
#[derive(Default)]
struct Known {
    past: Past,
    /// Newest revision of each alert that its reports at hand gave.
    told: BTreeMap<String, Alert>,
}

/// Alerts that receivers do not know yet.
#[derive(Default)]
struct Fresh {
    alerts: Vec<Alert>,
    /// The ship of each.
    ships: Vec<(Mmsi, u32)>,
    outbox: Vec<OutboxEntry>,
}

impl Known {
    fn is_blank(&self) -> bool {
        self.past == Past::default() && self.told.is_empty()
    }
}

impl<'a> Desk<'a> {
    fn new(plan: &'a Plan, store: Box<dyn Store>, shutdown: Arc<AtomicBool>) -> Self {
        Self {
            plan,
            rules: TrackRules::new(&plan.file.rules, &plan.regions),
            recent: RecentTracks::new(plan.file.ais_gap_minutes * 60.0),
            ships: HashMap::new(),
            gone: Vec::new(),
            store,
            shutdown,
        }
    }

    /// Takes up again what was remembered.
    fn restore(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let mut tracks = Vec::new();
        for text in self.store.live_memories()? {
            match memory::read(&text) {
                Ok((track, past)) => {
                    tracks.push((track.clone(), past.end()));
                    let known = Known {
                        past,
                        told: BTreeMap::new(),
                    };
                    self.ships.insert((track.mmsi, track.part), known);
                }
                Err(error) => {
                    tracing::warn!(%error, "What was remembered of a ship cannot be read.");
                }
            }
        }
        let ships = tracks.len();
        self.recent.restore(tracks);
        self.forget(now);
        tracing::info!(ships, "Live listening goes on from the ships in the store.");
        Ok(())
    }

    fn take(&mut self, batch: LiveBatch, now: Timestamp) {
        let begun = Instant::now();
        let mut feeds: BTreeMap<String, Timestamp> = BTreeMap::new();
        for heard in batch.heard {
            counters::heard(&heard);
            let Heard {
                source,
                last_message,
                reception,
            } = heard;
            if reception.messages > 0 {
                feeds.insert(source, last_message);
            }
            let fates = self
                .recent
                .take(reception, now, &|place| self.rules.side(place));
            counters::fates(&fates);
        }
        batch.outages.iter().for_each(counters::outage);
        let feeds: Vec<LiveFeed> = feeds
            .into_iter()
            .map(|(source, last_message)| LiveFeed {
                source,
                last_message,
            })
            .collect();
        let changed = self.recent.changed();
        self.keep(&changed, (&feeds, &batch.outages), now);
        self.forget(now);
        counters::batch(self.recent.len(), begun.elapsed());
    }

    /// Stores a batch, however often that fails, until all is to stop.
    fn keep(
        &mut self,
        changed: &Changed,
        (feeds, outages): (&[LiveFeed], &[Outage]),
        now: Timestamp,
    ) {
        let ships = self.rows(changed);
        self.gone.extend(&changed.gone);
        let gone = std::mem::take(&mut self.gone);
        for ship in &gone {
            self.ships.remove(ship);
        }
        loop {
            let stopping = self.shutdown.load(Ordering::Relaxed);
            let stored = self.alerts(changed, now).and_then(|fresh| {
                let changes = self.store.put_live(&LiveRows {
                    ships: &ships,
                    gone: &gone,
                    feeds,
                    outages,
                    alerts: &fresh.alerts,
                    outbox: &fresh.outbox,
                });
                changes.map(|_| fresh)
            });
            match stored {
                Ok(fresh) => return self.told(fresh, now),
                // Another process has told of the same matter meanwhile.
                Err(StoreError::RevisionTaken { .. }) if !stopping => {
                    for known in self.ships.values_mut() {
                        known.told.clear();
                    }
                }
                Err(error) if stopping => {
                    tracing::error!(%error, "What was heard last could not be stored.");
                    return;
                }
                Err(error) => {
                    metrics::counter!("mda_store_failures_total").increment(1);
                    tracing::error!(%error, "What was heard cannot be stored; trying again.");
                    std::thread::sleep(STORE_PAUSE);
                }
            }
        }
    }

    fn rows(&self, changed: &Changed) -> Vec<LiveShip> {
        let nothing = Past::default();
        let row = |track: &Track| {
            let known = self.ships.get(&(track.mmsi, track.part));
            let past = known.map_or(&nothing, |known| &known.past);
            let memory = memory::write(track, past).ok()?;
            let track = track.clone();
            Some(LiveShip { track, memory })
        };
        changed.tracks.iter().filter_map(row).collect()
    }

    /// Alerts that receivers do not know yet, with their messages.
    fn alerts(&mut self, changed: &Changed, now: Timestamp) -> Result<Fresh, StoreError> {
        let mut fresh = Fresh::default();
        for track in &changed.tracks {
            let key = (track.mmsi, track.part);
            if !self.rules.concerns(track) && self.ships.get(&key).is_none_or(Known::is_blank) {
                continue;
            }
            let mut known = self.ships.remove(&key).unwrap_or_default();
            let found = self.of_ship(track, &mut known, now);
            self.ships.insert(key, known);
            let found = found?;
            fresh.ships.extend(found.iter().map(|_| key));
            fresh.alerts.extend(found);
        }
        if fresh.alerts.is_empty() {
            return Ok(fresh);
        }
        let partners = self.store.partners()?;
        match alarm::messages(self.plan, &fresh.alerts, &partners) {
            Ok(outbox) => Ok(Fresh { outbox, ..fresh }),
            Err(error) => {
                let alerts = fresh.alerts.len();
                tracing::error!(%error, alerts, "Alerts could not be signed and are not sent.");
                Ok(Fresh::default())
            }
        }
    }

    /// The same for one ship.
    fn of_ship(
        &mut self,
        track: &Track,
        known: &mut Known,
        now: Timestamp,
    ) -> Result<Vec<Alert>, StoreError> {
        let context = AlertContext {
            status: self.plan.file.status,
            now,
            scenes: &[],
        };
        let seen = self.rules.alerts(track, &known.past, &context);
        let mut fresh = Vec::new();
        let end = known.past.end();
        // What rests on reports that are forgotten stands as it was told.
        known.told.retain(|id, alert| {
            seen.iter().any(|seen| seen.id == *id) || end.is_none_or(|end| alert.observed > end)
        });
        let silent = known.told.iter().filter(|(id, alert)| {
            let is_seen = seen.iter().any(|seen| seen.id == **id);
            !is_seen && alert.message_type != MessageType::Cancel && alert.expires > now
        });
        for (id, _) in silent {
            let revisions = self.store.alert_revisions(id)?;
            fresh.extend(cancel(id, &revisions, NO_LONGER, now));
        }
        for alert in seen {
            fresh.extend(self.revised((track.mmsi, alert), known, now)?);
        }
        Ok(fresh)
    }

    /// The revision that an alert needs, if any; one that follows too soon is looked at again later.
    fn revised(
        &mut self,
        (mmsi, alert): (Mmsi, Alert),
        known: &mut Known,
        now: Timestamp,
    ) -> Result<Option<Alert>, StoreError> {
        let id = alert.id.clone();
        if !known.told.contains_key(&id)
            && let Some(latest) = self.store.alert_revisions(&id)?.pop()
        {
            known.told.insert(id.clone(), latest);
        }
        let Some(latest) = known.told.get(&id) else {
            return Ok(Some(alert));
        };
        if revise(vec![alert.clone()], std::slice::from_ref(latest)).is_empty() {
            return Ok(None);
        }
        if now.duration_since(latest.sent) < REVISE_EVERY {
            self.recent.ask_again(mmsi);
            return Ok(None);
        }
        let revisions = self.store.alert_revisions(&id)?;
        Ok(revise(vec![alert], &revisions).pop())
    }

    /// Remembers what was told, and writes it to the folders of the plan.
    fn told(&mut self, fresh: Fresh, now: Timestamp) {
        if fresh.alerts.is_empty() {
            return;
        }
        for (ship, alert) in fresh.ships.into_iter().zip(fresh.alerts) {
            let (id, kind) = (&alert.id, alert.kind.as_str());
            tracing::info!(alert = %id, revision = alert.revision, kind, "Alert stored.");
            let known = self.ships.entry(ship).or_default();
            known.told.insert(alert.id.clone(), alert);
        }
        self.write_folders(now);
    }

    fn write_folders(&mut self, now: Timestamp) {
        let (_, failed) = alarm::deliver(self.plan, self.store.as_mut(), now);
        for failure in failed {
            tracing::error!(reason = %failure.reason, "Messages could not be written to a folder.");
        }
    }

    /// Lets go of what is old, and of ships that nothing is held of.
    fn forget(&mut self, now: Timestamp) {
        let (rules, ships, gone) = (&self.rules, &mut self.ships, &mut self.gone);
        self.recent.forget(now, &mut |forgotten| {
            let key = (forgotten.track.mmsi, forgotten.track.part);
            if forgotten.is_gone {
                ships.remove(&key);
                gone.push(key);
                return;
            }
            rules.forget(&mut ships.entry(key).or_default().past, &forgotten.track);
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#[path = "desk_tests.rs"]
mod tests;
