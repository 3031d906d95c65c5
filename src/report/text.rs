//! What commands print: fits the width, plain text, colour only if the caller asks for it. Here the summary of a report.

use std::cmp::Reverse;
use std::fmt::Write as _;

use self::columns::{pieces, short_arns, width};
use self::table::{Column, Layout};
use super::document::{FindingRow, LiveVersionRow, Report};
use super::escape::visible;
use super::owned::Owner;
use super::{faults, words};
use crate::control::{Severity, Status};
use crate::estate::Signal;
use crate::readiness::ReadinessVerdict;

mod changes;
mod columns;
mod costs;
mod findings;
mod show;
mod table;

pub use changes::changes;
pub use findings::{findings, tally};
pub use show::{findings as findings_of, names, show};

/// More live versions than so many are for a file to list, not for a terminal.
const ROWS: usize = 40;

/// The longest list beside the table.
const SHORT: usize = 5;

/// How the terminal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns.
    pub width: usize,
    /// Whether to use colour.
    pub colour: bool,
}

/// The summary of a report.
pub fn summary(report: &Report, style: Style) -> String {
    let style = Style { width: style.width.max(40), ..style };
    let mut out = String::new();
    if let Some(changed) = &report.changes {
        changes::short(&mut out, changed, &report.scope, style);
    }
    headline(&mut out, report, style);
    by_account(&mut out, report, style);
    table(&mut out, report, style);
    stops(&mut out, report, style);
    actions(&mut out, report, style);
    counts(&mut out, report, style);
    out
}

/// Appends a line; writing to a string cannot fail.
macro_rules! line {
    ($out:expr) => { $out.push('\n') };
    ($out:expr, $($text:tt)*) => {{
        let out: &mut String = $out;
        _ = writeln!(out, $($text)*);
    }};
}

fn headline(out: &mut String, report: &Report, style: Style) {
    let scope = &report.scope;
    for text in wrap(&report.summary.headline, style.width, "") {
        line!(out, "{}", style.bold(&text));
    }
    let place = format!(
        "{} · {} · as of {} · read by {}",
        match scope.accounts.len() {
            many @ 4.. => words::count(many, "account"),
            _ => format!("account {}", scope.accounts.join(", ")),
        },
        scope.regions.join(", "),
        words::time(report.as_of),
        scope.read_by(),
    );
    for text in wrap(&place, style.width, "") {
        line!(out, "{}", style.dim(&text));
    }
}

/// One line an account, where there are several.
fn by_account(out: &mut String, report: &Report, style: Style) {
    let rows = &report.summary.by_account;
    if rows.is_empty() {
        return;
    }
    line!(out, "\n{}", style.bold("By account"));
    for row in rows.iter().take(ROWS) {
        let verdict = match row.worst {
            Some(verdict) => words::verdict(verdict),
            None if row.unread.is_empty() => "nothing serves",
            None => "not known",
        };
        let unread = match row.unread.as_slice() {
            [] => String::new(),
            regions => format!("; what serves in {} could not be read", words::list(regions)),
        };
        let live = words::count(row.live_versions, "live version");
        let failing = words::count(row.failing, "failing finding");
        let text = format!("  {}  {verdict:<18}  {live}, {failing}{unread}", row.account);
        for text in wrap(&text, style.width, "                ") {
            line!(out, "{text}");
        }
    }
    if rows.len() > ROWS {
        line!(out, "  … and {} more", words::number(rows.len() - ROWS));
    }
}

/// Live versions, worst first.
fn table(out: &mut String, report: &Report, style: Style) {
    if report.live_versions.is_empty() {
        return;
    }
    let mut live: Vec<&LiveVersionRow> = report.live_versions.iter().collect();
    live.sort_by_key(|live| words::verdict_rank(live.readiness.verdict));
    let signals = words::signals_told(report);
    let letters = signals.iter().map(|signal| words::signal_letter(*signal)).collect::<Vec<_>>().join(" ");
    let rows: Vec<[String; 7]> = live.iter().take(ROWS).map(|live| row(live, &signals, report)).collect();
    let told = letters.len();
    let columns = [
        Column::new("  VERDICT", 20, 20),
        Column::new("LIVE VERSION", 34, 60),
        Column::new("VERSION", 20, 24).if_room(1),
        Column::new("BY", 2, 2),
        Column::new(letters.as_str(), told, told),
        Column::new("OWNER", 28, 32).if_room(2),
        Column::new("BINDING", 23, 31).if_room(3),
    ];
    let layout = Layout::new(&columns, &rows, style.width);
    line!(out);
    line!(out, "{}", style.dim(&layout.head()));
    for (live, cells) in live.iter().zip(&rows) {
        for text in layout.row(cells) {
            line!(out, "{}", style.verdict(live.readiness.verdict, &text));
        }
    }
    if live.len() > ROWS {
        line!(out, "  … and {} more; `countersign show` lists them", words::number(live.len() - ROWS));
    }
    let mut legend = "BY: grade of the approval's proof, A best".to_owned();
    if !signals.is_empty() {
        let meanings: Vec<&str> = signals.iter().map(|signal| signal_meaning(*signal)).collect();
        _ = write!(legend, ". {letters}: {}: ● heard ◐ broken ○ missing ? unknown · n/a", meanings.join(", "));
    }
    for text in wrap(&legend, style.width, "  ") {
        line!(out, "{}", style.dim(&text));
    }
}

/// The cells of one live version.
fn row(live: &LiveVersionRow, signals: &[Signal], report: &Report) -> [String; 7] {
    let glyphs = signals.iter().map(|signal| words::coverage_glyph(live.alarms.get(signal.words())));
    [
        format!("{} {}", verdict_mark(live.readiness.verdict), words::verdict(live.readiness.verdict)),
        slot(live, report),
        version(live),
        live.approval.as_ref().map_or("–", |approval| approval.grade.as_str()).to_owned(),
        glyphs.collect::<Vec<_>>().join(" "),
        Owner::of(live).words().to_owned(),
        live.readiness.binding.join(" "),
    ]
}

/// What the letter of a signal stands for.
fn signal_meaning(signal: Signal) -> &'static str {
    match signal {
        Signal::Saturation => "saturation (full)",
        other => other.words(),
    }
}

fn actions(out: &mut String, report: &Report, style: Style) {
    if report.summary.actions.is_empty() {
        return;
    }
    line!(out, "\n{}", style.bold("What to do first"));
    for (at, action) in report.summary.actions.iter().enumerate() {
        let text = format!(
            "{}. {} ({}; {}): {}",
            at + 1,
            words::sentence(&action.action),
            action.code,
            action.role,
            words::gain(action),
        );
        for text in wrap(&text, style.width - 2, "   ") {
            line!(out, "  {text}");
        }
    }
}

/// What must stop, by name and reason.
fn stops(out: &mut String, report: &Report, style: Style) {
    let stop: Vec<&LiveVersionRow> =
        report.live_versions.iter().filter(|live| live.readiness.verdict == ReadinessVerdict::Stop).collect();
    if stop.is_empty() {
        return;
    }
    line!(out, "\n{}", style.bold("What should stop, and why"));
    for live in stop.iter().take(SHORT) {
        item(out, &format!("- {}: {}", slot(live, report), short_arns(&words::because(&live.readiness))), style);
    }
    more(out, stop.len(), SHORT);
}

fn counts(out: &mut String, report: &Report, style: Style) {
    let summary = &report.summary;
    let of = |status| words::number(summary.by_status.get(words::status_key(status)).copied().unwrap_or_default());
    let severities: Vec<String> = words::SEVERITIES
        .into_iter()
        .map(words::severity)
        .filter_map(|name| {
            let count = summary.failing_by_severity.get(name).copied().filter(|count| *count > 0)?;
            Some(format!("{} {name}", words::number(count)))
        })
        .collect();
    let severities = if severities.is_empty() { String::new() } else { format!(" ({})", severities.join(", ")) };
    line!(out);
    let (fail, unknown, waived, pass) = (of(Status::Fail), of(Status::Unknown), of(Status::Waived), of(Status::Pass));
    let mut texts = vec![format!("Findings: {fail} fail{severities}, {unknown} unknown, {waived} waived, {pass} pass")];
    texts.extend(
        summary.evidence_share.map(|share| format!("Evidence: {} of what gates was decided", words::percent(share))),
    );
    texts.extend(faults::line(&faults::counts(report)));
    texts.extend(costs::lines(report));
    texts.extend(changes::horizon(report));
    texts.extend(report.baseline.as_ref().map(|baseline| {
        let known = report.findings.iter().filter(|finding| finding.known).count();
        format!("Baseline: {} known to {}", words::count(known, "finding"), baseline.origin)
    }));
    if !report.gaps.is_empty() {
        texts.push(format!("Could not see: {}", words::count(report.gaps.len(), "gap")));
    }
    for text in texts.iter().flat_map(|text| wrap(text, style.width, "  ")) {
        line!(out, "{text}");
    }
    let mut gaps: Vec<_> = report.gaps.iter().collect();
    gaps.sort_by_key(|gap| std::cmp::Reverse(gap.findings));
    for gap in gaps.iter().take(SHORT) {
        item(out, &format!("- {} in {}: {}", gap.call, gap.region, gap.remedy), style);
    }
    more(out, gaps.len(), SHORT);
}

/// One item of a short list.
fn item(out: &mut String, text: &str, style: Style) {
    for text in wrap(text, style.width - 2, "  ") {
        line!(out, "  {text}");
    }
}

fn more(out: &mut String, all: usize, told: usize) {
    if all > told {
        line!(out, "  … and {} more", words::number(all - told));
    }
}

fn slot(live: &LiveVersionRow, report: &Report) -> String {
    let account = Some(&live.account).filter(|_| report.scope.accounts.len() > 1);
    let parts: Vec<&str> = [account, Some(&live.endpoint), live.variant.as_ref(), live.component.as_ref()]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    parts.join("/")
}

fn version(live: &LiveVersionRow) -> String {
    match (&live.group, live.version) {
        (Some(group), Some(version)) => format!("{group} {version}"),
        (Some(package), None) => package.clone(),
        (None, _) => words::unregistered(live).to_owned(),
    }
}

fn verdict_mark(verdict: ReadinessVerdict) -> &'static str {
    match verdict {
        ReadinessVerdict::Stop => "■",
        ReadinessVerdict::FixControlsFirst => "▲",
        ReadinessVerdict::KeepInPilot => "△",
        ReadinessVerdict::OperateAsIs => "●",
        ReadinessVerdict::Expand => "✔",
    }
}

/// A status in one character; a shape each, so that colour is not needed.
fn status_mark(status: Status) -> &'static str {
    match status {
        Status::Fail => "✖",
        Status::Unknown => "?",
        Status::Waived => "◇",
        Status::Pass => "✔",
        Status::NotApplicable => "·",
    }
}

/// The order in which findings are told: what fails, what is unknown, what is waived; the worst of each first.
fn urgency(finding: &FindingRow) -> (usize, Reverse<Severity>, &str, &str) {
    let status = words::STATUSES.iter().position(|status| *status == finding.status);
    (status.unwrap_or(words::STATUSES.len()), Reverse(finding.severity), &finding.code, &finding.subject.name)
}

/// Breaks text at spaces; lines after the first begin with `indent`. A word that is too long goes on in the next line.
fn wrap(text: &str, columns: usize, indent: &str) -> Vec<String> {
    let text = visible(text);
    let room = columns.saturating_sub(width(indent));
    let mut lines: Vec<String> = Vec::new();
    let mut current = String::new();
    for word in text.split(' ') {
        for (part, piece) in pieces(word, room).into_iter().enumerate() {
            let mut begins = current.is_empty() || current == indent;
            let gap = usize::from(part == 0 && !begins);
            if !current.trim().is_empty() && width(&current) + gap + width(&piece) > columns {
                lines.push(std::mem::replace(&mut current, indent.to_owned()));
                begins = true;
            }
            if part == 0 && !begins {
                current.push(' ');
            }
            current.push_str(&piece);
        }
    }
    lines.push(current);
    lines
}

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    fn verdict(self, verdict: ReadinessVerdict, text: &str) -> String {
        match verdict {
            ReadinessVerdict::Stop => self.paint("31", text),
            ReadinessVerdict::FixControlsFirst | ReadinessVerdict::KeepInPilot => self.paint("33", text),
            ReadinessVerdict::OperateAsIs => text.to_owned(),
            ReadinessVerdict::Expand => self.paint("32", text),
        }
    }

    fn status(self, status: Status, text: &str) -> String {
        match status {
            Status::Fail => self.paint("31", text),
            Status::Unknown => self.paint("35", text),
            Status::Waived => self.paint("33", text),
            Status::Pass => self.paint("32", text),
            Status::NotApplicable => text.to_owned(),
        }
    }
}
