//! The `live:` section of a pipeline file.

use schemars::JsonSchema;
use serde::Deserialize;

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
    /// Host and port: of the sender for tcp, to listen at for tcp-listen and udp. Not for stdin.
    #[serde(default)]
    pub address: Option<String>,
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
}

fn silent_after() -> f64 {
    60.0
}

fn flush() -> f64 {
    2.0
}
