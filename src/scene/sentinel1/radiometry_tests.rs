//! Calibration and noise on small annotations written here, and against a real product.
#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use super::{Calibration, Noise, Radiometry};

const HEADER: &str = "<adsHeader><polarisation>VH</polarisation></adsHeader>";

fn calibration(vectors: &[(i32, &str, &str)]) -> Calibration {
    let vectors: String = vectors
        .iter()
        .map(|(line, pixels, values)| {
            format!(
                "<calibrationVector><line>{line}</line><pixel>{pixels}</pixel><sigmaNought>{values}</sigmaNought>\
                 <dn>2 2</dn></calibrationVector>"
            )
        })
        .collect();
    let xml = format!(
        "<calibration>{HEADER}<calibrationVectorList>{vectors}</calibrationVectorList></calibration>"
    );
    Calibration::parse("cal.xml", xml.as_bytes()).unwrap()
}

fn noise(range: &[(i32, &str, &str)], blocks: &str) -> Noise {
    let vectors: String = range
        .iter()
        .map(|(line, pixels, values)| {
            format!(
                "<noiseRangeVector><line>{line}</line><pixel>{pixels}</pixel><noiseRangeLut>{values}</noiseRangeLut>\
                 </noiseRangeVector>"
            )
        })
        .collect();
    let xml = format!(
        "<noise>{HEADER}<noiseRangeVectorList>{vectors}</noiseRangeVectorList>\
         <noiseAzimuthVectorList>{blocks}</noiseAzimuthVectorList></noise>"
    );
    Noise::parse("noise.xml", xml.as_bytes()).unwrap()
}

fn block(
    first_line: u32,
    last_line: u32,
    first: u32,
    last: u32,
    lines: &str,
    factors: &str,
) -> String {
    format!(
        "<noiseAzimuthVector><firstAzimuthLine>{first_line}</firstAzimuthLine><firstRangeSample>{first}</firstRangeSample>\
         <lastAzimuthLine>{last_line}</lastAzimuthLine><lastRangeSample>{last}</lastRangeSample><line>{lines}</line>\
         <noiseAzimuthLut>{factors}</noiseAzimuthLut></noiseAzimuthVector>"
    )
}

fn old_noise(values: &str) -> Noise {
    let xml = format!(
        "<noise>{HEADER}<noiseVectorList><noiseVector><line>0</line><pixel>0 10</pixel>\
         <noiseLut>{values}</noiseLut></noiseVector></noiseVectorList></noise>"
    );
    Noise::parse("noise.xml", xml.as_bytes()).unwrap()
}

#[test]
fn gain_is_bilinear_and_constant_beyond_the_ends() {
    let table = calibration(&[(0, "0 10", "100 200"), (20, "0 10", "300 400")]);
    for (row, col, gain) in [
        (0.0, 0.0, 100.0),
        (0.0, 5.0, 150.0),
        (10.0, 5.0, 250.0),
        (5.0, 2.0, 170.0),
        (-9.0, 0.0, 100.0),
        (99.0, 99.0, 400.0),
    ] {
        assert!((table.gain(row, col) - gain).abs() < 1e-9, "{row} {col}");
    }
}

#[test]
fn noise_is_range_times_azimuth_of_the_block_that_holds_the_pixel() {
    let blocks = block(0, 9, 0, 4, "0 8", "1.0 1.8") + &block(0, 9, 5, 10, "0", "3.0");
    let table = noise(&[(0, "0 10", "10 20"), (9, "0 10", "10 20")], &blocks);
    assert!((table.power(4.0, 4.0) - 14.0 * 1.4).abs() < 1e-9);
    // A block of one value is constant; past a block's last line its last factor holds.
    assert!((table.power(7.0, 5.0) - 15.0 * 3.0).abs() < 1e-9);
    assert!((table.power(9.0, 0.0) - 10.0 * 1.8).abs() < 1e-9);
    // No block holds the pixel: range noise alone.
    assert!((table.power(10.0, 0.0) - 10.0).abs() < 1e-9);
}

#[test]
fn zero_noise_means_not_measured_and_short_vectors_are_extended() {
    let table = noise(
        &[(0, "0 10 20 30", "5 0 0 0"), (10, "0 10 20", "5 7 9")],
        "",
    );
    // Between a blank and a measured line the measured one stands in, instead of half its value.
    assert!((table.power(5.0, 20.0) - 9.0).abs() < 1e-9);
    assert!((table.power(10.0, 29.0) - 9.0).abs() < 1e-9);
    assert!((table.power(0.0, 3.0) - 5.0).abs() < 1e-9);
    assert!((table.power(0.0, 25.0) - 9.0).abs() < 1e-9);
    // Where neither line measured anything nothing is subtracted.
    let blank = noise(
        &[(0, "0 10 20 30", "5 0 0 0"), (10, "0 10 20 30", "5 0 0 0")],
        "",
    );
    assert_eq!(blank.power(4.0, 25.0), 0.0);
}

#[test]
fn rows_give_what_single_places_give_bit_for_bit() {
    let blocks = block(0, 30, 0, 16, "0 30", "1.25 0.75") + &block(3, 30, 17, 40, "3", "1.5");
    let noise = noise(
        &[(0, "0 7 13", "5 0 3"), (11, "0 9 20 31", "5 7 9 0")],
        &blocks,
    );
    let calibration = calibration(&[(-4, "0 10 33", "100 200 77"), (20, "0 12", "300 400")]);
    let (radiometry, remark) = Radiometry::new(calibration, Some(noise), Some(3.52), "IW");
    assert_eq!(remark, None);
    let dn: Vec<u16> = (0..40).map(|i| i * 3).collect();
    let mut row = vec![0.0; 40];
    for line in 0..35 {
        radiometry.sigma0_row(line, 2, &dn, &mut row);
        for (i, (&value, &dn)) in row.iter().zip(&dn).enumerate() {
            let single = radiometry.sigma0(f64::from(line), (i + 2) as f64, dn) as f32;
            assert!(
                value == single || (value.is_nan() && single.is_nan()),
                "{line} {i}: {value} {single}"
            );
        }
    }
}

#[test]
fn noise_above_signal_clamps_to_zero_and_zero_counts_are_no_data() {
    let (radiometry, _) = Radiometry::new(
        calibration(&[(0, "0 10", "2 2")]),
        Some(noise(&[(0, "0 10", "4 4")], "")),
        Some(3.52),
        "IW",
    );
    assert_eq!(radiometry.sigma0(0.0, 0.0, 10), 24.0);
    assert_eq!(radiometry.sigma0(0.0, 0.0, 1), 0.0);
    assert!(radiometry.sigma0(0.0, 0.0, 0).is_nan());
}

#[test]
fn early_processors_noise_is_scaled_with_the_first_dn_and_unknown_scales_are_said() {
    let table = || calibration(&[(0, "0 10", "2 2")]);
    let power = |ipf: f64, mode: &str| {
        let (radiometry, remark) =
            Radiometry::new(table(), Some(old_noise("3 3")), Some(ipf), mode);
        (radiometry.noise_power(0.0, 5.0), remark)
    };
    assert_eq!(power(2.60, "IW"), (3.0, None));
    assert_eq!(power(2.50, "IW"), (3.0 * 75_088.7 * 4.0, None));
    assert_eq!(power(2.33, "EW"), (3.0 * 56_065.87 * 2.0, None));
    let (none, remark) = power(2.45, "SM");
    assert_eq!(none, 0.0);
    assert!(remark.unwrap().contains("SM"));
}

#[test]
fn missing_or_blank_noise_is_told_to_the_operator() {
    for noise in [None, Some(old_noise("0 0"))] {
        let (radiometry, remark) =
            Radiometry::new(calibration(&[(0, "0", "2")]), noise, Some(2.8), "IW");
        assert!(!radiometry.has_noise());
        assert!(
            remark
                .unwrap()
                .starts_with("VH: thermal noise is not subtracted")
        );
    }
}

#[test]
fn uneven_or_zero_tables_are_refused_by_file_and_element() {
    for values in ["1", "1 0", "1 -2", "1 x"] {
        let xml = format!(
            "<calibration>{HEADER}<calibrationVectorList><calibrationVector><line>0</line><pixel>0 40</pixel>\
             <sigmaNought>{values}</sigmaNought><dn>1 1</dn></calibrationVector></calibrationVectorList></calibration>"
        );
        let error = Calibration::parse("cal.xml", xml.as_bytes())
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("cal.xml: ") && error.contains("Vector"),
            "{error}"
        );
    }
}
