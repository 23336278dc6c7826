//! Truth: simulated products and fleets whose every ship is known, and scores of what was found against it.
//!
//! [`simulate::run`] writes a Sentinel-1 product, an AIS log and a [`truth::Truth`]; [`score::score`] holds detections and
//! contacts against that truth; [`artefacts::score_artefacts`] what bright ships cast; [`methods::compare`] holds our search against others, [`association::compare`] our
//! association. Everything follows from a seed: the same options give the same bytes.

pub mod artefacts;
pub mod association;
mod fleets;
pub mod labels;
pub mod methods;
pub mod score;
pub mod simulate;
pub mod traffic;
pub mod truth;

use crate::detect::DetectError;
use crate::gis::GisError;
use crate::region::RegionError;
use crate::scene::SceneError;
use std::path::PathBuf;

/// Why nothing was simulated or scored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabError {
    /// An option has a value that makes no scene.
    #[error("{option} is {value}; expected {expected}")]
    Option {
        /// The option.
        option: &'static str,
        /// Its value.
        value: String,
        /// What would do.
        expected: &'static str,
    },
    /// A file cannot be read or written.
    #[error("{path}: cannot be read or written")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A truth file is not one.
    #[error("{path}: not a truth file written by `tidewatch simulate`")]
    Truth {
        /// The file.
        path: PathBuf,
        /// The parser's reason.
        source: serde_json::Error,
    },
    /// A file of boxes is not one.
    #[error("{path}: not a COCO file of images and annotations with bbox")]
    Labels {
        /// The file.
        path: PathBuf,
        /// The parser's reason.
        source: serde_json::Error,
    },
    /// A file of structures cannot be read.
    #[error(transparent)]
    Region(#[from] RegionError),
    /// A file of xView3 labels is not one.
    #[error(
        "{path}: not a file of xView3 labels (scene_id, detect_scene_row, detect_scene_column, vessel_length_m, is_vessel, is_fishing, distance_from_shore_km, confidence)"
    )]
    XView3 {
        /// The file.
        path: PathBuf,
        /// The parser's reason.
        source: csv::Error,
    },
    /// A labelled image is of another kind than the search of pictures is made for.
    #[error("{path}: expected an 8-bit picture without georeference, at most 2048 × 2048 pixels")]
    NotPicture {
        /// The file.
        path: PathBuf,
    },
    /// The product to be imitated lacks something.
    #[error("{path}: {problem}")]
    Model {
        /// The product or one of its files.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The fleet does not fit into the sea of the scene.
    #[error(
        "only {placed} of {wanted} ships fit into the scene at {separation_m} m from each other and from land"
    )]
    NoRoom {
        /// Ships placed.
        placed: usize,
        /// Ships wanted.
        wanted: usize,
        /// Distance kept, metres.
        separation_m: f64,
    },
    /// GDAL cannot write or read a file.
    #[error(transparent)]
    Gis(#[from] GisError),
    /// The annotation is unsound.
    #[error(transparent)]
    Scene(#[from] SceneError),
    /// Our own search failed.
    #[error(transparent)]
    Detect(#[from] DetectError),
}

/// Attaches the file's name to a system error.
pub(crate) fn at_file(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> LabError + '_ {
    move |source| LabError::File {
        path: path.to_owned(),
        source,
    }
}
