//! Where live AIS comes from: threads that read bytes and hand them on through one bounded channel.
//!
//! The channel is what holds memory down: when it is full, reading stops, and a TCP sender is slowed by its own window. A
//! UDP sender cannot be slowed: what the system's buffer does not hold is lost before it is received.

use super::settings::{SourceKind, SourceSettings};
use super::websocket;
use std::io::{self, Read};
use std::net::{TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::{Duration, Instant};

/// Bytes read at once.
const CHUNK: usize = 1 << 16;
/// Longest wait for bytes before the thread looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(200);
/// Wait before the first attempt to connect again, doubled at each further one.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
const CONNECT_WAIT: Duration = Duration::from_secs(10);
/// Senders that a listening source serves at one time.
const MOST_SENDERS: usize = 64;

/// What a thread tells.
pub(super) struct Event {
    /// Place of the source among the settings.
    pub source: usize,
    /// Connection, unique in its source.
    pub connection: usize,
    /// When it happened: it may have waited in the channel.
    pub at: Instant,
    /// What happened.
    pub what: What,
}

/// What happened on a connection.
pub(super) enum What {
    Connected,
    Bytes(Vec<u8>),
    /// Closed, lost or not to be had, with the reason for people.
    Gone(String),
    /// Nothing more will come from the source.
    Ended,
}

/// A thread's way to the loop.
#[derive(Clone)]
pub(super) struct Link {
    pub source: usize,
    pub events: SyncSender<Event>,
    pub stop: Arc<AtomicBool>,
    /// Set by the watchdog for a source that connects: drop the connection and make a new one.
    pub renew: Arc<AtomicBool>,
}

impl Link {
    /// False if nobody listens any more.
    pub(super) fn tell(&self, connection: usize, what: What) -> bool {
        let event = Event {
            source: self.source,
            connection,
            at: Instant::now(),
            what,
        };
        self.events.send(event).is_ok()
    }

    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Waits, unless it is to stop; true if it is.
    fn pause(&self, wait: Duration) -> bool {
        let mut left = wait;
        while !self.stopped() && left > Duration::ZERO {
            let step = left.min(LOOK);
            thread::sleep(step);
            left -= step;
        }
        self.stopped()
    }
}

/// Starts the thread of one source.
///
/// # Errors
///
/// If an address to listen at cannot be had, or what a websocket needs.
pub(super) fn start(settings: &SourceSettings, link: Link) -> io::Result<()> {
    let address = settings.address.clone().unwrap_or_default();
    match settings.kind {
        SourceKind::Tcp => {
            thread::spawn(move || connect_for_ever(&address, &link));
        }
        SourceKind::TcpListen => {
            let listener = TcpListener::bind(&address)?;
            listener.set_nonblocking(true)?;
            thread::spawn(move || serve(&listener, &link));
        }
        SourceKind::Udp => {
            let socket = UdpSocket::bind(&address)?;
            socket.set_read_timeout(Some(LOOK))?;
            thread::spawn(move || datagrams(&socket, &link));
        }
        SourceKind::Websocket => {
            let wanted = websocket::Wanted::of(settings)?;
            thread::spawn(move || websocket::listen(&wanted, &link));
        }
        SourceKind::Stdin => {
            thread::spawn(move || {
                link.tell(0, What::Connected);
                let gone = pump(io::stdin(), 0, &link);
                link.tell(0, What::Gone(gone));
                link.tell(0, What::Ended);
            });
        }
    }
    Ok(())
}

fn connect_for_ever(address: &str, link: &Link) {
    reconnect(link, |connection| match connect(address) {
        Ok(stream) => {
            link.renew.store(false, Ordering::Relaxed);
            if !link.tell(connection, What::Connected) {
                return false;
            }
            let mut counted = Counted {
                inner: stream,
                bytes: 0,
            };
            let gone = pump(&mut counted, connection, link);
            link.tell(connection, What::Gone(gone));
            counted.bytes > 0
        }
        Err(error) => {
            tracing::warn!(%address, %error, "No connection to the AIS feed; trying again.");
            false
        }
    });
}

/// Makes one connection after the other until all is to stop. `attempt` is told the connection's number and ends with it;
/// one that gave nothing doubles the wait for the next.
pub(super) fn reconnect(link: &Link, attempt: impl Fn(usize) -> bool) {
    let mut wait = FIRST_WAIT;
    let mut connection = 0;
    while !link.stopped() {
        connection += 1;
        if attempt(connection) {
            wait = FIRST_WAIT;
        }
        if link.pause(wait) {
            return;
        }
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

pub(super) fn connect(address: &str) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for resolved in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&resolved, CONNECT_WAIT) {
            Ok(stream) => {
                stream.set_read_timeout(Some(LOOK))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Counts what is read.
struct Counted<R> {
    inner: R,
    bytes: usize,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes += read;
        Ok(read)
    }
}

/// Hands on bytes until the stream ends, fails, is to be renewed, or all is to stop; the reason.
fn pump(mut stream: impl Read, connection: usize, link: &Link) -> String {
    let mut buffer = vec![0; CHUNK];
    loop {
        if link.stopped() {
            return "stopped".to_owned();
        }
        if link.renew.swap(false, Ordering::Relaxed) {
            return "silent too long".to_owned();
        }
        match stream.read(&mut buffer) {
            Ok(0) => return "closed by the sender".to_owned(),
            Ok(read) => {
                if !link.tell(connection, What::Bytes(buffer[..read].to_vec())) {
                    return "stopped".to_owned();
                }
            }
            Err(error) if is_wait(&error) => {}
            Err(error) => return error.to_string(),
        }
    }
}

pub(super) fn is_wait(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
    )
}

/// Serves senders, each on a thread of its own.
fn serve(listener: &TcpListener, link: &Link) {
    let senders = Arc::new(AtomicUsize::new(0));
    let mut connection = 0;
    while !link.stopped() {
        match listener.accept() {
            Ok((stream, peer)) if senders.load(Ordering::Relaxed) < MOST_SENDERS => {
                connection += 1;
                let (link, senders) = (link.clone(), Arc::clone(&senders));
                senders.fetch_add(1, Ordering::Relaxed);
                thread::spawn(move || {
                    let ready = stream
                        .set_nonblocking(false)
                        .and_then(|()| stream.set_read_timeout(Some(LOOK)));
                    if ready.is_ok() && link.tell(connection, What::Connected) {
                        let gone = pump(stream, connection, &link);
                        link.tell(connection, What::Gone(format!("{peer}: {gone}")));
                    }
                    senders.fetch_sub(1, Ordering::Relaxed);
                });
            }
            Ok((_, peer)) => {
                tracing::warn!(%peer, most = MOST_SENDERS, "Too many senders; one is turned away.");
            }
            Err(error) if is_wait(&error) => thread::sleep(LOOK / 4),
            Err(error) => {
                tracing::warn!(%error, "A sender could not be accepted.");
                thread::sleep(LOOK);
            }
        }
    }
}

/// Each datagram holds whole lines.
fn datagrams(socket: &UdpSocket, link: &Link) {
    let mut buffer = vec![0; CHUNK];
    link.tell(0, What::Connected);
    while !link.stopped() {
        match socket.recv(&mut buffer) {
            Ok(read) => {
                let mut bytes = buffer[..read].to_vec();
                bytes.push(b'\n');
                if !link.tell(0, What::Bytes(bytes)) {
                    return;
                }
            }
            Err(error) if is_wait(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "A datagram could not be read.");
                thread::sleep(LOOK);
            }
        }
    }
}
