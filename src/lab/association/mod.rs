//! The association against others on simulated fleets whose every pair is known, and against the probabilities it states.
//!
//! In: a seed and a size. Out: [`AssociationReport`]: precision, recall, F1 and wrong identities of four methods by waters and
//! by the time to the nearest report, and by speed; for ours also what its probabilities are worth. The other methods are
//! written here from their published descriptions and are called "-shaped" where they are not the programs themselves.
//!
//! # Source
//!
//! Nearest neighbour: Chaturvedi et al. (2012); azimuth shift: Vachon et al. (1997). GFW: Kroodsma et al. (2022), Sci. Rep. 12,
//! and Paolo et al. (2024), Nature 625, methods.

mod figures;
mod nearest;
mod raster;
mod table;

use super::fleets::{self, FleetScene, Silence, Waters};
use crate::fuse::{Evidence, FuseParams, associate, learn_motion};
use crate::model::units::Mmsi;
use figures::{Honesty, Tally};
use raster::Rasters;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;

/// Times to the nearest report, minutes; the last row mixes all of them in every scene.
const SILENCES: [Silence; 6] = [
    minutes(0.1, 2.0),
    minutes(2.0, 10.0),
    minutes(10.0, 30.0),
    minutes(30.0, 60.0),
    minutes(60.0, 180.0),
    minutes(0.1, 180.0),
];
/// Upper ends of the true speeds, knots.
const SPEEDS_KN: [f64; 4] = [2.0, 8.0, 14.0, f64::INFINITY];
/// Seeds of the fleets that the rasters learn from are as far from the scored ones as this.
const TRAINING: u64 = 1 << 32;

const fn minutes(shortest_min: f64, longest_min: f64) -> Silence {
    Silence {
        shortest_min,
        longest_min,
    }
}

/// What to simulate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AssociationOptions {
    /// First seed. Everything follows from it.
    pub seed: u64,
    /// Seeds; the echoes of all of them are counted together.
    pub seeds: u64,
    /// Scenes of sparse waters, of lanes and of fishing grounds for each time to the nearest report and each seed.
    pub scenes: [u32; 3],
}

impl AssociationOptions {
    /// A thousand echoes a cell and seed, and more.
    pub fn full(seed: u64, seeds: u64) -> Self {
        Self {
            seed,
            seeds,
            scenes: [60, 16, 8],
        }
    }

    /// A tenth of that of one seed: seconds, with figures as coarse.
    pub fn quick(seed: u64) -> Self {
        Self {
            seed,
            seeds: 1,
            scenes: [6, 2, 1],
        }
    }
}

/// All figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AssociationReport {
    /// First seed of the fleets.
    pub seed: u64,
    /// Seeds.
    pub seeds: u64,
    /// One entry for each of the waters and times to the nearest report.
    pub cells: Vec<Cell>,
    /// One entry a range of true speeds.
    pub speeds: Vec<SpeedRow>,
    /// What is said with which probability over all scenes, and how often it is so.
    pub reliability: Vec<ReliabilityRow>,
    /// Expected calibration error over all scenes.
    pub calibration_error: f64,
    /// Dark-share bias over all echoes of all scenes.
    pub dark_share_bias: f64,
}

/// All methods on the scenes of one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cell {
    /// The waters.
    pub waters: String,
    /// Time from the image to the nearest report, minutes: from, to.
    pub nearest_report_min: (f64, f64),
    /// Scenes.
    pub scenes: usize,
    /// Echoes in them.
    pub echoes: usize,
    /// Share of the echoes that no vessel with AIS makes.
    pub dark_share: f64,
    /// One entry a method, ours first.
    pub methods: Vec<MethodRow>,
    /// Expected calibration error of our stated probabilities.
    pub calibration_error: f64,
    /// Sum of our probabilities that nothing known explains an echo, over the echoes, minus the dark share.
    pub dark_share_bias: f64,
}

/// One method in one cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MethodRow {
    /// The method.
    pub method: String,
    /// Rates of its pairs.
    #[serde(flatten)]
    pub rates: PairRates,
    /// Share of echoes that it leaves without a vessel, minus the true share.
    pub unnamed_bias: f64,
}

/// How many pairs are right.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PairRates {
    /// Right over named.
    pub precision: f64,
    /// Right over all true pairs.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
    /// Echoes of a vessel with AIS to which another's identity is given, over all true pairs.
    pub switched: f64,
}

/// All methods on the echoes of one range of speeds, all scenes together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpeedRow {
    /// True speed, knots: from, to (`None`: no end).
    pub speed_kn: (f64, Option<f64>),
    /// True pairs in it.
    pub pairs: usize,
    /// Method and F1, ours first.
    pub f1: Vec<(String, f64)>,
}

/// One tenth of the range of probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReliabilityRow {
    /// Lower end.
    pub from: f64,
    /// Best explanations stated with such a probability.
    pub stated: usize,
    /// Their mean probability.
    pub mean: f64,
    /// Share of them that is right.
    pub right: f64,
}

/// What a method says of one scene: the vessel of each named echo.
type Naming = BTreeMap<String, Mmsi>;

/// What each of the methods says of one scene, and our probabilities.
struct Answers {
    scene: FleetScene,
    namings: [Naming; 4],
    honesty: Honesty,
}

const METHODS: [&str; 4] = [
    "ours",
    "nearest within 1 km",
    "nearest, azimuth shift",
    "GFW-shaped product",
];

/// Runs all methods on all scenes. The same options give the same figures on any number of threads.
pub fn compare(options: &AssociationOptions) -> AssociationReport {
    let rasters = Rasters::learn(options.seed.wrapping_add(TRAINING));
    let mut report = AssociationReport {
        seed: options.seed,
        seeds: options.seeds,
        cells: Vec::new(),
        speeds: Vec::new(),
        reliability: Vec::new(),
        calibration_error: 0.0,
        dark_share_bias: 0.0,
    };
    let mut speeds = vec![[Tally::default(); 4]; SPEEDS_KN.len()];
    let mut honesty = Honesty::default();
    for (waters, scenes) in Waters::ALL.into_iter().zip(options.scenes) {
        for (place, silence) in SILENCES.into_iter().enumerate() {
            let first = |turn: u64| {
                let seed = options.seed.wrapping_add(turn);
                seed.wrapping_mul(1_000).wrapping_add(100 * place as u64)
            };
            let answers: Vec<Answers> = (0..options.seeds)
                .flat_map(|turn| (0..u64::from(scenes)).map(move |number| (turn, number)))
                .collect::<Vec<_>>()
                .into_par_iter()
                .map(|(turn, number)| {
                    answer(
                        fleets::scene(waters, silence, first(turn) + number),
                        &rasters,
                    )
                })
                .collect();
            report.cells.push(cell((waters, silence), &answers));
            for answers in &answers {
                honesty.add(&answers.honesty);
                for (range, tallies) in speed_ranges().zip(&mut speeds) {
                    for (naming, tally) in answers.namings.iter().zip(tallies) {
                        tally.count(&answers.scene, naming, range.clone());
                    }
                }
            }
        }
    }
    let all = speeds
        .iter()
        .fold(Tally::default(), |sum, tallies| sum.plus(&tallies[0]));
    report.dark_share_bias = honesty.dark_share() - all.dark_share();
    report.calibration_error = honesty.calibration_error();
    report.reliability = honesty.table();
    report.speeds = speed_ranges()
        .zip(&speeds)
        .map(|(range, tallies)| SpeedRow {
            speed_kn: (range.start, range.end.is_finite().then_some(range.end)),
            pairs: tallies[0].pairs,
            f1: METHODS
                .iter()
                .zip(tallies)
                .map(|(method, tally)| ((*method).to_owned(), tally.rates().f1))
                .collect(),
        })
        .collect();
    report
}

/// Ranges of true speed, knots.
fn speed_ranges() -> impl Iterator<Item = Range<f64>> {
    let starts = [0.0].into_iter().chain(SPEEDS_KN);
    starts.zip(SPEEDS_KN).map(|(slow, fast)| slow..fast)
}

/// Asks every method about one scene.
fn answer(scene: FleetScene, rasters: &Rasters) -> Answers {
    let params = learn_motion(&scene.tracks, &FuseParams::default());
    let found = associate(&Evidence {
        scene: &scene.scene,
        detections: &scene.detections,
        tracks: &scene.tracks,
        infrastructure: &[],
        searched_km2: Some(scene.searched_km2),
        params: &params,
    });
    let ours = found
        .iter()
        // As the verdicts do: a vessel is named unless nothing known is the likelier answer.
        .filter(|found| found.none < 0.5)
        .filter_map(|found| Some((found.detection_id.clone(), found.vessels.first()?.0)))
        .collect();
    let namings = [
        ours,
        nearest::name(&scene, nearest::Place::AsReported),
        nearest::name(&scene, nearest::Place::AsImaged),
        rasters.name(&scene),
    ];
    let honesty = Honesty::of(&scene, &found);
    Answers {
        scene,
        namings,
        honesty,
    }
}

fn cell((waters, silence): (Waters, Silence), answers: &[Answers]) -> Cell {
    let mut tallies = [Tally::default(); 4];
    let mut honesty = Honesty::default();
    for answers in answers {
        honesty.add(&answers.honesty);
        for (naming, tally) in answers.namings.iter().zip(&mut tallies) {
            tally.count(&answers.scene, naming, 0.0..f64::INFINITY);
        }
    }
    let methods = METHODS
        .iter()
        .zip(&tallies)
        .map(|(method, tally)| MethodRow {
            method: (*method).to_owned(),
            rates: tally.rates(),
            unnamed_bias: tally.unnamed_share() - tally.dark_share(),
        })
        .collect();
    Cell {
        waters: waters.to_string(),
        nearest_report_min: (silence.shortest_min, silence.longest_min),
        scenes: answers.len(),
        echoes: tallies[0].echoes,
        dark_share: tallies[0].dark_share(),
        methods,
        calibration_error: honesty.calibration_error(),
        dark_share_bias: honesty.dark_share() - tallies[0].dark_share(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_is_ahead_where_it_is_hard_and_means_its_probabilities() {
        let report = compare(&AssociationOptions {
            seed: 3,
            seeds: 1,
            scenes: [8, 2, 1],
        });
        assert_eq!(report.cells.len(), 18);
        let hard = report
            .cells
            .iter()
            .filter(|cell| cell.nearest_report_min.0 >= 10.0);
        for cell in hard {
            let f1: Vec<f64> = cell.methods.iter().map(|method| method.rates.f1).collect();
            // Some 150 pairs a cell: two of them are 0.013.
            assert!(
                f1[1..].iter().all(|other| f1[0] > other - 0.014),
                "{cell:?}"
            );
        }
        let echoes: f64 = report.cells.iter().map(|cell| cell.echoes as f64).sum();
        let mean = |figure: fn(&Cell) -> f64| {
            let weighed = report
                .cells
                .iter()
                .map(|cell| figure(cell) * cell.echoes as f64);
            weighed.sum::<f64>() / echoes
        };
        // Some 2,700 echoes: the share of dark ones has a standard error of half a point at the doubt that is left.
        assert!(mean(|cell| cell.dark_share_bias).abs() < 0.015);
        let off: f64 = report
            .reliability
            .iter()
            .map(|row| row.stated as f64 * (row.mean - row.right).abs())
            .sum();
        assert!(off / echoes < 0.03, "{:?}", report.reliability);
        assert!(report.reliability.len() > 5, "not all is certain");
    }
}
