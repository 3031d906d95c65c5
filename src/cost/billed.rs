//! What was billed for each live version: for its endpoint by name, else for its usage type and tag, divided.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::bill::{self, Bills, Scope};
use super::divide::divide;
use super::estimate::Estimated;
use super::fleet::EndpointKey;
use super::parts::Paid;
use super::usage::{Kind, Usage};
use super::{CostSource, Figure, Known, Money, Period};
use crate::estate::{Estate, LiveVersion, Lookup, ServingPath};
use crate::evidence::FactKind;

/// What was billed for one endpoint, with what of it belongs to each usage type.
#[derive(Debug)]
pub(super) struct OfResource {
    pub(super) figure: Figure,
    by_usage: BTreeMap<String, Decimal>,
}

/// Lines of the bill by scope and folded ARN.
pub(super) type ByName<'a> = BTreeMap<(Scope, String), Vec<bill::Line<'a>>>;

/// The lines of the period that name what they are for.
pub(super) fn by_name<'a>(bills: &Bills<'a>, period: Period) -> ByName<'a> {
    let mut named = ByName::new();
    for (scope, bill) in bills.scoped() {
        for line in bill::lines(bill, period) {
            if let Some(resource) = line.resource {
                named.entry((scope, resource.to_lowercase())).or_default().push(line);
            }
        }
    }
    named
}

/// What was billed for an endpoint by name. Where the bill covers a part of the period only (Cost Explorer keeps resources
/// for 14 days), the other days are taken to be like those, between the cheapest and the dearest.
///
/// Source: <https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsageWithResources.html>
pub(super) fn by_resource(
    bills: &Bills<'_>,
    lines: &ByName<'_>,
    live: &LiveVersion<'_>,
    period: Period,
) -> Option<OfResource> {
    let endpoint = live.endpoint?;
    let created = endpoint.data.created.map_or(period.from, |at| at.to_zoned(jiff::tz::TimeZone::UTC).date());
    let existed = Period { from: created.max(period.from), until: period.until };
    let covered = bills.covered(existed)?;
    let arn = endpoint.data.arn.to_lowercase();
    let (mut days, mut by_usage) = (BTreeMap::<Date, Decimal>::new(), BTreeMap::<String, Decimal>::new());
    let mut currency: Option<String> = None;
    let its = lines.get(&(bills.scope(live.account), arn))?;
    for line in its.iter().filter(|line| covered.from <= line.day && line.day < covered.until) {
        if currency.get_or_insert_with(|| line.cost.currency.clone()) != &line.cost.currency {
            return None;
        }
        *days.entry(line.day).or_default() += line.cost.value;
        *by_usage.entry(line.usage_type.to_owned()).or_default() += line.cost.value;
    }
    let currency = currency?;
    let billed: Decimal = days.values().sum();
    let (known, all) = (covered.days(), existed.days());
    let rest = Decimal::from((all - known).max(0));
    let every_day = usize::try_from(known).is_ok_and(|known| days.len() >= known);
    let least = days.values().min().copied().filter(|_| every_day).unwrap_or_default();
    let most = days.values().max().copied().unwrap_or_default();
    let mut notes = Vec::new();
    if rest > Decimal::ZERO {
        notes.push(format!("billed by resource for {known} of {all} days, and the others taken to be alike"));
    }
    if billed.is_zero() {
        notes.push(
            "nothing was billed for it: a commitment or free allowance covers it, and removing it saves nothing"
                .to_owned(),
        );
    }
    let of = |value: Decimal| Money::new(value.normalize(), &currency);
    let alike = if rest.is_zero() { Decimal::ZERO } else { (billed / Decimal::from(known) * rest).round_dp(10) };
    let scaled = |amount: Decimal| (amount * Decimal::from(all) / Decimal::from(known)).round_dp(10);
    if rest > Decimal::ZERO {
        for amount in by_usage.values_mut() {
            *amount = scaled(*amount);
        }
    }
    let figure = Figure {
        amount: of(billed + alike),
        low: of(billed + least * rest),
        high: of(billed + most * rest),
        source: CostSource::BilledByResource,
        notes,
        seen: bills.seen(live.account),
    };
    Some(OfResource { figure, by_usage })
}

/// What shares one line of the bill: scope, region, kind, item and tag; no tag where that is not known of them.
type Shared<'a> = (Scope, &'a str, Kind, String, Option<String>);

/// What was billed for live versions by usage type and tag, or why that cannot be said of them. What was billed for others
/// by name is not theirs and is taken off first.
pub(super) fn by_tag(
    estate: &Estate<'_>,
    bills: &Bills<'_>,
    paid: &[Paid],
    named: &BTreeMap<EndpointKey<'_>, OfResource>,
    estimates: &[Estimated],
    period: Period,
) -> Vec<Result<Figure, String>> {
    let is_named = |version: &LiveVersion<'_>| has_endpoint(version) && named.contains_key(&key_of(version));
    let open = |at: usize| estate.live.get(at).is_some_and(|version| !is_named(version));
    if bills.is_empty() || bills.covered(period) != Some(period) {
        let why = if bills.is_empty() { "no bill was read" } else { "no bill covers all of these days" };
        return vec![Err(why.to_owned()); paid.len()];
    }
    let lines = billed_lines(bills, period);
    // Who shares which line, with the place of the part that does.
    let mut sharing: BTreeMap<Shared<'_>, Vec<(usize, usize)>> = BTreeMap::new();
    let mut figures: Vec<Result<Option<Figure>, String>> = vec![Ok(None); paid.len()];
    for (at, paid) in paid.iter().enumerate().filter(|(at, _)| open(*at)) {
        let Some(version) = estate.live.get(at) else { continue };
        let tag = tag_of(version, bills);
        for (place, part) in paid.parts.iter().enumerate().filter(|(_, part)| !part.minor) {
            let shared = |kind| {
                let key = (bills.scope(version.account), version.region, kind, part.item.clone());
                tag.clone().map(|tag| (key.0, key.1, key.2, key.3, tag))
            };
            let asked = [part.kind, if part.kind == Kind::Asynchronous { Kind::Hosting } else { part.kind }];
            let found = asked.iter().filter_map(|kind| shared(*kind).ok()).find(|key| lines.contains_key(key));
            match (found, &tag) {
                (Some(key), _) => sharing.entry(key).or_default().push((at, place)),
                (None, Err(why)) => set(&mut figures, at, Err(why.clone())),
                (None, Ok(_)) => {
                    set(
                        &mut figures,
                        at,
                        Err(no_line(part.kind, &part.item, (version.account, version.region), bills)),
                    );
                }
            }
        }
    }
    let (named, untold) = named_lines(estate, named, bills);
    for (key, sharers) in &sharing {
        let Some((currency, billed)) = lines.get(key) else { continue };
        let Some(currency) = currency else {
            let why = "it was billed in several currencies";
            for (at, _) in sharers {
                set(&mut figures, *at, Err(why.to_owned()));
            }
            continue;
        };
        // Whoever's tags are not known shares in lines of every tag, and these hold what was billed by name.
        let untold = untold.get(&(key.0, key.1, key.2, key.3.clone())).filter(|_| key.4.is_some());
        if let Some(why) = untold {
            for (at, _) in sharers {
                set(&mut figures, *at, Err(why.clone()));
            }
            continue;
        }
        let of_others = named.get(key).copied().unwrap_or_default();
        let billed = *billed - of_others;
        if of_others > Decimal::ZERO && billed <= Decimal::ZERO {
            let why = "its lines of the bill are all billed for other endpoints by name";
            for (at, _) in sharers {
                set(&mut figures, *at, Err(why.to_owned()));
            }
            continue;
        }
        let (weights, basis) = weights(paid, sharers);
        // At most the list price, and at least what the others cannot have cost at theirs.
        let most = |at: usize| {
            let high = &estimates.get(at)?.figure.known()?.high;
            (high.currency == *currency).then_some(high.value)
        };
        let account = sharers.first().and_then(|(at, _)| estate.live.get(*at)).map_or("", |version| version.account);
        let unseen = unseen_sharers(estate, bills, account, key);
        for ((at, _), part) in sharers.iter().zip(divide(billed, &weights)) {
            let others = || sharers.iter().filter(|(other, _)| other != at);
            let of_others: Option<Decimal> = others().map(|(other, _)| most(*other)).sum();
            let low = of_others.filter(|_| unseen.is_none());
            let low = low.map_or(Decimal::ZERO, |of_others| (billed - of_others).max(Decimal::ZERO)).min(part);
            let high = if others().next().is_none() { part } else { most(*at).unwrap_or(billed).min(billed).max(part) };
            let note = match others().count() {
                0 => "billed for its usage type and cost-centre tag, which nothing else here shares".to_owned(),
                count => format!("billed for its usage type and cost-centre tag, divided with {count} more {basis}"),
            };
            let figure = Figure {
                amount: Money::new(part, currency),
                low: Money::new(low, currency),
                high: Money::new(high, currency),
                source: CostSource::BilledByTag,
                notes: [note].into_iter().chain(unseen.map(str::to_owned)).collect(),
                seen: bills.seen(account),
            };
            set(&mut figures, *at, Ok(Some(figure)));
        }
    }
    figures
        .into_iter()
        .map(|figure| {
            figure.and_then(|figure| figure.ok_or_else(|| "nothing of it is billed by usage type".to_owned()))
        })
        .collect()
}

/// Why others may share a line of whom nothing was read; `None` where all that could were.
fn unseen_sharers(estate: &Estate<'_>, bills: &Bills<'_>, account: &str, line: &Shared<'_>) -> Option<&'static str> {
    let (_, region, kind, _, _) = line;
    let Some(beside) = bills.beside(account) else {
        return Some("the bill is about accounts too that were not read: some of it may be theirs");
    };
    let kinds: &[FactKind] = match kind {
        Kind::Batch => &[FactKind::TransformJobs],
        _ => &[FactKind::Endpoints, FactKind::EndpointConfigs],
    };
    let hidden = |of: &str, kind: &FactKind| estate.index.hides_any(of, region, *kind);
    let not_listed = |of: &str, kind: &FactKind| of != account && !estate.index.listed(of, region, *kind);
    let unread = |of: &&str| kinds.iter().any(|kind| hidden(of, kind) || not_listed(of, kind));
    let any = beside.iter().chain([&account]).any(unread);
    any.then_some("not all that may share this line of the bill could be read: some of it may be for others")
}

/// Whether it runs on an endpoint. A batch job does not, though its model may be named like one.
fn has_endpoint(version: &LiveVersion<'_>) -> bool {
    version.path != ServingPath::Batch
}

/// The name by which endpoints are told apart.
pub(super) fn key_of<'a>(version: &LiveVersion<'a>) -> EndpointKey<'a> {
    (version.account, version.region, version.endpoint_name.to_lowercase())
}

/// Adds a part's figure to that of its live version; where one part is not known, neither is the whole.
fn set(figures: &mut [Result<Option<Figure>, String>], at: usize, part: Result<Option<Figure>, String>) {
    let Some(held) = figures.get_mut(at) else { return };
    let sum = match (&mut *held, part) {
        (Err(_), _) => return,
        (_, Err(why)) => Err(why),
        (Ok(Some(held)), Ok(Some(part))) if held.amount.currency == part.amount.currency => {
            held.amount.value += part.amount.value;
            held.low.value += part.low.value;
            held.high.value += part.high.value;
            held.notes.extend(part.notes);
            super::estimate::tidy(held);
            return;
        }
        (Ok(Some(_)), Ok(Some(_))) => Err("it was billed in several currencies".to_owned()),
        (_, Ok(part)) => Ok(part),
    };
    *held = sum;
}

/// What was billed by scope, region, kind, item and tag; no currency where it was several. Each also without its tag.
fn billed_lines<'a>(bills: &Bills<'a>, period: Period) -> BTreeMap<Shared<'a>, (Option<String>, Decimal)> {
    let mut sums: BTreeMap<Shared<'a>, (Option<String>, Decimal)> = BTreeMap::new();
    for (scope, bill) in bills.scoped() {
        for line in bill::lines(bill, period) {
            let usage = Usage::read(line.usage_type);
            let Some(region) = usage.region else { continue };
            for tag in with_and_without(line.tag.map(str::to_owned)) {
                let key = (scope, region, usage.kind, usage.item.to_owned(), tag);
                let (currency, sum) =
                    sums.entry(key).or_insert_with(|| (Some(line.cost.currency.clone()), Decimal::ZERO));
                if currency.as_ref() != Some(&line.cost.currency) {
                    *currency = None;
                }
                *sum += line.cost.value;
            }
        }
    }
    sums
}

/// What is not known of lines with a tag, by scope, region, kind and item: why.
type Untold<'a> = BTreeMap<(Scope, &'a str, Kind, String), String>;

/// The same of what was billed for endpoints by name, and of which lines it cannot be said for want of their tags.
fn named_lines<'a>(
    estate: &Estate<'a>,
    named: &BTreeMap<EndpointKey<'_>, OfResource>,
    bills: &Bills<'_>,
) -> (BTreeMap<Shared<'a>, Decimal>, Untold<'a>) {
    let (mut sums, mut untold) = (BTreeMap::<Shared<'a>, Decimal>::new(), Untold::new());
    let on_endpoints = estate.live.iter().filter(|version| has_endpoint(version));
    let versions: BTreeMap<EndpointKey<'_>, &LiveVersion<'a>> =
        on_endpoints.map(|version| (key_of(version), version)).collect();
    for (key, billed) in named {
        let Some(version) = versions.get(key) else { continue };
        let tag = tag_of(version, bills);
        let scope = bills.scope(version.account);
        for (usage_type, amount) in &billed.by_usage {
            let usage = Usage::read(usage_type);
            if let Err(why) = &tag {
                let why = format!("`{}` was billed by name, and {why}", version.endpoint_name);
                untold.entry((scope, version.region, usage.kind, usage.item.to_owned())).or_insert(why);
            }
            for tag in with_and_without(tag.clone().ok().flatten()) {
                *sums.entry((scope, version.region, usage.kind, usage.item.to_owned(), tag)).or_default() += *amount;
            }
        }
    }
    (sums, untold)
}

/// A tag, and no tag: whoever's tag is not known shares in all lines, whatever theirs.
fn with_and_without(tag: Option<String>) -> impl Iterator<Item = Option<String>> {
    tag.into_iter().map(Some).chain([None])
}

/// The value of the cost-centre tag of what is billed, as the bill would write it: empty where it carries none. `None` for
/// batch jobs, whose tags may differ from job to job.
fn tag_of(version: &LiveVersion<'_>, bills: &Bills<'_>) -> Result<Option<String>, String> {
    let key = bills.tag_key();
    match (key, version.tags) {
        (None, _) | (_, Lookup::NotNamed) => Ok(None),
        (Some(key), Lookup::Found(tags)) => Ok(Some(tags.get(key).cloned().unwrap_or_default())),
        (Some(key), Lookup::Absent(_) | Lookup::Unseen) => {
            Err(format!("its tags could not be read, and so not which lines of the bill with the tag `{key}` are its"))
        }
    }
}

/// What those who share a line weigh: instance-hours, which at one price is what they are estimated to cost.
fn weights(paid: &[Paid], sharers: &[(usize, usize)]) -> (Vec<Decimal>, &'static str) {
    let quantity = |(at, place): &(usize, usize)| {
        let Known::Known(quantity) = &paid.get(*at)?.parts.get(*place)?.quantity else { return None };
        Some(quantity.likely)
    };
    let all: Option<Vec<Decimal>> = sharers.iter().map(quantity).collect();
    match all {
        Some(weights) if weights.iter().any(|weight| !weight.is_zero()) => {
            (weights, "in proportion to their estimates")
        }
        _ => (vec![Decimal::ONE; sharers.len()], "in equal parts, since their estimates are not known"),
    }
}

fn no_line(kind: Kind, item: &str, (account, region): (&str, &str), bills: &Bills<'_>) -> String {
    if bills.about(account).next().is_none() {
        return format!("no bill of account {account} was read");
    }
    let tag = bills.tag_key().map_or_else(String::new, |key| format!(" with its tag `{key}`"));
    format!("the bill has no line for {} of `{item}` in {region}{tag}", kind.name())
}
