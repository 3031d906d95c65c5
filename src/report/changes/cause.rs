//! Why a finding changed: the estate, the policy, the controls, a permission, a reading that failed, or only the time.
//!
//! What decides, in this order: an answer that was refused or did not come; a control that did not judge then; facts that
//! are not what they were (the **basis** of the finding); another policy over the same facts; another version of the
//! controls over the same facts; and if nothing of it differs, the time has passed.

use std::collections::BTreeSet;

use super::{Now, basis};
use crate::control::Status;
use crate::evidence::{History, PastFinding};
use crate::report::document::{Cause, FindingRow, GapRow};
use crate::report::shared::Shared;

/// What can be said of causes before any one finding is looked at.
pub(super) struct Causes<'a> {
    history: &'a History,
    now: Now<'a>,
    refused_then: BTreeSet<&'a str>,
    refused_now: BTreeSet<String>,
    controls_then: BTreeSet<&'a str>,
    controls_now: BTreeSet<&'a str>,
    live_then: BTreeSet<&'a str>,
}

impl<'a> Causes<'a> {
    pub(super) fn new(history: &'a History, now: Now<'a>) -> Self {
        Self {
            history,
            now,
            refused_then: history.refused.iter().map(String::as_str).collect(),
            refused_now: now.gaps.iter().filter(|gap| denied(gap)).map(refusal).collect(),
            controls_then: history.controls.iter().map(String::as_str).collect(),
            controls_now: now.controls.iter().map(Shared::as_str).collect(),
            live_then: history.live_versions.iter().map(|live| live.id.as_str()).collect(),
        }
    }

    /// Why this finding is not what it was.
    pub(super) fn of(&self, past: Option<&PastFinding>, row: &FindingRow) -> (Cause, String) {
        if row.status == Status::Unknown
            && let Some(unread) = self.unread(row)
        {
            return unread;
        }
        let Some(past) = past else { return self.of_new(row) };
        if past.status == Status::Unknown && row.status != Status::Unknown {
            if let Some(call) = self.no_longer_refused().first() {
                return (Cause::Permission, format!("AWS refused {call} then, and no longer does"));
            }
            if past.basis.is_empty() || past.basis == basis(row, self.now.evidence) {
                return (Cause::Reading, "what could not be read then was read this time".to_owned());
            }
        }
        if past.basis != basis(row, self.now.evidence) {
            return (Cause::Estate, "the facts are not what they were".to_owned());
        }
        if self.history.policy_hash != self.now.policy_hash {
            return (Cause::Policy, "the facts are the same, the policy is another".to_owned());
        }
        if self.history.tool != self.now.tool {
            return (Cause::Controls, format!("the facts are the same, {} judged then", self.history.tool));
        }
        (Cause::Time, "the facts and the policy are the same; time has passed".to_owned())
    }

    fn of_new(&self, row: &FindingRow) -> (Cause, String) {
        if !self.controls_then.contains(row.code.as_str()) {
            return (Cause::Controls, format!("{} did not judge then", row.code));
        }
        let region = row.subject.region.as_str();
        if !region.is_empty() && !self.history.regions.iter().any(|read| read == region) {
            return (Cause::Reading, format!("{region} was not read then"));
        }
        match row.subject.live_version.as_deref() {
            Some(live) if !self.live_then.contains(live) => {
                (Cause::Estate, "it did not serve then, under this name".to_owned())
            }
            _ => (Cause::Estate, "it was not there then".to_owned()),
        }
    }

    /// Why a finding that failed is no longer in the report.
    pub(super) fn of_vanished(&self, past: &PastFinding) -> (Cause, String) {
        if !self.controls_now.contains(past.code.as_str()) {
            return (Cause::Controls, format!("{} no longer judges", past.code));
        }
        if !past.region.is_empty() && !self.now.scope.regions.contains(&past.region) {
            return (Cause::Reading, format!("{} was not read this time", past.region));
        }
        if self.history.policy_hash != self.now.policy_hash {
            return (Cause::Policy, "it is no longer there, or the policy leaves it out".to_owned());
        }
        (Cause::Estate, "it is no longer there".to_owned())
    }

    /// The gap that made it unknown: first of all one that AWS did not refuse before.
    fn unread(&self, row: &FindingRow) -> Option<(Cause, String)> {
        let gaps: Vec<&GapRow> =
            row.gap_ids.iter().filter_map(|id| self.now.gaps.iter().find(|gap| gap.id == *id)).collect();
        let lost = gaps.iter().find(|gap| denied(gap) && !self.refused_then.contains(refusal(gap).as_str()));
        if let Some(gap) = lost {
            return Some((Cause::Permission, format!("AWS refuses {} now: {}", refusal(gap), gap.cause_words)));
        }
        let other = gaps.iter().find(|gap| !denied(gap)).or(gaps.first())?;
        Some((Cause::Reading, format!("{} could not be read: {}", refusal(other), other.cause_words)))
    }

    /// Codes that judged only now, or only then.
    pub(super) fn other_controls(&self) -> Vec<String> {
        let (then, now) = (&self.controls_then, &self.controls_now);
        let only = |a: &BTreeSet<&str>, b: &BTreeSet<&str>, sign: char| -> Vec<String> {
            a.difference(b).map(|code| format!("{sign}{code}")).collect()
        };
        [only(now, then, '+'), only(then, now, '-')].concat()
    }

    pub(super) fn newly_refused(&self) -> Vec<String> {
        self.refused_now.iter().filter(|call| !self.refused_then.contains(call.as_str())).cloned().collect()
    }

    pub(super) fn no_longer_refused(&self) -> Vec<String> {
        let still = |call: &&str| !self.refused_now.contains(*call);
        self.refused_then.iter().copied().filter(still).map(str::to_owned).collect()
    }
}

fn denied(gap: &GapRow) -> bool {
    gap.cause == "denied"
}

/// A refused call as [`History::refused`] names it.
pub(crate) fn refusal(gap: &GapRow) -> String {
    format!("{} in {}/{}", gap.call, gap.account, gap.region)
}
