//! Rasters and vectors in and out, and coordinate systems: the only room that knows GDAL.
//!
//! A dataset is opened by the thread that uses it; nothing here is shared between threads.

mod error;
pub mod rasterize;
pub mod vector;

pub use error::GisError;
