//! A server of the built program on a free port, ended by its own id, and a client that can be as rude as it likes.

use crate::demo::demo_output;
use crate::program::tidewatch;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

pub struct Server {
    child: Child,
    pub address: String,
    log: Option<std::thread::JoinHandle<String>>,
}

/// A status, head and body.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Server {
    /// Starts `tidewatch serve` on a store.
    pub fn start(store: &Path) -> Self {
        Self::start_with(store, &[])
    }

    /// Starts it with further arguments.
    pub fn start_with(store: &Path, further: &[&str]) -> Self {
        Self::start_trusting(store, further, None)
    }

    /// The same; `authority` issues the certificates that it trusts, in place of the system's.
    pub fn start_trusting(store: &Path, further: &[&str], authority: Option<&Path>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidewatch"));
        if let Some(authority) = authority {
            command.env("SSL_CERT_FILE", authority);
        }
        let mut child = command
            .args([
                "-v",
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--requests-per-second",
                "10000",
                "--store",
            ])
            .arg(store)
            .args(further)
            .env_remove("RUST_LOG")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut log = String::new();
        let address = loop {
            let line = lines.next().expect("the server starts").unwrap();
            if let Some((_, address)) = line
                .strip_prefix("Serving on ")
                .and_then(|url| url.split_once("://"))
            {
                break address.to_owned();
            }
            log.push_str(&line);
        };
        let log = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                log.push_str(&line);
                log.push('\n');
            }
            log
        });
        Self {
            child,
            address,
            log: Some(log),
        }
    }

    /// The process's id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        stream
    }

    /// Sends bytes as they are and reads to the end.
    pub fn raw(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        // A server that refuses early may close before it has read all.
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The body of an answer as it came.
    pub fn bytes(&self, path: &str, key: &str) -> Vec<u8> {
        let mut stream = self.connect();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let head = answer.windows(4).position(|part| part == b"\r\n\r\n");
        answer.split_off(head.unwrap() + 4)
    }

    pub fn get(&self, path: &str, key: Option<&str>) -> Answer {
        let key = key.map_or_else(String::new, |key| {
            format!("Authorization: Bearer {key}\r\n")
        });
        let text = self.raw(
            format!("GET {path} HTTP/1.1\r\nHost: x\r\n{key}Connection: close\r\n\r\n").as_bytes(),
        );
        answer(&text)
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Asks it to end by SIGTERM; gives its exit code and log.
    pub fn end(mut self) -> (ExitStatus, String) {
        self.signal("-TERM");
        let until = Instant::now() + Duration::from_secs(15);
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None => assert!(Instant::now() < until, "the server does not end"),
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        (status, self.log.take().unwrap().join().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn answer(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    Answer {
        status: head
            .split(' ')
            .nth(1)
            .and_then(|s| s.parse().ok())
            .unwrap_or(0),
        head: head.to_lowercase(),
        body: body.to_owned(),
    }
}

/// The demo's store as a file of its own, with a partner that may have all, and its key.
pub fn demo_store(folder: &Path) -> (PathBuf, String) {
    let store = folder.join("t.gpkg");
    std::fs::copy(demo_output().join("tidewatch.gpkg"), &store).unwrap();
    let path = store.to_str().unwrap();
    let added = tidewatch([
        "partner", "--store", path, "add", "all", "--name", "All", "--tlp", "TLP:RED", "--scope",
        "alerts", "--scope", "evidence",
    ]);
    assert_eq!(added.code, 0, "{}", added.stderr);
    let key = tidewatch(["partner", "--store", path, "key", "add", "all"]);
    assert_eq!(key.code, 0, "{}", key.stderr);
    (store, key.stdout.trim().to_owned())
}

/// A connection of another program that may write into the store: its triggers call functions of ours.
pub fn writer(store: &Path) -> rusqlite::Connection {
    let writer = rusqlite::Connection::open(store).unwrap();
    for name in ["ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY", "ST_IsEmpty"] {
        let flags = rusqlite::functions::FunctionFlags::SQLITE_UTF8
            | rusqlite::functions::FunctionFlags::SQLITE_INNOCUOUS;
        writer
            .create_scalar_function(name, 1, flags, |_| Ok(0.0))
            .unwrap();
    }
    writer
}
