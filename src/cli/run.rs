//! `tidewatch run`: a pipeline from inputs to alerts.

use super::log::LogArgs;
use super::print::tell;
use crate::pipeline::{Display, RunOptions, load};
use crate::store::StoreAddress;
use anyhow::Result;
use clap::Args;
use jiff::Timestamp;
use std::path::PathBuf;

/// Run a pipeline file: search scenes, fuse with AIS, make and deliver alerts
///
/// Scenes are searched one after the other, each on every core. An input that fails is named and the others finish
/// (exit code 1). Started again, the run goes on where it stopped: scenes that are done are not searched again, and
/// nothing is told twice; one that failed is tried again when it or the settings have changed, or after `tidewatch retry`. The output folder holds report.html, tidewatch.gpkg, cap/, quicklook/, clutter/, chips/, *.geojson and
/// detections.csv. The closing table goes to standard error.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  tidewatch run pipelines/demo.yaml --out out/demo\n  tidewatch run pipelines/demo.yaml --store postgresql://tidewatch@db.example/watch?sslmode=verify-full"
)]
pub(super) struct RunArgs {
    /// The pipeline file (YAML)
    pipeline: PathBuf,
    /// Output folder, instead of the one in the file
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The store, a file or postgresql://USER@HOST/DATABASE; made if it is not there [default: tidewatch.gpkg in the output
    /// folder]
    #[arg(long, value_name = "PATH|URL")]
    store: Option<StoreAddress>,
}

pub(super) fn run(args: &RunArgs, log: &LogArgs, now: Timestamp) -> Result<u8> {
    let plan = load(&args.pipeline, args.out.as_deref())?;
    let in_output = || plan.output.join("tidewatch.gpkg").into();
    let options = RunOptions {
        store: args.store.clone().unwrap_or_else(in_output),
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
