//! `tidewatch serve --pipeline` from outside: what a station sends reaches the store and the stream, also across a restart.

use crate::certificates::Authority;
use crate::fleet::{Post, Ship, Station, metric, send, sentence, wait_for};
use crate::program::{clients_python, root, tidewatch};
use crate::served::Server;
use crate::sse_reader::SseReader;
use jiff::Timestamp;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tidewatch::ais::message::Motion;
use tidewatch::model::alert::{Alert, AlertKind};
use tidewatch::model::outage::OutageCause;
use tidewatch::store::{GeoPackage, LiveBook, Revisions, Store};

fn start(post: &Post) -> Server {
    start_trusting(post, None)
}

fn start_trusting(post: &Post, authority: Option<&Path>) -> Server {
    let pipeline = post.pipeline();
    Server::start_trusting(
        &post.store(),
        &["--no-push", "--pipeline", pipeline.to_str().unwrap()],
        authority,
    )
}

fn alerts(post: &Post) -> Vec<Alert> {
    let store = GeoPackage::open(&post.store(), Timestamp::now()).unwrap();
    store.alerts(Revisions::All).unwrap()
}

fn counted(server: &Server, name: &str, least: u64) {
    wait_for(name, || {
        let text = server.get("/metrics", None).body;
        (metric(&text, name) >= least).then_some(())
    });
}

fn station_feed(station: &Station, flush_s: f64) -> String {
    format!(
        "  sources:\n  - {{id: station, kind: tcp, address: '{}'}}\n  flush_s: {flush_s}",
        station.address()
    )
}

#[test]
fn killed_and_started_again_it_tells_no_entry_twice_and_notes_that_it_did_not_listen() {
    let station = Station::new();
    let post = Post::new(&station_feed(&station, 0.2));
    // A fast craft crosses and is deep after four seconds; another ship is inside from the first.
    let entrant = Ship::towards(431_000_001, 0.02, 40.0);
    let inside = Ship::towards(431_000_002, -3.0, 5.0);
    let mut server = start(&post);
    // Kept to the end: a connection that is closed before the outages are read is an outage, too.
    let mut connections = Vec::new();
    for life in 0..3 {
        let mut stream = station.accept();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(5) {
            let second = f64::from(life) * 7.0 + begun.elapsed().as_secs_f64();
            send(&mut stream, &entrant.line(second));
            send(&mut stream, &inside.line(second));
            std::thread::sleep(Duration::from_millis(100));
        }
        counted(&server, "mda_live_messages_total", 80);
        wait_for("both alerts", || (alerts(&post).len() == 2).then_some(()));
        connections.push(stream);
        if life < 2 {
            // Ends by SIGKILL, with all that was not stored.
            drop(server);
            std::thread::sleep(Duration::from_secs(1));
            server = start(&post);
        }
    }
    let told = alerts(&post);
    let of = |mmsi: &str| {
        let found = told
            .iter()
            .filter(|alert| alert.evidence.mmsi.as_deref() == Some(mmsi));
        found
            .map(|alert| alert.headline.as_str())
            .collect::<Vec<_>>()
    };
    let (entered, heard) = (of("431000001"), of("431000002"));
    assert_eq!((entered.len(), heard.len()), (1, 1), "{told:?}");
    assert!(entered[0].contains("entered the 12 nm"), "{entered:?}");
    assert!(heard[0].contains("first heard inside"), "{heard:?}");
    let store = GeoPackage::open(&post.store(), Timestamp::now()).unwrap();
    let outages = store.outages(Timestamp::MIN, Timestamp::MAX).unwrap();
    let stopped: Vec<f64> = outages
        .iter()
        .filter(|outage| outage.cause == OutageCause::Stopped)
        .map(|outage| {
            outage
                .end
                .unwrap()
                .duration_since(outage.start)
                .as_secs_f64()
        })
        .collect();
    assert_eq!((outages.len(), stopped.len()), (2, 2), "{outages:?}");
    assert!(
        stopped
            .iter()
            .all(|lasted_s| (1.0..15.0).contains(lasted_s)),
        "{stopped:?}"
    );
    assert_eq!(store.counts().unwrap().tracks, 2);
}

#[test]
fn a_distress_beacon_is_told_at_once_and_once_for_all_its_calls() {
    let station = Station::new();
    let post = Post::new(&station_feed(&station, 20.0));
    let server = start(&post);
    let port = server.address.rsplit(':').next().unwrap().parse().unwrap();
    let reader = SseReader::start(port, &post.key);
    let mut stream = station.accept();
    let place = Motion {
        position: Some(Ship::towards(1, 30.0, 0.0).start),
        ..Motion::default()
    };
    std::thread::sleep(Duration::from_millis(500));
    let called = Instant::now();
    send(&mut stream, &sentence(970_012_345, Some(14), place));
    let waited = reader.first().duration_since(called);
    assert!(waited < Duration::from_secs(3), "{waited:?}");
    for _ in 0..10 {
        send(&mut stream, &sentence(970_012_345, Some(14), place));
        std::thread::sleep(Duration::from_millis(150));
    }
    counted(&server, "mda_live_messages_total", 11);
    let (status, log) = server.end();
    assert_eq!(status.code(), Some(0), "{log}");
    let told = alerts(&post);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (told[0].kind, told[0].revision),
        (AlertKind::DistressBeacon, 1)
    );
    let files = std::fs::read_dir(post.path().join("out/cap")).unwrap();
    assert_eq!(files.count(), 1, "the plan's own folder has it, too");
}

#[test]
fn a_feed_that_cannot_be_listened_to_ends_the_server_with_2_and_is_named() {
    let post = Post::new(
        "  sources:\n  - {id: shore, kind: websocket, address: 'ws://127.0.0.1:1', key_env: TIDEWATCH_NO_SUCH_KEY}",
    );
    let (store, pipeline) = (post.store(), post.pipeline());
    let ran = tidewatch([
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--store",
        store.to_str().unwrap(),
        "--pipeline",
        pipeline.to_str().unwrap(),
    ]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("shore") && ran.stderr.contains("TIDEWATCH_NO_SUCH_KEY"),
        "{}",
        ran.stderr
    );
    let ran = tidewatch(["serve", "--pipeline", "pipelines/demo.yaml"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("has no `live` section"),
        "{}",
        ran.stderr
    );
}

#[test]
#[ignore = "needs PyPI websockets"]
fn clients_a_websocket_server_of_another_make_is_subscribed_to_read_and_found_again() {
    reads_websockets(None);
}

#[test]
#[ignore = "needs PyPI websockets"]
fn clients_a_websocket_server_with_tls_is_read_if_its_certificate_is_of_a_trusted_authority() {
    let folder = tempfile::tempdir().unwrap();
    reads_websockets(Some(&Authority::new(folder.path(), "ours")));
}

/// Three connections of a feed, with TLS if there is an authority.
fn reads_websockets(authority: Option<&Authority>) {
    let key = "0123456789abcdef-secret";
    let record = r#"{"MessageType":"PositionReport","MetaData":{"time_utc":"NOW"},"Message":{"PositionReport":{"MessageID":1,"UserID":431000009,"Latitude":27.25,"Longitude":125.5}}}"#;
    let now = Timestamp::now().strftime("%Y-%m-%d %H:%M:%S.000 +0000 UTC");
    let issued = authority.map(|authority| authority.issue("feed"));
    let scheme = if issued.is_some() { "wss" } else { "ws" };
    let mut feed = Command::new(clients_python())
        .arg(root().join("tests/clients/websocket_feed.py"))
        .arg(record.replace("NOW", &now.to_string()))
        .args(
            issued
                .iter()
                .flat_map(|(certificate, key)| [certificate, key]),
        )
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(feed.stdout.take().unwrap()).lines();
    let port = told.next().unwrap().unwrap();
    let post = Post::new(&format!(
        "  sources:\n  - {{id: shore, kind: websocket, address: '{scheme}://127.0.0.1:{port}/v0/stream', key_file: key, \
         boxes_deg: [[122, 24, 128, 28]]}}\n  flush_s: 0.2"
    ));
    std::fs::write(post.path().join("key"), format!("{key}\n")).unwrap();
    let trusted = authority.map(Authority::certificate);
    let server = start_trusting(&post, trusted.as_deref());
    counted(&server, "mda_live_messages_total", 300);
    let text = server.get("/metrics", None).body;
    assert_eq!(metric(&text, "mda_live_lines_total"), 300);
    assert_eq!(metric(&text, "mda_live_rejects_total"), 0, "{text}");
    let (status, log) = server.end();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!log.contains("secret"), "{log}");
    let expected =
        serde_json::json!({"APIKey": key, "BoundingBoxes": [[[24.0, 122.0], [28.0, 128.0]]]});
    for _ in 0..3 {
        let subscription: Value = serde_json::from_str(&told.next().unwrap().unwrap()).unwrap();
        assert_eq!(subscription, expected);
    }
    feed.wait().unwrap();
    let store = GeoPackage::open(&post.store(), Timestamp::now()).unwrap();
    let outages = store.outages(Timestamp::MIN, Timestamp::MAX).unwrap();
    let causes: Vec<OutageCause> = outages.iter().map(|outage| outage.cause).collect();
    assert_eq!(causes, [OutageCause::Disconnected; 2], "{outages:?}");
}
