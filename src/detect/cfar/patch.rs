//! The spread of ln patch power by blocks, from a part of the rows.
//!
//! In: censored rows. Out: for every block of a strip the sums over those patches that are all sea. One row in sixteen is
//! looked at, and one column in four: more would tell little more.

use super::BLOCK;
use super::kernel::capped_power;
use super::kernel::simd::{Simd, Work};
use super::rows::{MARGIN, Rows};
use super::sea::{LnSums, UNIT};
use std::ops::Range;
use std::sync::OnceLock;

/// Every which row has its patches summed.
const ROW_STEP: u32 = 16;

/// Every which column.
const COLUMN_STEP: usize = 4;

/// Bits of the mantissa in the table: 1/1024 of a value, the fixed point's own step.
const BITS: u32 = 10;

/// 1024 · ln of whole numbers by leading zeros and the next ten bits.
struct LnOf {
    mantissa: Vec<u64>,
    octave: Vec<u64>,
}

static LN_OF: OnceLock<LnOf> = OnceLock::new();

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

    /// `value` at least 1.
    #[inline(always)]
    fn of(&self, value: u32) -> u64 {
        let octave = value.ilog2();
        let normal = value << (31 - octave);
        let mantissa = (normal << 1) >> (32 - BITS);
        self.octave[octave as usize] + self.mantissa[mantissa as usize]
    }
}

/// Sums over the patches of a strip's blocks, by block row, then block. `weights`: of the patch, down and across.
pub(super) fn measure<const SIDE: usize>(
    rows: &Rows,
    range: Range<u32>,
    (width, weights): (u32, [u32; SIDE]),
    simd: Simd,
) -> Vec<Vec<LnSums>> {
    simd.run(Measure {
        rows,
        range,
        width,
        weights,
    })
}

struct Measure<'a, const SIDE: usize> {
    rows: &'a Rows,
    range: Range<u32>,
    width: u32,
    weights: [u32; SIDE],
}

impl<const SIDE: usize> Work for Measure<'_, SIDE> {
    type Out = Vec<Vec<LnSums>>;

    #[inline(always)]
    fn run(self) -> Self::Out {
        let Self {
            rows,
            range,
            width,
            weights,
        } = self;
        let table = LN_OF.get_or_init(LnOf::new);
        let reach = SIDE / 2;
        let blocks = width.div_ceil(BLOCK) as usize;
        let mut sums = vec![vec![LnSums::default(); blocks]; range.len().div_ceil(BLOCK as usize)];
        let padded = width as usize + 2 * reach;
        let (mut down, mut least) = (vec![0_u32; padded], vec![0_u16; padded]);
        let first = range.start.next_multiple_of(ROW_STEP) + ROW_STEP / 2;
        for row in (first..range.end).step_by(ROW_STEP as usize) {
            down.fill(0);
            least.fill(u16::MAX);
            for (line, weight) in (i64::from(row) - reach as i64..).zip(weights) {
                let line = &rows.padded(line)[MARGIN - reach..];
                // No iterator's own loop: it would not be compiled for the machine at hand.
                let (line, down, least) =
                    (&line[..padded], &mut down[..padded], &mut least[..padded]);
                for at in 0..padded {
                    down[at] += weight * capped_power(line[at]);
                    least[at] = line[at].min(least[at]);
                }
            }
            let own = &mut sums[((row - range.start) / BLOCK) as usize];
            for (block, sums) in own.iter_mut().enumerate() {
                let start = block * BLOCK as usize;
                let end = (start + BLOCK as usize).min(width as usize);
                for col in (start..end).step_by(COLUMN_STEP) {
                    let (Some(down), Some(least)) =
                        (down[col..].first_chunk(), least[col..].first_chunk())
                    else {
                        break;
                    };
                    let least: &[u16; SIDE] = least;
                    if least.contains(&0) {
                        continue;
                    }
                    let down: &[u32; SIDE] = down;
                    let patch = down.iter().zip(weights).map(|(down, weight)| weight * down);
                    sums.add(table.of(patch.sum()));
                }
            }
        }
        sums
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
