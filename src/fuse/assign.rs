//! The best joint explanation: each vessel at most once, each detection at most once.
//!
//! Pairs that share a detection or a vessel are linked; each linked component is solved on its own by the
//! Kuhn–Munkres algorithm on integer weights. A dummy column a detection stands for "none of these vessels"
//! (weight 0), and a vessel's column may stay empty (weight 0): a pair is taken only if it is better than both.

use pathfinding::kuhn_munkres::kuhn_munkres;
use pathfinding::matrix::Matrix;
use std::collections::BTreeMap;

/// Steps of a log-likelihood ratio in the integer weights.
const STEPS: f64 = 1e6;
/// Weight of a pair that is not allowed; sums of two thousand stay far from overflow.
const FORBIDDEN: i64 = -1_000_000_000_000;
/// Pairs below this ratio explain less than one in a thousand: they link nothing.
pub(super) const NEGLIGIBLE: f64 = -7.0;
/// Ratios are cut here, so that products of many stay finite.
const SURE: f64 = 30.0;

/// A pair with its log-likelihood ratio.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Edge {
    pub(super) detection: usize,
    pub(super) vessel: usize,
    pub(super) log_ratio: f64,
}

/// Detections and vessels that are linked by edges.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Component {
    /// Detections, rising.
    pub(super) detections: Vec<usize>,
    /// Vessels, rising.
    pub(super) vessels: Vec<usize>,
    /// `detections × vessels` log-likelihood ratios, row-major; `None` where the gate is closed.
    pub(super) log_ratios: Vec<Option<f64>>,
}

impl Component {
    /// The ratio of one pair by its places in the component.
    pub(super) fn at(&self, row: usize, column: usize) -> Option<f64> {
        self.log_ratios[row * self.vessels.len() + column]
    }
}

/// Splits the edges into linked components, ordered by their first detection.
pub(super) fn components(edges: &[Edge]) -> Vec<Component> {
    let kept: Vec<Edge> = edges
        .iter()
        .filter(|edge| edge.log_ratio > NEGLIGIBLE)
        .copied()
        .collect();
    let root_of = link(&kept);
    let mut groups: BTreeMap<usize, Vec<Edge>> = BTreeMap::new();
    for edge in kept {
        groups
            .entry(root_of[&edge.detection])
            .or_default()
            .push(edge);
    }
    groups
        .into_values()
        .map(|edges| component(&edges))
        .collect()
}

/// The smallest detection of each detection's component.
fn link(edges: &[Edge]) -> BTreeMap<usize, usize> {
    let mut by_detection: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut by_vessel: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for edge in edges {
        by_detection
            .entry(edge.detection)
            .or_default()
            .push(edge.vessel);
        by_vessel
            .entry(edge.vessel)
            .or_default()
            .push(edge.detection);
    }
    let mut root_of = BTreeMap::new();
    for &start in by_detection.keys() {
        let mut open = vec![start];
        while let Some(detection) = open.pop() {
            if root_of.contains_key(&detection) {
                continue;
            }
            root_of.insert(detection, start);
            for vessel in &by_detection[&detection] {
                // Each vessel is walked once: its list is taken away.
                open.extend(by_vessel.remove(vessel).unwrap_or_default());
            }
        }
    }
    root_of
}

fn component(edges: &[Edge]) -> Component {
    let sorted = |pick: fn(&Edge) -> usize| {
        let mut all: Vec<usize> = edges.iter().map(pick).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    let (detections, vessels) = (sorted(|e| e.detection), sorted(|e| e.vessel));
    let mut log_ratios = vec![None; detections.len() * vessels.len()];
    for edge in edges {
        let row = detections.partition_point(|d| *d < edge.detection);
        let column = vessels.partition_point(|v| *v < edge.vessel);
        log_ratios[row * vessels.len() + column] = Some(edge.log_ratio.min(SURE));
    }
    Component {
        detections,
        vessels,
        log_ratios,
    }
}

/// The vessel (place in the component) assigned to each detection of the component.
///
/// Ties go the same way on every run: rows and columns are in a fixed order and the algorithm draws no lots.
pub(super) fn best_assignment(component: &Component) -> Vec<Option<usize>> {
    let (rows, vessels) = (component.detections.len(), component.vessels.len());
    let weights = Matrix::from_fn(rows, vessels + rows, |(row, column)| {
        if column >= vessels {
            return 0;
        }
        component
            .at(row, column)
            .map_or(FORBIDDEN, |ratio| (ratio * STEPS).round() as i64)
    });
    let (_, columns) = kuhn_munkres(&weights);
    columns
        .into_iter()
        .map(|column| (column < vessels).then_some(column))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edges(ratios: &[(usize, usize, f64)]) -> Vec<Edge> {
        ratios
            .iter()
            .map(|&(detection, vessel, log_ratio)| Edge {
                detection,
                vessel,
                log_ratio,
            })
            .collect()
    }

    #[test]
    fn the_joint_optimum_beats_taking_the_best_pair_first() {
        // Greedy takes (0, 0) = 10 and leaves detection 1 with nothing: 10. The optimum is 9 + 8.
        let parts = components(&edges(&[(0, 0, 10.0), (0, 1, 9.0), (1, 0, 8.0)]));
        assert_eq!(parts.len(), 1);
        assert_eq!(best_assignment(&parts[0]), [Some(1), Some(0)]);
    }

    #[test]
    fn a_pair_worse_than_clutter_is_left_apart() {
        let parts = components(&edges(&[(0, 0, -1.0), (1, 0, -2.0)]));
        assert_eq!(best_assignment(&parts[0]), [None, None]);
    }

    #[test]
    fn unlinked_pairs_fall_into_their_own_components() {
        let parts = components(&edges(&[
            (0, 5, 1.0),
            (3, 5, 1.0),
            (1, 2, 1.0),
            (2, 9, -8.0),
        ]));
        let members: Vec<_> = parts
            .iter()
            .map(|p| (p.detections.clone(), p.vessels.clone()))
            .collect();
        assert_eq!(members, [(vec![0, 3], vec![5]), (vec![1], vec![2])]);
    }

    /// The best total by trying everything.
    fn exhaustive(part: &Component, row: usize, used: u32) -> i64 {
        if row == part.detections.len() {
            return 0;
        }
        let mut best = exhaustive(part, row + 1, used);
        for column in 0..part.vessels.len() {
            if let (Some(ratio), 0) = (part.at(row, column), used & (1 << column)) {
                let rest = exhaustive(part, row + 1, used | (1 << column));
                best = best.max((ratio * STEPS).round() as i64 + rest);
            }
        }
        best
    }

    proptest! {
        #[test]
        fn no_assignment_is_better_than_the_one_found(
            cells in prop::collection::vec((0_usize..4, 0_usize..4, -6.0_f64..12.0), 1..14)
        ) {
            let mut unique: Vec<(usize, usize, f64)> = cells;
            unique.sort_by_key(|cell| (cell.0, cell.1));
            unique.dedup_by_key(|cell| (cell.0, cell.1));
            for part in components(&edges(&unique)) {
                let found: i64 = best_assignment(&part)
                    .iter()
                    .enumerate()
                    .filter_map(|(row, column)| part.at(row, (*column)?))
                    .map(|ratio| (ratio * STEPS).round() as i64)
                    .sum();
                prop_assert_eq!(found, exhaustive(&part, 0, 0));
            }
        }
    }
}
