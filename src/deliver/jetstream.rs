//! The NATS JetStream channel: one message in, one stored message of the stream out, and the server's acknowledgement.
//!
//! Subject `mda.v1.<partner>.alerts.<rule>`. `Nats-Msg-Id` is the message's id, by which the server drops repeats within
//! the stream's duplicate window.

use super::nats::{NatsServer, TIMEOUT};
use super::parcel::{Answer, Parcel};
use super::topic::topic;
use crate::model::channel::{Login, Secret};
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{self, Context, stream};
use reqwest::Url;
use std::time::Duration;

/// Repeats within this time are dropped by the server: longer than a restart takes.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(3600);

/// A connection to one server, made when the first message leaves and again after a failure.
pub(super) struct Jetstream {
    server: NatsServer,
    stream: String,
    partner: String,
    context: Option<Context>,
}

/// Checks a server's address: `nats://host[:4222]` or `tls://host[:4222]`.
///
/// # Errors
///
/// A text that says what was expected, without the address.
pub fn check_nats_address(text: &str) -> Result<(), String> {
    let url = Url::parse(text).ok();
    let sound = url.is_some_and(|url| {
        matches!(url.scheme(), "nats" | "tls")
            && url.host_str().is_some_and(|host| !host.is_empty())
            && url.username().is_empty()
            && url.password().is_none()
    });
    if sound {
        return Ok(());
    }
    // The address is not repeated: there may be a password in it.
    Err("not an address of a NATS server; expected nats://host:port or tls://host:port, name and password apart".to_owned())
}

impl Jetstream {
    pub(super) fn new(
        (url, stream): (&str, &str),
        (login, token): (Option<Login>, Option<Secret>),
        partner: &str,
    ) -> Self {
        Self {
            server: NatsServer {
                url: url.to_owned(),
                login,
                token,
            },
            stream: stream.to_owned(),
            partner: partner.to_owned(),
            context: None,
        }
    }

    /// One attempt.
    pub(super) async fn send(&mut self, parcel: &Parcel) -> Answer {
        let context = match self.context.take() {
            Some(context) => context,
            None => match self.connect().await {
                Ok(context) => context,
                Err(cause) => return Answer::endpoint(cause),
            },
        };
        let mut message = PublishMessage::build()
            .payload(parcel.body.clone().into())
            .message_id(&parcel.message_id)
            .header("content-type", parcel.content_type.as_str())
            .header("tlp", parcel.tlp)
            .header("traceparent", parcel.traceparent.as_str());
        for (name, value) in &parcel.attributes {
            message = message.header(format!("ce-{name}"), value.as_str());
        }
        let subject = topic(&self.partner, &parcel.rule, '.');
        let published = async { context.send_publish(subject, message).await?.await };
        match published.await {
            Ok(stored) => {
                self.context = Some(context);
                let repeat = if stored.duplicate { ", a repeat" } else { "" };
                Answer::Delivered(format!("sequence {}{repeat}", stored.sequence))
            }
            Err(error) if error.kind() == PublishErrorKind::MaxPayloadExceeded => {
                self.context = Some(context);
                Answer::Refused(error.to_string())
            }
            Err(error) => Answer::endpoint(error.to_string()),
        }
    }

    async fn connect(&self) -> Result<Context, String> {
        let client = self.server.connect(Some(1)).await;
        let client = client.map_err(|error| error.to_string())?;
        let mut context = jetstream::new(client);
        context.set_timeout(TIMEOUT);
        let wanted = stream::Config {
            name: self.stream.clone(),
            subjects: vec![format!("mda.v1.{}.>", self.partner)],
            duplicate_window: DUPLICATE_WINDOW,
            ..stream::Config::default()
        };
        context
            .get_or_create_stream(wanted)
            .await
            .map_err(|error| format!("stream {}: {error}", self.stream))?;
        Ok(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_needs_a_scheme_and_no_password() {
        for good in ["nats://host", "nats://127.0.0.1:4222", "tls://host:1"] {
            assert_eq!(check_nats_address(good), Ok(()));
        }
        for bad in ["host", "http://host", "nats://u:p@host", "nats://"] {
            assert!(check_nats_address(bad).is_err(), "{bad}");
        }
        let error = check_nats_address("nats://u:hunter2@host").unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
