//! Five answers for whoever reviews security: is all that is live approved and unchanged, and can that be believed?

use super::grades::Grades;
use super::{Answer, Line, Shown, Tally, Tone, rank, tally};
use crate::control::Status;
use crate::report::document::{ContainerRow, LiveVersionRow, Report};
use crate::report::words;

/// What makes the evidence trustworthy: a control, and its requirement met, not met and not known.
const TRUST: [(&str, &str, &str, &str); 3] = [
    (
        "AUD-001",
        "a signed trail keeps every write",
        "no signed trail keeps every write",
        "whether a signed trail keeps every write is not known",
    ),
    (
        "AUD-004",
        "nobody tampered with logs or alarms",
        "logs or alarms were tampered with",
        "whether logs and alarms were tampered with is not known",
    ),
    (
        "AUD-002",
        "it reaches back to every live approval",
        "it does not reach back to every live approval",
        "whether it reaches back to every approval is not known",
    ),
];

pub(super) fn answers(report: &Report) -> Vec<Answer> {
    vec![approved(report), changed(report), proved(report), four_eyes(report), trusted(report)]
}

fn approved(report: &Report) -> Answer {
    let count = |wanted| report.live_versions.iter().filter(|version| is_approved(version) == wanted).count();
    let tally =
        Tally { bad: count(Some(false)), unknown: count(None), asked: report.live_versions.len(), ..Tally::default() };
    Answer::counted("Is anything live that was not approved?", &tally, "live without being Approved").at("approvals")
}

/// Whether all of a live version is Approved now; `None` where that is not known of a part and no other part is known not to
/// be.
fn is_approved(version: &LiveVersionRow) -> Option<bool> {
    let unseen =
        |container: &ContainerRow| matches!(&*container.registration, "unseen" | "unknown" | "ambiguous" | "url_only");
    let Some(worst) = &version.approval else {
        return if version.containers.iter().all(unseen) { None } else { Some(false) };
    };
    let mut known = true;
    for approval in std::iter::once(worst).chain(&version.further_approvals) {
        match approval.status.as_deref() {
            Some("Approved") => {}
            Some(_) => return Some(false),
            // A package without a version never has a status: nobody can approve it.
            None if !versioned(&approval.package_arn) => return Some(false),
            None => known = false,
        }
    }
    (known && !version.containers.iter().any(unseen)).then_some(true)
}

/// Whether the ARN of a package ends with a group and a version.
fn versioned(arn: &str) -> bool {
    arn.split_once(":model-package/").is_some_and(|(_, name)| name.contains('/'))
}

fn changed(report: &Report) -> Answer {
    let question = "Was anything changed after it was approved?";
    let (artifacts, contents) = (tally(report, &["ART-001"]).bad, tally(report, &["APR-008"]).bad);
    let both = tally(report, &["ART-001", "APR-008"]);
    let told = [(artifacts, "by another artifact"), (contents, "by an edit")];
    let told = told.into_iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = told.map(|(count, how)| format!("{} {how}", words::number(count))).collect();
    let how = (!told.is_empty()).then(|| words::list(&told));
    let counted = Answer::counted(question, &both, "changed since").at("artifacts");
    let waived = counted.more.clone();
    Answer { more: how, ..counted }.adding(waived)
}

fn proved(report: &Report) -> Answer {
    let question = "How well is each approval proved?";
    let grades = Grades::new(report);
    if grades.all == 0 {
        return Answer::said(question, "no approval of what serves is known").at("approvals");
    }
    Answer {
        figure: Some(words::number(grades.proved)),
        of: Some(format!("of {}", words::number(grades.all))),
        tone: if grades.proved == grades.all { Tone::Good } else { Tone::Weak },
        shown: Shown::Grades(grades),
        ..Answer::said(question, "proved by an event: grades A to C").at("approvals")
    }
}

fn four_eyes(report: &Report) -> Answer {
    let tally = tally(report, &["APR-003"]);
    let words = "approved by who registered or deployed it";
    Answer::counted("Did anybody approve their own work?", &tally, words).at("approvals")
}

fn trusted(report: &Report) -> Answer {
    let lines = TRUST.into_iter().filter_map(|(code, met, not_met, unknown)| {
        let worst =
            report.findings.iter().filter(|finding| *finding.code == *code).min_by_key(|finding| rank(finding))?;
        let (tone, words) = match worst.status {
            Status::Pass => (Tone::Good, met),
            Status::Fail => (Tone::Bad, not_met),
            Status::Waived => (Tone::Weak, not_met),
            Status::Unknown => (Tone::Unknown, unknown),
            Status::NotApplicable => return None,
        };
        Some(Line { tone, day: None, words: words::sentence(words) })
    });
    let share = report.summary.evidence_share;
    let gaps = report.gaps.len();
    Answer {
        figure: share.map(words::percent),
        unknown: (gaps > 0).then(|| words::count(gaps, "gap")),
        tone: match share {
            Some(share) if share >= 0.95 => Tone::Good,
            Some(_) => Tone::Weak,
            None => Tone::Plain,
        },
        shown: Shown::Lines(lines.collect()),
        ..Answer::said(
            "How far can the evidence be trusted?",
            if share.is_some() { "of what gates was decided" } else { "nothing gates, so nothing had to be decided" },
        )
        .at(if gaps > 0 { "gaps" } else { "findings" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::bank;

    /// An approved live version of the sample.
    fn sound() -> LiveVersionRow {
        bank().live_versions.into_iter().find(|version| is_approved(version) == Some(true)).unwrap()
    }

    #[test]
    fn a_status_that_is_not_known_is_no_approval() {
        let mut version = sound();
        let approval = version.approval.as_mut().unwrap();
        approval.status = None;
        assert_eq!(is_approved(&version), None);
        let approval = version.approval.as_mut().unwrap();
        approval.package_arn = "arn:aws:sagemaker:eu-central-1:111122223333:model-package/lone".to_owned();
        assert_eq!(is_approved(&version), Some(false), "a package without a version cannot be approved");
    }

    #[test]
    fn every_part_counts_and_a_known_lack_outweighs_an_unknown_one() {
        let mut version = sound();
        let unseen = ContainerRow { registration: "unseen".to_owned(), ..version.containers[0].clone() };
        version.containers.push(unseen);
        assert_eq!(is_approved(&version), None);
        let mut rejected = version.approval.clone().unwrap();
        rejected.status = Some("Rejected".to_owned());
        version.further_approvals.push(rejected);
        assert_eq!(is_approved(&version), Some(false));
    }

    #[test]
    fn where_no_status_could_be_read_the_answer_is_not_known() {
        let mut report = bank();
        report.live_versions.retain(|version| is_approved(version) == Some(true));
        assert_eq!(approved(&report).tone, Tone::Good);
        let statuses = report.live_versions.iter_mut().filter_map(|version| version.approval.as_mut());
        statuses.for_each(|approval| approval.status = None);
        let answer = approved(&report);
        assert_eq!((answer.figure.as_deref(), answer.tone), (Some("0"), Tone::Unknown));
        assert_eq!(answer.unknown, Some(format!("{} not known", report.live_versions.len())));
    }
}
