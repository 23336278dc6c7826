//! The hull that explains a target's picture best, and how well it is known.
//!
//! In: a target's pixels and the sea about them. Out: [`Hull`]: place, length, width, direction, each with its standard
//! deviation.
//!
//! `model`: a hull is a uniform rectangle on the ground under a Gaussian point response, above a sea of known mean; speckle
//! multiplies the sum. `descent` finds the seven unknowns by quasi-likelihood (Wedderburn 1974): scoring steps, damped after
//! Marquardt (1963), from a few starts. `confidence` widens the standard deviations of the scoring matrix by what the
//! residuals say: a ship that is no uniform rectangle leaves larger ones.

mod confidence;
mod descent;
mod model;
#[cfg(test)]
mod tests;

pub(super) use model::SIDE_LOBE;

use super::measure::{Mark, Size};
use crate::model::grid::PixelFrame;
use model::{EAST, LENGTH, Matrix, NORTH, Problem, TURN, UNKNOWNS, Vector, WIDTH};

/// Most pixels that a fit looks at; of more, every second, third, … is taken.
const MOST_SAMPLES: usize = 4096;

/// Standard deviation of a direction above which none is told, degrees: a uniform law's is 52.
const UNKNOWN_HEADING_SIGMA_DEG: f64 = 40.0;

/// One pixel's power over the sea's mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample {
    /// Row in the scene.
    pub row: u32,
    /// Column in the scene.
    pub col: u32,
    /// Power over the mean power of the sea.
    pub power: f64,
}

/// What is known of the image about a target.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings<'a> {
    /// The ground under the pixels.
    pub frame: &'a PixelFrame,
    /// Looks of the speckle.
    pub looks: f64,
    /// Shape of the sea's texture; `None` is plain speckle.
    pub nu: Option<f64>,
}

/// A measured hull.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hull {
    /// Row of the centre.
    pub row: f64,
    /// Column of the centre.
    pub col: f64,
    /// Standard deviation of the centre in each horizontal direction, metres.
    pub place_sigma_m: f64,
    /// Length, metres.
    pub length_m: f64,
    /// Standard deviation of the length, metres.
    pub length_sigma_m: f64,
    /// Width, metres.
    pub width_m: f64,
    /// Standard deviation of the width, metres.
    pub width_sigma_m: f64,
    /// Direction of the long axis and its standard deviation, degrees true; `None` if it is not known.
    pub heading: Option<(f64, f64)>,
}

/// Fits a hull to pixels in (row, column) order, from what the mask alone says; `None` if they do not determine one.
pub(super) fn fit(
    samples: &[Sample],
    around: &Surroundings,
    (row, col): (f64, f64),
    start: &Size,
) -> Option<Hull> {
    let every = samples.len().div_ceil(MOST_SAMPLES).max(1);
    let taken: Vec<Sample> = samples.iter().copied().step_by(every).collect();
    if taken.len() <= UNKNOWNS {
        return None;
    }
    let problem = Problem::new(&taken, around, (row, col));
    let best = problem.best(start)?;
    let covariance = problem.scoring(&best).1.cholesky()?.inverse();
    // Thinned pixels are no neighbours.
    let together = if every == 1 {
        problem.together(&best, &taken)
    } else {
        1.0
    };
    let widened = covariance * (problem.spread(&best) * together);
    let hull = Hull::of_fit(&best, &widened, around.frame, (row, col))?;
    // Beside land or no data a hull could slide to where no pixel speaks against it.
    let moved_m = best[EAST].hypot(best[NORTH]);
    let is_where_pixels_are =
        moved_m < 0.5 * start.length_m && hull.length_m < 1.5 * start.length_m;
    is_where_pixels_are.then(|| hull.with_unsure_ends(problem.unsure_ends_m(&best)))
}

impl Hull {
    /// What the shape of the mask alone says.
    pub(super) fn of_mask(mark: &Mark, frame: &PixelFrame, size: &Size) -> Self {
        Self {
            row: mark.row,
            col: mark.col,
            place_sigma_m: 0.5 * frame.pixel_area_m2().sqrt(),
            length_m: size.length_m,
            length_sigma_m: size.length_sigma_m,
            width_m: size.width_m,
            width_sigma_m: size.width_sigma_m,
            heading: size.heading,
        }
    }

    /// What unknowns about a place and their covariance say; `None` if they are no hull.
    fn of_fit(
        at: &Vector,
        covariance: &Matrix,
        frame: &PixelFrame,
        (row, col): (f64, f64),
    ) -> Option<Self> {
        let sigma = |of: usize| covariance[(of, of)].sqrt();
        let (mut long, mut short) = (LENGTH, WIDTH);
        let mut heading_deg = at[TURN].to_degrees();
        if at[LENGTH] < at[WIDTH] {
            (long, short) = (short, long);
            heading_deg += 90.0;
        }
        let (columns, rows) = pixels(frame, at[EAST], at[NORTH])?;
        let heading_sigma_deg = sigma(TURN).to_degrees();
        let hull = Self {
            row: row + rows,
            col: col + columns,
            place_sigma_m: (0.5 * (sigma(EAST).powi(2) + sigma(NORTH).powi(2))).sqrt(),
            length_m: at[long].exp(),
            length_sigma_m: at[long].exp() * sigma(long),
            width_m: at[short].exp(),
            width_sigma_m: at[short].exp() * sigma(short),
            heading: (heading_sigma_deg < UNKNOWN_HEADING_SIGMA_DEG)
                .then_some((half_turn(heading_deg), heading_sigma_deg)),
        };
        let known = [hull.row, hull.col, hull.length_sigma_m, hull.width_sigma_m];
        known.iter().all(|value| value.is_finite()).then_some(hull)
    }

    /// The same with ends that may lie farther out or in, by this standard deviation of the length.
    fn with_unsure_ends(self, sigma_m: f64) -> Self {
        // Two ends that err alone: the centre errs by half of what the length does, along the hull only.
        let place_m = 0.5 * sigma_m * std::f64::consts::FRAC_1_SQRT_2;
        Self {
            length_sigma_m: self.length_sigma_m.hypot(sigma_m),
            place_sigma_m: self.place_sigma_m.hypot(place_m),
            ..self
        }
    }
}

/// A direction within 0 ≤ h < 180.
pub(super) fn half_turn(heading_deg: f64) -> f64 {
    let turned = heading_deg.rem_euclid(180.0);
    // rem_euclid of a tiny negative number rounds up to 180 itself.
    if turned < 180.0 { turned } else { 0.0 }
}

/// Columns and rows of a ground vector; `None` if the frame is flat.
fn pixels(frame: &PixelFrame, east: f64, north: f64) -> Option<(f64, f64)> {
    let (c, r) = (frame.column_m, frame.row_m);
    let area = c[0] * r[1] - c[1] * r[0];
    (area != 0.0).then(|| {
        (
            (east * r[1] - north * r[0]) / area,
            (c[0] * north - c[1] * east) / area,
        )
    })
}
