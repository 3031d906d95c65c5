//! `countersign merge`: one report from the snapshots of many accounts.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

#[cfg(feature = "aws")]
use super::account::{Account, wait_for};
#[cfg(feature = "aws")]
use super::archiving::Archiving;
#[cfg(feature = "aws")]
use super::clock;
use super::console::Console;
use super::outcome;
#[cfg(feature = "aws")]
use super::publishing::Publishing;
use super::reporting::{PolicyFile, Reporting};
#[cfg(feature = "aws")]
use crate::collect::aws::Session;
use crate::evidence::Snapshot;
use crate::organization::{Merge, Merged};
#[cfg(feature = "aws")]
use crate::publish::{Errand, Trigger, aws};
#[cfg(not(feature = "aws"))]
use crate::run;
use crate::run::Exit;
#[cfg(feature = "aws")]
use crate::run::{self, Outcome, RunRequest};

const EXAMPLES: &str = "\
Examples:
  countersign merge fraud.json.zst credit.json.zst registry.json.zst --out organization
  countersign merge parts/*.json.zst --policy bank.toml --fail-on high --archive s3://bank-evidence/countersign
  countersign merge countersign-report/snapshot.json.zst --run-id nightly-417 --publish s3://reports/ml";

/// Makes one report of the snapshots of many accounts and regions
///
/// Of two snapshots of the same account and region the newer one counts. A package that one account serves and another one
/// registered is joined: its approval and events are read in the owner's snapshot. The merged snapshot is written beside
/// the report, and everything is judged as of the earliest beginning. AWS is asked only where an archive or a sink lies
/// there.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct MergeSnapshots {
    /// Snapshots written by `collect`, `run` or `merge`
    #[arg(required = true, value_name = "SNAPSHOT")]
    snapshots: Vec<PathBuf>,
    #[command(flatten)]
    policy: PolicyFile,
    /// Folder that the documents and the snapshot are written to
    #[arg(long, value_name = "DIR", default_value = "countersign-report")]
    out: PathBuf,
    #[command(flatten)]
    reporting: Reporting,
    #[cfg(feature = "aws")]
    #[command(flatten)]
    account: Account,
    #[cfg(feature = "aws")]
    #[command(flatten)]
    archive: Archiving,
    #[cfg(feature = "aws")]
    #[command(flatten)]
    publishing: Publishing,
}

impl MergeSnapshots {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        let parts = self.snapshots.iter().map(|path| Snapshot::load(path)).collect::<Result<Vec<_>, _>>()?;
        let merged = Merge { parts, ..Merge::default() }.finish().context("the snapshots cannot be merged")?;
        let Merged { snapshot, notes } = merged;
        for note in &notes {
            console.note(note);
        }
        let policy = self.policy.load(self.reporting.as_of().unwrap_or(snapshot.as_of), console)?;
        #[cfg(feature = "aws")]
        let asked = Asked {
            run: self.publishing.run(clock::now()?),
            archive: self.archive.rules(&policy),
            sinks: self.publishing.rules(&policy)?,
        };
        #[cfg(feature = "aws")]
        let options = self.account.options(&policy);
        let request = self.reporting.request(policy, self.out, true)?;
        #[cfg(feature = "aws")]
        let outcome = if asked.nobody() {
            run::assess(&snapshot, &request)?
        } else {
            conclude(snapshot, &request, asked, &options)?
        };
        #[cfg(not(feature = "aws"))]
        let outcome = run::assess(&snapshot, &request)?;
        outcome::print(&outcome, self.reporting.stats, console)
    }
}

/// What besides the report is asked for.
#[cfg(feature = "aws")]
struct Asked {
    run: String,
    archive: Option<crate::policy::ArchiveRules>,
    sinks: Vec<crate::policy::SinkRules>,
}

#[cfg(feature = "aws")]
impl Asked {
    fn nobody(&self) -> bool {
        self.archive.is_none() && self.sinks.is_empty()
    }
}

/// Archives and publishes it as well.
#[cfg(feature = "aws")]
fn conclude(
    snapshot: Snapshot,
    request: &RunRequest,
    asked: Asked,
    options: &crate::collect::aws::SessionOptions,
) -> anyhow::Result<Outcome> {
    use crate::archive::Place;
    use crate::store::Folder;

    let now = clock::now()?;
    // A folder is written to without anybody's credentials.
    if let (Some(Place::Folder(path)), true) =
        (asked.archive.as_ref().map(|rules| &rules.location), asked.sinks.is_empty())
    {
        return Ok(run::remembering(snapshot, request, &Folder::new(path))?);
    }
    wait_for(async {
        let session = Session::open(options).await?;
        let archive = match &asked.archive {
            Some(rules) => Some(aws::open_archive(rules, &session, now).await),
            None => None,
        };
        let sinks = aws::open(&asked.sinks, &session, now).await;
        let errand = Errand { run: asked.run, trigger: Trigger::Command, sinks };
        Ok(run::conclude(snapshot, request, archive, &errand).await?)
    })
}
