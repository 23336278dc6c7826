//! A column of a Parquet file, a batch of rows at a time, as the text that a table would have there.

use jiff::Timestamp;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use parquet::column::page::PageReader;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::{ByteArray, DataType, Int96};
use parquet::errors::Result;
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor};
use std::io::Write as _;

/// Rows read at a time.
const BATCH: usize = 4096;

/// Bytes of a text that are looked at; no name, status or time in use is as long.
const LONGEST: usize = 256;

/// What a column's numbers or bytes stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Themselves.
    Itself,
    /// Time since 1970: units a second.
    Since1970(i64),
    /// A point in WKB.
    Point,
    /// Something that no field has.
    Nothing,
}

/// Texts of a batch, one behind the other.
#[derive(Default)]
struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Texts {
    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    fn end(&mut self) {
        self.ends.push(self.bytes.len());
    }

    fn get(&self, row: usize) -> &[u8] {
        let end = self.ends.get(row).copied().unwrap_or_default();
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.bytes.get(start..end).unwrap_or_default()
    }
}

/// One column of a row group.
pub(super) struct Column {
    reader: ColumnReader,
    meaning: Meaning,
    is_optional: bool,
    /// The value, or a point's longitude and latitude.
    texts: [Texts; 2],
}

impl Column {
    pub(super) fn new(
        description: ColumnDescPtr,
        pages: Box<dyn PageReader>,
        is_point: bool,
    ) -> Result<Self> {
        Ok(Self {
            meaning: if is_point {
                Meaning::Point
            } else {
                meaning(&description)
            },
            is_optional: description.max_def_level() > 0,
            reader: get_column_reader(description, pages),
            texts: Default::default(),
        })
    }

    /// Reads the next rows; 0 at the row group's end.
    pub(super) fn fill(&mut self) -> Result<usize> {
        self.texts.iter_mut().for_each(Texts::clear);
        let (meaning, is_optional) = (self.meaning, self.is_optional);
        let [first, second] = &mut self.texts;
        match &mut self.reader {
            ColumnReader::BoolColumnReader(reader) => batch(reader, is_optional, |_| {
                // No field is a yes or no.
                first.end();
            }),
            ColumnReader::Int32ColumnReader(reader) => batch(reader, is_optional, |value| {
                whole(first, value.map(|value| i64::from(*value)), meaning);
            }),
            ColumnReader::Int64ColumnReader(reader) => batch(reader, is_optional, |value| {
                whole(first, value.copied(), meaning);
            }),
            ColumnReader::Int96ColumnReader(reader) => batch(reader, is_optional, |value| {
                whole(first, value.map(Int96::to_millis), Meaning::Since1970(1000));
            }),
            ColumnReader::FloatColumnReader(reader) => batch(reader, is_optional, |value| {
                real(first, value.filter(|value| value.is_finite()));
            }),
            ColumnReader::DoubleColumnReader(reader) => batch(reader, is_optional, |value| {
                real(first, value.filter(|value| value.is_finite()));
            }),
            ColumnReader::ByteArrayColumnReader(reader) => batch(reader, is_optional, |value| {
                bytes([&mut *first, &mut *second], value, meaning);
            }),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                batch(reader, is_optional, |value| {
                    bytes(
                        [&mut *first, &mut *second],
                        value.map(|value| &**value),
                        meaning,
                    );
                })
            }
        }
    }

    /// Text of a row of the batch.
    pub(super) fn text(&self, which: usize, row: usize) -> &[u8] {
        self.texts.get(which).map_or(b"", |texts| texts.get(row))
    }
}

/// Reads a batch and gives each row's value to `put`; `None` is null.
fn batch<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    is_optional: bool,
    mut put: impl FnMut(Option<&T::T>),
) -> Result<usize> {
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    let (rows, _, _) = reader.read_records(BATCH, Some(&mut levels), None, &mut values)?;
    let mut values = values.iter();
    for row in 0..rows {
        let is_told = !is_optional || levels.get(row).is_some_and(|level| *level > 0);
        put(if is_told { values.next() } else { None });
    }
    Ok(rows)
}

fn meaning(column: &ColumnDescriptor) -> Meaning {
    match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Timestamp(time)), _) => match time.unit {
            TimeUnit::MILLIS => Meaning::Since1970(1000),
            TimeUnit::MICROS => Meaning::Since1970(1_000_000),
            TimeUnit::NANOS => Meaning::Since1970(1_000_000_000),
        },
        (None, ConvertedType::TIMESTAMP_MILLIS) => Meaning::Since1970(1000),
        (None, ConvertedType::TIMESTAMP_MICROS) => Meaning::Since1970(1_000_000),
        (Some(LogicalType::Date | LogicalType::Time(_) | LogicalType::Decimal(_)), _)
        | (None, ConvertedType::DATE | ConvertedType::DECIMAL) => Meaning::Nothing,
        _ => Meaning::Itself,
    }
}

/// Writing to memory does not fail.
fn write(texts: &mut Texts, value: impl std::fmt::Display) {
    let _ = write!(texts.bytes, "{value}");
}

fn whole(texts: &mut Texts, value: Option<i64>, meaning: Meaning) {
    match (value, meaning) {
        (Some(value), Meaning::Itself) => write(texts, value),
        (Some(value), Meaning::Since1970(units)) => {
            let nanoseconds = value.rem_euclid(units) * (1_000_000_000 / units);
            let second = value.div_euclid(units);
            if let Ok(time) = Timestamp::new(second, nanoseconds as i32) {
                write(texts, time);
            }
        }
        _ => {}
    }
    texts.end();
}

fn real(texts: &mut Texts, value: Option<impl std::fmt::Display>) {
    if let Some(value) = value {
        write(texts, value);
    }
    texts.end();
}

fn bytes([first, second]: [&mut Texts; 2], value: Option<&ByteArray>, meaning: Meaning) {
    match (value.map(ByteArray::data), meaning) {
        (Some(bytes), Meaning::Itself) => {
            first
                .bytes
                .extend_from_slice(&bytes[..bytes.len().min(LONGEST)]);
        }
        (Some(bytes), Meaning::Point) => {
            if let Some([lon_deg, lat_deg]) = point(bytes) {
                write(first, lon_deg);
                write(second, lat_deg);
            }
        }
        _ => {}
    }
    first.end();
    second.end();
}

/// x and y of a point in WKB, ISO or PostGIS's; further dimensions are passed over. `None` for other shapes and for the empty
/// point.
fn point(wkb: &[u8]) -> Option<[f64; 2]> {
    /// PostGIS: an SRID of four bytes stands before the place.
    const HAS_SRID: u32 = 0x2000_0000;
    let (order, rest) = wkb.split_first()?;
    let (kind, rest) = rest.split_first_chunk()?;
    let kind = match order {
        0 => u32::from_be_bytes(*kind),
        1 => u32::from_le_bytes(*kind),
        _ => return None,
    };
    if kind % 0x1000_0000 % 1000 != 1 {
        return None;
    }
    let rest = if kind & HAS_SRID == 0 {
        rest
    } else {
        rest.get(4..)?
    };
    let (x, rest) = rest.split_first_chunk()?;
    let number = |bytes: [u8; 8]| match order {
        0 => f64::from_be_bytes(bytes),
        _ => f64::from_le_bytes(bytes),
    };
    let place = [number(*x), number(*rest.first_chunk()?)];
    place.iter().all(|value| value.is_finite()).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wkb(order: u8, kind: u32, behind: &[u8], place: [f64; 2]) -> Vec<u8> {
        let (kind, place) = match order {
            0 => (kind.to_be_bytes(), place.map(f64::to_be_bytes)),
            _ => (kind.to_le_bytes(), place.map(f64::to_le_bytes)),
        };
        [&[order][..], &kind, behind, &place.concat()].concat()
    }

    #[test]
    fn points_of_either_byte_order_and_any_dimension_are_read() {
        let place = [-70.75, 43.25];
        for (order, kind, behind) in [
            (1, 1, &[][..]),
            (0, 1, &[]),
            (1, 1001, &[]),
            (1, 0x8000_0001, &[]),
            (1, 0x2000_0001, &[0xE6, 0x10, 0, 0]),
        ] {
            assert_eq!(
                point(&wkb(order, kind, behind, place)),
                Some(place),
                "{kind:x}"
            );
        }
        let line = wkb(1, 2, &[], place);
        let empty = wkb(1, 1, &[], [f64::NAN; 2]);
        for bad in [
            &line[..],
            &empty,
            &wkb(1, 1, &[], place)[..20],
            &wkb(2, 1, &[], place),
            &[],
        ] {
            assert_eq!(point(bad), None, "{bad:?}");
        }
    }
}
