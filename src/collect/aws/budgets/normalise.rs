//! SDK budgets to ours.

use std::collections::HashMap;

use aws_sdk_budgets::types as sdk;
use jiff::Timestamp;

use crate::collect::Malformed;
use crate::collect::aws::text::{decimal, decimal_of, instant, required};
use crate::collect::aws::topics::address;
use crate::evidence::{Amount, Budget, BudgetNotification, BudgetSubscriber, CostExpression, CostMatch};

/// One budget, without who it tells.
///
/// # Errors
/// If it has no name, or an amount is no number.
pub(super) fn budget(given: &sdk::Budget, now: Timestamp) -> Result<Budget, Malformed> {
    let name = required("a budget", "BudgetName", Some(given.budget_name()))?;
    let amount = |member: &str, spend: Option<&sdk::Spend>| spend.map(|spend| amount(&name, member, spend)).transpose();
    let planned = given.planned_budget_limits().and_then(|planned| present(planned, now));
    let spend = given.calculated_spend();
    let period = given.time_period();
    let health = given.health_status();
    #[allow(deprecated, reason = "budgets of the older form carry nothing else")]
    let filters = given.cost_filters().into_iter().flatten();
    Ok(Budget {
        kind: given.budget_type().as_str().to_owned(),
        unit: given.time_unit().as_str().to_owned(),
        limit: amount("BudgetLimit", planned.or(given.budget_limit()))?,
        actual: amount("ActualSpend", spend.and_then(sdk::CalculatedSpend::actual_spend))?,
        forecast: amount("ForecastedSpend", spend.and_then(sdk::CalculatedSpend::forecasted_spend))?,
        start: instant(period.and_then(sdk::TimePeriod::start)),
        end: instant(period.and_then(sdk::TimePeriod::end)),
        filters: filters.map(|(key, values)| (key.clone(), values.clone())).collect(),
        expression: given.filter_expression().map(expression),
        health: health.and_then(|health| Some(health.status()?.as_str().to_owned())),
        health_reason: health.and_then(|health| Some(health.status_reason()?.as_str().to_owned())),
        notifications: None,
        name,
    })
}

/// The limit that is planned for now: limits are keyed by the second at which their period begins.
fn present(planned: &HashMap<String, sdk::Spend>, now: Timestamp) -> Option<&sdk::Spend> {
    let begun = planned.iter().filter_map(|(from, spend)| Some((from.parse::<i64>().ok()?, spend)));
    let begun = begun.filter(|(from, _)| *from <= now.as_second());
    begun.max_by_key(|(from, _)| *from).map(|(_, spend)| spend)
}

fn amount(budget: &str, member: &str, spend: &sdk::Spend) -> Result<Amount, Malformed> {
    let bad = || Malformed { item: budget.to_owned(), reason: format!("`{member}` is no number") };
    Ok(Amount { value: decimal(spend.amount()).ok_or_else(bad)?, currency: spend.unit().to_owned() })
}

/// A filter. One that says several things at once, or nothing, is kept in AWS's words.
pub(super) fn expression(given: &sdk::Expression) -> CostExpression {
    let all = |list: &[sdk::Expression]| list.iter().map(expression).collect();
    let options = |list: &[sdk::MatchOption]| list.iter().map(|option| option.as_str().to_owned()).collect();
    let mut parts = Vec::new();
    if !given.or().is_empty() {
        parts.push(CostExpression::Or(all(given.or())));
    }
    if !given.and().is_empty() {
        parts.push(CostExpression::And(all(given.and())));
    }
    parts.extend(given.not().map(|inner| CostExpression::Not(Box::new(expression(inner)))));
    parts.extend(given.dimensions().map(|it| {
        let key = it.key().as_str().to_owned();
        CostExpression::Dimension(CostMatch { key, values: it.values().to_vec(), options: options(it.match_options()) })
    }));
    parts.extend(given.tags().map(|it| {
        let key = it.key().unwrap_or_default().to_owned();
        CostExpression::Tag(CostMatch { key, values: it.values().to_vec(), options: options(it.match_options()) })
    }));
    parts.extend(given.cost_categories().map(|it| {
        let key = it.key().unwrap_or_default().to_owned();
        CostExpression::Category(CostMatch { key, values: it.values().to_vec(), options: options(it.match_options()) })
    }));
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) if given.product_attributes().is_none() => only,
        _ => CostExpression::Other(crate::collect::aws::presentable(&format!("{given:?}"))),
    }
}

/// A notification and who hears it, where that is known.
pub(super) fn notification(
    given: &sdk::Notification,
    subscribers: Option<Vec<BudgetSubscriber>>,
) -> BudgetNotification {
    BudgetNotification {
        kind: given.notification_type().as_str().to_owned(),
        comparison: given.comparison_operator().as_str().to_owned(),
        threshold: decimal_of(given.threshold()).unwrap_or_default(),
        // Without a type it is a percentage.
        percentage: given.threshold_type().is_none_or(|kind| *kind == sdk::ThresholdType::Percentage),
        alarm: given.notification_state().map(|state| *state == sdk::NotificationState::Alarm),
        subscribers,
    }
}

/// Who hears it, shown in part where it is a person's address.
pub(super) fn subscriber(given: &sdk::Subscriber) -> BudgetSubscriber {
    let kind = given.subscription_type().as_str().to_owned();
    let address = match given.subscription_type() {
        sdk::SubscriptionType::Sns => given.address().to_owned(),
        _ => address::show("email", given.address()).address,
    };
    BudgetSubscriber { kind, address }
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;

    use super::*;

    fn spend(amount: &str) -> sdk::Spend {
        sdk::Spend::builder().amount(amount).unit("USD").build().unwrap()
    }

    fn given() -> sdk::builders::BudgetBuilder {
        let spent = sdk::CalculatedSpend::builder().actual_spend(spend("123.456789")).forecasted_spend(spend("900"));
        sdk::Budget::builder()
            .budget_name("serving")
            .budget_type(sdk::BudgetType::Cost)
            .time_unit(sdk::TimeUnit::Monthly)
            .budget_limit(spend("1000.0"))
            .calculated_spend(spent.build())
    }

    fn now() -> Timestamp {
        "2026-11-23T00:00:00Z".parse().unwrap()
    }

    fn read(given: sdk::builders::BudgetBuilder) -> Budget {
        budget(&given.build().unwrap(), now()).unwrap()
    }

    #[test]
    #[allow(deprecated, reason = "budgets of the older form carry nothing else")]
    fn a_budget_keeps_its_amounts_exactly() {
        let read = read(given().cost_filters("Service", vec!["Amazon SageMaker".to_owned()]));
        let amount = |amount: Option<Amount>| amount.map(|amount| (amount.value.to_string(), amount.currency));
        assert_eq!(amount(read.limit), Some(("1000.0".to_owned(), "USD".to_owned())));
        assert_eq!(amount(read.actual), Some(("123.456789".to_owned(), "USD".to_owned())));
        assert_eq!((read.kind.as_str(), read.unit.as_str()), ("COST", "MONTHLY"));
        assert_eq!(read.filters["Service"], ["Amazon SageMaker"]);
        assert_eq!((read.expression, read.notifications), (None, None));
        budget(&given().budget_name("").build().unwrap(), now()).unwrap_err();
        budget(&given().budget_limit(spend("much")).build().unwrap(), now()).unwrap_err();
    }

    #[test]
    fn of_planned_limits_the_present_one_counts() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap().as_second().to_string();
        let planned = given()
            .planned_budget_limits(at("2026-10-01T00:00:00Z"), spend("1"))
            .planned_budget_limits(at("2026-11-01T00:00:00Z"), spend("2"))
            .planned_budget_limits(at("2026-12-01T00:00:00Z"), spend("3"));
        assert_eq!(read(planned).limit.unwrap().value.to_string(), "2");
        let later = given().planned_budget_limits(at("2027-01-01T00:00:00Z"), spend("3"));
        assert_eq!(read(later).limit.unwrap().value.to_string(), "1000.0");
    }

    #[test]
    fn expressions_are_read_whole_or_kept_in_words() {
        let dimension = sdk::ExpressionDimensionValues::builder().key(sdk::Dimension::Service);
        let dimension = dimension.values("Amazon SageMaker").match_options(sdk::MatchOption::Equals).build().unwrap();
        let service = sdk::Expression::builder().dimensions(dimension.clone()).build();
        let tag = sdk::TagValues::builder().key("team").values("fraud").build();
        let tagged = sdk::Expression::builder().tags(tag.clone()).build();
        let not = sdk::Expression::builder().not(tagged).build();
        let both = sdk::Expression::builder().and(service).and(not).build();
        let CostExpression::And(parts) = expression(&both) else { panic!("{both:?}") };
        let matching = |key: &str, value: &str, options: &[&str]| CostMatch {
            key: key.to_owned(),
            values: vec![value.to_owned()],
            options: options.iter().map(|&option| option.to_owned()).collect(),
        };
        assert_eq!(parts[0], CostExpression::Dimension(matching("SERVICE", "Amazon SageMaker", &["EQUALS"])));
        let inner = CostExpression::Tag(matching("team", "fraud", &[]));
        assert_eq!(parts[1], CostExpression::Not(Box::new(inner)));
        let odd = sdk::Expression::builder().dimensions(dimension).tags(tag).build();
        assert!(matches!(expression(&odd), CostExpression::Other(words) if words.contains("fraud")));
        assert!(matches!(expression(&sdk::Expression::builder().build()), CostExpression::Other(_)));
    }

    #[test]
    fn addresses_of_people_are_shown_in_part() {
        let of = |kind, address: &str| {
            subscriber(&sdk::Subscriber::builder().subscription_type(kind).address(address).build().unwrap())
        };
        assert_eq!(of(sdk::SubscriptionType::Email, "maria.stern@bank.example").address, "m…@bank.example");
        let topic = "arn:aws:sns:us-east-1:111122223333:budgets";
        assert_eq!(of(sdk::SubscriptionType::Sns, topic).address, topic);
        assert_eq!(of("CARRIER_PIGEON".into(), "maria.stern@bank.example").address, "m…@bank.example");
    }

    #[test]
    fn a_threshold_is_a_percentage_unless_it_says_otherwise() {
        let of = |kind: Option<sdk::ThresholdType>| {
            let built = sdk::Notification::builder().notification_type(sdk::NotificationType::Forecasted);
            let built = built.comparison_operator(sdk::ComparisonOperator::GreaterThan).threshold(80.1);
            notification(&built.set_threshold_type(kind).build().unwrap(), None)
        };
        let read = of(None);
        assert_eq!((read.threshold.to_string(), read.percentage, read.subscribers), ("80.1".to_owned(), true, None));
        assert_eq!((read.kind.as_str(), read.comparison.as_str()), ("FORECASTED", "GREATER_THAN"));
        assert!(!of(Some(sdk::ThresholdType::AbsoluteValue)).percentage);
    }

    #[test]
    fn a_budget_says_from_when_it_is_and_how_it_does() {
        let period = sdk::TimePeriod::builder().start(DateTime::from_secs(0)).end(DateTime::from_secs(10)).build();
        let health = sdk::HealthStatus::builder().status(sdk::HealthStatusValue::Unhealthy);
        let health = health.status_reason(sdk::HealthStatusReason::FilterInvalid).build();
        let read = read(given().time_period(period).health_status(health));
        assert_eq!((read.start, read.end), (Some(Timestamp::UNIX_EPOCH), Timestamp::from_second(10).ok()));
        assert_eq!(read.health.as_deref(), Some("UNHEALTHY"));
        assert!(read.health_reason.is_some());
    }
}
