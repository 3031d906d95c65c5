//! The rollback card of each live version.

use super::evidence::Table;
use super::paragraph::plain;
use crate::control::engine::Assessment;
use crate::control::way_back::{Candidate, Earlier, Outlook, PartState, Steps, WayBack};
use crate::control::{Cite, Context, View};
use crate::estate::{LiveVersion, ServingPath};
use crate::evidence::CallId;
use crate::report::document::{
    CheckState, FallbackRow, PassedOverRow, RollbackCheckRow, RollbackRow, RollbackState, RollbackStepRow,
    RollbackTargetRow,
};
use crate::report::shared::{Interner, Shared};
use crate::report::words;

/// So many versions that were passed over are told.
const PASSED_OVER: usize = 5;

/// The cards, in the order of the live versions.
pub(super) fn rows(assessment: &Assessment<'_>, evidence: &mut Table, names: &mut Interner) -> Vec<RollbackRow> {
    let estate = assessment.estate;
    let view = View::new(estate);
    let context = Context { estate, policy: assessment.policy, view: &view };
    estate.live.iter().map(|live| row(live, context, evidence, names)).collect()
}

fn row<'a>(live: &'a LiveVersion<'a>, context: Context<'a>, evidence: &mut Table, names: &mut Interner) -> RollbackRow {
    if live.path == ServingPath::Shadow {
        let summary = "it is a shadow variant, whose answers are dropped".to_owned();
        return RollbackRow { state: RollbackState::NotNeeded, summary, ..nothing() };
    }
    let back = WayBack::of(live, context);
    let fallback = back.fallback.as_ref().map(|fallback| FallbackRow {
        what: fallback.declared.kind.clone(),
        owner: fallback.declared.owner.clone(),
        tested: fallback.declared.tested,
        holds: fallback.worth.is_ok(),
        why: fallback.worth.clone().unwrap_or_else(|why| why),
    });
    let best = back.earlier.best();
    let ready = best.is_some_and(|best| matches!(best.outlook(), Outlook::Deployable { .. }));
    let steps = best.filter(|_| ready).map(|best| Steps::to(best, live, context));
    let target = best.map(|best| target(best, steps.as_ref(), live, evidence, names));
    let (state, summary) = match &fallback {
        _ if ready => (RollbackState::Version, best.map(summary_of).unwrap_or_default()),
        Some(fallback) if fallback.holds => (RollbackState::Fallback, fallback.why.clone()),
        _ => {
            let (state, why) = without(&back.earlier);
            let unsure = back.fallback_unsure && state == RollbackState::None;
            let state = if unsure { RollbackState::Unknown } else { state };
            let more = match &fallback {
                Some(fallback) => format!("; {}", fallback.why),
                None if unsure => "; which manifest applies is not known, and one declares a fallback".to_owned(),
                None if state == RollbackState::None => ", and no fallback is declared".to_owned(),
                None => String::new(),
            };
            (state, why + &more)
        }
    };
    let mut passed_over = passed_over(&back.earlier);
    let passed_over_left_out = passed_over.len().saturating_sub(PASSED_OVER);
    passed_over.truncate(PASSED_OVER);
    RollbackRow {
        state,
        summary,
        target,
        steps: steps.map_or_else(Vec::new, |steps| {
            steps.steps.into_iter().map(|step| RollbackStepRow { what: step.what, command: step.command }).collect()
        }),
        fallback,
        passed_over,
        passed_over_left_out,
    }
}

fn nothing() -> RollbackRow {
    RollbackRow {
        state: RollbackState::None,
        summary: String::new(),
        target: None,
        steps: Vec::new(),
        fallback: None,
        passed_over: Vec::new(),
        passed_over_left_out: 0,
    }
}

/// What there is to go back to.
fn summary_of(best: &Candidate<'_>) -> String {
    let name = words::version(&best.package.data.arn);
    let until = match best.outlook() {
        Outlook::Deployable { until: Some(until) } => format!(" until {}", words::day(until)),
        _ => String::new(),
    };
    format!("`{name}` can be deployed again{until}: it is approved, and its {} are there", best.made_of())
}

/// Why no version is sure to be one to go back to.
fn without(earlier: &Earlier<'_>) -> (RollbackState, String) {
    let (current, hidden) = match earlier {
        Earlier::Unresolved => return (RollbackState::Unknown, "which model serves is not known".to_owned()),
        Earlier::Unsure(verdict) => return (RollbackState::Unknown, plain(&verdict.reason).to_owned()),
        Earlier::Unregistered => {
            let why = "it is no registered version, so there is no earlier one to go back to";
            return (RollbackState::None, why.to_owned());
        }
        Earlier::Versions { current, hidden, .. } => (current, hidden),
    };
    let name = words::version(&current.data.arn);
    match earlier.best().map(|best| (words::version(&best.package.data.arn), best.outlook())) {
        Some((other, Outlook::Unsure(why))) => {
            (RollbackState::Unknown, format!("whether `{other}` can be deployed again is not known: {why}"))
        }
        _ if hidden.is_some() => (RollbackState::Unknown, format!("not every version beside `{name}` could be read")),
        Some((other, Outlook::Lost(why))) => {
            (RollbackState::None, format!("no earlier version can be deployed any more: of `{other}`, {why}"))
        }
        _ => (RollbackState::None, format!("no version before `{name}` is approved")),
    }
}

fn target(
    best: &Candidate<'_>,
    steps: Option<&Steps<'_>>,
    live: &LiveVersion<'_>,
    evidence: &mut Table,
    names: &mut Interner,
) -> RollbackTargetRow {
    let package = best.package;
    let arn = &package.data.arn;
    let mut shown = |what: String, seen: &[CallId]| -> Vec<Shared> {
        if seen.is_empty() { Vec::new() } else { vec![evidence.id(Cite { what, seen: seen.to_vec() })] }
    };
    let mut checks = vec![RollbackCheckRow {
        what: names.get("approval"),
        name: arn.clone(),
        state: CheckState::Pass,
        why: "Approved".to_owned(),
        evidence: shown(format!("`{arn}` is Approved"), &package.seen),
    }];
    for part in &best.parts {
        let name = &part.name;
        let (state, why) = match &part.state {
            PartState::There(Some(until)) => (CheckState::Pass, format!("there until {}", words::day(*until))),
            PartState::There(None) => (CheckState::Pass, "there".to_owned()),
            PartState::Unsure(why) => (CheckState::Unknown, why.clone()),
            PartState::Lost(why) => (CheckState::Fail, why.clone()),
        };
        let evidence = shown(format!("{} `{name}`: {why}", part.kind.words()), part.seen);
        checks.push(RollbackCheckRow { what: names.get(part.kind.words()), name: name.clone(), state, why, evidence });
    }
    let model = best.models.first();
    if let Some(model) = model {
        let name = &model.data.name;
        checks.push(RollbackCheckRow {
            what: names.get("model"),
            name: name.clone(),
            state: CheckState::Pass,
            why: "made of it, and there".to_owned(),
            evidence: shown(format!("model `{name}` was made of `{arn}`"), &model.seen),
        });
    }
    let config = steps.and_then(|steps| steps.config.as_ref());
    if let Some(config) = config {
        let name = config.name;
        checks.push(RollbackCheckRow {
            what: names.get("endpoint config"),
            name: name.to_owned(),
            state: CheckState::Unknown,
            why: format!(
                "`{}` was put on it on {}; whether it still exists was not read, as it is not in force",
                live.endpoint_name,
                words::day(config.used.data.time)
            ),
            evidence: shown(format!("`{}` was put on config `{name}`", live.endpoint_name), config.used.seen),
        });
    }
    checks.push(RollbackCheckRow {
        what: names.get("capacity"),
        name: String::new(),
        state: CheckState::Unknown,
        why: "whether AWS has instances of its type at that moment cannot be read".to_owned(),
        evidence: Vec::new(),
    });
    RollbackTargetRow {
        package_arn: arn.clone(),
        version: package.data.version,
        model: model.map(|model| model.data.name.clone()),
        config: config.map(|config| config.name.to_owned()),
        until: match best.outlook() {
            Outlook::Deployable { until } => until,
            Outlook::Unsure(_) | Outlook::Lost(_) => None,
        },
        checks,
    }
}

/// Newer versions than the target, each with what is in its way.
fn passed_over(earlier: &Earlier<'_>) -> Vec<PassedOverRow> {
    let Earlier::Versions { candidates, .. } = earlier else { return Vec::new() };
    let best = earlier.best().map(|best| best.package.data.arn.as_str());
    let others = candidates.iter().filter(|candidate| Some(candidate.package.data.arn.as_str()) != best);
    let row = |candidate: &Candidate<'_>| match candidate.outlook() {
        Outlook::Unsure(why) | Outlook::Lost(why) => {
            Some(PassedOverRow { package_arn: candidate.package.data.arn.clone(), why: why.to_owned() })
        }
        Outlook::Deployable { .. } => None,
    };
    others.filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::engine;
    use crate::estate::fixture::*;
    use crate::evidence::Model;
    use crate::report::compose::compose;

    #[test]
    fn versions_that_were_passed_over_are_told_or_counted() {
        let mut fixture = Fixture::sound()
            .with(package(20, "s3://ml-models/fraud/20/model.tar.gz", ETAG, "2026-05-20T09:00:00Z"))
            .edit_named(MODEL, |model: &mut Model| model.containers = vec![from_package(&package_arn(20))]);
        for number in 11..20 {
            let uri = format!("s3://ml-models/fraud/{number}/model.tar.gz");
            fixture = fixture.with(package(number, &uri, ETAG, "2026-05-20T09:00:00Z"));
        }
        let estate = fixture.estate();
        let report = compose(engine::assess(&estate, &fixture.policy));
        let back = report.live_versions[0].rollback.as_ref().expect("a card");
        assert_eq!(back.state, RollbackState::Version, "{}", back.summary);
        assert_eq!((back.passed_over.len(), back.passed_over_left_out), (PASSED_OVER, 4));
    }
}
