//! Receptions → one [`Track`] an identity.
//!
//! Reports are put in time order, one an instant. A report is dropped as a jump if both its neighbours could only be
//! reached at more than 100 kn: a garbled place, or another ship with the same MMSI for a moment. (Two ships that use one
//! MMSI for long are not told apart here.)

use super::reception::Reception;
use crate::model::track::{AisClass, Distress, Gap, Position, Track, Vessel};
use crate::model::units::{KNOT_MPS, LonLat, Mmsi, MmsiKind};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Fastest that a report may imply, knots. No ship is faster; SAR aircraft are, and are left alone.
const MAX_SPEED_KN: f64 = 100.0;
/// Distance that a wrong time may explain, metres: receivers stamp whole seconds, some ten seconds late.
const SLACK_M: f64 = 500.0;
/// Mean radius of the Earth, metres (IUGG).
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Tracks, and what was left out on the way.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TrackSet {
    /// Tracks by MMSI.
    pub tracks: Vec<Track>,
    /// Reports left out because another report of the same identity had the same instant.
    pub repeats: u64,
    /// Reports left out as jumps.
    pub jumps: u64,
}

/// Tracks by MMSI; a silence longer than `gap_s` seconds becomes a gap.
pub fn tracks(receptions: Vec<Reception>, gap_s: f64) -> Vec<Track> {
    build_tracks(receptions, gap_s).tracks
}

/// As [`tracks`], with counts of what was left out.
///
/// Static data are merged field by field, the latest known value wins. Identities that told no place have no track.
pub fn build_tracks(receptions: Vec<Reception>, gap_s: f64) -> TrackSet {
    let mut set = TrackSet::default();
    for (mmsi, heard) in by_identity(receptions) {
        if heard.positions.is_empty() {
            continue;
        }
        let (positions, repeats) = in_time_order(heard.positions);
        let (positions, jumps) = without_jumps(mmsi, positions);
        set.repeats += repeats;
        set.jumps += jumps;
        set.tracks.push(Track {
            mmsi,
            class: majority(&positions),
            vessel: merged(heard.statics),
            gaps: gaps(&positions, gap_s),
            positions,
            simulated: heard.simulated,
            distress: heard.distress,
        });
    }
    set
}

/// All that was heard of one identity.
#[derive(Default)]
struct Heard {
    positions: Vec<Position>,
    statics: Vec<(Timestamp, Vessel)>,
    simulated: bool,
    distress: Option<Distress>,
}

fn by_identity(receptions: Vec<Reception>) -> BTreeMap<Mmsi, Heard> {
    let mut heard: BTreeMap<Mmsi, Heard> = BTreeMap::new();
    for reception in receptions {
        for position in reception.positions {
            let of_ship = heard.entry(position.mmsi).or_default();
            of_ship.simulated |= reception.simulated;
            of_ship.positions.push(position);
        }
        for (mmsi, time, vessel) in reception.statics {
            heard.entry(mmsi).or_default().statics.push((time, vessel));
        }
        for (mmsi, state) in reception.distress {
            let known = &mut heard.entry(mmsi).or_default().distress;
            if *known != Some(Distress::Active) {
                *known = Some(state);
            }
        }
    }
    heard
}

/// Sorted by time, at most one an instant; also the number left out. Class A wins over B, B over long range; else the
/// first heard wins.
fn in_time_order(mut positions: Vec<Position>) -> (Vec<Position>, u64) {
    let before = positions.len();
    positions.sort_by_key(|position| (position.time, position.class));
    positions.dedup_by_key(|position| position.time);
    let repeats = (before - positions.len()) as u64;
    (positions, repeats)
}

/// Drops reports that neither neighbour can reach; also the number dropped. First and last report have one neighbour and
/// stay.
fn without_jumps(mmsi: Mmsi, positions: Vec<Position>) -> (Vec<Position>, u64) {
    if mmsi.kind() == MmsiKind::SarAircraft {
        return (positions, 0);
    }
    let mut kept: Vec<Position> = Vec::with_capacity(positions.len());
    let mut jumps = 0;
    let mut reports = positions.into_iter().peekable();
    while let Some(report) = reports.next() {
        let jump = match (kept.last(), reports.peek()) {
            (Some(before), Some(after)) => {
                out_of_reach(before, &report) && out_of_reach(&report, after)
            }
            _ => false,
        };
        if jump {
            jumps += 1;
        } else {
            kept.push(report);
        }
    }
    (kept, jumps)
}

fn out_of_reach(earlier: &Position, later: &Position) -> bool {
    let seconds = later.time.duration_since(earlier.time).as_secs_f64();
    let reach_m = MAX_SPEED_KN * KNOT_MPS * seconds + SLACK_M;
    chord_m(earlier.position, later.position) > reach_m
}

/// Straight distance through a spherical Earth, metres: within 0.6 % of the geodesic up to 1,000 km, and shorter beyond,
/// where it only decides between hundreds and thousands of knots.
fn chord_m(a: LonLat, b: LonLat) -> f64 {
    let ([ax, ay, az], [bx, by, bz]) = (a.unit_vector(), b.unit_vector());
    let (dx, dy, dz) = (ax - bx, ay - by, az - bz);
    EARTH_RADIUS_M * (dx * dx + dy * dy + dz * dz).sqrt()
}

/// The most frequent class; the first of [`AisClass`]'s order among equals.
fn majority(positions: &[Position]) -> AisClass {
    let mut counts: BTreeMap<AisClass, u64> = BTreeMap::new();
    for position in positions {
        *counts.entry(position.class).or_default() += 1;
    }
    let most = counts.values().max().copied();
    let winner = counts.into_iter().find(|(_, count)| Some(*count) == most);
    winner.map_or(AisClass::A, |(class, _)| class)
}

fn merged(mut statics: Vec<(Timestamp, Vessel)>) -> Vessel {
    statics.sort_by_key(|(time, _)| *time);
    let mut whole = Vessel::default();
    for (_, told) in statics {
        whole = Vessel {
            name: told.name.or(whole.name),
            call_sign: told.call_sign.or(whole.call_sign),
            imo: told.imo.or(whole.imo),
            ship_type: told.ship_type.or(whole.ship_type),
            length_m: told.length_m.or(whole.length_m),
            width_m: told.width_m.or(whole.width_m),
            draught_m: told.draught_m.or(whole.draught_m),
            destination: told.destination.or(whole.destination),
        };
    }
    whole
}

fn gaps(positions: &[Position], gap_s: f64) -> Vec<Gap> {
    let pairs = positions.windows(2).map(|pair| Gap {
        start: pair[0].time,
        end: pair[1].time,
    });
    pairs
        .filter(|gap| gap.end.duration_since(gap.start).as_secs_f64() > gap_s)
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn at(mmsi: u32, second: i64, lon_deg: f64) -> Position {
        Position {
            mmsi: Mmsi(mmsi),
            time: Timestamp::from_second(second).unwrap(),
            position: LonLat::new(lon_deg, 25.0),
            sog_kn: None,
            cog_deg: None,
            heading_deg: None,
            nav_status: None,
            class: AisClass::A,
        }
    }

    fn reception(positions: Vec<Position>) -> Reception {
        Reception {
            positions,
            ..Reception::default()
        }
    }

    #[test]
    fn reports_of_two_files_make_one_track_in_time_order_without_repeats() {
        let first = reception(vec![at(431_000_001, 20, 123.2), at(416_000_001, 5, 120.0)]);
        let second = reception(vec![at(431_000_001, 10, 123.1), at(431_000_001, 20, 123.9)]);
        let set = build_tracks(vec![first, second], 60.0);
        let who: Vec<u32> = set.tracks.iter().map(|track| track.mmsi.0).collect();
        assert_eq!(who, [416_000_001, 431_000_001]);
        let lons: Vec<f64> = set.tracks[1]
            .positions
            .iter()
            .map(|p| p.position.lon_deg)
            .collect();
        assert_eq!(lons, [123.1, 123.2]);
        assert_eq!(set.repeats, 1);
    }

    #[test]
    fn a_place_that_neither_neighbour_can_reach_is_dropped_also_over_the_date_line() {
        let path = |lons: [f64; 4]| {
            let reports = lons.iter().zip([0, 60, 120, 180]);
            reception(reports.map(|(lon, t)| at(431_000_001, t, *lon)).collect())
        };
        let jumping = build_tracks(vec![path([123.0, 125.0, 123.01, 123.02])], 60.0);
        assert_eq!(jumping.jumps, 1);
        assert_eq!(jumping.tracks[0].positions.len(), 3);
        let steady = build_tracks(vec![path([179.99, 179.999, -179.99, -179.98])], 60.0);
        assert_eq!(steady.jumps, 0);
        // 0.025° of longitude at 25° N is 2,519 m: 82 kn over a minute is in reach.
        let fast = build_tracks(vec![path([123.0, 123.025, 123.05, 123.075])], 60.0);
        assert_eq!(fast.jumps, 0);
    }

    #[test]
    fn a_silence_is_a_gap_only_beyond_the_limit() {
        let heard = reception(vec![
            at(431_000_001, 0, 123.0),
            at(431_000_001, 600, 123.0),
            at(431_000_001, 1201, 123.0),
        ]);
        let tracks = tracks(vec![heard], 600.0);
        let gaps: Vec<(i64, i64)> = tracks[0]
            .gaps
            .iter()
            .map(|gap| (gap.start.as_second(), gap.end.as_second()))
            .collect();
        assert_eq!(gaps, [(600, 1201)]);
    }

    #[test]
    fn the_latest_known_value_of_each_static_field_wins() {
        let mmsi = Mmsi(431_000_001);
        let time = |second| Timestamp::from_second(second).unwrap();
        let named = |name: &str| Vessel {
            name: Some(name.to_owned()),
            ..Vessel::default()
        };
        let mut heard = reception(vec![at(mmsi.0, 0, 123.0)]);
        let sized = Vessel {
            length_m: Some(90.0),
            ..named("EARLY")
        };
        heard.statics = vec![(mmsi, time(9), named("LATE")), (mmsi, time(3), sized)];
        heard.distress = BTreeMap::from([(mmsi, Distress::Test)]);
        heard.simulated = true;
        let track = tracks(vec![heard], 60.0).remove(0);
        assert_eq!(track.vessel.name.as_deref(), Some("LATE"));
        assert_eq!(track.vessel.length_m, Some(90.0));
        assert_eq!(track.distress, Some(Distress::Test));
        assert!(track.simulated);
    }

    #[test]
    fn the_more_frequent_class_names_the_track() {
        let mut heard = reception((0..5).map(|t| at(431_000_001, t, 123.0)).collect());
        for position in &mut heard.positions[..3] {
            position.class = AisClass::B;
        }
        assert_eq!(tracks(vec![heard], 60.0)[0].class, AisClass::B);
    }
}
