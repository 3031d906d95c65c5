//! One product of the price list to the price that it has on demand. Pure: the list gives each as JSON of its own.
//!
//! Source: <https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/bulk-api-reading-price-list-files.html>

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::collect::Malformed;
use crate::collect::aws::text::decimal;
use crate::evidence::{Amount, Price};

/// SageMaker as the price list calls it.
pub(super) const SERVICE: &str = "AmazonSageMaker";

/// What is read of a product. Members that AWS adds are none of our business.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Product {
    product: Described,
    #[serde(default)]
    terms: Terms,
}

#[derive(Debug, Deserialize)]
struct Described {
    #[serde(default)]
    sku: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
struct Terms {
    #[serde(default, rename = "OnDemand")]
    on_demand: BTreeMap<String, Term>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Term {
    #[serde(default)]
    effective_date: Option<String>,
    #[serde(default)]
    price_dimensions: BTreeMap<String, Rate>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rate {
    unit: String,
    #[serde(default)]
    begin_range: Option<String>,
    price_per_unit: BTreeMap<String, String>,
}

/// The price of a product; `None` if it is none of an instance, is not sold on demand, or is given away: a price of nothing
/// would say that something costs nothing.
///
/// # Errors
/// If it is no product of the price list.
pub(super) fn price(text: &str, region: &str) -> Result<Option<Price>, Malformed> {
    let bad = |item: &str, reason: String| Malformed { item: item.to_owned(), reason };
    let product: Product = serde_json::from_str(text)
        .map_err(|error| bad("a product of the price list", format!("it is not what the list documents: {error}")))?;
    let attribute = |names: &[&str]| {
        let found = names.iter().find_map(|&name| product.product.attributes.get(name));
        found.filter(|value| !value.is_empty()).cloned()
    };
    let of = attribute(&["instanceName", "platoinstancename", "platoInstanceName"]);
    let component = attribute(&["component", "platoinstancetype", "platoInstanceType"]);
    let (Some(item), Some(component)) = (of, component) else { return Ok(None) };
    // The newest term, and of its steps the first: what the first hour costs.
    let Some(term) = product.terms.on_demand.values().max_by_key(|term| effective(term)) else { return Ok(None) };
    let first = |rate: &&Rate| rate.begin_range.as_deref().is_none_or(|from| decimal(from) == Some(Decimal::ZERO));
    let Some(rate) = term.price_dimensions.values().find(first) else { return Ok(None) };
    let Some((currency, amount)) = rate.price_per_unit.iter().next() else { return Ok(None) };
    let value =
        decimal(amount).ok_or_else(|| bad(&product.product.sku, format!("its price `{amount}` is no number")))?;
    if value <= Decimal::ZERO {
        return Ok(None);
    }
    Ok(Some(Price {
        service: SERVICE.to_owned(),
        region: attribute(&["regionCode"]).unwrap_or_else(|| region.to_owned()),
        component,
        item,
        unit: rate.unit.clone(),
        price: Amount { value, currency: currency.clone() },
        effective: effective(term),
    }))
}

fn effective(term: &Term) -> Option<Timestamp> {
    term.effective_date.as_deref()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn product() -> Value {
        json!({
            "product": {
                "productFamily": "ML Instance",
                "sku": "ABC",
                "attributes": {
                    "regionCode": "eu-central-1",
                    "instanceName": "ml.m5.xlarge",
                    "component": "Hosting",
                    "usagetype": "EUC1-Host:ml.m5.xlarge",
                },
            },
            "serviceCode": "AmazonSageMaker",
            "terms": {
                "OnDemand": {
                    "ABC.JRTCKXETXF": {
                        "effectiveDate": "2026-11-01T00:00:00Z",
                        "priceDimensions": {
                            "ABC.JRTCKXETXF.6YS6EN2CT7": {
                                "unit": "Hrs", "beginRange": "0", "endRange": "Inf", "pricePerUnit": { "USD": "0.2760000000" },
                            },
                        },
                    },
                },
                "Reserved": {},
            },
            "version": "20261101000000",
        })
    }

    fn read(product: &Value) -> Option<Price> {
        price(&product.to_string(), "eu-central-1").unwrap()
    }

    #[test]
    fn a_product_has_its_price_on_demand() {
        let price = read(&product()).unwrap();
        assert_eq!((price.item.as_str(), price.component.as_str()), ("ml.m5.xlarge", "Hosting"));
        assert_eq!((price.region.as_str(), price.unit.as_str()), ("eu-central-1", "Hrs"));
        let amount = (price.price.value.normalize().to_string(), price.price.currency);
        assert_eq!(amount, ("0.276".to_owned(), "USD".to_owned()));
        assert_eq!(price.effective.unwrap().to_string(), "2026-11-01T00:00:00Z");
    }

    #[test]
    fn the_first_step_of_the_newest_term_counts() {
        let mut stepped = product();
        stepped["terms"]["OnDemand"]["new"] = json!({
            "effectiveDate": "2026-12-01T00:00:00Z",
            "priceDimensions": {
                "a": { "unit": "Hrs", "beginRange": "100", "pricePerUnit": { "USD": "0.1" } },
                "b": { "unit": "Hrs", "beginRange": "0", "pricePerUnit": { "USD": "0.3" } },
            },
        });
        assert_eq!(read(&stepped).unwrap().price.value.to_string(), "0.3");
    }

    #[test]
    fn what_has_no_price_gives_none_rather_than_nothing() {
        let without = |pointer: &str, value: Value| {
            let mut product = product();
            *product.pointer_mut(pointer).unwrap() = value;
            product
        };
        let rate = "/terms/OnDemand/ABC.JRTCKXETXF/priceDimensions/ABC.JRTCKXETXF.6YS6EN2CT7/pricePerUnit";
        assert_eq!(read(&without(rate, json!({ "USD": "0.0000000000" }))), None);
        assert_eq!(read(&without(rate, json!({}))), None);
        assert_eq!(read(&without("/terms", json!({ "Reserved": {} }))), None);
        assert_eq!(read(&without("/product/attributes", json!({ "group": "ServerlessInf" }))), None);
        let much = price(&without(rate, json!({ "USD": "much" })).to_string(), "eu-central-1").unwrap_err();
        assert_eq!((much.item.as_str(), much.reason.as_str()), ("ABC", "its price `much` is no number"));
        price("{\"product\": 3}", "eu-central-1").unwrap_err();
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            drop(price(&text, "eu-central-1"));
        }
    }
}
