//! Bytes ready to leave.

/// An encoded document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Stable id: the same content revision has the same id, so a receiver can drop repeats.
    pub id: String,
    /// Media type (RFC 6838).
    pub media_type: &'static str,
    /// Suggested file name.
    pub file_name: String,
    /// The document.
    pub bytes: Vec<u8>,
}
