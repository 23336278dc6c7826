//! One track → what events need of it: its places every ten minutes while it is slow, the hours it was heard, its silences.

use super::reception::{self, HourHeard};
use super::{Watch, circle, gear, loiter, seconds, single};
use crate::ais::segment::{chord_m, reckon};
use crate::model::event::{Event, EventVessel};
use crate::model::outage::listened_s;
use crate::model::track::{AisClass, Position, Track};
use crate::model::units::{KNOT_MPS, LonLat, MmsiKind};
use jiff::Timestamp;

/// Seconds between steps of the time grid (Global Fishing Watch's encounters: ten minutes).
pub(super) const STEP_S: i64 = 600;
/// Silences beyond which no place is interpolated for the grid, seconds.
const GRID_SILENCE_S: f64 = 3600.0;
/// Mean speed over an hour up to which steps are kept, knots.
const SLOW_KN: f64 = 4.0;
/// Steps to each side over which the mean speed is taken: an hour in all.
const SIDE: usize = 3;

/// What is kept of one track.
#[derive(Debug, Clone)]
pub struct Sketch {
    pub(super) who: EventVessel,
    pub(super) class: AisClass,
    pub(super) ship_type: Option<u8>,
    pub(super) length_m: Option<f64>,
    pub(super) simulated: bool,
    pub(super) first: Position,
    pub(super) last: Position,
    /// Places on the grid where the mean speed was low, by time.
    pub(super) slow: Vec<Step>,
    pub(super) hours: Vec<HourHeard>,
    pub(super) silences: Vec<Silence>,
    pub(super) circles: Vec<circle::Candidate>,
    pub(super) disturbances: Vec<Disturbance>,
    /// Places where it stayed for twelve hours.
    pub(super) stays: Vec<LonLat>,
    /// Events of this ship alone.
    pub(super) events: Vec<Event>,
}

/// A place on the time grid.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// Unix time over [`STEP_S`].
    pub(super) step: i64,
    pub(super) place: LonLat,
    /// Mean speed over the hour about it, by displacement, knots.
    pub(super) mean_kn: f64,
    /// At anchor, moored or aground by its own word.
    pub(super) is_at_rest: bool,
}

impl Step {
    pub(super) fn time(&self) -> Timestamp {
        Timestamp::from_second(self.step * STEP_S).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// A silence that was listened to for long.
#[derive(Debug, Clone)]
pub(super) struct Silence {
    pub(super) before: Position,
    /// `None` if the ship was not heard again.
    pub(super) after: Option<Position>,
    /// Reports in the twelve hours before.
    pub(super) reports_before: u32,
}

/// A time in which a ship's places cannot be its own.
#[derive(Debug, Clone)]
pub(super) struct Disturbance {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    /// Where the ship truly was, as far as that is known.
    pub(super) place: LonLat,
    /// The event of this ship alone, stated if it is not one of many.
    pub(super) event: Option<Event>,
    pub(super) is_frozen: bool,
}

/// `None` for a track without reports and for stations, aircraft and aids, of which no behaviour is told.
pub(super) fn sketch(track: &Track, watch: &Watch<'_>) -> Option<Sketch> {
    let (first, last) = (track.positions.first()?, track.positions.last()?);
    let mut sketch = Sketch {
        who: EventVessel {
            mmsi: track.mmsi,
            part: track.part,
            name: track.vessel.name.clone(),
        },
        class: track.class,
        ship_type: track.vessel.ship_type,
        length_m: track.vessel.length_m,
        simulated: track.simulated,
        first: first.clone(),
        last: last.clone(),
        slow: vec![],
        hours: vec![],
        silences: vec![],
        circles: vec![],
        disturbances: vec![],
        stays: vec![],
        events: vec![],
    };
    if matches!(
        track.mmsi.kind(),
        MmsiKind::AisSart | MmsiKind::ManOverboard | MmsiKind::EpirbAis
    ) {
        sketch.events.extend(single::distress(track));
        return Some(sketch);
    }
    if !matches!(track.class, AisClass::A | AisClass::B | AisClass::LongRange) {
        return None;
    }
    if gear::is_gear_buoy(track) {
        sketch.events.push(gear::event(track));
        return Some(sketch);
    }
    let grid = grid(&track.positions);
    let means = mean_speeds(&grid);
    sketch.stays = loiter::stays(&grid);
    sketch.slow = grid
        .iter()
        .zip(&means)
        .filter_map(|(step, mean)| {
            let mean_kn = (*mean)?;
            (mean_kn <= SLOW_KN).then_some(Step { mean_kn, ..*step })
        })
        .collect();
    sketch.hours = reception::hours_heard(&track.positions, watch.outages);
    sketch.silences = silences(&track.positions, watch);
    sketch.circles = circle::candidates(&track.positions, watch.settings);
    sketch.disturbances = single::frozen(&track.positions);
    sketch
        .events
        .extend(single::speeding(track, watch.settings));
    sketch.events.extend(single::over_land(track, watch));
    Some(sketch)
}

/// Places at every step between reports that are near each other in time.
fn grid(positions: &[Position]) -> Vec<Step> {
    let mut steps = Vec::new();
    for pair in positions.windows(2) {
        let (from, to) = (&pair[0], &pair[1]);
        let span_s = seconds(from.time, to.time);
        if span_s > GRID_SILENCE_S || span_s <= 0.0 {
            continue;
        }
        let first = from.time.as_second().div_euclid(STEP_S) + 1;
        let last = to.time.as_second().div_euclid(STEP_S);
        for step in first..=last {
            let since_s = (step * STEP_S) as f64 - from.time.as_duration().as_secs_f64();
            steps.push(Step {
                step,
                place: between(from.position, to.position, since_s / span_s),
                mean_kn: 0.0,
                is_at_rest: matches!(from.nav_status, Some(1 | 5 | 6)),
            });
        }
    }
    steps
}

/// The place at a share of the straight way between two, over 180° by the short way.
pub(super) fn between(from: LonLat, to: LonLat, share: f64) -> LonLat {
    let east_deg = (to.lon_deg - from.lon_deg + 180.0).rem_euclid(360.0) - 180.0;
    LonLat::new(
        from.lon_deg + share * east_deg,
        from.lat_deg + share * (to.lat_deg - from.lat_deg),
    )
}

/// Mean speed over the hour about each step, by displacement; over what there is near a silence, `None` for a step alone.
fn mean_speeds(grid: &[Step]) -> Vec<Option<f64>> {
    let reach = SIDE as i64;
    (0..grid.len())
        .map(|at| {
            let own = grid[at].step;
            let first = grid[at.saturating_sub(SIDE)..=at]
                .iter()
                .find(|s| own - s.step <= reach)?;
            let until = (at + SIDE).min(grid.len() - 1);
            let last = grid[at..=until]
                .iter()
                .rev()
                .find(|s| s.step - own <= reach)?;
            let hours_s = ((last.step - first.step) * STEP_S) as f64;
            (hours_s > 0.0).then(|| chord_m(first.place, last.place) / hours_s / KNOT_MPS)
        })
        .collect()
}

/// Silences of which enough was listened to, and the one after the last report is left to the end of the data.
fn silences(positions: &[Position], watch: &Watch<'_>) -> Vec<Silence> {
    const BEFORE_S: f64 = 12.0 * 3600.0;
    let least_s = watch.settings.gap_h * 3600.0;
    let reports_before = |at: usize| {
        let last = positions[at].time;
        let near = positions[..=at]
            .iter()
            .rev()
            .take_while(|p| seconds(p.time, last) <= BEFORE_S);
        u32::try_from(near.count()).unwrap_or(u32::MAX)
    };
    let mut found: Vec<Silence> = Vec::new();
    for (at, pair) in positions.windows(2).enumerate() {
        let (before, after) = (&pair[0], &pair[1]);
        if seconds(before.time, after.time) >= least_s
            && listened_s(before.time, after.time, watch.outages) >= least_s
        {
            found.push(Silence {
                before: before.clone(),
                after: Some(after.clone()),
                reports_before: reports_before(at),
            });
        }
    }
    if let Some(at) = positions.len().checked_sub(1) {
        found.push(Silence {
            before: positions[at].clone(),
            after: None,
            reports_before: reports_before(at),
        });
    }
    found
}

/// Where a report's own speed and course lead in `seconds`; its own place if it tells none.
pub(super) fn led(report: &Position, seconds: f64) -> LonLat {
    reckon(report, seconds).unwrap_or(report.position)
}
