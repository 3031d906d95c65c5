//! `countersign show`: the audit answer of one live version, in the terminal.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::console::Console;
use super::input::{FOLDER, Judging};
use super::named;
use crate::report::document::{CallRow, EvidenceRow, FindingRow, GapRow, LiveVersionRow, Report, VersionCostRow};
use crate::report::text;
use crate::run::Exit;

const EXAMPLES: &str = "\
Examples:
  countersign show                                   which live versions there are
  countersign show fraud-screening
  countersign show fraud-screening/AllTraffic --from monday --json
  countersign show credit-limit/primary --as-of 2026-12-24";

/// Shows what a report says of one live version
///
/// One paragraph in plain words, then what it rests on: the verdict and its rule, who approved it and what proves that, its
/// artifacts, who would hear of which fault, owner, cost, the way back, and every open finding with its remedy and evidence.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Show {
    /// Id of the live version, or a part that no other has, such as its endpoint [default: list them]
    live_version: Option<String>,
    /// Folder that a run wrote, its `report.json`, or a snapshot
    #[arg(long, value_name = "INPUT", default_value = FOLDER)]
    from: PathBuf,
    /// Print the row of the report with all its findings, their evidence and calls as JSON
    #[arg(long, requires = "live_version")]
    json: bool,
    #[command(flatten)]
    judging: Judging,
}

/// A live version with all that a report holds about it.
#[derive(Serialize)]
struct Shown<'r> {
    live_version: &'r LiveVersionRow,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<&'r VersionCostRow>,
    findings: Vec<&'r FindingRow>,
    evidence: BTreeMap<&'r str, &'r EvidenceRow>,
    calls: BTreeMap<&'r str, &'r CallRow>,
    gaps: Vec<&'r GapRow>,
}

impl Show {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        let report = self.judging.report(&self.from, console)?.listed(console);
        let Some(asked) = &self.live_version else {
            console.print(text::names(&report, console.style()))?;
            if report.live_versions.is_empty() {
                console.note(&report.summary.headline);
            }
            return Ok(Exit::Done);
        };
        let ids: Vec<&str> = report.live_versions.iter().map(|live| live.id.as_str()).collect();
        let id = named::find(asked, &ids)?;
        for live in report.live_versions.iter().filter(|live| live.id.as_str() == id) {
            if self.json {
                console.line(serde_json::to_string_pretty(&shown(&report, live))?)?;
            } else {
                console.print(text::show(&report, live, console.style()))?;
            }
        }
        Ok(Exit::Done)
    }
}

fn shown<'r>(report: &'r Report, live: &'r LiveVersionRow) -> Shown<'r> {
    let findings: Vec<&FindingRow> = text::findings_of(report, live).collect();
    let cost = report.costs.iter().flat_map(|costs| &costs.live_versions).find(|row| row.live_version == live.id);
    let figures = cost.iter().flat_map(|row| &row.cost.evidence);
    let evidence: BTreeMap<&str, &EvidenceRow> = findings
        .iter()
        .flat_map(|finding| &finding.evidence)
        .chain(figures)
        .filter_map(|id| Some((id.as_str(), report.evidence.get(id)?)))
        .collect();
    let calls = evidence.values().flat_map(|fact| &fact.calls);
    let calls = calls.filter_map(|id| Some((id.as_str(), report.calls.get(id)?))).collect();
    let hides = |gap: &&GapRow| findings.iter().any(|finding| finding.gap_ids.contains(&gap.id));
    let gaps = report.gaps.iter().filter(hides).collect();
    Shown { live_version: live, cost, findings, evidence, calls, gaps }
}
