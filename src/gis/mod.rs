//! The only door to GDAL: rasters and vectors in and out, coordinate systems, and files wherever GDAL can reach them.
//!
//! Nothing here knows what a pixel means; that is the `scene` room's business. GDAL's own printing to stderr is
//! switched off: its text comes back in [`GisError`].

mod error;
pub mod raster;
pub mod rasterize;
pub mod srs;
pub mod vector;
pub mod vsi;
pub mod write;
pub mod write_layer;
pub mod write_points;

pub use error::GisError;

#[cfg(test)]
mod raster_tests;

use std::ffi::CStr;
use std::sync::Once;

/// Room for GDAL's block cache unless the environment says otherwise: a scene is read once, row by row.
const BLOCK_CACHE_BYTES: i64 = 128 * 1024 * 1024;

/// Reads plain strips straight into the caller's buffer instead of by way of the block cache: twice as fast, and the
/// cache stays empty. GDAL does so only where rows lie in the file as they are asked for.
const DIRECT_READS: &CStr = c"GTIFF_DIRECT_IO";

/// How servers of files are waited for: seconds until a connection stands; bytes a second below which, for so many seconds, an
/// answer counts as broken off; how often what failed in passing (429, 502, 503, 504) is asked again, and the first wait, which
/// doubles.
const PATIENCE: [(&CStr, &CStr); 5] = [
    (c"GDAL_HTTP_CONNECTTIMEOUT", c"10"),
    (c"GDAL_HTTP_LOW_SPEED_LIMIT", c"1024"),
    (c"GDAL_HTTP_LOW_SPEED_TIME", c"30"),
    (c"GDAL_HTTP_MAX_RETRY", c"4"),
    (c"GDAL_HTTP_RETRY_DELAY", c"1"),
];

/// Sets GDAL up once a process: silent, with a small block cache, direct reads of plain strips, and bounds to its patience with
/// servers. What the environment sets stands.
pub(crate) fn set_up() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: strings are copied; `CPLQuietErrorHandler` lives as long as the library.
        unsafe {
            gdal_sys::GDALAllRegister();
            gdal_sys::CPLSetErrorHandler(Some(gdal_sys::CPLQuietErrorHandler));
            if std::env::var_os("GDAL_CACHEMAX").is_none() {
                gdal_sys::GDALSetCacheMax64(BLOCK_CACHE_BYTES);
            }
            for (name, value) in PATIENCE.into_iter().chain([(DIRECT_READS, c"YES")]) {
                if gdal_sys::CPLGetConfigOption(name.as_ptr(), std::ptr::null()).is_null() {
                    gdal_sys::CPLSetConfigOption(name.as_ptr(), value.as_ptr());
                }
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
