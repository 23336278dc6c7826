//! How near our search's sizes, directions and places come to those of simulated ships, and whether it knows how near.
//!
//! A hull is painted even, as the search takes it to be, and uneven: eight pieces of its length of which each is as bright
//! as an exponential law draws, so that parts of it vanish in the sea.

use super::waters::{Hulls, Picture, SPACING_M};
use super::{MeasureRow, MethodsOptions, Quality, duel, ours};
use crate::detect::DetectParams;
use crate::lab::LabError;
use crate::lab::simulate::response::Hull;
use crate::model::detection::Detection;

/// Shortest ship that is asked for its size, metres: four pixels, two resolution cells.
const SHORTEST_M: f64 = 40.0;

/// Farthest that a detection may lie from the ship it shows, metres.
const HIT_M: f64 = 120.0;

pub(super) fn check(options: &MethodsOptions) -> Result<Vec<MeasureRow>, LabError> {
    let mut rows = Vec::new();
    for (name, hulls) in [("even", Hulls::Even), ("uneven", Hulls::Uneven)] {
        for (sea, water) in duel::seas() {
            let picture = water.paint(options.seed, options.size_px, (options.ships, hulls))?;
            rows.push(on_sea((sea, name), &picture)?);
        }
    }
    Ok(rows)
}

fn on_sea((sea, hull): (&str, &str), picture: &Picture) -> Result<MeasureRow, LabError> {
    let report = ours::search(picture, DetectParams::default().pfa)?;
    let pairs: Vec<(&Hull, &Detection)> = picture
        .ships
        .iter()
        .filter(|ship| ship.length_m >= SHORTEST_M)
        .filter_map(|ship| {
            let nearest = report
                .detections
                .iter()
                .map(|detection| (apart_m(ship, detection), detection))
                .min_by(|a, b| a.0.total_cmp(&b.0))?;
            (nearest.0 <= HIT_M).then_some((ship, nearest.1))
        })
        .collect();
    let quality = |of: &dyn Fn(&Hull, &Detection) -> Option<Error>| {
        let errors: Vec<Error> = pairs
            .iter()
            .filter_map(|(ship, detection)| of(ship, detection))
            .collect();
        Quality::of(&errors)
    };
    Ok(MeasureRow {
        sea: sea.into(),
        hull: hull.into(),
        ships: pairs.len(),
        length: quality(&|ship, found| {
            Some(Error {
                error: (found.length_m? - ship.length_m) / ship.length_m,
                sigma: found.length_sigma_m? / ship.length_m,
            })
        }),
        width: quality(&|ship, found| {
            Some(Error {
                error: (found.width_m? - ship.width_m) / ship.width_m,
                sigma: found.width_sigma_m? / ship.width_m,
            })
        }),
        heading: quality(&|ship, found| {
            let apart = found.heading_deg? - ship.heading_deg;
            Some(Error {
                error: (apart + 90.0).rem_euclid(180.0) - 90.0,
                sigma: found.heading_sigma_deg?,
            })
        }),
        place: quality(&|ship, found| {
            // One direction stands for both: the errors are the same along and across the image.
            Some(Error {
                error: (found.row - ship.row) * SPACING_M,
                sigma: found.position_sigma_m?,
            })
        }),
    })
}

fn apart_m(ship: &Hull, detection: &Detection) -> f64 {
    (ship.row - detection.row).hypot(ship.col - detection.col) * SPACING_M
}

/// What a measurement is off by, and what it says it may be.
pub(super) struct Error {
    error: f64,
    sigma: f64,
}

impl Quality {
    /// Sums up errors.
    fn of(errors: &[Error]) -> Self {
        let mut sizes: Vec<f64> = errors.iter().map(|error| error.error.abs()).collect();
        sizes.sort_by(f64::total_cmp);
        let within = errors.iter().filter(|e| e.error.abs() <= e.sigma).count();
        let count = errors.len();
        Self {
            told: count,
            median_error: sizes.get(count / 2).copied(),
            bias: (count > 0).then(|| errors.iter().map(|e| e.error).sum::<f64>() / count as f64),
            within_sigma: (count > 0).then(|| within as f64 / count as f64),
        }
    }
}
