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
mod gate;
mod likelihood;
mod params;
mod posterior;
mod reception;
mod shift;
mod state;
mod structure;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod verdict;

pub use params::{FuseError, FuseParams, MotionLaw};
pub use shift::azimuth_shift_m;

use crate::model::contact::Contact;
use crate::model::detection::Detection;
use crate::model::outage::Outage;
use crate::model::scene::Scene;
use crate::model::track::Track;
use crate::model::units::LonLat;
use crate::region::{Land, RegionIndex};
use assign::Edge;
use gate::{Candidate, Pair, chord2};
use jiff::Timestamp;
use reception::Reception;
use rstar::RTree;
use structure::Structures;

/// Half the window in which the density of detections is measured, metres.
const DENSITY_RADIUS_M: f64 = 10_000.0;

/// What one fusion looks at.
#[derive(Clone, Copy)]
pub struct FuseInput<'a> {
    /// The image.
    pub scene: &'a Scene,
    /// What was found in it.
    pub detections: &'a [Detection],
    /// Who was heard, hours before to hours after the image, at least half an hour on both sides.
    pub tracks: &'a [Track],
    /// When feeds of AIS were not heard.
    pub outages: &'a [Outage],
    /// Land, to keep silent about vessels in port.
    pub land: Option<&'a Land>,
    /// Fixed structures: platforms, turbines, beacons.
    pub infrastructure: &'a [LonLat],
    /// Watch regions.
    pub regions: &'a RegionIndex,
    /// Sea searched, square kilometres.
    pub searched_km2: Option<f64>,
    /// Settings.
    pub params: &'a FuseParams,
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
    let mut detections: Vec<&Detection> = input.detections.iter().collect();
    detections.sort_by(|a, b| a.id.cmp(&b.id));
    let Some(span) = time_span(input) else {
        if !detections.is_empty() {
            tracing::warn!(
                scene = %input.scene.id,
                detections = detections.len(),
                "Neither the scene nor its detections have a time; no contact was made."
            );
        }
        return Vec::new();
    };
    let middle = input.scene.middle().unwrap_or(span.0);
    let ships = gate::candidates(input.tracks, middle, input.params);
    let pairs = gate::pairs(&detections, &ships, input.scene.middle(), input.params);
    let structures = Structures::new(input, middle);
    let explained = explain(input, &detections, &ships, &pairs, &structures);
    let world = verdict::World {
        input,
        ships: &ships,
        reception: Reception::new((input.tracks, input.outages), span, input.params),
        simulated: input.scene.simulated || input.tracks.iter().any(|track| track.simulated),
    };
    let mut contacts: Vec<Contact> = detections
        .iter()
        .zip(&explained)
        .filter_map(|(detection, explained)| world.detection_contact(detection, explained))
        .collect();
    contacts.extend(missing(&world, &detections, &explained, middle));
    contacts.sort_by(|a, b| (a.verdict, &a.id).cmp(&(b.verdict, &b.id)));
    contacts
}

/// Everything that may explain one detection.
struct Explained {
    /// Pairs with their probability, the best joint explanation's pair first, then by falling probability.
    vessels: Vec<(Pair, f64)>,
    /// Probability of a fixed structure.
    fixed: f64,
    /// Distance to the nearest structure within reach, metres.
    structure: Option<structure::Near>,
    /// Probability that nothing known explains it.
    none: f64,
}

/// Weighs all pairs together.
fn explain(
    input: &FuseInput,
    detections: &[&Detection],
    ships: &[Candidate],
    pairs: &[Pair],
    structures: &Structures,
) -> Vec<Explained> {
    let densities = densities_per_m2(input, detections);
    let nearest: Vec<Option<structure::Near>> = detections
        .iter()
        .map(|d| d.position.and_then(|place| structures.nearest(place)))
        .collect();
    // Weight of a structure relative to clutter: 0 if there is none.
    let structure_odds: Vec<f64> = nearest
        .iter()
        .zip(&densities)
        .map(|(near, density)| near.map_or(0.0, |_| structures.odds(*density)))
        .collect();
    let edges: Vec<Edge> = pairs
        .iter()
        .map(|pair| {
            let d = pair.detection;
            let track = ships[pair.vessel].track;
            let ratio = likelihood::log_ratio(pair, track, detections[d], densities[d]);
            Edge {
                detection: d,
                vessel: pair.vessel,
                log_ratio: ratio - structure_odds[d].ln_1p(),
            }
        })
        .collect();
    let mut found: Vec<Vec<(bool, Pair, f64)>> = vec![Vec::new(); detections.len()];
    for component in assign::components(&edges) {
        let best = assign::best_assignment(&component);
        let probabilities = posterior::pair_probabilities(&component);
        for (row, &d) in component.detections.iter().enumerate() {
            for (column, &v) in component.vessels.iter().enumerate() {
                let probability = probabilities[row * component.vessels.len() + column];
                let at = pairs.partition_point(|p| (p.detection, p.vessel) < (d, v));
                if component.at(row, column).is_some() {
                    found[d].push((best[row] == Some(column), pairs[at], probability));
                }
            }
        }
    }
    found
        .into_iter()
        .zip(nearest)
        .zip(structure_odds)
        .map(|((mut vessels, structure), odds)| {
            vessels.sort_by(|a, b| {
                let order = (b.0.cmp(&a.0)).then(b.2.total_cmp(&a.2));
                order.then(a.1.vessel.cmp(&b.1.vessel))
            });
            let explained: f64 = vessels.iter().map(|(_, _, p)| p).sum();
            let rest = (1.0 - explained).max(0.0);
            Explained {
                vessels: vessels.into_iter().map(|(_, pair, p)| (pair, p)).collect(),
                fixed: rest * odds / (1.0 + odds),
                structure,
                none: rest / (1.0 + odds),
            }
        })
        .collect()
}

/// Detections a square metre in a window of 20 km about each, itself included; the window is no larger than the sea searched.
fn densities_per_m2(input: &FuseInput, detections: &[&Detection]) -> Vec<f64> {
    let window_m2 = std::f64::consts::PI * DENSITY_RADIUS_M * DENSITY_RADIUS_M;
    let area_m2 = match input.searched_km2 {
        Some(km2) if km2 > 0.0 => window_m2.min(km2 * 1e6),
        _ => window_m2,
    };
    let places: Vec<[f64; 3]> = detections
        .iter()
        .filter_map(|d| d.position.map(LonLat::unit_vector))
        .collect();
    let index = RTree::bulk_load(places);
    detections
        .iter()
        .map(|d| {
            let count = d.position.map_or(1, |place| {
                index
                    .locate_within_distance(place.unit_vector(), chord2(DENSITY_RADIUS_M))
                    .count()
            });
            count.max(1) as f64 / area_m2
        })
        .collect()
}

/// Contacts of vessels that should have been seen and were not.
fn missing(
    world: &verdict::World,
    detections: &[&Detection],
    explained: &[Explained],
    middle: Timestamp,
) -> Vec<Contact> {
    // Without the scene's own time there is no instant at which every vessel can be looked for.
    if world.input.scene.middle().is_none() {
        return Vec::new();
    }
    let mut paired = vec![false; world.ships.len()];
    for (pair, _) in explained.iter().flat_map(|e| &e.vessels) {
        paired[pair.vessel] = true;
    }
    let echoes = ais_only::Echoes::new(detections);
    world
        .ships
        .iter()
        .zip(paired)
        .filter_map(|(ship, paired)| {
            let missing = ais_only::assess(world.input, ship, paired, &echoes).ok()?;
            Some(world.missing_contact(ship, missing, middle))
        })
        .collect()
}

/// First and last instant of the image, or of its detections.
fn time_span(input: &FuseInput) -> Option<(Timestamp, Timestamp)> {
    let scene = [input.scene.start, input.scene.stop];
    let times = || {
        scene
            .into_iter()
            .flatten()
            .chain(input.detections.iter().filter_map(|d| d.time))
    };
    Some((times().min()?, times().max()?))
}
