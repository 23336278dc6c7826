//! Truth.
pub mod simulate;
