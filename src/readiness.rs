//! From control results to one verdict for each live version, and the smallest set of changes that would raise it.

use serde::{Deserialize, Serialize};

use crate::control::{Gate, Severity, Status};

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

/// A verdict with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// The verdict.
    pub verdict: ReadinessVerdict,
    /// Number of the rule that decided, 1 to 5.
    pub rule: u8,
    /// Codes of the controls that bind, sorted.
    pub binding: Vec<String>,
    /// The smallest set of control changes that raises the verdict by a step, sorted by code.
    pub flip_set: Vec<String>,
    /// Why it is not higher, in one plain sentence.
    pub reason: String,
}

/// What readiness needs to know of one finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outcome {
    /// Code, with the subject where a live version has several of one code.
    pub code: String,
    /// Result.
    pub status: Status,
    /// Gate of the case.
    pub gate: Gate,
    /// Severity of the control.
    pub severity: Severity,
}
