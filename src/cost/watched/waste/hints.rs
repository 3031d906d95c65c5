//! What AWS itself recommends: put beside what was found here, else told as AWS says it.
//!
//! Source: <https://docs.aws.amazon.com/cost-management/latest/userguide/coh-strategies.html>

use std::collections::BTreeMap;

use super::Sight;
use crate::cost::{Known, Money, Waste, WasteKind};
use crate::estate::remedy;
use crate::evidence::{Fact, SavingHint};

/// Where Cost Optimization Hub answers.
const HUB: &str = "us-east-1";

/// Puts what AWS says beside the waste of the same resource, of which the dearest comes first; and adds the rest.
pub(super) fn reconcile(waste: &mut Vec<Waste>, sight: &Sight<'_, '_>) {
    let mut newest: BTreeMap<&str, &Fact<SavingHint>> = BTreeMap::new();
    for fact in &sight.estate.snapshot.facts.saving_hints {
        let held = newest.entry(&fact.data.id).or_insert(fact);
        if fact.seen.last() > held.seen.last() {
            *held = fact;
        }
    }
    for fact in newest.into_values().filter(|fact| is_ours(&fact.data)) {
        let says = fact.data.monthly.as_ref().map(Money::from);
        let same = |it: &&mut Waste| it.kind != WasteKind::Recommended && is_about(fact, it);
        match waste.iter_mut().find(same) {
            Some(found) => {
                found.why = format!("{}; AWS recommends {} too", found.why, action(&fact.data));
                if found.aws_says.is_none() {
                    found.aws_says = says;
                }
                found.seen.extend(fact.seen.iter().copied());
                found.seen.sort_unstable();
                found.seen.dedup();
            }
            None => waste.push(told(fact, sight, says)),
        }
    }
}

/// Whether it is about machine learning, by its type or its ARN.
fn is_ours(hint: &SavingHint) -> bool {
    let says = |text: &str| {
        let text = text.to_lowercase();
        text.contains("sagemaker") || text.contains("bedrock")
    };
    says(&hint.kind) || says(&hint.resource)
}

/// Whether it is about the resource that a piece of waste is about: ARNs and names are compared as AWS folds them.
fn is_about(fact: &Fact<SavingHint>, waste: &Waste) -> bool {
    let place = |said: &Option<String>, here: &str| said.as_deref().is_none_or(|said| said == here);
    let named = name(&fact.data.resource).to_lowercase();
    let what = waste.what.split(" / ").next().unwrap_or_default().to_lowercase();
    place(&fact.data.account, &waste.account) && place(&fact.data.region, &waste.region) && named == what
}

/// The name at the end of an ARN or id.
fn name(resource: &str) -> &str {
    resource.rsplit('/').next().unwrap_or(resource)
}

/// What AWS recommends, in words.
fn action(hint: &SavingHint) -> String {
    match hint.action.as_str() {
        "Delete" => "to delete it".to_owned(),
        "Stop" => "to stop it".to_owned(),
        "Rightsize" => "another size".to_owned(),
        "ScaleIn" => "fewer instances".to_owned(),
        other => format!("`{other}`"),
    }
}

fn told(fact: &Fact<SavingHint>, sight: &Sight<'_, '_>, says: Option<Money>) -> Waste {
    let hint = &fact.data;
    let account = hint.account.as_deref().unwrap_or(&fact.account);
    let region = hint.region.as_deref().unwrap_or(&fact.region);
    let what = name(&hint.resource);
    let same = |live: &crate::estate::LiveVersion<'_>| {
        (live.account, live.region) == (account, region) && live.endpoint_name.eq_ignore_ascii_case(what)
    };
    let live = sight.estate.live.iter().enumerate().filter(|(_, live)| same(live)).map(|(number, _)| number);
    let refreshed = hint.refreshed.map(|at| format!(", as of {}", at.strftime("%Y-%m-%d"))).unwrap_or_default();
    Waste {
        kind: WasteKind::Recommended,
        what: what.to_owned(),
        account: account.to_owned(),
        region: region.to_owned(),
        live: live.collect(),
        why: format!("AWS recommends {} ({}){refreshed}; nothing that was read here says so", action(hint), hint.kind),
        saves: match &says {
            Some(money) => Known::Known(money.clone()),
            None => Known::Unknown("AWS does not say how much".to_owned()),
        },
        aws_says: says,
        command: remedy::line("cost-optimization-hub get-recommendation", HUB, &["--recommendation-id", &hint.id]),
        seen: fact.seen.clone(),
    }
}
