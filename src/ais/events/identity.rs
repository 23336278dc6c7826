//! One MMSI at two places, places that leap and come back, and a track that goes on under another MMSI.

use super::sketch::{Disturbance, Sketch, led};
use super::{Context, EventSettings, Found, instant, seconds};
use crate::ais::segment::chord_m;
use crate::model::event::{Event, EventKind, EventVessel};
use crate::model::track::{Position, Track};
use crate::model::units::{KNOT_MPS, LonLat, NAUTICAL_MILE_M};
use jiff::Timestamp;

/// Speed that two ships on one MMSI must imply, knots (reason: no ship is faster).
const IMPOSSIBLE_KN: f64 = 50.0;
/// Longest silence at either end of a leap, seconds.
const LEAP_S: f64 = 1800.0;
/// Distance within which a place with one sign turned is the ship's, metres.
const FLIPPED_M: f64 = 50_000.0;
/// Of a track that goes on under another MMSI: least speed, differences of speed and course, share of length.
const UNDER_WAY_KN: f64 = 2.0;
const SPEED_DIFFERENCE_KN: f64 = 3.0;
const COURSE_DIFFERENCE_DEG: f64 = 30.0;
const LENGTH_SHARE: f64 = 0.1;

/// States the clash of an MMSI's tracks, if there is one; leaps become disturbances of the ship that leapt.
pub(super) fn clashes(identity: &[Track], sketches: &mut [Sketch], settings: &EventSettings) {
    let place_of = |track: &Track, sketches: &[Sketch]| {
        sketches
            .iter()
            .position(|sketch| sketch.who.part == track.part)
    };
    // Tracks of which the place is in doubt: no ship is there.
    let mut away: Vec<u32> = Vec::new();
    for (at, other) in identity.iter().enumerate() {
        for own in &identity[..at] {
            let Some((of, its)) = place_of(own, sketches).zip(place_of(other, sketches)) else {
                continue;
            };
            // Places that leap onto a circle are told by the circle.
            let circling = [(of, own), (its, other)]
                .into_iter()
                .filter(|(sketch, _)| !sketches[*sketch].circles.is_empty())
                .map(|(_, track)| track.part);
            let circling: Vec<u32> = circling.collect();
            if !circling.is_empty() {
                away.extend(circling);
                continue;
            }
            let (of, leaper, leap) = match (leap(own, other), leap(other, own)) {
                (Some(leap), _) => (of, other.part, leap),
                (None, Some(leap)) => (its, own.part, leap),
                (None, None) => continue,
            };
            away.push(leaper);
            // So are places that were frozen and then caught up with the ship.
            let is_thawed = sketches
                .iter()
                .flat_map(|sketch| &sketch.disturbances)
                .any(|known| known.is_frozen && seconds(known.end, leap.start).abs() <= LEAP_S);
            if !is_thawed {
                sketches[of].disturbances.push(leap);
            }
        }
    }
    let ships: Vec<&Track> = identity
        .iter()
        .filter(|track| !away.contains(&track.part))
        .collect();
    if let Some(event) = clash(&ships, settings)
        && let Some(sketch) = sketches.first_mut()
    {
        sketch.events.push(event);
    }
}

/// Reports that change between the tracks of one MMSI faster than any ship.
fn clash(ships: &[&Track], settings: &EventSettings) -> Option<Event> {
    let reports = ships
        .iter()
        .flat_map(|track| track.positions.iter().map(|p| (track.part, p)));
    let mut all: Vec<(u32, &Position)> = if ships.len() > 1 {
        reports.collect()
    } else {
        vec![]
    };
    all.sort_by_key(|(part, p)| (p.time, *part));
    let is_change = |pair: &&[(u32, &Position)]| {
        let apart_m = chord_m(pair[0].1.position, pair[1].1.position);
        let span_s = seconds(pair[0].1.time, pair[1].1.time).max(1.0);
        pair[0].0 != pair[1].0
            && apart_m / span_s > IMPOSSIBLE_KN * KNOT_MPS
            && apart_m > NAUTICAL_MILE_M
    };
    let changes: Vec<&[(u32, &Position)]> = all.windows(2).filter(is_change).collect();
    if changes.len() < settings.clash_changes as usize {
        return None;
    }
    let (first, last) = (changes.first()?, changes.last()?);
    let (start, end) = (first[0].1.time, last[1].1.time);
    let apart_m = chord_m(first[0].1.position, first[1].1.position);
    let found = Found {
        kind: EventKind::IdentityClash,
        // One identity: how many parts it falls into may change with later data.
        vessels: vec![EventVessel {
            mmsi: ships[0].mmsi,
            part: 0,
            name: ships[0].vessel.name.clone(),
        }],
        start,
        last: end,
        position: first[0].1.position,
        radius_m: apart_m,
        simulated: ships.iter().any(|track| track.simulated),
    };
    let mut reasons = vec![format!(
        "From {} on reports changed {} times between places {:.1} km apart at first, faster than {IMPOSSIBLE_KN:.0} kn.",
        instant(start),
        changes.len(),
        apart_m / 1000.0
    )];
    if is_flipped(first[0].1.position, first[1].1.position) {
        reasons.push("One place is the other with a sign turned.".to_owned());
    }
    Some(found.event(
        &[("changes", changes.len() as f64), ("apart_m", apart_m)],
        reasons,
    ))
}

/// True if turning the sign of longitude or latitude brings one place near the other.
fn is_flipped(a: LonLat, b: LonLat) -> bool {
    let turned = [
        LonLat::new(-a.lon_deg, a.lat_deg),
        LonLat::new(a.lon_deg, -a.lat_deg),
        LonLat::new(-a.lon_deg, -a.lat_deg),
    ];
    turned.iter().any(|place| chord_m(*place, b) <= FLIPPED_M)
}

/// `away` lies whole inside one silence of `own`, and follows and precedes its reports faster than any ship: one ship
/// whose places leapt and came back, or did not come back.
fn leap(own: &Track, away: &Track) -> Option<Disturbance> {
    let (first, last) = (away.positions.first()?, away.positions.last()?);
    let before_at = own
        .positions
        .partition_point(|p| p.time < first.time)
        .checked_sub(1)?;
    let before = &own.positions[before_at];
    let after = own.positions.get(before_at + 1);
    let is_impossible = |a: &Position, b: &Position| {
        let span_s = seconds(a.time, b.time);
        let apart_m = chord_m(a.position, b.position);
        span_s <= LEAP_S && apart_m / span_s.max(1.0) > IMPOSSIBLE_KN * KNOT_MPS
    };
    let is_back = match after {
        Some(after) => after.time > last.time && is_impossible(last, after),
        // The same speed and course as before: the ship did not change, its place did.
        None => is_alike(before, first),
    };
    if !is_impossible(before, first) || !is_back {
        return None;
    }
    let apart_m = chord_m(before.position, first.position);
    let found = Found {
        kind: EventKind::PositionOffset,
        vessels: vec![EventVessel {
            mmsi: own.mmsi,
            part: own.part,
            name: own.vessel.name.clone(),
        }],
        start: first.time,
        last: last.time,
        position: before.position,
        radius_m: apart_m,
        simulated: own.simulated,
    };
    let mut reasons = vec![format!(
        "At {} the reports leapt {:.1} km{}.",
        instant(first.time),
        apart_m / 1000.0,
        if after.is_some() {
            " and later back, while none came from the place before"
        } else {
            " and did not come back"
        }
    )];
    if is_flipped(before.position, first.position) {
        reasons.push("The place is the one before with a sign turned.".to_owned());
    }
    let evidence = [
        ("apart_m", apart_m),
        ("reports", away.positions.len() as f64),
    ];
    Some(Disturbance {
        start: first.time,
        end: last.time,
        place: before.position,
        event: Some(found.event(&evidence, reasons)),
        is_frozen: false,
    })
}

fn is_alike(a: &Position, b: &Position) -> bool {
    let speed = a
        .sog_kn
        .zip(b.sog_kn)
        .is_some_and(|(a, b)| (a - b).abs() <= SPEED_DIFFERENCE_KN);
    speed && is_same_course(a, b)
}

fn is_same_course(a: &Position, b: &Position) -> bool {
    a.cog_deg.zip(b.cog_deg).is_none_or(|(a, b)| {
        let turn = (a - b).rem_euclid(360.0);
        turn.min(360.0 - turn) <= COURSE_DIFFERENCE_DEG
    })
}

/// Tracks that end where and when another begins, under way, alike in speed, course and length.
pub(super) fn changes(context: &Context<'_>) -> Vec<Event> {
    let settings = context.settings();
    let span_s = settings.change_min * 60.0;
    let sketches = context.sketches;
    let start: Timestamp = sketches
        .iter()
        .map(|s| s.first.time)
        .min()
        .unwrap_or(context.end);
    let mut begins: Vec<&Sketch> = sketches
        .iter()
        .filter(|s| seconds(start, s.first.time) > span_s && is_under_way(&s.first))
        .collect();
    begins.sort_by_key(|s| s.first.time);
    let mut pairs: Vec<(f64, &Sketch, &Sketch)> = Vec::new();
    for old in sketches {
        let known_gone = seconds(old.last.time, context.end) > 2.0 * span_s;
        if !known_gone || !is_under_way(&old.last) {
            continue;
        }
        let from = begins.partition_point(|s| s.first.time <= old.last.time);
        for new in &begins[from..] {
            let since_s = seconds(old.last.time, new.first.time);
            if since_s > span_s {
                break;
            }
            let apart_m = chord_m(led(&old.last, since_s), new.first.position);
            if old.who.mmsi != new.who.mmsi
                && old.class == new.class
                && apart_m <= settings.change_nm * NAUTICAL_MILE_M
                && is_alike(&old.last, &new.first)
                && is_as_long(old.length_m, new.length_m)
            {
                pairs.push((apart_m, old, new));
            }
        }
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut taken: Vec<&EventVessel> = Vec::new();
    let mut events = Vec::new();
    for (apart_m, old, new) in pairs {
        if !taken.contains(&&old.who) && !taken.contains(&&new.who) {
            taken.extend([&old.who, &new.who]);
            events.push(change(old, new, apart_m));
        }
    }
    events
}

fn is_under_way(report: &Position) -> bool {
    report.sog_kn.is_some_and(|sog_kn| sog_kn >= UNDER_WAY_KN)
}

fn is_as_long(a: Option<f64>, b: Option<f64>) -> bool {
    a.zip(b)
        .is_none_or(|(a, b)| (a - b).abs() <= LENGTH_SHARE * a.max(b))
}

fn change(old: &Sketch, new: &Sketch, apart_m: f64) -> Event {
    let since_min = seconds(old.last.time, new.first.time) / 60.0;
    let bits = (old.who.mmsi.0 ^ new.who.mmsi.0).count_ones();
    let found = Found {
        kind: EventKind::IdentityChange,
        vessels: vec![old.who.clone(), new.who.clone()],
        start: old.last.time,
        last: new.first.time,
        position: new.first.position,
        radius_m: apart_m.max(100.0),
        simulated: old.simulated || new.simulated,
    };
    found.event(
        &[("minutes", since_min), ("apart_m", apart_m), ("mmsi_bits", f64::from(bits))],
        vec![
            format!(
                "MMSI {} was last heard at {}; {since_min:.0} min later MMSI {} was first heard {:.1} km from where the former's course leads.",
                old.who.mmsi,
                instant(old.last.time),
                new.who.mmsi,
                apart_m / 1000.0
            ),
            "Speed and course go on, and the lengths told do not differ.".to_owned(),
        ],
    )
}
