//! Messages to partners: made when an alert is made, sent when a channel is drained.
//!
//! [`enqueue`] decides who gets what and encodes it; the entries are stored in the same transaction as the alerts.
//! [`to_folder`] writes what has no receipt yet. Between the two a process may die at any point: delivery is at least
//! once, and as a message has a stable id and a fixed file name, the partner sees each revision once.

mod folder;
mod jetstream;
mod lane;
mod lock;
mod mqtt;
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
pub use outbox::enqueue;
pub use run::{Ending, PushError, PushOptions, run};
pub use webhook::{AddressGuard, BadEndpoint, BadSecret, check_secret, secret_from, webhook_url};
