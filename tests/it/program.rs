//! Starts the built program and the places tests read from and write to.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What one run of the program gave back.
pub struct Ran {
    /// Exit code.
    pub code: i32,
    /// Everything on standard output.
    pub stdout: String,
    /// Everything on standard error.
    pub stderr: String,
}

/// Runs `tidewatch` with `args` in the checkout's root.
pub fn tidewatch<I, S>(args: I) -> Ran
where
    I: IntoIterator<Item = S>,
    S: AsRef<std::ffi::OsStr>,
{
    let output = Command::new(env!("CARGO_BIN_EXE_tidewatch"))
        .args(args)
        .current_dir(root())
        .env_remove("RUST_LOG")
        .output()
        .expect("the built program starts");
    ran(&output)
}

/// Runs another program; `None` if it is not installed.
pub fn other<I, S>(program: impl AsRef<std::ffi::OsStr>, args: I) -> Option<Ran>
where
    I: IntoIterator<Item = S>,
    S: AsRef<std::ffi::OsStr>,
{
    let output = Command::new(program).args(args).output().ok()?;
    Some(ran(&output))
}

fn ran(output: &Output) -> Ran {
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The checkout.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Real data kept beside the checkout. Tests that call this are `#[ignore]`d where it is absent.
pub fn shared_data() -> PathBuf {
    let folder = std::env::var_os("TIDEWATCH_SHARED")
        .map_or_else(|| root().join("../shared/data"), PathBuf::from);
    assert!(
        folder.is_dir(),
        "{}: the shared real data is not here",
        folder.display()
    );
    folder
}

/// The one entry of `folder` whose name starts with `prefix`.
pub fn entry_starting(folder: &Path, prefix: &str) -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(prefix))
        })
        .collect();
    found.sort();
    assert_eq!(found.len(), 1, "{}: {prefix}*", folder.display());
    found.remove(0)
}

/// Python with the clients of `tests/clients/requirements.txt`.
pub fn clients_python() -> PathBuf {
    let folder = std::env::var_os("TIDEWATCH_CLIENTS")
        .map_or_else(|| root().join("target/clients"), PathBuf::from);
    let python = folder.join("bin/python");
    assert!(
        python.exists(),
        "{}: scripts/setup.sh test installs it",
        python.display()
    );
    python
}
