//! The written product read back: by the `scene` room, by the AIS decoder, and by GDAL's own SAFE driver.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot write or read its own small product must stop there"
)]

use super::orbit::{length, minus, to_place};
use super::plan::Plan;
use super::*;
use crate::model::scene::{Pass, Polarisation};
use crate::model::units::{KNOT_MPS, LonLat};
use crate::scene::{Product, RasterOptions};
use std::path::Path;

fn small(out_dir: &Path, pass: Pass) -> SimulateOptions {
    SimulateOptions {
        out_dir: out_dir.to_owned(),
        seed: 5,
        source: Source::Made(SceneOptions {
            centre: LonLat::new(123.5, 25.8),
            mode: Mode::IwGrdh,
            width_px: 620,
            height_px: 560,
            start: "2024-05-01T09:30:00.25Z".parse().unwrap(),
            pass,
            incidence_deg: 38.5,
        }),
        sea: SeaState::default(),
        fleet: FleetOptions {
            correlated: 2,
            silent: 1,
            ais_only: 1,
            rafts: 1,
            fixed: 1,
            beacons: 1,
            report_s: 120.0,
            separation_m: 700.0,
            length_m: (150.0, 220.0),
            ..FleetOptions::default()
        },
        land: None,
        compress: true,
    }
}

fn opened(report: &SimulateReport) -> Product {
    let path = report.product.display().to_string();
    crate::scene::open(&path, &RasterOptions::default()).unwrap()
}

#[test]
fn the_product_is_what_it_was_asked_to_be_and_says_that_it_is_simulated() {
    let folder = tempfile::tempdir().unwrap();
    let options = small(folder.path(), Pass::Descending);
    let report = run(&options).unwrap();
    let product = opened(&report);
    let scene = product.scene();
    assert!(scene.simulated, "{:?}", scene.processor);
    assert_eq!((scene.width, scene.height), (620, 560));
    assert_eq!(scene.pass, Some(Pass::Descending));
    assert_eq!(scene.polarisations, [Polarisation::Vv, Polarisation::Vh]);
    assert!((scene.looks - 4.4).abs() < 0.3, "{}", scene.looks);
    let centre = product.locate(279.5, 309.5).unwrap();
    assert!(centre.position.distance_m(LonLat::new(123.5, 25.8)) < 0.5);
    assert!((centre.sar.unwrap().incidence_deg - 38.5).abs() < 0.01);
}

#[test]
fn the_readers_geometry_agrees_with_the_orbit_the_product_was_written_from() {
    let folder = tempfile::tempdir().unwrap();
    let options = small(folder.path(), Pass::Ascending);
    let product = opened(&run(&options).unwrap());
    let Source::Made(scene) = &options.source else {
        unreachable!("made above")
    };
    let plan = Plan::new(scene, options.seed);
    for (row, col) in [
        (0.0, 0.0),
        (0.0, 619.0),
        (559.0, 0.0),
        (123.4, 567.8),
        (559.0, 619.0),
    ] {
        let (satellite, ground) = plan.sight(row, col);
        let read = product.locate(row, col).unwrap();
        // State vectors and times are rounded to microseconds (7 mm along track); polynomials to a millimetre.
        let apart = read.position.distance_m(to_place(ground));
        assert!(apart < 0.05, "row {row}, col {col}: {apart} m");
        let range = read.sar.unwrap().slant_range_m;
        assert!((range - length(minus(ground, satellite))).abs() < 0.05);
        let (r, c) = product.pixel_of(read.position).unwrap();
        assert!((r - row).abs() < 0.01 && (c - col).abs() < 0.01);
    }
}

#[test]
fn sea_has_the_brightness_of_its_model_and_ships_stand_where_the_truth_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = small(folder.path(), Pass::Descending);
    // Nearly free of fluctuation: what is left is geometry and mean brightness.
    options.sea.nu = 900.0;
    options.sea.swell_depth = 0.0;
    let report = run(&options).unwrap();
    let product = opened(&report);
    let truth = Truth::read(&report.truth).unwrap();
    let band = 0;
    let sigma0 = product.sigma0(band, 0, 0, 560, 620).unwrap();
    let mut sorted: Vec<f32> = sigma0.iter().copied().filter(|s| s.is_finite()).collect();
    let mean = sorted.iter().map(|s| f64::from(*s)).sum::<f64>() / sorted.len() as f64;
    sorted.sort_by(f32::total_cmp);
    let expected = sea_model::sea_sigma0(Polarisation::Vv, 38.5, 7.0);
    // Ships add under 0.3 dB over so small a scene.
    assert!(
        (10.0 * (mean / expected).log10()).abs() < 0.5,
        "{mean} {expected}"
    );

    for ship in &truth.ships {
        let Some(imaged) = ship.imaged else { continue };
        if ship.expected == Some(Verdict::Ambiguous) || imaged.snr_db < 15.0 {
            continue;
        }
        let (row, col) = centroid((&sigma0, 620), &imaged, ship.length_m, mean);
        // Speckle of 4.4 looks on a 150 m hull moves a centroid by about length/√(12·L·pixels): 0.8 px at worst.
        assert!(
            (row - imaged.row).abs() < 2.0,
            "{} {row} {imaged:?}",
            ship.id
        );
        assert!(
            (col - imaged.col).abs() < 2.0,
            "{} {col} {imaged:?}",
            ship.id
        );
    }
}

/// Centroid of what exceeds four times the mean around a ship.
fn centroid(
    (sigma0, width): (&[f32], usize),
    imaged: &crate::lab::truth::Imaged,
    length_m: f64,
    mean: f64,
) -> (f64, f64) {
    let reach = (length_m / 20.0 + 4.0) as i64;
    let (row, col) = (imaged.row.round() as i64, imaged.col.round() as i64);
    let (mut sum, mut rows, mut cols) = (0.0, 0.0, 0.0);
    for r in row - reach..=row + reach {
        for c in col - reach..=col + reach {
            let value = f64::from(sigma0[r as usize * width + c as usize]) - mean;
            if value > 3.0 * mean {
                sum += value;
                rows += value * r as f64;
                cols += value * c as f64;
            }
        }
    }
    (rows / sum, cols / sum)
}

#[test]
fn a_ship_without_fluctuation_has_its_centroid_at_the_truths_pixel_within_a_fifth_of_a_pixel() {
    let folder = tempfile::tempdir().unwrap();
    let options = small(folder.path(), Pass::Ascending);
    let Source::Made(scene) = &options.source else {
        unreachable!("made above")
    };
    let made = made::make(folder.path(), scene, 3).unwrap();
    let land = LandRows::new(None, &made.stage.geometry);
    let fleet = fleet::fleet(&made.stage, &land, &options.fleet, (3, 7.0)).unwrap();
    let ships: Vec<_> = fleet.ships.iter().filter_map(|ship| ship.imaged).collect();
    // Each ship adds two ghosts and then itself.
    let pictures = fleet.pictures.iter().skip(2).step_by(3);
    assert_eq!(ships.len() * 3, fleet.pictures.len());
    for (ship, picture) in ships.iter().zip(pictures) {
        let (mut sum, mut rows, mut cols) = (0.0, 0.0, 0.0);
        let mut line = vec![0.0_f32; 620];
        for row in 0..560 {
            line.fill(0.0);
            picture.patch.add_to_row(row, 1.0, &mut line);
            for (col, value) in line.iter().enumerate() {
                sum += f64::from(*value);
                rows += f64::from(*value) * f64::from(row);
                cols += f64::from(*value) * col as f64;
            }
        }
        assert!((rows / sum - ship.row).abs() < 0.2 && (cols / sum - ship.col).abs() < 0.2);
    }
}

#[test]
fn a_ship_moving_away_from_the_radar_is_shifted_against_the_flight_on_both_passes() {
    let folder = tempfile::tempdir().unwrap();
    for (pass, away_deg) in [(Pass::Ascending, 78.0), (Pass::Descending, 282.0)] {
        let options = small(folder.path(), pass);
        let Source::Made(scene) = &options.source else {
            unreachable!("made above")
        };
        let stage = made::make(folder.path(), scene, 9).unwrap().stage;
        let at = stage.geometry.locate(280.0, 310.0).unwrap();
        let sar = at.sar.unwrap();
        let course = motion::Course {
            position: at.position,
            time: stage.geometry.time_of_row(280.0).unwrap(),
            sog_kn: 12.0,
            cog_deg: away_deg,
        };
        let (row, col) = motion::imaged(&stage.geometry, &course).unwrap();
        let along = (away_deg - sar.track_heading_deg).to_radians().sin();
        let radial = 12.0 * KNOT_MPS * along * sar.incidence_deg.to_radians().sin();
        let expected = -sar.slant_range_m / sar.platform_speed_mps * radial / 10.0;
        // The closed form neglects the ship's own along-track speed: v/V is 10⁻³ of the shift; 1 % covers both.
        assert!(expected < -30.0, "{expected}");
        assert!(
            ((row - 280.0) / expected - 1.0).abs() < 0.01,
            "{row} {expected}"
        );
        assert!((col - 310.0).abs() < 0.1, "{col}");
        let still = motion::Course {
            sog_kn: 0.0,
            ..course
        };
        let (row, col) = motion::imaged(&stage.geometry, &still).unwrap();
        assert!((row - 280.0).abs() < 1e-2 && (col - 310.0).abs() < 1e-2);
    }
}

#[test]
fn the_log_decodes_without_rejects_and_tells_the_truths_places() {
    let folder = tempfile::tempdir().unwrap();
    let report = run(&small(folder.path(), Pass::Descending)).unwrap();
    let truth = Truth::read(&report.truth).unwrap();
    let reception = crate::ais::read_file(&report.ais_log).unwrap();
    assert!(reception.simulated);
    assert_eq!(reception.lines, report.ais_lines);
    assert_eq!(
        reception.rejects.values().sum::<u64>(),
        0,
        "{:?}",
        reception.rejects
    );
    let tracks = crate::ais::tracks(vec![reception], 1800.0);
    for ship in &truth.ships {
        let Some(mmsi) = ship.mmsi else { continue };
        let track = tracks.iter().find(|track| track.mmsi == mmsi).unwrap();
        let nearest = track
            .positions
            .iter()
            .min_by_key(|fix| fix.time.duration_since(ship.time).abs())
            .unwrap();
        let dt = nearest.time.duration_since(ship.time).as_secs_f64().abs();
        let apart = nearest.position.distance_m(ship.position);
        // What the ship runs meanwhile, five standard deviations of the fix, and 0.1 m of coding.
        assert!(
            apart < ship.sog_kn * KNOT_MPS * dt + 25.0,
            "{} {apart}",
            ship.id
        );
        if ship.kind != Kind::Beacon {
            assert_eq!(track.vessel.length_m, Some(ship.length_m), "{}", ship.id);
        }
    }
}

#[test]
fn in_an_outage_silent_ships_cannot_be_assessed_and_in_a_long_one_none_can() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = small(folder.path(), Pass::Descending);
    options.fleet.outage_min = Some(40.0);
    options.fleet.rafts = 0;
    let report = run(&options).unwrap();
    let verdicts: Vec<Verdict> = report
        .expected
        .iter()
        .map(|(verdict, _)| *verdict)
        .collect();
    assert_eq!(
        verdicts,
        [Verdict::Correlated, Verdict::Fixed, Verdict::NotAssessable]
    );
    let truth = Truth::read(&report.truth).unwrap();
    let reception = crate::ais::read_file(&report.ais_log).unwrap();
    assert!(!reception.positions.is_empty());
    let seen = truth.ships[0].time;
    let nearest = reception
        .positions
        .iter()
        .map(|fix| fix.time.duration_since(seen).abs());
    assert!(nearest.min().unwrap().as_secs() > 2390);

    options.fleet.outage_min = Some(60.0);
    let report = run(&options).unwrap();
    let verdicts: Vec<Verdict> = report
        .expected
        .iter()
        .map(|(verdict, _)| *verdict)
        .collect();
    assert_eq!(verdicts, [Verdict::Fixed, Verdict::NotAssessable]);
    assert_eq!(report.ais_lines, 0);
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_does_not() {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let reports: Vec<SimulateReport> = folders
        .iter()
        .zip([5, 5, 6])
        .map(|(folder, seed)| {
            let mut options = small(folder.path(), Pass::Descending);
            options.seed = seed;
            run(&options).unwrap()
        })
        .collect();
    let manifest =
        |report: &SimulateReport| std::fs::read(report.product.join("manifest.safe")).unwrap();
    // The manifest holds the checksum of every other file of the product.
    assert_eq!(manifest(&reports[0]), manifest(&reports[1]));
    assert_ne!(manifest(&reports[0]), manifest(&reports[2]));
    for part in [
        |r: &SimulateReport| r.truth.clone(),
        |r: &SimulateReport| r.ais_log.clone(),
    ] {
        let bytes = |report| std::fs::read(part(report)).unwrap();
        assert_eq!(bytes(&reports[0]), bytes(&reports[1]));
        assert_ne!(bytes(&reports[0]), bytes(&reports[2]));
    }
}

#[test]
fn gdals_own_safe_driver_opens_both_polarisations_and_reads_the_same_pixels() {
    let folder = tempfile::tempdir().unwrap();
    let report = run(&small(folder.path(), Pass::Descending)).unwrap();
    let product = opened(&report);
    let manifest = report.product.join("manifest.safe");
    // GDAL 3.6 offers GRD products uncalibrated; it finds their rasters through the manifest's object ids.
    for (band, name) in ["IW_VV", "IW_VH"].iter().enumerate() {
        let path = format!(
            "SENTINEL1_CALIB:UNCALIB:{}:{name}:AMPLITUDE",
            manifest.display()
        );
        let mut raster = crate::gis::raster::Raster::open(&path).unwrap();
        assert_eq!(raster.size(), (620, 560));
        let mut theirs = vec![0; 620];
        raster.read_rows_u16(0, 300, 1, &mut theirs).unwrap();
        let mut ours = crate::model::tile::Tile::default();
        let mut reader = product.open_band(band).unwrap();
        reader.read(300, 1, &mut ours).unwrap();
        assert_eq!(ours.row(300), theirs);
        assert!(theirs.iter().all(|dn| *dn > 0));
    }
}

#[test]
fn options_that_make_no_scene_are_refused_with_their_value() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = small(folder.path(), Pass::Descending);
    options.sea.nu = -1.0;
    assert_eq!(
        run(&options).unwrap_err().to_string(),
        "nu is -1; expected 0.5 to 1000"
    );
    let mut options = small(folder.path(), Pass::Descending);
    options.fleet.correlated = 500;
    assert!(matches!(
        run(&options),
        Err(LabError::NoRoom { wanted: 505, .. })
    ));
}

#[test]
fn land_is_bright_and_free_of_ships() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = small(folder.path(), Pass::Descending);
    let island = geo::Rect::new((123.495, 25.795), (123.505, 25.805)).to_polygon();
    options.land = Some(geo::MultiPolygon(vec![island]));
    let report = run(&options).unwrap();
    let product = opened(&report);
    let truth = Truth::read(&report.truth).unwrap();
    for ship in &truth.ships {
        let inside = (ship.position.lon_deg - 123.5).abs() < 0.005
            && (ship.position.lat_deg - 25.8).abs() < 0.005;
        assert!(!inside, "{}", ship.id);
    }
    let (row, col) = product.pixel_of(LonLat::new(123.5, 25.8)).unwrap();
    let sigma0 = product
        .sigma0(0, row as u32 - 20, col as u32 - 20, 40, 40)
        .unwrap();
    let mean = sigma0.iter().sum::<f32>() / sigma0.len() as f32;
    assert!((10.0 * mean.log10() + 8.0).abs() < 0.5, "{mean}");
}

#[test]
#[ignore = "needs the shared real data"]
fn a_real_products_sheets_are_copied_and_its_movers_shift_as_measured_on_it() {
    let data = std::env::var("TIDEWATCH_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data").to_owned());
    let model = Path::new(&data)
        .join("sentinel1")
        .join("S1A_IW_GRDH_1SDV_20221002T205126_20221002T205156_045268_056950_0664.SAFE");
    let folder = tempfile::tempdir().unwrap();
    let stage = like::copy(folder.path(), &model).unwrap();
    let bands: Vec<Polarisation> = stage.bands.iter().map(|band| band.polarisation).collect();
    assert_eq!(bands, [Polarisation::Vv, Polarisation::Vh]);
    assert!(
        folder
            .path()
            .join(&stage.folder)
            .join("annotation/rfi")
            .is_dir()
    );
    // Measured on this annotation: 333 m at near and 559 m at far range for 12 kn across the track.
    for (col, expected) in [(0.0, 333.0), (25_116.0, 559.0)] {
        let at = stage.geometry.locate(9000.0, col).unwrap();
        let course = motion::Course {
            position: at.position,
            time: stage.geometry.time_of_row(9000.0).unwrap(),
            sog_kn: 12.0,
            cog_deg: at.sar.unwrap().track_heading_deg + 90.0,
        };
        let (row, _) = motion::imaged(&stage.geometry, &course).unwrap();
        let frame = stage.geometry.pixel_frame(9000.0, col).unwrap();
        let shift_m = (row - 9000.0) * frame.row_m[0].hypot(frame.row_m[1]);
        assert!((shift_m + expected).abs() < 0.01 * expected, "{shift_m}");
    }
    // From figures of this annotation taken by another program: slant range, incidence and platform speed (7598 m/s) at near and
    // far range, and the PRF of IW1 and IW3: λRf/2V; λ²Rf²/8V² and 2·2900 Hz·λ²Rf/8V² over the sine, metres.
    for (col, expected_m) in [
        (0.0, [5008.0, 30.6, 103.2]),
        (25_116.0, [5884.0, 25.2, 86.6]),
    ] {
        let offset = stage
            .annotation
            .ambiguity_offset(&stage.geometry, (9000.0, col))
            .unwrap();
        let frame = stage.geometry.pixel_frame(9000.0, col).unwrap();
        let [row_m, col_m] = [frame.row_m, frame.column_m].map(|step| step[0].hypot(step[1]));
        let found_m = [
            offset.rows * row_m,
            offset.cols * col_m,
            offset.cols_spread * col_m,
        ];
        for (found, expected) in found_m.into_iter().zip(expected_m) {
            assert!((found / expected - 1.0).abs() < 0.01, "{offset:?}");
        }
    }
    // 4.6 km in the middle sub-swath.
    let middle = stage
        .annotation
        .ambiguity_offset(&stage.geometry, (9000.0, 12_000.0))
        .unwrap();
    assert!((10.0 * middle.rows - 4600.0).abs() < 150.0, "{middle:?}");
}
