//! `countersign archive`: what was remembered, and whether it still is what it was.

use clap::{Args, Subcommand, ValueEnum};

use super::console::Console;
use crate::archive::Place;
use crate::run::Exit;

#[cfg(feature = "aws")]
mod bucket;
mod list;
mod place;
mod verify;

const EXAMPLES: &str = "\
Examples:
  countersign archive verify evidence
  countersign archive verify s3://bank-evidence/countersign --profile audit
  countersign archive list s3://bank-evidence/countersign --format jsonl";

/// Looks at an archive of evidence: what is in it, and whether anything was changed
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Archive {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Verify(verify::Verify),
    List(list::List),
}

impl Archive {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        match self.command {
            Command::Verify(command) => command.run(console),
            Command::List(command) => command.run(console),
        }
    }
}

/// Reads an argument that names an archive.
pub(super) fn location(text: &str) -> Result<Place, String> {
    Place::parse(text).ok_or_else(|| "name a folder, or a bucket like `s3://bucket/prefix`".to_owned())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// One JSON object a line
    Jsonl,
}
