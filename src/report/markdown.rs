//! `report.md`: for pull requests and tickets. Short enough to be a comment: long tables end with how much was left out.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use self::escape::{code, prose};
use super::document::{FindingRow, LiveVersionRow, Report, ReportScope, StateRow};
use super::owned::Owner;
use super::words;
use crate::control::Status;
use crate::estate::Signal;
use crate::readiness::ReadinessVerdict;

mod changes;
mod costs;
mod escape;
mod faults;
mod rollback;

/// The longest table. GitHub takes 65,536 characters for a comment.
const ROWS: usize = 60;

/// The approvals of so many live versions are told over time.
const HISTORIES: usize = 12;

/// So many live versions have their story told.
const TIMELINES: usize = 8;

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut page = String::new();
    header(&mut page, report);
    if let Some(changed) = &report.changes {
        changes::changes(&mut page, changed, &report.scope);
    }
    stops(&mut page, report);
    actions(&mut page, report);
    by_account(&mut page, report);
    live_versions(&mut page, report);
    faults::faults(&mut page, report);
    costs::costs(&mut page, report);
    timelines(&mut page, report);
    rollback::rollbacks(&mut page, report);
    approvals(&mut page, report);
    changes::horizon(&mut page, report);
    findings(&mut page, report);
    gaps(&mut page, report);
    footer(&mut page, report);
    // A pipe is escaped for tables, where that holds inside code, too; elsewhere the sign before it would show.
    for line in page.split_inclusive('\n') {
        let line = if line.starts_with('|') { Cow::Borrowed(line) } else { Cow::Owned(line.replace("\\|", "|")) };
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

/// Appends lines; writing to a string cannot fail.
macro_rules! line {
    ($page:expr) => { $page.push('\n') };
    ($page:expr, $($text:tt)*) => {{
        let page: &mut String = $page;
        // Writing to a string never fails.
        _ = writeln!(page, $($text)*);
    }};
}

fn header(page: &mut String, report: &Report) {
    let (summary, scope) = (&report.summary, &report.scope);
    line!(page, "# Model governance report\n");
    line!(page, "**{}**\n", prose(&summary.headline));
    line!(
        page,
        "{} · {} · judged as of {} · read by {} · policy {} `{}`\n",
        accounts(scope),
        codes(&scope.regions),
        words::time(report.as_of),
        code(&scope.read_by()),
        report.policy.origin.as_deref().map_or_else(|| "built in".to_owned(), code),
        report.policy.hash.chars().filter(char::is_ascii_hexdigit).take(12).collect::<String>(),
    );
    if summary.live_versions > 0 {
        line!(page, "| Verdict | Live versions | What it asks for |\n|---|--:|---|");
        for verdict in words::VERDICTS {
            let count = summary.by_verdict.get(words::verdict_key(verdict)).copied().unwrap_or_default();
            let meaning = words::verdict_meaning(verdict);
            line!(page, "| {} | {} | {meaning} |", words::verdict(verdict), words::number(count));
        }
        line!(page);
    }
}

fn accounts(scope: &ReportScope) -> String {
    if scope.accounts.len() > 3 {
        words::count(scope.accounts.len(), "account")
    } else {
        format!("Account {}", codes(&scope.accounts))
    }
}

/// Live versions of each account, where there are several.
fn by_account(page: &mut String, report: &Report) {
    let rows = &report.summary.by_account;
    if rows.is_empty() {
        return;
    }
    line!(page, "## Accounts\n");
    line!(
        page,
        "| Account | Worst verdict | Live versions | Failing | Unknown | Gaps | Could not be listed |\n|---|---|--:|--:|--:|--:|---|"
    );
    for row in rows.iter().take(ROWS) {
        let worst = match row.worst {
            Some(verdict) => words::verdict(verdict),
            None if row.unread.is_empty() => "nothing serves",
            None => "not known",
        };
        let unread = if row.unread.is_empty() { "–".to_owned() } else { codes(&row.unread) };
        line!(
            page,
            "| {} | {worst} | {} | {} | {} | {} | {unread} |",
            code(&row.account),
            words::number(row.live_versions),
            words::number(row.failing),
            words::number(row.unknown),
            words::number(row.gaps),
        );
    }
    left_out(page, rows.len(), ROWS);
    line!(page);
}

fn codes(names: &[String]) -> String {
    names.iter().map(|name| code(name)).collect::<Vec<_>>().join(", ")
}

fn stops(page: &mut String, report: &Report) {
    let stop: Vec<&LiveVersionRow> =
        report.live_versions.iter().filter(|live| live.readiness.verdict == ReadinessVerdict::Stop).collect();
    if stop.is_empty() {
        return;
    }
    line!(page, "## What should stop, and why\n");
    for live in stop.iter().take(ROWS) {
        line!(page, "- {}: {}", slot(live, &report.scope), prose(&words::because(&live.readiness)));
    }
    left_out(page, stop.len(), ROWS);
    line!(page);
}

fn actions(page: &mut String, report: &Report) {
    if report.summary.actions.is_empty() {
        return;
    }
    line!(page, "## What to do first\n");
    for (at, action) in report.summary.actions.iter().enumerate() {
        line!(
            page,
            "{}. {} — {} ({}): {}",
            at + 1,
            words::sentence(&prose(&action.action)),
            code(&action.code),
            prose(&action.role),
            words::gain(action),
        );
    }
    line!(page);
}

fn live_versions(page: &mut String, report: &Report) {
    if report.live_versions.is_empty() {
        return;
    }
    line!(page, "## Live versions\n");
    line!(
        page,
        "| Verdict | Where | Version | Share | Approval | Owner | Coverage | Binding |\n|---|---|---|--:|---|---|---|---|"
    );
    let mut rows: Vec<&LiveVersionRow> = report.live_versions.iter().collect();
    rows.sort_by_key(|live| words::verdict_rank(live.readiness.verdict));
    let signals = words::signals_told(report);
    for live in rows.iter().take(ROWS) {
        let share = live.traffic_share.map_or_else(|| "–".to_owned(), words::percent);
        line!(
            page,
            "| {} | {} | {} | {share} | {} | {} | {} | {} |",
            words::verdict(live.readiness.verdict),
            slot(live, &report.scope),
            version(live),
            approval(live),
            owner(live),
            coverage(live, &signals),
            codes(&live.readiness.binding),
        );
    }
    left_out(page, rows.len(), ROWS);
    if signals.is_empty() {
        line!(page);
        return;
    }
    let signals: Vec<&str> = signals.into_iter().map(Signal::words).collect();
    line!(
        page,
        "\nCoverage is {} in this order: ● somebody hears of it, ◐ an alarm is there but reaches nobody, ○ no alarm, ? not known, · does not apply.\n",
        words::list(&signals)
    );
}

fn owner(live: &LiveVersionRow) -> String {
    match Owner::of(live) {
        Owner::Named(name) => code(name),
        other => other.words().to_owned(),
    }
}

/// What happened to the live versions that are worst off, as short lists.
fn timelines(page: &mut String, report: &Report) {
    let mut rows: Vec<&LiveVersionRow> = report
        .live_versions
        .iter()
        .filter(|live| !matches!(live.readiness.verdict, ReadinessVerdict::OperateAsIs | ReadinessVerdict::Expand))
        .filter(|live| !live.timeline.moments.is_empty())
        .collect();
    if rows.is_empty() {
        return;
    }
    rows.sort_by_key(|live| words::verdict_rank(live.readiness.verdict));
    line!(page, "## What happened, and when\n");
    for live in rows.iter().take(TIMELINES) {
        line!(page, "{}:\n", slot(live, &report.scope));
        for (at, moment) in live.timeline.moments.iter().enumerate() {
            let bound = if moment.bound == "exact" { "" } else { " at the latest" };
            let by = moment.by.as_deref().map(|by| format!(" by {}", code(words::identity(by))));
            let mark = if moment.against { "**" } else { "" };
            let ahead = if moment.ahead { "ahead: " } else { "" };
            line!(
                page,
                "{}. {}{bound}: {ahead}{mark}{}{mark}{}",
                at + 1,
                words::time(moment.at),
                prose(&moment.what),
                by.unwrap_or_default(),
            );
        }
        line!(page);
    }
    if rows.len() > TIMELINES {
        line!(page, "… and {} more: see `report.html`.\n", words::number(rows.len() - TIMELINES));
    }
}

fn slot(live: &LiveVersionRow, scope: &ReportScope) -> String {
    let account = if scope.accounts.len() > 1 { format!("{} ", code(&live.account)) } else { String::new() };
    let mut text = format!("{account}{} {}", words::path(live.path), code(&live.endpoint));
    for part in [&live.variant, &live.component].into_iter().flatten() {
        text.push_str(" / ");
        text.push_str(&code(part));
    }
    text
}

fn version(live: &LiveVersionRow) -> String {
    match (&live.group, live.version, &live.model) {
        (Some(group), Some(version), _) => format!("{} {version}", code(group)),
        (Some(package), None, _) => code(package),
        (None, _, Some(model)) => format!("{}, {}", code(model), words::unregistered(live)),
        (None, _, None) => words::unregistered(live).to_owned(),
    }
}

fn approval(live: &LiveVersionRow) -> String {
    let Some(approval) = &live.approval else {
        return if words::surely_unregistered(live) { "none" } else { "not known" }.to_owned();
    };
    let status = approval.status.as_deref().map_or_else(|| "not known".to_owned(), prose);
    let by = approval.by.as_deref().map(|by| format!(" by {}", code(words::identity(by))));
    format!("{status}{}, grade {}", by.unwrap_or_default(), approval.grade.as_str())
}

/// Every state that the versions worst off went through, with how well it is proved.
fn approvals(page: &mut String, report: &Report) {
    let mut told: Vec<_> = report.live_versions.iter().filter(|live| live.approval.is_some()).collect();
    if told.is_empty() {
        return;
    }
    told.sort_by_key(|live| words::verdict_rank(live.readiness.verdict));
    line!(page, "## Approvals\n");
    for live in told.iter().take(HISTORIES) {
        for approval in live.approval.iter().chain(&live.further_approvals) {
            let rests = format!("grade {}: {}", approval.grade.as_str(), prose(&approval.grade_words));
            let copy = approval.approved_as.as_ref().map(|source| format!(", approved as {}", code(source)));
            line!(
                page,
                "- {} at {}, {rests}{}",
                code(&approval.package_arn),
                slot(live, &report.scope),
                copy.unwrap_or_default()
            );
            for state in &approval.history {
                line!(page, "  - {}", step(state));
            }
        }
    }
    left_out(page, told.len(), HISTORIES);
    line!(page);
}

fn step(state: &StateRow) -> String {
    let at_most = if state.bound == "exact" { "" } else { " at the latest" };
    let mut text = format!("{}{at_most}: ", words::time(state.from));
    text.push_str(&prose(words::state(state.state.as_deref())));
    text.push_str(", ");
    text.push_str(words::change(state.change));
    let parts = state.content.iter().map(|part| format!(", {}", prose(part)));
    let by = state.by.iter().map(|by| format!(" by {}", code(words::identity(by))));
    let until = state.until.map_or_else(|| "now".to_owned(), words::time);
    let proof = format!(", until {until} (grade {}: {}", state.grade.as_str(), prose(&state.grade_words));
    let file = state.source.iter().map(|source| format!(", in {}", code(source)));
    let event = state.event_id.iter().map(|id| format!(", event {}", code(id)));
    text.extend(parts.chain(by).chain([proof]).chain(file).chain(event));
    text.push(')');
    text
}

fn coverage(live: &LiveVersionRow, signals: &[Signal]) -> String {
    let glyphs = signals.iter().map(|signal| words::coverage_glyph(live.alarms.get(signal.words())));
    glyphs.collect::<Vec<_>>().join(" ")
}

fn left_out(page: &mut String, rows: usize, shown: usize) {
    if rows > shown {
        line!(page, "\n… and {} more: see `report.html` or `report.json`.", words::number(rows - shown));
    }
}

fn findings(page: &mut String, report: &Report) {
    let mut open: Vec<&FindingRow> =
        report.findings.iter().filter(|finding| matches!(finding.status, Status::Fail | Status::Unknown)).collect();
    if open.is_empty() {
        return;
    }
    open.sort_by_key(|finding| (finding.status == Status::Unknown, std::cmp::Reverse(finding.severity)));
    line!(page, "## Findings that fail or are unknown\n");
    line!(page, "| Status | Severity | Control | Subject | Why | What to do |\n|---|---|---|---|---|---|");
    for finding in open.iter().take(ROWS) {
        let reason = match finding.gap_ids.as_slice() {
            [] => prose(&finding.reason),
            gaps => format!(
                "{} ({})",
                prose(&finding.reason),
                gaps.iter().map(|gap| code(gap)).collect::<Vec<_>>().join(" ")
            ),
        };
        line!(
            page,
            "| {} | {} | {} | {} | {reason} | {} |",
            words::status(finding.status),
            words::severity(finding.severity),
            code(&finding.code),
            code(words::short_id(&finding.subject.name, &report.scope)),
            prose(&finding.remedy),
        );
    }
    left_out(page, open.len(), ROWS);
    let count = |status| report.findings.iter().filter(|finding| finding.status == status).count();
    line!(
        page,
        "\n{} pass, {} do not apply, {} waived.\n",
        words::number(count(Status::Pass)),
        words::number(count(Status::NotApplicable)),
        words::number(count(Status::Waived)),
    );
}

fn gaps(page: &mut String, report: &Report) {
    if report.gaps.is_empty() {
        return;
    }
    line!(page, "## What could not be seen\n");
    line!(page, "| Gap | Call | Where | Why | Hides | What closes it |\n|---|---|---|---|---|---|");
    for gap in report.gaps.iter().take(ROWS) {
        line!(
            page,
            "| {} | {} | {} {} | {} | {} | {} |",
            code(&gap.id),
            code(&gap.call),
            code(&gap.account),
            code(&gap.region),
            prose(&gap.cause_words),
            gap.hides.iter().map(|what| prose(what)).collect::<Vec<_>>().join("; "),
            prose(&gap.remedy),
        );
    }
    left_out(page, report.gaps.len(), ROWS);
    line!(page);
}

fn footer(page: &mut String, report: &Report) {
    if !report.exclusions.is_empty() {
        line!(page, "## Left out by the policy\n");
        for exclusion in report.exclusions.iter().take(ROWS) {
            let who = if exclusion.by_tag { "; whoever may set the tag may hide it" } else { "" };
            line!(page, "- {}: {}{who}", code(&exclusion.id), prose(&exclusion.rule));
        }
        left_out(page, report.exclusions.len(), ROWS);
        line!(page);
    }
    let scope = &report.scope;
    if !scope.left_out.is_empty() {
        line!(page, "## Accounts that were not to be read\n");
        for out in scope.left_out.iter().take(ROWS) {
            let name = if out.name.is_empty() { String::new() } else { format!(", {}", code(&out.name)) };
            line!(page, "- {}{name}: {}", code(&out.account), prose(&out.why));
        }
        left_out(page, scope.left_out.len(), ROWS);
        line!(page);
    }
    if !scope.other_accounts.is_empty() || !scope.log_files.is_empty() {
        line!(page, "## Other places\n");
        for other in &scope.other_accounts {
            let read = other
                .reader
                .as_deref()
                .map_or_else(|| "not read".to_owned(), |reader| format!("read by {}", code(words::identity(reader))));
            line!(page, "- Account {} for {}: {read}", code(&other.account), prose(&other.purpose));
        }
        for place in &scope.log_files {
            line!(page, "- Log files of trails in {}", code(place));
        }
        line!(page);
    }
    line!(page, "<details><summary>What this version does not look at</summary>\n");
    for what in &report.scope.not_looked_at {
        line!(page, "- {}", prose(what));
    }
    line!(page, "\n</details>");
}
