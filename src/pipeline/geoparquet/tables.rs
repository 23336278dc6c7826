//! The store's tables as GeoParquet 1.1, one file a table, and back, row for row: times to the millisecond, numbers bit for bit.
//!
//! A file holds the place of each row (`fid`), its shape as WKB (`geometry`), and the table's columns under their names.

use super::{GeoParquetError, create};
use crate::store::{ARCHIVE_VERSION, Archive, PutRow, StoreError, StoredRow, TableForm, Value};
use jiff::Timestamp;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::KeyValue;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Most rows of one row group, and most bytes that are held for it.
const MOST_ROWS: usize = 1 << 15;
const MOST_BYTES: usize = 64 << 20;

/// Key of the version of the tables in a file's metadata.
const VERSION_KEY: &str = "tidewatch";

/// Writes these tables of a store into a folder that is there; gives the rows a table.
///
/// # Errors
///
/// If the store cannot be read or a file cannot be written.
pub(in crate::pipeline) fn write_tables(
    store: &(impl Archive + ?Sized),
    tables: &[TableForm],
    folder: &Path,
) -> std::result::Result<BTreeMap<&'static str, u64>, StoreError> {
    let mut files: BTreeMap<&'static str, Table> = BTreeMap::new();
    for form in tables {
        let table = Table::create(folder, *form)?;
        files.insert(form.name, table);
    }
    store.snapshot(tables, &mut |name, row| match files.get_mut(name) {
        Some(table) => Ok(table.put(row)?),
        None => Ok(()),
    })?;
    let closed = files
        .into_iter()
        .map(|(name, table)| Ok((name, table.close()?)));
    closed.collect()
}

/// Gives every row of the folder's files of these tables. A table without a file has no rows.
///
/// # Errors
///
/// If a file cannot be read or is of other columns than its table, or what `put` gives.
pub(in crate::pipeline) fn read_tables(
    folder: &Path,
    tables: &[TableForm],
    put: &mut PutRow<'_>,
) -> std::result::Result<(), StoreError> {
    for form in tables {
        let path = folder.join(file_name(form.name));
        if !path.exists() {
            continue;
        }
        let failed = |source| {
            let path = path.clone();
            StoreError::from(GeoParquetError { path, source })
        };
        let reader = File::open(&path).map_err(ParquetError::from);
        let reader = reader.and_then(SerializedFileReader::new).map_err(failed)?;
        check(&reader, form).map_err(failed)?;
        for group in 0..reader.num_row_groups() {
            let rows = reader
                .get_row_group(group)
                .and_then(|group| read_group(group.as_ref(), form));
            for row in rows.map_err(failed)? {
                put(form.name, row)?;
            }
        }
    }
    Ok(())
}

/// Name of a table's file.
pub(in crate::pipeline) fn file_name(table: &str) -> String {
    format!("{table}.parquet")
}

impl From<GeoParquetError> for StoreError {
    fn from(error: GeoParquetError) -> Self {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        Self::Other(format!("{error}: {}", cause.unwrap_or_default()))
    }
}

fn wrong(text: String) -> ParquetError {
    ParquetError::General(text)
}

/// A table's file being written.
struct Table {
    path: PathBuf,
    form: TableForm,
    writer: SerializedFileWriter<File>,
    rows: Vec<StoredRow>,
    bytes: usize,
    count: u64,
    /// West, south, east and north of all shapes.
    bounds: Option<[f64; 4]>,
}

impl Table {
    fn create(folder: &Path, form: TableForm) -> std::result::Result<Self, GeoParquetError> {
        let path = folder.join(file_name(form.name));
        match create(&path, &schema(&form)) {
            Ok(writer) => Ok(Self {
                path,
                form,
                writer,
                rows: Vec::new(),
                bytes: 0,
                count: 0,
                bounds: None,
            }),
            Err(source) => Err(GeoParquetError { path, source }),
        }
    }

    fn put(&mut self, row: StoredRow) -> std::result::Result<(), GeoParquetError> {
        self.bytes += row.shape.as_ref().map_or(0, Vec::len);
        self.bytes += row.values.iter().map(weight).sum::<usize>();
        if let Some([west, south, east, north]) = row.bounds() {
            let [w, s, e, n] = self.bounds.unwrap_or([west, south, east, north]);
            self.bounds = Some([w.min(west), s.min(south), e.max(east), n.max(north)]);
        }
        self.rows.push(row);
        self.count += 1;
        match self.rows.len() < MOST_ROWS && self.bytes < MOST_BYTES {
            true => Ok(()),
            false => self.write(),
        }
    }

    fn write(&mut self) -> std::result::Result<(), GeoParquetError> {
        self.bytes = 0;
        let rows = std::mem::take(&mut self.rows);
        let written = write_group(&mut self.writer, &self.form, &rows);
        written.map_err(|source| self.error(source))
    }

    fn close(mut self) -> std::result::Result<u64, GeoParquetError> {
        if !self.rows.is_empty() {
            self.write()?;
        }
        let version = ARCHIVE_VERSION.to_string();
        let mut keys = vec![KeyValue::new(VERSION_KEY.to_owned(), version)];
        if let Some(kind) = self.form.shape {
            keys.push(KeyValue::new("geo".to_owned(), geo(kind, self.bounds)));
        }
        for key in keys {
            self.writer.append_key_value_metadata(key);
        }
        let finished = self.writer.finish().map(|_| ());
        let synced = finished.and_then(|()| Ok(self.writer.inner().sync_all()?));
        match synced {
            Ok(()) => Ok(self.count),
            Err(source) => Err(self.error(source)),
        }
    }

    fn error(&self, source: ParquetError) -> GeoParquetError {
        let path = self.path.clone();
        GeoParquetError { path, source }
    }
}

/// The file's key `geo`. No `crs` means longitude, latitude on WGS 84.
fn geo(kind: &str, bounds: Option<[f64; 4]>) -> String {
    let name = match kind {
        "POINT" => "Point",
        "MULTILINESTRING" => "MultiLineString",
        _ => "MultiPolygon",
    };
    let mut column = serde_json::json!({"encoding": "WKB", "geometry_types": [name]});
    if let Some(bounds) = bounds {
        column["bbox"] = serde_json::json!(bounds);
    }
    serde_json::json!({
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": column},
    })
    .to_string()
}

fn weight(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
        _ => 8,
    }
}

fn schema(form: &TableForm) -> String {
    let mut lines = vec!["required int64 fid".to_owned()];
    lines.extend(form.shape.map(|_| "optional binary geometry".to_owned()));
    lines.extend(form.columns.iter().map(|(name, kind)| match *kind {
        "DOUBLE" => format!("optional double {name}"),
        "INTEGER" => format!("optional int64 {name}"),
        "BOOLEAN" => format!("optional boolean {name}"),
        "DATETIME" => format!("optional int64 {name} (TIMESTAMP(MILLIS, true))"),
        "BLOB" => format!("optional binary {name}"),
        _ => format!("optional binary {name} (STRING)"),
    }));
    format!("message {} {{ {}; }}", form.name, lines.join("; "))
}

/// Refuses a file that is not of this table as this program has it.
fn check(reader: &SerializedFileReader<File>, form: &TableForm) -> Result<()> {
    let metadata = reader.metadata().file_metadata();
    let keys = metadata.key_value_metadata();
    let version = keys
        .into_iter()
        .flatten()
        .find(|pair| pair.key == VERSION_KEY)
        .and_then(|pair| pair.value.as_deref());
    if version != Some(ARCHIVE_VERSION.to_string().as_str()) {
        return Err(wrong(format!(
            "holds tables of version {}; expected version {ARCHIVE_VERSION}",
            version.unwrap_or("none")
        )));
    }
    let found: Vec<&str> = metadata
        .schema_descr()
        .columns()
        .iter()
        .map(|column| column.name())
        .collect();
    let mut wanted = vec!["fid"];
    wanted.extend(form.shape.map(|_| "geometry"));
    wanted.extend(form.columns.iter().map(|(name, _)| *name));
    match found == wanted {
        true => Ok(()),
        false => Err(wrong(format!(
            "has the columns {}; expected {}",
            found.join(", "),
            wanted.join(", ")
        ))),
    }
}

/// Values of an optional column: those that are there, and for each row whether it has one.
fn told_values<T>(values: impl Iterator<Item = Result<Option<T>>>) -> Result<(Vec<T>, Vec<i16>)> {
    let (mut there, mut levels) = (Vec::new(), Vec::new());
    for value in values {
        let value = value?;
        levels.push(i16::from(value.is_some()));
        there.extend(value);
    }
    Ok((there, levels))
}

fn write_group(
    file: &mut SerializedFileWriter<File>,
    form: &TableForm,
    rows: &[StoredRow],
) -> Result<()> {
    let mut group = file.next_row_group()?;
    let shape = usize::from(form.shape.is_some());
    let mut at = 0_usize;
    while let Some(mut column) = group.next_column()? {
        let cells = rows.iter().map(|row| &row.values);
        let of_column = at.checked_sub(1 + shape);
        let name = of_column.map_or("geometry", |n| form.columns[n].0);
        let is_time = of_column.is_some_and(|n| form.columns[n].1 == "DATETIME");
        let misfit = |value: &Value| wrong(format!("{} {name}: cannot keep {value:?}", form.name));
        match column.untyped() {
            ColumnWriter::Int64ColumnWriter(writer) if at == 0 => {
                let places: Vec<i64> = rows.iter().map(|row| row.place).collect();
                writer.write_batch(&places, None, None)?;
            }
            ColumnWriter::ByteArrayColumnWriter(writer) if of_column.is_none() => {
                let shapes = rows
                    .iter()
                    .map(|row| Ok(row.wkb().map(|b| b.to_vec().into())));
                let (values, levels) = told_values::<ByteArray>(shapes)?;
                writer.write_batch(&values, Some(&levels), None)?;
            }
            ColumnWriter::Int64ColumnWriter(writer) => {
                let whole = cells.map(|values| match &values[at - 1 - shape] {
                    Value::Null => Ok(None),
                    Value::Integer(whole) if !is_time => Ok(Some(*whole)),
                    Value::Text(time) if is_time => millis(time)
                        .map(Some)
                        .ok_or_else(|| wrong(format!("{name}: cannot keep the time {time}"))),
                    other => Err(misfit(other)),
                });
                let (values, levels) = told_values(whole)?;
                writer.write_batch(&values, Some(&levels), None)?;
            }
            ColumnWriter::DoubleColumnWriter(writer) => {
                let numbers = cells.map(|values| match &values[at - 1 - shape] {
                    Value::Null => Ok(None),
                    Value::Real(number) => Ok(Some(*number)),
                    other => Err(misfit(other)),
                });
                let (values, levels) = told_values(numbers)?;
                writer.write_batch(&values, Some(&levels), None)?;
            }
            ColumnWriter::BoolColumnWriter(writer) => {
                let flags = cells.map(|values| match &values[at - 1 - shape] {
                    Value::Null => Ok(None),
                    Value::Integer(flag) => Ok(Some(*flag != 0)),
                    other => Err(misfit(other)),
                });
                let (values, levels) = told_values(flags)?;
                writer.write_batch(&values, Some(&levels), None)?;
            }
            ColumnWriter::ByteArrayColumnWriter(writer) => {
                let bytes = cells.map(|values| match &values[at - 1 - shape] {
                    Value::Null => Ok(None),
                    Value::Text(text) => Ok(Some(ByteArray::from(text.as_str()))),
                    Value::Blob(bytes) => Ok(Some(ByteArray::from(bytes.clone()))),
                    other => Err(misfit(other)),
                });
                let (values, levels) = told_values(bytes)?;
                writer.write_batch(&values, Some(&levels), None)?;
            }
            _ => {
                return Err(wrong(format!(
                    "{name}: a column of a kind that no table has"
                )));
            }
        }
        column.close()?;
        at += 1;
    }
    group.close()?;
    Ok(())
}

/// Milliseconds since 1970 of a time as stores keep it; `None` unless it comes back as the same text.
fn millis(text: &str) -> Option<i64> {
    let time: Timestamp = text.parse().ok()?;
    let millis = time.as_millisecond();
    (time_of(millis)? == text).then_some(millis)
}

fn time_of(millis: i64) -> Option<String> {
    let time = Timestamp::from_millisecond(millis).ok()?;
    Some(format!("{time:.3}"))
}

fn read_group(group: &dyn RowGroupReader, form: &TableForm) -> Result<Vec<StoredRow>> {
    let count = usize::try_from(group.metadata().num_rows()).unwrap_or_default();
    let mut rows: Vec<StoredRow> = (0..count)
        .map(|_| StoredRow {
            place: 0,
            shape: None,
            values: Vec::with_capacity(form.columns.len()),
        })
        .collect();
    let shape = usize::from(form.shape.is_some());
    for at in 0..group.num_columns() {
        let of_column = at.checked_sub(1 + shape).map(|n| form.columns[n].1);
        let reader = group.get_column_reader(at)?;
        let values: Vec<Value> = match (of_column, reader) {
            (Some("DATETIME"), ColumnReader::Int64ColumnReader(reader)) => {
                read(reader, count, |millis| {
                    time_of(millis).map_or(Value::Null, Value::Text)
                })?
            }
            (Some("INTEGER") | None, ColumnReader::Int64ColumnReader(reader)) => {
                read(reader, count, Value::Integer)?
            }
            (Some("DOUBLE"), ColumnReader::DoubleColumnReader(reader)) => {
                read(reader, count, Value::Real)?
            }
            (Some("BOOLEAN"), ColumnReader::BoolColumnReader(reader)) => {
                read(reader, count, |flag| Value::Integer(flag.into()))?
            }
            (Some("BLOB") | None, ColumnReader::ByteArrayColumnReader(reader)) => {
                read(reader, count, |bytes| Value::Blob(bytes.data().to_vec()))?
            }
            (Some("TEXT"), ColumnReader::ByteArrayColumnReader(reader)) => {
                read(reader, count, |bytes| match bytes.as_utf8() {
                    Ok(text) => Value::Text(text.to_owned()),
                    Err(_) => Value::Null,
                })?
            }
            _ => return Err(wrong(format!("column {at} is of another kind"))),
        };
        for (row, value) in rows.iter_mut().zip(values) {
            match (at, of_column, value) {
                (0, _, Value::Integer(place)) => row.place = place,
                (_, None, Value::Blob(wkb)) => {
                    let shape = StoredRow::shape_of(&wkb);
                    let unknown = || wrong(format!("{}: a shape that no store writes", form.name));
                    row.shape = Some(shape.ok_or_else(unknown)?);
                }
                (_, None, _) => {}
                (_, Some(_), value) => row.values.push(value),
            }
        }
    }
    Ok(rows)
}

/// A column's values, null where there is none.
fn read<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    count: usize,
    value_of: impl Fn(T::T) -> Value,
) -> Result<Vec<Value>> {
    let (mut there, mut levels) = (Vec::new(), Vec::new());
    while levels.len() < count {
        let left = count - levels.len();
        let (records, _, _) = reader.read_records(left, Some(&mut levels), None, &mut there)?;
        if records == 0 {
            break;
        }
        // A column that is required has no levels.
        if levels.is_empty() {
            levels.resize(there.len(), 1);
        }
    }
    let mut there = there.into_iter();
    let values = levels.into_iter().map(|level| match level {
        0 => Value::Null,
        _ => there.next().map_or(Value::Null, &value_of),
    });
    Ok(values.collect())
}
