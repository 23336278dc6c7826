//! One connection to the server: its settings, its prepared statements, values in and out.

use super::cells::{Cell, Cells, Misfit, Taken};
use super::login::Login;
use crate::store::StoreError;
use postgres::binary_copy::BinaryCopyInWriter;
use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::{ToSql, Type};
use postgres::{Client, Row, Statement};
use rusqlite::types::Value;
use std::collections::HashMap;
use std::error::Error;
use std::io;

/// Statements kept prepared; filters of searches make ever new ones.
const MOST_STATEMENTS: usize = 300;

/// What holds on every connection. A plan is made for the values at hand, as boxes and times differ by far in what they
/// find. A server that was told not to wait for its disk is asked to, as what is acknowledged must last.
const SETTINGS: &str = "
SET statement_timeout = '60s';
SET lock_timeout = '30s';
SET idle_in_transaction_session_timeout = '60s';
SET tcp_keepalives_idle = 30;
SET TIME ZONE 'UTC';
SET client_min_messages = 'warning';
SET plan_cache_mode = 'force_custom_plan';
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local');
";

/// Why work with a session stopped.
#[derive(Debug)]
pub(super) enum Fault {
    Database(postgres::Error),
    Misfit(Misfit),
    Refused(Box<StoreError>),
}

impl From<postgres::Error> for Fault {
    fn from(error: postgres::Error) -> Self {
        Self::Database(error)
    }
}

impl From<Misfit> for Fault {
    fn from(misfit: Misfit) -> Self {
        Self::Misfit(misfit)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Refused(Box::new(error))
    }
}

/// True if the server is away, starting or ending, or has no place at the moment: a later attempt may succeed.
pub(super) fn may_pass(error: &postgres::Error) -> bool {
    if let Some(code) = error.code() {
        return [
            &SqlState::ADMIN_SHUTDOWN,
            &SqlState::CRASH_SHUTDOWN,
            &SqlState::CANNOT_CONNECT_NOW,
            &SqlState::TOO_MANY_CONNECTIONS,
            &SqlState::T_R_DEADLOCK_DETECTED,
        ]
        .contains(&code)
            || code.code().starts_with("08");
    }
    let io = error
        .source()
        .and_then(|source| source.downcast_ref::<io::Error>());
    // A certificate that does not hold will not hold later either.
    error.is_closed() || io.is_some_and(|io| io.kind() != io::ErrorKind::InvalidData)
}

/// A connection.
pub(super) struct Session {
    /// There until the session is dropped.
    client: Option<Client>,
    statements: HashMap<String, Statement>,
    /// A transaction could not be ended in order.
    broken: bool,
}

impl Session {
    pub(super) fn connect(login: &Login) -> Result<Self, postgres::Error> {
        let mut session = Self {
            client: Some(login.connect()?),
            statements: HashMap::new(),
            broken: false,
        };
        session.batch(SETTINGS)?;
        Ok(session)
    }

    pub(super) fn is_usable(&self) -> bool {
        !self.broken && self.client.as_ref().is_some_and(|c| !c.is_closed())
    }

    #[allow(
        clippy::expect_used,
        reason = "the client is taken by drop alone, after which nobody can ask"
    )]
    fn client(&mut self) -> &mut Client {
        self.client.as_mut().expect("a session has its client")
    }

    fn statement(&mut self, sql: &str) -> Result<Statement, postgres::Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        if self.statements.len() >= MOST_STATEMENTS {
            self.statements.clear();
        }
        let statement = self.client().prepare(sql)?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    /// Statements without values, one after the other.
    pub(super) fn batch(&mut self, sql: &str) -> Result<(), postgres::Error> {
        self.client().batch_execute(sql)
    }

    pub(super) fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, postgres::Error> {
        let statement = self.statement(sql)?;
        let cells: Vec<Cell<'_>> = values.iter().map(Cell).collect();
        self.client().execute(&statement, &borrowed(&cells))
    }

    pub(super) fn query(
        &mut self,
        sql: &str,
        values: &[Value],
    ) -> Result<Vec<Cells>, postgres::Error> {
        let statement = self.statement(sql)?;
        let cells: Vec<Cell<'_>> = values.iter().map(Cell).collect();
        let rows = self.client().query(&statement, &borrowed(&cells))?;
        rows.iter().map(read).collect()
    }

    /// Gives row by row to `take`, as they come, until it wants no more.
    pub(super) fn each(
        &mut self,
        sql: &str,
        values: &[Value],
        mut take: impl FnMut(Cells) -> bool,
    ) -> Result<(), postgres::Error> {
        let statement = self.statement(sql)?;
        let cells: Vec<Cell<'_>> = values.iter().map(Cell).collect();
        let mut rows = self.client().query_raw(&statement, borrowed(&cells))?;
        while let Some(row) = rows.next()? {
            if !take(read(&row)?) {
                break;
            }
        }
        Ok(())
    }

    /// The first row, if there is one.
    pub(super) fn one(
        &mut self,
        sql: &str,
        values: &[Value],
    ) -> Result<Option<Cells>, postgres::Error> {
        Ok(self.query(sql, values)?.into_iter().next())
    }

    /// Loads rows by `COPY … FROM STDIN BINARY`, their fields in the form of `kinds`.
    pub(super) fn copy<'a>(
        &mut self,
        sql: &str,
        kinds: &[Type],
        rows: impl Iterator<Item = Vec<Cell<'a>>>,
    ) -> Result<(), postgres::Error> {
        let statement = self.statement(sql)?;
        let mut writer = BinaryCopyInWriter::new(self.client().copy_in(&statement)?, kinds);
        for row in rows {
            writer.write(&borrowed(&row))?;
        }
        writer.finish()?;
        Ok(())
    }

    /// Ends a transaction that failed; a session that cannot is not used again.
    pub(super) fn roll_back(&mut self) {
        self.broken |= self.batch("ROLLBACK").is_err();
    }
}

fn read(row: &Row) -> Result<Cells, postgres::Error> {
    let values = (0..row.len()).map(|n| row.try_get(n).map(|Taken(value)| value));
    values.collect::<Result<_, _>>().map(Cells)
}

fn borrowed<'a>(cells: &'a [Cell<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    cells.iter().map(|cell| cell as _).collect()
}

impl Drop for Session {
    /// The client says goodbye on a runtime of its own, which a thread of another one must not enter.
    fn drop(&mut self) {
        let client = self.client.take();
        if tokio::runtime::Handle::try_current().is_ok() {
            std::thread::spawn(move || drop(client));
        }
    }
}

/// An error with its cause: on its own it often says no more than "db error".
pub(super) fn told(error: &postgres::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
