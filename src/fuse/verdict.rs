//! The verdict on each contact, with its probability, the next best explanation, and reasons in plain sentences.

use super::FuseInput;
use super::ais_only::Missing;
use super::explain::Explained;
use super::gate::{self, Candidate, Echo};
use super::imaging::{Laid, View};
use super::reception::{COUNTED, MISSED_KM, Reception};
use crate::model::contact::{Contact, RunnerUp, Verdict, VesselMatch};
use crate::model::detection::Detection;
use crate::model::id::content_id;
use crate::model::shape;
use crate::model::track::Track;
use crate::model::units::LonLat;
use geo::{BoundingRect, Centroid};
use jiff::Timestamp;

/// Vessels that get a sentence of their own.
const SENTENCES: usize = 3;
/// Probability below which a second explanation is not worth a sentence.
const WORTH_TELLING: f64 = 0.01;

/// What all verdicts of one scene share.
pub(super) struct World<'a> {
    pub(super) input: &'a FuseInput<'a>,
    pub(super) ships: &'a [Candidate<'a>],
    pub(super) reception: Reception,
    pub(super) simulated: bool,
}

/// A vessel that may explain a detection, laid against it.
struct Told<'a> {
    track: &'a Track,
    probability: f64,
    laid: Laid,
}

impl Told<'_> {
    fn view(&self) -> &View {
        self.laid.best()
    }

    /// Distance from where the vessel should be imaged, metres.
    fn off_m(&self) -> f64 {
        let [east, north] = self.view().offset_m;
        east.hypot(north)
    }
}

/// A verdict with what led to it.
struct Finding {
    verdict: Verdict,
    probability: f64,
    runner_up: Option<RunnerUp>,
    reasons: Vec<String>,
}

impl World<'_> {
    /// The contact of one detection; `None` if it cannot be placed in place and time at all, or if it was rejected and
    /// nothing known is there: it then stays a detection with its reason.
    pub(super) fn detection_contact(
        &self,
        detection: &Detection,
        explained: &Explained,
    ) -> Option<Contact> {
        let (position, position_sigma_m) = self.place(detection)?;
        let time = detection.time.or(self.input.evidence.scene.middle())?;
        let told = self.told(detection, time, explained);
        let finding = if detection.position.is_none() {
            cannot_say(
                "The detection has no geographic position; only the image's extent is known.",
            )
        } else {
            self.find(position, time, (explained, &told))
        };
        let is_named = matches!(
            finding.verdict,
            Verdict::Correlated | Verdict::Ambiguous | Verdict::Fixed
        );
        if detection.is_rejected() && !is_named {
            return None;
        }
        let vessel = match finding.verdict {
            Verdict::Correlated | Verdict::Ambiguous => told.first(),
            _ => None,
        };
        let told_length_m = vessel.and_then(|told| told.track.vessel.length_m);
        let mut reasons = finding.reasons;
        reasons.extend(detection.reasons.iter().cloned());
        if let (Some(measured), Some(told)) = (detection.length_m, told_length_m) {
            reasons.push(format!(
                "The echo measures {measured:.0} m; AIS tells a length of {told:.0} m."
            ));
        }
        Some(Contact {
            id: content_id("con", &[&self.input.evidence.scene.id, &detection.id]),
            scene_id: self.input.evidence.scene.id.clone(),
            detection_id: Some(detection.id.clone()),
            vessel: vessel.map(vessel_match),
            position,
            position_sigma_m,
            time,
            length_m: detection.length_m.or(told_length_m),
            verdict: finding.verdict,
            probability: finding.probability,
            runner_up: finding.runner_up,
            reasons,
            regions: self.input.regions.hits(position),
            simulated: self.simulated,
        })
    }

    /// The contact of a vessel that should have been seen and was not.
    pub(super) fn missing_contact(
        &self,
        ship: &Candidate,
        missing: Missing,
        time: Timestamp,
    ) -> Contact {
        let track = ship.track;
        let position = ship.middle.position();
        let mut reasons = vec![
            format!(
                "{} was predicted here {}, with a standard deviation of {:.0} m.",
                named(track),
                since(ship.middle.since_report_s),
                missing.sigma_m
            ),
            match track.vessel.length_m {
                Some(length_m) => format!(
                    "A vessel of {length_m:.0} m is seen in such an image with probability {:.2}; no echo lies where it could be.",
                    missing.detection_probability
                ),
                None => format!(
                    "AIS tells no length; a class A vessel of usual size is seen with probability {:.2}; no echo lies where it could be.",
                    missing.detection_probability
                ),
            },
            format!(
                "The place lies {:.1} km inside the image.",
                missing.edge_m / 1000.0
            ),
        ];
        if self.input.land.is_none() {
            reasons.push("No land mask was given: nearness to a shore was not tested.".to_owned());
        }
        Contact {
            id: content_id("con", &[&self.input.evidence.scene.id, &track.id_part()]),
            scene_id: self.input.evidence.scene.id.clone(),
            detection_id: None,
            vessel: Some(VesselMatch {
                mmsi: track.mmsi,
                name: track.vessel.name.clone(),
                predicted: position,
                offset_m: None,
                azimuth_shift_m: None,
                dt_s: ship.middle.dt_s(),
                length_m: track.vessel.length_m,
            }),
            position,
            position_sigma_m: missing.sigma_m,
            time,
            length_m: track.vessel.length_m,
            verdict: Verdict::AisOnly,
            probability: missing.detection_probability,
            runner_up: None,
            reasons,
            regions: self.input.regions.hits(position),
            simulated: self.simulated,
        }
    }

    /// The vessels worth a sentence, the named one first.
    fn told(&self, detection: &Detection, time: Timestamp, explained: &Explained) -> Vec<Told<'_>> {
        let params = self.input.evidence.params;
        let Some(echo) = Echo::of(detection, Some(time), params) else {
            return Vec::new();
        };
        let told = explained
            .vessels
            .iter()
            .take(SENTENCES)
            .filter_map(|&(vessel, probability)| {
                let ship = &self.ships[vessel];
                let laid = gate::lay(ship, &echo, params)?;
                Some(Told {
                    track: ship.track,
                    probability,
                    laid,
                })
            });
        told.collect()
    }

    fn find(
        &self,
        place: LonLat,
        time: Timestamp,
        (explained, told): (&Explained, &[Told]),
    ) -> Finding {
        let best = told.first();
        let best_probability = best.map_or(0.0, |told| told.probability);
        if best_probability >= self.input.evidence.params.correlated_probability {
            return Finding {
                verdict: Verdict::Correlated,
                probability: best_probability,
                runner_up: self.runner_up(explained, 1),
                reasons: vessel_reasons(explained, told),
            };
        }
        if explained.fixed > best_probability && explained.fixed >= 0.5 {
            return self.fixed(explained);
        }
        if explained.none > best_probability && explained.none >= 0.5 {
            return self.unexplained(place, time, (explained, told));
        }
        let mut reasons = vec![];
        if best.is_some() {
            reasons = vessel_reasons(explained, told);
            reasons.insert(
                0,
                "More than one explanation fits about as well; the best is given first.".to_owned(),
            );
        }
        Finding {
            verdict: Verdict::Ambiguous,
            probability: explained.vessels.iter().map(|(_, p)| p).sum(),
            runner_up: self.runner_up(explained, 1),
            reasons,
        }
    }

    /// No vessel and no structure: said only where AIS was being received.
    fn unexplained(
        &self,
        place: LonLat,
        time: Timestamp,
        (explained, told): (&Explained, &[Told]),
    ) -> Finding {
        let params = self.input.evidence.params;
        let heard = self.reception.identities(place, time);
        let (km, minutes) = (params.reception_km, params.reception_minutes);
        let needed = params.reception_vessels as usize;
        if heard < needed.min(COUNTED) {
            return cannot_say(&format!(
                "AIS was heard from {heard} vessels within {km:.0} km and ±{minutes:.0} min, {needed} needed: whether this one sends AIS cannot be told."
            ));
        }
        if let Some(missed) = self.reception.missed(place) {
            return cannot_say(&format!(
                "{missed} of the vessels that came nearest must have passed within {MISSED_KM:.0} km unheard, by their reports before and after: whether this one sends AIS cannot be told."
            ));
        }
        let at_least = if heard >= COUNTED { "at least " } else { "" };
        let vessels = if heard == 1 { "vessel" } else { "vessels" };
        let mut reasons = vec![format!(
            "No vessel heard by AIS explains the detection, while {at_least}{heard} {vessels} sent reports within {km:.0} km and ±{minutes:.0} min."
        )];
        if let Some(told) = told
            .first()
            .filter(|told| told.probability >= WORTH_TELLING)
        {
            reasons.push(format!(
                "The nearest explanation is {}, {:.0} m off, with probability {:.2}.",
                named(told.track),
                told.off_m(),
                told.probability
            ));
        }
        Finding {
            verdict: Verdict::Uncorrelated,
            probability: explained.none,
            runner_up: self.runner_up(explained, 0),
            reasons,
        }
    }

    fn fixed(&self, explained: &Explained) -> Finding {
        let reason = explained.structure.map(|near| match near.mmsi {
            Some(mmsi) => format!(
                "The detection lies {:.0} m from a real aid to navigation (MMSI {mmsi}).",
                near.distance_m
            ),
            None => format!(
                "The detection lies {:.0} m from a known fixed structure.",
                near.distance_m
            ),
        });
        Finding {
            verdict: Verdict::Fixed,
            probability: explained.fixed,
            runner_up: self.runner_up(explained, 0),
            reasons: reason.into_iter().collect(),
        }
    }

    /// The most probable explanation besides the verdict: vessels from `first_vessel`, a structure, or nothing known.
    fn runner_up(&self, explained: &Explained, first_vessel: usize) -> Option<RunnerUp> {
        let vessel = explained
            .vessels
            .iter()
            .skip(first_vessel)
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
            .map(|(vessel, probability)| RunnerUp {
                verdict: Verdict::Correlated,
                mmsi: Some(self.ships[*vessel].track.mmsi),
                probability: *probability,
            });
        // With a vessel as the verdict, "none" and "structure" stand against it; else the winner is left out.
        let others = if first_vessel == 1 {
            vec![
                (Verdict::Fixed, explained.fixed),
                (Verdict::Uncorrelated, explained.none),
            ]
        } else if explained.fixed >= explained.none {
            vec![(Verdict::Uncorrelated, explained.none)]
        } else {
            vec![(Verdict::Fixed, explained.fixed)]
        };
        others
            .into_iter()
            .filter(|(_, probability)| *probability > 0.0)
            .map(|(verdict, probability)| RunnerUp {
                verdict,
                mmsi: None,
                probability,
            })
            .chain(vessel)
            .max_by(|a, b| a.probability.total_cmp(&b.probability))
    }

    /// Place and standard deviation of a detection: its own, else the footprint as a whole.
    fn place(&self, detection: &Detection) -> Option<(LonLat, f64)> {
        if let Some(place) = detection.position {
            let sigma_m = detection.position_sigma_m;
            return Some((
                place,
                sigma_m.unwrap_or(self.input.evidence.params.detection_sigma_m),
            ));
        }
        let footprint = self.input.evidence.scene.footprint.as_ref()?;
        let middle = footprint.centroid()?;
        let corner = footprint.bounding_rect()?.max();
        let middle = LonLat::new(middle.x(), middle.y());
        let half_m = middle.distance_m(LonLat::new(corner.x, corner.y));
        let edge_m = shape::edge_distance_m(footprint, middle)?;
        Some((middle, half_m.max(edge_m)))
    }
}

fn vessel_reasons(explained: &Explained, told: &[Told]) -> Vec<String> {
    let Some(best) = told.first() else {
        return Vec::new();
    };
    let view = best.view();
    let shift = match view.shift_m {
        Some(metres) if metres.abs() >= 0.5 => format!(
            "azimuth shift of {:.0} m {} the flight direction applied",
            metres.abs(),
            if metres > 0.0 { "along" } else { "against" }
        ),
        Some(_) => "no azimuth shift".to_owned(),
        None => "no azimuth shift applied, for want of radar geometry".to_owned(),
    };
    let mut reasons = vec![format!(
        "{} was predicted {:.0} m from the detection {}{}; {shift}.",
        named(best.track),
        best.off_m(),
        since(best.laid.state.since_report_s),
        if view.mode.steady {
            ""
        } else {
            ", if it turned, stopped or set off meanwhile"
        },
    )];
    for other in told
        .iter()
        .skip(1)
        .filter(|told| told.probability >= WORTH_TELLING)
    {
        reasons.push(format!(
            "{} was predicted {:.0} m from it and explains it with probability {:.2}.",
            named(other.track),
            other.off_m(),
            other.probability
        ));
    }
    if explained.none >= WORTH_TELLING {
        reasons.push(format!(
            "With probability {:.2} nothing known explains it.",
            explained.none
        ));
    }
    if let Some(near) = explained.structure
        && explained.fixed >= WORTH_TELLING
    {
        reasons.push(format!(
            "A fixed structure {:.0} m away explains it with probability {:.2}.",
            near.distance_m, explained.fixed
        ));
    }
    reasons
}

fn vessel_match(told: &Told) -> VesselMatch {
    let (view, state) = (told.view(), &told.laid.state);
    let mean = &view.mode.mean;
    VesselMatch {
        mmsi: told.track.mmsi,
        name: told.track.vessel.name.clone(),
        predicted: state.plane.place([mean[0], mean[1]]),
        offset_m: Some(told.off_m()),
        azimuth_shift_m: view.shift_m,
        dt_s: state.dt_s(),
        length_m: told.track.vessel.length_m,
    }
}

fn cannot_say(reason: &str) -> Finding {
    Finding {
        verdict: Verdict::NotAssessable,
        probability: 1.0,
        runner_up: None,
        reasons: vec![reason.to_owned()],
    }
}

/// `Vessel EXAMPLE (MMSI 431000001)`, or `The vessel with MMSI 431000001`.
fn named(track: &Track) -> String {
    match &track.vessel.name {
        Some(name) => format!("Vessel {name} (MMSI {})", track.mmsi),
        None => format!("The vessel with MMSI {}", track.mmsi),
    }
}

/// `42 s after its last report`, `3.5 min before its next report`.
fn since(since_report_s: f64) -> String {
    let age_s = since_report_s.abs();
    let age = if age_s < 120.0 {
        format!("{age_s:.0} s")
    } else {
        format!("{:.1} min", age_s / 60.0)
    };
    if since_report_s >= 0.0 {
        format!("{age} after its last report")
    } else {
        format!("{age} before its next report")
    }
}
