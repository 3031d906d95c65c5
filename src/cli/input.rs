//! What commands look at again: the folder that a run wrote, its `report.json`, or its snapshot.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use clap::Args;
use jiff::Timestamp;
use serde::Deserialize;

use super::clock;
use super::console::Console;
use super::line::Line;
use super::reporting::{BaselineFile, PolicyFile};
use crate::evidence::Snapshot;
use crate::report::document::{Report, SCHEMA};
use crate::report::words;
use crate::run;

/// Where a run writes to, and so where commands look, unless they are told otherwise.
pub(super) const FOLDER: &str = "countersign-report";

/// What a run writes that can be looked at again.
const REPORT: &str = "report.json";
const SNAPSHOT: &str = "snapshot.json.zst";

/// What was found.
pub(super) enum Found {
    /// A report, as it was judged when it was made.
    Report(Report),
    /// The evidence, to be judged.
    Snapshot(Snapshot),
}

/// Which of the two to take of a folder that holds both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    Report,
    Snapshot,
}

/// What every document of this tool begins with.
#[derive(Deserialize)]
struct Schema {
    schema: String,
}

/// Reads what lies at a path, and says which file it was.
pub(super) fn open(path: &Path, first: First, console: Console) -> anyhow::Result<(Found, PathBuf)> {
    let file = if path.is_dir() { in_folder(path, first)? } else { path.to_owned() };
    let _line = Line::reading(console, &file);
    let bytes = fs::read(&file).map_err(|error| {
        anyhow!(
            "cannot read `{}`: {error}; expected a folder that a run wrote, its `{REPORT}`, or a snapshot",
            file.display()
        )
    })?;
    if file.extension().is_some_and(|extension| extension == "zst") {
        return Ok((Found::Snapshot(Snapshot::from_bytes(&bytes, &file)?), file));
    }
    let no_report = |error: serde_json::Error| {
        anyhow!("`{}` is no report: {error}; name a `{REPORT}` or a `.zst` snapshot of a run", file.display())
    };
    let Schema { schema } = serde_json::from_slice(&bytes).map_err(no_report)?;
    if schema.starts_with("countersign.snapshot/") {
        return Ok((Found::Snapshot(Snapshot::from_bytes(&bytes, &file)?), file));
    }
    if schema != SCHEMA {
        bail!("`{}` has the schema `{schema}`, but this version reads `{SCHEMA}`", file.display());
    }
    let report = serde_json::from_slice(&bytes).map_err(no_report)?;
    Ok((Found::Report(report), file))
}

/// The file of a folder that is wanted, or the other one where that is all there is.
fn in_folder(folder: &Path, first: First) -> anyhow::Result<PathBuf> {
    let names = match first {
        First::Report => [REPORT, SNAPSHOT],
        First::Snapshot => [SNAPSHOT, REPORT],
    };
    names.into_iter().map(|name| folder.join(name)).find(|file| file.exists()).ok_or_else(|| {
        anyhow!(
            "nothing to report in `{}`: expected a folder that a run wrote, with a `{REPORT}` or a `{SNAPSHOT}`",
            folder.display()
        )
    })
}

/// How to judge, where something is to be judged.
#[derive(Debug, Args)]
#[command(next_help_heading = "Judging again")]
pub(super) struct Judging {
    #[command(flatten)]
    policy: PolicyFile,
    /// Judge the snapshot as of this instant [default: when it was collected]
    #[arg(long, value_name = "TIME", value_parser = clock::argument)]
    as_of: Option<Timestamp>,
    #[command(flatten)]
    baseline: BaselineFile,
}

/// A report, and where it comes from.
pub(super) struct Judged {
    pub(super) report: Report,
    /// The file that was read.
    pub(super) file: PathBuf,
    /// Whether it was a snapshot, so that the report is a new one.
    pub(super) anew: bool,
}

impl Judging {
    /// The report at a path. One that was made already is taken as it is, unless it is to be judged in another way: then the
    /// snapshot beside it is.
    pub(super) fn report(&self, path: &Path, console: Console) -> anyhow::Result<Judged> {
        let anew = self.policy.is_named() || self.as_of.is_some();
        let (found, file) = open(path, if anew { First::Snapshot } else { First::Report }, console)?;
        match found {
            Found::Report(_) if anew => Err(judged_already(&file)),
            Found::Report(mut report) => {
                if let Some(baseline) = self.baseline.named()? {
                    baseline.mark(&mut report);
                }
                Ok(Judged { report, file, anew: false })
            }
            Found::Snapshot(snapshot) => {
                let policy = self.policy.load(self.as_of.unwrap_or(snapshot.as_of), console)?;
                let _line = Line::judging(console, &snapshot);
                let mut report = run::judge(&snapshot, &policy, self.as_of);
                if let Some(baseline) = self.baseline.load()? {
                    baseline.mark(&mut report);
                }
                Ok(Judged { report, file, anew: true })
            }
        }
    }
}

impl Judged {
    /// The report, for a list that must not seem to be complete where it is not.
    pub(super) fn listed(self, console: Console) -> Report {
        let unread = &self.report.summary.unread;
        if !unread.is_empty() {
            console
                .warn(format_args!("what serves in {} could not be read, so there may be more", words::list(unread)));
        }
        self.report
    }
}

/// A report cannot be judged again: it does not hold the evidence.
pub(super) fn judged_already(file: &Path) -> anyhow::Error {
    anyhow!(
        "`{}` was judged when it was made; with `--policy` or `--as-of`, name the `.zst` snapshot of the run",
        file.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Format, render, sample};

    const QUIET: Console = Console::new(true);

    /// What went wrong; neither a report nor a snapshot can be printed.
    fn failed(path: &Path, first: First) -> String {
        open(path, first, QUIET).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn of_a_folder_the_file_that_is_wanted_is_taken_else_the_other() {
        let folder = tempfile::tempdir().unwrap();
        assert!(failed(folder.path(), First::Report).contains("expected a folder that a run wrote"));
        std::fs::write(folder.path().join(REPORT), render(&sample::bank(), Format::Json).unwrap()).unwrap();
        for first in [First::Report, First::Snapshot] {
            let (found, file) = open(folder.path(), first, QUIET).unwrap();
            assert!(matches!(found, Found::Report(_)) && file.ends_with(REPORT));
        }
        let snapshot = include_bytes!("demo/bank.snapshot.json.zst");
        std::fs::write(folder.path().join(SNAPSHOT), snapshot).unwrap();
        assert!(matches!(open(folder.path(), First::Report, QUIET).unwrap().0, Found::Report(_)));
        assert!(matches!(open(folder.path(), First::Snapshot, QUIET).unwrap().0, Found::Snapshot(_)));
    }

    #[test]
    fn a_file_is_what_its_schema_says() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let plain = zstd::decode_all(&include_bytes!("demo/bank.snapshot.json.zst")[..]).unwrap();
        assert!(matches!(open(&write("plain.json", &plain), First::Report, QUIET).unwrap().0, Found::Snapshot(_)));
        for (name, bytes, words) in [
            ("list.json", "[]", "is no report"),
            ("other.json", "{\"schema\": \"countersign.report/9\"}", "this version reads `countersign.report/1`"),
            ("cut.json", "{\"schema\": \"countersign.report/1\"}", "is no report"),
            ("text.txt", "hello", "is no report"),
        ] {
            let error = failed(&write(name, bytes.as_bytes()), First::Report);
            assert!(error.contains(name) && error.contains(words), "{name}: {error}");
        }
        let error = failed(&folder.path().join("absent"), First::Report);
        assert!(error.contains("cannot read") && error.contains("expected a folder that a run wrote"), "{error}");
    }
}
