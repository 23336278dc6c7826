//! Sums down the columns of a window, which slide from row to row.

use super::super::SAMPLE_CAP;

/// Sum of DN² and count of valid pixels down each column of a window.
#[derive(Default)]
pub(super) struct Columns {
    /// Below 2³¹: at most 121 × 4095².
    pub(super) sum: Vec<u32>,
    /// At most 121.
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

    /// Moves the window one row down: `enter` comes in below, `leave` goes out above.
    #[inline(always)]
    pub(super) fn slide(&mut self, enter: &[u16], leave: &[u16]) {
        let sums = self.sum.iter_mut().zip(&mut self.count);
        for ((sum, count), (&enter, &leave)) in sums.zip(enter.iter().zip(leave)) {
            *sum = sum.wrapping_add(capped_power_difference(enter, leave));
            *count = count
                .wrapping_add(u16::from(enter != 0))
                .wrapping_sub(u16::from(leave != 0));
        }
    }
}

/// DN² of a background sample.
#[inline(always)]
pub(super) fn capped_power(dn: u16) -> u32 {
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
