//! Range-Doppler geocoding at sea level: pixel ↔ place, time and viewing geometry.
//!
//! A row is a zero-Doppler instant; a column is a ground range, which the product's polynomials turn into a slant range. The
//! target is where the circle of that range in the plane across the velocity meets the WGS 84 ellipsoid, on the side the
//! radar looks to. No terrain is used: ships float at height 0, and grid points over land carry the land's height.
//!
//! # Source
//!
//! Small and Schubert (2008), Guide to ASAR Geocoding; Sentinel-1 Product Specification S1-RS-MDA-52-7441.

use super::orbit::{Motion, Orbit, StateVector, after};
use crate::model::grid::PixelFrame;
use crate::model::scene::{PixelGeometry, SarGeometry};
use crate::model::units::LonLat;
use crate::scene::SceneError;
use jiff::Timestamp;

/// WGS 84 semi-major axis, metres.
const A_M: f64 = 6_378_137.0;
/// WGS 84 flattening.
const FLATTENING: f64 = 1.0 / 298.257_223_563;
/// WGS 84 first eccentricity squared.
const E2: f64 = FLATTENING * (2.0 - FLATTENING);
/// WGS 84 semi-minor axis, metres.
const B_M: f64 = A_M * (1.0 - FLATTENING);
/// How far beyond the swath the range polynomials are trusted; further out they go on as straight lines, metres.
const POLYNOMIAL_MARGIN_M: f64 = 2000.0;

/// Ground range ↔ slant range at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct RangeConversion {
    /// The instant the polynomial holds for (UTC).
    pub time: Timestamp,
    /// Origin of the ground range, metres.
    pub ground_origin_m: f64,
    /// Slant range, metres, as a polynomial of (ground range − origin), metres; lowest power first (`grsrCoefficients`).
    pub slant_from_ground: Vec<f64>,
}

/// The plain numbers that define the geometry of one ground-range image.
#[derive(Debug, Clone, PartialEq)]
pub struct GeometryParts {
    /// Platform states around the acquisition.
    pub state_vectors: Vec<StateVector>,
    /// Zero-Doppler time of row 0 (UTC).
    pub first_line: Timestamp,
    /// Time between rows, seconds.
    pub line_interval_s: f64,
    /// Ground range between columns, metres.
    pub range_spacing_m: f64,
    /// Rows.
    pub rows: u32,
    /// Columns.
    pub cols: u32,
    /// Range polynomials in time order.
    pub conversions: Vec<RangeConversion>,
    /// True if the radar looks to the right of the flight direction, as Sentinel-1 does.
    pub looks_right: bool,
}

/// Geometry of one ground-range image. `row` 0 and `col` 0 are the centres of the first row and column.
#[derive(Debug, Clone, PartialEq)]
pub struct Geometry {
    orbit: Orbit,
    first_line: Timestamp,
    /// Time of row 0 in the orbit's seconds.
    first_line_s: f64,
    line_interval_s: f64,
    range_spacing_m: f64,
    rows: u32,
    cols: u32,
    /// +1 looking right, −1 looking left.
    side: f64,
    /// (orbit's seconds, origin, coefficients)
    conversions: Vec<(f64, f64, Vec<f64>)>,
}

impl Geometry {
    /// Makes the geometry from plain numbers.
    ///
    /// # Errors
    ///
    /// If a spacing is not positive, the image is empty, a polynomial has no slope, or the orbit is unsound.
    pub fn new(parts: &GeometryParts) -> Result<Self, SceneError> {
        let refuse = |problem: String| Err(SceneError::Geometry { problem });
        let positive = |value: f64| value.is_finite() && value > 0.0;
        if !positive(parts.line_interval_s) || !positive(parts.range_spacing_m) {
            return refuse(format!(
                "line interval {} s and range spacing {} m; expected both above 0",
                parts.line_interval_s, parts.range_spacing_m
            ));
        }
        if parts.rows == 0 || parts.cols == 0 {
            return refuse(format!(
                "the image has {} rows and {} columns",
                parts.rows, parts.cols
            ));
        }
        let orbit = Orbit::from_state_vectors(&parts.state_vectors)?;
        let degree = parts
            .conversions
            .iter()
            .map(|c| c.slant_from_ground.len())
            .max()
            .unwrap_or(0);
        let mut conversions: Vec<(f64, f64, Vec<f64>)> = parts
            .conversions
            .iter()
            .map(|conversion| {
                let mut coefficients = conversion.slant_from_ground.clone();
                coefficients.resize(degree, 0.0);
                (
                    orbit.seconds(conversion.time),
                    conversion.ground_origin_m,
                    coefficients,
                )
            })
            .collect();
        conversions.sort_by(|a, b| a.0.total_cmp(&b.0));
        conversions.dedup_by(|a, b| a.0 == b.0);
        if conversions.is_empty()
            || conversions
                .iter()
                .any(|c| c.2.len() < 2 || !positive(c.2[0]) || !positive(c.2[1]))
        {
            return refuse(format!(
                "{} range polynomials; expected at least one, each with a slant range and a slope above 0",
                conversions.len()
            ));
        }
        Ok(Self {
            first_line_s: orbit.seconds(parts.first_line),
            orbit,
            first_line: parts.first_line,
            line_interval_s: parts.line_interval_s,
            range_spacing_m: parts.range_spacing_m,
            rows: parts.rows,
            cols: parts.cols,
            side: if parts.looks_right { 1.0 } else { -1.0 },
            conversions,
        })
    }

    /// Rows and columns.
    pub fn size(&self) -> (u32, u32) {
        (self.rows, self.cols)
    }

    /// The path the platform flew.
    pub fn orbit(&self) -> &Orbit {
        &self.orbit
    }

    /// Zero-Doppler time of a row (UTC); `None` only for rows centuries away.
    pub fn time_of_row(&self, row: f64) -> Option<Timestamp> {
        after(self.first_line, row * self.line_interval_s)
    }

    /// Slant range of a column in a row, metres.
    pub fn slant_range_m(&self, row: f64, col: f64) -> f64 {
        self.range_polynomial(self.orbit_seconds(row))
            .slant_m(col * self.range_spacing_m)
    }

    /// Place at sea level, time and viewing geometry of a pixel, which may lie outside the image.
    ///
    /// `None` if the range circle does not meet the ellipsoid: far outside the swath.
    pub fn locate(&self, row: f64, col: f64) -> Option<PixelGeometry> {
        let motion = self.orbit.motion(self.orbit_seconds(row));
        let slant_range_m = self.slant_range_m(row, col);
        let target = self.target_m(&motion, slant_range_m)?;
        // The annotation measures incidence from the geocentric vertical, up to 0.04° from the ellipsoid's normal.
        let vertical = unit(target);
        let sight = scale(sub(target, motion.position_m), 1.0 / slant_range_m);
        let incidence_deg = (-dot(sight, vertical)).clamp(-1.0, 1.0).acos().to_degrees();
        let (east, north) = horizon(target);
        // The radar looks across the track, so the track is a right angle to the left (or right) of the ground range.
        let range_bearing_deg = dot(sight, east).atan2(dot(sight, north)).to_degrees();
        Some(PixelGeometry {
            position: lon_lat(target),
            time: self.time_of_row(row),
            sar: Some(SarGeometry {
                slant_range_m,
                platform_speed_mps: norm(motion.velocity_mps),
                incidence_deg,
                track_heading_deg: (range_bearing_deg - 90.0 * self.side).rem_euclid(360.0),
                looks_right: self.side > 0.0,
            }),
        })
    }

    /// Row and column where a place at sea level is imaged, inside the image or not.
    ///
    /// Places on the other side of the track get columns far below 0. `None` for places below the platform's horizon.
    pub fn pixel_of(&self, place: LonLat) -> Option<(f64, f64)> {
        let target = earth_fixed(place);
        let mut t = self.first_line_s + 0.5 * f64::from(self.rows) * self.line_interval_s;
        let mut motion = self.orbit.motion(t);
        for _ in 0..20 {
            let sight = sub(target, motion.position_m);
            // Zero-Doppler: sight · velocity = 0, by Newton's method in time.
            let slope = dot(sight, motion.acceleration_mps2)
                - dot(motion.velocity_mps, motion.velocity_mps);
            if slope >= 0.0 {
                return None;
            }
            let step = -dot(sight, motion.velocity_mps) / slope;
            t += step;
            motion = self.orbit.motion(t);
            if step.abs() < 1e-9 {
                break;
            }
        }
        let sight = sub(target, motion.position_m);
        let radius = norm(motion.position_m);
        if dot(target, motion.position_m) * radius < B_M * B_M * radius {
            return None;
        }
        let slant_m = norm(sight);
        let polynomial = self.range_polynomial(t);
        let right = cross(motion.velocity_mps, motion.position_m);
        let mut ground_m = polynomial.ground_m(slant_m);
        if dot(sight, right) * self.side < 0.0 {
            // Mirror at the ground range of the nadir, so that the two sides never share a column.
            ground_m = 2.0 * polynomial.ground_m(radius - B_M) - ground_m;
        }
        Some((
            (t - self.first_line_s) / self.line_interval_s,
            ground_m / self.range_spacing_m,
        ))
    }

    /// Ground vectors of one column and one row step at a pixel.
    pub fn pixel_frame(&self, row: f64, col: f64) -> Option<PixelFrame> {
        let at = |row: f64, col: f64| {
            let motion = self.orbit.motion(self.orbit_seconds(row));
            self.target_m(&motion, self.slant_range_m(row, col))
        };
        let (east, north) = horizon(at(row, col)?);
        let ground = |step: [f64; 3]| [0.5 * dot(step, east), 0.5 * dot(step, north)];
        Some(PixelFrame {
            column_m: ground(sub(at(row, col + 1.0)?, at(row, col - 1.0)?)),
            row_m: ground(sub(at(row + 1.0, col)?, at(row - 1.0, col)?)),
        })
    }

    fn orbit_seconds(&self, row: f64) -> f64 {
        self.first_line_s + row * self.line_interval_s
    }

    /// Point on the ellipsoid at a slant range in the zero-Doppler plane, on the side looked to.
    fn target_m(&self, motion: &Motion, slant_range_m: f64) -> Option<[f64; 3]> {
        let along = unit(motion.velocity_mps);
        let radial = motion.position_m;
        let down = unit(sub(scale(along, dot(radial, along)), radial));
        let across = scale(cross(along, scale(down, -1.0)), self.side);
        // Scaled so that the ellipsoid is the unit sphere: |start + R (cos θ · d + sin θ · a)| = 1.
        let squash = |v: [f64; 3]| [v[0] / A_M, v[1] / A_M, v[2] / B_M];
        let start = squash(radial);
        let (d, a) = (squash(down), squash(across));
        let radius = norm(radial);
        let earth = (A_M + B_M) / 2.0;
        let cosine = (radius * radius + slant_range_m * slant_range_m - earth * earth)
            / (2.0 * radius * slant_range_m);
        let mut look = cosine.clamp(-1.0, 1.0).acos();
        for _ in 0..30 {
            let (sin, cos) = look.sin_cos();
            let mut point = [0.0; 3];
            let mut turn = [0.0; 3];
            for axis in 0..3 {
                point[axis] = start[axis] + slant_range_m * (cos * d[axis] + sin * a[axis]);
                turn[axis] = slant_range_m * (cos * a[axis] - sin * d[axis]);
            }
            let step = (dot(point, point) - 1.0) / (2.0 * dot(point, turn));
            look -= step;
            if !look.is_finite() || !(0.0..std::f64::consts::FRAC_PI_2).contains(&look) {
                return None;
            }
            // 1e-13 rad at 1,000 km is a tenth of a micrometre.
            if step.abs() < 1e-13 {
                let (sin, cos) = look.sin_cos();
                let reach = |axis: usize| {
                    radial[axis] + slant_range_m * (cos * down[axis] + sin * across[axis])
                };
                return Some([reach(0), reach(1), reach(2)]);
            }
        }
        None
    }

    /// The range polynomial at an instant: linear between its neighbours in time, the end ones beyond.
    fn range_polynomial(&self, t: f64) -> RangePolynomial {
        let next = self
            .conversions
            .partition_point(|conversion| conversion.0 <= t);
        let (from, to, weight) = if next == 0 {
            (&self.conversions[0], &self.conversions[0], 0.0)
        } else if next == self.conversions.len() {
            (
                &self.conversions[next - 1],
                &self.conversions[next - 1],
                0.0,
            )
        } else {
            let (from, to) = (&self.conversions[next - 1], &self.conversions[next]);
            (from, to, (t - from.0) / (to.0 - from.0))
        };
        let mut coefficients = [0.0; MAX_COEFFICIENTS];
        let mut used = 0;
        for (slot, (a, b)) in coefficients.iter_mut().zip(from.2.iter().zip(&to.2)) {
            *slot = a + weight * (b - a);
            used += 1;
        }
        RangePolynomial {
            origin_m: from.1 + weight * (to.1 - from.1),
            near_m: -POLYNOMIAL_MARGIN_M,
            far_m: f64::from(self.cols) * self.range_spacing_m + POLYNOMIAL_MARGIN_M,
            coefficients,
            used,
        }
    }
}

/// Products carry 9.
const MAX_COEFFICIENTS: usize = 16;

struct RangePolynomial {
    origin_m: f64,
    near_m: f64,
    far_m: f64,
    coefficients: [f64; MAX_COEFFICIENTS],
    used: usize,
}

impl RangePolynomial {
    /// Slant range and its slope at a ground range.
    fn value(&self, ground_m: f64) -> (f64, f64) {
        let x = ground_m - self.origin_m;
        let (mut value, mut slope) = (0.0, 0.0);
        for &coefficient in self.coefficients[..self.used].iter().rev() {
            slope = slope * x + value;
            value = value * x + coefficient;
        }
        (value, slope)
    }

    fn slant_m(&self, ground_m: f64) -> f64 {
        let inside = ground_m.clamp(self.near_m, self.far_m);
        let (value, slope) = self.value(inside);
        value + slope * (ground_m - inside)
    }

    fn ground_m(&self, slant_m: f64) -> f64 {
        for edge in [self.near_m, self.far_m] {
            let (value, slope) = self.value(edge);
            if (edge < 0.0) == (slant_m < value) {
                return edge + (slant_m - value) / slope;
            }
        }
        let mut ground_m = 0.5 * (self.near_m + self.far_m);
        for _ in 0..30 {
            let (value, slope) = self.value(ground_m);
            let step = (slant_m - value) / slope;
            ground_m += step;
            if step.abs() < 1e-6 {
                break;
            }
        }
        ground_m
    }
}

/// Earth-fixed coordinates of a place on the ellipsoid, metres.
pub fn earth_fixed(place: LonLat) -> [f64; 3] {
    let (sin_lon, cos_lon) = place.lon_deg.to_radians().sin_cos();
    let (sin_lat, cos_lat) = place.lat_deg.to_radians().sin_cos();
    let n = A_M / (1.0 - E2 * sin_lat * sin_lat).sqrt();
    [
        n * cos_lat * cos_lon,
        n * cos_lat * sin_lon,
        n * (1.0 - E2) * sin_lat,
    ]
}

/// Place of a point on the ellipsoid (exact at height 0).
fn lon_lat(point: [f64; 3]) -> LonLat {
    let across = point[0].hypot(point[1]);
    LonLat::new(
        point[1].atan2(point[0]).to_degrees(),
        point[2].atan2(across * (1.0 - E2)).to_degrees(),
    )
}

fn ellipsoid_normal(point: [f64; 3]) -> [f64; 3] {
    unit([point[0], point[1], point[2] / (1.0 - E2)])
}

/// Unit vectors to the east and to the north at a point on the ellipsoid.
fn horizon(point: [f64; 3]) -> ([f64; 3], [f64; 3]) {
    let up = ellipsoid_normal(point);
    let east = unit([-point[1], point[0], 0.0]);
    (east, cross(up, east))
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

fn sub(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn scale(a: [f64; 3], factor: f64) -> [f64; 3] {
    [a[0] * factor, a[1] * factor, a[2] * factor]
}

pub(crate) fn norm(a: [f64; 3]) -> f64 {
    dot(a, a).sqrt()
}

fn unit(a: [f64; 3]) -> [f64; 3] {
    scale(a, 1.0 / norm(a))
}
