//! Whole tables out of one store and into another of either kind, row by row as they lie.
//!
//! A row keeps its place (`fid`), so that the order in which alerts and messages were stored, by which readers follow them,
//! is the same in the copy. Geometries pass as GeoPackage blobs, times as text to the millisecond, flags as 0 and 1.

use super::rows::{Row, TableWriter, WriteError};
use super::schema::{self, TABLES, Table};
use super::sqlite::{GeoPackage, sum};
use super::{Changes, StoreError, dispatch, geometry};
use rusqlite::types::Value;
use rusqlite::{Connection, Transaction};

/// A table of the store as archives know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableForm {
    /// Its name.
    pub name: &'static str,
    /// Kind of its rows' shapes, as GeoPackage names it; `None` if they have none.
    pub shape: Option<&'static str>,
    /// Name and GeoPackage type of each column, the key first.
    pub columns: &'static [(&'static str, &'static str)],
}

/// A row as it lies in a store.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRow {
    /// Its place: rows of a table are in the order of storing.
    pub place: i64,
    /// Its shape as a GeoPackage blob.
    pub shape: Option<Vec<u8>>,
    /// The table's columns.
    pub values: Vec<Value>,
}

impl StoredRow {
    /// Its shape in little-endian well-known binary.
    pub fn wkb(&self) -> Option<&[u8]> {
        geometry::wkb(self.shape.as_deref()?)
    }

    /// West, south, east and north of its shape, degrees.
    pub fn bounds(&self) -> Option<[f64; 4]> {
        let [west, east, south, north] = geometry::envelope(self.shape.as_deref()?)?;
        Some([west, south, east, north])
    }

    /// A shape in little-endian well-known binary as a GeoPackage blob; `None` for what no store writes.
    pub fn shape_of(wkb: &[u8]) -> Option<Vec<u8>> {
        geometry::blob_of(wkb)
    }
}

/// Version of the tables that archives hold.
pub const ARCHIVE_VERSION: u32 = schema::SCHEMA_VERSION;

/// Takes one row of the named table.
pub type PutRow<'a> = dyn FnMut(&'static str, StoredRow) -> Result<(), StoreError> + 'a;

/// Gives all rows, table by table, to whoever takes them.
pub type Feed<'a> = dyn FnMut(&mut PutRow<'_>) -> Result<(), StoreError> + 'a;

/// The tables that an archive holds, in the order in which they are filled.
///
/// Partners' keys and channels, among which are secrets, are left out unless they are asked for.
pub fn archived_tables(with_secrets: bool) -> Vec<TableForm> {
    let is_secret =
        |name: &str| [dispatch::CHANNELS.name, schema::PARTNER_KEYS.name].contains(&name);
    let kept = |name: &str| name != schema::META.name && (with_secrets || !is_secret(name));
    let tables = TABLES.iter().filter(|table| kept(table.name));
    let form = |table: &&'static Table| TableForm {
        name: table.name,
        shape: table.geometry,
        columns: table.columns,
    };
    tables.map(form).collect()
}

/// The table of this name.
pub(super) fn table_named(name: &str) -> Option<&'static Table> {
    TABLES.into_iter().find(|table| table.name == name)
}

/// Whole stores in and out.
///
/// # Errors
///
/// As for [`Store`](super::Store).
pub trait Archive {
    /// Gives every row of these tables, as they all stood at one moment, in the order of storing.
    fn snapshot(&self, tables: &[TableForm], put: &mut PutRow<'_>) -> Result<(), StoreError>;
    /// Fills this store, which must be empty, with what `feed` gives, in one transaction; gives the count of rows.
    fn fill(&mut self, feed: &mut Feed<'_>) -> Result<u64, StoreError>;
}

impl Archive for GeoPackage {
    fn snapshot(&self, tables: &[TableForm], put: &mut PutRow<'_>) -> Result<(), StoreError> {
        // One transaction of reading: nothing is committed by others until its end.
        self.ask("begin a snapshot", |connection| {
            connection.execute_batch("BEGIN")
        })?;
        let given = tables.iter().try_for_each(|table| {
            let mut refused = None;
            let mut take = |row| match put(table.name, row) {
                Ok(()) => true,
                Err(error) => {
                    refused = Some(error);
                    false
                }
            };
            self.ask(&format!("read {}", table.name), |connection| {
                each_row(connection, *table, &mut take)
            })?;
            refused.map_or(Ok(()), Err)
        });
        let ended = self.ask("end a snapshot", |connection| {
            connection.execute_batch("COMMIT")
        });
        given.and(ended)
    }

    fn fill(&mut self, feed: &mut Feed<'_>) -> Result<u64, StoreError> {
        let (path, shown) = (self.path().to_owned(), self.shown());
        let changes = self.write("fill the store", |transaction, now| {
            must_be_empty(transaction, &shown)?;
            let mut filling = Filling {
                transaction,
                now,
                open: None,
                sum: Changes::default(),
            };
            feed(&mut |name, row| {
                let put = filling.put(name, row);
                put.map_err(|error| error.into_store(&path, "fill the store"))
            })?;
            filling.close()?;
            Ok(filling.sum)
        })?;
        Ok(changes.inserted)
    }
}

/// A store being filled, table by table.
struct Filling<'a> {
    transaction: &'a Transaction<'a>,
    now: &'a str,
    open: Option<TableWriter<'a>>,
    sum: Changes,
}

impl Filling<'_> {
    fn put(&mut self, name: &str, row: StoredRow) -> Result<(), WriteError> {
        if !self.open.as_ref().is_some_and(|writer| writer.is_of(name)) {
            self.close()?;
            let table = table_named(name);
            self.open = table.map(|table| TableWriter::new(self.transaction, table));
        }
        if let Some(writer) = &mut self.open {
            let (geometry, values) = (row.shape, row.values);
            writer.put_at(row.place, Row { geometry, values })?;
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), WriteError> {
        if let Some(done) = self.open.take() {
            self.sum = sum([self.sum, done.finish(self.now)?]);
        }
        Ok(())
    }
}

fn must_be_empty(transaction: &Transaction<'_>, store: &str) -> Result<(), WriteError> {
    for table in archived_tables(true) {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM \"{}\")", table.name);
        if transaction.query_row(&sql, [], |row| row.get(0))? {
            return Err(StoreError::NotEmpty {
                store: store.to_owned(),
                table: table.name,
            }
            .into());
        }
    }
    Ok(())
}

/// Gives a table's rows by place until `take` wants no more.
fn each_row(
    connection: &Connection,
    table: TableForm,
    take: &mut dyn FnMut(StoredRow) -> bool,
) -> rusqlite::Result<()> {
    let mut names = vec!["fid".to_owned()];
    names.extend(table.shape.map(|_| "geom".to_owned()));
    names.extend(table.columns.iter().map(|(name, _)| format!("\"{name}\"")));
    let sql = format!(
        "SELECT {} FROM \"{}\" ORDER BY fid",
        names.join(", "),
        table.name
    );
    let first = 1 + usize::from(table.shape.is_some());
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let stored = StoredRow {
            place: row.get(0)?,
            shape: match table.shape {
                Some(_) => row.get(1)?,
                None => None,
            },
            values: (first..names.len())
                .map(|n| row.get(n))
                .collect::<rusqlite::Result<_>>()?,
        };
        if !take(stored) {
            break;
        }
    }
    Ok(())
}
