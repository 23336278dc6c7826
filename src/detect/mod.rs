//! Ships on the sea: from rows of amplitude to [`Detection`](crate::model::detection::Detection)s.
//!
//! Read in this order: [`params`](DetectParams) → `cfar` (pixels that stand above their sea) → `grow` and `cluster`
//! (targets) → `measure` and `describe` (detections) → `artefact` (what bright targets cast elsewhere) →
//! [`report`](SearchReport). `kdist`, `clutter` and `patch_law` hold
//! the law of sea clutter, `mask` the land, `image` drives all of it over any source of rows, `search` lays a product before it.
//! [`picture`] is the search of chips whose looks nobody knows, with the second look.
//! [`ring_test`](RingTest) is the kernel alone, for benchmarks.

mod artefact;
mod cfar;
mod cluster;
mod clutter;
mod describe;
#[cfg(test)]
mod front_trials;
mod grow;
mod hull;
mod image;
mod kdist;
mod mask;
mod measure;
mod params;
mod patch_law;
pub mod picture;
mod report;
#[cfg(test)]
mod sea_trials;
mod search;
mod split;

pub use cfar::kernel::simd::{SIMD_VARIABLE, Simd};
pub use cfar::ring_test::{RingLaw, RingTest};
pub use clutter::CHECK_PFA;
pub use image::{Ground, Image, OpenBand, ReadRows, search_image};
pub use mask::{LandRows, NoLand};
pub use params::{DetectError, DetectParams};
pub use report::{AchievedPfa, BandReport, ClutterMap, NuSummary, SearchReport};
pub use search::search;
