//! Product files in, [`crate::model::scene::Scene`] and calibrated pixels out. One folder or file a product family.

pub mod sentinel1;
pub(crate) mod xml;

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
}
