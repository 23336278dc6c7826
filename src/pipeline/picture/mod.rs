//! Pictures for people: a quick-look and maps of the clutter a scene, a chip an alert, as PNG bytes.
//!
//! All show the image as it was taken (rows down, columns right), never turned north-up: what a reader sees
//! is what was searched.

mod canvas;
mod chip;
mod clutter;
mod quicklook;

pub use chip::{Chip, Target, chip};
pub use clutter::{CLUTTER_CAPTION, clutter};
pub use quicklook::{Quicklook, quicklook};

use crate::scene::SceneError;

/// Why a picture could not be drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The scene's pixels could not be read.
    #[error("{scene}: the pixels cannot be read for a picture")]
    Read {
        /// The scene's id.
        scene: String,
        /// What stopped it.
        source: Box<SceneError>,
    },
    /// The land mask could not be drawn.
    #[error("{scene}: the land mask cannot be drawn")]
    Land {
        /// The scene's id.
        scene: String,
        /// What stopped it.
        source: Box<crate::region::RegionError>,
    },
    /// PNG refused the picture.
    #[error("{scene}: the picture cannot be encoded as PNG")]
    Encode {
        /// The scene's id.
        scene: String,
        /// What stopped it.
        source: image::ImageError,
    },
}
