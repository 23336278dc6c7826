//! Three days of AIS of a sea with truth: which ship sent each report, and every event.
//!
//! Ships in lanes and on fishing grounds, an anchorage, drifters, meetings (some over midnight), rafts, silences of every kind,
//! shared and changed identities, places that leap, circle, freeze or run over land, gear markers and beacons; heard with losses, with a
//! reception hole, with an outage that is known and one that is not, and partly late. Beside each kind of event stand cases that
//! just are none. Everything follows from a seed.

mod cast;
mod day;
mod pairs;
mod plan;
mod score;
mod sea;
mod silences;
mod tricks;

pub use day::{DAY_ROWS, write_day};
pub use pairs::{PairScore, PairScores, score_pairs};
pub use score::{EventScore, EventScores, score_events};

use crate::ais::Reception;
use crate::ais::events::{EventSettings, Watch};
use crate::model::event::{Event, EventKind};
use crate::model::outage::Outage;
use crate::model::track::{Position, Vessel};
use crate::model::units::{LonLat, Mmsi};
use jiff::Timestamp;

/// An event as it was made.
#[derive(Debug, Clone, PartialEq)]
pub struct TruthEvent {
    /// What it is.
    pub kind: EventKind,
    /// Who takes part.
    pub mmsis: Vec<Mmsi>,
    /// When it began.
    pub start: Timestamp,
    /// When it ended, or the data do.
    pub end: Timestamp,
    /// Where.
    pub position: LonLat,
}

/// A sea with truth.
#[derive(Debug, Clone, Default)]
pub struct Traffic {
    /// Reports as they came in, late ones last; beside each the ship that sent it.
    pub reports: Vec<(u32, Position)>,
    /// Static data.
    pub statics: Vec<(Mmsi, Timestamp, Vessel)>,
    /// What happened.
    pub events: Vec<TruthEvent>,
    /// Outages that the feed knows of.
    pub outages: Vec<Outage>,
    /// Silences that are the receiver's: who, from, to.
    pub unheard: Vec<(Mmsi, Timestamp, Timestamp)>,
}

impl Traffic {
    /// What a receiver took in.
    pub fn reception(&self) -> Reception {
        Reception {
            positions: self
                .reports
                .iter()
                .map(|(_, position)| position.clone())
                .collect(),
            statics: self.statics.clone(),
            simulated: true,
            ..Reception::default()
        }
    }

    /// The events that tidewatch finds in it.
    pub fn found(&self, settings: &EventSettings) -> Vec<Event> {
        let tracks = crate::ais::tracks(vec![self.reception()], 1800.0);
        let shore_m = |place: LonLat| Some(sea::shore_m(place));
        let watch = Watch {
            settings,
            outages: &self.outages,
            shore_m: Some(&shore_m),
        };
        watch.events(&tracks)
    }
}

/// Makes three days of traffic.
pub fn traffic(seed: u64) -> Traffic {
    cast::cast(seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_event_is_found_with_precision_and_recall_of_nine_tenths_and_no_gap_is_the_receivers()
     {
        let scores = score_events(101, 3, &EventSettings::default());
        for score in &scores.kinds {
            assert!(
                score.truth > 0 && score.precision() >= 0.9 && score.recall() >= 0.9,
                "{scores}"
            );
        }
        assert_eq!(scores.receivers_gaps, 0, "{scores}");
    }
}
