//! The whole in a few lines: one sentence, the distribution of verdicts, and what to do first.

use std::collections::{BTreeMap, BTreeSet};

use super::accounts;
use super::live::Controls;
use crate::control::engine::Assessment;
use crate::control::{Severity, Status};
use crate::estate::Grade;
use crate::readiness::ReadinessVerdict;
use crate::report::document::{ActionRow, FindingRow, GapRow, LiveVersionRow, Summary};
use crate::report::shared::Shared;
use crate::report::words;

/// More than so many actions are a backlog, not a summary.
const ACTIONS: usize = 5;

/// Sums up.
pub(super) fn summary(
    assessment: &Assessment<'_>,
    live: &[LiveVersionRow],
    findings: &[FindingRow],
    gaps: &[GapRow],
    controls: &Controls,
    unread: Vec<String>,
) -> Summary {
    let verdicts = live.iter().map(|version| words::verdict_key(version.readiness.verdict));
    let by_verdict = histogram(words::VERDICTS.map(words::verdict_key), verdicts);
    let statuses = findings.iter().map(|finding| words::status_key(finding.status));
    let failing = findings.iter().filter(|finding| finding.status == Status::Fail);
    let grades = live.iter().filter_map(|version| version.approval.as_ref()).map(|approval| grade(approval.grade));
    let worst = words::VERDICTS
        .into_iter()
        .find(|verdict| by_verdict.get(words::verdict_key(*verdict)).is_some_and(|n| *n > 0));
    let scope = &assessment.estate.snapshot.scope;
    Summary {
        headline: Headline {
            total: live.len(),
            by_verdict: &by_verdict,
            excluded: assessment.estate.excluded.len(),
            accounts: &scope.accounts(),
            regions: &scope.regions,
            unread: &unread,
            holding: &places_holding(assessment),
            reader: &scope.reader,
            focus: scope.focus.as_ref().map_or(&[], |focus| focus.on.as_slice()),
        }
        .sentence(),
        by_account: accounts::rows(scope, live, findings, gaps, &unread),
        verdict: worst,
        live_versions: live.len(),
        unread,
        by_status: histogram(words::STATUSES.map(words::status_key), statuses),
        failing_by_severity: histogram(
            words::SEVERITIES.map(words::severity),
            failing.map(|finding| words::severity(finding.severity)),
        ),
        by_grade: histogram(["A", "B", "C", "D", "E", "F", "none"], grades),
        actions: actions(live, controls),
        evidence_share: share(assessment.decided),
        by_verdict,
    }
}

fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::None => "none",
        other => other.as_str(),
    }
}

#[allow(clippy::cast_precision_loss, reason = "four digits are kept")]
fn share((decided, asked): (usize, usize)) -> Option<f64> {
    (asked > 0).then(|| (decided as f64 / asked as f64 * 1e4).round() / 1e4)
}

/// Counts, with every name there, at least as 0.
pub(super) fn histogram<'a, const N: usize>(
    names: [&'a str; N],
    seen: impl Iterator<Item = &'a str>,
) -> BTreeMap<String, usize> {
    let mut counts: BTreeMap<&str, usize> = names.into_iter().map(|name| (name, 0)).collect();
    for name in seen {
        *counts.entry(name).or_insert(0) += 1;
    }
    counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}

fn places_holding(assessment: &Assessment<'_>) -> Vec<String> {
    let endpoints = &assessment.estate.snapshot.facts.endpoints;
    endpoints.iter().map(|endpoint| endpoint.region.clone()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// What the headline says is said from.
struct Headline<'a> {
    total: usize,
    by_verdict: &'a BTreeMap<String, usize>,
    excluded: usize,
    accounts: &'a [&'a str],
    regions: &'a [String],
    unread: &'a [String],
    holding: &'a [String],
    reader: &'a str,
    focus: &'a [String],
}

impl Headline<'_> {
    /// One plain sentence; what could not be read never counts as nothing, nor does what was not looked at.
    fn sentence(&self) -> String {
        if self.focus.is_empty() {
            return self.whole();
        }
        let on = words::list(self.focus);
        if self.total == 0 && self.unread.is_empty() {
            return format!("Nothing serves that belongs to {on}; nothing else was looked at.");
        }
        format!("{} Only what belongs to {on} was looked at.", self.whole())
    }

    fn whole(&self) -> String {
        let regions = words::list(self.regions);
        let unread = words::list(self.unread);
        if self.total == 0 && !self.unread.is_empty() {
            return format!(
                "What serves in {unread} could not be read, so this report cannot say that nothing is live."
            );
        }
        if self.total == 0 {
            let read_by = match self.reader {
                "" => "a role in each",
                reader => words::identity(reader),
            };
            let accounts = match self.accounts {
                [one] => format!("account {one}"),
                many => words::count(many.len(), "account"),
            };
            let mut text = format!("Nothing serves in {regions} of {accounts}, read by {read_by}");
            if self.excluded > 0 {
                text = format!("{text}; the policy leaves out {}", words::count(self.excluded, "live version"));
            } else if !self.holding.is_empty() {
                text = format!("{text}; endpoints exist in {}, but none serves", words::list(self.holding));
            }
            return text + ".";
        }
        let mut text = self.verdicts();
        if !self.unread.is_empty() {
            text = format!("{text} There may be more: what serves in {unread} could not be read completely.");
        }
        text
    }

    fn verdicts(&self) -> String {
        let counts = words::VERDICTS.into_iter().filter_map(|verdict| {
            let count = *self.by_verdict.get(words::verdict_key(verdict))?;
            (count > 0).then_some((verdict, count))
        });
        let mut parts: Vec<String> = Vec::new();
        for (verdict, count) in counts {
            let does = predicate(verdict, count == 1);
            parts.push(match (parts.is_empty(), self.total) {
                (true, 1) => format!("The one live version {does}"),
                (true, total) if count == total => format!("All {} live versions {does}", words::number(total)),
                (true, total) => format!("{} of {} live versions {does}", words::number(count), words::number(total)),
                (false, _) => format!("{} {does}", words::number(count)),
            });
        }
        parts.join("; ") + "."
    }
}

fn predicate(verdict: ReadinessVerdict, one: bool) -> &'static str {
    match (verdict, one) {
        (ReadinessVerdict::Stop, _) => "should stop",
        (ReadinessVerdict::FixControlsFirst, true) => "needs controls fixed first",
        (ReadinessVerdict::FixControlsFirst, false) => "need controls fixed first",
        (ReadinessVerdict::KeepInPilot, _) => "should stay in pilot",
        (ReadinessVerdict::OperateAsIs, true) => "may operate as it is",
        (ReadinessVerdict::OperateAsIs, false) => "may operate as they are",
        (ReadinessVerdict::Expand, _) => "may expand",
    }
}

/// The actions that lift the most. A live version counts for more the worse off it is, and shares its weight among the
/// changes that it needs; one that also needs what no control stands for, such as time, is lifted by no action.
fn actions(live: &[LiveVersionRow], controls: &Controls) -> Vec<ActionRow> {
    struct Tally<'a> {
        live: Vec<Shared>,
        alone: usize,
        lift: usize,
        remedies: BTreeSet<&'a str>,
        role: &'a Shared,
    }
    let mut tallies: BTreeMap<&Shared, Tally<'_>> = BTreeMap::new();
    let liftable = |version: &&LiveVersionRow| version.readiness.flip_set.iter().all(|flip| !flip.code.is_empty());
    for version in live.iter().filter(liftable) {
        let flips = &version.readiness.flip_set;
        // 60 divides by every small number of changes.
        let weight = 60 * usize::from(3_u8.saturating_sub(version.readiness.verdict.step()));
        for flip in flips {
            let tally = tallies.entry(&flip.code).or_insert_with(|| Tally {
                live: Vec::new(),
                alone: 0,
                lift: 0,
                remedies: BTreeSet::new(),
                role: &flip.role,
            });
            tally.remedies.insert(&flip.remedy);
            tally.live.push(version.id.clone());
            tally.alone += usize::from(flips.len() == 1);
            tally.lift += weight / flips.len();
        }
    }
    let severity = |code: &str| controls.get(code).map_or(Severity::Info, |control| control.severity);
    let mut ranked: Vec<(&Shared, Tally<'_>)> = tallies.into_iter().collect();
    ranked.sort_by_key(|(code, tally)| (std::cmp::Reverse((tally.lift, severity(code))), (*code).clone()));
    let row = |(code, tally): (&Shared, Tally<'_>)| {
        let mut remedies = tally.remedies.iter();
        let action = match (remedies.next(), remedies.next(), controls.get(code.as_str())) {
            (Some(only), None, _) => (*only).to_owned(),
            (_, _, Some(control)) => control.remedy.to_owned(),
            (first, _, None) => first.map_or_else(String::new, |first| (*first).to_owned()),
        };
        ActionRow {
            action,
            code: code.clone(),
            role: tally.role.clone(),
            lifts_alone: tally.alone,
            live_versions: tally.live,
        }
    };
    ranked.into_iter().take(ACTIONS).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(counts: &[(&str, usize)], unread: &[&str], excluded: usize, holding: &[&str]) -> String {
        let by_verdict = counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Headline {
            total: counts.iter().map(|(_, count)| count).sum(),
            by_verdict: &by_verdict,
            excluded,
            accounts: &["111122223333"],
            regions: &owned(&["eu-central-1", "eu-west-1"]),
            unread: &owned(unread),
            holding: &owned(holding),
            reader: "arn:aws:sts::111122223333:assumed-role/Reader/ci",
            focus: &[],
        }
        .sentence()
    }

    #[test]
    fn the_headline_is_one_plain_sentence_and_never_takes_unread_for_nothing() {
        insta::assert_snapshot!(
            [
                said(&[("stop", 5), ("fix_controls_first", 3), ("operate_as_is", 6)], &[], 0, &[]),
                said(&[("fix_controls_first", 1), ("keep_in_pilot", 1)], &["111122223333/eu-west-1"], 0, &[]),
                said(&[("operate_as_is", 1)], &[], 0, &[]),
                said(&[("operate_as_is", 12_000)], &[], 0, &[]),
                said(&[], &[], 0, &[]),
                said(&[], &[], 0, &["eu-west-1"]),
                said(&[], &[], 2, &["eu-west-1"]),
                said(&[], &["111122223333/eu-central-1", "111122223333/eu-west-1"], 0, &[]),
            ]
            .join("\n"),
            @r"
            5 of 14 live versions should stop; 3 need controls fixed first; 6 may operate as they are.
            1 of 2 live versions needs controls fixed first; 1 should stay in pilot. There may be more: what serves in 111122223333/eu-west-1 could not be read completely.
            The one live version may operate as it is.
            All 12,000 live versions may operate as they are.
            Nothing serves in eu-central-1 and eu-west-1 of account 111122223333, read by Reader/ci.
            Nothing serves in eu-central-1 and eu-west-1 of account 111122223333, read by Reader/ci; endpoints exist in eu-west-1, but none serves.
            Nothing serves in eu-central-1 and eu-west-1 of account 111122223333, read by Reader/ci; the policy leaves out 2 live versions.
            What serves in 111122223333/eu-central-1 and 111122223333/eu-west-1 could not be read, so this report cannot say that nothing is live.
            "
        );
    }
}
