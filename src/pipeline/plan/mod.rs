//! A pipeline file → a checked [`Plan`], or every fault of the file at once.
//!
//! The text is read twice: as a tree with places ([`tree`]), which the schema ([`conform`]) and the world
//! ([`check`]) are laid against, and, when no fault was found, as the types of `file`.

mod check;
mod conform;
mod fault;
mod file;
mod inputs;
#[cfg(test)]
mod load_tests;
mod scenes;
mod tree;

pub use fault::{Fault, Faults, Place};
pub use file::{
    Delivery, DetectSettings, LandSettings, PipelineFile, RegionSettings, Sender, schema_text,
};
pub use inputs::{SceneInput, SceneSource};
pub(in crate::pipeline) use scenes::{Interval, interval};
pub use scenes::{SceneDetail, SceneEntry, SceneList, StacEntry};

use crate::encode::CapSigner;
use crate::region::{RegionError, RegionIndex};
use std::path::{Path, PathBuf};

/// Why a plan could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The pipeline file cannot be read.
    #[error("{}: cannot read the pipeline file", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The pipeline file has faults: all of them.
    #[error(transparent)]
    Faults(#[from] Faults),
    /// The schema could not be generated.
    #[error("the pipeline schema cannot be generated")]
    Schema(#[from] serde_json::Error),
    /// The watch regions cannot be loaded.
    #[error("the watch regions cannot be loaded")]
    Regions(#[from] RegionError),
}

/// A pipeline that can start.
pub struct Plan {
    /// The file it comes from.
    pub path: PathBuf,
    /// What the file says.
    pub file: PipelineFile,
    /// Where scenes come from, in the order of the file, wildcards and lists resolved.
    pub sources: Vec<SceneSource>,
    /// AIS files in the order of the file, wildcards resolved.
    pub ais: Vec<PathBuf>,
    /// Land files.
    pub land_files: Vec<String>,
    /// Files of fixed structures.
    pub infrastructure: Vec<String>,
    /// Watch regions.
    pub regions: RegionIndex,
    /// What CAP messages are signed with, if they are.
    pub signer: Option<CapSigner>,
    /// Output folder.
    pub output: PathBuf,
}

/// What wildcards may match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wildcards {
    /// A file at least: none is a fault of the pipeline file.
    Something,
    /// Nothing as yet: files are waited for.
    Anything,
}

/// Reads and checks a pipeline file; `output` overrides its output folder.
///
/// # Errors
///
/// [`PlanError::Faults`] with every fault of the file; other variants if nothing could be checked.
pub fn load(path: &Path, output: Option<&Path>) -> Result<Plan, PlanError> {
    load_with(path, output, Wildcards::Something)
}

/// The same, with a say in what wildcards may match.
///
/// # Errors
///
/// As [`load`].
pub fn load_with(
    path: &Path,
    output: Option<&Path>,
    wildcards: Wildcards,
) -> Result<Plan, PlanError> {
    let text = std::fs::read_to_string(path).map_err(|source| PlanError::Read {
        path: path.to_owned(),
        source,
    })?;
    let faults = |list| Faults::new(path, &text, list);
    let node = tree::parse(&text).map_err(|fault| faults(vec![fault]))?;
    let schema = serde_json::to_value(schemars::schema_for!(PipelineFile))?;
    let mut found = conform::differences(&node, &schema);
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    let world = check::check(&node, folder, wildcards)?;
    found.extend(world.faults);
    if !found.is_empty() {
        return Err(faults(found).into());
    }
    let mut file: PipelineFile =
        serde_saphyr::from_str(&text).map_err(|error| faults(vec![tree::yaml_fault(&error)]))?;
    let sources = file.live.iter_mut().flat_map(|live| &mut live.sources);
    for key in sources.filter_map(|source| source.key_file.as_mut()) {
        *key = folder.join(&*key);
    }
    let output = output.map_or_else(|| folder.join(&file.output), Path::to_owned);
    Ok(Plan {
        path: path.to_owned(),
        sources: inputs::sources(&file, folder),
        ais: inputs::ais(&file, folder),
        land_files: inputs::files(&file.land.files, folder),
        infrastructure: inputs::files(&file.infrastructure, folder),
        regions: world.regions,
        signer: world.signer,
        output,
        file,
    })
}

impl Plan {
    /// Scenes that are known without the network.
    pub fn scenes(&self) -> impl Iterator<Item = &SceneInput> {
        self.sources.iter().filter_map(|source| match source {
            SceneSource::Scene(scene) => Some(scene),
            SceneSource::Stac(_) => None,
        })
    }

    /// Looks again what wildcards match and what lists name.
    pub fn look_again(&mut self) {
        let folder = self.path.parent().unwrap_or_else(|| Path::new(""));
        self.sources = inputs::sources(&self.file, folder);
        self.ais = inputs::ais(&self.file, folder);
    }
}
