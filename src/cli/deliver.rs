//! `tidewatch deliver`: what waits for partners, sent.

use super::print::tell;
use super::{DONE, SOME_FAILED};
use crate::deliver::{AddressGuard, Ending, PushOptions};
use crate::model::channel::DispatchState;
use crate::store::{StoreAddress, open};
use anyhow::{Context, Result, bail};
use clap::Args;
use ipnet::IpNet;
use jiff::Timestamp;
use tokio::signal::unix::{SignalKind, signal};

/// Send to partners what waits for them, by their channels
///
/// Runs until it is interrupted, and notices new alerts of other processes at once; `--once` ends when nothing is due.
/// Killed at any moment and started again it goes on where it stopped: a message may come twice, under the same id.
#[derive(Args)]
#[command(after_help = "Example:\n  tidewatch deliver --store out/demo/tidewatch.gpkg --once")]
pub(super) struct DeliverArgs {
    /// The store: a file, or postgresql://USER@HOST/DATABASE
    #[arg(long, value_name = "PATH|URL", default_value = "tidewatch.gpkg")]
    store: StoreAddress,
    /// End when nothing is due; exit code 1 if messages wait, on a paused channel too, or were given up
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    push: PushArgs,
}

/// How messages are pushed.
#[derive(Args)]
pub(super) struct PushArgs {
    /// A private block that webhooks may reach, for example 10.1.0.0/16; may be given again [default: none]
    #[arg(long = "allow-address", value_name = "CIDR")]
    allowed: Vec<IpNet>,
    /// This node in CloudEvents: a URI reference
    #[arg(long, value_name = "URI", default_value = "/tidewatch/alerts")]
    source: String,
}

impl PushArgs {
    /// Options for the loop, with the system's clock.
    pub(super) fn options(&self, ending: Ending) -> PushOptions {
        #[allow(
            clippy::disallowed_methods,
            reason = "the loop runs for days and needs the time of each attempt; this is where it comes in"
        )]
        let clock = Timestamp::now;
        PushOptions {
            clock,
            source: self.source.clone(),
            guard: AddressGuard {
                allowed: self.allowed.clone(),
            },
            ending,
        }
    }
}

pub(super) fn run(args: &DeliverArgs, now: Timestamp) -> Result<u8> {
    if !args.store.may_be_there() {
        bail!("{}: there is no store here", args.store);
    }
    let store = open(&args.store, now)?;
    let ending = if args.once {
        Ending::Idle
    } else {
        Ending::Never
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the network threads")?;
    runtime.block_on(async {
        let mut terminated = signal(SignalKind::terminate()).context("cannot wait for signals")?;
        let shutdown = async move {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
        };
        crate::deliver::run(store, args.push.options(ending), shutdown).await?;
        anyhow::Ok(())
    })?;
    if args.once {
        return closing(&args.store, now);
    }
    Ok(DONE)
}

/// Says how the messages of the channels that there are stand, and whether any of them is not where it should be.
fn closing(store: &StoreAddress, now: Timestamp) -> Result<u8> {
    let standing = open(store, now)?.standing()?;
    let counts: Vec<String> = standing
        .iter()
        .map(|(state, count)| format!("{count} {}", state.as_str()))
        .collect();
    tell(&format!("Messages: {}.", counts.join(", ")));
    let is_open = |state| matches!(state, DispatchState::Waiting | DispatchState::Failed);
    let open = standing
        .iter()
        .any(|(state, count)| is_open(*state) && *count > 0);
    Ok(if open { SOME_FAILED } else { DONE })
}
