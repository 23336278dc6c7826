//! Parquet tables of reports → [`Reception`], as every other table: columns by name, values as their text.
//!
//! The place may stand in columns or, as in MarineCadastre's files from 2025 on, as points of a GeoParquet column
//! (WKB). What a file claims of itself is not believed ([`guard`]): a damaged file is an error, whatever is wrong with it.

mod cells;
mod guard;

use super::field::{format_of, plain_name};
use super::row::{Rows, Values};
use super::{Columns, REQUIRED};
use crate::ais::AisError;
use crate::ais::reception::{Origin, Reception};
use cells::Column;
use guard::{Guarded, Pages, metadata};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::FileMetaData;
use parquet::file::reader::ChunkReader;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

/// Names that the place of a geometry column goes by.
const PLACE: [&str; 2] = ["longitude", "latitude"];

/// What a file begins and ends with.
pub(in crate::ais) const MAGIC: &[u8] = b"PAR1";

/// Reads a table; `path` is for error texts. A row's number, from 1, stands for its line.
///
/// # Errors
///
/// [`AisError::Header`] if a required column is missing, [`AisError::Parquet`] if the file cannot be read to its end. A bad
/// row is counted, and reading goes on.
pub(in crate::ais) fn read(
    input: impl ChunkReader + 'static,
    path: &Path,
) -> std::result::Result<Reception, AisError> {
    let damaged = |reason: String| AisError::Parquet {
        path: path.to_owned(),
        reason,
    };
    // The last line of defence: what the guard lets pass may still trip the decoder.
    let read = catch_unwind(AssertUnwindSafe(|| read_table(input)));
    match read.unwrap_or_else(|_| Err(ParquetError::General("its decoder gave up".to_owned()))) {
        Ok(Table::Read(reception)) => Ok(*reception),
        Ok(Table::Lacking(found)) => Err(AisError::Header {
            path: path.to_owned(),
            found,
            expected: REQUIRED,
        }),
        Err(error) => Err(damaged(error.to_string())),
    }
}

/// A table that was read, or the columns of one that lacks some.
enum Table {
    Read(Box<Reception>),
    Lacking(String),
}

/// Columns that may be read.
struct Plan {
    /// Names as they are compared; those of the place of a geometry column stand last.
    names: Vec<Vec<u8>>,
    /// The file's column of each name; that of the geometry stands last.
    leaves: Vec<usize>,
    has_geometry: bool,
}

impl Plan {
    fn of(metadata: &FileMetaData) -> Self {
        let schema = metadata.schema_descr();
        // Lists and groups hold nothing that is read.
        let flat = |leaf: &usize| {
            let column = schema.column(*leaf);
            column.path().parts().len() == 1 && column.max_rep_level() == 0
        };
        let name = |leaf: usize| schema.column(leaf).name().to_owned();
        let mut leaves: Vec<usize> = (0..schema.num_columns()).filter(flat).collect();
        let primary = primary_geometry(metadata);
        let geometry = leaves
            .iter()
            .position(|leaf| primary.as_ref() == Some(&name(*leaf)));
        let geometry = geometry.map(|at| leaves.remove(at));
        let names = leaves.iter().map(|leaf| plain_name(name(*leaf).as_bytes()));
        let mut names: Vec<Vec<u8>> = names.collect();
        if let Some(geometry) = geometry {
            leaves.push(geometry);
            names.extend(PLACE.map(|name| name.as_bytes().to_vec()));
        }
        Self {
            names,
            leaves,
            has_geometry: geometry.is_some(),
        }
    }

    /// The column of a name, and which of its two texts.
    fn place(&self, name: usize) -> (usize, usize) {
        let last = self.leaves.len().saturating_sub(1);
        match self.has_geometry && name >= last {
            true => (last, name - last),
            false => (name, 0),
        }
    }
}

/// Name of the column that GeoParquet calls the first, if it holds WKB.
fn primary_geometry(metadata: &FileMetaData) -> Option<String> {
    let entries = metadata.key_value_metadata()?;
    let geo = entries.iter().find(|entry| entry.key == "geo")?;
    let geo: Value = serde_json::from_str(geo.value.as_deref()?).ok()?;
    let primary = geo["primary_column"].as_str()?;
    (geo["columns"][primary]["encoding"] == "WKB").then(|| primary.to_owned())
}

fn read_table(input: impl ChunkReader + 'static) -> Result<Table> {
    let metadata = metadata(&input)?;
    let schema = metadata.file_metadata().schema_descr();
    let plan = Plan::of(metadata.file_metadata());
    let Some(reports) = Columns::of(format_of(&plan.names), &plan.names) else {
        let found = schema.columns().iter().map(|column| column.path().string());
        return Ok(Table::Lacking(found.collect::<Vec<_>>().join(",")));
    };
    let wanted: BTreeSet<usize> = reports
        .iter()
        .flat_map(|report| report.0.iter().flatten())
        .map(|name| plan.place(*name).0)
        .collect();
    let mut rows = Rows::default();
    rows.reception.format = match plan.has_geometry {
        true => "GeoParquet",
        false => "Parquet",
    };
    let input = Arc::new(Guarded(input));
    let mut line = 0;
    for group in metadata.row_groups() {
        let open = |at: usize| {
            let leaf = plan.leaves[at];
            let pages = Box::new(Pages::of(&input, group, leaf)?);
            let is_point = plan.has_geometry && at + 1 == plan.leaves.len();
            Column::new(schema.column(leaf), pages, is_point).map(|column| (at, column))
        };
        let mut columns: BTreeMap<usize, Column> =
            wanted.iter().map(|at| open(*at)).collect::<Result<_>>()?;
        loop {
            let counts = columns.values_mut().map(Column::fill);
            let counts: BTreeSet<usize> = counts.collect::<Result<_>>()?;
            let [count] = counts.into_iter().collect::<Vec<_>>()[..] else {
                return Err(ParquetError::General(
                    "columns of unequal length".to_owned(),
                ));
            };
            if count == 0 {
                break;
            }
            for row in 0..count {
                line += 1;
                for report in &reports {
                    let text = |name: usize| {
                        let (at, which) = plan.place(name);
                        columns
                            .get(&at)
                            .map_or(&b""[..], |column| column.text(which, row))
                    };
                    let values = Values(report.0.map(|name| name.map_or(&b""[..], text)));
                    rows.take(&values, None, Origin { line, lines: 1 });
                }
            }
        }
    }
    Ok(Table::Read(Box::new(rows.reception)))
}
