//! A publication in a few plain lines: what people read in a mail, a message or a chat.
//!
//! Names come from strangers, and mail programs make links of whatever looks like one: [`inert`] takes that away.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::Publication;
use super::news::{News, NewsItem};
use crate::control::{Severity, Status};
use crate::report::document::Report;
use crate::report::escape::visible;
use crate::report::words;

/// More changes than so many are for the report.
const CHANGES: usize = 10;
/// More actions than so many are a backlog.
const ACTIONS: usize = 3;
/// The longest line.
const LINE: usize = 400;

/// The text with what deceives the eye shown, and with nothing that a mail program makes a link of: `hxxp` tricks are left
/// to others, a bracket is enough (`https[:]//evil[.]example`).
pub fn inert(text: &str) -> String {
    let shown: Cow<'_, str> = visible(text);
    let mut out = String::with_capacity(shown.len() + 8);
    let mut rest: &str = &shown;
    while let Some(at) = rest.find(['.', ':']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let mut chars = from.chars();
        let mark = chars.next().unwrap_or('.');
        let after = chars.as_str();
        let names_a_host = mark == '.' && joins_a_host(before, after);
        let begins_an_address = mark == ':' && (after.starts_with("//") || is_scheme(before, after));
        if names_a_host || begins_an_address {
            out.push('[');
            out.push(mark);
            out.push(']');
        } else {
            out.push(mark);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether a dot joins a label to what may be a top-level domain: `evil.example`, not `0.95` nor the end of a sentence.
fn joins_a_host(before: &str, after: &str) -> bool {
    let label: usize = after.chars().take_while(|c| c.is_alphabetic()).count();
    before.chars().next_back().is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '_')) && label >= 2
}

/// Whether what stands before a colon is a scheme that programs follow without slashes.
fn is_scheme(before: &str, after: &str) -> bool {
    let word = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase();
    matches!(word.as_str(), "mailto" | "tel" | "sms" | "javascript" | "data" | "file" | "skype")
        && !after.starts_with(' ')
}

/// One line of bearable length.
pub fn line(text: &str) -> String {
    let text = inert(text);
    match text.char_indices().nth(LINE) {
        Some((end, _)) => format!("{} …", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Verdicts that somebody has, worst first, such as `2 stop, 5 fix controls first`.
pub fn verdicts(report: &Report) -> String {
    let counts = words::VERDICTS.into_iter().filter_map(|verdict| {
        let count = report.summary.by_verdict.get(words::verdict_key(verdict)).copied().filter(|count| *count > 0)?;
        Some(format!("{} {}", words::number(count), words::verdict(verdict)))
    });
    counts.collect::<Vec<_>>().join(", ")
}

/// The subject of a mail: at most 100 printable ASCII characters.
/// Source: <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
pub fn subject(report: &Report, news: &News<'_>) -> String {
    let accounts = match report.scope.accounts.as_slice() {
        [one] => format!("account {one}"),
        many => words::count(many.len(), "account"),
    };
    let verdicts = if report.live_versions.is_empty() { "nothing serves".to_owned() } else { verdicts(report) };
    let gates = news.items.iter().filter(|item| item.is_gate()).count();
    let news = match (gates, news.items.len()) {
        (0, 0) => String::new(),
        (0, changes) => format!("; {}", words::count(changes, "change")),
        (gates, _) => format!("; {}", words::count(gates, "gate change")),
    };
    let text = format!("Countersign, {accounts}: {verdicts}{news}");
    text.chars().map(|c| if matches!(c, ' '..='~') { c } else { '?' }).take(100).collect()
}

/// The body: what is so, what changed and why, what to do first, and where the rest lies.
pub fn body(publication: &Publication<'_>, news: &News<'_>) -> String {
    let Publication { report, run, .. } = *publication;
    let mut out = String::new();
    _ = writeln!(out, "{}", line(&report.summary.headline));
    _ = writeln!(
        out,
        "\nAccount {} in {}, as of {}.",
        inert(&report.scope.accounts.join(", ")),
        inert(&report.scope.regions.join(", ")),
        words::time(report.as_of)
    );
    let failing: Vec<String> = words::SEVERITIES
        .into_iter()
        .filter_map(|severity| {
            let name = words::severity(severity);
            let count = report.summary.failing_by_severity.get(name).copied().filter(|count| *count > 0)?;
            Some(format!("{} {name}", words::number(count)))
        })
        .collect();
    if !report.live_versions.is_empty() {
        _ = writeln!(out, "Verdicts: {}.", verdicts(report));
    }
    let failing = if failing.is_empty() { "none".to_owned() } else { failing.join(", ") };
    _ = writeln!(out, "Failing findings: {failing}. Gaps: {}.", words::number(report.gaps.len()));
    changes(&mut out, report, news);
    if !report.summary.actions.is_empty() {
        out.push_str("\nWhat to do first:\n");
        for (at, action) in report.summary.actions.iter().take(ACTIONS).enumerate() {
            let text = format!("{} ({}; {})", words::sentence(&action.action), words::gain(action), action.role);
            _ = writeln!(out, "{}. {}", at + 1, line(&text));
        }
    }
    _ = writeln!(out, "\nThe report is that of run {run}.");
    out
}

/// What changed, worst first, each with its cause.
fn changes(out: &mut String, report: &Report, news: &News<'_>) {
    match &report.changes {
        Some(changes) => _ = writeln!(out, "\n{}", line(&changes.headline)),
        None if news.items.is_empty() => return,
        None => out.push_str("\nNo earlier run is known, so everything that fails is new:\n"),
    }
    for item in news.items.iter().take(CHANGES) {
        _ = writeln!(out, "- {}", change(item, report));
    }
    if news.items.len() > CHANGES {
        _ = writeln!(out, "- and {} more", words::number(news.items.len() - CHANGES));
    }
}

/// One change: what happened, to what, why, and by what cause.
pub fn change(item: &NewsItem<'_>, report: &Report) -> String {
    let what = item.finding.map_or(item.because, |finding| &finding.reason);
    let cause = item.cause.map(|cause| format!(" [{}]", cause.words())).unwrap_or_default();
    line(&format!(
        "{} ({}): {} about {}: {what}{cause}",
        item.change.words(),
        words::severity(item.severity),
        item.code,
        words::short_id(item.subject, &report.scope),
    ))
}

/// The worst severity of all that fails; `None` where nothing does.
pub fn worst(report: &Report) -> Option<Severity> {
    report.findings.iter().filter(|finding| finding.status == Status::Fail).map(|finding| finding.severity).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::CollectStats;
    use crate::publish::Trigger;
    use crate::report::sample::{HOSTILE, bank, blank, hostile};

    fn text(report: &Report) -> (String, String) {
        let (stats, trigger) = (CollectStats::default(), Trigger::Command);
        let publication = Publication { report, stats: &stats, run: "run-1", trigger: &trigger, documents: &[] };
        let news = News::of(report, &trigger);
        (subject(report, &news), body(&publication, &news))
    }

    #[test]
    fn nothing_in_it_can_be_clicked() {
        for (text, shown) in [
            ("https://evil.example/x", "https[:]//evil[.]example/x"),
            ("www.evil.com.", "www[.]evil[.]com."),
            ("mail to mailto:x@evil.example", "mail to mailto[:]x@evil[.]example"),
            ("share 0.95 of 1.5, v1.2.3.", "share 0.95 of 1.5, v1.2.3."),
            (
                "arn:aws:sagemaker:eu-central-1:111122223333:model-package/a/7",
                "arn:aws:sagemaker:eu-central-1:111122223333:model-package/a/7",
            ),
            ("one. Two: three", "one. Two: three"),
            ("a\nb", "a\\u{a}b"),
        ] {
            assert_eq!(inert(text), shown, "{text}");
        }
    }

    #[test]
    fn a_message_leads_with_what_changed_and_why() {
        let (subject, body) = text(&bank());
        assert!(subject.starts_with("Countersign, account 111122223333: "), "{subject}");
        for words in [
            "Verdicts: ",
            "Since the run of",
            "new (critical): APR-005",
            "[the estate]",
            "What to do first:\n1. ",
            "run run-1",
        ] {
            assert!(body.contains(words), "{words}:\n{body}");
        }
        let (subject, body) = text(&blank());
        assert!(subject.contains("nothing serves") && !body.contains("What to do first"), "{subject}\n{body}");
    }

    #[test]
    fn strangers_forge_neither_lines_nor_links() {
        let report = hostile();
        let (subject, body) = text(&report);
        assert!(subject.len() <= 100 && subject.chars().all(|c| matches!(c, ' '..='~')), "{subject}");
        assert!(body.len() < 16_000, "{} bytes", body.len());
        assert!(body.lines().all(|line| line.chars().all(|c| !c.is_control())));
        assert!(!body.contains("://") && !body.contains("www.") && !body.contains('\u{202e}'), "{body}");
        assert!(HOSTILE.iter().any(|text| body.contains(inert(text).as_str())), "they are shown: {body}");
        let lines = |report| text(report).1.lines().count();
        assert_eq!(lines(&report), lines(&bank()), "a name forges no line");
    }
}
