//! The store in a PostgreSQL database with PostGIS: for more than one machine, and for more than a file is good for.
//!
//! Same rows, same order, same answers as [`GeoPackage`](super::GeoPackage), whose records it writes. Writers take their
//! turn, as they do there, so that the order of storing is the order of committing; readers wait for nobody. A server
//! that is away is asked again for [`PATIENCE`], or longer for a batch; work that it may or may not have committed is done again, which changes
//! nothing where it was. What was acknowledged has reached the server's log.

mod archive;
mod books;
mod cells;
mod dispatch;
mod features;
mod login;
mod prune;
mod results;
mod schema;
#[cfg(test)]
#[path = "../../../tests/it/postgres.rs"]
pub(in crate::store) mod server;
mod session;
#[cfg(test)]
mod tests;
mod tls;
mod writer;

pub use cells::Misfit;

use super::schema::Table;
use super::{Changes, StoreAddress, StoreError, records};
use cells::Cells;
use jiff::Timestamp;
use login::Login;
use rusqlite::types::Value;
use serde::de::DeserializeOwned;
use session::{Fault, Session, may_pass};
use std::cell::RefCell;
use std::fmt;
use std::time::{Duration, Instant};

/// How long a server may be away before work with it fails, where somebody waits for the answer.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// The same where a batch would be lost: longer than a server takes that is started again on another machine.
pub const PATIENCE_OF_BATCHES: Duration = Duration::from_secs(180);
/// Wait before the second attempt; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// Waits from this on are told one by one.
const TOLD_PAUSE: Duration = Duration::from_secs(1);

/// A store in PostgreSQL: one connection, made anew when it is lost.
pub struct PostGis {
    /// The address, without a password.
    address: String,
    login: Login,
    session: RefCell<Option<Session>>,
    last_change: String,
    /// Commits of this store's own that are among the database's changes.
    own_changes: i64,
    /// True once this is the store that messages are sent from.
    sends: bool,
    patience: Duration,
}

impl fmt::Debug for PostGis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("PostGis");
        shown
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl PostGis {
    /// Opens the store at `postgresql://user@host:port/database`, and makes its tables in the schema `tidewatch` if they
    /// are not there.
    ///
    /// `now` is the time that tables changed through this store show as their last change.
    ///
    /// # Errors
    ///
    /// An address that cannot be read, a server that stays away or refuses, a database without PostGIS, and tables that
    /// are not of this program's version are named, and nothing is changed. A server may be away for `patience`, now and
    /// later.
    pub fn open(url: &str, now: Timestamp, patience: Duration) -> Result<Self, StoreError> {
        let address = StoreAddress::from(url).to_string();
        let store = Self {
            login: Login::read(url, &address)?,
            address,
            session: RefCell::new(None),
            last_change: records::date_time(now),
            own_changes: 0,
            sends: false,
            patience,
        };
        store.ask("make the tables", |session| {
            schema::lay_down(session, &store.address, schema::STEPS)
        })?;
        Ok(store)
    }

    fn connect(&self) -> Result<Session, Fault> {
        let mut session = Session::connect(&self.login)?;
        schema::path(&mut session)?;
        if self.sends {
            // Nobody else may send meanwhile; a backend that is still dying lets go of it soon.
            session.batch(&format!("SELECT pg_advisory_lock({})", schema::SENDER_LOCK))?;
        }
        Ok(session)
    }

    /// Works with the session, a new one if need be. One that was left in the middle of its work is dropped.
    fn once<T>(&self, work: &mut impl FnMut(&mut Session) -> Result<T, Fault>) -> Result<T, Fault> {
        let kept = self.session.take().filter(Session::is_usable);
        let mut session = match kept {
            Some(session) => session,
            None => self.connect()?,
        };
        let done = work(&mut session);
        if session.is_usable() {
            self.session.replace(Some(session));
        }
        done
    }

    /// Reads by `work`, again if the server was away.
    fn ask<T>(
        &self,
        action: &str,
        mut work: impl FnMut(&mut Session) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let begun = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let source = match self.once(&mut work) {
                Ok(done) => return Ok(done),
                Err(Fault::Refused(error)) => return Err(*error),
                Err(Fault::Misfit(source)) => {
                    return Err(StoreError::Misread {
                        store: self.address.clone(),
                        action: action.to_owned(),
                        source,
                    });
                }
                Err(Fault::Database(source)) => source,
            };
            let (store, action) = (self.address.clone(), action.to_owned());
            if !may_pass(&source) {
                return Err(StoreError::Postgres {
                    store,
                    action,
                    source,
                });
            }
            if begun.elapsed() + pause > self.patience {
                return Err(StoreError::Away {
                    store,
                    action,
                    waited_s: begun.elapsed().as_secs(),
                    source,
                });
            }
            if pause == FIRST_PAUSE || pause >= TOLD_PAUSE {
                let (cause, for_s) = (session::told(&source), self.patience.as_secs());
                let (away_s, wait_s) = (begun.elapsed().as_secs(), pause.as_secs_f64());
                tracing::warn!(%store, %cause, away_s, wait_s, for_s, "The store's server is away and is asked again.");
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Runs `work` in one transaction that commits if it succeeds.
    fn write(
        &mut self,
        action: &str,
        mut work: impl FnMut(&mut Session, &str) -> Result<Changes, Fault>,
    ) -> Result<Changes, StoreError> {
        let now = self.last_change.as_str();
        let changes = self.ask(action, |session| {
            let mut inside = || {
                session.batch(&format!(
                    "BEGIN; SELECT pg_advisory_xact_lock({})",
                    schema::WRITER_LOCK
                ))?;
                let changes = work(session, now)?;
                let counted = if changes.is_empty() {
                    ""
                } else {
                    "UPDATE tidewatch_changes SET version = version + 1;"
                };
                session.batch(&format!("{counted} COMMIT"))?;
                Ok(changes)
            };
            let done = inside();
            if done.is_err() {
                session.roll_back();
            }
            done
        })?;
        self.own_changes += i64::from(!changes.is_empty());
        Ok(changes)
    }

    fn many<T>(
        &self,
        table: &Table,
        sql: &str,
        values: &[Value],
        read: impl Fn(&Cells) -> Result<T, cells::Misfit>,
    ) -> Result<Vec<T>, StoreError> {
        self.ask(&format!("read {}", table.name), |session| {
            let rows = session.query(sql, values)?;
            Ok(rows.iter().map(&read).collect::<Result<_, _>>()?)
        })
    }

    /// Records from their JSON: the query gives (id, json).
    fn records<T: DeserializeOwned>(
        &self,
        table: &'static Table,
        sql: &str,
        values: &[Value],
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.many(table, sql, values, |row| Ok((row.text(0)?, row.text(1)?)))?;
        rows.into_iter()
            .map(|(id, json)| {
                serde_json::from_str(&json).map_err(|source| StoreError::Unreadable {
                    store: self.address.clone(),
                    table: table.name,
                    id,
                    source,
                })
            })
            .collect()
    }
}
