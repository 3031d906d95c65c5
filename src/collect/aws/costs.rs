//! What was billed and what the month will cost, as Cost Explorer says it; only where the policy allows it to cost money.
//!
//! AWS charges 0.01 USD for each page of each answer, whatever the operation, so a run asks two questions: what was billed by
//! usage type and cost-centre tag, and which tag keys count at all, for without that nobody knows whether what is untagged
//! could have been told. Budgets forecast for nothing. Where the policy asks for costs by resource as well, what the month
//! will cost is asked with it. What AWS answers holds for the day: a run that an archive tells of an earlier one does not
//! ask again. Whoever pays for others sees what all of them were billed, so every question names the accounts that it is about.
//!
//! Source: <https://aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing/>,
//! <https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html>,
//! <https://docs.aws.amazon.com/cost-management/latest/userguide/ce-api-best-practices.html>

mod ask;
mod normalise;
mod question;

use super::engine::Reader;
use crate::collect::{ApiCall, CollectorInfo};
use crate::evidence::order::Recorded;
use crate::evidence::{Answered, CallId, CostAnswers, FactKind, GapCause};
use ask::{allocation_tags, bill, forecast, unavailable};
use question::{Days, Question};

const USAGE: ApiCall = ApiCall {
    service: "ce",
    operation: "GetCostAndUsage",
    action: "ce:GetCostAndUsage",
    purpose: "what live versions were billed, by usage type and cost-centre tag; costs a cent a page",
};

const USAGE_BY_RESOURCE: ApiCall = ApiCall {
    service: "ce",
    operation: "GetCostAndUsageWithResources",
    action: "ce:GetCostAndUsageWithResources",
    purpose: "what each endpoint was billed, where that is switched on; costs a cent a page",
};

const FORECAST: ApiCall = ApiCall {
    service: "ce",
    operation: "GetCostForecast",
    action: "ce:GetCostForecast",
    purpose: "what AWS expects the month to cost; costs a cent",
};

const ALLOCATION_TAGS: ApiCall = ApiCall {
    service: "ce",
    operation: "ListCostAllocationTags",
    action: "ce:ListCostAllocationTags",
    purpose: "whether tags count in cost reports at all; costs a cent",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "costs",
    summary: "reads what was billed from Cost Explorer, which costs a cent or two a run, to say what each live version costs",
    yields: &[FactKind::Bills, FactKind::Forecasts, FactKind::AllocationTags],
    calls: &[USAGE, USAGE_BY_RESOURCE, FORECAST, ALLOCATION_TAGS],
};

/// Asks the account that pays, unless the policy does not want that.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let request = reader.request();
    if !request.cost.cost_explorer {
        return;
    }
    if reader.session().partition() != "aws" {
        let words = "Cost Explorer is asked in the partition `aws` only";
        return unavailable(reader, GapCause::Unsupported, words);
    }
    let Some(days) = Days::at(request.now) else {
        return unavailable(reader, GapCause::OutOfReach, "the calendar ends before this month does");
    };
    let answers = request.answers.iter().find(|answers| answers.account == reader.account());
    let accounts = accounts(reader);
    bill(reader, answers, &Question::by_usage_type(&days, &accounts, request.cost_tag.as_deref())).await;
    allocation_tags(reader, answers).await;
    if request.cost.by_resource {
        bill(reader, answers, &Question::by_resource(&days, &accounts)).await;
        Box::pin(forecast(reader, answers, &days, &accounts)).await;
    }
}

/// The accounts whose costs are asked for, sorted.
fn accounts(reader: &Reader<'_>) -> Vec<String> {
    let named = &reader.request().billed;
    if named.is_empty() { vec![reader.estate().to_owned()] } else { named.iter().cloned().collect() }
}

/// Keeps what an earlier run of the day was answered, with the calls that it made.
fn recall<T: Recorded + Clone>(reader: &Reader<'_>, answered: &Answered<T>) {
    let seen: Vec<CallId> = answered.calls.iter().map(|call| reader.remembered(call)).collect();
    reader.record(answered.data.clone(), &seen);
}

/// What was answered earlier on the day, if anything was.
type Earlier<'a> = Option<&'a CostAnswers>;
