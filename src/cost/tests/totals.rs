//! Properties of sums: whoever is asked who pays, it is the same amount, and nothing is lost or counted twice.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::estate::Estate;

/// What one endpoint of an estate is like.
#[derive(Clone, Debug)]
struct Given {
    instances: i32,
    kind: &'static str,
    center: Option<&'static str>,
    owner: Option<&'static str>,
    account: &'static str,
    components: u8,
    billed: Option<u32>,
    euro: bool,
}

fn given() -> impl Strategy<Value = Given> {
    let kind = prop_oneof![Just("ml.m5.xlarge"), Just("ml.c5.xlarge"), Just("ml.unlisted.xlarge")];
    let center = prop::option::of(prop_oneof![Just("4711"), Just("4712"), Just("=1+1")]);
    let owner = prop::option::of(prop_oneof![Just("fraud-team"), Just("cards"), Just("\u{202e}evil")]);
    let account = prop_oneof![Just(ACCOUNT), Just("999988887777")];
    let billed = prop::option::of(0_u32..100_000_000);
    (0..5, kind, center, owner, account, 0..4_u8, billed, prop::bool::weighted(0.1)).prop_map(
        |(instances, kind, center, owner, account, components, billed, euro)| Given {
            instances,
            kind,
            center,
            owner,
            account,
            components,
            billed,
            euro,
        },
    )
}

/// Pays for all accounts, and serves nothing.
const PAYER: &str = "555566667777";

fn arn_of(at: usize, account: &str) -> String {
    format!("arn:aws:sagemaker:{REGION}:{account}:endpoint/e{at}")
}

/// An estate of these endpoints, with a line by tag for each day of May that all share by type and tag.
fn estate_of(all: &[Given], by_tag: bool) -> Fixture {
    let mut fixture =
        Fixture::sound().with(price("Hosting", "ml.m5.xlarge", PRICE)).with(price("Hosting", "ml.c5.xlarge", "0.2041"));
    let mut lines = Vec::new();
    for (at, it) in all.iter().enumerate() {
        let mut served = endpoint(&format!("e{at}"), &format!("c{at}"), &[VARIANT]);
        served.arn = arn_of(at, it.account);
        served.variants[0].instances = Some(it.instances);
        let mut configured = config(&format!("c{at}"), &[(VARIANT, (it.components == 0).then_some(MODEL))]);
        configured.variants[0].instance_type = Some(it.kind.to_owned());
        let pairs = [("cost-center", it.center), ("owner", it.owner)];
        let pairs: Vec<(&str, &str)> = pairs.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        fixture = fixture
            .with_in(it.account, REGION, tags(&arn_of(at, it.account), &pairs))
            .with_in(it.account, REGION, served)
            .with_in(it.account, REGION, configured);
        for number in 0..it.components {
            let mut placed = component(&format!("e{at}-{number}"), Some(MODEL));
            placed.endpoint = format!("e{at}");
            placed.copies = Some(i32::from(number) + 1);
            fixture = fixture.with_in(it.account, REGION, placed);
        }
        if let Some(billed) = it.billed {
            let mut bill = bill_of(&arn_of(at, it.account), "2026-05-01", "2026-06-01", "0");
            for line in &mut bill.lines {
                line.cost.value = Decimal::new(i64::from(billed), 7);
                if it.euro {
                    "EUR".clone_into(&mut line.cost.currency);
                }
            }
            lines.extend(bill.lines);
        }
    }
    if !lines.is_empty() {
        let by_name = bill_of("", "2026-05-01", "2026-06-01", "0");
        fixture = fixture.with_in(PAYER, PAYER_REGION, Bill { lines, ..by_name });
    }
    if by_tag {
        let of = |kind, center| all_may(&format!("EUC1-Host:{kind}"), center, "12.3456789");
        let lines = [of("ml.m5.xlarge", "4711"), of("ml.c5.xlarge", "")].concat();
        fixture = fixture.with_in(PAYER, PAYER_REGION, bill(lines));
    }
    fixture
}

fn sum_of(estate: &Estate<'_>, which: impl Fn(usize) -> bool) -> Sum {
    let mut sum = Sum::default();
    for (_, cost) in estate.money.versions.iter().enumerate().filter(|(at, _)| which(*at)) {
        cost.cost.known().into_iter().for_each(|figure| sum.add(&figure.amount));
    }
    sum
}

fn total(rows: &[RollUp]) -> (Sum, usize, usize) {
    let mut sum = Sum::default();
    rows.iter().for_each(|row| sum.add_all(&row.cost));
    (sum, rows.iter().map(|row| row.unknown).sum(), rows.iter().map(|row| row.live.len()).sum())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_four_roll_ups_have_the_same_total(all in prop::collection::vec(given(), 0..9), by_tag in any::<bool>()) {
        let fixture = estate_of(&all, by_tag);
        let estate = fixture.estate();
        let money = &estate.money;
        let unknown = money.versions.iter().filter(|it| matches!(it.cost, Known::Unknown(_))).count();
        let expected = (sum_of(&estate, |_| true), unknown, estate.live.len());
        for rows in [&money.by_owner, &money.by_cost_center, &money.by_group, &money.by_account] {
            prop_assert_eq!(total(rows), expected.clone());
        }
    }

    #[test]
    fn an_endpoint_costs_what_is_billed_for_it_however_many_run_on_it(all in prop::collection::vec(given(), 1..9)) {
        let fixture = estate_of(&all, true);
        let estate = fixture.estate();
        for (at, it) in all.iter().enumerate() {
            let on_it = |place: usize| {
                let live = &estate.live[place];
                live.endpoint_name == format!("e{at}") && live.account == it.account
            };
            let shares: Decimal = (0..estate.live.len()).filter(|place| on_it(*place)).map(|place| estate.money.versions[place].share.0).sum();
            prop_assert_eq!(shares, Decimal::ONE);
            if let Some(billed) = it.billed {
                let expected = Money::new(Decimal::new(i64::from(billed), 7) * Decimal::from(31), if it.euro { "EUR" } else { "USD" });
                prop_assert_eq!(sum_of(&estate, on_it).single(), Some(expected));
            }
        }
    }

    #[test]
    fn a_shared_line_is_divided_without_rest(counts in prop::collection::vec(1..9_i32, 1..7)) {
        let all: Vec<Given> = counts.iter().map(|instances| Given {
            instances: *instances, kind: "ml.c5.xlarge", center: None, owner: None, account: ACCOUNT, components: 0, billed: None, euro: false,
        }).collect();
        let fixture = estate_of(&all, true);
        let estate = fixture.estate();
        let sum = sum_of(&estate, |at| estate.live[at].endpoint_name.starts_with('e'));
        prop_assert_eq!(sum.single(), Some(Money::new(decimal("12.3456789") * Decimal::from(31), "USD")));
    }

    #[test]
    fn the_order_of_facts_does_not_matter(all in prop::collection::vec(given(), 1..7), by in 0..40_usize) {
        let fixture = estate_of(&all, true);
        let mut turned = fixture.clone();
        let facts = &mut turned.snapshot.facts;
        facts.endpoints.reverse();
        facts.prices.reverse();
        facts.tags.reverse();
        facts.inference_components.reverse();
        facts.bills.reverse();
        for bill in &mut facts.bills {
            let length = bill.data.lines.len();
            bill.data.lines.rotate_left(by % length.max(1));
        }
        let told = |fixture: &Fixture| {
            let estate = fixture.estate();
            let by_id: BTreeMap<String, VersionCost> =
                estate.live.iter().map(|live| live.id.clone()).zip(estate.money.versions.iter().cloned()).collect();
            format!("{by_id:#?}{:#?}{:#?}{:#?}", estate.money.by_owner, estate.money.spend, estate.money.days)
        };
        prop_assert_eq!(told(&fixture), told(&turned));
    }
}
