//! What became of each finding over runs.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use crate::control::Status;
use crate::evidence::{History, PastFinding};
use crate::report::changes::{basis, hidden_by};
use crate::report::document::{FindingRow, GapRow, Report};

/// Every finding as this report leaves it, sorted by fingerprint.
///
/// * A failure begins when it is first seen, and lasts until a pass: an unknown in between, or a control that does not
///   apply for a while, erases nothing. So a lost permission keeps "last known fail".
/// * A waived failure is a failure that somebody answers for.
/// * What failed, passed and fails again begins anew, and is known to have been healed before.
/// * What is no longer in the report stays if it ever failed, or if its account and region were not read this time.
pub fn ledger(previous: Option<&History>, report: &Report) -> Vec<PastFinding> {
    let past = previous.map_or(&[][..], |history| history.findings.as_slice());
    let mut left: BTreeMap<&str, &PastFinding> = past.iter().map(|past| (past.fingerprint.as_str(), past)).collect();
    let gaps: HashMap<&str, &GapRow> = report.gaps.iter().map(|gap| (gap.id.as_str(), gap)).collect();
    let mut all: Vec<PastFinding> = Vec::with_capacity(report.findings.len());
    for row in &report.findings {
        let past = left.remove(row.fingerprint.as_str());
        // What could not be decided is compared, once it can be, with what was decided last.
        let decided_before = past.filter(|past| row.status == Status::Unknown && past.last_decided.is_some());
        let basis = decided_before.map_or_else(|| basis(row, &report.evidence), |past| past.basis.clone());
        all.push(PastFinding { basis, hidden_by: hidden_by(row, &gaps), ..next(past, row, report.collected_at) });
    }
    let unread = |past: &&PastFinding| !past.region.is_empty() && !report.scope.has_read(&past.account, &past.region);
    all.extend(left.into_values().filter(|past| past.first_seen.is_some() || unread(past)).cloned());
    all.sort_by(|a, b| a.fingerprint.cmp(&b.fingerprint));
    all
}

fn next(past: Option<&PastFinding>, row: &FindingRow, at: Timestamp) -> PastFinding {
    let decided = past.and_then(|past| past.last_decided);
    let was_failing = decided.is_some_and(|(status, _)| fails(status));
    let first_seen = past.and_then(|past| past.first_seen);
    let (first_seen, last_decided) = match row.status {
        status if fails(status) => (if was_failing { first_seen.or(Some(at)) } else { Some(at) }, Some((status, at))),
        Status::Pass => (first_seen, Some((Status::Pass, at))),
        _ => (first_seen, decided),
    };
    let heals = row.status == Status::Pass && was_failing;
    PastFinding {
        fingerprint: row.fingerprint.to_string(),
        code: row.code.to_string(),
        subject: row.subject.name.to_string(),
        status: row.status,
        severity: row.severity,
        account: row.subject.account.to_string(),
        region: row.subject.region.to_string(),
        last_seen: at,
        first_seen,
        last_decided,
        healed_before: heals || past.is_some_and(|past| past.healed_before),
        basis: String::new(),
        hidden_by: Vec::new(),
    }
}

fn fails(status: Status) -> bool {
    matches!(status, Status::Fail | Status::Waived)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::estate::fixture::{Fixture, REGION};
    use crate::run::judge;

    /// A report with one finding of this status, collected at this hour.
    fn report(status: Status, hour: i64) -> Report {
        let fixture = Fixture::sound();
        let mut report = judge(&fixture.snapshot, &fixture.policy, None);
        report.findings.truncate(1);
        report.findings[0].status = status;
        report.collected_at = at(hour);
        report
    }

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(hour * 3_600).unwrap()
    }

    fn history(findings: Vec<PastFinding>) -> History {
        History {
            archive: "archive".to_owned(),
            run: "sha256:".to_owned(),
            at: at(0),
            tool: String::new(),
            policy_hash: String::new(),
            regions: vec![REGION.to_owned()],
            places: Vec::new(),
            controls: Vec::new(),
            findings,
            live_versions: Vec::new(),
            refused: Vec::new(),
            unseen: Vec::new(),
            excluded: Vec::new(),
        }
    }

    /// The finding after runs that reported it so, one an hour from 1 on.
    fn after(statuses: &[Status]) -> PastFinding {
        let mut past: Option<History> = None;
        for (hour, status) in (1..).zip(statuses) {
            past = Some(history(ledger(past.as_ref(), &report(*status, hour))));
        }
        past.unwrap().findings.remove(0)
    }

    #[test]
    fn a_failure_begins_lasts_heals_and_comes_back() {
        use Status::{Fail, NotApplicable, Pass, Unknown, Waived};
        let is = |statuses: &[Status], first, decided, healed| {
            let past = after(statuses);
            assert_eq!((past.status, past.last_seen), (*statuses.last().unwrap(), at(statuses.len() as i64)));
            assert_eq!(
                (past.first_seen, past.last_decided, past.healed_before),
                (first, decided, healed),
                "{statuses:?}"
            );
        };
        is(&[Pass], None, Some((Pass, at(1))), false);
        is(&[Unknown], None, None, false);
        is(&[Fail], Some(at(1)), Some((Fail, at(1))), false);
        is(&[Fail, Fail], Some(at(1)), Some((Fail, at(2))), false);
        is(&[Fail, Waived], Some(at(1)), Some((Waived, at(2))), false);
        is(&[Fail, Unknown], Some(at(1)), Some((Fail, at(1))), false);
        is(&[Fail, Unknown, NotApplicable, Fail], Some(at(1)), Some((Fail, at(4))), false);
        is(&[Fail, Pass], Some(at(1)), Some((Pass, at(2))), true);
        is(&[Fail, Pass, Unknown], Some(at(1)), Some((Pass, at(2))), true);
        is(&[Fail, Pass, Fail], Some(at(3)), Some((Fail, at(3))), true);
        is(&[Pass, Unknown, Fail], Some(at(3)), Some((Fail, at(3))), false);
    }

    #[test]
    fn what_is_no_longer_reported_is_kept_as_long_as_it_says_something() {
        let kept = |status, region: &str| {
            let mut first = report(status, 1);
            let mut subject = (*first.findings[0].subject).clone();
            subject.region = region.into();
            first.findings[0].subject = Arc::new(subject);
            let mut second = report(status, 2);
            second.findings.clear();
            let left = ledger(Some(&history(ledger(None, &first))), &second);
            left.first().map(|past| (past.status, past.last_seen))
        };
        assert_eq!(kept(Status::Pass, REGION), None, "its subject is gone");
        assert_eq!(kept(Status::Fail, REGION), Some((Status::Fail, at(1))), "it may come back");
        assert_eq!(kept(Status::Pass, "us-east-1"), Some((Status::Pass, at(1))), "nobody looked");
    }

    fn statuses() -> impl Strategy<Value = Vec<Status>> {
        let any = prop::sample::select(vec![
            Status::Pass,
            Status::Fail,
            Status::Unknown,
            Status::NotApplicable,
            Status::Waived,
        ]);
        prop::collection::vec(any, 1..8)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn an_unknown_changes_nothing_but_the_status(statuses in statuses(), place in 0..8_usize) {
            let mut with = statuses.clone();
            with.insert(place % statuses.len() + 1, Status::Unknown);
            let decided = |past: &PastFinding| (past.last_decided.map(|(status, _)| status), past.healed_before, past.first_seen.is_some());
            prop_assert_eq!(decided(&after(&with)), decided(&after(&statuses)));
        }

        #[test]
        fn the_last_decision_is_the_last_decided_status(statuses in statuses()) {
            let last = statuses.iter().rev().find(|status| fails(**status) || **status == Status::Pass).copied();
            prop_assert_eq!(after(&statuses).last_decided.map(|(status, _)| status), last);
        }
    }
}
