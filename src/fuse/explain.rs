//! Everything that may explain each detection, weighed together.
//!
//! In: the pairs that passed the gate. Out: for each detection its vessels with probabilities, a fixed structure, nothing known.
//! What a pair is worth against clutter and how much clutter there is follow from each other: they are found by turns.

use super::Evidence;
use super::assign::{self, Component, Edge};
use super::clutter::Clutter;
use super::gate::Pair;
use super::posterior;
use super::structure::{self, Structures};
use crate::model::detection::Detection;
use rayon::prelude::*;

/// Turns between clutter and explanations, at most.
const TURNS: usize = 12;
/// Change of a probability at which the two have settled.
const SETTLED: f64 = 0.005;

/// Everything that may explain one detection.
pub(super) struct Explained {
    /// Vessels with their probability, the named one first, then by falling probability.
    pub(super) vessels: Vec<(usize, f64)>,
    /// Probability of a fixed structure.
    pub(super) fixed: f64,
    /// Distance to the nearest structure within reach, metres.
    pub(super) structure: Option<structure::Near>,
    /// Probability that nothing known explains it.
    pub(super) none: f64,
}

/// Weighs all pairs together.
pub(super) fn explain(
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
    let weigh = |unexplained: &[f64]| {
        let densities = clutter.densities_per_m2(unexplained);
        // Weight of a structure relative to clutter: 0 if there is none.
        let odds = nearest
            .iter()
            .zip(&densities)
            .map(|(near, density)| near.map_or(0.0, |_| structures.odds(*density)))
            .collect();
        let clutter = clutter.log_likelihoods(&densities, unexplained);
        Round::new(pairs, &clutter, odds)
    };
    let mut unexplained = vec![1.0; detections.len()];
    let mut round = weigh(&unexplained);
    for _ in 1..TURNS {
        let shares = round.unexplained();
        let changes = shares.iter().zip(&unexplained).map(|(a, b)| (a - b).abs());
        if changes.fold(0.0, f64::max) < SETTLED {
            break;
        }
        unexplained = shares;
        round = weigh(&unexplained);
    }
    named(&round, &nearest)
}

/// One turn: the linked components and the probabilities of their pairs.
struct Round {
    components: Vec<Component>,
    probabilities: Vec<Vec<Vec<f64>>>,
    /// Of each detection: weight of a fixed structure relative to clutter.
    odds: Vec<f64>,
}

impl Round {
    /// `clutter`: logarithm of what each detection is worth as clutter.
    fn new(pairs: &[Pair], clutter: &[f64], odds: Vec<f64>) -> Self {
        let edge = |pair: &Pair| Edge {
            detection: pair.detection,
            vessel: pair.vessel,
            log_ratio: pair.log_likelihood - clutter[pair.detection] - odds[pair.detection].ln_1p(),
        };
        let edges: Vec<Edge> = pairs.iter().map(edge).collect();
        let components = assign::components(&edges);
        let probabilities = components
            .par_iter()
            .map(posterior::pair_probabilities)
            .collect();
        Self {
            components,
            probabilities,
            odds,
        }
    }

    /// Probability of each detection that neither a vessel nor a structure explains it.
    fn unexplained(&self) -> Vec<f64> {
        let mut shares = vec![1.0; self.odds.len()];
        for (component, rows) in self.components.iter().zip(&self.probabilities) {
            for (d, row) in component.detections.iter().zip(rows) {
                shares[*d] -= row.iter().sum::<f64>();
            }
        }
        let with_odds = shares.into_iter().zip(&self.odds);
        with_odds
            .map(|(share, odds)| share.max(0.0) / (1.0 + odds))
            .collect()
    }
}

/// The joint naming of which most is expected to be right, each vessel at most once; a detection left unnamed is right if no
/// vessel explains it. In: the probabilities of the component's pairs.
fn most_right(component: &Component, probabilities: &[Vec<f64>]) -> Vec<Option<usize>> {
    let worth = |(cells, row): (&Vec<(usize, f64)>, &Vec<f64>)| {
        let none = 1.0 - row.iter().sum::<f64>();
        let pairs = cells.iter().zip(row);
        pairs.map(|((column, _), p)| (*column, p - none)).collect()
    };
    let rows: Vec<Vec<(usize, f64)>> = component
        .rows
        .iter()
        .zip(probabilities)
        .map(worth)
        .collect();
    assign::best_assignment(&rows, component.vessels.len())
}

/// Puts the named vessel first for each detection.
fn named(round: &Round, nearest: &[Option<structure::Near>]) -> Vec<Explained> {
    let mut explained: Vec<Explained> = nearest
        .iter()
        .zip(&round.odds)
        .map(|(structure, odds)| Explained {
            vessels: Vec::new(),
            fixed: odds / (1.0 + odds),
            structure: *structure,
            none: 1.0 / (1.0 + odds),
        })
        .collect();
    for (component, rows) in round.components.iter().zip(&round.probabilities) {
        let best = most_right(component, rows);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_naming_is_that_of_most_expected_right_answers_and_not_the_likeliest_whole() {
        // Vessels A, B, C. Explanations of two echoes: (A, B) 0.4, (B, A) 0.3, (B, C) 0.3. The likeliest has 0.4 + 0.4 right on
        // average, (B, A) 0.6 + 0.3, (B, C) 0.6 + 0.3, (–, …) less.
        let part = Component {
            detections: vec![0, 1],
            vessels: vec![0, 1, 2],
            rows: vec![vec![(0, 1.0), (1, 1.0)], vec![(0, 1.0), (1, 1.0), (2, 1.0)]],
        };
        let named = most_right(&part, &[vec![0.4, 0.6], vec![0.3, 0.4, 0.3]]);
        assert_eq!(named, [Some(1), Some(0)]);
        // An echo that is rather nobody's leaves its vessel to the other.
        let named = most_right(&part, &[vec![0.1, 0.2], vec![0.0, 0.6, 0.1]]);
        assert_eq!(named, [None, Some(1)]);
    }
}
