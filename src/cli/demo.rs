//! `countersign demo`: the report of an embedded recording, without AWS, network or anything else.

use std::path::{Path, PathBuf};

use clap::Args;

use super::console::Console;
use super::outcome;
use super::reporting::Reporting;
use crate::evidence::Snapshot;
use crate::policy::{Dates, Policy};
use crate::run::{self, Exit};

/// A bank-like estate, read by the collectors and saved. `tests/record-scenarios` makes it again.
static SNAPSHOT: &[u8] = include_bytes!("demo/bank.snapshot.json.zst");
/// The policy of that bank.
static POLICY: &str = include_str!("demo/bank.toml");

const EXAMPLES: &str = "\
Examples:
  countersign demo
  countersign demo --out /tmp/demo --format html,json";

/// Shows a report on the recording of a bank's estate
///
/// Needs no AWS, no network and no credentials: the recording is part of the program.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Demo {
    /// Folder that the documents are written to
    #[arg(long, value_name = "DIR", default_value = "countersign-demo")]
    out: PathBuf,
    #[command(flatten)]
    reporting: Reporting,
}

impl Demo {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        let snapshot = Snapshot::from_bytes(SNAPSHOT, Path::new("the embedded recording"))?;
        let dates = Dates { today: snapshot.as_of, as_of: snapshot.as_of };
        let policy = Policy::parse(POLICY, "bank.toml", &dates)?.policy;
        let request = self.reporting.request(policy, self.out, false)?;
        let outcome = run::assess(&snapshot, &request)?;
        outcome::print(&outcome, self.reporting.stats, console)
    }
}
