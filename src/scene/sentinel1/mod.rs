//! Sentinel-1 ground-range detected products (SAFE).

pub mod annotation;
pub mod geocode;
pub mod orbit;

#[cfg(test)]
mod geometry_tests;

pub use annotation::{Annotation, GridPoint};
pub use geocode::{Geometry, GeometryParts, RangeConversion};
pub use orbit::{Orbit, StateVector};
