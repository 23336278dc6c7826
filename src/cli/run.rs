//! `tidewatch run`: a pipeline from inputs to alerts.

use super::log::LogArgs;
use super::print::tell;
use crate::pipeline::{Display, RunOptions, load};
use anyhow::Result;
use clap::Args;
use jiff::Timestamp;
use std::path::PathBuf;

/// Run a pipeline file: search scenes, fuse with AIS, make and deliver alerts
///
/// Scenes are searched one after the other, each on every core. An input that fails is named and the others finish
/// (exit code 1). Started again, the run goes on where it stopped: scenes that are done are not searched again, and
/// nothing is told twice. The output folder holds report.html, tidewatch.gpkg, cap/, quicklook/, clutter/, chips/, *.geojson and
/// detections.csv. The closing table goes to standard error.
#[derive(Args)]
#[command(after_help = "Example:\n  tidewatch run pipelines/demo.yaml --out out/demo")]
pub(super) struct RunArgs {
    /// The pipeline file (YAML)
    pipeline: PathBuf,
    /// Output folder, instead of the one in the file
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &RunArgs, log: &LogArgs, now: Timestamp) -> Result<u8> {
    let plan = load(&args.pipeline, args.out.as_deref())?;
    let options = RunOptions {
        now,
        display: if log.bar() {
            Display::Auto
        } else {
            Display::Hidden
        },
    };
    let summary = crate::pipeline::run(&plan, &options)?;
    if !log.quiet {
        tell(summary.to_string().trim_end());
    }
    Ok(summary.exit_code())
}
