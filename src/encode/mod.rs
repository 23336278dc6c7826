//! Alerts, contacts, detections and scenes as bytes in formats that programs of others read. Pure: no file is touched.
//!
//! Each encoder takes model types and gives a [`Message`](crate::model::message::Message). Inside the house a place is
//! always lon,lat; only [`cap`](mod@cap) turns it round.

mod area;
pub mod cap;
pub mod csv;
pub mod event;
pub mod features;
pub mod geojson;
mod language;
mod product_link;
pub mod reports;
pub mod rss_atom;
mod signature;
pub mod stac;
mod text;
pub mod vector_file;

pub use cap::{CapSender, cap};
pub use language::Language;
pub use signature::{CapSigner, SignError};
pub use text::encoded;
