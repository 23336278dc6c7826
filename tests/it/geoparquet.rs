//! GeoParquet out and in, beside programs that we did not write: pyarrow, DuckDB and a validator of the specification.

use crate::program::{Ran, clients_python, other, root, shared_data, tidewatch};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn python<const N: usize>(script: &str, args: [&str; N]) -> Ran {
    let script = root().join("tests/clients").join(script);
    let args = [script.to_str().unwrap()].into_iter().chain(args);
    let ran = other(clients_python(), args).unwrap();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran
}

/// Rows of a CSV in order of their text, its heading first.
fn sorted(csv: &str) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(csv.as_bytes())
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect();
    rows[1..].sort();
    rows
}

fn parquet_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(parquet_files(&path)),
            false => found.push(path),
        }
    }
    found.sort();
    found
}

fn validate(file: &Path) {
    let validator = clients_python().with_file_name("geoparquet-validator");
    let ran = other(validator, ["check", file.to_str().unwrap()]).unwrap();
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
}

/// The Australian log: 30,259 reports of one day, class A and B, base stations and aids.
fn log() -> String {
    shared_data()
        .join("ais/amsa-2012.nmea.gz")
        .display()
        .to_string()
}

#[test]
#[ignore = "needs pyarrow, DuckDB, a GeoParquet validator and the shared real data"]
fn others_read_one_file_as_the_rows_of_the_csv() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("reports.parquet");
    let file_name = file.to_str().unwrap();
    let ran = tidewatch(["ais", &log(), "--to", file_name]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let expected = sorted(&tidewatch(["ais", &log()]).stdout);
    assert_eq!(expected.len(), 30_260);
    for reader in ["pyarrow", "duckdb"] {
        let ran = python("geoparquet_rows.py", [reader, file_name]);
        assert!(sorted(&ran.stdout) == expected, "{reader}");
    }
    validate(&file);
    // And back again.
    let back = tidewatch(["ais", file_name]);
    assert!(sorted(&back.stdout) == expected, "{}", back.stderr);
}

#[test]
#[ignore = "needs pyarrow, DuckDB, a GeoParquet validator and the shared real data"]
fn others_read_a_folder_by_day_and_cell_as_the_rows_of_the_csv() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("archive");
    let target = format!("{}/", archive.display());
    let ran = tidewatch(["ais", &log(), "--to", &target]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let expected = sorted(&tidewatch(["ais", &log()]).stdout);
    for reader in ["pyarrow", "duckdb"] {
        let ran = python("geoparquet_rows.py", [reader, archive.to_str().unwrap()]);
        assert!(sorted(&ran.stdout) == expected, "{reader}");
    }
    let files = parquet_files(&archive);
    assert!(files.len() > 10, "{files:?}");
    files.iter().for_each(|file| validate(file));
    assert!(
        files[0]
            .strip_prefix(&archive)
            .unwrap()
            .starts_with("day=2012-01-27")
    );
    // What is there already is not mixed with what is new.
    let again = tidewatch(["ais", &log(), "--to", &target]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("not empty"), "{}", again.stderr);
    assert_eq!(parquet_files(&archive), files);
}

#[test]
#[ignore = "needs pyarrow, DuckDB and the shared real data"]
fn parquet_of_other_writers_reads_as_the_csv_that_it_was_made_of() {
    let folder = tempfile::tempdir().unwrap();
    let source = shared_data().join("ais/marinecadastre-2023-01-11.csv");
    let source = source.to_str().unwrap();
    let made = python(
        "geoparquet_made.py",
        [source, folder.path().to_str().unwrap()],
    );
    let expected = sorted(&tidewatch(["ais", source]).stdout);
    assert_eq!(expected.len(), 1001);
    let names: Vec<&str> = made.stdout.lines().collect();
    assert_eq!(names.len(), 7);
    for name in names {
        let ran = tidewatch(["ais", folder.path().join(name).to_str().unwrap()]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
        assert!(sorted(&ran.stdout) == expected, "{name}");
    }
}

const LINE: &str = "\\c:1661782369*58\\!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A\n";

/// A GeoParquet file of ours.
fn small_file(folder: &Path) -> Vec<u8> {
    let (log, file) = (folder.join("a.nmea"), folder.join("a.parquet"));
    fs::write(&log, LINE.repeat(300)).unwrap();
    let ran = tidewatch(["ais", log.to_str().unwrap(), "--to", file.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    fs::read(file).unwrap()
}

/// Reads files in one process that may have 2 GiB of addresses.
fn within_2_gib(files: &[PathBuf]) -> Ran {
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 2097152 && exec \"$@\"", "sh"])
        .arg(env!("CARGO_BIN_EXE_tidewatch"))
        .args(["ais", "--summary"])
        .args(files)
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn a_damaged_parquet_file_is_an_error_that_names_it_and_takes_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let whole = small_file(folder.path());
    let mut files = vec![folder.path().join("a.parquet")];
    let mut put = |name: String, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        files.push(path);
    };
    // A fixed generator (Knuth's), so that a finding can be found again.
    let mut state = 1_u64;
    let mut next = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for at in 0..600 {
        let mut bytes = whole.clone();
        for _ in 0..=next(3) {
            let place = next(bytes.len());
            match next(4) {
                0 => bytes[place] ^= 1 << next(8),
                1 => bytes[place] = [0x00, 0xFF, 0x7F, 0x80][next(4)],
                2 => bytes.insert(place, next(256) as u8),
                _ => bytes.truncate(place.max(8)),
            }
        }
        // Cut or not, the end stays what a reader looks for.
        bytes.truncate(bytes.len().max(8));
        put(format!("{at}.parquet"), &bytes);
    }
    let ran = within_2_gib(&files);
    assert!(matches!(ran.code, 0 | 1), "{}: {}", ran.code, ran.stderr);
    let refused = ran
        .stderr
        .lines()
        .filter(|line| line.starts_with("error:"))
        .count();
    let read = ran.stdout.matches("  format ").count();
    assert_eq!(refused + read, files.len(), "{}", ran.stderr);
    assert!(refused > 100 && read >= 1, "{refused} refused, {read} read");
}

#[test]
fn a_dictionary_or_a_page_that_claims_gigabytes_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let whole = small_file(folder.path());
    // The file begins with the dictionary of the first column: page type 2, its sizes, then (field 7) the count of values.
    assert_eq!(&whole[..7], b"PAR1\x15\x04\x15");
    let count = whole[..40]
        .windows(2)
        .position(|pair| pair == [0x4C, 0x15])
        .unwrap()
        + 2;
    let huge = [0xFE, 0xFF, 0xFF, 0xFF, 0x0F];
    let grown = |at: usize| [&whole[..at], &huge, &whole[at + 1..]].concat();
    for (name, bytes, reason) in [
        ("count.parquet", grown(count), "shorter than it claims"),
        ("size.parquet", grown(7), "larger than 32 MiB"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let ran = within_2_gib(&[path]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(
            ran.stderr.contains(name) && ran.stderr.contains(reason),
            "{}",
            ran.stderr
        );
    }
}
