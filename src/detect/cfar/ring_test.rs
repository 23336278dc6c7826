//! The ring statistics and the K test alone, over an image in memory: what a benchmark lays beside other programs.
//!
//! It is the search's own kernel on the search's own buffer of rows, without censoring, levels and cells: one
//! threshold holds for the whole image.

use super::kernel::simd::Simd;
use super::kernel::{Job, Scratch, search_block};
use super::ring::Ring;
use super::rows::Rows;
use super::{BLOCK, CELL, CellThresholds, HALO, Tests};
use crate::detect::clutter::CHECK_PFA;
use crate::detect::{DetectError, kdist};
use rayon::prelude::*;
use std::ops::Range;

/// Rows in the buffer: a block of rows and its halo, whole blocks.
const ROWS: usize = (BLOCK + 2 * HALO) as usize;

/// Windows and the law of the sea.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RingLaw {
    /// Outer window, pixels across, odd, at most 121.
    pub ring_px: u32,
    /// Guard window, pixels across, odd.
    pub guard_px: u32,
    /// Looks of the speckle.
    pub looks: f64,
    /// Texture shape; `None` is plain speckle.
    pub nu: Option<f64>,
    /// Probability that a pixel of that sea fires.
    pub pfa: f64,
}

/// A test made ready.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RingTest {
    ring: Ring,
    thresholds: CellThresholds,
    simd: Simd,
}

impl RingTest {
    /// Computes the threshold of `law`; `simd` names the instructions to use.
    ///
    /// # Errors
    ///
    /// `DetectError::Parameter` if the windows leave no ring.
    pub fn new(law: &RingLaw, simd: Simd) -> Result<Self, DetectError> {
        Ok(Self {
            ring: Ring::choose(Some(law.ring_px), Some(law.guard_px), (None, u32::MAX))?,
            thresholds: CellThresholds {
                fires: Tests {
                    pixel: kdist::threshold(law.looks, law.nu, law.pfa),
                    ..Tests::NONE
                },
                sure: Tests::NONE,
                gate: f64::INFINITY,
                check: kdist::threshold(law.looks, law.nu, CHECK_PFA),
            },
            simd,
        })
    }

    /// α: a pixel fires if DN²·n > α·S, where n valid ring pixels sum to S; samples of S are capped at DN 4095.
    pub fn threshold(&self) -> f64 {
        self.thresholds.fires.pixel
    }

    /// Fewest valid ring pixels for a test.
    pub fn fewest(&self) -> u32 {
        self.ring.fewest()
    }

    /// Places (row × width + column, rising) of the pixels that fire.
    ///
    /// `image`: whole rows of `width` amplitudes, 0 = masked. Runs on rayon's pool, a stretch of rows a thread.
    pub fn fires(&self, image: &[u16], width: u32) -> Vec<usize> {
        let height = (image.len() / width.max(1) as usize) as u32;
        let blocks = height.div_ceil(BLOCK);
        let units = (rayon::current_num_threads() as u32).clamp(1, blocks.max(1));
        let parts: Vec<Vec<usize>> = (0..units)
            .into_par_iter()
            .map(|unit| blocks * unit / units..blocks * (unit + 1) / units)
            .map(|blocks| self.fires_in(image, (width, height), blocks))
            .collect();
        parts.concat()
    }

    fn fires_in(
        &self,
        image: &[u16],
        (width, height): (u32, u32),
        blocks: Range<u32>,
    ) -> Vec<usize> {
        let mut rows = Rows::new((width, height), ROWS);
        let mut loaded = (blocks.start * BLOCK).saturating_sub(HALO);
        let thresholds = vec![self.thresholds; width.div_ceil(CELL) as usize];
        let mut scratch = Scratch::default();
        let (mut hits, mut places) = (Vec::new(), Vec::new());
        for block in blocks {
            let range = block * BLOCK..((block + 1) * BLOCK).min(height);
            while loaded < (range.end + HALO).min(height) {
                let start = loaded as usize * width as usize;
                rows.row_mut(loaded)
                    .copy_from_slice(&image[start..start + width as usize]);
                loaded += 1;
            }
            let job = Job {
                rows: &rows,
                range,
                width,
                ring: self.ring,
                thresholds: &thresholds,
                first_cell: 0,
                simd: self.simd,
            };
            hits.clear();
            search_block(&job, &mut scratch, &mut hits);
            hits.sort_unstable_by_key(|hit| (hit.row, hit.col));
            let place = |row: u32, col: u32| row as usize * width as usize + col as usize;
            places.extend(hits.iter().map(|hit| place(hit.row, hit.col)));
        }
        places
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "the windows are valid by construction")]
mod tests {
    use super::*;

    #[test]
    fn what_fires_is_what_counting_the_ring_pixel_by_pixel_says_on_any_number_of_threads() {
        let (width, height) = (90_u32, 700_u32);
        let mut image = vec![100_u16; (width * height) as usize];
        let bright = [(3, 4), (255, 60), (256, 89), (600, 0)];
        for (row, col) in bright {
            image[row * width as usize + col] = 300;
        }
        // A masked corner: its pixels never fire and do not count in a ring.
        for row in 400..500 {
            image[row * width as usize..][..40].fill(0);
        }
        let law = RingLaw {
            ring_px: 21,
            guard_px: 11,
            looks: 4.0,
            nu: Some(5.0),
            pfa: 1e-3,
        };
        let expected: Vec<usize> = bright
            .iter()
            .map(|(row, col)| row * width as usize + col)
            .collect();
        for simd in Simd::ALL.into_iter().filter(|simd| simd.is_available()) {
            let test = RingTest::new(&law, simd).unwrap();
            // 300² over 100² is 9, less what one bright pixel in another's ring could add.
            assert!(test.threshold() < 8.9, "{}", test.threshold());
            for threads in [1, 2, 5] {
                let pool = rayon::ThreadPoolBuilder::new()
                    .num_threads(threads)
                    .build()
                    .unwrap();
                assert_eq!(pool.install(|| test.fires(&image, width)), expected);
            }
        }
    }
}
