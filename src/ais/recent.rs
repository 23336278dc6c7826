//! Receptions of a live feed, batch by batch → the recent track of every ship, in bounded memory.
//!
//! Reports are told apart by the same [`Segmenter`] as those of files. A ship's reports are thinned to one in [`THIN_S`]
//! seconds, of which at most [`MOST_REPORTS`] and none older than [`KEEP`] are kept; a report that lies on another side of a
//! watched edge than the one before is kept at once. The last report of a ship stays for [`REMEMBER`]. At most [`MOST_SHIPS`]
//! identities are known at one time: a new one takes the place of those not heard for [`GIVE_UP`], or is passed over.

use super::message::is_beacon;
use super::reception::Reception;
use super::segment::{SegmentParams, Segmenter};
use super::track::{gaps, is_ship, majority};
use crate::model::track::{Distress, Position, Track, Vessel};
use crate::model::units::{LonLat, Mmsi, MmsiKind};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Most identities known at one time.
const MOST_SHIPS: usize = 50_000;
/// Most reports kept of one ship.
const MOST_REPORTS: usize = 40;
/// Most ships that may use one MMSI at one time.
const MOST_PARTS: usize = 8;
/// Time between two reports that are kept, seconds: a class A ship under way sends one in 2 to 10.
const THIN_S: f64 = 30.0;
/// The same for distress beacons: each report counts, and repeats by several receivers do not.
const THIN_BEACON_S: f64 = 1.0;
/// Age beyond which only the last report of a ship is kept.
const KEEP: SignedDuration = SignedDuration::from_hours(1);
/// Age beyond which a ship is forgotten.
const REMEMBER: SignedDuration = SignedDuration::from_hours(24);
/// Silence after which a ship makes room for another.
const GIVE_UP: SignedDuration = SignedDuration::from_mins(10);
/// A report may be so far ahead of the clock: receivers' clocks differ.
const AHEAD: SignedDuration = SignedDuration::from_mins(10);
/// Time between two walks over all ships for those that grew old.
const SWEEP: SignedDuration = SignedDuration::from_mins(1);

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// In the ship's recent track.
    Kept,
    /// The ship's track holds one that says the same.
    Thinned,
    /// Older than what is remembered of the ship.
    Late,
    /// Stamped well ahead of the clock.
    Ahead,
    /// Too many ships on one MMSI, or too many identities.
    Full,
}

impl Fate {
    /// The fate's name as written in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Thinned => "thinned",
            Self::Late => "late",
            Self::Ahead => "ahead",
            Self::Full => "full",
        }
    }
}

/// The recent track of every ship heard.
pub struct RecentTracks {
    senders: HashMap<Mmsi, Sender>,
    changed: BTreeSet<Mmsi>,
    gap_s: f64,
    swept: Timestamp,
}

/// One identity.
struct Sender {
    segmenter: Segmenter,
    /// Segments that are ships: label to part.
    parts: BTreeMap<u32, u32>,
    next_part: u32,
    vessel: Vessel,
    distress: Option<Distress>,
    simulated: bool,
    heard: Timestamp,
    /// Time of the latest report let go.
    forgotten: Option<Timestamp>,
    /// The latest report of this batch that was thinned out.
    newest: Option<Position>,
}

/// What changed since it was last asked.
#[derive(Debug, Default, PartialEq)]
pub struct Changed {
    /// Tracks of identities of which something new was heard.
    pub tracks: Vec<Track>,
    /// Ships that there are no more.
    pub gone: Vec<(Mmsi, u32)>,
}

/// Reports that were let go, of one ship.
#[derive(Debug, Clone, PartialEq)]
pub struct Forgotten {
    /// The ship, with these reports alone.
    pub track: Track,
    /// True if nothing of the ship is kept.
    pub is_gone: bool,
}

impl RecentTracks {
    /// Nothing heard yet; a silence longer than `gap_s` seconds becomes a gap.
    pub fn new(gap_s: f64) -> Self {
        Self {
            senders: HashMap::new(),
            changed: BTreeSet::new(),
            gap_s,
            swept: Timestamp::MIN,
        }
    }

    /// Goes on from tracks that were given before, each with the time of the latest report let go.
    pub fn restore(&mut self, known: Vec<(Track, Option<Timestamp>)>) {
        let mut by_identity: BTreeMap<Mmsi, Vec<(Track, Option<Timestamp>)>> = BTreeMap::new();
        for (track, forgotten) in known {
            by_identity
                .entry(track.mmsi)
                .or_default()
                .push((track, forgotten));
        }
        for (mmsi, ships) in by_identity {
            if let Some(sender) = Sender::restored(mmsi, ships) {
                self.senders.insert(mmsi, sender);
            }
        }
    }

    /// Identities known.
    pub fn len(&self) -> usize {
        self.senders.len()
    }

    /// True if nobody is known.
    pub fn is_empty(&self) -> bool {
        self.senders.is_empty()
    }

    /// Takes what was heard up to `now`; `side` tells places on different sides of watched edges apart. Gives what became of
    /// the reports.
    pub fn take(
        &mut self,
        heard: Reception,
        now: Timestamp,
        side: &dyn Fn(LonLat) -> u64,
    ) -> BTreeMap<Fate, u64> {
        let mut fates = BTreeMap::new();
        let mut touched = BTreeSet::new();
        let latest = now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX);
        let oldest = now.saturating_sub(REMEMBER).unwrap_or(Timestamp::MIN);
        for position in heard.positions {
            let mmsi = position.mmsi;
            let fate = if position.time > latest {
                Fate::Ahead
            } else if position.time < oldest {
                Fate::Late
            } else if let Some(sender) = self.sender(mmsi, now) {
                sender.simulated |= heard.simulated;
                sender.take(position)
            } else {
                Fate::Full
            };
            match fate {
                Fate::Kept => {
                    self.changed.insert(mmsi);
                }
                Fate::Thinned => {
                    touched.insert(mmsi);
                }
                _ => {}
            }
            *fates.entry(fate).or_default() += 1;
        }
        for mmsi in touched {
            let sender = self.senders.get_mut(&mmsi);
            if sender.is_some_and(|sender| sender.keep_newest(side)) {
                self.changed.insert(mmsi);
                *fates.entry(Fate::Thinned).or_default() -= 1;
                *fates.entry(Fate::Kept).or_default() += 1;
            }
        }
        for (mmsi, _, told) in heard.statics {
            if let Some(sender) = self.sender(mmsi, now) {
                sender.heard = sender.heard.max(now);
                if sender.learn(told) {
                    self.changed.insert(mmsi);
                }
            }
        }
        for (mmsi, state) in heard.distress {
            if let Some(sender) = self.sender(mmsi, now)
                && sender.distress != Some(Distress::Active)
                && sender.distress != Some(state)
            {
                sender.distress = Some(state);
                self.changed.insert(mmsi);
            }
        }
        fates
    }

    /// Gives the tracks of an identity with the next [`Self::changed`], whatever is heard of it.
    pub fn ask_again(&mut self, mmsi: Mmsi) {
        self.changed.insert(mmsi);
    }

    /// Tracks that changed since the last call, and ships that there are no more.
    pub fn changed(&mut self) -> Changed {
        let mut changed = Changed::default();
        for mmsi in std::mem::take(&mut self.changed) {
            if let Some(sender) = self.senders.get_mut(&mmsi) {
                sender.tell(mmsi, self.gap_s, &mut changed);
            }
        }
        changed
    }

    /// Lets go of what is too old at `now` or too much, and tells it to `told`. To be called when [`Self::changed`] was
    /// told and used.
    pub fn forget(&mut self, now: Timestamp, told: &mut dyn FnMut(Forgotten)) {
        let sweep = now.duration_since(self.swept) >= SWEEP;
        if sweep {
            self.swept = now;
        }
        let crowded = sweep && self.senders.len() >= MOST_SHIPS / 10 * 9;
        self.senders.retain(|mmsi, sender| {
            let silence = now.duration_since(sender.heard);
            let is_over = silence > REMEMBER || (crowded && silence > GIVE_UP);
            if is_over || sweep || sender.segmenter.len() > MOST_REPORTS {
                sender.forget(*mmsi, (now, is_over), told);
            }
            !is_over
        });
    }

    fn sender(&mut self, mmsi: Mmsi, now: Timestamp) -> Option<&mut Sender> {
        if self.senders.len() >= MOST_SHIPS && !self.senders.contains_key(&mmsi) {
            return None;
        }
        Some(
            self.senders
                .entry(mmsi)
                .or_insert_with(|| Sender::new(mmsi, now)),
        )
    }
}

impl Sender {
    fn new(mmsi: Mmsi, now: Timestamp) -> Self {
        Self {
            segmenter: Segmenter::new(params(mmsi)),
            parts: BTreeMap::new(),
            next_part: 0,
            vessel: Vessel::default(),
            distress: None,
            simulated: false,
            heard: now,
            forgotten: None,
            newest: None,
        }
    }

    /// `None` without a report.
    fn restored(mmsi: Mmsi, ships: Vec<(Track, Option<Timestamp>)>) -> Option<Self> {
        let reports = ships.iter().flat_map(|(track, _)| &track.positions);
        let heard = reports.map(|report| report.time).max()?;
        let mut sender = Self::new(mmsi, heard);
        let mut segments = Vec::new();
        for (track, forgotten) in ships {
            sender.parts.insert(track.part + 1, track.part);
            sender.next_part = sender.next_part.max(track.part + 1);
            sender.vessel.fill_in(&track.vessel);
            sender.distress = sender.distress.or(track.distress);
            sender.simulated |= track.simulated;
            sender.forgotten = sender.forgotten.max(forgotten);
            segments.push((track.part + 1, track.positions));
        }
        sender.segmenter = Segmenter::restored(params(mmsi), segments);
        Some(sender)
    }

    fn take(&mut self, position: Position) -> Fate {
        if self.forgotten.is_some_and(|time| position.time <= time) {
            return Fate::Late;
        }
        self.heard = self.heard.max(position.time);
        let beacon = is_beacon(position.mmsi);
        let thin_s = if beacon { THIN_BEACON_S } else { THIN_S };
        if self.segmenter.repeats(&position, thin_s) {
            let is_newer = |known: &Position| known.time < position.time;
            if self.newest.as_ref().is_none_or(is_newer) {
                self.newest = Some(position);
            }
            return Fate::Thinned;
        }
        if self.segmenter.count() >= MOST_PARTS && self.segmenter.continued(&position).is_none() {
            return Fate::Full;
        }
        if self.segmenter.insert(position) {
            Fate::Kept
        } else {
            Fate::Thinned
        }
    }

    /// Keeps the latest report if it is on another side of an edge than the one before.
    fn keep_newest(&mut self, side: &dyn Fn(LonLat) -> u64) -> bool {
        let Some(newest) = self.newest.take() else {
            return false;
        };
        let last = self.segmenter.continued(&newest);
        let crossed = last.is_some_and(|last| {
            last.time < newest.time && side(last.position) != side(newest.position)
        });
        crossed && self.segmenter.insert(newest)
    }

    /// Takes static data; true if they are new.
    fn learn(&mut self, mut told: Vessel) -> bool {
        told.fill_in(&self.vessel);
        let is_new = told != self.vessel;
        self.vessel = told;
        is_new && self.segmenter.count() > 0
    }

    fn tell(&mut self, mmsi: Mmsi, gap_s: f64, changed: &mut Changed) {
        let mut segments: BTreeMap<u32, Vec<Position>> = BTreeMap::new();
        for (label, position) in self.segmenter.labelled() {
            segments.entry(label).or_default().push(position.clone());
        }
        // Later data may show that two segments are one ship.
        self.parts.retain(|label, part| {
            let is_there = segments.contains_key(label);
            if !is_there {
                changed.gone.push((mmsi, *part));
            }
            is_there
        });
        for (label, mut positions) in segments {
            let known = self.parts.get(&label).copied();
            // One or two reports that no ship heard on the MMSI can have sent are garble.
            let is_new = self.parts.is_empty() || is_beacon(mmsi) || is_ship(&positions);
            let part = match known {
                Some(part) => part,
                None if is_new => {
                    self.next_part += 1;
                    self.parts.insert(label, self.next_part - 1);
                    self.next_part - 1
                }
                None => continue,
            };
            positions.dedup_by_key(|position| position.time);
            let gaps = gaps(&positions, gap_s);
            let track = self.track((mmsi, part), positions);
            changed.tracks.push(Track { gaps, ..track });
        }
    }

    fn track(&self, (mmsi, part): (Mmsi, u32), positions: Vec<Position>) -> Track {
        Track {
            mmsi,
            part,
            class: majority(&positions),
            vessel: self.vessel.clone(),
            gaps: Vec::new(),
            positions,
            simulated: self.simulated,
            distress: self.distress,
        }
    }

    fn forget(
        &mut self,
        mmsi: Mmsi,
        (now, is_over): (Timestamp, bool),
        told: &mut dyn FnMut(Forgotten),
    ) {
        let mut left: BTreeMap<u32, usize> = BTreeMap::new();
        for (label, _) in self.segmenter.labelled() {
            *left.entry(label).or_default() += 1;
        }
        let mut gone: BTreeMap<u32, Vec<Position>> = BTreeMap::new();
        let parts = &self.parts;
        self.segmenter.forget(|label, position| {
            let age = now.duration_since(position.time);
            let count = left.entry(label).or_default();
            // A ship's last report is kept longer than others, and longer than garble.
            let keep = if *count == 1 && parts.contains_key(&label) {
                REMEMBER
            } else {
                KEEP
            };
            let over = is_over || *count > MOST_REPORTS || age > keep;
            if over {
                *count -= 1;
                gone.entry(label).or_default().push(position.clone());
            }
            over
        });
        for (label, positions) in gone {
            self.forgotten = self.forgotten.max(positions.last().map(|last| last.time));
            let is_gone = left.get(&label) == Some(&0);
            let part = if is_gone {
                self.parts.remove(&label)
            } else {
                self.parts.get(&label).copied()
            };
            if let Some(part) = part {
                let track = self.track((mmsi, part), positions);
                told(Forgotten { track, is_gone });
            }
        }
    }
}

/// An aircraft goes anywhere: its reports are one track.
fn params(mmsi: Mmsi) -> SegmentParams {
    match mmsi.kind() {
        MmsiKind::SarAircraft => SegmentParams {
            max_kn: 1e9,
            max_drift_kn: 1e9,
            ..SegmentParams::default()
        },
        _ => SegmentParams::default(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#[path = "recent_tests.rs"]
mod tests;
