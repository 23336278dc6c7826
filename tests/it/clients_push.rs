//! Programs we did not write receive what is pushed. `make test` installs them; a plain `cargo test` ignores these.

use crate::brokers::{mosquitto, mosquitto_with, nats, subscribe};
use crate::program::{clients_python, other, root, tidewatch};
use crate::push_desk::{Desk, Running, alerts, ids};
use crate::receiver::Receiver;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use tidewatch::encode::{CapSigner, SignError};

/// Runs a program with `input` on standard input; gives its standard output if it succeeded.
fn fed(mut command: Command, input: &str) -> String {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout).unwrap()
}

/// Webhooks of every JSON form, as JSON lines for the verifiers.
fn webhooks() -> String {
    let mut desk = Desk::new();
    let receiver = Receiver::start(|_| "200 OK".to_owned());
    let forms = ["standard", "cloud-event", "cloud-event-binary"];
    let mut secrets = Vec::new();
    for form in forms {
        let url = format!("{}?form={form}", receiver.url);
        secrets.push(desk.webhook(form, &url, &["--form", form]));
    }
    // While a partner changes over, its old secret verifies, too.
    desk.ok(&["partner", "channel", "rotate", "jcg", "standard"]);
    desk.raise(&alerts(0..2));
    assert_eq!(desk.deliver().code, 0);
    let mut lines = String::new();
    for request in receiver.requests() {
        let form = request.path.split('=').nth(1).unwrap();
        let place = forms.iter().position(|f| *f == form).unwrap();
        let headers: serde_json::Map<_, _> = request
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into()))
            .collect();
        let body = String::from_utf8(request.body.clone()).unwrap();
        let line = serde_json::json!({"secret": secrets[place], "headers": headers, "body": body});
        lines.push_str(&format!("{line}\n"));
    }
    lines
}

#[test]
#[ignore = "needs PyPI standardwebhooks and cloudevents"]
fn pythons_standardwebhooks_and_cloudevents_accept_what_is_sent() {
    let mut command = Command::new(clients_python());
    command.arg(root().join("tests/clients/webhook_verify.py"));
    let said = fed(command, &webhooks());
    assert_eq!(said.lines().count(), 6, "{said}");
    assert_eq!(
        said.matches("org.tidewatch.alert.created.v1 TLP:GREEN")
            .count(),
        4,
        "{said}"
    );
}

#[test]
#[ignore = "needs npm standardwebhooks"]
fn nodes_standardwebhooks_accepts_what_is_sent() {
    let modules = clients_python().ancestors().nth(2).unwrap().join("node");
    let mut command = Command::new("node");
    command
        .arg(root().join("tests/clients/webhook_verify.mjs"))
        .arg(modules);
    assert_eq!(fed(command, &webhooks()).lines().count(), 6);
}

#[test]
#[ignore = "needs mosquitto and mosquitto-clients"]
fn mosquitto_hands_on_topic_expiry_content_type_and_properties() {
    let mut desk = Desk::new();
    let (broker, port) = mosquitto(desk.path().parent().unwrap());
    let address = format!("mqtt://127.0.0.1:{port}");
    let add = ["partner", "channel", "add", "mqtt", "jcg", "mq", &address];
    desk.ok(&[&add[..], &["--form", "cloud-event-binary"]].concat());
    let log = desk.path().with_file_name("mqtt.tsv");
    let subscriber = subscribe(port, 3, &log);
    desk.raise(&alerts(0..3));
    let ran = desk.deliver();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let text = finished(subscriber, &log);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    for (line, id) in lines.iter().zip(ids(0..3)) {
        let cells: Vec<&str> = line.split('\t').collect();
        assert_eq!(cells[0], "mda/v1/jcg/alerts/near-24-nm");
        assert_eq!((cells[1], cells[2]), ("1", "application/json"));
        let expiry_s: u32 = cells[3].parse().unwrap();
        // A day, less what it took to get here.
        assert!((86_000..=86_400).contains(&expiry_s), "{expiry_s}");
        for property in [
            format!("id:{id}"),
            "specversion:1.0".into(),
            "tlp:TLP:GREEN".into(),
        ] {
            assert!(
                cells[4].split(' ').any(|p| p == property),
                "{property}: {}",
                cells[4]
            );
        }
        assert!(cells[4].contains("traceparent:00-"), "{}", cells[4]);
    }
    broker.kill();
}

#[test]
#[ignore = "needs mosquitto"]
fn a_message_over_the_brokers_limit_is_refused_and_the_others_pass() {
    let mut desk = Desk::new();
    let limit = "max_packet_size 20000\n";
    let (broker, port) = mosquitto_with(desk.path().parent().unwrap(), limit);
    let address = format!("mqtt://127.0.0.1:{port}");
    let add = ["partner", "channel", "add", "mqtt", "jcg", "mq", &address];
    desk.ok(&[&add[..], &["--form", "cap"]].concat());
    let mut sent = alerts(0..3);
    sent[1].description = "long ".repeat(10_000);
    desk.raise(&sent);
    assert_eq!(desk.deliver().code, 1);
    let dispatches = desk.dispatches();
    assert_eq!(dispatches.len(), 3, "{dispatches:#?}");
    for (line, begin) in dispatches.iter().zip([
        "mq a0000.r1 delivered ",
        "mq a0001.r1 waiting refused: ",
        "mq a0002.r1 delivered ",
    ]) {
        assert!(line.starts_with(begin), "{line}");
    }
    broker.kill();
}

fn finished(mut subscriber: Running, log: &Path) -> String {
    subscriber.0.wait().unwrap();
    fs::read_to_string(log).unwrap()
}

#[test]
#[ignore = "needs nats-server and PyPI nats-py"]
fn nats_py_reads_the_stream_in_order_and_the_server_drops_a_replay() {
    let mut desk = Desk::new();
    let (server, port) = nats(desk.path().parent().unwrap());
    let url = format!("nats://127.0.0.1:{port}");
    desk.ok(&["partner", "channel", "add", "jetstream", "jcg", "js", &url]);
    desk.raise(&alerts(0..3));
    let ran = desk.deliver();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    desk.ok(&["partner", "replay", "jcg", "--unexpired"]);
    assert_eq!(desk.deliver().code, 0);
    assert!(
        desk.dispatches()
            .iter()
            .all(|line| line.ends_with(", a repeat"))
    );
    let script = root().join("tests/clients/jetstream_read.py");
    let script = script.to_str().unwrap();
    let args = [script, &url, "MDA_JCG", "mda.v1.jcg.>", "3"];
    let ran = other(clients_python(), args).unwrap();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut expected: Vec<String> = ids(0..3)
        .iter()
        .map(|id| format!("mda.v1.jcg.alerts.near-24-nm\t{id}\tapplication/cloudevents+json\t{id}"))
        .collect();
    expected.push("messages\t3".into());
    assert_eq!(ran.stdout.lines().collect::<Vec<_>>(), expected);
    server.kill();
}

#[test]
#[ignore = "needs openssl, xmlsec1 and capvalidator"]
fn xmlsec1_and_capvalidator_verify_signed_alerts_and_see_a_change() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (key, certificate) = (at("key.pem"), at("certificate.pem"));
    make_key(&key, &certificate);
    let files = signed_alerts(folder.path());
    for file in &files {
        let ran = xmlsec1(&certificate, file);
        assert_eq!(ran, 0, "{file}");
    }
    let script = root()
        .join("tests/clients/cap_valid.py")
        .display()
        .to_string();
    let flags = [script, "--signed".to_owned()];
    let ran = other(clients_python(), flags.iter().chain(&files)).unwrap();
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let text = fs::read_to_string(&files[0]).unwrap();
    let changed = at("changed.xml");
    fs::write(&changed, text.replacen("<urgency>", "<urgency> ", 1)).unwrap();
    assert_ne!(xmlsec1(&certificate, &changed), 0);
}

#[test]
#[ignore = "needs openssl"]
fn a_signer_refuses_what_is_no_certificate_and_another_keys() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (key, own, other) = (at("key.pem"), at("own.pem"), at("other.pem"));
    make_key(&at("other-key.pem"), &other);
    make_key(&key, &own);
    let read = |path: &str| fs::read(path).unwrap();
    let signer = |certificate: &[u8]| CapSigner::new(&read(&key), certificate).map(|_| ());
    assert!(signer(&read(&own)).is_ok());
    for bad in [b"".as_slice(), b"no certificate", &read(&key)] {
        let refused = signer(bad);
        assert!(
            matches!(refused, Err(SignError::Certificate { .. })),
            "{refused:?}"
        );
    }
    let refused = signer(&read(&other));
    assert!(matches!(refused, Err(SignError::Apart)), "{refused:?}");
}

/// A new RSA key, and a certificate that it signs for itself.
fn make_key(key: &str, certificate: &str) {
    let made = other(
        "openssl",
        [
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=watch.example.org",
            "-keyout",
            key,
            "-out",
            certificate,
        ],
    );
    assert_eq!(made.expect("openssl runs").code, 0);
}

/// The demo's alerts, signed: runs the demo's pipeline with two lines more.
fn signed_alerts(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(root().join("pipelines/demo.yaml")).unwrap();
    let samples = root().join("sample-data").display().to_string();
    let text = text.replace("../sample-data", &samples).replace(
        "  id: watch@example.org\n",
        "  id: watch@example.org\n  signature: {key: key.pem, certificate: certificate.pem}\n",
    );
    let pipeline = folder.join("signed.yaml");
    fs::write(&pipeline, text).unwrap();
    let out = folder.join("out");
    let ran = tidewatch([
        "run",
        pipeline.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let files: Vec<String> = fs::read_dir(out.join("cap"))
        .unwrap()
        .map(|entry| entry.unwrap().path().display().to_string())
        .collect();
    assert!(!files.is_empty());
    files
}

fn xmlsec1(certificate: &str, file: &str) -> i32 {
    let args = ["--verify", "--trusted-pem", certificate, file];
    other("xmlsec1", args).expect("xmlsec1 runs").code
}
