//! Small types for values that must not mix.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One nautical mile in metres (exact, by definition).
pub const NAUTICAL_MILE_M: f64 = 1852.0;

/// One knot in metres per second (1,852 m an hour, exact).
pub const KNOT_MPS: f64 = NAUTICAL_MILE_M / 3600.0;

/// A place on the WGS 84 ellipsoid.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LonLat {
    /// Longitude, degrees east, −180 ..= 180.
    pub lon_deg: f64,
    /// Latitude, degrees north, −90 ..= 90.
    pub lat_deg: f64,
}

impl LonLat {
    /// Longitude first, both in degrees; longitude is wrapped into −180 ..= 180.
    pub fn new(lon_deg: f64, lat_deg: f64) -> Self {
        let lon_deg = if (-180.0..=180.0).contains(&lon_deg) {
            lon_deg
        } else {
            (lon_deg + 180.0).rem_euclid(360.0) - 180.0
        };
        Self { lon_deg, lat_deg }
    }

    /// Unit vector from the Earth's centre on a sphere: for indexes without a date-line case.
    pub fn unit_vector(self) -> [f64; 3] {
        let (lon, lat) = (self.lon_deg.to_radians(), self.lat_deg.to_radians());
        [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
    }

    /// The place in the direction of a vector, as [`Self::unit_vector`] has it, of any length but zero.
    pub fn from_vector([x, y, z]: [f64; 3]) -> Self {
        Self::new(y.atan2(x).to_degrees(), z.atan2(x.hypot(y)).to_degrees())
    }

    /// Geodesic distance to `other` on WGS 84, metres.
    ///
    /// # Source
    ///
    /// Karney (2013), Algorithms for geodesics, by `geographiclib-rs`.
    pub fn distance_m(self, other: Self) -> f64 {
        self.inverse(other).0
    }

    /// Geodesic from here to `other`: (distance in metres, bearing at the start in degrees true, 0 ..= 360).
    pub fn inverse(self, other: Self) -> (f64, f64) {
        use geographiclib_rs::{Geodesic, InverseGeodesic};
        let (distance_m, azimuth_deg, _, _): (f64, f64, f64, f64) =
            Geodesic::wgs84().inverse(self.lat_deg, self.lon_deg, other.lat_deg, other.lon_deg);
        (distance_m, azimuth_deg.rem_euclid(360.0))
    }

    /// The place `distance_m` away along the geodesic that leaves at `bearing_deg` true.
    pub fn destination(self, bearing_deg: f64, distance_m: f64) -> Self {
        use geographiclib_rs::{DirectGeodesic, Geodesic};
        let (lat_deg, lon_deg): (f64, f64) =
            Geodesic::wgs84().direct(self.lat_deg, self.lon_deg, bearing_deg, distance_m);
        Self::new(lon_deg, lat_deg)
    }
}

/// Maritime Mobile Service Identity: nine digits (ITU-R M.585).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mmsi(pub u32);

/// What the digits of an MMSI say about its bearer (ITU-R M.585-9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MmsiKind {
    /// MIDxxxxxx, MID 201 ..= 775.
    Ship,
    /// 0MIDxxxxx.
    Group,
    /// 00MIDxxxx.
    CoastStation,
    /// 111MIDxxx.
    SarAircraft,
    /// 8MIDxxxxx.
    Handheld,
    /// 98MIDxxxx: craft of a parent ship.
    DaughterCraft,
    /// 99MIDxxxx: aid to navigation.
    AidToNavigation,
    /// 970xxyyyy: AIS search and rescue transmitter.
    AisSart,
    /// 972xxyyyy: man overboard device.
    ManOverboard,
    /// 974xxyyyy: EPIRB with AIS.
    EpirbAis,
    /// Not a form of the recommendation.
    Invalid,
}

impl Mmsi {
    /// Classifies the identity by its leading digits.
    pub fn kind(self) -> MmsiKind {
        let n = self.0;
        let mid_ok = |mid: u32| (201..=775).contains(&mid);
        match n {
            970_000_000..=970_999_999 => MmsiKind::AisSart,
            972_000_000..=972_999_999 => MmsiKind::ManOverboard,
            974_000_000..=974_999_999 => MmsiKind::EpirbAis,
            990_000_000..=999_999_999 if mid_ok(n / 10_000 % 1000) => MmsiKind::AidToNavigation,
            980_000_000..=989_999_999 if mid_ok(n / 10_000 % 1000) => MmsiKind::DaughterCraft,
            800_000_000..=899_999_999 if mid_ok(n / 100_000 % 1000) => MmsiKind::Handheld,
            111_000_000..=111_999_999 if mid_ok(n / 1000 % 1000) => MmsiKind::SarAircraft,
            201_000_000..=775_999_999 => MmsiKind::Ship,
            10_000_000..=99_999_999 if mid_ok(n / 100_000) => MmsiKind::Group,
            1_000_000..=9_999_999 if mid_ok(n / 10_000) => MmsiKind::CoastStation,
            _ => MmsiKind::Invalid,
        }
    }
}

impl fmt::Display for Mmsi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:09}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_degree_along_the_equator_is_the_ellipsoids_arc() {
        let d = LonLat::new(0.0, 0.0).distance_m(LonLat::new(1.0, 0.0));
        // a·π/180 with a = 6,378,137 m.
        assert!((d - 111_319.490_793).abs() < 1e-3, "{d}");
    }

    #[test]
    fn destination_and_inverse_agree_across_the_date_line() {
        let start = LonLat::new(179.9, 10.0);
        let end = start.destination(90.0, 50_000.0);
        assert!(end.lon_deg < -179.0, "{end:?}");
        let (distance_m, bearing_deg) = start.inverse(end);
        assert!((distance_m - 50_000.0).abs() < 1e-6);
        assert!((bearing_deg - 90.0).abs() < 1e-9);
    }

    #[test]
    fn mmsi_forms_of_the_recommendation_are_told_apart() {
        let cases = [
            (431_000_001, MmsiKind::Ship),
            (970_012_345, MmsiKind::AisSart),
            (972_012_345, MmsiKind::ManOverboard),
            (974_012_345, MmsiKind::EpirbAis),
            (994_311_234, MmsiKind::AidToNavigation),
            (984_311_234, MmsiKind::DaughterCraft),
            (4_310_001, MmsiKind::CoastStation),
            (43_100_001, MmsiKind::Group),
            (111_431_001, MmsiKind::SarAircraft),
            (843_112_345, MmsiKind::Handheld),
            (123_456_789, MmsiKind::Invalid),
            (0, MmsiKind::Invalid),
        ];
        for (digits, kind) in cases {
            assert_eq!(Mmsi(digits).kind(), kind, "{digits}");
        }
    }
}
