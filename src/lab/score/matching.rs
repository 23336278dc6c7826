//! Optimal pairs of objects and detections.

use pathfinding::kuhn_munkres::kuhn_munkres_min;
use pathfinding::matrix::Matrix;

/// Farthest that a detection may lie from the object it belongs to, metres (xView3).
pub const MATCH_M: f64 = 200.0;

/// Cost of a pair beyond [`MATCH_M`], millimetres: more than all admissible pairs of a scene together.
const COSTLY: i64 = 1_000_000_000_000;

/// Added to the cost of a dim object's pairs, millimetres: more than a million admissible pairs, far less than [`COSTLY`].
const GIVE_WAY: i64 = 1_000_000_000;

/// Who belongs to whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairing {
    /// (object, detection) by their places in the inputs, in object order.
    pub pairs: Vec<(usize, usize)>,
    /// Objects without a detection.
    pub alone: Vec<usize>,
    /// Detections without an object.
    pub unexplained: Vec<usize>,
}

/// Pairs objects with detections so that as many as possible lie within 200 m, and among those the sum of distances is
/// least. A dim object gives way to any other in reach of its detection: of two hulls in one picture, the one that is
/// asked for is found. (xView3 has no such rule; its doubtful labels stand alone.)
///
/// `dim` has an entry for each object; `apart_m(object, detection)` is their distance in metres. Only objects and
/// detections that have someone within reach enter the assignment, component by component.
pub fn pair(dim: &[bool], detections: usize, apart_m: impl Fn(usize, usize) -> f64) -> Pairing {
    let objects = dim.len();
    let mut reach: Vec<Vec<(usize, i64)>> = vec![Vec::new(); objects];
    let mut back: Vec<Vec<usize>> = vec![Vec::new(); detections];
    for (object, reach) in reach.iter_mut().enumerate() {
        for (detection, back) in back.iter_mut().enumerate() {
            let distance = apart_m(object, detection);
            if distance < MATCH_M {
                let reluctance = if dim[object] { GIVE_WAY } else { 0 };
                reach.push((detection, (distance * 1000.0).round() as i64 + reluctance));
                back.push(object);
            }
        }
    }
    let mut pairing = Pairing::default();
    let mut seen = vec![false; objects];
    for object in 0..objects {
        if !seen[object] {
            let (members, found) = component(object, &reach, &back, &mut seen);
            pairing.pairs.extend(assign(&members, &found, &reach));
        }
    }
    pairing.pairs.sort_unstable();
    let mut paired = vec![false; objects];
    let mut explained = vec![false; detections];
    for (object, detection) in &pairing.pairs {
        paired[*object] = true;
        explained[*detection] = true;
    }
    pairing.alone = (0..objects).filter(|i| !paired[*i]).collect();
    pairing.unexplained = (0..detections).filter(|i| !explained[*i]).collect();
    pairing
}

/// Objects and detections that are joined to `first` through pairs within reach.
fn component(
    first: usize,
    reach: &[Vec<(usize, i64)>],
    back: &[Vec<usize>],
    seen: &mut [bool],
) -> (Vec<usize>, Vec<usize>) {
    let (mut objects, mut detections) = (Vec::new(), Vec::new());
    let mut stack = vec![first];
    seen[first] = true;
    while let Some(object) = stack.pop() {
        objects.push(object);
        for (detection, _) in &reach[object] {
            if !detections.contains(detection) {
                detections.push(*detection);
            }
            for other in &back[*detection] {
                if !seen[*other] {
                    seen[*other] = true;
                    stack.push(*other);
                }
            }
        }
    }
    objects.sort_unstable();
    detections.sort_unstable();
    (objects, detections)
}

/// Kuhn–Munkres on one component; the shorter side becomes the rows, as the algorithm asks.
fn assign(
    objects: &[usize],
    detections: &[usize],
    reach: &[Vec<(usize, i64)>],
) -> Vec<(usize, usize)> {
    if detections.is_empty() {
        return Vec::new();
    }
    let cost = |object: usize, detection: usize| {
        reach[object]
            .iter()
            .find(|(other, _)| *other == detection)
            .map_or(COSTLY, |(_, cost)| *cost)
    };
    let turned = objects.len() > detections.len();
    let (rows, columns) = if turned {
        (detections, objects)
    } else {
        (objects, detections)
    };
    let weights = Matrix::from_fn(rows.len(), columns.len(), |(row, column)| {
        if turned {
            cost(columns[column], rows[row])
        } else {
            cost(rows[row], columns[column])
        }
    });
    let (_, chosen) = kuhn_munkres_min(&weights);
    chosen
        .iter()
        .enumerate()
        .filter(|(row, column)| weights[(*row, **column)] < COSTLY)
        .map(|(row, column)| {
            if turned {
                (columns[*column], rows[row])
            } else {
                (rows[row], columns[*column])
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn two_in_a_row_are_not_robbed_by_the_greedy_choice() {
        // Detections at 0 and 150; objects at 140 and 290: greedy takes (140, 150) and loses one.
        let (objects, detections) = ([140.0_f64, 290.0], [0.0, 150.0]);
        let pairing = pair(&[false; 2], 2, |o, d| (objects[o] - detections[d]).abs());
        assert_eq!(pairing.pairs, vec![(0, 0), (1, 1)]);
    }

    #[test]
    fn a_dim_object_gives_way_but_takes_what_nobody_else_can() {
        let (objects, detections) = ([0.0_f64, 20.0, 1000.0], [1.0, 990.0]);
        let pairing = pair(&[true, false, true], 2, |o, d| {
            (objects[o] - detections[d]).abs()
        });
        assert_eq!(pairing.pairs, vec![(1, 0), (2, 1)]);
        assert_eq!(pairing.alone, vec![0]);
    }

    #[test]
    fn beyond_two_hundred_metres_nothing_is_paired() {
        let pairing = pair(&[false], 1, |_, _| 200.0);
        assert_eq!(pairing.alone, vec![0]);
        assert_eq!(pairing.unexplained, vec![0]);
        assert_eq!(pair(&[false], 1, |_, _| 199.99).pairs.len(), 1);
    }

    /// Best (pairs, total millimetres) over every way to pair the objects from `object` on.
    fn exhaustive(cost: &[Vec<Option<i64>>], object: usize, used: u32) -> (usize, i64) {
        let Some(row) = cost.get(object) else {
            return (0, 0);
        };
        let mut best = exhaustive(cost, object + 1, used);
        for (detection, cost_here) in row.iter().enumerate() {
            if let (Some(here), 0) = (cost_here, used >> detection & 1) {
                let (pairs, total) = exhaustive(cost, object + 1, used | 1 << detection);
                let candidate = (pairs + 1, total + here);
                if candidate.0 > best.0 || (candidate.0 == best.0 && candidate.1 < best.1) {
                    best = candidate;
                }
            }
        }
        best
    }

    proptest! {
        #[test]
        fn pairing_is_as_good_as_the_best_of_all_pairings(
            objects in prop::collection::vec(0.0..900.0_f64, 0..6),
            detections in prop::collection::vec(0.0..900.0_f64, 0..6),
        ) {
            let apart = |o: usize, d: usize| (objects[o] - detections[d]).abs();
            let pairing = pair(&vec![false; objects.len()], detections.len(), apart);
            let millimetres = |o, d| (apart(o, d) * 1000.0).round() as i64;
            let cost: Vec<Vec<Option<i64>>> = (0..objects.len())
                .map(|o| (0..detections.len())
                    .map(|d| (apart(o, d) < MATCH_M).then(|| millimetres(o, d)))
                    .collect())
                .collect();
            let total: i64 = pairing.pairs.iter().map(|(o, d)| millimetres(*o, *d)).sum();
            prop_assert_eq!((pairing.pairs.len(), total), exhaustive(&cost, 0, 0));
            prop_assert_eq!(pairing.pairs.len() + pairing.alone.len(), objects.len());
            prop_assert_eq!(pairing.pairs.len() + pairing.unexplained.len(), detections.len());
        }
    }
}
