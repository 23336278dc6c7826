//! Why a product cannot be used: each cause names the file and what was expected.

use crate::gis::GisError;

/// Why a product cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SceneError {
    /// A file cannot be read, or GDAL refused it.
    #[error(transparent)]
    Gis(#[from] GisError),
    /// A file is not well-formed XML.
    #[error("{path}: not readable as XML: {reason}")]
    Xml {
        /// The file.
        path: String,
        /// The parser's reason.
        reason: String,
    },
    /// An element is missing or holds no sound value.
    #[error("{path}: {element} {problem}")]
    Element {
        /// The file.
        path: String,
        /// The element.
        element: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The numbers do not make an imaging geometry.
    #[error("no imaging geometry: {problem}")]
    Geometry {
        /// What is wrong, with the value.
        problem: String,
    },
    /// A product lacks files that its manifest names and that are needed.
    #[error("{path}: the product lacks {}", files.join(", "))]
    Missing {
        /// The product.
        path: String,
        /// Paths below the product, each with what it is.
        files: Vec<String>,
    },
    /// A zip file or folder holds no product.
    #[error("{path}: holds no folder with a manifest.safe; expected a Sentinel-1 product")]
    NoProduct {
        /// The zip file or folder.
        path: String,
    },
    /// A raster has another size than its annotation says.
    #[error("{path}: is {} × {} pixels; its annotation says {} × {}", found.0, found.1, expected.0, expected.1)]
    Size {
        /// The raster.
        path: String,
        /// Columns and rows found.
        found: (u32, u32),
        /// Columns and rows expected.
        expected: (u32, u32),
    },
    /// The values cannot be read as amplitude.
    #[error("{path}: band {band} {problem}")]
    Values {
        /// The raster.
        path: String,
        /// Band from 1.
        band: usize,
        /// What is wrong, with the value.
        problem: String,
    },
    /// σ⁰ was asked of a raster without calibration.
    #[error("{path}: has no calibration, so no σ⁰")]
    NotCalibrated {
        /// The raster.
        path: String,
    },
    /// A band or window outside the product was asked for.
    #[error("{path}: {asked} lies outside the product")]
    Outside {
        /// The product.
        path: String,
        /// What was asked for.
        asked: String,
    },
}
