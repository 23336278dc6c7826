//! What can go wrong in a store.

use super::Misfit;
use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// SQLite failed.
    #[error("{path}: cannot {action}")]
    Sqlite {
        /// The store's file.
        path: PathBuf,
        /// What was being done.
        action: String,
        /// SQLite's cause.
        source: rusqlite::Error,
    },
    /// The disk that the store lies on is full.
    #[error(
        "{path}: cannot {action}: the disk is full; nothing of it was stored, and what was stored before is whole; expected free space"
    )]
    Full {
        /// The store's file.
        path: PathBuf,
        /// What was being done.
        action: String,
        /// SQLite's cause.
        source: rusqlite::Error,
    },
    /// A store that may be read and not written.
    #[error(
        "{path}: cannot {action}: the file or its folder is read-only; expected a place that may be written"
    )]
    ReadOnly {
        /// The store's file.
        path: PathBuf,
        /// What was being done.
        action: String,
        /// SQLite's cause.
        source: rusqlite::Error,
    },
    /// A store whose pages are not what was written.
    #[error(
        "{path}: cannot {action}: the store is damaged; expected to move the file away and put a back-up in its place, or to run the pipelines again into a new store"
    )]
    Damaged {
        /// The store's file.
        path: PathBuf,
        /// What was being done.
        action: String,
        /// SQLite's cause.
        source: rusqlite::Error,
    },
    /// A store to be filled that holds something.
    #[error("{store}: holds {table} already; expected an empty store to fill")]
    NotEmpty {
        /// The store.
        store: String,
        /// A table with rows.
        table: &'static str,
    },
    /// A file beside the store failed.
    #[error("{path}: cannot {action}")]
    File {
        /// The file.
        path: PathBuf,
        /// What was being done.
        action: &'static str,
        /// The system's cause.
        source: std::io::Error,
    },
    /// What a store was to be filled with, or was written to, failed.
    #[error("{0}")]
    Other(String),
    /// The lock of the one sender cannot be made.
    #[error("{path}: cannot make the lock file")]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// An address of a database that cannot be used.
    #[error("{store}: {reason}; expected postgresql://USER@HOST:PORT/DATABASE")]
    Address {
        /// The address, without a password.
        store: String,
        /// What is wrong with it.
        reason: String,
    },
    /// PostgreSQL failed or refused.
    #[error("{store}: cannot {action}")]
    Postgres {
        /// The address, without a password.
        store: String,
        /// What was being done.
        action: String,
        /// PostgreSQL's cause.
        source: postgres::Error,
    },
    /// PostgreSQL stayed away.
    #[error("{store}: cannot {action}; the server stayed away for {waited_s} s")]
    Away {
        /// The address, without a password.
        store: String,
        /// What was being done.
        action: String,
        /// How long it was asked for.
        waited_s: u64,
        /// The last cause.
        source: postgres::Error,
    },
    /// A database without PostGIS, in which it cannot be made.
    #[error(
        "{store}: PostGIS is not there and cannot be added; expected `CREATE EXTENSION postgis` by the database's administrator"
    )]
    NoPostGis {
        /// The address, without a password.
        store: String,
        /// PostgreSQL's cause.
        source: postgres::Error,
    },
    /// A column that holds what this program did not write.
    #[error("{store}: cannot {action}")]
    Misread {
        /// The address, without a password.
        store: String,
        /// What was being done.
        action: String,
        /// What was found and expected.
        source: Misfit,
    },
    /// A file that is not an SQLite database.
    #[error(
        "{path}: not an SQLite database, or one whose first page is damaged; expected a back-up, a store made by tidewatch, or no file"
    )]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// An SQLite database of another program.
    #[error(
        "{path}: not a store made by tidewatch (application_id {found:#010x}{}); expected {expected:#010x} with the table tidewatch_meta, or no file",
        if found == expected { ", a GeoPackage of another program" } else { "" }
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Its application_id.
        found: u32,
        /// `GPKG`.
        expected: u32,
    },
    /// A store of another release.
    #[error("{store}: schema version {found}; this program reads and writes version {expected}")]
    SchemaVersion {
        /// The store.
        store: String,
        /// Its version.
        found: String,
        /// Version of this program.
        expected: u32,
    },
    /// A record that would not come back as it was.
    #[error(
        "{table} {id}: holds a number that is not finite; expected finite numbers, or none where unknown"
    )]
    NotExact {
        /// Table.
        table: &'static str,
        /// Record.
        id: String,
    },
    /// A record that cannot be read back.
    #[error("{store}: {table} {id}: stored record cannot be read")]
    Unreadable {
        /// The store.
        store: String,
        /// Table.
        table: &'static str,
        /// Record.
        id: String,
        /// The cause.
        source: serde_json::Error,
    },
    /// Alerts, asked for by a way that does not ask the release rule.
    #[error("{layer}: not given without asking the release rule; expected another collection")]
    NotReleased {
        /// The collection.
        layer: &'static str,
    },
    /// A key for a partner that is not there.
    #[error("partner {partner}: not in the store; expected a partner that was added before")]
    UnknownPartner {
        /// The partner's id.
        partner: String,
    },
    /// The thread that worked with the store ended early.
    #[error("the work with the store broke off: {0}")]
    Interrupted(String),
    /// An alert revision or message that was stored before with other content.
    #[error(
        "{table} {id}: stored already with other content; a revision is never edited, expected a new revision"
    )]
    RevisionTaken {
        /// Table.
        table: &'static str,
        /// Record.
        id: String,
    },
}

impl StoreError {
    /// An error of SQLite by what an operator can do about it.
    pub(super) fn of_sqlite(path: &Path, action: &str, source: rusqlite::Error) -> Self {
        let (path, action) = (path.to_owned(), action.to_owned());
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase { path },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged {
                path,
                action,
                source,
            },
            Some(ErrorCode::DiskFull) => Self::Full {
                path,
                action,
                source,
            },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly {
                path,
                action,
                source,
            },
            _ => Self::Sqlite {
                path,
                action,
                source,
            },
        }
    }

    /// True of what passes without a change of the work: a server that is away, a disk that is full.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Away { .. } | Self::Full { .. })
    }
}
