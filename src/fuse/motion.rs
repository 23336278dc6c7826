//! How a vessel goes on from one report, as a mixture of two normal laws of place and velocity.
//!
//! *Steady*: it holds speed and course. The standard deviation of its place grows as a power of the time τ,
//! g · pace · (τ / 10 min)^p along and across the course, and is tied to the error of its velocity.
//! *Changed*: it turned, stopped or set off at least once. Changes come at random (a Poisson process of mean interval
//! T), each with a new direction, so that the probability of none is e^(−τ/T); the first two moments of where that leads
//! are in closed form (a persistent random walk).
//!
//! Backwards in time, from a report after the image, the same laws hold with the sign of the velocity's tie turned.
//!
//! Source: persistent random walk: Fürth (1920), Z. Physik 2; laws of growth: this project's, of the form of Millefiori
//! et al. (2016), IEEE Trans. AES 52(5), who find the velocity of ships under way reverting to a mean.

use super::params::MotionLaw;
use crate::model::units::KNOT_MPS;
use nalgebra::{SMatrix, SVector};

/// East, north (metres), velocity east, north (metres per second).
pub(super) type Vector4 = SVector<f64, 4>;
pub(super) type Matrix4 = SMatrix<f64, 4, 4>;

/// Time at which the law's lengths hold, seconds.
const TEN_MINUTES_S: f64 = 600.0;
/// Speed at which the law's lengths hold, knots; and the speed below which errors no longer shrink.
const PACE_KN: f64 = 10.0;
const FLOOR_KN: f64 = 1.0;
/// Standard deviation of a reported velocity in each direction, metres per second: rounding, and the ship's yaw.
const REPORT_SIGMA_MPS: f64 = 0.1;
/// Standard deviation of the velocity of a vessel that told none, metres per second in each direction.
const UNKNOWN_MPS: f64 = 5.0;
/// Speed below which a vessel lies still, metres per second.
const AT_REST_MPS: f64 = 0.15;
/// Speed at which a vessel without way drifts, metres per second.
const DRIFT_MPS: f64 = 0.3;
/// A turn after which any direction is alike, degrees.
const ANYWHERE_DEG: f64 = 1_000.0;

/// One normal law of place and velocity, and its probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mode {
    pub(super) weight: f64,
    pub(super) mean: Vector4,
    pub(super) covariance: Matrix4,
    /// True if the vessel is taken to have held its course since the nearest report.
    pub(super) steady: bool,
}

/// What a report says of motion.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    /// Metres east and north in the frame of the prediction.
    pub(super) place_m: [f64; 2],
    /// Metres per second east and north, if told.
    pub(super) velocity_mps: Option<[f64; 2]>,
    /// From the report to the instant, seconds; negative if the report comes later.
    pub(super) elapsed_s: f64,
}

/// Variance of the place, covariance with the velocity, variance of the velocity, on one axis.
#[derive(Debug, Clone, Copy)]
struct Axis {
    place: f64,
    tie: f64,
    velocity: f64,
}

/// The laws from one report.
pub(super) fn modes(law: &MotionLaw, start: &Start) -> [Mode; 3] {
    let velocity = start.velocity_mps.unwrap_or([0.0; 2]);
    let speed_mps = velocity[0].hypot(velocity[1]);
    let course = if speed_mps > 0.0 {
        [velocity[0] / speed_mps, velocity[1] / speed_mps]
    } else {
        [0.0, 1.0]
    };
    let tau_s = start.elapsed_s.abs();
    let at_rest = known_rest(start);
    let kept = law.kept_probability(tau_s, at_rest);
    let known = start.velocity_mps.is_some();
    let [along, cross] = [law.along_m, law.cross_m].map(|ten_minutes_m| {
        if known {
            steady_axis(law, ten_minutes_m, speed_mps, tau_s)
        } else {
            unknown_axis(law, tau_s)
        }
    });
    let run_m = start.elapsed_s;
    let steady = Mode {
        weight: kept,
        mean: state(start.place_m, velocity, run_m),
        covariance: turned(course, [along, cross], start.elapsed_s),
        steady: true,
    };
    let usual_mps = law.usual_kn * KNOT_MPS;
    let mean_s = law.mean_leg_s(at_rest);
    let changed = |share: f64, walk: Walk, speed_mps: f64| {
        // Backwards in time the vessel comes from astern.
        let sign = start.elapsed_s.signum();
        let lead = |axis: usize| course[axis] * walk.run_s * speed_mps * sign;
        let going = |axis: usize| course[axis] * walk.kept * speed_mps;
        let place_m = [start.place_m[0] + lead(0), start.place_m[1] + lead(1)];
        Mode {
            weight: share * (1.0 - kept),
            mean: state(place_m, [going(0), going(1)], 0.0),
            covariance: turned(
                course,
                changed_axes([along, cross], &walk, speed_mps),
                start.elapsed_s,
            ),
            steady: false,
        }
    };
    // A turn keeps the speed; a vessel that stops or sets off goes anywhere, at its old speed for one part, at its kind's for
    // the other.
    let either_mps = ((speed_mps.powi(2) + usual_mps.powi(2)) / 2.0).sqrt();
    [
        steady,
        changed(
            law.turn_share,
            Walk::after_turns(law.turn_deg, mean_s, tau_s),
            speed_mps.max(DRIFT_MPS),
        ),
        changed(
            1.0 - law.turn_share,
            Walk::after_turns(ANYWHERE_DEG, mean_s, tau_s),
            either_mps,
        ),
    ]
}

fn known_rest(start: &Start) -> bool {
    start
        .velocity_mps
        .is_some_and(|[east, north]| east.hypot(north) < AT_REST_MPS)
}

fn state(place_m: [f64; 2], velocity: [f64; 2], run_s: f64) -> Vector4 {
    Vector4::new(
        place_m[0] + velocity[0] * run_s,
        place_m[1] + velocity[1] * run_s,
        velocity[0],
        velocity[1],
    )
}

/// Errors on one axis of a vessel that holds its course.
fn steady_axis(law: &MotionLaw, ten_minutes_m: f64, speed_mps: f64, tau_s: f64) -> Axis {
    let growth_m = steady_sigma_m(law, ten_minutes_m, speed_mps, tau_s);
    let report_m = REPORT_SIGMA_MPS * tau_s;
    // For x with σ ∝ τ^p and velocity x′: E[x x′] = p σ²/τ, and E[x′²] ≥ p² σ²/τ². The factor is exact for white
    // acceleration (p = 3/2: 4/3) and nears 1 for a constant error of velocity (p = 1).
    let excess = 1.0 + (2.0 / 3.0) * (law.power - 1.0).max(0.02);
    let rate = law.power / tau_s.max(1.0);
    Axis {
        place: law.sigma0_m.powi(2) + growth_m.powi(2) + report_m.powi(2),
        tie: rate * growth_m.powi(2) + REPORT_SIGMA_MPS * report_m,
        velocity: excess * (rate * growth_m).powi(2) + 1.05 * REPORT_SIGMA_MPS.powi(2),
    }
}

/// Growth of the error of a vessel that holds its course, without the report's own, metres.
pub(super) fn steady_sigma_m(
    law: &MotionLaw,
    ten_minutes_m: f64,
    speed_mps: f64,
    tau_s: f64,
) -> f64 {
    let pace = (speed_mps / KNOT_MPS + FLOOR_KN) / (PACE_KN + FLOOR_KN);
    ten_minutes_m * pace * (tau_s / TEN_MINUTES_S).powf(law.power)
}

fn unknown_axis(law: &MotionLaw, tau_s: f64) -> Axis {
    let drift_m = UNKNOWN_MPS * tau_s;
    Axis {
        place: law.sigma0_m.powi(2) + drift_m.powi(2),
        tie: UNKNOWN_MPS * drift_m,
        velocity: 1.05 * UNKNOWN_MPS.powi(2),
    }
}

/// Errors along and across the old course after changes: those of a vessel that holds it, and the walk's.
fn changed_axes(steady: [Axis; 2], walk: &Walk, speed_mps: f64) -> [Axis; 2] {
    let speed2 = speed_mps * speed_mps;
    let axis = |held: Axis, spread_s2: f64, tie_s: f64, share: f64| Axis {
        place: held.place + spread_s2 * speed2,
        tie: held.tie + tie_s * speed2,
        velocity: held.velocity + share * speed2,
    };
    let [along, cross] = steady;
    [
        axis(along, walk.along_s2, walk.along_tie_s, walk.along_share),
        axis(cross, walk.across_s2, walk.across_tie_s, walk.across_share),
    ]
}

/// Moments of a walk at unit speed that turns at random times, given that it turned at least once.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Walk {
    /// Mean run along the first direction, seconds.
    run_s: f64,
    /// Variance of the place along and across it, seconds².
    along_s2: f64,
    across_s2: f64,
    /// Covariance of place and velocity along and across it, seconds.
    along_tie_s: f64,
    across_tie_s: f64,
    /// Mean of the velocity along the first direction, and its variance along and across it.
    kept: f64,
    along_share: f64,
    across_share: f64,
}

impl Walk {
    /// Turns of standard deviation `turn_deg` at mean intervals `mean_s`, over `tau_s`.
    ///
    /// With θ the direction, E cos θ(t) = e^(−a₁t) and E cos 2θ(t) = e^(−a₂t); the moments of the place are integrals of the
    /// two, and ⟨x x′⟩ is half the derivative of ⟨x²⟩.
    fn after_turns(turn_deg: f64, mean_s: f64, tau_s: f64) -> Self {
        // Below a thousandth the closed form is a difference of like numbers; there the moments scale with τ.
        let scale = (tau_s / mean_s / 1e-3).min(1.0);
        let tau_s = if scale < 1.0 { 1e-3 * mean_s } else { tau_s };
        let variance = turn_deg.to_radians().powi(2);
        let a1 = (1.0 - (-variance / 2.0).exp()) / mean_s;
        // Equal only where both are 1: a hair apart serves.
        let a2 = (1.0 - (-2.0 * variance).exp()) / mean_s * (1.0 + 1e-6);
        let mean_of = |a: f64| (1.0 - (-a * tau_s).exp()) / a;
        let straight = (-tau_s / mean_s).exp();
        let turned = 1.0 - straight;
        let run = mean_of(a1);
        let square = 2.0 / a1 * (tau_s - run);
        let skew = 2.0 / (a1 - a2) * (mean_of(a2) - run);
        let along2 = (square + skew) / 2.0;
        let skew_rate = 2.0 / (a1 - a2) * ((-a2 * tau_s).exp() - (-a1 * tau_s).exp());
        let run_s = (run - straight * tau_s) / turned;
        let kept = ((-a1 * tau_s).exp() - straight) / turned;
        let cos2 = f64::midpoint(1.0, ((-a2 * tau_s).exp() - straight) / turned);
        Self {
            run_s: run_s * scale,
            along_s2: ((along2 - straight * tau_s * tau_s) / turned - run_s * run_s)
                * scale
                * scale,
            across_s2: (square - skew) / 2.0 / turned * scale * scale,
            along_tie_s: (((2.0 * run + skew_rate) / 4.0 - straight * tau_s) / turned
                - run_s * kept)
                * scale,
            across_tie_s: (2.0 * run - skew_rate) / 4.0 / turned * scale,
            kept,
            along_share: (cos2 - kept * kept).max(0.0),
            across_share: (1.0 - cos2).max(0.0),
        }
    }
}

/// A covariance with errors along and across a course. Towards the past the tie of place and velocity is negative.
fn turned(course: [f64; 2], [along, cross]: [Axis; 2], elapsed_s: f64) -> Matrix4 {
    let sign = if elapsed_s < 0.0 { -1.0 } else { 1.0 };
    let mut matrix = Matrix4::zeros();
    let across = [course[1], -course[0]];
    for (axis, direction) in [(along, course), (cross, across)] {
        for i in 0..2 {
            for j in 0..2 {
                let both = direction[i] * direction[j];
                matrix[(i, j)] += axis.place * both;
                matrix[(i, j + 2)] += sign * axis.tie * both;
                matrix[(i + 2, j)] += sign * axis.tie * both;
                matrix[(i + 2, j + 2)] += axis.velocity * both;
            }
        }
    }
    matrix
}

/// Joins what two reports say of the same instant: every pair of laws, weighed by how well the two agree.
pub(super) fn joined(before: &[Mode; 3], after: &[Mode; 3], nearer_is_before: bool) -> Vec<Mode> {
    let mut all = Vec::with_capacity(9);
    for b in before {
        for a in after {
            all.extend(product(b, a, if nearer_is_before { b } else { a }.steady));
        }
    }
    let best = all
        .iter()
        .map(|mode: &Mode| mode.weight)
        .fold(f64::MIN, f64::max);
    // Weights are logarithms up to here: the reports may contradict each other by any amount.
    for mode in &mut all {
        mode.weight = (mode.weight - best).exp();
    }
    all.retain(|mode| mode.weight > 1e-4);
    let total: f64 = all.iter().map(|mode| mode.weight).sum();
    for mode in &mut all {
        mode.weight /= total;
    }
    all.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    all
}

/// The product of two laws; its weight is a logarithm. `None` if a covariance is not one in floating point.
fn product(before: &Mode, after: &Mode, steady: bool) -> Option<Mode> {
    let sum = (before.covariance + after.covariance).cholesky()?;
    let difference = after.mean - before.mean;
    let solved = sum.solve(&difference);
    let log_determinant: f64 = (0..4).map(|i| 2.0 * sum.l_dirty()[(i, i)].ln()).sum();
    let gain = sum.solve(&before.covariance).transpose();
    let covariance = before.covariance - gain * before.covariance;
    Some(Mode {
        weight: (before.weight * after.weight).max(f64::MIN_POSITIVE).ln()
            - 0.5 * (difference.dot(&solved) + log_determinant),
        mean: before.mean + gain * difference,
        covariance: (covariance + covariance.transpose()) * 0.5,
        steady,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuse::FuseParams;
    use rand::SeedableRng;
    use rand_distr::{Distribution, Exp1, StandardNormal};

    #[test]
    fn moments_after_changes_are_those_of_simulated_walks() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        for (turn_deg, tau_s) in [(25.0, 100.0), (25.0, 3000.0), (100.0, 600.0), (1e3, 3000.0)] {
            let mean_s = 600.0;
            let (mut n, mut sums) = (0.0, [0.0; 8]);
            for _ in 0..100_000 {
                let (mut t, mut at, mut direction) = (0.0, [0.0, 0.0], 0.0_f64);
                let mut changes = 0;
                loop {
                    let wait: f64 = Exp1.sample(&mut rng);
                    let leg = (wait * mean_s).min(tau_s - t);
                    at = [at[0] + leg * direction.cos(), at[1] + leg * direction.sin()];
                    t += leg;
                    if t >= tau_s {
                        break;
                    }
                    changes += 1;
                    let turn: f64 = StandardNormal.sample(&mut rng);
                    direction += f64::to_radians(turn_deg) * turn;
                }
                if changes > 0 {
                    n += 1.0;
                    let (sin, cos) = direction.sin_cos();
                    let place = [at[0], at[0] * at[0], at[1] * at[1]];
                    let velocity = [cos, cos * cos, sin * sin, at[0] * cos, at[1] * sin];
                    let values = place.into_iter().chain(velocity);
                    for (sum, value) in sums.iter_mut().zip(values) {
                        *sum += value;
                    }
                }
            }
            let [run, along2, across2, kept, cos2, sin2, along_v, across_v] =
                sums.map(|sum| sum / n);
            let walk = Walk::after_turns(turn_deg, mean_s, tau_s);
            // 4 %: 15,000 walks and more give the variances a standard error of 1 %.
            let near = |found: f64, oracle: f64, unit: f64| (found - oracle).abs() < 0.04 * unit;
            assert!(near(walk.run_s, run, tau_s), "{walk:?} {run}");
            let along = along2 - run * run;
            assert!(
                near(walk.along_s2, along, along.max(0.02 * tau_s * tau_s)),
                "{walk:?} {along}"
            );
            assert!(near(walk.across_s2, across2, across2), "{walk:?} {across2}");
            assert!(near(walk.kept, kept, 1.0), "{walk:?} {kept}");
            assert!(near(walk.along_share, cos2 - kept * kept, 1.0));
            assert!(near(walk.across_share, sin2, 1.0));
            assert!(
                near(walk.along_tie_s, along_v - run * kept, tau_s),
                "{walk:?} {along_v}"
            );
            assert!(
                near(walk.across_tie_s, across_v, tau_s),
                "{walk:?} {across_v}"
            );
        }
    }

    #[test]
    fn two_reports_of_a_steady_ship_give_a_sharper_place_than_either() {
        let law = FuseParams::default().class_a;
        let at = |place, elapsed_s| Start {
            place_m: [place, 0.0],
            velocity_mps: Some([5.0, 0.0]),
            elapsed_s,
        };
        let before = modes(&law, &at(0.0, 600.0));
        let after = modes(&law, &at(6_000.0, -600.0));
        let both = joined(&before, &after, true);
        assert!(both[0].steady && both[0].weight > 0.5);
        // Half-way between the two, by symmetry.
        assert!((both[0].mean[0] - 3_000.0).abs() < 1e-6);
        assert!(both[0].covariance[(0, 0)] < 0.6 * before[0].covariance[(0, 0)]);
        let total: f64 = both.iter().map(|mode| mode.weight).sum();
        assert!((total - 1.0).abs() < 1e-12);
    }
}
