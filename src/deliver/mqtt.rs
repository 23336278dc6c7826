//! The MQTT 5 channel: one message in, one publication at QoS 1 out, and the broker's acknowledgement.
//!
//! Topic `mda/v1/<partner>/alerts/<rule>`, not retained. Content type and message expiry stand in their own properties,
//! marking, trace and id in user properties; a CloudEvent in binary form has its attributes there by their bare names.
//!
//! # Source
//!
//! OASIS MQTT 5.0; CloudEvents 1.0.2, MQTT protocol binding.

use super::parcel::{Answer, Parcel};
use super::topic::topic;
use crate::model::channel::Login;
use jiff::Timestamp;
use reqwest::Url;
use rumqttc::mqttbytes::v5::PublishProperties;
use rumqttc::{
    AsyncClient, ConnectionError, MqttOptions, PublishNoticeError, PublishOptions, PublishResult,
    QoS, StateError, Transport, mqttbytes,
};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long to wait for a connection and an acknowledgement.
const TIMEOUT: Duration = Duration::from_secs(15);
const KEEP_ALIVE_S: u16 = 30;

/// A connection to one broker, made when the first message leaves and again after a failure.
pub(super) struct Mqtt {
    address: MqttAddress,
    login: Option<Login>,
    partner: String,
    channel: String,
    connection: Option<Connection>,
}

struct Connection {
    client: AsyncClient,
    /// What the end of the connection, once it has ended, says of the message that was on its way.
    ended: watch::Receiver<Option<Answer>>,
    events: JoinHandle<()>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.events.abort();
    }
}

/// Host, port and whether TLS is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MqttAddress {
    host: String,
    port: u16,
    tls: bool,
}

/// The address is not repeated: there may be a password in it.
const BAD_ADDRESS: &str = "not an address of an MQTT broker; expected mqtt://host:port or mqtts://host:port, name and password apart";

/// Reads a broker's address: `mqtt://host[:1883]` or `mqtts://host[:8883]`.
///
/// # Errors
///
/// A text that says what was expected, without the address.
pub fn mqtt_address(text: &str) -> Result<MqttAddress, String> {
    let fail = || BAD_ADDRESS.to_owned();
    let url = Url::parse(text).ok().ok_or_else(fail)?;
    let tls = match url.scheme() {
        "mqtt" => false,
        "mqtts" => true,
        _ => return Err(fail()),
    };
    let bare = url.username().is_empty() && url.password().is_none();
    let host = url.host_str().filter(|_| bare).ok_or_else(fail)?;
    Ok(MqttAddress {
        host: host.trim_matches(['[', ']']).to_owned(),
        port: url.port().unwrap_or(if tls { 8883 } else { 1883 }),
        tls,
    })
}

impl Mqtt {
    pub(super) fn new(
        address: MqttAddress,
        login: Option<Login>,
        (partner, channel): (&str, &str),
    ) -> Self {
        Self {
            address,
            login,
            partner: partner.to_owned(),
            channel: channel.to_owned(),
            connection: None,
        }
    }

    /// One attempt.
    pub(super) async fn send(&mut self, parcel: &Parcel, now: Timestamp) -> Answer {
        let usable = self.connection.take().filter(Connection::is_open);
        let connection = match usable {
            Some(connection) => connection,
            None => match self.connect() {
                Ok(connection) => connection,
                Err(cause) => return Answer::endpoint(cause),
            },
        };
        let topic = topic(&self.partner, &parcel.rule, '/');
        let options = PublishOptions::new(QoS::AtLeastOnce).properties(properties(parcel, now));
        let published = connection.publish(topic, parcel.body.clone(), options);
        let answer = match tokio::time::timeout(TIMEOUT, published).await {
            Ok(answer) => answer,
            Err(_) => Answer::endpoint("no acknowledgement in time"),
        };
        if !matches!(answer, Answer::Endpoint { .. }) {
            self.connection = Some(connection);
        }
        answer
    }

    fn connect(&self) -> Result<Connection, String> {
        let address = &self.address;
        let id = client_id(&self.partner, &self.channel);
        let mut options = MqttOptions::new(id, (address.host.clone(), address.port));
        options.set_keep_alive(KEEP_ALIVE_S);
        options.set_connect_timeout(TIMEOUT);
        if address.tls {
            // The library's plain call ends in a panic where the system's certificates cannot be read.
            let tls = Transport::try_tls_with_default_config();
            options.set_transport(tls.map_err(|error| error.to_string())?);
        }
        if let Some(login) = &self.login {
            options.set_credentials(login.user.clone(), login.password.expose().to_owned());
        }
        options.validate().map_err(|error| error.to_string())?;
        let (client, mut events) = AsyncClient::builder(options).capacity(8).build();
        let (tell, ended) = watch::channel(None);
        let events = tokio::spawn(async move {
            loop {
                // The library would connect again by itself and send again; the outbox does that, with its own order.
                if let Err(error) = events.poll().await {
                    tell.send_replace(Some(at_the_end(&error)));
                    break;
                }
            }
        });
        Ok(Connection {
            client,
            ended,
            events,
        })
    }
}

impl Connection {
    fn is_open(&self) -> bool {
        self.ended.borrow().is_none()
    }

    /// Publishes one message, and waits for its acknowledgement or the end of the connection.
    async fn publish(&self, topic: String, body: Vec<u8>, options: PublishOptions) -> Answer {
        let sent = self.client.publish_tracked(topic, body, options).await;
        let notice = match sent {
            Ok(notice) => notice,
            Err(error) if self.is_open() => return Answer::endpoint(error.to_string()),
            Err(_) => return self.end().await,
        };
        tokio::select! {
            // An acknowledgement that came holds, also if the connection ended behind it.
            biased;
            result = notice.wait_async() => match result {
                Ok(PublishResult::Qos1(ack)) => Answer::Delivered(format!("{:?}", ack.reason)),
                Ok(other) => Answer::endpoint(format!("{other:?}")),
                Err(PublishNoticeError::V5PubAck(reason)) => Answer::Refused(format!("{reason:?}")),
                // The connection is gone, and knows better why.
                Err(PublishNoticeError::Recv) => self.end().await,
                Err(other) => Answer::endpoint(other.to_string()),
            },
            answer = self.end() => answer,
        }
    }

    async fn end(&self) -> Answer {
        let mut ended = self.ended.clone();
        let answer = ended.wait_for(Option::is_some).await.ok();
        let answer = answer.and_then(|answer| answer.clone());
        answer.unwrap_or_else(|| Answer::endpoint("connection closed"))
    }
}

/// What the error that ended a connection says of the message that was on its way.
fn at_the_end(error: &ConnectionError) -> Answer {
    let text = error.to_string();
    match error {
        // The broker told its limit when it was connected to: this message will never pass, others may.
        ConnectionError::MqttState(
            StateError::OutgoingPacketTooLarge { .. }
            | StateError::Deserialization(mqttbytes::Error::OutgoingPacketTooLarge { .. }),
        ) => Answer::Refused(text),
        _ => Answer::endpoint(text),
    }
}

/// One id a channel: the broker ends a connection that a killed process left behind. Ids hold no underline, so that no
/// two channels share one.
fn client_id(partner: &str, channel: &str) -> String {
    format!("tidewatch_{partner}_{channel}")
}

fn properties(parcel: &Parcel, now: Timestamp) -> PublishProperties {
    let mut user = vec![
        ("tlp".to_owned(), parcel.tlp.to_owned()),
        ("message-id".to_owned(), parcel.message_id.clone()),
    ];
    if parcel.attributes.is_empty() {
        user.push(("traceparent".to_owned(), parcel.traceparent.clone()));
    }
    let attributes = parcel.attributes.iter();
    user.extend(attributes.map(|(name, value)| ((*name).to_owned(), value.clone())));
    let left_s = parcel.expires.duration_since(now).as_secs();
    PublishProperties {
        payload_format_indicator: Some(1),
        // An expired alert still goes to who is connected now; nothing is kept for the absent.
        message_expiry_interval: Some(u32::try_from(left_s.max(1)).unwrap_or(u32::MAX)),
        content_type: Some(parcel.content_type.clone()),
        user_properties: user,
        ..PublishProperties::default()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;

    #[test]
    fn an_address_gives_host_port_and_tls() {
        let plain = mqtt_address("mqtt://broker").unwrap();
        assert_eq!((plain.port, plain.tls), (1883, false));
        let tls = mqtt_address("mqtts://[2001:db8::1]:99").unwrap();
        assert_eq!(
            (tls.host.as_str(), tls.port, tls.tls),
            ("2001:db8::1", 99, true)
        );
        for bad in ["broker", "http://broker", "mqtt://u:p@broker", "mqtt://"] {
            assert!(mqtt_address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_password_in_an_address_is_refused_without_being_told() {
        let error = mqtt_address("mqtt://u:hunter2@broker").unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn channels_whose_names_run_together_alike_are_told_apart() {
        assert_ne!(client_id("a-b", "c"), client_id("a", "b-c"));
    }
}
