//! Messages to partners: made when an alert is made, sent when a channel is drained.
//!
//! [`enqueue`] decides who gets what and encodes it; the entries are stored in the same transaction as the alerts.
//! [`to_folder`] writes what has no receipt yet, at the end of a run. [`run`](fn@run) works off every channel of every
//! partner for as long as it is asked to: `run` watches the store, `lane` keeps one channel's order and stores what became
//! of its messages, `sender` is the way out of one kind of channel, `parcel` what passes between them.
//!
//! At any point a process may die: delivery is at least once, and as a message has a stable id and a fixed file name, the
//! partner sees each revision once.

mod folder;
mod jetstream;
mod lane;
mod mqtt;
mod nats;
mod outbox;
mod parcel;
mod retry;
mod run;
mod sender;
mod shared;
mod tls;
mod topic;
mod webhook;

pub use folder::{DeliverError, Delivery, FolderChannel, to_folder};
pub use jetstream::check_nats_address;
pub use mqtt::{MqttAddress, mqtt_address};
pub use nats::NatsServer;
pub use outbox::enqueue;
pub use run::{Ending, PushError, PushOptions, run};
pub use webhook::{AddressGuard, BadEndpoint, BadSecret, check_secret, secret_from, webhook_url};
