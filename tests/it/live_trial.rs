//! A station floods the built program with a fleet's reports and is cut off three times: every line is accounted for, the
//! outages in the store are the cuts, a ship that enters a zone is told of in time, and memory stays.
//!
//! `make test` runs the short form; `make live-trial` the long one, on the release program, and prints figures.

use crate::fleet::{Post, Ship, Station, close, metric, send, wait_for};
use crate::served::Server;
use crate::sse_reader::SseReader;
use jiff::{SignedDuration, Timestamp};
use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tidewatch::ais::encode::encode;
use tidewatch::ais::message::{Eta, Link, Message, Voyage};
use tidewatch::ais::text::Text;
use tidewatch::model::outage::OutageCause;
use tidewatch::model::units::{LonLat, Mmsi};
use tidewatch::store::{GeoPackage, LiveBook, Revisions, Store};

/// How much is sent.
struct Load {
    ships: u32,
    /// Times a second that the whole fleet is sent.
    rounds_a_second: u32,
    seconds: u32,
}

const SHORT: Load = Load {
    ships: 200,
    rounds_a_second: 5,
    seconds: 12,
};

const LONG: Load = Load {
    ships: 5000,
    rounds_a_second: 20,
    seconds: 60,
};

/// The first ship makes for the feature and crosses its 12 nm zone; the rule wants it 0.02 nm inside.
const ENTRANT: u32 = 431_000_001;
const OUTSIDE_NM: f64 = 0.02;
const DEEP_NM: f64 = 0.02;
const SPEED_KN: f64 = 40.0;

/// Seconds after which what was heard is stored.
const FLUSH_S: f64 = 2.0;
/// Time from the line that makes the entry sure to its arrival on the stream, beside [`FLUSH_S`].
const MOST_DELAY_S: f64 = 2.0;
/// Seconds for which the station is away at each cut.
const AWAY_S: f64 = 1.5;

#[test]
fn a_flood_that_is_cut_three_times_is_accounted_for_line_by_line() {
    let long = std::env::var_os("TIDEWATCH_LIVE_TRIAL").is_some();
    trial(if long { &LONG } else { &SHORT });
}

/// What was written.
#[derive(Default)]
struct Sent {
    lines: u64,
    messages: u64,
    bad_checksums: u64,
    foreign: u64,
    halves: u64,
    bytes: u64,
}

fn trial(load: &Load) {
    let station = Station::new();
    let post = Post::new(&format!(
        "  sources:\n  - {{id: station, kind: tcp, address: '{}'}}\n  flush_s: {FLUSH_S}\n  silent_after_s: 30",
        station.address()
    ));
    let pipeline = post.pipeline();
    let server = Server::start_with(
        &post.store(),
        &["--pipeline", pipeline.to_str().unwrap(), "--no-push"],
    );
    let port = server.address.rsplit(':').next().unwrap().parse().unwrap();
    let reader = SseReader::start(port, &post.key);
    let memory = Sampler::start(server.id());
    let fleet = fleet(load.ships);
    let mut sent = Sent::default();
    let mut stream = station.accept();
    send_names(&mut stream, &fleet, &mut sent);
    let begun = Instant::now();
    let (mut cuts, mut sure) = (Vec::new(), None);
    for second in 0..load.seconds {
        let second_begun = begun + Duration::from_secs(second.into());
        let block: String = fleet.iter().map(|ship| ship.line(second.into())).collect();
        if sure.is_none() && fleet[0].inside_nm(second.into()) > DEEP_NM {
            sure = Some(Instant::now());
        }
        for round in 0..load.rounds_a_second {
            stream.write_all(block.as_bytes()).unwrap();
            sent.add(block.len(), fleet.len());
            pause_until(second_begun + Duration::from_secs(1) * (round + 1) / load.rounds_a_second);
        }
        send_damaged(&mut stream, &block, &mut sent);
        if cuts.len() < 3 && second + 1 == load.seconds * (cuts.len() as u32 + 1) / 4 {
            // The middle of a line is where a cable breaks.
            send(&mut stream, &block[..20]);
            sent.lines += 1;
            sent.halves += 1;
            close(stream);
            let gone = Timestamp::now();
            std::thread::sleep(Duration::from_secs_f64(AWAY_S));
            stream = station.accept();
            cuts.push((gone, Timestamp::now()));
        }
    }
    let took = begun.elapsed();
    let reports = sent.messages - fleet.len() as u64;
    let text = wait_for("all lines to be counted", || {
        let text = server.get("/metrics", None).body;
        let all = metric(&text, "mda_live_lines_total") >= sent.lines;
        (all && metric(&text, "mda_live_reports_total") >= reports).then_some(text)
    });
    let arrived = reader.first();
    let samples = memory.end();
    let (status, log) = server.end();
    drop(stream);
    assert_eq!(status.code(), Some(0), "{log}");

    assert_eq!(metric(&text, "mda_live_lines_total"), sent.lines);
    assert_eq!(metric(&text, "mda_live_messages_total"), sent.messages);
    let rejects = |reason: &str| {
        metric(
            &text,
            &format!("mda_live_rejects_total{{feed=\"station\",reason=\"{reason}\""),
        )
    };
    assert_eq!(rejects("checksum"), sent.bad_checksums, "{text}");
    assert_eq!(rejects("other-sentence"), sent.foreign, "{text}");
    let all = metric(&text, "mda_live_rejects_total");
    assert_eq!(
        all,
        sent.bad_checksums + sent.foreign + sent.halves,
        "{text}"
    );
    let fates = metric(&text, "mda_live_reports_total");
    assert_eq!(fates, reports, "{text}");

    let store = GeoPackage::open(&post.store(), Timestamp::now()).unwrap();
    let outages = store.outages(Timestamp::MIN, Timestamp::MAX).unwrap();
    assert_eq!(outages.len(), 3, "{outages:?}");
    let tolerance = SignedDuration::from_secs(3);
    for (outage, (gone, back)) in outages.iter().zip(&cuts) {
        assert_eq!(
            (outage.source.as_str(), outage.cause),
            ("station", OutageCause::Disconnected)
        );
        let end = outage.end.expect("it is over");
        assert!(
            gone.duration_since(outage.start).abs() < tolerance,
            "{outage:?} {gone}"
        );
        assert!(
            end.duration_since(*back).abs() < tolerance,
            "{outage:?} {back}"
        );
    }
    let alerts = store.alerts(Revisions::All).unwrap();
    let headlines: Vec<&str> = alerts.iter().map(|alert| alert.headline.as_str()).collect();
    assert_eq!(alerts.len(), 1, "{headlines:?}");
    assert_eq!(alerts[0].evidence.mmsi.as_deref(), Some("431000001"));
    assert!(headlines[0].contains("entered the 12 nm"), "{headlines:?}");
    assert_eq!(store.counts().unwrap().tracks, u64::from(load.ships));
    let delay_s = arrived
        .duration_since(sure.expect("the ship enters"))
        .as_secs_f64();
    assert!(delay_s < FLUSH_S + MOST_DELAY_S, "{delay_s:.2} s");

    let quarter = samples.len() / 4;
    let most = |samples: &[u64]| samples.iter().copied().max().unwrap_or(0);
    let (second, last) = (
        most(&samples[quarter..2 * quarter]),
        most(&samples[3 * quarter..]),
    );
    println!(
        "{} ships, {} lines ({:.1} MB) in {:.1} s: {:.0} messages/s; {} messages, {} rejects as sent; 3 cuts, 3 outages; \
         entry on the stream {delay_s:.2} s after the line that makes it sure; most memory in the second quarter {} MiB, in the last {} MiB.",
        load.ships,
        sent.lines,
        sent.bytes as f64 / 1e6,
        took.as_secs_f64(),
        sent.messages as f64 / took.as_secs_f64(),
        sent.messages,
        all,
        second >> 20,
        last >> 20,
    );
    assert!(last as f64 <= 1.1 * second as f64 + 16e6, "{samples:?}");
}

impl Sent {
    fn add(&mut self, bytes: usize, lines: usize) {
        self.lines += lines as u64;
        self.messages += lines as u64;
        self.bytes += bytes as u64;
    }
}

/// The entrant, and ships on all courses in waters far from the feature.
fn fleet(ships: u32) -> Vec<Ship> {
    let spread = |n: u32, factor: u64| {
        let hash = (u64::from(n) + 1).wrapping_mul(factor) >> 33;
        (hash % 10_000) as f64 / 10_000.0
    };
    let others = (1..ships).map(|n| Ship {
        mmsi: 412_000_000 + n,
        start: LonLat::new(
            125.0 + 6.0 * spread(n, 0x9E37_79B9_7F4A_7C15),
            27.0 + 5.0 * spread(n, 0xC2B2_AE3D_27D4_EB4F),
        ),
        course_deg: (360.0 * spread(n, 0x1656_67B1_9E37_79F9)).round(),
        speed_kn: (20.0 * spread(n, 0x27D4_EB2F_1656_67C5)).round(),
    });
    std::iter::once(Ship::towards(ENTRANT, OUTSIDE_NM, SPEED_KN))
        .chain(others)
        .collect()
}

/// Type 5 of every ship: two lines a message.
fn send_names(stream: &mut TcpStream, fleet: &[Ship], sent: &mut Sent) {
    for (n, ship) in fleet.iter().enumerate() {
        let name = format!("SHIP {n}");
        let voyage = Voyage {
            mmsi: Mmsi(ship.mmsi),
            link: Link::default(),
            version: 0,
            terminal_ready: true,
            imo: None,
            call_sign: None,
            name: Text::from(name.as_str()).told(),
            ship_type: Some(70),
            size: None,
            fix_device: None,
            eta: Eta::default(),
            draught_m: None,
            destination: None,
        };
        let lines = encode(&Message::Voyage(voyage), None, n as u8);
        let text = lines.join("\r\n") + "\r\n";
        send(stream, &text);
        sent.lines += lines.len() as u64;
        sent.messages += 1;
        sent.bytes += text.len() as u64;
    }
}

/// A line with a wrong checksum and one that is no AIS.
fn send_damaged(stream: &mut TcpStream, block: &str, sent: &mut Sent) {
    let whole = block.lines().next().unwrap();
    let swapped = if whole.ends_with('0') { "1" } else { "0" };
    send(
        stream,
        &format!("{}{swapped}\r\n$GPZZZ,1*6D\r\n", &whole[..whole.len() - 1]),
    );
    sent.lines += 2;
    sent.bad_checksums += 1;
    sent.foreign += 1;
}

fn pause_until(moment: Instant) {
    std::thread::sleep(moment.saturating_duration_since(Instant::now()));
}

/// Resident memory of a process, bytes, twice a second.
struct Sampler {
    stop: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<Vec<u64>>,
}

impl Sampler {
    fn start(process: u32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let asked = stop.clone();
        let thread = std::thread::spawn(move || {
            let mut samples = Vec::new();
            while !asked.load(Ordering::Relaxed) {
                let status = std::fs::read_to_string(format!("/proc/{process}/status"));
                let resident_kib = status.ok().and_then(|text| {
                    let line = text
                        .lines()
                        .find(|line| line.starts_with("VmRSS:"))?
                        .to_owned();
                    line.split_whitespace().nth(1)?.parse::<u64>().ok()
                });
                samples.extend(resident_kib.map(|kib| kib * 1024));
                std::thread::sleep(Duration::from_millis(500));
            }
            samples
        });
        Self { stop, thread }
    }

    fn end(self) -> Vec<u64> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}
