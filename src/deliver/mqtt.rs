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
    AsyncClient, MqttOptions, PublishNoticeError, PublishOptions, PublishResult, QoS, Transport,
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
    /// Why the connection ended, once it has.
    ended: watch::Receiver<Option<String>>,
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

/// Reads a broker's address: `mqtt://host[:1883]` or `mqtts://host[:8883]`.
/// The address is not repeated: there may be a password in it.
const BAD_ADDRESS: &str = "not an address of an MQTT broker; expected mqtt://host:port or mqtts://host:port, name and password apart";

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
        let is_over = |connection: &mut Connection| connection.ended.borrow().is_some();
        if self.connection.as_mut().is_none_or(is_over) {
            match self.connect() {
                Ok(connection) => self.connection = Some(connection),
                Err(cause) => return Answer::endpoint(cause),
            }
        }
        let Some(connection) = self.connection.as_mut() else {
            return Answer::endpoint("no connection");
        };
        let topic = topic(&self.partner, &parcel.rule, '/');
        let options = PublishOptions::new(QoS::AtLeastOnce).properties(properties(parcel, now));
        let acknowledged = async {
            let notice = connection
                .client
                .publish_tracked(topic, parcel.body.clone(), options)
                .await
                .map_err(|error| Answer::endpoint(error.to_string()))?;
            notice.wait_async().await.map_err(refused)
        };
        let mut ended = connection.ended.clone();
        let answer = tokio::select! {
            result = acknowledged => match result {
                Ok(PublishResult::Qos1(ack)) => Answer::Delivered(format!("{:?}", ack.reason)),
                Ok(other) => Answer::endpoint(format!("{other:?}")),
                Err(answer) => answer,
            },
            cause = ended.wait_for(Option::is_some) => Answer::endpoint(
                cause.ok().and_then(|cause| cause.clone()).unwrap_or_else(|| "connection closed".to_owned()),
            ),
            () = tokio::time::sleep(TIMEOUT) => Answer::endpoint("no acknowledgement in time"),
        };
        if matches!(answer, Answer::Endpoint { .. }) {
            self.connection = None;
        }
        answer
    }

    fn connect(&self) -> Result<Connection, String> {
        let address = &self.address;
        // One id a channel: the broker ends a connection that a killed process left behind.
        let id = format!("tidewatch-{}-{}", self.partner, self.channel);
        let mut options = MqttOptions::new(id, (address.host.clone(), address.port));
        options.set_keep_alive(KEEP_ALIVE_S);
        options.set_connect_timeout(TIMEOUT);
        if address.tls {
            options.set_transport(Transport::tls_with_default_config());
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
                    tell.send_replace(Some(error.to_string()));
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

fn refused(error: PublishNoticeError) -> Answer {
    match error {
        PublishNoticeError::V5PubAck(reason) => Answer::Refused(format!("{reason:?}")),
        other => Answer::endpoint(other.to_string()),
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
}
