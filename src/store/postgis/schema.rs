//! The tables in PostgreSQL: those of the embedded store, in a schema of their own, with spatial and time indexes.
//!
//! Detections, of which there are most by far, lie in a partition a month of their time, made when first needed; those
//! without a time in one that takes nothing else, so that a month that was taken away is made anew. Ids are unique across
//! partitions because the writers, one at a time, look them up: those of a new scene in the months of its own rows, as an id
//! holds its scene's.
//! Tracks are not parted: each is replaced as a whole while it grows, and would move from month to month.

use super::session::{Fault, Session};
use crate::store::StoreError;
use crate::store::schema::{SCHEMA_VERSION, TABLES, Table};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use postgres::error::SqlState;
use postgres::types::Type;
use std::collections::BTreeSet;

/// The schema that holds everything.
pub(super) const SCHEMA: &str = "tidewatch";
/// The table that is parted by month.
pub(super) const PARTED: &str = "detections";

/// Advisory locks of this database.
pub(super) const MIGRATION_LOCK: i64 = 0x7469_6465_0001;
pub(super) const WRITER_LOCK: i64 = 0x7469_6465_0002;
pub(super) const SENDER_LOCK: i64 = 0x7469_6465_0003;

const INDEXES: &str = r#"
CREATE INDEX scenes_time ON scenes (datetime NULLS FIRST, scene_id);
CREATE INDEX detections_id ON detections (detection_id);
CREATE INDEX detections_scene ON detections (scene_id);
CREATE INDEX detections_time ON detections (datetime NULLS FIRST, detection_id);
CREATE INDEX contacts_scene ON contacts (scene_id);
CREATE INDEX contacts_time ON contacts (datetime NULLS FIRST, contact_id);
CREATE INDEX tracks_time ON tracks (last_time NULLS FIRST);
CREATE INDEX events_time ON events (datetime);
CREATE INDEX alerts_time ON alerts (datetime);
CREATE INDEX outbox_order ON outbox (audience, fid);
CREATE INDEX outbox_alert ON outbox (alert_id, revision);
CREATE INDEX dispatches_open ON dispatches (partner_id, channel) WHERE state IN ('waiting', 'withheld');
"#;

/// What was changed how often, for whoever follows the store; and what the embedded store's `gpkg_contents` tells.
const BOOKS: &str = r#"
CREATE TABLE tidewatch_changes (version bigint NOT NULL);
INSERT INTO tidewatch_changes VALUES (0);
CREATE TABLE tidewatch_contents (table_name text COLLATE "C" PRIMARY KEY, last_change timestamptz,
  min_x double precision, min_y double precision, max_x double precision, max_y double precision);
"#;

/// One step from a version of the tables to the next.
pub(super) struct Step {
    /// The version it leads to.
    pub(super) to: u32,
    pub(super) sql: &'static str,
}

/// Steps to the present version, in order. The first release of these tables is version 7.
pub(super) const STEPS: &[Step] = &[];

/// The type of a column of the embedded store.
fn column_type(kind: &str) -> &'static str {
    match kind {
        "DOUBLE" => "double precision",
        "INTEGER" => "bigint",
        "BOOLEAN" => "boolean",
        "DATETIME" => "timestamptz",
        "BLOB" => "bytea",
        // Ordered by bytes, as SQLite does.
        _ => "text COLLATE \"C\"",
    }
}

/// The form in which a column's values are loaded.
pub(super) fn field_type(kind: &str) -> Type {
    match kind {
        "DOUBLE" => Type::FLOAT8,
        "INTEGER" => Type::INT8,
        "BOOLEAN" => Type::BOOL,
        "DATETIME" => Type::TIMESTAMPTZ,
        "BLOB" => Type::BYTEA,
        _ => Type::TEXT,
    }
}

/// `"name" type` of each column, geometry first.
pub(super) fn columns(table: &Table) -> Vec<String> {
    let geometry = table.geometry.map(|_| "geom geometry".to_owned());
    let others = table
        .columns
        .iter()
        .map(|(name, kind)| format!("\"{name}\" {}", column_type(kind)));
    geometry.into_iter().chain(others).collect()
}

fn create_table(table: &Table) -> String {
    let name = table.name;
    let parted = name == PARTED;
    let mut lines = vec![format!(
        "fid bigint NOT NULL DEFAULT nextval('{name}_fid'){}",
        if parted { "" } else { " PRIMARY KEY" }
    )];
    lines.extend(
        table
            .geometry
            .map(|kind| format!("geom geometry({kind}, 4326)")),
    );
    for (index, (column, kind)) in table.columns.iter().enumerate() {
        let null = if index < table.key { " NOT NULL" } else { "" };
        lines.push(format!("\"{column}\" {}{null}", column_type(kind)));
    }
    let key: Vec<String> = table.columns[..table.key]
        .iter()
        .map(|(column, _)| format!("\"{column}\""))
        .collect();
    if !parted {
        lines.push(format!("UNIQUE ({})", key.join(", ")));
    }
    let mut sql = format!(
        "CREATE SEQUENCE \"{name}_fid\";\nCREATE TABLE \"{name}\" ({}){};\nALTER SEQUENCE \"{name}_fid\" OWNED BY \"{name}\".fid;\nCOMMENT ON TABLE \"{name}\" IS '{}';\nINSERT INTO tidewatch_contents (table_name) VALUES ('{name}');\n",
        lines.join(", "),
        if parted {
            " PARTITION BY RANGE (datetime)"
        } else {
            ""
        },
        table.description.replace('\'', "''"),
    );
    if parted {
        sql.push_str(&format!(
            "CREATE TABLE {name}_untimed PARTITION OF {name}
             (CHECK (datetime IS NULL OR datetime < '0001-01-01 00:00:00+00')) DEFAULT;\n"
        ));
    }
    if table.geometry.is_some() {
        sql.push_str(&format!(
            "CREATE INDEX {name}_geom ON \"{name}\" USING gist (geom);\n"
        ));
    }
    sql
}

/// Makes the tables, or brings those of an older version up to this one: one process at a time, all of it or nothing.
/// `store` is the address as it is shown.
pub(super) fn lay_down(session: &mut Session, store: &str, steps: &[Step]) -> Result<(), Fault> {
    session.batch("BEGIN")?;
    let laid = lay_down_inside(session, store, steps);
    match laid {
        Ok(()) => session.batch("COMMIT")?,
        Err(_) => session.roll_back(),
    }
    laid
}

fn lay_down_inside(session: &mut Session, store: &str, steps: &[Step]) -> Result<(), Fault> {
    session.batch(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))?;
    extension(session, store)?;
    let there = "SELECT to_regnamespace($1::text) IS NOT NULL, to_regclass($1::text || '.tidewatch_meta') IS NOT NULL";
    let found = session.one(there, &[super::cells::text(SCHEMA)])?;
    let found = |column| {
        let cells = found.as_ref();
        cells.map_or(Ok(0), |cells| cells.whole(column))
    };
    if found(0)? == 0 {
        let mut sql = format!("CREATE SCHEMA {SCHEMA}; {BOOKS}");
        TABLES
            .iter()
            .for_each(|table| sql.push_str(&create_table(table)));
        sql.push_str(INDEXES);
        sql.push_str(&format!(
            "INSERT INTO tidewatch_meta (key, value) VALUES ('schema_version', '{SCHEMA_VERSION}')"
        ));
        return Ok(session.batch(&sql)?);
    }
    let version = match found(1)? {
        0 => None,
        _ => session
            .one(
                "SELECT value FROM tidewatch_meta WHERE key = 'schema_version'",
                &[],
            )?
            .map(|cells| cells.text(0))
            .transpose()?,
    };
    let mut at = version.as_deref().and_then(|text| text.parse::<u32>().ok());
    for step in steps {
        if at.is_some_and(|at| at + 1 == step.to) {
            session.batch(step.sql)?;
            session.batch(&format!(
                "UPDATE tidewatch_meta SET value = '{}' WHERE key = 'schema_version'",
                step.to
            ))?;
            at = Some(step.to);
        }
    }
    if at == Some(SCHEMA_VERSION) {
        return Ok(());
    }
    Err(StoreError::SchemaVersion {
        store: store.to_owned(),
        found: version.unwrap_or_else(|| "none".to_owned()),
        expected: SCHEMA_VERSION,
    }
    .into())
}

/// Adds PostGIS to the database if it is not there.
fn extension(session: &mut Session, store: &str) -> Result<(), Fault> {
    let added = session.batch("CREATE EXTENSION IF NOT EXISTS postgis");
    added.map_err(|error| {
        let refused = [
            SqlState::INSUFFICIENT_PRIVILEGE,
            SqlState::UNDEFINED_FILE,
            SqlState::FEATURE_NOT_SUPPORTED,
        ];
        match error.code() {
            Some(code) if refused.contains(code) => StoreError::NoPostGis {
                store: store.to_owned(),
                source: error,
            }
            .into(),
            _ => Fault::Database(error),
        }
    })?;
    path(session)
}

/// Names without a schema are this store's, then PostGIS's.
pub(super) fn path(session: &mut Session) -> Result<(), Fault> {
    let sql = format!(
        "SELECT set_config('search_path', '{SCHEMA}, ' || quote_ident(n.nspname) || ', pg_temp', false)
         FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'postgis'"
    );
    Ok(session.batch(&sql)?)
}

/// Makes the partitions that rows at these times need, each in a transaction of its own: readers wait for one no longer
/// than it takes.
pub(super) fn make_partitions(
    session: &mut Session,
    times: impl Iterator<Item = Timestamp>,
) -> Result<(), Fault> {
    for sql in missing_partitions(session, times)? {
        session
            .batch(&format!(
                "BEGIN; SELECT pg_advisory_xact_lock({MIGRATION_LOCK}); {sql}; COMMIT"
            ))
            .inspect_err(|_| session.roll_back())?;
    }
    Ok(())
}

/// The same inside a transaction, for a store that nobody reads yet.
pub(super) fn make_partitions_inside(
    session: &mut Session,
    times: impl Iterator<Item = Timestamp>,
) -> Result<(), Fault> {
    for sql in missing_partitions(session, times)? {
        session.batch(&sql)?;
    }
    Ok(())
}

fn missing_partitions(
    session: &mut Session,
    times: impl Iterator<Item = Timestamp>,
) -> Result<Vec<String>, Fault> {
    let months: BTreeSet<(i16, i8)> = times
        .map(|time| TimeZone::UTC.to_datetime(time))
        .map(|time| (time.year(), time.month()))
        // What is older than our calendar lies with what has no time.
        .filter(|(year, _)| *year > 0)
        .collect();
    let mut missing = Vec::new();
    for (year, month) in months {
        let name = format!("{PARTED}_{year:04}_{month:02}");
        let there = session.one(
            "SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
             WHERE n.nspname = $1::text AND c.relname = $2::text",
            &[super::cells::text(SCHEMA), super::cells::text(&name)],
        )?;
        if there.is_none() {
            let first = jiff::civil::date(year, month, 1);
            let next = first.checked_add(1.month()).map_or_else(
                |_| "infinity".to_owned(),
                |next| format!("{next} 00:00:00+00"),
            );
            missing.push(format!(
                "CREATE TABLE IF NOT EXISTS {SCHEMA}.{name} PARTITION OF {SCHEMA}.{PARTED}
                 FOR VALUES FROM ('{first} 00:00:00+00') TO ('{next}')"
            ));
        }
    }
    Ok(missing)
}

/// The partitions of months: the name of each, and when its month ends.
pub(super) fn months(session: &mut Session) -> Result<Vec<(String, Timestamp)>, Fault> {
    let rows = session.query(
        "SELECT c.relname::text FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
         JOIN pg_class AS p ON p.oid = i.inhparent JOIN pg_namespace AS n ON n.oid = p.relnamespace
         WHERE n.nspname = $1::text AND p.relname = $2::text ORDER BY 1",
        &[super::cells::text(SCHEMA), super::cells::text(PARTED)],
    )?;
    let mut months = Vec::new();
    for row in rows {
        let name = row.text(0)?;
        let month = name
            .strip_prefix(PARTED)
            .and_then(|rest| rest.strip_prefix('_'))
            .and_then(|rest| rest.split_once('_'))
            .and_then(|(year, month)| Some((year.parse().ok()?, month.parse().ok()?)));
        let Some((year, month)) = month else {
            continue;
        };
        let end = jiff::civil::Date::new(year, month, 1)
            .and_then(|first| first.checked_add(1.month()))
            .and_then(|next| TimeZone::UTC.to_timestamp(next.at(0, 0, 0, 0)));
        if let Ok(end) = end {
            months.push((name, end));
        }
    }
    Ok(months)
}
