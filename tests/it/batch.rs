//! A batch of small scenes with AIS, its pipeline file, and what a run of it leaves, without the clock.

use crate::program::tidewatch;
use rusqlite::Connection;
use rusqlite::types::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Makes `count` scenes of 300 × 300 pixels, each ten minutes after the one before and with an AIS log of its own, and a
/// pipeline file that makes alerts of them; gives the file.
pub fn make(folder: &Path, count: u32) -> PathBuf {
    for n in 0..count {
        let (lon, lat) = (
            123.2 + 0.06 * f64::from(n % 8),
            25.6 + 0.06 * f64::from(n / 8),
        );
        let out = folder.join(format!("in/{n:02}"));
        let ran = tidewatch([
            "simulate",
            "--out",
            out.to_str().unwrap(),
            "--seed",
            &(n + 1).to_string(),
            "--lon",
            &lon.to_string(),
            "--lat",
            &lat.to_string(),
            "--width",
            "300",
            "--height",
            "300",
            "--start",
            &format!("2024-05-01T{:02}:{:02}:00Z", 10 + n / 6, n % 6 * 10),
            "--separation-m",
            "500",
            "--correlated",
            "1",
            "--silent",
            "1",
            "--ais-only",
            "1",
            "--rafts",
            "0",
            "--fixed",
            "0",
        ]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    let file = folder.join("batch.yaml");
    let text = "name: batch\nscenes: [in/*/*.SAFE]\nais: [in/*/ais.nmea]\nrules:\n  \
        - {id: near, kind: uncorrelated-contact, zone_nm: 24}\n  \
        - {id: unseen, kind: ais-only, zone_nm: 24}\n  \
        - {id: entered, kind: zone-entry, zone_nm: 12}\noutput: out\n";
    fs::write(&file, text).unwrap();
    file
}

/// Fails with the first line that differs.
pub fn must_be_same(name: &Path, bytes: &[u8], expected: &[u8]) {
    let lines = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (found, wanted) = (lines(bytes), lines(expected));
    for (found, wanted) in found.lines().zip(wanted.lines()) {
        assert_eq!(found, wanted, "{}", name.display());
    }
    assert!(bytes == expected, "{} is another file", name.display());
}

/// Files of a run's folder but the store, and the store's rows, both without the times of the run's own clock.
#[derive(PartialEq, Eq)]
pub struct Left {
    files: BTreeMap<PathBuf, Vec<u8>>,
    rows: BTreeMap<String, Vec<String>>,
}

impl Left {
    /// What the run in `folder` left.
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            files: files(folder),
            rows: rows(&folder.join("tidewatch.gpkg")),
        }
    }

    /// How many rows a table has.
    pub fn count(&self, table: &str) -> usize {
        self.rows[table].len()
    }

    /// Fails with the first difference.
    pub fn must_be(&self, expected: &Self) {
        let names = |left: &Self| left.files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(self), names(expected));
        for (name, bytes) in &self.files {
            must_be_same(name, bytes, &expected.files[name]);
        }
        assert!(self.rows.keys().eq(expected.rows.keys()));
        for (table, rows) in &self.rows {
            assert_eq!(rows.len(), expected.rows[table].len(), "{table}");
            for (row, other) in rows.iter().zip(&expected.rows[table]) {
                assert_eq!(row, other, "{table}");
            }
        }
    }
}

/// Files of a run's folder but the store, by name, without the times of the run's own clock.
pub fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_path_buf();
            if path.is_dir() {
                open.push(path);
            } else if name != Path::new("tidewatch.gpkg") {
                let bytes = fs::read(&path).unwrap();
                let is_text = path.extension().is_some_and(|e| e != "png");
                let bytes = if is_text { unclocked(&bytes) } else { bytes };
                found.insert(name, bytes);
            }
        }
    }
    found
}

fn rows(store: &Path) -> BTreeMap<String, Vec<String>> {
    let connection = Connection::open(store).unwrap();
    let mut names = connection
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
        .unwrap();
    let names: Vec<String> = names
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let read = |table: String| {
        let sql = format!("SELECT * FROM \"{table}\" ORDER BY 1");
        let mut statement = connection.prepare(&sql).unwrap();
        let width = statement.column_count();
        let rows = statement
            .query_map([], |row| {
                (0..width)
                    .map(|n| row.get::<_, Value>(n).map(|value| shown(&value)))
                    .collect::<rusqlite::Result<Vec<_>>>()
            })
            .unwrap()
            .map(|row| row.unwrap().join(" | "))
            .collect();
        (table, rows)
    };
    names.into_iter().map(read).collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Integer(whole) => whole.to_string(),
        Value::Real(real) => format!("{real:?}"),
        Value::Text(text) => String::from_utf8(unclocked(text.as_bytes())).unwrap(),
        Value::Blob(bytes) => format!("{:?}", String::from_utf8_lossy(&unclocked(bytes))),
    }
}

/// Scenes and AIS of the batch are of 2024: a date of another year is one of the run's own clock (when an alert was sent and
/// when it expires, when a scene was searched, a message delivered, a table changed). Such times become `(clock)`; all else
/// stays as it is.
fn unclocked(bytes: &[u8]) -> Vec<u8> {
    let is_clock = |at: usize| {
        let shape = b"0000-00-00";
        let date = bytes.get(at..at + shape.len());
        date.is_some_and(|date| {
            let fits = |(byte, form): (&u8, &u8)| match form {
                b'0' => byte.is_ascii_digit(),
                _ => byte == form,
            };
            date.iter().zip(shape).all(fits) && date[..4] > b"2024"[..] && date[..2] == b"20"[..]
        })
    };
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if !is_clock(at) {
            out.push(bytes[at]);
            at += 1;
            continue;
        }
        out.extend(b"(clock)");
        at += 10;
        // A page writes a blank between date and time.
        if bytes.get(at) == Some(&b' ') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        while bytes
            .get(at)
            .is_some_and(|b| b.is_ascii_digit() || b"T:.Z+".contains(b))
        {
            at += 1;
        }
    }
    out
}

#[test]
fn only_times_of_this_year_and_later_are_the_clock() {
    let text = b"a 2024-05-01T10:00:00Z b 2026-11-27T19:00:00.123Z c 2026-11-27T19:00:00+00:00\" d 2026-11-27 19:00:00 UTC";
    let text = String::from_utf8(unclocked(text)).unwrap();
    assert_eq!(
        text,
        "a 2024-05-01T10:00:00Z b (clock) c (clock)\" d (clock) UTC"
    );
}
