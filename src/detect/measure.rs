//! Place, size and direction of a target from the shape of its pixels: where `hull` starts, and what stands where it fails.
//!
//! The centroid is weighted by power. Size and direction come from the second moments of the target's mask, each pixel
//! a full parallelogram on the ground: a uniform rectangle of length l has the variance l²/12 along it. Pixels more
//! than 21 dB below the peak are left out: the first side lobe of a Sentinel-1 GRD lies there. Nothing else of the
//! point response is taken out, so a bright target of a few pixels measures up to two resolution cells too long.

use super::cluster::Cluster;
use super::hull::{SIDE_LOBE, half_turn};
use crate::model::detection::PixelExtent;
use crate::model::grid::PixelFrame;

/// Relative errors of lengths and widths by morphology on Sentinel-1 (Stasolla and Greidanus 2016, 127 ships of 24–366 m).
const RELATIVE_LENGTH_ERROR: f64 = 0.15;
const RELATIVE_WIDTH_ERROR: f64 = 0.35;

/// Standard deviation of a direction of which nothing is known: uniform over 180°.
const UNKNOWN_HEADING_SIGMA_DEG: f64 = 51.96;

/// Least ratio of the two variances for a direction to be told.
const LEAST_ELONGATION: f64 = 1.2;

/// Pixels to one independent sample: GRD pixels are half a resolution cell wide.
const PIXELS_A_SAMPLE: f64 = 4.0;

/// What a mask looks like in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mark {
    /// Power-weighted centroid row.
    pub row: f64,
    /// Power-weighted centroid column.
    pub col: f64,
    /// Brightest pixel: row, column, amplitude.
    pub peak: (u32, u32, u16),
    /// Mean power, DN².
    pub mean_power: f64,
    /// Pixels in the mask.
    pub pixels: u32,
    /// Bounding box.
    pub extent: PixelExtent,
    /// Variances and covariance of column and row over the mask: (columns, rows, both), pixel².
    pub moments: (f64, f64, f64),
}

/// Size and direction on the ground.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Size {
    /// Length, metres.
    pub length_m: f64,
    /// Standard deviation of the length, metres.
    pub length_sigma_m: f64,
    /// Width, metres.
    pub width_m: f64,
    /// Standard deviation of the width, metres.
    pub width_sigma_m: f64,
    /// Direction of the long axis and its standard deviation, degrees true; `None` for round marks.
    pub heading: Option<(f64, f64)>,
}

/// Measures a cluster in pixels; `None` for one without pixels.
pub(super) fn mark(cluster: &Cluster) -> Option<Mark> {
    let peak = cluster
        .pixels
        .iter()
        .max_by_key(|pixel| (pixel.dn, std::cmp::Reverse((pixel.row, pixel.col))))?;
    let power = |dn: u16| f64::from(dn).powi(2);
    let floor = SIDE_LOBE * power(peak.dn);
    let mask: Vec<(f64, f64, f64)> = cluster
        .pixels
        .iter()
        .filter(|pixel| power(pixel.dn) >= floor)
        .map(|pixel| (f64::from(pixel.row), f64::from(pixel.col), power(pixel.dn)))
        .collect();
    let count = mask.len() as f64;
    let total: f64 = mask.iter().map(|pixel| pixel.2).sum();
    let mean = |value: fn(&(f64, f64, f64)) -> f64| mask.iter().map(value).sum::<f64>() / count;
    let (row0, col0) = (mean(|p| p.0), mean(|p| p.1));
    let second = |f: &dyn Fn(f64, f64) -> f64| {
        mask.iter().map(|p| f(p.1 - col0, p.0 - row0)).sum::<f64>() / count
    };
    let span = |value: fn(&(f64, f64, f64)) -> f64| {
        let fold = |init: f64, pick: fn(f64, f64) -> f64| mask.iter().map(value).fold(init, pick);
        (fold(f64::MAX, f64::min) as u32, fold(0.0, f64::max) as u32)
    };
    let ((first_row, last_row), (first_col, last_col)) = (span(|p| p.0), span(|p| p.1));
    Some(Mark {
        row: mask.iter().map(|p| p.0 * p.2).sum::<f64>() / total,
        col: mask.iter().map(|p| p.1 * p.2).sum::<f64>() / total,
        peak: (peak.row, peak.col, peak.dn),
        mean_power: total / count,
        pixels: mask.len() as u32,
        extent: PixelExtent {
            first_row,
            last_row,
            first_col,
            last_col,
        },
        // A pixel is a square of variance 1/12 about its centre.
        moments: (
            second(&|x, _| x * x) + 1.0 / 12.0,
            second(&|_, y| y * y) + 1.0 / 12.0,
            second(&|x, y| x * y),
        ),
    })
}

/// Lays a mark on the ground.
pub(super) fn size(mark: &Mark, frame: &PixelFrame) -> Size {
    let (xx, yy, xy) = mark.moments;
    let (c, r) = (frame.column_m, frame.row_m);
    let moment =
        |i: usize, j: usize| xx * c[i] * c[j] + yy * r[i] * r[j] + xy * (c[i] * r[j] + r[i] * c[j]);
    let (east, north, both) = (moment(0, 0), moment(1, 1), moment(0, 1));
    let half_gap = 0.5 * (east - north).hypot(2.0 * both);
    let middle = 0.5 * (east + north);
    let (long, short) = (middle + half_gap, (middle - half_gap).max(0.0));
    let length_m = (12.0 * long).sqrt();
    let pixel_m = frame.pixel_area_m2().sqrt();
    // Two ends, each known to half a pixel.
    let ends_m = 0.5 * pixel_m * std::f64::consts::SQRT_2;
    let width_m = (12.0 * short).sqrt();
    let heading = (long > LEAST_ELONGATION * short).then(|| {
        // Bearing from north, clockwise, of the axis of the larger variance.
        let bearing_deg = (0.5 * (2.0 * both).atan2(north - east)).to_degrees();
        let samples = (f64::from(mark.pixels) / PIXELS_A_SAMPLE).max(1.0);
        let scatter = (long * short / samples).sqrt() / (long - short);
        let sigma_deg = scatter.hypot(0.5 * pixel_m / length_m).to_degrees();
        (
            half_turn(bearing_deg),
            sigma_deg.min(UNKNOWN_HEADING_SIGMA_DEG),
        )
    });
    Size {
        length_m,
        length_sigma_m: ends_m.hypot(RELATIVE_LENGTH_ERROR * length_m),
        width_m,
        width_sigma_m: ends_m.hypot(RELATIVE_WIDTH_ERROR * width_m),
        heading,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "the marks have pixels by construction")]
mod tests {
    use super::*;
    use crate::detect::grow::Pixel;

    /// A filled rectangle on the ground, 10 m pixels, north up.
    fn rectangle(length_m: f64, width_m: f64, heading_deg: f64) -> Cluster {
        let (sin, cos) = heading_deg.to_radians().sin_cos();
        let mut pixels = Vec::new();
        for row in 0..100 {
            for col in 0..100 {
                let (east, north) = (
                    (f64::from(col) - 50.2) * 10.0,
                    (49.9 - f64::from(row)) * 10.0,
                );
                let (along, across) = (east * sin + north * cos, east * cos - north * sin);
                if along.abs() <= length_m / 2.0 && across.abs() <= width_m / 2.0 {
                    pixels.push(Pixel {
                        stands_out: true,
                        row,
                        col,
                        dn: 500,
                        steps: 0,
                        origin: 0,
                        beside_blank: false,
                    });
                }
            }
        }
        Cluster {
            hits: Vec::new(),
            pixels,
            beside: Vec::new(),
        }
    }

    #[test]
    fn a_rectangle_of_known_size_and_heading_is_measured() {
        let frame = PixelFrame::from_spacing(10.0, 10.0);
        for (length_m, width_m, heading_deg) in [
            (200.0, 40.0, 30.0),
            (320.0, 50.0, 150.0),
            (150.0, 30.0, 90.0),
        ] {
            let mark = mark(&rectangle(length_m, width_m, heading_deg)).unwrap();
            let size = size(&mark, &frame);
            // Sampling at pixel centres: ends are known to a pixel.
            assert!((size.length_m - length_m).abs() < 10.0, "{size:?}");
            assert!((size.width_m - width_m).abs() < 10.0, "{size:?}");
            let (heading, sigma) = size.heading.unwrap();
            assert!((heading - heading_deg).abs() < 3.0, "{size:?}");
            assert!(sigma > 0.0 && sigma < 10.0 && size.length_sigma_m >= 5.0);
            assert!(
                (mark.col - 50.2).abs() < 0.3 && (mark.row - 49.9).abs() < 0.3,
                "{mark:?}"
            );
        }
    }

    #[test]
    fn oblong_pixels_are_measured_on_the_ground_and_not_in_the_image() {
        let pixels = (0..10).map(|row| Pixel {
            stands_out: true,
            row,
            col: 3,
            dn: 9,
            steps: 0,
            origin: 0,
            beside_blank: false,
        });
        let mark = mark(&Cluster {
            hits: Vec::new(),
            pixels: pixels.collect(),
            beside: Vec::new(),
        })
        .unwrap();
        // Rows run to the south-east: 4 m a row; columns 10 m to the north-east.
        let diagonal = std::f64::consts::FRAC_1_SQRT_2;
        let frame = PixelFrame {
            column_m: [10.0 * diagonal, 10.0 * diagonal],
            row_m: [4.0 * diagonal, -4.0 * diagonal],
        };
        let size = size(&mark, &frame);
        assert!(
            (size.length_m - 40.0).abs() < 1e-9 && (size.width_m - 10.0).abs() < 1e-9,
            "{size:?}"
        );
        assert!((size.heading.unwrap().0 - 135.0).abs() < 1e-9, "{size:?}");
    }

    #[test]
    fn side_lobes_do_not_lengthen_and_a_single_pixel_has_no_heading() {
        let pixel = |col, dn| Pixel {
            stands_out: true,
            row: 5,
            col,
            dn,
            steps: 0,
            origin: 0,
            beside_blank: false,
        };
        let cluster = Cluster {
            hits: Vec::new(),
            pixels: vec![pixel(4, 80), pixel(5, 1000), pixel(6, 80)],
            beside: Vec::new(),
        };
        let mark = mark(&cluster).unwrap();
        assert_eq!(
            (mark.pixels, mark.extent.first_col, mark.extent.last_col),
            (1, 5, 5)
        );
        let size = size(&mark, &PixelFrame::from_spacing(10.0, 10.0));
        assert!((size.length_m - 10.0).abs() < 1e-9 && size.heading.is_none());
    }
}
