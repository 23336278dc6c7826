//! The server is killed at random moments while alerts go to a webhook, an MQTT broker, a JetStream, a folder and a stream.
//!
//! `make test` runs the short form; `make push-trial` the long one, and prints figures.

use crate::brokers::{free_port, mosquitto, nats, subscribe};
use crate::program::{clients_python, other, root};
use crate::push_desk::{Desk, alerts, ids};
use crate::receiver::Receiver;
use crate::sse_reader::SseReader;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// Alerts raised between two kills.
const ALERTS_A_ROUND: usize = 20;

/// Kills in the short form.
const SHORT: usize = 5;

#[test]
#[ignore = "needs mosquitto, mosquitto-clients, nats-server and PyPI nats-py"]
fn killed_at_random_every_partner_ends_with_each_revision_once_in_order() {
    let kills = std::env::var("TIDEWATCH_TRIAL_KILLS");
    let kills = kills.map_or(SHORT, |text| text.parse().expect("a number of kills"));
    let count = kills * ALERTS_A_ROUND;
    let mut desk = Desk::new();
    let folder = desk.path().parent().unwrap().to_owned();
    let (broker, mqtt_port) = mosquitto(&folder);
    let (server, nats_port) = nats(&folder);
    let (mqtt, stream) = (
        format!("mqtt://127.0.0.1:{mqtt_port}"),
        format!("nats://127.0.0.1:{nats_port}"),
    );
    let receiver = Receiver::start(|_| "200 OK".to_owned());
    let files = folder.join("cap");
    desk.webhook("hook", &receiver.url, &[]);
    for (kind, target) in [
        ("mqtt", mqtt.as_str()),
        ("jetstream", stream.as_str()),
        ("folder", files.to_str().unwrap()),
    ] {
        desk.ok(&["partner", "channel", "add", kind, "jcg", kind, target]);
    }
    let log = folder.join("mqtt.tsv");
    let reader = subscribe(mqtt_port, usize::MAX >> 33, &log);
    let key = desk.ok(&["partner", "key", "add", "jcg"]).stdout;
    let port = free_port();
    let stream_reader = SseReader::start(port, key.trim());
    let begin = Instant::now();
    for round in 0..kills {
        let running = desk.serve(port);
        desk.raise(&alerts(
            round * ALERTS_A_ROUND..(round + 1) * ALERTS_A_ROUND,
        ));
        std::thread::sleep(moment(round));
        running.kill();
    }
    let ran = desk.deliver();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let running = desk.serve(port);
    let streamed = stream_reader.ids(count);
    running.kill();
    let took = begin.elapsed();
    let expected = ids(0..count);
    assert_eq!(receiver.distinct_ids(), expected);
    let published = published(&log, count);
    assert_eq!(distinct(&published), expected);
    let stored = stored(&stream, count);
    assert_eq!(stored, expected);
    assert_eq!(fs::read_dir(&files).unwrap().count(), count);
    assert_eq!(distinct(&streamed), expected);
    println!(
        "{kills} kills, {count} alerts, {:.1} s: webhook {} sent, MQTT {} sent, JetStream {} stored, \
         stream {} events, {count} files.",
        took.as_secs_f64(),
        receiver.requests().len(),
        published.len(),
        stored.len(),
        streamed.len(),
    );
    reader.kill();
    broker.kill();
    server.kill();
}

#[test]
#[ignore = "a measurement"]
fn alerts_of_another_process_arrive_and_the_time_from_commit_to_arrival_is_told() {
    const COUNT: usize = 100;
    let mut desk = Desk::new();
    let receiver = Receiver::start(|_| "200 OK".to_owned());
    desk.webhook("hook", &receiver.url, &[]);
    let running = desk.start();
    desk.raise(&alerts(0..1));
    receiver.wait_for(1);
    let mut committed = Vec::new();
    for n in 1..=COUNT {
        desk.raise(&alerts(n..n + 1));
        committed.push(Instant::now());
        receiver.wait_for(n + 1);
    }
    running.kill();
    let requests = receiver.requests();
    let mut waits_ms: Vec<f64> = committed
        .iter()
        .zip(&requests[1..])
        .map(|(commit, request)| request.at.saturating_duration_since(*commit).as_secs_f64() * 1e3)
        .collect();
    waits_ms.sort_by(f64::total_cmp);
    println!(
        "{COUNT} alerts, commit to arrival: median {:.0} ms, 99th of 100 {:.0} ms, longest {:.0} ms.",
        waits_ms[COUNT / 2],
        waits_ms[COUNT - 2],
        waits_ms[COUNT - 1],
    );
}

/// How long the loop of a round lives: 30 to 330 ms from its start, spread by a multiplicative hash.
fn moment(round: usize) -> Duration {
    let hash = (round as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    Duration::from_millis(30 + hash % 300)
}

/// Message ids in the reader's log, repeats too, once `count` different ones are there or ten seconds have passed.
fn published(log: &Path, count: usize) -> Vec<String> {
    let begin = Instant::now();
    loop {
        let text = fs::read_to_string(log).unwrap();
        let ids: Vec<String> = text
            .lines()
            .filter_map(|line| line.split("message-id:").nth(1)?.split([' ', '\t']).next())
            .map(str::to_owned)
            .collect();
        if distinct(&ids).len() >= count || begin.elapsed() > Duration::from_secs(10) {
            return ids;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What a receiver that knows ids has got, in order.
fn distinct(ids: &[String]) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    ids.iter()
        .filter(|id| seen.insert(id.as_str()))
        .cloned()
        .collect()
}

/// Message ids in the stream, as nats-py reads them; the server holds no more than these.
fn stored(url: &str, count: usize) -> Vec<String> {
    let script = root()
        .join("tests/clients/jetstream_read.py")
        .display()
        .to_string();
    let count = count.to_string();
    let args = [script.as_str(), url, "MDA_JCG", "mda.v1.jcg.>", &count];
    let ran = other(clients_python(), args).unwrap();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let held = format!("messages\t{count}");
    assert_eq!(ran.stdout.lines().last(), Some(held.as_str()));
    let lines = ran.stdout.lines().filter(|line| line.starts_with("mda."));
    lines
        .filter_map(|line| line.split('\t').nth(1))
        .map(str::to_owned)
        .collect()
}
