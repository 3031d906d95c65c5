//! `countersign policy`: a new policy file, or a check of one.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::{Args, Subcommand};

use super::clock;
use super::console::Console;
use super::reporting::POLICY;
use crate::files::write_atomically;
use crate::policy::{Checked, Dates, Policy, Profile, TEMPLATE};
use crate::report::words::count;
use crate::run::Exit;

const EXAMPLES: &str = "\
Examples:
  countersign policy init
  countersign policy check
  countersign policy check policies/bank.toml";

/// Writes a policy file with every default explained, or checks one
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Policies {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Writes a commented file that holds every default
    Init {
        /// File to write
        #[arg(default_value = POLICY)]
        file: PathBuf,
        /// Replace the file if it exists
        #[arg(long)]
        force: bool,
    },
    /// Reports every mistake in a file at once, with line and column
    Check {
        /// File to check
        #[arg(default_value = POLICY)]
        file: PathBuf,
    },
}

impl Policies {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        match self.command {
            Command::Init { file, force } => {
                let written = if force {
                    write_atomically(&file, |out| out.write_all(TEMPLATE.as_bytes()))
                } else {
                    create(&file)
                };
                written.map_err(|error| match error.kind() {
                    io::ErrorKind::AlreadyExists => {
                        anyhow!("`{}` exists; name another file, or replace it with `--force`", file.display())
                    }
                    _ => anyhow!("cannot write `{}`: {error}; name another file", file.display()),
                })?;
                console.line(format_args!("Written: {}", file.display()))?;
            }
            Command::Check { file } => {
                let now = clock::now()?;
                let Checked { policy, warnings } = Policy::load(&file, &Dates { today: now, as_of: now })?;
                for warning in warnings {
                    console.warn(format_args!("{}:{warning}", file.display()));
                }
                console.line(format_args!("{} is valid: {}", file.display(), outline(&policy)))?;
            }
        }
        Ok(Exit::Done)
    }
}

/// Writes the template to a file that must not exist yet.
fn create(file: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(file)?.write_all(TEMPLATE.as_bytes())
}

fn outline(policy: &Policy) -> String {
    let profile = match policy.profile {
        Profile::Standard => "standard",
        Profile::Regulated => "regulated",
    };
    let (models, waivers) = (count(policy.models.len(), "manifest"), count(policy.waivers.len(), "waiver"));
    format!("profile {profile}, {models}, {waivers}, SHA-256 {}", policy.hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn init(file: &Path, force: bool) -> anyhow::Result<Exit> {
        Policies { command: Command::Init { file: file.to_owned(), force } }.run(Console::new(true))
    }

    fn check(file: &Path) -> anyhow::Result<Exit> {
        Policies { command: Command::Check { file: file.to_owned() } }.run(Console::new(true))
    }

    #[test]
    fn a_new_file_is_valid_and_nothing_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("countersign.toml");
        assert_eq!(init(&file, false).unwrap(), Exit::Done);
        assert_eq!(check(&file).unwrap(), Exit::Done);
        std::fs::write(&file, "profile = 3").unwrap();
        assert!(init(&file, false).unwrap_err().to_string().contains("`--force`"));
        assert!(check(&file).unwrap_err().to_string().contains(":1:11: `profile` must be a text"));
        assert_eq!(init(&file, true).unwrap(), Exit::Done);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), TEMPLATE);
    }

    #[test]
    fn the_outline_counts_what_is_declared() {
        assert!(outline(&Policy::default()).starts_with("profile standard, 0 manifests, 0 waivers, SHA-256 e3b0c442"));
    }
}
