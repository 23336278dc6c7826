//! Files of the output folder: written whole or not at all, and touched only when they change.

use super::PipelineError;
use std::fs;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::ErrorKind;
use std::path::Path;

/// Writes `bytes` to `path` unless the file holds them already; true if it was written.
///
/// The file appears under its name only when it is whole.
///
/// # Errors
///
/// [`PipelineError::Output`] with the path.
pub(super) fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<bool, PipelineError> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(false);
    }
    let failed = |source| PipelineError::Output {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // Two workers may be at the same file; the standard library seeds each hasher anew.
    let own = std::hash::RandomState::new().build_hasher().finish();
    let partial = path.with_file_name(format!(".{name}.{own:016x}{PARTIAL}"));
    let written = fs::write(&partial, bytes).and_then(|()| fs::rename(&partial, path));
    if written.is_err() {
        // On a full disk what is half written would fill what is freed.
        let _ = fs::remove_file(&partial);
    }
    written.map_err(failed)?;
    Ok(true)
}

/// Ending of a file that is not whole.
const PARTIAL: &str = ".partial";

/// Removes what processes that were killed left half written in a folder.
///
/// # Errors
///
/// [`PipelineError::Output`] with the path.
pub(super) fn sweep(folder: &Path) -> Result<(), PipelineError> {
    let failed = |source| PipelineError::Output {
        path: folder.to_owned(),
        source,
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') && name.ends_with(PARTIAL) {
            match fs::remove_file(entry.path()) {
                // Whoever was at it has finished it.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                removed => removed.map_err(failed)?,
            }
        }
    }
    Ok(())
}

/// An id as a file name: letters, digits, `-`, `_` and `.` stay, all else becomes `_`.
pub(super) fn file_name(id: &str, extension: &str) -> String {
    let stem: String = id
        .chars()
        .map(|c| {
            let plain = c.is_ascii_alphanumeric() || "-_.".contains(c);
            if plain { c } else { '_' }
        })
        .collect();
    format!("{}.{extension}", stem.trim_start_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_once_for_the_same_bytes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a/b.txt");
        assert!(write_if_changed(&path, b"x").expect("written"));
        assert!(!write_if_changed(&path, b"x").expect("kept"));
        assert!(write_if_changed(&path, b"y").expect("written"));
        let names: Vec<_> = fs::read_dir(folder.path().join("a"))
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        assert_eq!(names, ["b.txt"]);
    }

    #[test]
    fn a_file_that_cannot_get_its_name_leaves_nothing_half_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        fs::create_dir_all(path.join("taken")).expect("a folder in its place");
        assert!(write_if_changed(&path, b"x").is_err());
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn what_was_left_half_written_is_swept_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in [".a.png.00ff.partial", "b.partial", ".c"] {
            fs::write(folder.path().join(name), "").expect("a file");
        }
        sweep(folder.path()).expect("swept");
        sweep(&folder.path().join("no folder")).expect("nothing to sweep");
        let mut names: Vec<_> = fs::read_dir(folder.path())
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        names.sort();
        assert_eq!(names, [".c", "b.partial"]);
    }

    #[test]
    fn an_id_cannot_leave_the_folder() {
        assert_eq!(file_name("../a b/c", "png"), "_a_b_c.png");
    }
}
