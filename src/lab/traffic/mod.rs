//! Three days of AIS of a sea with truth: which ship sent each report, and every event.
//!
//! Ships in lanes and on fishing grounds, an anchorage, drifters, meetings (some over midnight), rafts, silences of every kind,
//! shared and changed identities, places that leap, circle, freeze or run over land, gear markers and beacons; heard with losses, with a
//! reception hole, with an outage that is known and one that is not, and partly late. Beside each kind of event stand cases that
//! just are none. Radar images of it show every hull, also in the outages and where nobody hears, and ships that send nothing. A second
//! sea, of ten days, has grounds on which ships gather ([`gathering()`]). Everything follows from a seed.

mod cast;
mod day;
mod gathering;
mod images;
mod pairs;
mod plan;
mod score;
mod sea;
mod silences;
mod tricks;
mod visits;

pub use day::{DAY_ROWS, write_day};
pub use gathering::gathering;
pub use images::Image;
pub use pairs::{PairScore, PairScores, score_pairs};
pub use score::{EventScore, EventScores, score_events};

use crate::ais::Reception;
use crate::ais::events::{EventSettings, Watch};
use crate::alert::{unmatched_encounters, zone_visits};
use crate::fuse::{Evidence, FuseInput, FuseParams, fuse, learn_motion};
use crate::model::contact::Contact;
use crate::model::event::{Event, EventKind};
use crate::model::outage::Outage;
use crate::model::region::WatchRegion;
use crate::model::track::{Position, Vessel};
use crate::model::units::{LonLat, Mmsi};
use crate::region::RegionIndex;
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
    /// What is watched.
    pub watched: Vec<WatchRegion>,
    /// Radar images.
    pub images: Vec<Image>,
}

/// What tidewatch states of a sea.
#[derive(Debug, Clone, Default)]
pub struct Stated {
    /// Events.
    pub events: Vec<Event>,
    /// Contacts of all images.
    pub contacts: Vec<Contact>,
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

    /// The events and contacts that tidewatch finds in it, in the order in which a run does it.
    pub fn stated(&self, settings: &EventSettings) -> Stated {
        let tracks = crate::ais::tracks(vec![self.reception()], 1800.0);
        let shore_m = |place: LonLat| Some(sea::shore_m(place));
        let watch = Watch {
            settings,
            outages: &self.outages,
            shore_m: Some(&shore_m),
        };
        let regions = RegionIndex::new(self.watched.clone());
        let params = learn_motion(&tracks, &FuseParams::default());
        let mut contacts = Vec::new();
        for image in &self.images {
            contacts.extend(fuse(&FuseInput {
                evidence: Evidence {
                    scene: &image.scene,
                    detections: &image.detections,
                    tracks: &tracks,
                    infrastructure: &[],
                    searched_km2: Some(sea::AREA_KM2),
                    params: &params,
                },
                outages: &self.outages,
                land: None,
                regions: &regions,
            }));
        }
        let mut events = watch.events(&tracks);
        events.extend(zone_visits(&tracks, &regions));
        let beside = unmatched_encounters(&events, &contacts, &tracks);
        events.extend(beside);
        Stated { events, contacts }
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
    fn every_kind_of_event_is_found_with_precision_and_recall_of_nine_tenths_and_no_silence_is_the_receivers()
     {
        let scores = score_events(101, 3, &EventSettings::default());
        assert_eq!(scores.kinds.len(), EventKind::ALL.len(), "{scores}");
        for score in &scores.kinds {
            assert!(
                score.truth > 0 && score.precision() >= 0.9 && score.recall() >= 0.9,
                "{scores}"
            );
        }
        let receivers = (scores.receivers_gaps, scores.receivers_darks);
        assert_eq!(receivers, (0, 0), "{scores}");
        assert!(scores.unheard_echoes > 50, "{scores}");
    }
}
