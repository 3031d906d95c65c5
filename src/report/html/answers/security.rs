//! Five answers for whoever reviews security: is all that is live approved and unchanged, and can that be believed?

use super::grades::Grades;
use super::{Answer, Line, Shown, Tally, Tone, rank, tally};
use crate::control::Status;
use crate::report::document::{LiveVersionRow, Report};
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
    let live = &report.live_versions;
    let unread = |version: &&LiveVersionRow| {
        version.approval.is_none()
            && version
                .containers
                .iter()
                .all(|container| matches!(&*container.registration, "unseen" | "unknown" | "ambiguous" | "url_only"))
    };
    let not_approved = |version: &&LiveVersionRow| {
        version
            .approval
            .as_ref()
            .is_none_or(|approval| approval.status.as_deref().is_some_and(|status| status != "Approved"))
    };
    let tally = Tally {
        bad: live.iter().filter(|version| not_approved(version) && !unread(version)).count(),
        unknown: live.iter().filter(unread).count(),
        asked: live.len(),
    };
    Answer::counted("Is anything live that was not approved?", &tally, "live without being Approved").at("approvals")
}

fn changed(report: &Report) -> Answer {
    let question = "Was anything changed after it was approved?";
    let (artifacts, contents) = (tally(report, &["ART-001"]).bad, tally(report, &["APR-008"]).bad);
    let both = tally(report, &["ART-001", "APR-008"]);
    let told = [(artifacts, "by another artifact"), (contents, "by an edit")];
    let told = told.into_iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = told.map(|(count, how)| format!("{} {how}", words::number(count))).collect();
    let more = (!told.is_empty()).then(|| words::list(&told));
    Answer { more, ..Answer::counted(question, &both, "changed since").at("artifacts") }
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
