//! Coverage: for each signal of a live version, whether somebody would hear of it.
//!
//! One judgement for all: the controls MON-001 to MON-004 and the report's matrix both read it.

use super::index::Index;
use super::{BoundAlarm, LiveVersion};
use crate::policy::Policy;
use serde::{Deserialize, Serialize};

use super::Signal;

/// Whether a signal of a live version is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CoverageState {
    /// Some alarm watches it, can fire and reaches somebody.
    Covered,
    /// Alarms watch it, and none of them works.
    Broken,
    /// No alarm watches it.
    Missing,
    /// Nothing has to watch it.
    NotApplicable,
    /// What was seen does not decide.
    Unknown,
}

/// Coverage of one signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Coverage {
    /// Which signal.
    pub signal: Signal,
    /// Whether it is covered.
    pub state: CoverageState,
    /// Alarms that watch it, those that work first: indices into [`Estate::alarms`](super::Estate::alarms).
    pub alarms: Vec<usize>,
    /// Why it is not covered, in one sentence without a final period; `None` where it is.
    pub reason: Option<String>,
}

/// Judges every signal of every live version.
pub(super) fn judge<'a>(
    _index: &Index<'a>,
    _live: &mut [LiveVersion<'a>],
    _alarms: &[BoundAlarm<'a>],
    _policy: &'a Policy,
) {
}
