//! From findings to the readiness of each live version.

use jiff::SignedDuration;

use super::Finding;
use crate::control::Status;
use crate::estate::{Estate, LiveVersion};
use crate::policy::Policy;
use crate::readiness::{Outcome, Readiness, decide};

/// What no control of this version looks at, and expansion asks for.
const TREND: &str = "show 14 days in which errors, latency and drift got no worse, which this version does not measure";

/// Readiness of each live version: its own findings, those of alarms and buckets that touch it, and the run's.
pub(super) fn of_each(findings: &[Finding<'_>], estate: &Estate<'_>, policy: &Policy) -> Vec<Readiness> {
    let mut outcomes: Vec<Vec<Outcome>> = estate.live.iter().map(|_| Vec::new()).collect();
    for finding in findings.iter().filter(|finding| !matches!(finding.status, Status::Pass | Status::NotApplicable)) {
        if finding.subject.is_none() {
            for of_live in &mut outcomes {
                of_live.push(outcome(finding));
            }
        }
        for touched in &finding.touches {
            if let Some(of_live) = outcomes.get_mut(*touched) {
                of_live.push(outcome(finding));
            }
        }
    }
    let judged = estate.live.iter().zip(&outcomes);
    judged.map(|(live, outcomes)| decide(outcomes, live.stage.stage, &hurdles(live, estate, policy))).collect()
}

fn outcome(finding: &Finding<'_>) -> Outcome {
    Outcome {
        code: finding.control.code.to_owned(),
        status: finding.last_known.map_or(finding.status, |(status, _)| status),
        gate: finding.gate,
        severity: finding.severity,
    }
}

/// What stands against expansion beside the controls.
fn hurdles(live: &LiveVersion<'_>, estate: &Estate<'_>, policy: &Policy) -> Vec<String> {
    let soak = SignedDuration::from_hours(policy.thresholds.soak_days.saturating_mul(24));
    let mut hurdles = vec![TREND.to_owned()];
    match live.live_from {
        None => hurdles.push("show since when it serves".to_owned()),
        Some(from) if estate.as_of.duration_since(from.at) < soak => {
            hurdles.push(format!("serve for {} days, since {}", policy.thresholds.soak_days, from.at));
        }
        Some(_) => {}
    }
    hurdles
}
