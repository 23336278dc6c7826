//! What a radar sees of the ships: who stands out, where each is imaged, what is measured, and what is no ship.
//!
//! A hull reflects 0.08 · L^(7/3) m² (Vachon et al. 1997), fluctuating by 5 dB about that (aspect, build, sea), and is seen if it stands
//! 10.5 dB out of the clutter of a resolution cell: four in five of 25–50 m, as reported of Sentinel-1. The azimuth shift is R/V · v · sin θ · cos(course − look), with R and
//! θ on a sphere.

use super::{EchoTruth, Ship, after_image, normal, on_the_ground, poisson};
use crate::model::detection::Detection;
use crate::model::scene::{Polarisation, SarGeometry};
use crate::model::units::{KNOT_MPS, LonLat};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// Speed of the beam over the ground, metres per second.
pub(super) const GROUND_SPEED_MPS: f64 = 6_800.0;
const PLATFORM_SPEED_MPS: f64 = 7_590.0;
const ALTITUDE_M: f64 = 693_000.0;
const EARTH_RADIUS_M: f64 = 6_371_000.0;
/// Incidence in the image's middle, degrees.
const MIDDLE_INCIDENCE_DEG: f64 = 38.5;
/// Area of a resolution cell, dB over a square metre (20 m × 22 m).
const CELL_DB: f64 = 26.4;
/// Contrast from which a hull is found, dB.
const FOUND_DB: f64 = 10.5;
/// Fluctuation of a hull's reflection, dB.
const FLUCTUATION_DB: f64 = 5.0;
/// False alarms as a share of the ships.
const FALSE_ALARMS: f64 = 0.06;

/// The pass and the sea state.
pub(super) struct Sky {
    track_heading_deg: f64,
    /// σ⁰ of the sea in VV, dB.
    sea_db: f64,
}

impl Sky {
    pub(super) fn draw(rng: &mut ChaCha8Rng) -> Self {
        let ascending = rng.random_range(0.0..1.0) < 0.5;
        Self {
            track_heading_deg: if ascending { 348.0 } else { 192.0 },
            sea_db: rng.random_range(-22.0..-14.0),
        }
    }

    fn axes(&self) -> ([f64; 2], [f64; 2]) {
        let (sin, cos) = self.track_heading_deg.to_radians().sin_cos();
        // Flight direction, and the look to its right.
        ([sin, cos], [cos, -sin])
    }

    /// Geometry at metres east and north of the centre: the incidence grows across the track.
    fn geometry(&self, place_m: [f64; 2]) -> SarGeometry {
        let (_, look) = self.axes();
        let outward_m = place_m[0] * look[0] + place_m[1] * look[1];
        // 16° of incidence over 250 km of swath.
        let incidence_deg = MIDDLE_INCIDENCE_DEG + outward_m * 16.0 / 250_000.0;
        let orbit_m = EARTH_RADIUS_M + ALTITUDE_M;
        let (sin, cos) = incidence_deg.to_radians().sin_cos();
        let slant_range_m =
            (orbit_m * orbit_m - (EARTH_RADIUS_M * sin).powi(2)).sqrt() - EARTH_RADIUS_M * cos;
        SarGeometry {
            slant_range_m,
            platform_speed_mps: PLATFORM_SPEED_MPS,
            incidence_deg,
            track_heading_deg: self.track_heading_deg,
            looks_right: true,
        }
    }

    /// Seconds from the image's middle at which a place is imaged.
    fn time_s(&self, place_m: [f64; 2]) -> f64 {
        let (flight, _) = self.axes();
        (place_m[0] * flight[0] + place_m[1] * flight[1]) / GROUND_SPEED_MPS
    }
}

/// A thing that stands out.
struct Seen {
    place_m: [f64; 2],
    length_m: f64,
    bow_deg: f64,
    contrast_db: f64,
    truth: EchoTruth,
}

/// Detections of the image, shuffled by their ids, and what is behind each.
pub(super) fn look(
    sky: &Sky,
    ships: &[Ship],
    half_m: f64,
    rng: &mut ChaCha8Rng,
) -> (Vec<Detection>, BTreeMap<String, EchoTruth>) {
    let mut seen: Vec<Seen> = ships
        .iter()
        .filter(|ship| ship.hull)
        .filter_map(|ship| see(sky, ship, rng))
        .filter(|seen| seen.place_m.iter().all(|m| m.abs() < half_m))
        .collect();
    for _ in 0..poisson(FALSE_ALARMS * seen.len() as f64, rng) {
        seen.push(Seen {
            place_m: std::array::from_fn(|_| rng.random_range(-half_m..half_m)),
            length_m: 25.0 * (0.4 * normal(rng)).exp(),
            bow_deg: rng.random_range(0.0..360.0),
            contrast_db: FOUND_DB + 1.0,
            truth: EchoTruth {
                mmsi: None,
                sog_kn: 0.0,
            },
        });
    }
    let mut truth = BTreeMap::new();
    let mut detections = Vec::with_capacity(seen.len());
    for thing in seen {
        let id = format!("{:016x}", rng.random_range(0..u64::MAX));
        truth.insert(id.clone(), thing.truth);
        detections.push(measure(sky, &id, &thing, rng));
    }
    (detections, truth)
}

/// Where a hull is imaged, if it stands out.
fn see(sky: &Sky, ship: &Ship, rng: &mut ChaCha8Rng) -> Option<Seen> {
    let hull_db = 10.0 * (0.08 * ship.length_m.powf(7.0 / 3.0)).log10();
    let contrast_db = hull_db + FLUCTUATION_DB * normal(rng) - sky.sea_db - CELL_DB;
    let motion = ship.voyage.at(sky.time_s(ship.voyage.at(0.0).place_m));
    let geometry = sky.geometry(motion.place_m);
    let (flight, look) = sky.axes();
    let away_mps = motion.velocity_mps[0] * look[0] + motion.velocity_mps[1] * look[1];
    let radial_mps = away_mps * geometry.incidence_deg.to_radians().sin();
    let shift_m = -geometry.slant_range_m / geometry.platform_speed_mps * radial_mps;
    let place_m = std::array::from_fn(|i| motion.place_m[i] + shift_m * flight[i]);
    (contrast_db >= FOUND_DB).then_some(Seen {
        place_m,
        length_m: ship.length_m,
        bow_deg: motion.course_deg() + ship.leeway_deg,
        contrast_db,
        truth: EchoTruth {
            mmsi: ship.mmsi,
            sog_kn: motion.speed_mps() / KNOT_MPS,
        },
    })
}

fn measure(sky: &Sky, id: &str, seen: &Seen, rng: &mut ChaCha8Rng) -> Detection {
    let centroid_m = 8.0 + 0.04 * seen.length_m;
    let place_m: [f64; 2] = std::array::from_fn(|i| seen.place_m[i] + centroid_m * normal(rng));
    let length_m = seen.length_m * (0.15 * normal(rng)).exp() + 6.0 * normal(rng);
    // Short echoes have no axis; one in twenty is turned by a neighbour's or its own sidelobe.
    let axis_sigma_deg = 4.0 + 250.0 / seen.length_m;
    let error_deg = if rng.random_range(0.0..1.0) < 0.05 {
        rng.random_range(-90.0..90.0)
    } else {
        axis_sigma_deg * normal(rng)
    };
    let heading_deg = (seen.length_m > 28.0).then(|| (seen.bow_deg + error_deg).rem_euclid(180.0));
    let place: LonLat = on_the_ground(place_m);
    Detection {
        position: Some(place),
        position_sigma_m: Some(centroid_m),
        time: Some(after_image(sky.time_s(place_m))),
        length_m: Some(length_m.max(10.0)),
        length_sigma_m: Some(6.0 + 0.1 * length_m.max(10.0)),
        heading_deg,
        heading_sigma_deg: heading_deg.map(|_| axis_sigma_deg),
        snr_db: seen.contrast_db,
        mean_contrast_db: seen.contrast_db - 3.0,
        sigma0_db: vec![(Polarisation::Vv, sky.sea_db + seen.contrast_db)],
        polarisations: vec![Polarisation::Vv],
        sar: Some(sky.geometry(place_m)),
        ..Detection::bare(id, "fleet")
    }
}
