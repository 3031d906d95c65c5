//! What changed since an earlier run, on a terminal.

use std::fmt::Write as _;

use super::{SHORT, Style, item, more, wrap};
use crate::report::changes::{Group, groups};
use crate::report::document::{Cause, Changes, LiveChangeRow, Report, ReportScope};
use crate::report::words;

/// The lines of a list before it is cut, where the changes are all that is asked for.
const LONG: usize = 200;

/// All changes, for `countersign diff`. The scope is that of the later report.
pub fn changes(changes: &Changes, scope: &ReportScope, style: Style) -> String {
    let style = Style { width: style.width.max(40), ..style };
    let mut out = String::new();
    section(&mut out, changes, scope, style, LONG);
    out
}

/// The changes that lead a summary.
pub(super) fn short(out: &mut String, changes: &Changes, scope: &ReportScope, style: Style) {
    section(out, changes, scope, style, SHORT);
    out.push('\n');
}

fn section(out: &mut String, changes: &Changes, scope: &ReportScope, style: Style, most: usize) {
    for text in wrap(&changes.headline, style.width, "") {
        _ = writeln!(out, "{}", style.bold(&text));
    }
    let groups = groups(&changes.findings);
    for group in groups.iter().take(most) {
        item(out, &finding(group, scope), style);
    }
    more(out, groups.len(), most);
    for row in changes.live_versions.iter().take(most) {
        item(out, &live(row, scope), style);
    }
    more(out, changes.live_versions.len(), most);
    for call in changes.newly_refused.iter().take(most) {
        item(out, &format!("- AWS now refuses {call}"), style);
    }
    more(out, changes.newly_refused.len(), most);
    let causes: Vec<String> = Cause::ALL
        .into_iter()
        .filter_map(|cause| {
            let count = changes.by_cause.get(cause.key()).copied().filter(|count| *count > 0)?;
            Some(format!("{} {}", cause.words(), words::number(count)))
        })
        .collect();
    if !causes.is_empty() {
        item(out, &format!("Causes: {}", causes.join(", ")), style);
    }
}

/// What happened, to what, why, and by what cause.
fn finding(group: &Group<'_>, scope: &ReportScope) -> String {
    let first = group.first;
    let (change, severity, cause) = (first.change.words(), words::severity(first.severity), first.cause.words());
    let subjects = group.subjects();
    let about = match subjects.as_slice() {
        [one] => words::short_id(one, scope).to_owned(),
        many => format!("{} subjects", words::number(many.len())),
    };
    format!("- {change} ({severity}): {} about {about}: {} [{cause}]", group.codes().join(", "), group.why())
}

fn live(row: &LiveChangeRow, scope: &ReportScope) -> String {
    let id = words::short_id(&row.id, scope);
    match (&row.before, &row.now) {
        (None, Some(now)) => format!("- now serving: {id} ({})", words::version(now)),
        (Some(before), None) => format!("- no longer serving: {id} ({})", words::version(before)),
        (before, now) => {
            let key = |key: &Option<String>| key.as_deref().map_or("nothing", words::version).to_owned();
            format!("- replaced: {id} ({} by {})", key(before), key(now))
        }
    }
}

/// Which approvals can be proved only so long, and how many no longer.
pub(super) fn horizon(report: &Report) -> Option<String> {
    let ending = report.horizon.iter().filter(|row| row.until.is_some()).count();
    let over = report.horizon.iter().filter(|row| row.over()).count();
    let next = report.horizon.first().and_then(|row| {
        let slot = words::short_id(&row.live_version, &report.scope);
        let first = format!("on {} ({slot})", words::day(row.until?));
        Some(match ending {
            1 => format!("1 approval falls out of reach {first}"),
            _ => format!("{} fall out of reach, the first {first}", words::count(ending, "approval")),
        })
    });
    let over = (over > 0).then(|| format!("{} out of reach already", words::count(over, "approval")));
    let said: Vec<String> = next.into_iter().chain(over).collect();
    (!said.is_empty()).then(|| format!("Evidence horizon, if nothing is archived: {}", said.join("; ")))
}
