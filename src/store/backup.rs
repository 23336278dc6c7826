//! A copy of the store's file while others work with it, by SQLite's own back-up, checked before it gets its name.
//!
//! Source: SQLite documentation, "Online Backup API": a copy is begun again when another connection has written meanwhile.

use super::StoreError;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, Instant};

/// Pages copied in one step: writers wait for no longer than that takes.
const STEP_PAGES: i32 = 4096;
/// Rest between steps, in which writers get their turn.
const REST: Duration = Duration::from_millis(5);
/// After so long in steps that others begin again and again, the rest is copied at one go, for which writers wait.
const PATIENCE: Duration = Duration::from_secs(60);

/// Copies the store at `from` into a new file `to`, as it stands at one moment, while others read and write it.
///
/// # Errors
///
/// If a file is at `to` already, if either cannot be read or written, or if the copy does not pass SQLite's check of its
/// integrity; then there is no file at `to`.
pub fn back_up(from: &Path, to: &Path) -> Result<u64, StoreError> {
    let part = to.with_extension("part");
    let copied = copy(from, to, &part);
    if copied.is_err() {
        let _ = fs::remove_file(&part);
    }
    copied
}

fn copy(from: &Path, to: &Path, part: &Path) -> Result<u64, StoreError> {
    let failed = |path: &Path, action: &'static str| {
        let path = path.to_owned();
        move |source| StoreError::File {
            path,
            action,
            source,
        }
    };
    if to.exists() {
        let taken = std::io::ErrorKind::AlreadyExists.into();
        return Err(failed(to, "make the back-up")(taken));
    }
    File::create(part).map_err(failed(part, "make the back-up"))?;
    let read_only = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // A journal that a killed process left must be rolled back first, for which it must be written.
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .or_else(|_| Connection::open_with_flags(from, read_only))
        .map_err(|error| StoreError::of_sqlite(from, "open the store", error))?;
    let mut copy =
        Connection::open(part).map_err(|error| StoreError::of_sqlite(part, "open", error))?;
    take_pages(&source, &mut copy)
        .map_err(|error| StoreError::of_sqlite(from, "copy the store", error))?;
    let verdict: String = copy
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(|error| StoreError::of_sqlite(part, "check the copy", error))?;
    if verdict != "ok" {
        let from = from.display();
        return Err(StoreError::Other(format!(
            "{from}: the copy is not sound ({verdict}); expected a store that passes SQLite's integrity check"
        )));
    }
    drop(copy);
    let file = File::open(part).map_err(failed(part, "open the back-up"))?;
    file.sync_all().map_err(failed(part, "store the back-up"))?;
    fs::rename(part, to).map_err(failed(to, "name the back-up"))?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed(folder, "store the back-up's name"))?;
    let size = fs::metadata(to).map_err(failed(to, "measure the back-up"))?;
    Ok(size.len())
}

fn take_pages(source: &Connection, copy: &mut Connection) -> rusqlite::Result<()> {
    // The copy is not the store until it has its name.
    copy.pragma_update(None, "synchronous", "OFF")?;
    let backup = Backup::new(source, copy)?;
    let begun = Instant::now();
    loop {
        let pages = if begun.elapsed() < PATIENCE {
            STEP_PAGES
        } else {
            -1
        };
        match backup.step(pages)? {
            StepResult::Done => return Ok(()),
            StepResult::More => std::thread::sleep(REST),
            // Another one is writing.
            _ => std::thread::sleep(REST * 4),
        }
    }
}
