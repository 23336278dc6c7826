//! Polygons burnt into a byte raster, in pixel coordinates.

use super::error::{GisError, words};
use gdal::DriverManager;
use gdal::raster::{MergeAlgorithm, OptimizeMode, RasterizeOptions, rasterize};
use gdal::vector::{Geometry, ToGdal};
use geo::{MapCoords, MultiPolygon};

/// Burns polygons into `out`, `rows × width` bytes row-major: 1 where a polygon touches the pixel, 0 elsewhere.
///
/// Polygons may overlap and reach beyond the raster. x = column, y = row, the centre of a pixel at whole numbers, so that
/// pixel (0, 0) covers −0.5 ..= 0.5.
///
/// GDAL walks through every corner once a row: cut large polygons to the raster first.
///
/// # Errors
///
/// [`GisError::Memory`] if GDAL refuses the raster or a geometry.
///
/// # Panics
///
/// If `out` does not hold `rows × width` bytes: the caller made it for this raster.
pub fn burn_polygons(
    width: u32,
    rows: u32,
    polygons_px: &MultiPolygon<f64>,
    out: &mut [u8],
) -> Result<(), GisError> {
    assert_eq!(
        out.len(),
        width as usize * rows as usize,
        "the buffer is not rows × width"
    );
    if polygons_px.0.is_empty() || out.is_empty() {
        out.fill(0);
        return Ok(());
    }
    burn(width, rows, polygons_px, out).map_err(|error| GisError::Memory {
        task: "to burn polygons",
        detail: words(&error),
    })
}

fn burn(
    width: u32,
    rows: u32,
    polygons_px: &MultiPolygon<f64>,
    out: &mut [u8],
) -> gdal::errors::Result<()> {
    let shape = (width as usize, rows as usize);
    let mut dataset = DriverManager::get_driver_by_name("MEM")?
        .create_with_band_type::<u8, _>("", shape.0, shape.1, 1)?;
    // GDAL puts a pixel's corner, not its centre, at whole numbers.
    let corners = polygons_px.map_coords(|at| geo::Coord {
        x: at.x + 0.5,
        y: at.y + 0.5,
    });
    let geometries: Vec<Geometry> = corners
        .iter()
        .map(ToGdal::to_gdal)
        .collect::<gdal::errors::Result<_>>()?;
    let options = RasterizeOptions {
        all_touched: true,
        merge_algorithm: MergeAlgorithm::Replace,
        optimize: OptimizeMode::Raster,
        ..RasterizeOptions::default()
    };
    let values = vec![1.0; geometries.len()];
    rasterize(&mut dataset, &[1], &geometries, &values, Some(options))?;
    dataset
        .rasterband(1)?
        .read_into_slice((0, 0), shape, shape, out, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::polygon;

    #[test]
    fn a_pixel_is_burnt_when_touched_and_its_centre_is_a_whole_number() {
        // 1.6 ..= 3.4 by 0.6 ..= 2.4: within pixels 2 ..= 3 by 1 ..= 2 when centres are whole numbers.
        let square =
            polygon![(x: 1.6, y: 0.6), (x: 3.4, y: 0.6), (x: 3.4, y: 2.4), (x: 1.6, y: 2.4)];
        let mut out = [9; 6 * 4];
        burn_polygons(6, 4, &MultiPolygon(vec![square]), &mut out).expect("burnt");
        let expected = [
            [0, 0, 0, 0, 0, 0],
            [0, 0, 1, 1, 0, 0],
            [0, 0, 1, 1, 0, 0],
            [0, 0, 0, 0, 0, 0],
        ];
        assert_eq!(out.as_slice(), expected.as_flattened());
    }

    #[test]
    fn holes_stay_open_and_polygons_beyond_the_raster_are_cut() {
        let outer = polygon!(
            exterior: [(x: -100.0, y: -100.0), (x: 100.0, y: -100.0), (x: 100.0, y: 100.0), (x: -100.0, y: 100.0)],
            interiors: [[(x: 0.9, y: 0.9), (x: 3.1, y: 0.9), (x: 3.1, y: 3.1), (x: 0.9, y: 3.1)]],
        );
        let mut out = [0; 5 * 5];
        burn_polygons(5, 5, &MultiPolygon(vec![outer]), &mut out).expect("burnt");
        // The hole's edge runs through the pixels about (2, 2), which are touched; its middle is open.
        let open: Vec<usize> = (0..25).filter(|&i| out[i] == 0).collect();
        assert_eq!(open, [12]);
    }

    #[test]
    fn nothing_to_burn_clears_the_buffer() {
        let mut out = [7; 4];
        burn_polygons(2, 2, &MultiPolygon(vec![]), &mut out).expect("burnt");
        assert_eq!(out, [0; 4]);
    }
}
