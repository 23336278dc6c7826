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
    let scene = scene(picture);
    let image = Image {
        scene: &scene,
        polarisations: &[None],
        land: &NoLand,
        ground: Ground {
            locate: &|_, _| None,
            frame: &|_, _| Some(PixelFrame::from_spacing(SPACING_M, SPACING_M)),
            sigma0: &|_, _, _| None,
            shore_distance_m: &|_| None,
        },
    };
    let params = DetectParams {
        pfa,
        ..DetectParams::default()
    };
    let open = |_: usize| {
        Ok(Box::new(|first_row: u32, rows: u32, tile: &mut Tile| {
            let start = first_row as usize * picture.size;
            let end = start + rows as usize * picture.size;
            tile.first_row = first_row;
            tile.rows = rows;
            tile.width = picture.size as u32;
            tile.amplitude.clear();
            tile.amplitude.extend_from_slice(&picture.dn[start..end]);
            Ok(())
        }) as ReadRows)
    };
    search_image(&image, &open, &params, &|_| ())
}

fn scene(picture: &Picture) -> Scene {
    Scene {
        id: "simulated".into(),
        path: String::new(),
        sensor: Sensor::Sar,
        platform: String::new(),
        mode: String::new(),
        product_type: String::new(),
        polarisations: Vec::new(),
        start: None,
        stop: None,
        width: picture.size as u32,
        height: picture.size as u32,
        column_spacing_m: Some(SPACING_M),
        row_spacing_m: Some(SPACING_M),
        looks: picture.looks,
        footprint: None,
        incidence_deg: None,
        pass: None,
        absolute_orbit: None,
        relative_orbit: None,
        processor: String::new(),
        simulated: true,
        notes: Vec::new(),
    }
}
