//! Why regions, land or infrastructure could not be read.

use crate::gis::GisError;

/// What went wrong, by the operator's next step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegionError {
    /// The file itself is at fault.
    #[error(transparent)]
    Gis(#[from] GisError),
    /// A row of the built-in table is malformed.
    #[error("built-in watch table, line {line}: {detail}")]
    Table {
        /// Line, from 1.
        line: u64,
        /// What was found and what was expected.
        detail: String,
    },
    /// A zone distance that is none.
    #[error("zone of {value} nautical miles: a number above 0 and up to 3,000 was expected")]
    Zone {
        /// The value given.
        value: f64,
    },
    /// A file with nothing of the kind that was asked for.
    #[error("{path}: holds {found} features and no {expected}")]
    Nothing {
        /// The path as given.
        path: String,
        /// Features read.
        found: usize,
        /// What was expected.
        expected: &'static str,
    },
    /// An attribute of a user's region cannot be understood.
    #[error("{path}: feature {feature}: {attribute} is \"{value}\"; expected {expected}")]
    Attribute {
        /// The path as given.
        path: String,
        /// Number of the feature in the file, from 1.
        feature: usize,
        /// The attribute.
        attribute: &'static str,
        /// Its value.
        value: String,
        /// What was expected.
        expected: &'static str,
    },
}
