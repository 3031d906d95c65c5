//! What of a report is news: what changed since the last run, and whether a gate is among it.
//!
//! Without an archive there is no last run: then everything that fails is new.

use std::collections::HashMap;

use crate::control::{Gate, Severity, Status, registry};
use crate::policy::When;
use crate::report::document::{Cause, Change, ChangeRow, FindingRow, FindingState, LiveVersionRow, Report};
use crate::report::shared::Shared;
use crate::report::words;

use super::Trigger;

/// What became of one finding since the last run.
#[derive(Clone, Debug)]
pub struct NewsItem<'a> {
    /// What became of it.
    pub change: Change,
    /// Why it changed; absent where there is no last run to compare with.
    pub cause: Option<Cause>,
    /// The cause in plain words; empty where there is none.
    pub because: &'a str,
    /// Its fingerprint.
    pub fingerprint: &'a str,
    /// Code of the control.
    pub code: &'a str,
    /// Name of the subject.
    pub subject: &'a str,
    /// Severity.
    pub severity: Severity,
    /// Its gate: of this case where it is still there, else of the control.
    pub gate: Option<Gate>,
    /// Status then.
    pub before: Option<Status>,
    /// Status now; absent if it is gone.
    pub now: Option<Status>,
    /// What the comparison says of it; absent where there is no last run to compare with.
    pub row: Option<&'a ChangeRow>,
    /// The finding, if it is still there.
    pub finding: Option<&'a FindingRow>,
    /// The live version that it is about, if that is one and still there.
    pub live: Option<&'a LiveVersionRow>,
}

/// What a publication tells anew.
#[derive(Clone, Debug)]
pub struct News<'a> {
    /// Findings that changed, worst first.
    pub items: Vec<NewsItem<'a>>,
    /// Whether a live version came, went or was replaced.
    pub live_changed: bool,
    /// Whether there was a run to compare with.
    pub compared: bool,
}

impl<'a> News<'a> {
    /// What is news in a report. A run that looked at a part of the estate only tells nothing of what it did not see.
    pub fn of(report: &'a Report, trigger: &Trigger) -> Self {
        let partial = matches!(trigger, Trigger::Event { .. });
        let lives: HashMap<&str, &LiveVersionRow> =
            report.live_versions.iter().map(|live| (live.id.as_str(), live)).collect();
        let live_of =
            |finding: &FindingRow| finding.subject.live_version.as_deref().and_then(|id: &str| lives.get(id).copied());
        let Some(changes) = &report.changes else {
            let failing = report.findings.iter().filter(|finding| finding.status == Status::Fail);
            let mut items: Vec<NewsItem<'a>> = failing.map(|finding| first_seen(finding, live_of(finding))).collect();
            // What should stop leads.
            items.sort_by_key(|item| (item.gate, std::cmp::Reverse(item.severity)));
            return Self { items, live_changed: false, compared: false };
        };
        let findings: HashMap<&Shared, &FindingRow> =
            report.findings.iter().map(|finding| (&finding.id, finding)).collect();
        let item = |row: &'a ChangeRow| {
            let finding = row.finding.as_ref().and_then(|id| findings.get(id).copied());
            let own =
                || registry::CONTROLS.iter().find(|control| control.code == &*row.code).map(|control| control.gate);
            NewsItem {
                change: row.change,
                cause: Some(row.cause),
                because: &row.because,
                fingerprint: &row.fingerprint,
                code: &row.code,
                subject: &row.subject,
                severity: row.severity,
                gate: finding.map(|finding| finding.gate).or_else(own),
                before: row.before,
                now: row.now,
                row: Some(row),
                finding,
                live: finding.and_then(live_of),
            }
        };
        let seen = |row: &&ChangeRow| !partial || row.finding.is_some();
        Self {
            items: changes.findings.iter().filter(seen).map(item).collect(),
            live_changed: changes.live_versions.iter().any(|row| !partial || row.now.is_some()),
            compared: true,
        }
    }

    /// Whether a gate began to fail, or no longer does.
    pub fn gate_changed(&self) -> bool {
        self.items.iter().any(NewsItem::is_gate)
    }

    /// Whether something changed that people should hear of. An answer that did not come this time is for the report.
    pub fn changed(&self) -> bool {
        self.live_changed || self.items.iter().any(|item| item.cause != Some(Cause::Reading))
    }

    /// Whether a sink that asked for it so hears of this run.
    pub fn is_due(&self, when: When) -> bool {
        match when {
            When::Always => true,
            When::Change => self.changed(),
            When::Gate => self.gate_changed(),
        }
    }

    /// Why nothing is sent.
    pub fn nothing(&self, report: &Report, when: When) -> String {
        let since = report.changes.as_ref().map(|changes| format!(" since the run of {}", words::time(changes.since)));
        let what = match when {
            When::Gate => "no gate began to fail or was healed",
            When::Always | When::Change => "nothing changed",
        };
        format!("nothing to tell: {what}{}", since.unwrap_or_default())
    }
}

impl NewsItem<'_> {
    /// Whether it is a gate that began to fail, or no longer does.
    pub fn is_gate(&self) -> bool {
        let gates = matches!(self.gate, Some(Gate::Stop | Gate::Fix));
        gates && matches!(self.change, Change::New | Change::Reopened | Change::Healed | Change::Gone | Change::Waived)
    }
}

fn first_seen<'a>(finding: &'a FindingRow, live: Option<&'a LiveVersionRow>) -> NewsItem<'a> {
    let change = if finding.state == Some(FindingState::Reopened) { Change::Reopened } else { Change::New };
    NewsItem {
        change,
        cause: None,
        because: "",
        fingerprint: &finding.fingerprint,
        code: &finding.code,
        subject: &finding.subject.name,
        severity: finding.severity,
        gate: Some(finding.gate),
        before: None,
        now: Some(finding.status),
        row: None,
        finding: Some(finding),
        live,
    }
}
