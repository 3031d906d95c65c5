//! From a fault to a human: for each way in which a live version can go wrong, how many minutes it takes until somebody is
//! told, or why nobody is.
//!
//! A fault is turned into the metric series that AWS would publish (`change`, `normal`, `published`), run through the rule
//! of each alarm that watches it (`judged`, `run`, `fire`), and through actions and subscriptions to people (`tell`).

use serde::{Deserialize, Serialize};

use super::coverage::{Rules, Worths};
use super::index::Index;
use super::replay::wanted::of_term;
use super::{BoundAlarm, LiveVersion, Signal, Unit};
use crate::evidence::{AlarmKind, FactKind, ResourceKey};
use crate::policy::Policy;

mod change;
mod fire;
mod judged;
mod normal;
mod published;
mod run;
mod tell;
#[cfg(test)]
mod tests;

use normal::Normals;
use tell::Teller;

/// A way in which a live version can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Every request fails.
    RequestsFail,
    /// Latency triples.
    LatencyTriples,
    /// Requests stop coming.
    TrafficStops,
    /// Its instances run full.
    InstanceSaturates,
    /// Its predictions drift.
    PredictionsDrift,
}

impl Fault {
    /// Every fault, in the order of the table.
    pub const ALL: [Self; 5] =
        [Self::RequestsFail, Self::LatencyTriples, Self::TrafficStops, Self::InstanceSaturates, Self::PredictionsDrift];

    /// In plain words, to follow "when".
    pub fn words(self) -> &'static str {
        match self {
            Self::RequestsFail => "every request fails",
            Self::LatencyTriples => "latency triples",
            Self::TrafficStops => "requests stop",
            Self::InstanceSaturates => "its instances run full",
            Self::PredictionsDrift => "its predictions drift",
        }
    }

    /// The signal that tells of it.
    pub fn signal(self) -> Signal {
        match self {
            Self::RequestsFail => Signal::Errors,
            Self::LatencyTriples => Signal::Latency,
            Self::TrafficStops => Signal::Silence,
            Self::InstanceSaturates => Signal::Saturation,
            Self::PredictionsDrift => Signal::Drift,
        }
    }
}

/// What becomes of one fault of a live version.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultOutcome {
    /// The fault.
    pub fault: Fault,
    /// Who is told.
    pub told: Told,
    /// Alarms that would fire, the quickest first: indices into [`Estate::alarms`](super::Estate::alarms).
    pub fires: Vec<usize>,
    /// What was assumed for the simulation, such as the requests a minute that were observed.
    pub assumed: Vec<String>,
}

/// Who is told of a fault.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// Somebody.
    Human {
        /// Minutes until then at best.
        from: u32,
        /// Minutes until then at worst.
        to: u32,
        /// Whom, addresses shown in part.
        whom: Vec<String>,
    },
    /// Nobody.
    Nobody {
        /// Why, in sentences without a final period, what is nearest to working first.
        why: Vec<String>,
    },
    /// What was seen does not decide.
    Unknown {
        /// Why.
        why: Vec<String>,
    },
    /// The fault cannot happen to it, or means nothing.
    NotApplicable {
        /// Why.
        why: String,
    },
}

/// Simulates every fault of every live version, whose coverage was judged.
pub(super) fn simulate<'a>(
    index: &Index<'a>,
    live: &mut [LiveVersion<'a>],
    alarms: &[BoundAlarm<'a>],
    policy: &'a Policy,
) {
    let normals = Normals::new(index);
    let teller = Teller::new(index, alarms, Worths::new(alarms, policy), Rules::new(index), &normals);
    for version in live {
        version.faults = teller.faults(version);
        let series = rests_on(version, alarms, &normals);
        version.resources.extend(series);
    }
}

/// Names of the series that a simulation looks at.
fn rests_on<'a>(live: &LiveVersion<'a>, alarms: &[BoundAlarm<'a>], normals: &Normals<'_, 'a>) -> Vec<ResourceKey> {
    let bound = live.alarms.iter().filter_map(|binding| alarms.get(binding.alarm));
    let metrics = bound.filter_map(|alarm| match &alarm.alarm.data.kind {
        AlarmKind::Metric(metric) => Some((alarm.alarm, metric)),
        _ => None,
    });
    let terms = metrics.flat_map(|(alarm, metric)| metric.terms.iter().map(move |term| (alarm, term)));
    let judged = terms.filter_map(|(alarm, term)| of_term(alarm, term, |account| normals.is_read(account)));
    let requests = Unit::of(live).map(|unit| unit.silence());
    let keys = judged.map(|(_, key)| key).chain(requests);
    keys.map(|key| ResourceKey::new(FactKind::MetricData, &key.to_string())).collect()
}
