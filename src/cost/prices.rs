//! What AWS asks: the price list where it was read, else the table in this program. A price that neither holds is not known.
//!
//! The table is written by `tests/tools/prices.py` and holds prices with a named source and a date only.
//! Source: <https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/price-changes.html>

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::{Known, Money};
use crate::estate::Estate;
use crate::evidence::{CallId, Fact, Price};

/// Hours of a month, as AWS counts them in its own examples.
pub(crate) const MONTH_HOURS: u32 = 730;

/// Components that ask for instances which serve requests, the first that is listed counts.
pub(super) const HOSTING: &[&str] = &["Hosting"];
/// Instances behind a queue cost what instances for hosting do, where no price of their own is listed.
pub(super) const ASYNCHRONOUS: &[&str] = &["Asynchronous Inference", "AsyncInf", "Hosting"];
/// Instances of batch transform jobs.
pub(super) const BATCH: &[&str] = &["Batch Transform", "BatchTransform", "Tsform"];
/// Seconds of serverless endpoints, by memory.
pub(super) const SERVERLESS: &[&str] = &["Serverless", "Serverless Inference", "ServerlessInf"];
/// Volumes of instances for hosting.
pub(super) const STORAGE: &str = "storage";

/// A price, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// Price of one unit.
    pub(super) price: Money,
    /// Where it stands, such as `price list, 2026-11-20` or `table of 2023-12-31`.
    pub(super) from: String,
    /// The calls that showed it.
    pub(super) seen: Vec<CallId>,
}

impl Listed {
    /// What so many units cost in all the hours of a month.
    pub(super) fn month(&self, units: Decimal) -> Money {
        self.price.times(units * Decimal::from(MONTH_HOURS))
    }
}

/// Region, component and item, all in lower case.
type Key = (String, String, String);

/// Every price that is known.
#[derive(Debug)]
pub(super) struct Prices<'a> {
    listed: BTreeMap<Key, &'a Fact<Price>>,
}

impl<'a> Prices<'a> {
    /// The prices that hold at the instant of evaluation; of several the one that took effect last.
    pub(super) fn new(estate: &Estate<'a>) -> Self {
        let mut listed: BTreeMap<Key, &'a Fact<Price>> = BTreeMap::new();
        let facts = &estate.snapshot.facts.prices;
        for fact in facts.iter().filter(|fact| fact.data.effective.is_none_or(|from| from <= estate.as_of)) {
            let held = listed.entry(key(&fact.data.region, &fact.data.component, &fact.data.item)).or_insert(fact);
            if newer(&fact.data) > newer(&held.data) {
                *held = fact;
            }
        }
        Self { listed }
    }

    /// The price of an hour of one instance for hosting.
    pub(super) fn hosting(&self, region: &str, instance_type: &str) -> Known<Listed> {
        self.find(HOSTING, region, instance_type)
    }

    /// The price of one unit under the first of these components that lists it.
    pub(super) fn find(&self, components: &[&str], region: &str, item: &str) -> Known<Listed> {
        let keys = || components.iter().map(|component| key(region, component, item));
        let read = keys().find_map(|key| self.listed.get(&key).copied()).map(|fact| Listed {
            price: Money::from(&fact.data.price),
            from: match fact.data.effective {
                Some(from) => format!("price list, {}", from.strftime("%Y-%m-%d")),
                None => "price list".to_owned(),
            },
            seen: fact.seen.clone(),
        });
        let embedded = || keys().find_map(|key| TABLE.get(&key).cloned());
        match read.or_else(embedded) {
            Some(listed) => Known::Known(listed),
            None => Known::Unknown(format!(
                "the price of `{item}` in {region} is neither in the price list as it was read nor in the table of this \
                 program"
            )),
        }
    }
}

/// Of two prices of one thing the greater counts. Amount and currency only make the choice the same in any order.
fn newer(price: &Price) -> impl Ord + '_ {
    (price.effective, &price.price)
}

fn key(region: &str, component: &str, item: &str) -> Key {
    let (component, item) = (component.to_lowercase(), item.to_lowercase());
    let bare = item.strip_suffix(component.as_str()).and_then(|item| item.strip_suffix('-'));
    let item = bare.map_or_else(|| item.clone(), str::to_owned);
    (region.to_lowercase(), component, item)
}

/// The table as it is written: sources, each with the prices that it states.
#[derive(Deserialize)]
struct Table {
    source: Vec<Source>,
}

/// A document, the day it is of, and its prices.
#[derive(Deserialize)]
struct Source {
    dated: String,
    prices: Vec<Row>,
}

/// Region, component, item, unit, price, currency.
type Row = (String, String, String, String, String, String);

static TABLE: LazyLock<BTreeMap<Key, Listed>> = LazyLock::new(|| {
    let table = toml::from_str(include_str!("prices.toml")).unwrap_or(Table { source: Vec::new() });
    let of_source = |source: Source| {
        let from = format!("table of {}", source.dated);
        source.prices.into_iter().filter_map(move |(region, component, item, _, price, currency)| {
            let price = Money::new(price.parse().ok()?, &currency);
            Some((key(&region, &component, &item), Listed { price, from: from.clone(), seen: Vec::new() }))
        })
    };
    table.source.into_iter().flat_map(of_source).collect()
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::*;
    use crate::evidence::Amount;

    fn listed(item: &str, price: &str, effective: &str) -> Price {
        Price {
            service: "AmazonSageMaker".to_owned(),
            region: REGION.to_owned(),
            component: "Hosting".to_owned(),
            item: item.to_owned(),
            unit: "Hrs".to_owned(),
            price: Amount { value: price.parse().unwrap(), currency: "USD".to_owned() },
            effective: Some(at(effective)),
        }
    }

    fn found(fixture: &Fixture, region: &str, item: &str) -> Option<(String, String)> {
        let estate = fixture.estate();
        let price = Prices::new(&estate).hosting(region, item).known().cloned();
        price.map(|it| (it.price.value.to_string(), it.from))
    }

    fn pair(price: &str, from: &str) -> Option<(String, String)> {
        Some((price.to_owned(), from.to_owned()))
    }

    #[test]
    fn the_table_holds_every_price_that_its_sources_state() {
        let table: Table = toml::from_str(include_str!("prices.toml")).unwrap();
        let stated: usize = table.source.iter().map(|source| source.prices.len()).sum();
        assert_eq!(TABLE.len(), stated);
        assert!(table.source.iter().all(|source| source.dated.parse::<jiff::civil::Date>().is_ok()));
        assert!(TABLE.values().all(|listed| listed.price.value > Decimal::ZERO));
    }

    #[test]
    fn an_instance_of_aws_own_example_costs_what_the_example_says_a_month() {
        let fixture = Fixture::empty();
        let estate = fixture.estate();
        let price = Prices::new(&estate).hosting("us-east-1", "ml.m5.xlarge").known().cloned().unwrap();
        assert_eq!((price.price.to_string(), price.from.as_str()), ("0.23 USD".to_owned(), "table of 2026-06-27"));
        assert_eq!(price.month(Decimal::ONE).to_string(), "167.90 USD");
    }

    #[test]
    fn the_newest_price_in_force_comes_before_the_table() {
        let fixture = Fixture::empty()
            .with(listed("ml.m5.xlarge-Hosting", "0.30", "2025-01-01T00:00:00Z"))
            .with(listed("ml.m5.xlarge", "0.276", "2026-02-01T00:00:00Z"))
            .with(listed("ml.m5.xlarge", "0.1", "2027-01-01T00:00:00Z"));
        assert_eq!(found(&fixture, REGION, "ml.m5.xlarge"), pair("0.276", "price list, 2026-02-01"));
        assert_eq!(found(&fixture, "eu-west-1", "ml.m5.xlarge"), pair("0.257", "table of 2023-12-31"));
    }

    #[test]
    fn a_price_that_nothing_states_is_unknown_and_not_zero() {
        let fixture = Fixture::empty();
        let estate = fixture.estate();
        let Known::Unknown(why) = Prices::new(&estate).hosting(REGION, "ml.p5.48xlarge") else { panic!("not known") };
        assert!(why.contains("`ml.p5.48xlarge` in eu-central-1"), "{why}");
    }

    /// What `tests/tools/prices.py` prints; `None` where there is no Python to run it.
    fn script(arguments: &[&str]) -> Option<String> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools/prices.py");
        let Ok(output) = std::process::Command::new("python3").arg(path).args(arguments).output() else {
            eprintln!("skipped: `python3` is not on the PATH");
            return None;
        };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Some(String::from_utf8(output.stdout).unwrap())
    }

    #[test]
    fn the_table_is_what_the_script_writes() {
        script(&["--check"]);
    }

    #[test]
    fn the_script_reads_what_the_price_list_writes() {
        let term = |effective: &str, unit: &str, price: &str| {
            serde_json::json!({ "A.B": { "effectiveDate": effective, "priceDimensions":
                { "A.B.C": { "unit": unit, "pricePerUnit": { "USD": price } } } } })
        };
        let product = |usage: &str, name: &str, component: &str| {
            serde_json::json!({ "attributes":
                { "regionCode": "eu-central-1", "usagetype": usage, "instanceName": name, "component": component } })
        };
        let offer = serde_json::json!({
            "products": {
                "A": product("EUC1-Host:ml.m5.xlarge", "ml.m5.xlarge", "Hosting"),
                "B": product("EUC1-ServerlessInf:Mem-4GB", "", ""),
                "C": product("EUC1-Studio:ml.m5.xlarge", "ml.m5.xlarge", "Studio-Notebook"),
                "D": product("EUC1-Host:ml.t2.medium", "ml.t2.medium", "Hosting"),
            },
            "terms": { "OnDemand": {
                "A": term("2026-10-01T00:00:00Z", "Hrs", "0.2760000000"),
                "B": term("2026-10-01T00:00:00Z", "seconds", "0.0000920000"),
                "C": term("2026-10-01T00:00:00Z", "Hrs", "9"),
                "D": term("2026-10-01T00:00:00Z", "Hrs", "0.0000000000"),
            } },
        });
        let answer = serde_json::json!({
            "product": product("EUC1-Host:ml.m5.xlarge", "ml.m5.xlarge", "Hosting"),
            "terms": { "OnDemand": term("2026-11-01T00:00:00Z", "Hrs", "0.2700000000") },
        });
        let answers = serde_json::json!({ "PriceList": [answer.to_string()] });
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, value: &serde_json::Value| {
            let path = folder.path().join(name);
            std::fs::write(&path, value.to_string()).unwrap();
            path.display().to_string()
        };
        let (offer, answers) = (write("offer.json", &offer), write("products.json", &answers));
        let Some(printed) = script(&["--print", &offer, &answers]) else { return };
        let table: Table = toml::from_str(&printed).unwrap();
        let of_europe = |source: &Source| {
            let rows = source.prices.iter().filter(|row| row.0 == "eu-central-1").cloned();
            rows.map(|row| (source.dated.clone(), row.1, row.2, row.4)).collect::<Vec<_>>()
        };
        let rows: Vec<_> = table.source.iter().flat_map(of_europe).collect();
        let row = |dated: &str, component: &str, item: &str, price: &str| {
            (dated.to_owned(), component.to_owned(), item.to_owned(), price.to_owned())
        };
        let expected = [
            row("2026-10-01", "Serverless", "Mem-4GB", "0.000092"),
            row("2026-11-01", "Hosting", "ml.m5.xlarge", "0.27"),
        ];
        assert_eq!(rows, expected, "the newer price, none that is nothing, and no other work");
    }
}
