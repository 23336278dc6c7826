//! The state of the sea: level and spread of ln power by blocks, targets censored from it, texture by cells.
//!
//! In: rows as read. Out: which pixels are not sea, and the spread of ln power of every cell.
//!
//! ln I is taken from a table in fixed point, so all sums are exact integers and do not depend on the order or the
//! split of the work. The spread is taken about the mean of each 64 × 64 block: slow trends (fall-off with range, wind
//! rows wider than the ring) do not count as texture, as the ring mean follows them too; swell, which it does not
//! follow, does count.
//!
//! Censoring needs a level that a target cannot lift, also where there are many of them: the geometric mean of a block
//! gives way a hundred times less than the mean. A block is judged by its 3 × 3 neighbours: the third highest level
//! (the bright side of a front keeps its own level; one ship over two blocks does not pass for sea) and the middle
//! spread. What lies above the threshold for 1e-6 at that level is kept out of every ring and of the texture.

use super::kernel::simd::{Simd, Work};
use super::rows::{Censored, Rows};
use super::{BLOCK, CELL, SAMPLE_CAP};
use crate::detect::clutter::{ClutterLaw, Levels};

/// Fixed point of the table: 1/1024 neper. ln 4095² is 16.64, so a value fits 15 bits.
pub(super) const UNIT: f64 = 1024.0;

/// Every which row has its ln power summed: all of them would bring the spread's standard error from 0.8 to 0.6 %.
const ROW_STEP: u32 = 2;

/// Fewest summed pixels for a block to be heard about its level.
const FEWEST_IN_BLOCK: u32 = 128;

/// Fewest degrees of freedom for a cell's own spread: its standard error is then 2.2 %.
const FEWEST_IN_CELL: u64 = 4096;

/// Fewest that are taken where a whole row of cells has no more: the standard error is then 9 %.
const FEWEST_AT_ALL: u64 = 256;

/// Fewest degrees of freedom for the spread of a cell's own patches, of which fewer are looked at.
const FEWEST_PATCHES: u64 = 768;

/// Which of the neighbours' levels counts, from the highest.
const LEVEL_RANK: usize = 2;

/// What a pixel of every capped amplitude adds to the sums of its run: ln² and ln (1024 · ln DN², 15 bits) and 1, packed
/// into one number, so that a run of a block's width is one chain of additions; 0 for no data.
pub(super) struct LnTable(Box<[u64; SAMPLE_CAP as usize + 1]>);

/// Place of ln in the packed number: 64 ln² need 35 bits.
const LN_SHIFT: u32 = 35;

/// Place of the count: 64 ln need 21 bits.
const COUNT_SHIFT: u32 = 56;

impl LnTable {
    /// Fills the table.
    pub(super) fn new() -> Self {
        let mut table = Box::new([0; SAMPLE_CAP as usize + 1]);
        for (dn, entry) in table.iter_mut().enumerate().skip(1) {
            let ln = (UNIT * 2.0 * (dn as f64).ln()).round() as u64;
            *entry = (ln * ln) | (ln << LN_SHIFT) | (1 << COUNT_SHIFT);
        }
        Self(table)
    }

    #[inline(always)]
    fn packed(&self, dn: u16) -> u64 {
        // The cap is all ones: the mask spares the bounds check.
        self.0[usize::from(dn.min(SAMPLE_CAP) & SAMPLE_CAP)]
    }

    /// 1024 · ln DN² of a capped amplitude; 0 for no data.
    fn of(&self, dn: u16) -> u64 {
        (self.packed(dn) >> LN_SHIFT) & ((1 << (COUNT_SHIFT - LN_SHIFT)) - 1)
    }

    /// Sums over at most 64 pixels.
    #[inline(always)]
    fn sums(&self, pixels: &[u16]) -> LnSums {
        // Chains hide each other's latency; four amplitudes come in one load.
        let (fours, rest) = pixels.as_chunks::<4>();
        let mut packed = [0_u64; 4];
        for four in fours {
            packed[0] += self.packed(four[0]);
            packed[1] += self.packed(four[1]);
            packed[2] += self.packed(four[2]);
            packed[3] += self.packed(four[3]);
        }
        for &dn in rest {
            packed[0] += self.packed(dn);
        }
        let packed = packed[0] + packed[1] + packed[2] + packed[3];
        let field = |from: u32, end: u32| (packed >> from) & ((1 << (end - from)) - 1);
        LnSums {
            count: field(COUNT_SHIFT, 63) as u32,
            sum: field(LN_SHIFT, COUNT_SHIFT),
            squares: field(0, LN_SHIFT),
        }
    }
}

/// Sums of ln power over the valid pixels of a block.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct LnSums {
    count: u32,
    sum: u64,
    squares: u64,
}

impl LnSums {
    /// Mean of ln power, nepers.
    fn mean(&self) -> f64 {
        self.sum as f64 / f64::from(self.count) / UNIT
    }

    /// Sum of squared deviations from the block's mean, nepers².
    fn deviations(&self) -> f64 {
        // n·Σx² − (Σx)² is exact in integers: 4096 · 4096 · 2³⁰ < 2⁵⁴.
        let spread = u64::from(self.count) * self.squares - self.sum * self.sum;
        spread as f64 / f64::from(self.count.max(1)) / (UNIT * UNIT)
    }

    /// Adds a value.
    #[inline(always)]
    pub(super) fn add(&mut self, ln: u64) {
        self.count += 1;
        self.sum += ln;
        self.squares += ln * ln;
    }

    fn take_out(&mut self, ln: u64) {
        self.count -= 1;
        self.sum -= ln;
        self.squares -= ln * ln;
    }
}

fn is_summed(row: u32) -> bool {
    row.is_multiple_of(ROW_STEP)
}

/// A row of blocks: sums as read, and sums without the censored pixels.
#[derive(Debug, Clone, Default)]
pub(super) struct BlockRow {
    /// As read: what neighbours are judged by.
    raw: Vec<LnSums>,
    /// The same as numbers, once they are whole; `None` where too little is valid to be heard.
    state: Vec<Option<State>>,
    /// Largest amplitude of each row in each block, row by row.
    most: Vec<u16>,
    /// Without targets: what the cells' texture is made of.
    clean: Vec<LnSums>,
}

/// Level and spread of a block's ln power.
#[derive(Debug, Clone, Copy)]
struct State {
    /// Mean, nepers.
    level: f64,
    /// Variance, nepers².
    spread: f64,
}

impl BlockRow {
    /// An empty row of blocks for a scene of `width` columns.
    pub(super) fn new(width: u32) -> Self {
        let raw = vec![LnSums::default(); width.div_ceil(BLOCK) as usize];
        Self {
            clean: Vec::new(),
            state: Vec::new(),
            most: Vec::with_capacity(raw.len() * BLOCK as usize),
            raw,
        }
    }

    /// Adds row number `row` of the scene; returns its valid pixels.
    pub(super) fn add(&mut self, row: u32, pixels: &[u16], table: &LnTable, simd: Simd) -> u32 {
        simd.run(AddRow {
            block_row: self,
            is_summed: is_summed(row),
            pixels,
            table,
        })
    }

    /// Mean ln power of block `at` without its targets, nepers; `None` if too little of it is sea.
    pub(super) fn level(&self, at: usize) -> Option<f64> {
        let block = self.clean.get(at)?;
        (block.count >= FEWEST_IN_BLOCK).then(|| block.mean())
    }

    /// Ends the adding: nothing is censored so far.
    pub(super) fn finish(mut self) -> Self {
        self.clean.clone_from(&self.raw);
        let state = |block: &LnSums| {
            (block.count >= FEWEST_IN_BLOCK).then(|| State {
                level: block.mean(),
                spread: block.deviations() / f64::from(block.count - 1),
            })
        };
        self.state = self.raw.iter().map(state).collect();
        self
    }
}

/// One row on its way into the sums of its block row.
struct AddRow<'a> {
    block_row: &'a mut BlockRow,
    is_summed: bool,
    pixels: &'a [u16],
    table: &'a LnTable,
}

impl Work for AddRow<'_> {
    type Out = u32;

    #[inline(always)]
    fn run(self) -> u32 {
        let (runs, rest) = self.pixels.as_chunks::<{ BLOCK as usize }>();
        let mut valid = 0;
        // No iterator's own loop: it would not be compiled for the machine at hand.
        let mut at = 0;
        while at < runs.len() {
            valid += run_of_block(self.block_row, at, (&runs[at], self.is_summed), self.table);
            at += 1;
        }
        if !rest.is_empty() {
            valid += run_of_block(self.block_row, at, (rest, self.is_summed), self.table);
        }
        valid
    }
}

/// Adds what one row has of block `at`; returns its valid pixels.
#[inline(always)]
fn run_of_block(
    block_row: &mut BlockRow,
    at: usize,
    (pixels, is_summed): (&[u16], bool),
    table: &LnTable,
) -> u32 {
    let (mut most, mut valid) = (0_u16, 0_u16);
    for &dn in pixels {
        most = most.max(dn);
        valid += u16::from(dn != 0);
    }
    block_row.most.push(most);
    if is_summed {
        let run = table.sums(pixels);
        let block = &mut block_row.raw[at];
        block.count += run.count;
        block.sum += run.sum;
        block.squares += run.squares;
    }
    u32::from(valid)
}

/// Finds the pixels of a block row that are not sea, and takes them out of its clean sums.
///
/// `neighbours`: the block rows above and below, if the scene has them. The result is in (row, col) order.
pub(super) fn censor(
    rows: &Rows,
    range: std::ops::Range<u32>,
    neighbours: [Option<&BlockRow>; 2],
    own: &mut BlockRow,
    law: &ClutterLaw,
    table: &LnTable,
) -> Vec<Censored> {
    let heard = [
        neighbours[0].map(|row| &row.state[..]),
        Some(&own.state[..]),
        neighbours[1].map(|row| &row.state[..]),
    ];
    let limits: Vec<u16> = (0..own.raw.len())
        .map(|at| limit_dn(at, heard, law))
        .collect();
    let mut found = Vec::new();
    for (row, most) in range.zip(own.most.chunks_exact(limits.len())) {
        for (at, (&most, &limit)) in most.iter().zip(&limits).enumerate() {
            if most <= limit {
                continue;
            }
            let first = at * BLOCK as usize;
            let pixels = &rows.row(row)[first..];
            let pixels = &pixels[..pixels.len().min(BLOCK as usize)];
            for (offset, &dn) in pixels.iter().enumerate().filter(|&(_, &dn)| dn > limit) {
                if is_summed(row) {
                    own.clean[at].take_out(table.of(dn));
                }
                let col = at as u32 * BLOCK + offset as u32;
                found.push(Censored { row, col, dn });
            }
        }
    }
    found
}

/// Largest amplitude that passes for sea in block `at`; the largest of all if nothing is known. `rows`: the states of the block
/// row above, its own and the one below.
fn limit_dn(at: usize, rows: [Option<&[Option<State>]>; 3], law: &ClutterLaw) -> u16 {
    let mut heard = [State {
        level: 0.0,
        spread: 0.0,
    }; 9];
    let mut count = 0;
    for row in rows.into_iter().flatten() {
        for state in row[at.saturating_sub(1)..row.len().min(at + 2)]
            .iter()
            .flatten()
        {
            heard[count] = *state;
            count += 1;
        }
    }
    let heard = &mut heard[..count];
    if heard.is_empty() {
        return u16::MAX;
    }
    heard.sort_unstable_by(|a, b| b.level.total_cmp(&a.level));
    let level = heard[LEVEL_RANK.min(count / 2)].level;
    heard.sort_unstable_by(|a, b| a.spread.total_cmp(&b.spread));
    let spread = heard[count / 2].spread;
    let ln_limit = level + law.ln_censor(spread);
    (0.5 * ln_limit).exp().clamp(1.0, f64::from(u16::MAX)) as u16
}

/// Thresholds of the cells along one row of cells, from its (up to four) block rows: pixels, and narrow and wide patches.
///
/// A cell with too little sea widens to its neighbours left and right, step by step, until there is enough; if the
/// whole row of cells has not enough, it takes what there is down to a sixteenth, else `ClutterLaw::unknown`. Nothing
/// outside the row of cells is asked, so that the answer does not depend on how a scene is split.
pub(super) fn cell_levels(
    blocks: &[BlockRow],
    patches: [&[Vec<LnSums>]; 2],
    law: &ClutterLaw,
) -> Vec<Levels> {
    let pixels: Vec<&[LnSums]> = blocks.iter().map(|row| &row.clean[..]).collect();
    let pixels = spreads(&pixels, FEWEST_IN_CELL);
    let [narrow, wide] = patches.map(|rows| {
        let rows: Vec<&[LnSums]> = rows.iter().map(|row| &row[..]).collect();
        spreads(&rows, FEWEST_PATCHES)
    });
    let spreads = pixels.into_iter().zip(narrow).zip(wide);
    spreads
        .map(|((pixel, narrow), wide)| {
            pixel.map_or_else(|| law.unknown(), |pixel| law.levels(pixel, [narrow, wide]))
        })
        .collect()
}

/// Mean power of the sea of each cell of a row of cells, DN²: the geometric mean of its clean blocks, raised as its
/// `levels` say. `None` where no pixel is sea.
pub(super) fn cell_means(blocks: &[BlockRow], levels: &[Levels]) -> Vec<Option<f64>> {
    let per_cell = (CELL / BLOCK) as usize;
    let cells = levels.iter().enumerate();
    cells
        .map(|(cell, levels)| {
            let (mut sum, mut count) = (0, 0);
            for row in blocks {
                let end = row.clean.len().min((cell + 1) * per_cell);
                for block in &row.clean[cell * per_cell..end] {
                    sum += block.sum;
                    count += block.count;
                }
            }
            let ln_mean = sum as f64 / f64::from(count) / UNIT;
            (count > 0).then(|| (ln_mean + levels.ln_mean_gap).exp())
        })
        .collect()
}

/// Spread of ln power of each cell, widened to neighbours until there are `fewest` degrees of freedom; `None` if the row
/// of cells has not even `FEWEST_AT_ALL`.
fn spreads(rows: &[&[LnSums]], fewest: u64) -> Vec<Option<f64>> {
    let per_cell = (CELL / BLOCK) as usize;
    let across = rows.first().map_or(0, |row| row.len()).div_ceil(per_cell);
    let pools: Vec<(f64, u64)> = (0..across)
        .map(|cell| {
            let mut pool = (0.0, 0);
            for row in rows {
                let end = row.len().min((cell + 1) * per_cell);
                for block in row[cell * per_cell..end]
                    .iter()
                    .filter(|block| block.count > 1)
                {
                    pool.0 += block.deviations();
                    pool.1 += u64::from(block.count) - 1;
                }
            }
            pool
        })
        .collect();
    (0..across)
        .map(|cell| {
            let mut pool = pools[cell];
            let mut reach = 1;
            while pool.1 < fewest && reach < across {
                let left = cell.checked_sub(reach).map(|at| pools[at]);
                let right = pools.get(cell + reach).copied();
                for (deviations, freedom) in left.into_iter().chain(right) {
                    pool.0 += deviations;
                    pool.1 += freedom;
                }
                reach += 1;
            }
            (pool.1 >= FEWEST_AT_ALL).then(|| pool.0 / pool.1 as f64)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_sums_are_those_of_adding_pixel_by_pixel() {
        let table = LnTable::new();
        let ln = |dn: u16| match dn {
            0 => 0,
            _ => (2048.0 * f64::from(dn.min(4095)).ln()).round() as u64,
        };
        let mixed: Vec<u16> = (0..63).map(|at| at * at * 17 % 5000).collect();
        for pixels in [
            vec![u16::MAX; 64],
            vec![1; 64],
            vec![0; 64],
            vec![2; 1],
            mixed,
        ] {
            let expected = LnSums {
                count: pixels.iter().map(|&dn| u32::from(dn != 0)).sum(),
                sum: pixels.iter().map(|&dn| ln(dn)).sum(),
                squares: pixels.iter().map(|&dn| ln(dn) * ln(dn)).sum(),
            };
            assert_eq!(table.sums(&pixels), expected);
            assert!(pixels.iter().all(|&dn| table.of(dn) == ln(dn)));
        }
    }
}
