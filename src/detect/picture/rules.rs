//! How ship-like a region is by rule: thirteen of its measures, each with points for its value and its square.
//!
//! Regions longer than any ship's, ragged outlines and a bright neighbourhood (land, quays) lose points, contrast to the
//! rims about a region earns them. The points were fitted once by logistic regression to the regions of labelled chips
//! (docs/detection.md) and rounded; they stand here, so there is nothing to load.

use super::regions::Region;

/// Place of the measure, points for its value, points for its square.
const POINTS: [(usize, f64, f64); 13] = [
    // ln length.
    (0, 5.12, -0.495),
    // ln length over width.
    (2, 1.91, -0.723),
    // Pixels over length times width.
    (3, -21.1, 21.0),
    // Peak of the blurred picture.
    (9, 7.46, -1.51),
    // ln mean over narrow rim, and part of that rim above the level.
    (10, 1.52, -0.907),
    (12, -4.77, 9.82),
    // The same of the middle rim.
    (13, 6.27, -0.832),
    (15, 7.09, 1.17),
    // The same of the wide rim, with its relative spread between them.
    (16, 0.777, -0.381),
    (17, 0.165, -1.07),
    (18, -12.8, 17.1),
    // Part of the picture above the level.
    (22, -5.09, 8.88),
    // ln pixels over those of the region a level below.
    (24, 0.391, 0.007),
];

/// Points that a region needs to be taken for a ship: found where F1 of the labelled chips is best.
const NEEDED: f64 = 22.2;

/// 0 ..= 1; from 0.5 on a region is taken for a ship. Not a probability.
pub(super) fn score(region: &Region) -> f64 {
    let points: f64 = POINTS
        .iter()
        .map(|&(at, linear, square)| {
            let value = f64::from(region.measures[at]);
            linear * value + square * value * value
        })
        .sum();
    1.0 / (1.0 + (NEEDED - points).exp())
}
