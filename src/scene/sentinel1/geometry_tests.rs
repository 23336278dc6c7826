//! Geocoding against the products' own tie points, and against itself.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a failed step fails the test; figures are for people"
)]

use super::geocode::{earth_fixed, norm};
use super::{Annotation, Geometry, Orbit};
use crate::model::scene::SarGeometry;

const PALAU: &str = "S1A_IW_GRDH_1SDV_20221002T205126_20221002T205156_045268_056950_0664.SAFE";
const ALPS: &str = "S1B_IW_GRDH_1SDV_20210401T052623_20210401T052648_026269_032297_ECC8.SAFE";

fn shared() -> String {
    std::env::var("TIDEWATCH_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data").to_owned())
}

fn annotation(product: &str) -> Annotation {
    let folder = format!("{}/sentinel1/{product}/annotation", shared());
    let name = crate::gis::vsi::list_dir(&folder)
        .unwrap()
        .into_iter()
        .find(|name| name.contains("-vv-"))
        .unwrap();
    let path = format!("{folder}/{name}");
    Annotation::parse(&path, &crate::gis::vsi::read_file(&path).unwrap()).unwrap()
}

struct Worst {
    points: usize,
    place_m: f64,
    time_s: f64,
    incidence_deg: f64,
    slant_m: f64,
    pixel: f64,
}

fn against_grid(annotation: &Annotation, geometry: &Geometry) -> Worst {
    let mut worst = Worst {
        points: 0,
        place_m: 0.0,
        time_s: 0.0,
        incidence_deg: 0.0,
        slant_m: 0.0,
        pixel: 0.0,
    };
    for point in &annotation.grid {
        let found = geometry.locate(point.row, point.col).unwrap();
        let sar = found.sar.unwrap();
        let dt = (found.time.unwrap().as_nanosecond() - point.time.as_nanosecond()) as f64 * 1e-9;
        worst.time_s = worst.time_s.max(dt.abs());
        worst.slant_m = worst
            .slant_m
            .max((sar.slant_range_m - point.slant_range_time_s * 299_792_458.0 / 2.0).abs());
        let (row, col) = geometry.pixel_of(found.position).unwrap();
        worst.pixel = worst
            .pixel
            .max((row - point.row).abs())
            .max((col - point.col).abs());
        if point.height_m.abs() < 0.01 {
            worst.points += 1;
            worst.place_m = worst.place_m.max(found.position.distance_m(point.position));
            worst.incidence_deg = worst
                .incidence_deg
                .max((sar.incidence_deg - point.incidence_deg).abs());
        }
    }
    worst
}

#[test]
#[ignore = "needs the shared real data"]
fn the_open_sea_grid_of_a_real_product_is_met_within_5_m_1_ms_and_a_hundredth_of_a_degree() {
    for (product, at_sea) in [(PALAU, 231), (ALPS, 0)] {
        let annotation = annotation(product);
        let worst = against_grid(&annotation, &annotation.geometry().unwrap());
        eprintln!(
            "{product}: {} points at height 0: {:.3} m, {:.3} ms, {:.5}°, slant {:.3} m, round trip {:.2e} px",
            worst.points,
            worst.place_m,
            worst.time_s * 1e3,
            worst.incidence_deg,
            worst.slant_m,
            worst.pixel
        );
        assert_eq!(worst.points, at_sea);
        assert!(worst.place_m < 5.0 && worst.time_s < 1e-3 && worst.incidence_deg < 0.01);
        assert!(worst.pixel < 0.01);
    }
}

#[test]
#[ignore = "needs the shared real data"]
fn held_out_state_vectors_are_found_again_within_1_cm() {
    for product in [PALAU, ALPS] {
        let vectors = annotation(product).state_vectors;
        let every_other: Vec<_> = vectors.iter().copied().step_by(2).collect();
        let orbit = Orbit::from_state_vectors(&every_other).unwrap();
        let mut worst: (f64, f64) = (0.0, 0.0);
        for vector in vectors.iter().skip(1).step_by(2) {
            if vector.time > every_other.last().unwrap().time {
                continue;
            }
            let found = orbit.state_at(vector.time);
            for axis in 0..3 {
                worst.0 = worst
                    .0
                    .max((found.position_m[axis] - vector.position_m[axis]).abs());
                worst.1 = worst
                    .1
                    .max((found.velocity_mps[axis] - vector.velocity_mps[axis]).abs());
            }
        }
        eprintln!(
            "{product}: {:.4} m, {:.5} m/s over 20 s gaps",
            worst.0, worst.1
        );
        // The velocities of the second product are themselves only good to a centimetre a second.
        assert!(worst.0 < 0.01 && worst.1 < 0.02);
    }
}

#[test]
#[ignore = "needs the shared real data"]
fn viewing_geometry_agrees_with_the_direction_and_size_of_the_pixels() {
    let annotation = annotation(PALAU);
    let geometry = annotation.geometry().unwrap();
    for (row, col) in [(0.0, 0.0), (9000.0, 12000.0), (19496.0, 25116.0)] {
        let frame = geometry.pixel_frame(row, col).unwrap();
        let SarGeometry {
            track_heading_deg,
            looks_right,
            ..
        } = geometry.locate(row, col).unwrap().sar.unwrap();
        let bearing = |v: [f64; 2]| v[0].atan2(v[1]).to_degrees().rem_euclid(360.0);
        // Iso-range lines and lines of constant time cross at a right angle within a few hundredths of a degree.
        assert!(
            (bearing(frame.row_m) - track_heading_deg).abs() < 0.1,
            "{} {track_heading_deg}",
            bearing(frame.row_m)
        );
        assert!(looks_right);
        // The polynomials' mean Earth and the nominal row spacing leave up to 2 %.
        assert!(
            (frame.pixel_area_m2() - 100.0).abs() < 2.0,
            "{}",
            frame.pixel_area_m2()
        );
    }
}

#[test]
#[ignore = "needs the shared real data"]
fn places_left_of_the_track_behind_the_horizon_or_far_along_never_land_in_the_image() {
    let geometry = annotation(PALAU).geometry().unwrap();
    let (rows, cols) = geometry.size();
    let centre = geometry
        .locate(f64::from(rows) / 2.0, f64::from(cols) / 2.0)
        .unwrap();
    let sar = centre.sar.unwrap();
    for step in 0..400 {
        let distance_m = 300_000.0 + 49_000.0 * f64::from(step);
        for bearing in 0..36 {
            let place = centre
                .position
                .destination(f64::from(bearing) * 10.0, distance_m);
            if let Some((row, col)) = geometry.pixel_of(place) {
                let inside =
                    (0.0..f64::from(rows)).contains(&row) && (0.0..f64::from(cols)).contains(&col);
                assert!(!inside, "{place:?} at {distance_m} m lands at {row}, {col}");
            }
        }
    }
    // 900 km to the left of the swath is the mirror image on the other side of the track.
    let left = centre
        .position
        .destination(sar.track_heading_deg - 90.0, 1_250_000.0);
    assert!(geometry.pixel_of(left).unwrap().1 < 0.0);
}

/// `a · b`.
fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn a_located_pixel_is_at_its_slant_range_on_the_ellipsoid_across_the_track_on_the_side_looked_to() {
    let text = crate::scene::small_product::annotation("vv");
    let mut parts = Annotation::parse("small.xml", text.as_bytes())
        .unwrap()
        .geometry_parts();
    for looks_right in [true, false] {
        parts.looks_right = looks_right;
        let geometry = Geometry::new(&parts).unwrap();
        for (row, col) in [(0.0, 0.0), (39.0, 63.0), (-500.0, 20.5), (20.25, 15_000.0)] {
            let pixel = geometry.locate(row, col).unwrap();
            let state = geometry.orbit().state_at(pixel.time.unwrap());
            let place = earth_fixed(pixel.position);
            let sight = [0, 1, 2].map(|axis| place[axis] - state.position_m[axis]);
            // 8.1e5 + 0.52 g + 5e-7 g², straight 2 km beyond the swath of 640 m.
            let inside = (10.0 * col).min(2640.0);
            let slope = 0.52 + 1e-6 * inside;
            let slant_m =
                8.1e5 + 0.52 * inside + 5e-7 * inside * inside + slope * (10.0 * col - inside);
            assert!((norm(sight) - slant_m).abs() < 1e-4);
            // Times are whole nanoseconds: 7 µm of flight.
            assert!((dot(sight, state.velocity_mps) / norm(state.velocity_mps)).abs() < 1e-4);
            // Flying north over 0° E, right is east.
            assert_eq!(pixel.position.lon_deg > 0.0, looks_right);
            let (back_row, back_col) = geometry.pixel_of(pixel.position).unwrap();
            assert!((back_row - row).abs() < 1e-6 && (back_col - col).abs() < 1e-6);
        }
    }
}

#[test]
fn unsound_numbers_make_no_geometry() {
    let text = crate::scene::small_product::annotation("vv");
    let sound = Annotation::parse("small.xml", text.as_bytes())
        .unwrap()
        .geometry_parts();
    let mut parts = [sound.clone(), sound.clone(), sound.clone(), sound];
    parts[0].line_interval_s = 0.0;
    parts[1].range_spacing_m = f64::NAN;
    parts[2].conversions.clear();
    parts[3].rows = 0;
    for parts in &parts {
        assert!(Geometry::new(parts).is_err());
    }
}

#[test]
#[ignore = "needs the shared real data"]
fn tie_points_at_the_height_of_the_land_lie_on_the_orbits_range_and_doppler() {
    for product in [PALAU, ALPS] {
        let annotation = annotation(product);
        let orbit = Orbit::from_state_vectors(&annotation.state_vectors).unwrap();
        let mut worst: (f64, f64) = (0.0, 0.0);
        for point in &annotation.grid {
            let (lon, lat) = (
                point.position.lon_deg.to_radians(),
                point.position.lat_deg.to_radians(),
            );
            let up = [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()];
            let ground = earth_fixed(point.position);
            let state = orbit.state_at(point.time);
            let sight = [0, 1, 2]
                .map(|axis| ground[axis] + point.height_m * up[axis] - state.position_m[axis]);
            let slant_m = point.slant_range_time_s * 299_792_458.0 / 2.0;
            worst.0 = worst.0.max((norm(sight) - slant_m).abs());
            worst.1 = worst
                .1
                .max((dot(sight, state.velocity_mps) / norm(state.velocity_mps)).abs());
        }
        eprintln!(
            "{product}: range {:.4} m, along track {:.4} m",
            worst.0, worst.1
        );
        // A centimetre a second of doubt in the second product's velocities turns the plane by half a metre.
        assert!(worst.0 < 0.01 && worst.1 < 0.5);
    }
}
