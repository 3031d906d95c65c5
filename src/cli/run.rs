//! `countersign run`: reads an estate and writes its report.

use std::path::PathBuf;

use clap::Args;

use super::account::{Account, Since, interrupted, wait_for};
use super::console::Console;
use super::progress::progress;
use super::reporting::{PolicyFile, Reporting};
use super::{clock, outcome};
use crate::collect::aws::Session;
use crate::run::{self, Exit};

const EXAMPLES: &str = "\
Examples:
  countersign run --region eu-central-1
  countersign run --region eu-central-1 --region us-east-1 --profile audit --out report
  countersign run --role-arn arn:aws:iam::111122223333:role/governance-reader --external-id tenant-7
  countersign run --policy bank.toml --fail-on high --require-complete";

/// Reads an estate and writes its report
///
/// Only reads. What could not be read is in the report as a gap, and what depends on it is unknown. The snapshot is
/// written beside the report: `countersign assess` makes the same report from it again. An interrupt (Ctrl-C) stops
/// reading and reports what was read; a second one ends at once.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Run {
    #[command(flatten)]
    policy: PolicyFile,
    /// Folder that the documents and the snapshot are written to
    #[arg(long, value_name = "DIR", default_value = "countersign-report")]
    out: PathBuf,
    #[command(flatten)]
    reporting: Reporting,
    #[command(flatten)]
    account: Account,
    #[command(flatten)]
    since: Since,
}

impl Run {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        let now = clock::now()?;
        let policy = self.policy.load(self.reporting.as_of().unwrap_or(now), console)?;
        let options = self.account.options(&policy);
        let request = self.reporting.request(policy, self.out, true)?;
        let outcome = wait_for(async {
            let session = Session::open(&options).await?;
            let collect = self.since.request(&session, &request.policy, now, console);
            Ok(run::run(&session, &collect, &request, &*progress(console), stop(console)).await?)
        })?;
        outcome::print(&outcome, self.reporting.stats, console)
    }
}

/// Resolves when reading should stop.
pub(super) async fn stop(console: Console) {
    interrupted().await;
    console.note("stopping: what was read is kept, the rest becomes gaps; interrupt again to end at once");
}
