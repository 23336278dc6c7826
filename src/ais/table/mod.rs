//! Tables and JSON records of decoded AIS → [`Reception`], every format by one way.
//!
//! Columns are found by name, never by place ([`field`]); values are read in every form in use ([`value`]); the radio's
//! "not available" values (course 360, heading 511, speed 102.3, latitude 91) become `None` ([`row`]). Names that are not
//! listed are passed over.

mod field;
mod json;
mod row;
#[cfg(test)]
mod tests;
mod value;

pub(super) use json::JsonRecords;

use super::AisError;
use super::reception::{Origin, Reception, RejectReason};
use csv::ByteRecord;
use field::{FIELDS, Field, Format, NAMES, format_of, plain_name};
use row::{Rows, Values};
use std::io::Read;
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

    fn values<'a>(&self, record: &'a ByteRecord) -> Values<'a> {
        Values(
            self.0
                .map(|column| column.and_then(|at| record.get(at)).unwrap_or(b"")),
        )
    }
}

/// Reads a table whose first line is `first`; `path` is for error texts.
///
/// # Errors
///
/// [`AisError::Header`] if a required column is missing, [`AisError::Table`] if reading fails. A bad row is counted, and
/// reading goes on.
pub(super) fn read(input: impl Read, first: &[u8], path: &Path) -> Result<Reception, AisError> {
    let table_error = |source| AisError::Table {
        path: path.to_owned(),
        source,
    };
    let mut table = csv::ReaderBuilder::new()
        .flexible(true)
        .delimiter(delimiter(first))
        .from_reader(input);
    let header = table.byte_headers().map_err(table_error)?;
    let plain_names: Vec<Vec<u8>> = header.iter().map(plain_name).collect();
    let format = format_of(&plain_names);
    let reports: Option<Vec<Columns>> = format
        .reports
        .iter()
        .map(|prefix| Columns::find(&plain_names, prefix))
        .collect();
    let Some(reports) = reports else {
        return Err(AisError::Header {
            path: path.to_owned(),
            found: header_text(header),
            expected: REQUIRED,
        });
    };
    let mut rows = Rows::default();
    rows.reception.format = format.name;
    let mut record = ByteRecord::new();
    while table.read_byte_record(&mut record).map_err(table_error)? {
        let line = record.position().map_or(0, csv::Position::line);
        take_record(
            &record,
            (line, plain_names.len()),
            &reports,
            (format, &mut rows),
        );
    }
    Ok(rows.reception)
}

/// Takes the reports of one record. A row of several reports counts once each.
fn take_record(
    record: &ByteRecord,
    (line, columns): (u64, usize),
    reports: &[Columns],
    (format, rows): (&Format, &mut Rows),
) {
    let origin = Origin { line, lines: 1 };
    if record.len() != columns {
        rows.reception.lines += 1;
        return rows.reception.reject(RejectReason::Malformed, origin);
    }
    for report in reports {
        rows.take(&report.values(record), format.radio_units, origin);
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

fn header_text(header: &ByteRecord) -> String {
    let names: Vec<_> = header.iter().map(String::from_utf8_lossy).collect();
    names.join(",")
}
