//! A satellite's path and what its radar sees from it: the simulator's own zero-Doppler geometry.
//!
//! In: a place, a time, an incidence angle and a flight direction. Out: a circular orbit of Sentinel-1's radius
//! and inclination that passes so, as Earth-fixed position and velocity at any time, and the place on the
//! ellipsoid at sea level of any (time, slant range). Everything here is independent of the `scene` room, so the
//! two can be held against each other.

use crate::model::scene::Pass;
use crate::model::units::LonLat;

/// Gravitational constant of the Earth, m³/s² (WGS 84).
const GM: f64 = 3.986_004_418e14;
/// The Earth's rotation, radians a second (WGS 84).
const EARTH_RATE: f64 = 7.292_115e-5;
/// Semi-major axis of WGS 84, metres.
pub(crate) const SEMI_MAJOR_M: f64 = 6_378_137.0;
/// Semi-minor axis of WGS 84, metres.
pub(crate) const SEMI_MINOR_M: f64 = 6_356_752.314_245;
/// Mean orbital radius of Sentinel-1, metres: 693 km over the equator.
const ORBIT_RADIUS_M: f64 = 7_071_000.0;
/// Inclination of Sentinel-1's orbit, degrees.
const INCLINATION_DEG: f64 = 98.18;

pub(crate) type Vector = [f64; 3];

pub(crate) fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(crate) fn minus(a: Vector, b: Vector) -> Vector {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

pub(crate) fn length(a: Vector) -> f64 {
    dot(a, a).sqrt()
}

fn cross(a: Vector, b: Vector) -> Vector {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

/// Earth-centred, Earth-fixed coordinates of a place at sea level.
pub(crate) fn to_earth_fixed(place: LonLat) -> Vector {
    let (lon, lat) = (place.lon_deg.to_radians(), place.lat_deg.to_radians());
    let flattening = (SEMI_MINOR_M / SEMI_MAJOR_M).powi(2);
    let prime = SEMI_MAJOR_M / (1.0 - (1.0 - flattening) * lat.sin().powi(2)).sqrt();
    [
        prime * lat.cos() * lon.cos(),
        prime * lat.cos() * lon.sin(),
        prime * flattening * lat.sin(),
    ]
}

/// The place of a point on the ellipsoid.
pub(crate) fn to_place(point: Vector) -> LonLat {
    let flattening = (SEMI_MINOR_M / SEMI_MAJOR_M).powi(2);
    let lat = (point[2] / flattening).atan2(point[0].hypot(point[1]));
    LonLat::new(point[1].atan2(point[0]).to_degrees(), lat.to_degrees())
}

/// Angle at the ground between the geocentric vertical, as the product's annotation has it, and the direction to the
/// satellite, degrees.
pub(crate) fn incidence_deg(satellite: Vector, point: Vector) -> f64 {
    let up = minus(satellite, point);
    (dot(up, point) / (length(up) * length(point)))
        .acos()
        .to_degrees()
}

/// Angle at the satellite between straight down and the direction to the ground, degrees.
pub(crate) fn elevation_deg(satellite: Vector, point: Vector) -> f64 {
    let down = minus(point, satellite);
    (-dot(down, satellite) / (length(down) * length(satellite)))
        .acos()
        .to_degrees()
}

/// A circular orbit in the Earth-fixed frame; time 0 is when the scene's centre is seen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CircularOrbit {
    /// Angle from the ascending node at time 0, radians.
    argument: f64,
    /// Longitude of the ascending node at time 0 as the orbit plane stands then, radians.
    node: f64,
}

impl CircularOrbit {
    /// The orbit from which `centre` is seen to the right at time 0 under `incidence_deg`.
    pub(crate) fn over(centre: LonLat, incidence: f64, pass: Pass) -> Self {
        let target = to_earth_fixed(centre);
        let mut orbit = Self::first_guess(centre, incidence, pass);
        // Newton on (argument, node) with difference quotients; the start is within a few kilometres.
        let residual = |orbit: &Self| {
            let (position, velocity) = orbit.state(0.0);
            let line = minus(position, target);
            [
                dot(line, velocity) / (length(line) * length(velocity)),
                incidence_deg(position, target) - incidence,
            ]
        };
        for _ in 0..20 {
            let here = residual(&orbit);
            let step = 1e-6;
            let by_argument = residual(&Self {
                argument: orbit.argument + step,
                ..orbit
            });
            let by_node = residual(&Self {
                node: orbit.node + step,
                ..orbit
            });
            let a = [
                [
                    (by_argument[0] - here[0]) / step,
                    (by_node[0] - here[0]) / step,
                ],
                [
                    (by_argument[1] - here[1]) / step,
                    (by_node[1] - here[1]) / step,
                ],
            ];
            let determinant = a[0][0] * a[1][1] - a[0][1] * a[1][0];
            orbit.argument -= (here[0] * a[1][1] - here[1] * a[0][1]) / determinant;
            orbit.node -= (here[1] * a[0][0] - here[0] * a[1][0]) / determinant;
        }
        orbit
    }

    /// Sphere geometry: the point under the satellite, to the left of the scene, gives argument and node.
    fn first_guess(centre: LonLat, incidence: f64, pass: Pass) -> Self {
        let inclination = INCLINATION_DEG.to_radians();
        let incidence = incidence.to_radians();
        let look = (incidence.sin() * SEMI_MAJOR_M / ORBIT_RADIUS_M).asin();
        let ground_m = (incidence - look) * SEMI_MAJOR_M;
        let heading = match pass {
            Pass::Ascending => 348.0,
            Pass::Descending => 192.0,
        };
        let under = centre.destination(heading + 270.0, ground_m);
        let sine = (under.lat_deg.to_radians().sin() / inclination.sin()).clamp(-1.0, 1.0);
        let argument = match pass {
            Pass::Ascending => sine.asin(),
            Pass::Descending => std::f64::consts::PI - sine.asin(),
        };
        let from_node = (inclination.cos() * argument.sin()).atan2(argument.cos());
        Self {
            argument,
            node: under.lon_deg.to_radians() - from_node,
        }
    }

    /// Earth-fixed position (metres) and velocity (metres a second) `seconds` after time 0.
    pub(crate) fn state(&self, seconds: f64) -> (Vector, Vector) {
        let rate = (GM / ORBIT_RADIUS_M.powi(3)).sqrt();
        let (sin_u, cos_u) = (self.argument + rate * seconds).sin_cos();
        let (sin_n, cos_n) = (self.node - EARTH_RATE * seconds).sin_cos();
        let (sin_i, cos_i) = INCLINATION_DEG.to_radians().sin_cos();
        let position = [
            cos_n * cos_u - sin_n * sin_u * cos_i,
            sin_n * cos_u + cos_n * sin_u * cos_i,
            sin_u * sin_i,
        ]
        .map(|x| x * ORBIT_RADIUS_M);
        let along = [
            -cos_n * sin_u - sin_n * cos_u * cos_i,
            -sin_n * sin_u + cos_n * cos_u * cos_i,
            cos_u * sin_i,
        ];
        let velocity = [
            along[0] * rate * ORBIT_RADIUS_M + EARTH_RATE * position[1],
            along[1] * rate * ORBIT_RADIUS_M - EARTH_RATE * position[0],
            along[2] * rate * ORBIT_RADIUS_M,
        ];
        (position, velocity)
    }

    /// Seconds from the last ascending node to time 0.
    pub(crate) fn seconds_from_node(&self) -> f64 {
        let rate = (GM / ORBIT_RADIUS_M.powi(3)).sqrt();
        self.argument.rem_euclid(std::f64::consts::TAU) / rate
    }

    /// The point at sea level that is seen at zero Doppler `seconds` after time 0 at `range_m`, to the right.
    pub(crate) fn locate(&self, seconds: f64, range_m: f64) -> Vector {
        let (satellite, velocity) = self.state(seconds);
        let down = satellite.map(|x| -x / length(satellite));
        let right = cross(velocity, satellite.map(|x| x / length(satellite)));
        let right = right.map(|x| x / length(right));
        // Start: law of cosines on a sphere through the point below.
        let radius = length(to_earth_fixed(to_place(satellite)));
        let height = length(satellite);
        let cos_look =
            (height.powi(2) + range_m.powi(2) - radius.powi(2)) / (2.0 * height * range_m);
        let sin_look = (1.0 - cos_look.powi(2)).max(0.0).sqrt();
        let mut point: Vector = std::array::from_fn(|i| {
            satellite[i] + range_m * (cos_look * down[i] + sin_look * right[i])
        });
        for _ in 0..8 {
            let line = minus(point, satellite);
            let surface = [
                point[0] / SEMI_MAJOR_M.powi(2),
                point[1] / SEMI_MAJOR_M.powi(2),
                point[2] / SEMI_MINOR_M.powi(2),
            ];
            let rows = [
                line.map(|x| x / range_m),
                velocity.map(|x| x / length(velocity)),
                surface.map(|x| x * SEMI_MAJOR_M),
            ];
            let wrong = [
                (dot(line, line) / range_m - range_m) / 2.0,
                dot(line, rows[1]),
                (dot(point, surface) - 1.0) * SEMI_MAJOR_M / 2.0,
            ];
            // Cramer's rule by cross products.
            let volume = dot(rows[0], cross(rows[1], rows[2]));
            let (a, b, c) = (
                cross(rows[1], rows[2]),
                cross(rows[2], rows[0]),
                cross(rows[0], rows[1]),
            );
            for i in 0..3 {
                point[i] -= (wrong[0] * a[i] + wrong[1] * b[i] + wrong[2] * c[i]) / volume;
            }
        }
        point
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CENTRE: LonLat = LonLat {
        lon_deg: 123.5,
        lat_deg: 25.8,
    };

    #[test]
    fn centre_is_seen_at_time_zero_under_the_angle_asked_for_on_both_passes() {
        for pass in [Pass::Ascending, Pass::Descending] {
            for incidence in [25.0, 38.5, 45.0] {
                let orbit = CircularOrbit::over(CENTRE, incidence, pass);
                let (satellite, velocity) = orbit.state(0.0);
                let target = to_earth_fixed(CENTRE);
                let range = length(minus(satellite, target));
                let seen = to_place(orbit.locate(0.0, range));
                assert!(CENTRE.distance_m(seen) < 1e-3, "{pass:?} {seen:?}");
                assert!((incidence_deg(satellite, target) - incidence).abs() < 1e-9);
                assert_eq!(velocity[2] > 0.0, pass == Pass::Ascending);
            }
        }
    }

    #[test]
    fn velocity_is_the_derivative_of_position_and_that_of_sentinel_1() {
        let orbit = CircularOrbit::over(CENTRE, 38.5, Pass::Descending);
        let (before, _) = orbit.state(9.99);
        let (after, _) = orbit.state(10.01);
        let (_, velocity) = orbit.state(10.0);
        for i in 0..3 {
            assert!(((after[i] - before[i]) / 0.02 - velocity[i]).abs() < 1e-4);
        }
        // 7,598 m/s measured on a real product near 8° north.
        assert!((length(velocity) - 7598.0).abs() < 30.0);
    }

    #[test]
    fn slant_range_grows_with_incidence_as_in_the_published_table() {
        // 30°: 788 km, 38.5°: 860 km, 46°: 950 km on a sphere; latitude moves these by under 1.5 %.
        for (incidence, range_km) in [(30.0, 788.0), (38.5, 860.0), (46.0, 950.0)] {
            let orbit = CircularOrbit::over(CENTRE, incidence, Pass::Ascending);
            let range = length(minus(orbit.state(0.0).0, to_earth_fixed(CENTRE))) / 1000.0;
            assert!(
                (range / range_km - 1.0_f64).abs() < 0.015,
                "{incidence} {range}"
            );
        }
    }
}
