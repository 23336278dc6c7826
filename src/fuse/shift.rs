//! Where a moving ship is imaged: a radar takes its range speed for a displacement along the flight path.
//!
//! Δ = −(R/V) · v_r with v_r = ground speed away from the radar × sin(incidence). A ship that moves away is
//! imaged shifted *against* the flight direction; R, V and the incidence come from the product's own geometry.
//!
//! Source: Raney (1971), Synthetic aperture imaging radar and moving targets, for the effect; the factor
//! sin(incidence) projects the horizontal speed on the line of sight.

use crate::model::scene::SarGeometry;

/// Azimuth shift of a mover, metres, positive along the flight direction.
///
/// `sog_mps` is the speed over ground in metres per second, `cog_deg` the course over ground in degrees true.
pub fn azimuth_shift_m(sar: &SarGeometry, sog_mps: f64, cog_deg: f64) -> f64 {
    let away_mps = sog_mps * (cog_deg - look_bearing_deg(sar)).to_radians().cos();
    -away_mps * metres_per_mps_away(sar)
}

/// Shift per metre per second of ground speed away from the radar, metres, without its sign.
pub(super) fn metres_per_mps_away(sar: &SarGeometry) -> f64 {
    sar.slant_range_m / sar.platform_speed_mps * sar.incidence_deg.to_radians().sin()
}

/// Ground direction from the radar to the target, degrees true.
pub(super) fn look_bearing_deg(sar: &SarGeometry) -> f64 {
    let turn_deg = if sar.looks_right { 90.0 } else { -90.0 };
    sar.track_heading_deg + turn_deg
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::units::{KNOT_MPS, LonLat};

    fn sar(
        slant_range_m: f64,
        incidence_deg: f64,
        track_heading_deg: f64,
        looks_right: bool,
    ) -> SarGeometry {
        SarGeometry {
            slant_range_m,
            platform_speed_mps: 7_590.0,
            incidence_deg,
            track_heading_deg,
            looks_right,
        }
    }

    #[test]
    fn ten_knots_away_gives_the_published_table() {
        // Slant range, R/V and shift for Sentinel-1 at three incidence angles, computed on a sphere.
        for (range_km, r_over_v_s, incidence_deg, shift_m) in [
            (788.0, 104.0, 30.0, 267.0),
            (860.0, 113.0, 38.5, 363.0),
            (950.0, 125.0, 46.0, 463.0),
        ] {
            let sar = SarGeometry {
                platform_speed_mps: range_km * 1000.0 / r_over_v_s,
                ..sar(range_km * 1000.0, incidence_deg, 348.0, true)
            };
            let away = azimuth_shift_m(&sar, 10.0 * KNOT_MPS, 348.0 + 90.0);
            // 3 %: the table is rounded to whole seconds and metres.
            assert!((-away / shift_m - 1.0).abs() < 0.03, "{away} for {shift_m}");
        }
    }

    #[test]
    fn a_ship_moving_away_is_shifted_against_the_flight_for_both_passes_and_both_looks() {
        for track_heading_deg in [348.0, 192.0] {
            for looks_right in [true, false] {
                let sar = sar(860_000.0, 38.5, track_heading_deg, looks_right);
                // Heading east on an ascending right-looking pass is away from the radar, and so on.
                let away_deg = if looks_right {
                    track_heading_deg + 90.0
                } else {
                    track_heading_deg - 90.0
                };
                assert!(azimuth_shift_m(&sar, 5.0, away_deg) < -300.0);
                assert!(azimuth_shift_m(&sar, 5.0, away_deg + 180.0) > 300.0);
            }
        }
        // In plain directions: an eastward ship, seen from the west by an ascending right-looking radar, lands south.
        let ascending = sar(860_000.0, 38.5, 0.0, true);
        let start = LonLat::new(124.0, 25.0);
        let seen = start.destination(0.0, azimuth_shift_m(&ascending, 5.0, 90.0));
        assert!(seen.lat_deg < start.lat_deg);
        // Descending, the radar is to the east: the same ship comes nearer and is shifted along the flight, south again.
        let descending = sar(860_000.0, 38.5, 180.0, true);
        let seen = start.destination(180.0, azimuth_shift_m(&descending, 5.0, 90.0));
        assert!(seen.lat_deg < start.lat_deg);
    }

    #[test]
    fn a_ship_sailing_along_the_flight_path_is_not_shifted() {
        let sar = sar(860_000.0, 38.5, 192.0, true);
        // 1 µm: rounding of the cosine of a right angle.
        assert!(azimuth_shift_m(&sar, 10.0, 192.0).abs() < 1e-6);
    }
}
