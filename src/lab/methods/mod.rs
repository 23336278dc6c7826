//! Detectors against each other on the same simulated seas, and our own against the probability it states.
//!
//! In: a seed and a size. Out: [`MethodsReport`]: precision, recall and F1 of every method on every sea, each at the best
//! of its own sweep of thresholds and ours at its default too; and the achieved over the stated false-alarm probability on
//! empty seas; errors of what it measures. The other methods are written here from their published descriptions and are called "-shaped": they are
//! not the programs themselves.
//!
//! # Source
//!
//! SNAP: AdaptiveThresholdingOp and ObjectDiscriminationOp of ESA's toolbox. GFW: Paolo et al. (2024), Nature 625, methods.
//! K-CFAR: Greidanus et al. (2017), The SUMO ship detector algorithm.

mod duel;
mod honesty;
mod measuring;
mod ours;
mod peers;
mod table;
mod waters;

use super::LabError;
use serde::Serialize;

/// What to simulate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MethodsOptions {
    /// Everything follows from it.
    pub seed: u64,
    /// Rows and columns of every sea, at least 512.
    pub size_px: u32,
    /// Ships in a sea of the duel.
    pub ships: u32,
}

impl MethodsOptions {
    /// Seas of 4,096 × 4,096 pixels with 400 ships each.
    pub fn full(seed: u64) -> Self {
        Self {
            seed,
            size_px: 4096,
            ships: 400,
        }
    }

    /// A sixteenth of the full size: seconds, with figures as coarse.
    pub fn quick(seed: u64) -> Self {
        Self {
            seed,
            size_px: 1024,
            ships: 25,
        }
    }
}

/// All figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MethodsReport {
    /// Seed of the seas.
    pub seed: u64,
    /// Rows and columns of every sea.
    pub size_px: u32,
    /// Ships in each sea of the duel.
    pub ships: u32,
    /// One entry a sea and method.
    pub duel: Vec<DuelRow>,
    /// One entry an empty sea and stated probability.
    pub honesty: Vec<PfaRow>,
    /// One entry a sea and kind of hull.
    pub measuring: Vec<MeasureRow>,
}

/// One method on one sea.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DuelRow {
    /// The sea in words.
    pub sea: String,
    /// The method.
    pub method: String,
    /// The method's own threshold, in its own terms.
    pub setting: String,
    /// Ships with a detection within 120 m.
    pub found: usize,
    /// Detections that are not within 120 m of a ship.
    pub false_alarms: usize,
    /// Found over found and false.
    pub precision: f64,
    /// Found over all ships.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
}

/// Achieved against stated probability on one empty sea.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PfaRow {
    /// Looks of the speckle.
    pub looks: f64,
    /// Shape of the texture; `None` is plain speckle.
    pub nu: Option<f64>,
    /// Texture correlated over some 50 m, or white.
    pub correlated: bool,
    /// Stated probability.
    pub stated: f64,
    /// Pixels that fired.
    pub fired: u64,
    /// Achieved over stated.
    pub ratio: f64,
}

/// How well ours measures the ships of at least 40 m that it finds at its default.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeasureRow {
    /// The sea in words.
    pub sea: String,
    /// `even` or `uneven`.
    pub hull: String,
    /// Ships measured.
    pub ships: usize,
    /// Length, errors over the true length.
    pub length: Quality,
    /// Width, errors over the true width.
    pub width: Quality,
    /// Direction of the long axis, degrees.
    pub heading: Quality,
    /// Place along the rows, metres.
    pub place: Quality,
}

/// Errors of one measure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quality {
    /// Ships of which it is told.
    pub told: usize,
    /// Median of the absolute error.
    pub median_error: Option<f64>,
    /// Mean error.
    pub bias: Option<f64>,
    /// Part of the errors within the standard deviation that the search states: 0.68 of a normal law.
    pub within_sigma: Option<f64>,
}

/// Runs the duel and the check of probabilities. The same options give the same figures on any number of threads.
///
/// # Errors
///
/// `LabError::Option` for a size under 512, `LabError::NoRoom` if the ships do not fit, `LabError::Detect` of our search.
pub fn compare(options: &MethodsOptions) -> Result<MethodsReport, LabError> {
    if options.size_px < 512 {
        return Err(LabError::Option {
            option: "size_px",
            value: options.size_px.to_string(),
            expected: "512 or more",
        });
    }
    Ok(MethodsReport {
        seed: options.seed,
        size_px: options.size_px,
        ships: options.ships,
        duel: duel::duel(options)?,
        honesty: honesty::check(options)?,
        measuring: measuring::check(options)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(
        clippy::unwrap_used,
        reason = "the options are in range by construction"
    )]
    fn ours_is_ahead_on_every_sea_and_holds_its_probability_even_in_small() {
        let report = compare(&MethodsOptions::quick(3)).unwrap();
        let best = |sea: &str, ours: bool| {
            report
                .duel
                .iter()
                .filter(|row| row.sea == sea && row.method.starts_with("ours") == ours)
                .map(|row| row.f1)
                .fold(0.0, f64::max)
        };
        for row in report
            .duel
            .iter()
            .filter(|row| row.method == "ours, default")
        {
            // 25 ships: one ship is 0.02.
            let (ours, others) = (best(&row.sea, true), best(&row.sea, false));
            assert!(ours >= others - 0.021, "{}: {ours} {others}", row.sea);
        }
        // At 1e-4 a small sea has a hundred false pixels; rarer ones cannot be counted in it.
        for row in report.honesty.iter().filter(|row| row.stated == 1e-4) {
            let limit = if row.correlated { 4.0 } else { 2.0 };
            assert!((1.0 / limit..limit).contains(&row.ratio), "{row:?}");
        }
    }
}
