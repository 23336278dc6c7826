//! Events found against events made: precision, recall and F1 of each kind.

use super::{Stated, Traffic, TruthEvent, gathering, traffic};
use crate::ais::events::EventSettings;
use crate::model::contact::Verdict;
use crate::model::event::{Event, EventKind};
use crate::model::units::Mmsi;
use jiff::Timestamp;
use serde::Serialize;
use std::fmt;

/// Least share of the union of both times in which both go on, for a match.
const LEAST_OVERLAP: f64 = 0.4;
/// Greatest distance of a match, metres; places of long ways are their beginnings.
const PLACE_M: f64 = 30_000.0;

/// One kind of event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventScore {
    /// The kind.
    pub kind: EventKind,
    /// Events made.
    pub truth: u32,
    /// Events found.
    pub found: u32,
    /// Events found that were made.
    pub matched: u32,
}

/// All kinds that the simulation makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventScores {
    /// First seed, and how many.
    pub seeds: (u64, u64),
    /// Kind by kind.
    pub kinds: Vec<EventScore>,
    /// Gaps of either kind found where the ship sent and the receiver did not hear.
    pub receivers_gaps: u32,
    /// Echoes in images of ships that sent and were not heard.
    pub unheard_echoes: u32,
    /// Those of them that are called uncorrelated.
    pub receivers_darks: u32,
}

impl EventScore {
    /// Share of what was found that is true; 1 if nothing was found.
    pub fn precision(&self) -> f64 {
        share(self.matched, self.found)
    }

    /// Share of what is true that was found; 1 if there is nothing.
    pub fn recall(&self) -> f64 {
        share(self.matched, self.truth)
    }

    /// Harmonic mean of both.
    pub fn f1(&self) -> f64 {
        share(2 * self.matched, self.found + self.truth)
    }
}

fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 {
        1.0
    } else {
        f64::from(part) / f64::from(whole)
    }
}

/// Simulates `count` seas from `first_seed` on and scores the events found in them.
pub fn score_events(first_seed: u64, count: u64, settings: &EventSettings) -> EventScores {
    let mut scores = EventScores {
        seeds: (first_seed, count),
        kinds: vec![],
        receivers_gaps: 0,
        unheard_echoes: 0,
        receivers_darks: 0,
    };
    for kind in EventKind::ALL {
        scores.kinds.push(EventScore {
            kind: *kind,
            truth: 0,
            found: 0,
            matched: 0,
        });
    }
    for seed in first_seed..first_seed + count {
        for made in [traffic(seed), gathering(seed)] {
            let stated = made.stated(settings);
            scores.add(&made, &stated.events);
            scores.add_unheard(&made, &stated);
        }
    }
    scores.kinds.retain(|score| score.truth + score.found > 0);
    scores
}

impl EventScores {
    fn add(&mut self, made: &Traffic, found: &[Event]) {
        let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
        for (t, truth) in made.events.iter().enumerate() {
            for (f, event) in found.iter().enumerate() {
                if let Some(overlap) = overlap(truth, event) {
                    pairs.push((overlap, t, f));
                }
            }
        }
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let (mut known, mut right) = (vec![false; made.events.len()], vec![false; found.len()]);
        for (_, t, f) in pairs {
            if !known[t] && !right[f] {
                (known[t], right[f]) = (true, true);
            }
        }
        for score in &mut self.kinds {
            let truth = |(truth, _): &(&TruthEvent, &bool)| truth.kind == score.kind;
            let made_here = made.events.iter().zip(&known).filter(truth);
            score.truth += made_here.clone().count() as u32;
            score.matched += made_here.filter(|(_, known)| **known).count() as u32;
            score.found += found
                .iter()
                .filter(|event| event.kind == score.kind)
                .count() as u32;
        }
        let wrong = found
            .iter()
            .zip(&right)
            .filter(|(_, right)| !**right)
            .map(|(event, _)| event);
        for event in wrong {
            tracing::debug!(kind = %event.kind, who = %event.mmsi_text(), start = %event.start, end = ?event.end, evidence = ?event.evidence, "Found and not made.");
            self.receivers_gaps += u32::from(is_receivers(event, made));
        }
        for (truth, _) in made.events.iter().zip(&known).filter(|(_, known)| !**known) {
            tracing::debug!(kind = %truth.kind, who = ?truth.mmsis, start = %truth.start, end = %truth.end, "Made and not found.");
        }
    }
}

impl EventScores {
    /// Counts echoes of ships that the receiver did not hear, and what is said of them.
    fn add_unheard(&mut self, made: &Traffic, stated: &Stated) {
        for image in &made.images {
            let Some(time) = image.scene.middle() else {
                continue;
            };
            let is_unheard = |who: Mmsi| {
                let mut unheard = made.unheard.iter();
                unheard.any(|(mmsi, from, to)| *mmsi == who && *from <= time && time <= *to)
            };
            let verdict_of = |id: &String| {
                let mut contacts = stated.contacts.iter();
                contacts.find(|contact| contact.detection_id.as_ref() == Some(id))
            };
            for (id, mmsi) in image.senders.iter().filter(|(_, mmsi)| is_unheard(**mmsi)) {
                self.unheard_echoes += 1;
                let Some(contact) = verdict_of(id) else {
                    continue;
                };
                if contact.verdict == Verdict::Uncorrelated {
                    tracing::debug!(%mmsi, %time, place = ?contact.position, reasons = ?contact.reasons, "The receiver's silence is called a ship's.");
                    self.receivers_darks += 1;
                }
            }
        }
    }
}

/// True for a gap in which the receiver did not hear what the ship sent.
fn is_receivers(event: &Event, made: &Traffic) -> bool {
    let is_gap = matches!(event.kind, EventKind::Gap | EventKind::UnexplainedGap);
    let mut unheard = made.unheard.iter();
    is_gap
        && unheard.any(|(mmsi, from, to)| {
            event.vessels.iter().any(|vessel| vessel.mmsi == *mmsi) && event.overlaps(*from, *to)
        })
}

/// Share of the union of both times in which both go on; `None` if they are not the same in kind, ships or place.
fn overlap(truth: &TruthEvent, event: &Event) -> Option<f64> {
    let mut who: Vec<Mmsi> = event.vessels.iter().map(|vessel| vessel.mmsi).collect();
    who.sort_unstable();
    let is_same_ships = if event.kind.is_of_area() {
        let common = truth.mmsis.iter().filter(|mmsi| who.contains(mmsi)).count();
        2 * common >= truth.mmsis.len()
    } else {
        who == truth.mmsis
    };
    let near_m = PLACE_M + event.radius_m;
    if truth.kind != event.kind
        || !is_same_ships
        || truth.position.distance_m(event.position) > near_m
    {
        return None;
    }
    let end = event
        .end
        .unwrap_or(Timestamp::MAX)
        .min(truth.end.max(event.end.unwrap_or(truth.end)));
    let (start, stop) = (truth.start.max(event.start), truth.end.min(end));
    let both = stop.duration_since(start).as_secs_f64();
    let either = truth
        .end
        .max(end)
        .duration_since(truth.start.min(event.start))
        .as_secs_f64();
    // What lasts minutes is matched by half an hour.
    let is_short = either < 3600.0 && both > -1800.0;
    let overlap = if is_short { 1.0 } else { both / either };
    (overlap >= LEAST_OVERLAP).then_some(overlap)
}

impl fmt::Display for EventScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, count) = self.seeds;
        writeln!(
            f,
            "Events of {count} simulated seas (three days each), seeds {first} to {}.\n",
            first + count - 1
        )?;
        writeln!(
            f,
            "| event | made | found | of these made | precision | recall | F1 |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|")?;
        for score in &self.kinds {
            writeln!(
                f,
                "| {} | {} | {} | {} | {:.3} | {:.3} | {:.3} |",
                score.kind,
                score.truth,
                score.found,
                score.matched,
                score.precision(),
                score.recall(),
                score.f1()
            )?;
        }
        writeln!(
            f,
            "\nGaps stated where the ship sent and the receiver did not hear: {}.\n\
             Echoes of ships that sent and that the receiver did not hear: {}; called uncorrelated: {}.",
            self.receivers_gaps, self.unheard_echoes, self.receivers_darks
        )
    }
}
