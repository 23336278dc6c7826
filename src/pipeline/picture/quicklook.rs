//! Scene, land, regions and contacts → one picture of the whole image.

use super::PictureError;
use super::canvas::{Canvas, stretch};
use crate::model::contact::{Contact, Verdict};
use crate::model::detection::Detection;
use crate::model::region::{RegionShape, WatchRegion};
use crate::model::scene::Scene;
use crate::model::tile::Tile;
use crate::model::units::{LonLat, NAUTICAL_MILE_M};
use crate::region::{Land, RegionIndex};
use crate::scene::{Product, SceneError};
use geo::{BoundingRect, MultiPolygon};
use image::Rgb;
use rayon::prelude::*;

/// Longest side of a quick-look, pixels.
const LONGEST_SIDE: u32 = 1600;
/// Rows averaged into one row of the picture: with the columns beside them enough to quiet the speckle.
const ROWS_AVERAGED: u32 = 2;
const LAND: Rgb<u8> = Rgb([120, 95, 40]);
const ZONE: Rgb<u8> = Rgb([204, 121, 167]);

/// What a quick-look shows.
pub struct Quicklook<'a> {
    /// The image.
    pub product: &'a Product,
    /// Land, tinted.
    pub land: Option<&'a Land>,
    /// Watch regions, outlined.
    pub regions: &'a RegionIndex,
    /// What was found in the image.
    pub detections: &'a [Detection],
    /// What is known of it. Numbers beside the markers are places in this list, from 1.
    pub contacts: &'a [Contact],
}

/// Draws a quick-look of at most 1,600 pixels a side, as PNG bytes.
///
/// # Errors
///
/// [`PictureError`] if the first band cannot be read or the land cannot be drawn.
pub fn quicklook(subject: &Quicklook<'_>) -> Result<Vec<u8>, PictureError> {
    let scene = subject.product.scene();
    let step = scene.width.max(scene.height).div_ceil(LONGEST_SIDE).max(1);
    let size = (scene.width.div_ceil(step), scene.height.div_ceil(step));
    let amplitude = decimate(subject.product, step, size)?;
    // The darker third of the sea is black: markers and ships stand out.
    let grey = stretch(&amplitude, (0.35, 0.9998));
    let mut canvas = Canvas::from_grey(size.0, size.1, &grey);
    if let Some(land) = subject.land {
        tint_land(&mut canvas, subject.product, land, (step, size))?;
    }
    outline_regions(&mut canvas, subject, step);
    mark_contacts(&mut canvas, subject, step);
    canvas.png().map_err(|source| PictureError::Encode {
        scene: scene.id.clone(),
        source,
    })
}

/// Mean amplitude of `step` columns and a few rows for every pixel of the picture; 0 where nothing is valid. A thinned
/// copy in the file serves as well and spares decoding all of it.
fn decimate(product: &Product, step: u32, size: (u32, u32)) -> Result<Vec<f32>, PictureError> {
    let scene = product.scene();
    let read_fault = |source| PictureError::Read {
        scene: scene.id.clone(),
        source: Box::new(source),
    };
    let mut reader = product.open_band(0).map_err(read_fault)?;
    if step > 1
        && let Some(thinned) = reader.thinned(size).map_err(read_fault)?
    {
        return Ok(thinned.into_iter().map(f32::from).collect());
    }
    drop(reader);
    let rows: Vec<u32> = (0..size.1).collect();
    // Stretches of neighbouring rows: a compressed file is decoded once.
    let stretch = rows.len().div_ceil(rayon::current_num_threads()).max(1);
    let parts: Vec<Vec<f32>> = rows
        .par_chunks(stretch)
        .map(|rows| {
            let mut reader = product.open_band(0)?;
            let mut tile = Tile::default();
            let mut part = Vec::with_capacity(size.0 as usize * rows.len());
            for &row in rows {
                let first = row * step;
                let averaged = ROWS_AVERAGED.min(step).min(scene.height - first);
                reader.read(first, averaged, &mut tile)?;
                part.extend((0..size.0).map(|col| mean_of(&tile, col * step, step)));
            }
            Ok(part)
        })
        .collect::<Result<_, SceneError>>()
        .map_err(read_fault)?;
    Ok(parts.concat())
}

#[allow(
    clippy::cast_precision_loss,
    reason = "sums of a few dozen 16-bit values"
)]
fn mean_of(tile: &Tile, first_col: u32, columns: u32) -> f32 {
    let first = first_col as usize;
    let end = (first_col + columns).min(tile.width) as usize;
    let valid = (tile.first_row..tile.first_row + tile.rows)
        .flat_map(|row| &tile.row(row)[first..end])
        .filter(|value| **value > 0);
    let (sum, count) = valid.fold((0_u64, 0_u64), |(sum, count), value| {
        (sum + u64::from(*value), count + 1)
    });
    if count == 0 {
        0.0
    } else {
        sum as f32 / count as f32
    }
}

fn tint_land(
    canvas: &mut Canvas,
    product: &Product,
    land: &Land,
    (step, size): (u32, (u32, u32)),
) -> Result<(), PictureError> {
    let pixel_of = |place: LonLat| in_picture(product, place, step).map(|(x, y)| (y, x));
    let mask = land
        .mask(size.0, size.1, &pixel_of)
        .map_err(|source| PictureError::Land {
            scene: product.scene().id.clone(),
            source: Box::new(source),
        })?;
    for row in 0..size.1 {
        for (first, end) in mask.runs(row) {
            canvas.tint(row, *first..*end, LAND);
        }
    }
    Ok(())
}

/// A place on the ground as (x, y) in the picture.
fn in_picture(product: &Product, place: LonLat, step: u32) -> Option<(f64, f64)> {
    let (row, col) = product.pixel_of(place)?;
    Some((scaled(col, step), scaled(row, step)))
}

/// A full-size pixel coordinate (0 = centre of the first pixel) in the picture.
fn scaled(pixel: f64, step: u32) -> f64 {
    (pixel + 0.5) / f64::from(step) - 0.5
}

fn outline_regions(canvas: &mut Canvas, subject: &Quicklook<'_>, step: u32) {
    let Some(reach) = Reach::of(subject.product.scene()) else {
        return;
    };
    for region in subject.regions.regions() {
        for outline in outlines(region, &reach) {
            for ring in outline
                .iter()
                .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()))
            {
                let points: Vec<(f64, f64)> = ring
                    .coords()
                    .filter_map(|c| in_picture(subject.product, LonLat::new(c.x, c.y), step))
                    .collect();
                for (right, down) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)] {
                    let beside: Vec<(f64, f64)> =
                        points.iter().map(|(x, y)| (x + right, y + down)).collect();
                    canvas.path(&beside, ZONE);
                }
            }
        }
    }
}

/// The circle about a scene's footprint: far regions are not projected, their pixels would mean nothing.
struct Reach {
    centre: LonLat,
    radius_m: f64,
}

impl Reach {
    fn of(scene: &Scene) -> Option<Self> {
        let rect = scene.footprint.as_ref()?.bounding_rect()?;
        let centre = LonLat::new(rect.center().x, rect.center().y);
        let corner = LonLat::new(rect.min().x, rect.min().y);
        Some(Self {
            centre,
            radius_m: centre.distance_m(corner),
        })
    }
}

fn outlines(region: &WatchRegion, reach: &Reach) -> Vec<MultiPolygon<f64>> {
    match &region.shape {
        RegionShape::Feature {
            centre,
            radius_m,
            zones_nm,
        } => zones_nm
            .iter()
            .filter(|zone| {
                let zone_m = radius_m + *zone * NAUTICAL_MILE_M;
                centre.distance_m(reach.centre) < reach.radius_m + zone_m
            })
            .map(|zone| RegionIndex::zone_outline(region, *zone))
            .collect(),
        RegionShape::Area(area) => area
            .bounding_rect()
            .filter(|rect| {
                let middle = LonLat::new(rect.center().x, rect.center().y);
                let corner = LonLat::new(rect.min().x, rect.min().y);
                let extent_m = middle.distance_m(corner);
                middle.distance_m(reach.centre) < reach.radius_m + extent_m
            })
            .map(|_| area.clone())
            .into_iter()
            .collect(),
    }
}

fn mark_contacts(canvas: &mut Canvas, subject: &Quicklook<'_>, step: u32) {
    let of_contacts: Vec<&str> = subject
        .contacts
        .iter()
        .filter_map(|contact| contact.detection_id.as_deref())
        .collect();
    for detection in subject.detections {
        if !of_contacts.contains(&detection.id.as_str()) {
            let centre = (scaled(detection.col, step), scaled(detection.row, step));
            canvas.marker(centre, 5.0, None);
        }
    }
    for (number, contact) in (1..).zip(subject.contacts) {
        if let Some(centre) = place_of(contact, subject, step) {
            canvas.marker(centre, 9.0, Some(contact.verdict));
            if contact.verdict != Verdict::Fixed {
                let corner = (centre.0 + 12.0, centre.1 - 5.0);
                canvas.text(&format!("{number}"), corner, 2);
            }
        }
    }
}

/// Where a contact is drawn: at its detection, else where AIS puts it.
fn place_of(contact: &Contact, subject: &Quicklook<'_>, step: u32) -> Option<(f64, f64)> {
    let detection = contact
        .detection_id
        .as_ref()
        .and_then(|id| subject.detections.iter().find(|d| d.id == *id));
    match detection {
        Some(found) => Some((scaled(found.col, step), scaled(found.row, step))),
        None => in_picture(subject.product, contact.position, step),
    }
}
