//! Which budget covers which live version, and whether it is any good: kept so far, kept as things go, and heard of.
//!
//! Source: <https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Budget.html>

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::filters::{self, Charge, Covers};
use super::{heard, uses};
use crate::collect::Purpose;
use crate::cost::{BudgetView, Money};
use crate::estate::{Estate, Hosting, LiveVersion};
use crate::evidence::{Budget, Fact};
use crate::policy::Policy;

/// Days of a month that have to be over before their pace says anything.
const PACE_DAYS: i8 = 5;

/// Every budget over costs that covers, or may cover, something that serves; by account and name.
pub(super) fn all<'a>(estate: &Estate<'a>, policy: &Policy) -> Vec<BudgetView<'a>> {
    let mut newest: BTreeMap<(&str, &str), &'a Fact<Budget>> = BTreeMap::new();
    for fact in &estate.snapshot.facts.budgets {
        let held = newest.entry((&fact.account, &fact.data.name)).or_insert(fact);
        if fact.seen.last() > held.seen.last() {
            *held = fact;
        }
    }
    let costs = newest.into_values().filter(|fact| fact.data.kind == "COST");
    let activated = activated(estate);
    costs.filter_map(|fact| view(fact, estate, policy, &activated)).collect()
}

/// Tag keys that cost reports know, and those that they do not.
fn activated(estate: &Estate<'_>) -> BTreeMap<String, bool> {
    let mut keys: BTreeMap<String, bool> = BTreeMap::new();
    for fact in &estate.snapshot.facts.allocation_tags {
        // Of two payers one is enough: which of them pays is told by the budget's account, not by the key.
        *keys.entry(fact.data.key.clone()).or_default() |= fact.data.active;
    }
    keys
}

fn view<'a>(
    fact: &'a Fact<Budget>,
    estate: &Estate<'a>,
    policy: &Policy,
    activated: &BTreeMap<String, bool>,
) -> Option<BudgetView<'a>> {
    let budget = &fact.data;
    let (mut covers, mut may_cover, mut doubts) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (number, live) in estate.live.iter().enumerate() {
        let mut doubts_here = BTreeSet::new();
        match covered(fact, live, policy, activated, &mut doubts_here) {
            Covers::Yes => covers.push(number),
            Covers::Perhaps => {
                may_cover.push(number);
                doubts.append(&mut doubts_here);
            }
            Covers::No => {}
        }
    }
    if covers.is_empty() && may_cover.is_empty() {
        return None;
    }
    let heard = heard::by(budget, estate);
    let (mut faults, mut unsure) = (Vec::new(), Vec::new());
    if let Some(why) = out_of_force(budget, estate.as_of) {
        faults.push(why);
        covers.clear();
        may_cover.clear();
    }
    let exceeded = match kept(budget, estate.as_of) {
        Kept::Yes => Some(false),
        Kept::No(why) => {
            faults.push(why);
            Some(true)
        }
        Kept::NoLimit => {
            faults.push("has no limit".to_owned());
            Some(false)
        }
        Kept::Unsure(why) => {
            unsure.push(why.to_owned());
            None
        }
    };
    if faults.is_empty() && budget.health.as_deref() == Some("UNHEALTHY") {
        let why = budget.health_reason.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
        faults.push(format!("is unhealthy, says AWS{why}"));
    }
    faults.extend(heard.faults);
    unsure.extend(heard.unsure);
    // Of what it covers for sure, this would only confuse.
    if covers.is_empty() {
        unsure.extend(doubts);
    }
    let spent = amounts(budget).and_then(|(limit, actual)| actual?.value.checked_div(limit.value));
    Some(BudgetView { budget: fact, covers, may_cover, heard_by: heard.by, exceeded, faults, unsure, spent })
}

/// Whether a budget is over the costs of a live version.
fn covered(
    fact: &Fact<Budget>,
    live: &LiveVersion<'_>,
    policy: &Policy,
    activated: &BTreeMap<String, bool>,
    doubts: &mut BTreeSet<String>,
) -> Covers {
    let payer = |id: &str| policy.accounts.iter().any(|other| other.purpose == Purpose::Billing && other.id == id);
    // A budget is over what its account pays: its own costs, and those of an organization if that is its payer.
    let pays = if fact.account == live.account || payer(&fact.account) {
        Covers::Yes
    } else {
        doubts.insert(format!("whether {} pays for {} is not known", fact.account, live.account));
        Covers::Perhaps
    };
    let charge = Charge {
        account: live.account,
        region: live.region,
        instance_types: match live.hosting {
            Hosting::Batch => live.jobs.first().and_then(|job| job.data.instance_type.as_deref()).into_iter().collect(),
            _ => uses::instance_types_of(live),
        },
        usage: match live.hosting {
            Hosting::RealTime => Some("Host"),
            Hosting::Asynchronous => Some("AsyncInf"),
            Hosting::Batch => Some("Tsform"),
            Hosting::Serverless => None,
        },
        tags: live.tags.found(),
        activated,
    };
    let matched = match &fact.data.expression {
        Some(expression) => filters::newer(expression, &charge, doubts),
        None => filters::older(&fact.data.filters, &charge, doubts),
    };
    pays.min(matched)
}

/// Why a budget does not count now, where it does not.
fn out_of_force(budget: &Budget, as_of: Timestamp) -> Option<String> {
    let day = |at: Timestamp| at.strftime("%Y-%m-%d");
    if let Some(start) = budget.start.filter(|start| *start > as_of) {
        return Some(format!("begins on {} only", day(start)));
    }
    if let Some(end) = budget.end.filter(|end| *end <= as_of) {
        return Some(format!("ended on {}", day(end)));
    }
    let lasts = matches!(budget.unit.as_str(), "MONTHLY" | "QUARTERLY" | "ANNUALLY");
    (!lasts).then(|| format!("is over a span of its own (`{}`), not over months", budget.unit))
}

/// Limit and actual costs, where the limit means anything and both are of one currency.
fn amounts(budget: &Budget) -> Option<(Money, Option<Money>)> {
    let limit = Money::from(budget.limit.as_ref().filter(|limit| limit.value > Decimal::ZERO)?);
    let actual = budget.actual.as_ref().map(Money::from).filter(|actual| actual.currency == limit.currency);
    Some((limit, actual))
}

/// What the figures of a budget say.
enum Kept {
    /// It is kept so far, and will be as things go.
    Yes,
    /// It is not, and why.
    No(String),
    /// There is nothing to keep.
    NoLimit,
    /// They do not say, and why.
    Unsure(&'static str),
}

fn kept(budget: &Budget, as_of: Timestamp) -> Kept {
    let Some((limit, actual)) = amounts(budget) else { return Kept::NoLimit };
    let forecast = budget.forecast.as_ref().map(Money::from).filter(|forecast| forecast.currency == limit.currency);
    let over = |amount: &Money| amount.value > limit.value;
    match (&actual, &forecast) {
        (Some(actual), _) if over(actual) => Kept::No(format!("is spent: {actual} of {limit}")),
        (_, Some(forecast)) if over(forecast) => {
            Kept::No(format!("will not be kept: AWS expects {forecast}, and the limit is {limit}"))
        }
        (_, Some(_)) => Kept::Yes,
        (Some(actual), None) => match pace(budget, actual, as_of) {
            Some(pace) if over(&pace) => Kept::No(format!(
                "will not be kept at the pace of the days so far: {pace} by our own projection, and the limit is {limit}"
            )),
            Some(_) => Kept::Yes,
            // What is spent so far says nothing of what will be.
            None => {
                Kept::Unsure("is within its limit so far; AWS gives no forecast, and there is no pace of days to go by")
            }
        },
        (None, None) => Kept::Unsure("neither what was spent nor what is expected could be read"),
    }
}

/// What a month will have cost at the pace of its days so far.
fn pace(budget: &Budget, actual: &Money, as_of: Timestamp) -> Option<Money> {
    let today = as_of.to_zoned(TimeZone::UTC).date();
    let over = today.day() - 1;
    if budget.unit != "MONTHLY" || over < PACE_DAYS {
        return None;
    }
    let value = actual.value.checked_div(Decimal::from(over))?.checked_mul(Decimal::from(today.days_in_month()))?;
    Some(Money::new(value, &actual.currency))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::*;
    use crate::evidence::{CostExpression, CostMatch, ResourceTags};

    fn only(fixture: &Fixture) -> (Vec<usize>, Vec<usize>, Vec<String>, Vec<String>) {
        let estate = fixture.estate();
        let [view] = estate.money.budgets.as_slice() else { panic!("{:#?}", estate.money.budgets) };
        (view.covers.clone(), view.may_cover.clone(), view.faults.clone(), view.unsure.clone())
    }

    fn with(change: impl FnOnce(&mut Budget)) -> Fixture {
        let mut own = budget("models", "100", "40", "80");
        change(&mut own);
        Fixture::sound().with(own)
    }

    fn faults(change: impl FnOnce(&mut Budget)) -> Vec<String> {
        only(&with(change)).2
    }

    #[test]
    fn an_unfiltered_budget_covers_everything_in_its_account() {
        let fixture = with(|_| ()).with(job("nightly", MODEL, "2026-05-30T01:00:00Z"));
        let live = fixture.estate().live.len();
        assert_eq!(only(&fixture), ((0..live).collect(), vec![], vec![], vec![]));
        assert_eq!(fixture.estate().money.budgets[0].spent, Some(decimal("0.4")));
        assert_eq!(fixture.estate().money.budgets[0].heard_by, Some(vec!["f…@bank.example".to_owned()]));
    }

    #[test]
    fn a_budget_elsewhere_covers_it_only_if_that_account_is_the_payer() {
        let payer = "999988887777";
        let elsewhere = Fixture::sound().with_in(payer, PAYER_REGION, budget("all", "100", "40", "80"));
        let (covers, may_cover, _, unsure) = only(&elsewhere);
        assert_eq!((covers, may_cover), (vec![], vec![0]));
        assert_eq!(unsure, ["whether 999988887777 pays for 111122223333 is not known"]);
        let declared = elsewhere.policy(|policy| {
            policy.accounts.push(crate::collect::OtherAccount {
                id: payer.to_owned(),
                purpose: Purpose::Billing,
                role_arn: format!("arn:aws:iam::{payer}:role/reader"),
                external_id: None,
            });
        });
        assert_eq!(only(&declared).0, [0]);
    }

    #[test]
    fn a_filter_over_tags_follows_the_tags_of_the_endpoint() {
        let filter = |value: &str| {
            let tag = CostMatch { key: "cost-center".into(), values: vec![value.into()], options: vec![] };
            with(|budget| budget.expression = Some(CostExpression::Tag(tag)))
        };
        assert_eq!(only(&filter("4711")).0, [0]);
        assert!(filter("4712").estate().money.budgets.is_empty(), "it is about something else");
        let inactive = filter("4711").with(allocation_tag("cost-center", false));
        assert!(inactive.estate().money.budgets.is_empty(), "the tag is on no bill");
        let unread = filter("4711").drop_where(|_: &ResourceTags| true);
        assert_eq!((only(&unread).0, only(&unread).1), (vec![], vec![0]));
        assert_eq!(only(&unread).3, ["it depends on the tag `cost-center`, which could not be read"]);
    }

    #[test]
    fn a_budget_counts_in_its_time_only() {
        let out = |change: fn(&mut Budget)| {
            let (covers, may_cover, faults, _) = only(&with(change));
            assert!(covers.is_empty() && may_cover.is_empty());
            faults.concat()
        };
        assert_eq!(out(|it| it.end = Some(at("2026-05-31T00:00:00Z"))), "ended on 2026-05-31");
        assert_eq!(out(|it| it.start = Some(at("2026-07-01T00:00:00Z"))), "begins on 2026-07-01 only");
        assert_eq!(out(|it| it.unit = "DAILY".to_owned()), "is over a span of its own (`DAILY`), not over months");
        let usage = with(|it| it.kind = "USAGE".to_owned());
        assert!(usage.estate().money.budgets.is_empty());
    }

    #[test]
    fn what_is_wrong_with_its_figures_is_told_in_plain_words() {
        assert_eq!(faults(|it| it.limit = None), ["has no limit"]);
        assert_eq!(faults(|it| it.actual = Some(usd("120"))), ["is spent: 120.00 USD of 100.00 USD"]);
        assert_eq!(
            faults(|it| it.forecast = Some(usd("100.01"))),
            ["will not be kept: AWS expects 100.01 USD, and the limit is 100.00 USD"]
        );
        assert_eq!(faults(|it| it.forecast = Some(usd("100"))), [] as [&str; 0], "within is within");
        assert_eq!(
            faults(|it| {
                it.health = Some("UNHEALTHY".to_owned());
                it.health_reason = Some("BUDGET_LIMIT".to_owned());
            }),
            ["is unhealthy, says AWS: BUDGET_LIMIT"]
        );
        let blind = with(|it| (it.actual, it.forecast) = (None, None));
        assert_eq!(only(&blind).3, ["neither what was spent nor what is expected could be read"]);
    }

    #[test]
    fn without_a_forecast_the_pace_of_the_days_so_far_counts_once_there_are_some() {
        let no_forecast = || with(|it| it.forecast = None);
        let unsure = |fixture: &Fixture| {
            let (covers, _, faults, unsure) = only(fixture);
            assert_eq!((covers.as_slice(), faults.as_slice()), ([0].as_slice(), [].as_slice()));
            assert_eq!(fixture.estate().money.budgets[0].exceeded, None);
            unsure.concat()
        };
        let first = unsure(&no_forecast());
        assert!(first.contains("no pace of days"), "on the first of June there is none: {first}");
        let long =
            unsure(&no_forecast().edit(|it: &mut Budget| it.unit = "ANNUALLY".to_owned()).at("2026-06-11T12:00:00Z"));
        assert!(long.contains("no pace of days"), "a year has no pace of its month: {long}");
        let slow = no_forecast().edit(|it: &mut Budget| it.actual = Some(usd("10"))).at("2026-06-11T12:00:00Z");
        assert_eq!((only(&slow).2, only(&slow).3), (vec![], vec![]), "its pace keeps it");
        let later = only(&no_forecast().at("2026-06-11T12:00:00Z")).2;
        assert_eq!(later.len(), 1, "{later:?}");
        assert!(later[0].contains("120.00 USD by our own projection"), "{later:?}");
    }
}
