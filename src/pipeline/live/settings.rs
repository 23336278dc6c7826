//! The `live:` section of a pipeline file.

use schemars::JsonSchema;
use serde::Deserialize;
use std::io;
use std::path::PathBuf;

/// Live AIS: feeds that are listened to until the program is stopped.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LiveSettings {
    /// Feeds.
    #[schemars(length(min = 1))]
    pub sources: Vec<SourceSettings>,
    /// Seconds without a message after which a feed counts as silent, and after which a connection of kind tcp is made anew,
    /// again and again. Default: 60. Lower finds dead feeds sooner and takes quiet waters for outages; higher the reverse.
    #[serde(default = "silent_after")]
    #[schemars(range(min = 1, max = 86400))]
    pub silent_after_s: f64,
    /// Seconds after which what was heard is handed on. Default: 2.
    #[serde(default = "flush")]
    #[schemars(range(min = 0.1, max = 600))]
    pub flush_s: f64,
}

/// One feed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceSettings {
    /// Its name in records and outages.
    #[schemars(length(min = 1))]
    pub id: String,
    /// How it is reached.
    pub kind: SourceKind,
    /// Host and port: of the sender for tcp, to listen at for tcp-listen and udp; the URL (wss:// or ws://) for websocket.
    /// Not for stdin.
    #[serde(default)]
    pub address: Option<String>,
    /// File that holds the key of a websocket feed in aisstream.io's form, relative to this file; with it or `key_env` a
    /// subscription is sent when the connection stands. Default: none, and nothing is sent.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
    /// Environment variable that holds the key, instead of `key_file`.
    #[serde(default)]
    pub key_env: Option<String>,
    /// Boxes to subscribe to: west, south, east and north, degrees. Default: the whole world.
    #[serde(default)]
    pub boxes_deg: Vec<[f64; 4]>,
}

impl SourceSettings {
    /// The key of the feed, if it has one. The text of an error never holds it.
    pub(super) fn key(&self) -> io::Result<Option<String>> {
        let fail = |kind, text: String| Err(io::Error::new(kind, text));
        let key = if let Some(path) = &self.key_file {
            match std::fs::read_to_string(path) {
                Ok(key) => key,
                Err(error) => {
                    let text = format!("{}: cannot read the key: {error}", path.display());
                    return fail(error.kind(), text);
                }
            }
        } else if let Some(name) = &self.key_env {
            match std::env::var(name) {
                Ok(key) => key,
                Err(_) => {
                    let text = format!("the environment variable {name} holds no key");
                    return fail(io::ErrorKind::NotFound, text);
                }
            }
        } else {
            return Ok(None);
        };
        match key.trim() {
            "" => fail(io::ErrorKind::InvalidData, "the key is empty".to_owned()),
            key => Ok(Some(key.to_owned())),
        }
    }
}

/// How a feed is reached. Each gives NMEA 0183 lines, or JSON records one a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// Connect to a sender, again and again.
    Tcp,
    /// Wait for senders to connect.
    TcpListen,
    /// Datagrams of whole lines.
    Udp,
    /// Standard input.
    Stdin,
    /// Connect to a websocket, again and again: aisstream.io, or any that sends lines or JSON records in frames.
    Websocket,
}

fn silent_after() -> f64 {
    60.0
}

fn flush() -> f64 {
    2.0
}
