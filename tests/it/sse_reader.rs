//! A reader of the event stream that comes back with the last id it saw whenever the server goes away.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

/// The reader. Its thread ends with the test's process.
pub struct SseReader {
    seen: Arc<Mutex<Vec<String>>>,
    first: Arc<OnceLock<Instant>>,
}

impl SseReader {
    /// Reads `/stream` at `port` with a partner's key, from the oldest alert in force.
    pub fn start(port: u16, key: &str) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let first = Arc::new(OnceLock::new());
        let (log, key) = (Arc::clone(&seen), key.to_owned());
        let noted = Arc::clone(&first);
        std::thread::spawn(move || {
            loop {
                // A server that is away, or broke off, is asked again.
                let _ = read(port, &key, (&log, &noted));
                std::thread::sleep(Duration::from_millis(10));
            }
        });
        Self { seen, first }
    }

    /// When the first event came; waits for it ten seconds.
    pub fn first(&self) -> Instant {
        self.ids(1);
        *self.first.get().expect("an event came")
    }

    /// Ids of events once `count` are there or ten seconds have passed, repeats too.
    pub fn ids(&self, count: usize) -> Vec<String> {
        let begin = Instant::now();
        loop {
            let seen = self.seen.lock().unwrap().clone();
            if seen.len() >= count || begin.elapsed() > Duration::from_secs(10) {
                return seen;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn read(
    port: u16,
    key: &str,
    (log, first): (&Mutex<Vec<String>>, &OnceLock<Instant>),
) -> std::io::Result<()> {
    let mut socket = TcpStream::connect(("127.0.0.1", port))?;
    // An id that the server does not know brings all that is in force.
    let last = log.lock().unwrap().last().cloned();
    let last = last.unwrap_or_else(|| "none".to_owned());
    // HTTP/1.0: the answer comes without chunks.
    write!(
        socket,
        "GET /stream HTTP/1.0\r\nHost: x\r\nAuthorization: Bearer {key}\r\nLast-Event-ID: {last}\r\n\r\n"
    )?;
    for line in BufReader::new(socket).lines() {
        if let Some(id) = line?.strip_prefix("id:") {
            first.get_or_init(Instant::now);
            log.lock().unwrap().push(id.trim().to_owned());
        }
    }
    Ok(())
}
