//! A frame of pixels and the direction of the ground under it.

use serde::{Deserialize, Serialize};

/// The map from a pixel offset to the ground near one pixel: turns shapes in pixels into metres and bearings.
///
/// `[east_m, north_m] = column_m · Δcolumn + row_m · Δrow`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PixelFrame {
    /// Ground vector of one column step, metres east and north.
    pub column_m: [f64; 2],
    /// Ground vector of one row step, metres east and north.
    pub row_m: [f64; 2],
}

impl PixelFrame {
    /// A frame without a georeference: columns run right ("east"), rows run down ("south").
    pub fn from_spacing(column_spacing_m: f64, row_spacing_m: f64) -> Self {
        Self {
            column_m: [column_spacing_m, 0.0],
            row_m: [0.0, -row_spacing_m],
        }
    }

    /// Ground vector of a pixel offset, metres east and north.
    pub fn ground_m(&self, columns: f64, rows: f64) -> [f64; 2] {
        [
            self.column_m[0] * columns + self.row_m[0] * rows,
            self.column_m[1] * columns + self.row_m[1] * rows,
        ]
    }

    /// Ground area of one pixel, square metres.
    pub fn pixel_area_m2(&self) -> f64 {
        (self.column_m[0] * self.row_m[1] - self.column_m[1] * self.row_m[0]).abs()
    }
}
