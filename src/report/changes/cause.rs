//! Why a finding changed: the estate, the policy, the controls, a permission, a reading that failed, or only the time.
//!
//! What decides, in this order: an answer that was refused or did not come; a control that did not judge then; another
//! version in the slot; facts that are not what they were (the [basis](super::basis) of the finding); another policy over
//! the same facts; another version of the controls over the same facts; and if nothing of it differs, the time has passed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Now;
use super::basis::{Facts, basis};
use super::sight::{asked, denied, hid, refusal, unseen};
use crate::control::Status;
use crate::evidence::{History, PastFinding, PastLiveVersion, Unseen};
use crate::report::document::{Cause, Change, ExclusionRow, FindingRow, GapRow, LiveVersionRow};
use crate::report::shared::Shared;

/// A cause and its words.
type Why = (Cause, String);

/// What can be said of causes before any one finding is looked at.
pub(super) struct Causes<'a> {
    history: &'a History,
    now: Now<'a>,
    facts: Facts<'a>,
    refused_then: BTreeSet<&'a str>,
    refused_now: BTreeSet<String>,
    unseen_then: BTreeSet<Unseen>,
    unseen_now: BTreeSet<Unseen>,
    controls_then: BTreeSet<&'a str>,
    controls_now: BTreeSet<&'a str>,
    excluded_then: BTreeSet<&'a str>,
    excluded_now: BTreeMap<&'a str, &'a ExclusionRow>,
    live_then: HashMap<&'a str, &'a PastLiveVersion>,
    live_now: HashMap<&'a str, &'a LiveVersionRow>,
    gaps: HashMap<&'a str, &'a GapRow>,
}

impl<'a> Causes<'a> {
    pub(super) fn new(history: &'a History, now: Now<'a>) -> Self {
        Self {
            history,
            now,
            facts: Facts::new(&history.findings, now.evidence),
            refused_then: history.refused.iter().map(String::as_str).collect(),
            refused_now: now.gaps.iter().filter(|gap| denied(gap)).map(refusal).collect(),
            unseen_then: history.unseen.iter().cloned().collect(),
            unseen_now: unseen(now.gaps),
            controls_then: history.controls.iter().map(String::as_str).collect(),
            controls_now: now.controls.iter().map(Shared::as_str).collect(),
            excluded_then: history.excluded.iter().map(String::as_str).collect(),
            excluded_now: now.exclusions.iter().map(|excluded| (excluded.id.as_str(), excluded)).collect(),
            live_then: history.live_versions.iter().map(|live| (live.id.as_str(), live)).collect(),
            live_now: now.live_versions.iter().map(|live| (live.id.as_str(), live)).collect(),
            gaps: now.gaps.iter().map(|gap| (gap.id.as_str(), gap)).collect(),
        }
    }

    /// Why this finding is not what it was.
    pub(super) fn of(&self, past: Option<&PastFinding>, row: &FindingRow) -> Why {
        let replaced = self.replaced(row);
        if row.status == Status::Unknown
            && let Some(why) = self.unread(row, replaced.as_deref())
        {
            return why;
        }
        let Some(past) = past else { return self.of_new(row) };
        if let Some(why) = self.read_again(past, row) {
            return why;
        }
        if let Some(replaced) = replaced {
            return (Cause::Estate, replaced);
        }
        self.compared(&past.basis, &basis(row, self.now.evidence))
    }

    /// What is left when everything that it rests on was read both times.
    fn compared(&self, before: &str, now: &str) -> Why {
        let same = before == now;
        let policy = self.history.policy_hash != self.now.policy_hash;
        let tool = self.history.tool != self.now.tool;
        let then = &self.history.tool;
        // Under another policy, or by other controls, it may rest on other facts although none of them changed.
        match same || ((policy || tool) && self.facts.same(before, now)) {
            true if policy => (Cause::Policy, "the facts are the same, the policy is another".to_owned()),
            true if tool => (Cause::Controls, format!("the facts are the same, {then} judged then")),
            true => (Cause::Time, "the facts and the policy are the same; time has passed".to_owned()),
            false if tool => {
                (Cause::Estate, format!("the facts are not what they were, or {then} told them otherwise"))
            }
            false if policy => {
                (Cause::Estate, "the facts are not what they were; the policy is another, too".to_owned())
            }
            false => (Cause::Estate, "the facts are not what they were".to_owned()),
        }
    }

    /// Another version fills the slot that the finding is about.
    fn replaced(&self, row: &FindingRow) -> Option<String> {
        let live = row.subject.live_version.as_deref()?;
        let (then, now) = (self.live_then.get(live)?, self.live_now.get(live)?);
        let replaced = then.replaced_by(&now.version_key, now.model.as_deref());
        replaced.then(|| "another version serves there".to_owned())
    }

    /// A finding that could not be decided then and is seen for the first time, or as it was decided before that.
    fn read_again(&self, past: &PastFinding, row: &FindingRow) -> Option<Why> {
        if past.status != Status::Unknown || row.status == Status::Unknown || past.hidden_by.is_empty() {
            return None;
        }
        let fails = |status| matches!(status, Status::Fail | Status::Waived);
        let otherwise = past.last_decided.is_some_and(|(status, _)| fails(status) != fails(row.status));
        if otherwise {
            return None;
        }
        let given = |call: &&String| self.refused_then.contains(call.as_str()) && !self.refused_now.contains(*call);
        Some(match past.hidden_by.iter().find(given) {
            Some(call) => (Cause::Permission, format!("AWS refused {call} then, and no longer does")),
            None => (Cause::Reading, "what could not be read then was read this time".to_owned()),
        })
    }

    fn of_new(&self, row: &FindingRow) -> Why {
        let (account, region) = (row.subject.account.as_str(), row.subject.region.as_str());
        let live = row.subject.live_version.as_deref();
        if !self.controls_then.contains(row.code.as_str()) {
            return (Cause::Controls, format!("{} did not judge then", row.code));
        }
        if let Some(call) = hid(&self.unseen_then, &row.subject.name, (account, region), live.is_some()) {
            return if self.refused_then.contains(call) {
                (Cause::Permission, format!("AWS refused {call} then, so it was not seen"))
            } else {
                (Cause::Reading, format!("{call} failed then, so it was not seen"))
            };
        }
        if !region.is_empty() && !self.history.read(account, region) {
            return (Cause::Reading, format!("{} was not read then", self.place(account, region)));
        }
        match live {
            Some(live) if self.excluded_then.contains(live) && self.policy_changed() => {
                (Cause::Policy, "the policy no longer leaves it out".to_owned())
            }
            Some(live) if self.excluded_then.contains(live) => (Cause::Estate, "it is no longer left out".to_owned()),
            Some(live) if !self.live_then.contains_key(live) => {
                (Cause::Estate, "it did not serve then, under this name".to_owned())
            }
            _ => (Cause::Estate, "it was not there then".to_owned()),
        }
    }

    /// What became of a finding that failed and is no longer in the report, and why.
    pub(super) fn of_vanished(&self, past: &PastFinding) -> (Change, Why) {
        let (account, region) = (past.account.as_str(), past.region.as_str());
        let is_live = self.live_then.contains_key(past.subject.as_str());
        if !self.controls_now.contains(past.code.as_str()) {
            return (Change::Gone, (Cause::Controls, format!("{} no longer judges", past.code)));
        }
        if !region.is_empty() && !self.now.scope.has_read(account, region) {
            let why = match hid(&self.unseen_now, &past.subject, (account, region), is_live) {
                Some(call) => self.not_seen(call),
                None => (Cause::Reading, format!("{} was not read this time", self.place(account, region))),
            };
            return (Change::OutOfSight, why);
        }
        if let Some(excluded) = self.excluded_now.get(past.subject.as_str()) {
            let cause = if self.policy_changed() { Cause::Policy } else { Cause::Estate };
            return (Change::Gone, (cause, format!("it is left out: {}", excluded.rule)));
        }
        if let Some(call) = hid(&self.unseen_now, &past.subject, (account, region), is_live) {
            return (Change::OutOfSight, self.not_seen(call));
        }
        if !is_live && self.policy_changed() && self.excluded_otherwise() {
            return (
                Change::Gone,
                (Cause::Policy, "the policy leaves out what it was about, or it is gone".to_owned()),
            );
        }
        (Change::Gone, (Cause::Estate, "it is no longer there".to_owned()))
    }

    fn not_seen(&self, call: &str) -> Why {
        if self.refused_now.contains(call) {
            (Cause::Permission, format!("AWS refuses {call} now, so nobody can say whether it is still there"))
        } else {
            (Cause::Reading, format!("{call} failed, so nobody can say whether it is still there"))
        }
    }

    /// The gap that made it unknown: first of all a call that AWS did not refuse before.
    fn unread(&self, row: &FindingRow, replaced: Option<&str>) -> Option<Why> {
        let gaps = || row.gap_ids.iter().filter_map(|id| self.gaps.get(id.as_str()).copied());
        let refuses = |gap: &GapRow| format!("AWS refuses {} now: {}", refusal(gap), gap.cause_words);
        let mut lost = gaps().filter(|gap| denied(gap) && !self.refused_then.contains(refusal(gap).as_str()));
        if let Some(gap) = lost.next() {
            return Some((Cause::Permission, refuses(gap)));
        }
        if let Some(gap) = gaps().find(|gap| !denied(gap)) {
            return Some((Cause::Reading, format!("{} could not be read: {}", refusal(gap), gap.cause_words)));
        }
        // Refused then too, for others: either this has begun to be refused, or it is something else that is asked for now.
        let gap = gaps().next()?;
        Some(match replaced {
            Some(replaced) => (Cause::Estate, format!("{replaced}, and AWS refuses {}", refusal(gap))),
            None => (Cause::Permission, refuses(gap)),
        })
    }

    /// Whether a live version that is in only one of the two runs was, or is, not looked for or not to be seen.
    pub(super) fn overlooked(&self, id: &str) -> bool {
        let mut parts = id.split('/');
        let place @ (account, region) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if self.live_now.contains_key(id) {
            self.excluded_then.contains(id)
                || !self.history.read(account, region)
                || hid(&self.unseen_then, id, place, true).is_some()
        } else {
            self.excluded_now.contains_key(id)
                || !self.now.scope.has_read(account, region)
                || hid(&self.unseen_now, id, place, true).is_some()
        }
    }

    fn policy_changed(&self) -> bool {
        self.history.policy_hash != self.now.policy_hash
    }

    fn excluded_otherwise(&self) -> bool {
        self.excluded_now.keys().any(|id| !self.excluded_then.contains(id))
    }

    /// A place in words: the region alone where all that is read is one account.
    fn place(&self, account: &str, region: &str) -> String {
        let one = account.is_empty() || (self.now.scope.parts.is_empty() && self.now.scope.accounts == [account]);
        if one { region.to_owned() } else { format!("{account}/{region}") }
    }

    /// Codes that judged only now, or only then.
    pub(super) fn other_controls(&self) -> Vec<String> {
        let (then, now) = (&self.controls_then, &self.controls_now);
        let only = |a: &BTreeSet<&str>, b: &BTreeSet<&str>, sign: char| -> Vec<String> {
            a.difference(b).map(|code| format!("{sign}{code}")).collect()
        };
        [only(now, then, '+'), only(then, now, '-')].concat()
    }

    /// Calls refused now and not then. Where nothing was read then, nothing is lost.
    pub(super) fn newly_refused(&self) -> Vec<String> {
        let (now, then) = (|at: Place<'_>| self.reads_now(at), |at: Place<'_>| self.read_then(at));
        let lost = |call: &&String| !self.refused_then.contains(call.as_str()) && !only(call, now, then);
        self.refused_now.iter().filter(lost).cloned().collect()
    }

    /// Calls refused then and not now. Where nothing is read now, nothing is given.
    pub(super) fn no_longer_refused(&self) -> Vec<String> {
        let (now, then) = (|at: Place<'_>| self.reads_now(at), |at: Place<'_>| self.read_then(at));
        let given = |call: &&str| !self.refused_now.contains(*call) && !only(call, then, now);
        self.refused_then.iter().copied().filter(given).map(str::to_owned).collect()
    }

    fn reads_now(&self, (account, region): Place<'_>) -> bool {
        self.now.scope.has_read(account, region)
    }

    fn read_then(&self, (account, region): Place<'_>) -> bool {
        self.history.read(account, region)
    }
}

/// Account and region.
type Place<'p> = (&'p str, &'p str);

/// Whether a call was made where only the first of two runs read.
fn only(call: &str, first: impl Fn(Place<'_>) -> bool, second: impl Fn(Place<'_>) -> bool) -> bool {
    let place = asked(call);
    first(place) && !second(place)
}
