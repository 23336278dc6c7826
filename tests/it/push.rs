//! Push to partners, from outside: the built program delivers from a store to endpoints on loopback.

use crate::program::{root, tidewatch};
use crate::push_desk::{Desk, alert, alerts, ids};
use crate::receiver::Receiver;
use std::sync::atomic::{AtomicUsize, Ordering};
use tidewatch::model::alert::Tlp;
use tidewatch::store::{GeoPackage, Store};

pub fn ok(_: &crate::receiver::Request) -> String {
    "200 OK".to_owned()
}

#[test]
fn a_partner_gets_each_revision_once_in_order_and_a_second_call_sends_nothing() {
    let mut desk = Desk::new();
    let receiver = Receiver::start(ok);
    desk.webhook("hook", &receiver.url, &[]);
    desk.raise(&alerts(0..70));
    desk.raise(&[alert("a0003", 2, Tlp::Green)]);
    let ran = desk.deliver();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut expected = ids(0..70);
    expected.push("a0003.r2".into());
    assert_eq!(receiver.distinct_ids(), expected);
    assert_eq!(desk.deliver().code, 0);
    assert_eq!(receiver.requests().len(), 71);
    let audit = desk.ok(&["partner", "audit"]).stdout;
    assert_eq!(audit.matches("channel:hook").count(), 71);
}

#[test]
fn a_secret_is_shown_once_and_never_again() {
    let mut desk = Desk::new();
    let receiver = Receiver::start(ok);
    let secret = desk.webhook("hook", &receiver.url, &[]);
    assert!(secret.starts_with("whsec_"), "{secret}");
    desk.raise(&alerts(0..1));
    let listed = desk.ok(&["partner", "channel", "list"]);
    let sent = desk.run(&["deliver", "--once", "-vv", "--allow-address", "127.0.0.0/8"]);
    let bytes = secret.trim_start_matches("whsec_");
    for text in [listed.stdout, listed.stderr, sent.stderr, sent.stdout] {
        assert!(!text.contains(bytes), "{text}");
    }
    let rotated = desk.ok(&["partner", "channel", "rotate", "jcg", "hook"]);
    desk.raise(&alerts(1..2));
    desk.deliver();
    let last = receiver.requests().pop().unwrap();
    assert_eq!(last.header("webhook-signature").split(' ').count(), 2);
    assert!(rotated.stdout.starts_with("whsec_") && rotated.stdout.trim() != secret);
    desk.ok(&["partner", "channel", "rotate", "jcg", "hook", "--drop-old"]);
    desk.raise(&alerts(2..3));
    desk.deliver();
    let last = receiver.requests().pop().unwrap();
    assert_eq!(last.header("webhook-signature").split(' ').count(), 1);
}

#[test]
fn loopback_is_closed_unless_an_operator_opens_it() {
    let mut desk = Desk::new();
    let receiver = Receiver::start(ok);
    desk.webhook("hook", &receiver.url, &[]);
    desk.raise(&alerts(0..2));
    let ran = desk.run(&["deliver", "--once"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("no public address"), "{}", ran.stderr);
    assert!(receiver.requests().is_empty());
    // The first message waits for its second attempt, the other one behind it for its first.
    assert_eq!(desk.dispatches().len(), 1);
}

#[test]
fn an_endpoint_that_is_away_keeps_the_order_and_one_that_refuses_holds_back_that_alert_alone() {
    let mut desk = Desk::new();
    let away = Receiver::start(|_| "503 Busy".to_owned());
    let picky = Receiver::start(|request| {
        let bad = request.id().starts_with("a0001");
        if bad { "422 No" } else { "204 No Content" }.to_owned()
    });
    desk.webhook("away", &away.url, &[]);
    desk.webhook("picky", &picky.url, &[]);
    desk.raise(&alerts(0..3));
    desk.raise(&[alert("a0001", 2, Tlp::Green)]);
    assert_eq!(desk.deliver().code, 1);
    assert_eq!(away.distinct_ids(), ids(0..1));
    assert_eq!(picky.distinct_ids(), ids(0..3));
    let dispatches = desk.dispatches();
    for line in [
        "away a0000.r1 waiting 503",
        "picky a0000.r1 delivered 204",
        "picky a0001.r1 waiting refused: 422",
        "picky a0001.r2 waiting ",
    ] {
        assert!(
            dispatches.iter().any(|l| l == line),
            "{line}\n{dispatches:#?}"
        );
    }
}

#[test]
fn gone_pauses_a_channel_until_it_is_resumed() {
    let mut desk = Desk::new();
    let asked = AtomicUsize::new(0);
    let receiver = Receiver::start(move |_| {
        let first = asked.fetch_add(1, Ordering::Relaxed) == 0;
        if first { "410 Gone" } else { "200 OK" }.to_owned()
    });
    desk.webhook("hook", &receiver.url, &[]);
    desk.raise(&alerts(0..2));
    desk.deliver();
    desk.deliver();
    assert_eq!(receiver.requests().len(), 1);
    let listed = desk.ok(&["partner", "channel", "list"]).stdout;
    assert!(
        listed.contains("paused\tthe receiver wants no more"),
        "{listed}"
    );
    desk.ok(&["partner", "channel", "resume", "jcg", "hook"]);
    assert_eq!(desk.deliver().code, 0);
    assert_eq!(receiver.distinct_ids(), ids(0..2));
}

#[test]
fn a_right_that_was_taken_away_holds_at_the_exit_and_one_given_back_lets_pass() {
    let mut desk = Desk::new();
    let receiver = Receiver::start(ok);
    desk.webhook("hook", &receiver.url, &[]);
    desk.raise(&[alert("x", 1, Tlp::Amber), alert("y", 1, Tlp::Green)]);
    let rights = |tlp| desk.ok(&["partner", "add", "jcg", "--name", "C", "--tlp", tlp]);
    rights("GREEN");
    assert_eq!(desk.deliver().code, 0);
    assert_eq!(receiver.distinct_ids(), ["y.r1"]);
    rights("AMBER");
    assert_eq!(desk.deliver().code, 0);
    assert_eq!(receiver.distinct_ids(), ["y.r1", "x.r1"]);
}

#[test]
fn nothing_is_pushed_to_a_partner_without_the_scope_of_alerts() {
    let mut desk = Desk::new();
    let receiver = Receiver::start(ok);
    desk.webhook("hook", &receiver.url, &[]);
    desk.raise(&alerts(0..2));
    let add = ["partner", "add", "jcg", "--name", "C", "--tlp", "AMBER"];
    desk.ok(&[&add[..], &["--scope", "evidence"]].concat());
    assert_eq!(desk.deliver().code, 0);
    assert!(receiver.requests().is_empty());
    desk.ok(&add);
    assert_eq!(desk.deliver().code, 0);
    assert_eq!(receiver.distinct_ids(), ids(0..2));
}

#[test]
fn a_run_queues_nothing_for_a_partner_without_the_scope_of_alerts() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().display().to_string();
    let path = folder.path().join("tidewatch.gpkg");
    let store = path.display().to_string();
    for (id, scope) in [("coast", "alerts"), ("survey", "evidence")] {
        let add = ["partner", "add", id, "--name", id, "--tlp", "RED"];
        let ran = tidewatch(add.into_iter().chain(["--scope", scope, "--store", &store]));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    let pipeline = root().join("pipelines/demo.yaml");
    let ran = tidewatch(["run", pipeline.to_str().unwrap(), "--out", &out]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let store = GeoPackage::open(&path, jiff::Timestamp::now()).unwrap();
    let queued = |id| store.undelivered(id, "any").unwrap().len();
    assert!(queued("coast") > 0);
    assert_eq!(queued("survey"), 0);
}

#[test]
fn a_paused_channel_leaves_work_undone_and_a_removed_one_does_not() {
    let mut desk = Desk::new();
    let receiver = Receiver::start(|_| "410 Gone".to_owned());
    desk.webhook("hook", &receiver.url, &[]);
    desk.ok(&["partner", "channel", "pause", "jcg", "hook"]);
    desk.raise(&alerts(0..2));
    let ran = desk.deliver();
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("2 waiting"), "{}", ran.stderr);
    desk.ok(&["partner", "channel", "resume", "jcg", "hook"]);
    assert_eq!(desk.deliver().code, 1);
    assert_eq!(desk.dispatches(), ["hook a0000.r1 waiting 410"]);
    desk.ok(&["partner", "channel", "remove", "jcg", "hook"]);
    assert_eq!(desk.deliver().code, 0);
}

#[test]
fn a_password_in_an_address_is_refused_and_not_told() {
    let desk = Desk::new();
    for (kind, address) in [
        ("webhook", "https://u:hunter2@a.example/"),
        ("mqtt", "mqtt://u:hunter2@a.example"),
        ("jetstream", "nats://u:hunter2@a.example"),
    ] {
        let ran = desk.run(&["partner", "channel", "add", kind, "jcg", kind, address]);
        assert_eq!(ran.code, 2, "{kind}: {}", ran.stderr);
        assert!(ran.stderr.contains("expected"), "{}", ran.stderr);
        assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    }
}

#[test]
fn a_replay_sends_the_same_ids_again_and_a_new_partner_gets_what_is_in_force() {
    let mut desk = Desk::new();
    let receiver = Receiver::start(ok);
    desk.webhook("hook", &receiver.url, &[]);
    desk.raise(&alerts(0..3));
    desk.deliver();
    desk.ok(&["partner", "replay", "jcg", "--alert", "a0001"]);
    assert_eq!(desk.deliver().code, 0);
    let all: Vec<String> = receiver.requests().iter().map(|r| r.id()).collect();
    assert_eq!(all, ["a0000.r1", "a0001.r1", "a0002.r1", "a0001.r1"]);
    desk.ok(&["partner", "add", "pcg", "--name", "P", "--tlp", "GREEN"]);
    let args = ["partner", "channel", "add", "webhook", "pcg", "hook"];
    let newcomer = Receiver::start(ok);
    desk.ok(&[&args[..], &[&newcomer.url]].concat());
    desk.ok(&["partner", "replay", "pcg", "--unexpired"]);
    assert_eq!(desk.deliver().code, 0);
    assert_eq!(newcomer.distinct_ids(), ids(0..3));
}

#[test]
fn alerts_of_another_process_are_noticed_by_a_loop_that_runs() {
    let mut desk = Desk::new();
    let receiver = Receiver::start(ok);
    desk.webhook("hook", &receiver.url, &[]);
    let running = desk.start();
    for n in 0..3 {
        desk.raise(&alerts(n..n + 1));
        receiver.wait_for(n + 1);
    }
    // So are channels.
    let second = Receiver::start(ok);
    desk.webhook("second", &second.url, &[]);
    second.wait_for(3);
    running.kill();
    assert_eq!(receiver.distinct_ids(), ids(0..3));
}

#[test]
fn killed_at_any_moment_a_partner_ends_with_each_revision_once_in_order() {
    let mut desk = Desk::new();
    let receiver = Receiver::start(ok);
    desk.webhook("hook", &receiver.url, &[]);
    let folder = desk.path().with_file_name("cap");
    let folder = folder.to_str().unwrap();
    desk.ok(&[
        "partner", "channel", "add", "folder", "jcg", "files", folder,
    ]);
    for round in 0..5 {
        let running = desk.start();
        desk.raise(&alerts(round * 40..(round + 1) * 40));
        // Another moment in every round, some before the first message and some between messages.
        receiver.wait_for(round * 40 + [0, 5, 17, 1, 30][round]);
        running.kill();
    }
    assert_eq!(desk.deliver().code, 0);
    assert_eq!(receiver.distinct_ids(), ids(0..200));
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 200);
}

#[test]
fn a_store_has_one_pusher_and_a_server_pushes_too() {
    let mut desk = Desk::new();
    let receiver = Receiver::start(ok);
    desk.webhook("hook", &receiver.url, &[]);
    let running = desk.serve(crate::brokers::free_port());
    desk.raise(&alerts(0..1));
    receiver.wait_for(1);
    let ran = desk.deliver();
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("another process sends"),
        "{}",
        ran.stderr
    );
    running.kill();
    assert_eq!(desk.deliver().code, 0);
}

#[test]
fn a_key_that_cannot_sign_is_a_fault_of_the_pipeline_file_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(root().join("pipelines/demo.yaml")).unwrap();
    let samples = root().join("sample-data");
    let text = text
        .replace("../sample-data", samples.to_str().unwrap())
        .replace(
            "sender:\n",
            "sender:\n  signature: {key: key.pem, certificate: nowhere.pem}\n",
        );
    let line = text
        .lines()
        .position(|line| line.contains("key.pem"))
        .unwrap()
        + 1;
    let pipeline = folder.path().join("p.yaml");
    std::fs::write(&pipeline, text).unwrap();
    std::fs::write(folder.path().join("key.pem"), "no key").unwrap();
    let ran = tidewatch(["check", pipeline.to_str().unwrap()]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(
        ran.stderr.contains(&format!("p.yaml:{line}:")),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("nowhere.pem: cannot read"),
        "{}",
        ran.stderr
    );
}
