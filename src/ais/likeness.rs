//! How likely one report is the next of the ship that sent another, and whether it can be at all.
//!
//! Most ships hold speed and course: the place is a normal law about dead reckoning whose width grows with time, as that of
//! fusion does; the rest turned or changed speed: a wide law about the last place. Told speeds and courses seldom change much. The
//! weights are proposals, tried on simulated ships (`tidewatch score --tracks`).

use super::segment::{SegmentParams, chord_m, reckon, seconds};
use crate::model::track::Position;
use crate::model::units::KNOT_MPS;
use std::f64::consts::TAU;

/// Silences beyond which the speed told at both ends bounds the way, seconds.
const RECKONING_S: f64 = 3600.0;
/// No told speed is believed beyond this, metres per second.
const FASTEST_MPS: f64 = 60.0;
/// Share of reports whose ship held its course, after no time, and the time in which a ship turns, seconds.
const STEADY: f64 = 0.9;
const TURNS_S: f64 = 3600.0;
/// Standard deviation of a place by dead reckoning: at once, metres, and its growth, m s^−1.5.
const PLACE_M: f64 = 50.0;
const GROWTH: f64 = 0.02;
/// Share of ships that hold their speed; standard deviation, knots, and the range of all speeds, knots.
const SAME_SPEED: f64 = 0.8;
const SPEED_KN: f64 = 1.0;
const SPEEDS_KN: f64 = 20.0;
/// Share of ships that hold their course; standard deviation, degrees.
const SAME_COURSE: f64 = 0.8;
const COURSE_DEG: f64 = 15.0;
/// Speed below which a told course is noise, knots.
const COURSE_FROM_KN: f64 = 1.0;
/// Over a long silence a ship may have gone this much faster than it tells, as a factor and in knots.
const FASTER: f64 = 1.5;
const FASTER_KN: f64 = 5.0;

/// Natural logarithm of the ten by which another class of equipment weighs down.
const OTHER_CLASS: f64 = std::f64::consts::LN_10;

/// How one report continues another.
pub(super) struct Fit {
    pub(super) discrepancy_m: f64,
    pub(super) allowed_m: f64,
    /// Natural logarithm of a likelihood; higher is better.
    pub(super) likeness: f64,
}

impl Fit {
    pub(super) fn is_possible(&self) -> bool {
        self.discrepancy_m <= self.allowed_m
    }
}

pub(super) fn fit(before: &Position, after: &Position, params: &SegmentParams) -> Fit {
    let silence_s = seconds(before, after);
    let moved_m = chord_m(before.position, after.position);
    let told = told_mps(before, after);
    let slack_m = params.slack_m + params.late_s * told.unwrap_or(0.0);
    let reckoned_m = reckoned_m(before, after, silence_s);
    let (discrepancy_m, allowed_m) = match (reckoned_m, told) {
        (Some(reckoned_m), _) if silence_s <= RECKONING_S => {
            let hours = silence_s / 3600.0;
            let damped_s = silence_s / (1.0 + (hours / 4.0).sqrt());
            // One that turns back at once strays by twice its speed.
            let drift_mps = told.map_or(f64::MAX, |told| 2.0 * told + FASTER_KN * KNOT_MPS);
            let drift_mps = drift_mps.min(params.max_drift_kn * KNOT_MPS);
            (reckoned_m.min(moved_m), slack_m + drift_mps * damped_s)
        }
        (Some(_), Some(told)) => {
            let fastest_mps = (FASTER * told + FASTER_KN * KNOT_MPS).min(params.max_kn * KNOT_MPS);
            (moved_m, slack_m + fastest_mps * silence_s)
        }
        _ => (moved_m, slack_m + params.max_kn * KNOT_MPS * silence_s),
    };
    let likeness = place(
        silence_s,
        reckoned_m.unwrap_or(moved_m),
        moved_m,
        slack_m + told.unwrap_or(10.0) * silence_s,
    ) + speed(before, after)
        + course(before, after)
        - if before.class == after.class {
            0.0
        } else {
            OTHER_CLASS
        };
    Fit {
        discrepancy_m,
        allowed_m,
        likeness,
    }
}

/// Logarithm of the density of the place, m⁻².
fn place(silence_s: f64, reckoned_m: f64, moved_m: f64, reach_m: f64) -> f64 {
    let normal = |distance_m: f64, sigma_m: f64| {
        (-0.5 * (distance_m / sigma_m).powi(2)).exp() / (TAU * sigma_m * sigma_m)
    };
    let narrow_m = PLACE_M.hypot(GROWTH * silence_s.powf(1.5)).min(reach_m);
    let steady = STEADY * (-silence_s / TURNS_S).exp();
    let density = steady * normal(reckoned_m, narrow_m) + (1.0 - steady) * normal(moved_m, reach_m);
    density.max(f64::MIN_POSITIVE).ln()
}

/// A share of ships that did not change, after a silence: half of it lasts, the rest goes with the turns.
fn lasting(share: f64, silence_s: f64) -> f64 {
    share * (0.5 + 0.5 * (-silence_s / TURNS_S).exp())
}

/// Logarithm of the density of the told speed, kn⁻¹; 0 where one is not told.
fn speed(before: &Position, after: &Position) -> f64 {
    let Some((a, b)) = before.sog_kn.zip(after.sog_kn) else {
        return 0.0;
    };
    let same = (-0.5 * ((a - b) / SPEED_KN).powi(2)).exp() / (TAU.sqrt() * SPEED_KN);
    let share = lasting(SAME_SPEED, seconds(before, after));
    (share * same + (1.0 - share) / SPEEDS_KN).ln()
}

/// Logarithm of the density of the told course, degree⁻¹; that of any course where one is not told or the ship lies.
fn course(before: &Position, after: &Position) -> f64 {
    let any = (1.0_f64 / 360.0).ln();
    let is_moving = |p: &Position| p.sog_kn.is_some_and(|sog_kn| sog_kn >= COURSE_FROM_KN);
    let Some((a, b)) = before
        .cog_deg
        .zip(after.cog_deg)
        .filter(|_| is_moving(before) && is_moving(after))
    else {
        return any;
    };
    let turn = (a - b).rem_euclid(360.0);
    let turn = turn.min(360.0 - turn);
    let same = (-0.5 * (turn / COURSE_DEG).powi(2)).exp() / (TAU.sqrt() * COURSE_DEG);
    let share = lasting(SAME_COURSE, seconds(before, after));
    (share * same + (1.0 - share) / 360.0).ln()
}

/// The greater of both told speeds, metres per second; `None` if neither is told.
fn told_mps(before: &Position, after: &Position) -> Option<f64> {
    let told = match (before.sog_kn, after.sog_kn) {
        (Some(a), Some(b)) => a.max(b),
        (one, other) => one.or(other)?,
    };
    Some((told * KNOT_MPS).min(FASTEST_MPS))
}

/// Mean of the errors of dead reckoning forward and backward, metres; `None` if neither report tells speed and course.
fn reckoned_m(before: &Position, after: &Position, silence_s: f64) -> Option<f64> {
    let forward = reckon(before, silence_s).map(|place| chord_m(place, after.position));
    let backward = reckon(after, -silence_s).map(|place| chord_m(place, before.position));
    match (forward, backward) {
        (Some(forward), Some(backward)) => Some(0.5 * (forward + backward)),
        (one, other) => one.or(other),
    }
}
