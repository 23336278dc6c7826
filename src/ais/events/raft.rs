//! Rafting: several vessels close together for half a day.

use super::loiter::{MISSING_STEPS, near};
use super::meet::{Together, steps};
use super::sketch::STEP_S;
use super::{Context, Found, instant};
use crate::ais::segment::chord_m;
use crate::model::event::{Event, EventKind};
use crate::model::units::LonLat;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Distance that a raft may drift from one step to the next, metres: 3 kn.
const DRIFT_M: f64 = 1000.0;

/// A group as it is followed.
struct Raft {
    first: i64,
    last: i64,
    steps: u32,
    place: LonLat,
    /// Steps of each ship.
    ships: BTreeMap<usize, u32>,
}

pub(super) fn rafts(context: &Context<'_>) -> Vec<Event> {
    let settings = context.settings();
    let (mut open, mut done): (Vec<Raft>, Vec<Raft>) = (Vec::new(), Vec::new());
    for now in steps(context) {
        let (over, going): (Vec<Raft>, Vec<Raft>) = open
            .into_iter()
            .partition(|raft| now.step - raft.last > MISSING_STEPS);
        done.extend(over);
        open = going;
        for group in groups(&now, settings.raft_m, settings.raft_ships as usize) {
            let place = centre(&now, &group);
            let ships = || group.iter().map(|&at| now.who[at].0);
            let known = open.iter_mut().find(|raft| {
                chord_m(raft.place, place) <= DRIFT_M
                    && ships().any(|ship| raft.ships.contains_key(&ship))
            });
            let raft = match known {
                Some(raft) => raft,
                None => {
                    open.push(Raft {
                        first: now.step,
                        last: now.step,
                        steps: 0,
                        place,
                        ships: BTreeMap::new(),
                    });
                    let at = open.len() - 1;
                    &mut open[at]
                }
            };
            raft.last = now.step;
            raft.steps += 1;
            raft.place = place;
            for ship in ships() {
                *raft.ships.entry(ship).or_default() += 1;
            }
        }
    }
    done.extend(open);
    let mut events: Vec<Event> = done
        .iter()
        .filter_map(|raft| event(raft, context))
        .collect();
    events.sort_by(|a, b| (a.start, &a.id).cmp(&(b.start, &b.id)));
    events
}

/// Groups of at least `least` ships, each within `reach_m` of another of its group.
fn groups(now: &Together, reach_m: f64, least: usize) -> Vec<Vec<usize>> {
    let mut seen = vec![false; now.places.len()];
    let mut groups = Vec::new();
    for start in 0..now.places.len() {
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        let mut group = vec![start];
        let mut next = 0;
        while let Some(&at) = group.get(next) {
            next += 1;
            for other in near(&now.places, now.places[at], reach_m) {
                if !std::mem::replace(&mut seen[other], true) {
                    group.push(other);
                }
            }
        }
        if group.len() >= least {
            groups.push(group);
        }
    }
    groups
}

fn centre(now: &Together, group: &[usize]) -> LonLat {
    let origin = now.places[group[0]];
    let mean = |of: &dyn Fn(LonLat) -> f64| {
        group.iter().map(|&at| of(now.places[at])).sum::<f64>() / group.len() as f64
    };
    let east = |place: LonLat| (place.lon_deg - origin.lon_deg + 180.0).rem_euclid(360.0) - 180.0;
    LonLat::new(origin.lon_deg + mean(&east), mean(&|place| place.lat_deg))
}

fn event(raft: &Raft, context: &Context<'_>) -> Option<Event> {
    let settings = context.settings();
    let hours = ((raft.last - raft.first) * STEP_S) as f64 / 3600.0;
    // Who passed by is no part of it.
    let members: Vec<usize> = raft
        .ships
        .iter()
        .filter(|(_, steps)| **steps * 2 >= raft.steps)
        .map(|(ship, _)| *ship)
        .collect();
    if hours < settings.raft_h
        || members.len() < settings.raft_ships as usize
        || context.is_near_shore(raft.place, settings.raft_shore_nm)
    {
        return None;
    }
    let at = |step: i64| Timestamp::from_second(step * STEP_S).unwrap_or(Timestamp::UNIX_EPOCH);
    let found = Found {
        kind: EventKind::Rafting,
        vessels: members
            .iter()
            .map(|&ship| context.sketches[ship].who.clone())
            .collect(),
        start: at(raft.first),
        last: at(raft.last),
        position: raft.place,
        radius_m: settings.raft_m,
        simulated: members.iter().any(|&ship| context.sketches[ship].simulated),
    };
    Some(found.event(
        &[("hours", hours), ("ships", members.len() as f64)],
        vec![format!(
            "From {} on for {hours:.1} h {} vessels lay each within {:.0} m of another.",
            instant(at(raft.first)),
            members.len(),
            settings.raft_m
        )],
    ))
}
