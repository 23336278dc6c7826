//! `tidewatch completions`: completions for a shell.

use super::{DONE, command, print};
use anyhow::Result;
use clap::Args;
use clap_complete::Shell;

/// Print completions for a shell
#[derive(Args)]
#[command(
    after_help = "Example:\n  tidewatch completions bash > ~/.local/share/bash-completion/completions/tidewatch"
)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs) -> Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command(), "tidewatch", &mut script);
    print::data(&script)?;
    Ok(DONE)
}
