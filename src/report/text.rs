//! The summary on a terminal: fits the width, plain text, colour only if the caller asks for it.

use std::fmt::Write as _;

use self::columns::{fit, width};
use super::document::{LiveVersionRow, Report};
use super::escape::visible;
use super::{faults, words};
use crate::control::Status;
use crate::estate::Signal;
use crate::readiness::ReadinessVerdict;

mod changes;
mod columns;
mod costs;

pub use changes::changes;

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

fn table(out: &mut String, report: &Report, style: Style) {
    if report.live_versions.is_empty() {
        return;
    }
    let mut rows: Vec<&LiveVersionRow> = report.live_versions.iter().collect();
    rows.sort_by_key(|live| words::verdict_rank(live.readiness.verdict));
    let layout = Layout::new(report, &rows, style.width);
    line!(out);
    let letters = layout.signals.iter().map(|signal| words::signal_letter(*signal)).collect::<Vec<_>>().join(" ");
    line!(
        out,
        "{}",
        style.dim(&layout.row("  VERDICT", "LIVE VERSION", "VERSION", "BY", &letters, "OWNER", "BINDING"))
    );
    for live in rows.iter().take(ROWS) {
        let mark = format!("{} {}", verdict_mark(live.readiness.verdict), words::verdict(live.readiness.verdict));
        let grade = live.approval.as_ref().map_or("–", |approval| approval.grade.as_str());
        let glyphs = layout.signals.iter().map(|signal| words::coverage_glyph(live.alarms.get(signal.words())));
        let coverage = glyphs.collect::<Vec<_>>().join(" ");
        let owner = live.owner.as_ref().map_or("nobody", |owner| owner.name.as_str());
        let binding = live.readiness.binding.join(" ");
        let text = layout.row(&mark, &slot(live, report), &version(live), grade, &coverage, owner, &binding);
        line!(out, "{}", style.verdict(live.readiness.verdict, &text));
    }
    if rows.len() > ROWS {
        line!(out, "  … and {} more", words::number(rows.len() - ROWS));
    }
    let mut legend = "BY: grade of the approval's proof, A best".to_owned();
    if !layout.signals.is_empty() {
        let meanings: Vec<&str> = layout.signals.iter().map(|signal| signal_meaning(*signal)).collect();
        _ = write!(legend, ". {letters}: {}: ● heard ◐ broken ○ missing ? unknown · n/a", meanings.join(", "));
    }
    for text in wrap(&legend, style.width, "  ") {
        line!(out, "{}", style.dim(&text));
    }
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
        item(out, &format!("- {}: {}", slot(live, report), words::because(&live.readiness)), style);
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

/// Breaks text at spaces; lines after the first begin with `indent`. A word that is too long is cut.
fn wrap(text: &str, columns: usize, indent: &str) -> Vec<String> {
    let text = visible(text);
    let mut lines: Vec<String> = Vec::new();
    let mut current = String::new();
    for word in text.split(' ') {
        if !current.trim().is_empty() && width(&current) + 1 + width(word) > columns {
            lines.push(std::mem::replace(&mut current, indent.to_owned()));
            current.push_str(fit(word, columns.saturating_sub(indent.len())).trim_end());
            continue;
        }
        if !current.is_empty() && current != indent {
            current.push(' ');
        }
        current.push_str(fit(word, columns.saturating_sub(indent.len())).trim_end());
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
}

/// Widths of the columns; those that matter less disappear first.
struct Layout {
    slot: usize,
    version: usize,
    owner: usize,
    binding: usize,
    /// The signals that are told: of those that apply to nothing, there is no column.
    signals: Vec<Signal>,
    coverage: usize,
}

const VERDICT: usize = 20;
const GRADE: usize = 2;
const GAP: usize = 2;

impl Layout {
    fn new(report: &Report, rows: &[&LiveVersionRow], columns: usize) -> Self {
        let longest = |text: &dyn Fn(&LiveVersionRow) -> String, least: usize, most: usize| {
            rows.iter().take(ROWS).map(|live| width(&visible(&text(live)))).max().unwrap_or_default().clamp(least, most)
        };
        let signals = words::signals_told(report);
        // A letter each, and a space between two.
        let coverage = (2 * signals.len()).saturating_sub(1);
        let mut layout = Self { slot: 0, version: 0, owner: 0, binding: 0, signals, coverage };
        let mut left = columns.saturating_sub(VERDICT + GAP);
        let mut take = |want: usize, keep: usize| {
            let got = if left >= keep + want + GAP { want } else { 0 };
            left -= if got > 0 { got + GAP } else { 0 };
            got
        };
        let (grade, coverage) = (GRADE + GAP, coverage + GAP);
        let wanted = longest(&|live| slot(live, report), 12, 60);
        let least_slot = wanted.min(34);
        layout.version = take(longest(&version, 7, 24), least_slot + grade + coverage);
        layout.binding = take(longest(&|live| live.readiness.binding.join(" "), 7, 31), least_slot + grade + coverage);
        layout.owner = take(
            longest(&|live| live.owner.as_ref().map_or_else(String::new, |owner| owner.name.clone()), 6, 22),
            least_slot + grade + coverage,
        );
        layout.slot = wanted.min(left.saturating_sub(grade + coverage));
        layout
    }

    #[allow(clippy::too_many_arguments, reason = "a table row has as many cells as it has columns")]
    fn row(
        &self,
        verdict: &str,
        slot: &str,
        version: &str,
        grade: &str,
        coverage: &str,
        owner: &str,
        binding: &str,
    ) -> String {
        let cells = [
            (verdict, VERDICT),
            (slot, self.slot),
            (version, self.version),
            (grade, GRADE),
            (coverage, self.coverage),
            (owner, self.owner),
            (binding, self.binding),
        ];
        let cells: Vec<String> = cells
            .into_iter()
            .filter(|(_, columns)| *columns > 0)
            .map(|(text, columns)| fit(&visible(text), columns))
            .collect();
        cells.join("  ").trim_end().to_owned()
    }
}
