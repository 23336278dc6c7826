//! Live AIS: feeds → batches of what was heard, and outages of feeds, until told to stop.
//!
//! [`run()`] is the one entry. Threads read bytes (`source`) into a bounded channel; the loop here cuts lines, decodes
//! them feed by feed (so that feeds never mix their multi-part messages), and hands a batch on when it is old or large. A
//! lost connection or a silent feed becomes an [`Outage`] from the last message heard before to the first one heard behind.

mod counters;
mod desk;
mod feed;
mod memory;
mod settings;
mod source;
mod watch;
mod websocket;

#[cfg(test)]
mod tests;

pub use desk::{ListenError, listen};
pub use settings::{LiveSettings, SourceKind, SourceSettings};

use crate::ais::Reception;
use crate::model::outage::Outage;
use feed::Feed;
use jiff::{SignedDuration, Timestamp};
use source::{Event, Link, What};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};
use watch::Watch;

/// Chunks of at most 64 KiB that wait for the loop: 2 MiB.
const WAITING_CHUNKS: usize = 32;
/// Reports and static data after which a batch is handed on however young it is.
const LARGE_BATCH: usize = 100_000;
/// Longest wait before the watchdogs look at the clock.
const LOOK: Duration = Duration::from_millis(100);
/// Shortest time between two batches that are handed on because of a beacon.
const URGENT: Duration = Duration::from_millis(100);
/// Longest wait, at the end, for what threads have read already.
const LAST_WORD: Duration = Duration::from_millis(10);

/// What was heard of one feed.
#[derive(Debug)]
pub struct Heard {
    /// The feed's id.
    pub source: String,
    /// Time of its last message, or when listening began.
    pub last_message: Timestamp,
    /// Reports, static data and counts since the last batch.
    pub reception: Reception,
}

/// What is handed on at once.
#[derive(Debug, Default)]
pub struct LiveBatch {
    /// What was heard, a feed.
    pub heard: Vec<Heard>,
    /// Outages that began (without an end) or ended since the last batch.
    pub outages: Vec<Outage>,
}

/// What a live loop did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LiveReport {
    /// Lines received.
    pub lines: u64,
    /// Messages understood.
    pub messages: u64,
    /// Batches handed on.
    pub batches: u64,
    /// Outages that began.
    pub outages: u64,
}

/// Why the loop could not start or had to end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError<E: std::error::Error + 'static> {
    /// An address cannot be listened at, or a key not be had.
    #[error("live source {id}: cannot listen to {address}")]
    Listen {
        /// The feed.
        id: String,
        /// The address.
        address: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The receiver of batches failed.
    #[error(transparent)]
    Sink(E),
}

/// Listens to all feeds until `shutdown` is set, or until every feed has ended (standard input does), and gives each batch
/// to `sink`. While the sink works, nothing is read: a slow sink slows the senders, and no memory grows.
///
/// `since` holds the outages that last when listening begins; `clock` is the time of reception of lines that carry none. A
/// batch with a distress beacon is handed on at once.
///
/// # Errors
///
/// [`LiveError::Listen`] before anything is read; [`LiveError::Sink`] with what `sink` gives.
pub fn run<E: std::error::Error + 'static>(
    settings: &LiveSettings,
    since: &[Outage],
    clock: &dyn Fn() -> Timestamp,
    shutdown: &Arc<AtomicBool>,
    mut sink: impl FnMut(LiveBatch) -> Result<(), E>,
) -> Result<LiveReport, LiveError<E>> {
    let (events, received) = sync_channel(WAITING_CHUNKS);
    // Threads end with this call, however it ends.
    let stop = StopOnDrop(Arc::new(AtomicBool::new(false)));
    let mut ears = Ears::new(settings, since, clock());
    for (at, wanted) in settings.sources.iter().enumerate() {
        let link = Link {
            source: at,
            events: events.clone(),
            stop: Arc::clone(&stop.0),
            renew: Arc::clone(&ears.ears[at].renew),
        };
        source::start(wanted, link).map_err(|source| LiveError::Listen {
            id: wanted.id.clone(),
            address: wanted.address.clone().unwrap_or_default(),
            source,
        })?;
    }
    drop(events);
    let flush = Duration::from_secs_f64(settings.flush_s);
    let mut last_flush = Instant::now();
    loop {
        let more = ears.listen(&received, clock);
        let stopping = shutdown.load(Ordering::Relaxed) || !more;
        if stopping {
            stop.0.store(true, Ordering::Relaxed);
            ears.take_the_rest(&received, clock);
        }
        let waited = last_flush.elapsed();
        let due = waited >= flush || (waited >= URGENT && ears.is_urgent());
        if stopping || due || ears.pending() > LARGE_BATCH {
            last_flush = Instant::now();
            if let Some(batch) = ears.batch() {
                sink(batch).map_err(LiveError::Sink)?;
                ears.resume(Instant::now());
            }
        }
        if stopping {
            return Ok(ears.report);
        }
    }
}

struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// All feeds.
struct Ears {
    ears: Vec<Ear>,
    outages: Vec<Outage>,
    report: LiveReport,
    /// When the sink gave the loop back. What was read before waits in line: no feed can be called silent yet.
    resumed: Instant,
}

/// One feed's connections and its watchdog.
struct Ear {
    id: String,
    watch: Watch,
    connections: BTreeMap<usize, Feed>,
    /// What closed connections left.
    left: Vec<Reception>,
    kind: SourceKind,
    renew: Arc<AtomicBool>,
    ended: bool,
}

impl Ears {
    fn new(settings: &LiveSettings, since: &[Outage], now: Timestamp) -> Self {
        let silent_after = SignedDuration::from_millis((settings.silent_after_s * 1000.0) as i64);
        let watch = |id: &str| {
            let mut watch = Watch::new(id, silent_after, now);
            if let Some(outage) = since.iter().find(|outage| outage.source == id) {
                watch.resume(outage.clone());
            }
            watch
        };
        let ear = |source: &SourceSettings| Ear {
            id: source.id.clone(),
            watch: watch(&source.id),
            connections: BTreeMap::new(),
            left: Vec::new(),
            kind: source.kind,
            renew: Arc::default(),
            ended: false,
        };
        Self {
            ears: settings.sources.iter().map(ear).collect(),
            outages: Vec::new(),
            report: LiveReport::default(),
            resumed: Instant::now(),
        }
    }

    /// The sink worked until `now`.
    fn resume(&mut self, now: Instant) {
        self.resumed = now;
    }

    /// Takes what has come, or waits a little; false if nothing can come any more.
    fn listen(&mut self, received: &Receiver<Event>, clock: &dyn Fn() -> Timestamp) -> bool {
        match received.recv_timeout(LOOK) {
            Ok(event) => {
                let (now, read) = (when(&event, clock), event.at);
                self.take(event, now);
                // Under load the channel is never empty: look at the watchdogs all the same.
                if read.saturating_duration_since(self.resumed) > LOOK {
                    self.look(now);
                }
            }
            Err(RecvTimeoutError::Timeout) => self.look(clock()),
            Err(RecvTimeoutError::Disconnected) => return false,
        }
        !self.ears.iter().all(|ear| ear.ended)
    }

    fn take(&mut self, event: Event, now: Timestamp) {
        let ear = &mut self.ears[event.source];
        let change = match event.what {
            What::Connected => {
                tracing::info!(source = %ear.id, "The AIS feed is connected.");
                ear.watch.connected(now);
                ear.connections.insert(event.connection, Feed::default());
                None
            }
            What::Bytes(bytes) => {
                let feed = ear.connections.entry(event.connection).or_default();
                if feed.take(&bytes, now) > 0 {
                    ear.watch.heard(now)
                } else {
                    None
                }
            }
            What::Gone(reason) => {
                tracing::warn!(source = %ear.id, %reason, "The AIS feed is gone.");
                ear.close(event.connection, now);
                ear.watch.disconnected()
            }
            What::Ended => {
                ear.ended = true;
                None
            }
        };
        self.note(change);
    }

    fn look(&mut self, now: Timestamp) {
        for at in 0..self.ears.len() {
            let ear = &mut self.ears[at];
            let begun = ear.watch.look(now);
            // Standard input ends but once, and a sender that connects to us cannot be called.
            let connects = matches!(ear.kind, SourceKind::Tcp | SourceKind::Websocket);
            if connects && ear.watch.renew(now) {
                ear.renew.store(true, Ordering::Relaxed);
            }
            self.note(begun);
        }
    }

    fn note(&mut self, outage: Option<Outage>) {
        if let Some(outage) = outage {
            self.report.outages += u64::from(outage.end.is_none());
            self.outages.push(outage);
        }
    }

    /// Takes the bytes that threads have read but not handed on, and closes all connections. The threads are told to stop.
    fn take_the_rest(&mut self, received: &Receiver<Event>, clock: &dyn Fn() -> Timestamp) {
        while let Ok(event) = received.recv_timeout(LAST_WORD) {
            // That connections go because all stops is no outage.
            if matches!(event.what, What::Bytes(_)) {
                let now = when(&event, clock);
                self.take(event, now);
            }
        }
        let now = clock();
        for ear in &mut self.ears {
            let open: Vec<usize> = ear.connections.keys().copied().collect();
            for connection in open {
                ear.close(connection, now);
            }
        }
    }

    /// Reports and static data that wait to be handed on.
    fn pending(&self) -> usize {
        let of_ear = |ear: &Ear| {
            let left = ear.left.iter().map(feed::size);
            let open = ear.connections.values().map(Feed::pending);
            left.chain(open).sum::<usize>()
        };
        self.ears.iter().map(of_ear).sum()
    }

    /// True if a distress beacon waits to be handed on.
    fn is_urgent(&self) -> bool {
        let calls = |ear: &Ear| {
            let left = ear.left.iter().any(|left| !left.distress.is_empty());
            left || ear.connections.values().any(Feed::is_urgent)
        };
        self.ears.iter().any(calls)
    }

    fn batch(&mut self) -> Option<LiveBatch> {
        let mut batch = LiveBatch {
            outages: std::mem::take(&mut self.outages),
            ..LiveBatch::default()
        };
        for ear in &mut self.ears {
            let open = ear.connections.values_mut().map(Feed::drain);
            for reception in ear
                .left
                .drain(..)
                .chain(open)
                .filter(|reception| reception.lines > 0)
            {
                self.report.lines += reception.lines;
                self.report.messages += reception.messages;
                let source = ear.id.clone();
                batch.heard.push(Heard {
                    source,
                    last_message: ear.watch.last(),
                    reception,
                });
            }
        }
        let empty = batch.heard.is_empty() && batch.outages.is_empty();
        self.report.batches += u64::from(!empty);
        (!empty).then_some(batch)
    }
}

/// When an event happened, by the clock.
fn when(event: &Event, clock: &dyn Fn() -> Timestamp) -> Timestamp {
    let waited = SignedDuration::try_from(event.at.elapsed()).unwrap_or(SignedDuration::ZERO);
    clock().saturating_sub(waited).unwrap_or(Timestamp::MIN)
}

impl Ear {
    fn close(&mut self, connection: usize, now: Timestamp) {
        if let Some(feed) = self.connections.remove(&connection) {
            self.left.extend(feed.close(now));
        }
    }
}
