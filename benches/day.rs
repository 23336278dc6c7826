//! A day of AIS as a table, to tracks and all events, beside DuckDB that only reads and sorts the same file.
//!
//! Makes the file under `target/bench` from a seed, runs the built program and DuckDB (`benches/peers/duckdb_sort.py`) on it one after
//! the other, round by round, takes the best round, and removes the file. Memory is the peak of resident memory of each
//! process (VmHWM). `TIDEWATCH_DAY_ROWS` makes a smaller day. Writes a table to standard output and to `target/bench/day.md`.

use anyhow::{Context, Result, ensure};
use std::fs::File;
use std::io::{Read, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tidewatch::lab::traffic::{DAY_ROWS, write_day};

const ROUNDS: usize = 3;
const SEED: u64 = 1;
/// Between looks at a process's memory.
const LOOK: Duration = Duration::from_millis(50);

struct Cost {
    seconds: f64,
    peak_mib: f64,
}

fn main() -> Result<()> {
    let folder = Path::new("target/bench");
    std::fs::create_dir_all(folder)?;
    let wanted = std::env::var("TIDEWATCH_DAY_ROWS")
        .ok()
        .map(|text| text.parse())
        .transpose()?;
    let file = folder.join("day.csv");
    let rows = write_day(&file, SEED, wanted.unwrap_or(DAY_ROWS))?;
    let measured = measure(&file);
    let bytes = std::fs::metadata(&file)?.len();
    std::fs::remove_file(&file)?;
    let (ours, duckdb) = measured?;
    let page = format!(
        "{rows} rows, {:.0} MB. Best of {ROUNDS} rounds.\n\n\
         | program | time | peak memory | tidewatch over it, in time |\n|---|---|---|---|\n\
         | tidewatch ais --events: read, tracks, all events | {:.1} s | {:.0} MiB | 1 |\n\
         | DuckDB: read and sort by MMSI and time | {:.1} s | {:.0} MiB | {:.2} |\n",
        bytes as f64 / 1e6,
        ours.seconds,
        ours.peak_mib,
        duckdb.seconds,
        duckdb.peak_mib,
        ours.seconds / duckdb.seconds
    );
    std::fs::write(folder.join("day.md"), &page)?;
    std::io::stdout().write_all(page.as_bytes())?;
    Ok(())
}

fn measure(file: &Path) -> Result<(Cost, Cost)> {
    let (mut ours, mut duckdb): (Option<Cost>, Option<Cost>) = (None, None);
    for _ in 0..ROUNDS {
        // Both find the file in the page cache.
        std::io::copy(&mut File::open(file)?, &mut std::io::sink())?;
        let mut program = Command::new(env!("CARGO_BIN_EXE_tidewatch"));
        let cost = run(program.args(["ais", "--events"]).arg(file))?;
        ours = Some(better(ours, cost));
        let mut peer = Command::new("target/peers/bin/python");
        let cost = run(peer.arg("benches/peers/duckdb_sort.py").arg(file))?;
        duckdb = Some(better(duckdb, cost));
    }
    Ok((ours.context("no round")?, duckdb.context("no round")?))
}

fn better(known: Option<Cost>, cost: Cost) -> Cost {
    match known {
        Some(known) if known.seconds <= cost.seconds => known,
        _ => cost,
    }
}

fn run(command: &mut Command) -> Result<Cost> {
    let begun = Instant::now();
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak_mib: f64 = 0.0;
    let ended = loop {
        if let Some(ended) = child.try_wait()? {
            break ended;
        }
        peak_mib = peak_mib.max(high_water_mib(&status).unwrap_or(0.0));
        std::thread::sleep(LOOK);
    };
    let seconds = begun.elapsed().as_secs_f64();
    ensure!(ended.success(), "{command:?} ended with {ended}");
    Ok(Cost { seconds, peak_mib })
}

fn high_water_mib(status: &str) -> Option<f64> {
    let mut text = String::new();
    File::open(status).ok()?.read_to_string(&mut text).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}
