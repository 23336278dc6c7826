//! Bad input gets a clear error that names file, value and expectation; the other inputs finish; the exit code tells.

use crate::program::{Ran, root, tidewatch};
use std::fs;
use std::path::Path;

/// A pipeline over `scenes` and `ais` without delivery, written into `folder`.
fn pipeline(folder: &Path, scenes: &[&Path], ais: &[&Path]) -> String {
    let list = |paths: &[&Path]| {
        paths
            .iter()
            .map(|path| format!("  - {}\n", path.display()))
            .collect::<String>()
    };
    let ais_part = if ais.is_empty() {
        String::new()
    } else {
        format!("ais:\n{}", list(ais))
    };
    let text = format!(
        "name: bad-input\nstatus: Test\nscenes:\n{}{ais_part}output: {}\n",
        list(scenes),
        folder.join("out").display()
    );
    let path = folder.join("pipeline.yaml");
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn run(pipeline: &str) -> Ran {
    tidewatch(["run", pipeline])
}

/// A small grey image that GDAL opens: a plain PGM.
fn good_image(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("good.pgm");
    let mut bytes = b"P5\n64 64\n255\n".to_vec();
    bytes.extend((0..64 * 64).map(|i: u32| 40 + (i.wrapping_mul(2_654_435_761) >> 28) as u8));
    fs::write(&path, bytes).unwrap();
    path
}

/// The folder of a sample product, copied so that a test can break it.
fn copied_product(into: &Path) -> std::path::PathBuf {
    let sample = first_safe(&root().join("sample-data"));
    let copy = into.join(sample.file_name().unwrap());
    copy_folder(&sample, &copy);
    copy
}

fn first_safe(folder: &Path) -> std::path::PathBuf {
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "SAFE"))
        .collect();
    found.sort();
    found.remove(0)
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The first file under `folder` whose name contains `part`.
fn file_with(folder: &Path, part: &str) -> std::path::PathBuf {
    let mut open = vec![folder.to_path_buf()];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.file_name().unwrap().to_string_lossy().contains(part) {
                found.push(path);
            }
        }
    }
    found.sort();
    found.remove(0)
}

/// Asserts that a run lost only `bad`: exit code 1, an error that names it, and the good image still searched.
fn loses_only(bad: &Path, expected: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let good = good_image(folder.path());
    let ran = run(&pipeline(folder.path(), &[bad, &good], &[]));
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    for words in expected {
        assert!(
            ran.stderr.contains(words),
            "`{words}` is not in:\n{}",
            ran.stderr
        );
    }
    let csv = fs::read_to_string(folder.path().join("out/detections.csv")).unwrap();
    assert!(csv.starts_with("id,row,col,lon,lat,datetime"), "{csv}");
    let page = fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    assert!(
        page.contains("good"),
        "the report does not speak of the good image"
    );
}

#[test]
fn an_empty_file_fails_alone_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("empty.tif");
    fs::write(&bad, b"").unwrap();
    loses_only(&bad, &["empty.tif"]);
}

#[test]
fn a_truncated_tiff_fails_alone_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let product = copied_product(folder.path());
    let tiff = file_with(&product, ".tiff");
    let bytes = fs::read(&tiff).unwrap();
    fs::write(&tiff, &bytes[..bytes.len() / 2]).unwrap();
    loses_only(&product, &[tiff.file_name().unwrap().to_str().unwrap()]);
}

#[test]
fn a_product_without_its_calibration_fails_alone_and_the_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let product = copied_product(folder.path());
    let lut = file_with(&product, "calibration-");
    fs::remove_file(&lut).unwrap();
    loses_only(&product, &[lut.file_name().unwrap().to_str().unwrap()]);
}

#[test]
fn a_zip_with_a_hole_fails_alone_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let product = copied_product(folder.path());
    let name = product.file_name().unwrap().to_owned();
    let zip = folder.path().join("product.zip");
    let made = std::process::Command::new("zip")
        .args(["-q", "-r"])
        .arg(&zip)
        .arg(&name)
        .current_dir(folder.path())
        .status()
        .expect("zip runs");
    assert!(made.success());
    let mut bytes = fs::read(&zip).unwrap();
    let (from, to) = (bytes.len() / 4, bytes.len() * 3 / 4);
    bytes[from..to].fill(0);
    fs::write(&zip, bytes).unwrap();
    loses_only(&zip, &["product.zip"]);
}

#[test]
fn a_nan_geotransform_fails_alone_and_the_value_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let image = good_image(folder.path());
    let bad = folder.path().join("nan.vrt");
    fs::write(
        &bad,
        format!(
            "<VRTDataset rasterXSize=\"64\" rasterYSize=\"64\"><SRS>EPSG:4326</SRS>\
             <GeoTransform>123.0, nan, 0.0, 25.0, 0.0, -0.0001</GeoTransform>\
             <VRTRasterBand dataType=\"Byte\" band=\"1\"><SimpleSource><SourceFilename>{}</SourceFilename>\
             <SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>",
            image.display()
        ),
    )
    .unwrap();
    loses_only(&bad, &["nan.vrt", "NaN"]);
}

#[test]
fn nmea_of_random_bytes_fails_alone_and_the_scene_is_still_searched() {
    let folder = tempfile::tempdir().unwrap();
    let good = good_image(folder.path());
    let noise = folder.path().join("noise.nmea");
    let bytes: Vec<u8> = (0u32..60_000)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    fs::write(&noise, bytes).unwrap();
    let ran = run(&pipeline(folder.path(), &[&good], &[&noise]));
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("noise.nmea"), "{}", ran.stderr);
    assert!(folder.path().join("out/tidewatch.gpkg").exists());
}

#[test]
fn a_csv_with_another_header_fails_alone_and_says_what_was_found_and_expected() {
    let folder = tempfile::tempdir().unwrap();
    let good = good_image(folder.path());
    let table = folder.path().join("ships.csv");
    fs::write(&table, "who,when,x,y\n431000001,now,1,2\n").unwrap();
    let ran = run(&pipeline(folder.path(), &[&good], &[&table]));
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    for words in ["ships.csv", "who", "mmsi"] {
        assert!(
            ran.stderr.to_lowercase().contains(words),
            "{words}: {}",
            ran.stderr
        );
    }
}

#[test]
fn reports_told_again_or_out_of_place_are_counted_in_the_log_and_on_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let good = good_image(folder.path());
    let table = folder.path().join("ships.csv");
    let ship = |second: i64, lon: f64| format!("431000001,{},25,{lon}\n", 1_714_599_000 + second);
    let steady: String = (0..9).map(|minute| ship(60 * minute, 123.0)).collect();
    // Once far away, and the first report twice more.
    let odd = [ship(90, 150.0), ship(0, 123.0), ship(0, 123.0)].concat();
    fs::write(&table, format!("mmsi,timestamp,lat,lon\n{steady}{odd}")).unwrap();
    let ran = run(&pipeline(folder.path(), &[&good], &[&table]));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let told = ran
        .stderr
        .lines()
        .find(|line| line.contains("Ships told apart"));
    let told = told.expect(&ran.stderr);
    for count in ["tracks=1", "repeats=2", "jumps=1"] {
        assert!(told.contains(count), "{count}: {told}");
    }
    let page = fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    for count in ["2 told again", " 1 where no ship"] {
        assert!(page.contains(count), "{count}");
    }
}

#[test]
fn five_faults_in_a_pipeline_file_are_all_told_with_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("five.yaml");
    let text = "\
name: five
status: Perhaps
scenes:
  - no-such-file.SAFE
detect:
  pfa: 2
  colour: blue
rules:
  - id: near
    kind: uncorrelated-contact
    zone_nm: twelve
output: out
";
    fs::write(&path, text).unwrap();
    for command in ["check", "run"] {
        let ran = tidewatch([command, path.to_str().unwrap()]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        // (line, what it is about)
        for (line, about) in [
            (2, "Perhaps"),
            (4, "no-such-file.SAFE"),
            (6, "pfa"),
            (7, "colour"),
            (11, "zone_nm"),
        ] {
            let place = format!("five.yaml:{line}:");
            assert!(
                ran.stderr.contains(&place),
                "{command}: {place} is not in:\n{}",
                ran.stderr
            );
            assert!(
                ran.stderr.contains(about),
                "{command}: {about} is not in:\n{}",
                ran.stderr
            );
        }
    }
}

#[test]
fn a_pipeline_file_that_is_not_there_or_not_yaml_cannot_start() {
    let ran = tidewatch(["run", "no-such-pipeline.yaml"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("no-such-pipeline.yaml"),
        "{}",
        ran.stderr
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.yaml");
    fs::write(&path, "scenes: [\n").unwrap();
    let ran = tidewatch(["run", path.to_str().unwrap()]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("broken.yaml:"), "{}", ran.stderr);
}

#[test]
fn entities_of_xml_are_not_followed_into_files_nor_blown_up() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret.txt");
    fs::write(&secret, "the-secret").unwrap();
    let file = format!("<!ENTITY x SYSTEM \"file://{}\">", secret.display());
    // Ten to the ninth words, were they written out.
    let mut blown = "<!ENTITY x0 \"word\">".to_owned();
    for n in 1..=9 {
        let many = format!("&x{};", n - 1).repeat(10);
        blown.push_str(&format!("<!ENTITY x{n} \"{many}\">"));
    }
    blown.push_str("<!ENTITY x \"&x9;\">");
    for (name, entities) in [("file", file), ("blown", blown)] {
        let into = folder.path().join(name);
        fs::create_dir(&into).unwrap();
        let product = copied_product(&into);
        let manifest = product.join("manifest.safe");
        let text = fs::read_to_string(&manifest).unwrap();
        let head = text.find("?>").unwrap() + 2;
        let name_at = text.find("familyName").unwrap();
        let value_at = name_at + text[name_at..].find('>').unwrap() + 1;
        let hostile = format!(
            "{}<!DOCTYPE a [{entities}]>{}&x;{}",
            &text[..head],
            &text[head..value_at],
            &text[value_at..]
        );
        fs::write(&manifest, hostile).unwrap();
        let begun = std::time::Instant::now();
        let ran = tidewatch(["inspect", product.to_str().unwrap()]);
        let told = ran.stdout + &ran.stderr;
        assert!(!told.contains("the-secret"), "{name}: {told}");
        assert!(!told.contains("wordword"), "{name}: {told}");
        assert!(
            begun.elapsed() < std::time::Duration::from_secs(20),
            "{name}"
        );
    }
}
