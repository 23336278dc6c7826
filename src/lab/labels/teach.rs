//! Lessons from labelled chips, and networks taught by them.
//!
//! A region is a ship's if it covers the same place as a box (overlap of at least a half), and none's if it shares less than
//! two fifths with any. What lies between teaches nothing. A fifth of the chips is kept out of the lessons and gives the
//! calibration: there the candidates that are left of regions within regions count, as in use.

use super::figures::taken;
use super::folder::{Chip, ShipBox};
use crate::detect::picture::{Bounds, Judge, Lesson, Region, SecondLook, regions, train};
use crate::lab::LabError;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;

/// Overlap with a box from which a region is a ship's, and below which it is none's.
const SHIP_OVERLAP: f64 = 0.5;
const OTHER_OVERLAP: f64 = 0.4;

/// Most regions a chip that teach what is no ship: there are a thousand, much alike.
const OTHERS_A_CHIP: usize = 150;

/// One chip in so many gives the calibration.
const CALIBRATES: usize = 5;

/// Lessons of one chip.
pub(super) type ChipLessons = Vec<Lesson>;

/// Lessons of every chip, and which chips could not be read, and why; these teach nothing.
pub(super) fn lessons(chips: &[Chip], seed: u64) -> (Vec<ChipLessons>, Vec<String>) {
    let of_each: Vec<Result<ChipLessons, LabError>> = chips
        .par_iter()
        .zip(0..chips.len())
        .map(|(chip, number)| {
            let found = regions(&super::grey_of(chip)?);
            let seed = seed.wrapping_add(number as u64);
            Ok(lessons_of(&found, &chip.boxes, seed))
        })
        .collect();
    let mut failed = Vec::new();
    let lessons = of_each.into_iter().zip(chips).map(|(lessons, chip)| {
        lessons.unwrap_or_else(|error| {
            failed.push(super::failure(chip, &error));
            Vec::new()
        })
    });
    (lessons.collect(), failed)
}

fn lessons_of(found: &[Region], boxes: &[ShipBox], seed: u64) -> ChipLessons {
    let bounds: Vec<Bounds> = boxes.iter().map(bounds).collect();
    let (mut ships, mut others) = (Vec::new(), Vec::new());
    for region in found {
        let overlaps = bounds.iter().map(|ship| region.bounds.overlap(ship));
        let overlap = overlaps.fold(0.0, f64::max);
        let is_ship = overlap >= SHIP_OVERLAP;
        let kind = if is_ship { &mut ships } else { &mut others };
        if is_ship || overlap < OTHER_OVERLAP {
            kind.push(Lesson {
                measures: region.measures,
                is_ship,
            });
        }
    }
    others.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    others.truncate(OTHERS_A_CHIP);
    ships.extend(others);
    ships
}

fn bounds(ship: &ShipBox) -> Bounds {
    Bounds {
        first_row: ship.top.floor() as i64,
        first_col: ship.left.floor() as i64,
        end_row: ship.bottom.ceil() as i64,
        end_col: ship.right.ceil() as i64,
    }
}

/// A calibrated network from the lessons of some chips, by their places.
///
/// # Errors
///
/// If the network cannot be trained, or there is no lesson.
pub(super) fn teach(
    chips: &[Chip],
    lessons: &[ChipLessons],
    mut members: Vec<usize>,
    seed: u64,
) -> Result<SecondLook, LabError> {
    members.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let (kept, taught) = members.split_at(members.len() / CALIBRATES);
    let taught: Vec<Lesson> = taught
        .iter()
        .flat_map(|&at| lessons[at].iter().copied())
        .collect();
    let network = train(&taught, seed)?;
    let judge = Judge::SecondLook(Box::new(network.clone()));
    let answered: Vec<Vec<Lesson>> = kept
        .par_iter()
        .map(|&at| {
            let chip = &chips[at];
            let Ok(grey) = super::grey_of(chip) else {
                return Ok(Vec::new());
            };
            let candidates = judge.candidates(&regions(&grey))?;
            let truth = taken(chip, &candidates);
            let told = candidates
                .iter()
                .zip(truth)
                .map(|(candidate, is_ship)| Lesson {
                    measures: candidate.region.measures,
                    is_ship,
                });
            Ok(told.collect())
        })
        .collect::<Result<_, LabError>>()?;
    Ok(network.calibrated(&answered.concat())?)
}
