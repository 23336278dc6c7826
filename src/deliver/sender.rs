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
                url,
                stream,
                login,
                token,
                ..
            } => Self::Jetstream(Box::new(Jetstream::new(
                (url, stream),
                (login.clone(), token.clone()),
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
            Self::Folder(folder) => into_folder(folder.clone(), entry.clone()).await,
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

/// Writes one file, on a thread that may wait for the disk.
async fn into_folder(folder: PathBuf, entry: OutboxEntry) -> Answer {
    let written = tokio::task::spawn_blocking(move || publish(&folder, &entry));
    match written.await {
        Ok(Ok(path)) => Answer::Delivered(path.display().to_string()),
        Ok(Err(Fault::Write { path, source })) => {
            Answer::endpoint(format!("{}: {source}", path.display()))
        }
        Ok(Err(Fault::Name)) => Answer::Refused("the file name leaves the folder".to_owned()),
        Ok(Err(Fault::Occupied { path })) => {
            Answer::Refused(format!("{}: other content is there", path.display()))
        }
        Err(error) => Answer::endpoint(format!("the writing broke off: {error}")),
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;
    use crate::model::alert::Tlp;
    use crate::model::alert_sample::marked as alert;
    use std::process::Command;
    use std::time::Duration;

    fn entry() -> OutboxEntry {
        OutboxEntry {
            audience: "p".into(),
            message_id: "a.r1".into(),
            alert_id: "a".into(),
            revision: 1,
            media_type: "application/cap+xml".into(),
            file_name: "a.xml".into(),
            bytes: b"<alert/>".to_vec(),
            trace_id: String::new(),
        }
    }

    // One thread runs everything here, so that a file which blocks it would hold up the clock of the time limit, too.
    #[tokio::test]
    async fn a_folder_that_hangs_holds_up_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join(".a.xml.part");
        assert!(
            Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        // Opening a pipe to write waits for its reader.
        let reader = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_secs(2));
            std::fs::read(pipe).unwrap()
        });
        let parcel = Parcel::pack(&entry(), &alert("a", Tlp::Green), (Form::Cap, "/t"), 1);
        let mut sender = Sender::Folder(folder.path().to_owned());
        let now = "2026-03-01T12:00:00Z".parse().unwrap();
        let entry = entry();
        let sent = sender.send(&entry, &parcel, now);
        let sent = tokio::time::timeout(Duration::from_millis(100), sent).await;
        assert!(sent.is_err(), "{sent:?}");
        assert_eq!(reader.join().unwrap(), b"<alert/>");
    }
}
