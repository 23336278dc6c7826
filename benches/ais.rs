//! Speed of AIS decoding beside other decoders, on a real log, all in the same run.
//!
//! Writes a table to standard output and to `target/bench/ais.md`. Everything runs interleaved, round by round, and the
//! best round counts. Others run on fewer copies of the log, since they take longer; rates are a line of the log. aiscat
//! times its own reading inside Python, gpsdecode is timed as a program on a file, ours is timed on the log in memory.

use anyhow::{Context, Result, ensure};
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;
use tidewatch::ais::nmea;

/// Rounds, of which the best counts.
const ROUNDS: usize = 7;
/// Copies of the log that ours reads, and the others.
const COPIES: usize = 50;
const PEER_COPIES: usize = 5;

fn main() -> Result<()> {
    let folder = Path::new("target/bench");
    std::fs::create_dir_all(folder)?;
    let (name, log) = log()?;
    let lines = log.iter().filter(|byte| **byte == b'\n').count() as f64;
    let many = log.repeat(COPIES);
    let file = folder.join("ais.nmea");
    std::fs::write(&file, log.repeat(PEER_COPIES))?;
    let pools = [1, 2].map(|threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build());
    let [one, two] = pools;
    let (one, two) = (one?, two?);
    let (mut decode, mut reports) = ([f64::MAX; 2], [f64::MAX; 2]);
    let (mut aiscat, mut gpsdecode) = (f64::MAX, f64::MAX);
    let mut messages = 0;
    for _ in 0..ROUNDS {
        for (at, pool) in [&one, &two].into_iter().enumerate() {
            let (seconds, sentences) = pool.install(|| ours(&many));
            decode[at] = decode[at].min(seconds);
            let begun = Instant::now();
            let reception = pool.install(|| nmea::read_on_every_core(&many[..]))?;
            reports[at] = reports[at].min(begun.elapsed().as_secs_f64());
            messages = reception.messages;
            ensure!(
                messages <= sentences,
                "{messages} messages came in {sentences} sentences"
            );
        }
        aiscat = aiscat.min(python(&file)?);
        gpsdecode = gpsdecode.min(program(&file)?);
    }
    let rate = |seconds: f64, copies: usize| lines * copies as f64 / seconds / 1e6;
    let [single, double] = decode.map(|seconds| rate(seconds, COPIES));
    let read = reports.map(|seconds| rate(seconds, COPIES));
    let (cat, gps) = (rate(aiscat, PEER_COPIES), rate(gpsdecode, PEER_COPIES));
    let mut page = format!(
        "Log: {name}, {COPIES} copies of {lines:.0} lines, {messages} messages in all. Best of {ROUNDS} rounds.\n\n\
         | decoder | M lines/s | tidewatch on one thread over it |\n|---|---|---|\n"
    );
    for (decoder, rate) in [
        (
            "tidewatch, every field of every message, one thread",
            single,
        ),
        ("the same, two threads", double),
        (
            "tidewatch, to reports and static data with time, one thread",
            read[0],
        ),
        ("the same, two threads", read[1]),
        ("aiscat, one thread", cat),
        ("gpsdecode -j, one thread", gps),
    ] {
        writeln!(page, "| {decoder} | {rate:.3} | {:.2} |", single / rate)?;
    }
    std::fs::remove_file(file)?;
    std::fs::write(folder.join("ais.md"), &page)?;
    std::io::stdout().write_all(page.as_bytes())?;
    Ok(())
}

/// Seconds of one go, and the sentences that messages came in. Each message is handed on whole, so that no field is
/// optimised away; nothing is counted here, since two threads would wait for one another's count.
fn ours(log: &[u8]) -> (f64, u64) {
    let begun = Instant::now();
    let sentences = nmea::each_message(log, |message, time| {
        std::hint::black_box((message, time));
    });
    (begun.elapsed().as_secs_f64(), sentences)
}

/// The real log where it is, else the simulated one of the samples.
fn log() -> Result<(String, Vec<u8>)> {
    let real = std::env::var_os("TIDEWATCH_SHARED")
        .map(|folder| Path::new(&folder).join("ais/amsa-2012.nmea.gz"))
        .filter(|path| path.is_file());
    if let Some(path) = real {
        let mut log = Vec::new();
        let packed = std::io::BufReader::new(std::fs::File::open(&path)?);
        flate2::bufread::MultiGzDecoder::new(packed).read_to_end(&mut log)?;
        return Ok(("amsa-2012.nmea".to_owned(), log));
    }
    let mut err = std::io::stderr().lock();
    writeln!(
        err,
        "The real AIS log is not here (SHARED_DATA): a simulated one stands in; its figures are another log's."
    )?;
    let mut log = Vec::new();
    let mut entries: Vec<_> = std::fs::read_dir("sample-data")?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        if entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "nmea")
        {
            log.extend(std::fs::read(entry.path())?);
        }
    }
    ensure!(!log.is_empty(), "sample-data: holds no .nmea log");
    Ok(("simulated".to_owned(), log.repeat(20)))
}

/// Seconds that aiscat says it took.
fn python(file: &Path) -> Result<f64> {
    let python = Path::new("target/peers/bin/python");
    ensure!(
        python.exists(),
        "{}: missing; scripts/setup.sh bench installs it",
        python.display()
    );
    let output = Command::new(python)
        .arg("benches/peers/aiscat_rate.py")
        .arg(file)
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().with_context(|| {
        format!(
            "aiscat answered {text:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        )
    })
}

/// Seconds of gpsdecode from start to end.
fn program(file: &Path) -> Result<f64> {
    let begun = Instant::now();
    let done = Command::new("gpsdecode")
        .arg("-j")
        .stdin(std::fs::File::open(file)?)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .context("gpsdecode does not start; scripts/setup.sh bench installs it")?;
    ensure!(done.success(), "gpsdecode failed: {done}");
    Ok(begun.elapsed().as_secs_f64())
}
