//! What AWS asks for the instances that are in use, on demand, from its price list. Asking it is free.
//!
//! Source: <https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-pelong.html>,
//! <https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html>

mod list;

use std::collections::BTreeSet;

use aws_sdk_pricing::types::{Filter, FilterType};
use aws_smithy_types::error::operation::BuildError;

use super::engine::{Answer, Reader, token};
use crate::collect::{ApiCall, CollectorInfo};
use crate::evidence::{FactKind, Facts, GapCause, Hidden};

const GET: ApiCall = ApiCall {
    service: "pricing",
    operation: "GetProducts",
    action: "pricing:GetProducts",
    purpose: "what instances cost today; without it the table in this program holds",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "prices",
    summary: "reads the prices of the instances in use from the price list, to estimate what each live version costs",
    yields: &[FactKind::Prices],
    calls: &[GET],
};

const ALL: &[Hidden] = &[Hidden::All(FactKind::Prices)];

/// Products a page, the most that AWS gives.
const PAGE: i32 = 100;

/// Reads the prices of every instance type in each region that was asked for, unless the policy does not want them.
pub(crate) async fn collect(reader: &Reader<'_>) {
    if !reader.request().cost.prices {
        return;
    }
    if reader.session().partition() != "aws" {
        let words = "the price list is asked in the partition `aws` only";
        return reader.gap_of_money(reader.not_asked(&GET, "prices", GapCause::Unsupported, words), ALL);
    }
    let in_use = reader.facts(in_use);
    reader.each(in_use, async |(region, item)| product(reader, &region, &item).await).await;
}

/// Regions, and the types of instances that something runs on there.
fn in_use(facts: &Facts) -> BTreeSet<(String, String)> {
    let mut all = BTreeSet::new();
    let mut add = |region: &str, item: Option<&str>| {
        all.extend(item.filter(|item| item.starts_with("ml.")).map(|item| (region.to_owned(), item.to_owned())));
    };
    for config in &facts.endpoint_configs {
        for variant in config.data.variants.iter().chain(&config.data.shadow_variants) {
            add(&config.region, variant.instance_type.as_deref());
            for pool in &variant.pools {
                add(&config.region, Some(&pool.instance_type));
            }
        }
    }
    for job in &facts.transform_jobs {
        add(&job.region, job.data.instance_type.as_deref());
    }
    for job in &facts.jobs {
        add(&job.region, job.data.instance_type.as_deref());
    }
    for notebook in &facts.notebooks {
        add(&notebook.region, notebook.data.instance_type.as_deref());
    }
    all
}

/// Everything that one type of instance is sold for in a region: hosting, training, notebooks and so on.
async fn product(reader: &Reader<'_>, region: &str, item: &str) {
    let filters: Result<Vec<Filter>, _> =
        [("regionCode", region), ("instanceName", item)].map(filter).into_iter().collect();
    let (pricing, filters) = (&reader.clients().pricing, filters.ok());
    let read = reader
        .pages(
            &GET,
            &format!("{item} in {region}"),
            |token| {
                let request = pricing.get_products().service_code(list::SERVICE).set_filters(filters.clone());
                request.format_version("aws_v1").max_results(PAGE).set_next_token(token).send()
            },
            |Answer { output, call }| {
                for product in output.price_list() {
                    match list::price(product, region) {
                        Ok(price) => price.into_iter().for_each(|price| reader.record(price, &[call])),
                        Err(malformed) => reader.gap_of_money(reader.unreadable_item(&GET, call, &malformed), ALL),
                    }
                }
                token(output.next_token())
            },
        )
        .await;
    if let Err(failure) = read {
        reader.gap_of_money(failure, ALL);
    }
}

fn filter((field, value): (&str, &str)) -> Result<Filter, BuildError> {
    Filter::builder().r#type(FilterType::TermMatch).field(field).value(value).build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::*;

    #[test]
    fn prices_are_asked_of_what_is_in_use() {
        let fixture = Fixture::sound().with(notebook("scratch", "ml.t3.medium")).with(job("nightly", MODEL, APPROVED));
        let asked = in_use(&fixture.snapshot.facts);
        let of = |item: &str| asked.contains(&(REGION.to_owned(), item.to_owned()));
        assert!(of("ml.m5.xlarge") && of("ml.t3.medium"), "{asked:?}");
        assert!(asked.iter().all(|(_, item)| item.starts_with("ml.")), "{asked:?}");
    }
}
