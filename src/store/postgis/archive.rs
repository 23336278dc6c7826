//! Whole tables out of PostgreSQL and into it.

use super::cells::Cells;
use super::session::{Fault, Session};
use super::writer::Put;
use super::{PostGis, schema as tables};
use crate::store::archive::{
    Archive, Feed, PutRow, StoredRow, TableForm, archived_tables, table_named,
};
use crate::store::rows::Row;
use crate::store::schema::Table;
use crate::store::sqlite::sum;
use crate::store::{Changes, StoreError, geometry};
use jiff::Timestamp;
use rusqlite::types::Value;

/// Rows that are loaded at once.
const MOST_ROWS: usize = 2000;

impl Archive for PostGis {
    fn snapshot(&self, tables: &[TableForm], put: &mut PutRow<'_>) -> Result<(), StoreError> {
        let mut has_begun = false;
        self.ask("read all tables", |session| {
            let given = give(session, tables, put, &mut has_begun);
            if given.is_err() {
                session.roll_back();
            }
            match given {
                // Rows that were given are not given again.
                Err(fault) if has_begun => Err(final_of(&self.address, fault).into()),
                given => given,
            }
        })
    }

    fn fill(&mut self, feed: &mut Feed<'_>) -> Result<u64, StoreError> {
        let address = self.address.clone();
        let mut has_begun = false;
        let changes = self.write("fill the store", |session, now| {
            // What was taken from the feed does not come again.
            if std::mem::replace(&mut has_begun, true) {
                let lost = format!("{address}: the server was lost before all was stored");
                return Err(StoreError::Other(lost).into());
            }
            must_be_empty(session, &address)?;
            session.batch("SET LOCAL statement_timeout = 0")?;
            let mut filling = Filling {
                session,
                now,
                table: None,
                rows: Vec::new(),
                places: Vec::new(),
                sum: Changes::default(),
            };
            feed(&mut |name, row| {
                let put = filling.put(name, row);
                put.map_err(|fault| final_of(&address, fault))
            })?;
            filling.close()?;
            Ok(filling.sum)
        })?;
        Ok(changes.inserted)
    }
}

/// A fault that is not tried again.
fn final_of(address: &str, fault: Fault) -> StoreError {
    let (store, action) = (address.to_owned(), "pass all tables on".to_owned());
    match fault {
        Fault::Refused(error) => *error,
        Fault::Database(source) => StoreError::Postgres {
            store,
            action,
            source,
        },
        Fault::Misfit(source) => StoreError::Misread {
            store,
            action,
            source,
        },
    }
}

fn give(
    session: &mut Session,
    tables: &[TableForm],
    put: &mut PutRow<'_>,
    has_begun: &mut bool,
) -> Result<(), Fault> {
    session.batch(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0",
    )?;
    for table in tables {
        let mut refused = None;
        session.each(&every_row(table), &[], |cells| {
            *has_begun = true;
            let row = stored(table, cells);
            let given = row
                .map_err(Fault::from)
                .and_then(|row| Ok(put(table.name, row)?));
            refused = given.err();
            refused.is_none()
        })?;
        if let Some(fault) = refused {
            return Err(fault);
        }
    }
    Ok(session.batch("COMMIT")?)
}

/// Asks for place, shape and columns of all rows by place.
fn every_row(table: &TableForm) -> String {
    let mut names = vec!["fid".to_owned()];
    let shape = table.shape;
    names.extend(shape.map(|_| "ST_AsBinary(geom, 'NDR')".to_owned()));
    names.extend(table.columns.iter().map(|(name, _)| format!("\"{name}\"")));
    format!(
        "SELECT {} FROM \"{}\" ORDER BY fid",
        names.join(", "),
        table.name
    )
}

fn stored(table: &TableForm, cells: Cells) -> Result<StoredRow, super::Misfit> {
    let place = cells.whole(0)?;
    let mut values = cells.0;
    let rest = values.split_off(1 + usize::from(table.shape.is_some()));
    let shape = match values.pop() {
        Some(Value::Blob(wkb)) if table.shape.is_some() => geometry::blob_of(&wkb),
        _ => None,
    };
    Ok(StoredRow {
        place,
        shape,
        values: rest,
    })
}

fn must_be_empty(session: &mut Session, store: &str) -> Result<(), Fault> {
    for table in archived_tables(true) {
        let sql = format!("SELECT 1 FROM \"{}\" LIMIT 1", table.name);
        if session.one(&sql, &[])?.is_some() {
            let (store, table) = (store.to_owned(), table.name);
            return Err(StoreError::NotEmpty { store, table }.into());
        }
    }
    Ok(())
}

/// A store being filled, table by table.
struct Filling<'a> {
    session: &'a mut Session,
    now: &'a str,
    table: Option<&'static Table>,
    rows: Vec<Row>,
    places: Vec<Value>,
    sum: Changes,
}

impl Filling<'_> {
    fn put(&mut self, name: &str, row: StoredRow) -> Result<(), Fault> {
        if self.table.is_none_or(|table| table.name != name) {
            self.close()?;
            self.table = table_named(name);
        }
        self.places.push(Value::Integer(row.place));
        self.rows.push(Row {
            geometry: row.shape,
            values: row.values,
        });
        match self.rows.len() < MOST_ROWS {
            true => Ok(()),
            false => self.load(),
        }
    }

    fn load(&mut self) -> Result<(), Fault> {
        let (rows, places) = (
            std::mem::take(&mut self.rows),
            std::mem::take(&mut self.places),
        );
        let Some(table) = self.table.filter(|_| !rows.is_empty()) else {
            return Ok(());
        };
        if table.name == tables::PARTED {
            let at = table
                .columns
                .iter()
                .position(|(name, _)| *name == "datetime");
            let times = rows.iter().filter_map(|row| match row.values.get(at?) {
                Some(Value::Text(time)) => time.parse::<Timestamp>().ok(),
                _ => None,
            });
            tables::make_partitions_inside(self.session, times)?;
        }
        let loaded = Put::into(self.session, table, self.now).load_at(&rows, &places)?;
        self.sum = sum([self.sum, loaded]);
        Ok(())
    }

    /// Ends a table: what is stored next stands behind it.
    fn close(&mut self) -> Result<(), Fault> {
        self.load()?;
        if let Some(table) = self.table.take() {
            let name = table.name;
            let sql = format!(
                "SELECT setval('{name}_fid', max(fid)) FROM \"{name}\" HAVING max(fid) IS NOT NULL"
            );
            self.session.one(&sql, &[])?;
        }
        Ok(())
    }
}
