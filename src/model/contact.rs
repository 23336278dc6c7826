//! A detection, a vessel, or both, with a verdict.

use super::units::{LonLat, Mmsi};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What is known of one thing at sea at one time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// Id from the scene and the detection or vessel, stable over runs.
    pub id: String,
    /// The scene in which it was seen or should have been.
    pub scene_id: String,
    /// The detection, unless only AIS speaks of it.
    pub detection_id: Option<String>,
    /// The vessel that best explains it, if any.
    pub vessel: Option<VesselMatch>,
    /// Best place: the detection's, else the vessel's predicted place.
    pub position: LonLat,
    /// Standard deviation of the place in each horizontal direction, metres.
    pub position_sigma_m: f64,
    /// Time of the observation (UTC).
    pub time: Timestamp,
    /// Length, metres: measured, else told.
    pub length_m: Option<f64>,
    /// The verdict.
    pub verdict: Verdict,
    /// Probability of the verdict, 0 ..= 1.
    pub probability: f64,
    /// The next best explanation.
    pub runner_up: Option<RunnerUp>,
    /// Why, in sentences a duty officer can read.
    pub reasons: Vec<String>,
    /// Watch regions it lies in.
    pub regions: Vec<RegionHit>,
    /// True if any of its evidence was simulated.
    pub simulated: bool,
}

/// A vessel laid against a detection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VesselMatch {
    /// Who.
    pub mmsi: Mmsi,
    /// Name, if heard.
    pub name: Option<String>,
    /// Place at the image's time, without azimuth shift.
    pub predicted: LonLat,
    /// Distance from the place where it should be imaged (azimuth shift included) to the detection, metres.
    pub offset_m: Option<f64>,
    /// Azimuth shift that was applied, metres, positive along the flight direction.
    pub azimuth_shift_m: Option<f64>,
    /// Time to the nearest report, seconds.
    pub dt_s: f64,
    /// Length told by AIS, metres.
    pub length_m: Option<f64>,
}

/// What a contact is, by the evidence at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A detection explained by one vessel's AIS.
    Correlated,
    /// A detection that two or more vessels explain about as well.
    Ambiguous,
    /// A detection that no vessel heard explains, where AIS was being received.
    Uncorrelated,
    /// A vessel that AIS puts in searched sea and that was not seen.
    AisOnly,
    /// A fixed structure.
    Fixed,
    /// Nothing can be said: no AIS reception there and then, or no time or place.
    NotAssessable,
}

impl Verdict {
    /// All verdicts in the order they are listed to people.
    pub const ALL: [Self; 6] = [
        Self::Correlated,
        Self::Ambiguous,
        Self::Uncorrelated,
        Self::AisOnly,
        Self::Fixed,
        Self::NotAssessable,
    ];

    /// The verdict's name as written in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Correlated => "correlated",
            Self::Ambiguous => "ambiguous",
            Self::Uncorrelated => "uncorrelated",
            Self::AisOnly => "ais_only",
            Self::Fixed => "fixed",
            Self::NotAssessable => "not_assessable",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The explanation that came second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunnerUp {
    /// Its verdict.
    pub verdict: Verdict,
    /// Its vessel, if it names one.
    pub mmsi: Option<Mmsi>,
    /// Its probability, 0 ..= 1.
    pub probability: f64,
}

/// A contact or vessel inside a watch region's zone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegionHit {
    /// Region id.
    pub region_id: String,
    /// The smallest zone it lies in, nautical miles from the feature's edge; `None` for a polygon region.
    pub zone_nm: Option<f64>,
    /// Distance to the feature, metres; 0 inside a polygon region.
    pub distance_m: f64,
}
