//! From a judged region to a [`Detection`].

use super::Candidate;
use crate::detect::measure::{self, Mark};
use crate::model::detection::{Detection, DetectionFlag, PixelExtent};
use crate::model::id::content_id;
use crate::scene::Product;

/// Describes a candidate of a product's picture. Its score is the judge's; sizes are those of the rectangle with the
/// region's second moments, where the pixel spacing was told; contrasts are over the rims about it, grey values taken as
/// amplitude.
pub(super) fn describe(candidate: &Candidate, product: &Product) -> Detection {
    let region = &candidate.region;
    let scene = product.scene();
    let (row, col) = (region.row, region.col);
    let extent = PixelExtent {
        first_row: region.bounds.first_row as u32,
        last_row: region.bounds.end_row as u32 - 1,
        first_col: region.bounds.first_col as u32,
        last_col: region.bounds.end_col as u32 - 1,
    };
    let mark = Mark {
        row,
        col,
        peak: (row as u32, col as u32, 0),
        mean_power: 0.0,
        pixels: region.pixels,
        extent,
        moments: region.moments,
    };
    let size = product
        .pixel_frame(row, col)
        .map(|frame| measure::size(&mark, &frame));
    let heading = size.and_then(|size| size.heading);
    let mut flags = Vec::new();
    if region.at_edge {
        flags.push(DetectionFlag::ImageEdge);
    }
    if region.is_saturated {
        flags.push(DetectionFlag::Saturated);
    }
    let mut reasons = Vec::new();
    if !candidate.is_ship() {
        flags.push(DetectionFlag::UnlikeShip);
        reasons.push(format!(
            "The second look takes it for a ship with probability {:.2}.",
            candidate.score
        ));
    }
    let rounded = [row, col].map(|place| place.round().to_string());
    Detection {
        row,
        col,
        length_m: size.map(|size| size.length_m),
        length_sigma_m: size.map(|size| size.length_sigma_m),
        width_m: size.map(|size| size.width_m),
        width_sigma_m: size.map(|size| size.width_sigma_m),
        heading_deg: heading.map(|heading| heading.0),
        heading_sigma_deg: heading.map(|heading| heading.1),
        score: candidate.score,
        snr_db: 20.0 * region.peak_contrast.log10(),
        mean_contrast_db: 20.0 * region.contrast.log10(),
        pixels: region.pixels,
        extent,
        flags,
        reasons,
        test: None,
        ..Detection::bare(
            &content_id("det", &[&scene.id, &rounded[0], &rounded[1]]),
            &scene.id,
        )
    }
}
