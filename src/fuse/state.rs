//! Where a vessel was at the image's own time: a track and an instant in, mean and covariance out.
//!
//! Between two reports the path is a cubic Hermite curve through both places and velocities if both courses
//! agree with the line between them and the gap is under half an hour (it overshoots otherwise), else the
//! geodesic. Beyond the ends of a track the vessel holds its speed and course. The uncertainty grows with the
//! time to the *nearer* report ([`MotionLaw`]).
//!
//! Source: Hermite interpolation of AIS after Rodger and Guida (2021); the guards and laws are this project's.

use super::params::MotionLaw;
use crate::model::track::{Position, Track};
use crate::model::units::{KNOT_MPS, LonLat};
use jiff::Timestamp;

/// Longest gap that a Hermite curve may bridge, seconds.
const HERMITE_GAP_S: f64 = 1800.0;
/// Implied speed above which two reports are not of one ship, metres per second (60 kn).
const IMPOSSIBLE_MPS: f64 = 60.0 * KNOT_MPS;
/// Displacement below which an implied speed says nothing, metres.
const POSITION_JUMP_M: f64 = 500.0;
/// Standard deviation of the speed of a vessel that told none, metres per second.
const UNKNOWN_SPEED_MPS: f64 = 5.0;
/// Standard deviation of a reported speed, metres per second.
const REPORTED_SPEED_SIGMA_MPS: f64 = 0.3;
/// Within this time of a report its own speed and course are better than the path's, seconds.
const FRESH_S: f64 = 60.0;
/// Speed below which course says nothing, metres per second.
const UNDER_WAY_MPS: f64 = 0.5;

/// A vessel's predicted place and motion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct State {
    /// Place.
    pub(super) position: LonLat,
    /// Velocity over ground, metres per second east and north.
    pub(super) velocity_mps: [f64; 2],
    /// Standard deviation of the velocity in each direction, metres per second.
    pub(super) velocity_sigma_mps: f64,
    /// Standard deviation of the place along the course, metres.
    pub(super) along_sigma_m: f64,
    /// Standard deviation of the place across the course, metres.
    pub(super) cross_sigma_m: f64,
    /// Time from the nearest report to the instant, seconds; negative if the report came later.
    pub(super) since_report_s: f64,
    /// Place of the nearest report: where the vessel is if it stopped.
    pub(super) reported: LonLat,
    /// Direction of the bow, degrees true: heading as told, else the course of a vessel under way.
    pub(super) bow_deg: Option<f64>,
    /// True if the reports on either side cannot be of one ship.
    pub(super) clash: bool,
}

impl State {
    /// Speed over ground, metres per second.
    pub(super) fn speed_mps(&self) -> f64 {
        self.velocity_mps[0].hypot(self.velocity_mps[1])
    }

    /// Course over ground, degrees true.
    pub(super) fn course_deg(&self) -> f64 {
        self.velocity_mps[0]
            .atan2(self.velocity_mps[1])
            .to_degrees()
            .rem_euclid(360.0)
    }

    /// Time to the nearest report, seconds, 0 or more.
    pub(super) fn dt_s(&self) -> f64 {
        self.since_report_s.abs()
    }
}

/// Seconds from `earlier` to `later`.
pub(super) fn seconds(earlier: Timestamp, later: Timestamp) -> f64 {
    later.duration_since(earlier).as_secs_f64()
}

/// Predicts the vessel at `time`; `None` if no report lies within `reach_s` seconds of it.
pub(super) fn predict(
    track: &Track,
    time: Timestamp,
    law: MotionLaw,
    reach_s: f64,
) -> Option<State> {
    let after_index = track.positions.partition_point(|fix| fix.time <= time);
    let before = after_index.checked_sub(1).map(|i| &track.positions[i]);
    let after = track.positions.get(after_index);
    let nearest = match (before, after) {
        (Some(b), Some(a)) if seconds(b.time, time) <= seconds(time, a.time) => b,
        (_, Some(a)) => a,
        (Some(b), None) => b,
        (None, None) => return None,
    };
    let since_report_s = seconds(nearest.time, time);
    if since_report_s.abs() > reach_s {
        return None;
    }
    let clash = matches!((before, after), (Some(b), Some(a)) if is_clash(b, a));
    let (position, path_velocity_mps) = match (before, after) {
        (Some(b), Some(a)) if !clash => between(b, a, time),
        _ => dead_reckoned(nearest, since_report_s),
    };
    let fresh = reported_velocity(nearest).filter(|_| since_report_s.abs() <= FRESH_S);
    let velocity_mps = fresh.or(path_velocity_mps);
    let (along_sigma_m, cross_sigma_m, velocity_sigma_mps) =
        spread(law, since_report_s.abs(), velocity_mps.is_some());
    let mut state = State {
        position,
        velocity_mps: velocity_mps.unwrap_or([0.0; 2]),
        velocity_sigma_mps,
        along_sigma_m,
        cross_sigma_m,
        since_report_s,
        reported: nearest.position,
        bow_deg: nearest.heading_deg,
        clash,
    };
    if state.bow_deg.is_none() && state.speed_mps() > UNDER_WAY_MPS {
        state.bow_deg = Some(state.course_deg());
    }
    Some(state)
}

/// Standard deviations (along, across, of the velocity) after `dt_s` seconds.
fn spread(law: MotionLaw, dt_s: f64, speed_is_known: bool) -> (f64, f64, f64) {
    let drift_m = if speed_is_known {
        0.0
    } else {
        UNKNOWN_SPEED_MPS * dt_s
    };
    let along = law.sigma0_m.hypot(law.along * dt_s.powf(1.5));
    let cross = law.sigma0_m.hypot(law.cross * dt_s.powf(1.2));
    let velocity = if speed_is_known {
        // The derivative of the growth along the course.
        REPORTED_SPEED_SIGMA_MPS.hypot(1.5 * law.along * dt_s.sqrt())
    } else {
        UNKNOWN_SPEED_MPS
    };
    (along.hypot(drift_m), cross.hypot(drift_m), velocity)
}

fn is_clash(before: &Position, after: &Position) -> bool {
    let distance_m = before.position.distance_m(after.position);
    let gap_s = seconds(before.time, after.time).max(1.0);
    distance_m > POSITION_JUMP_M && distance_m / gap_s > IMPOSSIBLE_MPS
}

/// Place and velocity on the path between two reports.
fn between(before: &Position, after: &Position, time: Timestamp) -> (LonLat, Option<[f64; 2]>) {
    let gap_s = seconds(before.time, after.time);
    if gap_s <= 0.0 {
        return (before.position, reported_velocity(before));
    }
    let fraction = seconds(before.time, time) / gap_s;
    let (distance_m, bearing_deg) = before.position.inverse(after.position);
    let chord_m = east_north(bearing_deg, distance_m);
    if let Some(ends) = hermite_ends(before, after, bearing_deg, gap_s) {
        let (offset_m, velocity_mps) = hermite(ends, chord_m, gap_s, fraction);
        return (displaced(before.position, offset_m), Some(velocity_mps));
    }
    let position = before
        .position
        .destination(bearing_deg, distance_m * fraction);
    (position, Some(chord_m.map(|metres| metres / gap_s)))
}

/// Both velocities, if both courses lie within 90° of the line between the places and the gap is short.
fn hermite_ends(
    before: &Position,
    after: &Position,
    bearing_deg: f64,
    gap_s: f64,
) -> Option<[[f64; 2]; 2]> {
    let agrees = |fix: &Position| {
        fix.cog_deg
            .is_some_and(|cog| (cog - bearing_deg).to_radians().cos() > 0.0)
    };
    if gap_s >= HERMITE_GAP_S || !agrees(before) || !agrees(after) {
        return None;
    }
    Some([reported_velocity(before)?, reported_velocity(after)?])
}

/// Offset from the first place and velocity at `fraction` of the gap (cubic Hermite).
fn hermite(
    ends_mps: [[f64; 2]; 2],
    chord_m: [f64; 2],
    gap_s: f64,
    fraction: f64,
) -> ([f64; 2], [f64; 2]) {
    let (s, s2, s3) = (fraction, fraction * fraction, fraction.powi(3));
    let axis = |i: usize| {
        let (start, end, chord) = (ends_mps[0][i], ends_mps[1][i], chord_m[i]);
        let offset = (s3 - 2.0 * s2 + s) * gap_s * start
            + (3.0 * s2 - 2.0 * s3) * chord
            + (s3 - s2) * gap_s * end;
        let velocity = (3.0 * s2 - 4.0 * s + 1.0) * start
            + (6.0 * s - 6.0 * s2) * chord / gap_s
            + (3.0 * s2 - 2.0 * s) * end;
        (offset, velocity)
    };
    let (east, north) = (axis(0), axis(1));
    ([east.0, north.0], [east.1, north.1])
}

/// Place and velocity `dt_s` seconds after (or before) one report.
fn dead_reckoned(fix: &Position, dt_s: f64) -> (LonLat, Option<[f64; 2]>) {
    let Some(velocity_mps) = reported_velocity(fix) else {
        return (fix.position, None);
    };
    let offset_m = velocity_mps.map(|speed| speed * dt_s);
    (displaced(fix.position, offset_m), Some(velocity_mps))
}

/// Velocity as reported, metres per second east and north. A vessel that lies still needs no course.
fn reported_velocity(fix: &Position) -> Option<[f64; 2]> {
    let speed_mps = fix.sog_kn? * KNOT_MPS;
    match fix.cog_deg {
        Some(cog_deg) => Some(east_north(cog_deg, speed_mps)),
        None if speed_mps < UNDER_WAY_MPS => Some([0.0; 2]),
        None => None,
    }
}

/// A length in a direction (degrees true) as east and north parts.
pub(super) fn east_north(bearing_deg: f64, length: f64) -> [f64; 2] {
    let (sin, cos) = bearing_deg.to_radians().sin_cos();
    [length * sin, length * cos]
}

/// The place at an offset of metres east and north.
fn displaced(place: LonLat, offset_m: [f64; 2]) -> LonLat {
    let bearing_deg = offset_m[0].atan2(offset_m[1]).to_degrees();
    place.destination(bearing_deg, offset_m[0].hypot(offset_m[1]))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests stop at the first surprise")]
mod tests {
    use super::*;
    use crate::fuse::FuseParams;
    use crate::fuse::testing::{T0, fix, later, ship};

    const REACH_S: f64 = 3.0 * 3600.0;

    fn law() -> MotionLaw {
        FuseParams::default().class_a
    }

    #[test]
    fn a_steady_ship_is_found_on_its_line_between_two_reports() {
        let start = LonLat::new(124.0, 25.0);
        let speed_mps = 12.0 * KNOT_MPS;
        let end = start.destination(60.0, speed_mps * 600.0);
        let track = ship(
            431_000_001,
            vec![
                fix(start, 0.0, Some((12.0, 60.0))),
                fix(end, 600.0, Some((12.0, 60.0))),
            ],
        );
        let state = predict(&track, later(T0, 200.0), law(), REACH_S).unwrap();
        let oracle = start.destination(60.0, speed_mps * 200.0);
        // 1 m: the bearing at the far end differs from 60° by the convergence of meridians.
        assert!(state.position.distance_m(oracle) < 1.0);
        assert!((state.speed_mps() - speed_mps).abs() < 0.01);
        assert!((state.dt_s() - 200.0).abs() < 1e-9);
    }

    #[test]
    fn a_turning_ship_is_on_its_arc_with_hermite_where_a_straight_line_would_cut_the_corner() {
        // A quarter circle of 1 km radius: the curve's middle is 293 m off the chord.
        let centre = LonLat::new(124.0, 25.0);
        let speed_mps = std::f64::consts::FRAC_PI_2 * 1000.0 / 300.0;
        let sog_kn = speed_mps / KNOT_MPS;
        let track = ship(
            431_000_001,
            vec![
                fix(centre.destination(270.0, 1000.0), 0.0, Some((sog_kn, 0.0))),
                fix(centre.destination(0.0, 1000.0), 300.0, Some((sog_kn, 90.0))),
            ],
        );
        let state = predict(&track, later(T0, 150.0), law(), REACH_S).unwrap();
        let oracle = centre.destination(315.0, 1000.0);
        // 30 m: a cubic is within 3 % of the radius of a quarter circle at unit speed.
        assert!(
            state.position.distance_m(oracle) < 30.0,
            "{}",
            state.position.distance_m(oracle)
        );
    }

    #[test]
    fn a_course_against_the_bearing_falls_back_to_the_geodesic() {
        let start = LonLat::new(124.0, 25.0);
        let end = start.destination(90.0, 1000.0);
        let track = ship(
            431_000_001,
            vec![
                fix(start, 0.0, Some((10.0, 270.0))),
                fix(end, 300.0, Some((10.0, 90.0))),
            ],
        );
        let state = predict(&track, later(T0, 150.0), law(), REACH_S).unwrap();
        assert!(state.position.distance_m(start.destination(90.0, 500.0)) < 0.01);
    }

    #[test]
    fn uncertainty_follows_the_stated_law_of_the_nearer_report() {
        let start = LonLat::new(124.0, 25.0);
        let track = ship(431_000_001, vec![fix(start, 0.0, Some((10.0, 0.0)))]);
        let state = predict(&track, later(T0, 600.0), law(), REACH_S).unwrap();
        let along = (30.0_f64.powi(2) + (0.02 * 600.0_f64.powf(1.5)).powi(2)).sqrt();
        let cross = (30.0_f64.powi(2) + (0.11 * 600.0_f64.powf(1.2)).powi(2)).sqrt();
        assert!((state.along_sigma_m - along).abs() < 1e-9);
        assert!((state.cross_sigma_m - cross).abs() < 1e-9);
        let oracle = start.destination(0.0, 6000.0 * KNOT_MPS);
        assert!(state.position.distance_m(oracle) < 0.01);
    }

    #[test]
    fn two_ships_on_one_identity_are_not_joined_by_a_line() {
        let here = LonLat::new(124.0, 25.0);
        let track = ship(
            431_000_001,
            vec![
                fix(here, 0.0, Some((0.0, 0.0))),
                fix(here.destination(90.0, 500_000.0), 600.0, Some((0.0, 0.0))),
            ],
        );
        let state = predict(&track, later(T0, 200.0), law(), REACH_S).unwrap();
        assert!(state.clash);
        assert!(state.position.distance_m(here) < 0.01);
    }

    #[test]
    fn silence_beyond_reach_gives_no_state() {
        let track = ship(431_000_001, vec![fix(LonLat::new(0.0, 0.0), 0.0, None)]);
        assert_eq!(predict(&track, later(T0, 10_801.0), law(), REACH_S), None);
        assert!(predict(&track, later(T0, 10_799.0), law(), REACH_S).is_some());
    }
}
