//! Findings as the page groups them.

use std::collections::BTreeSet;

use crate::control::{Gate, Severity, Status};
use crate::report::document::FindingRow;
use crate::report::shared::Shared;
use crate::report::words;

/// An open finding, with others about the same live version that are unknown for the same reason.
pub(super) struct Open<'a> {
    pub(super) first: &'a FindingRow,
    pub(super) more: Vec<&'a FindingRow>,
}

impl<'a> Open<'a> {
    pub(super) fn new(finding: &'a FindingRow) -> Self {
        Self { first: finding, more: Vec::new() }
    }

    pub(super) fn add(all: &mut Vec<Self>, finding: &'a FindingRow) {
        let alike = |open: &&mut Self| {
            finding.status == Status::Unknown
                && open.first.status == Status::Unknown
                && open.first.reason == finding.reason
        };
        match all.iter_mut().find(alike) {
            Some(open) => open.more.push(finding),
            None => all.push(Self::new(finding)),
        }
    }

    pub(super) fn each(&self) -> impl Iterator<Item = &'a FindingRow> {
        std::iter::once(self.first).chain(self.more.iter().copied())
    }

    pub(super) fn notes(&self) -> BTreeSet<&'a str> {
        self.each().flat_map(|finding| &finding.notes).map(String::as_str).collect()
    }

    /// The codes of its controls.
    pub(super) fn codes(&self) -> String {
        codes(self.each())
    }

    pub(super) fn gaps(&self) -> BTreeSet<&'a Shared> {
        self.each().flat_map(|finding| &finding.gap_ids).collect()
    }
}

/// Results of one control.
pub(super) struct ControlCount<'a> {
    pub(super) code: &'a str,
    pub(super) summary: &'a str,
    pub(super) severity: Severity,
    counts: [usize; 5],
}

impl<'a> ControlCount<'a> {
    pub(super) fn new(finding: &'a FindingRow) -> Self {
        Self { code: &finding.code, summary: &finding.summary, severity: finding.severity, counts: [0; 5] }
    }

    pub(super) fn add(&mut self, status: Status) {
        let at = words::STATUSES.iter().position(|other| *other == status);
        if let Some(count) = at.and_then(|at| self.counts.get_mut(at)) {
            *count += 1;
        }
    }

    pub(super) fn each(&self) -> impl Iterator<Item = (Status, usize)> {
        words::STATUSES.into_iter().zip(self.counts)
    }
}

/// What is told first.
pub(super) fn urgency(finding: &FindingRow) -> (usize, bool, std::cmp::Reverse<Severity>) {
    let status = words::STATUSES.iter().position(|status| *status == finding.status).unwrap_or_default();
    (status, finding.gate != Gate::Stop, std::cmp::Reverse(finding.severity))
}

/// The codes of these findings' controls, as an attribute holds them.
pub(super) fn codes<'a>(findings: impl Iterator<Item = &'a FindingRow>) -> String {
    let codes: Vec<&str> = findings.map(|finding| finding.code.as_str()).collect();
    codes.join(" ")
}
