//! A small SAFE product opened whole, zipped and with files taken away; and the real ones.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a failed step fails the test; figures are for people"
)]

use super::sentinel1::Annotated;
use super::small_product::{
    COLS, NAME, ROWS, annotation, count, ipf, manifest, stem, write_safe, zip,
};
use super::{Product, RasterOptions, SceneError, inspect, open};
use crate::gis::write::{Compression, write_geotiff_u16_with_gcps};
use crate::model::scene::{Pass, Polarisation, Sensor};
use crate::model::tile::Tile;
use std::path::Path;

fn opened(path: &Path) -> Product {
    open(path.to_str().unwrap(), &RasterOptions::default()).unwrap()
}

#[test]
fn a_product_opens_by_folder_manifest_and_zip_alike() {
    let home = tempfile::tempdir().unwrap();
    let folder = write_safe(home.path(), &ipf("003.52"));
    let archive = home.path().join("product.zip");
    zip(&folder, &archive);
    for path in [
        folder.clone(),
        folder.join("manifest.safe"),
        archive,
        home.path().to_owned(),
    ] {
        let product = opened(&path);
        let scene = product.scene();
        assert_eq!(scene.id, NAME);
        assert_eq!(
            (scene.sensor, scene.platform.as_str()),
            (Sensor::Sentinel1, "Sentinel-1A")
        );
        assert_eq!(
            (scene.mode.as_str(), scene.product_type.as_str()),
            ("IW", "GRDH")
        );
        assert_eq!(scene.polarisations, [Polarisation::Vv, Polarisation::Vh]);
        assert_eq!((scene.width, scene.height, scene.looks), (COLS, ROWS, 4.4));
        assert_eq!(
            (scene.relative_orbit, scene.pass),
            (Some(46), Some(Pass::Ascending))
        );
        assert_eq!(scene.processor, "Sentinel-1 IPF 003.52");
        assert!(!scene.simulated);
        assert_eq!(
            scene.notes,
            [
                "VV: radio-frequency interference was detected in 1 of 1 noise reports (IW2); mitigation applied: None."
            ]
        );
        let mut tile = Tile::default();
        for (band, pol) in ["vv", "vh"].into_iter().enumerate() {
            product
                .open_band(band)
                .unwrap()
                .read(3, 5, &mut tile)
                .unwrap();
            assert_eq!(tile.row(7)[9], count(pol, 7, 9));
        }
        let sigma0 = product.sigma0(0, 0, 0, 2, 20).unwrap();
        assert!(sigma0[0].is_nan());
        assert_eq!(sigma0[1], 0.0);
        // (15² − 100) / 500² and (29² − 100) / 500².
        assert!((sigma0[15] - 5e-4).abs() < 1e-9 && (sigma0[39] - 2.964e-3).abs() < 1e-9);
        assert!(product.sigma0(0, ROWS - 1, 0, 2, 1).is_err());
        let place = product.locate(20.0, 30.0).unwrap();
        assert!(
            place.position.lon_deg > 2.0 && place.position.lat_deg.abs() < 1.0,
            "{place:?}"
        );
        assert_eq!(place.time.unwrap().to_string(), "2020-01-01T00:00:15.03Z");
        let (row, col) = product.pixel_of(place.position).unwrap();
        assert!((row - 20.0).abs() < 1e-3 && (col - 30.0).abs() < 1e-3);
        assert!(inspect(path.to_str().unwrap()).unwrap().complete);
    }
}

#[test]
fn each_needed_file_that_is_missing_is_named_and_noise_is_only_remarked_on() {
    for (taken, words) in [
        (
            format!("measurement/{}.tiff", stem("vh")),
            "VH measurement raster",
        ),
        (
            format!("annotation/calibration/calibration-{}.xml", stem("vv")),
            "VV calibration annotation",
        ),
        (
            format!("annotation/{}.xml", stem("vv")),
            "VV product annotation",
        ),
    ] {
        let home = tempfile::tempdir().unwrap();
        let folder = write_safe(home.path(), &ipf("003.52"));
        std::fs::remove_file(folder.join(&taken)).unwrap();
        let path = folder.to_str().unwrap();
        let error = open(path, &RasterOptions::default())
            .err()
            .unwrap()
            .to_string();
        assert!(
            error.contains(&taken) && error.contains(words) && error.contains(NAME),
            "{error}"
        );
        let inspection = inspect(path).unwrap();
        assert_eq!(inspection.missing, [format!("{taken} ({words})")]);
        assert!(!inspection.complete && !inspection.lines.is_empty());
    }
    let home = tempfile::tempdir().unwrap();
    let folder = write_safe(home.path(), &ipf("003.52"));
    std::fs::remove_file(folder.join(format!("annotation/calibration/noise-{}.xml", stem("vh"))))
        .unwrap();
    std::fs::remove_file(folder.join("preview/quick-look.png")).unwrap();
    let product = opened(&folder);
    assert!(product.scene().notes.contains(
        &"VH: thermal noise is not subtracted: the noise annotation is missing.".to_owned()
    ));
    assert_eq!(product.radiometry(1).unwrap().noise_power(0.0, 0.0), 0.0);
    assert_eq!(product.radiometry(0).unwrap().noise_power(0.0, 0.0), 100.0);
    let inspection = inspect(folder.to_str().unwrap()).unwrap();
    assert!(!inspection.complete);
    assert_eq!(
        inspection.missing_optional,
        ["preview/quick-look.png (preview file)"]
    );
}

#[test]
fn a_simulated_product_says_so_and_an_early_processor_is_remarked_on() {
    let home = tempfile::tempdir().unwrap();
    let simulator = "<safe:software name='tidewatch simulate' version='0.1.0'/>";
    let scene = opened(&write_safe(home.path(), simulator)).scene().clone();
    assert!(scene.simulated);
    assert_eq!(scene.processor, "tidewatch simulate 0.1.0");
    let home = tempfile::tempdir().unwrap();
    let scene = opened(&write_safe(home.path(), &ipf("002.84")))
        .scene()
        .clone();
    assert!(scene.notes.iter().any(|note| note.contains("borders")));
}

#[test]
fn a_raster_of_another_size_or_cut_annotation_fails_by_name() {
    let home = tempfile::tempdir().unwrap();
    let folder = write_safe(home.path(), &ipf("003.52"));
    let raster = folder.join(format!("measurement/{}.tiff", stem("vv")));
    write_geotiff_u16_with_gcps(
        raster.to_str().unwrap(),
        (COLS, ROWS - 1),
        &[],
        Compression::None,
        |_, _, out| {
            out.fill(1);
            Ok::<(), SceneError>(())
        },
    )
    .unwrap();
    let path = folder.to_str().unwrap();
    let error = open(path, &RasterOptions::default())
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("64 × 39") && error.contains("64 × 40"),
        "{error}"
    );
    let inspection = inspect(path).unwrap();
    assert!(!inspection.complete && inspection.faults.len() == 1);

    std::fs::write(&raster, b"").unwrap();
    assert!(
        open(path, &RasterOptions::default())
            .err()
            .unwrap()
            .to_string()
            .contains("0 bytes")
    );

    let cut = folder.join(format!("annotation/{}.xml", stem("vh")));
    std::fs::write(&cut, &annotation("vh")[..900]).unwrap();
    let error = open(path, &RasterOptions::default())
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains(cut.to_str().unwrap()), "{error}");
}

#[test]
fn what_is_no_product_and_paths_that_leave_it_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let empty = home.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    for path in [
        empty.to_str().unwrap(),
        "/nowhere/x.SAFE",
        "/nowhere/x.zip",
        "/nowhere/manifest.safe",
    ] {
        let error = open(path, &RasterOptions::default())
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains(path), "{error}");
    }
    let folder = write_safe(home.path(), &ipf("003.52"));
    let text = manifest(&ipf("003.52")).replace("./preview/", "../outside/");
    std::fs::write(folder.join("manifest.safe"), text).unwrap();
    let error = open(folder.to_str().unwrap(), &RasterOptions::default())
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("../outside/quick-look.png"), "{error}");
}

fn shared(product: &str) -> String {
    let shared = std::env::var("TIDEWATCH_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data").to_owned());
    format!("{shared}/sentinel1/{product}.SAFE")
}

#[test]
#[ignore = "needs the shared real data"]
fn the_real_products_say_exactly_what_they_lack() {
    let palau = shared("S1A_IW_GRDH_1SDV_20221002T205126_20221002T205156_045268_056950_0664");
    let inspection = inspect(&palau).unwrap();
    assert_eq!(inspection.missing.len(), 2);
    assert!(
        inspection
            .missing
            .iter()
            .all(|file| file.contains("measurement raster"))
    );
    assert_eq!(inspection.missing_optional.len(), 3);
    let annotated = Annotated::open(&palau).unwrap();
    let scene = annotated.scene();
    assert_eq!(
        (scene.width, scene.height, scene.relative_orbit),
        (25_117, 19_497, Some(46))
    );
    assert_eq!(annotated.manifest().ipf, Some(3.52));
    assert_eq!(scene.polarisations, [Polarisation::Vv, Polarisation::Vh]);
    assert_eq!(scene.notes.len(), 2, "{:?}", scene.notes);

    let alps = shared("S1B_IW_GRDH_1SDV_20210401T052623_20210401T052648_026269_032297_ECC8");
    let inspection = inspect(&alps).unwrap();
    assert_eq!(inspection.missing.len(), 5, "{:?}", inspection.missing);
    assert!(!inspection.complete && inspection.faults.is_empty());
    let error = open(&alps, &RasterOptions::default())
        .err()
        .unwrap()
        .to_string();
    for file in &inspection.missing {
        assert!(error.contains(file), "{error}");
    }
}

#[test]
#[ignore = "needs the shared real data"]
fn the_noise_floor_of_a_real_product_is_the_one_found_by_a_separate_program() {
    let palau = shared("S1A_IW_GRDH_1SDV_20221002T205126_20221002T205156_045268_056950_0664");
    let annotated = Annotated::open(&palau).unwrap();
    let vh = annotated.bands()[1].radiometry.as_ref().unwrap();
    let mut nesz_db = Vec::new();
    for row in (1400..19_000).step_by(200) {
        for col in (0..25_000).step_by(200) {
            let (row, col) = (f64::from(row), f64::from(col));
            nesz_db.push(10.0 * (vh.noise_power(row, col) / vh.gain(row, col).powi(2)).log10());
        }
    }
    nesz_db.sort_by(f64::total_cmp);
    let (low, middle, high) = (
        nesz_db[0],
        nesz_db[nesz_db.len() / 2],
        nesz_db[nesz_db.len() - 1],
    );
    eprintln!(
        "VH noise floor {low:.2} .. {middle:.2} .. {high:.2} dB over {} places",
        nesz_db.len()
    );
    // A separate program over the tables' own nodes gave −30.77 and −23.03 dB (−23.56 without the azimuth factor).
    assert!(
        (low + 30.78).abs() < 0.03 && (middle + 26.4).abs() < 0.1 && (high + 23.03).abs() < 0.05
    );
}
