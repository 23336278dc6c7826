//! AIS reports as GeoParquet 1.1: one file ([`write_file`]), or a folder of files by day and coarse cell ([`write_folder`]).
//!
//! Columns are those of the other tables ([`reports`](crate::encode::reports)), typed and with nulls; the place is a point in WKB
//! (lon,lat on WGS 84) with a `bbox` column beside it, so that a reader passes over row groups elsewhere. At most
//! [`MOST_ROWS`] reports are held at a time and at most [`MOST_OPEN`] files are open, however many days and cells there are.

mod folder;
mod rows;
mod tables;

pub(super) use folder::write_folder;
pub(super) use tables::{file_name, read_tables, write_tables};

use crate::model::track::{Position, Vessel};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;
use rows::{Bounds, Rows, SCHEMA};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Most reports held, and most of one row group.
const MOST_ROWS: usize = 1 << 17;

/// Most files open at a time.
const MOST_OPEN: usize = 64;

/// Why a file could not be written or read.
#[derive(Debug, thiserror::Error)]
#[error("{}: cannot write or read the GeoParquet file", path.display())]
pub struct GeoParquetError {
    path: PathBuf,
    source: ParquetError,
}

/// Puts one report.
pub(super) type PutReport<'a> = dyn FnMut(&Position, &Vessel) -> Result<(), GeoParquetError> + 'a;

/// Writes what `feed` puts as one file.
///
/// # Errors
///
/// If the file cannot be written, or what `feed` gives.
pub(super) fn write_file(
    path: &Path,
    feed: impl FnOnce(&mut PutReport<'_>) -> Result<(), GeoParquetError>,
) -> Result<(), GeoParquetError> {
    let mut part = Part::create(path)?;
    let mut rows = Rows::default();
    feed(&mut |report, vessel| {
        rows.push(report, vessel);
        match rows.len() < MOST_ROWS {
            true => Ok(()),
            false => part.write(&std::mem::take(&mut rows)),
        }
    })?;
    part.write(&rows)?;
    part.close()
}

/// One file being written.
struct Part {
    path: PathBuf,
    writer: SerializedFileWriter<File>,
    bounds: Bounds,
}

impl Part {
    fn create(path: &Path) -> Result<Self, GeoParquetError> {
        let path = path.to_owned();
        match open(&path) {
            Ok(writer) => Ok(Self {
                path,
                writer,
                bounds: Bounds::default(),
            }),
            Err(source) => Err(GeoParquetError { path, source }),
        }
    }

    /// Writes a row group; none for no rows.
    fn write(&mut self, rows: &Rows) -> Result<(), GeoParquetError> {
        if rows.len() == 0 {
            return Ok(());
        }
        self.bounds.widen(rows);
        rows.write(&mut self.writer)
            .map_err(|source| self.error(source))
    }

    fn close(mut self) -> Result<(), GeoParquetError> {
        let geo = KeyValue::new("geo".to_owned(), self.bounds.metadata());
        self.writer.append_key_value_metadata(geo);
        match self.writer.finish() {
            Ok(_) => Ok(()),
            Err(source) => Err(self.error(source)),
        }
    }

    fn error(&self, source: ParquetError) -> GeoParquetError {
        let path = self.path.clone();
        GeoParquetError { path, source }
    }
}

fn open(path: &Path) -> Result<SerializedFileWriter<File>, ParquetError> {
    create(path, SCHEMA)
}

/// A new file of this schema.
fn create(path: &Path, schema: &str) -> Result<SerializedFileWriter<File>, ParquetError> {
    let geometry = ColumnPath::from("geometry");
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("tidewatch ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        // Every place is another one, and the least and the greatest of their bytes say nothing.
        .set_column_dictionary_enabled(geometry.clone(), false)
        .set_column_statistics_enabled(geometry, EnabledStatistics::None);
    for edge in ["xmin", "ymin", "xmax", "ymax"] {
        let path = ColumnPath::new(vec!["bbox".to_owned(), edge.to_owned()]);
        properties = properties.set_column_dictionary_enabled(path, false);
    }
    let schema = Arc::new(parse_message_type(schema)?);
    SerializedFileWriter::new(File::create(path)?, schema, Arc::new(properties.build()))
}

fn io_error(path: &Path, source: io::Error) -> GeoParquetError {
    let path = path.to_owned();
    GeoParquetError {
        path,
        source: source.into(),
    }
}
