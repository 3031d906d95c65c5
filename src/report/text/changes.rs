//! What changed since an earlier run, on a terminal.

use std::fmt::Write as _;

use super::{SHORT, Style, item, more, wrap};
use crate::report::document::{Cause, ChangeRow, Changes, LiveChangeRow};
use crate::report::words;

/// The lines of a list before it is cut, where the changes are all that is asked for.
const LONG: usize = 200;

/// All changes, for `countersign diff`.
pub fn changes(changes: &Changes, style: Style) -> String {
    let style = Style { width: style.width.max(40), ..style };
    let mut out = String::new();
    section(&mut out, changes, style, LONG);
    out
}

/// The changes that lead a summary.
pub(super) fn short(out: &mut String, changes: &Changes, style: Style) {
    section(out, changes, style, SHORT);
    out.push('\n');
}

fn section(out: &mut String, changes: &Changes, style: Style, most: usize) {
    for text in wrap(&changes.headline, style.width, "") {
        _ = writeln!(out, "{}", style.bold(&text));
    }
    for row in changes.findings.iter().take(most) {
        item(out, &finding(row), style);
    }
    if changes.findings.len() > most {
        more(out, changes.findings.len());
    }
    for row in changes.live_versions.iter().take(most) {
        item(out, &live(row), style);
    }
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
    for call in changes.newly_refused.iter().take(most) {
        item(out, &format!("- AWS now refuses {call}"), style);
    }
}

fn finding(row: &ChangeRow) -> String {
    let change = row.change.words();
    format!("- {change}: {} {} ({}): {}", row.code, row.subject, words::severity(row.severity), row.because)
}

fn live(row: &LiveChangeRow) -> String {
    match (&row.before, &row.now) {
        (None, Some(now)) => format!("- now serving: {} ({now})", row.id),
        (Some(before), None) => format!("- no longer serving: {} ({before})", row.id),
        (before, now) => {
            let key = |key: &Option<String>| key.as_deref().unwrap_or("nothing").to_owned();
            format!("- replaced: {} ({} by {})", row.id, key(before), key(now))
        }
    }
}
