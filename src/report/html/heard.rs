//! What pages somebody and what does not: faults, coverage and alarms as the page shows them.

use std::collections::HashMap;

use super::{Page, THOROUGH, Version, large, safe, tell};
use crate::control::Status;
use crate::estate::{Fault, Signal};
use crate::report::document::{
    AlarmRow, CoverageRow, FaultRow, FindingRow, LiveVersionRow, ReplayRow, Report, ToldState,
};
use crate::report::{faults, words};

/// The bar of a fault is drawn in a box of this width.
const WIDTH: usize = 400;

/// Least width of a part of a bar: one of ten thousand is still seen.
const LEAST: usize = 7;

/// What becomes of one fault over all live versions, as a bar.
pub(super) struct FaultBar {
    pub(super) count: faults::FaultCount,
    /// Class, start and width of each part.
    pub(super) parts: Vec<(&'static str, usize, usize)>,
}

impl FaultBar {
    fn new(count: faults::FaultCount) -> Self {
        let shares = [("nobody", count.nobody), ("unknown", count.unknown), ("human", count.human)];
        let shares: Vec<_> = shares.into_iter().filter(|(_, share)| *share > 0).collect();
        let room = WIDTH - LEAST * shares.len();
        let mut parts = Vec::new();
        let mut x = 0;
        for (class, share) in shares {
            let width = LEAST + room * share / count.asked().max(1);
            parts.push((class, x, width.saturating_sub(2)));
            x += width;
        }
        Self { count, parts }
    }

    pub(super) fn heading(&self) -> &'static str {
        faults::heading(self.count.fault)
    }

    /// How long it takes until somebody is told, over all of which somebody is.
    pub(super) fn minutes(&self) -> Option<String> {
        self.count.minutes.map(|(from, to)| faults::minutes(from, to))
    }
}

/// Live versions that are alike in the worst that can be said of them.
pub(super) struct Group<'p, 'a> {
    pub(super) words: &'static str,
    pub(super) class: &'static str,
    pub(super) versions: Vec<&'p Version<'a>>,
}

/// What the page says of faults, made once.
pub(super) struct Heard<'a> {
    pub(super) bars: Vec<FaultBar>,
    pub(super) sentence: Option<String>,
    /// The signals that apply to some live version.
    signals: Vec<Signal>,
    /// Anchors of alarms by account and region, then by name.
    anchors: HashMap<(&'a str, &'a str), HashMap<&'a str, String>>,
}

impl<'a> Heard<'a> {
    pub(super) fn new(report: &'a Report) -> Self {
        let counts = faults::counts(report);
        let mut anchors: HashMap<_, HashMap<&str, String>> = HashMap::new();
        let told: Vec<&AlarmRow> = match report.live_versions.len() {
            ..=THOROUGH => report.alarms.iter().collect(),
            _ => large::faulty_alarms(report),
        };
        for alarm in told {
            let place = (alarm.account.as_str(), alarm.region.as_str());
            anchors.entry(place).or_default().insert(&alarm.name, anchor(alarm));
        }
        Self {
            sentence: faults::sentence(&counts),
            signals: words::signals_told(report),
            bars: counts.into_iter().map(FaultBar::new).collect(),
            anchors,
        }
    }

    /// The faults that are told.
    pub(super) fn faults(&self) -> impl Iterator<Item = Fault> {
        self.bars.iter().map(|bar| bar.count.fault)
    }
}

/// The anchor of an alarm.
pub(super) fn anchor(alarm: &AlarmRow) -> String {
    format!("alarm-{}", safe::slug(&format!("{}/{}/{}", alarm.account, alarm.region, alarm.arn)))
}

impl<'a> Page<'a> {
    /// Live versions by what becomes of their faults, the worst first.
    pub(super) fn by_fault(&self) -> Vec<Group<'_, 'a>> {
        let mut versions: Vec<&Version<'a>> =
            self.listed().iter().filter(|version| !version.row.faults.is_empty()).collect();
        versions.sort_by_key(|version| {
            let (nobody, unknown) = faults::rank(version.row);
            std::cmp::Reverse((nobody, unknown))
        });
        let class = |row: &LiveVersionRow| match faults::rank(row) {
            (1.., _) => "nobody",
            (0, 1..) => "unknown",
            _ if row.faults.iter().any(|fault| fault.told == ToldState::Human) => "human",
            _ => "na",
        };
        grouped(
            versions,
            class,
            [
                ("nobody", "There is a fault of which nobody is told"),
                ("unknown", "Of some fault it is not known who is told"),
                ("human", "Somebody is told of every fault"),
                ("na", "No fault can happen to it"),
            ],
        )
    }

    /// Live versions by the worst state of their coverage.
    pub(super) fn by_coverage(&self) -> Vec<Group<'_, 'a>> {
        let class = |row: &LiveVersionRow| {
            let has = |state: &str| row.alarms.values().any(|coverage| coverage.state == *state);
            match () {
                () if has("broken") => "broken",
                () if has("missing") => "missing",
                () if has("unknown") => "unknown",
                () => "covered",
            }
        };
        grouped(
            self.listed().iter().collect(),
            class,
            [
                ("broken", "Something is watched by alarms that do not work"),
                ("missing", "Something is not watched"),
                ("unknown", "Something is not known"),
                ("covered", "Everything that applies is heard"),
            ],
        )
    }

    /// The signals that apply to some live version.
    pub(super) fn signals_told(&self) -> &[Signal] {
        &self.heard.signals
    }

    /// The state of each of them for one live version.
    pub(super) fn states(&self, version: &Version<'a>) -> Vec<(Signal, &'static str)> {
        self.heard.signals.iter().map(|signal| (*signal, tell::known_state(version.covered(signal)))).collect()
    }

    /// The finding that judges a signal of a live version, where the page shows it.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    pub(super) fn judged(&self, version: &Version<'a>, signal: &Signal) -> Option<&'a FindingRow> {
        let finding = version.result(words::signal_control(*signal)?)?;
        let open = !matches!(finding.status, Status::Pass | Status::NotApplicable);
        (open || self.thorough()).then_some(finding)
    }

    /// The finding that judges what hears of a fault.
    pub(super) fn judged_fault(&self, version: &Version<'a>, fault: &FaultRow) -> Option<&'a FindingRow> {
        self.judged(version, &faults::signal(fault.fault))
    }

    /// The anchor of an alarm that a live version names.
    pub(super) fn alarm_of(&self, version: &Version<'a>, name: &str) -> Option<&str> {
        let alarms = self.heard.anchors.get(&(version.row.account.as_str(), version.row.region.as_str()))?;
        alarms.get(name).filter(|_| self.thorough()).map(String::as_str)
    }

    /// Whether anything is said of monitors, captures or drift.
    pub(super) fn monitored(&self) -> bool {
        let said = |row: &LiveVersionRow| !row.monitors.is_empty() || row.capture.is_some() || !row.drift.is_empty();
        self.detailed().iter().any(|version| said(version.row))
    }

    /// Whether anything is said of retraining, feedback or business metrics.
    pub(super) fn retrained(&self) -> bool {
        let said =
            |row: &LiveVersionRow| row.retraining.is_some() || !row.feedback.is_empty() || !row.business.is_empty();
        self.detailed().iter().any(|version| said(version.row))
    }

    /// Whether any business metric is declared.
    pub(super) fn any_business(&self) -> bool {
        self.detailed().iter().any(|version| !version.row.business.is_empty())
    }

    /// Whether any feedback is declared.
    pub(super) fn any_feedback(&self) -> bool {
        self.detailed().iter().any(|version| !version.row.feedback.is_empty())
    }

    /// Alarms in ALARM, those that have been longest first, each with its hours; scaling is no alarm.
    pub(super) fn in_alarm(&self) -> Vec<(&'a AlarmRow, Option<usize>)> {
        let hours = |alarm: &AlarmRow| {
            let seconds = self.report.as_of.as_second() - alarm.since?.as_second();
            usize::try_from(seconds / 3_600).ok()
        };
        let firing = self.report.alarms.iter().filter(|alarm| alarm.state == "ALARM" && !alarm.scaling_only);
        let mut firing: Vec<_> = firing.map(|alarm| (alarm, hours(alarm))).collect();
        firing.sort_by_key(|(_, hours)| std::cmp::Reverse(*hours));
        firing
    }
}

fn grouped<'p, 'a, const N: usize>(
    versions: Vec<&'p Version<'a>>,
    class: impl Fn(&LiveVersionRow) -> &'static str,
    all: [(&'static str, &'static str); N],
) -> Vec<Group<'p, 'a>> {
    let mut groups = all.map(|(class, words)| Group { words, class, versions: Vec::new() });
    for version in versions {
        let of = class(version.row);
        if let Some(group) = groups.iter_mut().find(|group| group.class == of) {
            group.versions.push(version);
        }
    }
    groups.into_iter().filter(|group| !group.versions.is_empty()).collect()
}

impl<'a> Version<'a> {
    /// What becomes of a fault of it.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    pub(super) fn fault(&self, fault: &Fault) -> Option<&'a FaultRow> {
        faults::of(self.row, *fault)
    }

    /// How a signal of it is covered.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    pub(super) fn covered(&self, signal: &Signal) -> Option<&'a CoverageRow> {
        self.row.alarms.get(signal.words())
    }
}

/// Who is told, as a class name and as the name of a shape.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
pub(super) fn told_class(told: &ToldState) -> &'static str {
    match *told {
        ToldState::Nobody => "nobody",
        ToldState::Unknown => "unknown",
        ToldState::Human => "human",
        ToldState::NotApplicable => "na",
    }
}

/// What becomes of a fault, in a few words.
pub(super) fn told_words(fault: &FaultRow) -> String {
    match (fault.told, fault.minutes_from, fault.minutes_to) {
        (ToldState::Human, Some(from), Some(to)) => faults::minutes(from, to),
        (ToldState::Human, ..) => "somebody".to_owned(),
        (ToldState::Nobody, ..) => "nobody".to_owned(),
        (ToldState::Unknown, ..) => "not known".to_owned(),
        (ToldState::NotApplicable, ..) => "n/a".to_owned(),
    }
}

/// An alarm's defects, each with what mends it.
pub(super) fn mended(alarm: &AlarmRow) -> impl Iterator<Item = (&str, Option<&str>)> {
    alarm.defects.iter().enumerate().map(|(at, defect)| {
        let remedy = alarm.remedies.get(at).map(String::as_str).filter(|remedy| !remedy.is_empty());
        (defect.as_str(), remedy)
    })
}

/// Width of the bar of an alarm that has been in ALARM for so long beside the others, in a box of 100.
#[allow(clippy::ref_option, reason = "templates hand references")]
pub(super) fn share(hours: &Option<usize>, all: &[(&AlarmRow, Option<usize>)]) -> usize {
    let longest = all.iter().filter_map(|(_, hours)| *hours).max().unwrap_or(1).max(1);
    hours.map_or(0, |hours| (100 * hours / longest).max(2))
}

/// The span of a replay.
pub(super) fn days(replay: &ReplayRow) -> String {
    words::span(replay.until.as_second() - replay.from.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_part_of_a_bar_is_seen_and_none_leaves_the_box() {
        let count =
            faults::FaultCount { fault: Fault::RequestsFail, nobody: 1, unknown: 1, human: 9_998, minutes: None };
        let bar = FaultBar::new(count);
        assert_eq!(bar.parts.len(), 3);
        assert!(bar.parts.iter().all(|(_, x, width)| *width >= 5 && x + width <= WIDTH));
    }
}
