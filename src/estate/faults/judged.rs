//! An alarm, made ready to be run through a fault: its rule, and how each metric behind it is published.

use std::collections::{BTreeMap, BTreeSet};

use super::Fault;
use super::change::{self, Change, is_with_requests};
use super::normal::{Normal, Normals, Source};
use super::published::Published;
use super::run::START;
use crate::cloudwatch::alarm::{AlarmRule, Judged, State, Threshold};
use crate::cloudwatch::insights::Query;
use crate::cloudwatch::series::Statistic;
use crate::estate::coverage::monitor_of;
use crate::estate::{LiveVersion, Unit};
use crate::evidence::{Alarm, AlarmMetric, Fact, MetricTerm};

/// A metric alarm that a fault touches.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    /// Its rule.
    pub(super) rule: AlarmRule,
    /// The metrics behind it, by id.
    pub(super) metrics: BTreeMap<String, Published>,
    /// The id of what it judges.
    pub(super) judged: String,
    /// Name of the metric that it judges, where it judges one.
    pub(super) name: String,
    /// Expressions by id; empty where it judges a metric.
    pub(super) expressions: BTreeMap<String, String>,
    /// The state that it is in now.
    pub(super) recorded: State,
    /// Why its state is not known.
    pub(super) doubt: Option<String>,
    /// Seconds by which what it judges may be later than its points say.
    pub(super) late: i64,
}

/// What is said of a fault: the requests that were observed, say.
pub(super) type Assumed = BTreeSet<String>;

/// What a fault makes of one alarm.
#[derive(Clone, Debug)]
pub(super) enum Touched {
    /// It does not touch it.
    Not,
    /// It touches it, and it can be run.
    Ready(Box<Ready>),
    /// It may touch it, and it cannot be run: why, to follow "alarm `x`".
    Unevaluable(String),
}

/// Seconds that an execution of a monitor may take, from when it was scheduled until its metrics are there: it starts up to
/// twenty minutes late, and an hourly one ends within the hour.
///
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-schedule-expression.html>
const EXECUTION_S: i64 = 3_600;

/// Makes an alarm ready to be run through a fault of a live version.
pub(super) fn prepare<'a>(
    (fault, live): (Fault, &LiveVersion<'a>),
    (alarm, rule): (&Fact<Alarm>, &AlarmMetric),
    drifts: bool,
    (normals, requests): (&Normals<'_, 'a>, &(f64, Source)),
    assumed: &mut Assumed,
) -> Touched {
    let plain = insights(rule, live);
    let rule = plain.as_ref().unwrap_or(rule);
    let changes: Vec<(&MetricTerm, Change)> =
        rule.terms.iter().map(|term| (term, change::of(fault, term, live, drifts))).collect();
    let touches = changes.iter().any(|(_, change)| *change != Change::Stays);
    let read = match AlarmRule::read(rule) {
        Ok(read) => read,
        // What finds its metrics by itself may find any.
        Err(error) if touches || rule.terms.is_empty() => return Touched::Unevaluable(error.to_string()),
        Err(_) => return Touched::Not,
    };
    if !touches {
        return Touched::Not;
    }
    let recorded = State::read(&alarm.data.state.value).unwrap_or(State::Ok);
    let judged = match &read.judged {
        Judged::Metric { term, .. } => rule.terms.get(*term).map(|term| term.id.clone()).unwrap_or_default(),
        Judged::Expression { id } => id.clone(),
    };
    let name = rule.terms.iter().find(|term| term.id == judged).map(|term| term.metric.clone()).unwrap_or_default();
    let mut ready = Ready {
        judged,
        name,
        metrics: BTreeMap::new(),
        expressions: rule.expressions.clone(),
        recorded,
        doubt: None,
        late: 0,
        rule: read,
    };
    for (term, change) in changes {
        let normal = normals.of(alarm, term, live, requests);
        let level = ready.level(term, &normal, &change);
        tell_assumed(term, &normal, level, requests, assumed);
        let by_itself = ready.judged == term.id && ready.expressions.is_empty();
        ready.doubt = ready.doubt.take().or_else(|| doubt(term, &change, &normal, by_itself));
        if let (Change::PassesWhenPublished, Some(schedule)) = (&change, monitor_of(term)) {
            ready.late = EXECUTION_S;
            assumed.insert(format!("an execution of monitor `{schedule}` takes up to an hour"));
        }
        if matches!(change, Change::Passes | Change::PassesWhenPublished) {
            assumed.insert(format!("`{}` goes beyond the threshold of each alarm on it", term.metric));
        }
        let spacing = cadence(term, live).unwrap_or(normal.spacing).max(ready.rule.period);
        let published = Published {
            level,
            requests: requests.0,
            statistic: Statistic::read(term.statistic.as_deref().unwrap_or_default()),
            period: i64::from(ready.rule.period),
            spacing: i64::from(spacing),
            beyond: ready.beyond(),
            change,
        };
        ready.metrics.insert(term.id.clone(), published);
    }
    Touched::Ready(Box::new(ready))
}

impl Ready {
    /// Why it does not fire, of an alarm on one metric: what that comes to once the fault lasts.
    pub(super) fn falls_short(&self) -> Option<String> {
        let metric = self.metrics.get(&self.judged).filter(|_| self.expressions.is_empty())?;
        let (name, statistic) = (&self.name, &metric.statistic);
        let Some(_) = metric.level else { return Some(format!("`{name}` has no data points")) };
        let Threshold::Fixed(threshold) = self.rule.threshold else { return None };
        Some(match metric.point(2 * START, START) {
            None => format!("`{name}` then has no data points"),
            Some(value) if self.rule.attainable(value, value) => {
                format!("`{name}` ({statistic}) then is {}, and not for as long as its rule asks", rounded(value))
            }
            Some(value) => {
                let (value, threshold) = (rounded(value), rounded(threshold));
                format!("`{name}` ({statistic}) then is {value}, which does not pass its threshold of {threshold}")
            }
        })
    }

    /// A value on the side of the threshold on which it fires.
    fn beyond(&self) -> f64 {
        let Threshold::Fixed(threshold) = self.rule.threshold else { return 0.0 };
        let far = threshold.abs().max(1.0);
        if self.rule.fires_low() { threshold - far } else { threshold + far }
    }

    /// The normal level of a metric. What nobody observed is such that an alarm on it alone is in OK, if it is.
    fn level(&self, term: &MetricTerm, normal: &Normal, change: &Change) -> Option<f64> {
        let Threshold::Fixed(threshold) = self.rule.threshold else { return normal.level };
        let alone = self.judged == term.id && self.expressions.is_empty();
        let unobserved = matches!(normal.source, Source::Assumed | Source::NotKnown);
        if !(alone && unobserved && self.recorded == State::Ok) {
            return normal.level;
        }
        let within = 2.0 * threshold - self.beyond();
        match normal.level {
            None if *change == Change::PassesWhenPublished => Some(within),
            Some(level) if self.rule.attainable(level, level) => {
                Some(if self.rule.fires_low() { threshold * 2.0 } else { threshold / 2.0 })
            }
            level => level,
        }
    }
}

/// Why a metric leaves open what its alarm does.
fn doubt(term: &MetricTerm, change: &Change, normal: &Normal, by_itself: bool) -> Option<String> {
    let metric = &term.metric;
    match (change, &normal.source) {
        (Change::Open(why), _) => Some(format!("not known is {why}")),
        (_, Source::Hidden) => Some(format!("not known is how `{metric}` normally stands: it could not be read")),
        (Change::PassesWhenPublished, Source::NotKnown) if by_itself => None,
        (_, Source::NotKnown) => Some(format!("not known is how `{metric}` normally stands: it was not read")),
        (Change::Passes | Change::PassesWhenPublished, _) if !by_itself => {
            Some(format!("not known is what its expression makes of `{metric}`"))
        }
        _ => None,
    }
}

fn tell_assumed(
    term: &MetricTerm,
    normal: &Normal,
    level: Option<f64>,
    requests: &(f64, Source),
    assumed: &mut Assumed,
) {
    if is_with_requests(&term.metric) {
        let minute = requests.0 * 60.0;
        assumed.insert(match requests.1 {
            Source::Observed => format!("{} requests a minute, as observed", rounded(minute)),
            _ => format!("{} requests a minute: none were read", rounded(minute)),
        });
    }
    if term.metric.starts_with("Invocation") {
        return;
    }
    let statistic = term.statistic.as_deref().unwrap_or_default();
    if let (Some(level), Source::Observed) = (level, &normal.source) {
        assumed.insert(format!("`{}` ({statistic}) normally is {}, as observed", term.metric, rounded(level)));
    } else if let Some(level) = level.filter(|_| normal.source == Source::Assumed) {
        assumed.insert(format!("`{}` ({statistic}) normally is {}: it was not read", term.metric, rounded(level)));
    }
}

/// Three digits are enough to read.
pub(super) fn rounded(value: f64) -> String {
    let text = if value.abs() >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") };
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Seconds between two executions of the monitor that publishes a metric.
fn cadence(term: &MetricTerm, live: &LiveVersion<'_>) -> Option<u32> {
    let schedule = monitor_of(term)?;
    let bound = live.monitored.schedules.iter().find(|it| it.schedule.data.name == schedule)?;
    u32::try_from(bound.cadence?).ok()
}

/// A Metrics Insights query that covers the metric of this live version, as an alarm on that metric. Others that it adds up
/// only bring it nearer to its threshold.
fn insights(rule: &AlarmMetric, live: &LiveVersion<'_>) -> Option<AlarmMetric> {
    let [text] = rule.expressions.values().collect::<Vec<_>>()[..] else { return None };
    let query = Query::parse(text).ok().filter(|_| rule.terms.is_empty())?;
    let statistic = match query.function.as_str() {
        "SUM" => "Sum",
        "MAX" => "Maximum",
        _ => return None,
    };
    let key = Unit::of(live)?.series(&query.metric, statistic, 60);
    if query.covers(&query.namespace, &query.metric, &key.dimensions) != Some(true) || query.namespace != key.namespace
    {
        return None;
    }
    let term = MetricTerm {
        id: String::new(),
        namespace: key.namespace,
        metric: key.metric,
        dimensions: key.dimensions,
        statistic: Some(statistic.to_owned()),
        period: rule.expression_period,
        account: None,
        judged: true,
        unit: None,
    };
    let (terms, expressions) = (vec![term], BTreeMap::new());
    Some(AlarmMetric { terms, expressions, judged_expression: None, expression_period: None, ..rule.clone() })
}
