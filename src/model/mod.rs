//! The currency: plain data that passes between rooms. No input or output happens here.
//!
//! Follow one ship: a [`scene::Scene`] is read as [`tile::Tile`]s, a tile gives [`detection::Detection`]s,
//! AIS [`track::Position`]s become [`track::Track`]s, detection and track make a [`contact::Contact`],
//! rules turn contacts and AIS events into [`alert::Alert`]s, and an encoder writes a [`message::Message`].

pub mod alert;
#[cfg(test)]
pub(crate) mod alert_sample;
pub mod catalogue;
pub mod channel;
pub mod contact;
pub mod detection;
pub mod event;
pub mod grid;
pub mod id;
pub mod layer;
pub mod message;
pub mod outage;
pub mod partner;
pub mod region;
pub mod release;
pub mod scene;
pub mod shape;
pub mod standing;
pub mod tile;
pub mod track;
pub mod units;
