//! `countersign diff`: what changed between two reports.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

use super::console::Console;
use crate::archive::as_history;
use crate::evidence::Snapshot;
use crate::policy::Policy;
use crate::report::changes::{Now, compare};
use crate::report::document::{Changes, Report, SCHEMA};
use crate::report::text;
use crate::run::{self, Exit};

const EXAMPLES: &str = "\
Examples:
  countersign diff monday/report.json tuesday/report.json
  countersign diff monday/snapshot.json.zst tuesday/snapshot.json.zst
  countersign diff monday tuesday --format json";

/// Tells what changed between two reports, and why
///
/// Takes two `report.json`, two snapshots (judged by the built-in policy, so that nothing but the estate differs), or two
/// folders that a run wrote. Each change has its cause: the estate, the policy, the controls, a permission, a reading
/// that failed, or the time.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Diff {
    /// The earlier one
    before: PathBuf,
    /// The later one
    after: PathBuf,
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
        let (before, after) = (load(&self.before)?, load(&self.after)?);
        if before.collected_at > after.collected_at {
            console.warn("the first one was collected after the second: what is called new is what is over");
        }
        let name = self.before.display().to_string();
        let changes = compare(&as_history(&before, &name), &name, Now::of(&after));
        match self.format {
            Format::Text => console.print(text::changes(&changes, console.style()))?,
            Format::Json => console.print(format_args!("{}\n", serde_json::to_string_pretty(&changes)?))?,
        }
        Ok(if self.fail_on_new && fails_anew(&changes) { Exit::Findings } else { Exit::Done })
    }
}

fn fails_anew(changes: &Changes) -> bool {
    use crate::report::document::Change;
    changes.findings.iter().any(|row| matches!(row.change, Change::New | Change::Reopened))
}

/// Reads a report: the document itself, or what a snapshot gives.
pub(super) fn load(path: &Path) -> anyhow::Result<Report> {
    let path = if path.is_dir() { path.join("report.json") } else { path.to_owned() };
    if path.extension().is_some_and(|extension| extension == "zst") {
        let snapshot = Snapshot::load(&path)?;
        return Ok(run::judge(&snapshot, &Policy::default(), None));
    }
    let bytes = fs::read(&path).with_context(|| format!("cannot read report `{}`", path.display()))?;
    let report: Report = serde_json::from_slice(&bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        anyhow::anyhow!(
            "`{}`, {place}, is no report: {error}; name a `report.json` or a `.zst` snapshot of a run",
            path.display()
        )
    })?;
    if report.schema != SCHEMA {
        bail!("`{}` has the schema `{}`, but this version reads `{SCHEMA}`", path.display(), report.schema);
    }
    Ok(report)
}
