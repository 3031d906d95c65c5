//! Tokens of Bedrock by model and by inference profile, and what they cost.
//!
//! Source: <https://docs.aws.amazon.com/bedrock/latest/userguide/monitoring.html>

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::points;
use crate::cost::{CostSource, Figure, Known, Ledger, Money, TokenUse};
use crate::estate::{Estate, bedrock};
use crate::evidence::{CallId, Price};

/// Days that are counted where no period is known.
const DAYS: i64 = 30;

/// Tokens of everything that was metered, by account, region and name.
pub(super) fn all(ledger: &Ledger<'_>, estate: &Estate<'_>) -> Vec<TokenUse> {
    let metered = estate.index.all_series().filter(|fact| {
        fact.data.key.namespace == "AWS/Bedrock"
            && matches!(fact.data.key.metric.as_str(), "InputTokenCount" | "OutputTokenCount")
    });
    let ids: BTreeSet<(&str, &str, &str)> = metered
        .filter_map(|fact| {
            Some((fact.account.as_str(), fact.region.as_str(), fact.data.key.dimensions.get("ModelId")?.as_str()))
        })
        .collect();
    let span = span(ledger, estate);
    let mut all: Vec<TokenUse> =
        ids.into_iter().map(|(account, region, id)| one(estate, account, region, id, &span)).collect();
    all.sort_by(|a, b| (&a.account, &a.region, &a.of, &a.id).cmp(&(&b.account, &b.region, &b.of, &b.id)));
    all
}

/// The period of the ledger, else the last thirty days.
fn span(ledger: &Ledger<'_>, estate: &Estate<'_>) -> Range<Timestamp> {
    let midnight = |day: jiff::civil::Date| day.to_zoned(TimeZone::UTC).ok().map(|day| day.timestamp());
    let period = ledger.period.and_then(|period| Some(midnight(period.from)?..midnight(period.until)?));
    let until = points::known_until(estate);
    period.unwrap_or_else(|| points::days_before(until, DAYS)..until)
}

fn one(estate: &Estate<'_>, account: &str, region: &str, id: &str, span: &Range<Timestamp>) -> TokenUse {
    let facts = &estate.snapshot.facts;
    let here = |other: (&str, &str)| other == (account, region);
    let profile = facts
        .inference_profiles
        .iter()
        .find(|it| here((&it.account, &it.region)) && (it.data.id == id || it.data.arn == id));
    let capacity = facts.provisioned_throughputs.iter().find(|it| here((&it.account, &it.region)) && it.data.arn == id);
    let models: BTreeSet<&str> = match (profile, capacity) {
        (Some(profile), _) => profile.data.models.iter().map(|arn| model_id(arn)).collect(),
        (None, Some(capacity)) => BTreeSet::from([model_id(&capacity.data.model)]),
        (None, None) => BTreeSet::from([model_id(id)]),
    };
    let named = profile.map(|it| &it.data.name).or(capacity.map(|it| &it.data.name));
    let mut seen = Vec::new();
    let mut count = |key| match points::read(estate, account, region, &key) {
        None => Known::Unknown("no data points of it were read".to_owned()),
        Some((series, calls)) => {
            seen.extend(calls.iter().copied());
            let count = points::count(series, span);
            if count.whole {
                Known::Known(count.sum)
            } else {
                Known::Unknown("its data points were read in part only".to_owned())
            }
        }
    };
    let [_, input, output] = bedrock(id);
    let (tokens_in, tokens_out) = (count(input), count(output));
    let cost = match (capacity, models.first().copied().filter(|_| models.len() == 1)) {
        (Some(_), _) => Known::None("its capacity is paid for by the hour, not by the token".to_owned()),
        (None, Some(model)) => cost(estate, region, model, &tokens_in, &tokens_out, seen),
        (None, None) => {
            Known::Unknown("it stands for several models, and which of them answered is not known".to_owned())
        }
    };
    TokenUse {
        of: named.map_or_else(|| model_id(id).to_owned(), Clone::clone),
        id: id.to_owned(),
        account: account.to_owned(),
        region: region.to_owned(),
        tokens_in,
        tokens_out,
        cost,
    }
}

/// The id of a model in its ARN.
fn model_id(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn cost(
    estate: &Estate<'_>,
    region: &str,
    model: &str,
    tokens_in: &Known<f64>,
    tokens_out: &Known<f64>,
    mut seen: Vec<CallId>,
) -> Known<Figure> {
    let parts = [("input", tokens_in), ("output", tokens_out)];
    let mut total: Option<Money> = None;
    for (way, tokens) in parts {
        let count = match tokens {
            Known::Known(count) => count,
            Known::Unknown(why) | Known::None(why) => return Known::Unknown(why.clone()),
        };
        let facts = estate.snapshot.facts.prices.iter();
        let fits = facts.filter_map(|fact| Some((fact, for_one(&fact.data, region, model, way)?)));
        let newest =
            fits.max_by(|(a, _), (b, _)| (a.data.effective, &a.data.price).cmp(&(b.data.effective, &b.data.price)));
        let (Some((fact, price)), Ok(count)) = (newest, Decimal::try_from(count.round())) else {
            return Known::Unknown(format!("what {way} tokens of `{model}` cost in {region} was not read"));
        };
        seen.extend(fact.seen.iter().copied());
        let Some(value) = price.value.checked_mul(count) else {
            return Known::Unknown("its tokens are too many to count".to_owned());
        };
        total = match total {
            Some(sum) if sum.currency == price.currency => Some(Money::new(sum.value + value, &price.currency)),
            Some(_) => return Known::Unknown("its prices are in several currencies".to_owned()),
            None => Some(Money::new(value, &price.currency)),
        };
    }
    seen.sort_unstable();
    seen.dedup();
    let Some(amount) = total else { return Known::Unknown("nothing of it was metered".to_owned()) };
    let notes = vec!["list price, before discounts; tokens that were read from a cache cost less".to_owned()];
    Known::Known(Figure {
        low: amount.clone(),
        high: amount.clone(),
        amount,
        source: CostSource::Estimate,
        notes,
        seen,
    })
}

/// The price of one token, if this is one for these tokens.
fn for_one(price: &Price, region: &str, model: &str, way: &str) -> Option<Money> {
    let component = price.component.to_lowercase();
    let fits = price.service.to_lowercase().contains("bedrock")
        && price.region == region
        && price.item.eq_ignore_ascii_case(model)
        && component.contains(way)
        && !component.contains("cache")
        && !component.contains("batch");
    let unit = price.unit.to_lowercase();
    let tokens = match unit.split_whitespace().next()? {
        "1k" | "1000" => 1_000,
        "1m" | "1000000" => 1_000_000,
        "token" | "tokens" => 1,
        _ => return None,
    };
    let value = price.price.value.checked_div(Decimal::from(tokens))?;
    fits.then(|| Money::new(value, &price.price.currency))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::*;

    fn fixture() -> Fixture {
        let [_, input, output] = bedrock("prof1234");
        let price = |way: &str, amount: &str| Price {
            service: "AmazonBedrock".to_owned(),
            component: format!("{way} tokens"),
            item: "amazon.titan-text-express-v1".to_owned(),
            unit: "1K tokens".to_owned(),
            price: usd(amount),
            ..price("x", "x", "1")
        };
        Fixture::sound()
            .with(inference_profile("claims"))
            .with(steady(input, 35 * 24, 1_000.0))
            .with(steady(output, 35 * 24, 500.0))
            .with(price("Input", "0.0002"))
            .with(price("Output", "0.0006"))
    }

    fn told(fixture: &Fixture) -> TokenUse {
        let estate = fixture.estate();
        let span = at("2026-05-20T00:00:00Z")..at("2026-05-30T00:00:00Z");
        one(&estate, ACCOUNT, REGION, "prof1234", &span)
    }

    #[test]
    fn tokens_cost_what_the_list_asks_for_them() {
        let told = told(&fixture());
        assert_eq!(
            (told.of.as_str(), told.tokens_in, told.tokens_out),
            ("claims", Known::Known(10_000.0), Known::Known(5_000.0))
        );
        // 10,000 at 0.0002 a thousand and 5,000 at 0.0006 a thousand.
        assert_eq!(told.cost.known().unwrap().amount, Money::new("0.005".parse().unwrap(), "USD"));
    }

    #[test]
    fn a_price_that_was_not_read_is_unknown() {
        let bare = fixture().drop_where(|_: &Price| true);
        assert!(told(&bare).cost.why().is_some_and(|why| why.contains("`amazon.titan-text-express-v1`")));
        assert_eq!(fixture().estate().money.tokens.len(), 1);
    }
}
