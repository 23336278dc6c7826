//! Power of the patches about the pixels of a group of rows, from the image as read.
//!
//! All narrow patches are bounded in 16 bits: power in steps that suit the tile's level, rounded up, so that no bound is
//! below the patch. Only where the largest bound of a lane may fire are the exact 32-bit sums made.

use super::super::{NARROW, WIDE};
use super::columns::capped_power;
use super::{Columns, Group, Job, LANE, MARGIN, REACH, lane};
use std::ops::Range;

/// Steps that a tile's mean power comes to, at most; a quarter at least, so that rounding up costs half a per cent.
const MEAN_STEPS: u64 = 512;

/// No bound for a pixel too bright for 16 bits is below this.
const BRIGHT: u64 = 1 << 15;

/// Power in steps of 2¹⁶ / 4ᵃ DN², for `shift` = a.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Steps {
    shift: u32,
}

impl Steps {
    /// Steps for a tile whose outer window holds these columns; any are right, these are fine enough.
    pub(super) fn fitting(outer: &Columns) -> Self {
        let sum: u64 = outer.sum.iter().map(|&sum| u64::from(sum)).sum();
        let count: u64 = outer.count.iter().map(|&count| u64::from(count)).sum();
        let mean = (sum / count.max(1)).max(1);
        let shift = (MEAN_STEPS << 16).div_ceil(mean).ilog2() / 2;
        // 12 bits of amplitude leave four to shift; more of a darker tile cut its bright pixels off.
        Self {
            shift: shift.min(12),
        }
    }

    /// Steps of a pixel's power, more than it has; `BRIGHT` or more if it is cut off.
    #[inline(always)]
    fn of(self, dn: u16) -> u16 {
        let brightest = (u16::MAX >> self.shift).min(super::super::SAMPLE_CAP);
        let root = u32::from(dn.min(brightest) << self.shift);
        ((root * root) >> 16) as u16 + 1
    }

    /// Largest bound that a patch of power `weakest` or less may have and not be looked at.
    #[inline(always)]
    pub(super) fn weakest(self, weakest: u32) -> u16 {
        let steps = (u64::from(weakest) << (2 * self.shift)) >> 16;
        steps.min(BRIGHT - 1) as u16
    }
}

impl Group {
    /// Takes row `y` of the image in as the lowest; rows outside the scene are blank.
    #[inline(always)]
    pub(super) fn next_image_row(
        &mut self,
        job: &Job,
        y: i64,
        cols: &Range<usize>,
        (lanes, patched): (usize, bool),
    ) {
        self.image.rotate_left(1);
        let [.., lowest] = &mut self.image;
        lowest.clear();
        let within = MARGIN + cols.start - REACH..MARGIN + cols.end + REACH;
        lowest.extend_from_slice(&job.rows.padded(y)[within]);
        if let Ok(y) = u32::try_from(y) {
            for pixel in job.rows.censored(y) {
                let slot = (pixel.col as usize + REACH).checked_sub(cols.start);
                if let Some(slot) = slot.and_then(|slot| lowest.get_mut(slot)) {
                    *slot = pixel.dn;
                }
            }
        }
        // What follows the row's last column is another tile's, to be seen by patches and not tested.
        lowest.resize(lanes + 2 * REACH, 0);
        if patched {
            self.bound_across(lanes);
        }
    }

    /// Weighs the steps of the lowest row across.
    #[inline(always)]
    fn bound_across(&mut self, lanes: usize) {
        self.across.rotate_left(1);
        let ([.., image], [.., across]) = (&self.image, &mut self.across);
        across.resize(lanes, 0);
        self.power.resize(lanes + 2, 0);
        let steps = self.steps;
        for (power, &dn) in self.power.iter_mut().zip(&image[REACH - 1..]) {
            *power = steps.of(dn);
        }
        let power = &self.power[..lanes + 2];
        let beside = power.iter().zip(&power[1..]).zip(&power[2..]);
        for (slot, ((&left, &at), &right)) in across[..lanes].iter_mut().zip(beside) {
            *slot = left
                .saturating_add(at)
                .saturating_add(at.saturating_add(right));
        }
    }

    /// Largest bound of the narrow patches of the lane from `start` in all rows of the group.
    #[inline(always)]
    pub(super) fn narrow_bound(&self, start: usize) -> u16 {
        let [above, a, b, c, d, below] =
            std::array::from_fn(|row| lane(&self.across[row + REACH - 1], start));
        let mut most = [0; LANE];
        for at in 0..LANE {
            let pairs = [
                above[at].saturating_add(a[at]),
                a[at].saturating_add(b[at]),
                b[at].saturating_add(c[at]),
                c[at].saturating_add(d[at]),
                d[at].saturating_add(below[at]),
            ];
            let [p, q, r, s, t] = pairs;
            let upper = p.saturating_add(q).max(q.saturating_add(r));
            most[at] = upper.max(r.saturating_add(s)).max(s.saturating_add(t));
        }
        super::largest(&most)
    }

    /// Narrow patches of the lane from `start` in row `row` of the group.
    #[inline(always)]
    pub(super) fn narrow(&self, row: usize, start: usize) -> [u32; LANE] {
        let [w0, w1, w2] = NARROW;
        let mut patches = [0; LANE];
        for (line, weight) in self.image[row + REACH - 1..].iter().zip(NARROW) {
            let [left, own, right] =
                std::array::from_fn(|beside| lane(&line[REACH - 1 + beside..], start));
            for at in 0..LANE {
                let across = w0 * capped_power(left[at])
                    + w1 * capped_power(own[at])
                    + w2 * capped_power(right[at]);
                patches[at] += weight * across;
            }
        }
        patches
    }

    /// Sum of capped power over the wide patch at column `at` of the tile in row `row` of the group.
    #[inline(always)]
    pub(super) fn wide(&self, row: usize, at: usize) -> u32 {
        let mut sum = 0;
        for line in &self.image[row..row + WIDE.len()] {
            for &dn in &line[at..at + WIDE.len()] {
                sum += capped_power(dn);
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::cfar::SAMPLE_CAP;

    #[test]
    fn no_bound_is_below_the_power_it_stands_for() {
        for shift in 0..=12 {
            let steps = Steps { shift };
            for dn in 0..=u16::MAX {
                let power = (u64::from(dn.min(SAMPLE_CAP)).pow(2)) << (2 * shift);
                let bound = u64::from(steps.of(dn));
                assert!(bound << 16 > power || bound >= BRIGHT, "{shift} {dn}");
            }
        }
    }

    #[test]
    fn the_mean_of_a_tile_comes_to_hundreds_of_steps() {
        for mean in [30_u32, 100, 5_000, 300_000, 4_000_000] {
            let columns = Columns {
                sum: vec![81 * mean; 3],
                count: vec![81; 3],
            };
            let steps = Steps::fitting(&columns);
            let mean = (u64::from(mean) << (2 * steps.shift)) >> 16;
            assert!((60..=512).contains(&mean), "{mean} {steps:?}");
        }
    }
}
