//! Contacts and tracks in, [`Alert`](crate::model::alert::Alert)s out: the rules of a pipeline, and the life of an alert.
//!
//! [`from_contacts`] and [`from_tracks`] state what the rules see now; [`revise`] compares that with what was sent
//! before and keeps only what is new or changed; [`cancel`] withdraws. Nothing here reads a clock: the time of sending
//! comes in with [`AlertContext`], and the same inputs give the same alerts.

mod contacts;
mod distress;
mod entry;
mod events;
mod lifecycle;
mod rule;
#[cfg(test)]
mod testing;
mod text;
mod tracks;
mod zone;

pub use contacts::from_contacts;
pub use events::{from_events, unmatched_encounters, zone_visits};
pub use lifecycle::{cancel, revise};
pub use rule::{AlertError, Rule};
pub use tracks::{Past, TrackRules, from_tracks};

use crate::model::alert::Status;
use crate::model::scene::Scene;
use jiff::Timestamp;

/// What all alerts of one run share.
#[derive(Debug, Clone, Copy)]
pub struct AlertContext<'a> {
    /// Real, exercise or test. An alert on simulated evidence is `Test` whatever stands here.
    pub status: Status,
    /// When the alerts are made (UTC).
    pub now: Timestamp,
    /// The scenes behind the contacts: their extent in time is told to the reader.
    pub scenes: &'a [Scene],
}

impl AlertContext<'_> {
    fn status_of(&self, simulated: bool) -> Status {
        if simulated { Status::Test } else { self.status }
    }
}
