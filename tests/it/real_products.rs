//! Real products read right. Ignored where the shared real data is absent.

use crate::program::{entry_starting, shared_data, tidewatch};

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
