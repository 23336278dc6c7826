//! One pipeline over a work queue and a database, against the same pipeline in one process.
//!
//! `make test` runs the short forms; `make nodes-trial` the long one, and prints figures.

use crate::batch::{self, make};
use crate::brokers::{free_port, nats, nats_at};
use crate::killed_run::{Random, kills};
use crate::postgres::Postgres;
use crate::program::{Ran, root, tidewatch};
use crate::push_desk::Running;
use crate::stores::{must_hold_the_same, opened};
use serde_json::Value;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tidewatch::store::{Outcome, Revisions};

/// Where a batch is worked on, by one process and by many.
pub struct Site {
    pub folder: tempfile::TempDir,
    pub pipeline: PathBuf,
    pub database: String,
    queue: String,
}

impl Site {
    pub fn new(scenes: u32, server: &Postgres, nats_port: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            pipeline: make(folder.path(), scenes),
            folder,
            database: server.url(&server.new_database()),
            queue: format!("nats://127.0.0.1:{nats_port}"),
        }
    }

    /// Cuts the raster of a scene's first band in half: it opens and cannot be searched.
    fn poison(&self, scene: &str) {
        let mut open = vec![self.folder.path().join("in").join(scene)];
        let mut cut = 0;
        while let Some(next) = open.pop() {
            for entry in fs::read_dir(&next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else if path.to_string_lossy().ends_with("-001.tiff") {
                    let size = fs::metadata(&path).unwrap().len();
                    let file = File::options().write(true).open(&path).unwrap();
                    file.set_len(size / 2).unwrap();
                    cut += 1;
                }
            }
        }
        assert_eq!(cut, 1, "rasters in {scene}");
    }

    pub fn out(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the batch in one process into `one`.
    pub fn run_whole(&self) -> Ran {
        let out = self.out("one");
        tidewatch([
            "run",
            self.pipeline.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
        ])
    }

    fn with_queue(&self, args: &[&str]) -> Ran {
        let more = ["--store", &self.database, "--queue", &self.queue];
        tidewatch(args.iter().copied().chain(more))
    }

    pub fn submit(&self, more: &[&str]) -> Ran {
        let out = self.out("many");
        let args = [
            "submit",
            self.pipeline.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
        ];
        self.with_queue(&[&args, more].concat())
    }

    pub fn start_worker(&self, name: &str) -> Running {
        let log = File::options()
            .append(true)
            .create(true)
            .open(self.out(&format!("{name}.log")));
        let child = Command::new(env!("CARGO_BIN_EXE_tidewatch"))
            .args(["worker", "--store", &self.database, "--queue", &self.queue])
            .current_dir(root())
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stderr(log.unwrap())
            .spawn();
        Running(child.unwrap())
    }

    /// What `tidewatch status` says of journal and queue.
    pub fn status(&self) -> Value {
        let ran = self.with_queue(&["status", "--format", "json"]);
        assert!(ran.code < 2, "{}", ran.stderr);
        serde_json::from_str(&ran.stdout).unwrap()
    }

    /// Waits until nothing is queued or in hand; gives the status then.
    pub fn until_idle(&self, patience: Duration) -> Value {
        let until = Instant::now() + patience;
        loop {
            let status = self.status();
            let queue = &status["queue"];
            let queued = queue["queued"].as_object().unwrap();
            if queue["in_hand"] == 0 && queued.values().all(|count| count == 0) {
                return status;
            }
            let logs = logs(self.folder.path());
            assert!(Instant::now() < until, "{status}\n{logs}");
            std::thread::sleep(Duration::from_millis(300));
        }
    }

    /// Fails unless the database and the output folder hold what the run in one process left.
    pub fn must_be_as_whole(&self) {
        let (one, many) = (
            batch::files(&self.out("one")),
            batch::files(&self.out("many")),
        );
        assert!(
            one.keys().eq(many.keys()),
            "{:?}\n{:?}",
            one.keys(),
            many.keys()
        );
        for (name, bytes) in &one {
            batch::must_be_same(name, &many[name], bytes);
        }
        let file = opened(self.out("one").join("tidewatch.gpkg"));
        let database = opened(self.database.as_str());
        must_hold_the_same(database.as_ref(), file.as_ref());
        assert_eq!(
            database.events("batch").unwrap(),
            file.events("batch").unwrap()
        );
    }
}

fn broker() -> (tempfile::TempDir, Running, u16) {
    let folder = tempfile::tempdir().unwrap();
    let (server, port) = nats(folder.path());
    (folder, server, port)
}

#[test]
#[ignore = "needs nats-server, postgresql and postgis"]
fn nodes_give_what_one_process_gives_and_a_second_submission_doubles_nothing() {
    let (_folder, _server, port) = broker();
    let site = Site::new(5, Postgres::shared(), port);
    let whole = site.run_whole();
    assert_eq!(whole.code, 0, "{}", whole.stderr);
    let first = site.submit(&[]);
    assert!(
        first.stderr.contains("5 scenes put on the queue"),
        "{}",
        first.stderr
    );
    let states = site.status();
    let waiting = |states: &Value| {
        let inputs = states["inputs"].as_array().unwrap().clone();
        inputs
            .iter()
            .filter(|input| input["state"] == "waiting")
            .count()
    };
    assert_eq!(waiting(&states), 5);
    assert_eq!(states["queue"]["queued"]["normal"], 5);
    let second = site.submit(&[]);
    assert!(
        second
            .stderr
            .contains("0 scenes put on the queue, 5 on it already"),
        "{}",
        second.stderr
    );
    let ran = site.with_queue(&["worker", "--once"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("6 jobs done, 0 given up"),
        "{}",
        ran.stderr
    );
    site.must_be_as_whole();
    assert_eq!(waiting(&site.status()), 0);
    let third = site.submit(&[]);
    assert!(
        third
            .stderr
            .contains("0 scenes put on the queue, 0 on it already, 5 done"),
        "{}",
        third.stderr
    );
    // Its closing job finds everything told.
    let before = opened(site.database.as_str())
        .alerts(Revisions::All)
        .unwrap();
    let ran = site.with_queue(&["worker", "--once"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(
        opened(site.database.as_str())
            .alerts(Revisions::All)
            .unwrap(),
        before
    );
}

#[test]
#[ignore = "needs nats-server, postgresql and postgis"]
fn nodes_search_urgent_scenes_before_those_of_the_night() {
    let (_folder, _server, port) = broker();
    let night = Site::new(4, Postgres::shared(), port);
    let rescue = Site {
        database: night.database.clone(),
        ..Site::new(1, Postgres::shared(), port)
    };
    // The same scene would be the same job: this one is of a name of its own.
    let text = fs::read_to_string(&rescue.pipeline).unwrap();
    fs::write(
        &rescue.pipeline,
        text.replace("name: batch", "name: rescue"),
    )
    .unwrap();
    assert_eq!(night.submit(&[]).code, 0);
    assert_eq!(rescue.submit(&["--urgent"]).code, 0);
    let ran = night.with_queue(&["worker", "--once"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let heard: Vec<&str> = ran
        .stderr
        .lines()
        .filter(|line| line.contains("AIS read."))
        .collect();
    let first = rescue.folder.path().to_str().unwrap();
    assert!(heard[0].contains(first), "{}", ran.stderr);
}

#[test]
#[ignore = "needs nats-server, postgresql and postgis"]
fn nodes_killed_at_random_end_as_one_process_and_a_poisoned_scene_is_set_aside() {
    match kills() {
        Some(kills) => trial(40, kills),
        None => trial(6, 8),
    }
}

/// Three workers; every half a second or so one of them, the queue's server or the database is killed and started again.
fn trial(scenes: u32, kills: usize) {
    let server = Postgres::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut queue = Some(nats_at(folder.path(), port));
    let site = Site::new(scenes, &server, port);
    site.poison("02");
    let whole = site.run_whole();
    assert_eq!(whole.code, 1, "{}", whole.stderr);
    assert_eq!(site.submit(&[]).code, 0);
    let begun = Instant::now();
    let names = ["a", "b", "c"];
    let mut workers: Vec<_> = names
        .iter()
        .map(|name| Some(site.start_worker(name)))
        .collect();
    let mut random = Random(20_240_501);
    let mut killed = [0; 3];
    for kill in 0..kills {
        std::thread::sleep(Duration::from_millis(200).mul_f64(1.0 + 4.0 * random.share()));
        let away = Duration::from_millis(800).mul_f64(random.share());
        match kill % 5 {
            1 => {
                queue.take().unwrap().kill();
                std::thread::sleep(away);
                queue = Some(nats_at(folder.path(), port));
                killed[1] += 1;
            }
            3 => {
                server.crash();
                std::thread::sleep(away);
                server.start_again();
                killed[2] += 1;
            }
            _ => {
                let n = (random.share() * 3.0) as usize;
                workers[n].take().unwrap().kill();
                workers[n] = Some(site.start_worker(names[n]));
                killed[0] += 1;
            }
        }
    }
    let status = site.until_idle(Duration::from_secs(180));
    let took = begun.elapsed();
    drop(workers);
    let given_up = status["queue"]["given_up"].as_array().unwrap();
    assert_eq!(given_up.len(), 1, "{status}");
    assert!(
        given_up[0]["job"].as_str().unwrap().contains("in/02/"),
        "{status}"
    );
    let journal = opened(site.database.as_str()).journal().unwrap();
    let failed: Vec<_> = journal
        .iter()
        .filter(|e| e.outcome == Outcome::Failed)
        .collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(
        given_up[0]["why"].as_str(),
        Some(failed[0].message.as_str())
    );
    site.must_be_as_whole();
    println!(
        "{scenes} scenes, 3 workers: killed {} workers, the queue {} times, the database {} times in {:.0} s; \
         same rows, same files, 1 scene set aside.",
        killed[0],
        killed[1],
        killed[2],
        took.as_secs_f64()
    );
    // Repaired, put back, done.
    let back = site.with_queue(&["retry"]);
    assert_eq!(back.code, 0, "{}", back.stderr);
    assert!(
        back.stderr.contains("1 inputs wait; 1 jobs are back"),
        "{}",
        back.stderr
    );
    assert!(back.stdout.contains("in/02/"), "{}", back.stdout);
    let queued = &site.status()["queue"];
    assert_eq!(
        (&queued["queued"]["normal"], &queued["queued"]["closing"]),
        (&1.into(), &1.into())
    );
}

fn logs(folder: &Path) -> String {
    ["a", "b", "c"]
        .map(|name| fs::read_to_string(folder.join(format!("{name}.log"))).unwrap_or_default())
        .join("\n")
}
