//! How probable each pair is, all joint explanations weighed together.
//!
//! The probability of an explanation is proportional to the product of e^(log-likelihood ratio) over its pairs.
//! Components whose smaller side has up to [`EXACT_SIDE`] members are summed exactly (a permanent, by dynamic
//! programming over subsets of the smaller side); larger ones by loopy belief propagation, which converges for
//! this graph. Where many explanations are close, one pair may be off by some tenths, a whole square by a tenth.
//!
//! Source: Williams and Lau (2014), Approximate evaluation of marginal association probabilities with belief
//! propagation, IEEE Trans. AES 50(4).

use super::assign::Component;

/// Largest smaller side of a component that is summed exactly.
const EXACT_SIDE: usize = 10;
/// Iterations at most of the approximation.
const ROUNDS: usize = 500;
/// Change of a message at which it has settled.
const SETTLED: f64 = 1e-9;

/// Probability of each pair of the component: `detections × vessels`, row-major. What a row lacks to 1 is the
/// probability that none of the vessels explains the detection.
pub(super) fn pair_probabilities(component: &Component) -> Vec<f64> {
    let (rows, columns) = (component.detections.len(), component.vessels.len());
    let weights: Vec<f64> = component
        .log_ratios
        .iter()
        .map(|ratio| ratio.map_or(0.0, f64::exp))
        .collect();
    if columns <= EXACT_SIDE {
        exact(&weights, rows, columns)
    } else if rows <= EXACT_SIDE {
        transpose(
            &exact(&transpose(&weights, rows, columns), columns, rows),
            columns,
            rows,
        )
    } else {
        belief_propagation(&weights, rows, columns)
    }
}

/// Exact sums: `columns` is the small side, its subsets are bit masks.
fn exact(weights: &[f64], rows: usize, columns: usize) -> Vec<f64> {
    let subsets = 1_usize << columns;
    // ahead[r][used]: total weight of rows r.. when the columns `used` are taken.
    let mut ahead = vec![vec![1.0; subsets]; rows + 1];
    for row in (0..rows).rev() {
        for used in 0..subsets {
            let taken: f64 = (0..columns)
                .filter(|column| used & (1 << column) == 0)
                .map(|column| {
                    weights[row * columns + column] * ahead[row + 1][used | (1 << column)]
                })
                .sum();
            ahead[row][used] = ahead[row + 1][used] + taken;
        }
        // Only ratios matter: one scale a row keeps products of many weights finite.
        let scale = ahead[row][0].max(f64::MIN_POSITIVE);
        for value in &mut ahead[row] {
            *value /= scale;
        }
    }
    // behind[used]: probability that the rows so far took exactly the columns `used`.
    let mut behind = vec![0.0; subsets];
    behind[0] = 1.0;
    let mut pairs = vec![0.0; rows * columns];
    for row in 0..rows {
        let mut next = vec![0.0; subsets];
        for used in (0..subsets).filter(|used| behind[*used] > 0.0) {
            let none = ahead[row + 1][used];
            let options: Vec<(usize, f64)> = (0..columns)
                .filter(|column| used & (1 << column) == 0)
                .map(|column| {
                    let weight = weights[row * columns + column];
                    (column, weight * ahead[row + 1][used | (1 << column)])
                })
                .collect();
            let total = none + options.iter().map(|(_, weight)| weight).sum::<f64>();
            next[used] += behind[used] * none / total;
            for (column, weight) in options {
                let probability = behind[used] * weight / total;
                pairs[row * columns + column] += probability;
                next[used | (1 << column)] += probability;
            }
        }
        behind = next;
    }
    pairs
}

/// Messages between detections and vessels until they settle.
fn belief_propagation(weights: &[f64], rows: usize, columns: usize) -> Vec<f64> {
    // to_row[r, c]: how free vessel c is for detection r.
    let mut to_row = vec![1.0; rows * columns];
    for _ in 0..ROUNDS {
        let mut to_column = vec![0.0; rows * columns];
        for row in 0..rows {
            let cells = row * columns..(row + 1) * columns;
            let total: f64 = cells.clone().map(|i| weights[i] * to_row[i]).sum();
            for i in cells {
                to_column[i] = weights[i] / (1.0 + (total - weights[i] * to_row[i]).max(0.0));
            }
        }
        let mut change: f64 = 0.0;
        for column in 0..columns {
            let cells = (0..rows).map(|row| row * columns + column);
            let total: f64 = cells.clone().map(|i| to_column[i]).sum();
            for i in cells {
                let message = 1.0 / (1.0 + (total - to_column[i]).max(0.0));
                change = change.max((message - to_row[i]).abs());
                to_row[i] = message;
            }
        }
        if change < SETTLED {
            break;
        }
    }
    let mut pairs = vec![0.0; rows * columns];
    for row in 0..rows {
        let cells = row * columns..(row + 1) * columns;
        let total: f64 = 1.0 + cells.clone().map(|i| weights[i] * to_row[i]).sum::<f64>();
        for i in cells {
            pairs[i] = weights[i] * to_row[i] / total;
        }
    }
    pairs
}

fn transpose(cells: &[f64], rows: usize, columns: usize) -> Vec<f64> {
    (0..columns)
        .flat_map(|column| (0..rows).map(move |row| cells[row * columns + column]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dense(rows: usize, columns: usize, log_ratios: Vec<Option<f64>>) -> Component {
        Component {
            detections: (0..rows).collect(),
            vessels: (0..columns).collect(),
            log_ratios,
        }
    }

    /// Sums over all explanations by trying each.
    fn enumerate(part: &Component) -> Vec<f64> {
        fn walk(part: &Component, row: usize, taken: &mut Vec<Option<usize>>, sums: &mut Vec<f64>) {
            if row == part.detections.len() {
                let mut weight = 1.0;
                for (r, column) in taken.iter().enumerate() {
                    weight *= column.map_or(1.0, |c| part.at(r, c).map_or(0.0, f64::exp));
                }
                for (r, column) in taken.iter().enumerate() {
                    if let Some(c) = column {
                        sums[r * part.vessels.len() + c] += weight;
                    }
                }
                *sums.last_mut().expect("total is the last") += weight;
                return;
            }
            taken.push(None);
            walk(part, row + 1, taken, sums);
            taken.pop();
            for column in 0..part.vessels.len() {
                if !taken.contains(&Some(column)) {
                    taken.push(Some(column));
                    walk(part, row + 1, taken, sums);
                    taken.pop();
                }
            }
        }
        let mut sums = vec![0.0; part.log_ratios.len() + 1];
        walk(part, 0, &mut Vec::new(), &mut sums);
        let total = sums.pop().expect("total is the last");
        sums.iter().map(|sum| sum / total).collect()
    }

    proptest! {
        #[test]
        fn exact_sums_equal_enumeration_both_ways_round(
            log_ratios in prop::collection::vec(prop::option::of(-5.0_f64..15.0), 12)
        ) {
            for (rows, columns) in [(3, 4), (4, 3)] {
                let part = dense(rows, columns, log_ratios.clone());
                for (fast, oracle) in pair_probabilities(&part).iter().zip(enumerate(&part)) {
                    // 1e-9: rounding of sums of a few hundred terms.
                    prop_assert!((fast - oracle).abs() < 1e-9, "{fast} {oracle}");
                }
            }
        }

        #[test]
        fn belief_propagation_stays_near_the_exact_sums(
            log_ratios in prop::collection::vec(prop::option::of(-5.0_f64..8.0), 16)
        ) {
            let part = dense(4, 4, log_ratios);
            let weights: Vec<f64> =
                part.log_ratios.iter().map(|ratio| ratio.map_or(0.0, f64::exp)).collect();
            let rough = belief_propagation(&weights, 4, 4);
            let errors: Vec<f64> = rough
                .iter()
                .zip(pair_probabilities(&part))
                .map(|(rough, sharp)| (rough - sharp).abs())
                .collect();
            // Dense rivals of near-equal weight are its worst case: 6,000 such squares gave up to 0.37 for one pair and
            // 0.11 over a square.
            let mean = errors.iter().sum::<f64>() / errors.len() as f64;
            prop_assert!(errors.iter().all(|error| *error < 0.5), "{errors:?}");
            prop_assert!(mean < 0.15, "{mean}");
        }
    }

    #[test]
    fn strong_weights_in_a_large_component_stay_finite() {
        let part = dense(40, 10, vec![Some(30.0); 400]);
        let pairs = pair_probabilities(&part);
        assert!(pairs.iter().all(|p| p.is_finite()));
        // Ten vessels among forty like detections: a quarter each, a fortieth a pair.
        assert!((pairs[0] - 1.0 / 40.0).abs() < 1e-6, "{}", pairs[0]);
    }
}
