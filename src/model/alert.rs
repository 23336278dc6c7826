//! What partners are told, in the vocabulary of CAP 1.2 (OASIS 2010) and TLP 2.0 (FIRST 2022).

use super::contact::RegionHit;
use super::event::EventKind;
use super::id::trace_id;
use super::units::LonLat;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One revision of one alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Id of the matter, stable over revisions.
    pub id: String,
    /// Revision, from 1.
    pub revision: u32,
    /// New, changed or withdrawn.
    pub message_type: MessageType,
    /// Real, exercise or test. Simulated evidence is never `Actual`.
    pub status: Status,
    /// Rule that fired: its id in the pipeline file.
    pub rule: String,
    /// Kind of rule.
    pub kind: AlertKind,
    /// When this revision was made (UTC).
    pub sent: Timestamp,
    /// Time of the observation (UTC).
    pub observed: Timestamp,
    /// When it ceases to matter (UTC).
    pub expires: Timestamp,
    /// How fast to act.
    pub urgency: Urgency,
    /// How bad it may be.
    pub severity: Severity,
    /// How sure it is.
    pub certainty: Certainty,
    /// Who may read it.
    pub tlp: Tlp,
    /// Place.
    pub position: LonLat,
    /// Radius about the place that holds the target with 95 % probability, metres.
    pub position_radius_m: f64,
    /// Watch regions concerned, nearest first.
    pub regions: Vec<RegionHit>,
    /// Names of those regions, in the same order, as a reader should see them.
    pub region_names: Vec<String>,
    /// Short text without a full stop, under 140 characters.
    pub headline: String,
    /// What was seen and how sure it is, whole sentences.
    pub description: String,
    /// Why the rule fired: one sentence each.
    pub reasons: Vec<String>,
    /// The evidence.
    pub evidence: Evidence,
    /// Earlier revisions that this one replaces: (revision, sent).
    pub replaces: Vec<(u32, Timestamp)>,
}

/// What an alert rests on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Contact.
    pub contact_id: Option<String>,
    /// Detection.
    pub detection_id: Option<String>,
    /// Scene.
    pub scene_id: Option<String>,
    /// Vessel identity, as told by AIS.
    pub mmsi: Option<String>,
    /// Vessel name, as told by AIS.
    pub vessel_name: Option<String>,
    /// Event.
    #[serde(default)]
    pub event_id: Option<String>,
    /// Kind of event.
    #[serde(default)]
    pub event: Option<EventKind>,
    /// Verdict's name.
    pub verdict: Option<String>,
    /// Probability of the verdict, 0 ..= 1.
    pub probability: Option<f64>,
    /// Measured or told length, metres.
    pub length_m: Option<f64>,
    /// What was not looked at, in sentences.
    pub not_searched: Vec<String>,
}

/// Kind of rule behind an alert.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum AlertKind {
    /// A detection near a watched feature that no AIS explains.
    UncorrelatedContact,
    /// A vessel with AIS entered a zone.
    ZoneEntry,
    /// AIS puts a vessel where the image shows none.
    AisOnly,
    /// An AIS-SART, man-overboard device or EPIRB is active.
    DistressBeacon,
    /// An event that AIS tells of: which kinds, the rule says.
    AisEvent,
}

impl AlertKind {
    /// The kind's name as written in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UncorrelatedContact => "uncorrelated-contact",
            Self::ZoneEntry => "zone-entry",
            Self::AisOnly => "ais-only",
            Self::DistressBeacon => "distress-beacon",
            Self::AisEvent => "ais-event",
        }
    }
}

impl Alert {
    /// The trace id of all work on it: its scene's, or its own if it has no scene.
    pub fn trace_id(&self) -> String {
        trace_id(self.evidence.scene_id.as_deref().unwrap_or(&self.id))
    }
}

macro_rules! cap_words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// The word as CAP 1.2 spells it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant)),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

cap_words!(
    /// CAP `msgType`.
    MessageType {
        /// First revision.
        Alert,
        /// A later revision.
        Update,
        /// Withdrawn.
        Cancel,
    }
);
cap_words!(
    /// CAP `status`.
    Status {
        /// Real.
        Actual,
        /// An exercise.
        Exercise,
        /// A technical test, and every run on simulated data.
        Test,
    }
);
cap_words!(
    /// CAP `urgency`.
    Urgency {
        /// Act now.
        Immediate,
        /// Act within the hour.
        Expected,
        /// Act in the near future.
        Future,
        /// No longer needed.
        Past,
    }
);
cap_words!(
    /// CAP `severity`.
    Severity {
        /// Extraordinary threat.
        Extreme,
        /// Significant threat.
        Severe,
        /// Possible threat.
        Moderate,
        /// Minimal threat.
        Minor,
    }
);
cap_words!(
    /// CAP `certainty`.
    Certainty {
        /// Seen to be so.
        Observed,
        /// Probability above one half.
        Likely,
        /// Possible, not likely.
        Possible,
        /// Near nought.
        Unlikely,
    }
);

/// Traffic Light Protocol 2.0, weakest first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum Tlp {
    /// For all.
    #[serde(rename = "TLP:CLEAR")]
    Clear,
    /// For the community.
    #[serde(rename = "TLP:GREEN")]
    Green,
    /// For the organisation and its clients.
    #[serde(rename = "TLP:AMBER")]
    Amber,
    /// For the organisation alone.
    #[serde(rename = "TLP:AMBER+STRICT")]
    AmberStrict,
    /// For named recipients alone.
    #[serde(rename = "TLP:RED")]
    Red,
}

impl Tlp {
    /// All labels, weakest first.
    pub const ALL: [Self; 5] = [
        Self::Clear,
        Self::Green,
        Self::Amber,
        Self::AmberStrict,
        Self::Red,
    ];

    /// Reads a label as TLP 2.0 spells it, with or without `TLP:`.
    pub fn parse(text: &str) -> Option<Self> {
        let word = text.strip_prefix("TLP:").unwrap_or(text);
        Self::ALL
            .into_iter()
            .find(|tlp| tlp.as_str().strip_prefix("TLP:") == Some(word))
    }

    /// The label as TLP 2.0 spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clear => "TLP:CLEAR",
            Self::Green => "TLP:GREEN",
            Self::Amber => "TLP:AMBER",
            Self::AmberStrict => "TLP:AMBER+STRICT",
            Self::Red => "TLP:RED",
        }
    }
}

impl fmt::Display for Tlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
