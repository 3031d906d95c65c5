//! Findings as a table that fits the width; the reason stands below each where there is no room beside it.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::columns::short_arns;
use super::table::{Column, Layout};
use super::{Style, slot, status_mark, urgency, wrap};
use crate::control::Status;
use crate::report::document::{FindingRow, Report};
use crate::report::owned::Owners;
use crate::report::words;

/// The column that holds the reason.
const WHY: usize = 5;

/// The table. What is to be told comes in any order, and is told worst first.
pub fn findings(report: &Report, chosen: &[&FindingRow], style: Style) -> String {
    let style = Style { width: style.width.max(40), ..style };
    let mut chosen = chosen.to_vec();
    chosen.sort_by(|a, b| urgency(a).cmp(&urgency(b)));
    let mut out = String::new();
    if chosen.is_empty() {
        return out;
    }
    let (owners, slots) = (Owners::of(report), Slots::of(report));
    let row = |finding: &FindingRow| -> [String; 6] {
        [
            format!("{} {}", status_mark(finding.status), words::status(finding.status)),
            words::severity(finding.severity).to_owned(),
            finding.code.to_string(),
            slots.about(finding),
            words::list(&owners.of_finding(finding)),
            reason(finding),
        ]
    };
    let columns = [
        Column::new("  STATUS", 9, 16),
        Column::new("SEVERITY", 8, 8),
        Column::new("CODE", 7, 7),
        Column::new("ABOUT", 24, 44),
        Column::new("OWNER", 16, 28).if_room(2),
        Column::new("WHY", 40, 120).if_room(1).in_full(),
    ];
    let rows: Vec<[String; 6]> = chosen.iter().map(|finding| row(finding)).collect();
    let layout = Layout::new(&columns, &rows, style.width);
    _ = writeln!(out, "{}", style.dim(&layout.head()));
    for (finding, row) in chosen.iter().zip(&rows) {
        for line in layout.row(row) {
            _ = writeln!(out, "{}", style.status(finding.status, &line));
        }
        if !layout.tells(WHY) {
            for line in wrap(&reason(finding), style.width - 4, "") {
                _ = writeln!(out, "    {line}");
            }
        }
    }
    out
}

/// What is told of a finding's reason.
fn reason(finding: &FindingRow) -> String {
    let known = if finding.known { " (known to the baseline)" } else { "" };
    let why = short_arns(&finding.reason);
    match &finding.waiver {
        Some(waiver) => format!("{why}; waived: {waiver}{known}"),
        None => format!("{why}{known}"),
    }
}

/// How many there are of each status, of the failing ones of each severity, and how many waived ones are not among them.
pub fn tally(chosen: &[&FindingRow], waived: usize, style: Style) -> String {
    let of = |status: Status| chosen.iter().filter(|finding| finding.status == status).count();
    let parts = words::STATUSES.into_iter().filter(|status| of(*status) > 0).map(|status| {
        let text = format!("{} {}", words::number(of(status)), words::status(status));
        if status != Status::Fail {
            return text;
        }
        let severities = words::SEVERITIES.into_iter().filter_map(|severity| {
            let failing = chosen.iter().filter(|it| it.status == Status::Fail && it.severity == severity).count();
            (failing > 0).then(|| format!("{} {}", words::number(failing), words::severity(severity)))
        });
        format!("{text} ({})", severities.collect::<Vec<_>>().join(", "))
    });
    let parts: Vec<String> = parts.collect();
    let mut text = words::count(chosen.len(), "finding");
    if !parts.is_empty() {
        _ = write!(text, ": {}", parts.join(", "));
    }
    if waived > 0 {
        _ = write!(text, "; {} waived, which `--status waived` lists", words::number(waived));
    }
    wrap(&text, style.width.max(40), "  ").join("\n") + "\n"
}

/// What live versions are called.
struct Slots<'r> {
    by_id: HashMap<&'r str, String>,
    several_accounts: bool,
}

impl<'r> Slots<'r> {
    fn of(report: &'r Report) -> Self {
        Self {
            by_id: report.live_versions.iter().map(|live| (live.id.as_str(), slot(live, report))).collect(),
            several_accounts: report.scope.accounts.len() > 1,
        }
    }

    /// What a finding is about: the name of a live version, else the kind of thing and its name.
    fn about(&self, finding: &FindingRow) -> String {
        let subject = &finding.subject;
        if let Some(slot) = subject.live_version.as_ref().and_then(|id| self.by_id.get(id.as_str())) {
            return slot.clone();
        }
        let account = if self.several_accounts && !subject.name.contains(subject.account.as_str()) {
            format!(" in {}", subject.account)
        } else {
            String::new()
        };
        match subject.kind.as_str() {
            "live_version" => subject.name.to_string(),
            "run" => "the run".to_owned(),
            kind => format!("{kind} {}{account}", subject.name),
        }
    }
}
