//! How much of what gates was decided: the one control that is about the run itself.

use super::Finding;
use crate::control::{Gate, Status, Subject, Verdict, View};
use crate::evidence::GapCause;
use crate::policy::Policy;

/// A region or an account in which nothing serves is asked nothing.
fn gates(finding: &Finding<'_>) -> bool {
    let idle = matches!(finding.subject, Some(Subject::Region { .. } | Subject::Account { .. }))
        && finding.status == Status::NotApplicable;
    matches!(finding.gate, Gate::Stop | Gate::Fix | Gate::Operability) && !idle
}

/// Of all results of gate controls, how many are not unknown.
pub(super) fn share(findings: &[Finding<'_>]) -> (usize, usize) {
    let asked = || findings.iter().filter(|finding| gates(finding));
    (asked().filter(|finding| finding.status != Status::Unknown).count(), asked().count())
}

/// Judges the run, and names the gaps that it suffers from.
pub(super) fn judge(
    findings: &[Finding<'_>],
    (decided, asked): (usize, usize),
    policy: &Policy,
    view: &View<'_>,
) -> (Verdict, Vec<usize>) {
    if asked == 0 {
        return (Verdict::not_applicable("nothing serves, so there is nothing to be complete about"), Vec::new());
    }
    let unknown = || findings.iter().filter(|finding| gates(finding) && finding.status == Status::Unknown);
    let mut gaps: Vec<usize> = unknown().flat_map(|finding| finding.gaps.iter().copied()).collect();
    gaps.sort_unstable();
    gaps.dedup();
    let strict = unknown().filter(|finding| finding.gate != Gate::Operability).count();
    #[allow(clippy::cast_precision_loss, reason = "counts of findings are far below 2^52")]
    let share = decided as f64 / asked as f64;
    let counted = format!("over all that serves, {decided} of {asked} results are decided");
    let mut verdict = if strict > 0 {
        Verdict::fail(format!("{counted}, and {strict} that may stop or bar are unknown"))
    } else if share < policy.thresholds.evidence_share {
        Verdict::fail(format!("{counted}; {:.0} % are asked for", policy.thresholds.evidence_share * 100.0))
    } else {
        Verdict::pass(counted)
    };
    let mut denied: Vec<&str> = gaps
        .iter()
        .filter_map(|index| view.gap(*index))
        .filter(|gap| matches!(gap.cause, GapCause::Denied(_)))
        .map(|gap| gap.action.as_str())
        .collect();
    denied.sort_unstable();
    denied.dedup();
    if !denied.is_empty() {
        verdict = verdict.note(format!("denied: {}", denied.join(", ")));
    } else if gaps.is_empty() {
        // Everything could be read, and does not decide: no permission would help.
        verdict = verdict.remedy("settle the unknown findings: the reason of each says what would decide it");
    } else {
        verdict = verdict.remedy("run again: the gaps say which calls failed, and none of them was denied");
    }
    (verdict, gaps)
}
