//! Options of a command that speaks to the work queue.

use super::channel::{LoginArgs, read_secret};
use crate::deliver::{NatsServer, check_nats_address};
use anyhow::{Context, Result};
use clap::Args;
use std::future::Future;
use std::path::PathBuf;

/// Where the work queue is.
#[derive(Args)]
#[command(next_help_heading = "Work queue")]
pub(super) struct QueueArgs {
    /// The NATS server with JetStream: nats://HOST:PORT or tls://HOST:PORT
    #[arg(long = "queue", value_name = "URL", value_parser = address)]
    url: String,
    #[command(flatten)]
    access: AccessArgs,
}

/// The same where there may be none.
#[derive(Args)]
#[command(next_help_heading = "Work queue")]
pub(super) struct MaybeQueueArgs {
    /// The NATS server with JetStream, if many machines work on the store: nats://HOST:PORT or tls://HOST:PORT
    #[arg(long = "queue", value_name = "URL", value_parser = address)]
    url: Option<String>,
    #[command(flatten)]
    access: AccessArgs,
}

/// How to log in there.
#[derive(Args)]
struct AccessArgs {
    #[command(flatten)]
    login: LoginArgs,
    /// File with a token, where the server asks for one instead of name and password
    #[arg(long, value_name = "FILE", conflicts_with = "user")]
    token_file: Option<PathBuf>,
}

impl QueueArgs {
    pub(super) fn server(&self) -> Result<NatsServer> {
        self.access.server(&self.url)
    }
}

impl MaybeQueueArgs {
    pub(super) fn server(&self) -> Result<Option<NatsServer>> {
        let server = |url: &String| self.access.server(url);
        self.url.as_ref().map(server).transpose()
    }
}

impl AccessArgs {
    fn server(&self, url: &str) -> Result<NatsServer> {
        Ok(NatsServer {
            url: url.to_owned(),
            login: self.login.read()?,
            token: self.token_file.as_deref().map(read_secret).transpose()?,
        })
    }
}

fn address(text: &str) -> Result<String, String> {
    check_nats_address(text).map(|()| text.to_owned())
}

/// Runs network work to its end.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the network threads")?;
    Ok(runtime.block_on(work))
}
