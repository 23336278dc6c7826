//! Identities that are shared or change, places that circle, leap, freeze or run over land, markers and beacons.

use super::cast::{Cast, END_S};
use super::plan::{Trick, Way};
use super::sea;
use crate::model::event::EventKind;
use crate::model::track::{AisClass, Vessel};
use crate::model::units::Mmsi;
use rand::RngExt;

/// Two ships on one MMSI, and ships that change theirs under way.
pub(super) fn identities(cast: &mut Cast) {
    for _ in 0..6 {
        let ways = [cast.wander(10.0), cast.wander(12.0)];
        // Where both meet nobody can tell them apart.
        let apart = |time_s: f64| {
            let [a, b] = [&ways[0], &ways[1]].map(|way| way.at(time_s).map(|(place, ..)| place));
            a.zip(b).map_or(f64::MAX, |(a, b)| a.distance_m(b))
        };
        if (0..288).any(|part| apart(900.0 * f64::from(part)) < 60_000.0) {
            continue;
        }
        let place = ways[0].at(60.0).map_or(sea::ISLAND, |(place, ..)| place);
        let [first, second] = ways;
        let mmsi = cast.cargo(first, |_| {});
        cast.cargo(second, |ship| ship.mmsi = mmsi);
        cast.truth(EventKind::IdentityClash, &[mmsi], (0.0, END_S), place);
    }
    let mut made = 0;
    while made < 7 {
        let way = cast.wander(9.0);
        let from_s = cast.time_s(4.0);
        let to_s = from_s + cast.random.random_range(300.0..1200.0);
        let places = [from_s, from_s - 3600.0, to_s + 3600.0].map(|time_s| way.at(time_s));
        let [
            Some((place, _, course)),
            Some((_, _, before)),
            Some((_, _, after)),
        ] = places
        else {
            continue;
        };
        if (course - before).abs() > 1.0
            || (course - after).abs() > 1.0
            || !cast.is_well_heard(place)
        {
            continue;
        }
        let old = cast.cargo(way.clone(), |ship| {
            ship.vessel.length_m = Some(180.0);
            ship.tricks.push((from_s, END_S, Trick::Silent));
        });
        let new = cast.cargo(way, |ship| {
            ship.vessel.length_m = Some(180.0);
            ship.is_hull = false;
            ship.tricks.push((-1.0, to_s, Trick::Silent));
        });
        cast.truth(
            EventKind::IdentityChange,
            &[old, new],
            (from_s, to_s),
            place,
        );
        made += 1;
    }
}

/// Places that circle, leap, freeze, and run over land.
pub(super) fn places(cast: &mut Cast) {
    for index in 0..10 {
        let centre = cast.site();
        // The last three are boats that do circle, and say so.
        let is_event = index < 7;
        let radius_m = cast.random.random_range(if is_event {
            300.0..2500.0
        } else {
            200.0..500.0
        });
        let span_s = 3600.0 * cast.random.random_range(1.5..4.0);
        let from_s = cast.time_s(span_s / 3600.0);
        let turn_s = if is_event {
            cast.random.random_range(900.0..1800.0)
        } else {
            radius_m * 3.0
        };
        let true_kn = std::f64::consts::TAU * radius_m / turn_s / crate::model::units::KNOT_MPS;
        let told_kn = if is_event { true_kn + 8.0 } else { true_kn };
        let way = cast.visit(centre, from_s, |way| way.along(0.0, 0.1, span_s / 3600.0));
        let trick = Trick::Circle {
            centre,
            radius_m,
            turn_s,
            told_kn,
        };
        let mmsi = cast.ship(None, way, |ship| {
            ship.interval_s = 40.0;
            ship.tricks.push((from_s, from_s + span_s, trick));
        });
        if is_event {
            cast.truth(
                EventKind::PositionCircle,
                &[mmsi],
                (from_s, from_s + span_s),
                centre,
            );
        }
    }
    for _ in 0..6 {
        let hours = cast.random.random_range(1.0..4.0);
        let (from_s, way) = (cast.time_s(hours), cast.wander(10.0));
        let Some((place, ..)) = way
            .at(from_s)
            .filter(|(place, ..)| cast.is_well_heard(*place))
        else {
            continue;
        };
        let offset = Trick::Offset(
            cast.random.random_range(20.0..30.0),
            cast.random.random_range(-3.0..3.0),
        );
        let span_s = (from_s, from_s + 3600.0 * hours);
        let mmsi = cast.cargo(way, |ship| ship.tricks.push((span_s.0, span_s.1, offset)));
        cast.truth(EventKind::PositionOffset, &[mmsi], span_s, place);
    }
    for is_frozen in [false, true, false] {
        let place = cast.site();
        let hours = cast.random.random_range(0.7..1.5);
        let from_s = cast.time_s(hours);
        let mut all = Vec::new();
        for _ in 0..8 {
            let at = place.destination(
                cast.random.random_range(0.0..360.0),
                cast.random.random_range(1_000.0..15_000.0),
            );
            let course_deg = cast.random.random_range(0.0..360.0);
            let way = cast.visit(at, from_s, |way| way.along(course_deg, 9.0, hours));
            let trick = if is_frozen {
                Trick::Frozen
            } else {
                Trick::Offset(0.4, 0.7)
            };
            all.push(cast.cargo(way, |ship| {
                ship.interval_s = 60.0;
                ship.tricks.push((from_s, from_s + 3600.0 * hours, trick));
            }));
        }
        cast.truth(
            EventKind::GnssInterference,
            &all,
            (from_s, from_s + 3600.0 * hours),
            place,
        );
    }
    for index in 0..6 {
        let from_s = cast.time_s(5.0);
        // Over the island's middle, or past it.
        let aside_m = if index < 4 { 4_000.0 } else { 26_000.0 };
        let course_deg: f64 = cast.random.random_range(0.0..360.0);
        let abeam = sea::ISLAND.destination(course_deg + 90.0, aside_m);
        let way = Way::from(from_s, abeam.destination(course_deg + 180.0, 45_000.0))
            .to(abeam.destination(course_deg, 45_000.0), 12.0);
        let way = cast.on(way, 12.0);
        let mmsi = cast.cargo(way, |_| {});
        if index < 4 {
            let inside_s = (20_000.0_f64.powi(2) - 4_000.0_f64.powi(2)).sqrt()
                / (12.0 * crate::model::units::KNOT_MPS);
            let middle_s = from_s + 45_000.0 / (12.0 * crate::model::units::KNOT_MPS);
            cast.truth(
                EventKind::OverLand,
                &[mmsi],
                (middle_s - inside_s, middle_s + inside_s),
                abeam,
            );
        }
    }
}

/// Gear markers, and beacons in distress and under test.
pub(super) fn markers(cast: &mut Cast) {
    for index in 0..12 {
        let place = cast.site();
        let way =
            Way::from(0.0, place).along(cast.random.random_range(0.0..360.0), 0.15, END_S / 3600.0);
        let name = ["NET MARK", "AB 17-88%", "12345-7", "BUOY 3", "LX9-12.4V"][index % 5];
        let mmsi = cast.ship(None, way, |ship| {
            ship.class = AisClass::B;
            ship.is_hull = false;
            ship.vessel.name = Some(name.to_owned());
            ship.interval_s = 180.0;
            ship.nav_status = None;
        });
        cast.truth(EventKind::GearBuoy, &[mmsi], (0.0, END_S), place);
    }
    for (index, status) in [14, 15, 14].into_iter().enumerate() {
        let place = cast.site();
        let from_s = cast.time_s(3.0);
        let mmsi = Mmsi(970_010_001 + index as u32);
        cast.ship(
            None,
            Way::from(from_s, place).along(90.0, 0.8, 3.0),
            |ship| {
                ship.mmsi = mmsi;
                ship.is_hull = false;
                ship.interval_s = 60.0;
                ship.vessel = Vessel::default();
                ship.nav_status = Some(status);
            },
        );
        if status == 14 {
            cast.truth(
                EventKind::DistressBeacon,
                &[mmsi],
                (from_s, from_s + 3.0 * 3600.0),
                place,
            );
        }
    }
}
