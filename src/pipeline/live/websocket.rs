//! A websocket as a source: one message, or several lines of them, a frame.
//!
//! Connects, asks for what is wanted if the feed is of aisstream.io's form (a JSON text with the key and boxes, due within
//! three seconds), and hands on the frames as lines. Pings are answered by the library. The key is in no log and no error.

use super::settings::SourceSettings;
use super::source::{Link, What, connect, is_wait, reconnect};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tungstenite::client::IntoClientRequest;
use tungstenite::http::Uri;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error, Message, WebSocket};

/// Longest wait for an answer before the connection stands.
const HANDSHAKE_WAIT: Duration = Duration::from_secs(10);
/// Longest wait for bytes before the thread looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(200);
/// Longest message; aisstream.io's are about 1 KiB.
const MAX_MESSAGE: usize = 1 << 20;
/// Longest message that is looked through for a supplier's refusal.
const SHORT: usize = 1024;

/// Everything that a connection needs.
pub(super) struct Wanted {
    uri: Uri,
    /// Text to send first. Holds the key.
    subscription: Option<String>,
    tls: Option<Arc<ClientConfig>>,
}

impl Wanted {
    /// # Errors
    ///
    /// If the address is no websocket's, the key cannot be had, or the system has no certificates.
    pub(super) fn of(settings: &SourceSettings) -> io::Result<Self> {
        let bad = |text: &str| io::Error::new(io::ErrorKind::InvalidInput, text.to_owned());
        let address = settings.address.as_deref().unwrap_or_default();
        let uri: Uri = address.parse().or(Err(bad(
            "the address is not a URL; expected wss:// and a host",
        )))?;
        let tls = match uri.scheme_str() {
            Some("ws") => None,
            Some("wss") => Some(tls()?),
            _ => return Err(bad("the address does not begin with wss:// or ws://")),
        };
        let subscription = settings.key()?.map(|key| subscription(settings, &key));
        Ok(Self {
            uri,
            subscription,
            tls,
        })
    }

    fn open(&self) -> io::Result<WebSocket<Wire>> {
        let host = self.uri.host().unwrap_or_default();
        let port = match (self.uri.port_u16(), &self.tls) {
            (Some(port), _) => port,
            (None, Some(_)) => 443,
            (None, None) => 80,
        };
        let stream = connect(&format!("{host}:{port}"))?;
        stream.set_read_timeout(Some(HANDSHAKE_WAIT))?;
        stream.set_write_timeout(Some(HANDSHAKE_WAIT))?;
        let wire = match &self.tls {
            None => Wire::Plain(stream),
            Some(config) => {
                let name = host.trim_matches(['[', ']']).to_owned();
                let name = ServerName::try_from(name).map_err(io::Error::other)?;
                let client =
                    ClientConnection::new(config.clone(), name).map_err(io::Error::other)?;
                Wire::Tls(Box::new(StreamOwned::new(client, stream)))
            }
        };
        let request = self
            .uri
            .clone()
            .into_client_request()
            .map_err(io::Error::other)?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE));
        let (mut socket, _) = tungstenite::client::client_with_config(request, wire, Some(config))
            .map_err(|error| io::Error::other(error.to_string()))?;
        if let Some(text) = &self.subscription {
            socket
                .send(Message::text(text.clone()))
                .map_err(io::Error::other)?;
        }
        socket.get_ref().tcp().set_read_timeout(Some(LOOK))?;
        Ok(socket)
    }
}

fn tls() -> io::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let text = "the system has no certificates of authorities; expected a package such as ca-certificates";
        return Err(io::Error::new(io::ErrorKind::NotFound, text));
    }
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// aisstream.io's form: corners of boxes with the latitude first.
fn subscription(settings: &SourceSettings, key: &str) -> String {
    let world = [[-180.0, -90.0, 180.0, 90.0]];
    let boxes = match settings.boxes_deg.as_slice() {
        [] => &world[..],
        boxes => boxes,
    };
    let boxes: Vec<Value> = boxes
        .iter()
        .map(|[west, south, east, north]| json!([[south, west], [north, east]]))
        .collect();
    json!({"APIKey": key, "BoundingBoxes": boxes}).to_string()
}

/// Connects again and again until all is to stop.
pub(super) fn listen(wanted: &Wanted, link: &Link) {
    reconnect(link, |connection| {
        let host = wanted.uri.host().unwrap_or_default();
        match wanted.open() {
            Ok(socket) => {
                link.renew.store(false, Ordering::Relaxed);
                if !link.tell(connection, What::Connected) {
                    return false;
                }
                let (gone, heard) = pump(socket, connection, link);
                link.tell(connection, What::Gone(gone));
                heard
            }
            Err(error) => {
                tracing::warn!(%host, %error, "No connection to the AIS feed; trying again.");
                false
            }
        }
    });
}

/// Hands on frames until the connection ends; why it did, and whether any came.
fn pump(mut socket: WebSocket<Wire>, connection: usize, link: &Link) -> (String, bool) {
    let mut heard = false;
    loop {
        if link.stopped() || link.renew.swap(false, Ordering::Relaxed) {
            // The other side need not wait for a timeout; whether it hears this changes nothing.
            let _ = socket.close(None);
            let _ = socket.flush();
            let why = if link.stopped() {
                "stopped"
            } else {
                "silent too long"
            };
            return (why.to_owned(), heard);
        }
        let bytes = match socket.read() {
            Ok(Message::Text(text)) => text.as_bytes().to_vec(),
            Ok(Message::Binary(bytes)) => bytes.to_vec(),
            Ok(Message::Close(_)) | Err(Error::ConnectionClosed) => {
                return ("closed by the sender".to_owned(), heard);
            }
            Ok(_) => continue,
            Err(Error::Io(error)) if is_wait(&error) => continue,
            Err(error) => return (error.to_string(), heard),
        };
        heard = true;
        tell_refusal(&bytes);
        if !link.tell(connection, What::Bytes(lines(bytes))) {
            return ("stopped".to_owned(), heard);
        }
    }
}

/// A frame as whole lines: a JSON document is one, wherever it is broken.
fn lines(mut frame: Vec<u8>) -> Vec<u8> {
    if frame.trim_ascii_start().starts_with(b"{") {
        for byte in frame.iter_mut().filter(|byte| **byte == b'\n') {
            *byte = b' ';
        }
    }
    frame.push(b'\n');
    frame
}

/// A supplier that refuses says so in a JSON document before it closes.
fn tell_refusal(frame: &[u8]) {
    if frame.len() > SHORT || !frame.starts_with(b"{") {
        return;
    }
    let document: Option<Value> = serde_json::from_slice(frame).ok();
    if let Some(reason) = document.as_ref().and_then(|d| d.get("error")?.as_str()) {
        tracing::warn!(%reason, "The AIS feed refuses.");
    }
}

/// TCP, or TLS on it.
enum Wire {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Wire {
    fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => &stream.sock,
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn the_subscription_puts_latitude_first_and_takes_the_key_from_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, " 0a1b\n").unwrap();
        let settings: SourceSettings = serde_saphyr::from_str(&format!(
            "{{id: a, kind: websocket, address: 'wss://example.org/v0/stream', key_file: '{}', boxes_deg: [[122, 24, 126, 28]]}}",
            path.display()
        ))
        .unwrap();
        let wanted = Wanted::of(&settings).unwrap();
        let sent: Value = serde_json::from_str(&wanted.subscription.unwrap()).unwrap();
        assert_eq!(
            sent,
            json!({"APIKey": "0a1b", "BoundingBoxes": [[[24.0, 122.0], [28.0, 126.0]]]})
        );
        std::fs::remove_file(&path).unwrap();
        let error = Wanted::of(&settings).err().unwrap().to_string();
        assert!(error.contains(&path.display().to_string()), "{error}");
    }

    #[test]
    fn a_json_frame_is_one_line_and_sentences_keep_theirs() {
        assert_eq!(lines(b"{\"a\":\n1}".to_vec()), b"{\"a\": 1}\n");
        assert_eq!(lines(b"!A\r\n!B".to_vec()), b"!A\r\n!B\n");
    }
}
