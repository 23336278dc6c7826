//! Tracks → [`Event`]s: what vessels did, with evidence and reasons.
//!
//! Work goes in two steps, so that a day's reports need not be in memory at once. [`Watch::sketches`] reads the tracks of one
//! identity and keeps little of them: events of one ship alone, its places every ten minutes while slow, the hours it was heard,
//! its silences. [`Watch::finish`] lays the sketches of all ships beside each other: gaps against reception learnt
//! from all others, encounters, rafts, identities that go on under another number, disturbances of many ships at once.
//! One file holds one family; every constant is in [`EventSettings`].

mod area;
mod circle;
mod gap;
mod gear;
mod identity;
mod loiter;
mod meet;
mod raft;
mod reception;
mod settings;
mod single;
mod sketch;

pub use gear::is_gear_buoy;
pub use settings::EventSettings;
pub use sketch::Sketch;

use crate::model::event::{Event, EventKind, EventVessel};
use crate::model::outage::Outage;
use crate::model::track::Track;
use crate::model::units::LonLat;
use jiff::{SignedDuration, Timestamp};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Distance from a place to the shore, metres, 0 or less on land; `None` where no shore is within reach.
pub type ShoreDistance<'a> = dyn Fn(LonLat) -> Option<f64> + Sync + 'a;

/// What events are looked for with.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Constants.
    pub settings: &'a EventSettings,
    /// When feeds were not heard: no silence then is a ship's.
    pub outages: &'a [Outage],
    /// Where land is, if that is known.
    pub shore_m: Option<&'a ShoreDistance<'a>>,
}

/// Silence at the end of the data after which what a vessel did has ended and does not go on.
const STILL_ON: SignedDuration = SignedDuration::from_hours(1);

impl Watch<'_> {
    /// All events of these tracks (in the order of [`crate::ais::tracks`]: those of one MMSI stand together), by start and id.
    pub fn events(&self, tracks: &[Track]) -> Vec<Event> {
        let identities: Vec<&[Track]> = tracks.chunk_by(|a, b| a.mmsi == b.mmsi).collect();
        let sketches: Vec<Vec<Sketch>> = identities
            .par_iter()
            .map(|identity| self.sketches(identity))
            .collect();
        self.finish(sketches.into_iter().flatten().collect())
    }

    /// What is kept of all tracks of one MMSI.
    pub fn sketches(&self, identity: &[Track]) -> Vec<Sketch> {
        let mut sketches: Vec<Sketch> = identity
            .iter()
            .filter_map(|track| sketch::sketch(track, self))
            .collect();
        identity::clashes(identity, &mut sketches, self.settings);
        sketches
    }

    /// Events of all ships together, by start and id.
    pub fn finish(&self, mut sketches: Vec<Sketch>) -> Vec<Event> {
        sketches.sort_by(|a, b| a.who.cmp(&b.who));
        let Some(end) = sketches.iter().map(|sketch| sketch.last.time).max() else {
            return vec![];
        };
        let context = Context {
            watch: self,
            sketches: &sketches,
            end,
        };
        let anchorages = loiter::anchorages(&context);
        let mut events: Vec<Event> = sketches
            .iter()
            .flat_map(|sketch| sketch.events.clone())
            .collect();
        let changes = identity::changes(&context);
        events.extend(gap::gaps(&context, &changes));
        events.extend(loiter::loitering(&context, &anchorages));
        let rafts = raft::rafts(&context);
        events.extend(meet::encounters(&context, &anchorages, &rafts));
        events.extend(rafts);
        events.extend(changes);
        events.extend(circle::circles(&context));
        events.extend(area::interference(&context));
        events.extend(area::concentrations(&context));
        for event in &mut events {
            event.end = event
                .end
                .filter(|last| end.duration_since(*last) > STILL_ON);
        }
        events.sort_by(|a, b| (a.start, &a.id).cmp(&(b.start, &b.id)));
        crate::model::event::keep_ids(&mut events, &[]);
        events
    }
}

/// What the families that look at all ships share.
struct Context<'a> {
    watch: &'a Watch<'a>,
    /// By MMSI and part.
    sketches: &'a [Sketch],
    /// The last report of all.
    end: Timestamp,
}

impl Context<'_> {
    fn settings(&self) -> &EventSettings {
        self.watch.settings
    }

    /// True if the place is known to be nearer to the shore than `least_nm`.
    fn is_near_shore(&self, place: LonLat, least_nm: f64) -> bool {
        self.watch.is_near_shore(place, least_nm)
    }
}

impl Watch<'_> {
    /// True if the place lies on land, and so do the places `land_m` to its north, east, south and west.
    fn is_inland(&self, place: LonLat) -> bool {
        let Some(shore_m) = self.shore_m else {
            return false;
        };
        let is_land = |place: LonLat| shore_m(place).is_some_and(|metres| metres <= 0.0);
        let land_m = self.settings.land_m;
        is_land(place)
            && [0.0, 90.0, 180.0, 270.0]
                .iter()
                .all(|side_deg| is_land(place.destination(*side_deg, land_m)))
    }

    fn is_near_shore(&self, place: LonLat, least_nm: f64) -> bool {
        let shore_m = self.shore_m.and_then(|shore_m| shore_m(place));
        shore_m.is_some_and(|metres| metres < least_nm * crate::model::units::NAUTICAL_MILE_M)
    }
}

/// The parts of an event that differ from kind to kind.
struct Found {
    kind: EventKind,
    vessels: Vec<EventVessel>,
    start: Timestamp,
    /// The last time it was seen to go on; whether it has ended is decided at the end of the data.
    last: Timestamp,
    position: LonLat,
    radius_m: f64,
    simulated: bool,
}

impl Found {
    fn event(self, evidence: &[(&str, f64)], reasons: Vec<String>) -> Event {
        let mut vessels = self.vessels;
        vessels.sort();
        Event {
            id: Event::first_id(self.kind, &vessels, self.start, self.position),
            kind: self.kind,
            vessels,
            start: self.start,
            end: Some(self.last),
            position: self.position,
            radius_m: self.radius_m,
            evidence: evidence
                .iter()
                .filter(|(_, value)| value.is_finite())
                .map(|(name, value)| ((*name).to_owned(), rounded(*value)))
                .collect::<BTreeMap<_, _>>(),
            reasons,
            simulated: self.simulated,
        }
    }
}

/// To a thousandth: evidence is for people, and must not differ between machines.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// `2026-03-01 14:02 UTC`.
fn instant(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn seconds(earlier: Timestamp, later: Timestamp) -> f64 {
    later.duration_since(earlier).as_secs_f64()
}
