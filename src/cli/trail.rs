//! `countersign trail`: CloudTrail log files, read and verified by themselves.

use clap::{Args, Subcommand};

use super::console::Console;
use crate::run::Exit;

mod rows;
mod scan;
mod source;
mod write;

const EXAMPLES: &str = "\
Examples:
  countersign trail scan logs --event-source sagemaker.amazonaws.com --writes";

/// Finds events in the log files of a trail
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Trail {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Scan(scan::Scan),
}

impl Trail {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        match self.command {
            Command::Scan(command) => command.run(console),
        }
    }
}
