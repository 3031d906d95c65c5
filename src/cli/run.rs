//! `countersign run`: reads an estate and writes its report.

use std::path::PathBuf;

use clap::Args;

use super::account::{Account, Since, interrupted, wait_for};
use super::archiving::Archiving;
use super::console::Console;
use super::organization::Organization;
use super::progress::progress;
use super::publishing::Publishing;
use super::reporting::{PolicyFile, Reporting};
use super::{clock, outcome};
use crate::collect::aws::Session;
use crate::publish::aws::{self, open_archive};
use crate::publish::{Errand, Trigger};
use crate::run::{self, Exit};

const EXAMPLES: &str = "\
Examples:
  countersign run --region eu-central-1
  countersign run --region eu-central-1 --region us-east-1 --profile audit --out report
  countersign run --role-arn arn:aws:iam::111122223333:role/governance-reader --external-id tenant-7
  countersign run --policy bank.toml --fail-on high --require-complete
  countersign run --region eu-central-1 --format sarif --format junit --fail-on high
  countersign run --region eu-central-1 --archive s3://bank-evidence/countersign --publish s3://bank-reports/countersign
  countersign run --region eu-central-1 --policy bank.toml --publish declared
  countersign run --organization --region eu-central-1 --region us-east-1 --exclude-accounts '*-sandbox'";

/// Reads an estate and writes its report
///
/// Only reads, but for the archive and what it publishes to, where those are named. What could not be read is in the report
/// as a gap, and what depends on it is unknown. The snapshot is written beside the report: `countersign assess` makes the
/// same report from it again. An interrupt (Ctrl-C) stops reading and reports what was read; a second one ends at once.
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
    #[command(flatten)]
    organization: Organization,
    #[command(flatten)]
    archive: Archiving,
    #[command(flatten)]
    publishing: Publishing,
}

impl Run {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        let now = clock::now()?;
        let policy = self.policy.load(self.reporting.as_of().unwrap_or(now), console)?;
        let options = self.account.options(&policy);
        let rules = self.publishing.rules(&policy)?;
        let request = self.reporting.request(policy, self.out, true)?;
        let outcome = wait_for(async {
            let stop = stop(console);
            let session = Session::open(&options).await?;
            let collect = self.since.request(&session, &request.policy, now, console);
            let archive = match self.archive.rules(&request.policy) {
                Some(rules) => Some(open_archive(&rules, &session, now).await),
                None => None,
            };
            let sinks = aws::open(&rules, &session, now).await;
            let errand = Errand { run: self.publishing.run(now), trigger: Trigger::Command, sinks };
            if self.organization.organization {
                let rules = &request.policy.organization;
                let collect = run::with_answers(collect, archive.as_ref()).await;
                let snapshot = self.organization.collect(&session, rules, &collect, console, stop).await?;
                return Ok(run::conclude(snapshot, &request, archive, &errand).await?);
            }
            Ok(run::run(&session, &collect, &request, archive, &errand, &*progress(console), stop).await?)
        })?;
        outcome::print(&outcome, self.reporting.stats, console)
    }
}

/// Resolves when reading should stop; listens from the call on.
pub(super) fn stop(console: Console) -> impl Future<Output = ()> {
    let interrupted = interrupted();
    async move {
        interrupted.await;
        console.note("stopping: what was read is kept, the rest becomes gaps; interrupt again to end at once");
    }
}
