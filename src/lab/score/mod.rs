//! Detections and contacts against truth: how many, how near, how long, and judged how.
//!
//! In: one or more scenes, each with its truth and what was found in it. Out: [`Score`], which serialises to JSON and prints
//! as a table. Matching and the detection terms follow the xView3 challenge: an optimal assignment within 200 m in which
//! pairs further apart cost so much that they are never preferred; detections of `Low` objects are dropped. Detections that
//! were rejected count as none.
//!
//! # Source
//!
//! DIUx-xView/xview3-reference, `metric.py` (Paolo et al. 2022, xView3-SAR, §5).

mod artefacts;
mod matching;
mod table;
mod xview3;

use super::truth::{Confidence, Imaged, Truth, TruthShip};
use crate::model::contact::{Contact, Verdict};
use crate::model::detection::Detection;
use crate::model::units::LonLat;
pub use artefacts::ArtefactCounts;
pub use matching::{MATCH_M, Pairing, pair};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
pub use xview3::{Label, Prediction, XView3Score, read_labels, score_xview3};

/// Lengths count up to here, metres (xView3).
const LENGTH_CAP_M: f64 = 500.0;
/// Objects and detections nearer to the shore than this make up the near-shore figure, metres (xView3).
const NEAR_SHORE_M: f64 = 2000.0;
/// Upper ends of the length classes, metres.
const LENGTH_CLASSES_M: [f64; 5] = [25.0, 50.0, 100.0, 200.0, f64::INFINITY];

/// What was found in one scene, and what is there.
#[derive(Debug, Clone, Copy)]
pub struct ScoredScene<'a> {
    /// What is there.
    pub truth: &'a Truth,
    /// What was detected; only detections of the truth's scene count.
    pub detections: &'a [Detection],
    /// What was made of it; empty if nothing was judged.
    pub contacts: &'a [Contact],
}

/// Figures over all scenes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// Scenes scored.
    pub scenes: usize,
    /// Detections against objects.
    pub detection: Rates,
    /// The same within 2 km of the shore; `None` if no distance to shore is known.
    pub near_shore: Option<Rates>,
    /// 1 − mean relative length error (each at most 1 in the mean), over matched pairs with a length.
    pub length_score: Option<f64>,
    /// Mean and median absolute length error, metres.
    pub length_error_m: Option<(f64, f64)>,
    /// Mean of detected minus true length, metres.
    pub length_bias_m: Option<f64>,
    /// Errors of place over matched pairs with a position.
    pub location: Option<LocationError>,
    /// Recall by true length: (upper end in metres, rates without false alarms).
    pub by_length: Vec<LengthClass>,
    /// Counts by (true verdict, assigned verdict), both as written in outputs. Truth may also be `false_alarm`; an
    /// assigned verdict may also be `missed`, or `unjudged` for a detection without a contact.
    pub verdicts: Vec<VerdictCount>,
    /// Share of true verdicts that were assigned, of those detected or without a hull; `None` without contacts.
    pub verdict_accuracy: Option<f64>,
    /// Correlated contacts that name the right vessel, and all correlated contacts of transmitting ships.
    pub identities: (usize, usize),
    /// What bright ships cast, where the truth tells it.
    pub artefacts: Option<ArtefactCounts>,
}

/// Counts with precision, recall and F1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Rates {
    /// Objects found.
    pub hits: usize,
    /// Objects not found.
    pub misses: usize,
    /// Detections of nothing.
    pub false_alarms: usize,
    /// Hits over all detections; `None` without detections.
    pub precision: Option<f64>,
    /// Hits over all objects; `None` without objects.
    pub recall: Option<f64>,
    /// Harmonic mean; `None` without objects and detections.
    pub f1: Option<f64>,
}

impl Rates {
    pub(crate) fn new(hits: usize, misses: usize, false_alarms: usize) -> Self {
        let share = |part: usize, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
        Self {
            hits,
            misses,
            false_alarms,
            precision: share(hits, hits + false_alarms),
            recall: share(hits, hits + misses),
            f1: share(2 * hits, 2 * hits + misses + false_alarms),
        }
    }
}

/// Distances between detected and imaged places, metres.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LocationError {
    /// Median distance.
    pub median_m: f64,
    /// 95th percentile of the distance.
    pub p95_m: f64,
    /// Mean error along the flight direction.
    pub azimuth_bias_m: f64,
    /// Mean error to the right of the flight direction: along range.
    pub range_bias_m: f64,
}

/// Recall of one class of lengths.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LengthClass {
    /// Objects up to this length, metres; `None` for the last, open class.
    pub up_to_m: Option<f64>,
    /// Objects found.
    pub hits: usize,
    /// Objects not found.
    pub misses: usize,
}

/// One cell of the table of verdicts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerdictCount {
    /// True verdict.
    pub truth: String,
    /// Assigned verdict.
    pub assigned: String,
    /// How often.
    pub count: usize,
}

/// Scores scenes against their truth.
pub fn score(scenes: &[ScoredScene<'_>]) -> Score {
    let mut tally = Tally::default();
    for scene in scenes {
        tally.scene(scene);
    }
    tally.finish(scenes.len())
}

/// Sums over scenes.
#[derive(Default)]
struct Tally {
    /// Hits, misses, false alarms: all, and near the shore.
    all: [usize; 3],
    near: [usize; 3],
    shore_known: bool,
    /// (detected, true) lengths.
    lengths: Vec<(f64, f64)>,
    /// Errors (distance, along azimuth, along range).
    errors: Vec<[f64; 3]>,
    /// Hits and misses a class.
    classes: [(usize, usize); LENGTH_CLASSES_M.len()],
    verdicts: BTreeMap<(String, String), usize>,
    right: usize,
    judged: usize,
    identities: (usize, usize),
    artefacts: Option<ArtefactCounts>,
}

impl Tally {
    fn scene(&mut self, scene: &ScoredScene<'_>) {
        let hulls: Vec<(&TruthShip, Imaged)> = scene
            .truth
            .ships
            .iter()
            .filter_map(|ship| Some((ship, ship.imaged?)))
            .collect();
        let all: Vec<&Detection> = scene
            .detections
            .iter()
            .filter(|detection| detection.scene_id == scene.truth.scene_id)
            .collect();
        let dim: Vec<bool> = hulls
            .iter()
            .map(|(ship, _)| ship.confidence == Confidence::Low)
            .collect();
        let paired = |detections: &[&Detection]| {
            pair(&dim, detections.len(), |ship, detection| {
                apart_m(
                    &hulls[ship].1,
                    detections[detection],
                    scene.truth.pixel_spacing_m,
                )
            })
        };
        if !scene.truth.artefacts.is_empty() {
            let counts = self.artefacts.get_or_insert_default();
            counts.add(scene.truth, &hulls, (&all, &paired(&all)));
        }
        let mut detections = all;
        detections.retain(|detection| !detection.is_rejected());
        let pairing = paired(&detections);
        for &(ship, detection) in &pairing.pairs {
            let (ship, imaged) = hulls[ship];
            let dropped = ship.confidence == Confidence::Low;
            self.found(ship, detections[detection], dropped);
            if !dropped {
                let heading = scene.truth.track_heading_deg;
                self.measured(heading, (ship, &imaged), detections[detection]);
            }
        }
        for ship in &pairing.alone {
            let (ship, _) = hulls[*ship];
            if ship.confidence == Confidence::High {
                self.missed(ship);
            }
        }
        for detection in &pairing.unexplained {
            let near = is_near(detections[*detection].shore_distance_m);
            self.all[2] += 1;
            self.near[2] += usize::from(near);
        }
        if !scene.contacts.is_empty() {
            self.judge(scene, &hulls, (&detections, &pairing));
        }
    }

    fn found(&mut self, ship: &TruthShip, detection: &Detection, dropped: bool) {
        self.shore_known |= ship.shore_distance_m.is_some() || detection.shore_distance_m.is_some();
        if dropped {
            return;
        }
        self.all[0] += 1;
        let near = is_near(ship.shore_distance_m.or(detection.shore_distance_m));
        self.near[0] += usize::from(near);
        self.classes[class_of(ship.length_m)].0 += 1;
    }

    fn missed(&mut self, ship: &TruthShip) {
        self.shore_known |= ship.shore_distance_m.is_some();
        self.all[1] += 1;
        self.near[1] += usize::from(is_near(ship.shore_distance_m));
        self.classes[class_of(ship.length_m)].1 += 1;
    }

    fn measured(
        &mut self,
        track_heading_deg: f64,
        (ship, imaged): (&TruthShip, &Imaged),
        found: &Detection,
    ) {
        if let Some(length) = found.length_m {
            self.lengths
                .push((length.min(LENGTH_CAP_M), ship.length_m.min(LENGTH_CAP_M)));
        }
        if let Some(position) = found.position {
            let (distance, bearing) = imaged.position.inverse(position);
            let from_track = (bearing - track_heading_deg).to_radians();
            self.errors.push([
                distance,
                distance * from_track.cos(),
                distance * from_track.sin(),
            ]);
        }
    }

    /// Lays verdicts against each other: by detection for hulls, by identity for those without.
    fn judge(
        &mut self,
        scene: &ScoredScene<'_>,
        hulls: &[(&TruthShip, Imaged)],
        (detections, pairing): (&[&Detection], &Pairing),
    ) {
        let by_detection: BTreeMap<&str, &Contact> = scene
            .contacts
            .iter()
            .filter_map(|contact| Some((contact.detection_id.as_deref()?, contact)))
            .collect();
        let assigned = |detection: &Detection| by_detection.get(detection.id.as_str()).copied();
        for &(ship, detection) in &pairing.pairs {
            let (ship, _) = hulls[ship];
            let Some(expected) = ship.expected else {
                continue;
            };
            let contact = assigned(detections[detection]);
            self.count(expected.as_str(), contact.map(|contact| contact.verdict));
            self.judged += 1;
            self.right += usize::from(contact.is_some_and(|c| c.verdict == expected));
            if let (Verdict::Correlated, Some(contact)) = (expected, contact)
                && contact.verdict == Verdict::Correlated
            {
                let named = contact.vessel.as_ref().map(|vessel| vessel.mmsi);
                self.identities.0 += usize::from(named == ship.mmsi);
                self.identities.1 += 1;
            }
        }
        for ship in &pairing.alone {
            let (ship, _) = hulls[*ship];
            if let (Some(expected), Confidence::High) = (ship.expected, ship.confidence) {
                self.cell(expected.as_str(), "missed");
            }
        }
        for detection in &pairing.unexplained {
            let contact = assigned(detections[*detection]);
            self.count("false_alarm", contact.map(|contact| contact.verdict));
        }
        self.hull_less(scene);
    }

    fn hull_less(&mut self, scene: &ScoredScene<'_>) {
        let ids: BTreeSet<&str> = scene.detections.iter().map(|d| d.id.as_str()).collect();
        for ship in scene
            .truth
            .ships
            .iter()
            .filter(|ship| ship.imaged.is_none())
        {
            let Some(expected) = ship.expected else {
                continue;
            };
            let contact = scene.contacts.iter().find(|contact| {
                let names_it = contact.vessel.as_ref().map(|vessel| vessel.mmsi) == ship.mmsi;
                let seen = contact
                    .detection_id
                    .as_deref()
                    .is_some_and(|id| ids.contains(id));
                names_it && (!seen || contact.verdict == Verdict::Correlated)
            });
            self.judged += 1;
            self.right += usize::from(contact.is_some_and(|c| c.verdict == expected));
            match contact {
                Some(contact) => self.count(expected.as_str(), Some(contact.verdict)),
                None => self.cell(expected.as_str(), "missed"),
            }
        }
    }

    fn count(&mut self, truth: &str, assigned: Option<Verdict>) {
        self.cell(truth, assigned.map_or("unjudged", Verdict::as_str));
    }

    fn cell(&mut self, truth: &str, assigned: &str) {
        let key = (truth.to_owned(), assigned.to_owned());
        *self.verdicts.entry(key).or_default() += 1;
    }

    fn finish(self, scenes: usize) -> Score {
        let mean = |values: &mut dyn Iterator<Item = f64>| {
            let values: Vec<f64> = values.collect();
            (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
        };
        let relative = mean(&mut self.lengths.iter().map(|(p, g)| (p - g).abs() / g));
        let mut absolute: Vec<f64> = self.lengths.iter().map(|(p, g)| (p - g).abs()).collect();
        absolute.sort_by(f64::total_cmp);
        let mut distances: Vec<f64> = self.errors.iter().map(|error| error[0]).collect();
        distances.sort_by(f64::total_cmp);
        Score {
            scenes,
            detection: Rates::new(self.all[0], self.all[1], self.all[2]),
            near_shore: self
                .shore_known
                .then(|| Rates::new(self.near[0], self.near[1], self.near[2])),
            length_score: relative.map(|relative| 1.0 - relative.min(1.0)),
            length_error_m: mean(&mut absolute.iter().copied()).zip(quantile(&absolute, 0.5)),
            length_bias_m: mean(&mut self.lengths.iter().map(|(p, g)| p - g)),
            location: quantile(&distances, 0.5).map(|median_m| LocationError {
                median_m,
                p95_m: quantile(&distances, 0.95).unwrap_or(median_m),
                azimuth_bias_m: mean(&mut self.errors.iter().map(|e| e[1])).unwrap_or(0.0),
                range_bias_m: mean(&mut self.errors.iter().map(|e| e[2])).unwrap_or(0.0),
            }),
            by_length: LENGTH_CLASSES_M
                .iter()
                .zip(self.classes)
                .map(|(up_to, (hits, misses))| LengthClass {
                    up_to_m: up_to.is_finite().then_some(*up_to),
                    hits,
                    misses,
                })
                .collect(),
            verdicts: self
                .verdicts
                .into_iter()
                .map(|((truth, assigned), count)| VerdictCount {
                    truth,
                    assigned,
                    count,
                })
                .collect(),
            verdict_accuracy: (self.judged > 0).then(|| self.right as f64 / self.judged as f64),
            identities: self.identities,
            artefacts: self.artefacts,
        }
    }
}

fn is_near(shore_distance_m: Option<f64>) -> bool {
    shore_distance_m.is_some_and(|distance| distance <= NEAR_SHORE_M)
}

fn class_of(length_m: f64) -> usize {
    LENGTH_CLASSES_M
        .iter()
        .position(|up_to| length_m <= *up_to)
        .unwrap_or(LENGTH_CLASSES_M.len() - 1)
}

/// Distance from an imaged object to a detection: on the ground if the detection has a place, else in the image.
fn apart_m(imaged: &Imaged, detection: &Detection, spacing_m: f64) -> f64 {
    match detection.position {
        // A degree of latitude is 111 km: spare the geodesic of what is far off.
        Some(at) if far_off(at, imaged.position) => f64::INFINITY,
        Some(at) => at.distance_m(imaged.position),
        None => (detection.row - imaged.row).hypot(detection.col - imaged.col) * spacing_m,
    }
}

fn far_off(a: LonLat, b: LonLat) -> bool {
    (a.lat_deg - b.lat_deg).abs() > 0.01
}

/// Quantile of sorted values, linear between them.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * (sorted.len().checked_sub(1)?) as f64;
    let (low, high) = (
        sorted[place.floor() as usize],
        sorted[place.ceil() as usize],
    );
    Some(low + (high - low) * place.fract())
}

#[cfg(test)]
mod score_tests;
