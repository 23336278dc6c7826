//! How well a vessel explains a detection: the log-likelihood of place, length and heading of its echo.
//!
//! ln Σ_k w_k f_k(offset) h_k(heading) + ln g(length), over the vessel's laws k. [`super::seen`] adds ln [P_d / (1 − P_d)],
//! and [`super::clutter`] what the same echo is worth as anything else: with these weights the product over the pairs of an
//! assignment is proportional to its probability. Length and heading are mixtures with an outlier share, so that wrong
//! static data or a badly measured shape can be outvoted by the place.

use super::gate::Candidate;
use super::imaging::{Laid, View};
use super::params::Kind;
use super::state::State;
use crate::model::detection::Detection;
use std::f64::consts::{PI, TAU};

/// Share of told or measured lengths and headings that are plainly wrong.
const OUTLIERS: f64 = 0.1;
/// Standard deviation of ln(measured length / told length) beside the measuring error that a detection states.
const LENGTH_LOG_SIGMA: f64 = 0.15;
/// … and of a detection that states none.
const UNSTATED_LOG_SIGMA: f64 = 0.25;
/// Lengths of things at sea in general: median 60 m, standard deviation of the logarithm 0.9.
pub(super) const ANY_LENGTH: LogNormal = LogNormal {
    median_m: 60.0,
    sigma: 0.9,
};
/// Lengths of ships that send no AIS, before a scene tells better: the convention on safety at sea has ships of 300 tons and
/// more, some 45 m, carry it.
pub(super) const UNHEARD_LENGTH: LogNormal = LogNormal {
    median_m: 35.0,
    sigma: 0.7,
};
/// Lengths behind class A equipment that tells none.
const CLASS_A_LENGTH: LogNormal = LogNormal {
    median_m: 90.0,
    sigma: 0.8,
};
/// Lengths behind class B equipment that tells none, of those that show in an image.
const CLASS_B_LENGTH: LogNormal = LogNormal {
    median_m: 22.0,
    sigma: 0.5,
};
/// Lengths behind fishing vessels that tell none, of any equipment: those that carry it are mostly over 24 m.
const FISHING_LENGTH: LogNormal = LogNormal {
    median_m: 30.0,
    sigma: 0.4,
};
/// Difference between a ship's course or bow and its echo's axis that is not measuring error, degrees.
const HEADING_SIGMA_DEG: f64 = 8.0;
/// Speed below which the direction of the bow grows no more uncertain, metres per second.
const LEAST_WAY_MPS: f64 = 0.3;
/// A told heading holds for so long, seconds.
const HEADING_HOLDS_S: f64 = 120.0;

/// A log-normal law of lengths.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LogNormal {
    pub(super) median_m: f64,
    pub(super) sigma: f64,
}

impl LogNormal {
    /// Density of ln(length).
    pub(super) fn density(self, length_m: f64) -> f64 {
        normal_density((length_m / self.median_m).ln(), self.sigma)
    }
}

/// Length to expect of a vessel: as told, else the median of its kind.
pub(super) fn expected_length_m(ship: &Candidate) -> f64 {
    let told_m = ship
        .track
        .vessel
        .length_m
        .filter(|length_m| *length_m > 0.0);
    told_m.unwrap_or_else(|| usual_length(ship.kind).median_m)
}

/// Lengths of vessels of a kind.
fn usual_length(kind: Kind) -> LogNormal {
    match kind {
        Kind::Fishing => FISHING_LENGTH,
        Kind::ClassB => CLASS_B_LENGTH,
        Kind::ClassA | Kind::LongRange => CLASS_A_LENGTH,
    }
}

/// Log-likelihood of a detection as a vessel's echo: per square metre and unit of ln(length); against an even heading.
///
/// `axis_about` is the density of the echo's axis among all echoes, over an even one.
pub(super) fn log_likelihood(
    laid: &Laid,
    ship: &Candidate,
    (detection, axis_about): (&Detection, f64),
) -> f64 {
    let place: f64 = laid
        .views
        .iter()
        .map(|view| view.density() * heading_ratio(&laid.state, view, (detection, axis_about)))
        .sum();
    place.max(f64::MIN_POSITIVE).ln() + length_density(ship, detection).map_or(0.0, f64::ln)
}

/// Length of a detection that can be used: measured and above zero.
pub(super) fn measured_length_m(detection: &Detection) -> Option<f64> {
    detection.length_m.filter(|length_m| *length_m > 0.0)
}

/// Density of ln(measured length) given the vessel; `None` if nothing was measured.
fn length_density(ship: &Candidate, detection: &Detection) -> Option<f64> {
    let measured_m = measured_length_m(detection)?;
    let told_m = ship
        .track
        .vessel
        .length_m
        .filter(|length_m| *length_m > 0.0);
    let law = told_m.map_or_else(
        || usual_length(ship.kind),
        |told_m| {
            let measuring = detection.length_sigma_m.map(|sigma_m| sigma_m / measured_m);
            LogNormal {
                median_m: told_m,
                sigma: measuring.map_or(UNSTATED_LOG_SIGMA, |part| LENGTH_LOG_SIGMA.hypot(part)),
            }
        },
    );
    Some((1.0 - OUTLIERS) * law.density(measured_m) + OUTLIERS * ANY_LENGTH.density(measured_m))
}

/// Density of the echo's axis given a law, over that among all echoes. A vessel that changed its course heads as any other.
fn heading_ratio(state: &State, view: &View, (detection, axis_about): (&Detection, f64)) -> f64 {
    let (Some((bow_deg, bow_sigma_deg)), Some(axis_deg)) =
        (bow(state, view), detection.heading_deg)
    else {
        return 1.0;
    };
    let sigma_deg = HEADING_SIGMA_DEG
        .hypot(detection.heading_sigma_deg.unwrap_or(0.0))
        .hypot(bow_sigma_deg);
    (1.0 - OUTLIERS) * axis_ratio(bow_deg - axis_deg, sigma_deg) / axis_about + OUTLIERS
}

/// Density of the angle between two axes over an even one: a von Mises law of the doubled angle, since bow and stern look alike.
pub(super) fn axis_ratio(between_deg: f64, sigma_deg: f64) -> f64 {
    let concentration = (2.0 * sigma_deg.to_radians()).powi(-2);
    let doubled = 2.0 * between_deg.to_radians();
    (concentration * (doubled.cos() - 1.0) - ln_scaled_i0(concentration)).exp()
}

/// Direction of the bow under a law and its standard deviation, degrees: that of the velocity with which the vessel got to where
/// the echo is.
fn bow(state: &State, view: &View) -> Option<(f64, f64)> {
    let mode = &view.mode;
    if !mode.steady {
        return None;
    }
    if state.dt_s() <= HEADING_HOLDS_S
        && let Some(heading_deg) = state.heading_deg
    {
        return Some((heading_deg, 0.0));
    }
    mode.course_deg()?;
    let (velocity, spread) = view.velocity_there();
    let speed_mps = velocity[0].hypot(velocity[1]).max(LEAST_WAY_MPS);
    let [east, north] = velocity.map(|part| part / speed_mps);
    // Variance of the velocity across the course.
    let across2 = spread.east * north * north + spread.north * east * east
        - 2.0 * spread.cross * east * north;
    Some((
        velocity[0].atan2(velocity[1]).to_degrees(),
        (across2.max(0.0).sqrt() / speed_mps).to_degrees(),
    ))
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
#[allow(clippy::unwrap_used, reason = "tests stop at the first surprise")]
mod tests {
    use super::*;
    use crate::fuse::FuseParams;
    use crate::fuse::gate::{Echo, candidates, lay};
    use crate::fuse::testing::{T0, centre, detection, moored};
    use crate::model::track::Track;

    fn likelihood(track: &Track, echo: &Detection) -> f64 {
        let params = FuseParams::default();
        let ships = candidates(std::slice::from_ref(track), T0, &params);
        let laid = lay(&ships[0], &Echo::of(echo, None, &params).unwrap(), &params).unwrap();
        log_likelihood(&laid, &ships[0], (echo, 1.0))
    }

    #[test]
    fn a_nearer_vessel_explains_an_echo_better() {
        let track = moored(431_000_001, centre(), 90.0);
        let at = |metres: f64| detection("a", centre().destination(0.0, metres), None);
        assert!(likelihood(&track, &at(10.0)) > likelihood(&track, &at(60.0)));
    }

    #[test]
    fn a_like_length_speaks_for_the_vessel_and_an_unlike_one_against_it_within_bounds() {
        let track = moored(431_000_001, centre(), 90.0);
        let at = |length_m| likelihood(&track, &detection("a", centre(), Some(length_m)));
        let (like, unlike) = (at(95.0), at(300.0));
        assert!(like > unlike + 1.0, "{like} {unlike}");
        // The outlier share bounds the harm of wrong static data: against any ship of that length, ln 0.1.
        let place = likelihood(&track, &detection("a", centre(), None));
        assert!(unlike - place > ANY_LENGTH.density(300.0).ln() + f64::ln(0.099));
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
            likelihood(&track, &echo)
        };
        let (bow, stern, across) = (at(30.0), at(210.0), at(120.0));
        assert!((bow - stern).abs() < 1e-6, "{bow} {stern}");
        assert!(bow > across + 2.5, "{bow} {across}");
    }

    #[test]
    fn the_bessel_function_agrees_with_tables_on_both_branches() {
        // I₀(1) = 1.2660658778, I₀(10) = 2815.7166284663 (Abramowitz and Stegun, table 9.8).
        assert!((ln_scaled_i0(1.0) - (1.266_065_877_8_f64.ln() - 1.0)).abs() < 1e-9);
        assert!((ln_scaled_i0(10.0) - (2_815.716_628_466_3_f64.ln() - 10.0)).abs() < 1e-9);
        // The branches meet: 1e-5 is the asymptotic series' first term left out at x = 20.
        assert!((ln_scaled_i0(19.999_999) - ln_scaled_i0(20.0)).abs() < 1e-5);
    }
}
