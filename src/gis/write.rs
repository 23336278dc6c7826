//! Rasters out: a GeoTIFF of 16-bit numbers with ground control points, written in strips of rows.

use super::{GisError, set_up, srs};
use gdal::errors::GdalError;
use gdal::raster::{Buffer, RasterCreationOptions};
use gdal::{DriverManager, Gcp as GdalGcp};

/// A pixel tied to a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gcp {
    /// Row.
    pub row: f64,
    /// Column.
    pub col: f64,
    /// Longitude, degrees.
    pub lon_deg: f64,
    /// Latitude, degrees.
    pub lat_deg: f64,
    /// Height, metres.
    pub height_m: f64,
}

/// How pixels are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Plain strips of one row, as Sentinel-1 measurements come.
    None,
    /// DEFLATE with horizontal differences, tiles of 512 × 512.
    Deflate,
}

/// Rows handed over at once: one row of tiles.
const ROWS_AT_ONCE: u32 = 512;

/// Writes a GeoTIFF of one band; `fill(first_row, rows, buffer)` makes `rows × width` values at a time, from the top down.
///
/// # Errors
///
/// If the file cannot be written, or with what `fill` gives.
pub fn write_geotiff_u16_with_gcps<E: From<GisError>>(
    path: &str,
    (width, height): (u32, u32),
    gcps: &[Gcp],
    compression: Compression,
    mut fill: impl FnMut(u32, u32, &mut [u16]) -> Result<(), E>,
) -> Result<(), E> {
    set_up();
    let failed = |source: GdalError| GisError::Write {
        path: path.to_owned(),
        source,
    };
    let mut dataset = DriverManager::get_driver_by_name("GTiff")
        .and_then(|driver| {
            let options = creation_options(compression)?;
            driver.create_with_band_type_with_options::<u16, _>(
                path,
                width as usize,
                height as usize,
                1,
                &options,
            )
        })
        .map_err(failed)?;
    if !gcps.is_empty() {
        let points = gcps.iter().enumerate().map(gdal_gcp).collect();
        srs::wgs84()
            .and_then(|wgs84| dataset.set_gcps(points, &wgs84))
            .map_err(failed)?;
    }
    let mut values = Vec::new();
    let mut first_row = 0;
    while first_row < height {
        let rows = ROWS_AT_ONCE.min(height - first_row);
        values.resize(rows as usize * width as usize, 0);
        fill(first_row, rows, &mut values)?;
        let shape = (width as usize, rows as usize);
        let mut buffer = Buffer::new(shape, values);
        dataset
            .rasterband(1)
            .and_then(|mut band| band.write((0, first_row as isize), shape, &mut buffer))
            .map_err(failed)?;
        (_, values) = buffer.into_shape_and_vec();
        first_row += rows;
    }
    dataset.flush_cache().map_err(failed)?;
    dataset.close().map_err(failed)?;
    Ok(())
}

fn creation_options(compression: Compression) -> Result<RasterCreationOptions, GdalError> {
    let pairs: &[(&str, &str)] = match compression {
        Compression::None => &[("BLOCKYSIZE", "1")],
        Compression::Deflate => &[
            ("COMPRESS", "DEFLATE"),
            ("PREDICTOR", "2"),
            ("TILED", "YES"),
            ("BLOCKXSIZE", "512"),
            ("BLOCKYSIZE", "512"),
        ],
    };
    let mut options = RasterCreationOptions::new();
    options.set_name_value("BIGTIFF", "IF_SAFER")?;
    for (name, value) in pairs {
        options.set_name_value(name, value)?;
    }
    Ok(options)
}

fn gdal_gcp((index, gcp): (usize, &Gcp)) -> GdalGcp {
    GdalGcp {
        id: (index + 1).to_string(),
        info: String::new(),
        pixel: gcp.col,
        line: gcp.row,
        x: gcp.lon_deg,
        y: gcp.lat_deg,
        z: gcp.height_m,
    }
}
