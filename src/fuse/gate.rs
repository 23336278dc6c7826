//! Which vessels may explain which detections: a spatial index, then an ellipse in the image's own frame.
//!
//! Each vessel is predicted at the detection's own acquisition time, moved by its azimuth shift, and compared
//! with the detection under the sum of three covariances: motion (along and across the course), shift
//! (velocity uncertainty along the flight path) and image. A pair passes at squared Mahalanobis distance ≤ 13.8
//! (99.9 % of χ² with two degrees of freedom) and within the caps on distance and time.

use super::FuseParams;
use super::params::MotionLaw;
use super::shift;
use super::state::{self, State, east_north};
use crate::model::detection::Detection;
use crate::model::scene::SarGeometry;
use crate::model::track::Track;
use crate::model::units::{LonLat, MmsiKind};
use jiff::Timestamp;
use rstar::RTree;
use rstar::primitives::GeomWithData;

/// Smallest radius of curvature of WGS 84, metres: a geodesic is never shorter than this radius times the
/// angle between the places' unit vectors, so a search by chord misses nothing.
const SMALLEST_RADIUS_M: f64 = 6_335_439.3;
/// Distance that a pair may add between the scene's middle and a row's time, metres: 30 s at 60 kn.
const ROW_TIME_SLACK_M: f64 = 1_000.0;
/// Azimuth shift that the search leaves room for, seconds times speed: R/V · sin(incidence) at the far edge.
const SHIFT_SECONDS: f64 = 95.0;
/// Standard deviation of the antenna's distance from the middle of the ship, in ship lengths.
const ANTENNA_SHARE: f64 = 0.2;

/// A symmetric 2 × 2 covariance, square metres east and north.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Covariance {
    pub(super) east: f64,
    pub(super) north: f64,
    pub(super) cross: f64,
}

impl Covariance {
    /// Standard deviations along and across a direction (degrees true).
    pub(super) fn oriented(bearing_deg: f64, along_m: f64, across_m: f64) -> Self {
        let [e, n] = east_north(bearing_deg, 1.0);
        let (a, c) = (along_m * along_m, across_m * across_m);
        Self {
            east: a * e * e + c * n * n,
            north: a * n * n + c * e * e,
            cross: (a - c) * e * n,
        }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            east: self.east + other.east,
            north: self.north + other.north,
            cross: self.cross + other.cross,
        }
    }

    pub(super) fn determinant(self) -> f64 {
        self.east * self.north - self.cross * self.cross
    }

    /// Squared Mahalanobis distance of an offset, metres east and north.
    pub(super) fn distance2(self, offset_m: [f64; 2]) -> f64 {
        let [e, n] = offset_m;
        (self.north * e * e - 2.0 * self.cross * e * n + self.east * n * n) / self.determinant()
    }

    /// Larger principal standard deviation, metres.
    pub(super) fn longest_m(self) -> f64 {
        let mean = (self.east + self.north) / 2.0;
        let spread = ((self.east - self.north) / 2.0).hypot(self.cross);
        (mean + spread).sqrt()
    }
}

/// A vessel that may be in the scene.
pub(super) struct Candidate<'a> {
    pub(super) track: &'a Track,
    pub(super) law: MotionLaw,
    /// State in the middle of the scene.
    pub(super) middle: State,
}

/// A vessel and a detection that passed the gate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    /// Index of the detection.
    pub(super) detection: usize,
    /// Index of the candidate.
    pub(super) vessel: usize,
    pub(super) state: State,
    /// From where the vessel should be imaged to the detection, metres east and north.
    pub(super) offset_m: [f64; 2],
    /// From where a vessel that stopped at its nearest report should be imaged, metres east and north.
    pub(super) stopped_offset_m: [f64; 2],
    pub(super) covariance: Covariance,
    /// Azimuth shift applied, metres along the flight path; `None` for an image without radar geometry.
    pub(super) shift_m: Option<f64>,
}

/// Ships of `tracks` heard within reach of `middle`, ordered by MMSI.
///
/// Base stations, aids to navigation, SAR aircraft, distress beacons, group and coast-station identities and
/// fishing gear are no ships.
pub(super) fn candidates<'a>(
    tracks: &'a [Track],
    middle: Timestamp,
    params: &FuseParams,
) -> Vec<Candidate<'a>> {
    let reach_s = params.gate_hours * 3600.0;
    let mut ships: Vec<Candidate> = tracks
        .iter()
        .filter(|track| is_ship(track))
        .filter_map(|track| {
            let law = params.law(track.class)?;
            let middle = state::predict(track, middle, law, reach_s)?;
            Some(Candidate { track, law, middle })
        })
        .collect();
    ships.sort_by_key(|ship| ship.track.mmsi);
    ships
}

fn is_ship(track: &Track) -> bool {
    let identity_may_be_a_ship = matches!(
        track.mmsi.kind(),
        MmsiKind::Ship | MmsiKind::DaughterCraft | MmsiKind::Invalid
    );
    identity_may_be_a_ship && !track.vessel.name.as_deref().is_some_and(is_gear_name)
}

/// Names that drifting nets and buoys carry: `NET MARK`, `BUOY`, `…-87%`, `…12.4V`.
fn is_gear_name(name: &str) -> bool {
    let name = name.trim().to_ascii_uppercase();
    let battery = |unit: char| {
        name.strip_suffix(unit)
            .is_some_and(|rest| rest.ends_with(|c: char| c.is_ascii_digit()) && rest.len() >= 2)
    };
    let volts = battery('V') && name.contains('.');
    name.contains("NET MARK") || name.contains("BUOY") || battery('%') || volts
}

/// All pairs that pass the gate, ordered by detection, then vessel.
pub(super) fn pairs(
    detections: &[&Detection],
    candidates: &[Candidate],
    fallback_time: Option<Timestamp>,
    params: &FuseParams,
) -> Vec<Pair> {
    let index = RTree::bulk_load(
        candidates
            .iter()
            .enumerate()
            .map(|(i, ship)| GeomWithData::new(ship.middle.position.unit_vector(), i))
            .collect(),
    );
    let mut pairs = Vec::new();
    for (d, detection) in detections.iter().enumerate() {
        let (Some(place), Some(time)) = (detection.position, detection.time.or(fallback_time))
        else {
            continue;
        };
        let widest_m = params.gate_km * 1000.0 + ROW_TIME_SLACK_M + SHIFT_SECONDS * 30.0;
        let unit = place.unit_vector();
        let mut near: Vec<usize> = index
            .locate_within_distance(unit, chord2(widest_m))
            .filter(|entry| {
                let reach_m = reach_m(&candidates[entry.data], detection, params);
                dist2(entry.geom(), unit) <= chord2(reach_m)
            })
            .map(|entry| entry.data)
            .collect();
        near.sort_unstable();
        pairs.extend(near.into_iter().filter_map(|v| {
            let pair = lay(&candidates[v], (v, d), (place, time, detection), params)?;
            (pair.covariance.distance2(pair.offset_m) <= params.gate_chi2
                && pair.offset_m[0].hypot(pair.offset_m[1]) <= params.gate_km * 1000.0)
                .then_some(pair)
        }));
    }
    pairs
}

/// Distance from the mid-scene state beyond which the exact gate cannot pass, metres.
fn reach_m(ship: &Candidate, detection: &Detection, params: &FuseParams) -> f64 {
    let middle = &ship.middle;
    let velocity_sigma_m = SHIFT_SECONDS * middle.velocity_sigma_mps;
    let image_m = echo_sigma_m(ship.track, detection.position_sigma_m, params);
    // 10 %: a row's own time is up to half a scene nearer to or farther from the report.
    let sigma_m = 1.1
        * middle
            .along_sigma_m
            .max(middle.cross_sigma_m)
            .hypot(velocity_sigma_m)
            .hypot(image_m);
    let ellipse_m = params.gate_chi2.sqrt() * sigma_m;
    ellipse_m.min(params.gate_km * 1000.0) + SHIFT_SECONDS * middle.speed_mps() + ROW_TIME_SLACK_M
}

/// Standard deviation between a vessel's antenna, whose place AIS tells, and its echo's centroid, metres.
pub(super) fn echo_sigma_m(track: &Track, centroid_m: Option<f64>, params: &FuseParams) -> f64 {
    let antenna_m = ANTENNA_SHARE * track.vessel.length_m.unwrap_or(0.0);
    centroid_m
        .unwrap_or(params.detection_sigma_m)
        .hypot(antenna_m)
}

/// Lays one vessel against one detection.
fn lay(
    ship: &Candidate,
    (vessel, index): (usize, usize),
    (place, time, detection): (LonLat, Timestamp, &Detection),
    params: &FuseParams,
) -> Option<Pair> {
    let state = state::predict(ship.track, time, ship.law, params.gate_hours * 3600.0)?;
    let image_m = echo_sigma_m(ship.track, detection.position_sigma_m, params);
    let (seen_at, shift_m, covariance) = imaged(&state, detection.sar.as_ref(), image_m);
    let to_detection = |from: LonLat| {
        let (distance_m, bearing_deg) = from.inverse(place);
        east_north(bearing_deg, distance_m)
    };
    Some(Pair {
        detection: index,
        vessel,
        state,
        offset_m: to_detection(seen_at),
        stopped_offset_m: to_detection(state.reported),
        covariance,
        shift_m,
    })
}

/// Where a vessel is imaged, the azimuth shift applied, and the covariance of the place in the image.
pub(super) fn imaged(
    state: &State,
    sar: Option<&SarGeometry>,
    image_sigma_m: f64,
) -> (LonLat, Option<f64>, Covariance) {
    let motion = Covariance::oriented(state.course_deg(), state.along_sigma_m, state.cross_sigma_m)
        .plus(Covariance {
            east: image_sigma_m * image_sigma_m,
            north: image_sigma_m * image_sigma_m,
            cross: 0.0,
        });
    let Some(sar) = sar else {
        return (state.position, None, motion);
    };
    let shift_m = shift::azimuth_shift_m(sar, state.speed_mps(), state.course_deg());
    let shift_sigma_m = shift::metres_per_mps_away(sar) * state.velocity_sigma_mps;
    let smear = Covariance::oriented(sar.track_heading_deg, shift_sigma_m, 0.0);
    (
        shift::imaged_at(sar, state.position, shift_m),
        Some(shift_m),
        motion.plus(smear),
    )
}

/// Squared chord of the unit sphere that no geodesic of `distance_m` exceeds.
pub(super) fn chord2(distance_m: f64) -> f64 {
    let half = (distance_m / SMALLEST_RADIUS_M / 2.0).min(std::f64::consts::FRAC_PI_2);
    (2.0 * half.sin()).powi(2)
}

/// Squared distance of two unit vectors.
fn dist2(a: &[f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuse::testing::{T0, centre, detection, fix, moored, ship};
    use crate::model::track::AisClass;

    fn gate(detections: &[&Detection], tracks: &[Track]) -> Vec<Pair> {
        let params = FuseParams::default();
        let ships = candidates(tracks, T0, &params);
        pairs(detections, &ships, None, &params)
    }

    #[test]
    fn an_ellipse_turned_by_its_course_measures_in_its_own_axes() {
        let ellipse = Covariance::oriented(30.0, 300.0, 50.0);
        // One and two standard deviations on the axes.
        assert!((ellipse.distance2(east_north(30.0, 300.0)) - 1.0).abs() < 1e-9);
        assert!((ellipse.distance2(east_north(120.0, 100.0)) - 4.0).abs() < 1e-9);
        assert!((ellipse.longest_m() - 300.0).abs() < 1e-6);
        assert!((ellipse.determinant().sqrt() - 15_000.0).abs() < 1e-6);
    }

    #[test]
    fn the_shift_brings_a_mover_to_its_echo() {
        // 20 kn due east, away from the radar: 725 m south at 38.5°.
        let sog = Some((20.0, 90.0));
        let track = ship(431_000_001, vec![fix(centre(), 0.0, sog)]);
        let echo = detection("d", centre().destination(180.0, 725.0), None);
        let found = gate(&[&echo], &[track]);
        assert_eq!(found.len(), 1);
        assert!(found[0].offset_m[0].hypot(found[0].offset_m[1]) < 25.0);
    }

    #[test]
    fn the_gate_closes_at_the_ellipse_and_across_the_date_line_nothing_changes() {
        for lon_deg in [124.0, 180.0] {
            let place = LonLat::new(lon_deg, 25.0);
            let track = moored(431_000_001, place, 80.0);
            let near = detection("a", place.destination(90.0, 130.0), None);
            let far = detection("b", place.destination(90.0, 600.0), None);
            let found = gate(&[&near, &far], std::slice::from_ref(&track));
            assert_eq!(found.len(), 1, "{lon_deg}");
            assert_eq!(found[0].detection, 0);
        }
    }

    #[test]
    fn stations_aircraft_beacons_and_gear_never_serve_as_ships() {
        let echo = detection("d", centre(), None);
        for class in [
            AisClass::BaseStation,
            AisClass::SarAircraft,
            AisClass::AidToNavigation,
            AisClass::VirtualAidToNavigation,
        ] {
            let mut track = moored(431_000_001, centre(), 80.0);
            track.class = class;
            assert!(gate(&[&echo], &[track]).is_empty(), "{class:?}");
        }
        for mmsi in [970_012_345, 994_311_234, 4_310_001, 111_431_001] {
            let track = moored(mmsi, centre(), 80.0);
            assert!(gate(&[&echo], &[track]).is_empty(), "{mmsi}");
        }
        for name in ["NET MARK 7", "LIANGYU-87%", "BUOY 12", "5512.4V"] {
            let mut track = moored(431_000_001, centre(), 80.0);
            track.vessel.name = Some(name.to_owned());
            assert!(gate(&[&echo], &[track]).is_empty(), "{name}");
        }
        let real = moored(431_000_001, centre(), 80.0);
        assert_eq!(gate(&[&echo], &[real]).len(), 1);
    }
}
