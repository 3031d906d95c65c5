//! What AWS itself recommends to save, where somebody has switched Cost Optimization Hub on.
//!
//! Source: <https://docs.aws.amazon.com/cost-management/latest/APIReference/API_CostOptimizationHub_ListRecommendations.html>

use aws_sdk_costoptimizationhub::types::{Filter, Recommendation, ResourceType};

use super::engine::{Answer, Failure, Reader, token};
use super::text::{decimal_of, instant, required, text};
use crate::collect::{ApiCall, CollectorInfo, Malformed};
use crate::evidence::{Amount, FactKind, GapCause, Hidden, SavingHint};

const LIST: ApiCall = ApiCall {
    service: "cost-optimization-hub",
    operation: "ListRecommendations",
    action: "cost-optimization-hub:ListRecommendations",
    purpose: "what AWS itself recommends to save, to compare with what is found here",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "saving-hints",
    summary: "reads what Cost Optimization Hub recommends for SageMaker, where it is switched on",
    yields: &[FactKind::SavingHints],
    calls: &[LIST],
};

const ALL: &[Hidden] = &[Hidden::All(FactKind::SavingHints)];

/// Recommendations a page, the most that AWS gives.
const PAGE: i32 = 1_000;

/// Lists the recommendations for SageMaker, unless the policy does not want them.
pub(crate) async fn collect(reader: &Reader<'_>) {
    if !reader.request().cost.optimization_hub {
        return;
    }
    if reader.session().partition() != "aws" {
        let words = "Cost Optimization Hub is asked in the partition `aws` only";
        return reader.gap_of_money(reader.not_asked(&LIST, "recommendations", GapCause::Unsupported, words), ALL);
    }
    let filter = Filter::builder().resource_types(ResourceType::SageMakerEndpoint);
    let filter = filter.resource_types(ResourceType::SageMakerSavingsPlans).build();
    let savings = &reader.clients().savings;
    let listed = reader
        .pages(
            &LIST,
            "recommendations for SageMaker",
            |token| {
                savings.list_recommendations().filter(filter.clone()).max_results(PAGE).set_next_token(token).send()
            },
            |Answer { output, call }| {
                for hint in output.items() {
                    match normalise(hint) {
                        Ok(hint) => reader.record(hint, &[call]),
                        Err(malformed) => reader.gap_of_money(reader.unreadable_item(&LIST, call, &malformed), ALL),
                    }
                }
                token(output.next_token())
            },
        )
        .await;
    match listed {
        Ok(_) => {}
        // AWS's own word that there is nothing: noted, and no gap.
        Err(failure) if is_switched_off(&failure) => {
            reader.noted(&failure);
        }
        Err(failure) => reader.gap_of_money(failure, ALL),
    }
}

/// An account that never switched it on is refused as if it were not allowed to ask. That is no lack of permission.
fn is_switched_off(failure: &Failure) -> bool {
    failure.message.to_lowercase().contains("not enrolled")
}

/// One recommendation.
///
/// # Errors
/// If it does not say of what it is.
fn normalise(given: &Recommendation) -> Result<SavingHint, Malformed> {
    let id = required("a recommendation", "recommendationId", given.recommendation_id())?;
    let amount = given.estimated_monthly_savings().and_then(decimal_of).zip(text(given.currency_code()));
    Ok(SavingHint {
        account: text(given.account_id()),
        region: text(given.region()),
        resource: required(&id, "resourceArn", text(given.resource_arn()).as_deref().or(given.resource_id()))?,
        kind: required(&id, "currentResourceType", given.current_resource_type())?,
        action: required(&id, "actionType", given.action_type())?,
        monthly: amount.map(|(value, currency)| Amount { value, currency }),
        refreshed: instant(given.last_refresh_timestamp()),
        id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recommendation_says_what_it_would_save() {
        let given = || {
            let built = Recommendation::builder().recommendation_id("r-1").current_resource_type("SageMakerEndpoint");
            built.action_type("Delete").estimated_monthly_savings(167.9).currency_code("USD")
        };
        let arn = "arn:aws:sagemaker:eu-central-1:111122223333:endpoint/old";
        let read = normalise(&given().resource_arn(arn).resource_id("old").build()).unwrap();
        assert_eq!((read.resource.as_str(), read.action.as_str()), (arn, "Delete"));
        let monthly = read.monthly.unwrap();
        assert_eq!((monthly.value.to_string(), monthly.currency.as_str()), ("167.9".to_owned(), "USD"));
        assert_eq!(normalise(&given().resource_arn("").resource_id("old").build()).unwrap().resource, "old");
        normalise(&given().build()).unwrap_err();
    }
}
