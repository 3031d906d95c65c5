//! The first screen: fifteen answers, five for each of three readers, none further away than a window of 1400 × 900.
//!
//! | Reader | Question | Where its answer stands, in the demo |
//! |---|---|---|
//! | security review | Is anything live that was not approved? | first column: `7 of 29 live without being Approved`, `3 not known` |
//! | | Was anything changed after it was approved? | first column: `2 of 24 changed since`, and by what; what is waived is counted, and told |
//! | | How well is each approval proved? | first column: bars of the grades A to F, `19 of 23 proved by an event` |
//! | | Did anybody approve their own work? | first column: `2 of 22 approved by who registered or deployed it` |
//! | | How far can the evidence be trusted? | first column: `94.5 %` decided; trail, tampering and reach, each with a mark |
//! | operations | What should stop, and why? | above the columns: each live version by name, with its reasons |
//! | | What pages nobody? | second column: `6 of 138 faults of live versions reach nobody`, a bar for each fault, `2 nobody` |
//! | | Which signals does nobody hear? | second column: signals by heard, broken, missing and not known |
//! | | Is there a way back? | second column: `6 of 28 without one`, how many of these are waived, and how many others are a tested fallback |
//! | | What changed since the last run? | second column: how many findings, or that there is no earlier run |
//! | accountability | May its use be expanded? | third column: `0 of 29 may be expanded` |
//! | | What does it cost, against what it may? | third column: what was billed, what is expected, the budget; a bar of it |
//! | | Who owns it, and what does nobody own? | third column: `1 of 29 owned by nobody`, and how many own the others |
//! | | What is wasted? | third column: what a month could save |
//! | | What does waiting risk? | third column: what is critical, and the days on which proofs, waivers and reviews end |
//!
//! What to do first, which all three ask in the end, stands above the columns beside what should stop. Each answer leads
//! to the part of the page that says more.

use std::collections::BTreeMap;

use self::bullet::Bullet;
use self::grades::Grades;
use self::signals::Matrix;
use super::money::Ledger;
use super::{Page, Version};
use crate::control::Status;
use crate::report::document::{FindingRow, Report};
use crate::report::words;

mod accountability;
pub(super) mod bullet;
mod grades;
mod operations;
mod security;
mod signals;

pub(super) use signals::STATES;

/// So many live versions that should stop, and actions, stand on the first screen.
pub(super) const ROWS: usize = 5;

/// What one reader asks.
pub(super) struct Reader {
    pub(super) name: &'static str,
    pub(super) answers: Vec<Answer>,
}

/// A question and its answer.
pub(super) struct Answer {
    pub(super) question: &'static str,
    /// The figure that answers it, and out of how many.
    pub(super) figure: Option<String>,
    pub(super) of: Option<String>,
    /// What the figure counts, or the answer itself.
    pub(super) words: String,
    /// What else has to be known; names stand between backticks.
    pub(super) more: Option<String>,
    /// What could not be told, in words.
    pub(super) unknown: Option<String>,
    pub(super) tone: Tone,
    /// What is drawn below.
    pub(super) shown: Shown,
    /// The part of the page that says more; none where the page has no such part.
    pub(super) anchor: Option<&'static str>,
}

/// What is drawn below an answer.
pub(super) enum Shown {
    Nothing,
    Grades(Grades),
    /// The bars of faults, which the page holds already.
    Faults,
    Signals(Matrix),
    Money(Box<Bullet>),
    /// Short statements, each with its own mark.
    Lines(Vec<Line>),
}

/// A short statement.
pub(super) struct Line {
    pub(super) tone: Tone,
    /// When, where it is about a day.
    pub(super) day: Option<String>,
    pub(super) words: String,
}

/// How an answer is meant: told by a shape, repeated by colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Bad,
    Weak,
    Good,
    Unknown,
    Plain,
}

impl Tone {
    /// Its style.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Weak => "weak",
            Self::Good => "good",
            Self::Unknown => "unknown",
            Self::Plain => "plain",
        }
    }

    /// Its shape.
    pub(super) fn shape(self) -> Option<&'static str> {
        match self {
            Self::Bad => Some("s-fail"),
            Self::Weak => Some("i-fix_controls_first"),
            Self::Good => Some("s-pass"),
            Self::Unknown => Some("s-unknown"),
            Self::Plain => None,
        }
    }

    /// Its shape in a word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Weak => "weak",
            Self::Good => "good",
            Self::Unknown => "not known",
            Self::Plain => "",
        }
    }
}

/// The answers of the first screen.
pub(super) fn readers(report: &Report, ledger: Option<&Ledger<'_>>) -> [Reader; 3] {
    [
        Reader { name: "Security review", answers: security::answers(report) },
        Reader { name: "Operations", answers: operations::answers(report) },
        Reader { name: "Accountability", answers: accountability::answers(report, ledger) },
    ]
}

impl<'a> Page<'a> {
    /// What should stop: all, or one less than there is room for, which then goes to how many more there are.
    pub(super) fn stops(&self) -> Vec<&Version<'a>> {
        let shown = if self.stopping().count() > ROWS { ROWS - 1 } else { ROWS };
        self.stopping().take(shown).collect()
    }
}

impl Answer {
    /// An answer in words.
    fn said(question: &'static str, words: impl Into<String>) -> Self {
        Self {
            question,
            figure: None,
            of: None,
            words: words.into(),
            more: None,
            unknown: None,
            tone: Tone::Plain,
            shown: Shown::Nothing,
            anchor: None,
        }
    }

    /// How many are not as they should be. What is waived is one of them: a waiver is shown, it never hides.
    fn counted(question: &'static str, tally: &Tally, words: impl Into<String>) -> Self {
        if tally.asked == 0 {
            return Self::said(question, "nothing serves here of which that is asked");
        }
        Self {
            figure: Some(words::number(tally.bad)),
            of: Some(format!("of {}", words::number(tally.asked))),
            more: (tally.waived > 0).then(|| format!("{} of them waived", words::number(tally.waived))),
            unknown: (tally.unknown > 0).then(|| format!("{} not known", words::number(tally.unknown))),
            tone: match (tally.bad, tally.unknown) {
                (bad, _) if bad > tally.waived => Tone::Bad,
                (1.., _) => Tone::Weak,
                (0, 1..) => Tone::Unknown,
                _ => Tone::Good,
            },
            ..Self::said(question, words)
        }
    }

    /// With more to know, after what stands there already.
    fn adding(self, more: Option<String>) -> Self {
        let all: Vec<String> = self.more.into_iter().chain(more).collect();
        Self { more: (!all.is_empty()).then(|| all.join("; ")), ..self }
    }

    fn at(self, anchor: &'static str) -> Self {
        Self { anchor: Some(anchor), ..self }
    }
}

/// How many are not as they should be, how many of these are waived, of how many is that not known, and of how many was it
/// asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    bad: usize,
    waived: usize,
    unknown: usize,
    asked: usize,
}

/// Live versions for which one of these controls fails, waived or not; where none does, those for which one is unknown.
fn tally(report: &Report, codes: &[&str]) -> Tally {
    // A waiver is of a failure that is known, which what is not known beside it does not undo.
    const WORST_FIRST: [Status; 4] = [Status::Fail, Status::Waived, Status::Unknown, Status::Pass];
    let mut worst: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| codes.contains(&&*finding.code)) {
        let Some(id) = finding.subject.live_version.as_deref() else { continue };
        let Some(rank) = WORST_FIRST.iter().position(|status| *status == finding.status) else { continue };
        worst.entry(id).and_modify(|old| *old = rank.min(*old)).or_insert(rank);
    }
    let of = |status| worst.values().filter(|rank| WORST_FIRST.get(**rank) == Some(&status)).count();
    let waived = of(Status::Waived);
    Tally { bad: of(Status::Fail) + waived, waived, unknown: of(Status::Unknown), asked: worst.len() }
}

/// The place of its status among all, the worst first.
fn rank(finding: &FindingRow) -> usize {
    words::STATUSES.iter().position(|status| *status == finding.status).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{bank, blank};

    fn answered(report: &Report) -> Vec<Answer> {
        let ledger = Ledger::new(report);
        readers(report, ledger.as_ref()).into_iter().flat_map(|reader| reader.answers).collect()
    }

    fn answer(report: &Report, question: &str) -> Answer {
        answered(report).into_iter().find(|answer| answer.question == question).unwrap()
    }

    fn set(report: &mut Report, codes: &[&str], status: Status) {
        let theirs = |finding: &&mut FindingRow| codes.contains(&&*finding.code);
        report.findings.iter_mut().filter(theirs).for_each(|finding| finding.status = status);
    }

    #[test]
    fn every_question_has_an_answer_or_says_why_there_is_none() {
        for report in [bank(), blank()] {
            let answers = answered(&report);
            // The fifteenth, what should stop and why, stands above the columns.
            assert_eq!(answers.len(), 14);
            for answer in answers {
                let drawn = !matches!(answer.shown, Shown::Nothing);
                assert!(answer.question.ends_with('?') && (drawn || !answer.words.is_empty()), "{}", answer.question);
            }
        }
    }

    #[test]
    fn what_is_not_known_is_no_comfort() {
        let mut report = bank();
        for finding in &mut report.findings {
            if &*finding.code == "DEP-001" {
                finding.status = Status::Unknown;
            }
        }
        let all = tally(&report, &["DEP-001"]);
        assert!(all.unknown > 0);
        assert_eq!(all, Tally { unknown: all.asked, asked: all.asked, ..Tally::default() });
        let back = answer(&report, "Is there a way back?");
        assert_eq!(back.tone, Tone::Unknown);
        assert_eq!(back.unknown, Some(format!("{} not known", all.asked)));
    }

    #[test]
    fn a_waiver_is_shown_and_hides_nothing() {
        let mut report = bank();
        set(&mut report, &["APR-003"], Status::Pass);
        let first = report.findings.iter_mut().find(|finding| &*finding.code == "APR-003").unwrap();
        first.status = Status::Waived;
        let own = answer(&report, "Did anybody approve their own work?");
        assert_eq!((own.figure.as_deref(), own.tone), (Some("1"), Tone::Weak));
        assert_eq!(own.more.as_deref(), Some("1 of them waived"));
        let id =
            report.findings.iter().find(|finding| &*finding.code == "APR-003").unwrap().subject.live_version.clone();
        let other = |finding: &&mut FindingRow| &*finding.code == "APR-003" && finding.subject.live_version != id;
        report.findings.iter_mut().find(other).unwrap().status = Status::Fail;
        let own = answer(&report, "Did anybody approve their own work?");
        assert_eq!((own.figure.as_deref(), own.tone), (Some("2"), Tone::Bad));
        assert_eq!(own.more.as_deref(), Some("1 of them waived"));
    }

    #[test]
    fn what_is_waived_beside_something_unknown_is_still_told() {
        let mut report = bank();
        set(&mut report, &["ART-001"], Status::Waived);
        set(&mut report, &["ART-002"], Status::Unknown);
        let all = tally(&report, &["ART-001", "ART-002"]);
        assert!(all.waived > 0 && all.bad == all.waived, "{all:?}");
        assert_eq!((all.bad, all.unknown), (tally(&report, &["ART-001"]).bad, all.asked - all.bad));
        let changed = answer(&report, "Was anything changed after it was approved?");
        assert_eq!(changed.tone, Tone::Weak);
        assert!(changed.more.unwrap().ends_with(&format!("; {} of them waived", all.waived)));
    }

    #[test]
    fn a_live_version_that_fails_one_of_two_controls_counts_once() {
        let mut report = bank();
        let before = tally(&report, &["ART-001"]);
        let codes = ["ART-001", "APR-001"];
        let ids: Vec<_> = report.live_versions.iter().map(|live| live.id.clone()).collect();
        for finding in &mut report.findings {
            let own = finding.subject.live_version.as_ref() == ids.first();
            if own && codes.contains(&&*finding.code) {
                finding.status = Status::Fail;
            }
        }
        let both = tally(&report, &codes);
        assert!(both.bad >= 1 && both.asked <= ids.len() && before.asked <= both.asked, "{both:?}");
    }
}
