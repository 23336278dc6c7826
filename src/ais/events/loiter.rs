//! Loitering: hours of slow way at sea, neither anchored nor moored; and anchorages, learnt from where many ships stay.

use super::sketch::{STEP_S, Sketch, Step};
use super::{Context, Found, instant};
use crate::ais::segment::chord_m;
use crate::model::event::{Event, EventKind};
use crate::model::units::LonLat;

/// Steps that may be missing inside one event: an hour.
pub(super) const MISSING_STEPS: i64 = 6;
/// Ship type of fishing vessels (ITU-R M.1371-5, table 53).
pub(super) const FISHING: u8 = 30;
/// A stay: this long within this distance (Global Fishing Watch's anchorages).
const STAY_STEPS: i64 = 12 * 3600 / STEP_S;
const STAY_M: f64 = 500.0;
/// Ships that stay within this distance of each other share an anchorage, metres.
const ANCHORAGE_M: f64 = 3000.0;

pub(super) fn loitering(context: &Context<'_>, anchorages: &Anchorages) -> Vec<Event> {
    let settings = context.settings();
    let mut events = Vec::new();
    for sketch in context.sketches {
        if sketch.ship_type == Some(FISHING) && !settings.loiter_fishing {
            continue;
        }
        for run in runs(&sketch.slow, settings.loiter_kn) {
            events.extend(event(sketch, run, context, anchorages));
        }
    }
    events
}

/// Runs of steps slower than `most_kn`, broken at silences of more than an hour.
fn runs(slow: &[Step], most_kn: f64) -> Vec<&[Step]> {
    let mut runs = Vec::new();
    for together in slow.chunk_by(|a, b| b.step - a.step <= MISSING_STEPS) {
        // A step above the limit ends a run; the hour's mean has smoothed it.
        runs.extend(
            together
                .split(|step| step.mean_kn > most_kn)
                .filter(|run| !run.is_empty()),
        );
    }
    runs
}

fn event(
    own: &Sketch,
    run: &[Step],
    context: &Context<'_>,
    anchorages: &Anchorages,
) -> Option<Event> {
    let settings = context.settings();
    let (first, last) = (run.first()?, run.last()?);
    let hours = ((last.step - first.step) * STEP_S) as f64 / 3600.0;
    let at_rest = run.iter().filter(|step| step.is_at_rest).count();
    let middle = run[run.len() / 2].place;
    if hours < settings.loiter_h
        || 2 * at_rest > run.len()
        || anchorages.is_near(middle, settings.anchorage_km)
        || context.is_near_shore(middle, settings.loiter_shore_nm)
    {
        return None;
    }
    let mean_kn = run.iter().map(|step| step.mean_kn).sum::<f64>() / run.len() as f64;
    let reach_m = run
        .iter()
        .map(|step| chord_m(step.place, middle))
        .fold(0.0, f64::max);
    let found = Found {
        kind: EventKind::Loitering,
        vessels: vec![own.who.clone()],
        start: first.time(),
        last: last.time(),
        position: middle,
        radius_m: reach_m.max(100.0),
        simulated: own.simulated,
    };
    Some(found.event(
        &[("hours", hours), ("mean_kn", mean_kn), ("reach_m", reach_m)],
        vec![
            format!(
                "From {} on for {hours:.1} h its mean speed was {mean_kn:.1} kn, at most {:.1} kn over any hour.",
                instant(first.time()),
                settings.loiter_kn
            ),
            "Its status tells neither of an anchor nor of a berth.".to_owned(),
        ],
    ))
}

/// Places where a ship stayed: first of every twelve hours within 500 m.
pub(super) fn stays(grid: &[Step]) -> Vec<LonLat> {
    let mut stays = Vec::new();
    let mut from = 0;
    for at in 0..grid.len() {
        let broken = at > 0 && grid[at].step - grid[at - 1].step > MISSING_STEPS;
        if broken || chord_m(grid[from].place, grid[at].place) > STAY_M {
            from = at;
        } else if grid[at].step - grid[from].step >= STAY_STEPS {
            stays.push(grid[from].place);
            from = at;
        }
    }
    stays
}

/// Stays that make an anchorage, by latitude.
pub(super) struct Anchorages(Vec<LonLat>);

pub(super) fn anchorages(context: &Context<'_>) -> Anchorages {
    let mut stays: Vec<(LonLat, usize)> = Vec::new();
    for (ship, sketch) in context.sketches.iter().enumerate() {
        stays.extend(sketch.stays.iter().map(|place| (*place, ship)));
    }
    stays.sort_by(|a, b| a.0.lat_deg.total_cmp(&b.0.lat_deg).then(a.1.cmp(&b.1)));
    let places: Vec<LonLat> = stays.iter().map(|(place, _)| *place).collect();
    let wanted = context.settings().anchorage_ships as usize;
    let is_anchorage = |stay: &&(LonLat, usize)| {
        let mut ships: Vec<usize> = near(&places, stay.0, ANCHORAGE_M)
            .map(|at| stays[at].1)
            .collect();
        ships.sort_unstable();
        ships.dedup();
        ships.len() >= wanted
    };
    Anchorages(
        stays
            .iter()
            .filter(is_anchorage)
            .map(|(place, _)| *place)
            .collect(),
    )
}

impl Anchorages {
    pub(super) fn is_near(&self, place: LonLat, within_km: f64) -> bool {
        near(&self.0, place, within_km * 1000.0).next().is_some()
    }
}

/// Indices of the places within a distance; `places` are sorted by latitude.
pub(super) fn near(places: &[LonLat], place: LonLat, within_m: f64) -> impl Iterator<Item = usize> {
    // A degree of latitude is never shorter than 110.5 km.
    let reach_deg = within_m / 110_500.0;
    let first = places.partition_point(|p| p.lat_deg < place.lat_deg - reach_deg);
    let rest = places[first..].iter().enumerate();
    rest.take_while(move |(_, p)| p.lat_deg <= place.lat_deg + reach_deg)
        .filter(move |(_, p)| chord_m(**p, place) <= within_m)
        .map(move |(at, _)| first + at)
}
