//! Labelled chips: the search of pictures scored on them, and the second look trained by them.
//!
//! [`score_labels`] searches every chip of a folder with one setting and gives [`LabelScore`]; [`train_look`] makes the
//! weights that stand in the program. Cross-validation trains a network for each fold on the chips of the others, so that
//! none judges what it was taught by.

mod figures;
mod folder;
#[cfg(test)]
mod label_tests;
mod table;
mod teach;

pub use figures::{Bin, Group, Judged, LabelScore, SizeClass, figures};
pub use folder::{Chip, ChipLand, ShipBox, read_folder};

use super::LabError;
use crate::detect::picture::{self, Grey, Judge, SecondLook, at_sea, regions};
use crate::scene::{self, RasterOptions};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;
use std::path::Path;

/// Who judges the candidates of a labelled folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judges {
    /// Rules alone.
    Rules,
    /// The network in the program.
    BuiltIn,
    /// A network for each of so many folds, trained on the others.
    Folds(usize, FoldBy),
}

/// How chips are dealt to folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoldBy {
    /// One by one, at random: chips of one scene lie in several folds.
    Image,
    /// In runs of neighbouring names, which are mostly of the same scenes: a network judges waters it has not seen.
    Block,
}

/// How a labelled folder is scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelOptions {
    /// Who judges.
    pub judges: Judges,
    /// Leave out what lies on land by the folder's masks.
    pub is_masked: bool,
    /// Seed of folds and training.
    pub seed: u64,
}

/// Searches the chips of a folder and scores what was found. A chip that cannot be read is named and left out.
///
/// # Errors
///
/// If the folder's lists cannot be read, folds are fewer than 2 or more than chips, or a network cannot be trained or run.
pub fn score_labels(folder: &Path, options: &LabelOptions) -> Result<LabelScore, LabError> {
    let chips = read_folder(folder)?;
    let whole: Vec<usize> = (0..chips.len()).collect();
    let (judge, parts): (String, Vec<(Judge, Vec<usize>)>) = match options.judges {
        Judges::Rules => ("rules".to_owned(), vec![(Judge::Rules, whole)]),
        Judges::BuiltIn => {
            let network = SecondLook::built_in()?;
            let judge = Judge::SecondLook(Box::new(network));
            (
                "second look of the program".to_owned(),
                vec![(judge, whole)],
            )
        }
        Judges::Folds(folds, by) => (
            format!(
                "second looks of {folds} folds by {}, seed {}",
                by.name(),
                options.seed
            ),
            trained_on_others(&chips, (folds, by), options.seed)?,
        ),
    };
    let mut judged = Vec::with_capacity(chips.len());
    let mut failed = Vec::new();
    for (judge, members) in &parts {
        let found: Vec<Result<Judged, LabError>> = members
            .par_iter()
            .map(|&at| {
                let chip = &chips[at];
                let mut found = regions(&grey_of(chip)?);
                if let Some(land) = chip.land.as_ref().filter(|_| options.is_masked) {
                    found = at_sea(found, land);
                }
                Ok(Judged {
                    chip,
                    candidates: judge.candidates(&found)?,
                })
            })
            .collect();
        for (found, &at) in found.into_iter().zip(members) {
            match found {
                Ok(found) => judged.push(found),
                Err(error) => failed.push(failure(&chips[at], &error)),
            }
        }
    }
    judged.sort_by(|a, b| a.chip.name.cmp(&b.chip.name));
    let is_probability = options.judges != Judges::Rules;
    Ok(LabelScore {
        failed,
        ..figures(judge, &judged, is_probability)
    })
}

impl FoldBy {
    fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Block => "block",
        }
    }
}

/// A network for each fold with the chips of that fold, by their places.
fn trained_on_others(
    chips: &[Chip],
    (folds, by): (usize, FoldBy),
    seed: u64,
) -> Result<Vec<(Judge, Vec<usize>)>, LabError> {
    if !(2..=chips.len()).contains(&folds) {
        return Err(LabError::Option {
            option: "--folds",
            value: folds.to_string(),
            expected: "at least 2, and no more than there are chips",
        });
    }
    // A chip that cannot be read is told of when it is scored.
    let (lessons, _) = teach::lessons(chips, seed);
    let mut order: Vec<usize> = (0..chips.len()).collect();
    if by == FoldBy::Image {
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    }
    let fold_of = |at: usize| at * folds / chips.len();
    (0..folds)
        .map(|fold| {
            let (own, others): (Vec<_>, Vec<_>) = order
                .iter()
                .enumerate()
                .partition(|(at, _)| fold_of(*at) == fold);
            let places = |part: Vec<(usize, &usize)>| part.into_iter().map(|(_, &at)| at).collect();
            let network = teach::teach(chips, &lessons, places(others), seed)?;
            Ok((Judge::SecondLook(Box::new(network)), places(own)))
        })
        .collect()
}

/// Trains a network on all chips of a folder; gives also which of them could not be read, and why.
///
/// # Errors
///
/// If the folder's lists cannot be read, there are no ships or nothing else to learn from, or the network cannot be trained.
pub fn train_look(folder: &Path, seed: u64) -> Result<(SecondLook, Vec<String>), LabError> {
    let chips = read_folder(folder)?;
    let (lessons, failed) = teach::lessons(&chips, seed);
    let network = teach::teach(&chips, &lessons, (0..chips.len()).collect(), seed)?;
    Ok((network, failed))
}

fn failure(chip: &Chip, error: &LabError) -> String {
    format!("{}: {error}", chip.path.display())
}

/// A chip as a picture.
fn grey_of(chip: &Chip) -> Result<Grey, LabError> {
    let path = chip.path.to_string_lossy();
    let product = scene::open(&path, &RasterOptions::default())?;
    picture::grey(&product)?.ok_or_else(|| LabError::NotPicture {
        path: chip.path.clone(),
    })
}
