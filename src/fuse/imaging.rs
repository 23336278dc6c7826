//! A vessel's laws as an image shows them, laid against one detection.
//!
//! A radar shifts a mover along the flight path by a multiple of its speed away from the radar. Place and velocity of a law
//! are tied, so the imaged place is the linear map [1 | G] of both, with G = −(R/V · sin θ) · flight ⊗ look: the shift's
//! mean and its uncertainty come in one step. To that come the error of the echo's place and the distance between the
//! antenna, of which AIS tells, and the middle of the hull.

use super::motion::Mode;
use super::plane::east_north;
use super::shift;
use super::state::State;
use crate::model::scene::SarGeometry;
use nalgebra::{Matrix2, Vector2};
use std::f64::consts::TAU;

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

/// One law of a vessel, as imaged, against one detection.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    pub(super) mode: Mode,
    /// From where the vessel should be imaged to the detection, metres east and north.
    pub(super) offset_m: [f64; 2],
    pub(super) covariance: Covariance,
    /// Azimuth shift applied, metres along the flight path; `None` for an image without radar geometry.
    pub(super) shift_m: Option<f64>,
}

impl View {
    /// Probability of the law times the density of the offset under it, per square metre.
    pub(super) fn density(&self) -> f64 {
        let determinant = self.covariance.determinant();
        self.mode.weight * (-self.covariance.distance2(self.offset_m) / 2.0).exp()
            / (TAU * determinant.sqrt())
    }

    /// Velocity east and north under the law, metres per second, and its covariance, given that the vessel is where the
    /// detection is: one found off its course has turned, one found ahead is faster. By regression on the offset; what the
    /// azimuth shift tells of the velocity besides is left out.
    pub(super) fn velocity_there(&self) -> ([f64; 2], Covariance) {
        let (p, s) = (&self.mode.covariance, self.covariance);
        let tie = p.fixed_view::<2, 2>(2, 0);
        let inverse = Matrix2::new(s.north, -s.cross, -s.cross, s.east) / s.determinant();
        let gain = tie * inverse;
        let moved = gain * Vector2::from(self.offset_m);
        let spread = p.fixed_view::<2, 2>(2, 2) - gain * tie.transpose();
        let covariance = Covariance {
            east: spread[(0, 0)],
            north: spread[(1, 1)],
            cross: spread[(0, 1)],
        };
        let mean = [self.mode.mean[2] + moved[0], self.mode.mean[3] + moved[1]];
        (mean, covariance)
    }
}

/// How a radar's geometry at a target turns speed into place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Optics {
    /// Unit vectors east and north of the flight and of the look.
    flight: [f64; 2],
    look: [f64; 2],
    /// Metres of shift against the flight per metre per second away.
    factor_s: f64,
}

impl Optics {
    pub(super) fn of(sar: &SarGeometry) -> Self {
        Self {
            flight: east_north(sar.track_heading_deg, 1.0),
            look: east_north(shift::look_bearing_deg(sar), 1.0),
            factor_s: shift::metres_per_mps_away(sar),
        }
    }
}

/// A vessel laid against a detection.
#[derive(Debug, Clone)]
pub(super) struct Laid {
    pub(super) state: State,
    pub(super) views: Vec<View>,
}

impl Laid {
    /// The law that explains the detection best.
    pub(super) fn best(&self) -> &View {
        let best = self
            .views
            .iter()
            .max_by(|a, b| a.density().total_cmp(&b.density()));
        best.unwrap_or(&self.views[0])
    }
}

/// Lays a state against an echo at a place (Earth-fixed), with the standard deviation of that place and the length of the hull.
pub(super) fn lay(
    state: State,
    (echo, image_m, hull_m): ([f64; 3], f64, f64),
    optics: &Option<Optics>,
) -> Laid {
    let echo_m = state.plane.offset_m(echo);
    let views = state
        .modes
        .iter()
        .map(|mode| {
            let (seen_m, shift_m, covariance) = imaged(mode, optics);
            let error = echo_error(&state, mode, (hull_m, image_m));
            View {
                mode: *mode,
                offset_m: [echo_m[0] - seen_m[0], echo_m[1] - seen_m[1]],
                covariance: covariance.plus(error),
                shift_m,
            }
        })
        .collect();
    Laid { state, views }
}

/// Tells cheaply whether any law, carried on by some seconds, may have its vessel imaged within the gate of an echo: with the
/// antenna's distance in every direction, which only opens it.
pub(super) fn may_be_at(
    (state, later_s): (&State, f64),
    (echo, image_m, hull_m): ([f64; 3], f64, f64),
    optics: &Option<Optics>,
    gate_chi2: f64,
) -> bool {
    let echo_m = state.plane.offset_m(echo);
    let error2 = image_m.powi(2) + (ANTENNA_SHARE * hull_m).powi(2);
    state.modes.iter().any(|mode| {
        let (seen_m, _, mut covariance) = imaged(mode, optics);
        covariance.east += error2;
        covariance.north += error2;
        let off = |i: usize| echo_m[i] - seen_m[i] - mode.mean[i + 2] * later_s;
        covariance.distance2([off(0), off(1)]) <= gate_chi2
    })
}

/// Where a law has its vessel imaged (metres in its plane), the azimuth shift, and the covariance of the imaged place.
pub(super) fn imaged(mode: &Mode, optics: &Option<Optics>) -> ([f64; 2], Option<f64>, Covariance) {
    let p = &mode.covariance;
    let still = Covariance {
        east: p[(0, 0)],
        north: p[(1, 1)],
        cross: p[(0, 1)],
    };
    let place_m = [mode.mean[0], mode.mean[1]];
    let Some(Optics {
        flight,
        look,
        factor_s,
    }) = *optics
    else {
        return (place_m, None, still);
    };
    let away_mps = mode.mean[2] * look[0] + mode.mean[3] * look[1];
    let shift_m = -factor_s * away_mps;
    // Variance of the speed away, and its tie to each coordinate of the place.
    let away2: f64 = (0..2)
        .flat_map(|i| (0..2).map(move |j| (i, j)))
        .map(|(i, j)| look[i] * p[(i + 2, j + 2)] * look[j])
        .sum();
    let tie: [f64; 2] =
        std::array::from_fn(|i| -factor_s * (p[(i, 2)] * look[0] + p[(i, 3)] * look[1]));
    let smear2 = factor_s * factor_s * away2;
    let covariance = Covariance {
        east: still.east + 2.0 * tie[0] * flight[0] + smear2 * flight[0] * flight[0],
        north: still.north + 2.0 * tie[1] * flight[1] + smear2 * flight[1] * flight[1],
        cross: still.cross
            + tie[0] * flight[1]
            + tie[1] * flight[0]
            + smear2 * flight[0] * flight[1],
    };
    let seen_m = std::array::from_fn(|i| place_m[i] + shift_m * flight[i]);
    (seen_m, Some(shift_m), covariance)
}

/// Error of the echo's place and of the antenna's in the hull.
pub(super) fn echo_error(state: &State, mode: &Mode, (hull_m, image_m): (f64, f64)) -> Covariance {
    let antenna_m = ANTENNA_SHARE * hull_m;
    match mode.course_deg().or(state.heading_deg) {
        Some(bow_deg) => Covariance::oriented(bow_deg, image_m.hypot(antenna_m), image_m),
        None => {
            let either_m = image_m.hypot(antenna_m / std::f64::consts::SQRT_2);
            Covariance::oriented(0.0, either_m, either_m)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuse::motion::{Matrix4, Vector4};
    use crate::fuse::testing::sar;

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
    fn the_imaged_covariance_is_the_one_of_sampled_ships() {
        use rand::SeedableRng;
        use rand_distr::{Distribution, StandardNormal};
        // An east-going ship whose speed error and place error are one: σ 0.5 m/s over ten minutes.
        let mut covariance = Matrix4::zeros();
        covariance[(0, 0)] = 300.0 * 300.0;
        covariance[(0, 2)] = 0.999 * 300.0 * 0.5;
        covariance[(2, 0)] = covariance[(0, 2)];
        covariance[(2, 2)] = 0.25;
        covariance[(1, 1)] = 50.0 * 50.0;
        covariance[(3, 3)] = 0.01;
        let mode = Mode {
            weight: 1.0,
            mean: Vector4::new(1_000.0, 0.0, 5.0, 0.0),
            covariance,
            steady: true,
        };
        let sar = sar();
        let (mean, _, found) = imaged(&mode, &Some(Optics::of(&sar)));
        let root = covariance.cholesky().map(|c| c.l()).expect("a covariance");
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let mut sums = [0.0; 3];
        let n = 200_000;
        for _ in 0..n {
            let z = Vector4::from_fn(|_, _| StandardNormal.sample(&mut rng));
            let x = mode.mean + root * z;
            let (speed, course) = (x[2].hypot(x[3]), x[2].atan2(x[3]).to_degrees());
            let shift_m = shift::azimuth_shift_m(&sar, speed, course);
            let along = east_north(sar.track_heading_deg, shift_m);
            let off = [x[0] + along[0] - mean[0], x[1] + along[1] - mean[1]];
            sums[0] += off[0] * off[0];
            sums[1] += off[1] * off[1];
            sums[2] += off[0] * off[1];
        }
        let [east, north, cross] = sums.map(|sum| sum / f64::from(n));
        // 2 %: 200,000 samples have a standard error of 0.3 %.
        assert!((found.east / east - 1.0).abs() < 0.02, "{found:?} {east}");
        assert!(
            (found.north / north - 1.0).abs() < 0.02,
            "{found:?} {north}"
        );
        assert!(
            (found.cross / cross - 1.0).abs() < 0.02,
            "{found:?} {cross}"
        );
    }
}
