//! `tidewatch serve`: feeds, API, stream and page from a store; live AIS into it.

use super::DONE;
use super::deliver::PushArgs;
use super::print::{causes, tell};
use crate::deliver::{Ending, PushOptions};
use crate::encode::{CapSender, Language};
use crate::pipeline::live::listen;
use crate::pipeline::{Plan, load};
use crate::serve::{ServeOptions, TlsFiles, serve};
use crate::store::{StoreAddress, open};
use anyhow::{Context, Result, bail};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::Timestamp;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Serve alerts, evidence and a page over HTTP, and listen to live AIS
///
/// With --pipeline it listens to the feeds of that file's `live:` section and applies the file's rules on tracks. Without a
/// key a reader sees alerts marked TLP:CLEAR and the watch regions; `tidewatch partner` makes keys. Runs beside
/// `tidewatch run` on the same store and shows what it commits at once. Ends on SIGTERM or SIGINT after the answers under
/// way. With --tls-cert and --tls-key it speaks TLS 1.2 and 1.3 itself, and reads both files again on SIGHUP; behind a proxy
/// with TLS, name the address that readers use with --public-url.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  tidewatch serve --store out/demo/tidewatch.gpkg --listen 127.0.0.1:8080\n  \
                  tidewatch serve --pipeline pipelines/live.yaml"
)]
pub(super) struct ServeArgs {
    /// The store, a file or postgresql://USER@HOST/DATABASE; made if it is not there [default: tidewatch.gpkg, or the one in the
    /// pipeline's output folder]
    #[arg(long, value_name = "PATH|URL")]
    store: Option<StoreAddress>,
    /// A pipeline file with a `live:` section: listen to its feeds
    #[arg(long, value_name = "FILE")]
    pipeline: Option<PathBuf>,
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// PEM file with the server's certificate, and those that issued it behind it; needs --tls-key
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// PEM file with the certificate's private key; needs --tls-cert
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// How readers reach the server, for links in answers [default: http:// or https:// and the address]
    #[arg(long, value_name = "URL", value_parser = public_url)]
    public_url: Option<String>,
    /// CAP `sender` of the indexes, and of CAP files that no run wrote
    #[arg(long, value_name = "ID", default_value = "watch@localhost")]
    sender: String,
    /// Name of the sender for people
    #[arg(long, value_name = "NAME", default_value = "tidewatch")]
    sender_name: String,
    /// Language of CAP files that no run wrote, beside English; again for each
    #[arg(long, value_name = "TAG", value_parser = language())]
    language: Vec<Language>,
    /// Requests a second for each key, and for each address without one; twice as many at once
    #[arg(long, value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    requests_per_second: u32,
    /// Streams that each key, and each address without one, may have open
    #[arg(long, value_name = "N", default_value = "64", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    streams_each: u32,
    /// Do not push to partners' channels: leave that to `tidewatch deliver`
    #[arg(long)]
    no_push: bool,
    #[command(flatten)]
    push: PushArgs,
}

fn language() -> impl TypedValueParser<Value = Language> {
    let tags = PossibleValuesParser::new(Language::ALL.map(Language::tag));
    tags.try_map(|tag| Language::parse(&tag).ok_or("not a language of CAP files"))
}

fn public_url(text: &str) -> Result<String, String> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '?' | '#');
    match rest {
        Some(rest) if !rest.is_empty() && rest.chars().all(plain) => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err("expected http:// or https://, a host, and no query".to_owned()),
    }
}

pub(super) fn run(args: &ServeArgs) -> Result<u8> {
    let plan = args.pipeline.as_deref().map(live_plan).transpose()?;
    let store = store(args, plan.as_ref())?;
    let options = ServeOptions {
        files: files(&store, plan.as_ref()),
        store,
        listen: args.listen,
        tls: args
            .tls_cert
            .clone()
            .zip(args.tls_key.clone())
            .map(|(certificate, key)| TlsFiles { certificate, key }),
        public_url: args.public_url.clone(),
        sender: CapSender {
            sender: args.sender.clone(),
            sender_name: args.sender_name.clone(),
            web: None,
            contact: None,
            exercise: None,
            languages: args.language.iter().copied().collect(),
        },
        requests_per_second: args.requests_per_second,
        streams_each: args.streams_each as usize,
        clock,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the network's threads")?;
    let push = (!args.no_push).then(|| args.push.options(Ending::Never));
    runtime.block_on(side_by_side(options, push, plan))?;
    Ok(DONE)
}

/// A plan that listens.
fn live_plan(path: &Path) -> Result<Plan> {
    let plan = load(path, None)?;
    if plan.file.live.is_none() {
        bail!(
            "{}: has no `live` section; expected feeds to listen to",
            path.display()
        );
    }
    Ok(plan)
}

/// The store that is served: the named one, else that of the plan, whose folder is made.
fn store(args: &ServeArgs, plan: Option<&Plan>) -> Result<StoreAddress> {
    match (&args.store, plan) {
        (Some(store), _) => Ok(store.clone()),
        (None, None) => Ok(StoreAddress::from("tidewatch.gpkg")),
        (None, Some(plan)) => {
            std::fs::create_dir_all(&plan.output)
                .with_context(|| format!("cannot make the folder {}", plan.output.display()))?;
            Ok(plan.output.join("tidewatch.gpkg").into())
        }
    }
}

/// The folder that a run's files have their paths from: that of the store's file, else the plan's or this one.
fn files(store: &StoreAddress, plan: Option<&Plan>) -> PathBuf {
    let folder = store.folder().or(plan.map(|plan| plan.output.as_path()));
    folder.map(PathBuf::from).unwrap_or_default()
}

/// Everything that runs while the server does. Tasks meet in the store alone: one that is added here is started once the
/// address is ours, listens to a copy of `end`, and is waited for after the server.
async fn side_by_side(
    options: ServeOptions,
    push: Option<PushOptions>,
    plan: Option<Plan>,
) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen to SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen to SIGINT")?;
    let (tell_end, end) = watch::channel(false);
    let tell_end = Arc::new(tell_end);
    let on_signal = tell_end.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        on_signal.send_replace(true);
    });
    let store = options.store.clone();
    let scheme = if options.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let (mut pushing, mut listening) = (None, None);
    serve(options, ended(end.clone()), |address| {
        tell(&format!("Serving on {scheme}://{address}"));
        listening = plan.map(|plan| {
            let heard = listened(plan, store.clone(), (tell_end.clone(), end.clone()));
            tokio::spawn(heard)
        });
        pushing = push.map(|push| tokio::spawn(pushed(store, push, ended(end))));
    })
    .await?;
    if let Some(pushing) = pushing {
        pushing.await.context("the push to partners broke off")?;
    }
    if let Some(listening) = listening {
        listening.await.context("the live AIS broke off")??;
    }
    Ok(())
}

/// Listens on a thread of its own until `end`. A node that cannot listen ends as a whole: one that looks alive and hears
/// nothing would be worse.
async fn listened(
    plan: Plan,
    store: StoreAddress,
    (tell_end, end): (Arc<watch::Sender<bool>>, watch::Receiver<bool>),
) -> Result<()> {
    let stop = Arc::new(AtomicBool::new(false));
    let asked = stop.clone();
    let ending = tokio::spawn(async move {
        ended(end).await;
        asked.store(true, Ordering::Relaxed);
    });
    let done = tokio::task::spawn_blocking(move || listen(&plan, &store, clock, &stop)).await;
    ending.abort();
    match done.context("the live AIS broke off")? {
        Ok(report) => {
            let (lines, messages) = (report.lines, report.messages);
            tracing::info!(lines, messages, outages = report.outages, "Live AIS ended.");
            Ok(())
        }
        Err(error) => {
            tell_end.send_replace(true);
            Err(error.into())
        }
    }
}

async fn ended(mut end: watch::Receiver<bool>) {
    // The sender lives as long as the process.
    let _ = end.wait_for(|ended| *ended).await;
}

/// Pushes until `end`. A push that cannot start is told; the server goes on.
async fn pushed(store: StoreAddress, options: PushOptions, end: impl Future<Output = ()>) {
    let now = (options.clock)();
    let opened = tokio::task::spawn_blocking(move || open(&store, now)).await;
    let done = match opened {
        Ok(Ok(store)) => crate::deliver::run(store, options, end)
            .await
            .map_err(anyhow::Error::from),
        Ok(Err(error)) => Err(error.into()),
        Err(error) => Err(error.into()),
    };
    if let Err(error) = done {
        tracing::error!(error = %causes(&error), "Nothing is pushed to partners.");
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "a server outlives the one reading that main takes"
)]
fn clock() -> Timestamp {
    Timestamp::now()
}
