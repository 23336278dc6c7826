//! `tidewatch serve`: feeds, API, stream and page from a store.

use super::DONE;
use super::deliver::PushArgs;
use super::print::{causes, tell};
use crate::deliver::{Ending, PushOptions};
use crate::encode::CapSender;
use crate::serve::{ServeOptions, TlsFiles, open_store, serve};
use anyhow::{Context, Result};
use clap::Args;
use jiff::Timestamp;
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Serve alerts, evidence and a page over HTTP
///
/// Without a key a reader sees alerts marked TLP:CLEAR and the watch regions; `tidewatch partner` makes keys. Runs beside
/// `tidewatch run` on the same store and shows what it commits at once. Ends on SIGTERM or SIGINT after the answers under
/// way. With --tls-cert and --tls-key it speaks TLS 1.2 and 1.3 itself, and reads both files again on SIGHUP; behind a proxy
/// with TLS, name the address that readers use with --public-url.
#[derive(Args)]
#[command(
    after_help = "Example:\n  tidewatch serve --store out/demo/tidewatch.gpkg --listen 127.0.0.1:8080"
)]
pub(super) struct ServeArgs {
    /// The store; made if it is not there
    #[arg(long, value_name = "PATH", default_value = "tidewatch.gpkg")]
    store: PathBuf,
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
    let options = ServeOptions {
        store: args.store.clone(),
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
    runtime.block_on(side_by_side(options, push))?;
    Ok(DONE)
}

/// Everything that runs while the server does. Tasks meet in the store alone: one that is added here is started once the
/// address is ours, listens to a copy of `end`, and is waited for after the server.
async fn side_by_side(options: ServeOptions, push: Option<PushOptions>) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen to SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen to SIGINT")?;
    let (tell_end, end) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tell_end.send_replace(true);
    });
    let store = options.store.clone();
    let scheme = if options.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let mut pushing = None;
    serve(options, ended(end.clone()), |address| {
        tell(&format!("Serving on {scheme}://{address}"));
        pushing = push.map(|push| tokio::spawn(pushed(store, push, ended(end))));
    })
    .await?;
    if let Some(pushing) = pushing {
        pushing.await.context("the push to partners broke off")?;
    }
    Ok(())
}

async fn ended(mut end: watch::Receiver<bool>) {
    // The sender lives as long as the process.
    let _ = end.wait_for(|ended| *ended).await;
}

/// Pushes until `end`. A push that cannot start is told; the server goes on.
async fn pushed(store: PathBuf, options: PushOptions, end: impl Future<Output = ()>) {
    let done = match open_store(&store, (options.clock)()) {
        Ok(store) => crate::deliver::run(store, options, end)
            .await
            .map_err(anyhow::Error::from),
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
