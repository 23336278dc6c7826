//! The ways in which messages leave for a partner: where to, in which form, with which secret.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One way to one partner. Its messages leave in the order in which they were queued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// The partner's id.
    pub partner: String,
    /// Name of the channel in receipts, unique for the partner and stable, also when the address changes.
    pub id: String,
    /// Whether it is used.
    pub state: ChannelState,
    /// Where to, and how.
    pub route: Route,
}

/// Whether a channel is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChannelState {
    /// Messages leave.
    Active,
    /// Messages wait, for this reason, until an operator resumes the channel.
    Paused(String),
}

/// Where to, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// CAP files in a folder.
    Folder {
        /// The folder.
        folder: String,
    },
    /// An HTTP POST a message, signed after Standard Webhooks 1.0.
    Webhook {
        /// `https:` or `http:` address.
        url: String,
        /// Form of the body.
        form: Form,
        /// Signing secrets, newest first; each signs, so that a receiver can change over.
        secrets: Vec<Secret>,
    },
    /// An MQTT 5 broker, QoS 1, topic `mda/v1/<partner>/alerts/<rule>`.
    Mqtt {
        /// `mqtt:` or `mqtts:` address.
        url: String,
        /// Form of the payload.
        form: Form,
        /// Name and password.
        login: Option<Login>,
    },
    /// A NATS JetStream, subject `mda.v1.<partner>.alerts.<rule>`.
    Jetstream {
        /// `nats:` or `tls:` address.
        url: String,
        /// Name of the stream; made if it is not there.
        stream: String,
        /// Form of the payload.
        form: Form,
        /// Name and password.
        login: Option<Login>,
        /// Token, where the server asks for one instead.
        token: Option<Secret>,
    },
}

impl Route {
    /// The kind's name as written in outputs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Folder { .. } => "folder",
            Self::Webhook { .. } => "webhook",
            Self::Mqtt { .. } => "mqtt",
            Self::Jetstream { .. } => "jetstream",
        }
    }

    /// The address or folder.
    pub fn target(&self) -> &str {
        match self {
            Self::Folder { folder } => folder,
            Self::Webhook { url, .. } | Self::Mqtt { url, .. } | Self::Jetstream { url, .. } => url,
        }
    }
}

/// Form of what is pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// `{type, timestamp, data}` of Standard Webhooks.
    Standard,
    /// CloudEvents 1.0.2 in one JSON document.
    CloudEvent,
    /// CloudEvents 1.0.2 with the attributes beside the data: in headers or user properties.
    CloudEventBinary,
    /// The CAP 1.2 document.
    Cap,
}

/// Name and password at a broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// Name.
    pub user: String,
    /// Password.
    pub password: Secret,
}

/// A text that is never printed: neither `Debug` nor `Display` shows it. It does stand in the store.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Takes a text in keeping.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that uses it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What became of one message on one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    /// The partner's id.
    pub partner: String,
    /// The message.
    pub message_id: String,
    /// The channel.
    pub channel: String,
    /// How it stands.
    pub state: DispatchState,
    /// Attempts so far.
    pub attempts: u32,
    /// How many of them the receiver answered by refusing this one message.
    pub refusals: u32,
    /// Time of the last attempt (UTC), if there was one.
    pub last_attempt: Option<jiff::Timestamp>,
    /// Not before this time (UTC), if it waits for its turn.
    pub next_attempt: Option<jiff::Timestamp>,
    /// From the alert's `sent` to the receiver's acknowledgement, milliseconds.
    pub latency_ms: Option<u64>,
    /// Where it went or was to go: the channel's address.
    pub target: String,
    /// What the receiver or the network said last: `200`, `connection refused`.
    pub answer: String,
    /// Trace id, the same from the scene to the delivery.
    pub trace_id: String,
}

impl Dispatch {
    /// A message that waits for its first attempt.
    pub fn untried(channel: &Channel, message_id: &str) -> Self {
        Self {
            partner: channel.partner.clone(),
            message_id: message_id.to_owned(),
            channel: channel.id.clone(),
            state: DispatchState::Waiting,
            attempts: 0,
            refusals: 0,
            last_attempt: None,
            next_attempt: None,
            latency_ms: None,
            target: channel.route.target().to_owned(),
            answer: String::new(),
            trace_id: String::new(),
        }
    }
}

/// How a message stands on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DispatchState {
    /// To be tried, or tried again.
    Waiting,
    /// Acknowledged by the receiver.
    Delivered,
    /// Given up; a replay makes it wait again.
    Failed,
    /// The release rule says no at the exit; asked again when the partner's rights change.
    Withheld,
}

impl DispatchState {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Delivered, Self::Failed, Self::Withheld];

    /// The state's name as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Withheld => "withheld",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        let login = Login {
            user: "u".into(),
            password: Secret::new("hunter2"),
        };
        assert!(!format!("{login:?}").contains("hunter2"));
        assert_eq!(login.password.expose(), "hunter2");
    }
}
