//! A ledger by hand over the recorded bank, composed.

use jiff::civil::date;
use rust_decimal::Decimal;

use crate::control::engine;
use crate::cost::{CostSource, Figure, Known, Ledger, Money, Period, Use, VersionCost};
use crate::estate::{self, Estate};
use crate::evidence::{CallId, Gap, Hidden};
use crate::policy::Policy;
use crate::report::compose::{compose, tests::recorded};
use crate::report::document::CostsSection;

fn usd(text: &str) -> Money {
    Money::new(text.parse().unwrap(), "USD")
}

fn figure(amount: &str, seen: Vec<CallId>) -> Known<Figure> {
    let source = CostSource::BilledByTag;
    let (low, high) = (usd("1"), usd("99"));
    Known::Known(Figure { amount: usd(amount), low, high, source, notes: Vec::new(), seen })
}

/// Every live version costs 0.10 USD, but the first, of which it is not known, and the second, which has no such figure.
fn ledger(estate: &Estate<'_>) -> Ledger<'static> {
    let seen = estate.snapshot.facts.endpoints.first().map(|fact| fact.seen.clone()).unwrap_or_default();
    let unknown = || Known::Unknown("no price is known".to_owned());
    let cost = |at: usize| match at {
        0 => unknown(),
        1 => Known::None("it is free".to_owned()),
        _ => figure("0.10", seen.clone()),
    };
    let version = |at: usize| VersionCost {
        share: (Decimal::ONE, "alone".to_owned()),
        cost: cost(at),
        estimate: unknown(),
        lines: Vec::new(),
        gap: None,
        monthly: unknown(),
        per_thousand: unknown(),
        predictions: Known::Unknown("not read".to_owned()),
        candidate: None,
    };
    let nan = Use {
        requests: Known::Known(f64::NAN),
        days: 7.0,
        duty_cycle: Known::Known(0.5),
        processors: Known::None("none".to_owned()),
        accelerators: Known::None("none".to_owned()),
        memory: Known::None("none".to_owned()),
        scaling: Known::None("none".to_owned()),
        stands_by: None,
    };
    Ledger {
        period: Some(Period { from: date(2026, 11, 1), until: date(2026, 11, 11) }),
        versions: (0..estate.live.len()).map(version).collect(),
        uses: vec![nan; estate.live.len()],
        ..Ledger::default()
    }
}

#[test]
fn sums_are_exact_and_what_is_not_known_is_no_zero() {
    let snapshot = recorded();
    let policy = Policy::default();
    let mut estate = estate::reconcile(&snapshot, &policy, snapshot.as_of);
    estate.money = ledger(&estate);
    let live = estate.live.len();
    let report = compose(engine::assess(&estate, &policy));
    let costs: &CostsSection = report.costs.as_ref().unwrap();
    assert_eq!((costs.live_versions.len(), costs.unknown), (live, 1));
    let total = Decimal::from(live - 2) * Decimal::new(10, 2);
    assert_eq!(costs.total[0].amount, total);
    let groups: Decimal = costs.groups.iter().flat_map(|group| &group.cost).map(|cost| cost.amount).sum();
    assert_eq!(groups, total, "groups add up to the whole");
    assert_eq!(costs.groups.iter().map(|group| group.live_versions.len()).sum::<usize>(), live);
    for group in &costs.groups {
        let deployed = estate.live.iter().zip(&costs.live_versions);
        let own = deployed.filter(|(_, row)| group.live_versions.contains(&row.live_version));
        let newest = own.filter_map(|(live, _)| live.deployed()).max();
        let young = newest.is_some_and(|newest| newest >= "2026-11-01T00:00:00Z".parse().unwrap());
        // Ten of thirty days: three times as much, unless something of the group is not known, or so new that only its
        // monthly cost could tell.
        let expected = group.month_end.as_ref().map(|end| end.cost.amount);
        let so_far = group.cost.first().map(|cost| cost.amount * Decimal::from(3));
        assert_eq!(expected, so_far.filter(|_| group.unknown == 0 && !young), "{:?}", group.group);
    }
    let first = &costs.live_versions[0].cost;
    assert!(first.amount.is_none() && first.unknown.as_deref() == Some("no price is known"));
    assert!(
        costs.not_known.iter().any(|text| text.starts_with("the cost of 1 of ") && text.contains("no price is known"))
    );
    let requests = &costs.live_versions[0].used.as_ref().unwrap().requests;
    assert!(requests.value.is_none() && requests.unknown.is_some(), "what is no number is not known");
    for id in costs.live_versions.iter().flat_map(|row| &row.cost.evidence) {
        assert!(report.evidence.contains_key(id), "{id}");
    }
    assert!(!costs.live_versions[2].cost.evidence.is_empty());
}

/// No budget is not the same as no look at budgets.
#[test]
fn budgets_that_were_not_read_are_not_taken_for_none() {
    let mut snapshot = recorded();
    snapshot.stats.calls.retain(|count| count.operation != "DescribeBudgets");
    snapshot.facts.budgets.clear();
    let policy = Policy::default();
    let why = |snapshot: &crate::evidence::Snapshot| {
        let estate = estate::reconcile(snapshot, &policy, snapshot.as_of);
        compose(engine::assess(&estate, &policy)).costs.unwrap().no_budgets
    };
    assert_eq!(why(&snapshot).as_deref(), Some("they were not asked for"));
    snapshot.gaps.push(Gap {
        account: snapshot.scope.account.clone(),
        region: "us-east-1".to_owned(),
        service: "budgets".to_owned(),
        operation: "DescribeBudgets".to_owned(),
        action: "budgets:ViewBudget".to_owned(),
        subject: String::new(),
        cause: crate::evidence::GapCause::Denied(crate::evidence::DeniedBy::IdentityPolicy),
        code: None,
        message: String::new(),
        pages_read: 0,
        hides: vec![Hidden::All(crate::evidence::FactKind::Budgets)],
        request_id: None,
        at: snapshot.as_of,
    });
    assert_eq!(why(&snapshot).as_deref(), Some("they could not be read"));
}
