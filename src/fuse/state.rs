//! Where a vessel was at the image's own time: a track and an instant in, a mixture of normal laws out.
//!
//! The last report before and the first one after the instant each give two laws ([`motion`]); their products, weighed by
//! how well the two sides agree, are the vessel's state. Between two reports of a steady ship the mean is the cubic
//! through both places and velocities; where they contradict it, the laws of a change take over by themselves. Reports that
//! cannot be of one ship are not joined.

use super::habit;
use super::motion::{self, Mode, Start};
use super::params::MotionLaw;
use super::plane::{Plane, earth_fixed, east_north};
use crate::model::track::{Position, Track};
use crate::model::units::{KNOT_MPS, LonLat};
use jiff::Timestamp;

/// Implied speed above which two reports are not of one ship, metres per second (60 kn).
const IMPOSSIBLE_MPS: f64 = 60.0 * KNOT_MPS;
/// Displacement below which an implied speed says nothing, metres.
const POSITION_JUMP_M: f64 = 500.0;
/// Speed below which course says nothing, metres per second.
const UNDER_WAY_MPS: f64 = 0.5;

/// Laws of motion of one vessel by the pace of the report that predicts it.
pub(super) type Laws = [MotionLaw; habit::PACES];

/// A vessel's predicted place and motion.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// The plane in which the laws stand; its origin is the nearest report.
    pub(super) plane: Plane,
    /// The laws, the most probable first.
    pub(super) modes: Vec<Mode>,
    /// Time from the nearest report to the instant, seconds; negative if the report came later.
    pub(super) since_report_s: f64,
    /// Direction of the bow as told, degrees true.
    pub(super) heading_deg: Option<f64>,
    /// True if the reports on either side cannot be of one ship.
    pub(super) clash: bool,
}

impl State {
    /// Place by the most probable law.
    pub(super) fn position(&self) -> LonLat {
        let mean = &self.modes[0].mean;
        self.plane.place([mean[0], mean[1]])
    }

    /// Larger standard deviation of the place over all laws together, metres.
    pub(super) fn sigma_m(&self) -> f64 {
        let centre = self.modes[0].mean;
        let square: f64 = self
            .modes
            .iter()
            .map(|mode| {
                let off = mode.mean - centre;
                let (east, north) = (mode.covariance[(0, 0)], mode.covariance[(1, 1)]);
                mode.weight * (off[0] * off[0] + off[1] * off[1] + east.max(north))
            })
            .sum();
        square.sqrt()
    }

    /// The same laws some seconds later, or earlier: places move on, errors stay as they are.
    pub(super) fn carried_on(&self, later_s: f64) -> Self {
        let mut state = self.clone();
        state.since_report_s += later_s;
        for mode in &mut state.modes {
            mode.mean[0] += mode.mean[2] * later_s;
            mode.mean[1] += mode.mean[3] * later_s;
        }
        state
    }

    /// Time to the nearest report, seconds, 0 or more.
    pub(super) fn dt_s(&self) -> f64 {
        self.since_report_s.abs()
    }
}

impl Mode {
    /// Speed over ground, metres per second.
    pub(super) fn speed_mps(&self) -> f64 {
        self.mean[2].hypot(self.mean[3])
    }

    /// Direction of the bow by the course, if the vessel is under way.
    pub(super) fn course_deg(&self) -> Option<f64> {
        let course_deg = self.mean[2].atan2(self.mean[3]).to_degrees();
        (self.speed_mps() > UNDER_WAY_MPS).then(|| course_deg.rem_euclid(360.0))
    }
}

/// Seconds from `earlier` to `later`.
pub(super) fn seconds(earlier: Timestamp, later: Timestamp) -> f64 {
    later.duration_since(earlier).as_secs_f64()
}

/// Predicts the vessel at `time`; `None` if no report lies within `reach_s` seconds of it. The report on the other side may
/// lie farther off: it still says where the vessel was bound.
pub(super) fn predict(track: &Track, time: Timestamp, laws: &Laws, reach_s: f64) -> Option<State> {
    let after_index = track.positions.partition_point(|fix| fix.time <= time);
    let before = after_index.checked_sub(1).map(|i| &track.positions[i]);
    let after = track.positions.get(after_index);
    let nearer_is_before = match (before, after) {
        (Some(b), Some(a)) => seconds(b.time, time) <= seconds(time, a.time),
        (Some(_), None) => true,
        (None, _) => false,
    };
    let (nearest, farther) = if nearer_is_before {
        (before?, after)
    } else {
        (after?, before)
    };
    let since_report_s = seconds(nearest.time, time);
    if since_report_s.abs() > reach_s {
        return None;
    }
    let plane = Plane::at(nearest.position);
    let modes = |fix: &Position, place_m: [f64; 2]| {
        let start = Start {
            place_m,
            velocity_mps: reported_velocity(fix),
            elapsed_s: seconds(fix.time, time),
        };
        motion::modes(&laws[habit::pace(fix.sog_kn)], &start)
    };
    let near = modes(nearest, [0.0; 2]);
    let clash = farther.is_some_and(|other| is_clash(nearest, other));
    let joined = farther.filter(|_| !clash).map(|other| {
        let far = modes(other, plane.offset_m(earth_fixed(other.position)));
        if nearer_is_before {
            motion::joined(&near, &far, true)
        } else {
            motion::joined(&far, &near, false)
        }
    });
    let mut modes = joined.unwrap_or_default();
    if modes.is_empty() {
        modes = near.to_vec();
        modes.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    }
    Some(State {
        plane,
        modes,
        since_report_s,
        heading_deg: nearest.heading_deg,
        clash,
    })
}

/// By the chord, which falls short of the way by one in a thousand at 1,000 km.
fn is_clash(one: &Position, other: &Position) -> bool {
    let (a, b) = (earth_fixed(one.position), earth_fixed(other.position));
    let distance_m = (0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f64>().sqrt();
    let gap_s = seconds(one.time, other.time).abs().max(1.0);
    distance_m > POSITION_JUMP_M && distance_m / gap_s > IMPOSSIBLE_MPS
}

/// Velocity as reported, metres per second east and north. A vessel that lies still needs no course.
pub(super) fn reported_velocity(fix: &Position) -> Option<[f64; 2]> {
    let speed_mps = fix.sog_kn? * KNOT_MPS;
    match fix.cog_deg {
        Some(cog_deg) => Some(east_north(cog_deg, speed_mps)),
        None if speed_mps < UNDER_WAY_MPS => Some([0.0; 2]),
        None => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests stop at the first surprise")]
mod tests {
    use super::*;
    use crate::fuse::FuseParams;
    use crate::fuse::testing::{T0, fix, later, ship};

    const REACH_S: f64 = 3.0 * 3600.0;

    fn state_at(fixes: Vec<Position>, at_s: f64) -> Option<State> {
        let law = FuseParams::default().class_a;
        predict(
            &ship(431_000_001, fixes),
            later(T0, at_s),
            &[law; habit::PACES],
            REACH_S,
        )
    }

    #[test]
    fn a_steady_ship_is_found_on_its_line_between_two_reports() {
        let start = LonLat::new(124.0, 25.0);
        let speed_mps = 12.0 * KNOT_MPS;
        let end = start.destination(60.0, speed_mps * 600.0);
        let sailing = Some((12.0, 60.0));
        let state = state_at(
            vec![fix(start, 0.0, sailing), fix(end, 600.0, sailing)],
            200.0,
        )
        .unwrap();
        let oracle = start.destination(60.0, speed_mps * 200.0);
        // 2 m: the bearing at the far end differs from 60° by the convergence of meridians.
        assert!(state.position().distance_m(oracle) < 2.0);
        assert!((state.modes[0].speed_mps() - speed_mps).abs() < 0.02);
        assert!((state.dt_s() - 200.0).abs() < 1e-9);
    }

    #[test]
    fn a_turning_ship_is_rather_on_its_arc_than_inside_the_corner() {
        // A quarter circle of 1 km radius: the curve's middle is 293 m off the chord.
        let centre = LonLat::new(124.0, 25.0);
        let speed_mps = std::f64::consts::FRAC_PI_2 * 1000.0 / 300.0;
        let sog_kn = speed_mps / KNOT_MPS;
        let ends = vec![
            fix(centre.destination(270.0, 1000.0), 0.0, Some((sog_kn, 0.0))),
            fix(centre.destination(0.0, 1000.0), 300.0, Some((sog_kn, 90.0))),
        ];
        let state = state_at(ends, 150.0).unwrap();
        // The arc's middle lies 1,000 m from the centre, its image in the chord 414 m.
        let [arc, mirrored] = [1000.0, 414.2].map(|from_m| {
            let point = state
                .plane
                .offset_m(earth_fixed(centre.destination(315.0, from_m)));
            let view = |mode: &Mode| {
                let place = mode.covariance.fixed_view::<2, 2>(0, 0).into_owned();
                let off =
                    mode.mean.fixed_rows::<2>(0).into_owned() - nalgebra::Vector2::from(point);
                let inverse = place.try_inverse().unwrap();
                mode.weight * (-off.dot(&(inverse * off)) / 2.0).exp() / place.determinant().sqrt()
            };
            state.modes.iter().map(view).sum::<f64>()
        });
        assert!(arc > 1.5 * mirrored, "{arc} {mirrored} {:?}", state.modes);
    }

    #[test]
    fn a_ship_that_turned_back_is_held_to_have_changed() {
        let start = LonLat::new(124.0, 25.0);
        let ends = vec![
            fix(start, 0.0, Some((10.0, 90.0))),
            fix(start, 3600.0, Some((10.0, 270.0))),
        ];
        let state = state_at(ends, 1700.0).unwrap();
        let changed: f64 = state
            .modes
            .iter()
            .filter(|m| !m.steady)
            .map(|m| m.weight)
            .sum();
        assert!(state.modes.len() > 1 && changed > 0.05, "{:?}", state.modes);
        assert!(state.sigma_m() > 1_000.0);
    }

    #[test]
    fn uncertainty_follows_the_stated_law() {
        let start = LonLat::new(124.0, 25.0);
        let state = state_at(vec![fix(start, 0.0, Some((10.0, 0.0)))], 1200.0).unwrap();
        let law = FuseParams::default().class_a;
        let steady = &state.modes[0];
        // North is along the course; 0.1 m/s is the report's own error.
        for (axis, ten_minutes_m) in [(1, law.along_m), (0, law.cross_m)] {
            let growth = ten_minutes_m * 2.0_f64.powf(law.power);
            let oracle = law.sigma0_m.powi(2) + growth.powi(2) + 120.0_f64.powi(2);
            assert!((steady.covariance[(axis, axis)] / oracle - 1.0).abs() < 1e-9);
        }
        assert!((steady.weight - (-1200.0 / (60.0 * law.manoeuvre_minutes)).exp()).abs() < 1e-12);
        let oracle = start.destination(0.0, 12_000.0 * KNOT_MPS);
        assert!(state.position().distance_m(oracle) < 0.1);
    }

    #[test]
    fn two_ships_on_one_identity_are_not_joined_by_a_line() {
        let here = LonLat::new(124.0, 25.0);
        let far = here.destination(90.0, 500_000.0);
        let still = Some((0.0, 0.0));
        let state = state_at(vec![fix(here, 0.0, still), fix(far, 600.0, still)], 200.0).unwrap();
        assert!(state.clash);
        assert!(state.position().distance_m(here) < 0.01);
    }

    #[test]
    fn a_report_beyond_reach_on_the_other_side_still_draws_the_place_to_it() {
        let start = LonLat::new(124.0, 25.0);
        // Drifting, then 40 km east four hours later: half-way in time it is no longer at its start.
        let drifting = Some((0.5, 0.0));
        let ends = || {
            let end = start.destination(90.0, 40_000.0);
            vec![fix(start, -7_200.0, drifting), fix(end, 14_400.0, drifting)]
        };
        let east_m = |fixes: Vec<Position>| {
            let state = state_at(fixes, 0.0).unwrap();
            state
                .modes
                .iter()
                .map(|mode| mode.weight * mode.mean[0])
                .sum::<f64>()
        };
        let (both, one) = (east_m(ends()), east_m(ends()[..1].to_vec()));
        assert!(both > one + 5_000.0, "{both} {one}");
    }

    #[test]
    fn silence_beyond_reach_gives_no_state() {
        let fixes = || vec![fix(LonLat::new(0.0, 0.0), 0.0, None)];
        assert!(state_at(fixes(), 10_801.0).is_none());
        assert!(state_at(fixes(), 10_799.0).is_some());
    }
}
