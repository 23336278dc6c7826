//! `tidewatch train`: weights of the second look from a labelled folder.

use super::{DONE, print};
use crate::lab::labels::train_look;
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;

/// Train the second look of pictures on a labelled folder
///
/// Reads the folder as `tidewatch score --labels` does, trains the network that tells ships from other bright regions, and
/// writes its weights. The weights in the program were made by this command; the model card is docs/second-look.md.
#[derive(Args)]
#[command(after_help = "Example:\n  tidewatch train chips --out second-look.safetensors")]
pub(super) struct TrainArgs {
    /// Folder of images and boxes
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// File for the weights
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Seed of the training
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

pub(super) fn run(args: &TrainArgs) -> Result<u8> {
    train_look(&args.folder, args.seed)?.save(&args.out)?;
    print::tell(&format!("{} written", args.out.display()));
    Ok(DONE)
}
