//! A partner's webhook endpoint on loopback: answers as it is told, remembers what came.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    /// When it was read.
    pub at: Instant,
    /// Path and query.
    pub path: String,
    /// Header names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A header's value, or nothing.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The message's id.
    pub fn id(&self) -> String {
        self.header("webhook-id").to_owned()
    }
}

type Answers = dyn Fn(&Request) -> String + Send + Sync;

/// The endpoint. Its thread ends with the test's process.
pub struct Receiver {
    /// Where it listens.
    pub url: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Receiver {
    /// Listens on a free port and answers each request with the status line's end that `answer` gives (`200 OK`).
    pub fn start(answer: impl Fn(&Request) -> String + Send + Sync + 'static) -> Self {
        Self::start_at(0, answer)
    }

    /// The same on a port.
    pub fn start_at(
        port: u16,
        answer: impl Fn(&Request) -> String + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let answer: Arc<Answers> = Arc::new(answer);
        let log = Arc::clone(&seen);
        std::thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                std::thread::spawn(move || serve(&socket, &log, &*answer));
            }
        });
        Self { url, seen }
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// Message ids so far, repeats left out: what a receiver that knows ids has got, in order.
    pub fn distinct_ids(&self) -> Vec<String> {
        let mut ids = Vec::new();
        for request in self.requests() {
            if !ids.contains(&request.id()) {
                ids.push(request.id());
            }
        }
        ids
    }

    /// Waits until `count` different messages came; at most half a minute.
    pub fn wait_for(&self, count: usize) {
        let start = Instant::now();
        while self.distinct_ids().len() < count {
            assert!(
                start.elapsed() < Duration::from_secs(30),
                "{:?}",
                self.distinct_ids().len()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn serve(socket: &TcpStream, log: &Mutex<Vec<Request>>, answer: &Answers) {
    socket.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(socket);
    while let Some(request) = read(&mut reader) {
        let status = answer(&request);
        log.lock().unwrap().push(request);
        let text = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
        if (&*socket).write_all(text.as_bytes()).is_err() {
            return;
        }
    }
}

/// The next request of a connection; nothing if it ended or broke off.
fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    loop {
        line.clear();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let mut request = Request {
        at: Instant::now(),
        path,
        headers,
        body: Vec::new(),
    };
    let length = request.header("content-length").parse().unwrap_or(0);
    request.body = vec![0; length];
    reader.read_exact(&mut request.body).ok()?;
    Some(request)
}
