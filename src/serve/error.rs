//! Why the server or a partner command did not do what it was asked.

use crate::store::StoreError;
use std::io;
use std::path::PathBuf;

/// Why the server or a partner command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] Box<StoreError>),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes; no key was made")]
    NoRandomness,
    /// A scope that the partner does not have.
    #[error("partner {partner}: has no scope {scope}; expected one of its own: {own}")]
    ScopeBeyondPartner {
        /// Partner.
        partner: String,
        /// Scope asked for.
        scope: String,
        /// The partner's scopes.
        own: String,
    },
    /// A file of features cannot be made.
    #[error(transparent)]
    File(#[from] crate::encode::vector_file::VectorFileError),
    /// A certificate or its key cannot be used.
    #[error("{path}: {fault}; expected {expected}")]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: String,
        /// What should stand in it.
        expected: &'static str,
    },
    /// No such partner.
    #[error("partner {partner}: not in the store")]
    UnknownPartner {
        /// Partner.
        partner: String,
    },
    /// The server is ending, or a task of it broke.
    #[error("stopped before it could {action}")]
    Stopped {
        /// What was being done.
        action: String,
    },
    /// The network or a signal failed.
    #[error("cannot {action}")]
    Io {
        /// What was being done.
        action: String,
        /// The cause.
        source: io::Error,
    },
}

impl From<StoreError> for ServeError {
    fn from(error: StoreError) -> Self {
        Self::Store(Box::new(error))
    }
}
