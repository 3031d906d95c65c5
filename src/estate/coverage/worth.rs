//! What an alarm on a signal is worth: whether it watches it, can fire in time, and reaches somebody.

use std::collections::{BTreeMap, BTreeSet};

use crate::cloudwatch::alarm::State;
use crate::cloudwatch::composite::Rule;
use crate::cloudwatch::series::Statistic;
use crate::estate::index::{Index, Place, place};
use crate::estate::instance_types;
use crate::estate::scale::{Full, LONGEST_US, Made, SHORTEST_US, made};
use crate::estate::{BoundAlarm, Defect, Hosting, LiveVersion, ReplayOutcome, Signal};
use crate::evidence::{AlarmKind, AlarmMetric, FactKind, MetricTerm};
use crate::policy::{DeclaredMetric, Policy};

/// What an alarm, or a rule, is worth to a signal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::estate) enum Worth {
    /// It works.
    Covers,
    /// It may work; why that is not known, to follow "alarm `x`".
    Unsure(String),
    /// It does not work; why, to follow "alarm `x`".
    Broken(String),
}

impl Worth {
    /// What works comes first, then what may.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Covers => 0,
            Self::Unsure(_) => 1,
            Self::Broken(_) => 2,
        }
    }
}

/// A threshold of less than this share of all processors is meant for one of them.
const BUSY: f64 = 0.3;

/// The alarms of an estate, by what they judge.
pub(in crate::estate) struct Worths<'w, 'a> {
    alarms: &'w [BoundAlarm<'a>],
    by_metric: BTreeMap<(Place<'a>, &'a str, &'a str), Vec<usize>>,
    muted_share: f64,
}

impl<'w, 'a> Worths<'w, 'a> {
    pub(in crate::estate) fn new(alarms: &'w [BoundAlarm<'a>], policy: &Policy) -> Self {
        let mut by_metric: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (number, alarm) in alarms.iter().enumerate() {
            let AlarmKind::Metric(metric) = &alarm.alarm.data.kind else { continue };
            for term in &metric.terms {
                let (account, region) = place(alarm.alarm);
                let account = term.account.as_deref().unwrap_or(account);
                let key = ((account, region), term.namespace.as_str(), term.metric.as_str());
                by_metric.entry(key).or_default().push(number);
            }
        }
        Self { alarms, by_metric, muted_share: policy.thresholds.muted_share }
    }

    /// Name of an alarm by number.
    pub(super) fn name(&self, number: usize) -> &'a str {
        self.alarms.get(number).map_or("", |alarm| alarm.alarm.data.name.as_str())
    }

    /// The alarms that are bound to a live version for a signal, with how sure that is.
    pub(super) fn bound(live: &LiveVersion<'a>, signal: Signal) -> Vec<(usize, bool)> {
        let bound = live.alarms.iter().filter(|binding| binding.signal == signal);
        bound.map(|binding| (binding.alarm, binding.certain)).collect()
    }

    /// The alarms on exactly this metric, whatever their statistic.
    pub(super) fn on_metric(&self, account: &'a str, region: &'a str, metric: &'a DeclaredMetric) -> Vec<usize> {
        let key = ((account, region), metric.namespace.as_str(), metric.metric.as_str());
        let on_it = |number: &&usize| {
            let kind = self.alarms.get(**number).map(|alarm| &alarm.alarm.data.kind);
            let Some(AlarmKind::Metric(rule)) = kind else { return false };
            rule.terms.iter().any(|term| {
                (&term.namespace, &term.metric, &term.dimensions)
                    == (&metric.namespace, &metric.metric, &metric.dimensions)
            })
        };
        let mut numbers: Vec<usize> = self.by_metric.get(&key).into_iter().flatten().filter(on_it).copied().collect();
        numbers.dedup();
        numbers
    }

    /// What an alarm is worth to a signal of a live version, at any time.
    pub(super) fn of(
        &self,
        number: usize,
        certain: bool,
        live: &LiveVersion<'a>,
        signal: Signal,
        index: &Index<'a>,
    ) -> Worth {
        match (self.now(number, certain, live, signal, index), self.alarms.get(number)) {
            (Worth::Broken(why), _) => Worth::Broken(why),
            (worth, alarm) => alarm.and_then(|alarm| self.muted(alarm)).map_or(worth, Worth::Broken),
        }
    }

    /// What an alarm is worth to a signal of a live version, now: one that is muted at night is heard by day, and tells in
    /// the morning what went wrong at night.
    pub(in crate::estate) fn now(
        &self,
        number: usize,
        certain: bool,
        live: &LiveVersion<'a>,
        signal: Signal,
        index: &Index<'a>,
    ) -> Worth {
        let Some(alarm) = self.alarms.get(number) else { return Worth::Broken("is not there".to_owned()) };
        if let Some(fault) = wrong_scale(alarm, live, signal) {
            return Worth::Broken(fault);
        }
        let waits = |defect: &Defect| matches!(defect, Defect::MutedOften { .. }) && alarm.muted_for.is_some();
        if !alarm.defects.iter().all(waits) {
            return defective(alarm, index);
        }
        if let Some(why) = replayed(alarm).or_else(|| idle_monitor(alarm, live)) {
            return Worth::Broken(why);
        }
        if let Some(why) = self.wants_others(alarm, live, signal) {
            return Worth::Broken(why);
        }
        if !alarm.unseen.is_empty() {
            Worth::Unsure(format!("may not work; not known is {}", alarm.unseen.join("; ")))
        } else if certain {
            Worth::Covers
        } else {
            Worth::Unsure("may or may not watch it: its expression cannot be followed".to_owned())
        }
    }

    /// A composite that does not fire when all alarms on the signal do waits for something else.
    fn wants_others(&self, alarm: &BoundAlarm<'_>, live: &LiveVersion<'_>, signal: Signal) -> Option<String> {
        let AlarmKind::Composite { rule, .. } = &alarm.alarm.data.kind else { return None };
        let rule = Rule::parse(rule)?;
        let bound = live.alarms.iter().filter(|binding| binding.signal == signal);
        let own: BTreeSet<&str> = bound.map(|binding| self.name(binding.alarm)).collect();
        if rule.holds(&|name| if own.contains(name) { State::Alarm } else { State::Ok }) {
            return None;
        }
        let other = rule.names().into_iter().find(|name| !own.contains(name))?;
        Some(format!("fires only together with an unrelated alarm, `{other}`"))
    }

    /// An alarm that is muted for much of the week sleeps through most faults.
    fn muted(&self, alarm: &BoundAlarm<'_>) -> Option<String> {
        let share = alarm.muted_share.filter(|share| *share > self.muted_share)?;
        Some(format!("is muted for {:.0} % of the week", share * 100.0))
    }
}

/// What is wrong with an alarm; where a rule of EventBridge that could not be read may carry it on, that is not certain.
fn defective(alarm: &BoundAlarm<'_>, index: &Index<'_>) -> Worth {
    let why: Vec<String> = alarm.defects.iter().map(Defect::words).collect();
    let why = why.join(", and ");
    let (account, region) = place(alarm.alarm);
    let carried = |defect: &Defect| {
        matches!(
            defect,
            Defect::NoAction
                | Defect::TopicMissing(_)
                | Defect::NobodySubscribed(_)
                | Defect::MachinesOnly(_)
                | Defect::ActionsDisabled
                | Defect::Muted(_)
        )
    };
    if alarm.defects.iter().all(carried) && !index.listed(account, region, FactKind::EventRules) {
        return Worth::Unsure(format!("{why}; not known is whether a rule of EventBridge carries it on"));
    }
    Worth::Broken(why)
}

/// What the data points of the last weeks say against it.
fn replayed(alarm: &BoundAlarm<'_>) -> Option<String> {
    match &alarm.replay.as_ref()?.outcome {
        ReplayOutcome::NeverNear(how) => Some(format!("would never have fired: {how}")),
        ReplayOutcome::Always => Some("would have been in ALARM all the time, so nobody looks".to_owned()),
        ReplayOutcome::NoData(Some(true)) => Some("has seen no data point at all".to_owned()),
        ReplayOutcome::Disagrees(how) => Some(format!("does not do what its rule says: {how}")),
        // What is not known of it is among what could not be seen.
        ReplayOutcome::Plausible | ReplayOutcome::NoData(_) | ReplayOutcome::NotReplayed(_) => None,
    }
}

/// An alarm on what a monitor publishes hears nothing while the monitor does not run.
fn idle_monitor(alarm: &BoundAlarm<'_>, live: &LiveVersion<'_>) -> Option<String> {
    let AlarmKind::Metric(rule) = &alarm.alarm.data.kind else { return None };
    let [term] = rule.terms.as_slice() else { return None };
    let schedule = monitor_of(term)?;
    let bound = live.monitored.schedules.iter().find(|it| it.schedule.data.name == schedule)?;
    let why = bound.why.as_deref().unwrap_or("it does not run");
    (bound.works == Some(false)).then(|| format!("rests on monitor `{schedule}`, which does not work: {why}"))
}

/// The monitoring schedule that publishes a metric.
pub(in crate::estate) fn monitor_of(term: &MetricTerm) -> Option<&str> {
    let named = |name: &str| term.dimensions.get(name).map(String::as_str);
    named("MonitoringSchedule").or_else(|| named("ScheduleName"))
}

/// A threshold in another unit than the metric's, which is always exceeded or never.
fn wrong_scale(alarm: &BoundAlarm<'_>, live: &LiveVersion<'_>, signal: Signal) -> Option<String> {
    let AlarmKind::Metric(rule) = &alarm.alarm.data.kind else { return None };
    let [term] = rule.terms.as_slice() else { return None };
    let above = rule.comparison.as_deref().is_some_and(|comparison| comparison.starts_with("GreaterThan"));
    let value = term.statistic.as_deref().is_none_or(|it| made(&Statistic::read(it)) == Made::Value);
    let threshold = rule.threshold.filter(|_| above && value && term.judged)?;
    match signal {
        Signal::Latency => wrong_latency(term, threshold, live),
        Signal::Saturation => wrong_load(term, rule, threshold, live),
        _ => None,
    }
}

fn wrong_latency(term: &MetricTerm, threshold: f64, live: &LiveVersion<'_>) -> Option<String> {
    if !["ModelLatency", "OverheadLatency"].contains(&term.metric.as_str()) {
        return None;
    }
    if threshold < SHORTEST_US {
        Some(format!("has the threshold {threshold}, which is microseconds: it is always in alarm"))
    } else if threshold > LONGEST_US && live.hosting == Hosting::RealTime {
        Some(format!(
            "has the threshold {threshold}, which is microseconds: no answer may take that long, so it never fires"
        ))
    } else {
        None
    }
}

/// Load is counted per processor, so that a threshold for one of them says little of eight; or it is a share, and so
/// never above the whole.
fn wrong_load(term: &MetricTerm, rule: &AlarmMetric, threshold: f64, live: &LiveVersion<'_>) -> Option<String> {
    let whole = full(&term.metric, live)?;
    let equal = rule.comparison.as_deref().is_some_and(|comparison| comparison.contains("OrEqual"));
    if threshold > whole || (threshold >= whole && !equal) {
        return Some(format!("has the threshold {threshold}, and `{}` never exceeds {whole}", term.metric));
    }
    // Of one processor, any share may be meant.
    let several = whole > 100.0;
    (several && threshold <= 100.0 && threshold < whole * BUSY).then(|| {
        let share = threshold / whole * 100.0;
        format!("has the threshold {threshold}, which is {share:.0} % of the {whole} that `{}` reaches", term.metric)
    })
}

/// The value at which something is full, in the metric's own unit: processors are counted one by one. `None` for what has
/// no bound, or where the instance type is not known.
///
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html>
pub(in crate::estate) fn full(metric: &str, live: &LiveVersion<'_>) -> Option<f64> {
    let instance = live.settings.and_then(|settings| instance_types::find(settings.instance_type.as_deref()?));
    Full::of(metric, instance).value()
}
