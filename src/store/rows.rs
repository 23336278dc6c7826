//! One table inside one transaction: rows are compared and written only when they differ.
//!
//! The extent in `gpkg_contents` is kept true: it grows with what is written, and is measured anew when a geometry was
//! changed or removed. `last_change` moves only when a row did.

use super::geometry::{self, Envelope};
use super::schema::Table;
use super::{Changes, StoreError};
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Transaction, params_from_iter};
use std::collections::BTreeSet;
use std::path::Path;

/// A row to be written: geometry, then the table's columns in order.
pub(super) struct Row {
    pub(super) geometry: Option<Vec<u8>>,
    pub(super) values: Vec<Value>,
}

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    Inserted,
    Updated,
    Same,
    /// There with other content, and left as it was.
    Differs,
}

pub(super) struct TableWriter<'a> {
    transaction: &'a Transaction<'a>,
    table: &'static Table,
    select: String,
    update: String,
    insert: String,
    insert_at: String,
    touched: BTreeSet<i64>,
    changes: Changes,
    grown: Option<Envelope>,
    remeasure: bool,
    /// The extent may only grow, whatever is changed or removed.
    widens: bool,
    /// The column and value of which the table had no row: rows are inserted without being looked for.
    fresh: Option<(&'static str, &'a str)>,
}

impl<'a> TableWriter<'a> {
    pub(super) fn new(transaction: &'a Transaction<'a>, table: &'static Table) -> Self {
        let name = table.name;
        let mut columns: Vec<String> = Vec::new();
        columns.extend(table.geometry.map(|_| "geom".to_owned()));
        columns.extend(
            table
                .columns
                .iter()
                .map(|(column, _)| format!("\"{column}\"")),
        );
        let first_key = columns.len() - table.columns.len();
        let key: Vec<String> = (0..table.key)
            .map(|k| format!("{} = ?{}", columns[first_key + k], k + 1))
            .collect();
        let set: Vec<String> = columns
            .iter()
            .enumerate()
            .map(|(n, column)| format!("{column} = ?{}", n + 1))
            .collect();
        let marks: Vec<String> = (1..=columns.len()).map(|n| format!("?{n}")).collect();
        Self {
            transaction,
            table,
            select: format!(
                "SELECT fid, {} FROM \"{name}\" WHERE {}",
                columns.join(", "),
                key.join(" AND ")
            ),
            update: format!(
                "UPDATE \"{name}\" SET {} WHERE fid = ?{}",
                set.join(", "),
                columns.len() + 1
            ),
            insert: format!(
                "INSERT INTO \"{name}\" ({}) VALUES ({})",
                columns.join(", "),
                marks.join(", ")
            ),
            insert_at: format!(
                "INSERT INTO \"{name}\" ({}, fid) VALUES ({}, ?{})",
                columns.join(", "),
                marks.join(", "),
                columns.len() + 1
            ),
            touched: BTreeSet::new(),
            changes: Changes::default(),
            grown: None,
            remeasure: false,
            widens: false,
            fresh: None,
        }
    }

    /// For rows that all have `value` in `column`: if the table has no such row yet, they are inserted without being looked
    /// for one by one, and one whose key is there after all is found by its refusal.
    pub(super) fn all_with(
        mut self,
        column: &'static str,
        value: &'a str,
    ) -> rusqlite::Result<Self> {
        let sql = format!(
            "SELECT 1 FROM \"{}\" WHERE \"{column}\" = ?1 LIMIT 1",
            self.table.name
        );
        let is_there = self.transaction.prepare_cached(&sql)?.exists([value])?;
        self.fresh = (!is_there).then_some((column, value));
        Ok(self)
    }

    /// For a table of which much changes every few seconds: its extent grows and is never measured anew, as that reads
    /// every row. It then holds where features are and where they were.
    pub(super) fn widening(mut self) -> Self {
        self.widens = true;
        self
    }

    /// Inserts the row, or updates the one with its key if that differs.
    pub(super) fn put(&mut self, row: Row) -> rusqlite::Result<Written> {
        self.write(row, true)
    }

    /// Inserts the row; one with its key is never edited.
    pub(super) fn add(&mut self, row: Row) -> rusqlite::Result<Written> {
        self.write(row, false)
    }

    fn write(&mut self, row: Row, may_update: bool) -> rusqlite::Result<Written> {
        let Row { geometry, values } = row;
        debug_assert_eq!(
            values.len(),
            self.table.columns.len(),
            "{}",
            self.table.name
        );
        let envelope = geometry.as_deref().and_then(geometry::envelope);
        let mut fields: Vec<Value> = Vec::with_capacity(values.len() + 2);
        if self.table.geometry.is_some() {
            fields.push(geometry.map_or(Value::Null, Value::Blob));
        }
        fields.extend(values);
        if self.fresh.is_some() {
            match self.insert(&fields, envelope) {
                Err(error) if is_taken(&error) => {}
                inserted => return inserted.map(|()| Written::Inserted),
            }
        }
        let width = fields.len();
        let first_key = width - self.table.columns.len();
        let key = &fields[first_key..first_key + self.table.key];
        let found = self
            .transaction
            .prepare_cached(&self.select)?
            .query_row(params_from_iter(key), |stored| {
                let old: Vec<Value> = (1..=width)
                    .map(|n| stored.get(n))
                    .collect::<rusqlite::Result<_>>()?;
                Ok((stored.get::<_, i64>(0)?, old))
            })
            .optional()?;
        let Some((fid, old)) = found else {
            self.insert(&fields, envelope)?;
            self.touched.insert(self.transaction.last_insert_rowid());
            return Ok(Written::Inserted);
        };
        self.touched.insert(fid);
        if old == fields {
            return Ok(Written::Same);
        }
        if !may_update {
            return Ok(Written::Differs);
        }
        if self.widens {
            self.grow(envelope);
        } else {
            self.remeasure |= self.table.geometry.is_some() && old[0] != fields[0];
        }
        fields.push(Value::Integer(fid));
        self.transaction
            .prepare_cached(&self.update)?
            .execute(params_from_iter(fields))?;
        self.changes.updated += 1;
        Ok(Written::Updated)
    }

    /// True if the rows are of the table of this name.
    pub(super) fn is_of(&self, name: &str) -> bool {
        self.table.name == name
    }

    /// Inserts a row at a place of its own.
    pub(super) fn put_at(&mut self, place: i64, row: Row) -> rusqlite::Result<()> {
        let Row { geometry, values } = row;
        let envelope = geometry.as_deref().and_then(geometry::envelope);
        let shape = self
            .table
            .geometry
            .map(|_| geometry.map_or(Value::Null, Value::Blob));
        let fields = shape.into_iter().chain(values);
        let fields: Vec<Value> = fields.chain([Value::Integer(place)]).collect();
        self.transaction
            .prepare_cached(&self.insert_at)?
            .execute(params_from_iter(fields))?;
        self.changes.inserted += 1;
        self.grow(envelope);
        Ok(())
    }

    /// Removes the rows that meet a condition.
    pub(super) fn remove_where(
        &mut self,
        condition: &str,
        values: &[Value],
    ) -> rusqlite::Result<()> {
        let sql = format!("DELETE FROM \"{}\" WHERE {condition}", self.table.name);
        let mut delete = self.transaction.prepare_cached(&sql)?;
        let removed = delete.execute(params_from_iter(values))?;
        self.changes.removed += removed as u64;
        self.remeasure |= removed > 0 && !self.widens;
        Ok(())
    }

    fn insert(&mut self, fields: &[Value], envelope: Option<Envelope>) -> rusqlite::Result<()> {
        self.transaction
            .prepare_cached(&self.insert)?
            .execute(params_from_iter(fields))?;
        self.changes.inserted += 1;
        self.grow(envelope);
        Ok(())
    }

    /// Removes the row with this key, if it is there.
    pub(super) fn remove(&mut self, key: Vec<Value>) -> rusqlite::Result<()> {
        let names = self.table.columns[..self.table.key].iter().enumerate();
        let conditions: Vec<String> = names
            .map(|(n, (column, _))| format!("\"{column}\" = ?{}", n + 1))
            .collect();
        let sql = format!(
            "DELETE FROM \"{}\" WHERE {}",
            self.table.name,
            conditions.join(" AND ")
        );
        let removed = self
            .transaction
            .prepare_cached(&sql)?
            .execute(params_from_iter(key))?;
        self.changes.removed += removed as u64;
        self.remeasure |= removed > 0 && !self.widens;
        Ok(())
    }

    /// Removes the rows that were not written since `new`: those where `column` is `value`, or all.
    pub(super) fn remove_others(&mut self, only: Option<(&str, &str)>) -> rusqlite::Result<()> {
        if only.is_some() && self.fresh == only {
            // All that there are were written here.
            return Ok(());
        }
        let name = self.table.name;
        let (sql, values) = match only {
            Some((column, value)) => (
                format!("SELECT fid FROM \"{name}\" WHERE \"{column}\" = ?1"),
                vec![value],
            ),
            None => (format!("SELECT fid FROM \"{name}\""), Vec::new()),
        };
        let fids: Vec<i64> = self
            .transaction
            .prepare_cached(&sql)?
            .query_map(params_from_iter(values), |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let mut delete = self
            .transaction
            .prepare_cached(&format!("DELETE FROM \"{name}\" WHERE fid = ?1"))?;
        for fid in fids.into_iter().filter(|fid| !self.touched.contains(fid)) {
            delete.execute([fid])?;
            self.changes.removed += 1;
            self.remeasure = true;
        }
        Ok(())
    }

    /// Brings `gpkg_contents` up to date and says what was done.
    pub(super) fn finish(self, last_change: &str) -> rusqlite::Result<Changes> {
        if self.changes.is_empty() {
            return Ok(self.changes);
        }
        let name = self.table.name;
        self.transaction.execute(
            "UPDATE gpkg_contents SET last_change = ?1 WHERE table_name = ?2",
            (last_change, name),
        )?;
        if self.table.geometry.is_some() {
            if self.remeasure {
                self.transaction.execute(
                    &format!(
                        "UPDATE gpkg_contents SET (min_x, max_x, min_y, max_y) =
                         (SELECT min(ST_MinX(geom)), max(ST_MaxX(geom)), min(ST_MinY(geom)), max(ST_MaxY(geom))
                          FROM \"{name}\") WHERE table_name = ?1"
                    ),
                    [name],
                )?;
            } else if let Some([west, east, south, north]) = self.grown {
                self.transaction.execute(
                    "UPDATE gpkg_contents SET min_x = min(ifnull(min_x, ?1), ?1), max_x = max(ifnull(max_x, ?2), ?2),
                     min_y = min(ifnull(min_y, ?3), ?3), max_y = max(ifnull(max_y, ?4), ?4) WHERE table_name = ?5",
                    (west, east, south, north, name),
                )?;
            }
        }
        Ok(self.changes)
    }

    fn grow(&mut self, envelope: Option<Envelope>) {
        self.grown = match (self.grown, envelope) {
            (Some(a), Some(b)) => Some([
                a[0].min(b[0]),
                a[1].max(b[1]),
                a[2].min(b[2]),
                a[3].max(b[3]),
            ]),
            (a, b) => a.or(b),
        };
    }
}

/// True if a row with this key is there.
fn is_taken(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
}

/// Why a transaction was rolled back.
pub(super) enum WriteError {
    Sqlite(rusqlite::Error),
    Refused(Box<StoreError>),
}

impl WriteError {
    /// As the error of the store at `path` that was doing `action`.
    pub(super) fn into_store(self, path: &Path, action: &str) -> StoreError {
        match self {
            Self::Sqlite(source) => StoreError::of_sqlite(path, action, source),
            Self::Refused(error) => *error,
        }
    }
}

impl From<rusqlite::Error> for WriteError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for WriteError {
    fn from(error: StoreError) -> Self {
        Self::Refused(Box::new(error))
    }
}

/// Adds a row that must not be there with other content.
pub(super) fn add_unedited(
    writer: &mut TableWriter<'_>,
    table: &Table,
    id: String,
    row: Row,
) -> Result<(), WriteError> {
    match writer.add(row)? {
        Written::Differs => Err(StoreError::RevisionTaken {
            table: table.name,
            id,
        }
        .into()),
        _ => Ok(()),
    }
}
