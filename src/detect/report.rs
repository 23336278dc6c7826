//! What a search gives: detections, and what was looked at.

use super::cfar::CELL;
use super::cfar::strip::Found;
use super::cluster::Cluster;
use super::clutter::CHECK_PFA;
use crate::model::detection::Detection;
use crate::model::scene::Polarisation;
use serde::{Deserialize, Serialize};

/// The result of searching one scene. An empty list of detections with `searched_px` is a result, too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchReport {
    /// Candidate ships by row, then column.
    pub detections: Vec<Detection>,
    /// Pixels tested in every band: the smallest count of any band.
    pub searched_px: u64,
    /// The same in square kilometres, if the pixel spacing is known.
    pub searched_km2: Option<f64>,
    /// Pixels masked as land, buffer included.
    pub land_px: u64,
    /// Sea pixels without data: the largest count of any band.
    pub no_data_px: u64,
    /// Sea pixels with data whose ring held too little sea for a test: the largest count of any band.
    pub untested_px: u64,
    /// Probability of a false alarm asked for, per pixel.
    pub pfa: f64,
    /// Outer window, pixels across.
    pub ring_px: u32,
    /// Guard window, pixels across.
    pub guard_px: u32,
    /// One entry a band, in file order.
    pub bands: Vec<BandReport>,
    /// Wall-clock time of the search, seconds. Not part of the result: it differs from run to run.
    pub seconds: f64,
}

/// Clutter and false alarms of one band.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BandReport {
    /// Polarisation, if the band has one.
    pub polarisation: Option<Polarisation>,
    /// Texture of the sea over the scene's cells.
    pub nu: NuSummary,
    /// Pixels above their threshold.
    pub hits: u64,
    /// Of these, pixels that stand alone: mostly clutter. Over `searched_px`, a check on the probability asked for.
    pub lone_hits: u64,
    /// What the sea itself says about the stated probability.
    pub achieved: AchievedPfa,
    /// The sea cell by cell.
    pub clutter: ClutterMap,
}

/// The sea of one band by cells of [`ClutterMap::CELL_PX`] pixels a side, row by row.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ClutterMap {
    /// Cells in a row.
    pub across: u32,
    /// Mean power, DN²; `None` where nothing is sea.
    pub mean_power: Vec<Option<f64>>,
    /// Shape ν of the texture; `None` is plain speckle (ν → ∞).
    pub nu: Vec<Option<f64>>,
}

impl ClutterMap {
    /// Side of a cell, pixels.
    pub const CELL_PX: u32 = CELL;
}

/// Shape ν of the texture over the cells of a band; `None` is plain speckle (ν → ∞).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NuSummary {
    /// Cells.
    pub cells: u64,
    /// Spikiest tenth.
    pub p10: Option<f64>,
    /// Median.
    pub median: Option<f64>,
    /// Smoothest tenth.
    pub p90: Option<f64>,
}

/// Exceedances of a lower threshold counted on the scene's own sea, targets left out: enough to measure a probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AchievedPfa {
    /// The probability at which the sea was checked.
    pub nominal: f64,
    /// Pixels compared (one row in eight).
    pub checked_px: u64,
    /// Pixels above the threshold for `nominal`.
    pub exceeding_px: u64,
    /// Their ratio; `None` if nothing was compared.
    pub measured: Option<f64>,
}

/// Two-sided 95 % of a normal law, standard deviations.
const NORMAL_95: f64 = 1.959_964;

/// How far the achieved probability may lie from the stated one, as a factor, before a reader is warned: on simulated seas of
/// any texture the law holds within a factor of 2.
const FIT_FACTOR: f64 = 3.0;

impl AchievedPfa {
    /// 95 % confidence interval of the achieved probability; `None` if nothing was compared. It takes the pixels for
    /// independent: texture wider than a pixel makes it too narrow.
    ///
    /// # Source
    ///
    /// Wilson (1927), Probable inference, the law of succession, and statistical inference.
    pub fn interval(&self) -> Option<(f64, f64)> {
        let part = self.measured?;
        let trials = self.checked_px as f64;
        let square = NORMAL_95 * NORMAL_95 / trials;
        let middle = (part + 0.5 * square) / (1.0 + square);
        let half = (part * (1.0 - part) * square + 0.25 * square * square).sqrt() / (1.0 + square);
        Some(((middle - half).max(0.0), middle + half))
    }

    /// What is wrong with the law of the clutter, in a sentence; `None` where it fits or too little was compared to tell.
    pub fn misfit(&self) -> Option<String> {
        let (low, high) = self.interval()?;
        let ratio = self.measured? / self.nominal;
        if low > FIT_FACTOR * self.nominal {
            Some(format!(
                "The clutter law does not fit this sea: it fires {ratio:.1} times as often as stated. Expect false detections."
            ))
        } else if high < self.nominal / FIT_FACTOR {
            Some(format!(
                "The clutter law does not fit this sea: it fires {ratio:.2} times as often as stated. Dim ships may be missed."
            ))
        } else {
            None
        }
    }
}

impl BandReport {
    /// Sums up a band.
    pub(super) fn new(
        polarisation: Option<Polarisation>,
        (found, across): (&Found, u32),
        clusters: &[Cluster],
    ) -> Self {
        let lone = clusters
            .iter()
            .filter(|cluster| cluster.hits.len() == 1)
            .count();
        Self {
            polarisation,
            nu: NuSummary::new(found.cells.iter().map(|cell| cell.nu).collect()),
            hits: found.hits.len() as u64,
            lone_hits: lone as u64,
            achieved: AchievedPfa {
                nominal: CHECK_PFA,
                checked_px: found.tally.checked,
                exceeding_px: found.tally.exceeding,
                measured: (found.tally.checked > 0)
                    .then(|| found.tally.exceeding as f64 / found.tally.checked as f64),
            },
            clutter: ClutterMap {
                across,
                mean_power: found.means.clone(),
                nu: found.cells.iter().map(|cell| cell.nu).collect(),
            },
        }
    }
}

impl NuSummary {
    fn new(mut cells: Vec<Option<f64>>) -> Self {
        cells.sort_by(|a, b| {
            a.unwrap_or(f64::INFINITY)
                .total_cmp(&b.unwrap_or(f64::INFINITY))
        });
        let last = cells.len().saturating_sub(1);
        let at = |part: f64| {
            cells
                .get((part * last as f64).round() as usize)
                .copied()
                .flatten()
        };
        Self {
            cells: cells.len() as u64,
            p10: at(0.1),
            median: at(0.5),
            p90: at(0.9),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn achieved(checked_px: u64, exceeding_px: u64) -> AchievedPfa {
        AchievedPfa {
            nominal: 1e-4,
            checked_px,
            exceeding_px,
            measured: (checked_px > 0).then(|| exceeding_px as f64 / checked_px as f64),
        }
    }

    #[test]
    fn intervals_are_those_of_statsmodels() {
        // proportion_confint(count, nobs, method='wilson') of statsmodels 0.15.
        for (checked, exceeding, low, high) in [
            (100_000, 10, 5.432_073_5e-5, 1.840_847_0e-4),
            (1_000_000, 100, 8.222_786_0e-5, 1.216_128_1e-4),
            (1000, 0, 0.0, 3.826_758_5e-3),
        ] {
            let interval = achieved(checked, exceeding).interval();
            assert!(
                interval.is_some_and(
                    |(l, h)| (l - low).abs() < 1e-6 * h && (h / high - 1.0).abs() < 1e-6
                ),
                "{interval:?} {low} {high}"
            );
        }
        assert_eq!(achieved(0, 0).interval(), None);
    }

    #[test]
    fn a_reader_is_warned_of_a_misfit_and_not_of_chance() {
        assert_eq!(achieved(1_000_000, 120).misfit(), None);
        assert_eq!(achieved(10_000, 4).misfit(), None);
        assert!(
            achieved(1_000_000, 900)
                .misfit()
                .is_some_and(|text| text.contains("9.0 times"))
        );
        assert!(
            achieved(1_000_000, 3)
                .misfit()
                .is_some_and(|text| text.contains("0.03 times"))
        );
    }
}
