//! How probable each pair is, all joint explanations weighed together.
//!
//! The probability of an explanation is proportional to the product of e^(log-likelihood ratio) over its pairs. The sum over
//! all explanations is taken exactly wherever the component is narrow: one side is walked through in an order that keeps few
//! of the other side's members open (met, and to be met again), and the sums are kept for every set of open members that
//! are taken. A chain of any length is exact, and so is any component with up to ten members on one side. Wider ones go to
//! loopy belief propagation, which converges for this graph.
//!
//! Source: Williams and Lau (2014), Approximate evaluation of marginal association probabilities with belief
//! propagation, IEEE Trans. AES 50(4); the exact walk is variable elimination (Dechter 1999, Artificial Intelligence 113).

use super::assign::Component;

/// Open members at most of an exact walk: 2^10 sums a step.
const WIDEST: usize = 10;
/// Terms at most of an exact walk: a few milliseconds.
const LARGEST: usize = 1 << 19;
/// Members of the walked side beyond which no exact walk is looked for: the sums of each step are kept.
const LONGEST: usize = 400;
/// Iterations at most of the approximation.
const ROUNDS: usize = 500;
/// Change of a message at which it has settled.
const SETTLED: f64 = 1e-6;

/// Weights of pairs, by the members of one side: (member of the other side, weight).
type Rows = Vec<Vec<(usize, f64)>>;

/// Probability of each pair of the component, in the shape of its rows. What a row lacks to 1 is the probability that
/// none of the vessels explains the detection.
pub(super) fn pair_probabilities(component: &Component) -> Vec<Vec<f64>> {
    let rows: Rows = component
        .rows
        .iter()
        .map(|row| {
            row.iter()
                .map(|(column, ratio)| (*column, ratio.exp()))
                .collect()
        })
        .collect();
    let columns = component.vessels.len();
    if let Some(walk) = Walk::plan(&rows, columns) {
        return walk.probabilities(&rows);
    }
    let (turned, places) = transposed(&rows, columns);
    match Walk::plan(&turned, rows.len()) {
        Some(walk) => turned_back(&walk.probabilities(&turned), &places, &rows),
        None => belief_propagation(&rows, columns),
    }
}

/// The pairs by column, and for each the place in its row.
fn transposed(rows: &Rows, columns: usize) -> (Rows, Vec<Vec<(usize, usize)>>) {
    let (mut turned, mut places) = (vec![Vec::new(); columns], vec![Vec::new(); columns]);
    for (row, cells) in rows.iter().enumerate() {
        for (place, (column, weight)) in cells.iter().enumerate() {
            turned[*column].push((row, *weight));
            places[*column].push((row, place));
        }
    }
    (turned, places)
}

fn turned_back(found: &[Vec<f64>], places: &[Vec<(usize, usize)>], rows: &Rows) -> Vec<Vec<f64>> {
    let mut back: Vec<Vec<f64>> = rows.iter().map(|row| vec![0.0; row.len()]).collect();
    for (probabilities, places) in found.iter().zip(places) {
        for (probability, (row, place)) in probabilities.iter().zip(places) {
            back[*row][*place] = *probability;
        }
    }
    back
}

/// An order of the rows in which few columns are open at a time.
struct Walk {
    steps: Vec<Step>,
    /// Slots for open columns.
    slots: usize,
}

/// One row of a walk.
struct Step {
    row: usize,
    /// Slot of each of the row's columns; `None` for one that no other row has.
    slots: Vec<Option<usize>>,
    /// Slots whose column is met here for the last time.
    closing: usize,
}

impl Walk {
    /// `None` if more than [`WIDEST`] columns would be open at once, or the walk would be too long.
    fn plan(rows: &Rows, columns: usize) -> Option<Self> {
        if rows.len() > LONGEST {
            return None;
        }
        let mut left = vec![0_usize; columns];
        for (column, _) in rows.iter().flatten() {
            left[*column] += 1;
        }
        let mut slot_of: Vec<Option<usize>> = vec![None; columns];
        let mut free: Vec<usize> = (0..WIDEST).rev().collect();
        let mut waiting: Vec<usize> = (0..rows.len()).collect();
        let (mut steps, mut slots) = (Vec::with_capacity(rows.len()), 0);
        while !waiting.is_empty() {
            // The row that opens least and closes most comes next; of equals the first.
            let cost = |row: &usize| -> i64 {
                let change = |(column, _): &(usize, f64)| match (slot_of[*column], left[*column]) {
                    (None, 1) => 0,
                    (None, _) => 1,
                    (Some(_), 1) => -1,
                    (Some(_), _) => 0,
                };
                rows[*row].iter().map(change).sum()
            };
            let (at, _) = waiting
                .iter()
                .enumerate()
                .min_by_key(|(_, row)| cost(row))?;
            let row = waiting.remove(at);
            let mut step = Step {
                row,
                slots: Vec::with_capacity(rows[row].len()),
                closing: 0,
            };
            for (column, _) in &rows[row] {
                left[*column] -= 1;
                if slot_of[*column].is_none() && left[*column] > 0 {
                    slot_of[*column] = Some(free.pop()?);
                }
                step.slots.push(slot_of[*column]);
            }
            for (column, _) in &rows[row] {
                if let (Some(slot), 0) = (slot_of[*column], left[*column]) {
                    step.closing |= 1 << slot;
                    free.push(slot);
                }
            }
            let highest = step.slots.iter().flatten().max().map_or(0, |slot| slot + 1);
            slots = slots.max(highest);
            steps.push(step);
        }
        let terms: usize = rows.iter().map(|row| row.len() + 1).sum();
        (terms << slots <= LARGEST).then_some(Self { steps, slots })
    }

    /// Sums forwards, then backwards; their products are the probabilities.
    fn probabilities(&self, rows: &Rows) -> Vec<Vec<f64>> {
        let sets = 1_usize << self.slots;
        let mut ahead = vec![vec![0.0; sets]];
        ahead[0][0] = 1.0;
        for step in &self.steps {
            let mut next = vec![0.0; sets];
            let now = &ahead[ahead.len() - 1];
            for (taken, sum) in now.iter().enumerate().filter(|(_, sum)| **sum > 0.0) {
                for (after, weight, _) in step.options(&rows[step.row], taken) {
                    next[after] += sum * weight;
                }
            }
            // Only ratios matter: one scale a step keeps products of many weights finite.
            let scale: f64 = next.iter().sum();
            for value in &mut next {
                *value /= scale;
            }
            ahead.push(next);
        }
        let mut found: Vec<Vec<f64>> = rows.iter().map(|row| vec![0.0; row.len()]).collect();
        let mut behind = vec![0.0; sets];
        behind[0] = 1.0;
        for (step, ahead) in self.steps.iter().zip(&ahead).rev() {
            let mut before = vec![0.0; sets];
            let mut shares = vec![0.0; rows[step.row].len()];
            let mut total = 0.0;
            for (taken, sum) in ahead.iter().enumerate().filter(|(_, sum)| **sum > 0.0) {
                for (after, weight, cell) in step.options(&rows[step.row], taken) {
                    let rest = weight * behind[after];
                    before[taken] += rest;
                    total += sum * rest;
                    if let Some(cell) = cell {
                        shares[cell] += sum * rest;
                    }
                }
            }
            found[step.row] = shares.into_iter().map(|share| share / total).collect();
            let scale: f64 = before.iter().fold(f64::MIN_POSITIVE, |a, b| a.max(*b));
            behind = before.into_iter().map(|value| value / scale).collect();
        }
        found
    }
}

impl Step {
    /// What the row may do when the open columns `taken` are taken: (taken after it, weight, which of its columns).
    fn options<'a>(
        &'a self,
        row: &'a [(usize, f64)],
        taken: usize,
    ) -> impl Iterator<Item = (usize, f64, Option<usize>)> + 'a {
        let none = (taken & !self.closing, 1.0, None);
        let cells = row.iter().zip(&self.slots).enumerate();
        std::iter::once(none).chain(cells.filter_map(move |(cell, ((_, weight), slot))| {
            let bit = slot.map_or(0, |slot| 1 << slot);
            (taken & bit == 0).then_some(((taken | bit) & !self.closing, *weight, Some(cell)))
        }))
    }
}

/// Messages between detections and vessels until they settle.
fn belief_propagation(rows: &Rows, columns: usize) -> Vec<Vec<f64>> {
    // How free each pair's vessel is for its detection.
    let mut free: Vec<Vec<f64>> = rows.iter().map(|row| vec![1.0; row.len()]).collect();
    let mut claims = free.clone();
    for _ in 0..ROUNDS {
        let mut total = vec![0.0; columns];
        for ((row, free), claims) in rows.iter().zip(&free).zip(&mut claims) {
            let all: f64 = row.iter().zip(free).map(|((_, w), f)| w * f).sum();
            for (((column, weight), free), claim) in row.iter().zip(free).zip(claims) {
                *claim = weight / (1.0 + (all - weight * free).max(0.0));
                total[*column] += *claim;
            }
        }
        let mut change: f64 = 0.0;
        for ((row, free), claims) in rows.iter().zip(&mut free).zip(&claims) {
            for (((column, _), free), claim) in row.iter().zip(free).zip(claims) {
                let message = 1.0 / (1.0 + (total[*column] - claim).max(0.0));
                change = change.max((message - *free).abs());
                *free = message;
            }
        }
        if change < SETTLED {
            break;
        }
    }
    let row_probabilities = |(row, free): (&Vec<(usize, f64)>, &Vec<f64>)| {
        let shares: Vec<f64> = row.iter().zip(free).map(|((_, w), f)| w * f).collect();
        let all = 1.0 + shares.iter().sum::<f64>();
        shares.into_iter().map(|share| share / all).collect()
    };
    rows.iter().zip(&free).map(row_probabilities).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn part(columns: usize, rows: Vec<Vec<(usize, f64)>>) -> Component {
        Component {
            detections: (0..rows.len()).collect(),
            vessels: (0..columns).collect(),
            rows,
        }
    }

    /// Rows of a full matrix with holes.
    fn cells(columns: usize, log_ratios: &[Option<f64>]) -> Component {
        let row = |cells: &[Option<f64>]| {
            let present = cells.iter().enumerate();
            present
                .filter_map(|(column, ratio)| Some((column, (*ratio)?)))
                .collect()
        };
        part(columns, log_ratios.chunks(columns).map(row).collect())
    }

    /// Sums over all explanations by trying each.
    fn enumerate(part: &Component) -> Vec<Vec<f64>> {
        fn walk(
            part: &Component,
            (row, used, weight): (usize, u64, f64),
            taken: &mut Vec<Option<usize>>,
            sums: &mut (Vec<Vec<f64>>, f64),
        ) {
            if row == part.rows.len() {
                for (r, cell) in taken.iter().enumerate() {
                    if let Some(cell) = cell {
                        sums.0[r][*cell] += weight;
                    }
                }
                sums.1 += weight;
                return;
            }
            taken.push(None);
            walk(part, (row + 1, used, weight), taken, sums);
            taken.pop();
            for (cell, (column, ratio)) in part.rows[row].iter().enumerate() {
                if used & (1 << column) == 0 {
                    taken.push(Some(cell));
                    let next = (row + 1, used | (1 << column), weight * ratio.exp());
                    walk(part, next, taken, sums);
                    taken.pop();
                }
            }
        }
        let zero = part.rows.iter().map(|row| vec![0.0; row.len()]).collect();
        let mut sums = (zero, 0.0);
        walk(part, (0, 0, 1.0), &mut Vec::new(), &mut sums);
        let (cells, total) = sums;
        cells
            .into_iter()
            .map(|row| row.into_iter().map(|sum| sum / total).collect())
            .collect()
    }

    fn furthest(one: &[Vec<f64>], other: &[Vec<f64>]) -> f64 {
        let pairs = one.iter().flatten().zip(other.iter().flatten());
        pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }

    proptest! {
        #[test]
        fn exact_sums_equal_enumeration_both_ways_round(
            log_ratios in prop::collection::vec(prop::option::of(-5.0_f64..15.0), 20)
        ) {
            for columns in [4, 5] {
                let part = cells(columns, &log_ratios);
                let rows: Rows = part.rows.iter()
                    .map(|row| row.iter().map(|(c, ratio)| (*c, ratio.exp())).collect())
                    .collect();
                let oracle = enumerate(&part);
                // 1e-9: rounding of sums of a few hundred terms.
                prop_assert!(furthest(&pair_probabilities(&part), &oracle) < 1e-9);
                let (turned, places) = transposed(&rows, columns);
                let walk = Walk::plan(&turned, rows.len()).expect("narrow");
                let back = turned_back(&walk.probabilities(&turned), &places, &rows);
                prop_assert!(furthest(&back, &oracle) < 1e-9);
            }
        }

        #[test]
        fn belief_propagation_stays_near_the_exact_sums(
            log_ratios in prop::collection::vec(prop::option::of(-5.0_f64..3.0), 36)
        ) {
            let part = cells(6, &log_ratios);
            let rows: Rows = part.rows.iter()
                .map(|row| row.iter().map(|(c, ratio)| (*c, ratio.exp())).collect())
                .collect();
            let rough = belief_propagation(&rows, 6);
            let sharp = pair_probabilities(&part);
            let errors: Vec<f64> = rough.iter().flatten().zip(sharp.iter().flatten())
                .map(|(rough, sharp)| (rough - sharp).abs())
                .collect();
            let mean = errors.iter().sum::<f64>() / errors.len().max(1) as f64;
            // Dense rivals of near-equal weight are its worst case.
            prop_assert!(errors.iter().all(|error| *error < 0.3), "{errors:?}");
            prop_assert!(mean < 0.06, "{mean}");
        }
    }

    #[test]
    fn a_long_chain_is_exact_whichever_way_it_is_numbered() {
        // Detection i may be vessel i or i + 1, numbered up and down, each of weight 1. The explanations of a chain of 2n + 1
        // nodes are the matchings of a path: Fibonacci numbers.
        let n = 60_usize;
        let place = |i: usize| (i * 37) % n;
        let mut rows = vec![Vec::new(); n];
        for i in 0..n {
            let mut row = vec![(i, 0.0), (i + 1, 0.0)];
            row.sort_by_key(|cell: &(usize, f64)| cell.0);
            rows[place(i)] = row;
        }
        let found = pair_probabilities(&part(n + 1, rows));
        // The first pair is in F(2n) of F(2n + 2) matchings: 1/φ² in the limit.
        let oracle = 1.0 / f64::powi(f64::midpoint(1.0, 5.0_f64.sqrt()), 2);
        assert!((found[place(0)][0] - oracle).abs() < 1e-9);
    }

    #[test]
    fn strong_weights_in_a_large_component_stay_finite() {
        let row: Vec<(usize, f64)> = (0..10).map(|column| (column, 30.0)).collect();
        let pairs = pair_probabilities(&part(10, vec![row; 40]));
        assert!(pairs.iter().flatten().all(|p| p.is_finite()));
        // Ten vessels among forty like detections: a quarter each, a fortieth a pair.
        assert!((pairs[0][0] - 1.0 / 40.0).abs() < 1e-6, "{}", pairs[0][0]);
    }
}
