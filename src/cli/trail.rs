//! `countersign trail`: CloudTrail log files, read and verified by themselves.

use clap::{Args, Subcommand};

use super::console::Console;
use crate::run::Exit;

mod place;
mod rows;
mod scan;
mod source;
mod verify;
mod write;

const EXAMPLES: &str = "\
Examples:
  countersign trail scan logs --event-source sagemaker.amazonaws.com --writes
  countersign trail verify s3://trail-logs --since 2026-11-01";

/// Finds events in the log files of a trail, and verifies that they are what CloudTrail delivered
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Trail {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Scan(scan::Scan),
    Verify(verify::Verify),
}

impl Trail {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        match self.command {
            Command::Scan(command) => command.run(console),
            Command::Verify(command) => command.run(console),
        }
    }
}
