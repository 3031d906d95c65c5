//! Live versions as rows.

use std::collections::{BTreeMap, HashMap};

use super::finding::ByLiveVersion;
use super::paragraph::Told;
use super::{approval, artifact, card, coverage, timeline, watching};
use crate::control::engine::Assessment;
use crate::control::{Control, Status};
use crate::estate::{LiveVersion, Lookup, Registration, ServingPath};
use crate::readiness::Readiness;
use crate::report::document::{
    CostsSection, FindingRow, FlipRow, LiveFromRow, LiveVersionRow, OwnerRef, ReadinessRow, RollbackRow, StageRow,
    VersionCostRow,
};
use crate::report::shared::{Interner, Shared};

/// Controls by code.
pub(super) type Controls = BTreeMap<&'static str, &'static Control>;

/// What is told of live versions and was made out before.
pub(super) struct Beside<'b> {
    pub(super) about: &'b ByLiveVersion<'b>,
    pub(super) controls: &'b Controls,
    pub(super) money: Option<&'b CostsSection>,
    /// In the order of the live versions.
    pub(super) rollbacks: Vec<RollbackRow>,
}

/// All live versions, in the order of the estate, which is sorted by id.
pub(super) fn rows(
    assessment: &Assessment<'_>,
    ids: &[Shared],
    beside: Beside<'_>,
    names: &mut Interner,
) -> Vec<LiveVersionRow> {
    let Beside { about, controls, money, rollbacks } = beside;
    let costs = money.map(|money| money.live_versions.iter().map(|cost| (cost.live_version.as_str(), cost)).collect());
    let costs: HashMap<&str, &VersionCostRow> = costs.unwrap_or_default();
    let days = money.and_then(|money| money.period);
    let live = assessment.estate.live.iter().zip(&assessment.readiness).zip(ids).zip(rollbacks);
    live.map(|(((live, readiness), id), rollback)| {
        let readiness = readiness_row(readiness, id, about, controls, names);
        let mut row = row(assessment, live, readiness, id, about, names);
        row.rollback = Some(rollback);
        let cost = costs.get(id.as_str()).map(|cost| (*cost, days));
        row.paragraph = Told { row: &row, live, about, cost, as_of: assessment.estate.as_of }.paragraph();
        row
    })
    .collect()
}

/// The controls that were asked.
pub(super) fn controls(assessment: &Assessment<'_>) -> Controls {
    assessment.findings.iter().map(|finding| (finding.control.code, finding.control)).collect()
}

/// ARN of what serves.
pub(super) fn arn<'a>(live: &LiveVersion<'a>) -> Option<&'a str> {
    let component = live.component.map(|component| component.data.arn.as_str());
    let endpoint = live.endpoint.map(|endpoint| endpoint.data.arn.as_str());
    component.or(endpoint).or_else(|| live.model.found().map(|model| model.data.arn.as_str()))
}

fn row(
    assessment: &Assessment<'_>,
    live: &LiveVersion<'_>,
    readiness: ReadinessRow,
    id: &Shared,
    about: &ByLiveVersion<'_>,
    names: &mut Interner,
) -> LiveVersionRow {
    let policy = assessment.policy;
    let package = live.packages().next().map(|package| &package.data);
    let package_arn = package.map(|package| package.arn.as_str()).or_else(|| named_package(live));
    let (group, version) = match package {
        Some(package) => (package.group.clone().or_else(|| package.name.clone()), package.version),
        None => package_arn
            .and_then(group_and_version)
            .map_or((None, None), |(group, version)| (Some(group), Some(version))),
    };
    let mut approvals = approval::rows(live).into_iter();
    let artifacts = artifact::artifacts(live, assessment.estate.as_of);
    let tags = live.tags.found();
    LiveVersionRow {
        id: id.clone(),
        version_key: live.version_key.clone(),
        account: live.account.to_owned(),
        region: live.region.to_owned(),
        arn: arn(live).map(str::to_owned),
        endpoint: live.endpoint_name.to_owned(),
        variant: variant(live).map(str::to_owned),
        component: component(live).map(str::to_owned),
        path: live.path,
        hosting: live.hosting,
        status: status(live).to_owned(),
        pending: live.pending,
        model: live.model_name.map(str::to_owned),
        package_arn: package_arn.map(str::to_owned),
        group,
        version,
        traffic_share: live.traffic_share.map(rounded),
        live_from: live.live_from.map(|from| LiveFromRow {
            at: from.at,
            bound: if from.exact { "exact" } else { "upper_bound" }.to_owned(),
        }),
        containers: artifact::containers(live),
        approval: approvals.next(),
        further_approvals: approvals.collect(),
        artifact: artifacts.first().map(|artifact| artifact.uri.clone()),
        artifacts,
        owner: live.owner.as_ref().map(|owner| OwnerRef { name: owner.name.clone(), source: owner.source.clone() }),
        cost_center: tags.and_then(|tags| policy.tags.cost_center.iter().find_map(|key| tags.get(key))).cloned(),
        tags: match live.tags {
            Lookup::Found(tags) => Some(tags.clone()),
            _ => None,
        },
        stage: StageRow {
            stage: live.stage.stage,
            rule: live.stage.rule.clone(),
            by_tag: live.stage.by_tag,
            uncertain: live.stage.uncertain,
        },
        commit: package.and_then(|package| package.commit.commit.clone()),
        repository: package.and_then(|package| package.commit.repository.clone()),
        card: card::card(live),
        alarms: coverage::rows(live, assessment.estate, about, names),
        faults: watching::faults(live, assessment.estate, names),
        monitors: watching::monitors(&live.monitored),
        capture: watching::capture(live),
        drift: watching::drift(&live.monitored),
        business: watching::business(live, assessment.estate),
        retraining: watching::retraining(&live.monitored),
        feedback: watching::feedback(&live.monitored),
        readiness,
        timeline: timeline::timeline(live, assessment.estate),
        rollback: None,
        paragraph: String::new(),
    }
}

/// Shares come from sums of single-precision weights: what lies beyond the sixth digit is noise.
fn rounded(share: f64) -> f64 {
    (share * 1e6).round() / 1e6
}

/// A package that the model names and that could not be read.
fn named_package<'a>(live: &'a LiveVersion<'_>) -> Option<&'a str> {
    live.containers.iter().find_map(|container| match container.registration {
        Registration::Unseen { named } | Registration::Absent { named, .. } => Some(named),
        _ => None,
    })
}

/// `…:model-package/group/7`
fn group_and_version(arn: &str) -> Option<(String, i32)> {
    let (group, version) = arn.split_once(":model-package/")?.1.split_once('/')?;
    Some((group.to_owned(), version.parse().ok()?))
}

fn variant<'a>(live: &'a LiveVersion<'_>) -> Option<&'a str> {
    let variant = live.variant.map(|variant| variant.name.as_str());
    let configured = live.settings.map(|settings| settings.name.as_str());
    variant.or(configured).or_else(|| part(live, 4))
}

/// The inference component, instance type or artifact.
fn component<'a>(live: &'a LiveVersion<'_>) -> Option<&'a str> {
    live.component.map(|component| component.data.name.as_str()).or_else(|| part(live, 5))
}

/// A part of the id, `account/region/path/endpoint/variant[/component]`; the last one may hold slashes.
fn part<'a>(live: &'a LiveVersion<'_>, at: usize) -> Option<&'a str> {
    if live.path == ServingPath::Batch {
        return None;
    }
    live.id.splitn(6, '/').nth(at)
}

fn status<'a>(live: &LiveVersion<'a>) -> &'a str {
    let component = live.component.map(|component| component.data.status.as_str());
    let endpoint = live.endpoint.map(|endpoint| endpoint.data.status.as_str());
    component.or(endpoint).or_else(|| live.jobs.first().map(|job| job.data.status.as_str())).unwrap_or("unknown")
}

fn readiness_row(
    readiness: &Readiness,
    id: &str,
    about: &ByLiveVersion<'_>,
    controls: &Controls,
    names: &mut Interner,
) -> ReadinessRow {
    ReadinessRow {
        verdict: readiness.verdict,
        rule: readiness.rule,
        reason: readiness.reason.clone(),
        binding: readiness.binding.clone(),
        because: because(readiness, about.bearing(id)),
        flip_set: readiness.flip_set.iter().map(|change| flip(change, id, about, controls, names)).collect(),
    }
}

/// What the findings that bind say, worst first and each once.
fn because<'a>(readiness: &Readiness, about: impl Iterator<Item = &'a FindingRow>) -> Vec<Shared> {
    let mut binding: Vec<&FindingRow> = about
        .filter(|finding| matches!(finding.status, Status::Fail | Status::Unknown | Status::Waived))
        .filter(|finding| readiness.binding.iter().any(|code| finding.code == **code))
        .collect();
    binding.sort_by_key(|finding| (finding.gate, finding.status != Status::Fail, std::cmp::Reverse(finding.severity)));
    let mut reasons: Vec<Shared> = Vec::new();
    for finding in binding {
        if !reasons.contains(&finding.reason) {
            reasons.push(finding.reason.clone());
        }
    }
    reasons
}

/// Whether it is a control's code, such as `APR-001`; a flip set may also ask for what no control stands for, in words.
fn is_code(text: &str) -> bool {
    text.split_once('-').is_some_and(|(family, number)| {
        !family.is_empty()
            && family.bytes().all(|b| b.is_ascii_uppercase())
            && !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

fn flip(change: &str, id: &str, about: &ByLiveVersion<'_>, controls: &Controls, names: &mut Interner) -> FlipRow {
    if !is_code(change) {
        return FlipRow { code: names.get(""), subjects: Vec::new(), remedy: names.get(change), role: names.get("") };
    }
    let open: Vec<&FindingRow> = about
        .bearing(id)
        .filter(|finding| finding.code == *change && !matches!(finding.status, Status::Pass | Status::NotApplicable))
        .collect();
    let control = controls.get(change);
    let remedy = open.first().map(|finding| finding.remedy.clone());
    FlipRow {
        code: names.get(change),
        subjects: open
            .iter()
            .filter(|finding| finding.subject.live_version.is_none())
            .map(|finding| finding.subject.name.clone())
            .collect(),
        remedy: remedy.unwrap_or_else(|| names.get(control.map_or("", |control| control.remedy))),
        role: names.get(control.map_or("", |control| control.role)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_from_words() {
        assert!(is_code("APR-001"));
        for words in ["", "serve for 7 days", "-", "APR-", "-001", "two-fold"] {
            assert!(!is_code(words), "{words}");
        }
    }

    #[test]
    fn a_package_arn_names_its_group_and_version() {
        let arn = "arn:aws:sagemaker:eu-central-1:111122223333:model-package/fraud/7";
        assert_eq!(group_and_version(arn), Some(("fraud".to_owned(), 7)));
        assert_eq!(group_and_version("arn:aws:sagemaker:eu-central-1:111122223333:model-package/single"), None);
    }
}
