//! Vessels that AIS puts in searched sea and that the image does not show.
//!
//! A remark of this kind is made only if every other reading is shut out: the vessel is a class A or B ship
//! with a fresh, unambiguous place, far from the shore and the image's edge, large enough to be seen, and no
//! echo lies where it could be. Each refusal is a variant of [`Refusal`], so that tests can name it.

use super::FuseInput;
use super::gate::Candidate;
use super::imaging::{Optics, echo_error, imaged};
use super::likelihood::expected_length_m;
use super::seen::{Sea, detection_probability};
use super::state::seconds;
use crate::model::detection::Detection;
use crate::model::scene::SarGeometry;
use crate::model::shape;
use crate::model::track::AisClass;
use crate::model::units::LonLat;
use rstar::RTree;
use rstar::primitives::GeomWithData;

/// An echo this near the vessel's place could hold it, metres: two ships side by side make one echo.
const SHARED_ECHO_M: f64 = 500.0;
/// Greatest standard deviation of the vessel's place, metres.
const VAGUE_M: f64 = 500.0;

/// Why the absence of an echo says nothing about a vessel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Not class A or B.
    Equipment,
    /// Its nearest report is too old, its place too vague, or its reports contradict each other.
    Vague,
    /// Too short, or of unknown length and not class A.
    Small,
    /// A detector would often miss it.
    HardToSee,
    /// On or near land.
    Shore,
    /// Outside the image or near its edge.
    Edge,
    /// An echo lies where it could be.
    Echo,
}

/// An echo's place, viewing geometry and the sea about it.
type Echo = (LonLat, Option<SarGeometry>, Sea);

/// The detections' places, for the question which echo is nearest.
pub(super) struct Echoes {
    index: RTree<GeomWithData<[f64; 3], Echo>>,
}

impl Echoes {
    pub(super) fn new(detections: &[&Detection]) -> Self {
        let entries = detections
            .iter()
            .filter_map(|d| Some((d.position?, d.sar, Sea::about(d))))
            .map(|entry| GeomWithData::new(entry.0.unit_vector(), entry))
            .collect();
        Self {
            index: RTree::bulk_load(entries),
        }
    }

    /// The echo nearest to `place`.
    fn nearest(&self, place: LonLat) -> Option<&Echo> {
        let entry = self.index.nearest_neighbor(place.unit_vector())?;
        Some(&entry.data)
    }
}

/// What speaks for the remark.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Missing {
    /// Probability that a vessel so placed would have been seen.
    pub(super) detection_probability: f64,
    /// Distance to the edge of the image, metres.
    pub(super) edge_m: f64,
    /// Standard deviation of the vessel's place, metres.
    pub(super) sigma_m: f64,
}

/// Decides whether a vessel's absence from the image is worth a remark.
///
/// `paired` tells that one of its pairs passed the gate.
pub(super) fn assess(
    input: &FuseInput,
    ship: &Candidate,
    paired: bool,
    echoes: &Echoes,
) -> Result<Missing, Refusal> {
    let params = input.evidence.params;
    let state = &ship.middle;
    if !matches!(ship.track.class, AisClass::A | AisClass::B) {
        return Err(Refusal::Equipment);
    }
    let nearest = echoes.nearest(state.position());
    let sar = nearest.and_then(|echo| echo.1.as_ref());
    // Every law must agree: one that has the vessel elsewhere widens the place.
    let mode = &state.modes[0];
    let (seen_m, _, mut covariance) = imaged(mode, &sar.map(Optics::of));
    let place = state.plane.place(seen_m);
    let hull_m = expected_length_m(ship);
    covariance = covariance.plus(echo_error(state, mode, (hull_m, params.detection_sigma_m)));
    // A row's own time is up to half a scene away from the middle.
    let row_time_m = mode.speed_mps() * half_duration_s(input);
    covariance.east += row_time_m * row_time_m;
    covariance.north += row_time_m * row_time_m;
    let sigma_m = covariance.longest_m().hypot(state.sigma_m());
    if state.clash || state.dt_s() > params.ais_only_minutes * 60.0 || sigma_m > VAGUE_M {
        return Err(Refusal::Vague);
    }
    let long_enough = match ship.track.vessel.length_m {
        Some(length_m) => length_m >= params.ais_only_min_length_m,
        None => ship.track.class == AisClass::A,
    };
    if !long_enough {
        return Err(Refusal::Small);
    }
    let sea = nearest.map(|echo| echo.2).unwrap_or_default();
    let probability = detection_probability(expected_length_m(ship), sea);
    if probability <= params.ais_only_detection_probability {
        return Err(Refusal::HardToSee);
    }
    if near_land(input, state.position()) || near_land(input, place) {
        return Err(Refusal::Shore);
    }
    let gate_m = params.gate_chi2.sqrt() * sigma_m;
    let edge_m = inside_by_m(input, state.position())
        .zip(inside_by_m(input, place))
        .map(|(true_m, imaged_m)| true_m.min(imaged_m))
        .filter(|edge_m| *edge_m >= gate_m)
        .ok_or(Refusal::Edge)?;
    let shared_m = gate_m.max(SHARED_ECHO_M);
    let echo_m = echoes.nearest(place).map(|echo| echo.0.distance_m(place));
    if paired || echo_m.is_some_and(|metres| metres <= shared_m) {
        return Err(Refusal::Echo);
    }
    Ok(Missing {
        detection_probability: probability,
        edge_m,
        sigma_m,
    })
}

/// Half the time the image took, seconds; 0 if not known.
pub(super) fn half_duration_s(input: &FuseInput) -> f64 {
    match (input.evidence.scene.start, input.evidence.scene.stop) {
        (Some(start), Some(stop)) => seconds(start, stop).abs() / 2.0,
        _ => 0.0,
    }
}

fn near_land(input: &FuseInput, place: LonLat) -> bool {
    input.land.is_some_and(|land| {
        land.contains(place)
            || land
                .shore_distance_m(place)
                .is_some_and(|distance_m| distance_m <= input.evidence.params.ais_only_shore_m)
    })
}

/// Distance from a place inside the image to its edge, metres; `None` outside or without a footprint.
fn inside_by_m(input: &FuseInput, place: LonLat) -> Option<f64> {
    let footprint = input.evidence.scene.footprint.as_ref()?;
    shape::contains(footprint, place).then(|| shape::edge_distance_m(footprint, place))?
}
