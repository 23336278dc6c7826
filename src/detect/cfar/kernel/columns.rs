//! Sums down the columns of a window, which slide from group to group of rows.
//!
//! A group bounds the sums of its rows: the outer window is summed over the rows that all of them share, the guard over
//! the rows that any of them has. The exact sums of one row differ from these by a few rows.

use super::super::SAMPLE_CAP;
use std::ops::Range;

/// Rows tested together.
pub(super) const GROUP: usize = 4;

/// Rows of a window about a group, beside those of one row alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    /// Half the height of the window of one row.
    half: i64,
    /// True for the rows that all windows of the group share, false for those that any has.
    shared: bool,
}

impl Reach {
    /// The rows that the windows of all rows of a group share.
    pub(super) fn shared(half: u32) -> Self {
        Self {
            half: i64::from(half),
            shared: true,
        }
    }

    /// The rows that the window of any row of a group has.
    pub(super) fn any(half: u32) -> Self {
        Self {
            half: i64::from(half),
            shared: false,
        }
    }

    /// Rows of the window about the group from row `first`.
    #[inline(always)]
    pub(super) fn rows(self, first: i64) -> Range<i64> {
        let last = first + GROUP as i64 - 1;
        let (highest, lowest) = match self.shared {
            true => (last, first),
            false => (first, last),
        };
        highest - self.half..lowest + self.half + 1
    }

    /// Rows of the window of row `row` alone.
    #[inline(always)]
    pub(super) fn alone(self, row: i64) -> Range<i64> {
        row - self.half..row + self.half + 1
    }
}

/// Sum of DN² and count of valid pixels down each column of a window.
#[derive(Default)]
pub(super) struct Columns {
    /// Below 2³¹: at most 122 × 4095².
    pub(super) sum: Vec<u32>,
    /// At most 122.
    pub(super) count: Vec<u16>,
}

impl Columns {
    /// Empties the window; `columns` with the padding behind the last that slides.
    pub(super) fn reset(&mut self, columns: usize) {
        self.sum.clear();
        self.sum.resize(columns, 0);
        self.count.clear();
        self.count.resize(columns, 0);
    }

    /// Adds rows.
    #[inline(always)]
    pub(super) fn fill<'a>(&mut self, rows: impl Iterator<Item = &'a [u16]>) {
        for row in rows {
            self.change::<1>([row], [row], [true, false]);
        }
    }

    /// Moves the window one group down, onto `rows`.
    #[inline(always)]
    pub(super) fn slide<'a>(&mut self, row: &impl Fn(i64) -> &'a [u16], rows: Range<i64>) {
        let step = GROUP as i64;
        let below: [&[u16]; GROUP] = std::array::from_fn(|at| row(rows.end - step + at as i64));
        let above: [&[u16]; GROUP] = std::array::from_fn(|at| row(rows.start - step + at as i64));
        self.change(below, above, [true, true]);
    }

    /// The exact columns of one row: those in `columns` of `bound`, which holds the rows `held`, with the rows `wanted`.
    #[inline(always)]
    pub(super) fn restore<'a>(
        &mut self,
        bound: &Self,
        columns: Range<usize>,
        row: &impl Fn(i64) -> &'a [u16],
        (held, wanted): (Range<i64>, Range<i64>),
    ) {
        self.sum.clear();
        self.sum.extend_from_slice(&bound.sum[columns.clone()]);
        self.count.clear();
        self.count.extend_from_slice(&bound.count[columns]);
        for (part, sign) in [
            (wanted.start..held.start, [true, false]),
            (held.end..wanted.end, [true, false]),
            (held.start..wanted.start, [false, true]),
            (wanted.end..held.end, [false, true]),
        ] {
            for line in part.map(row) {
                self.change::<1>([line], [line], sign);
            }
        }
    }

    /// Takes the rows `enter` in and the rows `leave` out, as far as `both` says.
    #[inline(always)]
    fn change<const ROWS: usize>(
        &mut self,
        enter: [&[u16]; ROWS],
        leave: [&[u16]; ROWS],
        [enters, leaves]: [bool; 2],
    ) {
        let columns = enter[0].len();
        let (enter, leave) = (
            enter.map(|row| &row[..columns]),
            leave.map(|row| &row[..columns]),
        );
        let (sums, counts) = (&mut self.sum[..columns], &mut self.count[..columns]);
        let (come, go) = (u16::from(enters), u16::from(leaves));
        for at in 0..columns {
            let (mut sum, mut count) = (sums[at], counts[at]);
            for (enter, leave) in enter.iter().zip(&leave) {
                let (enter, leave) = (enter[at] * come, leave[at] * go);
                sum = sum.wrapping_add(capped_power_difference(enter, leave));
                count = count
                    .wrapping_add(u16::from(enter != 0))
                    .wrapping_sub(u16::from(leave != 0));
            }
            (sums[at], counts[at]) = (sum, count);
        }
    }
}

/// DN² of a background sample.
#[inline(always)]
pub(in crate::detect::cfar) fn capped_power(dn: u16) -> u32 {
    // Below 2¹²: a signed 16-bit multiply, which every vector unit has.
    let dn = i32::from(dn.min(SAMPLE_CAP) as i16);
    (dn * dn) as u32
}

/// Difference of two background samples' DN², as (a + b)(a − b): one multiplication.
#[inline(always)]
fn capped_power_difference(a: u16, b: u16) -> u32 {
    let (a, b) = (a.min(SAMPLE_CAP) as i16, b.min(SAMPLE_CAP) as i16);
    (i32::from(a + b) * i32::from(a - b)) as u32
}
