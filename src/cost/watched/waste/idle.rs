//! Endpoints that nobody asks anything.

use std::collections::BTreeSet;

use super::{Group, Sight, seen, why};
use crate::cost::watched::points;
use crate::cost::{Known, Waste, WasteKind};
use crate::estate::{Hosting, LiveVersion, ServingPath, remedy};
use crate::evidence::{Endpoint, Fact, InferenceComponent};

/// Every idle endpoint.
pub(super) fn all(sight: &Sight<'_, '_>) -> Vec<Waste> {
    sight.endpoints().into_iter().filter_map(|group| one(sight, group)).collect()
}

fn one(sight: &Sight<'_, '_>, (endpoint, numbers): Group<'_>) -> Option<Waste> {
    let days = sight.policy.cost.idle_days;
    let all: Option<Vec<_>> = numbers.iter().map(|number| sight.one(*number)).collect();
    let all = all?;
    // Shadows get copies of what others are asked, so they say nothing by themselves.
    let mut asked = all.iter().filter(|(live, _)| live.path != ServingPath::Shadow).peekable();
    asked.peek()?;
    if endpoint.data.status != "InService" || !asked.all(|(_, usage)| usage.requests == Known::Known(0.0)) {
        return None;
    }
    let until = points::known_until(sight.estate);
    let since = points::days_before(until, days);
    let young = all.iter().any(|(live, _)| live.deployed().is_some_and(|deployed| deployed > since));
    let spared = all.iter().any(|(live, usage)| {
        usage.stands_by.is_some() || live.manifest.is_some_and(|manifest| manifest.sporadic_traffic)
    });
    if young || spared || all.iter().all(|(live, _)| costs_nothing(live)) {
        return None;
    }
    let (saves, word) = sight.monthly(&numbers);
    let name = &endpoint.data.name;
    let (first, _) = all.first()?;
    Some(Waste {
        kind: WasteKind::Idle,
        what: name.clone(),
        account: endpoint.account.clone(),
        region: endpoint.region.clone(),
        why: why(format!("it was not asked anything in the last {days} days, and is in service"), word),
        saves,
        aws_says: None,
        command: delete(sight, endpoint),
        seen: seen(first, &[]),
        live: numbers,
    })
}

/// The command that deletes an endpoint. AWS refuses that while inference components are on it: they go first, those that
/// adapt others before these, and are waited for.
///
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteInferenceComponent.html>
fn delete(sight: &Sight<'_, '_>, endpoint: &Fact<Endpoint>) -> String {
    let (name, region) = (&endpoint.data.name, &endpoint.region);
    let here = |fact: &&Fact<InferenceComponent>| {
        (&fact.account, &fact.region) == (&endpoint.account, region) && fact.data.endpoint.eq_ignore_ascii_case(name)
    };
    let facts = sight.estate.snapshot.facts.inference_components.iter().filter(here);
    let components: BTreeSet<(bool, &str)> =
        facts.map(|fact| (fact.data.base_component.is_none(), fact.data.name.as_str())).collect();
    let delete = |(_, component): &(bool, &str)| {
        let words = ["--inference-component-name", component];
        remedy::line("sagemaker delete-inference-component", region, &words)
    };
    let mut commands: Vec<String> = components.iter().map(delete).collect();
    if !commands.is_empty() {
        let words = ["--endpoint-name-equals", name, "--query", "length(InferenceComponents)"];
        let left = remedy::line("sagemaker list-inference-components", region, &words);
        commands.push(format!("until [ \"$({left} --output text)\" = 0 ]; do sleep 10; done"));
    }
    commands.push(remedy::line("sagemaker delete-endpoint", region, &["--endpoint-name", name]));
    commands.join(" && ")
}

/// Whether nothing is paid for while nobody asks: no instances are left, or it is serverless and nothing is kept warm.
fn costs_nothing(live: &LiveVersion<'_>) -> bool {
    let warm = || {
        let running = live.variant.and_then(|variant| variant.serverless.as_ref());
        let settings = running.or_else(|| live.settings.and_then(|settings| settings.serverless.as_ref()));
        settings.and_then(|settings| settings.provisioned).unwrap_or_default() > 0
    };
    match live.hosting {
        Hosting::Serverless => !warm(),
        Hosting::RealTime | Hosting::Asynchronous | Hosting::Batch => {
            live.variant.and_then(|variant| variant.instances) == Some(0)
        }
    }
}
