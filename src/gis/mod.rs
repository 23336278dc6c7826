//! The only door to GDAL: rasters in and out, coordinate systems, and files wherever GDAL can reach them.
//!
//! Nothing here knows what a pixel means; that is the `scene` room's business. GDAL's own printing to stderr is
//! switched off: its text comes back in [`GisError`].

pub mod vsi;

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
