//! What a ship's picture casts elsewhere in the image: azimuth ambiguities and lines of sidelobes.
//!
//! The plain cast is the pair of first ambiguities, 27 dB down. The full one draws orders ±1 to ±3 with levels, range shifts
//! and small errors of place of their own, and sidelobes along rows and columns.

use super::paint::Picture;
use super::response::Patch;
use super::stage::Stage;
use crate::lab::truth::{ArtefactKind, TruthArtefact};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// Dimming of the first azimuth ambiguities in the plain cast, dB.
const PLAIN_DB: f64 = -27.0;
/// Mean dimming of ambiguities by order in the full cast, dB: measured ones of ships lie 20 to 35 dB below them.
const LEVEL_DB: [f64; 3] = [-27.0, -32.0, -36.0];
/// Standard deviation of the dimming, dB.
const LEVEL_SPREAD_DB: f64 = 2.0;
/// Standard deviation of an ambiguity's distance, as a part of it.
const ALONG_SPREAD: f64 = 0.001;

/// Amplitude of the n-th sidelobe times n, in resolution cells, of a response under a Hamming weight of 0.75, as the products
/// have it: (2·0.75 − 1)/(0.75·π).
const SIDELOBE: f64 = 0.212_2;
/// Pixels of a resolution cell.
const CELL_PX: f64 = 2.0;
/// Pixels beside the response's centre that are its main lobe.
const MAIN_LOBE_PX: usize = 3;
/// Pixels that sidelobes reach.
const REACH_PX: usize = 80;
/// Density a pixel of the main lobe, a Gaussian of one cell's width at half power, at its centre.
const MAIN_LOBE_DENSITY: f64 = 0.469_7;

/// A ship whose casts are asked for.
pub(super) struct Source<'a> {
    pub(super) id: &'a str,
    pub(super) patch: &'a Patch,
    pub(super) sigma0: &'a [f64],
    /// Where it is imaged.
    pub(super) place: (f64, f64),
}

/// The pair of first ambiguities.
pub(super) fn plain(stage: &Stage, source: &Source) -> Vec<Picture> {
    let offset = stage
        .annotation
        .ambiguity_offset(&stage.geometry, source.place);
    let factor = 10.0_f64.powf(PLAIN_DB / 10.0) as f32;
    offset.map_or_else(Vec::new, |offset| {
        [-offset.rows, offset.rows]
            .into_iter()
            .map(|rows| source.picture(source.patch.ghost((rows.round() as i64, 0), factor)))
            .collect()
    })
}

/// Ambiguities of three orders to each side, and sidelobes; with where they lie.
pub(super) fn full(
    stage: &Stage,
    source: &Source,
    rng: &mut ChaCha8Rng,
) -> (Vec<Picture>, Vec<TruthArtefact>) {
    let mut pictures = Vec::new();
    let mut truth = Vec::new();
    let offset = stage
        .annotation
        .ambiguity_offset(&stage.geometry, source.place);
    if let Some(offset) = offset {
        // Where in its burst the ship was seen, −1 to 1.
        let burst: f64 = rng.random_range(-1.0..1.0);
        for order in [-3_i32, -2, -1, 1, 2, 3] {
            let times = f64::from(order);
            let mut normal = || -> f64 { StandardNormal.sample(rng) };
            let db = LEVEL_DB[order.unsigned_abs() as usize - 1] + LEVEL_SPREAD_DB * normal();
            let rows = times * offset.rows * (1.0 + ALONG_SPREAD * normal());
            let cols = times * times * offset.cols + times * burst * offset.cols_spread;
            let shift = (rows.round() as i64, cols.round() as i64);
            let ghost = source.patch.ghost(shift, 10.0_f64.powf(db / 10.0) as f32);
            truth.push(TruthArtefact {
                kind: ArtefactKind::AzimuthAmbiguity,
                source: source.id.to_owned(),
                row: source.place.0 + shift.0 as f64,
                col: source.place.1 + shift.1 as f64,
                rows_px: 0.0,
                cols_px: 0.0,
            });
            pictures.push(source.picture(ghost));
        }
    }
    let kernel = sidelobes();
    for (along_rows, patch) in [
        (true, source.patch.smeared(&kernel, true)),
        (false, source.patch.smeared(&kernel, false)),
    ] {
        let reach = REACH_PX as f64;
        truth.push(TruthArtefact {
            kind: ArtefactKind::Sidelobe,
            source: source.id.to_owned(),
            row: source.place.0,
            col: source.place.1,
            rows_px: if along_rows { reach } else { 0.0 },
            cols_px: if along_rows { 0.0 } else { reach },
        });
        pictures.push(source.picture(patch));
    }
    (pictures, truth)
}

impl Source<'_> {
    fn picture(&self, patch: Patch) -> Picture {
        Picture {
            patch,
            sigma0: self.sigma0.to_vec(),
        }
    }
}

/// Mean power of the sidelobes, pixel by pixel from the response's centre to one side, over the power of the whole main lobe.
fn sidelobes() -> Vec<f32> {
    (0..=REACH_PX)
        .map(|px| {
            if px < MAIN_LOBE_PX {
                return 0.0;
            }
            let cells = px as f64 / CELL_PX;
            // The mean of sin² over a lobe is half its envelope.
            (MAIN_LOBE_DENSITY * 0.5 * (SIDELOBE / cells).powi(2)) as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sidelobes_hold_a_few_hundredths_of_the_power_and_fall_with_the_square_of_the_distance() {
        let kernel = sidelobes();
        let both_sides: f32 = 2.0 * kernel.iter().sum::<f32>();
        // An integrated sidelobe ratio of −15 dB, near those of the products' quality reports.
        assert!(
            (10.0 * both_sides.log10() + 15.0).abs() < 1.0,
            "{both_sides}"
        );
        assert!((kernel[10] / kernel[20] - 4.0).abs() < 1e-3);
    }
}
