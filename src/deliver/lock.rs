//! One pusher a store: two would send every message twice and overtake each other.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Held for as long as this process pushes from a store; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct PushLock {
    _file: File,
}

/// Why the lock is not ours.
#[derive(Debug)]
pub(super) enum NotOurs {
    /// Another process has it.
    Taken,
    /// The file cannot be made.
    Io(PathBuf, io::Error),
}

impl PushLock {
    /// Takes the lock of the store at `path`: a file beside it, as closing the store's own file would end SQLite's locks.
    pub(super) fn take(path: &Path) -> Result<Self, NotOurs> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let beside = path.with_file_name(format!(".{name}.push-lock"));
        let file = File::create(&beside).map_err(|error| NotOurs::Io(beside.clone(), error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(NotOurs::Taken),
            Err(TryLockError::Error(error)) => Err(NotOurs::Io(beside, error)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;

    #[test]
    fn a_store_has_one_pusher_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("t.gpkg");
        let first = PushLock::take(&store).unwrap();
        assert!(matches!(PushLock::take(&store), Err(NotOurs::Taken)));
        drop(first);
        assert!(PushLock::take(&store).is_ok());
    }
}
