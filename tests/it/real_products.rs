//! Real products read right. Ignored where the shared real data is absent.

use crate::program::{clients_python, entry_starting, root, shared_data, tidewatch};
use std::fs;
use tidewatch::scene::sentinel1::Annotated;

#[test]
#[ignore = "needs the shared real data"]
fn inspect_tells_what_the_palau_product_is_and_that_it_has_no_rasters() {
    let product = entry_starting(&shared_data().join("sentinel1"), "S1A_IW_GRDH");
    let ran = tidewatch(["inspect", product.to_str().unwrap()]);
    assert_ne!(ran.code, 0);
    for words in [
        "IW",
        "GRDH",
        "VV",
        "VH",
        "2022-10-02T20:51:26.995649",
        "003.52",
        "25117",
        "19497",
        "10",
        "30.",
        "45.99",
        "135.",
        "measurement/s1a-iw-grd-vv-20221002t205126-20221002t205156-045268-056950-001.tiff",
        "measurement/s1a-iw-grd-vh-20221002t205126-20221002t205156-045268-056950-002.tiff",
    ] {
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains(words), "`{words}` is not in:\n{said}");
    }
}

#[test]
#[ignore = "needs the shared real data"]
fn inspect_names_exactly_the_files_that_the_other_product_lacks() {
    let product = entry_starting(&shared_data().join("sentinel1"), "S1B_IW_GRDH");
    let ran = tidewatch(["inspect", product.to_str().unwrap()]);
    assert_ne!(ran.code, 0);
    let said = format!("{}{}", ran.stdout, ran.stderr);
    let stem = "20210401t052623-20210401t052648-026269-032297";
    for (folder, name) in [
        ("measurement", format!("s1b-iw-grd-vh-{stem}-002.tiff")),
        (
            "annotation/calibration",
            format!("calibration-s1b-iw-grd-vv-{stem}-001.xml"),
        ),
        (
            "annotation/calibration",
            format!("calibration-s1b-iw-grd-vh-{stem}-002.xml"),
        ),
        (
            "annotation/calibration",
            format!("noise-s1b-iw-grd-vv-{stem}-001.xml"),
        ),
        (
            "annotation/calibration",
            format!("noise-s1b-iw-grd-vh-{stem}-002.xml"),
        ),
    ] {
        assert!(
            said.contains(&format!("{folder}/{name}")),
            "{name} is not named:\n{said}"
        );
    }
    // Present files are not called missing.
    let missing: Vec<&str> = said
        .lines()
        .filter(|line| line.to_lowercase().contains("missing"))
        .collect();
    assert!(
        !missing
            .iter()
            .any(|line| line.contains(&format!("s1b-iw-grd-vv-{stem}-001.tiff"))),
        "{missing:?}"
    );
}

/// Gains and noise of a grid of points against satpy's reader.
fn compares_with_satpy(product: &std::path::Path) {
    let annotated = Annotated::open(product.to_str().unwrap()).unwrap();
    let (rows, cols) = (34, 42);
    for polarisation in ["vv", "vh"] {
        let radiometry = annotated
            .bands()
            .iter()
            .find(|band| {
                band.polarisation
                    .to_string()
                    .eq_ignore_ascii_case(polarisation)
            })
            .and_then(|band| band.radiometry.as_ref())
            .unwrap();
        let (height, width) = (annotated.scene().height, annotated.scene().width);
        let mut points = String::from("row,col,gain,noise\n");
        for i in 0..rows {
            for j in 0..cols {
                let row = i * (height - 1) / (rows - 1);
                let col = j * (width - 1) / (cols - 1);
                points.push_str(&format!(
                    "{row},{col},{},{}\n",
                    radiometry.gain(f64::from(row), f64::from(col)),
                    radiometry.noise_power(f64::from(row), f64::from(col)),
                ));
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let table = folder.path().join("points.csv");
        fs::write(&table, points).unwrap();
        let luts = product.join("annotation/calibration");
        let starting = |kind: &str| {
            fs::read_dir(&luts)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .find(|path| {
                    let name = path.file_name().unwrap().to_string_lossy().into_owned();
                    name.starts_with(kind) && name.contains(&format!("-{polarisation}-"))
                })
                .unwrap()
        };
        let output = std::process::Command::new(clients_python())
            .arg(root().join("tests/clients/satpy_radiometry.py"))
            .arg(starting("calibration-"))
            .arg(starting("noise-"))
            .args([height.to_string(), width.to_string()])
            .arg(polarisation)
            .stdin(fs::File::open(&table).unwrap())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        // The figures, for whoever reads the test's output.
        eprintln!("{polarisation}: {said}");
        assert!(
            output.status.success(),
            "{said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
#[ignore = "needs satpy and the shared real data"]
fn satpy_reads_the_same_gain_and_noise_from_the_real_product() {
    compares_with_satpy(&entry_starting(
        &shared_data().join("sentinel1"),
        "S1A_IW_GRDH",
    ));
}

#[test]
#[ignore = "needs the shared real data"]
fn every_chip_about_a_ship_gives_a_detection_within_200_m_and_47_of_51_one_on_its_middle() {
    let folder = shared_data().join("sar-ship-chips/opensarship");
    let (mut chips, mut near, mut on_it) = (0, 0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "tif") {
            continue;
        }
        let path = path.to_str().unwrap();
        let about = tidewatch(["inspect", path]);
        let size = about
            .stdout
            .lines()
            .find(|line| line.starts_with("size"))
            .unwrap();
        let sides: Vec<f64> = size
            .split(' ')
            .filter_map(|word| word.parse().ok())
            .collect();
        let (row, col) = ((sides[1] - 1.0) / 2.0, (sides[0] - 1.0) / 2.0);
        // The chips' own pixels are 10 m.
        let ran = tidewatch([
            "detect",
            "--pixel-spacing-m",
            "10",
            "--format",
            "geojson",
            path,
        ]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let found: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let off: Vec<(f64, f64)> = found["features"]
            .as_array()
            .unwrap()
            .iter()
            .map(|feature| {
                let number = |name: &str| feature["properties"][name].as_f64().unwrap_or(0.0);
                let off_m = 10.0 * (number("row_px") - row).hypot(number("col_px") - col);
                (off_m, off_m - number("length_m") / 2.0)
            })
            .collect();
        chips += 1;
        near += u32::from(off.iter().any(|off| off.0 < 200.0));
        on_it += u32::from(off.iter().any(|off| off.1 <= 20.0));
    }
    assert_eq!((chips, near), (51, 51));
    assert!(on_it >= 47, "{on_it}");
}
