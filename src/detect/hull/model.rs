//! What a hull looks like in an image, and how that changes with each unknown.
//!
//! A pixel of modelled power μ over a sea of mean 1 has the variance
//!
//! V = μ²/L + (1 + 1/L)/ν + (side lobe × peak)².
//!
//! What pixels cannot tell, ships do: of most, length over beam is between 4 and 9. Below the resolution only that keeps
//! length and width apart.

use super::{Sample, Surroundings};
use nalgebra::{SMatrix, SVector};
use special::Error;

/// Full width of the point response at half power, pixels: ground-range products are sampled twice a resolution cell.
const RESPONSE_PX: f64 = 2.0;

/// First side lobe of a Sentinel-1 GRD over its peak (−21 dB).
pub(in crate::detect) const SIDE_LOBE: f64 = 7.943e-3;

/// East and north (metres from the start), ln length, ln width (metres), direction (radians), ln brightness, and ln of the
/// point response's width over the usual.
pub(super) const UNKNOWNS: usize = 7;
pub(super) const EAST: usize = 0;
pub(super) const NORTH: usize = 1;
pub(super) const LENGTH: usize = 2;
pub(super) const WIDTH: usize = 3;
pub(super) const TURN: usize = 4;
pub(super) const GAIN: usize = 5;
pub(super) const BLUR: usize = 6;

pub(super) type Vector = SVector<f64, UNKNOWNS>;
pub(super) type Matrix = SMatrix<f64, UNKNOWNS, UNKNOWNS>;

/// What is known before any pixel is seen: a sum of unknowns follows a normal law.
pub(super) struct Prior {
    /// The factor of each unknown in the sum.
    factors: [f64; UNKNOWNS],
    middle: f64,
    sigma: f64,
}

impl Prior {
    pub(super) fn factors(&self) -> Vector {
        Vector::from(self.factors)
    }

    /// Distance from the middle, standard deviations.
    pub(super) fn off(&self, at: &Vector) -> f64 {
        (self.factors().dot(at) - self.middle) / self.sigma
    }

    pub(super) fn sigma(&self) -> f64 {
        self.sigma
    }
}

pub(super) static PRIORS: [Prior; 3] = [
    // Length over beam: median 5.7; 4 (fishing vessels) and 8 (patrol ships) are one standard deviation away.
    Prior {
        factors: [0.0, 0.0, 1.0, -1.0, 0.0, 0.0, 0.0],
        middle: 1.74,
        sigma: 0.35,
    },
    // Length: median 60 m. Wide: it holds what is a point in the image.
    Prior {
        factors: [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0],
        middle: 4.1,
        sigma: 1.0,
    },
    // Products differ in how finely they are sampled, and a moving ship is smeared.
    Prior {
        factors: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
        middle: 0.0,
        sigma: 0.15,
    },
];

/// A pixel on the ground: metres east and north of the start, and its power over the sea's mean.
pub(super) struct Point {
    pub east: f64,
    pub north: f64,
    pub power: f64,
}

/// Pixels to explain.
pub(super) struct Problem<'a> {
    pub points: Vec<Point>,
    pub around: &'a Surroundings<'a>,
    /// Variance of a pixel that does not depend on the hull.
    noise: f64,
    /// Variances and covariance of the usual point response on the ground, m²: east, north, both.
    pub response: [f64; 3],
}

impl<'a> Problem<'a> {
    /// Pixels about a place given as row and column.
    pub(super) fn new(
        samples: &[Sample],
        around: &'a Surroundings<'a>,
        (row, col): (f64, f64),
    ) -> Self {
        let points: Vec<Point> = samples
            .iter()
            .map(|sample| {
                let [east, north] = around
                    .frame
                    .ground_m(f64::from(sample.col) - col, f64::from(sample.row) - row);
                Point {
                    east,
                    north,
                    power: sample.power,
                }
            })
            .collect();
        let peak = points.iter().map(|point| point.power).fold(1.0, f64::max);
        let texture = around.nu.map_or(0.0, |nu| (1.0 + 1.0 / around.looks) / nu);
        let spread_px = RESPONSE_PX / (8.0 * std::f64::consts::LN_2).sqrt();
        let (c, r) = (around.frame.column_m, around.frame.row_m);
        let moment = |i: usize, j: usize| spread_px * spread_px * (c[i] * c[j] + r[i] * r[j]);
        Self {
            points,
            around,
            noise: texture + (SIDE_LOBE * peak).powi(2),
            response: [moment(0, 0), moment(1, 1), moment(0, 1)],
        }
    }

    /// Modelled power at a point.
    pub(super) fn power(&self, at: &Vector, point: &Point) -> f64 {
        let [long, short] = self.edges(at, point);
        1.0 + at[GAIN].exp() * long.value * short.value
    }

    /// Modelled power at a point and its derivatives.
    pub(super) fn slopes(&self, at: &Vector, point: &Point) -> (f64, Vector) {
        let (sin, cos) = at[TURN].sin_cos();
        let (along, across) = axes(at, point);
        let [long, short] = self.edges(at, point);
        let [long_turn, short_turn] = self.blur_by_turn(at);
        let gain = at[GAIN].exp();
        let excess = gain * long.value * short.value;
        let by_along = gain * long.by_place * short.value;
        let by_across = gain * long.value * short.by_place;
        let mut by = Vector::zeros();
        by[EAST] = -by_along * sin - by_across * cos;
        by[NORTH] = -by_along * cos + by_across * sin;
        by[LENGTH] = gain * long.by_size * at[LENGTH].exp() * short.value;
        by[WIDTH] = gain * long.value * short.by_size * at[WIDTH].exp();
        let (blur_long, blur_short) = (long.by_blur * short.value, long.value * short.by_blur);
        by[TURN] = by_along * across - by_across * along
            + gain * (blur_long * long_turn + blur_short * short_turn);
        by[GAIN] = excess;
        by[BLUR] = gain * (blur_long + blur_short);
        (1.0 + excess, by)
    }

    /// The bar along the hull and the one across it at a point.
    fn edges(&self, at: &Vector, point: &Point) -> [Edge; 2] {
        let (along, across) = axes(at, point);
        let [along_s, across_s] = self
            .blur(at)
            .map(|variance| at[BLUR].exp() * variance.sqrt());
        [
            Edge::of(along, at[LENGTH].exp(), along_s),
            Edge::of(across, at[WIDTH].exp(), across_s),
        ]
    }

    /// Variance of the usual response along the hull and across it, m².
    fn blur(&self, at: &Vector) -> [f64; 2] {
        let (sin, cos) = at[TURN].sin_cos();
        let [ee, nn, en] = self.response;
        [
            ee * sin * sin + nn * cos * cos + 2.0 * en * sin * cos,
            ee * cos * cos + nn * sin * sin - 2.0 * en * sin * cos,
        ]
    }

    /// How ln of the response's width along the hull and across it changes as the hull turns.
    fn blur_by_turn(&self, at: &Vector) -> [f64; 2] {
        let (sin, cos) = (2.0 * at[TURN]).sin_cos();
        let [ee, nn, en] = self.response;
        let change = (ee - nn) * sin + 2.0 * en * cos;
        let [along, across] = self.blur(at);
        [0.5 * change / along, -0.5 * change / across]
    }

    /// Variance of a pixel of modelled power.
    pub(super) fn variance(&self, power: f64) -> f64 {
        power * power / self.around.looks + self.noise
    }
}

/// Metres of a point along and across the hull from its centre.
pub(super) fn axes(at: &Vector, point: &Point) -> (f64, f64) {
    let (sin, cos) = at[TURN].sin_cos();
    let (east, north) = (point.east - at[EAST], point.north - at[NORTH]);
    (east * sin + north * cos, east * cos - north * sin)
}

/// A bar of some size under the response: its height at a place, and how that changes.
struct Edge {
    value: f64,
    by_place: f64,
    by_size: f64,
    /// By ln of the response's width.
    by_blur: f64,
}

impl Edge {
    fn of(place: f64, size: f64, spread: f64) -> Self {
        let ends = [place + size / 2.0, place - size / 2.0];
        let [upper, lower] = ends.map(|end| (end / (std::f64::consts::SQRT_2 * spread)).error());
        let [rise, fall] = ends.map(|end| {
            (-0.5 * (end / spread).powi(2)).exp() / (spread * std::f64::consts::TAU.sqrt())
        });
        Self {
            value: 0.5 * (upper - lower),
            by_place: rise - fall,
            by_size: 0.5 * (rise + fall),
            by_blur: ends[1] * fall - ends[0] * rise,
        }
    }
}
