//! From an assessment to the document. Pure: the same assessment gives the same bytes.

use std::collections::BTreeMap;

use super::changes::{self, Now};
use super::document::{LeftOutRow, OtherAccountRow, PolicyRef, Report, ReportScope, SCHEMA, ScopePartRow, StatsRow};
use super::shared::{Interner, Shared};
use crate::control::engine::Assessment;
use crate::control::registry::CONTROLS;
use crate::evidence::{CollectStats, FactKind, LeftOut, OtherScope, ScopePart};

mod accounts;
mod actors;
mod approval;
mod around;
mod artifact;
mod card;
pub(super) mod costs;
mod coverage;
mod dashboards;
mod evidence;
mod finding;
mod fingerprint;
mod gap;
mod horizon;
mod live;
mod not_looked_at;
mod paragraph;
mod responder;
mod rollback;
mod summary;
#[cfg(test)]
pub(super) mod tests;
mod timeline;
mod watching;

/// Composes the report. It takes the assessment, so that what a finding says is moved and not copied.
pub fn compose(mut assessment: Assessment<'_>) -> Report {
    let (estate, policy) = (assessment.estate, assessment.policy);
    let snapshot = estate.snapshot;
    let mut names = Interner::default();
    let ids: Vec<Shared> = estate.live.iter().map(|live| names.get(&live.id)).collect();
    let mut evidence = evidence::Table::default();
    let gaps = gap::rows(&assessment);
    let waivers = around::waivers(&assessment);
    let controls = live::controls(&assessment);
    let found = std::mem::take(&mut assessment.findings);
    let assessment = &assessment;
    let mut findings = finding::rows(found, estate, &ids, &gaps, &mut evidence, &mut names);
    changes::place(&mut findings, snapshot.history.as_ref(), snapshot.as_of);
    let mut money = costs::any(&estate.money, ids.len()).then(|| costs::section(assessment, &ids, &mut evidence));
    let rollbacks = rollback::rows(assessment, &mut evidence, &mut names);
    let (evidence, calls) = evidence.rows(snapshot, &mut names);
    let about = finding::ByLiveVersion::new(&ids, &findings);
    let unread = places_unread(assessment);
    let live_versions = live::rows(
        assessment,
        &ids,
        live::Beside { about: &about, controls: &controls, money: money.as_ref(), rollbacks },
        &mut names,
    );
    if let Some(section) = &mut money {
        costs::complete(section, assessment, &live_versions, &gaps);
    }
    let judging: Vec<Shared> = CONTROLS.iter().map(|control| names.get(control.code)).collect();
    let scope = scope(assessment);
    let exclusions = around::exclusions(assessment);
    let now = Now {
        findings: &findings,
        evidence: &evidence,
        live_versions: &live_versions,
        gaps: &gaps,
        exclusions: &exclusions,
        scope: &scope,
        controls: &judging,
        policy_hash: &policy.hash,
        tool: &snapshot.tool,
    };
    let history = snapshot.history.clone();
    let history = history.map(|it| changes::within(it, &snapshot.scope, &findings, &live_versions, &gaps));
    let changes = history.map(|history| changes::compare(&history, &history.run, now));
    Report {
        schema: SCHEMA.to_owned(),
        tool: snapshot.tool.clone(),
        as_of: estate.as_of,
        collected_at: snapshot.as_of,
        summary: summary::summary(assessment, &live_versions, &findings, &gaps, &controls, unread),
        changes,
        scope,
        controls: judging,
        baseline: None,
        horizon: horizon::rows(&live_versions),
        policy: PolicyRef { origin: policy.origin.clone(), hash: policy.hash.clone(), profile: policy.profile },
        owners: around::owners(&live_versions, &about),
        exclusions,
        waivers,
        alarms: responder::named(around::alarms(assessment, &ids), assessment),
        dashboards: dashboards::rows(assessment.estate),
        actors: actors::section(assessment, &mut names),
        costs: money,
        evidence,
        calls,
        live_versions,
        findings,
        gaps,
        stats: stats(&snapshot.stats),
    }
}

/// Places where what serves could not be listed, so that "nothing" would be a lie.
fn places_unread(assessment: &Assessment<'_>) -> Vec<String> {
    let index = &assessment.estate.index;
    let unread = |(account, region): &(&str, &str)| {
        [FactKind::Endpoints, FactKind::InferenceComponents, FactKind::TransformJobs]
            .into_iter()
            .any(|kind| !index.complete(account, region, kind))
    };
    let places = assessment.estate.snapshot.scope.places().filter(unread);
    places.map(|(account, region)| format!("{account}/{region}")).collect()
}

fn scope(assessment: &Assessment<'_>) -> ReportScope {
    let snapshot = assessment.estate.snapshot;
    let scope = &snapshot.scope;
    let mut regions_with_endpoints: Vec<String> =
        snapshot.facts.endpoints.iter().map(|endpoint| endpoint.region.clone()).collect();
    regions_with_endpoints.sort();
    regions_with_endpoints.dedup();
    ReportScope {
        partition: scope.partition.clone(),
        accounts: scope.accounts().into_iter().map(str::to_owned).collect(),
        other_accounts: scope.others.iter().map(other_account).collect(),
        log_files: scope.log_files.clone(),
        regions: scope.regions.clone(),
        focus: scope.focus.as_ref().map(|focus| focus.on.clone()).unwrap_or_default(),
        reader: scope.reader.clone(),
        regions_with_endpoints,
        events_since: scope.events_since,
        batch_since: scope.batch_since,
        not_looked_at: not_looked_at::of(snapshot),
        parts: scope.parts.iter().map(part).collect(),
        left_out: scope.left_out.iter().map(left_out).collect(),
    }
}

fn part(part: &ScopePart) -> ScopePartRow {
    let ScopePart { account, regions, reader, collected, events_since, batch_since, replaces } = part.clone();
    let reader = Some(reader).filter(|reader| !reader.is_empty());
    ScopePartRow { account, regions, reader, collected_at: collected, events_since, batch_since, replaces }
}

fn left_out(out: &LeftOut) -> LeftOutRow {
    let LeftOut { account, name, why } = out.clone();
    LeftOutRow { account, name, why }
}

fn other_account(other: &OtherScope) -> OtherAccountRow {
    let OtherScope { account, purpose, reader } = other.clone();
    OtherAccountRow { account, purpose, reader }
}

fn stats(stats: &CollectStats) -> StatsRow {
    let mut calls = BTreeMap::new();
    for count in &stats.calls {
        *calls.entry(format!("{}:{}", count.service, count.operation)).or_insert(0) += count.sent;
    }
    StatsRow { calls, sent: stats.sent(), retries: stats.retried(), wall_ms: stats.wall_ms, paced_ms: stats.paced_ms }
}
