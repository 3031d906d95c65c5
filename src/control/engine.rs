//! Runs every control over every subject: turns gaps into "unknown", applies waivers, survives a control that fails.

use crate::control::{Control, Gate, Status, Subject, Verdict};
use crate::estate::Estate;
use crate::policy::{Policy, Waiver};
use crate::readiness::Readiness;

/// One control's result for one subject.
#[derive(Debug)]
pub struct Finding<'a> {
    /// The control.
    pub control: &'static Control,
    /// What was judged; `None` for the run as a whole.
    pub subject: Option<Subject<'a>>,
    /// Status after gaps and waivers.
    pub status: Status,
    /// Gate of this case.
    pub gate: Gate,
    /// What the check said; its status is the one before gaps and waivers.
    pub verdict: Verdict,
    /// Indices of the gaps that made it unknown, or that a note mentions.
    pub gaps: Vec<usize>,
    /// The waiver that applies.
    pub waiver: Option<&'a Waiver>,
}

/// Everything that is said about an estate.
#[derive(Debug)]
pub struct Assessment<'a> {
    /// The estate.
    pub estate: &'a Estate<'a>,
    /// The policy.
    pub policy: &'a Policy,
    /// Findings, sorted by subject and code.
    pub findings: Vec<Finding<'a>>,
    /// Readiness of each live version, in the order of [`Estate::live`].
    pub readiness: Vec<Readiness>,
    /// Of all gate controls asked, how many were decided: numerator and denominator of the evidence share.
    pub decided: (usize, usize),
    /// Waivers that apply to nothing, or are no longer valid, with why.
    pub idle_waivers: Vec<(&'a Waiver, String)>,
}

/// Judges an estate. Pure: the same estate and policy give the same assessment, in the same order.
pub fn assess<'a>(estate: &'a Estate<'a>, policy: &'a Policy) -> Assessment<'a> {
    todo!("{estate:?} {policy:?}")
}
