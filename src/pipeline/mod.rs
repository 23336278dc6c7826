//! A pipeline file → a checked plan → results, alerts and a report.
//!
//! [`load`] reads the file and tells every fault at once. [`run()`] then reads the AIS, searches one scene after the
//! other (the pixels of a scene on every core), fuses, applies the rules, and keeps everything in the store. A scene
//! that fails is recorded and the others finish. A scene that the store holds from the same inputs and settings is not
//! searched again, and the same inputs twice change no file.

mod alarm;
mod archive;
mod behaviour;
mod convert;
mod digest;
mod ear;
mod geoparquet;
mod leave;
pub mod live;
pub mod nodes;
mod outputs;
mod page;
mod picture;
mod plan;
mod prepare;
mod progress;
mod quick;
mod record;
mod run;
#[cfg(test)]
mod run_tests;
mod search;
mod settle;
mod source;
mod standing;
mod summary;
mod survey;
mod truth;

pub use archive::{ArchiveFormat, export, import};
pub use convert::{ConvertError, Converted, Target, convert};
pub use plan::{
    Delivery, DetectSettings, Fault, Faults, LandSettings, PipelineFile, Place, Plan, PlanError,
    RegionSettings, SceneDetail, SceneEntry, SceneInput, SceneList, SceneSource, Sender, StacEntry,
    Wildcards, load, load_with, schema_text,
};
pub use progress::Display;
pub use quick::{Format, QuickFound, QuickSearch, search_rasters};
pub use record::FailedInput;
pub use run::{RunOptions, run};
pub use source::SourceError;
pub use source::watch::watch;
pub use summary::{AlertCounts, RunSummary};
pub use truth::{ScoreError, score_run, score_run_as_xview3};

/// Shapes of the watched islands: land of simulated scenes.
pub use crate::region::built_in_islands;

use crate::encode::SignError;
use crate::store::StoreError;
use std::path::PathBuf;

/// Why a run stopped as a whole. What was finished before stays; the next run goes on from there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// A file or folder of the output cannot be written.
    #[error("{}: cannot write the output", path.display())]
    Output {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The run was told to end: between two scenes, before alerts and files.
    #[error("told to end before the run was over; the next one goes on from there")]
    Stopped,
    /// An alert cannot be signed. None of the run's alerts is stored; the next run states them again.
    #[error(transparent)]
    Sign(#[from] SignError),
}
