//! What costs more than it has to: each with why, what it would save, and the command that ends it.

mod bounded;
mod hints;
mod hosting;
mod idle;
mod oversized;
mod serverless;
mod unused;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::cost::prices::Prices;
use crate::cost::{CostSource, Known, Ledger, Money, Use, VersionCost, Waste, WasteKind};
use crate::estate::{Estate, LiveVersion, ServingPath};
use crate::evidence::{CallId, Endpoint, Fact};
use crate::policy::Policy;

/// Everything wasteful, the dearest first; what saves nobody knows how much comes last.
pub(super) fn all<'a>(ledger: &Ledger<'a>, estate: &Estate<'a>, policy: &Policy) -> Vec<Waste> {
    let sight = Sight { ledger, estate, policy, prices: Prices::new(estate) };
    let mut waste = idle::all(&sight);
    for number in 0..estate.live.len() {
        waste.extend(oversized::one(&sight, number));
        waste.extend(serverless::one(&sight, number));
        waste.extend(bounded::one(&sight, number));
    }
    waste.extend(unused::capacity(&sight));
    waste.extend(unused::notebooks(&sight));
    dearest_first(&mut waste);
    hints::reconcile(&mut waste, &sight);
    dearest_first(&mut waste);
    waste
}

fn dearest_first(waste: &mut [Waste]) {
    let key = |it: &Waste| {
        let saves = it.saves.known().map(|money| (money.value, money.currency.clone()));
        (Reverse(saves), it.account.clone(), it.region.clone(), it.kind, it.what.clone())
    };
    waste.sort_by_key(key);
}

/// What waste is told from.
struct Sight<'s, 'a> {
    ledger: &'s Ledger<'a>,
    estate: &'s Estate<'a>,
    policy: &'s Policy,
    prices: Prices<'a>,
}

/// The live versions of one endpoint, as indices.
type Group<'a> = (&'a Fact<Endpoint>, Vec<usize>);

impl<'a> Sight<'_, 'a> {
    /// The live version of an index, with how it is used.
    fn one(&self, number: usize) -> Option<(&LiveVersion<'a>, &Use)> {
        Some((self.estate.live.get(number)?, self.ledger.uses.get(number)?))
    }

    fn endpoints(&self) -> Vec<Group<'a>> {
        let mut groups: BTreeMap<(&str, &str, String), Group<'a>> = BTreeMap::new();
        for (number, live) in self.estate.live.iter().enumerate() {
            if let Some(endpoint) = live.endpoint {
                let name = (live.account, live.region, endpoint.data.name.to_lowercase());
                groups.entry(name).or_insert_with(|| (endpoint, Vec::new())).1.push(number);
            }
        }
        groups.into_values().collect()
    }

    fn cost(&self, number: usize) -> Option<&VersionCost> {
        self.ledger.versions.get(number)
    }

    /// What a month of these costs, which is what it saves to end them; with a word to add where commitments pay for them.
    fn monthly(&self, numbers: &[usize]) -> (Known<Money>, Option<String>) {
        if numbers.is_empty() || numbers.iter().any(|number| self.cost(*number).is_none()) {
            return (Known::Unknown("what it costs is not known".to_owned()), None);
        }
        let costs: Vec<&VersionCost> = numbers.iter().filter_map(|number| self.cost(*number)).collect();
        if let Some(nothing) = paid_already(&costs) {
            let word =
                "nothing was billed for it, so that commitments pay for it and ending it saves nothing".to_owned();
            return (Known::Known(nothing), Some(word));
        }
        let mut total: Option<Money> = None;
        for cost in costs {
            let figure = match &cost.monthly {
                Known::Known(figure) => figure,
                Known::Unknown(why) | Known::None(why) => return (Known::Unknown(why.clone()), None),
            };
            total = match total {
                None => Some(figure.amount.clone()),
                Some(sum) if sum.currency == figure.amount.currency => {
                    Some(Money::new(sum.value + figure.amount.value, &sum.currency))
                }
                Some(_) => return (Known::Unknown("it is paid in several currencies".to_owned()), None),
            };
        }
        (total.map_or_else(|| Known::Unknown("what it costs is not known".to_owned()), Known::Known), None)
    }

    /// A part of what a month of one costs: so many of so many equal parts.
    fn part(&self, number: usize, parts: Decimal, of: Decimal) -> (Known<Money>, Option<String>) {
        match self.monthly(&[number]) {
            (Known::Known(money), word) => {
                let value = money.times(parts).value.checked_div(of).unwrap_or_default();
                (Known::Known(Money::new(value, &money.currency)), word)
            }
            other => other,
        }
    }
}

/// Nothing, where the bill says for all of them that nothing was billed although they ran.
fn paid_already(costs: &[&VersionCost]) -> Option<Money> {
    let free = |cost: &&VersionCost| {
        let ran = cost.estimate.known().is_some_and(|figure| figure.amount.value > Decimal::ZERO);
        let billed = cost.cost.known().filter(|figure| figure.source != CostSource::Estimate)?;
        (ran && billed.amount.value.is_zero()).then(|| billed.amount.clone())
    };
    let all: Option<Vec<Money>> = costs.iter().map(free).collect();
    all?.into_iter().next()
}

/// Why it is waste, with a word added.
fn why(said: String, word: Option<String>) -> String {
    match word {
        Some(word) => format!("{said}; {word}"),
        None => said,
    }
}

/// The calls that showed an endpoint and its series.
fn seen(live: &LiveVersion<'_>, series: &[CallId]) -> Vec<CallId> {
    let endpoint = live.endpoint.iter().flat_map(|endpoint| endpoint.seen.iter().copied());
    let mut calls: Vec<CallId> = endpoint.chain(series.iter().copied()).collect();
    calls.sort_unstable();
    calls.dedup();
    calls
}

/// How a variant is called in words.
fn variant_name(live: &LiveVersion<'_>) -> String {
    let name = live.variant.map(|variant| variant.name.as_str());
    match name.or_else(|| live.settings.map(|settings| settings.name.as_str())) {
        Some(variant) => format!("{} / {variant}", live.endpoint_name),
        None => live.endpoint_name.to_owned(),
    }
}

/// Waste of one variant; what AWS says of it is found later.
fn of_variant(
    kind: WasteKind,
    (live, number): (&LiveVersion<'_>, usize),
    why: String,
    saves: Known<Money>,
    command: String,
) -> Waste {
    Waste {
        kind,
        what: variant_name(live),
        account: live.account.to_owned(),
        region: live.region.to_owned(),
        live: vec![number],
        why,
        saves,
        aws_says: None,
        command,
        seen: seen(live, &[]),
    }
}

/// Whether it is a variant whose instances are its own: what shares them is told by what shares.
fn has_own_instances(live: &LiveVersion<'_>) -> bool {
    live.path == ServingPath::Variant && !live.pending && live.settings.is_some_and(|it| it.pools.is_empty())
}

/// A share in whole percent.
fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

#[cfg(test)]
#[path = "waste_tests.rs"]
mod tests;
