//! `[cost]`: what may be asked about money, and what is judged wasteful; and what a manifest says of budgets and growth.

use rust_decimal::Decimal;

use super::raw::{Section, Value};
use super::{DeclaredMetric, declared_watching};
use crate::evidence::Amount;

/// `[cost]`
#[derive(Clone, Debug, PartialEq)]
pub struct CostRules {
    /// Whether Cost Explorer may be asked. AWS charges 0.01 USD for each request.
    pub cost_explorer: bool,
    /// Whether it is asked for each resource, too, which has to be switched on in the payer's account.
    pub by_resource: bool,
    /// Whether prices are read from the price list; else the table in this program holds.
    pub prices: bool,
    /// Whether AWS's own recommendations are read.
    pub optimization_hub: bool,
    /// Days without a request after which an endpoint is idle.
    pub idle_days: i64,
    /// A month's cost above which an idle endpoint is a finding of high severity, in the currency of the bill.
    pub idle_high: Decimal,
    /// Use of processors and accelerators (the 95th percentile, from 0 to 1) below which an instance is too large.
    pub low_use: f64,
    /// Use of memory (the highest, from 0 to 1) below which an instance is too large.
    pub low_memory: f64,
    /// Share of the hours with requests, from 0 to 1, below which serverless hosting is worth a look.
    pub duty_cycle: f64,
    /// Growth over the median of the four weeks before, from 0, above which a batch grows too fast: 1 is twice as much.
    pub growth: f64,
    /// Tags, `key` or `key=value`, of what stands by on purpose.
    pub standby_tags: Vec<String>,
}

impl Default for CostRules {
    fn default() -> Self {
        Self {
            cost_explorer: false,
            by_resource: false,
            prices: true,
            optimization_hub: true,
            idle_days: 7,
            idle_high: Decimal::from(500),
            low_use: 0.2,
            low_memory: 0.4,
            duty_cycle: 0.2,
            growth: 1.0,
            standby_tags: vec!["standby".to_owned(), "dr".to_owned()],
        }
    }
}

/// `[[model.ceiling]]`: how much of something a week may hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Ceiling {
    /// What is counted.
    pub what: Counted,
    /// The most that a week may hold, in the unit of what is counted.
    pub a_week: f64,
    /// Line of the file.
    pub line: usize,
}

/// What grows with use.
#[derive(Clone, Debug, PartialEq)]
pub enum Counted {
    /// Hours of training jobs of the group, each instance counted.
    TrainingHours,
    /// Hours of batch transform jobs, each instance counted.
    BatchHours,
    /// Tokens in and out.
    Tokens,
    /// Requests that were answered.
    Requests,
    /// Whatever a metric counts, such as records; the sum is taken.
    Metric(DeclaredMetric),
}

/// Reads `[cost]`.
pub(super) fn read(mut section: Section<'_>) -> CostRules {
    let rules = CostRules::default();
    let share = |value: Value<'_>| value.number(0.0..=1.0);
    let rules = CostRules {
        cost_explorer: section.flag("cost_explorer").unwrap_or(rules.cost_explorer),
        by_resource: section.flag("by_resource").unwrap_or(rules.by_resource),
        prices: section.flag("prices").unwrap_or(rules.prices),
        optimization_hub: section.flag("optimization_hub").unwrap_or(rules.optimization_hub),
        idle_days: section.whole("idle_days", 1..=63).unwrap_or(rules.idle_days),
        idle_high: section.take("idle_high").and_then(|value| decimal(&value)).unwrap_or(rules.idle_high),
        low_use: section.take("low_use").and_then(share).unwrap_or(rules.low_use),
        low_memory: section.take("low_memory").and_then(share).unwrap_or(rules.low_memory),
        duty_cycle: section.take("duty_cycle").and_then(share).unwrap_or(rules.duty_cycle),
        growth: section.take("growth").and_then(|value| value.number(0.0..=100.0)).unwrap_or(rules.growth),
        standby_tags: section.texts("standby_tags").unwrap_or(rules.standby_tags),
    };
    section.finish(|key| matches!(key, "budget" | "ceiling").then_some("in a `[[model]]`"));
    rules
}

/// `budget` of a manifest: what its group may cost in a month, such as `"500 USD"`.
pub(super) fn amount(value: &Value<'_>) -> Option<Amount> {
    value.parsed("an amount with its currency", "write it like `\"500.00 USD\"`", |text| {
        let (number, currency) = text.trim().split_once(' ')?;
        let value: Decimal = number.parse().ok().filter(|value: &Decimal| *value > Decimal::ZERO)?;
        let currency = currency.trim();
        let known = currency.len() == 3 && currency.chars().all(|letter| letter.is_ascii_uppercase());
        known.then(|| Amount { value, currency: currency.to_owned() })
    })
}

fn decimal(value: &Value<'_>) -> Option<Decimal> {
    value.parsed("an amount without currency", "write it in quotes, like `\"500\"`", |text| {
        text.trim().parse().ok().filter(|value: &Decimal| *value >= Decimal::ZERO)
    })
}

/// `[[model.ceiling]]`
pub(super) fn ceiling(mut table: Section<'_>) -> Option<Ceiling> {
    let line = table.line();
    let advice = "say what is counted: `training_hours`, `batch_hours`, `tokens`, `requests`, or a `metric` of its own";
    let metric = table.section("metric").and_then(declared_watching::bare_metric).map(Counted::Metric);
    let named = if metric.is_some() { None } else { table.need("of", advice) };
    let of = named.and_then(|value| {
        value.parsed("something that is counted", advice, |text| match text {
            "training_hours" => Some(Counted::TrainingHours),
            "batch_hours" => Some(Counted::BatchHours),
            "tokens" => Some(Counted::Tokens),
            "requests" => Some(Counted::Requests),
            _ => None,
        })
    });
    let a_week = table.need("a_week", "say how much a week may hold").and_then(|value| value.number(0.0..=1e15));
    table.finish(|_| None);
    Some(Ceiling { what: metric.or(of)?, a_week: a_week?, line })
}

/// Whether tags say that something stands by on purpose.
pub(crate) fn stands_by<'t>(rules: &'t CostRules, tags: &crate::evidence::Tags) -> Option<&'t str> {
    let says = |rule: &&'t str| {
        let (key, value) = rule.split_once('=').map_or((*rule, None), |(key, value)| (key, Some(value)));
        let held = tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, held)| held.trim());
        held.is_some_and(|held| match value {
            Some(value) => wildmatch::WildMatch::new(value).matches(held),
            None => !matches!(held.to_lowercase().as_str(), "" | "no" | "false"),
        })
    };
    rules.standby_tags.iter().map(String::as_str).find(|rule| says(rule))
}

#[cfg(test)]
#[path = "cost_tests.rs"]
mod tests;
