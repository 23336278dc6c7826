//! Our own search on a picture in memory, through the doors that products take.

use super::waters::{Picture, SPACING_M};
use crate::detect::{
    DetectError, DetectParams, Ground, Image, NoLand, ReadRows, SearchReport, search_image,
};
use crate::model::grid::PixelFrame;
use crate::model::scene::{Scene, Sensor};
use crate::model::tile::Tile;

/// Searches a picture with the default settings but for the probability.
pub(super) fn search(picture: &Picture, pfa: f64) -> Result<SearchReport, DetectError> {
    let size = picture.size as u32;
    let scene = Scene {
        column_spacing_m: Some(SPACING_M),
        row_spacing_m: Some(SPACING_M),
        simulated: true,
        ..Scene::unreferenced("simulated".into(), Sensor::Sar, (size, size), picture.looks)
    };
    let image = Image {
        scene: &scene,
        polarisations: &[None],
        land: &NoLand,
        ground: Ground {
            locate: &|_, _| None,
            frame: &|_, _| Some(PixelFrame::from_spacing(SPACING_M, SPACING_M)),
            sigma0: &|_, _, _| None,
            ambiguity: &|_, _| None,
            shore_distance_m: &|_| None,
        },
    };
    let params = DetectParams {
        pfa,
        ..DetectParams::default()
    };
    let open = |_: usize| {
        Ok(Box::new(|first_row, rows, tile: &mut Tile| {
            tile.copy_rows(&picture.dn, size, first_row, rows);
            Ok(())
        }) as ReadRows)
    };
    search_image(&image, &open, &params, &|_| ())
}
