//! Composite alarms: the rule over other alarms, `ALARM("a") AND NOT (OK(b) OR INSUFFICIENT_DATA(c))` or
//! `AT_LEAST(2, ALARM, (a, b, c))`, and the alarm that suppresses the actions.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html>,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html>

use std::collections::BTreeSet;

use super::alarm::State;

mod parse;
mod suppress;
#[cfg(test)]
mod tests;

pub use suppress::Suppressor;

/// A rule, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// One alarm is in this state.
    Is(State, String),
    /// The rule does not hold.
    Not(Box<Rule>),
    /// All rules hold.
    All(Vec<Rule>),
    /// At least one rule holds.
    Any(Vec<Rule>),
    /// So many of these are in the state, or (`false`) are not in it.
    AtLeast(Quota, State, bool, Vec<String>),
    /// `TRUE` or `FALSE`.
    Constant(bool),
}

/// How many of several alarms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quota {
    /// So many.
    Number(usize),
    /// So many of a hundred.
    Percent(usize),
}

/// With so many alarms in a rule, all combinations of their states are still few.
const FEW: usize = 7;

impl Rule {
    /// Reads a rule; `None` if it is not written as documented. Alarms that are given by ARN are known by their name.
    pub fn parse(text: &str) -> Option<Self> {
        parse::Parser::new(text).whole()
    }

    /// Whether it holds, given the state of each alarm.
    pub fn holds(&self, state: &impl Fn(&str) -> State) -> bool {
        match self {
            Self::Is(wanted, name) => state(name) == *wanted,
            Self::Not(rule) => !rule.holds(state),
            Self::All(rules) => rules.iter().all(|rule| rule.holds(state)),
            Self::Any(rules) => rules.iter().any(|rule| rule.holds(state)),
            Self::AtLeast(quota, wanted, is, names) => {
                quota.met(names.iter().filter(|name| (state(name) == *wanted) == *is).count(), names.len())
            }
            Self::Constant(value) => *value,
        }
    }

    /// Whether it holds, where some states are not known: `None` if that depends on them.
    pub fn holds_as_far_as_known(&self, state: &impl Fn(&str) -> Option<State>) -> Option<bool> {
        let unknown: Vec<&str> = self.names().into_iter().filter(|name| state(name).is_none()).collect();
        if unknown.len() > FEW {
            return self.holds_three_valued(state);
        }
        let mut outcomes = combinations(&unknown).map(|states| self.holds(&assumed(&unknown, &states, state)));
        let first = outcomes.next()?;
        outcomes.all(|outcome| outcome == first).then_some(first)
    }

    /// As far as each part says for itself: `A OR NOT A` is not known to hold.
    fn holds_three_valued(&self, state: &impl Fn(&str) -> Option<State>) -> Option<bool> {
        let first_or_unknown = |rules: &[Self], decisive: bool| {
            let outcomes: Vec<_> = rules.iter().map(|rule| rule.holds_three_valued(state)).collect();
            if outcomes.contains(&Some(decisive)) {
                return Some(decisive);
            }
            (!outcomes.contains(&None)).then_some(!decisive)
        };
        match self {
            Self::Is(wanted, name) => state(name).map(|state| state == *wanted),
            Self::Not(rule) => rule.holds_three_valued(state).map(|holds| !holds),
            Self::All(rules) => first_or_unknown(rules, false),
            Self::Any(rules) => first_or_unknown(rules, true),
            Self::AtLeast(quota, wanted, is, names) => {
                let counted = |unknown: bool| {
                    names.iter().filter(|name| state(name).map_or(unknown, |state| (state == *wanted) == *is)).count()
                };
                let [least, most] = [counted(false), counted(true)].map(|count| quota.met(count, names.len()));
                (least == most).then_some(least)
            }
            Self::Constant(value) => Some(*value),
        }
    }

    /// The alarms that it names.
    pub fn names(&self) -> BTreeSet<&str> {
        match self {
            Self::Is(_, name) => BTreeSet::from([name.as_str()]),
            Self::Not(rule) => rule.names(),
            Self::All(rules) | Self::Any(rules) => rules.iter().flat_map(Self::names).collect(),
            Self::AtLeast(_, _, _, names) => names.iter().map(String::as_str).collect(),
            Self::Constant(_) => BTreeSet::new(),
        }
    }

    /// Whether it holds as soon as this alarm, and no other, is in ALARM.
    pub fn suffices(&self, alarm: &str) -> bool {
        self.holds(&|name| if name == alarm { State::Alarm } else { State::Ok })
    }

    /// Whether it may come to hold because this alarm goes into ALARM.
    pub fn may_need(&self, alarm: &str) -> bool {
        let others: Vec<&str> = self.names().into_iter().filter(|name| *name != alarm).collect();
        if others.len() > FEW {
            return true;
        }
        combinations(&others).any(|states| {
            let with = |own: State| self.holds(&assumed(&others, &states, &|_| Some(own)));
            with(State::Alarm) && !with(State::Ok)
        })
    }

    /// Whether it can hold at all, as far as that was tried.
    pub fn can_hold(&self) -> bool {
        let names: Vec<&str> = self.names().into_iter().collect();
        names.len() > FEW || combinations(&names).any(|states| self.holds(&assumed(&names, &states, &|_| None)))
    }
}

impl Quota {
    /// Whether so many of so many meet it.
    fn met(self, count: usize, of: usize) -> bool {
        match self {
            Self::Number(number) => count >= number,
            Self::Percent(percent) => count.saturating_mul(100) >= percent.saturating_mul(of),
        }
    }
}

/// The states that are assumed of some alarms, and those of all others, or OK.
fn assumed<'s>(
    names: &'s [&'s str],
    states: &'s [State],
    others: &'s impl Fn(&str) -> Option<State>,
) -> impl Fn(&str) -> State + 's {
    move |name| {
        let found = names.iter().zip(states).find(|(known, _)| **known == name);
        found.map_or_else(|| others(name).unwrap_or(State::Ok), |(_, state)| *state)
    }
}

/// Every combination of states of so many alarms.
fn combinations(names: &[&str]) -> impl Iterator<Item = Vec<State>> {
    const STATES: [State; 3] = [State::Alarm, State::Ok, State::InsufficientData];
    let length = names.len();
    let total = 3_usize.pow(u32::try_from(length).unwrap_or(u32::MAX).min(20));
    (0..total).map(move |mut number| {
        let digit = |number: usize| STATES.get(number % 3).copied().unwrap_or(State::Ok);
        (0..length)
            .map(|_| {
                let state = digit(number);
                number /= 3;
                state
            })
            .collect()
    })
}
