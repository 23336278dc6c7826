//! Events of one ship alone: too fast for its type, over land, frozen in place, a distress beacon.

use super::sketch::Disturbance;
use super::{EventSettings, Found, Watch, instant, seconds};
use crate::ais::segment::chord_m;
use crate::model::event::{Event, EventKind, EventVessel};
use crate::model::track::{Distress, Position, Track};
use crate::model::units::KNOT_MPS;

/// Share of the told speed that the reports must imply: what is told alone may be a fault of the log.
const IMPLIED_SHARE: f64 = 0.8;
/// Fewest reports of an event.
const FEWEST: usize = 3;
/// Silence that ends an event of one ship, seconds.
const BREAK_S: f64 = 3600.0;
/// Frozen: told under way, and the same place to 5 m over this time, seconds.
const FROZEN_S: f64 = 600.0;
const FROZEN_M: f64 = 5.0;
const UNDER_WAY_KN: f64 = 3.0;

fn who(track: &Track) -> Vec<EventVessel> {
    vec![EventVessel {
        mmsi: track.mmsi,
        part: track.part,
        name: track.vessel.name.clone(),
    }]
}

fn found(kind: EventKind, track: &Track, run: &[Position]) -> Found {
    let (first, last) = (&run[0], &run[run.len() - 1]);
    Found {
        kind,
        vessels: who(track),
        start: first.time,
        last: last.time,
        position: first.position,
        radius_m: 100.0,
        simulated: track.simulated,
    }
}

/// Runs of reports, of which `holds` holds for each, without long silences.
fn runs(positions: &[Position], holds: impl Fn(usize) -> bool) -> Vec<&[Position]> {
    let mut runs = Vec::new();
    let mut from: Option<usize> = None;
    for at in 0..=positions.len() {
        let goes_on = at < positions.len()
            && holds(at)
            && (from.is_none() || seconds(positions[at - 1].time, positions[at].time) <= BREAK_S);
        match (from, goes_on) {
            (None, true) => from = Some(at),
            (Some(first), false) => {
                runs.push(&positions[first..at]);
                from = (at < positions.len() && holds(at)).then_some(at);
            }
            _ => {}
        }
    }
    runs
}

/// Times in which told and implied speed are both above the limit of the ship's type.
pub(super) fn speeding(track: &Track, settings: &EventSettings) -> Vec<Event> {
    let limit_kn = match track.vessel.ship_type {
        Some(30) => settings.fishing_max_kn,
        Some(70..=79) => settings.cargo_max_kn,
        Some(80..=89) => settings.tanker_max_kn,
        _ => settings.other_max_kn,
    };
    let positions = &track.positions;
    let is_fast = |at: usize| positions[at].sog_kn.is_some_and(|sog_kn| sog_kn > limit_kn);
    if !(0..positions.len()).any(is_fast) {
        return vec![];
    }
    let state = |run: &[Position]| {
        let (first, last) = (&run[0], &run[run.len() - 1]);
        let span_s = seconds(first.time, last.time);
        let way_m: f64 = run
            .windows(2)
            .map(|pair| chord_m(pair[0].position, pair[1].position))
            .sum();
        let implied_kn = way_m / span_s.max(1.0) / KNOT_MPS;
        if run.len() < FEWEST
            || span_s < settings.speed_min * 60.0
            || implied_kn < IMPLIED_SHARE * limit_kn
        {
            return None;
        }
        let top_kn = run.iter().filter_map(|p| p.sog_kn).fold(0.0, f64::max);
        Some(found(EventKind::Speed, track, run).event(
            &[
                ("top_kn", top_kn),
                ("implied_kn", implied_kn),
                ("limit_kn", limit_kn),
                ("minutes", span_s / 60.0),
            ],
            vec![format!(
                "For {:.0} min it told up to {top_kn:.1} kn, and its places imply {implied_kn:.1} kn; {limit_kn:.0} kn is the limit set for its type.",
                span_s / 60.0
            )],
        ))
    };
    runs(positions, is_fast)
        .into_iter()
        .filter_map(state)
        .collect()
}

/// Times in which a moving ship's reports lie well inland.
pub(super) fn over_land(track: &Track, watch: &Watch<'_>) -> Vec<Event> {
    if watch.shore_m.is_none() {
        return vec![];
    }
    let settings = watch.settings;
    let positions = &track.positions;
    let inland: Vec<bool> = positions
        .iter()
        .map(|p| watch.is_inland(p.position))
        .collect();
    let state =
        |run: &[Position]| {
            let (first, last) = (&run[0], &run[run.len() - 1]);
            let minutes = seconds(first.time, last.time) / 60.0;
            let way_m: f64 = run
                .windows(2)
                .map(|pair| chord_m(pair[0].position, pair[1].position))
                .sum();
            if run.len() < FEWEST || minutes < settings.land_min || way_m < settings.land_m {
                return None;
            }
            Some(found(EventKind::OverLand, track, run).event(
            &[("minutes", minutes), ("reports", run.len() as f64), ("way_m", way_m)],
            vec![format!(
                "{} reports over {minutes:.0} min lie more than {:.0} m inland, {:.1} km of way.",
                run.len(),
                settings.land_m,
                way_m / 1000.0
            )],
        ))
        };
    runs(positions, |at| inland[at])
        .into_iter()
        .filter_map(state)
        .collect()
}

/// Times in which a ship tells that it is under way and its place stays the same.
pub(super) fn frozen(positions: &[Position]) -> Vec<Disturbance> {
    let holds = |at: usize| {
        let own = &positions[at];
        let still = |other: Option<&Position>| {
            other.is_some_and(|other| chord_m(own.position, other.position) <= FROZEN_M)
        };
        own.sog_kn.is_some_and(|sog_kn| sog_kn >= UNDER_WAY_KN)
            && (still(at.checked_sub(1).and_then(|before| positions.get(before)))
                || still(positions.get(at + 1)))
    };
    runs(positions, holds)
        .into_iter()
        .filter(|run| run.len() >= FEWEST)
        .filter_map(|run| {
            let (first, last) = (run.first()?, run.last()?);
            let is_long = seconds(first.time, last.time) >= FROZEN_S;
            let is_still = chord_m(first.position, last.position) <= FROZEN_M;
            (is_long && is_still).then_some(Disturbance {
                start: first.time,
                end: last.time,
                place: first.position,
                event: None,
                is_frozen: true,
            })
        })
        .collect()
}

/// A beacon that is active; none for one under test (status 15).
pub(super) fn distress(track: &Track) -> Option<Event> {
    if track.distress == Some(Distress::Test) {
        return None;
    }
    let calls: Vec<Position> = track
        .positions
        .iter()
        .filter(|p| p.nav_status != Some(15))
        .cloned()
        .collect();
    let last = calls.last()?;
    let mut found = found(EventKind::DistressBeacon, track, &calls);
    found.position = last.position;
    Some(found.event(
        &[("reports", calls.len() as f64)],
        vec![
            format!(
                "The identity is that of a distress beacon; first heard at {}.",
                instant(calls[0].time)
            ),
            "It does not tell that it is under test.".to_owned(),
        ],
    ))
}
