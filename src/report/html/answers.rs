//! The first answers to three readers: a security reviewer, who operates the models, who answers for them.

use crate::control::Status;
use crate::estate::{Fault, Grade, Signal};
use crate::report::document::{LiveVersionRow, Report};
use crate::report::{faults, words};

/// One number and what it counts.
pub(super) struct Answer {
    pub(super) value: String,
    /// Out of how many.
    pub(super) of: Option<String>,
    pub(super) label: &'static str,
    /// What could not be told, in words.
    pub(super) unknown: Option<String>,
    /// `bad`, `weak`, `good` or `plain`.
    pub(super) tone: &'static str,
    /// The part of the page that says more.
    pub(super) anchor: &'static str,
}

/// Three answers a reader.
pub(super) struct Answers {
    pub(super) readers: [(&'static str, &'static str, [Answer; 3]); 3],
}

impl Answers {
    pub(super) fn new(report: &Report) -> Self {
        Self {
            readers: [
                ("Security review", "Is all that is live approved, and unchanged since?", security(report)),
                ("Operations", "What pages us, what does not, and how do we get back?", operations(report)),
                ("Accountability", "Who owns it, and may more hang on it?", accountability(report)),
            ],
        }
    }
}

fn count(of: usize, all: usize, label: &'static str, unknown: usize, anchor: &'static str) -> Answer {
    Answer {
        value: words::number(of),
        of: Some(format!("of {}", words::number(all))),
        label,
        unknown: (unknown > 0).then(|| format!("{} not known", words::number(unknown))),
        tone: match (of, unknown) {
            (1.., _) => "bad",
            (0, 1..) => "weak",
            _ => "good",
        },
        anchor,
    }
}

/// Live versions for which a control fails, and for which it is unknown.
fn result(report: &Report, code: &str) -> (usize, usize) {
    let of =
        |status| report.findings.iter().filter(|finding| finding.code == *code && finding.status == status).count();
    (of(Status::Fail), of(Status::Unknown))
}

fn security(report: &Report) -> [Answer; 3] {
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
    let unknown = live.iter().filter(unread).count();
    let bad = live.iter().filter(|version| not_approved(version) && !unread(version)).count();
    let approvals: Vec<Grade> =
        live.iter().filter_map(|version| version.approval.as_ref()).map(|approval| approval.grade).collect();
    let proved = approvals.iter().filter(|grade| matches!(grade, Grade::A | Grade::B | Grade::C)).count();
    let (replaced, undecided) = result(report, "ART-001");
    [
        count(bad, live.len(), "live without being Approved", unknown, "approvals"),
        Answer {
            tone: if proved == approvals.len() { "good" } else { "weak" },
            ..count(proved, approvals.len(), "approvals proved by events (grades A to C)", 0, "approvals")
        },
        count(replaced, live.len(), "artifacts replaced since approval", undecided, "findings"),
    ]
}

fn operations(report: &Report) -> [Answer; 3] {
    let states = || {
        report
            .live_versions
            .iter()
            .flat_map(|version| Signal::MATRIX.map(|signal| version.alarms.get(signal.words())))
            .flatten()
    };
    let of = |state: &str| states().filter(|coverage| coverage.state == state).count();
    let asked = states().count() - of("not_applicable");
    let alarms: Vec<_> = report.alarms.iter().filter(|alarm| !alarm.scaling_only).collect();
    let deaf = alarms.iter().filter(|alarm| alarm.effective == Some(false)).count();
    let unseen = alarms.iter().filter(|alarm| alarm.effective.is_none()).count();
    let (stuck, undecided) = result(report, "DEP-001");
    let faults = faults::counts(report);
    let down = faults.iter().find(|count| count.fault == Fault::RequestsFail);
    [
        match down {
            Some(down) => count(
                down.nobody,
                down.asked(),
                "live versions where nobody would hear if every request failed",
                down.unknown,
                "faults",
            ),
            None => Answer {
                tone: if of("covered") == asked { "good" } else { "weak" },
                ..count(of("covered"), asked, "signals that somebody would hear of", of("unknown"), "coverage")
            },
        },
        count(deaf, alarms.len(), "alarms that reach nobody", unseen, "alarms"),
        count(stuck, report.live_versions.len(), "live versions without a way back", undecided, "findings"),
    ]
}

fn accountability(report: &Report) -> [Answer; 3] {
    let live = &report.live_versions;
    let unread = live.iter().filter(|version| version.owner.is_none() && version.tags.is_none()).count();
    let nobody = live.iter().filter(|version| version.owner.is_none()).count() - unread;
    let expand = report.summary.by_verdict.get("expand").copied().unwrap_or_default();
    [
        count(nobody, live.len(), "live versions that nobody owns", unread, "owners"),
        Answer { tone: "plain", ..count(expand, live.len(), "may expand", 0, "live-versions") },
        match report.summary.evidence_share {
            Some(share) => Answer {
                value: words::percent(share),
                of: None,
                label: "of what gates was decided",
                unknown: (!report.gaps.is_empty()).then(|| words::count(report.gaps.len(), "gap")),
                tone: if share >= 0.95 { "good" } else { "weak" },
                anchor: "gaps",
            },
            None => Answer {
                value: "–".to_owned(),
                of: None,
                label: "nothing gates, so nothing had to be decided",
                unknown: (!report.gaps.is_empty()).then(|| words::count(report.gaps.len(), "gap")),
                tone: "plain",
                anchor: "gaps",
            },
        },
    ]
}
