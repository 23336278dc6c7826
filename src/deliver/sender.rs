//! One channel's way out, whichever kind it is: a parcel in, an answer out.

use super::folder::{Fault, publish};
use super::jetstream::Jetstream;
use super::mqtt::{Mqtt, mqtt_address};
use super::parcel::{Answer, Parcel};
use super::retry::Table;
use super::webhook::{AddressGuard, Webhook};
use crate::model::channel::{Channel, Form, Route};
use crate::store::OutboxEntry;
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;

/// A channel ready to send.
pub(super) enum Sender {
    /// Files.
    Folder(PathBuf),
    /// HTTP.
    Webhook(Box<Webhook>),
    /// MQTT 5.
    Mqtt(Box<Mqtt>),
    /// NATS JetStream.
    Jetstream(Box<Jetstream>),
}

impl Sender {
    /// Makes a channel ready; nothing is connected yet.
    ///
    /// # Errors
    ///
    /// A text that says what is wrong with the channel's settings.
    pub(super) fn new(channel: &Channel, guard: &Arc<AddressGuard>) -> Result<Self, String> {
        Ok(match &channel.route {
            Route::Folder { folder } => Self::Folder(folder.into()),
            Route::Webhook { url, secrets, .. } => {
                let hook = Webhook::new(url, secrets, Arc::clone(guard));
                Self::Webhook(Box::new(hook.map_err(|error| error.to_string())?))
            }
            Route::Mqtt { url, login, .. } => Self::Mqtt(Box::new(Mqtt::new(
                mqtt_address(url)?,
                login.clone(),
                (&channel.partner, &channel.id),
            ))),
            Route::Jetstream {
                url, stream, login, ..
            } => Self::Jetstream(Box::new(Jetstream::new(
                (url, stream),
                login.clone(),
                &channel.partner,
            ))),
        })
    }

    /// One attempt.
    pub(super) async fn send(
        &mut self,
        entry: &OutboxEntry,
        parcel: &Parcel,
        now: Timestamp,
    ) -> Answer {
        match self {
            Self::Folder(folder) => match publish(folder, entry) {
                Ok(path) => Answer::Delivered(path.display().to_string()),
                Err(Fault::Write { path, source }) => {
                    Answer::endpoint(format!("{}: {source}", path.display()))
                }
                Err(Fault::Name) => Answer::Refused("the file name leaves the folder".to_owned()),
                Err(Fault::Occupied { path }) => {
                    Answer::Refused(format!("{}: other content is there", path.display()))
                }
            },
            Self::Webhook(hook) => hook.send(parcel, now).await,
            Self::Mqtt(mqtt) => mqtt.send(parcel, now).await,
            Self::Jetstream(stream) => stream.send(parcel).await,
        }
    }

    /// How long this kind of channel waits after a failure.
    pub(super) fn table(&self) -> Table {
        match self {
            Self::Webhook(_) => Table::Webhook,
            Self::Folder(_) | Self::Mqtt(_) | Self::Jetstream(_) => Table::Broker,
        }
    }
}

/// Form of what a route carries.
pub(super) fn form(route: &Route) -> Form {
    match route {
        Route::Folder { .. } => Form::Cap,
        Route::Webhook { form, .. } | Route::Mqtt { form, .. } | Route::Jetstream { form, .. } => {
            *form
        }
    }
}
