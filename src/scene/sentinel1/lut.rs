//! Look-up tables on lines and pixels, as calibration and noise annotations carry them.
//!
//! Linear between pixels of a vector, linear between vectors; constant beyond the ends, since some products' last vector
//! or last pixel stops before the image does. A value of 0 means "not measured": its neighbours stand in for it.

use crate::scene::SceneError;
use crate::scene::xml::Node;

/// Values at some pixels of one line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LutVector {
    line: f64,
    /// Ascending.
    pixels: Vec<f64>,
    values: Vec<f64>,
}

/// Vectors by line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lut {
    vectors: Vec<LutVector>,
}

impl LutVector {
    /// Reads `line`, `pixel` and the list called `values`.
    pub(super) fn read(node: Node<'_>, values: &str) -> Result<Self, SceneError> {
        let vector = Self {
            line: node.number("line")?,
            pixels: node.numbers("pixel")?,
            values: node.numbers(values)?,
        };
        let ascending = vector.pixels.windows(2).all(|pair| pair[0] < pair[1]);
        if vector.pixels.is_empty() || vector.pixels.len() != vector.values.len() || !ascending {
            return Err(node.fault(
                values,
                format!(
                    "at line {} holds {} values for {} pixels; expected as many, at ascending pixels",
                    vector.line,
                    vector.values.len(),
                    vector.pixels.len()
                ),
            ));
        }
        if let Some(bad) = vector.values.iter().find(|value| **value < 0.0) {
            return Err(node.fault(
                values,
                format!("at line {} holds {bad}, expected 0 or more", vector.line),
            ));
        }
        Ok(vector)
    }

    /// The value at a pixel; `NaN` where nothing was measured on either side.
    fn at(&self, pixel: f64) -> f64 {
        let next = self.pixels.partition_point(|&p| p <= pixel);
        self.between(next, pixel)
    }

    /// Interpolates between node `next − 1` and node `next`.
    fn between(&self, next: usize, pixel: f64) -> f64 {
        let measured = |index: usize| Some(self.values[index]).filter(|&value| value > 0.0);
        let from = next.checked_sub(1).and_then(measured);
        let to = (next < self.pixels.len()).then(|| measured(next)).flatten();
        match (from, to) {
            (Some(a), Some(b)) => {
                let start = self.pixels[next - 1];
                a + (b - a) * ((pixel - start) / (self.pixels[next] - start))
            }
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => f64::NAN,
        }
    }

    /// Values at the pixels `first ..`, the same as [`Self::at`] gives one by one.
    fn fill(&self, first: u32, out: &mut [f64]) {
        let mut next = self.pixels.partition_point(|&p| p <= f64::from(first));
        for (pixel, slot) in (first..).map(f64::from).zip(out) {
            while next < self.pixels.len() && self.pixels[next] <= pixel {
                next += 1;
            }
            *slot = self.between(next, pixel);
        }
    }
}

impl Lut {
    /// At least one vector; any order.
    pub(super) fn new(mut vectors: Vec<LutVector>) -> Self {
        vectors.sort_by(|a, b| a.line.total_cmp(&b.line));
        vectors.dedup_by(|a, b| a.line == b.line);
        Self { vectors }
    }

    /// True if every value is 0: nothing was measured.
    pub(super) fn is_blank(&self) -> bool {
        self.vectors
            .iter()
            .all(|vector| vector.values.iter().all(|&value| value == 0.0))
    }

    /// True if no value is 0.
    pub(super) fn is_full(&self) -> bool {
        self.vectors
            .iter()
            .all(|vector| vector.values.iter().all(|&value| value > 0.0))
    }

    /// The value at a place; `NaN` where nothing was measured nearby.
    pub(super) fn at(&self, row: f64, col: f64) -> f64 {
        let (from, to, weight) = self.around(row);
        mix(from.at(col), to.at(col), weight)
    }

    /// Values at the pixels `first ..` of a row.
    pub(super) fn fill(&self, row: f64, first: u32, out: &mut [f64]) {
        let (from, to, weight) = self.around(row);
        from.fill(first, out);
        let mut other = vec![0.0; out.len()];
        to.fill(first, &mut other);
        for (slot, other) in out.iter_mut().zip(other) {
            *slot = mix(*slot, other, weight);
        }
    }

    fn around(&self, row: f64) -> (&LutVector, &LutVector, f64) {
        let last = self.vectors.len() - 1;
        let next = self.vectors.partition_point(|vector| vector.line <= row);
        let (from, to) = (
            &self.vectors[next.saturating_sub(1)],
            &self.vectors[next.min(last)],
        );
        let weight = if to.line > from.line {
            (row - from.line) / (to.line - from.line)
        } else {
            0.0
        };
        (from, to, weight)
    }
}

fn mix(from: f64, to: f64, weight: f64) -> f64 {
    match (from.is_nan(), to.is_nan()) {
        (false, false) => from + (to - from) * weight,
        (true, _) => to,
        (_, true) => from,
    }
}
