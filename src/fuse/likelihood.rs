//! How much better a vessel explains a detection than clutter or an unheard ship does: a log-likelihood ratio.
//!
//! ln Λ = ln [P_d / (1 − P_d)] + ln [f(offset) / λ] + length + heading + class.
//!
//! With these weights the product over the pairs of an assignment is proportional to its probability: each
//! unexplained detection counts λ, each unseen vessel 1 − P_d. Every term but the first two is a mixture with
//! an outlier share, so that wrong static data or a badly measured shape can be outvoted by the place.
//! The numbers below are proposals, stated one by one.

use super::gate::{Covariance, Pair};
use crate::model::detection::Detection;
use crate::model::track::{AisClass, Track};
use std::f64::consts::{PI, TAU};

/// Share of vessels that hold their motion; the rest stopped or turned.
const STEADY: f64 = 0.9;
/// Share of told or measured lengths, headings and classes that are plainly wrong.
const OUTLIERS: f64 = 0.1;
/// Standard deviation of ln(measured length / told length).
const LENGTH_LOG_SIGMA: f64 = 0.25;
/// Lengths of things at sea in general: median 60 m, standard deviation of the logarithm 0.9.
const ANY_LENGTH: LogNormal = LogNormal {
    median_m: 60.0,
    sigma: 0.9,
};
/// Lengths behind class A equipment that tells none.
const CLASS_A_LENGTH: LogNormal = LogNormal {
    median_m: 100.0,
    sigma: 0.8,
};
/// Lengths behind class B equipment that tells none.
const CLASS_B_LENGTH: LogNormal = LogNormal {
    median_m: 16.0,
    sigma: 0.6,
};
/// Difference between a ship's bow and its echo's axis that is not measuring error, degrees.
const HEADING_SIGMA_DEG: f64 = 10.0;
/// Length at which half the ships are seen at [`REFERENCE_INCIDENCE_DEG`], metres.
const HALF_SEEN_LENGTH_M: f64 = 22.0;
/// Steepness of the detection curve.
const SEEN_POWER: f64 = 3.5;
/// Share of the largest ships that is seen.
const SEEN_AT_MOST: f64 = 0.98;
/// Incidence for which the curve holds, degrees.
const REFERENCE_INCIDENCE_DEG: f64 = 38.5;

/// A log-normal law of lengths.
#[derive(Clone, Copy)]
struct LogNormal {
    median_m: f64,
    sigma: f64,
}

impl LogNormal {
    /// Density of ln(length).
    fn density(self, length_m: f64) -> f64 {
        normal_density((length_m / self.median_m).ln(), self.sigma)
    }
}

/// Probability that a detector finds a ship of this length at this incidence (degrees).
///
/// 0.98 / (1 + (L50/L)^3.5) with L50 = 22 m at 38.5°, falling as the sine of the incidence rises (steeper means
/// more clutter). Set to the figures reported for Sentinel-1: about 80 % at 25–50 m, above 95 % from 60 m.
pub(super) fn detection_probability(length_m: f64, incidence_deg: Option<f64>) -> f64 {
    let incidence_deg = incidence_deg.unwrap_or(REFERENCE_INCIDENCE_DEG);
    let steeper = REFERENCE_INCIDENCE_DEG.to_radians().sin()
        / incidence_deg.clamp(15.0, 60.0).to_radians().sin();
    let half_m = HALF_SEEN_LENGTH_M * steeper.sqrt();
    SEEN_AT_MOST / (1.0 + (half_m / length_m.max(1.0)).powf(SEEN_POWER))
}

/// Length to expect of a vessel: as told, else the median of its class.
pub(super) fn expected_length_m(track: &Track) -> f64 {
    track.vessel.length_m.unwrap_or(match track.class {
        AisClass::B => CLASS_B_LENGTH.median_m,
        _ => CLASS_A_LENGTH.median_m,
    })
}

/// ln Λ of one pair. `density_per_m2` is λ: detections a square metre around this one.
pub(super) fn log_ratio(
    pair: &Pair,
    track: &Track,
    detection: &Detection,
    density_per_m2: f64,
) -> f64 {
    let incidence_deg = detection.sar.map(|sar| sar.incidence_deg);
    let seen = detection_probability(expected_length_m(track), incidence_deg);
    (seen / (1.0 - seen)).ln()
        + (place_density(pair) / density_per_m2).ln()
        + length_term(track, detection)
        + heading_term(pair, detection)
        + class_term(track, detection)
}

/// Density of the offset, per square metre: steady motion, or stopped or turned since the nearest report.
fn place_density(pair: &Pair) -> f64 {
    let steady = gaussian(pair.covariance, pair.offset_m);
    let state = &pair.state;
    let strayed_m = state.speed_mps() * state.dt_s();
    let turned = Covariance {
        east: pair.covariance.east + strayed_m * strayed_m,
        north: pair.covariance.north + strayed_m * strayed_m,
        cross: pair.covariance.cross,
    };
    STEADY * steady + (1.0 - STEADY) * gaussian(turned, pair.stopped_offset_m)
}

fn gaussian(covariance: Covariance, offset_m: [f64; 2]) -> f64 {
    (-covariance.distance2(offset_m) / 2.0).exp() / (TAU * covariance.determinant().sqrt())
}

/// Told against measured length; 0 if either is unknown.
fn length_term(track: &Track, detection: &Detection) -> f64 {
    let (Some(told_m), Some(measured_m)) = (track.vessel.length_m, detection.length_m) else {
        return 0.0;
    };
    if told_m <= 0.0 || measured_m <= 0.0 {
        return 0.0;
    }
    let measuring = detection.length_sigma_m.unwrap_or(0.0) / measured_m;
    let same = LogNormal {
        median_m: told_m,
        sigma: LENGTH_LOG_SIGMA.hypot(measuring),
    };
    with_outliers(same.density(measured_m) / ANY_LENGTH.density(measured_m))
}

/// Measured length against the lengths usual for the equipment, for vessels that tell none.
fn class_term(track: &Track, detection: &Detection) -> f64 {
    let law = match (track.vessel.length_m, track.class) {
        (None, AisClass::A) => CLASS_A_LENGTH,
        (None, AisClass::B) => CLASS_B_LENGTH,
        _ => return 0.0,
    };
    match detection.length_m {
        Some(measured_m) if measured_m > 0.0 => {
            with_outliers(law.density(measured_m) / ANY_LENGTH.density(measured_m))
        }
        _ => 0.0,
    }
}

/// Bow against the echo's axis: a von Mises law of the doubled angle, since bow and stern look alike.
fn heading_term(pair: &Pair, detection: &Detection) -> f64 {
    let (Some(bow_deg), Some(axis_deg)) = (pair.state.bow_deg, detection.heading_deg) else {
        return 0.0;
    };
    let sigma_deg = HEADING_SIGMA_DEG.hypot(detection.heading_sigma_deg.unwrap_or(0.0));
    let concentration = (2.0 * sigma_deg.to_radians()).powi(-2);
    let doubled = 2.0 * (bow_deg - axis_deg).to_radians();
    let log_ratio = concentration * (doubled.cos() - 1.0) - ln_scaled_i0(concentration);
    with_outliers(log_ratio.exp())
}

fn with_outliers(ratio: f64) -> f64 {
    ((1.0 - OUTLIERS) * ratio + OUTLIERS).ln()
}

fn normal_density(x: f64, sigma: f64) -> f64 {
    (-0.5 * (x / sigma).powi(2)).exp() / (sigma * TAU.sqrt())
}

/// ln(I₀(x) · e^−x) for x ≥ 0: the power series below 20, the asymptotic one above (NIST DLMF 10.25.2, 10.40.1).
fn ln_scaled_i0(x: f64) -> f64 {
    if x < 20.0 {
        let quarter = x * x / 4.0;
        let (mut term, mut sum) = (1.0, 1.0);
        for k in 1..80 {
            term *= quarter / f64::from(k * k);
            sum += term;
        }
        sum.ln() - x
    } else {
        let inverse = 1.0 / (8.0 * x);
        let series = 1.0 + inverse * (1.0 + inverse * (4.5 + inverse * 37.5));
        series.ln() - 0.5 * (2.0 * PI * x).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuse::FuseParams;
    use crate::fuse::gate::{candidates, pairs};
    use crate::fuse::testing::{T0, centre, detection, moored};

    const SPARSE_PER_M2: f64 = 1e-8;

    fn ratio(track: &Track, echo: &Detection) -> f64 {
        let params = FuseParams::default();
        let tracks = std::slice::from_ref(track);
        let ships = candidates(tracks, T0, &params);
        let found = pairs(&[echo], &ships, None, &params);
        log_ratio(&found[0], track, echo, SPARSE_PER_M2)
    }

    #[test]
    fn a_near_vessel_beats_clutter_and_a_nearer_one_beats_it() {
        let track = moored(431_000_001, centre(), 90.0);
        let near = ratio(
            &track,
            &detection("a", centre().destination(0.0, 20.0), None),
        );
        let far = ratio(
            &track,
            &detection("b", centre().destination(0.0, 100.0), None),
        );
        assert!(near > far && far > 0.0, "{near} {far}");
    }

    #[test]
    fn an_unknown_length_says_nothing_and_a_like_one_speaks_for_the_vessel() {
        let track = moored(431_000_001, centre(), 90.0);
        let none = ratio(&track, &detection("a", centre(), None));
        let like = ratio(&track, &detection("b", centre(), Some(95.0)));
        let unlike = ratio(&track, &detection("c", centre(), Some(300.0)));
        assert!(like > none && none > unlike, "{like} {none} {unlike}");
        // The outlier share bounds the harm of wrong static data: ln 0.1.
        assert!(none - unlike < 2.31);
    }

    #[test]
    fn heading_cannot_tell_bow_from_stern() {
        let mut track = moored(431_000_001, centre(), 90.0);
        let mut echo = detection("a", centre(), None);
        echo.heading_deg = Some(30.0);
        echo.heading_sigma_deg = Some(5.0);
        let mut at = |bow_deg: f64| {
            for fix in &mut track.positions {
                fix.heading_deg = Some(bow_deg);
            }
            ratio(&track, &echo)
        };
        let (bow, stern, across) = (at(30.0), at(210.0), at(120.0));
        assert!((bow - stern).abs() < 1e-9);
        assert!(bow > across + 3.0, "{bow} {across}");
    }

    #[test]
    fn the_bessel_function_agrees_with_tables_on_both_branches() {
        // I₀(1) = 1.2660658778, I₀(10) = 2815.7166284663 (Abramowitz and Stegun, table 9.8).
        assert!((ln_scaled_i0(1.0) - (1.266_065_877_8_f64.ln() - 1.0)).abs() < 1e-9);
        assert!((ln_scaled_i0(10.0) - (2_815.716_628_466_3_f64.ln() - 10.0)).abs() < 1e-9);
        // The branches meet: 1e-5 is the asymptotic series' first term left out at x = 20.
        assert!((ln_scaled_i0(19.999_999) - ln_scaled_i0(20.0)).abs() < 1e-5);
    }

    #[test]
    fn longer_ships_and_flatter_incidence_are_seen_more_often() {
        let at = |length_m, incidence| detection_probability(length_m, Some(incidence));
        assert!(at(100.0, 38.5) > 0.95);
        assert!((0.5..0.8).contains(&at(25.0, 38.5)));
        assert!(at(35.0, 45.0) > at(35.0, 31.0));
    }
}
