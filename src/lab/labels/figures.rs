//! What was found in labelled chips against their boxes.
//!
//! A candidate belongs to a box if its centre lies in it or within [`MARGIN_PX`] of it. Precision, recall and F1 are of an
//! optimal assignment of what was taken for ships to boxes; average precision and reliability are of all candidates, each in
//! the order of its score taking the nearest box of its own that is free.

use super::folder::{Chip, ShipBox};
use crate::detect::picture::Candidate;
use crate::lab::score::{MATCH_M, Rates, pair};
use serde::Serialize;

/// How far outside a box a centre may lie, pixels: boxes are drawn by hand.
pub const MARGIN_PX: f64 = 2.0;

/// Within how many pixels of land a ship counts as near the shore: chips have no metres.
pub const NEAR_SHORE_PX: f64 = 50.0;

/// Upper ends of the classes of size: the longer side of the box, pixels.
const SIZES_PX: [f64; 5] = [16.0, 32.0, 64.0, 128.0, f64::INFINITY];

/// Bins of the reliability table.
const BINS: usize = 10;

/// Figures of a labelled folder.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelScore {
    /// Who judged: rules, the network in the program, or networks of the folds.
    pub judge: String,
    /// Chips scored.
    pub chips: usize,
    /// Chips that could not be read, each with the reason.
    pub failed: Vec<String>,
    /// All chips, and by what their masks show.
    pub groups: Vec<Group>,
    /// Recall by the longer side of the box.
    pub by_size: Vec<SizeClass>,
    /// Expected calibration error; `None` where scores are not probabilities.
    pub calibration_error: Option<f64>,
    /// What probabilities were worth, bin by bin; empty where scores are not probabilities.
    pub reliability: Vec<Bin>,
}

/// Figures of some chips or places.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// Which.
    pub name: &'static str,
    /// Chips that hold any of it.
    pub chips: usize,
    /// Counts and rates.
    pub rates: Rates,
    /// Area below precision over recall, of all candidates; `None` without ships, and near the shore.
    pub average_precision: Option<f64>,
}

/// Recall of one class of sizes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SizeClass {
    /// Longer sides up to this, pixels; `None` for the last, open class.
    pub up_to_px: Option<f64>,
    /// Ships found.
    pub hits: usize,
    /// Ships not found.
    pub misses: usize,
}

/// Candidates of like probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bin {
    /// Lower end.
    pub from: f64,
    /// Candidates.
    pub candidates: usize,
    /// Mean probability told.
    pub told: f64,
    /// Part that were ships.
    pub true_part: f64,
}

/// A chip and what was found in it, most ship-like first.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged<'a> {
    /// The chip.
    pub chip: &'a Chip,
    /// All candidates.
    pub candidates: Vec<Candidate>,
}

/// Distance of a candidate's centre from that of a box, as a part of the box's half diagonal; `None` if it lies outside.
pub(super) fn apart(ship: &ShipBox, candidate: &Candidate) -> Option<f64> {
    let (row, col) = (candidate.region.row, candidate.region.col);
    let inside = (ship.left - MARGIN_PX..=ship.right + MARGIN_PX).contains(&col)
        && (ship.top - MARGIN_PX..=ship.bottom + MARGIN_PX).contains(&row);
    let (middle_row, middle_col) = ship.centre();
    let half = 0.5 * (ship.right - ship.left).hypot(ship.bottom - ship.top) + MARGIN_PX;
    inside.then(|| (row - middle_row).hypot(col - middle_col) / half)
}

/// Whether each candidate, in the order of its score, takes a box of its own.
pub(super) fn taken(chip: &Chip, candidates: &[Candidate]) -> Vec<bool> {
    let mut free = vec![true; chip.boxes.len()];
    candidates
        .iter()
        .map(|candidate| {
            let nearest = (0..chip.boxes.len())
                .filter(|&at| free[at])
                .filter_map(|at| Some((apart(&chip.boxes[at], candidate)?, at)))
                .min_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((_, at)) = nearest {
                free[at] = false;
            }
            nearest.is_some()
        })
        .collect()
}

/// Sums of one group.
#[derive(Default)]
struct Sum {
    chips: usize,
    hits: usize,
    misses: usize,
    false_alarms: usize,
    /// Score and truth of all candidates.
    ranked: Vec<(f64, bool)>,
}

impl Sum {
    fn group(self, name: &'static str, is_ranked: bool) -> Group {
        let ships = self.hits + self.misses;
        Group {
            name,
            chips: self.chips,
            rates: Rates::new(self.hits, self.misses, self.false_alarms),
            average_precision: (is_ranked && ships > 0)
                .then(|| average_precision(self.ranked, ships)),
        }
    }
}

/// The figures of `judged` chips. `is_probability`: scores are meant to come true.
pub fn figures(judge: String, judged: &[Judged], is_probability: bool) -> LabelScore {
    let [mut all, mut sea, mut land, mut shore] = [(); 4].map(|()| Sum::default());
    let mut sizes = [(0, 0); SIZES_PX.len()];
    let is_masked = judged.iter().any(|judged| judged.chip.land.is_some());
    for Judged { chip, candidates } in judged {
        let ships: Vec<&Candidate> = candidates.iter().filter(|found| found.is_ship()).collect();
        let pairing = pair(&vec![false; chip.boxes.len()], ships.len(), |at, found| {
            // Any scale below the assignment's reach will do.
            apart(&chip.boxes[at], ships[found]).map_or(f64::INFINITY, |part| 0.5 * MATCH_M * part)
        });
        let class = |at: usize| {
            let longer = chip.boxes[at].longer_px();
            SIZES_PX
                .iter()
                .position(|up_to| longer <= *up_to)
                .unwrap_or(SIZES_PX.len() - 1)
        };
        for &(at, _) in &pairing.pairs {
            sizes[class(at)].0 += 1;
        }
        for &at in &pairing.alone {
            sizes[class(at)].1 += 1;
        }
        let truth = taken(chip, candidates);
        let ranked = || {
            candidates
                .iter()
                .map(|found| found.score)
                .zip(truth.iter().copied())
        };
        let own = match &chip.land {
            Some(mask) if mask.is_empty() => Some(&mut sea),
            Some(_) => Some(&mut land),
            None => None,
        };
        for sum in std::iter::once(&mut all).chain(own) {
            sum.chips += 1;
            sum.hits += pairing.pairs.len();
            sum.misses += pairing.alone.len();
            sum.false_alarms += pairing.unexplained.len();
            sum.ranked.extend(ranked());
        }
        if let Some(mask) = chip.land.as_ref().filter(|mask| !mask.is_empty()) {
            let near = |(row, col)| mask.is_near(row, col, NEAR_SHORE_PX);
            let ship_near = |at: usize| near(chip.boxes[at].centre());
            shore.chips += 1;
            shore.hits += pairing
                .pairs
                .iter()
                .filter(|pair| ship_near(pair.0))
                .count();
            shore.misses += pairing.alone.iter().filter(|at| ship_near(**at)).count();
            let strays = pairing.unexplained.iter().filter(|found| {
                let region = &ships[**found].region;
                near((region.row, region.col))
            });
            shore.false_alarms += strays.count();
        }
    }
    let reliability = if is_probability {
        reliability(&all.ranked)
    } else {
        Vec::new()
    };
    let mut groups = vec![all.group("all", true)];
    if is_masked {
        groups.push(sea.group("sea only", true));
        groups.push(land.group("with land", true));
        groups.push(shore.group("near shore", false));
    }
    LabelScore {
        judge,
        chips: judged.len(),
        failed: Vec::new(),
        groups,
        by_size: SIZES_PX
            .iter()
            .zip(sizes)
            .map(|(up_to, (hits, misses))| SizeClass {
                up_to_px: up_to.is_finite().then_some(*up_to),
                hits,
                misses,
            })
            .collect(),
        calibration_error: is_probability.then(|| calibration_error(&reliability)),
        reliability,
    }
}

/// Area below precision over recall, precision being the best at that recall or a higher one.
fn average_precision(mut ranked: Vec<(f64, bool)>, ships: usize) -> f64 {
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut found = 0;
    let mut curve: Vec<(f64, bool)> = (1..)
        .zip(ranked)
        .map(|(count, (_, is_ship))| {
            found += usize::from(is_ship);
            (found as f64 / f64::from(count), is_ship)
        })
        .collect();
    let mut best = 0.0_f64;
    let mut area = 0.0;
    while let Some((precision, is_ship)) = curve.pop() {
        best = best.max(precision);
        if is_ship {
            area += best / ships as f64;
        }
    }
    area
}

fn reliability(ranked: &[(f64, bool)]) -> Vec<Bin> {
    let bin_of = |score: f64| ((score * BINS as f64) as usize).min(BINS - 1);
    (0..BINS)
        .map(|bin| {
            let within = || ranked.iter().filter(|(score, _)| bin_of(*score) == bin);
            let candidates = within().count();
            let mean = |sum: f64| {
                if candidates > 0 {
                    sum / candidates as f64
                } else {
                    0.0
                }
            };
            Bin {
                from: bin as f64 / BINS as f64,
                candidates,
                told: mean(within().map(|(score, _)| score).sum()),
                true_part: mean(within().filter(|(_, is_ship)| *is_ship).count() as f64),
            }
        })
        .collect()
}

fn calibration_error(bins: &[Bin]) -> f64 {
    let total: usize = bins.iter().map(|bin| bin.candidates).sum();
    let gaps = bins
        .iter()
        .map(|bin| bin.candidates as f64 * (bin.told - bin.true_part).abs());
    gaps.sum::<f64>() / total.max(1) as f64
}
