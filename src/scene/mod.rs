//! Product files in, [`crate::model::scene::Scene`] and calibrated pixels out. One folder or file a product family.
//!
//! [`open`] tells a Sentinel-1 product (folder, `manifest.safe` or zip) from a plain raster; [`inspect()`] says what a
//! product is and what it lacks, without needing its pixels.

mod error;
mod footprint;
mod inspect;
mod plain;
mod product;
mod reader;
pub mod sentinel1;
pub(crate) mod xml;

#[cfg(test)]
mod plain_tests;
#[cfg(test)]
mod product_tests;
#[cfg(test)]
mod small_product;

pub use error::SceneError;
pub use inspect::{Inspection, inspect};
pub use plain::RasterOptions;
pub use product::{Band, Product, open};
pub use reader::BandReader;
