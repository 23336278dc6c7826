//! Power of the patches about the pixels of a group of rows, from the image as read.

use super::super::{NARROW, WIDE};
use super::columns::capped_power;
use super::{Group, Job, LANE, MARGIN, REACH, lane};
use std::ops::Range;

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
            self.weigh_across(lanes);
        }
    }

    /// Weighs the capped power of the lowest row across.
    #[inline(always)]
    fn weigh_across(&mut self, lanes: usize) {
        let [w0, w1, w2] = NARROW;
        self.across.rotate_left(1);
        let ([.., image], [.., across]) = (&self.image, &mut self.across);
        across.resize(lanes, 0);
        self.power.resize(lanes + 2, 0);
        for (power, &dn) in self.power.iter_mut().zip(&image[REACH - 1..]) {
            *power = capped_power(dn);
        }
        let power = &self.power[..lanes + 2];
        let beside = power.iter().zip(&power[1..]).zip(&power[2..]);
        for (slot, ((&left, &at), &right)) in across[..lanes].iter_mut().zip(beside) {
            *slot = w0 * left + w1 * at + w2 * right;
        }
    }

    /// Narrow patches of the lane from `start` in row `row` of the group.
    #[inline(always)]
    pub(super) fn narrow(&self, row: usize, start: usize) -> [u32; LANE] {
        let [w0, w1, w2] = NARROW;
        let above = lane(&self.across[row + REACH - 1], start);
        let own = lane(&self.across[row + REACH], start);
        let below = lane(&self.across[row + REACH + 1], start);
        let mut patches = [0; LANE];
        for at in 0..LANE {
            patches[at] = w0 * above[at] + w1 * own[at] + w2 * below[at];
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
