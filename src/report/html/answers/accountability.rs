//! Five answers for whoever answers for the models: may more hang on them, what do they cost, whose are they, what is
//! wasted, and what does waiting risk?

use jiff::Timestamp;

use super::bullet::Bullet;
use super::{Answer, Line, Shown, Tally, Tone, tally};
use crate::control::{Severity, Status};
use crate::evidence::FactKind;
use crate::report::document::{FindingRow, Report};
use crate::report::html::money::Ledger;
use crate::report::html::plot;
use crate::report::words;

pub(super) fn answers(report: &Report, ledger: Option<&Ledger<'_>>) -> Vec<Answer> {
    vec![expanded(report), cost(ledger), owned(report), wasted(report, ledger), waiting(report)]
}

fn expanded(report: &Report) -> Answer {
    let of = |verdict: &str| report.summary.by_verdict.get(verdict).copied().unwrap_or_default();
    let (expand, operate) = (of("expand"), of("operate_as_is"));
    Answer {
        figure: Some(words::number(expand)),
        of: Some(format!("of {}", words::number(report.live_versions.len()))),
        tone: if expand > 0 { Tone::Good } else { Tone::Plain },
        more: (operate > 0).then(|| format!("{} may go on as they are", words::number(operate))),
        ..Answer::said("May its use be expanded?", "may be expanded").at("live-versions")
    }
}

fn cost(ledger: Option<&Ledger<'_>>) -> Answer {
    let question = "What does it cost, against what it may?";
    let Some(ledger) = ledger else {
        return Answer {
            tone: Tone::Unknown,
            ..Answer::said(question, "cost: not asked by the version that made this")
        };
    };
    let unknown = ledger.costs.unknown;
    let unknown = (unknown > 0).then(|| {
        format!("{} of {} not known", words::number(unknown), words::number(ledger.costs.live_versions.len()))
    });
    match &ledger.bullet {
        Some(bullet) => Answer { unknown, ..drawn(question, bullet.clone()) },
        None => Answer {
            unknown,
            tone: if ledger.costs.live_versions.is_empty() { Tone::Plain } else { Tone::Unknown },
            more: ledger.costs.no_bill.clone(),
            ..Answer::said(question, ledger.sentence()).at("costs")
        },
    }
}

fn drawn(question: &'static str, bullet: Bullet) -> Answer {
    let (figure, words) = match &bullet.outlook {
        Some(outlook) => (plot::rounded(outlook), "expected by the end of the month"),
        None if bullet.ended => (plot::rounded(&bullet.cost), "last month"),
        None => (plot::rounded(&bullet.cost), "so far this month"),
    };
    Answer {
        figure: Some(figure),
        of: Some(bullet.cost.currency.chars().take(6).collect()),
        tone: match bullet.over {
            Some(true) => Tone::Bad,
            Some(false) => Tone::Good,
            None => Tone::Plain,
        },
        more: bullet.exceeded.clone(),
        shown: Shown::Money(Box::new(bullet)),
        ..Answer::said(question, words).at("costs")
    }
}

fn owned(report: &Report) -> Answer {
    let live = &report.live_versions;
    let unread = live.iter().filter(|version| version.owner.is_none() && version.tags.is_none()).count();
    let nobody = live.iter().filter(|version| version.owner.is_none()).count() - unread;
    let owners = report.owners.iter().filter(|row| row.owner.is_some()).count();
    let tally = Tally { bad: nobody, unknown: unread, asked: live.len(), ..Tally::default() };
    let answer = Answer {
        more: (owners > 0).then(|| format!("{} for the others", words::count(owners, "owner"))),
        ..Answer::counted("Who owns it, and what does nobody own?", &tally, "owned by nobody")
    };
    if report.owners.is_empty() { answer } else { answer.at("owners") }
}

fn wasted(report: &Report, ledger: Option<&Ledger<'_>>) -> Answer {
    let question = "What is wasted?";
    let Some(ledger) = ledger else {
        return Answer { tone: Tone::Unknown, ..Answer::said(question, "not asked by the version that made this") };
    };
    let found = ledger.costs.waste.len();
    let unknown = tally(report, &["CST-003", "CST-004"]).unknown;
    let unread = unread(report);
    let told = match (unknown, unread.is_empty()) {
        (0, true) => None,
        (0, false) => Some("not all was read".to_owned()),
        (unknown, _) => Some(format!("{} not known", words::number(unknown))),
    };
    Answer {
        figure: (found > 0).then(|| words::number(found)),
        tone: match (found, &told) {
            (1.., _) => Tone::Weak,
            (0, Some(_)) => Tone::Unknown,
            (0, None) => Tone::Good,
        },
        unknown: told,
        more: ledger.savings().map(|amount| format!("a month could save {amount}")),
        ..Answer::said(question, if found > 0 { "cost more than they have to" } else { "no waste was found" })
            .at("costs")
    }
    .adding((!unread.is_empty()).then(|| format!("not all read: {}", words::list(&unread))))
}

/// Where waste may lie beside live versions that was not seen in full.
fn unread(report: &Report) -> Vec<String> {
    let undecided = report.findings.iter().any(|it| &*it.code == "CST-006" && it.status == Status::Unknown);
    let kinds = [FactKind::Notebooks, FactKind::ProvisionedThroughputs, FactKind::SavingHints];
    let hidden = |kind: &FactKind| {
        let one = format!("among the {kind}");
        let mut hides = report.gaps.iter().flat_map(|gap| gap.hides.iter().map(move |hides| (gap, hides)));
        hides.any(|(gap, hides)| *hides == words::all_hidden(*kind, &gap.region) || hides.ends_with(&one))
    };
    let unread = kinds.iter().filter(|kind| hidden(kind) || undecided && **kind == FactKind::ProvisionedThroughputs);
    unread.map(ToString::to_string).collect()
}

/// What is worst now, and the next days on which something ends.
fn waiting(report: &Report) -> Answer {
    let failing =
        |severity| report.summary.failing_by_severity.get(words::severity(severity)).copied().unwrap_or_default();
    let (critical, high) = (failing(Severity::Critical), failing(Severity::High));
    let severe = |finding: &&FindingRow| matches!(finding.severity, Severity::Critical | Severity::High);
    let count = |status| report.findings.iter().filter(severe).filter(|finding| finding.status == status).count();
    let (unknown, waived) = (count(Status::Unknown), count(Status::Waived));
    let mut dates = [
        ends(report, report.horizon.iter().filter_map(|row| row.until), "the proof of an approval falls out of reach"),
        ends(
            report,
            report.waivers.iter().filter(|waiver| waiver.findings > 0).map(|waiver| waiver.expires),
            "a waiver ends",
        ),
    ];
    dates.sort_by_key(|date| date.as_ref().map(|(at, _)| *at));
    let overdue = tally(report, &["APR-009"]).bad;
    let late = (overdue > 0).then(|| Line {
        tone: Tone::Weak,
        day: None,
        words: format!("{} not reviewed within its period", words::count(overdue, "approval")),
    });
    let lines: Vec<Line> = dates.into_iter().flatten().map(|(_, line)| line).chain(late).collect();
    let answer = Answer {
        figure: Some(words::number(critical)),
        more: (waived > 0).then(|| format!("{} more waived", words::number(waived))),
        unknown: (unknown > 0).then(|| format!("{} not known", words::number(unknown))),
        tone: match (critical, high + waived, unknown) {
            (1.., ..) => Tone::Bad,
            (0, 1.., _) => Tone::Weak,
            (0, 0, 1..) => Tone::Unknown,
            _ => Tone::Good,
        },
        shown: Shown::Lines(lines),
        ..Answer::said(
            "What does waiting risk?",
            format!("critical and {} high findings fail today", words::number(high)),
        )
    };
    answer.at("findings")
}

/// The next of some instants, and how many more follow within three months.
fn ends(report: &Report, all: impl Iterator<Item = Timestamp>, what: &str) -> Option<(Timestamp, Line)> {
    let mut ahead: Vec<Timestamp> = all.filter(|at| *at > report.as_of).collect();
    ahead.sort_unstable();
    let first = *ahead.first()?;
    let more = ahead.len() - 1;
    let words = if more == 0 { what.to_owned() } else { format!("{what}, {} more after it", words::number(more)) };
    Some((first, Line { tone: Tone::Plain, day: Some(words::day(first)), words }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::bank;

    /// A report in which nothing fails, and this is what became of one high finding.
    fn one(status: Status) -> Report {
        let mut report = bank();
        report.summary.failing_by_severity.values_mut().for_each(|count| *count = 0);
        report.findings.iter_mut().for_each(|finding| finding.status = Status::Pass);
        let high = report.findings.iter_mut().find(|finding| finding.severity == Severity::High).unwrap();
        high.status = status;
        report
    }

    #[test]
    fn no_waste_is_found_only_where_all_places_of_waste_were_read() {
        let mut report = one(Status::Pass);
        report.costs.as_mut().unwrap().waste.clear();
        report.gaps.iter_mut().for_each(|gap| gap.hides.clear());
        let answer = |report: &Report| wasted(report, Ledger::new(report).as_ref());
        assert_eq!((answer(&report).tone, answer(&report).unknown), (Tone::Good, None));
        for kind in [FactKind::Notebooks, FactKind::ProvisionedThroughputs, FactKind::SavingHints] {
            let mut report = report.clone();
            let gap = report.gaps.first_mut().unwrap();
            gap.hides = vec![words::all_hidden(kind, &gap.region)];
            let answer = answer(&report);
            assert_eq!(answer.tone, Tone::Unknown, "{kind}");
            assert_eq!(answer.more, Some(format!("not all read: {kind}")));
        }
        let finding = report.findings.first_mut().unwrap();
        (finding.code, finding.status) = ("CST-006".into(), Status::Unknown);
        assert_eq!(answer(&report).tone, Tone::Unknown);
        assert_eq!(answer(&report).more.as_deref(), Some("not all read: provisioned throughput"));
    }

    #[test]
    fn last_month_is_called_so_and_a_budget_that_is_not_kept_is_named() {
        let mut report = bank();
        let told = |report: &Report| cost(Ledger::new(report).as_ref());
        assert_eq!(told(&report).words, "expected by the end of the month");
        report.as_of = "2026-12-02T09:00:00Z".parse().unwrap();
        assert_eq!(told(&report).words, "last month");
        let whole = report.costs.as_mut().unwrap().budgets.iter_mut().find(|row| row.name == "ml-platform").unwrap();
        whole.exceeded = Some(true);
        let told = told(&report);
        assert_eq!((told.tone, told.more.as_deref()), (Tone::Bad, Some("budget `ml-platform` will not be kept")));
    }

    #[test]
    fn what_could_not_be_decided_is_a_risk_that_is_not_known() {
        for (status, tone, unknown, waived) in [
            (Status::Pass, Tone::Good, None, None),
            (Status::Unknown, Tone::Unknown, Some("1 not known"), None),
            (Status::Waived, Tone::Weak, None, Some("1 more waived")),
        ] {
            let answer = waiting(&one(status));
            assert_eq!((answer.tone, answer.unknown.as_deref()), (tone, unknown), "{status:?}");
            assert_eq!(answer.more.as_deref(), waived, "{status:?}");
        }
    }
}
