//! Databases and queues that are away: batches wait for them and end as if nothing had been.
//!
//! `make test` runs the short form of a few seconds; `make fault-trial` the one of a minute (`TIDEWATCH_FAULT_AWAY_S`).

use crate::brokers::{free_port, nats_at};
use crate::nodes::Site;
use crate::postgres::Postgres;
use crate::program::{clients_python, other, root};
use crate::push_desk::{Desk, alerts, ids};
use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server stays away.
fn away() -> Duration {
    let seconds = std::env::var("TIDEWATCH_FAULT_AWAY_S").ok();
    let seconds = seconds.map_or(4, |text| text.parse().expect("a number of seconds"));
    Duration::from_secs(seconds)
}

#[test]
#[ignore = "needs postgresql and postgis"]
fn a_run_whose_database_is_away_waits_and_ends_as_the_unbroken_one() {
    let server = Postgres::start(&[]);
    let site = Site::new(3, &server, 1);
    let whole = site.run_whole();
    assert_eq!(whole.code, 0, "{}", whole.stderr);
    let log = site.out("run.log");
    let mut run = Command::new(env!("CARGO_BIN_EXE_tidewatch"))
        .arg("run")
        .arg(&site.pipeline)
        .args(["--store", &site.database, "--out"])
        .arg(site.out("many"))
        .current_dir(root())
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stderr(File::create(&log).unwrap())
        .spawn()
        .unwrap();
    // Once the first scene is stored.
    let begun = Instant::now();
    while !site.out("many").join("quicklook").exists() {
        assert!(begun.elapsed() < Duration::from_secs(60));
        assert!(
            run.try_wait().unwrap().is_none(),
            "{}",
            fs::read_to_string(&log).unwrap()
        );
        std::thread::sleep(Duration::from_millis(2));
    }
    server.crash();
    std::thread::sleep(away());
    assert!(
        run.try_wait().unwrap().is_none(),
        "{}",
        fs::read_to_string(&log).unwrap()
    );
    server.start_again();
    let status = run.wait().unwrap();
    let told = fs::read_to_string(&log).unwrap();
    assert!(status.success(), "{told}");
    let waits = told
        .matches("The store's server is away and is asked again.")
        .count();
    assert!(waits >= 2, "{told}");
    site.must_be_as_whole();
    println!(
        "The database was away for {} s; told {waits} times.",
        away().as_secs()
    );
}

#[test]
#[ignore = "needs nats-server, postgresql and postgis"]
fn workers_whose_queue_and_database_are_away_wait_and_lose_and_double_nothing() {
    let server = Postgres::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let site = Site::new(5, &server, port);
    let whole = site.run_whole();
    assert_eq!(whole.code, 0, "{}", whole.stderr);
    // Nobody answers when the batch is put on the queue.
    let queue = std::thread::scope(|scope| {
        let put = scope.spawn(|| site.submit(&[]));
        std::thread::sleep(away());
        let queue = nats_at(folder.path(), port);
        let put = put.join().unwrap();
        assert_eq!(put.code, 0, "{}", put.stderr);
        assert!(
            put.stderr.contains("5 scenes put on the queue"),
            "{}",
            put.stderr
        );
        assert!(
            put.stderr.contains("The queue is away and is asked again."),
            "{}",
            put.stderr
        );
        queue
    });
    let worker = site.start_worker("a");
    let until_done = |count: usize| {
        let until = Instant::now() + Duration::from_secs(120);
        let done = || {
            let mut client = server.client(site.database.rsplit('/').next().unwrap());
            let sql = "SELECT count(*) FROM tidewatch.scenes";
            let row = client.query_one(sql, &[]).unwrap();
            usize::try_from(row.get::<_, i64>(0)).unwrap()
        };
        while done() < count {
            assert!(Instant::now() < until, "{} of {count}", done());
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    until_done(1);
    server.crash();
    std::thread::sleep(away());
    server.start_again();
    until_done(2);
    queue.kill();
    std::thread::sleep(away());
    let queue = nats_at(folder.path(), port);
    let status = site.until_idle(Duration::from_secs(120));
    assert_eq!(
        status["queue"]["given_up"].as_array().unwrap().len(),
        0,
        "{status}"
    );
    drop(worker);
    site.must_be_as_whole();
    queue.kill();
}

#[test]
#[ignore = "needs nats-server and PyPI nats-py"]
fn alerts_for_a_jetstream_that_is_away_wait_and_come_once_and_in_order() {
    let mut desk = Desk::new();
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let queue = nats_at(folder.path(), port);
    let url = format!("nats://127.0.0.1:{port}");
    desk.ok(&["partner", "channel", "add", "jetstream", "jcg", "js", &url]);
    let running = desk.start();
    desk.raise(&alerts(0..5));
    let delivered = |desk: &Desk| {
        let lines = desk.dispatches();
        lines
            .iter()
            .filter(|line| line.contains(" delivered "))
            .count()
    };
    let until_delivered = |desk: &Desk, count: usize| {
        // The longest wait between attempts is 60 s and a fifth.
        let until = Instant::now() + Duration::from_secs(100);
        while delivered(desk) < count {
            assert!(Instant::now() < until, "{:?}", desk.dispatches());
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    until_delivered(&desk, 5);
    queue.kill();
    desk.raise(&alerts(5..10));
    std::thread::sleep(away());
    let queue = nats_at(folder.path(), port);
    let back = Instant::now();
    until_delivered(&desk, 10);
    let took = back.elapsed();
    drop(running);
    let script = root().join("tests/clients/jetstream_read.py");
    let args = [
        script.to_str().unwrap(),
        &url,
        "MDA_JCG",
        "mda.v1.jcg.>",
        "10",
    ];
    let ran = other(clients_python(), args).unwrap();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let found: Vec<String> = ran
        .stdout
        .lines()
        .filter_map(|line| line.split('\t').nth(1).map(str::to_owned))
        .collect();
    let mut expected = ids(0..10);
    // The last line: the stream holds no more than these.
    expected.push("10".to_owned());
    assert_eq!(found, expected);
    queue.kill();
    println!(
        "The stream was away for {} s; all was there {:.0} s after it came back.",
        away().as_secs(),
        took.as_secs_f64()
    );
}
