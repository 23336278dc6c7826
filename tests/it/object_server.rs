//! A server of a folder's files over HTTP with byte ranges, on loopback, that counts what it sends and can be made to fail.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The server. Its thread ends with the test's process.
pub struct ObjectServer {
    /// Its address, without a slash at the end.
    pub url: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    folder: PathBuf,
    sent_bytes: AtomicU64,
    ranges: AtomicU64,
    refusals: AtomicU64,
}

impl ObjectServer {
    /// Serves `folder` on a free port.
    pub fn start(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            folder: folder.to_owned(),
            ..Shared::default()
        });
        let of_all = Arc::clone(&shared);
        std::thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&of_all);
                std::thread::spawn(move || answer_all(&socket, &shared));
            }
        });
        Self { url, shared }
    }

    /// Bytes of files that were sent, and how many answers were parts.
    pub fn sent(&self) -> (u64, u64) {
        let of = |count: &AtomicU64| count.load(Ordering::SeqCst);
        (of(&self.shared.sent_bytes), of(&self.shared.ranges))
    }

    /// Answers the next `count` requests with 503.
    pub fn refuse(&self, count: u64) {
        self.shared.refusals.store(count, Ordering::SeqCst);
    }

    /// How many of them are still to come.
    pub fn refusals_left(&self) -> u64 {
        self.shared.refusals.load(Ordering::SeqCst)
    }
}

fn answer_all(socket: &TcpStream, shared: &Shared) {
    socket.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(socket);
    while let Some((method, path, range)) = request(&mut reader) {
        let less = |left: u64| left.checked_sub(1);
        let refused = shared
            .refusals
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, less)
            .is_ok();
        let (head, body) = if refused {
            ("503 Service Unavailable\r\n".to_owned(), Vec::new())
        } else {
            answer(shared, &path, range)
        };
        let head = format!("HTTP/1.1 {head}content-length: {}\r\n\r\n", body.len());
        let mut socket = socket;
        if socket.write_all(head.as_bytes()).is_err() {
            return;
        }
        if method != "HEAD" {
            if socket.write_all(&body).is_err() {
                return;
            }
            let sent = body.len() as u64;
            shared.sent_bytes.fetch_add(sent, Ordering::SeqCst);
        }
    }
}

/// First and last byte that are asked for.
type Range = Option<(usize, usize)>;

/// Method, path and range of the next request.
fn request(reader: &mut impl BufRead) -> Option<(String, String, Range)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut range = None;
    loop {
        line.clear();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            return Some((method, path, range));
        };
        if name.eq_ignore_ascii_case("range") {
            let (first, last) = value.strip_prefix("bytes=")?.split_once('-')?;
            range = Some((first.parse().ok()?, last.parse().unwrap_or(usize::MAX)));
        }
    }
}

fn answer(shared: &Shared, path: &str, range: Range) -> (String, Vec<u8>) {
    let file = shared.folder.join(path.trim_start_matches('/'));
    let Ok(mut bytes) = fs::read(&file) else {
        return ("404 Not Found\r\n".to_owned(), Vec::new());
    };
    // Of the content, as object stores have it.
    let tag = bytes.iter().fold(bytes.len() as u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(*byte))
    });
    let fields = format!("etag: \"{tag:016x}\"\r\naccept-ranges: bytes\r\n");
    let Some((first, last)) = range.filter(|(first, _)| *first < bytes.len()) else {
        return (format!("200 OK\r\n{fields}"), bytes);
    };
    shared.ranges.fetch_add(1, Ordering::SeqCst);
    let whole = bytes.len();
    let last = last.min(whole - 1);
    bytes.truncate(last + 1);
    bytes.drain(..first);
    let fields = format!("{fields}content-range: bytes {first}-{last}/{whole}\r\n");
    (format!("206 Partial Content\r\n{fields}"), bytes)
}
