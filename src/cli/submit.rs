//! `tidewatch submit`: a pipeline's scenes onto the work queue.

use super::print::tell;
use super::queue::{QueueArgs, block_on};
use super::{DONE, SOME_FAILED};
use crate::pipeline::load;
use crate::pipeline::nodes::{SubmitOptions, submit};
use crate::store::StoreAddress;
use anyhow::{Context, Result};
use clap::Args;
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// Put a pipeline's scenes on a work queue, for workers on many machines
///
/// One job a scene that is not done, and one that closes the run when all are. Every worker must see the pipeline file, its
/// inputs and its output folder under the same paths. Submitting again is safe: what is done, or on the queue, is not doubled.
/// Exit code 1 if inputs failed before (see `tidewatch retry`) or a catalogue was not read in whole.
#[derive(Args)]
#[command(
    after_help = "Example:\n  tidewatch submit /data/night.yaml --store postgresql://tidewatch@db.example/watch --queue nats://queue.example:4222"
)]
pub(super) struct SubmitArgs {
    /// The pipeline file (YAML)
    pipeline: PathBuf,
    /// Output folder, instead of the one in the file
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The store of all workers: postgresql://USER@HOST/DATABASE (a file, if they are on one machine)
    #[arg(long, value_name = "PATH|URL")]
    store: StoreAddress,
    /// Before everything that is not urgent
    #[arg(long)]
    urgent: bool,
    #[command(flatten)]
    queue: QueueArgs,
}

pub(super) fn run(args: &SubmitArgs, now: Timestamp) -> Result<u8> {
    let mut plan = load(&absolute(&args.pipeline)?, args.out.as_deref())?;
    plan.output = absolute(&plan.output)?;
    let options = SubmitOptions {
        store: args.store.clone(),
        queue: args.queue.server()?,
        is_urgent: args.urgent,
        now,
    };
    let submitted = block_on(submit(plan, options))??;
    for failure in &submitted.failed {
        tell(&format!("failed: {}", failure.reason));
    }
    tell(&format!(
        "{} scenes put on the queue, {} on it already, {} done; inputs failed: {}.",
        submitted.queued,
        submitted.repeated,
        submitted.done,
        submitted.failed.len()
    ));
    Ok(if submitted.failed.is_empty() {
        DONE
    } else {
        SOME_FAILED
    })
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path)
        .with_context(|| format!("{}: cannot be made absolute", path.display()))
}
