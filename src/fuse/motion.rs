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

use super::params::{MotionLaw, RESTING};
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
/// Correlation of place and velocity after a change: half, as if the last leg began half-way.
const CHANGED_TIE: f64 = 0.5;
/// Part of a changed vessel's variance that lies along its old course: 1/4 against 1/6 for one turn.
const ALONG_PART: f64 = 0.6;

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

/// The two laws from one report.
pub(super) fn modes(law: &MotionLaw, start: &Start) -> [Mode; 2] {
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
    let (run, axes) = changed(law, speed_mps, (tau_s, at_rest));
    // The run points ahead for a report before the image, astern for one after it.
    let lead_m = run * start.elapsed_s.signum();
    let place_m = [
        start.place_m[0] + course[0] * lead_m,
        start.place_m[1] + course[1] * lead_m,
    ];
    let changed = Mode {
        weight: 1.0 - kept,
        mean: state(place_m, [0.0; 2], 0.0),
        covariance: turned(course, axes, start.elapsed_s),
        steady: false,
    };
    [steady, changed]
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

/// Mean run along the old course, metres, and the errors along and across it, given at least one change.
fn changed(law: &MotionLaw, speed_mps: f64, (tau_s, at_rest): (f64, bool)) -> (f64, [Axis; 2]) {
    let mean_s = law.manoeuvre_minutes * 60.0 * if at_rest { RESTING } else { 1.0 };
    let (run_s, spread_s2) = persistent_walk(mean_s, tau_s);
    // After a change the vessel goes at its old speed or at its kind's usual one.
    let usual_mps = law.usual_kn * KNOT_MPS;
    let speed2 = (speed_mps * speed_mps + usual_mps * usual_mps) / 2.0;
    let axis = |part: f64| {
        let place = law.sigma0_m.powi(2) + part * spread_s2 * speed2;
        let velocity = speed2 / 2.0;
        Axis {
            place,
            tie: CHANGED_TIE * (place * velocity).sqrt(),
            velocity,
        }
    };
    (run_s * speed_mps, [axis(ALONG_PART), axis(1.0 - ALONG_PART)])
}

/// A walk at unit speed whose direction is drawn anew at mean intervals `mean_s`, given that it was drawn anew at least
/// once in `tau_s`: (mean run along the first direction, seconds; variance of both axes together, seconds²).
fn persistent_walk(mean_s: f64, tau_s: f64) -> (f64, f64) {
    let ratio = tau_s / mean_s;
    if ratio < 1e-3 {
        // The limit; the closed form is a difference of like numbers there.
        return (tau_s / 2.0, 5.0 / 12.0 * tau_s * tau_s);
    }
    let kept = (-ratio).exp();
    let run_s = (mean_s * (1.0 - kept) - kept * tau_s) / (1.0 - kept);
    let square =
        (2.0 * mean_s * (tau_s - mean_s * (1.0 - kept)) - kept * tau_s * tau_s) / (1.0 - kept);
    (run_s, square - run_s * run_s)
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
pub(super) fn joined(before: &[Mode; 2], after: &[Mode; 2], nearer_is_before: bool) -> Vec<Mode> {
    let mut all = Vec::with_capacity(4);
    for b in before {
        for a in after {
            all.extend(product(b, a, if nearer_is_before { b } else { a }.steady));
        }
    }
    let best = all.iter().map(|mode: &Mode| mode.weight).fold(f64::MIN, f64::max);
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
    use rand::{RngExt, SeedableRng};
    use rand_distr::{Distribution, Exp1};

    #[test]
    fn moments_after_changes_are_those_of_simulated_walks() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        for (mean_s, tau_s) in [(600.0, 100.0), (600.0, 600.0), (600.0, 3000.0)] {
            let (mut n, mut along, mut square) = (0.0, 0.0, 0.0);
            for _ in 0..200_000 {
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
                    direction = rng.random_range(0.0..std::f64::consts::TAU);
                }
                if changes > 0 {
                    n += 1.0;
                    along += at[0];
                    square += at[0] * at[0] + at[1] * at[1];
                }
            }
            let (run, spread) = persistent_walk(mean_s, tau_s);
            let mean = along / n;
            // 2 %: 30,000 walks and more give a standard error under 0.5 %.
            assert!((run / mean - 1.0).abs() < 0.02, "{run} {mean}");
            let variance = square / n - mean * mean;
            assert!((spread / variance - 1.0).abs() < 0.02, "{spread} {variance}");
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
