//! What changed since an earlier run, and how long approvals stay provable.

use std::fmt::Write as _;

use super::escape::{code, prose};
use super::{ROWS, left_out};
use crate::report::changes::groups;
use crate::report::document::{Changes, Report, ReportScope};
use crate::report::words;

/// More changes than so many hide the rest of a comment.
const CHANGES: usize = 20;

/// So many subjects of one group are named.
const SUBJECTS: usize = 3;

pub(super) fn changes(page: &mut String, changes: &Changes, scope: &ReportScope) {
    _ = writeln!(page, "## What changed\n\n{}\n", prose(&changes.headline));
    let groups = groups(&changes.findings);
    if !groups.is_empty() {
        page.push_str("| Change | Severity | Control | About | Why | Cause |\n|---|---|---|---|---|---|\n");
        for group in groups.iter().take(CHANGES) {
            let (first, subjects) = (group.first, group.subjects());
            let mut about: Vec<String> =
                subjects.iter().take(SUBJECTS).map(|subject| code(words::short_id(subject, scope))).collect();
            if subjects.len() > SUBJECTS {
                about.push(format!("and {} more", words::number(subjects.len() - SUBJECTS)));
            }
            _ = writeln!(
                page,
                "| {} | {} | {} | {} | {} | {} |",
                first.change.words(),
                words::severity(first.severity),
                group.codes().into_iter().map(code).collect::<Vec<_>>().join(" "),
                about.join(", "),
                prose(group.why()),
                first.cause.words(),
            );
        }
        left_out(page, groups.len(), CHANGES);
        page.push('\n');
    }
    for row in changes.live_versions.iter().take(CHANGES) {
        let key =
            |key: &Option<String>| key.as_deref().map_or_else(|| "nothing".to_owned(), |key| code(words::version(key)));
        _ = writeln!(page, "- {}: {} → {}", code(words::short_id(&row.id, scope)), key(&row.before), key(&row.now));
    }
    for call in changes.newly_refused.iter().take(CHANGES) {
        _ = writeln!(page, "- AWS now refuses {}", code(call));
    }
    if !changes.live_versions.is_empty() || !changes.newly_refused.is_empty() {
        page.push('\n');
    }
}

/// The approvals whose proof ends, or has ended; what stays is not listed.
pub(super) fn horizon(page: &mut String, report: &Report) {
    let ending: Vec<_> = report.horizon.iter().filter(|row| row.until.is_some() || row.over()).collect();
    if ending.is_empty() {
        return;
    }
    page.push_str("## Evidence horizon\n\nUntil when live approvals can be proved if nothing is archived.\n\n");
    page.push_str("| Live version | Grade | Approved | Provable |\n|---|---|---|---|\n");
    for row in ending.iter().take(ROWS) {
        _ = writeln!(
            page,
            "| {} | {} | {} | {} |",
            code(words::short_id(&row.live_version, &report.scope)),
            row.grade.as_str(),
            row.approved_at.map_or_else(|| "–".to_owned(), words::day),
            prose(&row.words),
        );
    }
    left_out(page, ending.len(), ROWS);
    page.push('\n');
}
