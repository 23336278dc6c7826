//! Brokers that ask for TLS and a login: the right ones deliver, the wrong ones are told of and hold up nothing else.

use crate::brokers::{secured_mosquitto, secured_nats};
use crate::certificates::Authority;
use crate::program::{Ran, clients_python, other, root};
use crate::push_desk::{Desk, alerts, ids};
use std::fs;
use std::process::Command;

/// A file with a secret, for `--password-file` and `--token-file`.
fn secret(desk: &Desk, name: &str, text: &str) -> String {
    let path = desk.path().with_file_name(name);
    fs::write(&path, format!("{text}\n")).unwrap();
    path.display().to_string()
}

/// One dispatch a channel, as `state answer`.
fn said(desk: &Desk, channel: &str) -> String {
    let begin = format!("{channel} a0000.r1 ");
    let lines = desk.dispatches();
    let line = lines.iter().find(|line| line.starts_with(&begin));
    line.unwrap_or_else(|| panic!("{channel}: {lines:#?}"))[begin.len()..].to_owned()
}

fn holds_no_secret(ran: &Ran, desk: &Desk, secrets: &[&str]) {
    let listed = desk.ok(&["partner", "channel", "list"]).stdout;
    let dispatches = desk.ok(&["partner", "dispatches"]).stdout;
    for text in [&ran.stdout, &ran.stderr, &listed, &dispatches] {
        for secret in secrets {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[test]
#[ignore = "needs mosquitto, mosquitto-clients and openssl"]
fn mosquitto_over_tls_takes_the_right_password_and_a_wrong_one_holds_up_nothing() {
    let mut desk = Desk::new();
    let folder = desk.path().parent().unwrap().to_owned();
    let authority = Authority::new(&folder, "ours");
    let (certificate, key) = authority.issue("broker");
    let login = ("tidewatch", "right-hand-9");
    let (broker, port) = secured_mosquitto(&folder, (&certificate, &key), login);
    let url = format!("mqtts://localhost:{port}");
    let right = secret(&desk, "right", "right-hand-9");
    let wrong = secret(&desk, "wrong", "left-hand-9");
    for (name, file) in [("right", &right), ("wrong", &wrong)] {
        let add = ["partner", "channel", "add", "mqtt", "jcg", name, &url];
        desk.ok(&[&add[..], &["--user", "tidewatch", "--password-file", file]].concat());
    }
    // Without a login, without TLS, and into a folder beside them.
    desk.ok(&["partner", "channel", "add", "mqtt", "jcg", "nobody", &url]);
    let plain = format!("mqtt://localhost:{port}");
    desk.ok(&["partner", "channel", "add", "mqtt", "jcg", "plain", &plain]);
    let files = folder.join("files");
    let add = ["partner", "channel", "add", "folder", "jcg", "files"];
    desk.ok(&[&add[..], &[files.to_str().unwrap()]].concat());

    let log = folder.join("mqtt.tsv");
    let reader = Command::new("mosquitto_sub")
        .args(["-V", "5", "-h", "localhost", "-p", &port.to_string()])
        .args(["-u", login.0, "-P", login.1, "--cafile"])
        .arg(authority.certificate())
        .args([
            "-i", "reader", "-c", "-x", "600", "-q", "1", "-t", "mda/v1/#",
        ])
        .arg("-E")
        .status()
        .unwrap();
    assert!(reader.success());
    desk.raise(&alerts(0..1));
    let ran = desk.deliver_trusting(&authority.certificate());
    assert_eq!(ran.code, 1, "some wait: {}", ran.stderr);
    assert_eq!(said(&desk, "right"), "delivered Success");
    assert!(said(&desk, "files").starts_with("delivered "));
    for name in ["wrong", "nobody"] {
        let said = said(&desk, name).to_lowercase();
        assert!(said.starts_with("waiting "), "{said}");
        assert!(
            said.contains("notauthorized") || said.contains("not authorized"),
            "{said}"
        );
    }
    assert!(said(&desk, "plain").starts_with("waiting "));
    holds_no_secret(&ran, &desk, &["right-hand-9", "left-hand-9"]);

    let output = Command::new("mosquitto_sub")
        .args(["-V", "5", "-h", "localhost", "-p", &port.to_string()])
        .args(["-u", login.0, "-P", login.1, "--cafile"])
        .arg(authority.certificate())
        .args([
            "-i", "reader", "-c", "-x", "600", "-q", "1", "-t", "mda/v1/#",
        ])
        .args(["-C", "1", "-W", "10", "-F", "%t"])
        .output()
        .unwrap();
    let topic = String::from_utf8_lossy(&output.stdout).into_owned();
    fs::write(&log, &topic).unwrap();
    assert_eq!(topic.trim(), "mda/v1/jcg/alerts/near-24-nm");
    broker.kill();
}

#[test]
#[ignore = "needs mosquitto, nats-server and openssl"]
fn a_broker_whose_certificate_nobody_vouches_for_is_given_no_password_and_no_message() {
    let mut desk = Desk::new();
    let folder = desk.path().parent().unwrap().to_owned();
    let (ours, theirs) = (
        Authority::new(&folder, "ours"),
        Authority::new(&folder, "theirs"),
    );
    let (certificate, key) = theirs.issue("broker");
    let pair = (certificate.as_path(), key.as_path());
    let (mosquitto, port) = secured_mosquitto(&folder, pair, ("u", "p-12345"));
    let (nats, nats_port) = secured_nats(&folder, pair, &[]);
    let file = secret(&desk, "password", "p-12345");
    let url = format!("mqtts://localhost:{port}");
    let add = ["partner", "channel", "add", "mqtt", "jcg", "mq", &url];
    desk.ok(&[&add[..], &["--user", "u", "--password-file", &file]].concat());
    let url = format!("tls://localhost:{nats_port}");
    desk.ok(&["partner", "channel", "add", "jetstream", "jcg", "js", &url]);
    desk.raise(&alerts(0..1));
    // No certificate of any authority at all: told, and no panic.
    for trusted in [ours.certificate(), folder.join("no-such-file.pem")] {
        let ran = desk.deliver_trusting(&trusted);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        for channel in ["mq", "js"] {
            let said = said(&desk, channel).to_lowercase();
            assert!(said.starts_with("waiting "), "{said}");
            assert!(said.contains("cert"), "{channel}: {said}");
        }
        desk.ok(&["partner", "replay", "jcg", "--unexpired"]);
    }
    mosquitto.kill();
    nats.kill();
}

#[test]
#[ignore = "needs nats-server, openssl and PyPI nats-py"]
fn nats_over_tls_takes_the_right_token_or_password_and_a_wrong_one_holds_up_nothing() {
    let mut desk = Desk::new();
    let folder = desk.path().parent().unwrap().to_owned();
    let authority = Authority::new(&folder, "ours");
    let (certificate, key) = authority.issue("server");
    let pair = (certificate.as_path(), key.as_path());
    let (by_token, port) = secured_nats(&folder, pair, &["--auth", "token-4711"]);
    let login = ["--user", "tidewatch", "--pass", "word-0815"];
    let (by_name, other_port) = secured_nats(&folder, pair, &login);
    let token_url = format!("tls://localhost:{port}");
    let name_url = format!("tls://localhost:{other_port}");
    let file = |name: &str, text: &str| secret(&desk, name, text);
    let (token, bad_token) = (file("t1", "token-4711"), file("t2", "token-0000"));
    let (word, bad_word) = (file("w1", "word-0815"), file("w2", "word-0000"));
    for (name, url, login) in [
        ("token", &token_url, vec!["--token-file", &token]),
        ("no-token", &token_url, vec!["--token-file", &bad_token]),
        (
            "word",
            &name_url,
            vec!["--user", "tidewatch", "--password-file", &word],
        ),
        (
            "no-word",
            &name_url,
            vec!["--user", "tidewatch", "--password-file", &bad_word],
        ),
    ] {
        let add = ["partner", "channel", "add", "jetstream", "jcg", name, url];
        desk.ok(&[&add[..], &login[..]].concat());
    }
    desk.raise(&alerts(0..1));
    let ran = desk.deliver_trusting(&authority.certificate());
    assert_eq!(ran.code, 1, "some wait: {}", ran.stderr);
    for name in ["token", "word"] {
        assert_eq!(said(&desk, name), "delivered sequence 1", "{name}");
    }
    for name in ["no-token", "no-word"] {
        let said = said(&desk, name).to_lowercase();
        assert!(
            said.starts_with("waiting ") && said.contains("authorization"),
            "{said}"
        );
    }
    let secrets = ["token-4711", "token-0000", "word-0815", "word-0000"];
    holds_no_secret(&ran, &desk, &secrets);
    let both = [token.as_str(), "--user", "u", "--password-file", &word];
    let add = [
        "partner",
        "channel",
        "add",
        "jetstream",
        "jcg",
        "both",
        &token_url,
        "--token-file",
    ];
    assert_eq!(desk.run(&[&add[..], &both[..]].concat()).code, 2);

    let script = root().join("tests/clients/jetstream_read.py");
    let read = other(
        clients_python(),
        [
            script.to_str().unwrap(),
            &token_url,
            "MDA_JCG",
            "mda.v1.jcg.>",
            "1",
            authority.certificate().to_str().unwrap(),
            "token-4711",
        ],
    )
    .unwrap();
    assert_eq!(read.code, 0, "{}", read.stderr);
    assert!(read.stdout.contains(&ids(0..1)[0]), "{}", read.stdout);
    by_token.kill();
    by_name.kill();
}
