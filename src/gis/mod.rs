//! The only door to GDAL: rasters in and out, coordinate systems, and files wherever GDAL can reach them.
//!
//! Nothing here knows what a pixel means; that is the `scene` room's business. GDAL's own printing to stderr is
//! switched off: its text comes back in [`GisError`].

pub mod raster;
pub mod srs;
pub mod vsi;
pub mod write;

#[cfg(test)]
mod raster_tests;

use std::ffi::CStr;
use std::sync::Once;

/// Why GDAL, or the file system below it, refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GisError {
    /// The file is not there or cannot be read.
    #[error("{path}: cannot read the file")]
    Read {
        /// The path as given.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A path below one of GDAL's virtual file systems cannot be read.
    #[error("{path}: cannot read the file: {reason}")]
    Virtual {
        /// The path as given.
        path: String,
        /// GDAL's reason.
        reason: String,
    },
    /// The file holds nothing.
    #[error("{path}: the file is empty (0 bytes)")]
    Empty {
        /// The path as given.
        path: String,
    },
    /// GDAL cannot open it as a raster.
    #[error("{path}: cannot open as a raster")]
    Open {
        /// The path as given.
        path: String,
        /// GDAL's reason.
        source: gdal::errors::GdalError,
    },
    /// The raster opened, but its pixels cannot be read: cut off or damaged.
    #[error(
        "{path}: cannot read rows {first_row} to {last_row} of band {band}: the file is cut off or damaged"
    )]
    Pixels {
        /// The path as given.
        path: String,
        /// Band from 1.
        band: usize,
        /// First row asked for.
        first_row: u32,
        /// Last row asked for.
        last_row: u32,
        /// GDAL's reason.
        source: gdal::errors::GdalError,
    },
    /// The georeference is not an invertible map of finite numbers.
    #[error(
        "{path}: the geotransform {value:?} is {fault}; expected six finite numbers of an invertible map"
    )]
    GeoTransform {
        /// The path as given.
        path: String,
        /// The six numbers.
        value: [f64; 6],
        /// `NaN`, `infinite` or `singular`.
        fault: &'static str,
    },
    /// The sample type is not one that this program reads.
    #[error(
        "{path}: band {band} has samples of type {found}; expected 8, 16 or 32-bit integers, floats or complex numbers"
    )]
    SampleType {
        /// The path as given.
        path: String,
        /// Band from 1.
        band: usize,
        /// GDAL's name of the type.
        found: String,
    },
    /// The coordinate system cannot be related to longitude and latitude.
    #[error("{path}: no way from the coordinate system to longitude and latitude")]
    CoordinateSystem {
        /// The path as given.
        path: String,
        /// GDAL's reason.
        source: gdal::errors::GdalError,
    },
    /// A file cannot be written.
    #[error("{path}: cannot write the raster")]
    Write {
        /// The path as given.
        path: String,
        /// GDAL's reason.
        source: gdal::errors::GdalError,
    },
}

/// Room for GDAL's block cache unless the environment says otherwise: a scene is read once, row by row.
const BLOCK_CACHE_BYTES: i64 = 128 * 1024 * 1024;

/// Sets GDAL up once a process: silent, with a small block cache, and reading plain strips without that cache.
pub(crate) fn set_up() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the three calls take no pointer of ours; `CPLQuietErrorHandler` lives as long as the library.
        unsafe {
            gdal_sys::GDALAllRegister();
            gdal_sys::CPLSetErrorHandler(Some(gdal_sys::CPLQuietErrorHandler));
            if std::env::var_os("GDAL_CACHEMAX").is_none() {
                gdal_sys::GDALSetCacheMax64(BLOCK_CACHE_BYTES);
            }
        }
    });
}

/// GDAL's last words on this thread.
fn last_message() -> String {
    // SAFETY: the library returns a NUL-terminated string of its own, copied before the next call.
    let message = unsafe { CStr::from_ptr(gdal_sys::CPLGetLastErrorMsg()) };
    let message = message.to_string_lossy().into_owned();
    if message.is_empty() {
        "no such file".to_owned()
    } else {
        message
    }
}
