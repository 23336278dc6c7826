//! What partners ask for: keys, and the release rule before every answer. Reads the store, encodes, never detects.

mod error;
mod keys;

pub use error::ServeError;
pub use keys::{IssuedKey, issue_key, open_store};
