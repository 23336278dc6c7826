//! Ring sums and the pixel test: the one place where time is spent.
//!
//! In: rows, a range of rows and columns, a threshold a cell. Out: hits. The variable is power, DN². Column sums of
//! the outer and the guard window slide down a tile of columns; along a row the difference of the two windows is one
//! running sum. All sums are integers and exact. A pixel is a hit if DN²·n > α·S, where n valid ring pixels sum to S:
//! DN²·n and S are below 2⁵³, so that only the product α·S is rounded, once and on every machine alike. Beside the pixel
//! its 3 × 3 patch is tested the same way, P·n > 16·α·S: P is the sum of capped DN² with the weights (1 2 1) down and
//! across, of the image as read (a censored pixel counts in a patch, never in a ring).
//!
//! Loops run over slices of equal length without branches, so that the compiler makes vectors of them.

use super::ring::Ring;
use super::rows::{MARGIN, Rows};
use super::{CELL, CellThresholds, Hit, PATCH_WEIGHT, PATCH_WEIGHTS, SAMPLE_CAP};
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
    ring_sum: Vec<i64>,
    ring_count: Vec<i32>,
    /// Rows above, at and below the tested one as read (censored pixels put back), one column more on either side.
    image: [Vec<u16>; 3],
    /// Patch power of every column, if a cell has a patch test.
    patch: Vec<u32>,
}

/// Sum of DN² and count of valid pixels down each column of a window.
#[derive(Default)]
struct Columns {
    sum: Vec<u32>,
    count: Vec<u16>,
}

impl Columns {
    fn reset(&mut self, columns: usize) {
        self.sum.clear();
        self.sum.resize(columns, 0);
        self.count.clear();
        self.count.resize(columns, 0);
    }

    /// Moves the window one row down: `enter` comes in below, `leave` goes out above.
    #[inline(always)]
    fn slide(&mut self, enter: &[u16], leave: &[u16]) {
        let sums = self.sum.iter_mut().zip(&mut self.count);
        for ((sum, count), (&enter, &leave)) in sums.zip(enter.iter().zip(leave)) {
            *sum = sum
                .wrapping_add(capped_power(enter))
                .wrapping_sub(capped_power(leave));
            *count = count
                .wrapping_add(u16::from(enter != 0))
                .wrapping_sub(u16::from(leave != 0));
        }
    }
}

/// DN² of a background sample.
#[inline(always)]
fn capped_power(dn: u16) -> u32 {
    // Below 2¹²: a signed 16-bit multiply, which every vector unit has.
    let dn = i32::from(dn.min(SAMPLE_CAP) as i16);
    (dn * dn) as u32
}

/// Searches a block of rows: appends its hits in no particular order and returns what was searched.
pub(super) fn search_block(job: &Job, scratch: &mut Scratch, hits: &mut Vec<Hit>) -> Tally {
    let mut tally = Tally::default();
    let width = job.width as usize;
    for first_col in (0..width).step_by(TILE) {
        search_tile(
            job,
            first_col..width.min(first_col + TILE),
            scratch,
            hits,
            &mut tally,
        );
    }
    tally
}

fn search_tile(
    job: &Job,
    cols: Range<usize>,
    scratch: &mut Scratch,
    hits: &mut Vec<Hit>,
    tally: &mut Tally,
) {
    let (outer, guard) = (i64::from(job.ring.outer), i64::from(job.ring.guard));
    let tile_width = cols.len();
    let reach = job.ring.outer as usize;
    // Column sums start one column before the first window's left edge.
    let padded = MARGIN + cols.start - reach - 1..MARGIN + cols.end + reach;
    let row = |row: i64| &job.rows.padded(row)[padded.clone()];
    let blank = row(-1);
    scratch.outer.reset(padded.len());
    scratch.guard.reset(padded.len());
    scratch.ring_sum.resize(tile_width, 0);
    scratch.ring_count.resize(tile_width, 0);
    let before = i64::from(job.range.start) - 1;
    for y in before - outer..=before + outer {
        scratch.outer.slide(row(y), blank);
    }
    for y in before - guard..=before + guard {
        scratch.guard.slide(row(y), blank);
    }
    for y in before..=before + 1 {
        scratch.next_image_row(job, y, &cols);
    }
    for y in job.range.clone() {
        let centre = i64::from(y);
        scratch
            .outer
            .slide(row(centre + outer), row(centre - outer - 1));
        scratch
            .guard
            .slide(row(centre + guard), row(centre - guard - 1));
        scratch.sum_rings(job.ring, tile_width);
        scratch.next_image_row(job, centre + 1, &cols);
        if job.has_patch_test() {
            scratch.sum_patches();
        }
        if y % CHECK_EVERY == 0 {
            scratch.count_exceeding(job, y, &cols, tally);
        }
        scratch.test_row(job, y, cols.start, hits, tally);
    }
}

impl Scratch {
    /// Ring sum and count of every column of the tile: differences first, then one running sum.
    #[inline(always)]
    fn sum_rings(&mut self, ring: Ring, width: usize) {
        let (outer, guard) = (ring.outer as usize, ring.guard as usize);
        let (o, g) = (&self.outer, &self.guard);
        let (mut sum, mut count) = (0_i64, 0_i32);
        for column in 0..=2 * outer {
            sum += i64::from(o.sum[column]);
            count += i32::from(o.count[column]);
        }
        for column in outer - guard..=outer + guard {
            sum -= i64::from(g.sum[column]);
            count -= i32::from(g.count[column]);
        }
        let from = |offset: usize| offset..offset + width;
        let (o_in, o_out) = (from(2 * outer + 1), from(0));
        let (g_in, g_out) = (from(outer + guard + 1), from(outer - guard));
        difference(
            &mut self.ring_sum,
            [
                &o.sum[o_in.clone()],
                &o.sum[o_out.clone()],
                &g.sum[g_in.clone()],
                &g.sum[g_out.clone()],
            ],
        );
        difference_count(
            &mut self.ring_count,
            [
                &o.count[o_in],
                &o.count[o_out],
                &g.count[g_in],
                &g.count[g_out],
            ],
        );
        for (slot_sum, slot_count) in self.ring_sum.iter_mut().zip(&mut self.ring_count) {
            sum += *slot_sum;
            count += *slot_count;
            *slot_sum = sum;
            *slot_count = count;
        }
    }

    /// Takes row `y` of the image in as the lowest of the three; rows outside the scene are blank.
    fn next_image_row(&mut self, job: &Job, y: i64, cols: &Range<usize>) {
        self.image.rotate_left(1);
        let lowest = &mut self.image[2];
        lowest.clear();
        lowest
            .extend_from_slice(&job.rows.padded(y)[MARGIN + cols.start - 1..MARGIN + cols.end + 1]);
        let Ok(y) = u32::try_from(y) else { return };
        for pixel in job.rows.censored(y) {
            let slot = (pixel.col as usize + 1).checked_sub(cols.start);
            if let Some(slot) = slot.and_then(|slot| lowest.get_mut(slot)) {
                *slot = pixel.dn;
            }
        }
    }

    /// Patch power of every column: down first, then across.
    fn sum_patches(&mut self) {
        let [above, own, below] = &self.image;
        let [w0, w1, w2] = PATCH_WEIGHTS;
        let width = own.len() - 2;
        self.patch.clear();
        self.patch.resize(width, 0);
        for (weight, row) in [(w0, above), (w1, own), (w2, below)] {
            let beside = row[..width].iter().zip(&row[1..]).zip(&row[2..]);
            for (slot, ((&left, &at), &right)) in self.patch.iter_mut().zip(beside) {
                *slot += weight
                    * (w0 * capped_power(left) + w1 * capped_power(at) + w2 * capped_power(right));
            }
        }
    }

    /// Tests the row lane by lane; only a lane with something in it is looked at pixel by pixel.
    #[inline(always)]
    fn test_row(
        &self,
        job: &Job,
        y: u32,
        first_col: usize,
        hits: &mut Vec<Hit>,
        tally: &mut Tally,
    ) {
        let fewest = job.ring.fewest() as i32;
        let tested = &self.image[1][1..=self.ring_sum.len()];
        for start in (0..tested.len()).step_by(LANE) {
            let end = tested.len().min(start + LANE);
            let cell = (first_col + start) / CELL as usize;
            let CellThresholds { pixel, patch, .. } = job.thresholds[cell];
            let dn = &tested[start..end];
            let count = &self.ring_count[start..end];
            let sum = &self.ring_sum[start..end];
            let mut any = 0_u32;
            for ((&dn, &count), &sum) in dn.iter().zip(count).zip(sum) {
                let few = u32::from(count < fewest) & u32::from(dn != 0);
                any |= u32::from(exceeds(power(dn), count, sum, pixel)) | few;
            }
            let weighed = patch.is_finite().then(|| &self.patch[start..end]);
            let patch = f64::from(PATCH_WEIGHT) * patch;
            for ((&weighed, &count), &sum) in weighed.into_iter().flatten().zip(count).zip(sum) {
                any |= u32::from(exceeds(f64::from(weighed as i32), count, sum, patch));
            }
            if any == 0 {
                continue;
            }
            for at in (0..end - start).filter(|&at| dn[at] != 0) {
                let (count, sum) = (count[at], sum[at]);
                if count < fewest {
                    tally.untested += 1;
                    continue;
                }
                let patch_power = weighed.map(|weighed| weighed[at]);
                let hit = Hit {
                    row: y,
                    col: (first_col + start + at) as u32,
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

    /// Counts uncensored pixels above the check threshold.
    fn count_exceeding(&self, job: &Job, y: u32, cols: &Range<usize>, tally: &mut Tally) {
        let fewest = job.ring.fewest() as i32;
        for (at, &dn) in job.rows.row(y)[cols.clone()].iter().enumerate() {
            let (count, sum) = (self.ring_count[at], self.ring_sum[at]);
            let check = job.thresholds[(cols.start + at) / CELL as usize].check;
            let valid = u64::from(dn != 0) & u64::from(count >= fewest);
            tally.checked += valid;
            tally.exceeding += valid & u64::from(exceeds(power(dn), count, sum, check));
        }
    }
}

/// DN² of a tested pixel, never capped.
#[inline(always)]
fn power(dn: u16) -> f64 {
    let dn = f64::from(i32::from(dn));
    dn * dn
}

/// Power·n > α·S. The sum is put into an `f64` through its bits (exact below 2⁵²), which vectorises; a cast does not.
#[inline(always)]
fn exceeds(power: f64, count: i32, sum: i64, alpha: f64) -> bool {
    const TWO_52: f64 = 4_503_599_627_370_496.0;
    let sum = f64::from_bits(sum as u64 | TWO_52.to_bits()) - TWO_52;
    power * f64::from(count) > alpha * sum
}

/// in − out of the outer window less in − out of the guard. Column sums are below 2³¹ (121 × 4095²).
#[inline(always)]
fn difference(out: &mut [i64], [o_in, o_out, g_in, g_out]: [&[u32]; 4]) {
    let terms = o_in.iter().zip(o_out).zip(g_in.iter().zip(g_out));
    for (slot, ((&o_in, &o_out), (&g_in, &g_out))) in out.iter_mut().zip(terms) {
        *slot = i64::from(o_in as i32 - o_out as i32) - i64::from(g_in as i32 - g_out as i32);
    }
}

/// The same for counts.
#[inline(always)]
fn difference_count(out: &mut [i32], [o_in, o_out, g_in, g_out]: [&[u16]; 4]) {
    let terms = o_in.iter().zip(o_out).zip(g_in.iter().zip(g_out));
    for (slot, ((&o_in, &o_out), (&g_in, &g_out))) in out.iter_mut().zip(terms) {
        *slot = i32::from(o_in) - i32::from(o_out) - i32::from(g_in) + i32::from(g_out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::cfar::rows::Censored;
    use proptest::prelude::*;

    /// Sum and count over a ring, pixel by pixel.
    fn brute(image: &[u16], width: i64, height: i64, ring: Ring, row: i64, col: i64) -> (u64, u32) {
        let (mut sum, mut count) = (0_u64, 0);
        let outer = i64::from(ring.outer);
        for y in (row - outer).max(0)..=(row + outer).min(height - 1) {
            for x in (col - outer).max(0)..=(col + outer).min(width - 1) {
                let in_guard = (y - row).abs().max((x - col).abs()) <= i64::from(ring.guard);
                let dn = u64::from(image[(y * width + x) as usize].min(SAMPLE_CAP));
                if !in_guard && dn != 0 {
                    sum += dn * dn;
                    count += 1;
                }
            }
        }
        (sum, count)
    }

    fn amplitude() -> impl Strategy<Value = u16> {
        prop_oneof![3 => Just(0_u16), 8 => 1_u16..400, 1 => Just(u16::MAX), 1 => 4090_u16..4100]
    }

    /// Σ weight · min(DN, 4095)² over the 3 × 3 patch.
    fn brute_patch(image: &[u16], width: i64, height: i64, row: i64, col: i64) -> u32 {
        let mut sum = 0;
        for y in (row - 1).max(0)..=(row + 1).min(height - 1) {
            for x in (col - 1).max(0)..=(col + 1).min(width - 1) {
                let weight = 4 >> ((y - row).abs() + (x - col).abs());
                sum += weight * u32::from(image[(y * width + x) as usize].min(4095)).pow(2);
            }
        }
        sum
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn ring_sums_and_tests_are_those_of_counting_pixel_by_pixel(
            (width, height, image) in (1_u32..140, 1_u32..40).prop_flat_map(|(w, h)| {
                (Just(w), Just(h), prop::collection::vec(amplitude(), (w * h) as usize))
            }),
            outer in 2_u32..=60,
            guard_part in 0.0..1.0_f64,
            pixel in 1.0..6.0_f64,
            patch in prop_oneof![Just(f64::INFINITY), 1.0..6.0_f64],
            marks in prop::collection::btree_set((0_u32..40, 0_u32..140), 0..20),
        ) {
            let ring = Ring { outer, guard: (f64::from(outer - 1) * guard_part) as u32 };
            let mut rows = Rows::new(width, height);
            for row in 0..height {
                let start = (row * width) as usize;
                rows.row_mut(row).copy_from_slice(&image[start..start + width as usize]);
            }
            let mut clean = image.clone();
            let censored: Vec<Censored> = marks
                .into_iter()
                .filter(|&(row, col)| row < height && col < width && image[(row * width + col) as usize] != 0)
                .map(|(row, col)| Censored { row, col, dn: image[(row * width + col) as usize] })
                .collect();
            for pixel in &censored {
                clean[(pixel.row * width + pixel.col) as usize] = 0;
            }
            rows.censor(0, censored);
            let check = 2.0;
            let job = Job {
                rows: &rows,
                range: 0..height,
                width,
                ring,
                thresholds: &[CellThresholds { pixel, patch, check }],
                first_cell: 7,
            };
            let mut hits = Vec::new();
            let tally = search_block(&job, &mut Scratch::default(), &mut hits);
            hits.sort_by_key(|hit| (hit.row, hit.col));
            let (mut expected, mut told) = (Vec::new(), Tally::default());
            let (w, h) = (i64::from(width), i64::from(height));
            for row in 0..height {
                for col in 0..width {
                    let at = (row * width + col) as usize;
                    let (y, x) = (i64::from(row), i64::from(col));
                    let (sum, count) = brute(&clean, w, h, ring, y, x);
                    let above = |power: f64, alpha: f64| power * f64::from(count) > alpha * sum as f64;
                    let dn = image[at];
                    if dn == 0 {
                        continue;
                    }
                    if count < ring.fewest() {
                        told.untested += 1;
                        continue;
                    }
                    let power = f64::from(dn).powi(2);
                    if row % 8 == 0 && clean[at] != 0 {
                        told.checked += 1;
                        told.exceeding += u64::from(above(power, check));
                    }
                    let patch_power = brute_patch(&image, w, h, y, x);
                    let hit = Hit {
                        row,
                        col,
                        dn,
                        ring_count: count,
                        ring_sum: sum,
                        cell: 7,
                        pixel_test: above(power, pixel),
                        patch_test: above(f64::from(patch_power), 16.0 * patch),
                        patch_power: patch.is_finite().then_some(patch_power),
                    };
                    if hit.pixel_test || hit.patch_test {
                        expected.push(hit);
                    }
                }
            }
            prop_assert_eq!(hits, expected);
            prop_assert_eq!(tally, told);
        }
    }
}
