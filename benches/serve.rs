//! The built server under load: 1,000 streams while 10 alerts a second are committed by another connection, and 200 API
//! requests a second beside them.
//!
//! Prints the 50th and 99th percentile of commit to receipt over all streams and of the API's answers, beside a floor of the
//! same run, the round trip of `/healthz`; and the server's resident memory over the run, beside what a stream costs.
//! Ends with an error if memory grew by more than a tenth from the second quarter to the last. Usage: cargo bench --bench serve [-- SECONDS]

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench stops where it fails, and prints its table"
)]

use serde_json::json;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tidewatch::model::alert::Alert;
use tidewatch::store::{GeoPackage, Store};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

const STREAMS: usize = 1000;
const ALERTS_PER_SECOND: u32 = 10;
const REQUESTS_PER_SECOND: u32 = 200;
const CONNECTIONS: u32 = 8;

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn main() {
    let seconds = std::env::args()
        .find_map(|word| word.parse().ok())
        .unwrap_or(10);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(measure(seconds));
}

async fn measure(seconds: u32) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.gpkg");
    let now: jiff::Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    let mut store = GeoPackage::open(&path, now).unwrap();
    let before: Vec<Alert> = (0..1000).map(|n| alert(&format!("before-{n}"))).collect();
    store.put_alerts(&before, &[]).unwrap();
    let (server, address) = start(&path);
    let resident_alone_mib = resident_mib(server.0.id());
    let started = Instant::now();
    let connected = Arc::new(AtomicUsize::new(0));
    let (sender, mut received) = mpsc::unbounded_channel::<Duration>();
    for _ in 0..STREAMS {
        tokio::spawn(follow(
            address.clone(),
            started,
            connected.clone(),
            sender.clone(),
        ));
    }
    drop(sender);
    while connected.load(Ordering::SeqCst) < STREAMS {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let floor = percentiles(paced(&address, "/healthz", 2).await);
    let resident_connected_mib = resident_mib(server.0.id());
    let watch = tokio::spawn(watch_memory(server.0.id(), seconds));
    // A thread of its own, as another process would be.
    let writer = std::thread::spawn(move || {
        for n in 0..seconds * ALERTS_PER_SECOND {
            let begun = Instant::now();
            let mut made = alert(&format!("told-{n}"));
            // The moment before the commit: the commit itself is counted in.
            made.evidence.length_m = Some(started.elapsed().as_micros() as f64);
            store.put_alerts(&[made], &[]).unwrap();
            let pause = Duration::from_secs(1) / ALERTS_PER_SECOND;
            std::thread::sleep(pause.saturating_sub(begun.elapsed()));
        }
    });
    let api = percentiles(
        paced(
            &address,
            "/collections/alerts/items?limit=10&bbox=123,25,124,26",
            seconds,
        )
        .await,
    );
    writer.join().unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut latencies = Vec::new();
    while let Ok(latency) = received.try_recv() {
        latencies.push(latency);
    }
    let expected = STREAMS * (seconds * ALERTS_PER_SECOND) as usize;
    println!(
        "{STREAMS} streams, {} of {expected} measured receipts",
        latencies.len()
    );
    let stream = percentiles(latencies);
    println!("| what | p50 ms | p99 ms | p99 to the floor |");
    println!("|---|---|---|---|");
    for (name, (p50, p99)) in [
        ("/healthz, the floor", floor),
        ("commit begun to receipt", stream),
        ("API page of alerts", api),
    ] {
        println!("| {name} | {p50:.1} | {p99:.1} | {:.1} |", p99 / floor.1);
    }
    let quarters_mib = watch.await.unwrap();
    println!(
        "resident memory, MiB: {resident_alone_mib:.0} before the streams, {resident_connected_mib:.0} with all of them; \
         most in each quarter of the run: {quarters_mib:.0?}"
    );
    // The first quarter fills caches.
    assert!(
        quarters_mib[3] <= quarters_mib[1] * 1.1,
        "memory grew: {quarters_mib:.0?} MiB"
    );
}

/// Most resident memory in each quarter of a run of `seconds`, MiB, asked ten times a second.
async fn watch_memory(process: u32, seconds: u32) -> [f64; 4] {
    let mut quarters_mib = [0.0_f64; 4];
    for n in 0..seconds * 10 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let quarter = &mut quarters_mib[(n * 4 / (seconds * 10)) as usize];
        *quarter = quarter.max(resident_mib(process));
    }
    quarters_mib
}

/// Resident memory of a process as the kernel counts it, MiB.
fn resident_mib(process: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = text.lines().find(|line| line.starts_with("VmRSS:"));
    let kib: f64 = line
        .and_then(|line| line.split_whitespace().nth(1))
        .and_then(|word| word.parse().ok())
        .unwrap();
    kib / 1024.0
}

fn start(path: &std::path::Path) -> (Server, String) {
    use std::io::BufRead;
    let mut child = Command::new(env!("CARGO_BIN_EXE_tidewatch"))
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--requests-per-second",
            "1000000",
            // All streams come from one address.
            "--streams-each",
            "1000",
            "--store",
        ])
        .arg(path)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = std::io::BufReader::new(child.stderr.take().unwrap()).lines();
    let address = lines
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("Serving on http://").map(str::to_owned))
        .unwrap();
    (Server(child), address)
}

/// Reads one stream and tells how long each told alert was under way.
async fn follow(
    address: String,
    started: Instant,
    connected: Arc<AtomicUsize>,
    latencies: mpsc::UnboundedSender<Duration>,
) {
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream
        .write_all(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    let mut lines = BufReader::new(stream).lines();
    let mut head = true;
    while let Ok(Some(line)) = lines.next_line().await {
        if head && line.is_empty() {
            head = false;
            connected.fetch_add(1, Ordering::SeqCst);
        }
        let Some(at) = line.find("\"length_m\":") else {
            continue;
        };
        let digits: String = line[at + 11..]
            .chars()
            .take_while(|c| c.is_ascii_digit() || *c == '.')
            .collect();
        let Ok(sent_us) = digits.parse::<f64>() else {
            continue;
        };
        if line.contains("\"told-") {
            let _ = latencies.send(
                started
                    .elapsed()
                    .saturating_sub(Duration::from_micros(sent_us as u64)),
            );
        }
    }
}

/// Asks at an even pace over a few connections; gives each answer's time, from when it was due.
async fn paced(address: &str, path: &'static str, seconds: u32) -> Vec<Duration> {
    let each = REQUESTS_PER_SECOND / CONNECTIONS;
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let address = address.to_owned();
            tokio::spawn(async move {
                let mut stream = BufReader::new(TcpStream::connect(&address).await.unwrap());
                let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
                let begun = tokio::time::Instant::now();
                let mut times = Vec::new();
                for n in 0..each * seconds {
                    let due = begun + Duration::from_secs_f64(f64::from(n) / f64::from(each));
                    tokio::time::sleep_until(due).await;
                    stream.write_all(request.as_bytes()).await.unwrap();
                    answer(&mut stream).await;
                    times.push(due.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    times
}

async fn answer(stream: &mut BufReader<TcpStream>) {
    let mut length = 0;
    loop {
        let mut line = String::new();
        assert!(
            stream.read_line(&mut line).await.unwrap() > 0,
            "the server hung up"
        );
        let line = line.trim_end().to_lowercase();
        if line.is_empty() {
            break;
        }
        assert!(
            !line.starts_with("http/1.1 4") && !line.starts_with("http/1.1 5"),
            "{line}"
        );
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
}

/// 50th and 99th percentile, milliseconds.
fn percentiles(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    (at(0.5), at(0.99))
}

fn alert(id: &str) -> Alert {
    serde_json::from_value(json!({
        "id": id, "revision": 1, "message_type": "Alert", "status": "Test", "rule": "rule-1",
        "kind": "uncorrelated-contact", "sent": "2026-03-01T10:00:00Z", "observed": "2026-03-01T09:00:00Z",
        "expires": "2100-01-01T00:00:00Z", "urgency": "Expected", "severity": "Moderate", "certainty": "Likely",
        "tlp": "TLP:CLEAR", "position": {"lon_deg": 123.4, "lat_deg": 25.5}, "position_radius_m": 500.0,
        "regions": [], "region_names": [], "headline": "A detection that no AIS explains", "description": "As measured.",
        "reasons": ["One."], "replaces": [],
        "evidence": {"contact_id": "c", "detection_id": null, "scene_id": "s", "mmsi": null, "vessel_name": null,
                     "verdict": "uncorrelated", "probability": 0.9, "length_m": null, "not_searched": []}
    }))
    .unwrap()
}
