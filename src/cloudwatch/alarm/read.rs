//! From an alarm as it is configured to a rule that can be evaluated, or the reason why not.

use super::{AlarmRule, Comparison, Judged, MissingData, Threshold};
use crate::cloudwatch::series::Statistic;
use crate::evidence::AlarmMetric;

/// Why an alarm cannot be evaluated here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unevaluable {
    /// Its query is PromQL.
    #[error("it is a PromQL query, which only CloudWatch can evaluate")]
    PromQl,
    /// Its threshold is a band that CloudWatch learns.
    #[error("its threshold is an anomaly band, which only CloudWatch knows")]
    AnomalyBand,
    /// It judges the answer of a Metrics Insights query.
    #[error("it judges a Metrics Insights query, whose series only CloudWatch finds")]
    MetricsInsights,
    /// Its expression uses a function whose answer only CloudWatch has.
    #[error("its expression uses `{0}`, whose answer only CloudWatch has")]
    Function(String),
    /// It judges several series at once.
    #[error("it judges several series at once")]
    SeveralSeries,
    /// It judges nothing that it names.
    #[error("it does not say which of its series it judges")]
    NothingJudged,
    /// Its series have periods that differ.
    #[error("its metrics have different periods")]
    DifferentPeriods,
    /// Something that every rule has is not there, or is not as documented.
    #[error("its {part} is {value}")]
    Incomplete {
        /// The part of the rule.
        part: &'static str,
        /// What it is: `missing`, or what was found, in backticks.
        value: String,
    },
}

/// Functions whose answer depends on what only CloudWatch holds.
const BEYOND: [&str; 6] =
    ["SEARCH", "INSIGHT_RULE_METRIC", "LAMBDA", "SERVICE_QUOTA", "DB_PERF_INSIGHTS", "ANOMALY_DETECTION_BAND"];

impl AlarmRule {
    /// The rule of an alarm with a fixed threshold.
    ///
    /// # Errors
    /// If only CloudWatch can evaluate it, or if it is not complete.
    pub fn read(alarm: &AlarmMetric) -> Result<Self, Unevaluable> {
        let rule = Self::read_with_band(alarm)?;
        if rule.threshold == Threshold::Band { Err(Unevaluable::AnomalyBand) } else { Ok(rule) }
    }

    /// The rule of an alarm that may have a band for its threshold; that band is then given with each point.
    ///
    /// # Errors
    /// If only CloudWatch can evaluate it, or if it is not complete.
    pub fn read_with_band(alarm: &AlarmMetric) -> Result<Self, Unevaluable> {
        if alarm.promql.is_some() {
            return Err(Unevaluable::PromQl);
        }
        let comparison = alarm.comparison.as_deref().ok_or_else(|| missing("comparison operator"))?;
        let comparison = Comparison::read(comparison).ok_or_else(|| odd("comparison operator", comparison))?;
        let threshold = match (comparison.needs_band() || alarm.threshold_metric.is_some(), alarm.threshold) {
            (true, _) => Threshold::Band,
            (false, Some(threshold)) => Threshold::Fixed(threshold),
            (false, None) => return Err(missing("threshold")),
        };
        let evaluation_periods = positive("number of evaluation periods", alarm.evaluation_periods)?;
        let datapoints_to_alarm = match alarm.datapoints_to_alarm {
            None => evaluation_periods,
            some => positive("number of data points to alarm", some)?,
        };
        if datapoints_to_alarm > evaluation_periods {
            return Err(odd("number of data points to alarm", &datapoints_to_alarm.to_string()));
        }
        let missing_data = alarm.missing_data.as_deref().unwrap_or("missing");
        Ok(Self {
            judged: judged(alarm)?,
            period: period(alarm)?,
            evaluation_periods,
            datapoints_to_alarm,
            comparison,
            threshold,
            missing: MissingData::read(missing_data).ok_or_else(|| odd("treatment of missing data", missing_data))?,
            evaluates_low_samples: alarm.few_samples.as_deref() != Some("ignore"),
        })
    }
}

/// What the alarm judges: the one metric or expression that it says it judges, else the one expression that no other
/// one uses.
fn judged(alarm: &AlarmMetric) -> Result<Judged, Unevaluable> {
    let band = alarm.threshold_metric.as_deref();
    for (_, text) in alarm.expressions.iter().filter(|(id, _)| Some(id.as_str()) != band) {
        if text.trim_start().get(..6).is_some_and(|word| word.eq_ignore_ascii_case("SELECT")) {
            return Err(Unevaluable::MetricsInsights);
        }
        let mut words = words(text);
        if let Some(function) = words.find_map(|word| BEYOND.iter().find(|beyond| **beyond == word)) {
            return Err(Unevaluable::Function((*function).to_owned()));
        }
    }
    let mut terms = alarm.terms.iter().enumerate().filter(|(_, term)| term.judged);
    if let Some((index, term)) = terms.next() {
        if terms.next().is_some() {
            return Err(Unevaluable::SeveralSeries);
        }
        let statistic = term.statistic.as_deref().ok_or_else(|| missing("statistic"))?;
        return Ok(Judged::Metric { term: index, statistic: Statistic::read(statistic) });
    }
    if let Some(id) = &alarm.judged_expression {
        return Ok(Judged::Expression { id: id.clone() });
    }
    let used = |id: &str| alarm.expressions.values().any(|text| words(text).any(|word| word == id));
    let mut roots = alarm.expressions.keys().filter(|id| Some(id.as_str()) != band && !used(id));
    match (roots.next(), roots.next()) {
        (Some(id), None) => Ok(Judged::Expression { id: id.clone() }),
        (Some(_), Some(_)) => Err(Unevaluable::SeveralSeries),
        (None, _) => Err(Unevaluable::NothingJudged),
    }
}

/// The identifiers of an expression, in order. What stands in quotes is taken apart too, which does no harm.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
}

/// The period that all terms share, and the expression where it has one of its own.
fn period(alarm: &AlarmMetric) -> Result<u32, Unevaluable> {
    let mut periods = alarm.terms.iter().filter_map(|term| term.period).chain(alarm.expression_period);
    let first = periods.next();
    if periods.any(|period| Some(period) != first) {
        return Err(Unevaluable::DifferentPeriods);
    }
    positive("period", first)
}

fn positive(part: &'static str, number: Option<i32>) -> Result<u32, Unevaluable> {
    let number = number.ok_or_else(|| missing(part))?;
    u32::try_from(number).ok().filter(|number| *number > 0).ok_or_else(|| odd(part, &number.to_string()))
}

fn missing(part: &'static str) -> Unevaluable {
    Unevaluable::Incomplete { part, value: "missing".to_owned() }
}

fn odd(part: &'static str, value: &str) -> Unevaluable {
    Unevaluable::Incomplete { part, value: format!("`{value}`") }
}
