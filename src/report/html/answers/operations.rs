//! Four answers for whoever operates the models; the fifth, what should stop and why, stands above them all.

use std::collections::BTreeSet;

use super::signals::Matrix;
use super::{Answer, Shown, Tally, Tone, tally};
use crate::control::Status;
use crate::report::document::{Change, Changes, Report, RollbackRow};
use crate::report::{faults, words};

pub(super) fn answers(report: &Report) -> Vec<Answer> {
    vec![paged(report), way_back(report), changed(report), heard(report)]
}

fn paged(report: &Report) -> Answer {
    let question = "What pages nobody?";
    let counts = faults::counts(report);
    if counts.is_empty() {
        return Answer::said(question, "no fault was simulated for what serves here");
    }
    let sum = |of: fn(&faults::FaultCount) -> usize| counts.iter().map(of).sum();
    let tally = Tally {
        bad: sum(|it| it.nobody),
        unknown: sum(|it| it.unknown),
        asked: sum(faults::FaultCount::asked),
        ..Tally::default()
    };
    let words = "faults of live versions reach nobody";
    Answer { shown: Shown::Faults, ..Answer::counted(question, &tally, words).at("faults") }
}

fn heard(report: &Report) -> Answer {
    let question = "Which signals does nobody hear?";
    let matrix = Matrix::new(report);
    if matrix.asked == 0 {
        return Answer::said(question, "no signal applies to what serves here").at("coverage");
    }
    Answer {
        figure: Some(words::number(matrix.heard)),
        of: Some(format!("of {}", words::number(matrix.asked))),
        tone: match (matrix.asked - matrix.heard, matrix.unknown) {
            (0, _) => Tone::Good,
            (open, unknown) if open == unknown => Tone::Unknown,
            _ => Tone::Weak,
        },
        shown: Shown::Signals(matrix),
        ..Answer::said(question, "signals of live versions are heard").at("coverage")
    }
}

/// An earlier version that can be deployed is a way back that nobody has tried; a declared fallback only counts once tested.
fn way_back(report: &Report) -> Answer {
    let tally = tally(report, &["DEP-001"]);
    let there = report.findings.iter().filter(|it| &*it.code == "DEP-001" && it.status == Status::Pass);
    let there: BTreeSet<&str> = there.filter_map(|it| it.subject.live_version.as_deref()).collect();
    let live = report.live_versions.iter().filter(|live| there.contains(live.id.as_str()));
    let cards: Option<Vec<_>> = live.map(|live| live.rollback.as_ref()).collect();
    let told = cards.filter(|cards| !cards.is_empty()).map(|cards| {
        let holds = |card: &&&RollbackRow| card.fallback.as_ref().is_some_and(|fallback| fallback.holds);
        let tested = cards.iter().filter(holds).count();
        format!("{} {} tested", words::number(tested), if tested == 1 { "other" } else { "others" })
    });
    Answer::counted("Is there a way back?", &tally, "without one").at("findings").adding(told)
}

fn changed(report: &Report) -> Answer {
    let question = "What changed since the last run?";
    match &report.changes {
        Some(changes) => told(question, changes).at("changes"),
        None => Answer {
            more: Some("`--archive` keeps runs".to_owned()),
            ..Answer::said(question, "no earlier run to compare with")
        },
    }
}

fn told(question: &'static str, changes: &Changes) -> Answer {
    const ORDER: [Change; 7] = [
        Change::New,
        Change::Reopened,
        Change::OutOfSight,
        Change::Healed,
        Change::Waived,
        Change::BackInSight,
        Change::Gone,
    ];
    let count = |change: Change| changes.findings.iter().filter(|row| row.change == change).count();
    let told: Vec<String> = ORDER
        .into_iter()
        .map(|change| (count(change), change))
        .filter(|(count, _)| *count > 0)
        .map(|(count, change)| format!("{} {}", words::number(count), change.words()))
        .collect();
    if told.is_empty() {
        return Answer { tone: Tone::Good, ..Answer::said(question, "no finding changed") };
    }
    let worse = count(Change::New) + count(Change::Reopened) > 0;
    Answer {
        figure: Some(words::number(changes.findings.len())),
        tone: if worse { Tone::Bad } else { Tone::Plain },
        more: Some(told.join(", ")),
        ..Answer::said(question, if changes.findings.len() == 1 { "finding changed" } else { "findings changed" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::FallbackRow;
    use crate::report::sample::bank;

    #[test]
    fn an_earlier_version_is_a_way_back_and_only_a_tested_fallback_is_called_tested() {
        let mut report = bank();
        let passes = |it: &&crate::report::document::FindingRow| &*it.code == "DEP-001" && it.status == Status::Pass;
        let there: BTreeSet<_> =
            report.findings.iter().filter(passes).filter_map(|it| it.subject.live_version.clone()).collect();
        assert!(there.len() > 1);
        for live in report.live_versions.iter_mut().filter(|live| there.contains(&live.id)) {
            live.rollback.as_mut().unwrap().fallback = None;
        }
        assert!(way_back(&report).more.unwrap().ends_with("0 others tested"));
        let mut live = report.live_versions.iter_mut().filter(|live| there.contains(&live.id));
        for holds in [true, false] {
            let fallback = FallbackRow {
                what: "rules".to_owned(),
                owner: Some("risk".to_owned()),
                tested: None,
                holds,
                why: String::new(),
            };
            live.next().unwrap().rollback.as_mut().unwrap().fallback = Some(fallback);
        }
        assert!(way_back(&report).more.unwrap().ends_with("1 other tested"));
    }
}
