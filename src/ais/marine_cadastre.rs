//! MarineCadastre's AIS tables (United States waters) → [`Reception`].
//!
//! Columns are found by name, never by place: until 2024 `MMSI,BaseDateTime,LAT,LON,…`, from 2025
//! `mmsi,base_date_time,longitude,latitude,…`. Times are UTC without a zone. The older tables keep the radio's
//! "not available" values (course 360.0, heading 511, speed 102.3), which become `None` here.

use super::AisError;
use super::clock::Calendar;
use super::reception::{Origin, Reception, RejectReason};
use crate::model::track::{AisClass, Position, Vessel};
use crate::model::units::{LonLat, Mmsi, MmsiKind};
use csv::ByteRecord;
use jiff::Timestamp;
use std::io::Read;
use std::path::Path;

/// Columns without which a table is refused: what it must have under the older or the newer name.
const REQUIRED: &str = "MMSI, BaseDateTime, LAT, LON (to 2024) or mmsi, base_date_time, longitude, latitude (from 2025)";

/// Places of the columns; those that may be absent are `None`.
struct Columns {
    count: usize,
    mmsi: usize,
    time: usize,
    lat: usize,
    lon: usize,
    sog: Option<usize>,
    cog: Option<usize>,
    heading: Option<usize>,
    name: Option<usize>,
    imo: Option<usize>,
    call_sign: Option<usize>,
    ship_type: Option<usize>,
    status: Option<usize>,
    length: Option<usize>,
    width: Option<usize>,
    draught: Option<usize>,
    class: Option<usize>,
}

/// Reads a table; `path` is for error texts.
///
/// # Errors
///
/// [`AisError::Header`] if a required column is missing, [`AisError::Table`] if reading fails. A bad row is counted, and
/// reading goes on.
pub(super) fn read(input: impl Read, path: &Path) -> Result<Reception, AisError> {
    let table_error = |source| AisError::Table {
        path: path.to_owned(),
        source,
    };
    let mut table = csv::ReaderBuilder::new().flexible(true).from_reader(input);
    let header = table.byte_headers().map_err(table_error)?;
    let columns = Columns::find(header).ok_or_else(|| AisError::Header {
        path: path.to_owned(),
        found: header_text(header),
        expected: REQUIRED,
    })?;
    let mut reception = Reception::default();
    let mut record = ByteRecord::new();
    while table.read_byte_record(&mut record).map_err(table_error)? {
        reception.lines += 1;
        let origin = Origin {
            line: record.position().map_or(0, csv::Position::line),
            lines: 1,
        };
        match columns.row(&record) {
            Ok(row) => row.into_reception(&mut reception),
            Err(reason) => {
                if matches!(reason, RejectReason::NoPosition | RejectReason::InvalidMmsi) {
                    reception.messages += 1;
                }
                reception.reject(reason, origin);
            }
        }
    }
    Ok(reception)
}

fn header_text(header: &ByteRecord) -> String {
    let names: Vec<_> = header.iter().map(String::from_utf8_lossy).collect();
    names.join(",")
}

/// A row that was understood.
struct Row {
    position: Position,
    vessel: Vessel,
}

impl Row {
    fn into_reception(self, reception: &mut Reception) {
        reception.messages += 1;
        reception.accepted_lines += 1;
        reception.note_time(self.position.time);
        if self.vessel != Vessel::default() {
            let (mmsi, time) = (self.position.mmsi, self.position.time);
            reception.statics.push((mmsi, time, self.vessel));
        }
        reception.positions.push(self.position);
    }
}

impl Columns {
    fn find(header: &ByteRecord) -> Option<Self> {
        let plain_names: Vec<Vec<u8>> = header.iter().map(plain_name).collect();
        let named = |name: &str| {
            plain_names
                .iter()
                .position(|plain| plain == name.as_bytes())
        };
        Some(Self {
            count: header.len(),
            mmsi: named("mmsi")?,
            time: named("basedatetime")?,
            lat: named("lat").or_else(|| named("latitude"))?,
            lon: named("lon").or_else(|| named("longitude"))?,
            sog: named("sog"),
            cog: named("cog"),
            heading: named("heading"),
            name: named("vesselname"),
            imo: named("imo"),
            call_sign: named("callsign"),
            ship_type: named("vesseltype"),
            status: named("status"),
            length: named("length"),
            width: named("width"),
            draught: named("draft"),
            class: named("transceiverclass").or_else(|| named("transceiver")),
        })
    }

    fn row(&self, record: &ByteRecord) -> Result<Row, RejectReason> {
        if record.len() != self.count {
            return Err(RejectReason::Malformed);
        }
        let number = |column: Option<usize>| column.and_then(|column| decimal(&record[column]));
        let within = |column, range: std::ops::Range<f64>| {
            number(column).filter(|value| range.contains(value))
        };
        let mmsi = integer_field(&record[self.mmsi]).ok_or(RejectReason::Malformed)?;
        let mmsi = Mmsi(mmsi);
        let time = instant(&record[self.time]).ok_or(RejectReason::BadTime)?;
        let lat_deg = decimal(&record[self.lat]).ok_or(RejectReason::Malformed)?;
        let lon_deg = decimal(&record[self.lon]).ok_or(RejectReason::Malformed)?;
        if lat_deg.abs() > 90.0 || lon_deg.abs() > 180.0 {
            return Err(RejectReason::NoPosition);
        }
        if mmsi.kind() == MmsiKind::Invalid {
            return Err(RejectReason::InvalidMmsi);
        }
        let nav_status = within(self.status, 0.0..15.0).map(|status| status as u8);
        let position = Position {
            mmsi,
            time,
            position: LonLat::new(lon_deg, lat_deg),
            sog_kn: within(self.sog, 0.0..102.25),
            cog_deg: within(self.cog, 0.0..360.0),
            heading_deg: within(self.heading, 0.0..360.0),
            nav_status,
            class: self.class_of(record),
        };
        let text = |column: Option<usize>| column.and_then(|column| text_field(&record[column]));
        let positive = |column| number(column).filter(|value| *value > 0.0);
        let vessel = Vessel {
            name: text(self.name),
            call_sign: text(self.call_sign),
            imo: self.imo.and_then(|column| imo_number(&record[column])),
            ship_type: within(self.ship_type, 1.0..100.0).map(|kind| kind as u8),
            length_m: positive(self.length),
            width_m: positive(self.width),
            draught_m: positive(self.draught),
            destination: None,
        };
        Ok(Row { position, vessel })
    }

    /// Class B if the row says so, else class A: tables before the column came hold class A in the main.
    fn class_of(&self, record: &ByteRecord) -> AisClass {
        match self.class.map(|column| &record[column]) {
            Some(b"B") => AisClass::B,
            _ => AisClass::A,
        }
    }
}

/// Lower case without blanks and underscores; a byte order mark before the first name falls away.
fn plain_name(name: &[u8]) -> Vec<u8> {
    let letters = name.iter().filter(|byte| byte.is_ascii_alphanumeric());
    letters.map(u8::to_ascii_lowercase).collect()
}

fn decimal(field: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(field).ok()?;
    text.trim()
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite())
}

fn integer_field(field: &[u8]) -> Option<u32> {
    std::str::from_utf8(field).ok()?.trim().parse().ok()
}

fn text_field(field: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(field);
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// `IMO9307839` or `9307839`; other forms are not IMO numbers.
fn imo_number(field: &[u8]) -> Option<u32> {
    let digits = field.strip_prefix(b"IMO").unwrap_or(field);
    integer_field(digits).filter(|imo| (1_000_000..=9_999_999).contains(imo))
}

/// `2023-01-11T00:00:00` or `2025-01-01 00:00:00`, UTC.
fn instant(field: &[u8]) -> Option<Timestamp> {
    let part = |range: std::ops::Range<usize>| field.get(range).and_then(super::clock::integer);
    let form = [field.get(4)?, field.get(7)?, field.get(13)?, field.get(16)?];
    if form != [&b'-', &b'-', &b':', &b':'] || !matches!(field.get(10)?, b'T' | b' ') {
        return None;
    }
    if !matches!(field.get(19..)?, b"" | b"Z") {
        return None;
    }
    let calendar = Calendar {
        year: part(0..4)?,
        month: part(5..7)?,
        day: part(8..10)?,
        hour: part(11..13)?,
        minute: part(14..16)?,
        second: part(17..19)?,
        millisecond: 0,
    };
    calendar.instant()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const OLD: &str = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,TransceiverClass\n";
    const NEW: &str = "mmsi,base_date_time,longitude,latitude,sog,cog,heading,vessel_name,imo,call_sign,vessel_type,status,length,width,draft,cargo,transceiver\n";

    fn read_text(text: &str) -> Result<Reception, AisError> {
        read(text.as_bytes(), Path::new("day.csv"))
    }

    #[test]
    fn both_column_sets_give_the_same_report() {
        let old = read_text(&format!(
            "{OLD}636021061,2023-01-11T00:00:00,26.09241,-80.04806,8.8,272.7,270.0,MSC NAISHA III,IMO9307839,5LCB4,70,8.0,208.0,30.0,8.0,70.0,A\n"
        ))
        .unwrap();
        let new = read_text(&format!(
            "{NEW}636021061,2023-01-11 00:00:00,-80.04806,26.09241,8.8,272.7,270.0,MSC NAISHA III,IMO9307839,5LCB4,70,8,208,30,8.0,70,A\n"
        ))
        .unwrap();
        assert_eq!(old, new);
        let position = &old.positions[0];
        assert_eq!(position.position, LonLat::new(-80.04806, 26.09241));
        assert_eq!(position.time.to_string(), "2023-01-11T00:00:00Z");
        assert_eq!((position.sog_kn, position.nav_status), (Some(8.8), Some(8)));
        let vessel = &old.statics[0].2;
        assert_eq!(vessel.imo, Some(9_307_839));
        assert_eq!((vessel.length_m, vessel.width_m), (Some(208.0), Some(30.0)));
    }

    #[test]
    fn the_radios_not_available_values_become_none() {
        let reception = read_text(&format!(
            "{OLD}367752440,2023-01-11T00:00:00,43.07917,-70.75733,102.3,360.0,511.0,,,,0,15.0,0,,,52.0,B\n"
        ))
        .unwrap();
        let position = &reception.positions[0];
        assert_eq!((position.sog_kn, position.cog_deg), (None, None));
        assert_eq!((position.heading_deg, position.nav_status), (None, None));
        assert_eq!(position.class, AisClass::B);
        assert!(reception.statics.is_empty());
    }

    #[test]
    fn bad_rows_are_counted_by_reason_with_their_first_line() {
        let good = "367752440,2023-01-11T00:00:00,43.0,-70.7,,,,,,,,,,,,,A";
        let reception = read_text(&format!(
            "{OLD}{good}\n367752440,yesterday,43.0,-70.7,,,,,,,,,,,,,A\n1,2\n{}\n{}\n{good}\nx,y\n",
            good.replace("43.0", "91.0"),
            good.replace("367752440", "123456789"),
        ))
        .unwrap();
        assert_eq!(reception.positions.len(), 2);
        assert_eq!(reception.lines, 7);
        let first: Vec<_> = reception.first_rejects.into_iter().collect();
        assert_eq!(
            first,
            [
                (RejectReason::Malformed, 4),
                (RejectReason::NoPosition, 5),
                (RejectReason::InvalidMmsi, 6),
                (RejectReason::BadTime, 3),
            ]
        );
        assert_eq!(reception.rejects[&RejectReason::Malformed], 2);
    }

    #[test]
    fn a_wrong_heading_names_file_columns_found_and_columns_expected() {
        let text = read_text("mmsi,when,where\n1,2,3\n")
            .unwrap_err()
            .to_string();
        for part in [
            "day.csv",
            "mmsi,when,where",
            "BaseDateTime",
            "base_date_time",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
}
