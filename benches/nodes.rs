//! One pipeline in one process, and over a queue with one and two workers: megapixels a second, and what a job costs beside its
//! search.
//!
//! Scenes are made once by `tidewatch simulate` and kept in target/bench/nodes. NATS and PostgreSQL are private instances of
//! this machine. Two batches: few large scenes, in which the search is nearly all, give the rates; many small ones give the cost
//! of a job: wall time of submitting and working them off, less that of one process, over their number. Every way's detections
//! must be the same. Processor time is that of the program, without the servers'; on a machine that is busy elsewhere it tells more
//! than the clock. Usage: cargo bench --bench nodes [-- LARGE SIDE_PX SMALL], 24 scenes of 4096 × 4096 pixels and 300 of
//! 300 × 300 unless said.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench stops where it fails, and prints its table"
)]

#[path = "../tests/it/postgres.rs"]
mod postgres;

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tidewatch");

fn main() {
    let numbers: Vec<u32> = std::env::args()
        .filter_map(|word| word.parse().ok())
        .collect();
    let number = |at: usize, unless: u32| numbers.get(at).copied().unwrap_or(unless).max(1);
    let large = Batch::made(number(0, 24), number(1, 4096));
    let small = Batch::made(number(2, 300), 300);
    // What the tests switch off is on: the last word counts.
    let server = postgres::Postgres::start(&["-c", "fsync=on", "-c", "autovacuum=on"]);
    let cores = std::thread::available_parallelism().unwrap();
    println!("{cores} cores; PostgreSQL waits for the disk, NATS as it comes");
    for batch in [&large, &small] {
        let side = batch.side_px;
        println!(
            "\n{} scenes of {side} × {side} pixels in two polarisations, {:.0} Mpx",
            batch.scenes,
            batch.megapixels()
        );
        println!(
            "{:<22} {:>8} {:>9} {:>7} {:>11} {:>9} {:>12}",
            "way", "wall s", "Mpx/s", "ratio", "ms a scene", "cpu s", "ms a scene"
        );
        let file = batch.in_one("file", None);
        let one = batch.in_one("postgis", Some(&server.url(&server.new_database())));
        let many =
            [1, 2].map(|workers| batch.by_workers(workers, &server.url(&server.new_database())));
        let rows = [
            ("one process, file", &file),
            ("one process, PostGIS", &one),
            ("submit, 1 worker", &many[0]),
            ("submit, 2 workers", &many[1]),
        ];
        for (name, way) in rows {
            let more_ms = |way_s: f64, one_s: f64| (way_s - one_s) * 1e3 / f64::from(batch.scenes);
            println!(
                "{name:<22} {:>8.2} {:>9.1} {:>7.2} {:>+11.1} {:>9.2} {:>+12.1}",
                way.wall_s,
                batch.megapixels() / way.wall_s,
                one.wall_s / way.wall_s,
                more_ms(way.wall_s, one.wall_s),
                way.cpu_s,
                more_ms(way.cpu_s, one.cpu_s)
            );
            assert!(way.found == file.found, "{name}: other detections");
        }
        for way in &many {
            println!("  of which submitting {:.2} s", way.submit_s);
        }
    }
}

/// Scenes with AIS, and their pipeline file.
struct Batch {
    folder: PathBuf,
    scenes: u32,
    side_px: u32,
}

/// What one way took and found.
struct Way {
    wall_s: f64,
    cpu_s: f64,
    submit_s: f64,
    found: Vec<u8>,
}

impl Batch {
    fn made(scenes: u32, side_px: u32) -> Self {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("target/bench/nodes")
            .join(format!("{scenes}-{side_px}"));
        let batch = Self {
            folder,
            scenes,
            side_px,
        };
        let done = batch.folder.join("made");
        if !done.exists() {
            println!("making {scenes} scenes of {side_px} × {side_px} pixels");
            for n in 0..scenes {
                batch.make(n);
            }
            fs::write(done, "").unwrap();
        }
        let text = "name: bench\nscenes: [in/*/*.SAFE]\nais: [in/*/ais.nmea]\nrules:\n  \
            - {id: near, kind: uncorrelated-contact, zone_nm: 24}\noutput: out\n";
        fs::write(batch.pipeline(), text).unwrap();
        batch
    }

    /// Each ten minutes after the one before, on a ground of its own.
    fn make(&self, n: u32) {
        let (lon, lat) = (
            122.0 + 0.5 * f64::from(n % 8),
            24.0 + 0.5 * f64::from(n / 8 % 8),
        );
        let (day, hour, minute) = (1 + n / 144, n / 6 % 24, n % 6 * 10);
        let options = [
            ("--seed", (n + 1).to_string()),
            ("--lon", lon.to_string()),
            ("--lat", lat.to_string()),
            ("--width", self.side_px.to_string()),
            ("--height", self.side_px.to_string()),
            (
                "--start",
                format!("2024-05-{day:02}T{hour:02}:{minute:02}:00Z"),
            ),
            ("--rafts", "0".to_owned()),
            ("--fixed", "0".to_owned()),
            ("--correlated", "1".to_owned()),
            ("--silent", "1".to_owned()),
            ("--ais-only", "1".to_owned()),
            ("--separation-m", "500".to_owned()),
        ];
        let mut command = Command::new(PROGRAM);
        command.args(["-q", "simulate", "--out"]);
        command.arg(self.folder.join(format!("in/{n:03}")));
        for (name, value) in options {
            command.args([name, &value]);
        }
        run(&mut command);
    }

    fn pipeline(&self) -> PathBuf {
        self.folder.join("bench.yaml")
    }

    fn megapixels(&self) -> f64 {
        2.0 * f64::from(self.scenes) * f64::from(self.side_px).powi(2) / 1e6
    }

    fn in_one(&self, name: &str, store: Option<&str>) -> Way {
        let out = self.fresh(name);
        let mut command = Command::new(PROGRAM);
        command
            .args(["-q", "run"])
            .arg(self.pipeline())
            .arg("--out")
            .arg(&out);
        if let Some(store) = store {
            command.args(["--store", store]);
        }
        let before_s = children_cpu_s();
        let wall_s = run(&mut command);
        Way {
            wall_s,
            cpu_s: children_cpu_s() - before_s,
            submit_s: 0.0,
            found: found(&out),
        }
    }

    fn by_workers(&self, workers: usize, store: &str) -> Way {
        let out = self.fresh(&format!("workers-{workers}"));
        let queue = Queue::start(&out);
        let of = |words: &[&str]| {
            let mut command = Command::new(PROGRAM);
            command
                .arg("-q")
                .args(words)
                .args(["--store", store, "--queue", &queue.url]);
            command.stdout(Stdio::null());
            command
        };
        let (begun, before_s) = (Instant::now(), children_cpu_s());
        let mut submit = of(&["submit"]);
        submit.arg(self.pipeline()).arg("--out").arg(&out);
        let submit_s = run(&mut submit);
        let started: Vec<Child> = (0..workers)
            .map(|_| {
                of(&["worker", "--once"])
                    .stderr(Stdio::null())
                    .spawn()
                    .unwrap()
            })
            .collect();
        for mut worker in started {
            assert!(worker.wait().unwrap().success(), "a worker failed");
        }
        Way {
            wall_s: begun.elapsed().as_secs_f64(),
            cpu_s: children_cpu_s() - before_s,
            submit_s,
            found: found(&out),
        }
    }

    fn fresh(&self, name: &str) -> PathBuf {
        let out = self.folder.join("out").join(name);
        let _ = fs::remove_dir_all(&out);
        fs::create_dir_all(&out).unwrap();
        out
    }
}

fn found(out: &Path) -> Vec<u8> {
    fs::read(out.join("detections.csv")).unwrap()
}

/// Runs a command to its end; gives the seconds.
fn run(command: &mut Command) -> f64 {
    let begun = Instant::now();
    let output = command.stdin(Stdio::null()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {told}");
    begun.elapsed().as_secs_f64()
}

/// Processor time of all processes that this one started and that have ended, seconds.
fn children_cpu_s() -> f64 {
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    // Behind the name, which is in brackets, come fields 3 and on; 16 and 17 are those of children.
    let fields = stat.rsplit_once(") ").unwrap().1.split(' ');
    let ticks: f64 = fields
        .skip(13)
        .take(2)
        .map(|text| text.parse::<f64>().unwrap())
        .sum();
    ticks / TICKS_A_SECOND
}

/// A private NATS server.
struct Queue {
    server: Child,
    url: String,
    /// Removed with it.
    _streams: tempfile::TempDir,
}

impl Queue {
    fn start(beside: &Path) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let streams = tempfile::tempdir_in(beside).unwrap();
        let server = Command::new("nats-server")
            .args(["-js", "-a", "127.0.0.1", "-p", &port.to_string(), "-sd"])
            .arg(streams.path())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::sleep(Duration::from_millis(20));
        }
        Self {
            server,
            url: format!("nats://127.0.0.1:{port}"),
            _streams: streams,
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
