//! A search of a product: its bands, its land, its geometry laid before [`search_image`].

use super::{DetectError, DetectParams, Ground, Image, LandRows, SearchReport, search_image};
use crate::model::scene::Polarisation;
use crate::model::tile::Tile;
use crate::region::{Land, LandMask};
use crate::scene::Product;

impl LandRows for LandMask {
    fn land_runs(&self, row: u32) -> &[(u32, u32)] {
        self.runs(row)
    }
}

/// Searches every band of a product for ships; bands' views of one ship become one detection.
///
/// `land`: masked before the search and used for shore distances; without it land fires like any bright thing.
/// `progress` hears of the pixels of each strip of a band when it is done, from any thread; the counts add up to
/// width × height × bands. The detections do not depend on the number of threads.
///
/// # Errors
///
/// `DetectError` of a setting out of range, a band that cannot be read, a mask that cannot be laid, or threads that do
/// not start.
pub fn search(
    product: &Product,
    land: Option<&Land>,
    params: &DetectParams,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<SearchReport, DetectError> {
    let scene = product.scene();
    let pixel_of = |place| product.pixel_of(place);
    let mask = match land {
        Some(land) => land
            .mask(scene.width, scene.height, &pixel_of)
            .map_err(|source| DetectError::Land {
                scene: scene.id.clone(),
                source: source.into(),
            })?,
        None => LandMask::empty(scene.width, scene.height),
    };
    let polarisations: Vec<Option<Polarisation>> = product
        .bands()
        .iter()
        .map(|band| band.polarisation)
        .collect();
    let image = Image {
        scene,
        polarisations: &polarisations,
        land: &mask,
        ground: Ground {
            locate: &|row, col| product.locate(row, col),
            frame: &|row, col| product.pixel_frame(row, col),
            // Products without calibration have no σ⁰; that is no fault of the search.
            sigma0: &|band, row, col| {
                let peak = product.sigma0(band, row, col, 1, 1).ok()?;
                peak.first().map(|&value| f64::from(value))
            },
            ambiguity: &|row, col| product.ambiguity_offset(row, col),
            shore_distance_m: &|place| land.and_then(|land| land.shore_distance_m(place)),
        },
    };
    let open = |band: usize| {
        let failed = move |source| DetectError::Read {
            scene: scene.id.clone(),
            band,
            source: Box::new(source),
        };
        let mut reader = product.open_band(band).map_err(&failed)?;
        let read = move |first_row: u32, rows: u32, tile: &mut Tile| {
            reader.read(first_row, rows, tile).map_err(&failed)
        };
        Ok(Box::new(read) as super::ReadRows)
    };
    search_image(&image, &open, params, progress)
}
