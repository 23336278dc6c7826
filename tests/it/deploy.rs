//! What lies in deploy/: a NATS server set up by its file, and manifests held against Kubernetes' and KEDA's own schemas.

use crate::batch;
use crate::brokers::nats_set_up;
use crate::program::{Ran, clients_python, other, root, tidewatch};
use crate::push_desk::{Desk, alerts};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

const PASSWORDS: [(&str, &str); 5] = [
    ("NATS_WORKER_PASSWORD", "w-worker"),
    ("NATS_ALERTS_PASSWORD", "w-alerts"),
    ("NATS_SETUP_PASSWORD", "w-setup"),
    ("NATS_JCG_PASSWORD", "w-jcg"),
    ("NATS_PCG_PASSWORD", "w-pcg"),
];

fn secret(folder: &Path, text: &str) -> String {
    let path = folder.join(text);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn client(url: &str, args: &[&str]) -> Value {
    let script = root().join("tests/clients/nats_accounts.py");
    let all = [&[script.to_str().unwrap(), url], args].concat();
    let ran = other(clients_python(), all).unwrap();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
#[ignore = "needs nats-server and PyPI nats-py"]
fn an_agency_reads_its_own_alerts_and_nothing_else_of_the_nats_server() {
    let mut desk = Desk::new();
    let folder = desk.path().parent().unwrap().to_owned();
    desk.ok(&[
        "partner",
        "add",
        "pcg",
        "--name",
        "Coast Guard",
        "--tlp",
        "AMBER",
    ]);
    let (_server, port) = nats_set_up(&folder, &root().join("deploy/nats.conf"), &PASSWORDS);
    let url = format!("nats://127.0.0.1:{port}");
    let password = secret(&folder, "w-alerts");
    for agency in ["jcg", "pcg"] {
        let add = ["partner", "channel", "add", "jetstream", agency, "js", &url];
        desk.ok(&[
            &add[..],
            &["--user", "alerts", "--password-file", &password],
        ]
        .concat());
    }
    desk.raise(&alerts(0..2));
    let delivered = desk.deliver();
    assert_eq!(delivered.code, 0, "{}", delivered.stderr);
    let sent = desk.dispatches();
    assert_eq!(
        sent.iter().filter(|line| line.contains("sequence")).count(),
        4,
        "{sent:#?}"
    );
    client(&url, &["consumers", "w-setup"]);
    for (agency, foreign) in [("jcg", "pcg"), ("pcg", "jcg")] {
        let seen = client(&url, &["agency", agency, &format!("w-{agency}"), foreign]);
        let own = format!("mda.v1.{agency}.alerts.");
        let read = seen["read"].as_array().unwrap();
        assert_eq!(read.len(), 2, "{seen:#}");
        assert!(
            read.iter()
                .all(|subject| subject.as_str().unwrap().starts_with(&own)),
            "{seen:#}"
        );
        let tried = seen
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, told)| told.is_object());
        let mut count = 0;
        for (what, told) in tried {
            assert_eq!(told["refused"], true, "{agency}: {what}: {told}");
            count += 1;
        }
        assert_eq!(count, 11, "{seen:#}");
    }
}

#[test]
#[ignore = "needs nats-server"]
fn workers_do_their_job_with_the_rights_that_the_nats_server_gives_them() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, port) = nats_set_up(folder.path(), &root().join("deploy/nats.conf"), &PASSWORDS);
    let pipeline = batch::make(folder.path(), 2);
    // One that cannot be read, so that jobs are also given up and put back.
    fs::write(folder.path().join("in/00/broken.SAFE"), "no product").unwrap();
    let store = folder.path().join("t.gpkg");
    let password = secret(folder.path(), "w-worker");
    let queue = format!("nats://127.0.0.1:{port}");
    let asked = |args: &[&str]| -> Ran {
        let more = [
            "--store",
            store.to_str().unwrap(),
            "--queue",
            &queue,
            "--user",
            "worker",
            "--password-file",
            &password,
        ];
        tidewatch(args.iter().copied().chain(more))
    };
    let submitted = asked(&["submit", pipeline.to_str().unwrap()]);
    assert_eq!(submitted.code, 0, "{}", submitted.stderr);
    assert!(
        submitted.stderr.contains("3 scenes put"),
        "{}",
        submitted.stderr
    );
    let worked = asked(&["worker", "--once"]);
    assert_eq!(worked.code, 1, "{}", worked.stderr);
    assert!(
        worked.stderr.contains("3 jobs done, 1 given up."),
        "{}",
        worked.stderr
    );
    let status = asked(&["status"]);
    assert!(status.stderr.contains("1 given up"), "{}", status.stderr);
    let retried = asked(&["retry"]);
    assert!(
        retried.stderr.contains("1 jobs are back"),
        "{}",
        retried.stderr
    );
    // Nobody gets in without the password.
    let stranger = tidewatch([
        "status",
        "--store",
        store.to_str().unwrap(),
        "--queue",
        &queue,
    ]);
    assert_eq!(stranger.code, 2, "{}", stranger.stderr);
}

fn manifests() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("deploy/kubernetes")).unwrap();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

#[test]
#[ignore = "needs the Python clients and npm's"]
fn manifests_fit_kubernetes_and_keda_and_their_pods_need_no_privileges() {
    let mut args = vec![root().join("tests/clients/manifests.py")];
    args.extend(manifests());
    let ran = other(clients_python(), &args).unwrap();
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    for kind in [
        "Namespace",
        "ConfigMap",
        "PersistentVolumeClaim",
        "Deployment",
        "CronJob",
        "Service",
        "NetworkPolicy",
        "PodDisruptionBudget",
    ] {
        assert!(
            ran.stdout.contains(&format!("\t{kind}\t")),
            "{kind}: {}",
            ran.stdout
        );
    }
    let scaled: Vec<&str> = ran
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("other\t"))
        .collect();
    assert_eq!(scaled.len(), 1, "{}", ran.stdout);
    let script = root().join("tests/clients/scaled_object.mjs");
    let node = clients_python()
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .join("node");
    let held = |document: &str| {
        other(
            "node",
            [script.to_str().unwrap(), node.to_str().unwrap(), document],
        )
        .expect("node runs")
    };
    let valid = held(scaled[0]);
    assert_eq!(valid.stdout.trim(), "valid", "{}", valid.stderr);
    // The check can fail.
    assert_ne!(held(&scaled[0].replace("lagThreshold", "lag")).code, 0);
    assert_ne!(
        held(&scaled[0].replace("\"pollingInterval\": 15", "\"pollingInterval\": \"often\"")).code,
        0
    );
}

#[test]
fn manifests_name_streams_consumers_accounts_and_probes_that_there_are() {
    let all: String = manifests()
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let source = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let (queue, jobs, routes) = (
        source("src/pipeline/nodes/queue.rs"),
        source("src/pipeline/nodes/job.rs"),
        source("src/serve/routes.rs"),
    );
    assert!(queue.contains("\"TIDEWATCH_WORK\"") && all.contains("stream: TIDEWATCH_WORK"));
    for lane in ["urgent", "closing", "normal"] {
        assert!(
            jobs.contains(&format!("\"{lane}\"")) && all.contains(&format!("consumer: {lane}")),
            "{lane}"
        );
    }
    for path in ["/healthz", "/readyz"] {
        assert!(
            routes.contains(&format!("\"{path}\"")) && all.contains(path),
            "{path}"
        );
    }
    assert!(source("deploy/nats.conf").contains("NODES {") && all.contains("account: NODES"));
    assert!(all.contains(&format!("tidewatch:{}", env!("CARGO_PKG_VERSION"))));
}

#[test]
#[ignore = "needs the Python clients"]
fn the_bill_of_materials_is_valid_names_every_crate_of_the_program_and_is_the_same_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let script = root().join("scripts/sbom.py");
    let bill = || {
        other("python3", [script.to_str().unwrap()])
            .expect("python3 runs")
            .stdout
    };
    let text = bill();
    assert!(text == bill(), "another bill of the same lock file");
    let path = folder.path().join("t.cdx.json");
    fs::write(&path, &text).unwrap();
    let check = root().join("tests/clients/sbom_valid.py");
    let held = other(
        clients_python(),
        [check.to_str().unwrap(), path.to_str().unwrap()],
    )
    .unwrap();
    assert_eq!(held.stdout.trim(), "valid", "{}", held.stderr);
    let bill: Value = serde_json::from_str(&text).unwrap();
    let components = bill["components"].as_array().unwrap();
    let names: Vec<&str> = components
        .iter()
        .map(|c| c["name"].as_str().unwrap())
        .collect();
    let tree = other(
        "cargo",
        [
            "tree",
            "--locked",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ],
    );
    let tree = tree.expect("cargo runs").stdout;
    let mut wanted: Vec<&str> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    for name in wanted
        .iter()
        .filter(|name| !name.is_empty() && **name != "tidewatch")
    {
        assert!(names.contains(name), "{name} is missing");
    }
    for component in components {
        assert!(component["licenses"].is_array(), "{component}");
        assert!(component["hashes"].is_array(), "{component}");
    }
    // Tests are no part of the program.
    assert!(!names.contains(&"proptest"));
}
