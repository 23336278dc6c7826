//! Tables and JSON records of decoded AIS → [`Reception`], every format by one way.
//!
//! Columns are found by name, never by place ([`field`]); values are read in every form in use ([`value`]); the radio's
//! "not available" values (course 360, heading 511, speed 102.3, latitude 91) become `None` ([`row`]). Names that are not
//! listed are passed over.

mod columnar;
mod field;
mod json;
mod line;
mod row;
#[cfg(test)]
mod tests;
mod value;
mod xml;

pub(super) use columnar::{MAGIC as PARQUET_MAGIC, read as read_parquet};
pub(super) use json::{JsonRecords, read as read_json};
pub(super) use xml::{is_xml, read as read_xml};

use super::AisError;
use super::nmea::read_line;
use super::reception::{Origin, Reception, RejectReason};
use field::{FIELDS, Field, Format, NAMES, format_of, plain_name};
use line::{LONGEST, Line};
use row::{Rows, Values};
use std::io::BufRead;
use std::path::Path;

/// Columns without which a table is refused.
const REQUIRED: &str = "an MMSI, a time, a latitude and a longitude, as MMSI, BaseDateTime, LAT, LON (MarineCadastre to 2024), \
                        mmsi, base_date_time, longitude, latitude (from 2025) or # Timestamp, MMSI, Latitude, Longitude (Danish Maritime Authority)";

/// Places of the fields of one report; those that are absent are `None`.
struct Columns([Option<usize>; FIELDS]);

impl Columns {
    /// Columns of the report whose time and place begin with `prefix`; `None` if one that every report needs is absent.
    fn find(plain_names: &[Vec<u8>], prefix: &str) -> Option<Self> {
        let named = |name: &str| {
            plain_names
                .iter()
                .position(|plain| plain == name.as_bytes())
        };
        let columns = NAMES.map(|(field, names)| {
            names.iter().find_map(|name| match field {
                Field::Time | Field::Lat | Field::Lon => named(&format!("{prefix}{name}")),
                _ => named(name),
            })
        });
        let needed = [Field::Mmsi, Field::Time, Field::Lat, Field::Lon];
        needed
            .iter()
            .all(|field| columns[*field as usize].is_some())
            .then_some(Self(columns))
    }

    /// Columns of every report that a row of the format has; `None` if one that a report needs is absent.
    fn of(format: &Format, plain_names: &[Vec<u8>]) -> Option<Vec<Self>> {
        let reports = format.reports.iter();
        reports
            .map(|prefix| Self::find(plain_names, prefix))
            .collect()
    }

    fn values<'a>(&self, row: &'a Line) -> Values<'a> {
        Values(
            self.0
                .map(|column| column.and_then(|at| row.get(at)).unwrap_or(b"")),
        )
    }
}

/// What a table's heading tells.
struct Heading {
    format: &'static Format,
    columns: usize,
    reports: Vec<Columns>,
}

/// Takes out of a reception what is not to be kept until the table's end.
pub(super) type Drain<'a> = dyn FnMut(&mut Reception) + 'a;

/// Lines after which a table's reports are given out.
const DRAIN_LINES: u64 = 1 << 16;

/// Reads a table; `path` is for error texts. `drain` may take the reports out every [`DRAIN_LINES`], not the static data.
///
/// # Errors
///
/// [`AisError::Header`] if a required column is missing, [`AisError::Read`] if reading fails. A bad row is counted, and
/// reading goes on.
pub(super) fn read(
    mut input: impl BufRead,
    path: &Path,
    drain: &mut Drain<'_>,
) -> Result<Reception, AisError> {
    let mut rows = Rows::default();
    let (mut text, mut number) = (Vec::new(), 0);
    let mut table: Option<(Heading, Line)> = None;
    loop {
        let more = read_line(&mut input, &mut text, LONGEST);
        if !more.map_err(|source| AisError::read(path, source))? {
            return Ok(rows.reception);
        }
        number += 1;
        if number % DRAIN_LINES == 0 {
            drain(&mut rows.reception);
        }
        match &mut table {
            _ if text.trim_ascii().is_empty() => {
                rows.reception.lines += 1;
                rows.reception.blank_lines += 1;
            }
            Some((heading, line)) => take_line((&text, number), line, heading, &mut rows),
            None => {
                let (heading, line) = heading(&text, path)?;
                rows.reception.format = heading.format.name;
                table = Some((heading, line));
            }
        }
    }
}

/// Reads the first line.
fn heading(text: &[u8], path: &Path) -> Result<(Heading, Line), AisError> {
    let mut line = Line::new(delimiter(text));
    line.split(text);
    let plain_names: Vec<Vec<u8>> = line.fields().map(plain_name).collect();
    let format = format_of(&plain_names);
    let Some(reports) = Columns::of(format, &plain_names) else {
        return Err(AisError::Header {
            path: path.to_owned(),
            found: header_text(&line, text),
            expected: REQUIRED,
        });
    };
    let columns = plain_names.len();
    let heading = Heading {
        format,
        columns,
        reports,
    };
    Ok((heading, line))
}

/// Takes the reports of one line. A row of several reports counts once each.
fn take_line((text, number): (&[u8], u64), line: &mut Line, heading: &Heading, rows: &mut Rows) {
    let origin = Origin {
        line: number,
        lines: 1,
    };
    if !line.split(text) || line.len() != heading.columns {
        rows.reception.lines += 1;
        return rows.reception.reject(RejectReason::Malformed, origin);
    }
    for report in &heading.reports {
        rows.take(&report.values(line), heading.format.radio_units, origin);
    }
}

/// The delimiter that stands most often in the heading.
fn delimiter(first: &[u8]) -> u8 {
    let count = |wanted: u8| first.iter().filter(|byte| **byte == wanted).count();
    let [comma, semicolon, tab] = [b',', b';', b'\t'].map(|byte| (count(byte), byte));
    [semicolon, tab]
        .into_iter()
        .fold(
            comma,
            |best, next| if next.0 > best.0 { next } else { best },
        )
        .1
}

/// The names found, or the line itself if it cannot be split.
fn header_text(line: &Line, text: &[u8]) -> String {
    if line.len() == 0 {
        return String::from_utf8_lossy(text).trim_end().to_owned();
    }
    let names: Vec<_> = line.fields().map(String::from_utf8_lossy).collect();
    names.join(",")
}
