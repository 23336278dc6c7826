//! Segments of one MMSI → those that are one ship joined, where only one joining makes sense.
//!
//! Ends are laid beside later beginnings. A pair is joined if no other end for that beginning and no other beginning for that
//! end comes within a factor of its likelihood; the clearest pair first, so that each one joined makes others clear.

use super::likeness::fit;
use super::segment::{Segment, SegmentParams, chord_m, seconds};
use crate::model::units::KNOT_MPS;

/// How much likelier a joining must be than any other of its end and of its beginning, as a natural logarithm: a hundred times.
const CLEAR: f64 = 4.6;
/// Most segments that are laid beside each other: an identity of more is shared by a crowd or made of noise.
const MOST: usize = 500;

/// An end and a beginning that may be one ship's.
struct Pair {
    end: usize,
    begin: usize,
    likeness: f64,
}

/// Joins segments; those that stay apart keep the order of their beginnings.
pub(super) fn stitched(segments: Vec<Segment>, params: &SegmentParams) -> Vec<Segment> {
    if segments.len() < 2 || segments.len() > MOST {
        return segments;
    }
    let mut pairs = pairs(&segments, params);
    let mut next: Vec<Option<usize>> = vec![None; segments.len()];
    let mut has_earlier = vec![false; segments.len()];
    while let Some((at, margin)) = clearest(&pairs) {
        if margin < CLEAR {
            break;
        }
        let Pair { end, begin, .. } = pairs[at];
        next[end] = Some(begin);
        has_earlier[begin] = true;
        pairs.retain(|pair| pair.end != end && pair.begin != begin);
    }
    let mut segments: Vec<Option<Segment>> = segments.into_iter().map(Some).collect();
    let mut whole = Vec::new();
    for first in (0..segments.len()).filter(|&first| !has_earlier[first]) {
        let Some(mut segment) = segments[first].take() else {
            continue;
        };
        let mut at = next[first];
        while let Some(later) = at.and_then(|at| segments[at].take()) {
            segment.positions.extend(later.positions);
            at = at.and_then(|at| next[at]);
        }
        whole.push(segment);
    }
    whole
}

/// Ends and beginnings within reach of each other: the fastest ship's, whatever they tell.
fn pairs(segments: &[Segment], params: &SegmentParams) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (end, earlier) in segments.iter().enumerate() {
        let Some(last) = earlier.positions.last() else {
            continue;
        };
        for (begin, later) in segments.iter().enumerate() {
            let Some(first) = later
                .positions
                .first()
                .filter(|first| first.time > last.time)
            else {
                continue;
            };
            let reach_m = params.slack_m + params.max_kn * KNOT_MPS * seconds(last, first);
            if chord_m(last.position, first.position) <= reach_m {
                let likeness = fit(last, first, params).likeness;
                pairs.push(Pair {
                    end,
                    begin,
                    likeness,
                });
            }
        }
    }
    pairs
}

/// The best two of the likenesses at one end or beginning.
#[derive(Clone, Copy)]
struct Best {
    first: f64,
    second: f64,
}

impl Best {
    const NONE: Self = Self {
        first: f64::NEG_INFINITY,
        second: f64::NEG_INFINITY,
    };

    fn take(&mut self, likeness: f64) {
        if likeness > self.first {
            (self.first, self.second) = (likeness, self.first);
        } else {
            self.second = self.second.max(likeness);
        }
    }

    /// The best beside one that was taken.
    fn beside(self, likeness: f64) -> f64 {
        if likeness < self.first {
            self.first
        } else {
            self.second
        }
    }
}

/// The pair that stands out most among those it shares an end or a beginning with, and by how much.
fn clearest(pairs: &[Pair]) -> Option<(usize, f64)> {
    let count = pairs
        .iter()
        .map(|pair| pair.end.max(pair.begin) + 1)
        .max()?;
    let (mut ends, mut begins) = (vec![Best::NONE; count], vec![Best::NONE; count]);
    for pair in pairs {
        ends[pair.end].take(pair.likeness);
        begins[pair.begin].take(pair.likeness);
    }
    let margin = |pair: &Pair| {
        let rival = ends[pair.end].beside(pair.likeness);
        pair.likeness - rival.max(begins[pair.begin].beside(pair.likeness))
    };
    let margins = pairs.iter().map(margin).enumerate();
    margins.max_by(|a, b| {
        a.1.total_cmp(&b.1)
            .then(pairs[a.0].likeness.total_cmp(&pairs[b.0].likeness))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same by laying every pair beside every other.
    fn clearest_of_all(pairs: &[Pair]) -> Option<(usize, f64)> {
        let margin = |at: usize| {
            let own = &pairs[at];
            let rivals = pairs.iter().enumerate().filter(|(other, pair)| {
                *other != at && (pair.end == own.end || pair.begin == own.begin)
            });
            let best = rivals.map(|(_, pair)| pair.likeness);
            own.likeness - best.fold(f64::NEG_INFINITY, f64::max)
        };
        (0..pairs.len()).map(|at| (at, margin(at))).max_by(|a, b| {
            a.1.total_cmp(&b.1)
                .then(pairs[a.0].likeness.total_cmp(&pairs[b.0].likeness))
        })
    }

    proptest! {
        #[test]
        fn the_clearest_pair_is_the_one_found_by_comparing_all(
            told in proptest::collection::vec((0_usize..6, 0_usize..6, -5_i32..5), 0..30)
        ) {
            let pair = |(end, begin, likeness): (usize, usize, i32)| Pair {
                end,
                begin,
                likeness: f64::from(likeness),
            };
            let pairs: Vec<Pair> = told.into_iter().map(pair).collect();
            prop_assert_eq!(clearest(&pairs), clearest_of_all(&pairs));
        }
    }
}
