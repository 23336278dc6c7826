//! `tidewatch inspect`: what a product is, and what it lacks.

use super::print::{data, tell};
use super::{DONE, SOME_FAILED};
use crate::scene::{Inspection, inspect};
use anyhow::Result;
use clap::Args;

/// Say what a product is and what it lacks
///
/// Needs no pixels. Files that are missing and faults of files that are there are named one a line on standard error,
/// and the exit code is 1.
#[derive(Args)]
#[command(after_help = "Example:\n  tidewatch inspect S1A_IW_GRDH_….SAFE")]
pub(super) struct InspectArgs {
    /// Product folder, manifest.safe, zip, or any raster that GDAL opens
    product: String,
}

pub(super) fn run(args: &InspectArgs) -> Result<u8> {
    let inspection = inspect(&args.product)?;
    data(table(&inspection).as_bytes())?;
    for file in &inspection.missing {
        tell(&format!("missing: {file}"));
    }
    for fault in &inspection.faults {
        tell(&format!("fault: {fault}"));
    }
    Ok(if inspection.complete {
        DONE
    } else {
        SOME_FAILED
    })
}

/// Names and values in two columns, then remarks.
fn table(inspection: &Inspection) -> String {
    let width = |text: &str| text.chars().count();
    let names = inspection.lines.iter().map(|(name, _)| width(name));
    let widest = names.max().unwrap_or(0).max("not there".len());
    let mut text = String::new();
    let mut row = |name: &str, value: &str| {
        let blank = " ".repeat(widest.saturating_sub(width(name)));
        text.push_str(&format!("{name}{blank}  {value}\n"));
    };
    for (name, value) in &inspection.lines {
        row(name, value);
    }
    for note in &inspection.notes {
        row("note", note);
    }
    for file in &inspection.missing {
        row("missing", file);
    }
    for file in &inspection.missing_optional {
        row("not there", &format!("{file}; not needed here"));
    }
    for fault in &inspection.faults {
        row("fault", fault);
    }
    row("complete", if inspection.complete { "yes" } else { "no" });
    text
}
