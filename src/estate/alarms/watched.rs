//! What an alarm watches, and whether it can fire at all. Who hears of it is another matter.

use std::collections::{BTreeMap, BTreeSet};

use super::signals::{self, Measure, Side};
use super::targets::{Hit, Targets};
use super::{Defect, Signal};
use crate::estate::index::place;
use crate::evidence::{Alarm, AlarmKind, AlarmMetric, Fact, MetricTerm};

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
}

impl Watched {
    pub(super) fn bind(&mut self, live: usize, signal: Signal, certain: bool) {
        let held = self.bound.entry((live, signal)).or_default();
        *held |= certain;
    }
}

/// Reads a metric or log alarm. A composite watches nothing by itself.
pub(super) fn read(alarm: &Fact<Alarm>, targets: &Targets<'_, '_>) -> Watched {
    let mut watched = match &alarm.data.kind {
        AlarmKind::Metric(metric) => of_metric(alarm, metric, targets),
        AlarmKind::Log { query, log_groups } => of_log(alarm, query, log_groups, targets),
        AlarmKind::Composite { .. } => Watched::default(),
    };
    let state = &alarm.data.state;
    if let Some(error) =
        state.evaluation.as_deref().filter(|it| matches!(*it, "EVALUATION_ERROR" | "EVALUATION_FAILURE"))
    {
        watched.defects.insert(Defect::EvaluationError(state.reason.clone().unwrap_or_else(|| error.to_owned())));
    }
    watched
}

fn of_metric(alarm: &Fact<Alarm>, metric: &AlarmMetric, targets: &Targets<'_, '_>) -> Watched {
    let mut watched = Watched::default();
    let side = signals::side(metric.comparison.as_deref());
    let terms: Vec<(&MetricTerm, Hit)> =
        metric.terms.iter().map(|term| (term, targets.hit(place(alarm), &alarm.data, term))).collect();
    let measures = terms.iter().filter(|(_, hit)| hit.serving).map(|(term, hit)| measure(term, hit, targets));
    let telling: BTreeSet<Measure> = measures.filter(|it| *it != Measure::Volume && *it != Measure::Other).collect();
    for (term, hit) in &terms {
        let measure = measure(term, hit, targets);
        // Beside errors or latencies, the number of requests is what they are divided by.
        let divisor = measure == Measure::Volume && !telling.is_empty();
        let mut signal = signals::signal(measure, side);
        let mut sure = true;
        if !term.judged && side == Side::Below && measure == Measure::Errors {
            // A share of successes that falls is a share of errors that rises, if that is what the expression says.
            (signal, sure) = (Signal::Errors, false);
        }
        watched.serving |= hit.serving;
        watched.orphaned.extend(hit.orphan.clone());
        watched.defects.extend(hit.defect.clone());
        watched.unseen.extend(hit.unseen.clone());
        if !divisor {
            for (live, certain) in &hit.live {
                watched.bind(*live, signal, *certain && sure);
            }
        }
    }
    for text in metric.expressions.values().chain(&metric.promql).filter(|text| sweeps(text, metric.promql.is_some())) {
        sweep(alarm, text, side, targets, &mut watched);
    }
    // An alarm that only scales is not meant to be heard.
    let heard = !super::delivery::scaling_only(&alarm.data);
    if heard && watched.bound.keys().any(|(_, signal)| *signal == Signal::Silence) {
        silence(metric, side, &mut watched);
    }
    watched
}

fn measure(term: &MetricTerm, hit: &Hit, targets: &Targets<'_, '_>) -> Measure {
    signals::measure(signals::namespace(&term.namespace).0, &term.metric, targets.hosting(hit))
}

/// A silence alarm hears of silence only as missing data: without requests there are no data points, not zeros.
fn silence(metric: &AlarmMetric, side: Side, watched: &mut Watched) {
    let filled = metric.expressions.values().any(|text| text.to_uppercase().contains("FILL("));
    let anomaly = metric.threshold_metric.is_some() || side == Side::Both;
    let missing = metric.missing_data.as_deref().unwrap_or("missing");
    if filled {
        watched.unseen.insert("whether what it fills missing data with makes it fire".to_owned());
    } else if missing == "breaching" {
    } else if anomaly {
        watched.unseen.insert("whether its anomaly band fires when requests stop altogether".to_owned());
    } else {
        let why = format!("when requests stop there is no data, and it treats missing data as `{missing}`");
        watched.defects.insert(Defect::CannotFire(why));
    }
}

/// Whether an expression chooses its metrics by itself, so that only CloudWatch knows what it covers.
fn sweeps(text: &str, promql: bool) -> bool {
    let text = text.trim_start().to_uppercase();
    let functions = ["SEARCH(", "INSIGHT_RULE_METRIC(", "LAMBDA("];
    promql || text.starts_with("SELECT") || functions.iter().any(|function| text.contains(function))
}

/// Binds what an expression may cover: the endpoints that it names, or all of them.
fn sweep(alarm: &Fact<Alarm>, text: &str, side: Side, targets: &Targets<'_, '_>, watched: &mut Watched) {
    if !text.to_lowercase().contains("sagemaker") {
        return;
    }
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let measured: BTreeSet<Signal> = words.filter_map(signals::known).map(|it| signals::signal(it, side)).collect();
    let signals = if measured.is_empty() { BTreeSet::from([Signal::Other]) } else { measured };
    for live in targets.named_in(place(alarm), text) {
        for signal in &signals {
            watched.bind(live, *signal, false);
        }
    }
    watched.serving = true;
    watched.unseen.insert(format!("which metrics `{}` finds", shortened(text)));
}

/// A log alarm is about the endpoints whose log groups it queries; what it counts, only the query knows.
fn of_log(alarm: &Fact<Alarm>, query: &str, log_groups: &[String], targets: &Targets<'_, '_>) -> Watched {
    let mut watched = Watched::default();
    let query_lower = query.to_lowercase();
    let errors = ["error", "exception", "fail", "traceback"].iter().any(|word| query_lower.contains(word));
    let signal = if errors { Signal::Errors } else { Signal::Other };
    for group in log_groups {
        let Some((_, rest)) = group.split_once("/aws/sagemaker/Endpoints/") else { continue };
        // A log group may be given by ARN, which ends in `:*`.
        let endpoint = rest.split(':').next().unwrap_or(rest);
        for live in targets.of_endpoint(place(alarm), endpoint) {
            watched.bind(*live, signal, false);
        }
        watched.serving = true;
        watched.unseen.insert(format!("what its query of the logs of `{endpoint}` counts"));
    }
    watched
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 80;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}
