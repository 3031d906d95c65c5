//! MON-001

use super::{coverage, no_fault};
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{LiveVersion, Signal};

declare_control! {
    /// ## What it requires
    /// An alarm on failing requests is bound to the live version, armed, and delivered to somebody.
    ///
    /// ## Why
    /// Otherwise users find out first. Errors of the client (4XX) alone say nothing about the model.
    ///
    /// ## Evidence
    /// Alarms on `Invocation5XXErrors`, `InvocationModelErrors`, or what asynchronous endpoints publish; their actions, mute
    /// rules, topics and subscriptions.
    ///
    /// ## Results
    /// - **pass**: one such alarm works
    /// - **fail**: there is none, or only broken ones; each says what is wrong with it
    /// - **unknown**: only alarms whose expression cannot be followed, or whose topic or mute rules could not be read; alarms
    ///   that the manifest declares elsewhere
    /// - **not applicable**: batch without an alarm: what tells of a failed job is an EventBridge rule, which is not read
    "MON-001" "errors-alarmed" {
        summary: "somebody hears when requests fail",
        severity: High,
        gate: Fix,
        needs: [Alarms],
        uses: [MuteRules, Topics],
        remedy: "aws cloudwatch put-metric-alarm on Invocation5XXErrors with EndpointName and VariantName, and an action that reaches somebody",
        role: "endpoint owner",
        frameworks: [("NIST AI RMF", "MEASURE 2.4"), ("ISO/IEC 42001", "A.6.2.6"), ("EU AI Act", "Art. 72, 26(5)"), ("AWS Well-Architected", "Operational Excellence")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    coverage(live, context, Signal::Errors, no_fault)
}
