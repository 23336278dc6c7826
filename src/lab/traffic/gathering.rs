//! Ten days of a sea on which ships gather: the truth of concentrations.
//!
//! Boats go to and fro on grounds of one cell of 0.25° each, or in waters of their own. On one day many come to a ground together:
//! where nobody fishes otherwise, or where some do every day. Beside that stand grounds that are crowded every day, that few come to, and
//! to which a few more come than usual. Nobody stops, meets or falls silent, so nothing else is to be found.

use super::plan::{Ship, Way};
use super::{Traffic, TruthEvent};
use crate::model::event::EventKind;
use crate::model::track::{AisClass, Vessel};
use crate::model::units::{KNOT_MPS, LonLat, Mmsi};
use jiff::{SignedDuration, Timestamp};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const DAY_S: f64 = 86_400.0;
const DAYS: i64 = 10;
/// 2026-03-01 00:00 UTC.
const START: Timestamp = super::cast::START;
/// Seconds between reports, and the share that is heard.
const INTERVAL_S: f64 = 600.0;
const HEARD: f64 = 0.85;
/// Degrees by which a boat stays within the middle of its ground's cell.
const WITHIN_DEG: f64 = 0.08;
/// Speed on a ground and on the way to it, knots.
const FISHING_KN: f64 = 6.0;
const PASSAGE_KN: f64 = 10.0;
/// Hours of their day in which visitors are on a ground.
const VISIT_H: (f64, f64) = (2.0, 21.0);

/// A ground: the middle of its cell, boats of every day, visitors of one day, and whether that is a concentration.
struct Ground {
    place: LonLat,
    boats: u32,
    visitors: u32,
    is_event: bool,
}

/// Makes ten days of it.
pub fn gathering(seed: u64) -> Traffic {
    let mut random = ChaCha8Rng::seed_from_u64(seed ^ 0x6A74);
    let mut made = Traffic::default();
    let mut next = 0;
    for (at, (boats, visitors, is_event)) in [
        (0, 14, true),
        (0, 9, true),
        (10, 15, true),
        (4, 12, true),
        (0, 4, false),
        (14, 0, false),
        (12, 5, false),
        (9, 9, false),
    ]
    .into_iter()
    .enumerate()
    {
        let ground = Ground {
            // Rows of four, two degrees apart: nobody passes another's ground.
            place: LonLat::new(
                122.125 + 2.0 * (at % 4) as f64,
                24.125 + 3.0 * (at / 4) as f64,
            ),
            boats,
            visitors,
            is_event,
        };
        ground.people(&mut next, &mut made, &mut random);
    }
    made.reports.sort_by_key(|(_, report)| report.time);
    made
}

impl Ground {
    /// Sends boats and visitors out.
    fn people(&self, next: &mut u32, made: &mut Traffic, random: &mut ChaCha8Rng) {
        let day = random.random_range(1..DAYS - 1);
        let mut who = Vec::new();
        for _ in 0..self.boats {
            let way = Way::from(0.0, self.spot(random));
            let way = self.fishes(way, DAYS as f64 * DAY_S, random);
            who.push(sail(way, next, made, random));
        }
        for visitor in 0..self.visitors {
            // From all sides, so that the cells about stay empty.
            let bearing_deg = 360.0 * f64::from(visitor) / f64::from(self.visitors);
            let home = self
                .place
                .destination(bearing_deg, random.random_range(60_000.0..90_000.0));
            let mut way = to_and_fro(
                Way::from(0.0, home),
                bearing_deg,
                day as f64 * DAY_S,
                random,
            );
            // Arrives on that day, and leaves on it.
            let to_come_s = way.last().1.distance_m(self.place) / (PASSAGE_KN * KNOT_MPS);
            let begin_s = day as f64 * DAY_S + 3600.0 * VISIT_H.0 - to_come_s;
            way.0.retain(|(time_s, _)| *time_s < begin_s - 60.0);
            let way = way.to(home, PASSAGE_KN).to(self.spot(random), PASSAGE_KN);
            let until_s = day as f64 * DAY_S + 3600.0 * VISIT_H.1;
            let way = self.fishes(way, until_s, random).to(home, PASSAGE_KN);
            let way = to_and_fro(way, bearing_deg, DAYS as f64 * DAY_S, random);
            who.push(sail(way, next, made, random));
        }
        if self.is_event {
            who.sort_unstable();
            let at = |day: i64| START + SignedDuration::from_hours(24 * day);
            made.events.push(TruthEvent {
                kind: EventKind::Concentration,
                mmsis: who,
                start: at(day),
                end: at(day + 1),
                position: self.place,
            });
        }
    }

    fn spot(&self, random: &mut ChaCha8Rng) -> LonLat {
        let mut within = || random.random_range(-WITHIN_DEG..WITHIN_DEG);
        LonLat::new(self.place.lon_deg + within(), self.place.lat_deg + within())
    }

    /// Goes on from spot to spot of the ground.
    fn fishes(&self, mut way: Way, until_s: f64, random: &mut ChaCha8Rng) -> Way {
        while way.last().0 < until_s {
            way = way.to(self.spot(random), FISHING_KN);
        }
        way
    }
}

/// Away from a ground and back, thirty kilometres each.
fn to_and_fro(mut way: Way, bearing_deg: f64, until_s: f64, random: &mut ChaCha8Rng) -> Way {
    let home = way.last().1;
    while way.last().0 < until_s {
        let side_deg = bearing_deg + random.random_range(-10.0..10.0);
        way = way
            .to(home.destination(side_deg, 30_000.0), FISHING_KN)
            .to(home, FISHING_KN);
    }
    way
}

/// A boat on its way, as it is heard.
fn sail(way: Way, next: &mut u32, made: &mut Traffic, random: &mut ChaCha8Rng) -> Mmsi {
    *next += 1;
    let mmsi = Mmsi(413_000_000 + 37 * *next);
    let boat = Ship {
        mmsi,
        class: AisClass::A,
        vessel: Vessel {
            name: Some(format!("BOAT {next}")),
            ship_type: Some(30),
            length_m: Some(40.0),
            ..Vessel::default()
        },
        way,
        tricks: vec![],
        interval_s: INTERVAL_S,
        nav_status: Some(7),
        is_hull: true,
    };
    let mut time_s = random.random_range(0.0..INTERVAL_S);
    while time_s < DAYS as f64 * DAY_S {
        let report = boat.report(START, time_s, random);
        let is_heard = random.random_bool(HEARD);
        made.reports
            .extend(report.filter(|_| is_heard).map(|report| (*next, report)));
        time_s += INTERVAL_S * random.random_range(0.6..1.4);
    }
    made.statics.push((mmsi, START, boat.vessel));
    mmsi
}
