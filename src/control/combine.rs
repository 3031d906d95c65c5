//! One result from several: a live version has several containers, packages, artifacts.

use super::{Status, Verdict};

/// The worst of several results: fail, then unknown, then pass, then not applicable. Results of the same status are
/// merged: the first gives the reason, the others add theirs as notes, and the strictest gate counts.
pub fn worst(verdicts: impl IntoIterator<Item = Verdict>) -> Option<Verdict> {
    let mut verdicts: Vec<Verdict> = verdicts.into_iter().collect();
    let status = verdicts.iter().map(|verdict| verdict.status).min_by_key(|status| rank(*status))?;
    verdicts.retain(|verdict| verdict.status == status);
    let mut all = verdicts.into_iter();
    let mut first = all.next()?;
    for other in all {
        if first.reason != other.reason {
            first.notes.push(other.reason);
        }
        first.notes.extend(other.notes);
        first.cites.extend(other.cites);
        first.gaps.extend(other.gaps);
        first.gate = first.gate.into_iter().chain(other.gate).min();
        first.remedy = first.remedy.or(other.remedy);
        // One fact that is enough to fail is enough for all; everything else needs all of them.
        first.settled =
            if status == Status::Fail { first.settled || other.settled } else { first.settled && other.settled };
    }
    Some(first)
}

fn rank(status: Status) -> u8 {
    match status {
        Status::Fail => 0,
        Status::Unknown => 1,
        Status::Waived => 2,
        Status::Pass => 3,
        Status::NotApplicable => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Gate;

    #[test]
    fn the_worst_result_counts_and_keeps_the_reasons_of_its_like() {
        let verdict = worst([
            Verdict::pass("a is fine"),
            Verdict::fail("b is wrong").gate(Gate::Fix),
            Verdict::unknown("c is not known"),
            Verdict::fail("d is wrong").gate(Gate::Stop),
        ])
        .unwrap();
        assert_eq!((verdict.status, verdict.gate), (Status::Fail, Some(Gate::Stop)));
        assert_eq!((verdict.reason.as_str(), verdict.notes.as_slice()), ("b is wrong", &["d is wrong".to_owned()][..]));
        assert_eq!(worst([]), None);
    }

    #[test]
    fn one_settled_failure_settles_all_but_passes_only_together() {
        assert!(worst([Verdict::fail("a"), Verdict::fail("b").settled()]).unwrap().settled);
        assert!(!worst([Verdict::not_applicable("a"), Verdict::not_applicable("b").settled()]).unwrap().settled);
    }
}
