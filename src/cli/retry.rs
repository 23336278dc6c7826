//! `tidewatch retry`: inputs that failed wait again.

use super::DONE;
use super::print::{data, tell};
use super::queue::{MaybeQueueArgs, block_on};
use crate::pipeline::nodes::retry_lost;
use crate::store::{JournalEntry, Outcome, StoreAddress, open};
use anyhow::{Result, bail};
use clap::Args;
use jiff::Timestamp;

/// Make inputs that failed be tried again
///
/// An input that failed is not tried again as long as it and the settings are what they were: the next run names it with
/// the reason of its failure. Where the cause was elsewhere (a disk, a network), this lets the next run try it. With --queue,
/// jobs that workers gave up go back on the work queue. Prints the inputs that wait now.
#[derive(Args)]
#[command(after_help = "Example:\n  tidewatch retry --store out/demo/tidewatch.gpkg")]
pub(super) struct RetryArgs {
    /// Inputs as `tidewatch status` names them [default: all that failed]
    #[arg(value_name = "INPUT")]
    inputs: Vec<String>,
    /// The store: a file, or postgresql://USER@HOST/DATABASE
    #[arg(long, value_name = "PATH|URL", default_value = "tidewatch.gpkg")]
    store: StoreAddress,
    #[command(flatten)]
    queue: MaybeQueueArgs,
}

pub(super) fn run(args: &RetryArgs, now: Timestamp) -> Result<u8> {
    if !args.store.may_be_there() {
        bail!("{}: there is no store here", args.store);
    }
    let mut store = open(&args.store, now)?;
    let failed: Vec<JournalEntry> = store
        .journal()?
        .into_iter()
        .filter(|entry| entry.outcome == Outcome::Failed)
        .collect();
    let is_other = |input: &&String| !failed.iter().any(|entry| entry.input == **input);
    if let Some(input) = args.inputs.iter().find(is_other) {
        bail!(
            "{input}: not among the inputs that failed; expected one that `tidewatch status` tells as failed"
        );
    }
    let waiting: Vec<JournalEntry> = failed
        .into_iter()
        .filter(|entry| args.inputs.is_empty() || args.inputs.contains(&entry.input))
        .map(|entry| JournalEntry {
            outcome: Outcome::Waiting,
            message: format!("tried again; it had failed: {}", entry.message),
            ..entry
        })
        .collect();
    store.put_journal(&waiting)?;
    let names: String = waiting.iter().map(|e| format!("{}\n", e.input)).collect();
    data(names.as_bytes())?;
    match args.queue.server()? {
        None => tell(&format!(
            "{} inputs wait for the next run of their pipeline.",
            waiting.len()
        )),
        Some(server) => {
            let back = block_on(async { retry_lost(&server, &args.inputs).await })??;
            tell(&format!(
                "{} inputs wait; {} jobs are back on the queue.",
                waiting.len(),
                back.len()
            ));
        }
    }
    Ok(DONE)
}
