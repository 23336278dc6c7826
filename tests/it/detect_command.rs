//! `tidewatch detect`: data and nothing but data on standard output.

use crate::program::{entry_starting, root, shared_data, tidewatch};
use std::fs;
use std::path::{Path, PathBuf};

const COLUMNS: &str =
    "id,row,col,lon,lat,datetime,length_m,width_m,heading_deg,score,snr_db,pol,flags";

/// A speckled image with one bright block of 4 × 12 pixels at rows 100 ..= 103, columns 150 ..= 161.
fn image_with_a_ship(folder: &Path) -> PathBuf {
    let path = folder.join("ship.pgm");
    let mut bytes = b"P5\n300 240\n255\n".to_vec();
    let mut state = 1u64;
    for row in 0..240 {
        for col in 0..300 {
            // Rayleigh-like amplitude: the square root of a sum of four exponentials.
            let mut power = 0.0;
            for _ in 0..4 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                power -= ((state >> 11) as f64 / (1u64 << 53) as f64).max(1e-12).ln();
            }
            let ship = (100..=103).contains(&row) && (150..=161).contains(&col);
            bytes.push(if ship {
                220
            } else {
                (12.0 * (power / 4.0).sqrt()) as u8 + 1
            });
        }
    }
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn an_image_without_georeference_gives_rows_with_empty_lon_and_lat() {
    let folder = tempfile::tempdir().unwrap();
    let image = image_with_a_ship(folder.path());
    let ran = tidewatch([
        "detect",
        image.to_str().unwrap(),
        "--looks",
        "4",
        "--pixel-spacing-m",
        "10",
        "--format",
        "csv",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut lines = ran.stdout.lines();
    assert_eq!(lines.next(), Some(COLUMNS));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 1, "{}", ran.stdout);
    let ship = &rows[0];
    assert!((ship[1].parse::<f64>().unwrap() - 101.5).abs() < 0.5);
    assert!((ship[2].parse::<f64>().unwrap() - 155.5).abs() < 0.5);
    assert_eq!((ship[3], ship[4], ship[5]), ("", "", ""));
    // 12 pixels of 10 m, within the edge pixels that a cluster may gain or lose on either side.
    let length_m: f64 = ship[6].parse().unwrap();
    assert!((100.0..=150.0).contains(&length_m), "{length_m}");
}

#[test]
fn geojson_on_standard_output_is_one_feature_collection() {
    let folder = tempfile::tempdir().unwrap();
    let image = image_with_a_ship(folder.path());
    let ran = tidewatch([
        "detect",
        image.to_str().unwrap(),
        "--looks",
        "4",
        "--format",
        "geojson",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document["type"], "FeatureCollection");
    let features = document["features"].as_array().unwrap();
    assert_eq!(features.len(), 1);
    assert!(features[0]["geometry"].is_null());
}

#[test]
fn one_bad_raster_among_good_ones_is_told_and_the_rest_is_still_written() {
    let folder = tempfile::tempdir().unwrap();
    let image = image_with_a_ship(folder.path());
    let bad = folder.path().join("bad.tif");
    fs::write(&bad, b"II*\0 nothing").unwrap();
    let ran = tidewatch([
        "detect",
        bad.to_str().unwrap(),
        image.to_str().unwrap(),
        "--looks",
        "4",
    ]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("bad.tif"), "{}", ran.stderr);
    assert_eq!(ran.stdout.lines().count(), 2, "{}", ran.stdout);
}

#[test]
fn a_sample_product_gives_places_and_times() {
    let product = entry_starting(&root().join("sample-data"), "S1A_IW");
    let ran = tidewatch(["detect", product.to_str().unwrap(), "--format", "csv"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut lines = ran.stdout.lines();
    assert_eq!(lines.next(), Some(COLUMNS));
    let mut rows = 0;
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        let (lon, lat): (f64, f64) = (fields[3].parse().unwrap(), fields[4].parse().unwrap());
        assert!((123.0..124.0).contains(&lon) && (25.0..26.5).contains(&lat));
        fields[5].parse::<jiff::Timestamp>().unwrap();
        rows += 1;
    }
    assert!(rows >= 5, "{rows} detections");
}

#[test]
#[ignore = "needs the shared real data"]
fn real_chips_without_georeference_give_the_columns_and_empty_places() {
    let images = shared_data().join("ssdd-train/images");
    let mut paths: Vec<String> = fs::read_dir(images)
        .unwrap()
        .map(|entry| entry.unwrap().path().display().to_string())
        .collect();
    paths.sort();
    paths.truncate(40);
    let mut args = vec!["detect".to_owned(), "--looks".to_owned(), "3".to_owned()];
    args.extend(paths);
    let ran = tidewatch(&args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut lines = ran.stdout.lines();
    assert_eq!(lines.next(), Some(COLUMNS));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert!(rows.len() >= 20, "{} detections", rows.len());
    assert!(
        rows.iter()
            .all(|r| r.len() == 13 && r[3].is_empty() && r[4].is_empty())
    );
}

#[test]
#[ignore = "needs the shared real data"]
fn the_three_ships_off_mumbai_are_found_where_the_image_is() {
    let image = shared_data().join("sar-crops/s1-mumbai-amplitude.tif");
    let ran = tidewatch(["detect", image.to_str().unwrap(), "--looks", "4.4"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let rows: Vec<Vec<&str>> = ran
        .stdout
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect())
        .collect();
    assert!((3..=6).contains(&rows.len()), "{}", ran.stdout);
    for row in rows {
        let (lon, lat): (f64, f64) = (row[3].parse().unwrap(), row[4].parse().unwrap());
        assert!(
            (72.0..73.5).contains(&lon) && (18.0..20.0).contains(&lat),
            "{lon} {lat}"
        );
    }
}
