//! `tidewatch check`: every fault of a pipeline file.

use super::DONE;
use super::print::tell;
use super::run::wildcards;
use crate::pipeline::load_with;
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
    /// As `tidewatch run --watch` reads it: wildcards may match nothing as yet
    #[arg(long)]
    watch: bool,
}

pub(super) fn run(args: &CheckArgs) -> Result<u8> {
    let plan = load_with(&args.pipeline, None, wildcards(args.watch))?;
    let scenes = plan.scenes().count();
    let catalogues = match plan.sources.len() - scenes {
        0 => String::new(),
        count => format!(" and those of {count} catalogues, which were not asked"),
    };
    tell(&format!(
        "{}: no fault; {scenes} scenes{catalogues}, {} AIS files, {} rules, {} watch regions, output in {}",
        args.pipeline.display(),
        plan.ais.len(),
        plan.file.rules.len(),
        plan.regions.regions().len(),
        plan.output.display()
    ));
    Ok(DONE)
}
