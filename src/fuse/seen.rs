//! How probable it is that a vessel shows in an image: by its length, the sea about it, and whether it is in the image.

use super::gate::Candidate;
use super::likelihood::expected_length_m;
use super::motion::Mode;
use super::state::State;
use crate::model::detection::Detection;
use crate::model::scene::Polarisation;
use crate::model::shape;
use crate::model::units::LonLat;
use geo::MultiPolygon;

/// Length at which half the ships are seen over the reference sea, metres.
const HALF_SEEN_LENGTH_M: f64 = 22.0;
/// Steepness of the detection curve.
const SEEN_POWER: f64 = 3.5;
/// Share of the largest ships that is seen where AIS has them: two in a hundred are missed, three are not there.
const SEEN_AT_MOST: f64 = 0.95;
/// Incidence for which the curve holds, degrees.
const REFERENCE_INCIDENCE_DEG: f64 = 38.5;
/// σ⁰ of a sea under 7 m/s of wind at that incidence, dB, in VV and HH; cross-polarised images are nearly free of it.
const REFERENCE_VV_DB: f64 = -17.0;
const REFERENCE_HH_DB: f64 = -20.0;
/// A hull's reflection grows as L^(7/3): a length is worth 7/3 of its decibels (Vachon et al. 1997, for ships of 20–300 m).
const LENGTH_POWER: f64 = 7.0 / 3.0;
/// Length and class tell little of what a hull reflects: a clutter 6 dB off counts as that much, not more.
const SEA_STATE_LIMIT_DB: f64 = 6.0;

/// What an image shows of the sea.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sea {
    pub(super) incidence_deg: Option<f64>,
    /// σ⁰ of the sea over that of the reference sea, dB, if measured.
    pub(super) over_reference_db: Option<f64>,
}

impl Sea {
    /// The sea about one detection, as its own clutter shows it.
    pub(super) fn about(detection: &Detection) -> Self {
        // With two bands it is not told to which of them the contrast belongs.
        let over_reference_db = match detection.sigma0_db[..] {
            [(Polarisation::Vv, peak_db)] => Some(peak_db - detection.snr_db - REFERENCE_VV_DB),
            [(Polarisation::Hh, peak_db)] => Some(peak_db - detection.snr_db - REFERENCE_HH_DB),
            _ => None,
        };
        Self {
            incidence_deg: detection.sar.map(|sar| sar.incidence_deg),
            over_reference_db,
        }
    }
}

/// Probability that a detector finds a ship of this length in this sea.
///
/// 0.95 / (1 + (L50/L)^3.5) with L50 = 22 m at 38.5° and 7 m/s of wind: set to the figures reported for Sentinel-1, about
/// 80 % at 25–50 m and above 95 % from 60 m. L50 follows the clutter as 10^(dB / 10 · 3/7) where σ⁰ was measured, else the
/// incidence, falling as its sine rises (steeper means more clutter).
pub(super) fn detection_probability(length_m: f64, sea: Sea) -> f64 {
    let half_m = HALF_SEEN_LENGTH_M
        * match sea.over_reference_db {
            Some(decibels) => {
                let kept_db = decibels.clamp(-SEA_STATE_LIMIT_DB, SEA_STATE_LIMIT_DB);
                10.0_f64.powf(kept_db / 10.0 / LENGTH_POWER)
            }
            None => {
                let incidence_deg = sea.incidence_deg.unwrap_or(REFERENCE_INCIDENCE_DEG);
                let steeper = REFERENCE_INCIDENCE_DEG.to_radians().sin()
                    / incidence_deg.clamp(15.0, 60.0).to_radians().sin();
                steeper.sqrt()
            }
        };
    SEEN_AT_MOST / (1.0 + (half_m / length_m.max(1.0)).powf(SEEN_POWER))
}

/// The image's extent, for the question whether a vessel was in it at all.
pub(super) struct Sighting<'a> {
    footprint: Option<&'a MultiPolygon<f64>>,
}

impl<'a> Sighting<'a> {
    pub(super) const fn new(footprint: Option<&'a MultiPolygon<f64>>) -> Self {
        Self { footprint }
    }

    /// Probability that a vessel is within the image's extent, its laws widened by a variance on each axis (square metres).
    pub(super) fn inside_probability(&self, state: &State, widened_m2: f64) -> f64 {
        let of_mode = |mode: &Mode| {
            let place = state.plane.place([mode.mean[0], mode.mean[1]]);
            let variance = (mode.covariance[(0, 0)] + mode.covariance[(1, 1)]) / 2.0;
            mode.weight * self.share_inside(place, (variance + widened_m2).sqrt())
        };
        state.modes.iter().map(of_mode).sum()
    }

    /// Share of a normal law about a place that is within the image's extent, by the distance to its nearest edge.
    pub(super) fn share_inside(&self, place: LonLat, sigma_m: f64) -> f64 {
        let Some(footprint) = self.footprint else {
            return 1.0;
        };
        let edge_m = shape::edge_distance_m(footprint, place).unwrap_or(f64::MAX);
        let inside = if shape::contains(footprint, place) {
            1.0
        } else {
            -1.0
        };
        normal_share(inside * edge_m / sigma_m.max(1.0))
    }
}

/// What the echo of a vessel weighs against its not being seen: P_d / (1 − P_d · P(in the image)). The echo itself is in
/// the image.
pub(super) fn odds(ship: &Candidate, detection: &Detection, inside: f64) -> f64 {
    let found = detection_probability(expected_length_m(ship), Sea::about(detection));
    found / (1.0 - found * inside)
}

/// Share of a standard normal law below `x`, to 1 %: the logistic curve of the same spread.
fn normal_share(x: f64) -> f64 {
    1.0 / (1.0 + (-1.702 * x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_ships_flatter_incidence_and_calmer_sea_are_seen_more_often() {
        let at = |length_m, incidence_deg| {
            let sea = Sea {
                incidence_deg: Some(incidence_deg),
                over_reference_db: None,
            };
            detection_probability(length_m, sea)
        };
        assert!(at(100.0, 38.5) > 0.93);
        assert!((0.5..0.8).contains(&at(25.0, 38.5)));
        assert!(at(35.0, 45.0) > at(35.0, 31.0));
        let over = |decibels| {
            let sea = Sea {
                incidence_deg: Some(38.5),
                over_reference_db: Some(decibels),
            };
            detection_probability(30.0, sea)
        };
        assert!(over(-5.0) > over(0.0) && over(0.0) > over(5.0));
        assert!((over(0.0) - at(30.0, 38.5)).abs() < 1e-12);
    }

    #[test]
    fn the_share_is_the_normal_one_to_a_hundredth() {
        // Abramowitz and Stegun, table 26.1.
        for (x, share) in [
            (0.0, 0.5),
            (1.0, 0.841_34),
            (-2.0, 0.022_75),
            (3.0, 0.998_65),
        ] {
            assert!((normal_share(x) - share).abs() < 0.0105, "{x}");
        }
    }
}
