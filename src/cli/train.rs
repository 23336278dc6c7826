//! `tidewatch train`: weights of the second look from a labelled folder.

use super::{DONE, SOME_FAILED, print};
use crate::lab::labels::train_look;
use anyhow::{Context, Result};
use clap::Args;
use std::path::PathBuf;

/// Train the second look of pictures on a labelled folder
///
/// Reads the folder as `tidewatch score --labels` does, trains the network that tells ships from other bright regions, and
/// writes its weights. A chip that cannot be read is named and left out (exit code 1). The weights in the program were made by this command; the model card is docs/second-look.md.
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
    let (network, failed) = train_look(&args.folder, args.seed)?;
    let out = args.out.display();
    let written = network.save(&args.out);
    written.with_context(|| format!("{out}: cannot be written"))?;
    print::tell(&format!("{out} written"));
    for chip in &failed {
        print::tell(&format!("not learnt from: {chip}"));
    }
    Ok(if failed.is_empty() { DONE } else { SOME_FAILED })
}
