//! Ships in pictures: 8-bit chips without a georeference, whose looks, spacing and grey scale nobody knows.
//!
//! In: grey values. Out: [`PictureReport`]. The ring's law needs looks and a guard that holds the largest ship; a chip of a
//! 1 m image has neither, and land in it fires like ships. So every bright region at every level is a candidate
//! ([`regions()`]), each is judged by its measures, and of regions within regions the most ship-like is taken ([`choose()`]).
//! It is judged by a [`SecondLook`], or by rules alone. What is turned down is kept, with a flag. In small chips of radars it
//! adds to the ring test what lies at quays ([`beside()`]).

mod beside;
mod choose;
mod describe;
mod grey;
mod look;
mod regions;
mod rules;
mod train;

pub use beside::{beside, is_chip};
pub use choose::choose;
pub use grey::{Bounds, Grey, MOST_PIXELS};
pub use look::SecondLook;
pub use regions::{MEASURE_NAMES, MEASURES, Region, regions};
pub use train::{Lesson, train};

use super::{DetectError, LandRows, NoLand};
use crate::model::detection::Detection;
use crate::model::tile::Tile;
use crate::scene::Product;

/// Probability from which a region is taken for a ship.
const TAKEN: f64 = 0.5;

/// Probability from which a region that is not taken is worth a record.
const KEPT: f64 = 0.05;

/// Who says how ship-like a region is.
#[derive(Debug, Clone)]
pub enum Judge {
    /// A sum over measures; its scores order candidates and are not probabilities.
    Rules,
    /// The network: its scores are calibrated probabilities.
    SecondLook(Box<SecondLook>),
}

/// A region that was judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The region.
    pub region: Region,
    /// How ship-like, 0 ..= 1; from 0.5 on it is taken for a ship.
    pub score: f64,
}

impl Candidate {
    /// True if it is taken for a ship.
    pub fn is_ship(&self) -> bool {
        self.score >= TAKEN
    }
}

/// The result of searching a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureReport {
    /// Ships by row, then column.
    pub detections: Vec<Detection>,
    /// What was looked at and turned down, each with a flag that says so, in the same order.
    pub rejected: Vec<Detection>,
    /// Pixels that were searched.
    pub searched_px: u64,
}

impl Judge {
    /// The candidates of a picture, most ship-like first, none of which shows what another does.
    ///
    /// # Errors
    ///
    /// `DetectError::Network` if the network cannot be run.
    pub fn candidates(&self, regions: &[Region]) -> Result<Vec<Candidate>, DetectError> {
        let scores = match self {
            Self::Rules => regions.iter().map(rules::score).collect(),
            Self::SecondLook(network) => {
                let measures: Vec<[f32; MEASURES]> =
                    regions.iter().map(|region| region.measures).collect();
                network.probabilities(&measures)?
            }
        };
        let taken = choose(regions, &scores, KEPT);
        Ok(taken
            .into_iter()
            .map(|at| Candidate {
                region: regions[at].clone(),
                score: scores[at],
            })
            .collect())
    }
}

/// Reads a product as a picture; `None` if it is not of the kind that this search is made for: one 8-bit band (or three
/// that show one) without a georeference, at most [`MOST_PIXELS`] of them.
///
/// # Errors
///
/// `DetectError::Read` if it cannot be read.
pub fn grey(product: &Product) -> Result<Option<Grey>, DetectError> {
    let scene = product.scene();
    let pixels = u64::from(scene.width) * u64::from(scene.height);
    if !product.is_picture() || pixels > MOST_PIXELS {
        return Ok(None);
    }
    let failed = |source| DetectError::Read {
        scene: scene.id.clone(),
        band: 0,
        source: Box::new(source),
    };
    let mut tile = Tile::default();
    let mut reader = product.open_band(0).map_err(failed)?;
    reader.read(0, scene.height, &mut tile).map_err(failed)?;
    Ok(Some(Grey {
        width: scene.width,
        height: scene.height,
        values: tile
            .amplitude
            .iter()
            .map(|&amplitude| Product::grey_of(amplitude))
            .collect(),
    }))
}

/// Searches a picture for ships. `land`, if given: what has its centre on it is left out.
///
/// # Errors
///
/// `DetectError::Network` if the network cannot be run.
pub fn search_picture(
    product: &Product,
    grey: &Grey,
    land: Option<&dyn LandRows>,
    judge: &Judge,
) -> Result<PictureReport, DetectError> {
    let land = land.unwrap_or(&NoLand);
    let candidates = judge.candidates(&at_sea(regions(grey), land))?;
    let (mut detections, mut rejected) = (Vec::new(), Vec::new());
    for candidate in &candidates {
        let kind = if candidate.is_ship() {
            &mut detections
        } else {
            &mut rejected
        };
        kind.push(describe::describe(candidate, product));
    }
    for list in [&mut detections, &mut rejected] {
        list.sort_by(|a: &Detection, b| a.row.total_cmp(&b.row).then(a.col.total_cmp(&b.col)));
    }
    let land_px: u32 = (0..grey.height)
        .flat_map(|row| land.land_runs(row))
        .map(|(first, end)| end - first)
        .sum();
    Ok(PictureReport {
        detections,
        rejected,
        searched_px: grey.values.len() as u64 - u64::from(land_px),
    })
}

/// The regions whose centre is not on land.
pub fn at_sea(mut regions: Vec<Region>, land: &dyn LandRows) -> Vec<Region> {
    regions.retain(|region| {
        let col = region.col.round() as u32;
        let runs = land.land_runs(region.row.round() as u32);
        !runs.iter().any(|&(first, end)| (first..end).contains(&col))
    });
    regions
}
