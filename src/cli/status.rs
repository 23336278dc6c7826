//! `tidewatch status`: what became of each input, from the journal.

use super::partner::table;
use super::print::{data, tell};
use super::queue::{MaybeQueueArgs, block_on};
use super::{DONE, SOME_FAILED};
use crate::pipeline::nodes::{QueueStanding, standing};
use crate::store::{JournalEntry, Outcome, StoreAddress, open};
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde_json::json;
use std::collections::BTreeMap;

/// Tell which inputs are done, which failed and why, and which wait
///
/// One row an input of all pipelines that were run into the store: scenes and AIS files. A scene that waits again after it was
/// done says what changed. Exit code 1 if an input failed.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  tidewatch status --store out/demo/tidewatch.gpkg\n  \
                  tidewatch status --store postgresql://tidewatch@db.example/watch --format json"
)]
pub(super) struct StatusArgs {
    /// The store: a file, or postgresql://USER@HOST/DATABASE
    #[arg(long, value_name = "PATH|URL", default_value = "tidewatch.gpkg")]
    store: StoreAddress,
    /// Format on standard output
    #[arg(long, value_enum, default_value = "text")]
    format: FormatName,
    #[command(flatten)]
    queue: MaybeQueueArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatName {
    /// A table
    Text,
    /// One document with a list of inputs
    Json,
}

pub(super) fn run(args: &StatusArgs, now: Timestamp) -> Result<u8> {
    if !args.store.may_be_there() {
        bail!("{}: there is no store here", args.store);
    }
    let journal = open(&args.store, now)?.journal()?;
    let queue = match args.queue.server()? {
        Some(server) => Some(block_on(async { standing(&server).await })??),
        None => None,
    };
    match args.format {
        FormatName::Text => rows(&journal)?,
        FormatName::Json => data(&document(&journal, queue.as_ref())?)?,
    }
    if let Some(queue) = &queue {
        tell_queue(queue);
    }
    let count = |outcome| journal.iter().filter(|e| e.outcome == outcome).count();
    let failed = count(Outcome::Failed);
    tell(&format!(
        "{} inputs: {} done, {failed} failed, {} waiting.",
        journal.len(),
        count(Outcome::Done),
        count(Outcome::Waiting),
    ));
    Ok(if failed == 0 { DONE } else { SOME_FAILED })
}

fn rows(journal: &[JournalEntry]) -> Result<()> {
    let rows = journal.iter().map(|entry| {
        [
            entry.outcome.as_str().to_owned(),
            entry.input.clone(),
            entry.message.clone(),
        ]
    });
    table(&["state", "input", "why"], rows)
}

/// The queue for people.
fn tell_queue(queue: &QueueStanding) {
    let lanes = queue.queued.iter();
    let lanes: Vec<String> = lanes
        .map(|(lane, count)| format!("{count} {lane}"))
        .collect();
    tell(&format!(
        "Queue: {}; {} in hand or to be tried again; {} given up.",
        lanes.join(", "),
        queue.in_hand,
        queue.lost.len()
    ));
    for lost in &queue.lost {
        tell(&format!("given up: {}", lost.reason));
    }
}

fn document(journal: &[JournalEntry], queue: Option<&QueueStanding>) -> Result<Vec<u8>> {
    let inputs: Vec<_> = journal
        .iter()
        .map(|entry| {
            let why = (!entry.message.is_empty()).then_some(&entry.message);
            json!({"input": entry.input, "state": entry.outcome.as_str(), "why": why, "digest": entry.digest})
        })
        .collect();
    let mut document = json!({ "inputs": inputs });
    if let Some(queue) = queue {
        let lost = queue.lost.iter();
        let lost: Vec<_> = lost
            .map(|lost| json!({"job": lost.job, "why": lost.reason}))
            .collect();
        let queued: BTreeMap<_, _> = queue.queued.iter().copied().collect();
        document["queue"] = json!({"queued": queued, "in_hand": queue.in_hand, "given_up": lost});
    }
    let mut bytes = serde_json::to_vec_pretty(&document)?;
    bytes.push(b'\n');
    Ok(bytes)
}
