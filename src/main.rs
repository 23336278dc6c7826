//! Parses the command line, runs it, and turns the outcome into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that reads the clock: everything else takes it as an argument"
    )]
    let now = jiff::Timestamp::now();
    ExitCode::from(tidewatch::cli::run(std::env::args_os(), now))
}
