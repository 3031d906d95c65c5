//! What a page does where an estate is large: it tells the worst off in full and the others in brief, keeps what nobody
//! has unfolded as text, and groups what is open by control and reason.
//!
//! Text it is inside `noscript`: a browser that runs the script makes nothing of it until a section is unfolded, one
//! that does not shows it all. So 2,000 live versions open at once, and nothing is lost to either.

use std::collections::BTreeMap;

use super::findings::{Open, codes, urgency};
use super::tell;
use super::{Page, THOROUGH, Version};
use crate::report::document::{AlarmRow, FindingRow, Report};

/// So many live versions, the worst off, are told in full where not all are.
pub(super) const FULL: usize = 20;

/// So many, the worst off, stand in tables of their own where not all do.
const LISTED: usize = 60;

/// Open findings of one control that have the same status, severity and gate.
pub(super) struct Kind<'a> {
    pub(super) first: &'a FindingRow,
    /// Why, and what about, where several share the reason; the most frequent first.
    pub(super) reasons: Vec<(&'a str, Vec<&'a FindingRow>)>,
    /// Those for which no other is open for the same reason. It is told with the live version.
    pub(super) alone: Vec<&'a FindingRow>,
}

impl<'a> Kind<'a> {
    fn new(findings: &[&'a FindingRow]) -> Option<Self> {
        let mut by_reason: BTreeMap<&str, Vec<&FindingRow>> = BTreeMap::new();
        for &finding in findings {
            by_reason.entry(finding.reason.as_str()).or_default().push(finding);
        }
        let (mut reasons, alone): (Vec<_>, Vec<_>) = by_reason.into_iter().partition(|(_, about)| about.len() > 1);
        reasons.sort_by_key(|(_, about)| std::cmp::Reverse(about.len()));
        let alone = alone.into_iter().flat_map(|(_, about)| about).collect();
        Some(Self { first: findings.first().copied()?, reasons, alone })
    }

    fn each(&self) -> impl Iterator<Item = &'a FindingRow> {
        self.reasons.iter().flat_map(|(_, about)| about).chain(&self.alone).copied()
    }

    /// How many findings.
    pub(super) fn count(&self) -> usize {
        self.each().count()
    }

    /// What to do, where it is the same for all.
    pub(super) fn remedy(&self) -> Option<&'a str> {
        let remedy = self.first.remedy.as_str();
        (!remedy.is_empty() && self.each().all(|finding| finding.remedy == *remedy)).then_some(remedy)
    }
}

/// The alarms that something is to be said about, and of which a page tells: all, or those that watch what serves first.
pub(super) fn faulty_alarms(report: &Report) -> Vec<&AlarmRow> {
    let mut faulty: Vec<&AlarmRow> = report.alarms.iter().filter(|alarm| !is_sound(alarm)).collect();
    if report.live_versions.len() > THOROUGH {
        faulty.sort_by_key(|alarm| alarm.watches.is_empty());
        faulty.truncate(LISTED);
    }
    faulty
}

/// Whether there is nothing to say about an alarm.
pub(super) fn is_sound(alarm: &AlarmRow) -> bool {
    alarm.scaling_only || (alarm.effective == Some(true) && alarm.orphaned.is_empty())
}

impl<'a> Page<'a> {
    /// The live versions that stand in tables of their own: all, or the worst off.
    pub(super) fn listed(&self) -> &[Version<'a>] {
        let listed = if self.thorough() { self.versions.len() } else { LISTED };
        self.versions.get(..listed).unwrap_or(&self.versions)
    }

    /// How many signals of a live version are in each state, in words.
    pub(super) fn states_in_words(&self, version: &Version<'a>) -> String {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, state) in self.states(version) {
            *counts.entry(state).or_default() += 1;
        }
        let told = ["broken", "missing", "unknown", "covered"];
        let told = told.into_iter().filter_map(|state| Some((counts.get(state)?, tell::coverage_words(state))));
        told.map(|(count, words)| format!("{count} {words}")).collect::<Vec<_>>().join(", ")
    }

    /// Open findings by control, what is told first before the others.
    pub(super) fn kinds(&self) -> Vec<Kind<'a>> {
        let mut by_kind: BTreeMap<_, Vec<&FindingRow>> = BTreeMap::new();
        for finding in self.open().into_iter().flat_map(Open::each) {
            by_kind.entry((urgency(finding), finding.code.as_str())).or_default().push(finding);
        }
        by_kind.values().filter_map(|findings| Kind::new(findings)).collect()
    }

    /// The codes of what is not open and about no single live version.
    pub(super) fn elsewhere_codes(&self, status: &str) -> String {
        let of = |finding: &&&FindingRow| crate::report::words::status_key(finding.status) == status;
        codes(self.elsewhere_quiet.iter().filter(of).copied())
    }
}
