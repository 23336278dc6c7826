//! `tidewatch score`: what a run found against the truth.

use super::{DONE, print};
use crate::pipeline::score_run;
use anyhow::Result;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use std::path::PathBuf;

/// Score a run against the truth of its scenes
///
/// Detections are matched to the truth within 200 m by the optimal assignment of the xView3 challenge. Prints precision,
/// recall and F1, errors of length and place, and a table of verdicts.
#[derive(Args)]
#[command(
    after_help = "Example:\n  tidewatch score --truth sample-data --run out/demo --format json"
)]
pub(super) struct ScoreArgs {
    /// Truth file of `tidewatch simulate`, or a folder that holds some
    #[arg(long, value_name = "PATH")]
    truth: PathBuf,
    /// Output folder of `tidewatch run`, or its tidewatch.gpkg
    #[arg(long, value_name = "PATH")]
    run: PathBuf,
    /// Form of the figures on standard output
    #[arg(long, value_enum, default_value = "table")]
    format: FormatName,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatName {
    /// For people
    Table,
    /// For machines
    Json,
}

pub(super) fn run(args: &ScoreArgs, now: Timestamp) -> Result<u8> {
    let score = score_run(&args.truth, &args.run, now)?;
    let text = match args.format {
        FormatName::Table => score.to_string(),
        FormatName::Json => serde_json::to_string_pretty(&score)?,
    };
    print::data(format!("{}\n", text.trim_end()).as_bytes())?;
    Ok(DONE)
}
