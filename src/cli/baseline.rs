//! `countersign baseline`: what is known already.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::console::Console;
use super::diff;
use super::reporting::BASELINE;
use super::severity::SeverityName;
use crate::control::Severity;
use crate::report::baseline::Baseline;
use crate::run::Exit;

const EXAMPLES: &str = "\
Examples:
  countersign baseline create countersign-report/report.json
  countersign baseline create countersign-report --severity high --out known.json
  countersign run --baseline known.json --fail-on new:high";

/// Accepts findings as known, so that a pipeline stops only for what is new
#[derive(Debug, Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub(super) struct Baselines {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Create(Create),
}

/// Accepts what fails in a report as known
///
/// It changes no finding and no verdict: they stay in the report, marked as known, and `--fail-on new:SEVERITY` ignores
/// them. To answer for a failure, with an owner and an end, write a waiver into the policy instead.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
struct Create {
    /// `report.json`, the folder that holds it, or a snapshot
    report: PathBuf,
    /// Policy that judges a snapshot [default: the built-in one]
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// File to write
    #[arg(long, value_name = "FILE", default_value = BASELINE)]
    out: PathBuf,
    /// Accept what is at least of this severity
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t = SeverityName::Info)]
    severity: SeverityName,
}

impl Baselines {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        match self.command {
            Command::Create(create) => create.run(console),
        }
    }
}

impl Create {
    fn run(self, console: Console) -> anyhow::Result<Exit> {
        let report = diff::load(&self.report, self.policy.as_deref(), console)?;
        let before = self.out.exists().then(|| Baseline::load(&self.out)).transpose()?;
        let baseline = Baseline::of(&report, Severity::from(self.severity));
        baseline.save(&self.out)?;
        console.print(told(&baseline, before.as_ref(), &self.out))?;
        Ok(Exit::Done)
    }
}

fn told(baseline: &Baseline, before: Option<&Baseline>, out: &Path) -> String {
    let held = |of: &Baseline, known: &crate::report::baseline::Known| {
        of.findings.iter().any(|other| other.fingerprint == known.fingerprint)
    };
    let text = format!("{} findings accepted as known, in {}\n", baseline.findings.len(), out.display());
    if let Some(before) = before {
        let added = baseline.findings.iter().filter(|known| !held(before, known)).count();
        let dropped = before.findings.iter().filter(|known| !held(baseline, known)).count();
        return format!("{text}{added} of them were not accepted before; {dropped} that were no longer fail\n");
    }
    text
}
