//! Asking Cost Explorer, unless an earlier run of the day was answered.

use std::error::Error;

use aws_sdk_costexplorer::types::{CostAllocationTagType, Granularity, Metric, ResultByTime};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use super::question::{Days, METRIC, Question, USAGE_QUANTITY, interval, served_in};
use super::{ALLOCATION_TAGS, Earlier, FORECAST, USAGE, USAGE_BY_RESOURCE, normalise, recall};
use crate::collect::aws::engine::{Answer, Failure, Reader, token};
use crate::collect::{ApiCall, Malformed};
use crate::evidence::{Answered, Bill, BillQuestion, CallId, FactKind, Forecast, GapCause, Hidden};

/// Pages of one answer that are paid for at most. The rest is a gap: nobody wants a surprise on the bill of the bill.
const MOST_PAGES: u32 = 20;
/// Keys a page, the most that AWS gives.
const KEYS: i32 = 1_000;
/// Why a run that looks at one event leaves questions open.
const ONE_EVENT: &str = "a run that looks at one event asks nothing that costs money";
/// The interval that a forecast gives, in percent.
const INTERVAL: i32 = 80;

/// Keeps a gap for everything that Cost Explorer would have told.
pub(super) fn unavailable(reader: &Reader<'_>, cause: GapCause, why: &str) {
    let kinds =
        [(USAGE, FactKind::Bills), (FORECAST, FactKind::Forecasts), (ALLOCATION_TAGS, FactKind::AllocationTags)];
    for (call, kind) in kinds {
        reader.gap_of_money(reader.not_asked(&call, "costs", cause, why), &[Hidden::All(kind)]);
    }
}

/// Whether a run looks at one event, and so asks nothing that costs money: what it does not ask is a gap.
fn only_recalls(reader: &Reader<'_>, call: &ApiCall, kind: Option<FactKind>) -> bool {
    let focused = reader.request().focus.is_some();
    if focused {
        let hides: Vec<Hidden> = kind.into_iter().map(Hidden::All).collect();
        reader.gap_of_money(reader.not_asked(call, "costs", GapCause::OutOfReach, ONE_EVENT), &hides);
    }
    focused
}

/// Reads one bill; all pages of its answer are one fact.
pub(super) async fn bill(reader: &Reader<'_>, earlier: Earlier<'_>, question: &Question) {
    let remembered = earlier.and_then(|answers| answers.bills.iter().find(|it| question.is_answered_by(&it.data)));
    if let Some(answered) = remembered {
        return recall(reader, answered);
    }
    let (call, kind) = match question.asks {
        BillQuestion::ByUsageType => (&USAGE, Some(FactKind::Bills)),
        BillQuestion::ByResource => (&USAGE_BY_RESOURCE, None),
    };
    if only_recalls(reader, call, kind) {
        return;
    }
    let cost_explorer = &reader.clients().cost_explorer;
    let days = interval(question.from, question.until).ok();
    let metrics = Some(vec![METRIC.to_owned(), USAGE_QUANTITY.to_owned()]);
    let (groups, filter) = (Some(question.group_by()), served_in(&question.accounts));
    let read = match question.asks {
        BillQuestion::ByUsageType => {
            let request = cost_explorer.get_cost_and_usage().granularity(Granularity::Daily).filter(filter);
            let request = request.set_time_period(days).set_metrics(metrics).set_group_by(groups);
            let send = |page| request.clone().set_next_page_token(page).send();
            lines(reader, &USAGE, question, send, |it| (it.results_by_time(), it.next_page_token())).await
        }
        BillQuestion::ByResource => {
            let request = cost_explorer.get_cost_and_usage_with_resources().granularity(Granularity::Daily);
            let request = request.filter(filter).set_time_period(days).set_metrics(metrics).set_group_by(groups);
            let send = |page| request.clone().set_next_page_token(page).send();
            lines(reader, &USAGE_BY_RESOURCE, question, send, |it| (it.results_by_time(), it.next_page_token())).await
        }
    };
    match read {
        Ok((bill, calls)) => reader.record(bill, &calls),
        Err(failure) => {
            let hides: &[Hidden] = match question.asks {
                BillQuestion::ByUsageType => &[Hidden::All(FactKind::Bills)],
                // What was billed by tag stands without it.
                BillQuestion::ByResource => &[],
            };
            reader.gap_of_money(explained(reader, failure), hides);
        }
    }
}

/// All pages of one answer.
async fn lines<O, E, F>(
    reader: &Reader<'_>,
    call: &ApiCall,
    question: &Question,
    send: impl FnMut(Option<String>) -> F,
    parts: fn(&O) -> (&[ResultByTime], Option<&str>),
) -> Result<(Bill, Vec<CallId>), Failure>
where
    F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    O: RequestId,
    E: ProvideErrorMetadata + Error + 'static,
{
    let (subject, groups) = (question.words(), question.grouped_by());
    let (mut all, mut calls, mut pages, mut problem) = (Vec::new(), Vec::new(), 0, None);
    let read = |Answer { output, call: seen }: Answer<O>| {
        let (results, next) = parts(&output);
        calls.push(seen);
        pages += 1;
        for result in results {
            match normalise::lines(result, groups.len()) {
                Ok(more) => all.extend(more),
                Err(malformed) => problem = Some(reader.unreadable_item(call, seen, &malformed)),
            }
        }
        if pages >= MOST_PAGES && token(next).is_some() {
            let why = format!("the answer has more than {MOST_PAGES} pages, each of which costs money");
            problem = Some(reader.answered_with(call, seen, GapCause::OutOfReach, &why));
        }
        // What cannot be read whole is not paid for further.
        token(next).filter(|_| problem.is_none())
    };
    reader.pages(call, &subject, send, read).await?;
    if let Some(failure) = problem {
        return Err(failure);
    }
    let bill = Bill {
        question: question.asks,
        metric: METRIC.to_owned(),
        grouped_by: groups,
        from: question.from,
        until: question.until,
        accounts: question.accounts.clone(),
        lines: all,
    };
    Ok((bill, calls))
}

/// Reads what AWS expects the rest of the month to cost these accounts.
pub(super) async fn forecast(reader: &Reader<'_>, earlier: Earlier<'_>, days: &Days, accounts: &[String]) {
    let answers = |it: &&Answered<Forecast>| it.data.from == days.today && it.data.accounts == accounts;
    let remembered = earlier.and_then(|earlier| earlier.forecasts.iter().find(answers));
    if let Some(answered) = remembered {
        return recall(reader, answered);
    }
    if only_recalls(reader, &FORECAST, Some(FactKind::Forecasts)) {
        return;
    }
    let hides = [Hidden::All(FactKind::Forecasts)];
    let request = reader.clients().cost_explorer.get_cost_forecast().metric(Metric::NetAmortizedCost);
    let request = request.granularity(Granularity::Monthly).filter(served_in(accounts));
    let request =
        request.prediction_interval_level(INTERVAL).set_time_period(interval(days.today, days.month_end).ok());
    match Box::pin(reader.ask(&FORECAST, "cost of the month", request.send())).await {
        Ok(Answer { output, call }) => match normalise::forecast(&output, days, accounts) {
            Ok(forecast) => reader.record(forecast, &[call]),
            Err(malformed) => reader.gap_of_money(reader.unreadable_item(&FORECAST, call, &malformed), &hides),
        },
        Err(failure) => reader.gap_of_money(explained(reader, failure), &hides),
    }
}

/// Reads which tag keys count in cost reports.
pub(super) async fn allocation_tags(reader: &Reader<'_>, earlier: Earlier<'_>) {
    if let Some(answers) = earlier.filter(|answers| !answers.allocation_tags.is_empty()) {
        return answers.allocation_tags.iter().for_each(|answered| recall(reader, answered));
    }
    if only_recalls(reader, &ALLOCATION_TAGS, Some(FactKind::AllocationTags)) {
        return;
    }
    let hides = [Hidden::All(FactKind::AllocationTags)];
    let cost_explorer = &reader.clients().cost_explorer;
    let mut pages = 0;
    let read = reader
        .pages(
            &ALLOCATION_TAGS,
            "tag keys",
            |page| {
                let request = cost_explorer.list_cost_allocation_tags().r#type(CostAllocationTagType::UserDefined);
                request.max_results(KEYS).set_next_token(page).send()
            },
            |Answer { output, call }| {
                pages += 1;
                for key in output.cost_allocation_tags() {
                    match normalise::allocation_tag(key) {
                        Ok(key) => reader.record(key, &[call]),
                        Err(malformed) => malformed_key(reader, call, &malformed),
                    }
                }
                let next = token(output.next_token());
                if pages >= MOST_PAGES && next.is_some() {
                    let why = format!("there are more keys than {MOST_PAGES} pages hold, each of which costs money");
                    reader.gap_of_money(
                        reader.answered_with(&ALLOCATION_TAGS, call, GapCause::OutOfReach, &why),
                        &[Hidden::All(FactKind::AllocationTags)],
                    );
                    return None;
                }
                next
            },
        )
        .await;
    if let Err(failure) = read {
        reader.gap_of_money(explained(reader, failure), &hides);
    }
}

fn malformed_key(reader: &Reader<'_>, call: CallId, malformed: &Malformed) {
    let failure = reader.unreadable_item(&ALLOCATION_TAGS, call, malformed);
    reader.gap_of_money(failure, &[Hidden::All(FactKind::AllocationTags)]);
}

/// Says what a refusal mostly means: a member account sees its costs only where the payer lets it, and tag keys never.
fn explained(reader: &Reader<'_>, failure: Failure) -> Failure {
    if !matches!(failure.cause, GapCause::Denied(_)) || reader.account() != reader.estate() {
        return failure;
    }
    let message = format!(
        "{}; where account {} is a member of an organization, only the account that pays may see this: name it in `[[account]]` with the purpose `billing`",
        failure.message.trim_end_matches('.'),
        reader.account()
    );
    Failure { message, ..failure }
}
