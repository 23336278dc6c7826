//! `tidewatch ais` from outside: what it prints, writes and refuses.

use crate::program::{entry_starting, other, root, tidewatch};
use std::fs;

const LINE: &str = "\\c:1661782369*58\\!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A\n";

#[test]
fn a_log_becomes_rows_on_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("a.nmea");
    fs::write(&log, format!("{LINE}nonsense\n")).unwrap();
    let ran = tidewatch(["ais", log.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(
        lines[1],
        "371798000,2022-08-29T14:12:49.000Z,-123.395383,48.381633,12.3,224.0,215,0,A,,,,,,,,"
    );
    assert_eq!(lines.len(), 2);
    assert!(
        ran.stderr
            .contains("1 reports from 1 of 1 files: 2 lines, 1 rejected"),
        "{}",
        ran.stderr
    );
}

#[test]
fn every_written_table_reads_back_as_the_same_table() {
    let folder = tempfile::tempdir().unwrap();
    let sample = entry_starting(&root().join("sample-data"), "S1A_IW").with_extension("nmea");
    let sample = if sample.exists() { sample } else { first_log() };
    let [first, second] =
        ["a.csv", "b.csv"].map(|name| folder.path().join(name).display().to_string());
    let sample = sample.to_str().unwrap();
    assert_eq!(tidewatch(["ais", sample, "--to", &first]).code, 0);
    assert_eq!(tidewatch(["ais", &first, "--to", &second]).code, 0);
    let (first, second) = (
        fs::read_to_string(first).unwrap(),
        fs::read_to_string(second).unwrap(),
    );
    assert!(first.lines().count() > 100);
    assert_eq!(first, second);
}

fn first_log() -> std::path::PathBuf {
    let mut logs: Vec<_> = fs::read_dir(root().join("sample-data"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "nmea")
        })
        .collect();
    logs.sort();
    logs.remove(0)
}

#[test]
fn the_summary_counts_rejects_by_reason_and_a_bad_file_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let [log, bad] = ["a.nmea", "b.csv"].map(|name| folder.path().join(name));
    fs::write(
        &log,
        format!("{LINE}nonsense\n{LINE}!AIVDM,1,1,,A,1,0*00\n"),
    )
    .unwrap();
    fs::write(&bad, "when,where\n1,2\n").unwrap();
    let ran = tidewatch([
        "ais",
        "--summary",
        bad.to_str().unwrap(),
        log.to_str().unwrap(),
    ]);
    assert_eq!(ran.code, 1);
    for part in [
        "format          NMEA 0183",
        "not-nmea         1 (first in line 2)",
        "checksum         1 (first in line 4)",
    ] {
        assert!(ran.stdout.contains(part), "{part}\n{}", ran.stdout);
    }
    for part in ["b.csv", "when,where", "BaseDateTime"] {
        assert!(ran.stderr.contains(part), "{part}\n{}", ran.stderr);
    }
}

#[test]
fn a_name_that_tells_no_format_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x.docx");
    let log = first_log();
    let ran = tidewatch([
        "ais",
        log.to_str().unwrap(),
        "--to",
        target.to_str().unwrap(),
    ]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("x.docx") && ran.stderr.contains(".gpkg"),
        "{}",
        ran.stderr
    );
    assert!(!target.exists());
}

#[test]
fn a_geojson_file_holds_as_many_points_as_the_table_has_rows() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a.geojson");
    let log = first_log();
    let log = log.to_str().unwrap();
    assert_eq!(
        tidewatch(["ais", log, "--to", target.to_str().unwrap()]).code,
        0
    );
    let rows = tidewatch(["ais", log]).stdout.lines().count() - 1;
    let points: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&target).unwrap()).unwrap();
    let points = points["features"].as_array().unwrap();
    assert_eq!(points.len(), rows);
    let time = points[0]["properties"]["datetime"].as_str().unwrap();
    assert!(time.ends_with('Z') && time.contains('T'), "{time}");
}

#[test]
#[ignore = "needs gdal-bin"]
fn ogrinfo_reads_the_written_geopackage_and_flatgeobuf() {
    let folder = tempfile::tempdir().unwrap();
    let log = first_log();
    let log = log.to_str().unwrap();
    let rows = tidewatch(["ais", log]).stdout.lines().count() - 1;
    for name in ["a.gpkg", "a.fgb"] {
        let target = folder.path().join(name).display().to_string();
        assert_eq!(tidewatch(["ais", log, "--to", &target]).code, 0);
        let ran = other("ogrinfo", ["-so", "-al", &target]).expect("ogrinfo runs");
        assert!(
            ran.stdout.contains(&format!("Feature Count: {rows}\n")),
            "{name}\n{}",
            ran.stdout
        );
        for field in [
            "datetime: DateTime",
            "sog_kn: Real",
            "imo: Integer64",
            "mmsi: String",
        ] {
            assert!(
                ran.stdout.contains(field),
                "{name}: {field}\n{}",
                ran.stdout
            );
        }
    }
}
