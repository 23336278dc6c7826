//! What partners ask for over HTTP: feeds, features, downloads, a stream and a page. Reads the store, encodes, never detects.
//!
//! Every answer that holds an alert has passed [`release`](crate::model::release::release) for the reader at hand. Three
//! things run beside the requests: a thread that follows the store, a thread that keeps the audit, and the listener.

mod access;
mod answer;
mod download;
mod error;
mod features;
mod feeds;
mod health;
mod html;
mod keys;
mod net;
mod openapi;
mod openapi_stac;
mod query;
mod routes;
mod stac;
mod stac_query;
mod state;
mod stream;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tls;
mod watch;

pub use error::ServeError;
pub use keys::{IssuedKey, issue_key};
pub use state::Clock;
pub use tls::TlsFiles;

use crate::encode::CapSender;
use crate::model::partner::AuditEntry;
use crate::store::{StoreAddress, open};
use state::{Pool, Snapshot, State};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{broadcast, mpsc};

/// Alerts that a stream's reader may be behind before it is cut off.
const STREAM_BUFFER: usize = 4096;

/// Audit entries that may wait to be written.
const AUDIT_BUFFER: usize = 100_000;

/// How to serve.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// The store; made if it is not there.
    pub store: StoreAddress,
    /// The folder that a run's files have their paths from.
    pub files: PathBuf,
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Certificate and key; `None` is plain HTTP.
    pub tls: Option<TlsFiles>,
    /// How readers reach the server, without a slash at the end; `None` is the address listened on.
    pub public_url: Option<String>,
    /// Who sends the alerts: for indexes, and for CAP files that no run wrote.
    pub sender: CapSender,
    /// Requests a second for each key, and for each address without one; twice as many at once.
    pub requests_per_second: u32,
    /// Streams that each key, and each address without one, may have open.
    pub streams_each: usize,
    /// The clock.
    pub clock: Clock,
}

/// Serves until `shutdown` ends, then lets answers under way finish. `ready` is told the address once it is listened on.
///
/// # Errors
///
/// If the store cannot be opened, the address not be listened on, or the certificate not be used.
pub async fn serve(
    options: ServeOptions,
    shutdown: impl Future<Output = ()>,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    health::recorder();
    let tls = options.tls.clone().map(tls::Tls::read).transpose()?;
    let acceptor = tls.as_ref().map(tls::Tls::acceptor).transpose()?;
    let listener = net::listen(options.listen).await?;
    let address = listener.local_addr().map_err(|source| ServeError::Io {
        action: "read the address listened on".to_owned(),
        source,
    })?;
    let (end, ending) = tokio::sync::watch::channel(false);
    let (audit, entries) = mpsc::channel(AUDIT_BUFFER);
    let (at, now) = (options.store.clone(), (options.clock)());
    let read = tokio::task::spawn_blocking(move || -> Result<_, ServeError> {
        let store = open(&at, now)?;
        // The version first: what is committed between the two is read again, not missed.
        let version = store.data_version()?;
        let snapshot = watch::first(store.as_ref())?;
        Ok((store, version, snapshot))
    });
    let (store, version, snapshot) = read.await.or(Err(ServeError::Stopped {
        action: "read the store".to_owned(),
    }))??;
    let state = Arc::new(state(&options, address, snapshot, audit, ending));
    let follower = tokio::task::spawn_blocking({
        let state = state.clone();
        move || watch::follow(&state, store.as_ref(), version)
    });
    let auditor = tokio::task::spawn_blocking(move || {
        watch::keep_audit(&options.store, options.clock, entries);
    });
    let answering = net::Answering {
        routes: routes::routes(state.clone()),
        tls: acceptor,
    };
    let certificates = match tls {
        None => None,
        Some(tls) => {
            let hangup = signal(SignalKind::hangup()).map_err(|source| ServeError::Io {
                action: "listen to SIGHUP".to_owned(),
                source,
            })?;
            Some(tokio::spawn(tls.follow(hangup, state.ending.clone())))
        }
    };
    drop(state);
    ready(address);
    net::run(listener, answering, shutdown, &end).await;
    if let Some(certificates) = certificates {
        // It ends with the server, and has nothing to tell.
        let _ = certificates.await;
    }
    // With the last request gone the audit has no sender left, and its writer ends.
    for task in [follower, auditor] {
        task.await.or(Err(ServeError::Stopped {
            action: "end in order".to_owned(),
        }))?;
    }
    Ok(())
}

fn state(
    options: &ServeOptions,
    address: SocketAddr,
    snapshot: Snapshot,
    audit: mpsc::Sender<AuditEntry>,
    ending: tokio::sync::watch::Receiver<bool>,
) -> State {
    let public_url = options.public_url.clone();
    State {
        public_url: public_url.unwrap_or_else(|| {
            let scheme = if options.tls.is_some() {
                "https"
            } else {
                "http"
            };
            format!("{scheme}://{address}")
        }),
        files: options.files.clone(),
        sender: options.sender.clone(),
        clock: options.clock,
        limiter: access::Limiter::new(options.requests_per_second),
        seats: Arc::new(access::Seats::new(options.streams_each)),
        stream: broadcast::Sender::new(STREAM_BUFFER),
        audit,
        ending,
        snapshot: RwLock::new(Arc::new(snapshot)),
        pool: Arc::new(Pool::new(options.store.clone(), options.clock)),
    }
}
