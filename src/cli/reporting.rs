//! The arguments of every command that writes a report.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Args;
use jiff::Timestamp;

use super::console::Console;
use super::{clock, severity};
use crate::pack::PolicyText;
use crate::policy::{Checked, Dates, Policy};
use crate::report::Format;
use crate::report::baseline::{Baseline, BaselineError};
use crate::run::{FailOn, RunRequest};

/// The file that is used where none is named.
pub(super) const POLICY: &str = "countersign.toml";

/// The baseline that is used where none is named.
pub(super) const BASELINE: &str = "countersign-baseline.json";

#[derive(Debug, Args)]
pub(super) struct PolicyFile {
    /// Policy file [default: ./countersign.toml if it exists, else the built-in defaults]
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

#[derive(Clone, Debug, Args)]
pub(super) struct Formats {
    /// Documents to write, separated by commas
    #[arg(long, value_name = "FORMAT", value_delimiter = ',', value_enum, default_value = "html,md,json,csv,manager")]
    format: Vec<Format>,
}

#[derive(Clone, Debug, Args)]
pub(super) struct BaselineFile {
    /// Findings that were accepted as known [default: ./countersign-baseline.json if it exists]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Report")]
pub(super) struct Reporting {
    #[command(flatten)]
    formats: Formats,
    /// Judge the estate as of this instant; what is collected is always what is there now
    #[arg(long, value_name = "TIME", value_parser = clock::argument)]
    as_of: Option<Timestamp>,
    /// End with exit code 1 if something of this severity or worse fails; with `new:` before it, only if the baseline does
    /// not hold it, or without a baseline, if it did not fail in the last run
    #[arg(long, value_name = "[new:]SEVERITY", value_parser = severity::fail_on)]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    baseline: BaselineFile,
    /// End with exit code 3 if the evidence is incomplete
    #[arg(long)]
    require_complete: bool,
    /// Print what the collection cost
    #[arg(long)]
    pub(super) stats: bool,
}

impl PolicyFile {
    /// A policy that was named in another way.
    pub(super) fn named(path: &Path) -> Self {
        Self { policy: Some(path.to_owned()) }
    }

    /// Whether one was asked for.
    pub(super) fn is_named(&self) -> bool {
        self.policy.is_some()
    }

    /// The policy that is asked for, else that of the folder, else the defaults. `as_of` is the instant of evaluation.
    pub(super) fn load(&self, as_of: Timestamp, console: Console) -> anyhow::Result<Policy> {
        Ok(self.load_text(as_of, console)?.0)
    }

    /// The same with its text, where it comes from a file.
    pub(super) fn load_text(&self, as_of: Timestamp, console: Console) -> anyhow::Result<(Policy, Option<PolicyText>)> {
        let here = Path::new(POLICY);
        let path = match &self.policy {
            Some(path) => path,
            None if here.exists() => here,
            None => return Ok((Policy::default(), None)),
        };
        let dates = Dates { today: clock::now()?.max(as_of), as_of };
        let Checked { policy, warnings } = Policy::load(path, &dates)?;
        for warning in warnings {
            console.warn(format_args!("{}:{warning}", path.display()));
        }
        let text = std::fs::read_to_string(path)?;
        Ok((policy, Some(PolicyText { text, today: dates.today })))
    }
}

impl Formats {
    /// Each once, in the order of the formats.
    pub(super) fn chosen(&self) -> Vec<Format> {
        let mut formats = self.format.clone();
        formats.sort_unstable();
        formats.dedup();
        formats
    }
}

impl BaselineFile {
    /// The baseline that is asked for.
    pub(super) fn named(&self) -> Result<Option<Baseline>, BaselineError> {
        self.baseline.as_deref().map(Baseline::load).transpose()
    }

    /// The baseline that is asked for, else that of the folder.
    pub(super) fn load(&self) -> Result<Option<Baseline>, BaselineError> {
        let here = Path::new(BASELINE);
        match self.named()? {
            None if here.exists() => Baseline::load(here).map(Some),
            named => Ok(named),
        }
    }
}

impl Reporting {
    /// The instant of evaluation that was asked for.
    pub(super) fn as_of(&self) -> Option<Timestamp> {
        self.as_of
    }

    /// What to make of the evidence, written to `out`.
    pub(super) fn request(&self, policy: Policy, out: PathBuf, keep_snapshot: bool) -> anyhow::Result<RunRequest> {
        // Noticed before hours of reading rather than after.
        must_be_a_folder(&out)?;
        Ok(RunRequest {
            policy,
            as_of: self.as_of,
            out,
            formats: self.formats.chosen(),
            keep_snapshot,
            fail_on: self.fail_on,
            baseline: self.baseline.load()?,
            require_complete: self.require_complete,
        })
    }
}

/// Documents are written to a folder, which need not be there yet.
pub(super) fn must_be_a_folder(out: &Path) -> anyhow::Result<()> {
    if out.exists() && !out.is_dir() {
        return Err(anyhow!("`{}` is a file; name a folder with `--out`", out.display()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::control::Severity;

    #[derive(Parser)]
    struct Arguments {
        #[command(flatten)]
        policy: PolicyFile,
        #[command(flatten)]
        reporting: Reporting,
    }

    fn arguments(line: &str) -> Arguments {
        Arguments::try_parse_from(std::iter::once("test").chain(line.split_whitespace())).unwrap()
    }

    #[test]
    fn formats_come_once_and_in_order() {
        let request = |line: &str| arguments(line).reporting.request(Policy::default(), "out".into(), false).unwrap();
        assert_eq!(request("").formats, Format::DEFAULT);
        assert_eq!(request("--format csv,html --format csv").formats, [Format::Html, Format::Csv]);
        let fail_on = |only_new| Some(FailOn { least: Severity::High, only_new });
        assert_eq!(request("--fail-on high").fail_on, fail_on(false));
        assert_eq!(request("--fail-on new:high").fail_on, fail_on(true));
        assert_eq!(request("--as-of 2026-12-24").as_of, "2026-12-24T00:00:00Z".parse().ok());
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_noticed_at_once() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = arguments("").reporting.request(Policy::default(), file.path().to_owned(), true).unwrap_err();
        assert!(error.to_string().contains("is a file; name a folder with `--out`"), "{error}");
    }

    #[test]
    fn a_policy_that_is_named_must_be_there() {
        let as_of = "2026-11-20T09:00:00Z".parse().unwrap();
        let error = arguments("--policy /nowhere.toml").policy.load(as_of, Console::new(true)).unwrap_err();
        assert!(error.to_string().contains("cannot read policy `/nowhere.toml`"), "{error}");
    }
}
