//! Documents over HTTP: bounded in time, size and attempts.

use super::SourceError;
use crate::model::channel::Secret;
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Response, StatusCode, Url, redirect};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::time::sleep;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// For a whole answer.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Waits after failed attempts; the last failure is told.
const WAITS: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];
/// Longest wait that a server may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Longest document.
const MOST_BYTES: usize = 64 << 20;
const MOST_REDIRECTS: usize = 5;

/// A client for one catalogue.
pub(super) struct Web {
    client: Client,
    runtime: Runtime,
    /// The key, and the only address that it is sent to.
    key: Option<(Secret, Url)>,
}

impl Web {
    /// `key` goes to the host and port of `home` alone.
    pub(super) fn new(home: &Url, key: Option<Secret>) -> Result<Self, SourceError> {
        // An error says that there is a library below rustls already, which is as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(SourceError::Network)?;
        let client = Client::builder()
            // The client takes the key off a request that is sent elsewhere.
            .redirect(redirect::Policy::limited(MOST_REDIRECTS))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .user_agent(concat!("tidewatch/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self {
            client,
            runtime,
            key: key.map(|key| (key, home.clone())),
        })
    }

    /// The document at an address. What fails in passing (no connection, 408, 429, 5xx) is asked again.
    pub(super) fn get(&self, url: &Url) -> Result<Vec<u8>, SourceError> {
        self.runtime.block_on(async {
            let mut waits = WAITS.into_iter();
            let mut attempts = 1;
            loop {
                let (failure, asked) = match self.attempt(url, attempts).await {
                    Ok(bytes) => return Ok(bytes),
                    Err(Failure::Lasting(error)) => return Err(error),
                    Err(Failure::Passing(error, asked)) => (error, asked),
                };
                let Some(wait) = waits.next() else {
                    return Err(failure);
                };
                let wait = wait.max(asked.unwrap_or_default()).min(LONGEST_WAIT);
                tracing::warn!(error = %failure, wait_s = wait.as_secs(), "A catalogue is asked again.");
                sleep(wait).await;
                attempts += 1;
            }
        })
    }

    async fn attempt(&self, url: &Url, attempts: u32) -> Result<Vec<u8>, Failure> {
        let away = |error: &reqwest::Error| {
            let error = SourceError::Away {
                url: shown(url),
                attempts,
                cause: last_cause(error),
            };
            Failure::Passing(error, None)
        };
        let mut request = self
            .client
            .get(url.clone())
            .header("accept", "application/geo+json, application/json");
        if let Some((key, home)) = &self.key
            && home.origin() == url.origin()
        {
            request = request.bearer_auth(key.expose());
        }
        let response = request.send().await.map_err(|error| away(&error))?;
        let status = response.status();
        if status != StatusCode::OK {
            let error = SourceError::Status {
                url: shown(url),
                status: status.as_u16(),
                attempts,
            };
            let passes = status.is_server_error()
                || matches!(
                    status,
                    StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
                );
            return Err(if passes {
                Failure::Passing(error, retry_after(&response))
            } else {
                Failure::Lasting(error)
            });
        }
        read(response, url, away).await
    }
}

enum Failure {
    /// Another attempt may do, after the wait that the server asks for.
    Passing(SourceError, Option<Duration>),
    Lasting(SourceError),
}

async fn read(
    mut response: Response,
    url: &Url,
    away: impl Fn(&reqwest::Error) -> Failure,
) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| away(&error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MOST_BYTES {
            return Err(Failure::Lasting(SourceError::Large {
                url: shown(url),
                most_bytes: MOST_BYTES,
            }));
        }
    }
    Ok(bytes)
}

fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

/// An address as errors name it: without its query, in which there may be a key.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.to_string()
}

/// The innermost cause: the outer ones repeat the address.
fn last_cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
