//! `countersign assess`: a report from a saved snapshot, without AWS.

use std::path::PathBuf;

use clap::Args;

use super::console::Console;
use super::line::Line;
use super::outcome;
use super::reporting::{PolicyFile, Reporting};
use crate::evidence::Snapshot;
use crate::run::{self, Exit};

const EXAMPLES: &str = "\
Examples:
  countersign assess countersign-report/snapshot.json.zst
  countersign assess estate.json.zst --policy strict.toml --out strict --fail-on high
  countersign assess estate.json.zst --as-of 2026-12-24T00:00:00Z --format json";

/// Writes a report from a saved snapshot
///
/// Needs no AWS. With the policy of the run that saved it, the report is the same byte for byte.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Assess {
    /// Snapshot written by `collect` or `run`
    snapshot: PathBuf,
    #[command(flatten)]
    policy: PolicyFile,
    /// Folder that the documents are written to
    #[arg(long, value_name = "DIR", default_value = "countersign-report")]
    out: PathBuf,
    #[command(flatten)]
    reporting: Reporting,
}

impl Assess {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        let reading = Line::reading(console, &self.snapshot);
        let snapshot = Snapshot::load(&self.snapshot)?;
        drop(reading);
        let policy = self.policy.load(self.reporting.as_of().unwrap_or(snapshot.as_of), console)?;
        let request = self.reporting.request(policy, self.out, false)?;
        let judging = Line::judging(console, &snapshot);
        let outcome = run::assess(&snapshot, &request)?;
        drop(judging);
        outcome::print(&outcome, self.reporting.stats, console)
    }
}
