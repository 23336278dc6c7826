//! `tidewatch check`: every fault of a pipeline file.

use super::DONE;
use super::print::tell;
use crate::pipeline::load;
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;

/// Check a pipeline file without running it
///
/// Tells every fault at once, with file, line and column: unknown keys, wrong types, values out of range, files that
/// are not there, ids that nothing bears. Exit code 2 if there is one.
#[derive(Args)]
#[command(after_help = "Example:\n  tidewatch check pipelines/demo.yaml")]
pub(super) struct CheckArgs {
    /// The pipeline file (YAML)
    pipeline: PathBuf,
}

pub(super) fn run(args: &CheckArgs) -> Result<u8> {
    let plan = load(&args.pipeline, None)?;
    tell(&format!(
        "{}: no fault; {} scenes, {} AIS files, {} rules, {} watch regions, output in {}",
        args.pipeline.display(),
        plan.scenes.len(),
        plan.ais.len(),
        plan.file.rules.len(),
        plan.regions.regions().len(),
        plan.output.display()
    ));
    Ok(DONE)
}
