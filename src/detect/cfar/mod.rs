//! Constant false-alarm rate: one band of one scene → the pixels that stand above their sea.
//!
//! [`ring`] fixes the windows, [`rows`] holds the few hundred rows in memory, [`sea`] measures the clutter and keeps
//! targets out of it, [`kernel`] does the ring sums and the test, [`front`] does both where the
//! sea's level jumps, [`strip`] drives them down a stretch of the scene.

mod front;
pub(super) mod kernel;
mod patch;
pub(super) mod ring;
pub(super) mod ring_test;
pub(super) mod rows;
pub(super) mod sea;
pub(super) mod strip;

/// Largest background sample, digital numbers: brighter ones count as this, so that column sums stay in 32 bits.
/// The tested pixel is never capped.
pub(super) const SAMPLE_CAP: u16 = 4095;

/// Side of the blocks over which ln power is levelled, and rows read at a time.
pub(super) const BLOCK: u32 = 64;

/// Side of the cells that have one texture shape; strips are as high.
pub(super) const CELL: u32 = 256;

/// Rows before and after a strip whose targets must be known to test it: at least half a ring plus one.
pub(super) const HALO: u32 = BLOCK;

/// Weights of the narrow patch, down and across: a matched filter for a point response of about two pixels.
pub(super) const NARROW: [u32; 3] = [1, 2, 1];

/// Sum of the nine weights of the narrow patch.
pub(super) const NARROW_WEIGHT: u32 = 16;

/// Weights of the wide patch, down and across: a plain mean, for ships longer than the point response.
pub(super) const WIDE: [u32; 5] = [1; 5];

/// Sum of the 25 weights of the wide patch.
pub(super) const WIDE_WEIGHT: u32 = 25;

/// Thresholds of the three tests over the mean power of a pixel's ring. Infinite: no such test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tests {
    /// Of the pixel's own power.
    pub pixel: f64,
    /// Of the weighted mean power of the 3 × 3 patch about it.
    pub narrow: f64,
    /// Of the mean power of the 5 × 5 patch.
    pub wide: f64,
}

impl Tests {
    /// No test.
    const NONE: Self = Self {
        pixel: f64::INFINITY,
        narrow: f64::INFINITY,
        wide: f64::INFINITY,
    };
}

/// Thresholds of one cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CellThresholds {
    /// A pixel that exceeds one of these is a hit.
    pub fires: Tests,
    /// A hit that exceeds one of these is sure. None is below that of `fires`.
    pub sure: Tests,
    /// Of the narrow patch: only above this is the wide patch looked at. Not above `fires.narrow`.
    pub gate: f64,
    /// Of the pixel's own power, for counting how often the scene's sea exceeds it.
    pub check: f64,
}

impl CellThresholds {
    /// No pixel fires, and none is counted as exceeding.
    const SILENT: Self = Self {
        fires: Tests::NONE,
        sure: Tests::NONE,
        gate: f64::INFINITY,
        check: f64::INFINITY,
    };

    /// The same over the weighted sums of the patches in place of their means.
    fn over_sums(self) -> Self {
        let (narrow, wide) = (f64::from(NARROW_WEIGHT), f64::from(WIDE_WEIGHT));
        let [fires, sure] = [self.fires, self.sure].map(|tests| Tests {
            pixel: tests.pixel,
            narrow: narrow * tests.narrow,
            wide: wide * tests.wide,
        });
        Self {
            fires,
            sure,
            gate: narrow * self.gate,
            check: self.check,
        }
    }
}

/// A pixel above the threshold of one test at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    /// Row in the scene.
    pub row: u32,
    /// Column in the scene.
    pub col: u32,
    /// Amplitude, uncapped.
    pub dn: u16,
    /// Valid pixels in the ring.
    pub ring_count: u32,
    /// Sum of DN² over them, capped samples.
    pub ring_sum: u64,
    /// Cell it lies in: row of cells × cells across + column of cells.
    pub cell: u32,
    /// True if it exceeds a threshold of a lower probability, too.
    pub is_sure: bool,
}

impl Hit {
    /// Mean clutter power about the pixel, DN².
    pub(super) fn mean_power(&self) -> f64 {
        self.ring_sum as f64 / f64::from(self.ring_count)
    }
}
