//! `countersign findings`: the findings that somebody asks for, as a table or for machines.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::console::Console;
use super::input::{FOLDER, Judging};
use super::named;
use super::severity::SeverityName;
use crate::control::registry::CONTROLS;
use crate::control::{Severity, Status};
use crate::policy::nearest::nearest;
use crate::report::document::{FindingRow, Report};
use crate::report::owned::{Owner, Owners};
use crate::report::{self, text, words};
use crate::run::Exit;

/// What stands for those without an owner.
const NOBODY: &str = "nobody";

/// What stands for those of which it could not be read who owns them.
const NOT_KNOWN: &str = "unknown";

const EXAMPLES: &str = "\
Examples:
  countersign findings --severity high --owner team-a
  countersign findings monday --status unknown --control APR-001,ART-001
  countersign findings countersign-report/report.json --live-version fraud-screening --jsonl
  countersign findings --status all --region eu-central-1 --csv > findings.csv

Values may be separated by commas, or an option given several times. `countersign show` tells all of one live version.";

/// Lists findings, worst first
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Findings {
    /// Folder that a run wrote, its `report.json`, or a snapshot
    #[arg(value_name = "INPUT", default_value = FOLDER)]
    from: PathBuf,
    /// Print each as a line of JSON, as the report holds it
    #[arg(long, conflicts_with = "csv")]
    jsonl: bool,
    /// Print them as `findings.csv` has them
    #[arg(long)]
    csv: bool,
    #[command(flatten)]
    wanted: Wanted,
    #[command(flatten)]
    judging: Judging,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Which ones")]
struct Wanted {
    /// Status
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_enum, default_value = "fail,unknown")]
    status: Vec<StatusName>,
    /// At least this severe
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t = SeverityName::Info, hide_default_value = true)]
    severity: SeverityName,
    /// Owner of a live version that it is about; `nobody` for those without one, `unknown` where that could not be read
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    owner: Vec<String>,
    /// Code or id of the control
    #[arg(long, value_name = "CONTROL", value_delimiter = ',', value_parser = control)]
    control: Vec<String>,
    /// Account
    #[arg(long, value_name = "ACCOUNT", value_delimiter = ',')]
    account: Vec<String>,
    /// Region
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    region: Vec<String>,
    /// Id of a live version, or a part of it, such as its endpoint
    #[arg(long, value_name = "LIVE_VERSION", value_delimiter = ',')]
    live_version: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum StatusName {
    Fail,
    Unknown,
    Waived,
    Pass,
    #[value(alias = "not_applicable")]
    NotApplicable,
    All,
}

impl StatusName {
    fn is(self, status: Status) -> bool {
        match self {
            Self::All => true,
            Self::Fail => status == Status::Fail,
            Self::Unknown => status == Status::Unknown,
            Self::Waived => status == Status::Waived,
            Self::Pass => status == Status::Pass,
            Self::NotApplicable => status == Status::NotApplicable,
        }
    }
}

/// The code of a control, from its code or id.
fn control(text: &str) -> Result<String, String> {
    let asked = text.trim().to_lowercase();
    let found = CONTROLS.iter().find(|control| control.code.to_lowercase() == asked || control.id == asked);
    found.map(|control| control.code.to_owned()).ok_or_else(|| {
        let known = CONTROLS.iter().flat_map(|control| [control.code, control.id]);
        let meant = nearest(text, known).map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default();
        format!("{meant}`countersign controls` lists them")
    })
}

impl Findings {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        let report = self.judging.report(&self.from, console)?.listed(console);
        let live = self.wanted.live(&report)?;
        self.wanted.doubt(&report, console);
        let owners = Owners::of(&report);
        let of_status = |finding: &&FindingRow| self.wanted.status.iter().any(|name| name.is(finding.status));
        let matching: Vec<&FindingRow> =
            report.findings.iter().filter(|finding| self.wanted.matches(finding, &owners, live.as_ref())).collect();
        let chosen: Vec<&FindingRow> = matching.iter().copied().filter(of_status).collect();
        if self.jsonl {
            console.write(|out| report::write_jsonl(&chosen, out))?;
        } else if self.csv {
            console.write(|out| report::write_csv(&report, &chosen, out))?;
        } else {
            console.print(text::findings(&report, &chosen, console.style()))?;
            let parted = if chosen.is_empty() { "" } else { "\n" };
            let tally = text::tally(&chosen, self.waived_besides(&matching), console.style());
            console.print(format_args!("{parted}{tally}"))?;
        }
        Ok(Exit::Done)
    }

    /// How many waived ones would be shown if they were asked for.
    fn waived_besides(&self, matching: &[&FindingRow]) -> usize {
        if self.wanted.status.iter().any(|name| name.is(Status::Waived)) {
            return 0;
        }
        matching.iter().filter(|finding| finding.status == Status::Waived).count()
    }
}

impl Wanted {
    /// Ids of the live versions that are asked for; `None` where all are.
    fn live(&self, report: &Report) -> anyhow::Result<Option<BTreeSet<String>>> {
        if self.live_version.is_empty() {
            return Ok(None);
        }
        let ids: Vec<&str> = report.live_versions.iter().map(|live| live.id.as_str()).collect();
        let found = self.live_version.iter().map(|asked| named::all(asked, &ids)).collect::<Result<Vec<_>, _>>()?;
        Ok(Some(found.into_iter().flatten().map(str::to_owned).collect()))
    }

    /// Everything but the status.
    fn matches(&self, finding: &FindingRow, owners: &Owners<'_>, live: Option<&BTreeSet<String>>) -> bool {
        let subject = &finding.subject;
        let any = |names: &[String], has: &dyn Fn(&str) -> bool| names.is_empty() || names.iter().any(|name| has(name));
        finding.severity >= Severity::from(self.severity)
            && any(&self.control, &|code| *finding.code == *code)
            && any(&self.account, &|account| *subject.account == *account)
            && any(&self.region, &|region| *subject.region == *region)
            && live.is_none_or(|live| subject.touches().any(|id| live.contains(id.as_str())))
            && any(&self.owner, &|name| owners.has(finding, asked(name)))
    }

    /// Says so where an owner, account or region is asked for that the report does not know, and where findings may be
    /// missing because it is not known whose they are.
    fn doubt(&self, report: &Report, console: Console) {
        let owners = report.owners.iter().filter_map(|row| row.owner.as_deref()).chain([NOBODY, NOT_KNOWN]);
        let owners: Vec<&str> = owners.collect();
        let accounts: Vec<&str> = report.scope.accounts.iter().map(String::as_str).collect();
        let regions: Vec<&str> = report.scope.regions.iter().map(String::as_str).collect();
        for (what, asked, known) in
            [("owner", &self.owner, owners), ("account", &self.account, accounts), ("region", &self.region, regions)]
        {
            for name in asked.iter().filter(|name| !known.iter().any(|it| it.eq_ignore_ascii_case(name))) {
                let near = nearest(name, known.iter().copied());
                let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                console.warn(format_args!("the report knows no {what} `{name}`{near}"));
            }
        }
        if let Some(doubt) = self.unread(report) {
            console.warn(doubt);
        }
    }

    /// Findings that may be somebody's who is asked for, and are left out as it is not known whose they are.
    fn unread(&self, report: &Report) -> Option<String> {
        if self.owner.is_empty() || self.owner.iter().any(|name| asked(name) == Owner::NotKnown) {
            return None;
        }
        let unread = report.live_versions.iter().filter(|live| Owner::of(live) == Owner::NotKnown).count();
        (unread > 0).then(|| {
            let of = words::count(report.live_versions.len(), "live version");
            let unread = words::number(unread);
            format!("who owns {unread} of {of} is not known; `--owner {NOT_KNOWN}` lists what is found of those")
        })
    }
}

/// Whose findings are asked for.
fn asked(name: &str) -> Owner<'_> {
    match name {
        _ if name.eq_ignore_ascii_case(NOBODY) => Owner::Nobody,
        _ if name.eq_ignore_ascii_case(NOT_KNOWN) => Owner::NotKnown,
        _ => Owner::Named(name),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::report::sample::bank;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        wanted: Wanted,
    }

    #[test]
    fn what_may_be_theirs_and_is_left_out_is_told() {
        let doubt =
            |owner: &str, report: &Report| Line::parse_from(["findings", "--owner", owner]).wanted.unread(report);
        let mut report = bank();
        assert_eq!(doubt("team-a", &report), None);
        for live in report.live_versions.iter_mut().filter(|live| live.owner.is_none()) {
            live.tags = None;
        }
        for owner in ["team-a", "nobody"] {
            let told = doubt(owner, &report).unwrap();
            assert!(told.starts_with("who owns 1 of 12 live versions is not known"), "{told}");
        }
        assert_eq!(doubt("unknown", &report), None);
        assert_eq!(Line::parse_from(["findings"]).wanted.unread(&report), None);
    }
}
