//! Counting: pairs named against pairs that are, and probabilities against how often they come true.

use super::{Naming, PairRates, ReliabilityRow};
use crate::fuse::Association;
use crate::lab::fleets::FleetScene;
use std::ops::Range;

/// Bins of probability.
const BINS: usize = 10;

/// Counts of one method.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Tally {
    pub(super) echoes: usize,
    /// Echoes of vessels with AIS.
    pub(super) pairs: usize,
    named: usize,
    right: usize,
    switched: usize,
}

impl Tally {
    /// Counts the echoes of one scene whose true speed lies in a range.
    pub(super) fn count(&mut self, scene: &FleetScene, naming: &Naming, speeds_kn: Range<f64>) {
        let counted = scene
            .truth
            .iter()
            .filter(|(_, truth)| speeds_kn.contains(&truth.sog_kn));
        for (id, truth) in counted {
            let named = naming.get(id);
            self.echoes += 1;
            self.pairs += usize::from(truth.mmsi.is_some());
            self.named += usize::from(named.is_some());
            self.right += usize::from(named.is_some() && named == truth.mmsi.as_ref());
            let switched = truth.mmsi.is_some() && named.is_some() && named != truth.mmsi.as_ref();
            self.switched += usize::from(switched);
        }
    }

    pub(super) fn plus(mut self, other: &Self) -> Self {
        self.echoes += other.echoes;
        self.pairs += other.pairs;
        self.named += other.named;
        self.right += other.right;
        self.switched += other.switched;
        self
    }

    pub(super) fn rates(&self) -> PairRates {
        PairRates {
            precision: share(self.right, self.named),
            recall: share(self.right, self.pairs),
            // 2 · right / (named + true): the harmonic mean of the two.
            f1: share(2 * self.right, self.named + self.pairs),
            switched: share(self.switched, self.pairs),
        }
    }

    pub(super) fn dark_share(&self) -> f64 {
        share(self.echoes - self.pairs, self.echoes)
    }

    pub(super) fn unnamed_share(&self) -> f64 {
        share(self.echoes - self.named, self.echoes)
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// What probabilities were stated, and what came true.
#[derive(Debug, Clone, Default)]
pub(super) struct Honesty {
    /// For each bin: statements, sum of their probabilities, how many were right.
    bins: [(usize, f64, usize); BINS],
    echoes: usize,
    none: f64,
}

impl Honesty {
    /// The most probable explanation of each echo: a vessel, or nothing known.
    pub(super) fn of(scene: &FleetScene, found: &[Association]) -> Self {
        let mut honesty = Self::default();
        for found in found {
            let truth = scene.truth[&found.detection_id].mmsi;
            let best = found.vessels.iter().max_by(|a, b| a.2.total_cmp(&b.2));
            let (probability, right) = match best {
                Some((mmsi, _, p)) if *p > found.none => (*p, truth == Some(*mmsi)),
                _ => (found.none, truth.is_none()),
            };
            let bin = ((probability * BINS as f64) as usize).min(BINS - 1);
            let (count, sum, true_count) = &mut honesty.bins[bin];
            *count += 1;
            *sum += probability;
            *true_count += usize::from(right);
            honesty.echoes += 1;
            honesty.none += found.none;
        }
        honesty
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.bins.iter_mut().zip(other.bins) {
            mine.0 += theirs.0;
            mine.1 += theirs.1;
            mine.2 += theirs.2;
        }
        self.echoes += other.echoes;
        self.none += other.none;
    }

    /// Mean distance of stated from achieved over the bins, weighed by their statements (ECE).
    pub(super) fn calibration_error(&self) -> f64 {
        let off: f64 = self
            .bins
            .iter()
            .map(|(_, sum, right)| (sum - *right as f64).abs())
            .sum();
        off / (self.echoes.max(1) as f64)
    }

    /// Mean probability that nothing known explains an echo.
    pub(super) fn dark_share(&self) -> f64 {
        self.none / (self.echoes.max(1) as f64)
    }

    pub(super) fn table(&self) -> Vec<ReliabilityRow> {
        let rows = self.bins.iter().enumerate().filter(|(_, bin)| bin.0 > 0);
        rows.map(|(place, (stated, sum, right))| ReliabilityRow {
            from: place as f64 / BINS as f64,
            stated: *stated,
            mean: sum / *stated as f64,
            right: share(*right, *stated),
        })
        .collect()
    }
}
