//! English.

use super::Phrases;
use crate::model::alert::AlertKind;
use crate::model::event::EventKind;

pub(in crate::encode) static ENGLISH: Phrases = Phrases {
    tag: "en",
    kind: |kind| match kind {
        AlertKind::UncorrelatedContact => "Detection not explained by AIS",
        AlertKind::ZoneEntry => "Vessel in a watch zone",
        AlertKind::AisOnly => "AIS position without a detection",
        AlertKind::DistressBeacon => "Distress beacon active",
        AlertKind::AisEvent => "AIS event",
    },
    event: EventKind::phrase,
    summary: None,
    no_action: "This alert is withdrawn. No action is asked for.",
    compare: "Compare with own information before acting.",
    pass_on: "Compare with own information and pass on to the rescue coordination centre in charge.",
    exercise: "Exercise. Not a real event.",
    test: "Test message. Not a real event: no action is needed.",
    area: "Sea within {radius_km} km of {place}",
    zone: "{distance_nm} nautical miles away, in the {zone_nm} nautical mile zone",
};
