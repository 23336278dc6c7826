//! Things that stand at sea, learnt from what was seen at one place pass after pass.

use super::units::LonLat;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A place at which something was seen in most passes that searched it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Mean of the places as imaged.
    pub position: LonLat,
    /// Passes in which something was seen there.
    pub passes: usize,
    /// Passes that searched the place, these included.
    pub searched: usize,
    /// First time it was seen (UTC).
    pub first: Timestamp,
    /// Last time it was seen (UTC).
    pub last: Timestamp,
    /// Relative orbits it was seen from, ascending; a repeat in one geometry alone may be an artefact of something elsewhere.
    pub orbits: Vec<u32>,
}
