//! Logs on standard error: text for people, JSON for machines.

use clap::{ArgAction, Args, ValueEnum};
use std::io::{IsTerminal, stderr};
use tracing_subscriber::EnvFilter;

/// What is logged, and how.
#[derive(Args)]
pub(super) struct LogArgs {
    /// Say more; twice for everything
    #[arg(short, long, action = ArgAction::Count, global = true)]
    verbose: u8,
    /// Say less: errors only, no progress, no closing table
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Form of log lines on standard error
    #[arg(long, value_enum, default_value = "text", global = true)]
    log_format: LogFormat,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

impl LogArgs {
    /// True if a progress bar would not disturb the log.
    pub(super) fn bar(&self) -> bool {
        !self.quiet && self.verbose == 0 && self.log_format == LogFormat::Text
    }

    fn level(&self) -> &'static str {
        // On a terminal the bar tells what the lines tell elsewhere.
        let bar = self.bar() && stderr().is_terminal();
        match self.verbose {
            _ if self.quiet => "tidewatch=error",
            0 if bar => "tidewatch=warn",
            0 => "tidewatch=info",
            1 => "tidewatch=debug",
            _ => "trace",
        }
    }
}

/// Starts logging. `RUST_LOG` overrides the level, `NO_COLOR` switches colours off.
pub(super) fn start(args: &LogArgs) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(args.level()));
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal() && !no_colour)
        .with_target(false);
    // A second start in one process (tests) keeps the first one's settings.
    let _ = match args.log_format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}
