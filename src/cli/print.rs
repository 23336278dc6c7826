//! Standard output and standard error: a reader that hangs up is no fault of ours.

use anyhow::{Context, Result};
use std::io::{self, Write};

/// Writes data to standard output.
///
/// # Errors
///
/// If it cannot be written; a closed pipe is told apart by [`is_broken_pipe`].
pub(super) fn data(bytes: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .context("cannot write to standard output")
}

/// Writes a line for people to standard error. If nobody reads it, nobody misses it.
pub(super) fn tell(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// True if the reader of standard output hung up.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// An error and its causes in one line; a cause that its wrapper repeats is told once.
pub(super) fn causes(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let next = cause.to_string();
        if text.is_empty() {
            text = next;
        } else if !text.contains(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_seen_through_its_wrappers() {
        let pipe: anyhow::Error = io::Error::from(io::ErrorKind::BrokenPipe).into();
        assert!(is_broken_pipe(&pipe.context("cannot write")));
        let other: anyhow::Error = io::Error::from(io::ErrorKind::NotFound).into();
        assert!(!is_broken_pipe(&other));
    }

    #[test]
    fn causes_are_told_once_each() {
        let error = anyhow::anyhow!("no such file").context("a.tif: cannot open");
        assert_eq!(causes(&error), "a.tif: cannot open: no such file");
    }
}
