//! Ships in radar chips that the ring test cannot part from what they lie at: a quay, a pier, another hull.
//!
//! In a small chip of a port the ring is full of bright things. The second look asks for no ring: each band is laid before it
//! as a picture, twice as large, for it knows ships of thirty pixels where a chip of 10 m shows them in fifteen.

use super::{Candidate, Judge, Region, describe, regions};
use crate::detect::DetectError;
use crate::detect::picture::{Bounds, Grey};
use crate::model::detection::Detection;
use crate::model::tile::Tile;
use crate::scene::Product;
use image::imageops::{FilterType, resize};
use image::{ImageBuffer, Luma};

/// Longest side of a chip, pixels.
const MOST_SIDE_PX: u32 = 256;

/// How many times larger a chip is laid before the second look.
const SCALE: u32 = 2;

/// Part of the pixels that the grey scale holds; the rest is white, as in the chips that the second look was trained on.
const HELD_PART: f64 = 0.99;

/// Pixels beyond a detection's rectangle within which a region shows the same.
const SAME_PX: f64 = 1.0;

/// True for a radar chip: small, without a place on the ground, no picture.
pub fn is_chip(product: &Product) -> bool {
    let scene = product.scene();
    !product.is_picture()
        && scene.footprint.is_none()
        && scene.width.max(scene.height) <= MOST_SIDE_PX
}

/// What the second look takes for ships in a chip beside those found, most ship-like first.
///
/// # Errors
///
/// `DetectError::Read` if a band cannot be read, `DetectError::Network` if the network cannot be run.
pub fn beside(
    product: &Product,
    found: &[Detection],
    judge: &Judge,
) -> Result<Vec<Detection>, DetectError> {
    let mut ships: Vec<Candidate> = Vec::new();
    for band in 0..product.bands().len() {
        let candidates = judge.candidates(&regions(&enlarged(product, band)?))?;
        ships.extend(candidates.into_iter().filter(Candidate::is_ship));
    }
    ships.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut more: Vec<Detection> = Vec::new();
    for mut candidate in ships {
        candidate.region = shrunk(&candidate.region);
        let detection = describe::describe(&candidate, product);
        let mut held = found.iter().chain(&more);
        if !held.any(|other| is_on(other, &detection) || is_on(&detection, other)) {
            more.push(detection);
        }
    }
    Ok(more)
}

/// True if one detection's centre lies on another's rectangle.
fn is_on(other: &Detection, detection: &Detection) -> bool {
    let within = |at: f64, first: u32, last: u32| {
        (f64::from(first) - SAME_PX..=f64::from(last) + SAME_PX).contains(&at)
    };
    let extent = other.extent;
    within(detection.row, extent.first_row, extent.last_row)
        && within(detection.col, extent.first_col, extent.last_col)
}

/// A band as a picture, [`SCALE`] times as large, linear between pixels.
fn enlarged(product: &Product, band: usize) -> Result<Grey, DetectError> {
    let scene = product.scene();
    let failed = |source| DetectError::Read {
        scene: scene.id.clone(),
        band,
        source: Box::new(source),
    };
    let mut tile = Tile::default();
    let mut reader = product.open_band(band).map_err(failed)?;
    reader.read(0, scene.height, &mut tile).map_err(failed)?;
    let mut sorted = tile.amplitude.clone();
    sorted.sort_unstable();
    let rank = (HELD_PART * sorted.len() as f64) as usize;
    let white = f32::from(sorted.get(rank).copied().unwrap_or(1).max(1));
    let chip = ImageBuffer::from_fn(scene.width, scene.height, |col, row| {
        Luma([tile.row(row)[col as usize]])
    });
    let size = (scene.width * SCALE, scene.height * SCALE);
    let large = resize(&chip, size.0, size.1, FilterType::Triangle);
    Ok(Grey {
        width: size.0,
        height: size.1,
        values: large
            .iter()
            .map(|&amplitude| (f32::from(amplitude) / white * 255.0).min(255.0) as u8)
            .collect(),
    })
}

/// A region of the larger picture in pixels of the chip.
fn shrunk(region: &Region) -> Region {
    let scale = f64::from(SCALE);
    let step = i64::from(SCALE);
    let place = |at: f64| (at + 0.5) / scale - 0.5;
    let (cols, rows, both) = region.moments;
    let square = scale * scale;
    Region {
        bounds: Bounds {
            first_row: region.bounds.first_row / step,
            first_col: region.bounds.first_col / step,
            end_row: (region.bounds.end_row - 1) / step + 1,
            end_col: (region.bounds.end_col - 1) / step + 1,
        },
        row: place(region.row),
        col: place(region.col),
        pixels: region.pixels.div_ceil(SCALE * SCALE),
        length_px: region.length_px / scale,
        width_px: region.width_px / scale,
        moments: (cols / square, rows / square, both / square),
        ..region.clone()
    }
}
