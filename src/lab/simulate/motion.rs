//! Where a moving ship is imaged: where and when its *own* Doppler shift is zero.
//!
//! A radar focuses a target at the instant at which the range rate between platform and target vanishes, and at the
//! range of that instant. For a ship with radial speed v_r that is R·v_r/V before its place comes abeam:
//! the shift −(R/V)·v_r of the literature, here solved for and not assumed (Raney 1971; Cumming and Wong 2005, §4.6).

use super::orbit::{Vector, dot, length, minus, to_earth_fixed};
use crate::model::units::{KNOT_MPS, LonLat};
use crate::scene::sentinel1::Geometry;
use jiff::{SignedDuration, Timestamp};

/// A ship on a straight course.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Course {
    /// Where it is at `time`.
    pub(crate) position: LonLat,
    pub(crate) time: Timestamp,
    pub(crate) sog_kn: f64,
    pub(crate) cog_deg: f64,
}

impl Course {
    /// Place at another time, along the geodesic.
    pub(crate) fn position_at(&self, time: Timestamp) -> LonLat {
        let run_m = self.sog_kn * KNOT_MPS * time.duration_since(self.time).as_secs_f64();
        self.position.destination(self.cog_deg, run_m)
    }

    /// Direction of movement at another time, degrees true, 0 ≤ c < 360.
    pub(crate) fn cog_at(&self, time: Timestamp) -> f64 {
        if self.sog_kn == 0.0 {
            return self.cog_deg;
        }
        let step = SignedDuration::from_secs(60);
        let ahead = time.checked_add(step).unwrap_or(time);
        let (_, bearing) = self.position_at(time).inverse(self.position_at(ahead));
        bearing.rem_euclid(360.0)
    }

    /// Earth-fixed velocity at `time`, metres a second.
    fn velocity(&self) -> Vector {
        let (lon, lat) = (
            self.position.lon_deg.to_radians(),
            self.position.lat_deg.to_radians(),
        );
        let speed = self.sog_kn * KNOT_MPS;
        let (east, north) = (
            speed * self.cog_deg.to_radians().sin(),
            speed * self.cog_deg.to_radians().cos(),
        );
        [
            -lon.sin() * east - lat.sin() * lon.cos() * north,
            lon.cos() * east - lat.sin() * lon.sin() * north,
            lat.cos() * north,
        ]
    }
}

/// Row and column at which the ship is imaged. `course.time` lies within seconds of the zero-Doppler time of its place.
pub(crate) fn imaged(geometry: &Geometry, course: &Course) -> Option<(f64, f64)> {
    let (_, col) = geometry.pixel_of(course.position)?;
    let start = to_earth_fixed(course.position);
    let velocity = course.velocity();
    let sight = |seconds: f64| {
        let nanos = SignedDuration::from_nanos((seconds * 1e9) as i64);
        let platform = geometry
            .orbit()
            .state_at(course.time.checked_add(nanos).ok()?);
        let ship: Vector = std::array::from_fn(|i| start[i] + velocity[i] * seconds);
        let line = minus(ship, platform.position_m);
        let rate = minus(velocity, platform.velocity_mps);
        Some((dot(line, rate), length(line)))
    };
    let (mut before, mut after) = (-1.0, 1.0);
    let mut rate_before = sight(before)?.0;
    for _ in 0..30 {
        let rate = sight(after)?.0;
        if (rate - rate_before).abs() < 1e-9 {
            break;
        }
        let next = after - rate * (after - before) / (rate - rate_before);
        (before, rate_before, after) = (after, rate, next);
        if (after - before).abs() < 1e-9 {
            break;
        }
    }
    let range = sight(after)?.1;
    let first = geometry.time_of_row(0.0)?;
    let hundred = geometry.time_of_row(100.0)?;
    let interval = hundred.duration_since(first).as_secs_f64() / 100.0;
    let shifted = (course.time.duration_since(first).as_secs_f64() + after) / interval;
    let metres_a_column =
        geometry.slant_range_m(shifted, col + 0.5) - geometry.slant_range_m(shifted, col - 0.5);
    let off = range - geometry.slant_range_m(shifted, col);
    Some((shifted, col + off / metres_a_column))
}
