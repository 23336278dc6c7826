//! A batch on the embedded store, killed at random moments and started again until it ends.
//!
//! `make test` runs the short form; `make run-trial` the long one of 40 scenes and 100 kills, and prints figures.

use crate::batch::{Left, make};
use crate::program::{root, tidewatch};
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn a_batch_killed_at_random_moments_ends_with_the_rows_and_bytes_of_the_unbroken_run() {
    match kills() {
        Some(kills) => trial(40, kills),
        None => trial(6, 12),
    }
}

/// Kills of the long form, if it is asked for.
pub fn kills() -> Option<usize> {
    let kills = std::env::var("TIDEWATCH_TRIAL_KILLS").ok()?;
    Some(kills.parse().expect("a number of kills"))
}

fn trial(scenes: u32, kills: usize) {
    let folder = tempfile::tempdir().unwrap();
    let pipeline = make(folder.path(), scenes);
    // Receipts name files by their place: both runs have the same.
    let out = folder.path().join("out");
    let begun = Instant::now();
    let ran = tidewatch(["run", pipeline.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let took = begun.elapsed();
    let whole = Left::in_folder(&out);
    fs::remove_dir_all(&out).unwrap();
    assert_eq!(whole.count("scenes"), scenes as usize);
    assert!(whole.count("alerts") >= scenes as usize / 2);
    let mut random = Random(20_240_501);
    let mut lives = Lives::default();
    while lives.killed < kills {
        while !live(&pipeline, random.moment(took), &mut lives) {}
        Left::in_folder(&out).must_be(&whole);
        fs::remove_dir_all(&out).unwrap();
        lives.batches += 1;
    }
    println!(
        "{scenes} scenes in {:.1} s unbroken; {} kills over {} batches, {} of them after the last scene: same rows, same bytes.",
        took.as_secs_f64(),
        lives.killed,
        lives.batches,
        lives.killed_closing
    );
}

#[derive(Default)]
struct Lives {
    batches: usize,
    killed: usize,
    killed_closing: usize,
}

/// Starts the run and kills it at `moment`; true if it ended before.
fn live(pipeline: &Path, moment: Duration, lives: &mut Lives) -> bool {
    let log = pipeline.with_extension("log");
    let mut child = Command::new(env!("CARGO_BIN_EXE_tidewatch"))
        .arg("run")
        .arg(pipeline)
        .current_dir(root())
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stderr(File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let until = Instant::now() + moment;
    while Instant::now() < until {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{}", fs::read_to_string(&log).unwrap());
            return true;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    let status = child.wait().unwrap();
    if status.success() {
        return true;
    }
    let told = fs::read_to_string(&log).unwrap();
    assert!(status.code().is_none(), "it ended by itself: {told}");
    lives.killed += 1;
    lives.killed_closing += usize::from(told.contains("Events stated."));
    false
}

/// SplitMix64 (Steele, Lea and Flood 2014).
pub struct Random(pub u64);

impl Random {
    /// From 0 to 1.
    pub fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// How long a life is: to the whole run's time, short ones more often, so that a batch takes several.
    fn moment(&mut self, whole: Duration) -> Duration {
        let share = self.share();
        whole.mul_f64(share * share)
    }
}
