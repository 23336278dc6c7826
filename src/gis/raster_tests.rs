//! Rasters written here are read back; broken ones are refused by name.
#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use super::GisError;
use super::raster::{Raster, SampleType, Window};
use super::write::{Compression, Gcp, write_geotiff_u16_with_gcps};
use crate::model::units::LonLat;

fn ramp(row: u32, col: u32) -> u16 {
    (row * 31 + col * 7) as u16
}

fn write(path: &str, compression: Compression) {
    let gcps =
        [(0.0, 0.0, 124.0, 34.0), (0.0, 69.0, 124.5, 34.1)].map(|(row, col, lon_deg, lat_deg)| {
            Gcp {
                row,
                col,
                lon_deg,
                lat_deg,
                height_m: 0.0,
            }
        });
    write_geotiff_u16_with_gcps(
        path,
        (70, 1100),
        &gcps,
        compression,
        |first_row, rows, out| {
            assert_eq!(out.len(), rows as usize * 70);
            for (i, slot) in out.iter_mut().enumerate() {
                *slot = ramp(first_row + i as u32 / 70, i as u32 % 70);
            }
            Ok::<(), GisError>(())
        },
    )
    .unwrap();
}

fn vrt(geo_transform: &str, crs: &str) -> String {
    format!(
        "<VRTDataset rasterXSize='4' rasterYSize='3'><SRS>{crs}</SRS><GeoTransform>{geo_transform}</GeoTransform>\
         <VRTRasterBand dataType='Byte' band='1'/></VRTDataset>"
    )
}

#[test]
fn windows_of_a_written_raster_come_back_in_both_forms_of_storage() {
    let folder = tempfile::tempdir().unwrap();
    for compression in [Compression::None, Compression::Deflate] {
        let path = folder.path().join("ramp.tif");
        let path = path.to_str().unwrap();
        write(path, compression);
        let mut raster = Raster::open(path).unwrap();
        assert_eq!((raster.size(), raster.bands()), ((70, 1100), 1));
        assert_eq!(raster.sample_type(0), SampleType::U16);
        assert!(raster.has_gcps());
        assert_eq!(raster.geo_transform().unwrap(), None);
        let window = Window {
            first_row: 505,
            first_col: 11,
            rows: 20,
            cols: 30,
        };
        let mut values = vec![0; 600];
        raster.read_window_u16(0, window, &mut values).unwrap();
        let mut floats = vec![0.0; 600];
        raster.read_window_f32(0, window, &mut floats).unwrap();
        for (i, (value, float)) in values.into_iter().zip(floats).enumerate() {
            assert_eq!(value, ramp(505 + i as u32 / 30, 11 + i as u32 % 30));
            assert_eq!(float, f32::from(value));
        }
        assert!(
            raster
                .read_rows_u16(0, 1090, 20, &mut vec![0; 1400])
                .is_err()
        );
    }
}

#[test]
fn a_cut_off_raster_fails_on_reading_and_an_empty_or_missing_one_on_opening_all_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.tif");
    let path = path.to_str().unwrap();
    write(path, Compression::None);
    // GDAL writes the directory behind the pixels of plain strips; a copy made in order keeps its header when cut.
    let ordered = folder.path().join("ordered.tif");
    let driver = gdal::DriverManager::get_driver_by_name("COG").unwrap();
    let source = gdal::Dataset::open(path).unwrap();
    let mut options = gdal::raster::RasterCreationOptions::new();
    options.set_name_value("COMPRESS", "NONE").unwrap();
    source
        .create_copy(&driver, &ordered, &options)
        .unwrap()
        .close()
        .unwrap();
    let bytes = std::fs::read(&ordered).unwrap();
    std::fs::write(&ordered, &bytes[..bytes.len() / 2]).unwrap();
    let name = ordered.to_str().unwrap();
    let mut raster = Raster::open(name).unwrap();
    let mut out = vec![0; 70 * 1100];
    let error = raster
        .read_rows_u16(0, 0, 1100, &mut out)
        .unwrap_err()
        .to_string();
    assert!(error.contains(name) && error.contains("cut off"), "{error}");

    std::fs::write(path, b"").unwrap();
    let error = Raster::open(path).err().unwrap().to_string();
    assert!(error.contains(path) && error.contains("0 bytes"), "{error}");
    let error = Raster::open("/nowhere/x.tif").err().unwrap().to_string();
    assert!(error.contains("/nowhere/x.tif"), "{error}");
}

#[test]
fn an_unsound_geotransform_is_refused_with_file_and_value() {
    for (text, fault) in [
        ("nan, 1, 0, 50, 0, -1", "NaN"),
        ("120, inf, 0, 50, 0, -1", "infinite"),
        ("120, 0, 0, 50, 0, -1", "singular"),
        ("120, 1, 2, 50, 2, 4", "singular"),
    ] {
        let path = format!("/vsimem/geotransform-{}.vrt", text.len() + fault.len());
        gdal::vsi::create_mem_file(&path, vrt(text, "EPSG:4326").into_bytes()).unwrap();
        let error = Raster::open(&path)
            .unwrap()
            .to_lonlat()
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains(&path) && error.contains(fault), "{error}");
    }
}

#[test]
fn pixels_and_places_agree_in_degrees_in_metres_and_across_the_date_line() {
    let cases = [
        (
            "120, 0.001, 0, 35, 0, -0.001",
            "EPSG:4326",
            (120.0005, 34.9995),
        ),
        (
            "179.9985, 0.001, 0, 35, 0, -0.001",
            "EPSG:4326",
            (179.999, 34.9995),
        ),
        // UTM zone 52 N: its central meridian is 129° E at 500 km.
        ("499995, 10, 0, 10, 0, -20", "EPSG:32652", (129.0, 0.0)),
        // NZTM 2000 lists northing first; the raster's own x stays the easting.
        (
            "1599995, 10, 0, 10000010, 0, -20",
            "EPSG:2193",
            (173.0, 0.0),
        ),
    ];
    for (index, (transform, crs, expected)) in cases.into_iter().enumerate() {
        let path = format!("/vsimem/places-{index}.vrt");
        gdal::vsi::create_mem_file(&path, vrt(transform, crs).into_bytes()).unwrap();
        let map = Raster::open(&path).unwrap().to_lonlat().unwrap().unwrap();
        let place = map.place(0.0, 0.0).unwrap();
        let off_m = place.distance_m(LonLat::new(expected.0, expected.1));
        assert!(
            off_m < if index < 2 { 80.0 } else { 0.5 },
            "{crs}: {place:?} is {off_m} m off"
        );
        for (row, col) in [(0.0, 0.0), (1.25, 2.5), (2.0, 3.0)] {
            let (back_row, back_col) = map.pixel(map.place(row, col).unwrap()).unwrap();
            assert!(
                (back_row - row).abs() < 1e-4 && (back_col - col).abs() < 1e-4,
                "{crs}: {back_row} {back_col}"
            );
        }
    }
}

#[test]
fn a_thinned_copy_in_the_file_is_known_and_read_by_means() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flat.tif");
    let path = path.to_str().unwrap();
    write_geotiff_u16_with_gcps(
        path,
        (1024, 512),
        &[],
        Compression::Deflate,
        |first_row, _, out: &mut [u16]| {
            // Halves of 100 and 300, each of stripes 20 apart: a mean tells them from a nearest pixel.
            for (at, slot) in (first_row as usize * 1024..).zip(out) {
                let half = if at % 1024 < 512 { 90 } else { 290 };
                *slot = half + 20 * (at % 2) as u16;
            }
            Ok::<(), GisError>(())
        },
    )
    .unwrap();
    assert!(!Raster::open(path).unwrap().has_overview(0, (64, 32)));
    let mut dataset = gdal::Dataset::open_ex(
        path,
        gdal::DatasetOptions {
            open_flags: gdal::GdalOpenFlags::GDAL_OF_UPDATE,
            ..gdal::DatasetOptions::default()
        },
    )
    .unwrap();
    dataset.build_overviews("AVERAGE", &[8], &[1]).unwrap();
    drop(dataset);
    let mut raster = Raster::open(path).unwrap();
    assert!(raster.has_overview(0, (64, 32)));
    assert!(!raster.has_overview(0, (512, 256)));
    let mut thinned = vec![0; 64 * 32];
    raster.means_u16(0, (64, 32), &mut thinned).unwrap();
    for row in thinned.chunks(64) {
        assert_eq!(row, [[100; 32], [300; 32]].concat());
    }
}
