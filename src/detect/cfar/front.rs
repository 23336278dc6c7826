//! Cells across which the level of the sea jumps (a wind front, an oil slick's rim): their pixels are tested against that part
//! of the ring which is like the sea about them.
//!
//! In: a row of cells whose targets are censored. Out: hits. A ring that lies on both sides of a front has a mean of neither:
//! the bright side fires too often and the dark side hides ships. Where the four quadrants of a ring disagree, those count
//! that agree with the one nearest to the level inside the guard; at the front itself that is the brighter side, the greatest
//! of the quadrants. Elsewhere the whole ring stands, as in the kernel.
//!
//! # Source
//!
//! The choice between the greatest and the smallest of parts of a ring is Trunk's (1978) and Hansen and Sawyers' (1980); the
//! choice by the level inside the guard is ours.

use super::kernel::simd::Work;
use super::kernel::{Job, Tally, capped_power, exceeds, is_counted, power};
use super::rows::MARGIN;
use super::sea::BlockRow;
use super::{BLOCK, CELL, Hit, NARROW, Tests, WIDE};
use std::ops::{Add, Range, Sub};

/// Ratio of the levels of a cell's blocks, and of those beside it, from which it is searched here: plain and textured seas
/// keep below.
const UNEVEN: f64 = 2.5;

/// Ratio of the means of a ring's quadrants from which they disagree: 1 dB, several deviations of a mean over a thousand
/// pixels. Higher leaves a belt along a front where the whole ring is a little too dark.
const DISAGREE: f64 = 1.25;

/// Ratio of the means of two quadrants up to which they are taken together.
const ALIKE: f64 = 1.2;

/// Which cells of a row of cells have a front in reach of their rings. `blocks`: the block rows of the cells, in between the
/// one above and the one below, as far as the scene has them.
pub(super) fn uneven(blocks: &[&BlockRow], cells: usize) -> Vec<bool> {
    let per_cell = (CELL / BLOCK) as usize;
    (0..cells)
        .map(|cell| {
            let about = (cell * per_cell).saturating_sub(1)..(cell + 1) * per_cell + 1;
            let levels = || {
                let rows = blocks.iter();
                rows.flat_map(|row| about.clone().filter_map(|at| row.level(at)))
            };
            let low = levels().fold(f64::INFINITY, f64::min);
            let high = levels().fold(f64::NEG_INFINITY, f64::max);
            high - low > UNEVEN.ln()
        })
        .collect()
}

/// Searches one cell: appends its hits by row and column, and counts its sea above the check threshold.
pub(super) fn search_cell(job: &Job, cell: usize, hits: &mut Vec<Hit>, tally: &mut Tally) {
    let first = cell as u32 * CELL;
    let cols = first..(first + CELL).min(job.width);
    let thresholds = job.thresholds[cell];
    let over_sums = thresholds.over_sums();
    let sums = Sums::new(job, &cols);
    let image = Picture::new(job, &cols);
    let has_patches = over_sums.gate.is_finite();
    let mut quarters = RowQuarters::new(cols.len());
    let mut narrows = vec![0_u32; cols.len()];
    for row in job.range.clone() {
        job.simd.run(FillRow {
            sums: &sums,
            image: has_patches.then_some(&image),
            row,
            quarters: &mut quarters,
            narrows: &mut narrows,
        });
        let clean = job.rows.row(row);
        for col in cols.clone() {
            let dn = image.at(row, col);
            if dn == 0 {
                continue;
            }
            let at = (col - first) as usize;
            let Some((count, sum)) = quarters.reference(at, job.ring.fewest() as i32) else {
                continue;
            };
            let own = power(dn);
            let is_sea = clean[col as usize] != 0;
            if is_sea && is_counted(row) && exceeds(own, count, sum, thresholds.check) {
                tally.exceeding += 1;
            }
            let narrow = f64::from(narrows[at]);
            let passes_gate = exceeds(narrow, count, sum, over_sums.gate);
            let wide = match passes_gate {
                true => f64::from(image.patch(row, col, WIDE)),
                false => 0.0,
            };
            let passes = |tests: &Tests| {
                exceeds(own, count, sum, tests.pixel)
                    || exceeds(narrow, count, sum, tests.narrow)
                    || exceeds(wide, count, sum, tests.wide)
            };
            if passes(&over_sums.fires) {
                hits.push(Hit {
                    row,
                    col,
                    dn,
                    ring_count: count as u32,
                    ring_sum: sum as u64,
                    cell: job.first_cell + cell as u32,
                    is_sure: passes(&over_sums.sure),
                });
            }
        }
    }
}

/// Count of valid background pixels, and the sum of their DN².
type Part = (i32, i64);

/// Sums over rectangles of censored rows about a cell: tables of the counts and sums above and left of every corner.
struct Sums {
    /// Half widths of the outer window and of the guard.
    halves: [usize; 2],
    /// First row of the tables, image coordinates: half a window above the cell; its first column likewise.
    first_row: i64,
    stride: usize,
    counts: Vec<i32>,
    sums: Vec<i64>,
}

impl Sums {
    fn new(job: &Job, cols: &Range<u32>) -> Self {
        let halves = [job.ring.outer as usize, job.ring.guard as usize];
        let reach = i64::from(job.ring.outer);
        let first_row = i64::from(job.range.start) - reach;
        let across = cols.len() + 2 * halves[0];
        let stride = across + 1;
        let first = MARGIN + cols.start as usize - halves[0];
        let rows = first_row..i64::from(job.range.end) + reach;
        let corners = stride * ((rows.end - rows.start) as usize + 1);
        let (mut counts, mut sums) = (vec![0; corners], vec![0; corners]);
        for (line, row) in rows.enumerate() {
            let pixels = &job.rows.padded(row)[first..][..across];
            let (above, own) = (line * stride, (line + 1) * stride);
            let (mut count, mut sum) = (0, 0);
            for (at, &dn) in pixels.iter().enumerate() {
                count += i32::from(dn != 0);
                sum += i64::from(capped_power(dn));
                counts[own + at + 1] = counts[above + at + 1] + count;
                sums[own + at + 1] = sums[above + at + 1] + sum;
            }
        }
        Self {
            halves,
            first_row,
            stride,
            counts,
            sums,
        }
    }
}

/// Sums over the quarters of windows about the pixels of one row: four of the outer window, then four of the guard.
struct RowQuarters {
    counts: [Vec<i32>; 8],
    sums: [Vec<i64>; 8],
}

/// Fills the sums of one row of a cell, and its narrow patches.
struct FillRow<'a> {
    sums: &'a Sums,
    /// For patches, where they are tested.
    image: Option<&'a Picture>,
    row: u32,
    quarters: &'a mut RowQuarters,
    narrows: &'a mut [u32],
}

impl Work for FillRow<'_> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let sums = self.sums;
        let line = (i64::from(self.row) - sums.first_row) as usize;
        let width = self.narrows.len();
        let mut which = 0;
        while which < 8 {
            let half = sums.halves[which / 4];
            let left = sums.halves[0];
            // Turned like the sails of a mill: the quarters share no pixel and leave out the middle one alone.
            let (rows, cols) = match which % 4 {
                0 => ((line - half, line), (left - half, left + 1)),
                1 => ((line - half, line + 1), (left + 1, left + half + 1)),
                2 => ((line + 1, line + half + 1), (left, left + half + 1)),
                _ => ((line, line + half + 1), (left - half, left)),
            };
            let corners = [
                rows.1 * sums.stride + cols.1,
                rows.0 * sums.stride + cols.0,
                rows.0 * sums.stride + cols.1,
                rows.1 * sums.stride + cols.0,
            ];
            differences(
                &sums.counts,
                corners,
                &mut self.quarters.counts[which][..width],
            );
            differences(&sums.sums, corners, &mut self.quarters.sums[which][..width]);
            which += 1;
        }
        if let Some(image) = self.image {
            image.narrow_row(self.row, self.narrows);
        }
    }
}

/// Sums over as many rectangles as `out` holds, each a column right of the last, from the places of the first one's corners:
/// the two that count and the two that are taken off.
#[inline(always)]
fn differences<T: Copy + Add<Output = T> + Sub<Output = T>>(
    table: &[T],
    [a, b, c, d]: [usize; 4],
    out: &mut [T],
) {
    let width = out.len();
    let (a, b) = (&table[a..][..width], &table[b..][..width]);
    let (c, d) = (&table[c..][..width], &table[d..][..width]);
    for at in 0..width {
        out[at] = a[at] + b[at] - c[at] - d[at];
    }
}

impl RowQuarters {
    fn new(width: usize) -> Self {
        Self {
            counts: std::array::from_fn(|_| vec![0; width]),
            sums: std::array::from_fn(|_| vec![0; width]),
        }
    }

    fn part(&self, which: usize, at: usize) -> Part {
        (self.counts[which][at], self.sums[which][at])
    }

    /// What pixel `at` of the row is tested against; `None` if its ring holds fewer pixels of sea than `fewest`.
    fn reference(&self, at: usize, fewest: i32) -> Option<Part> {
        let less = |a: Part, b: Part| (a.0 - b.0, a.1 - b.1);
        let add = |a: Part, b: &Part| (a.0 + b.0, a.1 + b.1);
        let quadrants: [Part; 4] =
            std::array::from_fn(|which| less(self.part(which, at), self.part(which + 4, at)));
        let whole = quadrants.iter().fold((0, 0), add);
        if whole.0 < fewest {
            return None;
        }
        let mean = |part: &Part| part.1 as f64 / f64::from(part.0);
        let told = || quadrants.iter().filter(|part| part.0 >= fewest);
        let brightest = told().max_by(|a, b| mean(a).total_cmp(&mean(b)));
        let dimmest = told().min_by(|a, b| mean(a).total_cmp(&mean(b)));
        let Some((brightest, dimmest)) = brightest.zip(dimmest) else {
            return Some(whole);
        };
        if mean(brightest) <= DISAGREE * mean(dimmest) {
            return Some(whole);
        }
        let guard: [Part; 4] = std::array::from_fn(|which| self.part(which + 4, at));
        let inside = guard.iter().fold((0, 0), add);
        let level = match inside.0 >= fewest {
            true => mean(&inside),
            false => mean(brightest),
        };
        let off = |part: &Part| (mean(part) / level).max(level / mean(part));
        // Of two as near the brighter one.
        let nearest = told()
            .min_by(|a, b| off(a).total_cmp(&off(b)).then(mean(b).total_cmp(&mean(a))))
            .unwrap_or(brightest);
        let alike = |part: &&Part| {
            let ratio = mean(part) / mean(nearest);
            (1.0 / ALIKE..=ALIKE).contains(&ratio)
        };
        Some(told().filter(alike).fold((0, 0), add))
    }
}

/// A cell and two pixels about it as read: censored pixels put back.
struct Picture {
    /// Image row and column of the first pixel.
    origin: (i64, i64),
    stride: usize,
    pixels: Vec<u16>,
}

/// Pixels beside a pixel that a patch reaches.
const REACH: i64 = WIDE.len() as i64 / 2;

impl Picture {
    fn new(job: &Job, cols: &Range<u32>) -> Self {
        let origin = (
            i64::from(job.range.start) - REACH,
            i64::from(cols.start) - REACH,
        );
        let stride = cols.len() + 2 * REACH as usize;
        let first = (MARGIN as i64 + origin.1) as usize;
        let mut pixels = Vec::with_capacity(stride * (job.range.len() + 2 * REACH as usize));
        for row in origin.0..i64::from(job.range.end) + REACH {
            let start = pixels.len();
            pixels.extend_from_slice(&job.rows.padded(row)[first..][..stride]);
            let Some(row) = job.rows.inside(row) else {
                continue;
            };
            for pixel in job.rows.censored(row) {
                let at = i64::from(pixel.col) - origin.1;
                if (0..stride as i64).contains(&at) {
                    pixels[start + at as usize] = pixel.dn;
                }
            }
        }
        Self {
            origin,
            stride,
            pixels,
        }
    }

    fn place(&self, row: i64, col: i64) -> usize {
        (row - self.origin.0) as usize * self.stride + (col - self.origin.1) as usize
    }

    fn at(&self, row: u32, col: u32) -> u16 {
        self.pixels[self.place(i64::from(row), i64::from(col))]
    }

    /// Narrow patches about the pixels of one row of the cell.
    #[inline(always)]
    fn narrow_row(&self, row: u32, out: &mut [u32]) {
        let width = out.len();
        out.fill(0);
        for (down, line_weight) in NARROW.into_iter().enumerate() {
            let line = i64::from(row) - NARROW.len() as i64 / 2 + down as i64;
            let start =
                (line - self.origin.0) as usize * self.stride + REACH as usize - NARROW.len() / 2;
            for (across, weight) in NARROW.into_iter().enumerate() {
                let weight = line_weight * weight;
                let pixels = &self.pixels[start + across..][..width];
                for at in 0..width {
                    out[at] += weight * capped_power(pixels[at]);
                }
            }
        }
    }

    /// Weighted sum of capped DN² about a pixel.
    fn patch<const SIDE: usize>(&self, row: u32, col: u32, weights: [u32; SIDE]) -> u32 {
        let reach = (SIDE / 2) as i64;
        let first = self.place(i64::from(row) - reach, i64::from(col) - reach);
        let lines = weights.iter().enumerate();
        lines
            .map(|(down, &weight)| {
                let line = &self.pixels[first + down * self.stride..][..SIDE];
                let across = line.iter().zip(weights);
                weight
                    * across
                        .map(|(&dn, weight)| weight * capped_power(dn))
                        .sum::<u32>()
            })
            .sum()
    }
}
