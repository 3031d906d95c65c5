//! `countersign collect`: reads an estate and saves it as a snapshot.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;

use super::account::{Account, Since, wait_for};
use super::console::Console;
use super::progress::progress;
use super::reporting::PolicyFile;
use super::{clock, outcome, run};
use crate::collect::aws::{self, Session};
use crate::report::words::count;
use crate::run::Exit;

const EXAMPLES: &str = "\
Examples:
  countersign collect --region eu-central-1 --out estate.json.zst
  countersign assess estate.json.zst";

/// Reads an estate and saves it as a snapshot, without judging it
///
/// Of the policy, only the regions, the pace and the window of batch jobs matter here. The file is compressed if its
/// name ends in `.zst`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Collect {
    #[command(flatten)]
    policy: PolicyFile,
    /// File to write
    #[arg(long, value_name = "FILE", default_value = "snapshot.json.zst")]
    out: PathBuf,
    /// Print what the collection cost
    #[arg(long)]
    stats: bool,
    #[command(flatten)]
    account: Account,
    #[command(flatten)]
    since: Since,
}

impl Collect {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        if self.out.is_dir() {
            return Err(anyhow!("`{}` is a folder; name a file with `--out`", self.out.display()));
        }
        let now = clock::now()?;
        let policy = self.policy.load(now, console)?;
        let options = self.account.options(&policy);
        let snapshot = wait_for(async {
            let stop = run::stop(console);
            let session = Session::open(&options).await?;
            let request = self.since.request(&session, &policy, now, console);
            Ok(aws::collect(&session, &request, &*progress(console), stop).await)
        })?;
        snapshot.save(&self.out)?;
        let (facts, gaps) = (count(snapshot.facts.len(), "fact"), count(snapshot.gaps.len(), "gap"));
        console.line(format_args!("Written: {} ({facts}, {gaps})", self.out.display()))?;
        if self.stats {
            console.print(outcome::cost(&snapshot.stats))?;
        }
        Ok(Exit::Done)
    }
}
