//! Ring sums and the tests: the one place where time is spent.
//!
//! In: rows, a range of rows and columns, thresholds a cell. Out: hits. The variable is power, DN². Column sums of the
//! outer and the guard window slide down a tile of columns (`columns`); along a row the difference of the two windows
//! is one running sum. All sums are integers and exact. A pixel is a hit if DN²·n > α·S, where n valid ring pixels sum
//! to S: DN²·n and S are below 2⁵³, so that only the product α·S is rounded, once and on every machine alike. Beside
//! the pixel its 3 × 3 patch is tested the same way, P·n > 16·α·S: P is the sum of capped DN² with the weights (1 2 1)
//! down and across, of the image as read (a censored pixel counts in a patch, never in a ring).
//!
//! The running sum is carried from block to block of 64 columns. Within a block it is bounded first (`screen`): where
//! even the brightest pixel over the least sum cannot fire, no pixel is looked at. That is so for nearly all blocks.
//!
//! Loops run over arrays of 64 without branches, so that the compiler makes vectors of them. The same source is
//! compiled three times: for any machine, for AVX2 and for AVX-512 (`simd`).

mod columns;
mod screen;
pub(in crate::detect) mod simd;
#[cfg(test)]
mod tests;

use self::columns::{Columns, capped_power};
use self::screen::{Before, Screen};
use self::simd::Simd;
use super::ring::Ring;
use super::rows::{MARGIN, Rows};
use super::{CELL, CellThresholds, Hit, PATCH_WEIGHT, PATCH_WEIGHTS};
use std::ops::Range;

/// Columns tested together; a divisor of `CELL`, so that one threshold holds for all.
const LANE: usize = 64;

/// Columns in a tile: its sums stay in the second-level cache.
const TILE: usize = 2048;

/// Every which row is counted against the check threshold.
const CHECK_EVERY: u32 = 8;

/// What to search.
pub(super) struct Job<'a> {
    /// The rows in memory, censored.
    pub rows: &'a Rows,
    /// Rows to test, all in one row of cells.
    pub range: Range<u32>,
    /// Columns of the scene.
    pub width: u32,
    /// The windows.
    pub ring: Ring,
    /// Thresholds of the cells along the row of cells.
    pub thresholds: &'a [CellThresholds],
    /// Number of the first of those cells.
    pub first_cell: u32,
    /// Instructions to use; the results do not depend on it.
    pub simd: Simd,
}

impl Job<'_> {
    fn has_patch_test(&self) -> bool {
        self.thresholds.iter().any(|cell| cell.patch.is_finite())
    }
}

/// What was searched, beside the hits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::detect) struct Tally {
    /// Valid pixels whose ring held too few valid pixels for a test.
    pub untested: u64,
    /// Uncensored pixels that were compared with the check threshold.
    pub checked: u64,
    /// Those above it.
    pub exceeding: u64,
}

/// Sums reused from call to call.
#[derive(Default)]
pub(super) struct Scratch {
    outer: Columns,
    guard: Columns,
    /// Rows above, at and below the tested one as read (censored pixels put back): one column more on the left, blank
    /// to a whole number of lanes and one more on the right.
    image: [Vec<u16>; 3],
    /// Patch power of every column, if a cell has a patch test.
    patch: Vec<u32>,
    /// The tested row without censored pixels, blank to a whole number of lanes.
    clean: Vec<u16>,
}

/// Searches a block of rows: appends its hits in no particular order and returns what was searched.
pub(super) fn search_block(job: &Job, scratch: &mut Scratch, hits: &mut Vec<Hit>) -> Tally {
    simd::search(job, scratch, hits)
}

/// [`search_block`] with the instructions of the function it is compiled into.
#[inline(always)]
fn search_tiles(job: &Job, scratch: &mut Scratch, hits: &mut Vec<Hit>) -> Tally {
    let mut tally = Tally::default();
    let width = job.width as usize;
    for first_col in (0..width).step_by(TILE) {
        let cols = first_col..width.min(first_col + TILE);
        search_tile(job, &cols, scratch, hits, &mut tally);
    }
    tally
}

#[inline(always)]
fn search_tile(
    job: &Job,
    cols: &Range<usize>,
    scratch: &mut Scratch,
    hits: &mut Vec<Hit>,
    tally: &mut Tally,
) {
    let (outer, guard) = (i64::from(job.ring.outer), i64::from(job.ring.guard));
    let reach = job.ring.outer as usize;
    // Column sums start one column before the first window's left edge.
    let padded = MARGIN + cols.start - reach - 1..MARGIN + cols.end + reach;
    let row = |row: i64| &job.rows.padded(row)[padded.clone()];
    let blank = row(-1);
    let lanes = cols.len().next_multiple_of(LANE);
    scratch.outer.reset(lanes + 2 * reach + 1);
    scratch.guard.reset(lanes + 2 * reach + 1);
    let before = i64::from(job.range.start) - 1;
    for y in before - outer..=before + outer {
        scratch.outer.slide(row(y), blank);
    }
    for y in before - guard..=before + guard {
        scratch.guard.slide(row(y), blank);
    }
    for y in before..=before + 1 {
        scratch.next_image_row(job, y, cols, lanes);
    }
    let has_patch_test = job.has_patch_test();
    for y in job.range.clone() {
        let centre = i64::from(y);
        scratch
            .outer
            .slide(row(centre + outer), row(centre - outer - 1));
        scratch
            .guard
            .slide(row(centre + guard), row(centre - guard - 1));
        scratch.next_image_row(job, centre + 1, cols, lanes);
        if has_patch_test {
            scratch.sum_patches(lanes);
        }
        let counted = y % CHECK_EVERY == 0;
        if counted {
            scratch.clean.clear();
            scratch
                .clean
                .extend_from_slice(&job.rows.row(y)[cols.clone()]);
            scratch.clean.resize(lanes, 0);
        }
        let place = Place {
            row: y,
            first_col: cols.start,
            counted,
        };
        scratch.test_row(job, &place, lanes, hits, tally);
    }
}

/// Which row of which tile.
struct Place {
    row: u32,
    first_col: usize,
    /// True if it is counted against the check threshold.
    counted: bool,
}

/// The `LANE` values from `start`.
#[inline(always)]
fn lane<T>(values: &[T], start: usize) -> &[T; LANE] {
    match values[start..].first_chunk() {
        Some(lane) => lane,
        None => unreachable!("columns are padded to whole lanes"),
    }
}

impl Scratch {
    /// Takes row `y` of the image in as the lowest of the three; rows outside the scene are blank.
    #[inline(always)]
    fn next_image_row(&mut self, job: &Job, y: i64, cols: &Range<usize>, lanes: usize) {
        self.image.rotate_left(1);
        let lowest = &mut self.image[2];
        lowest.clear();
        lowest
            .extend_from_slice(&job.rows.padded(y)[MARGIN + cols.start - 1..MARGIN + cols.end + 1]);
        if let Ok(y) = u32::try_from(y) {
            for pixel in job.rows.censored(y) {
                let slot = (pixel.col as usize + 1).checked_sub(cols.start);
                if let Some(slot) = slot.and_then(|slot| lowest.get_mut(slot)) {
                    *slot = pixel.dn;
                }
            }
        }
        // What follows the row's last column is another tile's, to be seen by patches and not tested.
        lowest.resize(lanes + 2, 0);
    }

    /// Patch power of every column: across first, then down.
    #[inline(always)]
    fn sum_patches(&mut self, lanes: usize) {
        let [above, own, below] = &self.image;
        let [w0, w1, w2] = PATCH_WEIGHTS;
        self.patch.resize(lanes, 0);
        for start in (0..lanes).step_by(LANE) {
            let mut down = [0_u32; LANE + 2];
            let rows = above[start..]
                .iter()
                .zip(&own[start..])
                .zip(&below[start..]);
            for (slot, ((&above, &own), &below)) in down.iter_mut().zip(rows) {
                *slot =
                    w0 * capped_power(above) + w1 * capped_power(own) + w2 * capped_power(below);
            }
            let across = down[..LANE].iter().zip(&down[1..]).zip(&down[2..]);
            for (slot, ((&left, &at), &right)) in self.patch[start..].iter_mut().zip(across) {
                *slot = w0 * left + w1 * at + w2 * right;
            }
        }
    }

    /// Tests a row lane by lane; only a lane in which something may fire is looked at pixel by pixel.
    #[inline(always)]
    fn test_row(
        &self,
        job: &Job,
        place: &Place,
        lanes: usize,
        hits: &mut Vec<Hit>,
        tally: &mut Tally,
    ) {
        let columns = (&self.outer, &self.guard);
        let mut before = Before::first(columns, job.ring);
        let fewest = job.ring.fewest() as i32;
        for start in (0..lanes).step_by(LANE) {
            let thresholds = &job.thresholds[(place.first_col + start) / CELL as usize];
            let lane_before = before;
            let screen = Screen::new(columns, job.ring, start, &mut before);
            let dn = lane(&self.image[1][1..], start);
            let brightest = dn.iter().fold(0, |most, &dn| most.max(dn));
            if brightest == 0 {
                continue;
            }
            let few = screen.least_count < fewest;
            let mut fires = few | screen.may_exceed(power(brightest), thresholds.pixel);
            if thresholds.patch.is_finite() {
                let most = lane(&self.patch, start)
                    .iter()
                    .fold(0, |most, &power| most.max(power as i32));
                let patch = f64::from(PATCH_WEIGHT) * thresholds.patch;
                fires |= screen.may_exceed(f64::from(most), patch);
            }
            let mut counts = false;
            if place.counted {
                let clean = lane(&self.clean, start);
                let brightest = clean.iter().fold(0, |most, &dn| most.max(dn));
                counts = few | screen.may_exceed(power(brightest), thresholds.check);
                if !counts {
                    let valid = clean.iter().fold(0, |sum, &dn| sum + u16::from(dn != 0));
                    tally.checked += u64::from(valid);
                }
            }
            if fires | counts {
                let rings = Rings::new(columns, job.ring, start, lane_before);
                if counts {
                    rings.count_exceeding(
                        lane(&self.clean, start),
                        thresholds.check,
                        fewest,
                        tally,
                    );
                }
                if fires {
                    self.test_lane(job, place, &rings, hits, tally);
                }
            }
        }
    }

    /// Tests the pixels of a lane one by one.
    #[inline(never)]
    fn test_lane(
        &self,
        job: &Job,
        place: &Place,
        rings: &Rings,
        hits: &mut Vec<Hit>,
        tally: &mut Tally,
    ) {
        let start = rings.start;
        let cell = (place.first_col + start) / CELL as usize;
        let CellThresholds { pixel, patch, .. } = job.thresholds[cell];
        let fewest = job.ring.fewest() as i32;
        let dn = lane(&self.image[1][1..], start);
        for at in (0..LANE).filter(|&at| dn[at] != 0) {
            let (count, sum) = (rings.count[at], rings.sum[at]);
            if count < fewest {
                tally.untested += 1;
                continue;
            }
            let patch_power = patch.is_finite().then(|| self.patch[start + at]);
            let patch = f64::from(PATCH_WEIGHT) * patch;
            let hit = Hit {
                row: place.row,
                col: (place.first_col + start + at) as u32,
                dn: dn[at],
                ring_count: count as u32,
                ring_sum: sum as u64,
                cell: job.first_cell + cell as u32,
                pixel_test: exceeds(power(dn[at]), count, sum, pixel),
                patch_test: patch_power
                    .is_some_and(|power| exceeds(f64::from(power), count, sum, patch)),
                patch_power,
            };
            if hit.pixel_test || hit.patch_test {
                hits.push(hit);
            }
        }
    }
}

/// Ring sum and count of every column of a lane.
struct Rings {
    /// First column of the lane in its tile.
    start: usize,
    sum: [i64; LANE],
    count: [i32; LANE],
}

impl Rings {
    #[inline(always)]
    fn new(columns: (&Columns, &Columns), ring: Ring, start: usize, before: Before) -> Self {
        let Before { mut sum, mut count } = before;
        let (outer, guard) = columns;
        let (o, g) = (ring.outer as usize, ring.guard as usize);
        let (o_in, o_out) = (start + 2 * o + 1, start);
        let (g_in, g_out) = (start + o + g + 1, start + o - g);
        let mut rings = Self {
            start,
            sum: [0; LANE],
            count: [0; LANE],
        };
        for at in 0..LANE {
            sum += i64::from(outer.sum[o_in + at])
                - i64::from(outer.sum[o_out + at])
                - i64::from(guard.sum[g_in + at])
                + i64::from(guard.sum[g_out + at]);
            count += i32::from(outer.count[o_in + at])
                - i32::from(outer.count[o_out + at])
                - i32::from(guard.count[g_in + at])
                + i32::from(guard.count[g_out + at]);
            rings.sum[at] = sum;
            rings.count[at] = count;
        }
        rings
    }

    /// Counts uncensored pixels above the check threshold.
    #[inline(always)]
    fn count_exceeding(&self, clean: &[u16; LANE], check: f64, fewest: i32, tally: &mut Tally) {
        for (at, &dn) in clean.iter().enumerate() {
            let (count, sum) = (self.count[at], self.sum[at]);
            let valid = u64::from(dn != 0) & u64::from(count >= fewest);
            tally.checked += valid;
            tally.exceeding += valid & u64::from(exceeds(power(dn), count, sum, check));
        }
    }
}

/// DN² of a tested pixel, never capped.
#[inline(always)]
fn power(dn: u16) -> f64 {
    let dn = f64::from(dn);
    dn * dn
}

/// Power·n > α·S.
#[inline(always)]
fn exceeds(power: f64, count: i32, sum: i64, alpha: f64) -> bool {
    power * f64::from(count) > alpha * sum as f64
}
