//! Receptions → one [`Track`] a ship.
//!
//! Reports are put in time order and told apart by [`Segmenter`], so two ships that use one MMSI make two tracks. One or two
//! reports that no ship heard on the MMSI can have sent are dropped as jumps: garbled places; a beacon's never are, since
//! a call missed costs more than one too many. Static data carry no place: every ship on an MMSI gets what was told on it.

use super::message::is_beacon;
use super::reception::Reception;
use super::segment::{Segment, SegmentParams, Segmenter, order};
use crate::model::track::{AisClass, Distress, Gap, Position, Track, Vessel};
use crate::model::units::{Mmsi, MmsiKind};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use tracing::debug;

/// Fewest reports within [`SHIP_SPAN`] that make another ship on the same MMSI: a garbled place seldom comes thrice at one
/// spot, but over days some garbled places lie in reach of each other.
const SHIP_REPORTS: usize = 3;
const SHIP_SPAN: SignedDuration = SignedDuration::from_hours(1);

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
        let vessel = merged(heard.statics);
        let told = ships(mmsi, by_time(heard.positions));
        set.jumps += told.jumps;
        set.repeats += told.repeats;
        for (part, positions) in (0..).zip(told.ships) {
            let (positions, repeats) = one_an_instant(positions);
            set.repeats += repeats;
            set.tracks.push(Track {
                mmsi,
                part,
                class: majority(&positions),
                vessel: vessel.clone(),
                gaps: gaps(&positions, gap_s),
                positions,
                simulated: heard.simulated,
                distress: heard.distress,
            });
        }
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

/// Class A before B, B before long range, where the instant is the same: each report then comes behind those that the
/// segmenter holds.
fn by_time(mut positions: Vec<Position>) -> Vec<Position> {
    positions.sort_by(order);
    positions
}

/// At most one report an instant, the first; also the number left out.
fn one_an_instant(mut positions: Vec<Position>) -> (Vec<Position>, u64) {
    let before = positions.len();
    positions.dedup_by_key(|position| position.time);
    let repeats = (before - positions.len()) as u64;
    (positions, repeats)
}

/// The reports of each ship that sends an MMSI, by the time it is first heard.
struct Told {
    ships: Vec<Vec<Position>>,
    repeats: u64,
    jumps: u64,
}

/// Tells ships on one MMSI apart. One that never told [`SHIP_REPORTS`] within [`SHIP_SPAN`] is none but garble, unless it
/// told the most of all or is a distress beacon.
fn ships(mmsi: Mmsi, positions: Vec<Position>) -> Told {
    if mmsi.kind() == MmsiKind::SarAircraft {
        return Told {
            ships: vec![positions],
            repeats: 0,
            jumps: 0,
        };
    }
    let mut segmenter = Segmenter::new(SegmentParams::default());
    let mut repeats = 0;
    for position in positions {
        repeats += u64::from(!segmenter.insert(position));
    }
    let segments = segmenter.segments();
    let most = segments
        .iter()
        .map(|s| s.positions.len())
        .max()
        .unwrap_or(0);
    let (ships, garble): (Vec<Segment>, Vec<Segment>) = segments
        .into_iter()
        .partition(|s| s.positions.len() == most || is_beacon(mmsi) || is_ship(&s.positions));
    for ship in ships.iter().skip(1) {
        debug!(%mmsi, reason = %ship.begun, "Another ship is heard on the MMSI.");
    }
    Told {
        jumps: garble.iter().map(|s| s.positions.len() as u64).sum(),
        ships: ships.into_iter().map(|s| s.positions).collect(),
        repeats,
    }
}

pub(super) fn is_ship(positions: &[Position]) -> bool {
    positions.windows(SHIP_REPORTS).any(|some| {
        let (first, last) = (&some[0], &some[SHIP_REPORTS - 1]);
        last.time.duration_since(first.time) <= SHIP_SPAN
    })
}

/// The most frequent class; the first of [`AisClass`]'s order among equals.
pub(super) fn majority(positions: &[Position]) -> AisClass {
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
    for (_, told) in statics.iter().rev() {
        whole.fill_in(told);
    }
    whole
}

pub(super) fn gaps(positions: &[Position], gap_s: f64) -> Vec<Gap> {
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
    use crate::model::units::LonLat;

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
        let second = reception(vec![
            at(431_000_001, 10, 123.199),
            at(431_000_001, 20, 123.203),
            at(431_000_001, 20, 123.2),
        ]);
        let set = build_tracks(vec![first, second], 60.0);
        let who: Vec<u32> = set.tracks.iter().map(|track| track.mmsi.0).collect();
        assert_eq!(who, [416_000_001, 431_000_001]);
        let lons: Vec<f64> = set.tracks[1]
            .positions
            .iter()
            .map(|p| p.position.lon_deg)
            .collect();
        assert_eq!(lons, [123.199, 123.2]);
        // One at the instant of another, one the same in all.
        assert_eq!(set.repeats, 2);
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
    fn three_places_over_days_make_no_ship_and_three_within_an_hour_do() {
        let others = |step_s: i64| {
            let ship = (0..9).map(|t| at(431_000_001, 60 * t, 123.0));
            let other = (0..3).map(|t| at(431_000_001, 10 + step_s * t, 150.0));
            build_tracks(vec![reception(ship.chain(other).collect())], 60.0)
        };
        assert_eq!((others(1800).tracks.len(), others(1800).jumps), (2, 0));
        assert_eq!((others(1801).tracks.len(), others(1801).jumps), (1, 3));
    }

    #[test]
    fn a_beacon_heard_once_far_from_another_of_its_identity_is_a_track() {
        let ship = |mmsi| {
            let many = (0..9).map(|t| at(mmsi, 60 * t, 123.0));
            // 3° at 25° N are about 300 km.
            let once = at(mmsi, 90, 126.0);
            let heard = reception(many.chain([once]).collect());
            let set = build_tracks(vec![heard], 600.0);
            let parts: Vec<u32> = set.tracks.iter().map(|track| track.part).collect();
            (parts, set.jumps)
        };
        for beacon in [970_012_345, 972_012_345, 974_012_345] {
            assert_eq!(ship(beacon), (vec![0, 1], 0));
        }
        assert_eq!(ship(431_000_001), (vec![0], 1));
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
