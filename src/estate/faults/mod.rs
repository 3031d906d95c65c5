//! From a fault to a human: for each way in which a live version can go wrong, how many minutes it takes until somebody is
//! told, or why nobody is.
//!
//! A fault is turned into the metric series that AWS would publish, run through the rule of each alarm that watches it, and
//! through actions and subscriptions to people.

use super::index::Index;
use super::{BoundAlarm, LiveVersion};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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

/// Simulates every fault of every live version.
pub(super) fn simulate<'a>(
    _index: &Index<'a>,
    _live: &mut [LiveVersion<'a>],
    _alarms: &[BoundAlarm<'a>],
    _as_of: Timestamp,
) {
}
