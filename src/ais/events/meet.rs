//! Encounters: two vessels beside each other, slow, for hours, away from anchorages. No day ends one.
//!
//! # Source
//!
//! Miller et al. (2018), Identifying global patterns of transshipment behavior: a grid of ten minutes, 500 m, two hours, 2 kn.
//! Global Fishing Watch's own pipeline cuts at midnight; here a pair is followed from step to step.

use super::loiter::{Anchorages, MISSING_STEPS, near};
use super::sketch::STEP_S;
use super::{Context, Found, instant};
use crate::ais::segment::chord_m;
use crate::model::event::{Event, EventKind};
use crate::model::units::LonLat;
use jiff::Timestamp;
use std::collections::HashMap;

/// A pair that is close.
struct Pair {
    first: i64,
    last: i64,
    steps: u32,
    /// Steps in which each was slow enough.
    slow: [u32; 2],
    at_rest: u32,
    closest_m: f64,
    sum_m: f64,
    place: LonLat,
}

/// All ships at one step, by latitude.
pub(super) struct Together {
    pub(super) step: i64,
    pub(super) places: Vec<LonLat>,
    /// Index of the sketch, and of its step.
    pub(super) who: Vec<(usize, usize)>,
}

/// The slow ships of each step, step by step.
pub(super) fn steps(context: &Context<'_>) -> Vec<Together> {
    let mut all: Vec<(i64, usize, usize)> = Vec::new();
    for (ship, sketch) in context.sketches.iter().enumerate() {
        all.extend(
            sketch
                .slow
                .iter()
                .enumerate()
                .map(|(at, step)| (step.step, ship, at)),
        );
    }
    all.sort_unstable();
    let place = |&(_, ship, at): &(i64, usize, usize)| context.sketches[ship].slow[at].place;
    all.chunk_by_mut(|a, b| a.0 == b.0)
        .map(|now| {
            now.sort_by(|a, b| place(a).lat_deg.total_cmp(&place(b).lat_deg).then(a.cmp(b)));
            Together {
                step: now[0].0,
                places: now.iter().map(place).collect(),
                who: now.iter().map(|(_, ship, at)| (*ship, *at)).collect(),
            }
        })
        .collect()
}

pub(super) fn encounters(
    context: &Context<'_>,
    anchorages: &Anchorages,
    rafts: &[Event],
) -> Vec<Event> {
    let settings = context.settings();
    let mut open: HashMap<(usize, usize), Pair> = HashMap::new();
    let mut done: Vec<((usize, usize), Pair)> = Vec::new();
    let least_steps = (settings.encounter_h * 3600.0 / STEP_S as f64).ceil() as i64;
    for now in steps(context) {
        for (at, place) in now.places.iter().enumerate() {
            for other in near(&now.places, *place, settings.encounter_m).filter(|&other| other > at)
            {
                let (a, b) = (
                    now.who[at].min(now.who[other]),
                    now.who[at].max(now.who[other]),
                );
                if context.sketches[a.0].who.mmsi == context.sketches[b.0].who.mmsi {
                    continue;
                }
                let apart_m = chord_m(*place, now.places[other]);
                let key = (a.0, b.0);
                let pair = open
                    .entry(key)
                    .or_insert_with(|| Pair::new(now.step, *place));
                if now.step - pair.last > MISSING_STEPS {
                    done.push((key, std::mem::replace(pair, Pair::new(now.step, *place))));
                }
                let ships = [a, b].map(|(ship, at)| &context.sketches[ship].slow[at]);
                pair.last = now.step;
                pair.steps += 1;
                pair.closest_m = pair.closest_m.min(apart_m);
                pair.sum_m += apart_m;
                for (count, ship) in pair.slow.iter_mut().zip(ships) {
                    *count += u32::from(ship.mean_kn <= settings.encounter_kn);
                }
                pair.at_rest += u32::from(ships.iter().all(|ship| ship.is_at_rest));
            }
        }
        // Harbours have many pairs: what is over and was short is forgotten.
        if now.step % 36 == 0 {
            open.retain(|_, pair| {
                now.step - pair.last <= MISSING_STEPS || pair.last - pair.first >= least_steps
            });
        }
    }
    done.extend(open);
    done.sort_by_key(|(key, pair)| (*key, pair.first));
    done.iter()
        .filter(|(_, pair)| pair.last - pair.first >= least_steps)
        .filter_map(|(key, pair)| event(*key, pair, context, anchorages))
        .filter(|event| !rafts.iter().any(|raft| is_part_of(event, raft)))
        .collect()
}

/// True if both vessels are in the raft at the time.
fn is_part_of(event: &Event, raft: &Event) -> bool {
    event
        .vessels
        .iter()
        .all(|vessel| raft.vessels.contains(vessel))
        && raft
            .end
            .is_some_and(|end| raft.start <= end && event.overlaps(raft.start, end))
}

impl Pair {
    fn new(step: i64, place: LonLat) -> Self {
        Self {
            first: step,
            last: step,
            steps: 0,
            slow: [0; 2],
            at_rest: 0,
            closest_m: f64::INFINITY,
            sum_m: 0.0,
            place,
        }
    }
}

fn event(
    (a, b): (usize, usize),
    pair: &Pair,
    context: &Context<'_>,
    anchorages: &Anchorages,
) -> Option<Event> {
    let settings = context.settings();
    let at = |step: i64| Timestamp::from_second(step * STEP_S).unwrap_or(Timestamp::UNIX_EPOCH);
    let is_slow = pair.slow.iter().all(|count| 2 * count >= pair.steps);
    // Both at anchor or moored by their own word: neighbours in a roadstead.
    let is_at_rest = 2 * pair.at_rest > pair.steps;
    // Places were close in most of the steps, not at the ends alone.
    let is_whole = i64::from(pair.steps) * 2 > pair.last - pair.first;
    if !is_slow || is_at_rest || !is_whole || anchorages.is_near(pair.place, settings.anchorage_km)
    {
        return None;
    }
    let ships = [a, b].map(|ship| &context.sketches[ship]);
    let hours = ((pair.last - pair.first) * STEP_S) as f64 / 3600.0;
    let mean_m = pair.sum_m / f64::from(pair.steps);
    let found = Found {
        kind: EventKind::Encounter,
        vessels: ships.map(|ship| ship.who.clone()).to_vec(),
        start: at(pair.first),
        last: at(pair.last),
        position: pair.place,
        radius_m: settings.encounter_m,
        simulated: ships.iter().any(|ship| ship.simulated),
    };
    Some(found.event(
        &[("hours", hours), ("closest_m", pair.closest_m), ("mean_m", mean_m)],
        vec![
            format!(
                "From {} on for {hours:.1} h both were within {:.0} m of each other, on average {mean_m:.0} m.",
                instant(at(pair.first)),
                settings.encounter_m
            ),
            format!("The median speed of each was at most {:.1} kn.", settings.encounter_kn),
        ],
    ))
}
