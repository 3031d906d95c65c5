//! What each live version costs, and the roll-ups of it.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::bill::{self, Bills};
use super::billed::{self, OfResource};
use super::divide::divide;
use super::estimate::{self, Estimated};
use super::fleet::{self, EndpointKey, Fleet};
use super::parts::{self, Paid};
use super::prices::Prices;
use super::{CostSource, Figure, Known, Ledger, Money, Period, VersionCost, predictions, rollup};
use crate::estate::{Estate, LiveVersion};
use crate::evidence::BillQuestion;
use crate::policy::Policy;

/// Fills in the period, the bill, the cost of each live version, and the roll-ups.
pub(super) fn fill<'a>(ledger: &mut Ledger<'a>, estate: &Estate<'a>, policy: &Policy) {
    let period = Period::of(estate.as_of);
    let by_usage = Bills::of(estate, policy, BillQuestion::ByUsageType);
    if by_usage.is_empty() {
        ledger.no_bill = Some(bill::missing(estate, policy));
    } else {
        ledger.spend = Some(bill::spend(&by_usage, period));
        ledger.days = bill::days(&by_usage, period.until);
    }
    ledger.period = Some(period);
    ledger.versions = costs(estate, policy, period, &by_usage);
    let (live, versions) = (&estate.live, &ledger.versions);
    ledger.by_owner = rollup::by(live, versions, |it| it.owner.as_ref().map(|owner| owner.name.as_str()));
    ledger.by_cost_center = rollup::by(live, versions, |it| it.cost_center.as_ref().map(|owner| owner.name.as_str()));
    ledger.by_group = rollup::by(live, versions, LiveVersion::group);
    ledger.by_account = rollup::by(live, versions, |it| Some(it.account));
}

fn costs(estate: &Estate<'_>, policy: &Policy, period: Period, by_usage: &Bills<'_>) -> Vec<VersionCost> {
    let endpoints = fleet::endpoints(&estate.live);
    let paid = parts::all(estate, &endpoints, period);
    let prices = Prices::new(estate);
    let estimates: Vec<Estimated> =
        estate.live.iter().zip(&paid).map(|(live, paid)| estimate::of(paid, &prices, live.region)).collect();
    let shares = shares(&endpoints, &paid, &estimates);
    let by_resource = Bills::of(estate, policy, BillQuestion::ByResource);
    let named = named(estate, &endpoints, &by_resource, period);
    let of_names = divided(&endpoints, &named, &shares);
    let by_tag = billed::by_tag(estate, by_usage, &paid, &named, &estimates, period);
    let crowded = endpoints.values().flatten().filter(|fleet| fleet.live.len() > 1);
    let together: BTreeSet<usize> = crowded.flat_map(|fleet| fleet.live.iter().copied()).collect();
    let mut costs = Vec::with_capacity(paid.len());
    for (at, (((live, estimated), share), tagged)) in
        estate.live.iter().zip(estimates).zip(&shares).zip(by_tag).enumerate()
    {
        let cost = match (of_names.get(&at), tagged) {
            (Some(figure), _) => Known::Known(figure.clone()),
            (None, Ok(figure)) => Known::Known(figure),
            (None, Err(why)) => with_reason(&estimated.figure, &why),
        };
        let predictions = predictions::of(estate, live, !together.contains(&at), period);
        costs.push(VersionCost {
            share: share.clone(),
            gap: gap(&cost, &estimated.figure),
            per_thousand: predictions::per_thousand(&cost, &predictions),
            cost,
            estimate: estimated.figure,
            lines: estimated.lines,
            monthly: estimated.monthly,
            predictions: predictions.known,
            candidate: None,
        });
    }
    costs
}

/// What was billed for endpoints by name.
fn named<'a>(
    estate: &Estate<'a>,
    endpoints: &BTreeMap<EndpointKey<'a>, Vec<Fleet>>,
    bills: &Bills<'_>,
    period: Period,
) -> BTreeMap<EndpointKey<'a>, OfResource> {
    let lines = billed::by_name(bills, period);
    let of = |(key, fleets): (&EndpointKey<'a>, &Vec<Fleet>)| {
        let first = fleets.iter().find_map(|fleet| estate.live.get(*fleet.live.first()?))?;
        Some((key.clone(), billed::by_resource(bills, &lines, first, period)?))
    };
    endpoints.iter().filter_map(of).collect()
}

/// What was billed for each endpoint, divided among its live versions.
fn divided(
    endpoints: &BTreeMap<EndpointKey<'_>, Vec<Fleet>>,
    named: &BTreeMap<EndpointKey<'_>, OfResource>,
    shares: &[(Decimal, String)],
) -> BTreeMap<usize, Figure> {
    let mut figures = BTreeMap::new();
    for (key, billed) in named {
        let live: Vec<usize> =
            endpoints.get(key).into_iter().flatten().flat_map(|fleet| fleet.live.iter().copied()).collect();
        let share = |at: &usize| shares.get(*at).map_or(Decimal::ZERO, |(share, _)| *share);
        let weights: Vec<Decimal> = live.iter().map(share).collect();
        let figure = &billed.figure;
        let parts = |amount: &Money| divide(amount.value, &weights);
        let parts = parts(&figure.amount).into_iter().zip(parts(&figure.low)).zip(parts(&figure.high));
        for (at, ((amount, low), high)) in live.iter().copied().zip(parts) {
            let of = |value| Money::new(value, &figure.amount.currency);
            let mut notes = figure.notes.clone();
            if live.len() > 1 {
                let why = shares.get(at).map_or("", |(_, why)| why.as_str());
                notes.push(format!("its endpoint was billed, and its part of that is {why}"));
            }
            figures.insert(at, Figure { amount: of(amount), low: of(low), high: of(high), notes, ..figure.clone() });
        }
    }
    figures
}

/// The part of its endpoint's cost that each live version bears: that of its variant by estimates, of which it bears what
/// it weighs there.
fn shares(
    endpoints: &BTreeMap<EndpointKey<'_>, Vec<Fleet>>,
    paid: &[Paid],
    estimates: &[Estimated],
) -> Vec<(Decimal, String)> {
    let mut shares: Vec<(Decimal, String)> = paid.iter().map(|paid| paid.weight.clone()).collect();
    for fleets in endpoints.values() {
        let live: Vec<usize> = fleets.iter().flat_map(|fleet| fleet.live.iter().copied()).collect();
        let (weights, basis) = weights(&live, fleets, paid, estimates);
        for (at, share) in live.iter().copied().zip(divide(Decimal::ONE, &weights)) {
            if let Some((held, why)) = shares.get_mut(at) {
                *held = share;
                if fleets.len() > 1 {
                    *why = format!("{why}; variants of the endpoint bear its cost {basis}");
                } else if live.len() == 1 {
                    "nothing else runs on its endpoint".clone_into(why);
                }
            }
        }
    }
    shares
}

/// What live versions of one endpoint weigh: estimates where all are known, else instance-hours, else fleets are alike.
fn weights(live: &[usize], fleets: &[Fleet], paid: &[Paid], estimates: &[Estimated]) -> (Vec<Decimal>, &'static str) {
    let amounts: Option<Vec<&Money>> =
        live.iter().map(|at| estimates.get(*at)?.figure.known().map(|figure| &figure.amount)).collect();
    if let Some(amounts) = amounts {
        let one = amounts.windows(2).all(|pair| matches!(pair, [a, b] if a.currency == b.currency));
        if one && amounts.iter().any(|amount| !amount.value.is_zero()) {
            return (amounts.iter().map(|amount| amount.value).collect(), "by estimates");
        }
    }
    let hours = |at: &usize| {
        let parts = paid.get(*at)?.parts.iter().filter(|part| part.unit == "instance-hours");
        let parts: Option<Vec<Decimal>> = parts.map(|part| Some(part.quantity.known()?.likely)).collect();
        parts.filter(|parts| !parts.is_empty()).map(|parts| parts.iter().sum())
    };
    let hours: Option<Vec<Decimal>> = live.iter().map(hours).collect();
    if let Some(hours) = hours.filter(|hours: &Vec<Decimal>| hours.iter().any(|hours| !hours.is_zero())) {
        return (hours, "by instance-hours, since not all prices are known");
    }
    let of_fleet = |fleet: &Fleet| {
        let weights: Vec<Decimal> =
            fleet.live.iter().map(|at| paid.get(*at).map_or(Decimal::ONE, |paid| paid.weight.0)).collect();
        divide(Decimal::ONE, &weights)
    };
    (fleets.iter().flat_map(of_fleet).collect(), "in equal parts, since nothing tells what they use")
}

/// The estimate, with why it is no more than that.
fn with_reason(estimate: &Known<Figure>, why: &str) -> Known<Figure> {
    match estimate {
        Known::Known(figure) => {
            let mut figure = figure.clone();
            figure.notes.push(format!("estimated, since {why}"));
            Known::Known(figure)
        }
        Known::Unknown(unknown) => Known::Unknown(format!("{unknown}; and {why}")),
        Known::None(none) => Known::None(none.clone()),
    }
}

/// What was billed less what was estimated.
fn gap(cost: &Known<Figure>, estimate: &Known<Figure>) -> Option<Money> {
    let (cost, estimate) = (cost.known()?, estimate.known()?);
    let comparable = cost.source != CostSource::Estimate && cost.amount.currency == estimate.amount.currency;
    comparable.then(|| Money::new(cost.amount.value - estimate.amount.value, &cost.amount.currency))
}
