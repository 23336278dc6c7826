//! The spread of ln patch power by blocks, from a part of the rows.
//!
//! In: censored rows. Out: for every block of a strip the sums over those patches that hold nine pixels of sea. One row
//! in eight and one column in two is looked at: patches overlap, so that more would tell little more.

use super::rows::{MARGIN, Rows};
use super::sea::{LnSums, UNIT};
use super::{BLOCK, PATCH_WEIGHTS, SAMPLE_CAP};
use std::ops::Range;

/// Every which row has its patches summed.
const ROW_STEP: u32 = 8;

/// Bits of the mantissa in the table: 1/1024 of a value, the fixed point's own step.
const BITS: u32 = 10;

/// 1024 · ln of whole numbers by leading zeros and the next ten bits.
struct LnOf {
    mantissa: Vec<u64>,
    octave: Vec<u64>,
}

impl LnOf {
    fn new() -> Self {
        let fixed = |value: f64| (UNIT * value.ln()).round() as u64;
        Self {
            mantissa: (0..1 << BITS)
                .map(|at| fixed(1.0 + (f64::from(at) + 0.5) / f64::from(1 << BITS)))
                .collect(),
            octave: (0..32).map(|octave| fixed(2.0_f64.powi(octave))).collect(),
        }
    }

    /// `value` at least 16: a patch of nine pixels of amplitude 1.
    #[inline(always)]
    fn of(&self, value: u32) -> u64 {
        let octave = value.ilog2();
        let normal = value << (31 - octave);
        let mantissa = (normal << 1) >> (32 - BITS);
        self.octave[octave as usize] + self.mantissa[mantissa as usize]
    }
}

/// Sums over the patches of a strip's blocks, by block row, then block.
pub(super) fn measure(rows: &Rows, range: Range<u32>, width: u32) -> Vec<Vec<LnSums>> {
    let table = LnOf::new();
    let blocks = width.div_ceil(BLOCK) as usize;
    let mut sums = vec![vec![LnSums::default(); blocks]; range.len().div_ceil(BLOCK as usize)];
    let padded = width as usize + 2;
    let (mut down, mut least) = (vec![0_u32; padded], vec![0_u16; padded]);
    let first = range.start.next_multiple_of(ROW_STEP) + ROW_STEP / 2;
    for row in (first..range.end).step_by(ROW_STEP as usize) {
        let lines = [-1, 0, 1].map(|offset| {
            &rows.padded(i64::from(row) + offset)[MARGIN - 1..MARGIN + width as usize + 1]
        });
        weigh_down(lines, &mut down, &mut least);
        let own = &mut sums[((row - range.start) / BLOCK) as usize];
        for (block, sums) in own.iter_mut().enumerate() {
            let start = block * BLOCK as usize;
            let end = (start + BLOCK as usize).min(width as usize);
            for col in (start..end).step_by(2) {
                let beside = &least[col..col + 3];
                if beside.contains(&0) {
                    continue;
                }
                let patch: u32 = down[col..col + 3]
                    .iter()
                    .zip(PATCH_WEIGHTS)
                    .map(|(down, weight)| weight * down)
                    .sum();
                sums.add(table.of(patch));
            }
        }
    }
    sums
}

/// Weighted sum of power and least amplitude of three rows, column by column.
#[inline(always)]
fn weigh_down(lines: [&[u16]; 3], down: &mut [u32], least: &mut [u16]) {
    let power = |dn: u16| {
        let dn = i32::from(dn.min(SAMPLE_CAP) as i16);
        (dn * dn) as u32
    };
    let [above, own, below] = lines;
    let [w0, w1, w2] = PATCH_WEIGHTS;
    let out = down.iter_mut().zip(least);
    for ((down, least), ((&above, &own), &below)) in out.zip(above.iter().zip(own).zip(below)) {
        *down = w0 * power(above) + w1 * power(own) + w2 * power(below);
        *least = above.min(own).min(below);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_of_whole_numbers_are_within_a_step_of_the_fixed_point() {
        let table = LnOf::new();
        for value in [16, 17, 1000, 123_456, 268_304_400, u32::MAX] {
            let exact = UNIT * f64::from(value).ln();
            let found = table.of(value) as f64;
            assert!((found - exact).abs() < 1.6, "{value} {found} {exact}");
        }
    }
}
