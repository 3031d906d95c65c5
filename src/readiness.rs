//! From control results to one verdict for each live version, and the smallest set of changes that would raise it.
//!
//! Five rules, the first that applies decides:
//!
//! 1. a *stop* control fails: **stop**;
//! 2. a *fix* control fails, or a *stop* control is unknown: **fix controls first** in production, **keep in pilot**
//!    outside;
//! 3. failing *operability* controls weigh 4 or more together (high 3, medium 2, low 1): the same;
//! 4. anything is unknown or waived that gates, the evidence is incomplete, or operability failures weigh less than 4:
//!    **operate as is**;
//! 5. all gates hold: **expand**, unless something that is no control stands against it (a [hurdle](decide)).
//!
//! Laws, each held by a property test: a fail that becomes a pass never lowers the verdict; unknown never stops and is
//! never better than a pass; a waiver never lifts to *expand*; the order of results does not matter; the flip set is the
//! smallest there is.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::control::{Gate, Severity, Status};
use crate::policy::Stage;

/// May the use of a live version be expanded?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadinessVerdict {
    /// Take it out of service, or divert to its rollback target.
    Stop,
    /// In production: something that bars must be fixed before anything else.
    FixControlsFirst,
    /// Outside production: the same, so it stays a pilot.
    KeepInPilot,
    /// It may go on as it is; nothing more may hang on it yet.
    OperateAsIs,
    /// Its use may be expanded.
    Expand,
}

impl ReadinessVerdict {
    /// How far up it stands, from 0. *Fix controls first* and *keep in pilot* are one step, named by the stage.
    pub fn step(self) -> u8 {
        match self {
            Self::Stop => 0,
            Self::FixControlsFirst | Self::KeepInPilot => 1,
            Self::OperateAsIs => 2,
            Self::Expand => 3,
        }
    }
}

/// A verdict with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// The verdict.
    pub verdict: ReadinessVerdict,
    /// Number of the rule that decided, 1 to 5.
    pub rule: u8,
    /// Codes of the controls that bind, sorted.
    pub binding: Vec<String>,
    /// The smallest set of control changes that raises the verdict by a step, sorted by code. What no control stands
    /// for (a version that has not served long enough) comes last, in words.
    pub flip_set: Vec<String>,
    /// Why it is not higher, in one plain sentence.
    pub reason: String,
}

/// What readiness needs to know of one finding. Several may share a code (one for each alarm): they weigh once, and are
/// changed together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outcome {
    /// Code of the control.
    pub code: String,
    /// Result.
    pub status: Status,
    /// Gate of the case.
    pub gate: Gate,
    /// Severity of the control.
    pub severity: Severity,
}

/// Operability failures that weigh this much together bar.
const BARRING_WEIGHT: u32 = 4;

/// What the outcomes of one control do to the verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Effect {
    stops: bool,
    bars: bool,
    weight: u32,
    holds: bool,
}

impl Effect {
    fn of(outcome: &Outcome) -> Self {
        let none = Self::default();
        match (outcome.gate, outcome.status) {
            (Gate::Stop, Status::Fail) => Self { stops: true, ..none },
            (Gate::Fix, Status::Fail) | (Gate::Stop, Status::Unknown) => Self { bars: true, ..none },
            (Gate::Operability, Status::Fail) => Self { weight: weight(outcome.severity), holds: true, ..none },
            (Gate::Fix | Gate::Operability | Gate::Expansion, Status::Unknown)
            | (Gate::Expansion, Status::Fail)
            | (Gate::Stop | Gate::Fix | Gate::Operability | Gate::Expansion, Status::Waived) => {
                Self { holds: true, ..none }
            }
            (_, Status::Pass | Status::NotApplicable) | (Gate::Advisory, _) => none,
        }
    }

    fn join(self, other: Self) -> Self {
        Self {
            stops: self.stops || other.stops,
            bars: self.bars || other.bars,
            weight: self.weight.max(other.weight),
            holds: self.holds || other.holds,
        }
    }
}

fn weight(severity: Severity) -> u32 {
    match severity {
        Severity::Critical | Severity::High => 3,
        Severity::Medium => 2,
        Severity::Low => 1,
        Severity::Info => 0,
    }
}

/// Decides. `hurdles` is what stands against expansion and is no control, in words that say what would clear it.
pub fn decide(outcomes: &[Outcome], stage: Stage, hurdles: &[String]) -> Readiness {
    let mut effects: BTreeMap<&str, Effect> = BTreeMap::new();
    for outcome in outcomes {
        let effect = effects.entry(&outcome.code).or_default();
        *effect = effect.join(Effect::of(outcome));
    }
    let codes = |which: fn(&Effect) -> bool| -> BTreeSet<&str> {
        effects.iter().filter(|(_, effect)| which(effect)).map(|(code, _)| *code).collect()
    };
    let barred =
        if stage == Stage::Production { ReadinessVerdict::FixControlsFirst } else { ReadinessVerdict::KeepInPilot };

    let stops = codes(|effect| effect.stops);
    if !stops.is_empty() {
        let reason = format!("{} {} what must not serve", list(&stops), plural(&stops, "finds", "find"));
        return readiness(ReadinessVerdict::Stop, 1, &stops, &stops, &[], reason);
    }
    let bars = codes(|effect| effect.bars);
    let weights: BTreeMap<&str, u32> =
        effects.iter().filter(|(_, effect)| effect.weight > 0).map(|(code, effect)| (*code, effect.weight)).collect();
    if !bars.is_empty() {
        let mut flips = bars.clone();
        flips.extend(lightening(&weights, &bars));
        let reason = format!("{} {} to be fixed before anything else", list(&bars), plural(&bars, "has", "have"));
        return readiness(barred, 2, &bars, &flips, &[], reason);
    }
    let total: u32 = weights.values().sum();
    if total >= BARRING_WEIGHT {
        let binding = weights.keys().copied().collect();
        let flips = lightening(&weights, &BTreeSet::new());
        let reason = format!("what fails in operation weighs {total}, and {BARRING_WEIGHT} bars: {}", list(&binding));
        return readiness(barred, 3, &binding, &flips, &[], reason);
    }
    let holds = codes(|effect| effect.holds);
    if !holds.is_empty() {
        let reason = format!("{} {} not settled", list(&holds), plural(&holds, "is", "are"));
        return readiness(ReadinessVerdict::OperateAsIs, 4, &holds, &holds, hurdles, reason);
    }
    let none = BTreeSet::new();
    match hurdles.first() {
        Some(hurdle) => {
            let reason = format!("every control holds; what is left is to {hurdle}");
            readiness(ReadinessVerdict::OperateAsIs, 5, &none, &none, hurdles, reason)
        }
        None => readiness(ReadinessVerdict::Expand, 5, &none, &none, &[], "every control holds".to_owned()),
    }
}

/// The fewest codes, beside those changed anyway, without which the rest no longer bars. Taking the heaviest first is
/// exact: no set of the same size takes away more.
fn lightening<'c>(weights: &BTreeMap<&'c str, u32>, changed: &BTreeSet<&str>) -> BTreeSet<&'c str> {
    let mut left: Vec<(&str, u32)> =
        weights.iter().filter(|(code, _)| !changed.contains(*code)).map(|(code, weight)| (*code, *weight)).collect();
    left.sort_by_key(|(code, weight)| (std::cmp::Reverse(*weight), *code));
    let mut total: u32 = left.iter().map(|(_, weight)| weight).sum();
    let mut taken = BTreeSet::new();
    for (code, weight) in left {
        if total < BARRING_WEIGHT {
            break;
        }
        total -= weight;
        taken.insert(code);
    }
    taken
}

fn readiness(
    verdict: ReadinessVerdict,
    rule: u8,
    binding: &BTreeSet<&str>,
    flips: &BTreeSet<&str>,
    words: &[String],
    reason: String,
) -> Readiness {
    let owned = |codes: &BTreeSet<&str>| -> Vec<String> { codes.iter().map(|code| (*code).to_owned()).collect() };
    let mut flip_set = owned(flips);
    flip_set.extend_from_slice(words);
    Readiness { verdict, rule, binding: owned(binding), flip_set, reason }
}

fn plural<'w>(codes: &BTreeSet<&str>, one: &'w str, many: &'w str) -> &'w str {
    if codes.len() == 1 { one } else { many }
}

/// `A`, `A and B`, `A, B and C`.
fn list(codes: &BTreeSet<&str>) -> String {
    let codes: Vec<&str> = codes.iter().copied().collect();
    match codes.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests;
