//! A ship's picture: a uniform rectangle of its length and width under the radar's point response.
//!
//! The response is a Gaussian of the product's resolution, the same in all directions, so that the picture of a
//! rectangle has a closed form along and across the ship and needs no sub-sampling:
//! σ⁰(x, y) = σ⁰ · ½[Φ(x)]·½[Φ(y)], Φ(x) = erf((x + L/2)/√2s) − erf((x − L/2)/√2s).

use crate::model::grid::PixelFrame;
use special::Error;

/// A rectangle on the sea.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Hull {
    /// Centre, rows and columns of the image.
    pub(crate) row: f64,
    pub(crate) col: f64,
    pub(crate) length_m: f64,
    pub(crate) width_m: f64,
    /// Direction of the bow, degrees true.
    pub(crate) heading_deg: f64,
}

/// Part of an image: σ⁰ relative to the rectangle's own.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Patch {
    pub(crate) first_row: i64,
    pub(crate) first_col: i64,
    pub(crate) width: usize,
    /// Row-major.
    pub(crate) values: Vec<f32>,
}

impl Patch {
    /// The picture of `hull` under a Gaussian response of full width `resolution_m` at half power.
    pub(crate) fn of(hull: &Hull, frame: &PixelFrame, resolution_m: f64) -> Self {
        let sigma_m = resolution_m / (8.0 * std::f64::consts::LN_2).sqrt();
        let reach_m = hull.length_m.hypot(hull.width_m) / 2.0 + 4.0 * sigma_m;
        let col_m = frame.column_m[0].hypot(frame.column_m[1]);
        let row_m = frame.row_m[0].hypot(frame.row_m[1]);
        let first_col = (hull.col - reach_m / col_m).floor() as i64;
        let last_col = (hull.col + reach_m / col_m).ceil() as i64;
        let first_row = (hull.row - reach_m / row_m).floor() as i64;
        let last_row = (hull.row + reach_m / row_m).ceil() as i64;
        let (sin, cos) = hull.heading_deg.to_radians().sin_cos();
        let spread = std::f64::consts::SQRT_2 * sigma_m;
        let smeared = |x: f64, size: f64| {
            0.5 * (((x + size / 2.0) / spread).error() - ((x - size / 2.0) / spread).error())
        };
        let mut values = Vec::new();
        for row in first_row..=last_row {
            for col in first_col..=last_col {
                let [east, north] = frame.ground_m(col as f64 - hull.col, row as f64 - hull.row);
                let along = east * sin + north * cos;
                let across = east * cos - north * sin;
                values.push((smeared(along, hull.length_m) * smeared(across, hull.width_m)) as f32);
            }
        }
        Self {
            first_row,
            first_col,
            width: (last_col - first_col + 1) as usize,
            values,
        }
    }

    /// Largest value: how much of the hull's σ⁰ the brightest pixel shows.
    pub(crate) fn peak(&self) -> f32 {
        self.values.iter().copied().fold(0.0, f32::max)
    }

    /// The same picture moved by whole rows and columns and dimmed: an azimuth ambiguity.
    pub(crate) fn ghost(&self, (rows, cols): (i64, i64), factor: f32) -> Self {
        Self {
            first_row: self.first_row + rows,
            first_col: self.first_col + cols,
            values: self.values.iter().map(|value| value * factor).collect(),
            ..self.clone()
        }
    }

    /// The picture convolved along its columns (`along_rows`: up and down) or its rows with a kernel that is the same to both
    /// sides, given from its centre outwards.
    pub(crate) fn smeared(&self, kernel: &[f32], along_rows: bool) -> Self {
        let reach = kernel.len().saturating_sub(1);
        let height = self.values.len() / self.width;
        let (more_rows, more_cols) = if along_rows { (reach, 0) } else { (0, reach) };
        let (width, rows) = (self.width + 2 * more_cols, height + 2 * more_rows);
        let mut values = vec![0.0; width * rows];
        for (index, &value) in self.values.iter().enumerate() {
            let (row, col) = (
                index / self.width + more_rows,
                index % self.width + more_cols,
            );
            for (px, &weight) in kernel.iter().enumerate() {
                let mut add = |row: usize, col: usize| values[row * width + col] += weight * value;
                if along_rows {
                    add(row - px, col);
                    add(row + px, col);
                } else {
                    add(row, col - px);
                    add(row, col + px);
                }
            }
        }
        Self {
            first_row: self.first_row - more_rows as i64,
            first_col: self.first_col - more_cols as i64,
            width,
            values,
        }
    }

    /// Adds `gain` × this picture to one row of σ⁰.
    pub(crate) fn add_to_row(&self, row: u32, gain: f32, out: &mut [f32]) {
        let line = i64::from(row) - self.first_row;
        if line < 0 {
            return;
        }
        let Some(values) = self
            .values
            .chunks_exact(self.width)
            .nth(usize::try_from(line).unwrap_or(usize::MAX))
        else {
            return;
        };
        for (offset, value) in values.iter().enumerate() {
            let col = self.first_col + offset as i64;
            if let Some(pixel) = usize::try_from(col).ok().and_then(|col| out.get_mut(col)) {
                *pixel += gain * value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(patch: &Patch) -> (f64, f64, f64) {
        let (mut sum, mut row_sum, mut col_sum) = (0.0, 0.0, 0.0);
        for (index, value) in patch.values.iter().enumerate() {
            let value = f64::from(*value);
            sum += value;
            row_sum += value * (patch.first_row + (index / patch.width) as i64) as f64;
            col_sum += value * (patch.first_col + (index % patch.width) as i64) as f64;
        }
        (sum, row_sum / sum, col_sum / sum)
    }

    #[test]
    fn a_ship_has_its_centroid_where_it_is_and_its_area_in_pixels() {
        let frame = PixelFrame::from_spacing(10.0, 10.0);
        for (heading_deg, row, col) in [(0.0, 50.0, 60.0), (37.0, 50.3, 60.7), (90.0, 49.5, 60.2)] {
            let hull = Hull {
                row,
                col,
                length_m: 120.0,
                width_m: 20.0,
                heading_deg,
            };
            let (sum, r, c) = moments(&Patch::of(&hull, &frame, 20.0));
            // A blur keeps the integral: 2,400 m² over 100 m² pixels; the cut at 4 s and sampling leave < 0.5 %.
            assert!((sum / 24.0 - 1.0).abs() < 5e-3, "{sum}");
            assert!((r - row).abs() < 0.01 && (c - col).abs() < 0.01, "{r} {c}");
        }
    }

    #[test]
    fn a_ship_heading_north_is_long_in_rows_and_one_heading_east_in_columns() {
        let frame = PixelFrame::from_spacing(10.0, 10.0);
        let spread = |heading_deg: f64| {
            let hull = Hull {
                row: 30.0,
                col: 30.0,
                length_m: 200.0,
                width_m: 30.0,
                heading_deg,
            };
            let patch = Patch::of(&hull, &frame, 20.0);
            let (sum, r, c) = moments(&patch);
            let (mut rows, mut cols) = (0.0, 0.0);
            for (index, value) in patch.values.iter().enumerate() {
                let value = f64::from(*value) / sum;
                let row = (patch.first_row + (index / patch.width) as i64) as f64;
                let col = (patch.first_col + (index % patch.width) as i64) as f64;
                rows += value * (row - r).powi(2);
                cols += value * (col - c).powi(2);
            }
            (rows, cols)
        };
        // A uniform bar has variance L²/12 plus that of the response, (20 m / 2.355)².
        let expected = (200.0_f64.powi(2) / 12.0 + (20.0_f64 / 2.3548).powi(2)) / 100.0;
        assert!((spread(0.0).0 / expected - 1.0).abs() < 0.01);
        assert!((spread(90.0).1 / expected - 1.0).abs() < 0.01);
        assert!(spread(0.0).1 < 0.1 * spread(0.0).0);
    }

    #[test]
    fn a_picture_at_the_edge_is_clipped_and_a_ghost_is_the_picture_elsewhere() {
        let frame = PixelFrame::from_spacing(10.0, 10.0);
        let hull = Hull {
            row: 0.0,
            col: 0.0,
            length_m: 80.0,
            width_m: 15.0,
            heading_deg: 45.0,
        };
        let patch = Patch::of(&hull, &frame, 20.0);
        let mut row = vec![0.0; 5];
        patch.add_to_row(0, 2.0, &mut row);
        assert!((row[0] - 2.0 * patch.peak()).abs() < 1e-6);
        let mut ghost_row = vec![0.0; 5];
        patch
            .ghost((40, 0), 0.5)
            .add_to_row(40, 4.0, &mut ghost_row);
        assert_eq!(row, ghost_row);
        let mut beyond = vec![0.0; 5];
        patch.add_to_row(4000, 2.0, &mut beyond);
        assert_eq!(beyond, vec![0.0; 5]);
    }
}
