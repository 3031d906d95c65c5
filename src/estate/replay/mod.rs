//! Replay: what an alarm would have done with the data points of the last weeks, against what its history says it did.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::{SignedDuration, Timestamp};

use super::index::Index;
use super::{Defect, LiveVersion, Signal};
use crate::cloudwatch::alarm::{AlarmRule, Judged, LOOKBACK, State, Transition};
use crate::cloudwatch::maths::Maths;
use crate::cloudwatch::series::{Series, earlier, floor, later};
use crate::evidence::{Alarm, AlarmHistory, AlarmKind, AlarmMetric, CallId, Fact, FactKind, MetricSeries, MetricTerm};

mod compare;
mod near;
pub(super) mod normal;
#[cfg(test)]
mod tests;
pub(super) mod wanted;

/// What replaying an alarm over observed data points shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// The span begins here.
    pub from: Timestamp,
    /// The span ends here.
    pub until: Timestamp,
    /// What it shows.
    pub outcome: Outcome,
    /// Times that it would have gone into ALARM.
    pub fired: usize,
    /// Share of the span that it would have been in ALARM, from 0 to 1.
    pub in_alarm: f64,
    /// Least and greatest value that was observed, in the metric's own unit; `None` without data points.
    pub observed: Option<(f64, f64)>,
}

/// What a replay shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It fires now and then, as alarms should, or stayed quiet with its threshold in reach.
    Plausible,
    /// It would never have fired, and no value came near its threshold: how far, in words.
    NeverNear(String),
    /// It would have been in ALARM all the time.
    Always,
    /// There was not one data point. Whether there should have been: `None` where that is not known.
    NoData(Option<bool>),
    /// Its recorded history disagrees with its rule: how, in words.
    Disagrees(String),
    /// It cannot be replayed: why.
    NotReplayed(String),
}

/// A replay with what it rests on.
#[derive(Debug)]
pub(super) struct Replayed {
    pub(super) replay: Replay,
    /// The calls that showed the data points.
    pub(super) seen: Vec<CallId>,
}

/// Everything that a replay looks at.
#[derive(Clone, Copy)]
pub(super) struct Stage<'s, 'a> {
    pub(super) index: &'s Index<'a>,
    pub(super) live: &'s [LiveVersion<'a>],
    pub(super) as_of: Timestamp,
}

/// Of the share of a span that may be anything: what is longer than this is all of it.
const ALL: f64 = 0.99;
/// Shorter spans say nothing about always or never, in hours.
const LEAST_HOURS: i64 = 24;
/// The newest points are still coming in, in seconds.
const LATE: u64 = 600;

impl Stage<'_, '_> {
    /// Replays one alarm; `None` where none of its data points were read.
    pub(super) fn replay(&self, alarm: &Fact<Alarm>, bound: &[(usize, Signal)]) -> Option<Replayed> {
        let AlarmKind::Metric(metric) = &alarm.data.kind else { return None };
        if bound.is_empty() || super::alarms::scaling_only(&alarm.data) {
            return None;
        }
        let found: Vec<Option<&Fact<MetricSeries>>> =
            metric.terms.iter().map(|term| self.series(alarm, term)).collect();
        let seen = found.iter().flatten().flat_map(|series| series.seen.iter().copied()).collect();
        let rule = match AlarmRule::read(metric) {
            Ok(rule) => rule,
            Err(why) => return Some(Replayed { replay: self.not(why.to_string()), seen }),
        };
        if found.iter().all(Option::is_none) {
            return None;
        }
        let mut read = Vec::new();
        for (term, series) in metric.terms.iter().zip(&found) {
            let Some(series) = series else {
                let why = format!("the data points of `{}` were not read", term.metric);
                return Some(Replayed { replay: self.not(why), seen });
            };
            if !series.data.whole {
                let why = format!("not all data points of `{}` were read", term.metric);
                return Some(Replayed { replay: self.not(why), seen });
            }
            read.push((term, &series.data));
        }
        let replay = self.of_rule(alarm, metric, &rule, &read, bound).unwrap_or_else(|why| self.not(why));
        Some(Replayed { replay, seen })
    }

    /// Whether an alarm's data points could not be read, so that they may show anything.
    pub(super) fn hides(&self, alarm: &Fact<Alarm>, replayed: Option<&Replayed>) -> bool {
        let AlarmKind::Metric(metric) = &alarm.data.kind else { return false };
        let open = replayed.is_none_or(|it| matches!(it.replay.outcome, Outcome::NotReplayed(_)));
        open && AlarmRule::read(metric).is_ok()
            && metric.terms.iter().any(|term| self.series(alarm, term).is_none())
            && self.index.hides_any(&alarm.account, &alarm.region, FactKind::MetricData)
    }

    /// The series behind a term: asked where the metric lives, or where the alarm is.
    fn series(&self, alarm: &Fact<Alarm>, term: &MetricTerm) -> Option<&Fact<MetricSeries>> {
        [true, false].into_iter().find_map(|where_it_lives| {
            let (account, key) = wanted::of_term(alarm, term, |_| where_it_lives)?;
            self.index.series(&account, &alarm.region, &key.to_string()).found()
        })
    }

    fn not(&self, why: String) -> Replay {
        let at = self.as_of;
        Replay { from: at, until: at, outcome: Outcome::NotReplayed(why), fired: 0, in_alarm: 0.0, observed: None }
    }

    fn of_rule(
        &self,
        alarm: &Fact<Alarm>,
        metric: &AlarmMetric,
        rule: &AlarmRule,
        read: &[(&MetricTerm, &MetricSeries)],
        bound: &[(usize, Signal)],
    ) -> Result<Replay, String> {
        let span = self.span(alarm, rule, read, bound);
        if span.start >= span.end {
            return Err("it is younger than what it judges".to_owned());
        }
        let judged = judged(metric, rule, read)?;
        let history = self.index.history(&alarm.account, &alarm.region, &alarm.data.name).found();
        let before = before(&alarm.data, history.map(|history| &history.data), span.start);
        let run = |lookback| rule.run(&judged, span.clone(), before, lookback).map_err(|why| why.to_string());
        let short = run(*LOOKBACK.start())?;
        // How far CloudWatch looks back only matters where points are missing.
        let long = if is_gapless(&judged, rule, &span) { short.clone() } else { run(*LOOKBACK.end())? };
        let observed = judged.within(span.clone()).map(|(_, value)| value);
        let observed = observed.fold(None, |so_far: Option<(f64, f64)>, value| {
            Some(so_far.map_or((value, value), |(least, most)| (least.min(value), most.max(value))))
        });
        let in_alarm = share(&short, before, &span).min(share(&long, before, &span));
        let fired = short.iter().filter(|change| change.to == State::Alarm).count();
        let whole_day = span.end.duration_since(span.start) >= SignedDuration::from_hours(LEAST_HOURS);
        // A percentile of few samples may keep its state, and how many there were is not read.
        let exact = metric.few_samples.as_deref() != Some("ignore");
        let disagrees = history.filter(|_| exact).and_then(|history| {
            compare::disagreement(&history.data, &alarm.data.state, rule, [&short, &long], before, &span)
        });
        // Without one request, an alarm on their absence is rightly in ALARM.
        let of_silence = bound.iter().any(|(_, signal)| *signal == Signal::Silence);
        let outcome = if let Some(how) = disagrees {
            Outcome::Disagrees(how)
        } else if whole_day && in_alarm >= ALL && !(of_silence && observed.is_none()) {
            Outcome::Always
        } else if observed.is_none() {
            Outcome::NoData(None)
        } else if whole_day && fired == 0 {
            self.never_near(rule, read, bound, observed).map_or(Outcome::Plausible, Outcome::NeverNear)
        } else {
            Outcome::Plausible
        };
        Ok(Replay { from: span.start, until: span.end, outcome, fired, in_alarm, observed })
    }

    /// The span in which the alarm can be held against its data: since it is configured as it is and what it watches is
    /// there, with points before it to look back upon, and without the newest, which may be incomplete.
    fn span(
        &self,
        alarm: &Fact<Alarm>,
        rule: &AlarmRule,
        read: &[(&MetricTerm, &MetricSeries)],
        bound: &[(usize, Signal)],
    ) -> Range<Timestamp> {
        let first = read.iter().map(|(_, series)| series.from).max().unwrap_or(self.as_of);
        let last = read.iter().map(|(_, series)| series.until).min().unwrap_or(self.as_of);
        let range = rule.evaluation_periods.saturating_add(*LOOKBACK.end()).saturating_mul(rule.period);
        let made = bound.iter().filter_map(|(number, _)| self.live.get(*number)?.endpoint?.data.created).max();
        let reconfigured = self.index.history(&alarm.account, &alarm.region, &alarm.data.name).found();
        let reconfigured = reconfigured.and_then(|history| history.data.configured.last().copied());
        let since = [alarm.data.configured, reconfigured, made].into_iter().flatten().max();
        let start = since.map_or(first, |since| first.max(since));
        later(start, range)..floor(earlier(last, LATE), rule.period)
    }

    /// How far from its threshold everything was that an alarm saw, where that is too far.
    fn never_near(
        &self,
        rule: &AlarmRule,
        read: &[(&MetricTerm, &MetricSeries)],
        bound: &[(usize, Signal)],
        observed: Option<(f64, f64)>,
    ) -> Option<String> {
        let signals = |wanted: Signal| bound.iter().any(|(_, signal)| *signal == wanted);
        if signals(Signal::Latency) {
            return near::latency(rule, read, observed?);
        }
        if signals(Signal::Errors) {
            let live = bound.iter().filter_map(|(number, _)| self.live.get(*number));
            return near::errors(rule, read, live, self.index);
        }
        None
    }
}

/// What is wrong with an alarm by its replay, where something is.
pub(super) fn defect(replay: &Replay, state: &str) -> Option<Defect> {
    let days = (replay.until.duration_since(replay.from).as_hours() + 12) / 24;
    let span = if days < 2 { "the last day".to_owned() } else { format!("the last {days} days") };
    match &replay.outcome {
        Outcome::Always => Some(Defect::AlwaysFires(match replay.observed {
            Some((least, most)) => {
                format!("it would have been in ALARM for all of {span}, with values from {least} to {most}")
            }
            None => format!("it would have been in ALARM for all of {span}, without one data point"),
        })),
        Outcome::NeverNear(why) => Some(Defect::NeverNear(format!("{why} in {span}"))),
        Outcome::Disagrees(how) => Some(Defect::HistoryDisagrees(how.clone())),
        Outcome::NoData(Some(true)) if state == "INSUFFICIENT_DATA" && days >= 7 => {
            Some(Defect::NoData(format!("there was not one data point in {span}")))
        }
        Outcome::Plausible | Outcome::NoData(_) | Outcome::NotReplayed(_) => None,
    }
}

/// The series that the alarm judges.
fn judged(metric: &AlarmMetric, rule: &AlarmRule, read: &[(&MetricTerm, &MetricSeries)]) -> Result<Series, String> {
    match &rule.judged {
        Judged::Metric { term, .. } => {
            read.get(*term).map(|(_, series)| points(series)).ok_or_else(|| "its metric was not read".to_owned())
        }
        Judged::Expression { id } => {
            let series: BTreeMap<String, Series> =
                read.iter().map(|(term, series)| (term.id.clone(), points(series))).collect();
            let from = read.iter().map(|(_, series)| series.from).max().unwrap_or(Timestamp::MIN);
            let until = read.iter().map(|(_, series)| series.until).min().unwrap_or(Timestamp::MIN);
            let span = from..until;
            let maths = Maths { period: rule.period, span: &span, series: &series, expressions: &metric.expressions };
            maths.evaluate(id).map_err(|why| why.to_string())
        }
    }
}

/// Data points as the evaluator takes them.
pub(super) fn points(series: &MetricSeries) -> Series {
    let period = series.key.period;
    let of_run = |run: &crate::evidence::Run| {
        let start = run.start;
        let values = run.values.clone();
        values.into_iter().scan(start, move |at, value| {
            let own = *at;
            *at = later(own, period);
            Some((own, value))
        })
    };
    Series::of(period, series.runs.iter().flat_map(of_run))
}

/// The state that the alarm was in when the span began.
fn before(alarm: &Alarm, history: Option<&AlarmHistory>, start: Timestamp) -> State {
    let read = |text: &str| State::read(text);
    if let Some(history) = history {
        if let Some(last) = history.changes.iter().rev().find(|change| change.at <= start) {
            return read(&last.to).unwrap_or(State::InsufficientData);
        }
        if let Some(first) = history.changes.first() {
            return first.from.as_deref().and_then(read).unwrap_or(State::InsufficientData);
        }
    }
    let kept = alarm.state.since.is_some_and(|since| since <= start);
    kept.then(|| read(&alarm.state.value)).flatten().unwrap_or(State::InsufficientData)
}

/// Whether there is a point in every period that an alarm may look at within a span.
fn is_gapless(series: &Series, rule: &AlarmRule, span: &Range<Timestamp>) -> bool {
    let reach = u64::from(rule.evaluation_periods.saturating_add(*LOOKBACK.end())) * u64::from(rule.period);
    let wide = earlier(span.start, reach)..span.end;
    let seconds = wide.end.as_second() - floor(wide.start, series.period()).as_second();
    let periods = usize::try_from(seconds / i64::from(series.period())).unwrap_or(usize::MAX);
    series.within(wide).count() >= periods
}

/// Share of a span that is spent in ALARM.
fn share(changes: &[Transition], before: State, span: &Range<Timestamp>) -> f64 {
    let seconds: i64 = compare::intervals(changes.iter().map(|it| (it.at, it.to)), before, span)
        .into_iter()
        .filter(|(_, state)| *state == State::Alarm)
        .map(|(part, _)| part.end.as_second() - part.start.as_second())
        .sum();
    let whole = (span.end.as_second() - span.start.as_second()).max(1);
    ratio(seconds, whole)
}

#[allow(clippy::cast_precision_loss, reason = "seconds of weeks are far below what a float holds")]
fn ratio(part: i64, whole: i64) -> f64 {
    part as f64 / whole as f64
}

/// The names of the series that an alarm's replay looks for.
pub(super) fn names(alarm: &Fact<Alarm>) -> Vec<String> {
    let AlarmKind::Metric(metric) = &alarm.data.kind else { return Vec::new() };
    let name = |term: &MetricTerm| Some(wanted::of_term(alarm, term, |_| true)?.1.to_string());
    metric.terms.iter().filter_map(name).collect()
}
