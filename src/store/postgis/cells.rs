//! Values of the store's tables on their way to PostgreSQL and back, each exactly as the embedded store keeps it.
//!
//! What SQLite keeps as text of a time is a `timestamptz` here, and a flag is a `boolean`; both come back in the embedded
//! store's form, so that whoever reads a row cannot tell which store it is from. PostgreSQL's text holds no NUL: in plain
//! columns it becomes U+FFFD; in records it is escaped as JSON does.
//!
//! Source: PostgreSQL 15 documentation, 8.5 and 55.2.2 (binary formats); PostGIS 3.3 manual, 4.1.2 (EWKB).

use super::super::geometry;
use super::super::records::date_time;
use bytes::BytesMut;
use jiff::Timestamp;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use rusqlite::types::Value;
use std::error::Error;

type Fault = Box<dyn Error + Sync + Send>;

/// Microseconds from 1970 to 2000, where PostgreSQL counts from.
const EPOCH_US: i64 = 946_684_800_000_000;
/// PostgreSQL's first instant, 4714-11-24 BC, in its own microseconds; what is earlier is `-infinity`.
const FIRST_US: i64 = -211_813_488_000_000_000;

/// A value as a parameter or a field of COPY, in the form of the column it is for.
#[derive(Debug)]
pub(super) struct Cell<'a>(pub(super) &'a Value);

impl ToSql for Cell<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Fault> {
        match self.0 {
            Value::Null => Ok(IsNull::Yes),
            Value::Integer(whole) => match *kind {
                Type::BOOL => (*whole != 0).to_sql(kind, out),
                Type::FLOAT8 => (*whole as f64).to_sql(kind, out),
                _ => whole.to_sql(&Type::INT8, out),
            },
            Value::Real(number) => number.to_sql(&Type::FLOAT8, out),
            Value::Text(text) if *kind == Type::TIMESTAMPTZ => {
                let time: Timestamp = text.parse()?;
                let micros = time.as_microsecond() - EPOCH_US;
                let micros = if micros < FIRST_US { i64::MIN } else { micros };
                micros.to_sql(&Type::INT8, out)
            }
            Value::Text(text) if text.contains('\0') => {
                text.replace('\0', "\u{FFFD}").to_sql(&Type::TEXT, out)
            }
            Value::Text(text) => text.to_sql(&Type::TEXT, out),
            Value::Blob(bytes) => bytes.as_slice().to_sql(&Type::BYTEA, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A value as PostgreSQL gives it.
pub(super) struct Taken(pub(super) Value);

impl<'a> FromSql<'a> for Taken {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Fault> {
        Ok(Self(match *kind {
            Type::BOOL => Value::Integer(bool::from_sql(kind, raw)?.into()),
            Type::INT4 => Value::Integer(i32::from_sql(kind, raw)?.into()),
            Type::INT8 => Value::Integer(i64::from_sql(kind, raw)?),
            Type::FLOAT8 => Value::Real(f64::from_sql(kind, raw)?),
            Type::BYTEA => Value::Blob(raw.to_owned()),
            Type::TIMESTAMPTZ => {
                let micros = i64::from_sql(&Type::INT8, raw)?;
                let time = match micros {
                    i64::MIN => Timestamp::MIN,
                    _ => Timestamp::from_microsecond(micros.saturating_add(EPOCH_US))?,
                };
                Value::Text(date_time(time))
            }
            _ => Value::Text(std::str::from_utf8(raw)?.to_owned()),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Fault> {
        Ok(Self(Value::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A value of text.
pub(super) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// A row's values, read by place.
#[derive(Debug)]
pub(super) struct Cells(pub(super) Vec<Value>);

/// A column that does not hold what it should.
#[derive(Debug, thiserror::Error)]
#[error("column {column} holds {found}; expected {expected}")]
pub struct Misfit {
    column: usize,
    found: String,
    expected: &'static str,
}

impl Cells {
    pub(super) fn misfit(&self, column: usize, expected: &'static str) -> Misfit {
        Misfit {
            column,
            found: format!("{:?}", self.0.get(column)),
            expected,
        }
    }

    pub(super) fn optional_text(&self, column: usize) -> Result<Option<String>, Misfit> {
        match self.0.get(column) {
            Some(Value::Text(text)) => Ok(Some(text.clone())),
            Some(Value::Null) => Ok(None),
            _ => Err(self.misfit(column, "text")),
        }
    }

    pub(super) fn text(&self, column: usize) -> Result<String, Misfit> {
        self.optional_text(column)?
            .ok_or_else(|| self.misfit(column, "text"))
    }

    pub(super) fn optional_time(&self, column: usize) -> Result<Option<Timestamp>, Misfit> {
        self.optional_text(column)?
            .map(|text| text.parse().or(Err(self.misfit(column, "a time"))))
            .transpose()
    }

    pub(super) fn time(&self, column: usize) -> Result<Timestamp, Misfit> {
        self.optional_time(column)?
            .ok_or_else(|| self.misfit(column, "a time"))
    }

    pub(super) fn optional_number(&self, column: usize) -> Result<Option<f64>, Misfit> {
        match self.0.get(column) {
            Some(Value::Real(number)) => Ok(Some(*number)),
            Some(Value::Null) => Ok(None),
            _ => Err(self.misfit(column, "a number")),
        }
    }

    pub(super) fn optional_whole(&self, column: usize) -> Result<Option<i64>, Misfit> {
        match self.0.get(column) {
            Some(Value::Integer(whole)) => Ok(Some(*whole)),
            Some(Value::Null) => Ok(None),
            _ => Err(self.misfit(column, "a whole number")),
        }
    }

    pub(super) fn whole(&self, column: usize) -> Result<i64, Misfit> {
        self.optional_whole(column)?
            .ok_or_else(|| self.misfit(column, "a whole number"))
    }

    pub(super) fn small(&self, column: usize) -> Result<u32, Misfit> {
        u32::try_from(self.whole(column)?)
            .or(Err(self.misfit(column, "a whole number from 0 to 2^32")))
    }

    pub(super) fn bytes(&self, column: usize) -> Result<Vec<u8>, Misfit> {
        match self.0.get(column) {
            Some(Value::Blob(bytes)) => Ok(bytes.clone()),
            _ => Err(self.misfit(column, "bytes")),
        }
    }
}

/// A GeoPackage blob's shape in PostGIS's own binary form, with the reference system.
pub(super) fn ewkb(blob: &[u8]) -> Option<Vec<u8>> {
    const WITH_SRID: u32 = 0x2000_0000;
    let (order, rest) = geometry::wkb(blob)?.split_first()?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    // This store writes the little end first.
    debug_assert_eq!(*order, 1);
    let mut bytes = vec![*order];
    bytes.extend((u32::from_le_bytes(*kind) | WITH_SRID).to_le_bytes());
    bytes.extend(geometry::SRS_ID.to_le_bytes());
    bytes.extend(rest);
    Some(bytes)
}
