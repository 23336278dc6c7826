//! `tidewatch score`: what a run found against the truth, and detectors against each other.

use super::{DONE, SOME_FAILED, print};
use crate::ais::events::EventSettings;
use crate::lab::artefacts::{ArtefactOptions, score_artefacts};
use crate::lab::association::{self, AssociationOptions};
use crate::lab::labels::{FoldBy, Judges, LabelOptions, score_labels};
use crate::lab::methods::{self, MethodsOptions};
use crate::lab::traffic::{score_events, score_pairs};
use crate::pipeline::{score_run, score_run_as_xview3};
use anyhow::Result;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde::Serialize;
use std::fmt::Display;
use std::path::PathBuf;

/// Score a run against the truth of its scenes
///
/// Detections are matched to the truth within 200 m by the optimal assignment of the xView3 challenge. Prints precision,
/// recall and F1, errors of length and place, and a table of verdicts. With a CSV file of xView3 labels, whose scene ids are those
/// of the run, it prints that challenge's terms and their aggregate.
///
/// With `--methods` it needs no run: it simulates seas, lets SNAP-shaped, GFW-shaped and plain CFAR detectors and our own
/// search them, and prints precision, recall and F1 of each, and how often ours fires on empty seas over how often it
/// states (some minutes; `--quick`: seconds).
///
/// With `--labels` it searches every 8-bit image of a labelled folder (`images/`, boxes as Pascal VOC in `annotations/` or as
/// COCO in `annotations.json`, and, if there, masks of the sea in `sea-masks/`) with one setting, and prints precision,
/// recall, F1 and average precision, by what the masks show and by size, and what the probabilities are worth. A detection is
/// a ship's if its centre lies in the box or within 2 pixels of it. The program's second look was trained on chips: to score
/// a folder it has seen, give `--folds`.
///
/// With `--artefacts` it simulates scenes in which ships cast azimuth ambiguities and sidelobes, searches them, and prints how many of
/// these, and how many ships by mistake, are flagged as such (a minute; `--quick`: seconds).
///
/// With `--association` it simulates fleets with AIS instead, lets our association, the nearest neighbour with and without
/// azimuth shift, and a GFW-shaped product name the vessel of each echo, and prints how many are right by waters, time to the
/// nearest report and speed, and what our probabilities are worth. With `--events` it simulates three days of AIS a seed and
/// prints precision, recall and F1 of each kind of event; with `--tracks` it simulates pairs of ships on one MMSI and prints
/// how many reports lie on the wrong one.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  tidewatch score --truth sample-data --run out/demo --format json\n  \
                  tidewatch score --methods --seed 1\n  tidewatch score --labels chips --folds 5\n  tidewatch score --artefacts --quick\n  tidewatch score --association --seed 1\n  \
                  tidewatch score --events --seed 101\n  tidewatch score --tracks --seed 101"
)]
pub(super) struct ScoreArgs {
    /// Truth file of `tidewatch simulate`, or a folder that holds some; or a CSV file of xView3 labels
    #[arg(long, value_name = "PATH", required_unless_present_any = ["methods", "artefacts", "association", "events", "tracks", "labels"])]
    truth: Option<PathBuf>,
    /// Output folder of `tidewatch run`, or its tidewatch.gpkg
    #[arg(long, value_name = "PATH", required_unless_present_any = ["methods", "artefacts", "association", "events", "tracks", "labels"])]
    run: Option<PathBuf>,
    /// Search the labelled images of a folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["truth", "run", "methods", "artefacts", "association", "events", "tracks", "quick"])]
    labels: Option<PathBuf>,
    /// With `--labels`: judge by rules alone, without the second look
    #[arg(long, requires = "labels", conflicts_with = "folds")]
    rules: bool,
    /// With `--labels`: train a second look for each of so many parts of the images on the others
    #[arg(long, value_name = "N", requires = "labels")]
    folds: Option<usize>,
    /// With `--folds`: fill the parts with runs of neighbouring names, not one by one: chips of one scene stay together
    #[arg(long, requires = "folds")]
    by_block: bool,
    /// With `--labels`: leave out what lies on land by the folder's masks
    #[arg(long, requires = "labels")]
    mask_land: bool,
    /// Hold detectors against each other on simulated seas
    #[arg(long, conflicts_with_all = ["truth", "run"])]
    methods: bool,
    /// Count what is flagged of that which simulated ships cast elsewhere
    #[arg(long, conflicts_with_all = ["truth", "run", "methods"])]
    artefacts: bool,
    /// Hold associations against each other on simulated fleets
    #[arg(long, conflicts_with_all = ["truth", "run", "methods", "artefacts"])]
    association: bool,
    /// Hold events of simulated AIS against those made
    #[arg(long, conflicts_with_all = ["truth", "run", "methods", "artefacts", "association", "tracks"])]
    events: bool,
    /// Hold tracks of simulated ships on one MMSI against the ships
    #[arg(long, conflicts_with_all = ["truth", "run", "methods", "artefacts", "association"])]
    tracks: bool,
    /// First seed of what is simulated
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "truth")]
    seed: u64,
    /// Seeds whose figures are taken together [default: 10; 3 of `--association`, 4 of `--artefacts`]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000), conflicts_with_all = ["truth", "methods", "quick"])]
    seeds: Option<u64>,
    /// Seas of a sixteenth of the size, or a tenth of the scenes
    #[arg(long, conflicts_with_all = ["truth", "run", "events", "tracks"])]
    quick: bool,
    /// Form of the figures on standard output
    #[arg(long, value_enum, default_value = "table")]
    format: FormatName,
}

/// Seeds of `--events` and `--tracks`.
const SEEDS: u64 = 10;
/// Seeds of `--association`: three thousand echoes a cell and more.
const ASSOCIATION_SEEDS: u64 = 3;
/// Seeds of `--artefacts`.
const ARTEFACT_SEEDS: u64 = 4;

#[derive(Clone, Copy, ValueEnum)]
enum FormatName {
    /// For people
    Table,
    /// For machines
    Json,
}

pub(super) fn run(args: &ScoreArgs, now: Timestamp) -> Result<u8> {
    if let Some(folder) = &args.labels {
        let judges = match args.folds {
            Some(folds) => Judges::Folds(
                folds,
                if args.by_block {
                    FoldBy::Block
                } else {
                    FoldBy::Image
                },
            ),
            None if args.rules => Judges::Rules,
            None => Judges::BuiltIn,
        };
        let options = LabelOptions {
            judges,
            is_masked: args.mask_land,
            seed: args.seed,
        };
        let figures = score_labels(folder, &options)?;
        let text = formed(&figures, args.format)?;
        print::data(format!("{}\n", text.trim_end()).as_bytes())?;
        return Ok(if figures.failed.is_empty() {
            DONE
        } else {
            SOME_FAILED
        });
    }
    let text = match (&args.truth, &args.run) {
        (Some(truth), Some(run)) if truth.extension().is_some_and(|ending| ending == "csv") => {
            formed(&score_run_as_xview3(truth, run, now)?, args.format)?
        }
        (Some(truth), Some(run)) => formed(&score_run(truth, run, now)?, args.format)?,
        _ if args.events => formed(
            &score_events(
                args.seed,
                args.seeds.unwrap_or(SEEDS),
                &EventSettings::default(),
            ),
            args.format,
        )?,
        _ if args.tracks => formed(
            &score_pairs(args.seed, args.seeds.unwrap_or(SEEDS)),
            args.format,
        )?,
        _ if args.artefacts => {
            let seeds = args
                .seeds
                .unwrap_or(if args.quick { 1 } else { ARTEFACT_SEEDS });
            let options = if args.quick {
                ArtefactOptions::quick(args.seed, seeds)
            } else {
                ArtefactOptions::full(args.seed, seeds)
            };
            formed(&score_artefacts(&options)?, args.format)?
        }
        _ if args.association => {
            let size = if args.quick {
                AssociationOptions::quick(args.seed)
            } else {
                AssociationOptions::full(args.seed, args.seeds.unwrap_or(ASSOCIATION_SEEDS))
            };
            formed(&association::compare(&size), args.format)?
        }
        _ => {
            let size = if args.quick {
                MethodsOptions::quick
            } else {
                MethodsOptions::full
            };
            formed(&methods::compare(&size(args.seed))?, args.format)?
        }
    };
    print::data(format!("{}\n", text.trim_end()).as_bytes())?;
    Ok(DONE)
}

fn formed(figures: &(impl Display + Serialize), format: FormatName) -> Result<String> {
    Ok(match format {
        FormatName::Table => figures.to_string(),
        FormatName::Json => serde_json::to_string_pretty(figures)?,
    })
}
