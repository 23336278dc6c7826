//! A feed over loopback that floods, is cut and comes back: nothing received is lost, and its absence is an outage.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(
    clippy::disallowed_methods,
    reason = "what comes over a socket comes by the real clock"
)]

use super::source::{Event, What};
use super::{Ears, LiveBatch, LiveReport, LiveSettings, run};
use crate::model::outage::{Outage, OutageCause};
use jiff::{SignedDuration, Timestamp};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};

const LINE: &[u8] = b"!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A\r\n";

fn settings(text: &str) -> LiveSettings {
    serde_saphyr::from_str(text).unwrap()
}

/// Everything of all batches.
#[derive(Default)]
struct All {
    lines: BTreeMap<String, u64>,
    messages: u64,
    positions: u64,
    times: Vec<Timestamp>,
    largest: usize,
    outages: Vec<Outage>,
}

impl All {
    fn take(&mut self, batch: LiveBatch) {
        for heard in batch.heard {
            *self.lines.entry(heard.source).or_default() += heard.reception.lines;
            self.messages += heard.reception.messages;
            self.positions += heard.reception.positions.len() as u64;
            let times = heard.reception.positions.iter().map(|report| report.time);
            self.times.extend(times);
            self.largest = self.largest.max(heard.reception.positions.len());
        }
        self.outages.extend(batch.outages);
    }
}

/// Runs the loop until `enough` of what came, or half a minute.
fn listen(settings: &LiveSettings, enough: impl Fn(&All) -> bool) -> (All, LiveReport) {
    let stop = Arc::new(AtomicBool::new(false));
    let begun = Instant::now();
    let mut all = All::default();
    let watchdog = {
        let stop = Arc::clone(&stop);
        thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) && begun.elapsed() < Duration::from_secs(30) {
                thread::sleep(Duration::from_millis(50));
            }
            stop.store(true, Ordering::Relaxed);
        })
    };
    let report = run(settings, &[], &Timestamp::now, &stop, |batch| {
        all.take(batch);
        if enough(&all) {
            stop.store(true, Ordering::Relaxed);
        }
        Ok::<(), Infallible>(())
    })
    .unwrap();
    stop.store(true, Ordering::Relaxed);
    watchdog.join().unwrap();
    (all, report)
}

#[test]
fn a_flood_that_is_cut_twice_arrives_whole_and_its_absences_are_outages() {
    const BURST: u64 = 100_000;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let sender = thread::spawn(move || {
        for _ in 0..3 {
            let (mut stream, _) = listener.accept().unwrap();
            let lines = LINE.repeat(1000);
            for _ in 0..BURST / 1000 {
                stream.write_all(&lines).unwrap();
            }
        }
    });
    let wanted = settings(&format!(
        "sources: [{{id: station, kind: tcp, address: '127.0.0.1:{port}'}}]\nsilent_after_s: 20\nflush_s: 0.2\n"
    ));
    let (all, report) = listen(&wanted, |all| {
        all.messages >= 3 * BURST && all.outages.len() >= 5
    });
    assert_eq!(all.lines["station"], 3 * BURST);
    assert_eq!((all.messages, all.positions), (3 * BURST, 3 * BURST));
    assert_eq!((report.lines, report.messages), (3 * BURST, 3 * BURST));
    assert!(
        all.largest < 110_000,
        "a batch held {} reports",
        all.largest
    );
    let over: Vec<&Outage> = all
        .outages
        .iter()
        .filter(|outage| outage.end.is_some())
        .collect();
    assert_eq!(over.len(), 2, "{:?}", all.outages);
    assert!(
        all.outages
            .iter()
            .all(|outage| outage.cause == OutageCause::Disconnected)
    );
    assert!(over.iter().all(|outage| outage.start < outage.end.unwrap()));
    sender.join().unwrap();
}

#[test]
fn a_feed_that_stands_and_says_nothing_is_an_outage_and_is_connected_anew() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let sender = thread::spawn(move || {
        let (mut silent, _) = listener.accept().unwrap();
        silent.write_all(LINE).unwrap();
        let (mut second, _) = listener.accept().unwrap();
        second.write_all(LINE).unwrap();
        thread::sleep(Duration::from_millis(500));
    });
    let wanted = settings(&format!(
        "sources: [{{id: station, kind: tcp, address: '127.0.0.1:{port}'}}]\nsilent_after_s: 1\nflush_s: 0.1\n"
    ));
    let (all, _) = listen(&wanted, |all| all.messages >= 2 && all.outages.len() >= 2);
    assert_eq!(all.outages[0].cause, OutageCause::Silent);
    assert_eq!(all.outages[1].start, all.outages[0].start);
    let lasted = all.outages[1]
        .end
        .unwrap()
        .duration_since(all.outages[1].start);
    assert!(lasted.as_secs_f64() >= 1.0, "{lasted}");
    sender.join().unwrap();
}

#[test]
fn a_feed_that_stays_silent_is_connected_anew_again_and_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let sender = thread::spawn(move || {
        let _silent = [listener.accept().unwrap(), listener.accept().unwrap()];
        let (mut third, _) = listener.accept().unwrap();
        third.write_all(LINE).unwrap();
        thread::sleep(Duration::from_millis(500));
    });
    let wanted = settings(&format!(
        "sources: [{{id: station, kind: tcp, address: '127.0.0.1:{port}'}}]\nsilent_after_s: 1\nflush_s: 0.1\n"
    ));
    let (all, report) = listen(&wanted, |all| all.messages >= 1);
    assert_eq!((all.messages, report.outages), (1, 1));
    sender.join().unwrap();
}

#[test]
fn a_sender_that_connects_to_us_may_be_silent_and_speak_again() {
    let address = free_port();
    let sender = thread::spawn(move || {
        let mut stream = connect(address);
        stream.write_all(LINE).unwrap();
        thread::sleep(Duration::from_millis(2500));
        stream.write_all(LINE).unwrap();
        thread::sleep(Duration::from_millis(500));
    });
    let wanted = settings(&format!(
        "sources: [{{id: many, kind: tcp-listen, address: '{address}'}}]\nsilent_after_s: 1\nflush_s: 0.1\n"
    ));
    let (all, _) = listen(&wanted, |all| all.messages >= 2);
    assert_eq!(all.messages, 2);
    let causes = all.outages.iter().map(|outage| outage.cause);
    assert!(
        causes
            .clone()
            .skip(1)
            .all(|cause| cause == OutageCause::Silent)
    );
    sender.join().unwrap();
}

fn free_port() -> SocketAddr {
    let bound = TcpListener::bind("127.0.0.1:0").unwrap();
    bound.local_addr().unwrap()
}

/// Connects as soon as somebody listens.
fn connect(address: SocketAddr) -> TcpStream {
    loop {
        if let Ok(stream) = TcpStream::connect(address) {
            return stream;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_slow_sink_makes_no_outage_and_moves_no_time_of_reception() {
    let udp = || {
        let bound = UdpSocket::bind("127.0.0.1:0").unwrap();
        bound.local_addr().unwrap()
    };
    let (first, second) = (udp(), udp());
    let sender = thread::spawn(move || {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        for _ in 0..30 {
            for address in [first, second] {
                socket.send_to(LINE, address).unwrap();
            }
            thread::sleep(Duration::from_millis(150));
        }
    });
    let wanted = settings(&format!(
        "sources:\n- {{id: a, kind: udp, address: '{first}'}}\n- {{id: b, kind: udp, address: '{second}'}}\nsilent_after_s: 1.5\nflush_s: 0.1\n"
    ));
    let slept = Cell::new(false);
    let (mut all, _) = listen(&wanted, |all| {
        if all.messages > 0 && !slept.replace(true) {
            thread::sleep(Duration::from_secs(2));
        }
        all.messages >= 40
    });
    assert_eq!(all.outages, []);
    all.times.sort();
    let steps = all
        .times
        .windows(2)
        .map(|pair| pair[1].duration_since(pair[0]));
    let longest = steps.max().unwrap();
    assert!(longest < SignedDuration::from_millis(1500), "{longest}");
    sender.join().unwrap();
}

#[test]
fn what_was_read_before_the_end_is_handed_on_and_the_last_line_has_the_time_of_the_end() {
    let end: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
    let wanted = settings("sources: [{id: x, kind: udp, address: '127.0.0.1:1'}]\n");
    let mut ears = Ears::new(&wanted, &[], end);
    let (events, received) = sync_channel(8);
    let open = LINE.strip_suffix(b"\r\n").unwrap();
    for what in [
        What::Bytes(LINE.repeat(3)),
        What::Bytes(open.to_vec()),
        What::Gone("stopped".to_owned()),
    ] {
        let (source, connection, at) = (0, 0, Instant::now());
        let event = Event {
            source,
            connection,
            at,
            what,
        };
        events
            .try_send(event)
            .unwrap_or_else(|_| panic!("the channel has room"));
    }
    ears.take_the_rest(&received, &|| end);
    assert_eq!(ears.pending(), 4, "what is closed waits as well");
    let batch = ears.batch().unwrap();
    assert_eq!(batch.outages, []);
    let reports = &batch.heard[0].reception.positions;
    assert_eq!(reports.len(), 4);
    assert_eq!(reports[3].time, end);
    assert!(
        reports
            .iter()
            .all(|report| end.duration_since(report.time).as_secs() < 60)
    );
}

#[test]
fn two_senders_to_one_port_never_mix_their_lines_and_datagrams_and_json_are_read() {
    // Free ports: bound, told and let go.
    let tcp = free_port();
    let udp = UdpSocket::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let sender = thread::spawn(move || {
        let (mut first, mut second) = (connect(tcp), connect(tcp));
        let half = LINE.len() / 2;
        for _ in 0..100 {
            for part in [&LINE[..half], &LINE[half..]] {
                first.write_all(part).unwrap();
                second.write_all(part).unwrap();
            }
        }
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.send_to(LINE, udp).unwrap();
        let json = br#"{"MessageType":"PositionReport","MetaData":{"time_utc":"2024-07-30 06:17:43.3 +0000 UTC"},"Message":{"PositionReport":{"MessageID":1,"UserID":371798000,"Latitude":57.25,"Longitude":10.5}}}"#;
        socket.send_to(json, udp).unwrap();
    });
    let wanted = settings(&format!(
        "sources:\n- {{id: many, kind: tcp-listen, address: '{tcp}'}}\n- {{id: grams, kind: udp, address: '{udp}'}}\nflush_s: 0.1\n"
    ));
    let (all, _) = listen(&wanted, |all| all.messages >= 202);
    assert_eq!((all.messages, all.positions), (202, 202));
    assert_eq!(all.lines["many"], 200);
    sender.join().unwrap();
}

#[test]
fn an_address_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let wanted = settings(&format!(
        "sources: [{{id: port, kind: tcp-listen, address: '{address}'}}]\n"
    ));
    let stop = Arc::new(AtomicBool::new(true));
    let error = run(&wanted, &[], &Timestamp::now, &stop, |_| {
        Ok::<(), Infallible>(())
    })
    .unwrap_err();
    assert!(
        error.to_string().contains("port") && error.to_string().contains(&address.to_string()),
        "{error}"
    );
}
