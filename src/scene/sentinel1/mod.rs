//! Sentinel-1 ground-range detected products (SAFE).

mod ambiguity;
pub mod annotation;
pub mod calibration;
pub mod geocode;
mod lut;
pub mod manifest;
pub mod noise;
pub mod orbit;
pub mod product;
pub mod radiometry;
mod rfi;

#[cfg(test)]
mod geometry_tests;
#[cfg(test)]
mod radiometry_tests;

pub use annotation::{Annotation, GridPoint, SwathBounds};
pub use calibration::Calibration;
pub use geocode::{Geometry, GeometryParts, RangeConversion};
pub use manifest::{FileKind, Manifest, ProductFile};
pub use noise::Noise;
pub use orbit::{Orbit, StateVector};
pub use product::{Annotated, AnnotatedBand};
pub use radiometry::Radiometry;
