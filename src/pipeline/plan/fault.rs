//! Faults of a pipeline file: where, what, and the line itself with a mark under it.

use std::fmt;
use std::path::{Path, PathBuf};

/// Line and column in the file, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Place {
    /// The file's first character.
    pub const START: Self = Self { line: 1, column: 1 };
}

impl From<serde_saphyr::Location> for Place {
    fn from(location: serde_saphyr::Location) -> Self {
        let whole = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).max(1);
        Self {
            line: whole(location.line()),
            column: whole(location.column()),
        }
    }
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What was found and what was expected.
    pub message: String,
}

/// Every fault of one file, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults {
    path: PathBuf,
    text: String,
    faults: Vec<Fault>,
}

impl Faults {
    pub(super) fn new(path: &Path, text: &str, mut faults: Vec<Fault>) -> Self {
        faults.sort();
        faults.dedup();
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            faults,
        }
    }

    /// The faults, by line and column.
    pub fn list(&self) -> &[Fault] {
        &self.faults
    }
}

impl std::error::Error for Faults {}

impl fmt::Display for Faults {
    /// `file:line:column: message`, the line, and a caret under the column; a count at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<&str> = self.text.lines().collect();
        for fault in &self.faults {
            let Place { line, column } = fault.place;
            writeln!(
                f,
                "{}:{line}:{column}: {}",
                self.path.display(),
                fault.message
            )?;
            if let Some(source) = lines.get(line - 1).filter(|source| !source.is_empty()) {
                let blank = " ".repeat(column - 1);
                writeln!(f, "{line:>5} | {source}\n      | {blank}^")?;
            }
        }
        let plural = if self.faults.len() == 1 { "" } else { "s" };
        write!(
            f,
            "{}: {} fault{plural}",
            self.path.display(),
            self.faults.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_shows_its_place_its_line_and_a_mark_under_the_column() {
        let fault = Fault {
            place: Place { line: 2, column: 4 },
            message: "bad".to_owned(),
        };
        let faults = Faults::new(Path::new("p.yaml"), "a: 1\nb: x\n", vec![fault]);
        assert_eq!(
            faults.to_string(),
            "p.yaml:2:4: bad\n    2 | b: x\n      |    ^\np.yaml: 1 fault"
        );
    }
}
