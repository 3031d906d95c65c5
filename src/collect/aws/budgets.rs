//! Budgets, what they filter, what was spent of them, and who is told. Reading them costs nothing.
//!
//! Source: <https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_DescribeBudgets.html>

mod normalise;

use std::cell::RefCell;
use std::collections::BTreeMap;

use aws_sdk_budgets::types::Notification;

use super::engine::{Answer, Failure, Reader, token};
use crate::collect::{ApiCall, CollectorInfo};
use crate::evidence::{Budget, BudgetNotification, BudgetSubscriber, CallId, FactKind, GapCause, Hidden, ResourceKey};

/// One action authorises all three.
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbudgetservice.html>
const VIEW: &str = "budgets:ViewBudget";

const BUDGETS: ApiCall = ApiCall {
    service: "budgets",
    operation: "DescribeBudgets",
    action: VIEW,
    purpose: "which budget covers what serves, and how much of it is spent",
};

const NOTIFICATIONS: ApiCall = ApiCall {
    service: "budgets",
    operation: "DescribeBudgetNotificationsForAccount",
    action: VIEW,
    purpose: "whether a budget tells anybody",
};

const SUBSCRIBERS: ApiCall = ApiCall {
    service: "budgets",
    operation: "DescribeSubscribersForNotification",
    action: VIEW,
    purpose: "who is told when a budget is spent",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "budgets",
    summary: "reads budgets and who they tell, to say whether what serves has one that somebody hears",
    yields: &[FactKind::Budgets],
    calls: &[BUDGETS, NOTIFICATIONS, SUBSCRIBERS],
};

const ALL: &[Hidden] = &[Hidden::All(FactKind::Budgets)];

/// Items a page, the most that AWS gives of notifications.
const PAGE: i32 = 50;

/// Notifications of which the subscribers are asked for. An account may have twenty thousand budgets.
const MOST: usize = 500;

/// Reads the budgets of the account that pays.
pub(crate) async fn collect(reader: &Reader<'_>) {
    if reader.session().partition() != "aws" {
        let words = "budgets are asked in the partition `aws` only";
        return reader.gap_of_money(reader.not_asked(&BUDGETS, "budgets", GapCause::Unsupported, words), ALL);
    }
    let (listed, told) = futures_util::join!(budgets(reader), notifications(reader));
    if listed.is_empty() {
        // Notifications of no budget tell nothing; that they cannot be read is then no loss.
        if let Err(failure) = told {
            reader.gap_of_money(failure, &[]);
        }
        return;
    }
    let (told, calls) = match told {
        Ok(told) => told,
        Err(failure) => {
            reader.gap_of_money(failure, &names(&listed));
            for (budget, call) in listed {
                reader.record(budget, &[call]);
            }
            return;
        }
    };
    let asked = RefCell::new(0);
    reader
        .each(listed, async |(budget, call)| {
            let notifications = told_of(&told, &budget.name);
            let mut seen = vec![call];
            seen.extend(&calls);
            let mut heard = Vec::new();
            for notification in notifications {
                let number = asked.replace_with(|number| *number + 1);
                heard.push(subscribers(reader, &budget.name, notification, number, &mut seen).await);
            }
            reader.record(Budget { notifications: Some(heard), ..budget }, &seen);
        })
        .await;
}

fn told_of<'t>(told: &'t BTreeMap<String, Vec<Notification>>, budget: &str) -> &'t [Notification] {
    told.get(budget).map(Vec::as_slice).unwrap_or_default()
}

/// The budgets by name, none of which may then be judged by what it tells.
fn names(budgets: &[(Budget, CallId)]) -> Vec<Hidden> {
    budgets.iter().map(|(budget, _)| hidden(&budget.name)).collect()
}

fn hidden(budget: &str) -> Hidden {
    Hidden::One(ResourceKey::new(FactKind::Budgets, budget))
}

async fn budgets(reader: &Reader<'_>) -> Vec<(Budget, CallId)> {
    let (client, now) = (&reader.clients().budgets, reader.request().now);
    let mut all = Vec::new();
    let read = reader
        .pages(
            &BUDGETS,
            "budgets",
            |token| {
                let request = client.describe_budgets().account_id(reader.account()).show_filter_expression(true);
                request.max_results(PAGE).set_next_token(token).send()
            },
            |Answer { output, call }| {
                for budget in output.budgets() {
                    match normalise::budget(budget, now) {
                        Ok(budget) => all.push((budget, call)),
                        Err(malformed) => {
                            reader.gap_of_money(reader.unreadable_item(&BUDGETS, call, &malformed), ALL);
                        }
                    }
                }
                token(output.next_token())
            },
        )
        .await;
    if let Err(failure) = read {
        reader.gap_of_money(failure, ALL);
    }
    all
}

/// Notifications by the budgets that they belong to, and the calls that showed them.
async fn notifications(reader: &Reader<'_>) -> Result<(BTreeMap<String, Vec<Notification>>, Vec<CallId>), Failure> {
    let client = &reader.clients().budgets;
    let (mut told, mut calls): (BTreeMap<String, Vec<Notification>>, _) = (BTreeMap::new(), Vec::new());
    reader
        .pages(
            &NOTIFICATIONS,
            "notifications of budgets",
            |token| {
                let request = client.describe_budget_notifications_for_account().account_id(reader.account());
                request.max_results(PAGE).set_next_token(token).send()
            },
            |Answer { output, call }| {
                calls.push(call);
                for of in output.budget_notifications_for_account() {
                    let list = told.entry(of.budget_name().unwrap_or_default().to_owned()).or_default();
                    list.extend(of.notifications().iter().cloned());
                }
                token(output.next_token())
            },
        )
        .await?;
    Ok((told, calls))
}

/// One notification with who hears it; `number` says how many were asked for before.
async fn subscribers(
    reader: &Reader<'_>,
    budget: &str,
    notification: &Notification,
    number: usize,
    seen: &mut Vec<CallId>,
) -> BudgetNotification {
    let subject = format!("{budget}, {}", notification.notification_type().as_str());
    if number >= MOST {
        let why = format!("there are more notifications than the {MOST} that were looked at");
        reader.gap_of_money(reader.not_asked(&SUBSCRIBERS, &subject, GapCause::OutOfReach, &why), &[hidden(budget)]);
        return normalise::notification(notification, None);
    }
    let client = &reader.clients().budgets;
    let mut heard: Vec<BudgetSubscriber> = Vec::new();
    let read = reader
        .pages(
            &SUBSCRIBERS,
            &subject,
            |token| {
                let request = client.describe_subscribers_for_notification().account_id(reader.account());
                let request = request.budget_name(budget).notification(notification.clone());
                request.max_results(PAGE).set_next_token(token).send()
            },
            |Answer { output, call }| {
                seen.push(call);
                heard.extend(output.subscribers().iter().map(normalise::subscriber));
                token(output.next_token())
            },
        )
        .await;
    match read {
        Ok(_) => normalise::notification(notification, Some(heard)),
        // A notification to nobody is none that AWS knows.
        Err(failure) if failure.not_found => {
            seen.push(reader.noted(&failure));
            normalise::notification(notification, Some(Vec::new()))
        }
        Err(failure) => {
            reader.gap_of_money(failure, &[hidden(budget)]);
            normalise::notification(notification, None)
        }
    }
}
