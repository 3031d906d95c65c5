//! A model version that serves, as a component.

use std::collections::BTreeSet;

use super::bom::{
    Commit, Component, Considerations, ExternalReference, Hash, ModelCard, Pedigree, PerformanceMetric, Properties,
    QuantitativeAnalysis,
};
use super::part::{place, since_approval};
use super::reference::reference;
use super::visible;
use crate::estate::Grade;
use crate::report::document::{ApprovalRow, BusinessRow, CardFileRow, CardRow, LiveVersionRow};
use crate::report::owned::Owner;
use crate::report::words;
use crate::sha256::Sha256;

/// The `bom-ref` of what fills a live version. A registered version is the same wherever it serves; a model that is not
/// registered is one of its account and region.
pub(super) fn reference_of(live: &LiveVersionRow) -> String {
    match (&live.package_arn, &live.model) {
        (Some(_), _) => reference("model", &live.version_key),
        (None, Some(_)) => reference("model", &format!("{}/{}/{}", live.account, live.region, live.version_key)),
        // It is not known what serves there, so it is not known to be the same as anything else.
        (None, None) => reference("model", &live.id),
    }
}

/// The component of the live versions that it fills.
pub(super) fn component<'a>(reference: &str, rows: &[&'a LiveVersionRow]) -> Component<'a> {
    let Some((first, _)) = rows.split_first() else {
        return Component::new("machine-learning-model", Some(reference.to_owned()), "unknown".into());
    };
    let name = first.group.as_deref().or(first.model.as_deref());
    let name = visible(name.unwrap_or("unknown"));
    let mut model = Component::new("machine-learning-model", Some(reference.to_owned()), name);
    model.group = Some(visible(&registry(first)).into_owned().into());
    model.version = first.version.map(|version| version.to_string().into());
    model.pedigree = first.commit.as_deref().map(|commit| Pedigree { commits: [Commit { uid: visible(commit) }] });
    model.external_references = references(first);
    model.model_card = first.card.as_ref().map(|card| model_card(card, first));
    standing(&mut model.properties, rows);
    made(&mut model.properties, first);
    model
}

/// The account and region of its registry, or where it serves.
fn registry(live: &LiveVersionRow) -> String {
    let arn = live.package_arn.as_deref().map(|arn| arn.split(':').skip(3).take(2).collect::<Vec<_>>());
    match arn.as_deref() {
        Some([region, account]) => format!("{account}/{region}"),
        _ => format!("{}/{}", live.account, live.region),
    }
}

fn references(live: &LiveVersionRow) -> Vec<ExternalReference<'_>> {
    let mut found: Vec<ExternalReference<'_>> = Vec::new();
    found.extend(live.repository.as_deref().and_then(|it| place("vcs", None, it, Vec::new())));
    if let Some(card) = &live.card {
        found.extend(card.generated_by.as_deref().and_then(|it| place("build-meta", None, it, Vec::new())));
        found.extend(card.source.as_deref().and_then(|it| place("other", Some("registered from"), it, Vec::new())));
        found.extend(card.files.iter().filter_map(metrics));
    }
    found
}

fn metrics(file: &CardFileRow) -> Option<ExternalReference<'_>> {
    let hash = file.digest.as_deref().and_then(sha256);
    place("quality-metrics", Some(&file.role), &file.uri, hash.into_iter().collect())
}

/// A digest as the registry keeps it, if it says that it is a SHA-256.
fn sha256(digest: &str) -> Option<Hash> {
    let hash = Sha256::from_hex(digest.strip_prefix("sha256:")?)?;
    Some(Hash { alg: "SHA-256", content: hash.to_string() })
}

fn model_card<'a>(card: &'a CardRow, live: &'a LiveVersionRow) -> ModelCard<'a> {
    let mut properties = Properties::default();
    properties.maybe("risk", card.risk.as_deref());
    properties.maybe("data-class", card.data_class.as_deref());
    properties.maybe("personal-data", card.personal_data.map(|yes| if yes { "yes" } else { "no" }));
    card.segments.iter().for_each(|segment| properties.say("segment", segment));
    properties.maybe("registered-card-status", card.status.as_deref());
    let metric =
        |row: &'a BusinessRow| Some(PerformanceMetric { kind: visible(&row.name), value: row.value?.to_string() });
    let metrics: Vec<PerformanceMetric<'_>> = live.business.iter().filter_map(metric).collect();
    let limits: Vec<_> = card.not_for.iter().map(|when| visible(when)).collect();
    ModelCard {
        quantitative_analysis: (!metrics.is_empty()).then_some(QuantitativeAnalysis { performance_metrics: metrics }),
        considerations: (!limits.is_empty()).then_some(Considerations { technical_limitations: limits }),
        properties,
    }
}

/// Verdict, approval and owner: the worst verdict, and each owner, of the live versions that it fills.
fn standing(properties: &mut Properties, rows: &[&LiveVersionRow]) {
    let worst = rows.iter().map(|live| live.readiness.verdict).min_by_key(|verdict| words::verdict_rank(*verdict));
    properties.maybe("verdict", worst.map(words::verdict_key));
    let first = rows.first();
    match first.and_then(|live| live.approval.as_ref()) {
        Some(approval) => told(properties, approval),
        None if first.is_some_and(|live| words::surely_unregistered(live)) => properties.say("approval", "none"),
        None => properties.unknown("approval"),
    }
    let owners: BTreeSet<&str> = rows.iter().filter_map(|live| Some(live.owner.as_ref()?.name.as_str())).collect();
    for owner in owners {
        properties.say("owner", owner);
    }
    if rows.iter().any(|live| Owner::of(live) == Owner::NotKnown) {
        properties.unknown("owner");
    }
    for live in rows {
        properties.say("live-version", &live.id);
    }
}

fn told(properties: &mut Properties, approval: &ApprovalRow) {
    match approval.status.as_deref() {
        Some(status) => properties.say("approval", status),
        None => properties.unknown("approval"),
    }
    properties.say("grade", if approval.grade == Grade::None { "none" } else { approval.grade.as_str() });
    properties.say("grade-rests-on", &approval.grade_words);
    properties.maybe("approved-by", approval.by.as_deref().map(words::identity));
    properties.maybe("approved-at", approval.at.map(|at| at.to_string()).as_deref());
    properties.maybe("approved-as", approval.approved_as.as_deref());
    properties.maybe("registered-by", approval.registered_by.as_deref().map(words::identity));
    properties.maybe("registered-at", approval.registered_at.map(|at| at.to_string()).as_deref());
}

/// What it is made of, as far as CycloneDX has no field for it.
fn made(properties: &mut Properties, live: &LiveVersionRow) {
    properties.maybe("package", live.package_arn.as_deref());
    properties.maybe("model", live.model.as_deref());
    let tied: BTreeSet<&str> = live.containers.iter().map(|container| container.registration.as_str()).collect();
    for registration in tied {
        properties.say("registration", registration);
    }
    properties.maybe("repository", live.repository.as_deref());
    properties.maybe("generated-by", live.card.as_ref().and_then(|card| card.generated_by.as_deref()));
    properties.maybe("project", live.card.as_ref().and_then(|card| card.project.as_deref()));
    for artifact in &live.artifacts {
        properties.maybe("registered-etag", artifact.registered_etag.as_deref());
        properties.maybe("since-approval", since_approval(artifact).as_deref());
    }
    if live.model.is_none() && live.package_arn.is_none() {
        properties.unknown("model");
    }
    properties.unknown("training data");
}
