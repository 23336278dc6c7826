//! The listener: connections with times and sizes that a slow or hostile peer cannot stretch, and an orderly end.

use super::ServeError;
use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;

/// Connections at once; further ones are closed.
const MOST_CONNECTIONS: usize = 4096;

/// Longest time for a request's head to arrive, and for an idle connection to stay.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// Longest time for a TLS handshake.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);

/// Longest time that a peer may take nothing of an answer.
const WRITE_TIME: Duration = Duration::from_secs(30);

/// Largest head of a request, bytes.
const LARGEST_HEAD: usize = 16 * 1024;

/// Longest time for answers under way once the server is asked to end.
const END_TIME: Duration = Duration::from_secs(10);

pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| ServeError::Io {
            action: format!("listen on {address}"),
            source,
        })
}

/// What every connection is answered with.
pub(super) struct Answering {
    pub(super) routes: Router,
    /// TLS, if the server speaks it.
    pub(super) tls: Option<TlsAcceptor>,
}

/// Accepts until `shutdown`, tells `end`, waits for the answers under way, and cuts off those that take too long: what
/// they hold, the audit's sender among it, is free when this returns.
pub(super) async fn run(
    listener: TcpListener,
    answering: Answering,
    shutdown: impl Future<Output = ()>,
    end: &watch::Sender<bool>,
) {
    let graceful = GracefulShutdown::new();
    let answering = Arc::new(answering);
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer)) => match room.clone().try_acquire_owned() {
                Ok(permit) => {
                    let (answering, watcher) = (answering.clone(), graceful.watcher());
                    let ending = end.subscribe();
                    connections.spawn(async move {
                        answer(stream, peer, &answering, (watcher, ending)).await;
                        drop(permit);
                    });
                }
                Err(_) => metrics::counter!("mda_http_connections_refused_total").increment(1),
            },
            Err(error) => {
                // Out of file handles, for example: wait for some to come back.
                tracing::warn!(%error, "A connection could not be accepted.");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    let _ = end.send(true);
    finish(graceful, connections).await;
}

async fn finish(graceful: GracefulShutdown, mut connections: JoinSet<()>) {
    tracing::info!("Ending: answers under way are finished first.");
    if tokio::time::timeout(END_TIME, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("Some readers did not take their answers in time and are cut off.");
    }
    connections.shutdown().await;
}

/// Answers one peer until it goes away. One that breaks off or dawdles is not worth a line.
async fn answer(
    stream: TcpStream,
    peer: SocketAddr,
    answering: &Answering,
    (watcher, mut ending): (Watcher, watch::Receiver<bool>),
) {
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_TIME));
    let stream = Box::pin(stream);
    let Some(tls) = &answering.tls else {
        let _ = watcher
            .watch(connection(stream, peer, &answering.routes))
            .await;
        return;
    };
    let handshake = tokio::time::timeout(HANDSHAKE_TIME, tls.accept(stream));
    let secured = tokio::select! {
        secured = handshake => secured,
        _ = ending.wait_for(|ending| *ending) => return,
    };
    match secured {
        Ok(Ok(stream)) => {
            let stream = Box::pin(stream);
            let _ = watcher
                .watch(connection(stream, peer, &answering.routes))
                .await;
        }
        // Another protocol, no common version, or too slow.
        Ok(Err(_)) | Err(_) => metrics::counter!("mda_tls_handshakes_failed_total").increment(1),
    }
}

type Service = TowerToHyperService<
    tower_http::map_request_body::MapRequestBody<Router, fn(Incoming) -> axum::body::Body>,
>;

fn connection<S: AsyncRead + AsyncWrite + Send>(
    stream: Pin<Box<S>>,
    peer: SocketAddr,
    routes: &Router,
) -> http1::Connection<TokioIo<Pin<Box<S>>>, Service> {
    let service = routes.clone().layer(axum::Extension(peer));
    let to_body: fn(Incoming) -> axum::body::Body = axum::body::Body::new;
    let service = TowerToHyperService::new(tower_http::map_request_body::MapRequestBody::new(
        service, to_body,
    ));
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service)
}
