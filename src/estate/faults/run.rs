//! Running alarms through a fault: the states that each goes through, composites included.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::Timestamp;

use super::change::Change;
use super::judged::{Ready, Touched};
use crate::cloudwatch::alarm::State;
use crate::cloudwatch::composite::{Rule, Suppressor};
use crate::cloudwatch::maths::Maths;
use crate::cloudwatch::series::Series;

/// Every period of CloudWatch begins at this instant, in seconds; the fault begins soon after it.
pub(super) const START: i64 = 604_800 * 2_000;
/// Composites nested deeper than anybody would nest them are not followed.
const DEPTH: usize = 20;
/// Periods that are run before the fault and after the rule's own, so that every state settles.
const SETTLE: i64 = 8;

/// One way in which things may go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scenario {
    /// When the fault begins, in seconds.
    pub(super) onset: i64,
    /// Points beyond the evaluation periods that CloudWatch looks at.
    pub(super) lookback: u32,
}

/// The states of an alarm: the one before the fault, and each change from then on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Timeline {
    /// Before the fault.
    pub(super) before: State,
    /// From when on it is in another, in seconds, oldest first.
    pub(super) changes: Vec<(i64, State)>,
}

impl Timeline {
    fn still(state: State) -> Self {
        Self { before: state, changes: Vec::new() }
    }

    fn at(&self, instant: i64) -> State {
        let so_far = self.changes.iter().rev().find(|(at, _)| *at <= instant);
        so_far.map_or(self.before, |(_, state)| *state)
    }
}

/// One alarm of those that are run together.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// It stays in its state.
    Still(State),
    /// A metric alarm.
    Metric(Touched),
    /// A composite over other alarms, by name, with the number of each.
    Composite(Box<Composite>),
}

/// A composite alarm.
#[derive(Clone, Debug)]
pub(super) struct Composite {
    /// Its rule; `None` where it could not be read.
    pub(super) rule: Option<Rule>,
    /// Numbers of the alarms that it names, and that are there.
    pub(super) children: BTreeMap<String, usize>,
    /// The alarm that suppresses its actions, with the waits.
    pub(super) suppressor: Option<(usize, Suppressor)>,
}

/// Alarms that are run together, by number.
pub(super) type Parts = BTreeMap<usize, Part>;

/// The states that an alarm goes through.
///
/// # Errors
/// Why they are not known, to follow "alarm `x`".
pub(super) fn timeline(parts: &Parts, number: usize, scenario: Scenario, depth: usize) -> Result<Timeline, String> {
    match parts.get(&number) {
        None => Err("may change with something that could not be seen".to_owned()),
        Some(Part::Still(state)) => Ok(Timeline::still(*state)),
        Some(Part::Metric(Touched::Not)) => Err("was not prepared".to_owned()),
        Some(Part::Metric(Touched::Unevaluable(why))) => Err(format!("cannot be evaluated here: {why}")),
        Some(Part::Metric(Touched::Ready(ready))) => of_metric(ready, scenario),
        Some(Part::Composite(composite)) => of_composite(parts, composite, scenario, depth),
    }
}

/// When a composite takes its actions, which its suppressor may hold back; of other alarms, when they change.
pub(super) fn actions(parts: &Parts, number: usize, scenario: Scenario) -> Result<(State, Vec<(i64, State)>), String> {
    let own = timeline(parts, number, scenario, 0)?;
    let Some(Part::Composite(composite)) = parts.get(&number) else { return Ok((own.before, own.changes)) };
    let Some((by, suppressor)) = &composite.suppressor else { return Ok((own.before, own.changes)) };
    let by = timeline(parts, *by, scenario, 1)?;
    let taken = suppressor.actions(&instants(&own.changes), &instants(&by.changes), by.before == State::Alarm);
    Ok((own.before, taken.into_iter().map(|(at, state)| (at.as_second(), state)).collect()))
}

fn instants(changes: &[(i64, State)]) -> Vec<(Timestamp, State)> {
    changes.iter().filter_map(|(at, state)| Some((Timestamp::from_second(*at).ok()?, *state))).collect()
}

impl Ready {
    /// Seconds after which the moment at which a fault begins makes no difference any more.
    pub(super) fn grid(&self) -> i64 {
        let now_and_then = |it: &&super::published::Published| it.change == Change::PassesWhenPublished;
        let spacing = self.metrics.values().filter(now_and_then).map(|it| it.spacing).max();
        spacing.unwrap_or_default().max(i64::from(self.rule.period))
    }

    /// How far an alarm is run, in seconds from the start.
    fn span(&self, onset: i64) -> Range<i64> {
        let period = i64::from(self.rule.period);
        let whole = (i64::from(self.rule.evaluation_periods) + SETTLE) * period;
        // What comes now and then has come as often as the rule may want it.
        let spacing =
            if self.grid() > period { (i64::from(self.rule.evaluation_periods) + 1) * self.grid() } else { 0 };
        let long = whole.max(spacing);
        START - long..onset + long + period
    }
}

fn of_metric(ready: &Ready, scenario: Scenario) -> Result<Timeline, String> {
    if let Some(doubt) = &ready.doubt {
        return Err(format!("may or may not fire; {doubt}"));
    }
    let span = ready.span(scenario.onset);
    let expression = if ready.expressions.is_empty() { None } else { Some(evaluated(ready, scenario, &span)?) };
    let metric = ready.metrics.get(&ready.judged);
    let point = |start: i64| {
        let value = match &expression {
            Some(series) => instant(start).ok().and_then(|start| series.at(start)),
            None => metric.and_then(|metric| metric.point(start, scenario.onset)),
        };
        ready.rule.judge(value, None)
    };
    let mut timeline = Timeline::still(ready.recorded);
    let (step, lookback) = (ready.rule.period, scenario.lookback);
    for (at, to) in ready.rule.run_seconds(point, step, span, ready.recorded, lookback) {
        if at <= scenario.onset {
            timeline.before = to;
        } else {
            timeline.changes.push((at, to));
        }
    }
    Ok(timeline)
}

/// What an expression yields, point by point.
fn evaluated(ready: &Ready, scenario: Scenario, span: &Range<i64>) -> Result<Series, String> {
    let period = i64::from(ready.rule.period);
    let back = (i64::from(ready.rule.evaluation_periods) + SETTLE) * period;
    let first = (span.start - back).div_euclid(period) * period;
    let starts = || (0..).map(|number| first + number * period).take_while(|start| *start < span.end);
    let series = |published: &super::published::Published| {
        let points = starts().filter_map(|start| Some((instant(start).ok()?, published.point(start, scenario.onset)?)));
        Series::of(ready.rule.period, points)
    };
    let all = ready.metrics.iter().map(|(id, published)| (id.clone(), series(published))).collect();
    let span = instant(first)?..instant(span.end)?;
    let maths = Maths { period: ready.rule.period, span: &span, series: &all, expressions: &ready.expressions };
    maths.evaluate(&ready.judged).map_err(|error| format!("cannot be evaluated here: {error}"))
}

fn instant(second: i64) -> Result<Timestamp, String> {
    Timestamp::from_second(second).map_err(|_| "lasts longer than can be told".to_owned())
}

fn of_composite(parts: &Parts, composite: &Composite, scenario: Scenario, depth: usize) -> Result<Timeline, String> {
    let Some(rule) = &composite.rule else { return Err("has a rule that cannot be read".to_owned()) };
    if depth > DEPTH {
        return Err("rests on itself".to_owned());
    }
    let mut known = BTreeMap::new();
    let mut unknown = None;
    for name in rule.names() {
        let child = composite.children.get(name).map(|number| timeline(parts, *number, scenario, depth + 1));
        match child {
            Some(Ok(timeline)) => drop(known.insert(name, timeline)),
            Some(Err(why)) => unknown = Some(format!("rests on alarm `{name}`, which {why}")),
            None => unknown = Some(format!("rests on alarm `{name}`, which could not be seen")),
        }
    }
    let mut instants: Vec<i64> = known.values().flat_map(|it| it.changes.iter().map(|(at, _)| *at)).collect();
    instants.sort_unstable();
    instants.dedup();
    let state = |of: &dyn Fn(&Timeline) -> State| {
        let holds = rule.holds_as_far_as_known(&|name| known.get(name).map(of));
        holds.map(|holds| if holds { State::Alarm } else { State::Ok })
    };
    let open = || unknown.clone().unwrap_or_else(|| "has a rule that depends on what is not known".to_owned());
    let mut timeline = Timeline::still(state(&|child| child.before).ok_or_else(open)?);
    let mut last = timeline.before;
    for at in instants {
        let next = state(&|child| child.at(at)).ok_or_else(open)?;
        if next != last {
            timeline.changes.push((at, next));
            last = next;
        }
    }
    Ok(timeline)
}
