//! Ships that fall silent: gaps that are, silences too short, and those that are the receiver's or a berth's.

use super::cast::{Cast, DAY_S, END_S};
use super::plan::Trick;
use super::sea::{HOLE, HOLE_M};
use crate::model::event::EventKind;
use crate::model::units::LonLat;
use rand::RngExt;

/// How each silence is made: hours, how many ships, and what it is.
const SILENCES: [(std::ops::Range<f64>, u32, Option<EventKind>); 3] = [
    (7.5..10.0, 7, Some(EventKind::Gap)),
    (15.0..20.0, 7, Some(EventKind::UnexplainedGap)),
    (1.0..4.8, 10, None),
];

pub(super) fn silences(cast: &mut Cast) {
    for (hours, ships, kind) in SILENCES {
        for _ in 0..ships {
            let span_s = 3600.0 * cast.random.random_range(hours.clone());
            silence(cast, span_s, kind);
        }
    }
    for _ in 0..3 {
        going_on(cast);
    }
    for _ in 0..6 {
        at_berth(cast);
    }
    for _ in 0..8 {
        into_the_hole(cast);
    }
}

/// A ship on its way, silent for a while where it could be heard.
fn silence(cast: &mut Cast, span_s: f64, kind: Option<EventKind>) {
    loop {
        let sog_kn = cast.random.random_range(6.0..11.0);
        let way = cast.wander(sog_kn);
        let from_s = cast
            .random
            .random_range(0.25 * DAY_S..END_S - span_s - 0.1 * DAY_S);
        let to_s = from_s + span_s;
        let is_heard = (0..=30).all(|part| {
            let time_s = from_s + span_s * f64::from(part) / 30.0;
            way.at(time_s)
                .is_some_and(|(place, ..)| cast.is_well_heard(place))
        });
        let Some((place, ..)) = way.at(from_s).filter(|_| is_heard) else {
            continue;
        };
        // An outage within would make part of the silence the receiver's.
        if kind.is_some() && cast.is_deaf_between(from_s, to_s) {
            continue;
        }
        let mmsi = cast.cargo(way, |ship| ship.tricks.push((from_s, to_s, Trick::Silent)));
        if let Some(kind) = kind {
            cast.truth(kind, &[mmsi], (from_s, to_s), place);
        }
        return;
    }
}

/// A ship that is not heard again.
fn going_on(cast: &mut Cast) {
    loop {
        let way = cast.wander(7.0);
        let from_s = END_S - 3600.0 * cast.random.random_range(8.5..10.5);
        let course = way.at(from_s);
        let later = way.at(END_S - 60.0);
        let is_heard = (0..=20).all(|part| {
            let time_s = from_s + (END_S - 60.0 - from_s) * f64::from(part) / 20.0;
            way.at(time_s)
                .is_some_and(|(place, ..)| cast.is_well_heard(place))
        });
        let (Some((place, _, cog_deg)), Some((_, _, late_deg))) = (course, later) else {
            continue;
        };
        if !is_heard || (cog_deg - late_deg).abs() > 1.0 || cast.is_deaf_between(from_s, END_S) {
            continue;
        }
        let mmsi = cast.cargo(way, |ship| ship.tricks.push((from_s, END_S, Trick::Silent)));
        cast.truth(EventKind::Gap, &[mmsi], (from_s, END_S), place);
        return;
    }
}

/// Equipment switched off at a berth: no event.
fn at_berth(cast: &mut Cast) {
    let place = cast.site();
    let way = super::plan::Way::from(0.0, place).stay(END_S / 3600.0);
    let from_s = cast.random.random_range(0.3 * DAY_S..DAY_S);
    cast.cargo(way, |ship| {
        ship.nav_status = Some(5);
        ship.tricks
            .push((from_s, from_s + 0.8 * DAY_S, Trick::Silent));
    });
}

/// A ship that works for half a day where nothing is heard and comes back: the silence is the receiver's.
fn into_the_hole(cast: &mut Cast) {
    let bearing_deg = cast.random.random_range(0.0..360.0);
    let outside = HOLE.destination(bearing_deg, HOLE_M + 40_000.0);
    let inside: LonLat = HOLE.destination(bearing_deg, HOLE_M * cast.random.random_range(0.1..0.6));
    let from_s = cast.random.random_range(0.3 * DAY_S..DAY_S);
    let hours = cast.random.random_range(8.0..16.0);
    let way = super::plan::Way::from(
        from_s - 0.25 * DAY_S,
        outside.destination(bearing_deg, 60_000.0),
    )
    .to(outside, 8.0)
    .to(inside, 8.0)
    .along(bearing_deg + 80.0, 3.0, hours)
    .to(outside, 8.0)
    .to(outside.destination(bearing_deg, 60_000.0), 8.0);
    let way = cast.on(way, 8.0);
    cast.cargo(way, |_| {});
}
