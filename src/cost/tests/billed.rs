//! Figures by bill, and why there is none.

use super::*;
use crate::collect::{OtherAccount, Purpose};
use crate::evidence::{Endpoint, FactKind};

const HOST: &str = "EUC1-Host:ml.m5.xlarge";

#[test]
fn a_usage_type_and_tag_are_divided_in_proportion_to_estimates() {
    let fixture = and_other(priced(), 6).with(bill(all_may(HOST, "4711", "17.625")));
    let usual = usual(&fixture);
    assert_eq!(figure(&usual.cost).1, CostSource::BilledByTag);
    // A quarter of 31 days at 17.625 USD; the rest is the other's.
    assert_eq!(
        (amount(&usual.cost), amount(&cost_of(&fixture, OTHER_VARIANT).cost)),
        ("136.59375".into(), "409.78125".into())
    );
    noted(&usual.cost, "divided with 1 more in proportion to their estimates");
    assert_eq!(usual.gap, Some(Money::new(decimal("-274.54065"), "USD")));
    let (ends, _) = figure(&usual.cost);
    assert_eq!(ends, ["136.59375", "0", "411.1344"].map(str::to_owned), "at most what the list asks");
}

const OTHER_VARIANT: &str = "variant/Other-Scoring/AllTraffic";

#[test]
fn a_line_of_another_tag_type_or_region_is_not_its() {
    let lines = |usage_type: &str, center: &str| priced().with(bill(all_may(usage_type, center, "1")));
    for (usage_type, center) in [
        (HOST, "4712"),
        (HOST, ""),
        ("EUC1-Host:ml.m5.large", "4711"),
        ("EU-Host:ml.m5.xlarge", "4711"),
        ("EUC1-Train:ml.m5.xlarge", "4711"),
    ] {
        let cost = usual(&lines(usage_type, center));
        assert_eq!(figure(&cost.cost).1, CostSource::Estimate, "{usage_type} {center}");
        noted(
            &cost.cost,
            "the bill has no line for hosting of `ml.m5.xlarge` in eu-central-1 with its tag `cost-center`",
        );
    }
    let untagged = lines(HOST, "").edit_named(ENDPOINT_ARN, |it: &mut crate::evidence::ResourceTags| it.tags.clear());
    assert_eq!(amount(&usual(&untagged).cost), "31");
    let hidden = lines(HOST, "4711").hidden_all(FactKind::Tags);
    noted(&usual(&hidden).cost, "its tags could not be read");
}

#[test]
fn a_bill_is_enough_where_the_price_is_not_known() {
    let cost = usual(&Fixture::sound().with(bill(all_may(HOST, "4711", "10"))));
    assert_eq!((amount(&cost.cost), cost.gap), ("310".to_owned(), None));
    noted(&cost.cost, "which nothing else here shares");
}

#[test]
fn a_bill_by_name_comes_first_and_is_taken_off_the_lines_that_others_share() {
    let fixture = and_other(priced(), 2).with(bill(all_may(HOST, "4711", "20"))).with(bill_of(
        ENDPOINT_ARN,
        "2026-05-01",
        "2026-06-01",
        "12.5",
    ));
    let usual = usual(&fixture);
    assert_eq!(figure(&usual.cost), (["387.5", "387.5", "387.5"].map(str::to_owned), CostSource::BilledByResource));
    let other = cost_of(&fixture, OTHER_VARIANT);
    assert_eq!((amount(&other.cost), figure(&other.cost).1), ("232.5".to_owned(), CostSource::BilledByTag));
}

#[test]
fn days_that_the_bill_by_name_does_not_reach_are_taken_to_be_alike() {
    let mut bill = bill_of(ENDPOINT_ARN, "2026-05-18", "2026-06-01", "10");
    bill.lines[0].cost = usd("24");
    let (ends, _) = figure(&usual(&priced().with(bill.clone())).cost);
    // 154 USD in 14 days, of 31; the cheapest day cost 10, the dearest 24.
    assert_eq!(ends, ["341", "324", "562"].map(str::to_owned));
    noted(&usual(&priced().with(bill.clone())).cost, "for 14 of 31 days");
    let young =
        priced().with(bill).edit_named(ENDPOINT, |it: &mut Endpoint| it.created = Some(at("2026-05-20T09:00:00Z")));
    assert_eq!(amount(&usual(&young).cost), "120", "of twelve days that it existed");
}

#[test]
fn what_a_commitment_covers_costs_nothing_and_says_so() {
    let cost = usual(&priced().with(bill_of(ENDPOINT_ARN, "2026-05-01", "2026-06-01", "0")));
    assert_eq!(figure(&cost.cost), (["0", "0", "0"].map(str::to_owned), CostSource::BilledByResource));
    noted(&cost.cost, "removing it saves nothing");
    assert_eq!(cost.gap, Some(Money::new(decimal("-411.1344"), "USD")));
}

#[test]
fn an_endpoint_that_the_bill_does_not_name_is_known_otherwise() {
    let cost = usual(&priced().with(bill_of(OTHER_ARN, "2026-05-01", "2026-06-01", "3")));
    assert_eq!(figure(&cost.cost).1, CostSource::Estimate);
}

#[test]
fn currencies_are_kept_apart() {
    let in_euro = |mut bill: Bill, which: fn(usize) -> bool| {
        let lines = bill.lines.iter_mut().enumerate().filter(|(at, _)| which(*at));
        lines.for_each(|(_, line)| "EUR".clone_into(&mut line.cost.currency));
        bill
    };
    let by_name = bill_of(ENDPOINT_ARN, "2026-05-01", "2026-06-01", "2");
    let fixture = and_other(priced(), 1).with(in_euro(by_name, |_| true));
    assert_eq!(usual(&fixture).gap, None, "euros less dollars are nothing");
    let estate = fixture.estate();
    let amounts: Vec<String> = estate.money.by_account[0].cost.amounts().map(|it| it.to_string()).collect();
    assert_eq!(amounts, ["62.00 EUR", "205.57 USD"]);
    let mixed = priced().with(in_euro(bill(all_may(HOST, "4711", "2")), |at| at == 0));
    noted(&usual(&mixed).cost, "billed in several currencies");
    assert_eq!(mixed.estate().money.spend.as_ref().map(Vec::len), Some(2), "a row for each currency");
}

#[test]
fn a_bill_that_is_missing_says_why() {
    let missing = |fixture: &Fixture| {
        let estate = fixture.estate();
        assert!(estate.money.spend.is_none() && estate.money.days.is_empty());
        assert_eq!(amount(&estate.money.versions[0].cost), "411.1344", "the rest is still shown");
        estate.money.no_bill.clone().unwrap()
    };
    assert!(missing(&priced()).contains("Cost Explorer was not asked"));
    let allowed = priced().policy(|policy| policy.cost.cost_explorer = true);
    assert_eq!(missing(&allowed), "Cost Explorer gave no bill of these days");
    let denied = missing(&allowed.hidden_all(FactKind::Bills));
    assert!(denied.contains("was refused (the reader's own policy): no identity-based policy allows it"), "{denied}");
}

#[test]
fn spend_is_told_by_kind_of_work_and_against_as_many_days_before() {
    let daily = |month: &str, usage_type: &str, center: &str, cost: &str| -> Vec<BillLine> {
        (1..=20).map(|day| super::billed(&format!("2026-{month}-{day:02}"), usage_type, center, cost)).collect()
    };
    let mut lines = daily("05", HOST, "4711", "10");
    lines.extend(daily("06", HOST, "4711", "11.5"));
    lines.extend(daily("06", HOST, "", "0.25"));
    lines.extend(daily("06", "EUC1-Train:ml.m5.xlarge", "", "100"));
    let whole = Bill { until: on("2026-06-20"), ..bill(lines) };
    let fixture = priced().at("2026-06-20T12:00:00Z").with(whole);
    let estate = fixture.estate();
    let rows: Vec<_> = estate.money.spend.as_ref().unwrap().iter().collect();
    let told = |row: &Spend| {
        let text = |money: &Money| money.value.normalize().to_string();
        (row.kind.clone(), text(&row.cost), row.before.as_ref().map(text), text(&row.untagged))
    };
    // The first seventeen days, and those of May.
    let expected = [("training", "1700", "0", "1700"), ("hosting", "199.75", "170", "4.25")];
    let expected: Vec<_> =
        expected.map(|(a, b, c, d)| (a.to_owned(), b.to_owned(), Some(c.to_owned()), d.to_owned())).into();
    assert_eq!(rows.iter().map(|row| told(row)).collect::<Vec<_>>(), expected);
    let days = &estate.money.days;
    assert_eq!((days.len(), days[0].0, days.last().unwrap().0), (37, on("2026-05-01"), on("2026-06-17")));
    assert_eq!(days.last().unwrap().1.to_string(), "111.75 USD");
    let may = priced().with(bill(all_may(HOST, "4711", "1")));
    assert_eq!(may.estate().money.spend.as_ref().unwrap()[0].before, None, "the bill does not reach back to April");
}

#[test]
fn the_payers_bill_holds_those_of_its_members() {
    let member = bill(all_may(HOST, "4711", "5"));
    let payer = bill(all_may(HOST, "4711", "7"));
    let fixture = priced().with(member).with_in("999988887777", PAYER_REGION, payer);
    assert_eq!(amount(&usual(&fixture).cost), "155", "its own account's");
    let billing = fixture.policy(|policy| {
        policy.accounts.push(OtherAccount {
            id: "999988887777".to_owned(),
            purpose: Purpose::Billing,
            role_arn: "arn:aws:iam::999988887777:role/reader".to_owned(),
            external_id: None,
        });
    });
    let (ends, _) = figure(&usual(&billing).cost);
    assert_eq!(ends, ["217", "0", "217"].map(str::to_owned), "accounts that were not read may share it");
    noted(&usual(&billing).cost, "the bill is about accounts too that were not read");
    assert_eq!(billing.estate().money.spend.as_ref().unwrap()[0].cost.to_string(), "217.00 USD");
    let only_payer = priced().with_in("999988887777", PAYER_REGION, bill(all_may(HOST, "4711", "7")));
    assert_eq!(amount(&usual(&only_payer).cost), "217", "the only bill there is, is about everything");
}

const PAYER: &str = "999988887777";
const SECOND: &str = "222233334444";

/// A payer's bill of all May that was asked for these accounts.
fn bill_about(accounts: &[&str], cost: &str) -> Bill {
    Bill { accounts: accounts.iter().map(|&account| account.to_owned()).collect(), ..bill(all_may(HOST, "4711", cost)) }
}

#[test]
fn a_bill_that_was_asked_for_the_accounts_read_is_nobody_elses() {
    let alone = priced().with_in(PAYER, PAYER_REGION, bill_about(&[ACCOUNT], "7"));
    let told = usual(&alone).cost;
    assert_eq!(figure(&told), (["217"; 3].map(str::to_owned), CostSource::BilledByTag));
    noted(&told, "which nothing else here shares");
    let shared = || priced().with_in(PAYER, PAYER_REGION, bill_about(&[ACCOUNT, SECOND], "7"));
    assert_eq!(figure(&usual(&shared().read_in(SECOND)).cost).0, ["217"; 3].map(str::to_owned), "nothing serves there");
    let unread = usual(&shared()).cost;
    assert_eq!(figure(&unread).0, ["217", "0", "217"].map(str::to_owned), "whatever serves there shares it");
    noted(&unread, "not all that may share this line of the bill could be read");
    let of_another = priced().with_in(PAYER, PAYER_REGION, bill_about(&[SECOND], "7"));
    noted(&usual(&of_another).cost, "no bill of account 111122223333 was read");
}

#[test]
fn no_account_stands_on_two_bills() {
    let own = || priced().with(bill_about(&[ACCOUNT], "5"));
    let of_two = |fixture: Fixture| fixture.with_in(PAYER, PAYER_REGION, bill_about(&[ACCOUNT, SECOND], "7"));
    let second = |fixture: Fixture| fixture.with_in(PAYER, PAYER_REGION, bill_about(&[SECOND], "9"));
    let told = |fixture: &Fixture| {
        let spent = fixture.estate().money.spend.as_ref().unwrap()[0].cost.to_string();
        (amount(&usual(fixture).cost), spent)
    };
    assert_eq!(told(&own()), ("155".to_owned(), "155.00 USD".to_owned()));
    assert_eq!(told(&of_two(own())), ("217".to_owned(), "217.00 USD".to_owned()), "the wider one holds its own");
    assert_eq!(told(&second(own())), ("155".to_owned(), "434.00 USD".to_owned()), "lines of others are not its");
    // Two runs asked one payer for different accounts.
    let apart = second(priced().with_in(PAYER, PAYER_REGION, bill_about(&[ACCOUNT], "5")));
    assert_eq!(told(&apart), ("155".to_owned(), "434.00 USD".to_owned()));
    // An earlier version kept what the payer saw of everybody.
    let earlier = own().with_in(PAYER, PAYER_REGION, bill(all_may(HOST, "4711", "100")));
    assert_eq!(told(&earlier).0, "155");
}

#[test]
fn a_members_own_bill_is_about_itself_alone() {
    let member = "999988887777";
    let mut served = endpoint(OTHER, "other-config", &[VARIANT]);
    served.arn = OTHER_ARN.replace(ACCOUNT, member);
    let labels = tags(&served.arn, &[("cost-center", "4711")]);
    let fixture = priced()
        .with(bill(all_may(HOST, "4711", "10")))
        .with_in(member, REGION, served)
        .with_in(member, REGION, config("other-config", &[(VARIANT, Some(MODEL))]))
        .with_in(member, REGION, labels);
    assert_eq!(figure(&usual(&fixture).cost), (["310"; 3].map(str::to_owned), CostSource::BilledByTag));
    let other = cost_of(&fixture, OTHER_VARIANT);
    assert_eq!(figure(&other.cost).1, CostSource::Estimate);
    noted(&other.cost, "no bill of account 999988887777 was read");
}

#[test]
fn a_line_that_something_unread_may_share_is_its_at_most() {
    let fixture = and_other(priced(), 6).with(bill(all_may(HOST, "4711", "17.625")));
    let usual = usual(&fixture.hidden(FactKind::EndpointConfigs, "other-config"));
    let ends = ["546.375", "0", "546.375"].map(str::to_owned);
    assert_eq!(figure(&usual.cost), (ends, CostSource::BilledByTag));
    noted(&usual.cost, "not all that may share this line of the bill could be read");
}

#[test]
fn what_was_billed_by_name_with_unread_tags_leaves_lines_by_tag_unknown() {
    let by_name = bill_of(OTHER_ARN, "2026-05-01", "2026-06-01", "12.5");
    let fixture = and_other(priced(), 2).with(bill(all_may(HOST, "4711", "20"))).with(by_name);
    assert_eq!(amount(&usual(&fixture).cost), "232.5");
    let hidden = fixture.hidden(FactKind::Tags, OTHER_ARN);
    assert_eq!(amount(&cost_of(&hidden, OTHER_VARIANT).cost), "387.5");
    let usual = usual(&hidden);
    assert_eq!(figure(&usual.cost).1, CostSource::Estimate);
    noted(&usual.cost, "`Other-Scoring` was billed by name, and its tags could not be read");
}

#[test]
fn a_batch_model_named_like_an_endpoint_is_not_that_endpoint() {
    let mut lines = all_may(HOST, "4711", "20");
    lines.extend(all_may("EUC1-Tsform:ml.m5.xlarge", "", "1"));
    let fixture = and_other(priced(), 2)
        .with(bill(lines))
        .with(bill_of(ENDPOINT_ARN, "2026-05-01", "2026-06-01", "12.5"))
        .with(model(&ENDPOINT.to_lowercase(), from_package(&package_arn(1))))
        .with(job("night", &ENDPOINT.to_lowercase(), "2026-05-20T01:00:00Z"));
    assert_eq!(amount(&cost_of(&fixture, OTHER_VARIANT).cost), "232.5", "the endpoint's is taken off by its own tag");
    let estate = fixture.estate();
    let batch = estate.live.iter().position(|live| live.path == crate::estate::ServingPath::Batch).unwrap();
    let cost = &estate.money.versions[batch].cost;
    assert_eq!((amount(cost), figure(cost).1), ("31".to_owned(), CostSource::BilledByTag));
}
