//! What a run keeps of its inputs beside the results: for the page and the closing table.

use jiff::Timestamp;
use std::collections::BTreeMap;

/// AIS that was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AisRead {
    /// Files, each with its counts.
    pub files: Vec<AisRecord>,
    /// Reports left out because another of the same ship had the same instant.
    pub repeats: u64,
    /// Reports left out because no ship heard on the identity can have been there.
    pub jumps: u64,
}

impl AisRead {
    /// From the earliest report to the latest; `None` if there is none.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let first = self.files.iter().filter_map(|file| file.first).min()?;
        let last = self.files.iter().filter_map(|file| file.last).max()?;
        Some((first, last))
    }
}

/// One AIS file that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct AisRecord {
    /// File name.
    pub name: String,
    /// Lines.
    pub lines: u64,
    /// Messages understood.
    pub messages: u64,
    /// Position reports kept.
    pub positions: usize,
    /// Lines that gave nothing, by reason.
    pub rejects: BTreeMap<String, u64>,
    /// Earliest report (UTC).
    pub first: Option<Timestamp>,
    /// Latest report (UTC).
    pub last: Option<Timestamp>,
    /// True if the log says that it was simulated.
    pub simulated: bool,
}

/// An input that failed; the others went on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedInput {
    /// Its path.
    pub path: String,
    /// Why, with its causes.
    pub reason: String,
}

impl FailedInput {
    /// Records `error` with its causes.
    pub(super) fn new(path: &str, error: &dyn std::error::Error) -> Self {
        let mut reason = error.to_string();
        let mut cause = error.source();
        while let Some(next) = cause {
            let text = next.to_string();
            // A transparent wrapper repeats its cause.
            if !reason.contains(&text) {
                reason.push_str(": ");
                reason.push_str(&text);
            }
            cause = next.source();
        }
        if !reason.contains(path) {
            reason = format!("{path}: {reason}");
        }
        Self {
            path: path.to_owned(),
            reason,
        }
    }
}
