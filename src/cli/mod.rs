//! The command line: one file a subcommand. Data goes to standard output, all else to standard error.
//!
//! Exit codes: 0 done, 1 some inputs failed, 2 could not start.

mod ais;
mod channel;
mod check;
mod completions;
mod deliver;
mod detect;
mod inspect;
mod log;
mod partner;
mod print;
mod queue;
mod retry;
mod run;
mod schema;
mod score;
mod serve;
mod simulate;
mod status;
mod store;
mod submit;
mod train;
mod worker;

use crate::pipeline::PlanError;
use clap::{Parser, Subcommand};
use jiff::Timestamp;
use std::ffi::OsString;

/// Everything was done.
const DONE: u8 = 0;
/// Some inputs failed; the others are done.
const SOME_FAILED: u8 = 1;
/// Nothing could start.
const COULD_NOT_START: u8 = 2;

/// From satellite images and AIS to explained, revisable alerts about ships.
#[derive(Parser)]
#[command(
    name = "tidewatch",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Data goes to standard output, all else to standard error.\n\
                  Exit codes: 0 done, 1 some inputs failed, 2 could not start.\n\n\
                  Start here:\n  tidewatch run pipelines/demo.yaml --out out/demo\n  \
                  tidewatch detect IMAGE.tif --looks 4.4 > ships.csv"
)]
struct Cli {
    #[command(flatten)]
    log: log::LogArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::RunArgs),
    Submit(submit::SubmitArgs),
    Worker(worker::WorkerArgs),
    Status(status::StatusArgs),
    Retry(retry::RetryArgs),
    Store(store::StoreArgs),
    Check(check::CheckArgs),
    Schema(schema::SchemaArgs),
    Detect(detect::DetectArgs),
    Inspect(inspect::InspectArgs),
    Ais(ais::AisArgs),
    Simulate(simulate::SimulateArgs),
    Score(score::ScoreArgs),
    Train(train::TrainArgs),
    Serve(serve::ServeArgs),
    Partner(partner::PartnerArgs),
    Deliver(deliver::DeliverArgs),
    Completions(completions::CompletionsArgs),
}

/// Parses `arguments` (the program's name first), runs the command, and gives the exit code.
///
/// `now` is the clock: alerts made by this call are sent at that time.
pub fn run(arguments: impl IntoIterator<Item = OsString>, now: Timestamp) -> u8 {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe is the only way this fails; there is nobody left to tell.
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(COULD_NOT_START);
        }
    };
    log::start(&cli.log);
    let outcome = match &cli.command {
        Command::Run(args) => run::run(args, &cli.log, now),
        Command::Submit(args) => submit::run(args, now),
        Command::Worker(args) => worker::run(args),
        Command::Status(args) => status::run(args, now),
        Command::Retry(args) => retry::run(args, now),
        Command::Store(args) => store::run(args, now),
        Command::Check(args) => check::run(args),
        Command::Schema(args) => schema::run(args),
        Command::Detect(args) => detect::run(args),
        Command::Inspect(args) => inspect::run(args),
        Command::Ais(args) => ais::run(args),
        Command::Simulate(args) => simulate::run(args),
        Command::Score(args) => score::run(args, now),
        Command::Train(args) => train::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Partner(args) => partner::run(args, now),
        Command::Deliver(args) => deliver::run(args, now),
        Command::Completions(args) => completions::run(args),
    };
    outcome.unwrap_or_else(|error| {
        if print::is_broken_pipe(&error) {
            return DONE;
        }
        match error.downcast_ref::<PlanError>() {
            // Lines that editors jump to: each begins with its file.
            Some(PlanError::Faults(faults)) => print::tell(&faults.to_string()),
            _ => print::tell(&format!("error: {}", print::causes(&error))),
        }
        COULD_NOT_START
    })
}

/// The command line as clap knows it, for completions.
fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn a_wrong_use_is_2_and_help_is_0() {
        let now = Timestamp::UNIX_EPOCH;
        let code = |args: &[&str]| run(args.iter().map(OsString::from), now);
        assert_eq!(code(&["tidewatch", "no-such-command"]), COULD_NOT_START);
        assert_eq!(code(&["tidewatch", "detect"]), COULD_NOT_START);
        assert_eq!(code(&["tidewatch", "--version"]), DONE);
    }
}
