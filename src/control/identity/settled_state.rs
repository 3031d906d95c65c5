//! INV-006

use jiff::{SignedDuration, Timestamp};

use crate::control::{Check, Context, Gate, Verdict};
use crate::declare_control;
use crate::estate::LiveVersion;

declare_control! {
    /// ## What it requires
    /// Endpoint and inference component are in a state in which it is clear which version answers.
    ///
    /// ## Why
    /// After a failed roll-back (`UpdateRollbackFailed`) instances of two configs answer side by side. An update that never
    /// ends is the same thing more slowly.
    ///
    /// ## Evidence
    /// Status of the endpoint and of the component, its last change, the deployment that has not finished.
    ///
    /// ## Results
    /// - **pass**: `InService`, `SystemUpdating`; `Updating` or `RollingBack` for a short while
    /// - **fail**: `UpdateRollbackFailed` or `Failed` (a stop); `Updating` for longer than `thresholds.updating_hours`, or
    ///   `RollingBack` for longer than `thresholds.rolling_back_hours` (a fix)
    /// - **unknown**: since when it is being changed is not known; a status that this version does not know
    /// - **not applicable**: batch; being created or deleted, or out of service, and answering nothing
    "INV-006" "settled-state" {
        summary: "its endpoint is in a settled state",
        severity: High,
        gate: Stop,
        needs: [Endpoints, InferenceComponents],
        uses: [],
        remedy: "update the endpoint to the last good config",
        role: "release engineer",
        frameworks: [("NIST AI RMF", "MANAGE 2.4"), ("EU AI Act", "Art. 15"), ("AWS Well-Architected", "Reliability")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    let Some(endpoint) = live.endpoint else {
        return Verdict::not_applicable("batch jobs have no endpoint");
    };
    let (status, why) = (endpoint.data.status.as_str(), endpoint.data.failure_reason.as_deref());
    let started = endpoint.data.pending.as_ref().and_then(|pending| pending.started).or(endpoint.data.modified);
    let of_endpoint = judge("endpoint", status, why, started, context)
        .cite(endpoint, format!("endpoint `{}` is {status}", endpoint.data.name));
    let Some(component) = live.component else { return of_endpoint };
    let (status, why) = (component.data.status.as_str(), component.data.failure_reason.as_deref());
    let of_component = judge("component", status, why, component.data.modified, context)
        .cite(component, format!("component `{}` is {status}", component.data.name));
    // What answers nothing cannot be unsettled, whatever the endpoint around it.
    crate::control::worst([of_endpoint, of_component]).unwrap_or_else(|| Verdict::unknown("no status is known"))
}

fn judge(what: &str, status: &str, why: Option<&str>, since: Option<Timestamp>, context: Context<'_>) -> Verdict {
    let limits = &context.policy.thresholds;
    let because = why.map(|why| format!(" ({})", why.trim().trim_end_matches('.'))).unwrap_or_default();
    match status {
        "InService" | "SystemUpdating" => Verdict::pass("its endpoint is in a settled state"),
        "UpdateRollbackFailed" => Verdict::fail(format!(
            "its {what} is UpdateRollbackFailed: instances of two configs answer side by side{because}"
        ))
        .gate(Gate::Stop)
        .settled(),
        "Failed" => Verdict::fail(format!("its {what} is Failed{because}")).gate(Gate::Stop).settled(),
        "Updating" => changing(what, status, since, limits.updating_hours, context),
        "RollingBack" => changing(what, status, since, limits.rolling_back_hours, context),
        "Creating" | "Deleting" | "OutOfService" => {
            Verdict::not_applicable(format!("its {what} is {status} and answers nothing"))
        }
        other => Verdict::unknown(format!("its {what} is `{other}`, a status that this version does not know")),
    }
}

/// A change takes a while; one that takes longer than the limit is stuck, which is to be fixed but no reason to stop.
fn changing(what: &str, status: &str, since: Option<Timestamp>, hours: i64, context: Context<'_>) -> Verdict {
    let Some(since) = since else {
        return Verdict::unknown(format!("its {what} is {status}, and since when is not known"));
    };
    if context.estate.as_of.duration_since(since) > SignedDuration::from_hours(hours) {
        Verdict::fail(format!("its {what} is {status} since {since}, for longer than {hours} h")).gate(Gate::Fix)
    } else {
        Verdict::pass(format!("its {what} is {status} since {since}, which is no longer than {hours} h"))
    }
}
