//! What bright ships cast, against what was flagged as such.

use super::{Pairing, apart_m};
use crate::lab::truth::{ArtefactKind, Imaged, Truth, TruthShip};
use crate::model::detection::Detection;
use serde::Serialize;
use std::ops::AddAssign;

/// Doubt of a dim detection's place, pixels.
const PLACE_PX: f64 = 5.0;

/// How many of what was seen was flagged as cast by something else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ArtefactCounts {
    /// Detections of azimuth ambiguities, and those of them that were flagged.
    pub ambiguities: (usize, usize),
    /// Detections on lines of sidelobes, likewise.
    pub sidelobes: (usize, usize),
    /// Detections of ships, likewise: these flags are wrong.
    pub ships: (usize, usize),
    /// Detections of nothing, likewise.
    pub nothing: (usize, usize),
}

impl AddAssign for ArtefactCounts {
    fn add_assign(&mut self, other: Self) {
        for (to, from) in [
            (&mut self.ambiguities, other.ambiguities),
            (&mut self.sidelobes, other.sidelobes),
            (&mut self.ships, other.ships),
            (&mut self.nothing, other.nothing),
        ] {
            *to = (to.0 + from.0, to.1 + from.1);
        }
    }
}

impl ArtefactCounts {
    /// Adds one scene, whose every detection, flagged or not, was paired with its ships.
    pub(super) fn add(
        &mut self,
        truth: &Truth,
        hulls: &[(&TruthShip, Imaged)],
        (detections, pairing): (&[&Detection], &Pairing),
    ) {
        for (number, detection) in detections.iter().enumerate() {
            let of_ship = pairing.pairs.iter().any(|(_, found)| *found == number)
                || hulls
                    .iter()
                    .any(|(ship, imaged)| is_on(ship, imaged, detection, truth));
            let count = if of_ship {
                &mut self.ships
            } else {
                match cast(truth, detection) {
                    Some(ArtefactKind::AzimuthAmbiguity) => &mut self.ambiguities,
                    Some(ArtefactKind::Sidelobe) => &mut self.sidelobes,
                    None => &mut self.nothing,
                }
            };
            count.0 += 1;
            count.1 += usize::from(detection.is_rejected());
        }
    }
}

/// True if a detection lies on a ship's hull: one hull in two pieces.
fn is_on(ship: &TruthShip, imaged: &Imaged, detection: &Detection, truth: &Truth) -> bool {
    apart_m(imaged, detection, truth.pixel_spacing_m) <= ship.length_m / 2.0
}

/// What casts something where a detection is.
fn cast(truth: &Truth, detection: &Detection) -> Option<ArtefactKind> {
    let on_it = truth.artefacts.iter().filter(|artefact| {
        let source = truth.ships.iter().find(|ship| ship.id == artefact.source);
        let half_px = source.map_or(0.0, |ship| ship.length_m / 2.0 / truth.pixel_spacing_m);
        let reach = half_px + PLACE_PX;
        (detection.row - artefact.row).abs() <= reach + artefact.rows_px
            && (detection.col - artefact.col).abs() <= reach + artefact.cols_px
    });
    // An ambiguity is a smaller place than a line: it explains better.
    on_it
        .map(|artefact| artefact.kind)
        .min_by_key(|kind| *kind == ArtefactKind::Sidelobe)
}
