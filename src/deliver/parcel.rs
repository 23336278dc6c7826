//! One message ready for one channel, and what came back: the currency between the loop and the channels.

use crate::encode::event::{self, Origin};
use crate::model::alert::Alert;
use crate::model::channel::Form;
use crate::model::id::hex;
use crate::store::OutboxEntry;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// A message in the form a channel asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parcel {
    /// Stable id: the receiver drops repeats by it.
    pub(super) message_id: String,
    /// Rule behind the alert, for topics.
    pub(super) rule: String,
    /// Media type of the body.
    pub(super) content_type: String,
    /// The body.
    pub(super) body: Vec<u8>,
    /// CloudEvents attributes that travel beside the body; empty in the other forms.
    pub(super) attributes: Vec<(&'static str, String)>,
    /// Marking.
    pub(super) tlp: &'static str,
    /// When the alert ceases to matter (UTC).
    pub(super) expires: Timestamp,
    /// W3C Trace Context of this attempt.
    pub(super) traceparent: String,
}

impl Parcel {
    /// Packs an outbox entry; `attempt` counts from 1.
    pub(super) fn pack(
        entry: &OutboxEntry,
        alert: &Alert,
        (form, source): (Form, &str),
        attempt: u32,
    ) -> Self {
        let traceparent = traceparent(alert, &entry.message_id, attempt);
        let origin = Origin {
            source,
            message_id: &entry.message_id,
            traceparent: &traceparent,
        };
        let (content_type, body) = match form {
            Form::Standard => (event::JSON, event::standard(alert)),
            Form::CloudEvent => (event::CLOUD_EVENT, event::cloud_event(alert, &origin)),
            Form::CloudEventBinary => (event::JSON, event::data(alert)),
            Form::Cap => (entry.media_type.as_str(), entry.bytes.clone()),
        };
        let attributes = match form {
            Form::CloudEventBinary => event::attributes(alert, &origin),
            _ => Vec::new(),
        };
        Self {
            message_id: entry.message_id.clone(),
            rule: alert.rule.clone(),
            content_type: content_type.to_owned(),
            body,
            attributes,
            tlp: alert.tlp.as_str(),
            expires: alert.expires,
            traceparent,
        }
    }
}

/// `traceparent` of one attempt: the trace runs from the scene, or the alert if there is none; the span is the attempt.
fn traceparent(alert: &Alert, message_id: &str, attempt: u32) -> String {
    let span = Sha256::digest(format!("{message_id}\0{attempt}"));
    format!("00-{}-{}-01", alert.trace_id(), hex(&span[..8]))
}

/// What an attempt brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// Acknowledged.
    Delivered(String),
    /// The receiver will not have this message; others may pass.
    Refused(String),
    /// The receiver cannot be reached or takes nothing now: all messages wait.
    Endpoint {
        /// What was said.
        status: String,
        /// How long the receiver asked to be left alone.
        wait: Option<Duration>,
    },
    /// The receiver wants no more messages, ever.
    Gone(String),
}

impl Answer {
    /// The receiver cannot be reached.
    pub(super) fn endpoint(status: impl Into<String>) -> Self {
        Self::Endpoint {
            status: status.into(),
            wait: None,
        }
    }
}
