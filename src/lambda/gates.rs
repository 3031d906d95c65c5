//! Which gates fail, as was last told: an event is news only where one of them changed.
//!
//! A gate is a finding whose failure stops a live version, or bars it until it is fixed. What cannot be decided neither
//! opens nor closes one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::control::{Gate, Status};
use crate::report::document::{FindingRow, FindingState, Report};
use crate::store::{Store, StoreError, StoreErrorKind, Tag};

/// Name and version of the file.
const SCHEMA: &str = "countersign.gates/1";
/// Where it lies in the state.
const KEY: &str = "gates.json";
/// How often another invocation may have been quicker.
const ATTEMPTS: usize = 8;
/// Part of the reason of a finding that waits for an event of CloudTrail.
const MAY_ARRIVE: &str = "may still arrive";

/// Which gates fail, as was last told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gates {
    schema: String,
    /// When somebody was last told.
    at: Timestamp,
    /// By fingerprint of the finding.
    failing: BTreeMap<String, Failing>,
}

/// One gate that fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Failing {
    /// Code of the control.
    code: String,
    /// What was judged.
    subject: String,
    /// Since when that has been told.
    since: Timestamp,
}

/// One gate that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateChange {
    fingerprint: String,
    code: String,
    subject: String,
    /// Whether it fails now.
    fails: bool,
    reason: String,
}

impl GateChange {
    /// In plain words.
    pub fn words(&self) -> String {
        let Self { code, subject, reason, fails, .. } = self;
        if *fails {
            format!("{code} now fails for {subject}: {reason}")
        } else {
            format!("{code} no longer fails for {subject}: {reason}")
        }
    }
}

/// What changed in a report since it was last told; where nothing was told yet, since the last whole run that the archive
/// knows; where there was none, everything that fails.
pub fn changes(told: Option<&Gates>, report: &Report) -> Vec<GateChange> {
    let failed_before = |finding: &FindingRow| match told {
        Some(told) => told.failing.contains_key(finding.fingerprint.as_str()),
        None => matches!(finding.state, Some(FindingState::Open | FindingState::Healed)),
    };
    let change = |finding: &FindingRow| {
        let fails = fails(finding)?;
        (fails != failed_before(finding)).then(|| GateChange {
            fingerprint: finding.fingerprint.to_string(),
            code: finding.code.to_string(),
            subject: finding.subject.name.to_string(),
            fails,
            reason: finding.reason.to_string(),
        })
    };
    report.findings.iter().filter(|finding| is_gate(finding)).filter_map(change).collect()
}

/// Whether something could not be decided only because an event of CloudTrail may not have been delivered yet.
pub fn awaits_events(report: &Report) -> bool {
    let awaits = |finding: &FindingRow| finding.status == Status::Unknown && finding.reason.contains(MAY_ARRIVE);
    report.findings.iter().any(awaits)
}

fn is_gate(finding: &FindingRow) -> bool {
    matches!(finding.gate, Gate::Stop | Gate::Fix)
}

/// Whether a finding fails; `None` where that is not known.
fn fails(finding: &FindingRow) -> Option<bool> {
    match finding.status {
        Status::Fail => Some(true),
        Status::Unknown => None,
        Status::Pass | Status::NotApplicable | Status::Waived => Some(false),
    }
}

impl Gates {
    /// Everything that fails in the report of a whole run. What could not be decided stays as it was told.
    fn of(report: &Report, before: Option<&Self>) -> Self {
        let mut failing = BTreeMap::new();
        for finding in report.findings.iter().filter(|finding| is_gate(finding)) {
            let told = before.and_then(|before| before.failing.get(finding.fingerprint.as_str()));
            let now = Failing {
                code: finding.code.to_string(),
                subject: finding.subject.name.to_string(),
                since: report.collected_at,
            };
            match fails(finding) {
                Some(true) => drop(failing.insert(finding.fingerprint.to_string(), told.cloned().unwrap_or(now))),
                None => failing.extend(told.cloned().map(|told| (finding.fingerprint.to_string(), told))),
                Some(false) => {}
            }
        }
        Self { schema: SCHEMA.to_owned(), at: report.collected_at, failing }
    }

    fn with(mut self, changes: &[GateChange], at: Timestamp) -> Self {
        for change in changes {
            if change.fails {
                let failing = Failing { code: change.code.clone(), subject: change.subject.clone(), since: at };
                self.failing.insert(change.fingerprint.clone(), failing);
            } else {
                self.failing.remove(&change.fingerprint);
            }
        }
        Self { at, ..self }
    }

    fn load(store: &dyn Store) -> Result<Option<(Self, Tag)>, StoreError> {
        match store.get(KEY) {
            // One that is damaged is made anew.
            Ok(object) => {
                Ok(Some((serde_json::from_slice(&object.bytes).unwrap_or_else(|_| Self::nothing()), object.tag)))
            }
            Err(error) if error.kind == StoreErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn nothing() -> Self {
        Self { schema: SCHEMA.to_owned(), at: Timestamp::UNIX_EPOCH, failing: BTreeMap::new() }
    }

    fn save(&self, store: &dyn Store, read: Option<&Tag>) -> Result<bool, StoreError> {
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        let written = match read {
            Some(tag) => store.replace(KEY, &bytes, tag),
            None => store.put_new(KEY, &bytes),
        };
        match written {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.kind, StoreErrorKind::Changed | StoreErrorKind::Exists) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Reads what was told, makes the next of it, and keeps that under the condition that nobody else was quicker; else begins
/// again.
fn update<T>(store: &dyn Store, next: impl Fn(Option<&Gates>) -> (Option<Gates>, T)) -> Result<T, StoreError> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        let before = Gates::load(store)?;
        let (after, made) = next(before.as_ref().map(|(gates, _)| gates));
        let Some(after) = after else { return Ok(made) };
        if after.save(store, before.as_ref().map(|(_, tag)| tag))? {
            return Ok(made);
        }
        if attempt == ATTEMPTS {
            return Err(StoreError {
                verb: "write",
                place: format!("{}/{KEY}", store.name()),
                kind: StoreErrorKind::Changed,
                message: "other invocations were quicker each time".to_owned(),
            });
        }
    }
}

/// Keeps what a whole run tells.
///
/// # Errors
/// If the state cannot be read or written.
pub fn told_by_run(store: &dyn Store, report: &Report) -> Result<(), StoreError> {
    update(store, |before| (Some(Gates::of(report, before)), ()))
}

/// Which gates an event changed. They are kept as told before anybody is: of two events at once that show the same change,
/// one finds it told.
///
/// # Errors
/// If the state cannot be read or written.
pub fn told_by_event(store: &dyn Store, report: &Report) -> Result<Vec<GateChange>, StoreError> {
    update(store, |before| {
        let changed = changes(before, report);
        // Without anything told before, what failed in the last whole run was told by that.
        let seen = before.cloned().unwrap_or_else(|| Gates::of(report, None));
        let after = (!changed.is_empty() || before.is_none()).then(|| seen.with(&changed, report.collected_at));
        (after, changed)
    })
}

/// Takes back that somebody was told, where nobody could be.
///
/// # Errors
/// If the state cannot be read or written.
pub fn not_told(store: &dyn Store, changed: &[GateChange], at: Timestamp) -> Result<(), StoreError> {
    let back: Vec<GateChange> = changed.iter().map(|it| GateChange { fails: !it.fails, ..it.clone() }).collect();
    update(store, |before| (before.cloned().map(|before| before.with(&back, at)), ()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::*;
    use crate::evidence::{ApprovalStatus, FactKind, Package};
    use crate::run::judge;
    use crate::store::Folder;

    fn report(fixture: &Fixture) -> Report {
        judge(&fixture.snapshot, &fixture.policy, None)
    }

    fn rejected() -> Fixture {
        Fixture::sound().edit(|package: &mut Package| package.approval = Some(ApprovalStatus::Rejected))
    }

    fn codes(changes: &[GateChange]) -> Vec<(&str, bool)> {
        changes.iter().map(|change| (change.code.as_str(), change.fails)).collect()
    }

    #[test]
    fn a_gate_is_news_once_and_again_when_it_closes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(folder.path());
        told_by_run(&store, &report(&Fixture::sound())).unwrap();
        assert_eq!(told_by_event(&store, &report(&Fixture::sound())).unwrap(), []);

        let opened = told_by_event(&store, &report(&rejected())).unwrap();
        assert!(codes(&opened).contains(&("APR-001", true)), "{opened:?}");
        assert!(opened[0].words().contains("now fails for"), "{}", opened[0].words());
        assert_eq!(told_by_event(&store, &report(&rejected())).unwrap(), [], "it was told");

        let unread = report(&rejected().hidden_all(FactKind::Packages));
        assert_eq!(told_by_event(&store, &unread).unwrap(), [], "what cannot be read is no news");
        told_by_run(&store, &unread).unwrap();
        assert_eq!(
            told_by_event(&store, &report(&rejected())).unwrap(),
            [],
            "nor does a run forget what it cannot read"
        );

        let closed = told_by_event(&store, &report(&Fixture::sound())).unwrap();
        assert!(closed.len() == opened.len() && closed.iter().all(|change| !change.fails), "{closed:?}");
        assert!(closed[0].words().contains("no longer fails"));
    }

    #[test]
    fn what_could_not_be_told_is_news_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(folder.path());
        told_by_run(&store, &report(&Fixture::sound())).unwrap();
        let rejected = report(&rejected());
        let opened = told_by_event(&store, &rejected).unwrap();
        not_told(&store, &opened, rejected.collected_at).unwrap();
        assert_eq!(told_by_event(&store, &rejected).unwrap(), opened);
    }

    #[test]
    fn without_a_state_the_last_whole_run_is_what_was_told() {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(folder.path());
        let fixture = rejected();
        let told = Fixture {
            snapshot: crate::evidence::Snapshot {
                history: Some(crate::archive::as_history(&report(&fixture), "1")),
                ..fixture.snapshot.clone()
            },
            ..fixture
        };
        assert_eq!(told_by_event(&store, &report(&told)).unwrap(), []);
        assert_eq!(told_by_event(&store, &report(&rejected())).unwrap(), [], "and is kept");
        let folder = tempfile::tempdir().unwrap();
        let first = told_by_event(&Folder::new(folder.path()), &report(&rejected())).unwrap();
        assert!(codes(&first).contains(&("APR-001", true)), "nothing was ever told: {first:?}");
    }

    #[test]
    fn a_damaged_state_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(KEY), "{").unwrap();
        let opened = told_by_event(&Folder::new(folder.path()), &report(&rejected())).unwrap();
        assert!(!opened.is_empty());
        assert_eq!(told_by_event(&Folder::new(folder.path()), &report(&rejected())).unwrap(), []);
    }

    #[test]
    fn an_approval_whose_event_may_come_is_awaited() {
        let young = Fixture::sound().without_events().edit_named(PACKAGE, |package: &mut Package| {
            package.modified = Some(at("2026-06-01T11:55:00Z"));
        });
        assert!(awaits_events(&report(&young)));
        assert!(!awaits_events(&report(&Fixture::sound())));
    }
}
