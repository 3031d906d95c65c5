//! `countersign diff`: what changed between two reports.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::console::Console;
use super::input::{self, First, Found};
use super::reporting::PolicyFile;
use crate::archive::as_history;
use crate::policy::Policy;
use crate::report::changes::{Now, compare};
use crate::report::document::{Changes, Report};
use crate::report::text;
use crate::run::{self, Exit};

const EXAMPLES: &str = "\
Examples:
  countersign diff monday/report.json tuesday/report.json
  countersign diff monday tuesday --format json
  countersign diff monday/snapshot.json.zst tuesday/snapshot.json.zst --policy strict.toml";

/// Tells what changed between two reports, and why
///
/// Takes two `report.json`, two folders that a run wrote, or two snapshots, which are then judged by one policy, so that
/// nothing but the estate differs. Each change has its cause: the estate, the policy, the controls, a permission, a
/// reading that failed, or the time.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Diff {
    /// The earlier one
    before: PathBuf,
    /// The later one
    after: PathBuf,
    /// Policy that judges both; of a folder, the snapshot is judged then [default for snapshots: the built-in one]
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    format: Format,
    /// End with exit code 1 if something fails that did not fail before
    #[arg(long)]
    fail_on_new: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// The changes as a report holds them
    Json,
}

impl Diff {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        let policy = self.policy.as_deref();
        let (before, after) = (load(&self.before, policy, console)?, load(&self.after, policy, console)?);
        if before.collected_at > after.collected_at {
            console.warn("the first one was collected after the second: what is called new is what is over");
        }
        let name = self.before.display().to_string();
        let changes = compare(&as_history(&before, &name), &name, Now::of(&after));
        match self.format {
            Format::Text => console.print(text::changes(&changes, &after.scope, console.style()))?,
            Format::Json => console.print(format_args!("{}\n", serde_json::to_string_pretty(&changes)?))?,
        }
        Ok(if self.fail_on_new && fails_anew(&changes) { Exit::Findings } else { Exit::Done })
    }
}

fn fails_anew(changes: &Changes) -> bool {
    use crate::report::document::Change;
    changes.findings.iter().any(|row| matches!(row.change, Change::New | Change::Reopened))
}

/// Reads a report: the document itself, or what a policy makes of a snapshot.
pub(super) fn load(path: &Path, policy: Option<&Path>, console: Console) -> anyhow::Result<Report> {
    let first = if policy.is_some() { First::Snapshot } else { First::Report };
    match (input::open(path, first, console)?, policy) {
        ((Found::Report(report), _), None) => Ok(report),
        ((Found::Report(_), file), Some(_)) => Err(input::judged_already(&file)),
        ((Found::Snapshot(snapshot), _), Some(policy)) => {
            let policy = PolicyFile::named(policy).load(snapshot.as_of, console)?;
            Ok(run::judge(&snapshot, &policy, None))
        }
        ((Found::Snapshot(snapshot), _), None) => Ok(run::judge(&snapshot, &Policy::default(), None)),
    }
}
