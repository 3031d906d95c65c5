//! What changed since an earlier run, and how long approvals stay provable.

use std::fmt::Write as _;

use super::escape::{code, prose};
use super::{ROWS, left_out};
use crate::report::document::{Changes, Report};
use crate::report::words;

/// More changes than so many hide the rest of a comment.
const CHANGES: usize = 20;

pub(super) fn changes(page: &mut String, changes: &Changes) {
    _ = writeln!(page, "## What changed\n\n{}\n", prose(&changes.headline));
    if !changes.findings.is_empty() {
        page.push_str("| Change | Severity | Control | About | Cause |\n|---|---|---|---|---|\n");
        for row in changes.findings.iter().take(CHANGES) {
            _ = writeln!(
                page,
                "| {} | {} | {} | {} | {}: {} |",
                row.change.words(),
                words::severity(row.severity),
                code(&row.code),
                code(&row.subject),
                row.cause.words(),
                prose(&row.because),
            );
        }
        left_out(page, changes.findings.len(), CHANGES);
        page.push('\n');
    }
    for row in changes.live_versions.iter().take(CHANGES) {
        let key = |key: &Option<String>| key.as_deref().map_or_else(|| "nothing".to_owned(), code);
        _ = writeln!(page, "- {}: {} → {}", code(&row.id), key(&row.before), key(&row.now));
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
    let ending: Vec<_> =
        report.horizon.iter().filter(|row| row.until.is_some() || row.words.starts_with("out of reach")).collect();
    if ending.is_empty() {
        return;
    }
    page.push_str("## Evidence horizon\n\nUntil when live approvals can be proved if nothing is archived.\n\n");
    page.push_str("| Live version | Grade | Approved | Provable |\n|---|---|---|---|\n");
    for row in ending.iter().take(ROWS) {
        _ = writeln!(
            page,
            "| {} | {} | {} | {} |",
            code(&row.live_version),
            row.grade.as_str(),
            row.approved_at.map_or_else(|| "–".to_owned(), words::day),
            prose(&row.words),
        );
    }
    left_out(page, ending.len(), ROWS);
    page.push('\n');
}
