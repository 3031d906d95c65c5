//! From what fires to who is told, or why nobody is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use super::fire::{self, Firing};
use super::judged::{Assumed, Touched, prepare};
use super::normal::{Normals, Source};
use super::run::{Composite, Part, Parts};
use super::{Fault, FaultOutcome, Told};
use crate::cloudwatch::alarm::State;
use crate::cloudwatch::composite::{Rule, Suppressor};
use crate::estate::coverage::{CoverageState, Rules, Worth, Worths};
use crate::estate::index::{Index, Place, place};
use crate::estate::{BoundAlarm, Defect, LiveVersion, Signal};
use crate::evidence::{Alarm, AlarmKind, Fact};

/// Minutes from a data point to a message: up to one until the point is there, and one until the next evaluation. What SNS
/// takes to deliver is seconds.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html>
const DELIVERY_S: i64 = 120;
/// Minutes in which an event reaches whom it is meant for: seconds, as a rule.
const EVENT_MINUTES: u32 = 1;

/// Tells what becomes of faults.
pub(super) struct Teller<'t, 'a> {
    index: &'t Index<'a>,
    alarms: &'t [BoundAlarm<'a>],
    numbers: BTreeMap<(Place<'a>, &'a str), usize>,
    worths: Worths<'t, 'a>,
    rules: Rules<'a>,
    normals: &'t Normals<'t, 'a>,
}

/// What one alarm makes of a fault.
struct Answer {
    number: usize,
    firing: Firing,
    worth: Worth,
    /// Why it does not fire, where that is plain.
    short: Option<String>,
}

impl<'t, 'a> Teller<'t, 'a> {
    pub(super) fn new(
        index: &'t Index<'a>,
        alarms: &'t [BoundAlarm<'a>],
        worths: Worths<'t, 'a>,
        rules: Rules<'a>,
        normals: &'t Normals<'t, 'a>,
    ) -> Self {
        let numbers = alarms.iter().enumerate();
        let numbers = numbers.map(|(number, it)| ((place(it.alarm), it.alarm.data.name.as_str()), number)).collect();
        Self { index, alarms, numbers, worths, rules, normals }
    }

    /// What becomes of each fault of a live version.
    pub(super) fn faults(&self, live: &LiveVersion<'a>) -> Vec<FaultOutcome> {
        let requests = self.normals.requests(live);
        Fault::ALL.into_iter().map(|fault| self.fault(fault, live, &requests)).collect()
    }

    fn fault(&self, fault: Fault, live: &LiveVersion<'a>, requests: &(f64, Source)) -> FaultOutcome {
        let coverage = live.coverage.iter().find(|coverage| coverage.signal == fault.signal());
        if let Some(coverage) = coverage.filter(|coverage| coverage.state == CoverageState::NotApplicable) {
            let why = coverage.reason.clone().unwrap_or_default();
            return FaultOutcome { fault, told: Told::NotApplicable { why }, fires: Vec::new(), assumed: Vec::new() };
        }
        let mut assumed = Assumed::new();
        let answers = self.answers(fault, live, requests, &mut assumed);
        let mut fires: Vec<(i64, usize)> = answers
            .iter()
            .filter_map(|it| match it.firing {
                Firing::After(_, to) if self.can_fire(it.number) => Some((to, it.number)),
                _ => None,
            })
            .collect();
        fires.sort_unstable();
        let told = self.told(fault, live, &answers, &mut assumed);
        let told = match (told, coverage) {
            // What could not be seen may be what tells somebody.
            (Told::Nobody { why }, Some(coverage)) if coverage.state == CoverageState::Unknown => {
                Told::Unknown { why: coverage.reason.iter().cloned().chain(why).collect() }
            }
            (told, _) => told,
        };
        FaultOutcome {
            fault,
            told,
            fires: fires.into_iter().map(|(_, number)| number).collect(),
            assumed: assumed.into_iter().collect(),
        }
    }

    /// What each alarm on the live version makes of a fault, those that the fault does not touch left out.
    fn answers(
        &self,
        fault: Fault,
        live: &LiveVersion<'a>,
        requests: &(f64, Source),
        assumed: &mut Assumed,
    ) -> Vec<Answer> {
        let bound: BTreeSet<usize> = live.alarms.iter().map(|binding| binding.alarm).collect();
        let mut parts = Parts::new();
        for number in &bound {
            self.add(*number, (fault, live), requests, &mut parts, assumed);
        }
        let mut answers = Vec::new();
        for number in bound {
            let Some(alarm) = self.alarms.get(number) else { continue };
            // A composite speaks for it, and answers by itself.
            let spoken_for =
                alarm.through.iter().any(|name| self.numbers.contains_key(&(place(alarm.alarm), name.as_str())));
            let Some(certain) = touched(&parts, number, live, fault, 0).filter(|_| !spoken_for) else { continue };
            let worth = self.worths.now(number, certain, live, fault.signal(), self.index);
            let short = match parts.get(&number) {
                Some(Part::Metric(Touched::Ready(ready))) => ready.falls_short(),
                _ => None,
            };
            answers.push(Answer { number, firing: fire::of(&parts, number), worth, short });
        }
        answers
    }

    /// Adds an alarm to those that are run together, with all that it rests on.
    fn add(
        &self,
        number: usize,
        (fault, live): (Fault, &LiveVersion<'a>),
        requests: &(f64, Source),
        parts: &mut Parts,
        assumed: &mut Assumed,
    ) {
        let Some(bound) = self.alarms.get(number).filter(|_| !parts.contains_key(&number)) else { return };
        let alarm = bound.alarm;
        let recorded = State::read(&alarm.data.state.value).unwrap_or(State::Ok);
        let of_signal = |signal| live.alarms.iter().any(|it| it.alarm == number && it.signal == signal);
        // Until it is known what it rests on: a composite may rest on itself.
        parts.insert(number, Part::Still(recorded));
        let part = match &alarm.data.kind {
            AlarmKind::Metric(rule) => {
                let drifts = of_signal(Signal::Drift);
                let touched = prepare((fault, live), (alarm, rule), drifts, (self.normals, requests), assumed);
                match touched {
                    Touched::Not => Part::Still(recorded),
                    // What it finds by itself is known by its signal alone.
                    Touched::Unevaluable(_) if !of_signal(fault.signal()) => Part::Still(recorded),
                    touched => Part::Metric(touched),
                }
            }
            AlarmKind::Log { .. } if of_signal(fault.signal()) => {
                Part::Metric(Touched::Unevaluable("it counts what a query finds in logs".to_owned()))
            }
            AlarmKind::Log { .. } => Part::Still(recorded),
            AlarmKind::Composite { rule, suppressor, wait_seconds, extension_seconds, .. } => {
                let rule = Rule::parse(rule);
                let names = rule.iter().flat_map(Rule::names);
                let children: BTreeMap<String, usize> =
                    names.filter_map(|name| Some((name.to_owned(), self.number(alarm, name)?))).collect();
                let seconds = |given: &Option<i32>| given.and_then(|it| u32::try_from(it).ok()).unwrap_or_default();
                let waits = Suppressor { wait: seconds(wait_seconds), extension: seconds(extension_seconds) };
                let by = suppressor.as_deref().and_then(|name| self.number(alarm, name));
                for child in children.values().copied().chain(by) {
                    self.add(child, (fault, live), requests, parts, assumed);
                }
                Part::Composite(Box::new(Composite { rule, children, suppressor: by.map(|by| (by, waits)) }))
            }
        };
        parts.insert(number, part);
    }

    /// The number of an alarm that another one names, by name or by ARN.
    fn number(&self, beside: &'a Fact<Alarm>, name: &str) -> Option<usize> {
        let name = name.rsplit_once(":alarm:").map_or(name, |(_, name)| name);
        self.numbers.get(&(place(beside), name)).copied()
    }

    fn told(&self, fault: Fault, live: &LiveVersion<'a>, answers: &[Answer], assumed: &mut Assumed) -> Told {
        let mut human: Option<(i64, i64, &BoundAlarm<'a>)> = None;
        let mut unknown = Vec::new();
        let mut nobody: Vec<(u8, i64, String)> = Vec::new();
        for answer in answers {
            let Some(alarm) = self.alarms.get(answer.number) else { continue };
            let name = &alarm.alarm.data.name;
            match (&answer.firing, &answer.worth) {
                (Firing::After(from, to), Worth::Covers) => {
                    // What fires just as a mute rule begins to mute is told when it ends.
                    let to = to.saturating_add(muted_for(alarm).as_secs());
                    let first = human.map_or(*from, |(held, _, _)| *from.min(&held));
                    human = match human {
                        Some((_, held, by)) if held <= to => Some((first, held, by)),
                        _ => Some((first, to, alarm)),
                    };
                }
                (Firing::After(..), Worth::Unsure(why)) => {
                    unknown.push(format!("alarm `{name}` would fire, but {why}"));
                }
                (Firing::NotKnown(why), Worth::Covers | Worth::Unsure(_)) => {
                    unknown.push(format!("alarm `{name}` {why}"));
                }
                (Firing::After(_, to), Worth::Broken(why)) if self.can_fire(answer.number) => {
                    let minutes = minutes_at_worst(*to);
                    nobody.push((0, *to, format!("alarm `{name}` would fire within {minutes} minutes, but it {why}")));
                }
                (_, Worth::Broken(why)) => nobody.push((1, 0, format!("alarm `{name}` {why}"))),
                (Firing::AlreadyInAlarm, _) => {
                    nobody.push((
                        2,
                        0,
                        format!("alarm `{name}` is in ALARM as things normally are, so nothing changes"),
                    ));
                }
                (Firing::Never, _) => {
                    let short = answer.short.as_deref().unwrap_or("its rule does not hold");
                    nobody.push((3, 0, format!("alarm `{name}` would not fire: {short}")));
                }
            }
        }
        if fault == Fault::RequestsFail {
            for teller in self.rules.of(live, self.index) {
                match teller.worth {
                    Worth::Covers => {
                        let whom = teller.reaches.into_iter().collect();
                        return Told::Human { from: 0, to: EVENT_MINUTES, whom };
                    }
                    Worth::Unsure(why) => unknown.push(format!("{} {why}", teller.name)),
                    Worth::Broken(why) => nobody.push((0, 0, format!("{} {why}", teller.name))),
                }
            }
        }
        if let Some((from, to, by)) = human {
            let minutes = muted_for(by).as_mins();
            if minutes > 0 {
                let name = &by.alarm.data.name;
                assumed.insert(format!("at worst alarm `{name}` fires just as it is muted, for {minutes} minutes"));
            }
            return Told::Human { from: minutes_at_best(from), to: minutes_at_worst(to), whom: by.reaches.clone() };
        }
        nobody.sort();
        let nobody = nobody.into_iter().map(|(_, _, why)| why);
        if !unknown.is_empty() {
            return Told::Unknown { why: unknown.into_iter().chain(nobody).collect() };
        }
        let mut why: Vec<String> = nobody.collect();
        if why.is_empty() {
            let coverage = live.coverage.iter().find(|coverage| coverage.signal == fault.signal());
            let reason = coverage.filter(|coverage| coverage.state != CoverageState::Unknown);
            let none = || format!("no alarm watches {}", fault.signal().words());
            why.push(reason.and_then(|coverage| coverage.reason.clone()).unwrap_or_else(none));
        }
        Told::Nobody { why }
    }

    /// Whether what is wrong with an alarm lets it fire at all.
    fn can_fire(&self, number: usize) -> bool {
        let mute = |defect: &Defect| {
            matches!(defect, Defect::WrongDimensions(_) | Defect::CannotFire(_) | Defect::EvaluationError(_))
        };
        self.alarms.get(number).is_some_and(|alarm| !alarm.defects.iter().any(mute))
    }
}

/// Whether a fault touches an alarm, and if so, how sure its binding to the live version is.
fn touched(parts: &Parts, number: usize, live: &LiveVersion<'_>, fault: Fault, depth: usize) -> Option<bool> {
    match parts.get(&number)? {
        Part::Still(_) => None,
        Part::Metric(_) => {
            let own = || live.alarms.iter().filter(|it| it.alarm == number);
            let of_signal = own().find(|it| it.signal == fault.signal());
            Some(of_signal.map_or_else(|| own().any(|it| it.certain), |it| it.certain))
        }
        Part::Composite(_) if depth > 20 => None,
        Part::Composite(composite) => {
            let children = composite.children.values();
            let touched: Vec<bool> =
                children.filter_map(|child| touched(parts, *child, live, fault, depth + 1)).collect();
            (!touched.is_empty()).then(|| touched.iter().all(|certain| *certain))
        }
    }
}

/// The longest that mute rules hold back what an alarm tells. Where that is not known, its worth is not either.
fn muted_for(alarm: &BoundAlarm<'_>) -> SignedDuration {
    alarm.muted_for.unwrap_or_default()
}

fn minutes_at_best(seconds: i64) -> u32 {
    u32::try_from(seconds.max(0) / 60).unwrap_or(u32::MAX)
}

fn minutes_at_worst(seconds: i64) -> u32 {
    let delivered = seconds.max(0).saturating_add(DELIVERY_S);
    u32::try_from(delivered.div_euclid(60) + i64::from(delivered % 60 != 0)).unwrap_or(u32::MAX)
}
