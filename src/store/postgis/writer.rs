//! Rows of one table inside one transaction: loaded beside it by COPY, compared there, and written only where they differ.
//!
//! The stage is a temporary table of the connection, emptied by each commit. The extent in `tidewatch_contents` is kept as
//! the embedded store keeps its own: it grows with what is written, and is measured anew when a geometry at its edge was
//! changed or removed.

use super::cells::{Cell, Cells, ewkb, text};
use super::schema;
use super::session::{Fault, Session};
use crate::store::geometry::{self, Envelope};
use crate::store::rows::Row;
use crate::store::schema::Table;
use crate::store::{Changes, StoreError};
use postgres::types::Type;
use rusqlite::types::Value;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Stands between ids in a list; no id holds it.
const BETWEEN_IDS: char = '\u{1F}';

/// What becomes of a row whose key is there with other content.
enum Twin<'a> {
    /// It is replaced.
    Replaced,
    /// It stays.
    Kept,
    /// The write is refused; names the row that was to be written.
    Refused(&'a dyn Fn(&[Value]) -> String),
}

/// Which rows go that are not among those put.
#[derive(Clone, Copy)]
enum Others<'a> {
    Stay,
    Go,
    /// Those where the column has the value.
    GoWhere(&'a str, &'a str),
}

/// A write to one table.
pub(super) struct Put<'a> {
    session: &'a mut Session,
    table: &'static Table,
    now: &'a str,
    others: Others<'a>,
    widens: bool,
}

impl<'a> Put<'a> {
    /// `now` is the table's last change if anything changes.
    pub(super) fn into(session: &'a mut Session, table: &'static Table, now: &'a str) -> Self {
        Self {
            session,
            table,
            now,
            others: Others::Stay,
            widens: false,
        }
    }

    /// The rows are all that the table is to hold.
    pub(super) fn whole(mut self) -> Self {
        self.others = Others::Go;
        self
    }

    /// The rows are all that the table is to hold where the column has the value.
    pub(super) fn whole_where(mut self, column: &'a str, value: &'a str) -> Self {
        self.others = Others::GoWhere(column, value);
        self
    }

    /// The extent only grows.
    pub(super) fn widening(mut self) -> Self {
        self.widens = true;
        self
    }

    /// Inserts the rows, or updates those with their keys if they differ.
    pub(super) fn put(self, rows: Vec<Row>) -> Result<Changes, Fault> {
        self.write(rows, &Twin::Replaced)
    }

    /// Inserts the rows; one whose key is there is never edited.
    pub(super) fn add(self, rows: Vec<Row>) -> Result<Changes, Fault> {
        self.write(rows, &Twin::Kept)
    }

    /// Inserts the rows; one whose key is there must be the same. `name` is what a row is called in a refusal.
    pub(super) fn add_unedited(
        self,
        rows: Vec<Row>,
        name: &dyn Fn(&[Value]) -> String,
    ) -> Result<Changes, Fault> {
        self.write(rows, &Twin::Refused(name))
    }

    fn write(mut self, rows: Vec<Row>, twin: &Twin<'_>) -> Result<Changes, Fault> {
        let rows = one_a_key(self.table, rows, twin)?;
        if rows.is_empty() && matches!(self.others, Others::Stay) {
            return Ok(Changes::default());
        }
        if self.nothing_like(&rows)? {
            return self.load(&rows);
        }
        self.stage(&rows)?;
        if let Twin::Refused(name) = twin {
            self.refuse_differing(&rows, *name)?;
        }
        let extent = self.extent()?;
        let mut changes = Changes::default();
        let mut measure = false;
        if matches!(twin, Twin::Replaced) {
            let (same_key, differs) = (self.same_key(), self.differs());
            if !self.widens && self.table.geometry.is_some() {
                let at_edge = format!(
                    "SELECT 1 FROM {self} AS t JOIN {stage} AS s ON {same_key}
                     WHERE t.geom IS DISTINCT FROM s.geom AND {EDGE} LIMIT 1",
                    stage = self.stage_name()
                );
                measure |= self.is_at_edge(&at_edge, &extent)?;
            }
            let set: Vec<String> = self
                .names()
                .iter()
                .map(|name| format!("{name} = s.{name}"))
                .collect();
            let sql = format!(
                "UPDATE {self} AS t SET {} FROM {} AS s WHERE {same_key} AND ({differs})",
                set.join(", "),
                self.stage_name()
            );
            changes.updated = self.session.execute(&sql, &[])?;
        }
        let names = self.names().join(", ");
        let sql = format!(
            "INSERT INTO {self} ({names}) SELECT {names} FROM {} AS s
             WHERE NOT EXISTS (SELECT 1 FROM {self} AS t WHERE {}) ORDER BY ord",
            self.stage_name(),
            self.same_key()
        );
        changes.inserted = self.session.execute(&sql, &[])?;
        if let Some((condition, values)) = self.others_condition() {
            let gone = format!(
                "{condition} AND NOT EXISTS (SELECT 1 FROM {} AS s WHERE {})",
                self.stage_name(),
                self.same_key()
            );
            if self.table.geometry.is_some() {
                let at_edge = format!(
                    "SELECT 1 FROM {self} AS t WHERE {} AND {EDGE} LIMIT 1",
                    // Behind the four values of the edge.
                    gone.replace("$1", "$5")
                );
                measure |= self.is_at_edge_with(&at_edge, &extent, &values)?;
            }
            let sql = format!("DELETE FROM {self} AS t WHERE {gone}");
            changes.removed = self.session.execute(&sql, &values)?;
        }
        self.close(changes, (measure, grown(&rows)))?;
        Ok(changes)
    }

    /// Removes the rows with these keys.
    pub(super) fn remove(mut self, keys: &[Vec<Value>]) -> Result<Changes, Fault> {
        let conditions: Vec<String> = self.table.columns[..self.table.key]
            .iter()
            .enumerate()
            .map(|(n, (column, _))| format!("\"{column}\" = ${}", n + 1))
            .collect();
        let sql = format!("DELETE FROM {self} WHERE {}", conditions.join(" AND "));
        let mut changes = Changes::default();
        for key in keys {
            changes.removed += self.session.execute(&sql, key)?;
        }
        self.close(changes, (false, None))?;
        Ok(changes)
    }

    fn stage_name(&self) -> String {
        format!("stage_{}", self.table.name)
    }

    /// True if the rows are all that there is to be of something of which the table has nothing, and none of their keys is
    /// there: they can be loaded as they are.
    fn nothing_like(&mut self, rows: &[Row]) -> Result<bool, Fault> {
        let Others::GoWhere(column, value) = self.others else {
            return Ok(false);
        };
        let sql = format!("SELECT 1 FROM {self} WHERE \"{column}\" = $1 LIMIT 1");
        if self.session.one(&sql, &[text(value)])?.is_some() {
            return Ok(false);
        }
        let key = &self.table.columns[..self.table.key];
        if rows.is_empty() || key.iter().any(|(name, _)| *name == column) {
            return Ok(true);
        }
        let [(name, _)] = key else {
            return Ok(false);
        };
        // By the values at hand, so that the plan looks into the months of these rows alone: an id holds its scene's, and is
        // looked for where its scene may be.
        let ids = rows.iter().map(|row| match &row.values[0] {
            Value::Text(id) if !id.contains(BETWEEN_IDS) => Some(id.as_str()),
            _ => None,
        });
        let Some(ids) = ids.collect::<Option<Vec<_>>>() else {
            return Ok(false);
        };
        let mut values = vec![text(&ids.join(&BETWEEN_IDS.to_string()))];
        let mut sql = format!(
            "SELECT 1 FROM {self} WHERE \"{name}\" = ANY (string_to_array($1, '{BETWEEN_IDS}'))"
        );
        if let Some((first, last)) = self.span_of(rows) {
            sql.push_str(" AND datetime BETWEEN $2 AND $3");
            values.extend([first, last]);
        }
        sql.push_str(" LIMIT 1");
        Ok(self.session.one(&sql, &values)?.is_none())
    }

    /// First and last time of rows of the table that is parted by it; `None` for other tables and if a row has none.
    fn span_of(&self, rows: &[Row]) -> Option<(Value, Value)> {
        let columns = self.table.columns.iter();
        let at = (self.table.name == schema::PARTED).then(|| {
            columns
                .into_iter()
                .position(|(name, _)| *name == "datetime")
        })??;
        let mut span: Option<(&str, &str)> = None;
        for row in rows {
            let Value::Text(time) = &row.values[at] else {
                return None;
            };
            let (first, last) = span.unwrap_or((time, time));
            span = Some((first.min(time), last.max(time)));
        }
        span.map(|(first, last)| (text(first), text(last)))
    }

    /// Loads the rows into the table itself, behind its last.
    fn load(mut self, rows: &[Row]) -> Result<Changes, Fault> {
        self.load_with(rows, ("", None))
    }

    /// Loads rows into the table, each at a place of its own.
    pub(super) fn load_at(mut self, rows: &[Row], places: &[Value]) -> Result<Changes, Fault> {
        self.load_with(rows, ("fid, ", Some(places)))
    }

    fn load_with(
        &mut self,
        rows: &[Row],
        (column, places): (&str, Option<&[Value]>),
    ) -> Result<Changes, Fault> {
        let names = self.names().join(", ");
        let sql = format!("COPY {self} ({column}{names}) FROM STDIN (FORMAT binary)");
        if !rows.is_empty() {
            self.copy(&sql, rows, places)?;
        }
        let changes = Changes {
            inserted: rows.len() as u64,
            ..Changes::default()
        };
        self.close(changes, (false, grown(rows)))?;
        Ok(changes)
    }

    /// Removes the rows that meet a condition, behind `gone` rows that went with whole partitions.
    pub(super) fn remove_where(
        mut self,
        condition: &str,
        values: &[Value],
        gone: u64,
    ) -> Result<Changes, Fault> {
        let sql = format!("DELETE FROM {self} WHERE {condition}");
        let changes = Changes {
            removed: gone + self.session.execute(&sql, values)?,
            ..Changes::default()
        };
        self.close(changes, (self.table.geometry.is_some(), None))?;
        Ok(changes)
    }

    /// Loads the rows, with their order, beside the table.
    fn stage(&mut self, rows: &[Row]) -> Result<(), Fault> {
        let (table, stage) = (self.table, self.stage_name());
        self.session.batch(&format!(
            "CREATE TEMPORARY TABLE IF NOT EXISTS {stage} (ord bigint, {}) ON COMMIT DELETE ROWS; DELETE FROM {stage}",
            schema::columns(table).join(", ")
        ))?;
        let sql = format!("COPY {stage} FROM STDIN (FORMAT binary)");
        let places: Vec<Value> = (0_i64..).take(rows.len()).map(Value::Integer).collect();
        self.copy(&sql, rows, Some(&places))
    }

    /// Loads rows by COPY, behind their places if there are any.
    fn copy(&mut self, sql: &str, rows: &[Row], places: Option<&[Value]>) -> Result<(), Fault> {
        let table = self.table;
        let mut kinds = Vec::from_iter(places.map(|_| Type::INT8));
        kinds.extend(table.geometry.map(|_| Type::BYTEA));
        kinds.extend(
            table
                .columns
                .iter()
                .map(|(_, kind)| schema::field_type(kind)),
        );
        let shapes: Vec<Value> = rows
            .iter()
            .map(|row| row.geometry.as_deref().and_then(ewkb))
            .map(|bytes| bytes.map_or(Value::Null, Value::Blob))
            .collect();
        let fields = rows.iter().enumerate().map(|(n, row)| {
            let mut fields = Vec::from_iter(places.map(|places| Cell(&places[n])));
            fields.extend(table.geometry.map(|_| Cell(&shapes[n])));
            fields.extend(row.values.iter().map(Cell));
            fields
        });
        self.session.copy(sql, &kinds, fields)?;
        Ok(())
    }

    fn refuse_differing(
        &mut self,
        rows: &[Row],
        name: &dyn Fn(&[Value]) -> String,
    ) -> Result<(), Fault> {
        let sql = format!(
            "SELECT s.ord FROM {self} AS t JOIN {} AS s ON {} WHERE {} ORDER BY s.ord LIMIT 1",
            self.stage_name(),
            self.same_key(),
            self.differs()
        );
        let Some(found) = self.session.one(&sql, &[])? else {
            return Ok(());
        };
        let place = usize::try_from(found.whole(0)?).unwrap_or_default();
        Err(taken(self.table, name(&rows[place].values)))
    }

    /// Quoted names of the columns, geometry first.
    fn names(&self) -> Vec<String> {
        let geometry = self.table.geometry.map(|_| "geom".to_owned());
        let others = self
            .table
            .columns
            .iter()
            .map(|(name, _)| format!("\"{name}\""));
        geometry.into_iter().chain(others).collect()
    }

    fn same_key(&self) -> String {
        let each: Vec<String> = self.table.columns[..self.table.key]
            .iter()
            .map(|(name, _)| format!("t.\"{name}\" = s.\"{name}\""))
            .collect();
        each.join(" AND ")
    }

    fn differs(&self) -> String {
        let each: Vec<String> = self
            .names()
            .iter()
            .map(|name| format!("t.{name} IS DISTINCT FROM s.{name}"))
            .collect();
        each.join(" OR ")
    }

    fn others_condition(&self) -> Option<(String, Vec<Value>)> {
        match self.others {
            Others::Stay => None,
            Others::Go => Some(("TRUE".to_owned(), Vec::new())),
            Others::GoWhere(column, value) => {
                Some((format!("t.\"{column}\" = $1"), vec![text(value)]))
            }
        }
    }

    /// West, south, east and north of what the table is known to hold.
    fn extent(&mut self) -> Result<Option<Cells>, Fault> {
        if self.table.geometry.is_none() {
            return Ok(None);
        }
        let sql = "SELECT min_x, min_y, max_x, max_y FROM tidewatch_contents WHERE table_name = $1";
        Ok(self.session.one(sql, &[text(self.table.name)])?)
    }

    fn is_at_edge(&mut self, sql: &str, extent: &Option<Cells>) -> Result<bool, Fault> {
        self.is_at_edge_with(sql, extent, &[])
    }

    fn is_at_edge_with(
        &mut self,
        sql: &str,
        extent: &Option<Cells>,
        more: &[Value],
    ) -> Result<bool, Fault> {
        let Some(Cells(edges)) = extent else {
            return Ok(false);
        };
        let values = [edges, more].concat();
        Ok(self.session.one(sql, &values)?.is_some())
    }

    /// Brings `tidewatch_contents` up to date.
    fn close(
        &mut self,
        changes: Changes,
        (measure, grown): (bool, Option<Envelope>),
    ) -> Result<(), Fault> {
        if changes.is_empty() {
            return Ok(());
        }
        let name = text(self.table.name);
        self.session.execute(
            "UPDATE tidewatch_contents SET last_change = $1 WHERE table_name = $2",
            &[text(self.now), name.clone()],
        )?;
        if measure {
            let sql = format!(
                "UPDATE tidewatch_contents SET (min_x, max_x, min_y, max_y) =
                 (SELECT min(ST_XMin(geom)), max(ST_XMax(geom)), min(ST_YMin(geom)), max(ST_YMax(geom)) FROM {self})
                 WHERE table_name = $1"
            );
            self.session.execute(&sql, &[name])?;
        } else if let Some(grown) = grown {
            let [west, east, south, north] = grown.map(Value::Real);
            self.session.execute(
                "UPDATE tidewatch_contents SET min_x = least(min_x, $1), max_x = greatest(max_x, $2),
                 min_y = least(min_y, $3), max_y = greatest(max_y, $4) WHERE table_name = $5",
                &[west, east, south, north, name],
            )?;
        }
        Ok(())
    }
}

/// True of a geometry in `t` that reaches the edge west, south, east, north.
const EDGE: &str = "(ST_XMin(t.geom) <= $1 OR ST_YMin(t.geom) <= $2 OR ST_XMax(t.geom) >= $3 OR ST_YMax(t.geom) >= $4)";

impl std::fmt::Display for Put<'_> {
    /// The table's name in SQL.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\"", self.table.name)
    }
}

/// What the rows' geometries span.
fn grown(rows: &[Row]) -> Option<Envelope> {
    let blobs = rows.iter().filter_map(|row| row.geometry.as_deref());
    blobs.filter_map(geometry::envelope).reduce(united)
}

fn united(a: Envelope, b: Envelope) -> Envelope {
    [
        a[0].min(b[0]),
        a[1].max(b[1]),
        a[2].min(b[2]),
        a[3].max(b[3]),
    ]
}

fn taken(table: &Table, id: String) -> Fault {
    StoreError::RevisionTaken {
        table: table.name,
        id,
    }
    .into()
}

/// Rows with the same key, written one after the other, come to one: the last, or the first where rows are not edited.
fn one_a_key(table: &Table, rows: Vec<Row>, twin: &Twin<'_>) -> Result<Vec<Row>, Fault> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<Row> = Vec::with_capacity(rows.len());
    for row in rows {
        let place = match places.entry(format!("{:?}", &row.values[..table.key])) {
            Entry::Vacant(free) => {
                free.insert(kept.len());
                kept.push(row);
                continue;
            }
            Entry::Occupied(taken) => *taken.get(),
        };
        let is_same = kept[place].geometry == row.geometry && kept[place].values == row.values;
        match twin {
            Twin::Replaced => kept[place] = row,
            Twin::Refused(name) if !is_same => return Err(taken(table, name(&row.values))),
            Twin::Kept | Twin::Refused(_) => {}
        }
    }
    Ok(kept)
}
