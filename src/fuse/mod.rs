//! Detections and tracks in, [`Contact`]s out: which ship is which echo, how sure that is, and what nobody explains.
//!
//! The steps, in the order of the calls in [`fuse`]: predict every vessel at the image's time (`state`), move it by its
//! azimuth shift (`shift`), gate the pairs (`gate`), weigh them (`likelihood`), solve each linked component for the
//! best joint explanation (`assign`) and for the probability of every pair (`posterior`), then word the verdicts
//! (`verdict`). Vessels without an echo are looked at last (`ais_only`).
//!
//! Known fixed structures enter as a second kind of "no ship": within `fixed_radius_m` of one, the weight of "none of
//! these vessels" is raised by the structure's own, far above any ship's.

mod ais_only;
mod assign;
mod clutter;
mod gate;
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
mod state;
mod structure;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod verdict;

pub use learn::learn_motion;
pub use params::{FuseError, FuseParams, MotionLaw};
pub use shift::azimuth_shift_m;

use crate::model::contact::Contact;
use crate::model::detection::Detection;
use crate::model::scene::Scene;
use crate::model::track::Track;
use crate::model::units::{LonLat, Mmsi};
use crate::region::{Land, RegionIndex};
use assign::{Component, Edge};
use clutter::Clutter;
use gate::{Candidate, Pair};
use jiff::Timestamp;
use rayon::prelude::*;
use reception::Reception;
use seen::Sighting;
use structure::Structures;

/// Turns between clutter and explanations, at most.
const TURNS: usize = 12;
/// Change of a probability at which the two have settled.
const SETTLED: f64 = 0.005;

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
    /// Land, to keep silent about vessels in port.
    pub land: Option<&'a Land>,
    /// Watch regions.
    pub regions: &'a RegionIndex,
}

/// Fuses one scene's detections with the tracks about it.
///
/// One contact for every detection and one for every vessel whose absence from the image is worth a remark, ordered by
/// verdict, then id. The order of the inputs changes nothing.
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
        reception: Reception::new(input.evidence.tracks, joint.span, input.evidence.params),
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
    /// Identity, part of the track, and probability of every vessel above one in ten thousand; the best joint explanation's
    /// first, then by falling probability.
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
        let with = (&sighting, evidence.params);
        let pairs = gate::pairs(&detections, &ships, evidence.scene.middle(), with);
        let structures = Structures::new(evidence, middle);
        let explained = explain(evidence, &detections, &pairs, &structures);
        Some(Self {
            detections,
            ships,
            explained,
            span,
            middle,
        })
    }
}

/// Everything that may explain one detection.
struct Explained {
    /// Vessels with their probability, the named one first, then by falling probability.
    vessels: Vec<(usize, f64)>,
    /// Probability of a fixed structure.
    fixed: f64,
    /// Distance to the nearest structure within reach, metres.
    structure: Option<structure::Near>,
    /// Probability that nothing known explains it.
    none: f64,
}

/// Weighs all pairs together: by turns what the pairs are worth against clutter, and how much clutter there is.
fn explain(
    evidence: &Evidence,
    detections: &[&Detection],
    pairs: &[Pair],
    structures: &Structures,
) -> Vec<Explained> {
    let clutter = Clutter::new(detections, evidence.searched_km2);
    let nearest: Vec<Option<structure::Near>> = detections
        .iter()
        .map(|d| d.position.and_then(|place| structures.nearest(place)))
        .collect();
    let mut unexplained = vec![1.0; detections.len()];
    for turn in 1.. {
        let densities = clutter.densities_per_m2(&unexplained);
        // Weight of a structure relative to clutter: 0 if there is none.
        let odds: Vec<f64> = nearest
            .iter()
            .zip(&densities)
            .map(|(near, density)| near.map_or(0.0, |_| structures.odds(*density)))
            .collect();
        let otherwise: Vec<f64> = clutter
            .log_likelihoods(&densities, &unexplained)
            .iter()
            .zip(&odds)
            .map(|(clutter, odds)| clutter + odds.ln_1p())
            .collect();
        let edges: Vec<Edge> = pairs
            .iter()
            .map(|pair| Edge {
                detection: pair.detection,
                vessel: pair.vessel,
                log_ratio: pair.log_likelihood - otherwise[pair.detection],
            })
            .collect();
        let components = assign::components(&edges);
        let probabilities: Vec<Vec<Vec<f64>>> = components
            .par_iter()
            .map(posterior::pair_probabilities)
            .collect();
        let mut before = std::mem::replace(&mut unexplained, vec![1.0; detections.len()]);
        for (component, rows) in components.iter().zip(&probabilities) {
            for (d, row) in component.detections.iter().zip(rows) {
                unexplained[*d] -= row.iter().sum::<f64>();
            }
        }
        for ((share, odds), before) in unexplained.iter_mut().zip(&odds).zip(&mut before) {
            *share = share.max(0.0) / (1.0 + odds);
            *before = (*before - *share).abs();
        }
        let change = before.iter().fold(0.0_f64, |most, by| most.max(*by));
        if change < SETTLED || turn == TURNS {
            return named(&components, &probabilities, (&nearest, &odds));
        }
    }
    Vec::new()
}

/// Names a vessel for each detection: the joint choice of the greatest expected number of right answers.
fn named(
    components: &[Component],
    probabilities: &[Vec<Vec<f64>>],
    (nearest, odds): (&[Option<structure::Near>], &[f64]),
) -> Vec<Explained> {
    let mut explained: Vec<Explained> = nearest
        .iter()
        .zip(odds)
        .map(|(structure, odds)| Explained {
            vessels: Vec::new(),
            fixed: odds / (1.0 + odds),
            structure: *structure,
            none: 1.0 / (1.0 + odds),
        })
        .collect();
    for (component, rows) in components.iter().zip(probabilities) {
        let best = assign::best_assignment(component);
        for (((d, cells), row), best) in component
            .detections
            .iter()
            .zip(&component.rows)
            .zip(rows)
            .zip(best)
        {
            let mut vessels: Vec<(bool, usize, f64)> = cells
                .iter()
                .zip(row)
                .map(|((column, _), p)| (best == Some(*column), component.vessels[*column], *p))
                .collect();
            vessels.sort_by(|a, b| {
                let order = (b.0.cmp(&a.0)).then(b.2.total_cmp(&a.2));
                order.then(a.1.cmp(&b.1))
            });
            let rest = (1.0 - vessels.iter().map(|(_, _, p)| p).sum::<f64>()).max(0.0);
            explained[*d].vessels = vessels.into_iter().map(|(_, v, p)| (v, p)).collect();
            explained[*d].fixed *= rest;
            explained[*d].none *= rest;
        }
    }
    explained
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
