//! What failed when it was last decided still counts while it cannot be decided.

use std::collections::HashMap;

use super::Finding;
use crate::control::{Status, Subject};
use crate::estate::Estate;
use crate::evidence::{History, PastFinding, PastLiveVersion};

/// Gives every unknown finding what an earlier run decided of the same subject, if that was a failure.
///
/// A live version is the same subject only while the same version fills its slot: what another version did there says
/// nothing of this one.
pub(super) fn recall(findings: &mut [Finding<'_>], estate: &Estate<'_>) {
    let Some(history) = &estate.snapshot.history else { return };
    let failed = history.findings.iter().filter(|past| failed(past));
    let past: HashMap<_, &PastFinding> =
        failed.map(|past| ((past.code.as_str(), past.subject.as_str(), place(past)), past)).collect();
    let filled = versions(history);
    for finding in findings.iter_mut().filter(|finding| finding.status == Status::Unknown) {
        let (name, (account, region)) = (finding.subject_name(), asked(finding.subject.as_ref()));
        let of = |account| past.get(&(finding.control.code, name.as_str(), (account, region)));
        // Earlier versions wrote down no account: there was only one.
        let Some(past) = of(account).or_else(|| of("")) else { continue };
        let replaced = match finding.subject {
            Some(Subject::LiveVersion(live)) => {
                let past = filled.get(live.id.as_str());
                past.is_none_or(|past| past.replaced_by(&live.version_key, live.model_name))
            }
            _ => false,
        };
        if replaced {
            continue;
        }
        if let Some((status, at)) = past.last_decided {
            let word = if status == Status::Waived { "failed and was waived" } else { "failed" };
            finding.verdict.notes.insert(
                0,
                format!("it {word} when it was last decided, at {at}, and counts so until it can be decided again"),
            );
            finding.last_known = Some((status, at));
        }
    }
}

fn failed(past: &PastFinding) -> bool {
    past.last_decided.is_some_and(|(status, _)| matches!(status, Status::Fail | Status::Waived))
}

fn versions(history: &History) -> HashMap<&str, &PastLiveVersion> {
    history.live_versions.iter().map(|live| (live.id.as_str(), live)).collect()
}

/// Account and region that a finding of the past was about.
fn place(past: &PastFinding) -> (&str, &str) {
    (&past.account, &past.region)
}

/// Account and region of a subject.
fn asked<'a>(subject: Option<&Subject<'a>>) -> (&'a str, &'a str) {
    match subject {
        Some(Subject::LiveVersion(live)) => (live.account, live.region),
        Some(Subject::Alarm(bound)) => (&bound.alarm.account, &bound.alarm.region),
        Some(Subject::Bucket { account, region, .. } | Subject::Region { account, region }) => (account, region),
        Some(Subject::Account { account }) => (account, ""),
        None => ("", ""),
    }
}
