//! `tidewatch ais` from outside: what it prints, writes and refuses.

use crate::program::{other, root, tidewatch};
use std::fs;
use std::path::Path;

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
    let sample = first_log();
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

/// Names in a folder, hidden ones as well.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn an_input_is_never_written_over_whatever_it_is_called() {
    let folder = tempfile::tempdir().unwrap();
    let [table, link, good] =
        ["a.csv", "b.csv", "c.nmea"].map(|name| folder.path().join(name).display().to_string());
    let rows = "mmsi,timestamp,lat,lon\n257111020,1673395201,57,10\n";
    fs::write(&table, rows).unwrap();
    fs::write(&good, LINE).unwrap();
    std::os::unix::fs::symlink("a.csv", &link).unwrap();
    let dotted = folder.path().join(".").join("a.csv").display().to_string();
    for target in [&table, &link, &dotted] {
        let ran = tidewatch(["ais", &good, &table, "--to", target]);
        assert_eq!(ran.code, 2);
        assert!(
            ran.stderr.contains("is one of the inputs"),
            "{}",
            ran.stderr
        );
    }
    assert_eq!(fs::read_to_string(&table).unwrap(), rows);
    assert_eq!(names(folder.path()), ["a.csv", "b.csv", "c.nmea"]);
}

#[test]
fn what_cannot_be_written_leaves_nothing_behind_and_what_was_there_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("a.nmea").display().to_string();
    fs::write(&log, LINE).unwrap();
    for name in ["t.csv", "t.gpkg", "t.fgb", "t.geojson"] {
        // A folder of that name that is not empty cannot be replaced.
        let target = folder.path().join(name);
        fs::create_dir(&target).unwrap();
        fs::write(target.join("kept"), "x").unwrap();
        let ran = tidewatch(["ais", &log, "--to", target.to_str().unwrap()]);
        assert_eq!(ran.code, 2, "{name}: {}", ran.stderr);
        assert!(ran.stderr.contains(name), "{}", ran.stderr);
        assert_eq!(names(&target), ["kept"]);
    }
    let left = names(folder.path());
    assert_eq!(left, ["a.nmea", "t.csv", "t.fgb", "t.geojson", "t.gpkg"]);
}

#[test]
fn a_name_that_a_spreadsheet_would_run_is_disarmed_in_csv_alone() {
    let folder = tempfile::tempdir().unwrap();
    let [table, csv, points] =
        ["in.csv", "a.csv", "a.geojson"].map(|name| folder.path().join(name).display().to_string());
    let rows = "mmsi,timestamp,lat,lon,name\n257111020,1673395201,-57,-10,=1+1\n";
    fs::write(&table, rows).unwrap();
    for target in [&csv, &points] {
        assert_eq!(tidewatch(["ais", &table, "--to", target]).code, 0);
    }
    let csv = fs::read_to_string(csv).unwrap();
    assert!(csv.contains(",-10.000000,-57.000000,"), "{csv}");
    assert!(csv.contains(",'=1+1,"), "{csv}");
    let points: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(points).unwrap()).unwrap();
    assert_eq!(points["features"][0]["properties"]["vessel_name"], "=1+1");
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
