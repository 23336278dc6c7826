//! Bounds of the ring sums over a lane of columns in a group of rows, so that what cannot fire is passed over.
//!
//! The column sums bound those of every row of the group (`columns`): no ring sum is smaller than theirs.
//! From column to column a ring sum changes by D = (O₁ − O₀) − (G₁ − G₀), column sums that enter and leave the outer and
//! the guard window. Over a lane it never falls below its value before the lane less the sum of all falls. D itself needs
//! 33 bits; in steps of 2⁷ it fits 32 with the sum over a lane, and the exact sum is restored from its low 32 bits.

use super::super::ring::Ring;
use super::columns::{Columns, GROUP};
use super::{LANE, lane};

/// Steps in which falls are summed: 2⁷. Twice 121 × 4095² / 2⁷ × 64 columns is below 2³¹.
const STEP_BITS: u32 = 7;

/// Ring sum and count at the column before a lane.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before {
    pub(super) sum: i64,
    pub(super) count: i32,
}

impl Before {
    /// Before the first lane: the windows' own columns added up.
    #[inline(always)]
    pub(super) fn first((outer, guard): (&Columns, &Columns), ring: Ring) -> Self {
        let (o, g) = (ring.outer as usize, ring.guard as usize);
        let total = |columns: &Columns, first: usize, end: usize| Self {
            sum: columns.sum[first..end]
                .iter()
                .map(|&sum| i64::from(sum))
                .sum(),
            count: columns.count[first..end]
                .iter()
                .map(|&count| i32::from(count))
                .sum(),
        };
        let outer = total(outer, 0, 2 * o + 1);
        let guard = total(guard, o - g, o + g + 1);
        Self {
            sum: outer.sum - guard.sum,
            count: outer.count - guard.count,
        }
    }
}

/// Bounds over one lane.
#[derive(Debug, Clone, Copy)]
pub(super) struct Screen {
    /// No ring sum of the lane is smaller.
    least_sum: f64,
    /// No count of the lane is smaller.
    pub(super) least_count: i32,
    /// No count of the lane is larger.
    most_count: f64,
}

impl Screen {
    /// Bounds the lane from `start` and moves `before` behind it.
    #[inline(always)]
    pub(super) fn new(
        (outer, guard): (&Columns, &Columns),
        ring: Ring,
        start: usize,
        before: &mut Before,
    ) -> Self {
        let (o, g) = (ring.outer as usize, ring.guard as usize);
        let (o_in, o_out) = (start + 2 * o + 1, start);
        let (g_in, g_out) = (start + o + g + 1, start + o - g);
        let (sum_change, sum_falls) = sum_change([
            lane(&outer.sum, o_in),
            lane(&outer.sum, o_out),
            lane(&guard.sum, g_in),
            lane(&guard.sum, g_out),
        ]);
        let (count_change, count_falls) = count_change([
            lane(&outer.count, o_in),
            lane(&outer.count, o_out),
            lane(&guard.count, g_in),
            lane(&guard.count, g_out),
        ]);
        // A row's outer window has up to GROUP − 1 rows more than all share, its guard as many fewer than any has.
        let apart = (GROUP as u32 - 1) * (ring.ring_px() + ring.guard_px());
        let most_count = before.count + count_change + count_falls + apart as i32;
        let screen = Self {
            least_sum: (before.sum - sum_falls) as f64,
            least_count: before.count - count_falls,
            most_count: f64::from(most_count.min(ring.area() as i32)),
        };
        before.sum += sum_change;
        before.count += count_change;
        screen
    }

    /// Least power for which [`Self::may_exceed`] is true, rounded down: what is not above it cannot exceed.
    #[inline(always)]
    pub(super) fn weakest(&self, alpha: f64) -> u32 {
        // Negative bounds give 0.
        (alpha * self.least_sum / self.most_count * (1.0 - 1e-12)) as u32
    }

    /// False only if power·n > α·S holds for no pixel of the lane with at most this power: rounding is monotonic.
    #[inline(always)]
    pub(super) fn may_exceed(&self, power: f64, alpha: f64) -> bool {
        let cannot = power * self.most_count <= alpha * self.least_sum;
        !cannot
    }
}

/// Change of the ring sum over the lane, exact, and a bound of the sum of its falls from column to column.
#[inline(always)]
fn sum_change([o_in, o_out, g_in, g_out]: [&[u32; LANE]; 4]) -> (i64, i64) {
    let (mut low, mut steps, mut falls) = (0_i32, 0_i32, 0_i32);
    for at in 0..LANE {
        let outer = o_in[at] as i32 - o_out[at] as i32;
        let guard = g_in[at] as i32 - g_out[at] as i32;
        let step = (outer >> STEP_BITS) - (guard >> STEP_BITS);
        low = low.wrapping_add(outer.wrapping_sub(guard));
        steps += step;
        falls += step.min(0);
    }
    // Each step is off by less than one, so the rough sum is right to 64 steps, and the low bits tell the rest.
    let rough = i64::from(steps) << STEP_BITS;
    let exact = rough + i64::from(low.wrapping_sub(rough as i32));
    (exact, (LANE as i64 - i64::from(falls)) << STEP_BITS)
}

/// Change of the ring count over the lane, and the sum of its falls.
#[inline(always)]
fn count_change([o_in, o_out, g_in, g_out]: [&[u16; LANE]; 4]) -> (i32, i32) {
    let (mut change, mut falls) = (0_i16, 0_i16);
    for at in 0..LANE {
        let outer = o_in[at] as i16 - o_out[at] as i16;
        let guard = g_in[at] as i16 - g_out[at] as i16;
        change += outer - guard;
        falls += (outer - guard).min(0);
    }
    (i32::from(change), -i32::from(falls))
}
