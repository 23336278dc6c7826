//! A small SAFE product written here, opened whole, zipped and with files taken away; and the real ones.
#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use super::sentinel1::Annotated;
use super::{Product, RasterOptions, SceneError, inspect, open};
use crate::gis::write::{Compression, write_geotiff_u16_with_gcps};
use crate::model::scene::{Pass, Polarisation, Sensor};
use crate::model::tile::Tile;
use std::path::{Path, PathBuf};

const NAME: &str = "S1A_IW_GRDH_1SDV_20200101T000000_20200101T000001_000001_000001_ABCD";
const ROWS: u32 = 40;
const COLS: u32 = 64;

fn stem(pol: &str) -> String {
    let number = if pol == "vv" { "001" } else { "002" };
    format!("s1a-iw-grd-{pol}-20200101t000000-20200101t000001-000001-000001-{number}")
}

/// A platform at 7,071 km over the equator and 0°, flying north.
fn annotation(pol: &str) -> String {
    let orbit: String = (0..4)
        .map(|i| {
            let (sin, cos) = (0.00106 * (f64::from(i) * 10.0 - 15.0)).sin_cos();
            format!(
                "<orbit><time>2020-01-01T00:00:{:02}</time><frame>Earth Fixed</frame><position><x>{}</x><y>0</y><z>{}</z>\
                 </position><velocity><x>{}</x><y>0</y><z>{}</z></velocity></orbit>",
                i * 10,
                7.071e6 * cos,
                7.071e6 * sin,
                -7495.26 * sin,
                7495.26 * cos
            )
        })
        .collect();
    let number = if pol == "vv" { "001" } else { "002" };
    format!(
        "<product><adsHeader><missionId>S1A</missionId><productType>GRD</productType><polarisation>{}</polarisation>\
         <mode>IW</mode><absoluteOrbitNumber>1</absoluteOrbitNumber><imageNumber>{number}</imageNumber></adsHeader>\
         <generalAnnotation><productInformation><pass>Ascending</pass><projection>Ground Range</projection>\
         <radarFrequency>5.405e9</radarFrequency></productInformation><orbitList>{orbit}</orbitList></generalAnnotation>\
         <imageAnnotation><imageInformation><productFirstLineUtcTime>2020-01-01T00:00:15</productFirstLineUtcTime>\
         <productLastLineUtcTime>2020-01-01T00:00:15.0585</productLastLineUtcTime><azimuthTimeInterval>0.0015\
         </azimuthTimeInterval><rangePixelSpacing>10</rangePixelSpacing><azimuthPixelSpacing>10</azimuthPixelSpacing>\
         <numberOfLines>{ROWS}</numberOfLines><numberOfSamples>{COLS}</numberOfSamples></imageInformation></imageAnnotation>\
         <geolocationGrid><geolocationGridPointList><geolocationGridPoint><azimuthTime>2020-01-01T00:00:15</azimuthTime>\
         <slantRangeTime>5.4e-3</slantRangeTime><line>0</line><pixel>0</pixel><latitude>0</latitude><longitude>3</longitude>\
         <height>0</height><incidenceAngle>30</incidenceAngle></geolocationGridPoint></geolocationGridPointList>\
         </geolocationGrid><coordinateConversion><coordinateConversionList><coordinateConversion>\
         <azimuthTime>2020-01-01T00:00:15</azimuthTime><gr0>0</gr0><grsrCoefficients>8.1e5 0.52 5e-7</grsrCoefficients>\
         </coordinateConversion></coordinateConversionList></coordinateConversion></product>",
        pol.to_uppercase()
    )
}

fn tables(pol: &str) -> [(&'static str, String); 3] {
    let header = format!(
        "<adsHeader><polarisation>{}</polarisation></adsHeader>",
        pol.to_uppercase()
    );
    let noise = if pol == "vv" { 100 } else { 400 };
    [
        (
            "calibration/calibration-",
            format!(
                "<calibration>{header}<calibrationVectorList><calibrationVector><line>0</line><pixel>0 63</pixel>\
                 <sigmaNought>500 500</sigmaNought><dn>1 1</dn></calibrationVector></calibrationVectorList></calibration>"
            ),
        ),
        (
            "calibration/noise-",
            format!(
                "<noise>{header}<noiseRangeVectorList><noiseRangeVector><line>0</line><pixel>0 63</pixel><noiseRangeLut>\
                 {noise} {noise}</noiseRangeLut></noiseRangeVector></noiseRangeVectorList></noise>"
            ),
        ),
        (
            "rfi/rfi-",
            format!(
                "<rfi>{header}<rfiMitigationApplied>None</rfiMitigationApplied><rfiDetectionFromNoiseReportList>\
                 <rfiDetectionFromNoiseReport><swath>IW2</swath><rfiDetected>{}</rfiDetected></rfiDetectionFromNoiseReport>\
                 </rfiDetectionFromNoiseReportList></rfi>",
                pol == "vv"
            ),
        ),
    ]
}

fn manifest(software: &str) -> String {
    let object = |schema: &str, path: &str| {
        format!(
            "<dataObject ID='{path}' repID='{schema}'><byteStream><fileLocation href='./{path}'/></byteStream></dataObject>"
        )
    };
    let mut objects = object("s1Level1QuickLookSchema", "preview/quick-look.png");
    for pol in ["vh", "vv"] {
        let stem = stem(pol);
        objects += &object("s1Level1ProductSchema", &format!("annotation/{stem}.xml"));
        objects += &object(
            "s1Level1NoiseSchema",
            &format!("annotation/calibration/noise-{stem}.xml"),
        );
        objects += &object(
            "s1Level1CalibrationSchema",
            &format!("annotation/calibration/calibration-{stem}.xml"),
        );
        objects += &object(
            "s1Level1RfiSchema",
            &format!("annotation/rfi/rfi-{stem}.xml"),
        );
        objects += &object(
            "s1Level1MeasurementSchema",
            &format!("measurement/{stem}.tiff"),
        );
    }
    let section = |id: &str, data: &str| {
        format!(
            "<metadataObject ID='{id}'><metadataWrap><xmlData>{data}</xmlData></metadataWrap></metadataObject>"
        )
    };
    format!(
        "<x:XFDU xmlns:x='x' xmlns:safe='safe'><metadataSection>{}{}{}{}</metadataSection><dataObjectSection>{objects}\
         </dataObjectSection></x:XFDU>",
        section(
            "platform",
            "<safe:platform><safe:familyName>SENTINEL-1</safe:familyName><safe:number>A</safe:number></safe:platform>"
        ),
        section(
            "acquisitionPeriod",
            "<safe:acquisitionPeriod><safe:startTime>2020-01-01T00:00:15</safe:startTime>\
             <safe:stopTime>2020-01-01T00:00:16</safe:stopTime></safe:acquisitionPeriod>"
        ),
        section(
            "measurementOrbitReference",
            "<safe:orbitReference><safe:orbitNumber type='start'>1</safe:orbitNumber>\
             <safe:relativeOrbitNumber type='start'>46</safe:relativeOrbitNumber></safe:orbitReference>"
        ),
        section(
            "processing",
            &format!(
                "<safe:processing><safe:facility name='f'>{software}</safe:facility></safe:processing>"
            )
        )
    )
}

fn count(pol: &str, row: u32, col: u32) -> u16 {
    let value = row * 10 + col;
    (if pol == "vv" { value } else { value / 2 }) as u16
}

fn write_safe(parent: &Path, software: &str) -> PathBuf {
    let folder = parent.join(format!("{NAME}.SAFE"));
    for below in [
        "annotation/calibration",
        "annotation/rfi",
        "measurement",
        "preview",
    ] {
        std::fs::create_dir_all(folder.join(below)).unwrap();
    }
    std::fs::write(folder.join("manifest.safe"), manifest(software)).unwrap();
    std::fs::write(folder.join("preview/quick-look.png"), b"x").unwrap();
    for pol in ["vv", "vh"] {
        let stem = stem(pol);
        std::fs::write(
            folder.join(format!("annotation/{stem}.xml")),
            annotation(pol),
        )
        .unwrap();
        for (prefix, xml) in tables(pol) {
            std::fs::write(folder.join(format!("annotation/{prefix}{stem}.xml")), xml).unwrap();
        }
        let path = folder.join(format!("measurement/{stem}.tiff"));
        write_geotiff_u16_with_gcps(
            path.to_str().unwrap(),
            (COLS, ROWS),
            &[],
            Compression::None,
            |first, rows, out| {
                for row in 0..rows {
                    for col in 0..COLS {
                        out[(row * COLS + col) as usize] = count(pol, first + row, col);
                    }
                }
                Ok::<(), SceneError>(())
            },
        )
        .unwrap();
    }
    folder
}

fn ipf(version: &str) -> String {
    format!("<safe:software name='Sentinel-1 IPF' version='{version}'/>")
}

fn opened(path: &Path) -> Product {
    open(path.to_str().unwrap(), &RasterOptions::default()).unwrap()
}

/// A zip of stored (not packed) files, enough for a reader to be tested (PKWARE APPNOTE 4.3).
fn zip(folder: &Path, target: &Path) {
    let mut files = Vec::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(here) = todo.pop() {
        for entry in std::fs::read_dir(&here).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path)
            } else {
                files.push(path)
            }
        }
    }
    let (mut body, mut directory) = (Vec::<u8>::new(), Vec::<u8>::new());
    for path in &files {
        let name = path
            .strip_prefix(folder.parent().unwrap())
            .unwrap()
            .to_str()
            .unwrap()
            .as_bytes()
            .to_vec();
        let data = std::fs::read(path).unwrap();
        let crc = !data.iter().fold(!0_u32, |crc, &byte| {
            (0..8).fold(crc ^ u32::from(byte), |c, _| {
                if c & 1 == 1 {
                    (c >> 1) ^ 0xEDB8_8320
                } else {
                    c >> 1
                }
            })
        });
        let mut fields = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        fields.extend(crc.to_le_bytes());
        fields.extend((data.len() as u32).to_le_bytes());
        fields.extend((data.len() as u32).to_le_bytes());
        fields.extend((name.len() as u16).to_le_bytes());
        fields.extend([0, 0]);
        let offset = (body.len() as u32).to_le_bytes();
        body.extend(
            b"PK\x03\x04"
                .iter()
                .chain(&fields)
                .chain(&name)
                .chain(&data),
        );
        directory.extend(
            b"PK\x01\x02\x14\x00"
                .iter()
                .chain(&fields)
                .chain(&[0; 10])
                .chain(&offset)
                .chain(&name),
        );
    }
    let (start, size, number) = (
        body.len() as u32,
        directory.len() as u32,
        files.len() as u16,
    );
    body.extend(directory);
    body.extend(b"PK\x05\x06\0\0\0\0");
    body.extend([number.to_le_bytes(), number.to_le_bytes()].concat());
    body.extend([size.to_le_bytes(), start.to_le_bytes()].concat());
    body.extend([0, 0]);
    std::fs::write(target, body).unwrap();
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
    eprintln!("{inspection:#?}");

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
    eprintln!("{error}");
}

#[test]
#[ignore = "needs the shared real data"]
fn real_noise_matches_the_published_range_of_the_noise_floor() {
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
    // A separate measurement on the same file gave −30.8 .. −23.6 dB with a median of −26.4.
    assert!((low + 30.8).abs() < 0.5 && (middle + 26.4).abs() < 0.2 && (high + 23.6).abs() < 0.5);
}
