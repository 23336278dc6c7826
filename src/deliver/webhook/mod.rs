//! The webhook channel: one message in, one signed HTTP POST out, and what the receiver answered.
//!
//! Only an answer of 2xx is a delivery. Redirects are not followed, no proxy is used, and the address guard decides
//! what may be reached.
//!
//! # Source
//!
//! Standard Webhooks 1.0.

mod address;
mod signature;

pub use address::AddressGuard;
pub use signature::{BadSecret, check_secret, secret_from};

use super::parcel::{Answer, Parcel};
use crate::model::channel::Secret;
use address::{Closed, GuardedNames};
use jiff::Timestamp;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url, redirect};
use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// How long a connection may take to stand.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an attempt may take in all (the standard: 15 to 30 s).
const TIMEOUT: Duration = Duration::from_secs(20);

/// Answers are not used; longer ones end the connection, bytes.
const LONGEST_ANSWER: usize = 16 * 1024;

/// One partner's endpoint.
pub(super) struct Webhook {
    client: Client,
    url: Url,
    secrets: Vec<Secret>,
    guard: Arc<AddressGuard>,
}

/// An endpoint that cannot be used at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadEndpoint {
    /// The address cannot be used. It is not repeated: there may be a password in it.
    #[error(
        "not an address of a webhook; expected https://host/path or http://host/path, without name and password"
    )]
    Url,
    /// There is no secret to sign with.
    #[error("there is no secret to sign with")]
    NoSecret,
    /// A secret is none.
    #[error(transparent)]
    Secret(#[from] BadSecret),
    /// No client can be made.
    #[error("cannot make an HTTP client")]
    Client(#[from] reqwest::Error),
}

/// Reads a webhook's address.
///
/// # Errors
///
/// If it is not `http` or `https`, has no host, or carries a name and password, which would end up in logs.
pub fn webhook_url(text: &str) -> Result<Url, BadEndpoint> {
    let url = Url::parse(text).ok().ok_or(BadEndpoint::Url)?;
    let sound = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none();
    if sound {
        Ok(url)
    } else {
        Err(BadEndpoint::Url)
    }
}

impl Webhook {
    pub(super) fn new(
        url: &str,
        secrets: &[Secret],
        guard: Arc<AddressGuard>,
    ) -> Result<Self, BadEndpoint> {
        if secrets.is_empty() {
            return Err(BadEndpoint::NoSecret);
        }
        for secret in secrets {
            check_secret(secret)?;
        }
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .user_agent(concat!("tidewatch/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(GuardedNames(Arc::clone(&guard)))
            .build()?;
        Ok(Self {
            client,
            url: webhook_url(url)?,
            secrets: secrets.to_vec(),
            guard,
        })
    }

    /// One attempt.
    pub(super) async fn send(&self, parcel: &Parcel, now: Timestamp) -> Answer {
        if let Some(closed) = self.closed_literal() {
            return Answer::endpoint(closed.to_string());
        }
        let stamp = now.as_second();
        let Ok(signature) =
            signature::sign(&self.secrets, (&parcel.message_id, stamp), &parcel.body)
        else {
            return Answer::endpoint(BadSecret.to_string());
        };
        let mut request = self
            .client
            .post(self.url.clone())
            .header("content-type", parcel.content_type.as_str())
            .header("webhook-id", parcel.message_id.as_str())
            .header("webhook-timestamp", stamp.to_string())
            .header("webhook-signature", signature)
            .header("traceparent", parcel.traceparent.as_str());
        for (name, value) in &parcel.attributes {
            request = request.header(format!("ce-{name}"), header_value(value));
        }
        match request.body(parcel.body.clone()).send().await {
            // What the connection reached is looked at once more: nothing stands between the guard and the socket.
            Ok(response) => match response.remote_addr() {
                Some(peer) if !self.guard.allows(peer.ip()) => Answer::endpoint(
                    Closed {
                        host: peer.ip().to_string(),
                    }
                    .to_string(),
                ),
                _ => {
                    let answer = answer(response.status(), response.headers(), now);
                    drain(response).await;
                    answer
                }
            },
            Err(error) => Answer::endpoint(last_cause(&error)),
        }
    }

    /// A host given as an address is not resolved, so that it is asked about here.
    fn closed_literal(&self) -> Option<Closed> {
        let host = self.url.host_str()?;
        let address: IpAddr = host.trim_matches(['[', ']']).parse().ok()?;
        (!self.guard.allows(address)).then(|| Closed {
            host: host.to_owned(),
        })
    }
}

fn answer(status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Answer {
    let text = status.as_u16().to_string();
    match status.as_u16() {
        200..=299 => Answer::Delivered(text),
        410 => Answer::Gone(text),
        // The receiver has read this message and will not have it: others may still pass.
        400 | 413 | 415 | 422 => Answer::Refused(text),
        _ => Answer::Endpoint {
            status: text,
            wait: retry_after(headers, now),
        },
    }
}

/// Reads what little a receiver says, so that the connection can be used again; one that says much loses it.
async fn drain(mut response: Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        read += chunk.len();
        if read > LONGEST_ANSWER {
            break;
        }
    }
}

/// `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3).
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Duration::try_from(date.duration_since(now)).ok()
}

/// A value as CloudEvents writes it into an HTTP header: all but printable ASCII, and `"` and `%`, percent-encoded.
fn header_value(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if (0x21..=0x7e).contains(&byte) && !matches!(byte, b'"' | b'%') {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// The innermost cause: the outer ones repeat the address.
fn last_cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut cause: &dyn Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
