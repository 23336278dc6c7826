//! Plain rasters written here, read as amplitude.
#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use super::reader::Encoding;
use super::{RasterOptions, SceneError, inspect, open};
use crate::gis::write::{Compression, write_geotiff_u16_with_gcps};
use crate::model::scene::Sensor;
use crate::model::tile::Tile;
use crate::model::units::LonLat;

const UTM: &str =
    "<SRS>EPSG:32652</SRS><GeoTransform>400000, 10, 0, 3900000, 0, -10</GeoTransform>";

/// A raw raster of 4 columns beside a VRT that describes it.
fn raw(kind: &str, bytes: &[u8], georeference: &str, no_data: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let size = match kind {
        "Byte" => 1,
        "UInt16" | "Int16" => 2,
        "CFloat32" => 8,
        _ => 4,
    };
    std::fs::write(folder.path().join("x.raw"), bytes).unwrap();
    let rows = bytes.len() / size / 4;
    let vrt = format!(
        "<VRTDataset rasterXSize='4' rasterYSize='{rows}'>{georeference}<VRTRasterBand dataType='{kind}' band='1' \
         subClass='VRTRawRasterBand'>{no_data}<SourceFilename relativetoVRT='1'>x.raw</SourceFilename>\
         <ImageOffset>0</ImageOffset><PixelOffset>{size}</PixelOffset><LineOffset>{}</LineOffset>\
         <ByteOrder>LSB</ByteOrder></VRTRasterBand></VRTDataset>",
        size * 4
    );
    let path = folder.path().join("x.vrt");
    std::fs::write(&path, vrt).unwrap();
    (folder, path.to_str().unwrap().to_owned())
}

fn floats(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

fn amplitude(path: &str, options: &RasterOptions) -> Vec<u16> {
    let product = open(path, options).unwrap();
    let mut tile = Tile::default();
    let mut reader = product.open_band(0).unwrap();
    reader.read(0, product.scene().height, &mut tile).unwrap();
    assert_eq!(
        (tile.width, tile.rows),
        (product.scene().width, product.scene().height)
    );
    tile.amplitude
}

#[test]
fn sixteen_bit_counts_pass_unchanged_and_the_declared_no_data_becomes_0() {
    let bytes: Vec<u8> = [1_u16, 0, 4095, 65_535]
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    let (_folder, path) = raw("UInt16", &bytes, "", "<NoDataValue>65535</NoDataValue>");
    assert_eq!(amplitude(&path, &RasterOptions::default()), [1, 0, 4095, 0]);
}

#[test]
fn black_is_sea_in_a_bare_picture_and_no_data_in_a_georeferenced_one_without_another_value() {
    let bytes = [0_u8, 1, 128, 255];
    let read = |georeference: &str, no_data: &str| {
        let (_folder, path) = raw("Byte", &bytes, georeference, no_data);
        amplitude(&path, &RasterOptions::default())
    };
    assert_eq!(read("", ""), [4, 16, 2048, 4080]);
    assert_eq!(read(UTM, ""), [0, 16, 2048, 4080]);
    assert_eq!(
        read(UTM, "<NoDataValue>255</NoDataValue>"),
        [4, 16, 2048, 0]
    );
    assert_eq!(
        read("", "<NoDataValue>0</NoDataValue>"),
        [0, 16, 2048, 4080]
    );
}

#[test]
fn floats_are_scaled_to_a_median_of_256_and_power_by_its_root() {
    let (_folder, path) = raw(
        "Float32",
        &floats(&[40.0, 20.0, 10.0, f32::NAN, 80.0, 0.0, -3.0, 1e9]),
        "",
        "",
    );
    // Sampled: −3, 10, 20, 40, 80, 1e9: the upper median is 40.
    assert_eq!(
        amplitude(&path, &RasterOptions::default()),
        [256, 128, 64, 0, 512, 0, 0, 65_535]
    );

    let sigma0 = floats(&[0.01, 0.04, 0.01, 0.0001, 1.0, 1e-12, f32::INFINITY, 0.0]);
    let (_folder, path) = raw("Float32", &sigma0, "", "");
    let product = open(&path, &RasterOptions::default()).unwrap();
    assert!(
        product
            .scene()
            .notes
            .iter()
            .any(|note| note.contains("linear power"))
    );
    assert_eq!(
        amplitude(&path, &RasterOptions::default()),
        [256, 512, 256, 26, 2560, 1, 0, 0]
    );
    let told = RasterOptions {
        intensity: Some(false),
        ..RasterOptions::default()
    };
    assert_eq!(amplitude(&path, &told)[..2], [256, 1024]);
}

#[test]
fn complex_samples_give_their_magnitude() {
    let (_folder, path) = raw(
        "CFloat32",
        &floats(&[3.0, 4.0, 0.0, -10.0, 6.0, 8.0, 5.0, 0.0]),
        "",
        "",
    );
    // Magnitudes 5, 10, 10, 5; the upper median is 10.
    assert_eq!(
        amplitude(&path, &RasterOptions::default()),
        [128, 256, 256, 128]
    );
}

#[test]
fn decibels_and_empty_rasters_are_refused_with_the_value() {
    for (values, word) in [
        ([-17.0, -20.0, -25.0, 3.0], "decibels"),
        ([0.0, 0.0, f32::NAN, 0.0], "no data"),
    ] {
        let (_folder, path) = raw("Float32", &floats(&values), "", "");
        let error = open(&path, &RasterOptions::default())
            .err()
            .unwrap()
            .to_string();
        assert!(error.starts_with(&path) && error.contains(word), "{error}");
    }
}

#[test]
fn grey_stored_as_colour_uses_the_first_band_and_true_colour_its_luminance() {
    let folder = tempfile::tempdir().unwrap();
    for (name, pixel, expected, word) in [
        ("grey.png", [90_u8, 90, 90], 90 * 16, "equal"),
        ("colour.png", [200, 100, 10], 120 * 16, "luminance"),
    ] {
        let path = folder.path().join(name);
        image::RgbImage::from_pixel(5, 3, image::Rgb(pixel))
            .save(&path)
            .unwrap();
        let path = path.to_str().unwrap();
        let product = open(path, &RasterOptions::default()).unwrap();
        assert_eq!(product.bands().len(), 1);
        assert!(product.scene().notes.iter().any(|note| note.contains(word)));
        assert_eq!(amplitude(path, &RasterOptions::default()), [expected; 15]);
    }
}

#[test]
fn transparent_pixels_are_no_data() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alpha.png");
    let picture = image::RgbaImage::from_fn(2, 1, |x, _| {
        image::Rgba([50, 50, 50, if x == 0 { 0 } else { 255 }])
    });
    picture.save(&path).unwrap();
    assert_eq!(
        amplitude(path.to_str().unwrap(), &RasterOptions::default()),
        [0, 800]
    );
}

#[test]
fn a_georeference_gives_places_spacing_and_frame_and_beats_the_spacing_told() {
    let (_folder, path) = raw("Byte", &[7; 12], UTM, "");
    let options = RasterOptions {
        pixel_spacing_m: Some(25.0),
        looks: Some(4.4),
        ..RasterOptions::default()
    };
    let product = open(&path, &options).unwrap();
    let scene = product.scene();
    // UTM's scale 100 km from the central meridian is 0.99973: 10 m on the map are 10.003 m on the ground.
    assert!(
        (scene.column_spacing_m.unwrap() - 10.003).abs() < 2e-3,
        "{:?}",
        scene.column_spacing_m
    );
    assert!(scene.notes.iter().any(|note| note.contains("25 m told")));
    let (row, col) = product
        .pixel_of(product.locate(2.0, 3.0).unwrap().position)
        .unwrap();
    assert!((row - 2.0).abs() < 1e-4 && (col - 3.0).abs() < 1e-4);
    let frame = product.pixel_frame(1.0, 1.0).unwrap();
    assert!((frame.pixel_area_m2() - 100.05).abs() < 0.05);
    assert!(frame.column_m[0] > 9.9 && frame.row_m[1] < -9.9);
    assert_eq!(scene.footprint.as_ref().unwrap().0.len(), 1);
    // echo "400005 3899995" | gdaltransform -s_srs EPSG:32652 -t_srs EPSG:4326
    let corner = LonLat::new(127.901_014_738_791, 35.238_042_957_230_9);
    assert!(
        product
            .locate(0.0, 0.0)
            .unwrap()
            .position
            .distance_m(corner)
            < 0.01
    );
}

#[test]
fn degrees_give_metres_and_no_georeference_gives_what_is_told() {
    let degrees = "<SRS>EPSG:4326</SRS><GeoTransform>72, 0.0001, 0, 60, 0, -0.0001</GeoTransform>";
    let (_folder, path) = raw("Byte", &[7; 12], degrees, "");
    let product = open(&path, &RasterOptions::default()).unwrap();
    // At 60° N a degree of longitude is 55.80 km, one of latitude 111.41 km.
    assert!((product.scene().column_spacing_m.unwrap() - 5.580).abs() < 1e-3);
    assert!((product.scene().row_spacing_m.unwrap() - 11.141).abs() < 1e-3);

    let (_folder, path) = raw("Byte", &[7; 12], "", "");
    let told = RasterOptions {
        pixel_spacing_m: Some(3.0),
        sensor: Some(Sensor::Sar),
        time: Some("2020-01-02T03:04:05Z".parse().unwrap()),
        ..RasterOptions::default()
    };
    let product = open(&path, &told).unwrap();
    assert_eq!(product.locate(0.0, 0.0), None);
    assert_eq!(product.pixel_of(LonLat::new(0.0, 0.0)), None);
    assert_eq!(
        product.pixel_frame(0.0, 0.0).unwrap().ground_m(2.0, 1.0),
        [6.0, -3.0]
    );
    assert_eq!(
        (product.scene().sensor, product.scene().start),
        (Sensor::Sar, told.time)
    );
    assert!(matches!(
        product.sigma0(0, 0, 0, 1, 1),
        Err(SceneError::NotCalibrated { .. })
    ));
    let bare = open(&path, &RasterOptions::default()).unwrap();
    assert_eq!(bare.pixel_frame(0.0, 0.0), None);
    assert!(bare.scene().notes.iter().any(|note| note.contains("looks")));
    assert!(inspect(&path).unwrap().complete);
}

#[test]
fn an_unsound_georeference_stops_the_opening() {
    let (_folder, path) = raw(
        "Byte",
        &[7; 12],
        "<GeoTransform>nan, 10, 0, 39, 0, -10</GeoTransform>",
        "",
    );
    let error = open(&path, &RasterOptions::default())
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains(&path) && error.contains("NaN"), "{error}");
}

#[test]
fn rows_outside_a_raster_and_unknown_bands_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.tif");
    let path = path.to_str().unwrap();
    write_geotiff_u16_with_gcps(path, (8, 6), &[], Compression::None, |_, _, out| {
        out.fill(9);
        Ok::<(), SceneError>(())
    })
    .unwrap();
    let product = open(path, &RasterOptions::default()).unwrap();
    let mut reader = product.open_band(0).unwrap();
    let mut tile = Tile::default();
    reader.read(2, 4, &mut tile).unwrap();
    assert_eq!(tile.row(5), [9; 8]);
    assert!(reader.read(3, 4, &mut tile).is_err());
    assert!(reader.read(u32::MAX, 2, &mut tile).is_err());
    assert!(product.open_band(1).is_err());
}

#[test]
#[ignore = "needs the shared real data"]
fn real_chips_and_crops_open_as_what_they_are() {
    let shared = std::env::var("TIDEWATCH_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data").to_owned());
    let encoding = |name: &str| {
        let product = open(&format!("{shared}/{name}"), &RasterOptions::default()).unwrap();
        (
            product.encoding(0),
            product.bands().len(),
            product.scene().column_spacing_m,
        )
    };
    let (jpeg, bands, spacing) = encoding("ssdd-train/images/000002.jpg");
    assert_eq!(
        (jpeg, bands, spacing),
        (Encoding::Bytes { black_is_sea: true }, 1, None)
    );
    assert_eq!(encoding("sar-crops/boat1_VV.tif").0, Encoding::Counts);
    let (chip, bands, _) = encoding("sar-ship-chips/opensarship/0.tif");
    assert!(
        matches!(
            chip,
            Encoding::Scaled {
                intensity: true,
                ..
            }
        ) && bands == 2
    );
    let (crop, _, spacing) = encoding("sar-crops/s1-mumbai-amplitude.tif");
    assert!(matches!(
        crop,
        Encoding::Scaled {
            intensity: false,
            ..
        }
    ));
    // 0.0000898° of longitude at 19.3° N.
    assert!((spacing.unwrap() - 9.44).abs() < 0.01, "{spacing:?}");
}

#[test]
fn one_product_serves_many_threads_alike() {
    let (_folder, path) = raw("Byte", &[7; 12], UTM, "");
    let product = open(&path, &RasterOptions::default()).unwrap();
    let expected: Vec<_> = (0..200)
        .map(|i| product.locate(f64::from(i), 3.0))
        .collect();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let found: Vec<_> = (0..200)
                    .map(|i| product.locate(f64::from(i), 3.0))
                    .collect();
                assert_eq!(found, expected);
                assert!(
                    product
                        .open_band(0)
                        .unwrap()
                        .read(0, 3, &mut Tile::default())
                        .is_ok()
                );
            });
        }
    });
}
