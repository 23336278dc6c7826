//! `tidewatch worker`: jobs of the work queue, done.

use super::print::tell;
use super::queue::{QueueArgs, block_on};
use super::{DONE, SOME_FAILED};
use crate::deliver::Ending;
use crate::pipeline::nodes::{WorkOptions, work};
use crate::store::StoreAddress;
use anyhow::{Context, Result};
use clap::Args;
use jiff::Timestamp;
use tokio::signal::unix::{SignalKind, signal};

/// Take jobs from a work queue and do them
///
/// One scene at a time, on every core; urgent ones first. Workers keep nothing: start and stop as many as there is work for.
/// A job whose worker is killed goes to another within ten seconds. A queue or a database that is away is waited for. What
/// fails four times is set aside with the reason (`tidewatch status --queue`, `tidewatch retry --queue`). Runs until it is
/// interrupted, then finishes the job in hand within 20 s or gives it back.
#[derive(Args)]
#[command(
    after_help = "Example:\n  tidewatch worker --store postgresql://tidewatch@db.example/watch --queue nats://queue.example:4222"
)]
pub(super) struct WorkerArgs {
    /// The store of all workers: postgresql://USER@HOST/DATABASE (a file, if they are on one machine)
    #[arg(long, value_name = "PATH|URL")]
    store: StoreAddress,
    /// End when the queue is empty and no worker has a job in hand; exit code 1 if this worker gave one up
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    queue: QueueArgs,
}

pub(super) fn run(args: &WorkerArgs) -> Result<u8> {
    #[allow(
        clippy::disallowed_methods,
        reason = "a worker runs for days and needs the time of each job; this is where it comes in"
    )]
    let clock = Timestamp::now;
    let options = WorkOptions {
        store: args.store.clone(),
        queue: args.queue.server()?,
        clock,
        ending: if args.once {
            Ending::Idle
        } else {
            Ending::Never
        },
    };
    let summary = block_on(async {
        let mut terminated = signal(SignalKind::terminate()).context("cannot wait for signals")?;
        let shutdown = async move {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
        };
        let worked = work(options, shutdown).await;
        worked.context("cannot start the worker's thread")
    })??;
    tell(&format!(
        "{} jobs done, {} given up.",
        summary.done, summary.lost
    ));
    Ok(if args.once && summary.lost > 0 {
        SOME_FAILED
    } else {
        DONE
    })
}
