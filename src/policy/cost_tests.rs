//! `[cost]`, `budget`, `[[model.ceiling]]`, and the account that pays.

use rust_decimal::Decimal;

use super::stands_by;
use crate::collect::Purpose;
use crate::evidence::{Amount, Tags};
use crate::policy::{CostRules, Counted, Dates, Manifest, Mistake, Policy, PolicyError};

fn read(text: &str) -> Result<Policy, Vec<Mistake>> {
    let day: jiff::Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    match Policy::parse(text, "countersign.toml", &Dates { today: day, as_of: day }) {
        Ok(checked) => Ok(checked.policy),
        Err(PolicyError::Mistakes { mistakes, .. }) => Err(mistakes),
        Err(other) => panic!("{other}"),
    }
}

fn manifest(text: &str) -> Result<Manifest, Vec<Mistake>> {
    read(&format!("[[model]]\ngroup = \"fraud\"\n{text}\n")).map(|mut policy| policy.models.remove(0))
}

/// The one mistake of a text: line, and words that it holds.
fn mistake<T: std::fmt::Debug>(found: Result<T, Vec<Mistake>>) -> (usize, String) {
    let found = found.unwrap_err();
    assert_eq!(found.len(), 1, "{found:#?}");
    (found[0].line, found[0].to_string())
}

#[test]
fn cost_explorer_is_off_unless_it_is_asked_for() {
    let policy = read("").unwrap();
    assert_eq!(policy.cost, CostRules::default());
    assert!(!policy.cost.cost_explorer && !policy.cost.by_resource, "both cost money");
    let policy = read("[cost]\ncost_explorer = true\nidle_days = 3\nidle_high = \"99.50\"\nstandby_tags = []").unwrap();
    let expected = CostRules {
        cost_explorer: true,
        idle_days: 3,
        idle_high: Decimal::new(9_950, 2),
        standby_tags: Vec::new(),
        ..CostRules::default()
    };
    assert_eq!(policy.cost, expected);
}

#[test]
fn what_cost_cannot_mean_is_said_with_its_place() {
    for (text, words) in [
        ("[cost]\nidle_days = 0", "`idle_days` must be a whole number from 1 to 63"),
        ("[cost]\nidle_high = \"a lot\"", "write it in quotes, like `\"500\"`"),
        ("[cost]\nidle_high = \"-1\"", "an amount without currency"),
        ("[cost]\nidle_high = 500", "`idle_high`"),
        ("[cost]\nlow_use = 20", "`low_use` must be a number from 0 to 1"),
        ("[cost]\ngrowth = -0.5", "`growth` must be a number from 0 to 100"),
        ("[cost]\ncost_explorer = \"yes\"", "must be `true` or `false`"),
        ("[cost]\ncostexplorer = true", "did you mean `cost_explorer`?"),
        ("[cost]\nbudget = \"500 USD\"", "it belongs in a `[[model]]`"),
    ] {
        let (line, said) = mistake(read(text));
        assert_eq!(line, 2, "{said}");
        assert!(said.contains(words), "{text}: {said}");
    }
}

#[test]
fn a_budget_is_an_exact_amount_with_its_currency() {
    let budget = manifest("budget = \"1234.56 EUR\"").unwrap().budget;
    assert_eq!(budget, Some(Amount { value: Decimal::new(123_456, 2), currency: "EUR".to_owned() }));
    for wrong in
        ["\"500\"", "\"0 USD\"", "\"-5 USD\"", "\"500 usd\"", "\"500 US\"", "\"USD 500\"", "500", "\"five USD\""]
    {
        let (line, said) = mistake(manifest(&format!("budget = {wrong}")));
        assert_eq!(line, 3, "{said}");
        assert!(said.contains("`budget`"), "{wrong}: {said}");
    }
}

#[test]
fn a_ceiling_says_what_is_counted_and_how_much_a_week_may_hold() {
    let text = r#"
[[model.ceiling]]
of = "tokens"
a_week = 1_000_000
[[model.ceiling]]
metric = { namespace = "Bank/Batch", metric = "Records", statistic = "Sum", period = 86400 }
a_week = 2.5e6
"#;
    let ceilings = manifest(text).unwrap().ceilings;
    let said: Vec<_> = ceilings.iter().map(|it| (it.a_week, it.line)).collect();
    assert_eq!(said, [(1_000_000.0, 4), (2_500_000.0, 7)]);
    assert_eq!(ceilings[0].what, Counted::Tokens);
    let Counted::Metric(metric) = &ceilings[1].what else { panic!("{:?}", ceilings[1]) };
    assert_eq!((metric.metric.as_str(), metric.statistic.as_str(), metric.period), ("Records", "Sum", 86_400));
    for (text, words) in [
        ("of = \"tokens\"", "has no `a_week`"),
        ("a_week = 5", "has no `of`"),
        ("of = \"words\"\na_week = 5", "must be something that is counted"),
        ("of = \"tokens\"\na_week = -1", "from 0"),
        ("of = \"tokens\"\na_week = 5\nmonth = 5", "unknown key `month`"),
    ] {
        let (_, said) = mistake(manifest(&format!("[[model.ceiling]]\n{text}")));
        assert!(said.contains(words), "{text}: {said}");
    }
}

#[test]
fn one_account_pays() {
    let payer = |id: &str| {
        format!(
            "[[account]]\nid = \"{id}\"\npurpose = \"billing\"\nrole_arn = \"arn:aws:iam::{id}:role/billing-reader\"\n"
        )
    };
    let policy = read(&payer("222233334444")).unwrap();
    assert!(matches!(policy.accounts[0].purpose, Purpose::Billing));
    let (line, said) = mistake(read(&format!("{}{}", payer("222233334444"), payer("333344445555"))));
    assert_eq!(line, 5);
    assert!(said.contains("two accounts for `billing`") && said.contains("the account that pays"), "{said}");
}

#[test]
fn a_tag_says_that_something_stands_by_unless_it_says_no() {
    let rules = CostRules { standby_tags: vec!["standby".to_owned(), "tier=dr*".to_owned()], ..CostRules::default() };
    let says = |key: &str, value: &str| {
        let tags: Tags = [(key.to_owned(), value.to_owned())].into_iter().collect();
        stands_by(&rules, &tags).map(str::to_owned)
    };
    for (key, value) in [("standby", "true"), ("Standby", "until June"), ("tier", "dr"), ("Tier", "dr-cold")] {
        assert!(says(key, value).is_some(), "{key}={value}");
    }
    for (key, value) in [("standby", "no"), ("standby", " False "), ("standby", ""), ("tier", "hot"), ("dr", "true")] {
        assert_eq!(says(key, value), None, "{key}={value}");
    }
}
