//! `tidewatch ais`: AIS files as one table of reports, and what each file holds.

use super::print::{data, tell};
use super::{DONE, SOME_FAILED};
use crate::ais::events::{EventSettings, Watch};
use crate::ais::payload::application_name;
use crate::ais::{BinaryLog, Fleet, Reception};
use crate::encode::csv;
use crate::pipeline::{Converted, Target, convert};
use anyhow::Result;
use clap::Args;
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Decode AIS files, convert them, and count what was rejected
///
/// Takes NMEA 0183 logs (tag blocks, multi-part messages, receiver suffixes), tables (MarineCadastre, Danish Maritime
/// Authority, Spire, exactEarth, AISHub, Statsat, Global Fishing Watch, or any with the usual names) as CSV or Parquet,
/// JSON records (aisstream.io, AISHub) and XML (AISHub), plain or packed by gzip or zstd. The format is told by the
/// content. Prints one row a report as CSV, with what the ship had told of itself by then; `--to` writes a file instead,
/// `--summary` prints counts instead.
/// A file that fails is named on standard error and the others go on (exit code 1).
#[derive(Args)]
#[command(
    after_help = "Examples:\n  tidewatch ais log.nmea.gz > reports.csv\n  \
                        tidewatch ais aisdk-2026-07-17.csv --to reports.gpkg --summary\n  \
                        tidewatch ais ais_2025-01-*.parquet --to archive/\n  \
                        tidewatch ais log.nmea.gz --binary > binary.jsonl"
)]
pub(super) struct AisArgs {
    /// AIS files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print what each file holds and what was rejected, by reason, in place of the reports
    #[arg(long)]
    summary: bool,
    /// Print what vessels did as CSV, one row an event, in place of the reports; needs less memory than the reports do
    #[arg(long, conflicts_with_all = ["summary", "to"])]
    events: bool,
    /// Print each binary message of NMEA 0183 logs (types 6, 8, 25, 26) as a line of JSON, with the fields of its application
    /// in physical units, or its data in hexadecimal if the application is not known, in place of the reports
    #[arg(long, conflicts_with_all = ["summary", "to", "events"])]
    binary: bool,
    /// Write the reports here; the extension tells the format: .csv, .geojson, .gpkg, .fgb or .parquet. A name that ends in /
    /// is a folder of GeoParquet files by day and cell of 10°
    #[arg(long, value_name = "FILE|FOLDER/")]
    to: Option<PathBuf>,
}

/// Silence after which a track has a gap, seconds, as in a pipeline file that says nothing of it.
const GAP_S: f64 = 1800.0;

/// Events with every setting at its default and no land: a pipeline file has its own.
fn events(files: &[PathBuf]) -> Result<u8> {
    let mut fleet = Fleet::default();
    let mut code = DONE;
    for path in files {
        if let Err(error) = fleet.read(path) {
            tell(&format!("error: {:#}", anyhow::Error::from(error)));
            code = SOME_FAILED;
        }
    }
    let settings = EventSettings::default();
    let watch = Watch {
        settings: &settings,
        outages: &[],
        shore_m: None,
    };
    let found = fleet.events(&watch, GAP_S);
    data(&csv::events(&found.events).bytes)?;
    tell(&format!(
        "{} events of {} tracks with {} reports.",
        found.events.len(),
        found.tracks,
        found.reports
    ));
    Ok(code)
}

/// Binary messages as lines of JSON.
fn binary(files: &[PathBuf]) -> Result<u8> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let (mut messages, mut split, mut code) = (0, 0, DONE);
    for path in files {
        let mut log = match BinaryLog::open(path) {
            Ok(log) => log,
            Err(error) => {
                tell(&format!("error: {:#}", anyhow::Error::from(error)));
                code = SOME_FAILED;
                continue;
            }
        };
        loop {
            match log.next_records() {
                Ok(Some(records)) => {
                    for record in records {
                        messages += 1;
                        split += u64::from(record.payload.is_some());
                        serde_json::to_writer(&mut out, &record)?;
                        out.write_all(b"\n")?;
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    tell(&format!("error: {:#}", anyhow::Error::from(error)));
                    code = SOME_FAILED;
                    break;
                }
            }
        }
    }
    out.flush()?;
    tell(&format!(
        "{messages} binary messages, {split} split into fields."
    ));
    Ok(code)
}

pub(super) fn run(args: &AisArgs) -> Result<u8> {
    if args.events {
        return events(&args.files);
    }
    if args.binary {
        return binary(&args.files);
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let target = match (&args.to, args.summary) {
        (Some(path), _) => Target::File(path),
        (None, true) => Target::Nowhere,
        (None, false) => Target::Csv(&mut out),
    };
    let converted = convert(&args.files, target)?;
    out.flush()?;
    drop(out);
    for failure in &converted.failed {
        tell(&format!("error: {}", failure.reason));
    }
    if args.summary {
        data(summary(&converted).as_bytes())?;
    } else {
        tell(&closing(&converted));
    }
    Ok(if converted.failed.is_empty() {
        DONE
    } else {
        SOME_FAILED
    })
}

fn closing(converted: &Converted) -> String {
    let lines: u64 = converted
        .files
        .iter()
        .map(|(_, reception)| reception.lines)
        .sum();
    let rejected: u64 = converted
        .files
        .iter()
        .map(|(_, reception)| rejects(reception))
        .sum();
    format!(
        "{} reports from {} of {} files: {lines} lines, {rejected} rejected (--summary tells why).",
        converted.reports,
        converted.files.len(),
        converted.files.len() + converted.failed.len()
    )
}

fn rejects(reception: &Reception) -> u64 {
    reception.rejects.values().sum()
}

fn summary(converted: &Converted) -> String {
    let mut text = String::new();
    for (path, reception) in &converted.files {
        // Writing to a string does not fail.
        let _ = describe(&mut text, path, reception);
    }
    let _ = writeln!(
        text,
        "{}",
        closing(converted).trim_end_matches(" (--summary tells why).")
    );
    text
}

fn describe(text: &mut String, path: &Path, reception: &Reception) -> std::fmt::Result {
    writeln!(text, "{}", path.display())?;
    writeln!(text, "  format          {}", reception.format)?;
    writeln!(text, "  lines           {}", reception.lines)?;
    writeln!(text, "  messages        {}", reception.messages)?;
    writeln!(text, "  lines accepted  {}", reception.accepted_lines)?;
    if let (Some(first), Some(last)) = (reception.first, reception.last) {
        writeln!(text, "  first           {first:.0}")?;
        writeln!(text, "  last            {last:.0}")?;
    }
    if reception.blank_lines + reception.clock_lines > 0 {
        writeln!(text, "  blank           {}", reception.blank_lines)?;
        writeln!(text, "  clock           {}", reception.clock_lines)?;
    }
    if !reception.messages_by_type.is_empty() {
        let counts = reception
            .messages_by_type
            .iter()
            .map(|(number, count)| format!("{number}: {count}"));
        writeln!(
            text,
            "  by type         {}",
            counts.collect::<Vec<_>>().join(", ")
        )?;
    }
    let binary: u64 = reception.binary_by_application.values().sum();
    if binary > 0 {
        writeln!(text, "  binary data     {binary}")?;
    }
    for ((dac, fid), count) in &reception.binary_by_application {
        let name = application_name(*dac, *fid).unwrap_or("not split into fields");
        writeln!(text, "    {:<17}{count} {name}", format!("{dac}/{fid}"))?;
    }
    if reception.lost_groups > 0 {
        writeln!(
            text,
            "  lost messages   {} (a part never came)",
            reception.lost_groups
        )?;
    }
    writeln!(text, "  rejected        {}", rejects(reception))?;
    for (reason, count) in &reception.rejects {
        let first = reception
            .first_rejects
            .get(reason)
            .copied()
            .unwrap_or_default();
        writeln!(
            text,
            "    {:<17}{count} (first in line {first})",
            reason.as_str()
        )?;
    }
    for (mmsi, state) in &reception.distress {
        writeln!(text, "  distress beacon {mmsi} {state:?}")?;
    }
    Ok(())
}
