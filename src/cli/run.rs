//! `tidewatch run`: a pipeline from inputs to alerts.

use super::log::LogArgs;
use super::print::tell;
use super::{DONE, SOME_FAILED};
use crate::pipeline::{Display, PipelineError, Plan, RunOptions, Wildcards, load_with, watch};
use crate::store::StoreAddress;
use anyhow::{Context, Result};
use clap::Args;
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// Run a pipeline file: search scenes, fuse with AIS, make and deliver alerts
///
/// Scenes are searched one after the other, each on every core. An input that fails is named and the others finish
/// (exit code 1). Started again, the run goes on where it stopped: scenes that are done are not searched again, and
/// nothing is told twice; one that failed is tried again when it or the settings have changed, or after `tidewatch retry`. The output folder holds report.html, tidewatch.gpkg, cap/, quicklook/, clutter/, chips/, *.geojson and
/// detections.csv. The closing table goes to standard error.
///
/// With `--watch` it does not end: it runs again when files that the pipeline's wildcards and lists name are new or have
/// changed, each once two looks found it the same, and asks STAC catalogues every ten minutes. The pipeline file itself is read
/// once. Told to end (SIGTERM, Ctrl-C), it finishes the scene in hand; what is left is done by the next run.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  tidewatch run pipelines/demo.yaml --out out/demo\n  tidewatch run /data/incoming.yaml --watch\n  tidewatch run pipelines/demo.yaml --store postgresql://tidewatch@db.example/watch?sslmode=verify-full"
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
    /// Go on, and look every SECONDS for files that are new or have changed
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "10",
        value_parser = clap::value_parser!(u64).range(1..=3600))]
    watch: Option<u64>,
}

pub(super) fn run(args: &RunArgs, log: &LogArgs, now: Timestamp) -> Result<u8> {
    let may_match = wildcards(args.watch.is_some());
    let plan = load_with(&args.pipeline, args.out.as_deref(), may_match)?;
    let in_output = || plan.output.join("tidewatch.gpkg").into();
    let options = RunOptions {
        store: args.store.clone().unwrap_or_else(in_output),
        now,
        display: if log.bar() {
            Display::Auto
        } else {
            Display::Hidden
        },
        stop: Arc::default(),
    };
    if let Some(seconds) = args.watch {
        return run_again(plan, Duration::from_secs(seconds), options, log);
    }
    let summary = crate::pipeline::run(&plan, &options)?;
    if !log.quiet {
        tell(summary.to_string().trim_end());
    }
    Ok(summary.exit_code())
}

/// What wildcards may match when files are waited for, and when they are not.
pub(super) fn wildcards(are_waited_for: bool) -> Wildcards {
    if are_waited_for {
        Wildcards::Anything
    } else {
        Wildcards::Something
    }
}

/// Runs until it is told to end; the code is that of the last round.
fn run_again(plan: Plan, every: Duration, mut options: RunOptions, log: &LogArgs) -> Result<u8> {
    #[allow(
        clippy::disallowed_methods,
        reason = "it runs for days and needs the time of each round; this is where it comes in"
    )]
    let clock = Timestamp::now;
    let stop = Arc::clone(&options.stop);
    stop_when_told(Arc::clone(&stop))?;
    tell(&format!(
        "Watching the files of {} every {} s.",
        plan.path.display(),
        every.as_secs()
    ));
    let mut code = DONE;
    watch(plan, every, &stop, |plan| {
        options.now = clock();
        let summary = crate::pipeline::run(plan, &options).inspect_err(|error| {
            if !matches!(error, PipelineError::Stopped) {
                code = SOME_FAILED;
            }
        })?;
        if !log.quiet {
            tell(summary.to_string().trim_end());
        }
        code = summary.exit_code();
        Ok(())
    });
    tell("Ended.");
    Ok(code)
}

/// Sets the flag at the first SIGTERM or Ctrl-C.
fn stop_when_told(stop: Arc<AtomicBool>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot wait for signals")?;
    let mut terminated = {
        let _inside = runtime.enter();
        signal(SignalKind::terminate()).context("cannot wait for signals")?
    };
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = tokio::signal::ctrl_c() => {}
                    _ = terminated.recv() => {}
                }
            });
            tracing::info!("Told to end: the scene in hand is finished first.");
            stop.store(true, Ordering::Relaxed);
        })
        .context("cannot start the thread that waits for signals")?;
    Ok(())
}
