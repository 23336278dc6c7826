//! A plane of metres about a vessel's report: places in, metres east and north out.
//!
//! A place is turned into Earth-centred coordinates once; its offset is the chord in the tangent plane at the origin. At
//! 30 km the chord is 0.1 m shorter than the geodesic, there is no pole and no date line, and no geodesic is solved.

use crate::model::units::LonLat;

/// WGS 84: semi-major axis, metres, and first eccentricity squared.
const SEMI_MAJOR_M: f64 = 6_378_137.0;
const ECCENTRICITY2: f64 = 6.694_379_990_141_317e-3;

/// Earth-centred, Earth-fixed coordinates on the ellipsoid, metres.
pub(super) fn earth_fixed(place: LonLat) -> [f64; 3] {
    let (sin_lat, cos_lat) = place.lat_deg.to_radians().sin_cos();
    let (sin_lon, cos_lon) = place.lon_deg.to_radians().sin_cos();
    let normal_m = SEMI_MAJOR_M / (1.0 - ECCENTRICITY2 * sin_lat * sin_lat).sqrt();
    [
        normal_m * cos_lat * cos_lon,
        normal_m * cos_lat * sin_lon,
        normal_m * (1.0 - ECCENTRICITY2) * sin_lat,
    ]
}

/// A tangent plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Plane {
    /// Where east and north are 0.
    pub(super) origin: LonLat,
    centre: [f64; 3],
    east: [f64; 3],
    north: [f64; 3],
}

impl Plane {
    pub(super) fn at(origin: LonLat) -> Self {
        let (sin_lat, cos_lat) = origin.lat_deg.to_radians().sin_cos();
        let (sin_lon, cos_lon) = origin.lon_deg.to_radians().sin_cos();
        Self {
            origin,
            centre: earth_fixed(origin),
            east: [-sin_lon, cos_lon, 0.0],
            north: [-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat],
        }
    }

    /// Metres east and north of the origin of a place in Earth-fixed coordinates.
    pub(super) fn offset_m(&self, place: [f64; 3]) -> [f64; 2] {
        let along = |axis: [f64; 3]| (0..3).map(|i| axis[i] * (place[i] - self.centre[i])).sum();
        [along(self.east), along(self.north)]
    }

    /// Earth-fixed coordinates of a point of the plane; off the ellipsoid by d²/2R.
    pub(super) fn point(&self, offset_m: [f64; 2]) -> [f64; 3] {
        std::array::from_fn(|i| {
            self.centre[i] + offset_m[0] * self.east[i] + offset_m[1] * self.north[i]
        })
    }

    /// The place at an offset.
    pub(super) fn place(&self, offset_m: [f64; 2]) -> LonLat {
        let bearing_deg = offset_m[0].atan2(offset_m[1]).to_degrees();
        self.origin
            .destination(bearing_deg, offset_m[0].hypot(offset_m[1]))
    }
}

/// A length in a direction (degrees true) as east and north parts.
pub(super) fn east_north(bearing_deg: f64, length: f64) -> [f64; 2] {
    let (sin, cos) = bearing_deg.to_radians().sin_cos();
    [length * sin, length * cos]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_agree_with_geodesics_at_the_pole_and_across_the_date_line() {
        for origin in [
            LonLat::new(124.0, 25.0),
            LonLat::new(180.0, -60.0),
            LonLat::new(10.0, 89.9),
        ] {
            let plane = Plane::at(origin);
            for bearing_deg in [0.0, 77.0, 200.0, 300.0] {
                let place = origin.destination(bearing_deg, 20_000.0);
                let found = plane.offset_m(earth_fixed(place));
                let oracle = east_north(bearing_deg, 20_000.0);
                let off_m = (found[0] - oracle[0]).hypot(found[1] - oracle[1]);
                // d³/6R² = 0.03 m, and the ellipsoid's turn of the azimuth.
                assert!(off_m < 0.2, "{origin:?} {bearing_deg}: {off_m}");
                assert!(plane.place(found).distance_m(place) < 0.2);
            }
        }
    }
}
