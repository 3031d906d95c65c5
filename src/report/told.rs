//! What systems that keep findings over runs are told: those that are open, and those that ended since the last run.
//!
//! Security Hub, a data lake or a code-scanning page remember what they were told. A pass that was never anything else tells
//! them nothing, so it is left to `report.json` and `findings.csv`; a pass that ends a failure closes what they hold. Each
//! format that feeds such a system renders these, so that they agree on what is open.

use std::collections::HashMap;

use jiff::Timestamp;

use super::document::{Change, ChangeRow, FindingRow, FindingState, LiveVersionRow, Report};
use super::shared::Shared;
use crate::control::{Control, Severity, Status, Unit, registry};

/// What became of a requirement, as far as others are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It does not hold.
    Fail,
    /// It does not hold, and somebody answers for it.
    Waived,
    /// It could not be decided.
    Unknown,
    /// It holds again.
    Healed,
    /// It is no longer asked for, or what it was about is no longer there.
    Gone,
}

impl Outcome {
    /// In a word.
    pub fn key(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Waived => "waived",
            Self::Unknown => "unknown",
            Self::Healed => "healed",
            Self::Gone => "gone",
        }
    }

    /// Whether it ended.
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Healed | Self::Gone)
    }
}

/// One finding to tell of.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// What became of it.
    pub outcome: Outcome,
    /// Whether nobody was told of it before, or it was closed in between.
    pub is_new: bool,
    /// The finding, if it is in the report.
    pub row: Option<&'a FindingRow>,
    /// What changed about it.
    pub change: Option<&'a ChangeRow>,
    /// The live version that it judged, if it judged one that is there.
    pub live: Option<&'a LiveVersionRow>,
    report: &'a Report,
}

/// What is to be told of a report, in its order; what is no longer in it comes last.
pub fn told(report: &Report) -> impl Iterator<Item = Told<'_>> {
    let changed = report.changes.iter().flat_map(|changes| &changes.findings);
    let changes: HashMap<&str, &ChangeRow> = changed.clone().map(|row| (row.fingerprint.as_str(), row)).collect();
    let live: HashMap<&str, &LiveVersionRow> =
        report.live_versions.iter().map(|live| (live.id.as_str(), live)).collect();
    let present = report.findings.iter().filter_map(move |row| {
        let change = changes.get(row.fingerprint.as_str()).copied();
        let (outcome, is_new) = standing(row, change, report.changes.is_some())?;
        let live = row.subject.live_version.as_ref().and_then(|id| live.get(id.as_str()).copied());
        Some(Told { outcome, is_new, row: Some(row), change, live, report })
    });
    let absent = changed.filter(|row| row.finding.is_none()).map(move |row| {
        let outcome = if row.change == Change::OutOfSight { Outcome::Unknown } else { Outcome::Gone };
        Told { outcome, is_new: false, row: None, change: Some(row), live: None, report }
    });
    present.chain(absent)
}

/// What a finding of the report is told as, if at all, and whether it is new.
fn standing(row: &FindingRow, change: Option<&ChangeRow>, compared: bool) -> Option<(Outcome, bool)> {
    let change = change.map(|row| row.change);
    let began = matches!(row.state, Some(FindingState::New | FindingState::Reopened));
    match row.status {
        Status::Fail => Some((Outcome::Fail, began)),
        Status::Waived => Some((Outcome::Waived, began)),
        Status::Unknown => {
            let since_now = !compared || change == Some(Change::OutOfSight);
            Some((Outcome::Unknown, since_now && row.last_known.is_none()))
        }
        Status::Pass => {
            let ended =
                row.state == Some(FindingState::Healed) || matches!(change, Some(Change::Healed | Change::BackInSight));
            ended.then_some((Outcome::Healed, false))
        }
        Status::NotApplicable => (change == Some(Change::Gone)).then_some((Outcome::Gone, false)),
    }
}

impl<'a> Told<'a> {
    /// The same over runs.
    pub fn fingerprint(&self) -> &'a str {
        self.of(|row| &row.fingerprint, |change| &change.fingerprint)
    }

    /// Code of the control.
    pub fn code(&self) -> &'a str {
        self.of(|row| &row.code, |change| &change.code)
    }

    /// The control, unless another version of this tool had it.
    pub fn control(&self) -> Option<&'static Control> {
        registry::find(self.code())
    }

    /// The requirement in one line.
    pub fn summary(&self) -> &'a str {
        self.row.map(|row| row.summary.as_str()).or_else(|| self.control().map(|it| it.summary)).unwrap_or_default()
    }

    /// Severity of a failure.
    pub fn severity(&self) -> Severity {
        self.row.map(|row| row.severity).or(self.change.map(|row| row.severity)).unwrap_or(Severity::Info)
    }

    /// Name of the subject.
    pub fn subject(&self) -> &'a str {
        self.of(|row| &row.subject.name, |change| &change.subject)
    }

    /// Kind of the subject, such as `live_version`.
    pub fn kind(&self) -> &'a str {
        let unit = || self.control().map_or("", |control| control.check.unit().key());
        self.row.map_or_else(unit, |row| &row.subject.kind)
    }

    /// ARN of the subject, where it is there and has one.
    pub fn arn(&self) -> Option<&'a str> {
        self.row.and_then(|row| row.subject.arn.as_deref())
    }

    /// Account of the subject. What an older version archived without one is laid to the first account that was read.
    pub fn account(&self) -> &'a str {
        let own = self.row.map(|row| &row.subject.account).or_else(|| self.change?.account.as_ref());
        own.filter(|account| !account.is_empty())
            .map(Shared::as_str)
            .or_else(|| self.report.scope.accounts.first().map(String::as_str))
            .unwrap_or_default()
    }

    /// Region of the subject; for what is about the whole run, the first that was read.
    pub fn region(&self) -> &'a str {
        let own = self.row.map(|row| &row.subject.region).or_else(|| self.change?.region.as_ref());
        own.filter(|region| !region.is_empty())
            .map(Shared::as_str)
            .or_else(|| self.report.scope.regions.first().map(String::as_str))
            .unwrap_or_default()
    }

    /// Partition, such as `aws`.
    pub fn partition(&self) -> &'a str {
        &self.report.scope.partition
    }

    /// Why, in one sentence without a final period: the reason, or why it is no longer there.
    pub fn reason(&self) -> &'a str {
        let because = || self.change.map_or("", |row| row.because.as_str());
        self.row.map_or_else(because, |row| &row.reason)
    }

    /// What else a reader should know.
    pub fn notes(&self) -> &'a [String] {
        self.row.map_or(&[], |row| &row.notes)
    }

    /// What to do; empty where nothing is.
    pub fn remedy(&self) -> &'a str {
        self.row.map_or("", |row| &row.remedy)
    }

    /// When its present failure, or the one that ended, was first seen.
    pub fn first_seen(&self) -> Option<Timestamp> {
        self.row.and_then(|row| row.first_seen).or_else(|| self.change?.first_seen)
    }

    /// When it was last seen to be what it is told as: what can no longer be decided was seen when it still could.
    pub fn last_seen(&self) -> Timestamp {
        let known = self.row.and_then(|row| row.last_known).map(|known| known.at);
        known.filter(|_| self.outcome == Outcome::Unknown).unwrap_or(self.report.collected_at)
    }

    /// Who owns the live version that it judged.
    pub fn owner(&self) -> Option<&'a str> {
        self.live.and_then(|live| live.owner.as_ref()).map(|owner| owner.name.as_str())
    }

    /// Clauses of frameworks that ask for the like, such as `NIST AI RMF MANAGE 1.1`: a look-up, never a claim.
    pub fn requirements(&self) -> impl Iterator<Item = String> + use<> {
        let clauses = self.control().map_or(&[][..], |control| control.frameworks);
        clauses.iter().map(|(framework, clause)| format!("{framework} {clause}"))
    }

    fn of(&self, row: impl Fn(&'a FindingRow) -> &'a Shared, change: impl Fn(&'a ChangeRow) -> &'a Shared) -> &'a str {
        self.row.map(row).or_else(|| self.change.map(change)).map_or("", Shared::as_str)
    }
}

impl Unit {
    /// As [`SubjectRow::kind`](super::document::SubjectRow::kind) spells it.
    pub fn key(self) -> &'static str {
        match self {
            Self::LiveVersion => "live_version",
            Self::Alarm => "alarm",
            Self::Bucket => "bucket",
            Self::Region => "region",
            Self::Account => "account",
            Self::Run => "run",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{bank, blank, many};

    #[test]
    fn what_is_open_and_what_ended_is_told_once() {
        let report = bank();
        let all: Vec<Told<'_>> = told(&report).collect();
        let mut fingerprints: Vec<&str> = all.iter().map(Told::fingerprint).collect();
        fingerprints.sort_unstable();
        let count = fingerprints.len();
        fingerprints.dedup();
        assert_eq!(fingerprints.len(), count);
        for status in [Status::Fail, Status::Unknown, Status::Waived] {
            for row in report.findings.iter().filter(|row| row.status == status) {
                let told = all.iter().find(|told| told.row == Some(row)).unwrap();
                assert_eq!(told.outcome.key(), crate::report::words::status_key(status));
            }
        }
        let closed: Vec<(Outcome, &str)> =
            all.iter().filter(|told| told.outcome.is_closed()).map(|told| (told.outcome, told.code())).collect();
        assert_eq!(
            closed,
            [(Outcome::Healed, "APR-001"), (Outcome::Gone, "INV-002"), (Outcome::Gone, "MON-001")],
            "a pass that was never anything else tells nothing"
        );
        let new: Vec<&str> = all.iter().filter(|told| told.is_new).map(Told::code).collect();
        assert!(new.contains(&"APR-005") && !new.contains(&"APR-004"), "{new:?}");
    }

    #[test]
    fn without_an_earlier_run_all_is_new_and_nothing_ended() {
        let mut report = many(3);
        report.changes = None;
        for row in &mut report.findings {
            row.state = row.state.map(|_| FindingState::New);
            row.last_known = None;
        }
        assert!(told(&report).all(|told| told.is_new && !told.outcome.is_closed()));
        assert_eq!(told(&blank()).count(), 0);
    }

    #[test]
    fn what_vanished_keeps_its_place() {
        let report = bank();
        let gone = told(&report).find(|told| told.outcome == Outcome::Gone).unwrap();
        assert_eq!((gone.account(), gone.region()), ("111122223333", "eu-central-1"));
        assert_eq!((gone.kind(), gone.reason()), ("live_version", "it is no longer there"));
        assert!(!gone.summary().is_empty() && gone.arn().is_none());
    }
}
