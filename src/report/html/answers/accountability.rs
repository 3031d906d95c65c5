//! Five answers for whoever answers for the models: may more hang on them, what do they cost, whose are they, what is
//! wasted, and what does waiting risk?

use jiff::Timestamp;

use super::bullet::Bullet;
use super::{Answer, Line, Shown, Tally, Tone, tally};
use crate::control::Severity;
use crate::report::document::Report;
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
        None => (plot::rounded(&bullet.cost), "so far this month"),
        None if bullet.ended => (plot::rounded(&bullet.cost), "last month"),
    };
    Answer {
        figure: Some(figure),
        of: Some(bullet.cost.currency.chars().take(6).collect()),
        tone: match bullet.over {
            Some(true) => Tone::Bad,
            Some(false) => Tone::Good,
            None => Tone::Plain,
        },
        shown: Shown::Money(Box::new(bullet)),
        more: bullet.exceeded.clone(),
        ..Answer::said(question, words).at("costs")
    }
}

fn owned(report: &Report) -> Answer {
    let live = &report.live_versions;
    let unread = live.iter().filter(|version| version.owner.is_none() && version.tags.is_none()).count();
    let nobody = live.iter().filter(|version| version.owner.is_none()).count() - unread;
    let owners = report.owners.iter().filter(|row| row.owner.is_some()).count();
    let tally = Tally { bad: nobody, unknown: unread, asked: live.len() };
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
    Answer {
        figure: (found > 0).then(|| words::number(found)),
        unknown: (unknown > 0).then(|| format!("{} not known", words::number(unknown))),
        tone: match (found, unknown) {
            (1.., _) => Tone::Weak,
            (0, 1..) => Tone::Unknown,
            _ => Tone::Good,
        },
        more: ledger.savings().map(|amount| format!("a month could save {amount}")),
        ..Answer::said(question, if found > 0 { "cost more than they have to" } else { "no waste was found" })
            .at("costs")
    }
}

/// What is worst now, and the next days on which something ends.
fn waiting(report: &Report) -> Answer {
    let failing =
        |severity| report.summary.failing_by_severity.get(words::severity(severity)).copied().unwrap_or_default();
    let (critical, high) = (failing(Severity::Critical), failing(Severity::High));
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
        tone: if critical > 0 {
            Tone::Bad
        } else if high > 0 {
            Tone::Weak
        } else {
            Tone::Good
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
