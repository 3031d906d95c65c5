//! The command line: one file a subcommand. With `main.rs` the only place that reads the clock and the environment.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{ArgAction, Args, Parser, Subcommand};
use tracing::level_filters::LevelFilter;

use crate::run::Exit;
use console::{Colour, Console};

#[cfg(feature = "aws")]
mod account;
mod archive;
#[cfg(feature = "aws")]
mod archiving;
mod assess;
mod baseline;
pub(crate) mod clock;
#[cfg(feature = "aws")]
mod collect;
mod completions;
mod console;
mod controls;
mod demo;
mod diff;
#[cfg(feature = "aws")]
mod doctor;
mod evidence;
mod explain;
mod findings;
mod glossary;
mod history;
#[cfg(feature = "aws")]
mod iam_policy;
mod input;
mod line;
mod merge;
mod named;
#[cfg(feature = "aws")]
mod organization;
mod outcome;
mod plain;
mod policy;
#[cfg(feature = "aws")]
mod progress;
#[cfg(feature = "aws")]
mod publishing;
mod remedy;
mod report;
mod reporting;
#[cfg(feature = "aws")]
mod run;
#[cfg(feature = "aws")]
mod security_audit;
mod severity;
mod show;
mod trail;
mod verify;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  done, and something fails at or above --fail-on
  2  could not run: usage, policy, snapshot, credentials, files
  3  done, but the evidence is incomplete and --require-complete was given
     (doctor: an action does not work)
  4  done, but a sink failed
  If several hold: 2, then 4, 1, 3.

Environment:
  AWS_*              as for every AWS tool: profile, region, endpoint, CA bundle, FIPS, dual stack
  HTTPS_PROXY        the proxy to AWS; NO_PROXY names what goes past it
  NO_COLOR           no colour, unless `--color always` asks for it
  COLUMNS            how wide tables are [default: as wide as the terminal]
  SOURCE_DATE_EPOCH  seconds since 1970 that stand for now, to make the same recording again";

/// Reads an AWS machine-learning estate and reports, with evidence, which model versions are live, who approved them,
/// what watches them, who owns them, and whether their use may be expanded. It never changes what it reads.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, max_term_width = 110, after_help = EXIT_CODES, subcommand_required = true)]
#[command(arg_required_else_help = true, disable_help_subcommand = true, propagate_version = false)]
pub struct Cli {
    #[command(flatten)]
    verbosity: Verbosity,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
struct Verbosity {
    /// Say more on standard error; twice for debugging
    #[arg(short, long, global = true, action = ArgAction::Count, display_order = 900)]
    verbose: u8,
    /// Say only why nothing could be done
    #[arg(short, long, global = true, conflicts_with = "verbose", display_order = 901)]
    quiet: bool,
    /// When to use colour
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        alias = "colour",
        value_enum,
        default_value_t,
        hide_possible_values = true
    )]
    #[arg(display_order = 902, help = "Colour: auto (on a terminal, unless NO_COLOR is set), always or never")]
    color: Colour,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Demo),
    #[cfg(feature = "aws")]
    Run(run::Run),
    #[cfg(feature = "aws")]
    Collect(collect::Collect),
    Assess(assess::Assess),
    Report(report::WriteReport),
    Show(show::Show),
    Findings(findings::Findings),
    Merge(merge::MergeSnapshots),
    Diff(diff::Diff),
    Evidence(evidence::Evidence),
    Verify(verify::Verify),
    Remedy(remedy::MakeAlarms),
    Baseline(baseline::Baselines),
    Archive(archive::Archive),
    History(history::History),
    Controls(controls::Controls),
    Policy(policy::Policies),
    #[cfg(feature = "aws")]
    Doctor(doctor::Doctor),
    #[cfg(feature = "aws")]
    IamPolicy(iam_policy::IamPolicy),
    Trail(trail::Trail),
    Explain(explain::Explain),
    Completions(completions::Completions),
}

/// Reads the arguments, does what they say, and tells how it ended.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, everything else is a usage error; a closed pipe is no reason to fail.
            drop(error.print());
            return ExitCode::from(if error.use_stderr() { Exit::CouldNotRun.code() } else { 0 });
        }
    };
    let console = Console::new(cli.verbosity.quiet).in_colour(cli.verbosity.color);
    diagnose(cli.verbosity.verbose, console);
    let ended = match cli.command {
        Command::Demo(command) => command.run(console),
        #[cfg(feature = "aws")]
        Command::Run(command) => command.run(console),
        #[cfg(feature = "aws")]
        Command::Collect(command) => command.run(console),
        Command::Assess(command) => command.run(console),
        Command::Report(command) => command.run(console),
        Command::Show(command) => command.run(console),
        Command::Findings(command) => command.run(console),
        Command::Merge(command) => command.run(console),
        Command::Diff(command) => command.run(console),
        Command::Evidence(command) => command.run(console),
        Command::Verify(command) => command.run(console),
        Command::Remedy(command) => command.run(console),
        Command::Baseline(command) => command.run(console),
        Command::Archive(command) => command.run(console),
        Command::History(command) => command.run(console),
        Command::Controls(command) => command.run(console),
        Command::Policy(command) => command.run(console),
        #[cfg(feature = "aws")]
        Command::Doctor(command) => command.run(console),
        #[cfg(feature = "aws")]
        Command::IamPolicy(command) => command.run(console),
        Command::Trail(command) => command.run(console),
        Command::Explain(command) => command.run(console),
        Command::Completions(command) => command.run(console),
    };
    let exit = ended.unwrap_or_else(|error| {
        console.error(error);
        Exit::CouldNotRun
    });
    ExitCode::from(exit.code())
}

/// Sends what libraries log to standard error, if somebody asked for it.
fn diagnose(verbose: u8, console: Console) {
    let level = match verbose {
        0 => return,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    tracing_subscriber::fmt().with_max_level(level).with_ansi(console.colour()).with_writer(std::io::stderr).init();
}

#[cfg(test)]
mod tests;
