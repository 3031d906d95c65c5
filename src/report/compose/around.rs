//! What stands beside the live versions: owners, exclusions, waivers, alarms.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::ByLiveVersion;
use crate::control::Status;
use crate::control::engine::Assessment;
use crate::estate::{BoundAlarm, LiveVersion, Replay, ReplayOutcome, Signal};
use crate::evidence::AlarmKind;
use crate::policy::Waiver;
use crate::report::document::{AlarmRow, ExclusionRow, LiveVersionRow, OwnerRow, ReplayRow, WaiverRow};
use crate::report::owned::Owner;
use crate::report::shared::Shared;
use crate::report::words;

/// Live versions by owner, the one with the worst verdict first; last comes what nobody owns, then that of which it is not
/// known.
pub(super) fn owners(live: &[LiveVersionRow], about: &ByLiveVersion<'_>) -> Vec<OwnerRow> {
    let mut by_owner: BTreeMap<Owner<'_>, Vec<&LiveVersionRow>> = BTreeMap::new();
    for version in live {
        by_owner.entry(Owner::of(version)).or_default().push(version);
    }
    let rank = |version: &LiveVersionRow| words::verdict_rank(version.readiness.verdict);
    let mut rows: Vec<(Option<Owner<'_>>, usize, OwnerRow)> = Vec::new();
    for (owner, versions) in by_owner {
        let Some(worst) = versions.iter().copied().min_by_key(|version| rank(version)) else { continue };
        let failing: BTreeSet<&str> = versions
            .iter()
            .flat_map(|version| about.all(&version.id))
            .filter(|finding| finding.status == Status::Fail)
            .map(|finding| finding.id.as_str())
            .collect();
        let row = OwnerRow {
            owner: owner.name().map(str::to_owned),
            not_known: owner == Owner::NotKnown,
            live_versions: versions.iter().map(|version| version.id.clone()).collect(),
            worst: worst.readiness.verdict,
            failing: failing.len(),
        };
        rows.push((Some(owner).filter(|owner| owner.name().is_none()), rank(worst), row));
    }
    rows.sort_by(|a, b| (a.0, a.1, &a.2.owner).cmp(&(b.0, b.1, &b.2.owner)));
    rows.into_iter().map(|(_, _, row)| row).collect()
}

/// What the policy leaves out.
pub(super) fn exclusions(assessment: &Assessment<'_>) -> Vec<ExclusionRow> {
    let excluded = assessment.estate.excluded.iter();
    excluded
        .map(|exclusion| ExclusionRow {
            id: exclusion.id.clone(),
            rule: exclusion.rule.clone(),
            by_tag: exclusion.by_tag,
        })
        .collect()
}

/// Waivers in the order of the policy, and what became of each.
pub(super) fn waivers(assessment: &Assessment<'_>) -> Vec<WaiverRow> {
    let row = |waiver: &Waiver| {
        let applied = assessment.findings.iter().filter(|finding| finding.waiver == Some(waiver)).count();
        let idle = assessment.idle_waivers.iter().find(|(idle, _)| *idle == waiver).map(|(_, why)| why.as_str());
        WaiverRow {
            control: waiver.control.clone(),
            subject: waiver.subject.clone(),
            owner: waiver.owner.clone(),
            approver: waiver.approver.clone(),
            reason: waiver.reason.clone(),
            expires: waiver.expires,
            state: match (idle, applied) {
                (Some(why), _) => why.to_owned(),
                (None, 0) => "applies to nothing".to_owned(),
                (None, _) => "applied".to_owned(),
            },
            findings: applied,
        }
    };
    assessment.policy.waivers.iter().map(row).collect()
}

/// Alarms that are about serving.
pub(super) fn alarms(assessment: &Assessment<'_>, ids: &[Shared]) -> Vec<AlarmRow> {
    let estate = assessment.estate;
    let about_serving = estate.alarms.iter().filter(|alarm| alarm.about_serving);
    about_serving.map(|alarm| self::alarm(alarm, &estate.live, ids)).collect()
}

fn alarm(bound: &BoundAlarm<'_>, live: &[LiveVersion<'_>], ids: &[Shared]) -> AlarmRow {
    let alarm = &bound.alarm.data;
    let mut watches: BTreeMap<Shared, Vec<Signal>> = BTreeMap::new();
    for (at, signal) in &bound.bound {
        if let Some(id) = ids.get(*at) {
            watches.entry(id.clone()).or_default().push(*signal);
        }
    }
    for signals in watches.values_mut() {
        signals.sort();
        signals.dedup();
    }
    AlarmRow {
        name: alarm.name.clone(),
        arn: alarm.arn.clone(),
        account: bound.alarm.account.clone(),
        region: bound.alarm.region.clone(),
        kind: match alarm.kind {
            AlarmKind::Metric(_) => "metric",
            AlarmKind::Composite { .. } => "composite",
            AlarmKind::Log { .. } => "log",
        }
        .to_owned(),
        state: alarm.state.value.clone(),
        scaling_only: bound.scaling_only,
        watches,
        effective: bound.effective(),
        defects: bound.defects.iter().map(crate::estate::Defect::words).collect(),
        orphaned: bound.orphaned.clone(),
        unseen: bound.unseen.clone(),
        remedies: bound.remedies(live),
        since: alarm.state.since,
        owner: None,
        reaches: bound.reaches.clone(),
        replay: bound.replay.as_ref().map(replay),
        muted_share: bound.muted_share.filter(|share| *share > 0.0),
        notes: bound.notes.clone(),
    }
}

fn replay(replay: &Replay) -> ReplayRow {
    let (outcome, words) = match &replay.outcome {
        ReplayOutcome::Plausible if replay.fired == 0 => {
            ("plausible", "would have stayed quiet, with its threshold in reach".to_owned())
        }
        ReplayOutcome::Plausible => ("plausible", format!("would have fired {}", words::count(replay.fired, "time"))),
        ReplayOutcome::NeverNear(how) => ("never_near", format!("would never have fired: {how}")),
        ReplayOutcome::Always => ("always", "would have been in ALARM all the time".to_owned()),
        ReplayOutcome::NoData(Some(false)) => ("no_data", "had not one data point, and none was due".to_owned()),
        ReplayOutcome::NoData(_) => ("no_data", "had not one data point".to_owned()),
        ReplayOutcome::Disagrees(how) => ("disagrees", format!("did not do what its rule says: {how}")),
        ReplayOutcome::NotReplayed(why) => ("not_replayed", format!("cannot be replayed: {why}")),
    };
    let finite = |value: f64| Some(value).filter(|value| value.is_finite());
    ReplayRow {
        from: replay.from,
        until: replay.until,
        outcome: outcome.to_owned(),
        words,
        fired: replay.fired,
        in_alarm: finite(replay.in_alarm).unwrap_or_default(),
        least: replay.observed.and_then(|(least, _)| finite(least)),
        greatest: replay.observed.and_then(|(_, greatest)| finite(greatest)),
    }
}
