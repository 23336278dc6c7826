//! A picture's grey values, blurred copies of it, and sums over its rectangles.

use rayon::prelude::*;

/// Most pixels of a picture: two thousand each way, as 40 blurred levels of it are looked at.
pub const MOST_PIXELS: u64 = 2048 * 2048;

/// Blurs end at this many standard deviations.
const REACH: f64 = 4.0;

/// Grey values of an 8-bit picture, row-major.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grey {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `height × width` values.
    pub values: Vec<u8>,
}

impl Grey {
    /// Columns and rows.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.width as usize, self.height as usize)
    }

    /// Blurred by a Gaussian of `sigma_px`; beyond its edges the picture is mirrored.
    pub(super) fn blurred(&self, sigma_px: f64) -> Vec<f32> {
        let (width, height) = self.size();
        let half = (REACH * sigma_px).ceil() as isize;
        let bell: Vec<f64> = (-half..=half)
            .map(|at| (-0.5 * (at as f64 / sigma_px).powi(2)).exp())
            .collect();
        let total: f64 = bell.iter().sum();
        let weights: Vec<f32> = bell.iter().map(|weight| (weight / total) as f32).collect();
        let mut down = vec![0.0_f32; width * height];
        down.par_chunks_mut(width)
            .enumerate()
            .for_each(|(row, out)| {
                for (weight, step) in weights.iter().zip(-half..=half) {
                    let from = mirrored(row as isize + step, height) * width;
                    let line = &self.values[from..from + width];
                    for (out, &value) in out.iter_mut().zip(line) {
                        *out += weight * f32::from(value);
                    }
                }
            });
        let mut across = vec![0.0_f32; width * height];
        let lines = across.par_chunks_mut(width).zip(down.par_chunks(width));
        lines.for_each(|(out, line)| {
            for (col, out) in out.iter_mut().enumerate() {
                let taps = weights.iter().zip(-half..=half);
                *out = taps
                    .map(|(weight, step)| weight * line[mirrored(col as isize + step, width)])
                    .sum();
            }
        });
        across
    }

    /// Grey values below which the stated parts of the picture's pixels lie.
    pub(super) fn quantiles<const N: usize>(&self, parts: [f64; N]) -> [f64; N] {
        let mut counts = [0_u64; 256];
        for &value in &self.values {
            counts[usize::from(value)] += 1;
        }
        parts.map(|part| {
            let rank = (part * self.values.len() as f64) as u64;
            let mut below = 0;
            let found = counts.iter().position(|count| {
                below += count;
                below > rank
            });
            found.unwrap_or(255) as f64
        })
    }
}

/// The place inside `0..length` that a place beyond the edge is a mirror image of.
fn mirrored(at: isize, length: usize) -> usize {
    let length = length as isize;
    let turn = at.rem_euclid(2 * length);
    (if turn < length {
        turn
    } else {
        2 * length - 1 - turn
    }) as usize
}

/// Sums over rectangles of a picture, exact.
pub(super) struct Sums {
    across: usize,
    down: usize,
    sums: Vec<u64>,
}

impl Sums {
    /// Of `value` over all pixels by their place in row-major order.
    pub(super) fn new((width, height): (usize, usize), value: impl Fn(usize) -> u64) -> Self {
        let stride = width + 1;
        let mut sums = vec![0; stride * (height + 1)];
        for row in 0..height {
            let mut line = 0;
            for col in 0..width {
                line += value(row * width + col);
                sums[(row + 1) * stride + col + 1] = sums[row * stride + col + 1] + line;
            }
        }
        Self {
            across: width,
            down: height,
            sums,
        }
    }

    /// Sum over the part of a rectangle that is inside the picture.
    pub(super) fn over(&self, area: &Bounds) -> f64 {
        let clip = |at: i64, end: usize| at.clamp(0, end as i64) as usize;
        let stride = self.across + 1;
        let at =
            |row: i64, col: i64| self.sums[clip(row, self.down) * stride + clip(col, self.across)];
        let (top, bottom) = (area.first_row, area.end_row);
        let (left, right) = (area.first_col, area.end_col);
        (at(bottom, right) + at(top, left) - at(top, right) - at(bottom, left)) as f64
    }
}

/// A rectangle of pixels, ends exclusive; may reach beyond the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bounds {
    /// First row.
    pub first_row: i64,
    /// First column.
    pub first_col: i64,
    /// Row after the last.
    pub end_row: i64,
    /// Column after the last.
    pub end_col: i64,
}

impl Bounds {
    /// Rows.
    pub fn height(&self) -> i64 {
        self.end_row - self.first_row
    }

    /// Columns.
    pub fn width(&self) -> i64 {
        self.end_col - self.first_col
    }

    /// Pixels; 0 where the ends are not after the beginnings.
    pub fn area(&self) -> i64 {
        self.height().max(0) * self.width().max(0)
    }

    /// The longer side.
    pub(super) fn longer(&self) -> i64 {
        self.height().max(self.width())
    }

    /// Widened by `margin` pixels on every side.
    pub(super) fn widened(&self, margin: i64) -> Self {
        Self {
            first_row: self.first_row - margin,
            first_col: self.first_col - margin,
            end_row: self.end_row + margin,
            end_col: self.end_col + margin,
        }
    }

    /// What two rectangles share; may be empty.
    pub fn shared(&self, other: &Self) -> Self {
        Self {
            first_row: self.first_row.max(other.first_row),
            first_col: self.first_col.max(other.first_col),
            end_row: self.end_row.min(other.end_row),
            end_col: self.end_col.min(other.end_col),
        }
    }

    /// What two rectangles share over what they cover together.
    pub fn overlap(&self, other: &Self) -> f64 {
        let shared = self.shared(other).area();
        shared as f64 / (self.area() + other.area() - shared).max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp() -> Grey {
        Grey {
            width: 7,
            height: 5,
            values: (0..35).map(|at| at * 7).collect(),
        }
    }

    #[test]
    fn sums_over_rectangles_are_those_of_adding_pixel_by_pixel() {
        let grey = ramp();
        let sums = Sums::new(grey.size(), |at| u64::from(grey.values[at]));
        let area = Bounds {
            first_row: 1,
            first_col: -3,
            end_row: 9,
            end_col: 4,
        };
        let inside = (1..5).flat_map(|row| (0..4).map(move |col| row * 7 + col));
        let expected: u32 = inside.map(|at| u32::from(grey.values[at])).sum();
        assert!((sums.over(&area) - f64::from(expected)).abs() < 1e-9);
    }

    #[test]
    fn a_blur_keeps_the_sum_and_the_middle_of_a_point() {
        let mut grey = Grey {
            width: 31,
            height: 31,
            values: vec![0; 31 * 31],
        };
        grey.values[15 * 31 + 15] = 255;
        let blurred = grey.blurred(1.0);
        // The peak of a Gaussian of 1 px sampled at its middle: (Σ e^(−n²/2))⁻² = 0.15915.
        assert!((blurred[15 * 31 + 15] / 255.0 - 0.159_15).abs() < 1e-4);
        assert!((blurred.iter().sum::<f32>() / 255.0 - 1.0).abs() < 1e-4);
        let flat = Grey {
            values: vec![9; 31 * 31],
            ..grey
        };
        assert!(
            flat.blurred(2.5)
                .iter()
                .all(|value| (value - 9.0).abs() < 1e-3)
        );
    }
}
