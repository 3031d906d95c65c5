//! What an alarm watches, and whether it can fire at all. Who hears of it is another matter.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::attainable::{self, Origin};
use super::no_data::{self, Data};
use super::signals::{self, Measure, Namespace, Side};
use super::targets::{Hit, Targets};
use super::training::{self, Training};
use super::{Defect, Signal, silence, sweep};
use crate::estate::index::place;
use crate::estate::scale::rank_bounds;
use crate::evidence::{Alarm, AlarmKind, AlarmMetric, AnomalyDetector, CallId, Fact, MetricTerm};
use crate::policy::Policy;

/// What is known of an alarm before anybody asks whom it reaches.
#[derive(Clone, Debug, Default)]
pub(super) struct Watched {
    /// Live versions by number, with the signal and how sure the binding is.
    pub(super) bound: BTreeMap<(usize, Signal), bool>,
    /// Whether it is about something that serves.
    pub(super) serving: bool,
    /// What it names and is not there.
    pub(super) orphaned: BTreeSet<String>,
    /// Why it cannot fire.
    pub(super) defects: BTreeSet<Defect>,
    /// What could not be seen of that.
    pub(super) unseen: BTreeSet<String>,
    /// The calls that showed it, beside the alarm's own.
    pub(super) seen: BTreeSet<CallId>,
    /// Whether it watches by way of other alarms.
    pub(super) is_composite: bool,
}

/// What alarms are read with.
#[derive(Clone, Copy)]
pub(super) struct Reading<'r, 't, 'a> {
    /// What metrics are about.
    pub(super) targets: &'r Targets<'t, 'a>,
    /// Every anomaly detector.
    pub(super) detectors: &'a [Fact<AnomalyDetector>],
    /// What is declared.
    pub(super) policy: &'r Policy,
    /// The instant of evaluation.
    pub(super) as_of: Timestamp,
}

impl Watched {
    pub(super) fn bind(&mut self, live: usize, signal: Signal, certain: bool) {
        let held = self.bound.entry((live, signal)).or_default();
        *held |= certain;
    }
}

/// Reads a metric or log alarm. A composite watches nothing by itself.
pub(super) fn read(alarm: &Fact<Alarm>, reading: &Reading<'_, '_, '_>) -> Watched {
    let mut watched = match &alarm.data.kind {
        AlarmKind::Metric(metric) => of_metric(alarm, metric, reading),
        AlarmKind::Log { query, log_groups } => of_log(alarm, query, log_groups, reading.targets),
        AlarmKind::Composite { .. } => Watched { is_composite: true, ..Watched::default() },
    };
    let state = &alarm.data.state;
    if let Some(error) =
        state.evaluation.as_deref().filter(|it| matches!(*it, "EVALUATION_ERROR" | "EVALUATION_FAILURE"))
    {
        watched.defects.insert(Defect::EvaluationError(state.reason.clone().unwrap_or_else(|| error.to_owned())));
    }
    watched
}

fn of_metric(alarm: &Fact<Alarm>, metric: &AlarmMetric, reading: &Reading<'_, '_, '_>) -> Watched {
    let mut watched = Watched::default();
    let targets = reading.targets;
    let side = signals::side(metric.comparison.as_deref());
    let terms = hits(alarm, metric, reading);
    let measures = terms.iter().filter(|(_, hit)| hit.serving).map(|(term, hit)| measure(term, hit, targets));
    let telling: BTreeSet<Measure> = measures.filter(|it| *it != Measure::Volume && *it != Measure::Other).collect();
    for (term, hit) in &terms {
        let measure = measure(term, hit, targets);
        // Beside errors or latencies, the number of requests is what they are divided by.
        let divisor = measure == Measure::Volume && !telling.is_empty();
        let (own_side, mut sure) = side_of(term, measure, side);
        let mut signal = signals::signal(measure, own_side);
        if !term.judged && side == Side::Below && measure == Measure::Errors {
            // A share of successes that falls is a share of errors that rises, if that is what the expression says.
            (signal, sure) = (Signal::Errors, false);
        }
        watched.serving |= hit.serving;
        watched.orphaned.extend(hit.orphan.clone());
        watched.defects.extend(hit.defect.clone());
        watched.unseen.extend(hit.unseen.clone());
        for (live, signal) in &hit.declared {
            watched.bind(*live, *signal, true);
        }
        if !divisor {
            for (live, certain) in &hit.live {
                watched.bind(*live, signal, *certain && sure);
            }
        }
    }
    if let Some(text) = &metric.promql {
        sweep::by_words(place(alarm), text, side, targets, &mut watched);
    }
    for text in metric.expressions.values() {
        sweep::read(alarm, text, side, targets, &mut watched);
    }
    // An alarm that only scales is not meant to be heard.
    if !super::delivery::scaling_only(&alarm.data) {
        examine(alarm, metric, &terms, reading, &mut watched);
    }
    watched
}

/// The metrics of an alarm, each with what it is about.
pub(super) fn hits<'m>(
    alarm: &Fact<Alarm>,
    metric: &'m AlarmMetric,
    reading: &Reading<'_, '_, '_>,
) -> Vec<(&'m MetricTerm, Hit)> {
    metric.terms.iter().map(|term| (term, reading.targets.hit(place(alarm), &alarm.data, term))).collect()
}

/// Looks for what keeps a metric alarm from firing when it should.
fn examine(
    alarm: &Fact<Alarm>,
    metric: &AlarmMetric,
    terms: &[(&MetricTerm, Hit)],
    reading: &Reading<'_, '_, '_>,
    watched: &mut Watched,
) {
    let targets = reading.targets;
    for (term, hit) in terms.iter().filter(|(_, hit)| hit.serving) {
        let origin = Origin { hosting: targets.hosting(hit), instances: targets.instances(hit) };
        watched.defects.extend(attainable::judge(metric, term, origin));
    }
    if watched.bound.keys().any(|(_, signal)| *signal == Signal::Silence) {
        let is_volume =
            |number: usize| terms.get(number).is_some_and(|(term, hit)| measure(term, hit, targets) == Measure::Volume);
        match silence::fires(metric, is_volume) {
            Ok(true) => {}
            Ok(false) => {
                let missing = metric.missing_data.as_deref().unwrap_or("missing");
                let why = format!("when requests stop there is no data, and it treats missing data as `{missing}`");
                watched.defects.insert(Defect::CannotFire(why));
            }
            Err(why) => {
                watched.unseen.insert(format!("whether it fires when requests stop: {why}"));
            }
        }
    }
    if watched.serving {
        match training::judge(metric, place(alarm), targets.index(), reading.detectors) {
            Training::Fine => {}
            Training::Not(defect, seen) => {
                watched.defects.insert(defect);
                watched.seen.extend(seen);
            }
            Training::Unseen(what) => {
                watched.unseen.insert(what);
            }
        }
    }
    if watched.defects.is_empty() {
        match no_data::judge(alarm, metric, terms, reading) {
            Data::Fine => {}
            Data::None(defect) => {
                watched.defects.insert(defect);
            }
            Data::Unseen(what) => {
                watched.unseen.insert(what);
            }
        }
    }
}

/// The side on which an alarm's own metric goes wrong, and whether that is sure. Where what is measured rises, the share of
/// samples that stay below a bound falls.
fn side_of(term: &MetricTerm, measure: Measure, side: Side) -> (Side, bool) {
    let rank = term.statistic.as_deref().and_then(rank_bounds);
    let rises = matches!(measure, Measure::Errors | Measure::Latency | Measure::Load);
    match rank.filter(|_| term.judged && rises) {
        Some((false, true)) => match side {
            Side::Above => (Side::Below, true),
            Side::Below => (Side::Above, true),
            Side::Both => (Side::Both, true),
        },
        // Samples may leave what lies between two bounds at either end.
        Some((true, true)) => (Side::Both, false),
        _ => (side, true),
    }
}

pub(super) fn measure(term: &MetricTerm, hit: &Hit, targets: &Targets<'_, '_>) -> Measure {
    let measure = signals::measure(&term.namespace, &term.metric, targets.hosting(hit));
    let custom = signals::namespace(&term.namespace).0 == Namespace::Custom;
    if custom && targets.is_of_segment(hit, term) { Measure::Fairness } else { measure }
}

/// A log alarm is about the endpoints and components whose log groups it queries; what it counts, only the query knows.
fn of_log(alarm: &Fact<Alarm>, query: &str, log_groups: &[String], targets: &Targets<'_, '_>) -> Watched {
    let mut watched = Watched::default();
    let query_lower = query.to_lowercase();
    let errors = ["error", "exception", "fail", "traceback"].iter().any(|word| query_lower.contains(word));
    let signal = if errors { Signal::Errors } else { Signal::Other };
    for group in log_groups {
        let Some((named, hit)) = targets.of_logs(place(alarm), group) else { continue };
        for (live, _) in &hit.live {
            watched.bind(*live, signal, false);
        }
        watched.serving |= hit.serving;
        if hit.orphan.is_none() {
            watched.unseen.insert(format!("what its query of the logs of `{named}` counts"));
        }
        watched.orphaned.extend(hit.orphan);
        watched.unseen.extend(hit.unseen);
    }
    watched
}
