//! `tidewatch store`: what is old taken away, back-ups, and archives.

use super::DONE;
use super::partner::table;
use super::print::tell;
use crate::pipeline::{ArchiveFormat, export, import};
use crate::store::{Aged, Pruned, StoreAddress, back_up, open};
use anyhow::{Result, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};
use jiff::{SignedDuration, Timestamp};
use std::path::PathBuf;

/// Keep a store: age out, back up, export and import
#[derive(Args)]
pub(super) struct StoreArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Prune(PruneArgs),
    Backup(BackupArgs),
    Export(ExportArgs),
    Import(ImportArgs),
}

/// Take away what is old, and never what an alert stands on
///
/// Without --layer: contacts, detections, tracks and events. What an alert in the store names stays as long as the alert.
/// Alerts go, if named, once they have expired and all their messages have left, were withheld or were given up; receipts and
/// the audit go only if named. In a database, a month of detections of which nothing stays is dropped whole.
#[derive(Args)]
#[command(
    after_help = "Example:\n  tidewatch store prune --store out/demo/tidewatch.gpkg --older-than 90d --dry-run"
)]
struct PruneArgs {
    #[command(flatten)]
    at: AtArgs,
    /// How old: a number and d (days) or h (hours), for example 90d
    #[arg(long, value_name = "AGE", value_parser = age)]
    older_than: SignedDuration,
    /// A table; may be given again [default: contacts, detections, tracks, events]
    #[arg(long = "layer", value_name = "TABLE", value_parser = table_names())]
    layers: Vec<Aged>,
    /// Tell what would go, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Give the freed space back to the disk: rewrites a file, for which it needs as much space again
    #[arg(long)]
    vacuum: bool,
}

/// The tables that can be aged out, by name.
fn table_names() -> impl TypedValueParser<Value = Aged> {
    PossibleValuesParser::new(Aged::ALL.map(Aged::as_str)).try_map(|name| {
        let named = |aged: &Aged| aged.as_str() == name;
        Aged::ALL.into_iter().find(named).ok_or("no such table")
    })
}

/// Copy a store's file while others work with it
///
/// The copy is the store as it stands at one moment, checked by SQLite before it gets its name, and is a store itself. It
/// holds partners' secrets if the store does. A database is backed up by pg_dump, or by `tidewatch store export`.
#[derive(Args)]
#[command(
    after_help = "Example:\n  tidewatch store backup --store out/demo/tidewatch.gpkg out/backup.gpkg"
)]
struct BackupArgs {
    #[command(flatten)]
    at: AtArgs,
    /// The new file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Write everything in a store into a folder
///
/// All tables as they stand at one moment, without partners' keys and channels unless --with-secrets is given.
#[derive(Args)]
#[command(
    after_help = "Example:\n  tidewatch store export --store out/demo/tidewatch.gpkg out/archive --format geoparquet"
)]
struct ExportArgs {
    #[command(flatten)]
    at: AtArgs,
    /// The folder; made if it is not there
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Format
    #[arg(long, value_enum, default_value = "geopackage")]
    format: FormatName,
    /// Partners' keys (hashes) and channels (secrets), too
    #[arg(long)]
    with_secrets: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatName {
    /// One GeoPackage, itself a store
    Geopackage,
    /// GeoParquet, a file a table
    Geoparquet,
}

/// Fill an empty store of either kind from a folder of `tidewatch store export`
///
/// In one transaction: all of it or nothing.
#[derive(Args)]
#[command(
    after_help = "Example:\n  tidewatch store import out/archive --store postgresql://tidewatch@db.example/watch"
)]
struct ImportArgs {
    /// The folder
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    #[command(flatten)]
    at: AtArgs,
}

#[derive(Args)]
struct AtArgs {
    /// The store: a file, or postgresql://USER@HOST/DATABASE
    #[arg(long, value_name = "PATH|URL", default_value = "tidewatch.gpkg")]
    store: StoreAddress,
}

impl AtArgs {
    fn must_be_there(&self) -> Result<()> {
        if !self.store.may_be_there() {
            bail!("{}: there is no store here", self.store);
        }
        Ok(())
    }
}

fn age(text: &str) -> Result<SignedDuration, String> {
    let parsed = text.char_indices().next_back().and_then(|(at, unit)| {
        let count: u32 = text[..at].parse().ok()?;
        let hours = match unit {
            'd' => 24,
            'h' => 1,
            _ => return None,
        };
        Some(SignedDuration::from_hours(i64::from(count) * hours))
    });
    parsed.ok_or_else(|| "expected a number and d (days) or h (hours), for example 90d".to_owned())
}

pub(super) fn run(args: &StoreArgs, now: Timestamp) -> Result<u8> {
    match &args.action {
        Action::Prune(args) => prune(args, now),
        Action::Backup(args) => backup(args),
        Action::Export(args) => {
            args.at.must_be_there()?;
            let format = match args.format {
                FormatName::Geopackage => ArchiveFormat::GeoPackage,
                FormatName::Geoparquet => ArchiveFormat::GeoParquet,
            };
            let target = (args.folder.as_path(), format);
            let counts = export(&args.at.store, target, args.with_secrets, now)?;
            let rows = counts.iter();
            table(
                &["table", "rows"],
                rows.map(|(name, count)| [(*name).to_owned(), count.to_string()]),
            )?;
            Ok(DONE)
        }
        Action::Import(args) => {
            let rows = import(&args.folder, &args.at.store, now)?;
            tell(&format!("{rows} rows stored in {}.", args.at.store));
            Ok(DONE)
        }
    }
}

fn prune(args: &PruneArgs, now: Timestamp) -> Result<u8> {
    args.at.must_be_there()?;
    let before = now.checked_sub(args.older_than)?;
    let named = &args.layers;
    let usual = [Aged::Contacts, Aged::Detections, Aged::Tracks, Aged::Events];
    let is_wanted = |aged: &Aged| match named.is_empty() {
        true => usual.contains(aged),
        false => named.contains(aged),
    };
    let mut store = open(&args.at.store, now)?;
    let mut all = Vec::new();
    for aged in Aged::ALL.into_iter().filter(is_wanted) {
        all.push(match args.dry_run {
            true => store.to_prune(aged, before)?,
            false => store.prune(aged, before)?,
        });
    }
    if args.vacuum && !args.dry_run {
        store.vacuum()?;
    }
    let rows = all.iter().map(|Pruned { aged, gone, kept }| {
        [aged.as_str().to_owned(), gone.to_string(), kept.to_string()]
    });
    let head = match args.dry_run {
        true => "would go",
        false => "gone",
    };
    table(&["table", head, "kept"], rows)?;
    tell(&format!("What is older than {before:.0}."));
    Ok(DONE)
}

fn backup(args: &BackupArgs) -> Result<u8> {
    args.at.must_be_there()?;
    let StoreAddress::File(path) = &args.at.store else {
        bail!(
            "{}: a database is backed up by its own programs; expected pg_dump, or `tidewatch store export`",
            args.at.store
        );
    };
    let bytes = back_up(path, &args.file)?;
    tell(&format!(
        "{} of {bytes} bytes, checked.",
        args.file.display()
    ));
    Ok(DONE)
}
