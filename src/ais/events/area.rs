//! Events of an area: positions of many ships disturbed at once, and more ships in a cell than on other days.

use super::reception::Cell;
use super::sketch::Disturbance;
use super::{Context, Found, Sketch, instant, seconds};
use crate::ais::segment::chord_m;
use crate::model::event::{Event, EventKind, EventVessel};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// How far apart disturbances may begin to be one, seconds.
const ONE_ONSET_S: f64 = 3600.0;
/// Other days before a day is compared, and the fewest ships of a concentration.
const FEWEST_DAYS: usize = 7;
const FEWEST_SHIPS: f64 = 5.0;
/// Standard deviation over median absolute deviation of a normal law.
const MAD_SIGMA: f64 = 1.4826;

/// Disturbances of many ships as events of an area; the others as events of their ships.
pub(super) fn interference(context: &Context<'_>) -> Vec<Event> {
    let settings = context.settings();
    let mut all: Vec<(&Sketch, &Disturbance)> = context
        .sketches
        .iter()
        .flat_map(|sketch| sketch.disturbances.iter().map(move |d| (sketch, d)))
        .collect();
    all.sort_by_key(|(sketch, d)| (d.start, sketch.who.clone()));
    let mut grouped = vec![false; all.len()];
    let mut events = Vec::new();
    for at in 0..all.len() {
        if grouped[at] {
            continue;
        }
        let (_, seed) = all[at];
        let members: Vec<usize> = (at..all.len())
            .take_while(|&other| seconds(seed.start, all[other].1.start) <= ONE_ONSET_S)
            .filter(|&other| {
                !grouped[other]
                    && chord_m(seed.place, all[other].1.place) <= settings.interference_km * 1000.0
            })
            .collect();
        let ships: BTreeSet<_> = members.iter().map(|&m| all[m].0.who.mmsi).collect();
        if ships.len() >= settings.interference_ships as usize {
            for &member in &members {
                grouped[member] = true;
            }
            let members: Vec<_> = members.iter().map(|&member| all[member]).collect();
            events.push(area(&members));
        } else {
            events.extend(seed.event.clone());
        }
    }
    events
}

fn area(members: &[(&Sketch, &Disturbance)]) -> Event {
    let first = members[0].1;
    let end = members
        .iter()
        .map(|(_, d)| d.end)
        .max()
        .unwrap_or(first.end);
    let reach_m = members
        .iter()
        .map(|(_, d)| chord_m(first.place, d.place))
        .fold(0.0, f64::max);
    let frozen = members.iter().filter(|(_, d)| d.is_frozen).count();
    let mut vessels: Vec<EventVessel> = members
        .iter()
        .map(|(sketch, _)| sketch.who.clone())
        .collect();
    vessels.sort();
    vessels.dedup();
    let ships = vessels.len();
    let found = Found {
        kind: EventKind::GnssInterference,
        vessels,
        start: first.start,
        last: end,
        position: first.place,
        radius_m: reach_m.max(1000.0),
        simulated: members.iter().any(|(sketch, _)| sketch.simulated),
    };
    found.event(
        &[("ships", ships as f64), ("frozen", frozen as f64), ("reach_m", reach_m)],
        vec![format!(
            "From {} on the places of {ships} vessels within {:.0} km leapt or froze while they were under way; one cause for all is likelier than one each.",
            instant(first.start),
            reach_m / 1000.0
        )],
    )
}

/// Days on which a cell of 0.25° holds many more ships than on the other days of the data.
pub(super) fn concentrations(context: &Context<'_>) -> Vec<Event> {
    let mut ships: BTreeMap<(Cell, i64), BTreeSet<usize>> = BTreeMap::new();
    let mut days: BTreeSet<i64> = BTreeSet::new();
    for (ship, sketch) in context.sketches.iter().enumerate() {
        for hour in sketch.hours.iter().filter(|hour| hour.is_heard) {
            days.insert(hour.hour.div_euclid(24));
            ships
                .entry((hour.cell, hour.hour.div_euclid(24)))
                .or_default()
                .insert(ship);
        }
    }
    if days.len() <= FEWEST_DAYS {
        return vec![];
    }
    let mut events = Vec::new();
    for ((cell, day), present) in &ships {
        let others: Vec<f64> = days
            .iter()
            .filter(|other| *other != day)
            .map(|other| {
                ships
                    .get(&(*cell, *other))
                    .map_or(0.0, |all| all.len() as f64)
            })
            .collect();
        let usual = median(others.clone());
        let spread = median(others.iter().map(|count| (count - usual).abs()).collect());
        // Counts scatter by their root at least.
        let sigma = (MAD_SIGMA * spread).max(usual.sqrt()).max(1.0);
        let count = present.len() as f64;
        let z = (count - usual) / sigma;
        if z <= context.settings().concentration_z || count < FEWEST_SHIPS {
            continue;
        }
        let at = |day: i64| Timestamp::from_second(day * 86_400).unwrap_or(Timestamp::UNIX_EPOCH);
        let found = Found {
            kind: EventKind::Concentration,
            vessels: present
                .iter()
                .map(|&ship| context.sketches[ship].who.clone())
                .collect(),
            start: at(*day),
            last: at(*day + 1),
            position: cell.centre(),
            radius_m: 20_000.0,
            simulated: present.iter().any(|&ship| context.sketches[ship].simulated),
        };
        events.push(found.event(
            &[("ships", count), ("usual_ships", usual), ("z", z)],
            vec![format!(
                "{count:.0} vessels were heard in a cell of 0.25° that day; {usual:.0} is the median of {} other days.",
                others.len()
            )],
        ));
    }
    events
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use crate::ais::events::{EventSettings, Watch};
    use crate::model::event::EventKind;
    use crate::model::track::{AisClass, Position, Track, Vessel};
    use crate::model::units::{LonLat, Mmsi};
    use jiff::Timestamp;

    /// A ship that is heard every hour of some days, going to and fro within a cell.
    fn ship(number: u32, days: std::ops::Range<i64>) -> Track {
        let mmsi = Mmsi(412_000_000 + number);
        let report = |hour: i64| Position {
            mmsi,
            time: Timestamp::from_second(1_772_323_200 + 3600 * hour).unwrap_or_default(),
            position: LonLat::new(
                123.1 + 0.1 * (hour % 2) as f64,
                25.1 + 0.001 * f64::from(number),
            ),
            sog_kn: Some(6.0),
            cog_deg: Some(90.0),
            heading_deg: None,
            nav_status: Some(0),
            class: AisClass::A,
        };
        Track {
            mmsi,
            part: 0,
            class: AisClass::A,
            vessel: Vessel::default(),
            positions: (24 * days.start..24 * days.end).map(report).collect(),
            gaps: vec![],
            simulated: false,
            distress: None,
        }
    }

    #[test]
    fn the_day_with_many_more_ships_than_the_other_days_is_the_one_concentration() {
        let settings = EventSettings::default();
        let watch = Watch {
            settings: &settings,
            outages: &[],
            shore_m: None,
        };
        let concentrations = |days: i64| {
            let usual = (0..3).map(|number| ship(number, 0..days));
            let more = (3..20).map(|number| ship(number, days - 2..days - 1));
            let tracks: Vec<Track> = usual.chain(more).collect();
            let events = watch.events(&tracks).into_iter();
            events
                .filter(|e| e.kind == EventKind::Concentration)
                .collect::<Vec<_>>()
        };
        let found = concentrations(9);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].start.as_second(), 1_772_323_200 + 7 * 86_400);
        // 20 ships against 3: median deviation 0, so the root of 3 is the scatter.
        let z = found[0].evidence["z"];
        assert!((z - 17.0 / 3.0_f64.sqrt()).abs() < 1e-3, "{z}");
        // Six other days are too few.
        assert!(concentrations(7).is_empty());
    }
}
