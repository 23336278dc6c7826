//! The best assignment: each vessel at most once, each detection at most once.
//!
//! Pairs that share a detection or a vessel are linked; each linked component is solved on its own by shortest augmenting
//! paths over its pairs alone (Jonker and Volgenant's method for sparse costs) on integer weights. Each detection has a
//! dummy of its own that stands for "none of these vessels" (weight 0), and a vessel may stay without a detection: a pair is
//! taken only if it is better than both.
//!
//! Source: Jonker and Volgenant (1987), A shortest augmenting path algorithm for dense and sparse linear assignment
//! problems, Computing 38.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// Steps of a weight of 1 in the integer weights: sums are exact, and equal sums are equal.
const STEPS: f64 = 1e6;
/// Pairs below this ratio explain less than one in ten thousand: they link nothing.
pub(super) const NEGLIGIBLE: f64 = -9.0;
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
    /// For each detection its pairs: (place of the vessel in `vessels`, log-likelihood ratio), by vessel.
    pub(super) rows: Vec<Vec<(usize, f64)>>,
}

/// Splits the edges into linked components, ordered by their first detection.
pub(super) fn components(edges: &[Edge]) -> Vec<Component> {
    let kept = || edges.iter().filter(|edge| edge.log_ratio > NEGLIGIBLE);
    let detections = kept().map(|edge| edge.detection + 1).max().unwrap_or(0);
    // Links go from a vessel's first detection to its others.
    let mut roots: Vec<usize> = (0..detections).collect();
    let mut first_of: BTreeMap<usize, usize> = BTreeMap::new();
    for edge in kept() {
        let first = *first_of.entry(edge.vessel).or_insert(edge.detection);
        let (a, b) = (root(&mut roots, first), root(&mut roots, edge.detection));
        let (low, high) = (a.min(b), a.max(b));
        roots[high] = low;
    }
    let mut groups: BTreeMap<usize, Vec<Edge>> = BTreeMap::new();
    for edge in kept() {
        let group = root(&mut roots, edge.detection);
        groups.entry(group).or_default().push(*edge);
    }
    groups.into_values().map(component).collect()
}

/// The smallest detection linked to this one; shortens the way for the next question.
fn root(roots: &mut [usize], mut detection: usize) -> usize {
    while roots[detection] != detection {
        roots[detection] = roots[roots[detection]];
        detection = roots[detection];
    }
    detection
}

fn component(mut edges: Vec<Edge>) -> Component {
    edges.sort_by_key(|edge| (edge.detection, edge.vessel));
    let sorted = |pick: fn(&Edge) -> usize| {
        let mut all: Vec<usize> = edges.iter().map(pick).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    let (detections, vessels) = (sorted(|e| e.detection), sorted(|e| e.vessel));
    let mut rows = vec![Vec::new(); detections.len()];
    for edge in &edges {
        let row = detections.partition_point(|d| *d < edge.detection);
        let column = vessels.partition_point(|v| *v < edge.vessel);
        rows[row].push((column, edge.log_ratio.min(SURE)));
    }
    Component {
        detections,
        vessels,
        rows,
    }
}

/// The assignment of greatest total weight: for each row one of its columns, or `None` at weight 0.
///
/// Ties go the same way on every run: rows are taken in order, and of columns at equal distance the first.
pub(super) fn best_assignment(rows: &[Vec<(usize, f64)>], columns: usize) -> Vec<Option<usize>> {
    let weights: Vec<Vec<(usize, i64)>> = rows
        .iter()
        .map(|row| {
            row.iter()
                .map(|(column, weight)| (*column, steps(*weight)))
                .collect()
        })
        .collect();
    heaviest(&weights, columns)
}

fn steps(ratio: f64) -> i64 {
    (ratio * STEPS).round() as i64
}

/// The assignment of greatest total weight: for each row a column of its list, or `None` at weight 0.
pub(super) fn heaviest(rows: &[Vec<(usize, i64)>], columns: usize) -> Vec<Option<usize>> {
    // Costs: the negative weight; column `columns + r` is row r's own dummy.
    let mut search = Search::new(rows, columns);
    for row in 0..rows.len() {
        search.augment(row);
    }
    search
        .column_of
        .into_iter()
        .map(|column| column.filter(|column| *column < columns))
        .collect()
}

/// Shortest augmenting paths with potentials.
struct Search<'a> {
    rows: &'a [Vec<(usize, i64)>],
    columns: usize,
    /// Dual prices: cost − price of row − price of column ≥ 0, = 0 on assigned pairs.
    row_price: Vec<i64>,
    column_price: Vec<i64>,
    row_of: Vec<Option<usize>>,
    column_of: Vec<Option<usize>>,
    /// Of the search at hand: distance, row before, and whether it is final, for each column reached.
    distance: Vec<i64>,
    before: Vec<usize>,
    settled: Vec<bool>,
}

impl<'a> Search<'a> {
    fn new(rows: &'a [Vec<(usize, i64)>], columns: usize) -> Self {
        let all = columns + rows.len();
        let cheapest = |row: &Vec<(usize, i64)>| row.iter().map(|(_, w)| -w).fold(0, i64::min);
        Self {
            rows,
            columns,
            row_price: rows.iter().map(cheapest).collect(),
            column_price: vec![0; all],
            row_of: vec![None; all],
            column_of: vec![None; rows.len()],
            distance: vec![i64::MAX; all],
            before: vec![0; all],
            settled: vec![false; all],
        }
    }

    /// Finds `start` a column, moving others along the cheapest path.
    fn augment(&mut self, start: usize) {
        let mut heap = BinaryHeap::new();
        let mut reached = Vec::new();
        let (mut row, mut length) = (start, 0);
        let sink = loop {
            self.relax((row, length), &mut heap, &mut reached);
            // Every row reaches its own dummy, which is free until that row holds it: the heap cannot run dry.
            let Some(Reverse((nearest, column))) = heap.pop() else {
                break None;
            };
            if self.settled[column] {
                continue;
            }
            self.settled[column] = true;
            length = nearest;
            match self.row_of[column] {
                None => break Some(column),
                Some(next) => row = next,
            }
        };
        self.row_price[start] += length;
        for &column in reached.iter().filter(|column| self.settled[**column]) {
            if let Some(row) = self.row_of[column] {
                self.row_price[row] += length - self.distance[column];
            }
            self.column_price[column] -= length - self.distance[column];
        }
        let mut at = sink;
        while let Some(column) = at {
            let row = self.before[column];
            at = self.column_of[row].replace(column);
            self.row_of[column] = Some(row);
        }
        for column in reached {
            self.distance[column] = i64::MAX;
            self.settled[column] = false;
        }
    }

    /// Shortens the distances of a row's columns.
    fn relax(
        &mut self,
        (row, length): (usize, i64),
        heap: &mut BinaryHeap<Reverse<(i64, usize)>>,
        reached: &mut Vec<usize>,
    ) {
        let dummy = (self.columns + row, 0);
        for (column, weight) in self.rows[row].iter().copied().chain([dummy]) {
            let reduced = -weight - self.row_price[row] - self.column_price[column];
            let distance = length + reduced;
            if !self.settled[column] && distance < self.distance[column] {
                if self.distance[column] == i64::MAX {
                    reached.push(column);
                }
                self.distance[column] = distance;
                self.before[column] = row;
                heap.push(Reverse((distance, column)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pathfinding::kuhn_munkres::kuhn_munkres;
    use pathfinding::matrix::Matrix;
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
        assert_eq!(
            best_assignment(&parts[0].rows, parts[0].vessels.len()),
            [Some(1), Some(0)]
        );
    }

    #[test]
    fn a_pair_worse_than_clutter_is_left_apart() {
        let parts = components(&edges(&[(0, 0, -1.0), (1, 0, -2.0)]));
        assert_eq!(
            best_assignment(&parts[0].rows, parts[0].vessels.len()),
            [None, None]
        );
    }

    #[test]
    fn unlinked_pairs_fall_into_their_own_components() {
        let parts = components(&edges(&[
            (0, 5, 1.0),
            (3, 5, 1.0),
            (1, 2, 1.0),
            (2, 9, -10.0),
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
        for &(column, ratio) in &part.rows[row] {
            if used & (1 << column) == 0 {
                best = best.max(steps(ratio) + exhaustive(part, row + 1, used | (1 << column)));
            }
        }
        best
    }

    fn total(part: &Component, taken: &[Option<usize>]) -> i64 {
        let mut used = Vec::new();
        let mut sum = 0;
        for (row, column) in taken.iter().enumerate() {
            if let Some(column) = column {
                assert!(!used.contains(column), "a vessel was taken twice");
                used.push(*column);
                let ratio = part.rows[row].iter().find(|cell| cell.0 == *column);
                sum += ratio.map_or(i64::MIN / 2, |cell| steps(cell.1));
            }
        }
        sum
    }

    fn unique(mut cells: Vec<(usize, usize, f64)>) -> Vec<Edge> {
        cells.sort_by_key(|cell| (cell.0, cell.1));
        cells.dedup_by_key(|cell| (cell.0, cell.1));
        edges(&cells)
    }

    proptest! {
        #[test]
        fn no_assignment_is_better_than_the_one_found(
            cells in prop::collection::vec((0_usize..5, 0_usize..5, -6.0_f64..12.0), 1..20)
        ) {
            for part in components(&unique(cells)) {
                prop_assert_eq!(total(&part, &best_assignment(&part.rows, part.vessels.len())), exhaustive(&part, 0, 0));
            }
        }

        #[test]
        fn the_total_is_that_of_kuhn_and_munkres_on_the_full_matrix(
            cells in prop::collection::vec((0_usize..25, 0_usize..25, -6.0_f64..12.0), 1..200),
            coarse in any::<bool>(),
        ) {
            // Coarse weights make ties.
            let cells = cells.into_iter().map(|(d, v, w)| (d, v, if coarse { w.round() } else { w }));
            for part in components(&unique(cells.collect())) {
                let (rows, columns) = (part.detections.len(), part.vessels.len());
                let mut matrix = Matrix::new(rows, columns + rows, -1_000_000_000_i64);
                for row in 0..rows {
                    for column in columns..columns + rows {
                        matrix[(row, column)] = 0;
                    }
                    for &(column, ratio) in &part.rows[row] {
                        matrix[(row, column)] = steps(ratio);
                    }
                }
                let (oracle, _) = kuhn_munkres(&matrix);
                prop_assert_eq!(total(&part, &best_assignment(&part.rows, part.vessels.len())), oracle);
            }
        }
    }
}
