//! One pusher a store: two would send every message twice and overtake each other.

use super::run::PushError;
use std::fs::{File, TryLockError};
use std::path::Path;

/// Held for as long as this process pushes from a store; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct PushLock {
    _file: File,
}

impl PushLock {
    /// Takes the lock of the store at `path`: a file beside it, as closing the store's own file would end SQLite's locks.
    pub(super) fn take(path: &Path) -> Result<Self, PushError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let beside = path.with_file_name(format!(".{name}.push-lock"));
        let failed = |source| PushError::Lock {
            path: beside.clone(),
            source,
        };
        let file = File::create(&beside).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(PushError::Taken {
                path: path.to_owned(),
            }),
            Err(TryLockError::Error(error)) => Err(failed(error)),
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
        assert!(matches!(
            PushLock::take(&store),
            Err(PushError::Taken { path }) if path == store
        ));
        drop(first);
        assert!(PushLock::take(&store).is_ok());
    }
}
