//! Detections and tracks in, [`Contact`]s out: which ship is which echo, how sure that is, and what nobody explains.
//!
//! The steps, in the order of the calls in [`fuse`]: predict every vessel at the image's time (`state`, `motion`), move it
//! by its azimuth shift (`shift`, `imaging`), gate the pairs (`gate`), weigh them (`likelihood`, `seen`, `ground`) against what an echo may
//! be besides (`clutter`), find in each linked component the probability of every pair (`posterior`), by turns (`explain`), and
//! the naming that is right most often (`assign`), then word the verdicts (`verdict`). Vessels without an echo are looked at last (`ais_only`).
//!
//! Known fixed structures enter as a second kind of "no ship": within `fixed_radius_m` of one, the weight of "none of
//! these vessels" is raised by the structure's own, far above any ship's.

mod ais_only;
mod assign;
mod clutter;
mod explain;
mod gate;
mod ground;
mod habit;
mod imaging;
mod learn;
mod likelihood;
mod motion;
mod params;
mod plane;
mod posterior;
mod reception;
mod seen;
mod shift;
mod standing;
mod state;
mod structure;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod verdict;

pub use habit::LearntLaws;
pub use learn::learn_motion;
pub use params::{FuseError, FuseParams, MotionLaw};
pub use shift::azimuth_shift_m;
pub use standing::{
    ONE_PASS, STANDING_M, STANDING_MEMORY, SeenAt, is_unexplained, settle_on, standing,
};

use crate::model::contact::Contact;
use crate::model::detection::Detection;
use crate::model::outage::Outage;
use crate::model::scene::Scene;
use crate::model::track::Track;
use crate::model::units::{LonLat, Mmsi};
use crate::region::{Land, RegionIndex};
use explain::Explained;
use gate::Candidate;
use ground::Ground;
use jiff::Timestamp;
use reception::Reception;
use seen::Sighting;
use structure::Structures;

/// What is known of the sea at the time of one image.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// The image.
    pub scene: &'a Scene,
    /// What was found in it.
    pub detections: &'a [Detection],
    /// Who was heard, hours before to hours after the image, at least half an hour on both sides.
    pub tracks: &'a [Track],
    /// Fixed structures: platforms, turbines, beacons.
    pub infrastructure: &'a [LonLat],
    /// Sea searched, square kilometres.
    pub searched_km2: Option<f64>,
    /// Settings; [`learn_motion`] fits them to the tracks.
    pub params: &'a FuseParams,
}

/// What one fusion looks at.
#[derive(Clone, Copy)]
pub struct FuseInput<'a> {
    /// The image and who was heard about it.
    pub evidence: Evidence<'a>,
    /// When feeds of AIS were not heard.
    pub outages: &'a [Outage],
    /// Land, to keep silent about vessels in port.
    pub land: Option<&'a Land>,
    /// Watch regions.
    pub regions: &'a RegionIndex,
}

/// Fuses one scene's detections with the tracks about it.
///
/// One contact for every detection and one for every vessel whose absence from the image is worth a remark, ordered by
/// verdict, then id. The order of the inputs changes nothing. A rejected detection makes a contact only where a vessel or a
/// structure explains it.
///
/// A detection without a place of its own takes the middle of the scene's footprint with a σ that covers it, and is
/// `not_assessable`; one without a time takes the middle of the scene's. A detection for which neither it nor its scene
/// has a place and a time makes no contact: there is nothing to say about it beyond the detection.
pub fn fuse(input: &FuseInput) -> Vec<Contact> {
    let Some(joint) = Joint::new(&input.evidence) else {
        if !input.evidence.detections.is_empty() {
            tracing::warn!(
                scene = %input.evidence.scene.id,
                detections = input.evidence.detections.len(),
                "Neither the scene nor its detections have a time; no contact was made."
            );
        }
        return Vec::new();
    };
    let world = verdict::World {
        input,
        ships: &joint.ships,
        reception: Reception::new(
            (input.evidence.tracks, input.outages),
            joint.span,
            input.evidence.params,
        ),
        simulated: input.evidence.scene.simulated
            || input.evidence.tracks.iter().any(|track| track.simulated),
    };
    let mut contacts: Vec<Contact> = joint
        .detections
        .iter()
        .zip(&joint.explained)
        .filter_map(|(detection, explained)| world.detection_contact(detection, explained))
        .collect();
    contacts.extend(missing(&world, &joint));
    contacts.sort_by(|a, b| (a.verdict, &a.id).cmp(&(b.verdict, &b.id)));
    contacts
}

/// What may explain one detection, with probabilities that sum to 1 with a fixed structure's.
#[derive(Debug, Clone, PartialEq)]
pub struct Association {
    /// The detection.
    pub detection_id: String,
    /// Identity, part of the track, and probability of every vessel above one in ten thousand; the named one first
    /// (the naming of all detections of which most are right), then by falling probability.
    pub vessels: Vec<(Mmsi, u32, f64)>,
    /// Probability that nothing known explains it.
    pub none: f64,
}

/// The probabilities behind [`fuse`], a detection each, by detection id; empty without any time.
pub fn associate(evidence: &Evidence) -> Vec<Association> {
    let Some(joint) = Joint::new(evidence) else {
        return Vec::new();
    };
    let vessel = |(v, probability): &(usize, f64)| {
        let track = joint.ships[*v].track;
        (track.mmsi, track.part, *probability)
    };
    joint
        .detections
        .iter()
        .zip(&joint.explained)
        .map(|(detection, explained)| Association {
            detection_id: detection.id.clone(),
            vessels: explained.vessels.iter().map(vessel).collect(),
            none: explained.none,
        })
        .collect()
}

/// All detections with all that may explain them.
struct Joint<'a> {
    detections: Vec<&'a Detection>,
    ships: Vec<Candidate<'a>>,
    explained: Vec<Explained>,
    span: (Timestamp, Timestamp),
    middle: Timestamp,
}

impl<'a> Joint<'a> {
    /// `None` if neither the scene nor a detection has a time.
    fn new(evidence: &Evidence<'a>) -> Option<Self> {
        let mut detections: Vec<&Detection> = evidence.detections.iter().collect();
        detections.sort_by(|a, b| a.id.cmp(&b.id));
        let span = time_span(evidence)?;
        let middle = evidence.scene.middle().unwrap_or(span.0);
        let ships = gate::candidates(evidence.tracks, middle, evidence.params);
        let sighting = Sighting::new(evidence.scene.footprint.as_ref());
        let ground = Ground::new(&detections, evidence.searched_km2, &sighting);
        let with = (&sighting, ground.as_ref(), evidence.params);
        let pairs = gate::pairs(&detections, &ships, evidence.scene.middle(), with);
        let structures = Structures::new(evidence, middle);
        let explained = explain::explain(evidence, &detections, &pairs, &structures);
        Some(Self {
            detections,
            ships,
            explained,
            span,
            middle,
        })
    }
}

/// Contacts of vessels that should have been seen and were not.
fn missing(world: &verdict::World, joint: &Joint) -> Vec<Contact> {
    // Without the scene's own time there is no instant at which every vessel can be looked for.
    if world.input.evidence.scene.middle().is_none() {
        return Vec::new();
    }
    let mut paired = vec![false; joint.ships.len()];
    for (vessel, _) in joint.explained.iter().flat_map(|e| &e.vessels) {
        paired[*vessel] = true;
    }
    let echoes = ais_only::Echoes::new(&joint.detections);
    joint
        .ships
        .iter()
        .zip(paired)
        .filter_map(|(ship, paired)| {
            let missing = ais_only::assess(world.input, ship, paired, &echoes).ok()?;
            Some(world.missing_contact(ship, missing, joint.middle))
        })
        .collect()
}

/// First and last instant of the image, or of its detections.
fn time_span(evidence: &Evidence) -> Option<(Timestamp, Timestamp)> {
    let scene = [evidence.scene.start, evidence.scene.stop];
    let times = || {
        scene
            .into_iter()
            .flatten()
            .chain(evidence.detections.iter().filter_map(|d| d.time))
    };
    Some((times().min()?, times().max()?))
}
