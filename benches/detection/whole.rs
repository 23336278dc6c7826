//! The program itself on a large raster: seconds and peak memory.

use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// One run of the program.
#[derive(Debug, Clone, Copy)]
pub struct Ran {
    /// From start to end of the process.
    pub seconds: f64,
    /// Largest resident set that the system saw, MiB.
    pub peak_mib: f64,
}

/// Runs `tidewatch detect` under GNU time, which asks the system for the child's own peak (`wait4`).
pub fn detect(raster: &Path, looks: f64, threads: usize) -> Result<Ran> {
    let peak = raster.with_extension("peak");
    let begun = Instant::now();
    let status = Command::new("/usr/bin/time")
        .args(["--quiet", "--format", "%M", "--output"])
        .arg(&peak)
        .arg(env!("CARGO_BIN_EXE_tidewatch"))
        .args(["-q", "detect", "--pixel-spacing-m", "10", "--looks"])
        .arg(looks.to_string())
        .arg(raster)
        .env("RAYON_NUM_THREADS", threads.to_string())
        .stdout(Stdio::null())
        .status()
        .context("/usr/bin/time (package time) does not start")?;
    let seconds = begun.elapsed().as_secs_f64();
    ensure!(status.success(), "tidewatch detect failed: {status}");
    let kib: f64 = std::fs::read_to_string(&peak)?.trim().parse()?;
    std::fs::remove_file(&peak)?;
    Ok(Ran {
        seconds,
        peak_mib: kib / 1024.0,
    })
}
