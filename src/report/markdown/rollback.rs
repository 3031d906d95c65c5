//! The way back of the live versions that are worst off.

use std::fmt::Write as _;

use super::escape::{code, prose};
use super::{TIMELINES, left_out, slot};
use crate::readiness::ReadinessVerdict;
use crate::report::document::{LiveVersionRow, Report, RollbackRow};
use crate::report::words;

pub(super) fn rollbacks(page: &mut String, report: &Report) {
    let urgent = |live: &&LiveVersionRow| {
        !matches!(live.readiness.verdict, ReadinessVerdict::OperateAsIs | ReadinessVerdict::Expand)
    };
    let mut rows: Vec<(&LiveVersionRow, &RollbackRow)> =
        report.live_versions.iter().filter(urgent).filter_map(|live| Some((live, live.rollback.as_ref()?))).collect();
    if rows.is_empty() {
        return;
    }
    rows.sort_by_key(|(live, _)| words::verdict_rank(live.readiness.verdict));
    page.push_str("## The way back\n\n");
    for (live, back) in rows.iter().take(TIMELINES) {
        let (slot, state, summary) = (slot(live, &report.scope), back.state.words(), prose(&back.summary));
        // Writing to a string never fails.
        _ = writeln!(page, "- {slot}: **{state}**: {summary}.");
        for step in &back.steps {
            let command = step.command.as_deref().map(|command| format!(": {}", code(command)));
            _ = writeln!(page, "  - {}{}", prose(&step.what), command.unwrap_or_default());
        }
    }
    left_out(page, rows.len(), TIMELINES);
    page.push('\n');
}
