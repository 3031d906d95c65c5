//! INV-006

use jiff::{SignedDuration, Timestamp};

use crate::control::{Check, Context, Gate, Verdict};
use crate::declare_control;
use crate::estate::{LiveVersion, ServingPath};

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
    /// - **not applicable**: batch. What is being created or deleted, or is out of service, answers nothing, and is no live
    ///   version
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
    if live.path == ServingPath::Batch {
        return Verdict::not_applicable("batch jobs have no endpoint");
    }
    let Some(endpoint) = live.endpoint else {
        return Verdict::unknown("its endpoint could not be read");
    };
    let (status, why) = (endpoint.data.status.as_str(), endpoint.data.failure_reason.as_deref());
    let started = endpoint.data.pending.as_ref().and_then(|pending| pending.started).or(endpoint.data.modified);
    let of_endpoint = judge("endpoint", status, why, started, context)
        .cite(endpoint, format!("endpoint `{}` is {status}", endpoint.data.name));
    let Some(component) = live.component else { return of_endpoint };
    let (status, why) = (component.data.status.as_str(), component.data.failure_reason.as_deref());
    let of_component = judge("component", status, why, component.data.modified, context)
        .cite(component, format!("component `{}` is {status}", component.data.name));
    crate::control::worst([of_component, of_endpoint]).unwrap_or_else(|| Verdict::unknown("no status is known"))
}

fn judge(what: &str, status: &str, why: Option<&str>, since: Option<Timestamp>, context: Context<'_>) -> Verdict {
    let limits = &context.policy.thresholds;
    let because = why.map(|why| format!(" ({})", why.trim().trim_end_matches('.'))).unwrap_or_default();
    match status {
        "InService" | "SystemUpdating" => Verdict::pass(format!("its {what} is {status}")),
        "UpdateRollbackFailed" => Verdict::fail(format!(
            "its {what} is UpdateRollbackFailed: instances of two configs answer side by side{because}"
        ))
        .gate(Gate::Stop)
        .settled(),
        "Failed" => Verdict::fail(format!("its {what} is Failed{because}")).gate(Gate::Stop).settled(),
        "Updating" => changing(what, status, since, limits.updating_hours, context),
        "RollingBack" => changing(what, status, since, limits.rolling_back_hours, context),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Endpoint, EndpointConfig, FactKind, InferenceComponent};

    fn status(status: &'static str, since: Option<&'static str>) -> Fixture {
        Fixture::sound().edit(move |endpoint: &mut Endpoint| {
            endpoint.status = status.to_owned();
            endpoint.modified = since.map(at);
            endpoint.failure_reason = Some("the container did not answer the ping.".to_owned());
        })
    }

    #[test]
    fn settled_and_broken() {
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "InService")
            .pass(status("SystemUpdating", None), "SystemUpdating")
            .fail(status("UpdateRollbackFailed", None), "two configs, did not answer the ping)")
            .gate(Gate::Stop)
            .fail(status("Failed", None), "Failed")
            .gate(Gate::Stop)
            .unknown(status("Dreaming", None), "`Dreaming`");
    }

    #[test]
    fn a_change_takes_a_while_and_then_it_is_stuck_which_is_no_reason_to_stop() {
        Tester::new(&CONTROL)
            .pass(status("Updating", Some("2026-06-01T07:00:00Z")), "no longer than 6 h")
            .fail(status("Updating", Some("2026-06-01T05:00:00Z")), "for longer than 6 h")
            .gate(Gate::Fix)
            .pass(status("RollingBack", Some("2026-06-01T11:30:00Z")), "no longer than 1 h")
            .fail(status("RollingBack", Some("2026-06-01T10:30:00Z")), "for longer than 1 h")
            .gate(Gate::Fix)
            .unknown(status("Updating", None), "since when is not known");
    }

    #[test]
    fn batch_has_no_endpoint() {
        let batch = Fixture::sound().with(job("night", MODEL, "2026-05-20T01:00:00Z"));
        Tester::new(&CONTROL).on("/batch/").not_applicable(batch, "no endpoint");
    }

    #[test]
    fn a_component_has_a_state_of_its_own() {
        let components = || {
            Fixture::sound()
                .edit(|config: &mut EndpointConfig| config.variants[0].model_name = None)
                .with(component("chat", Some(MODEL)))
        };
        let updating = |component: &mut InferenceComponent| {
            component.status = "Updating".to_owned();
            component.modified = Some(at("2026-06-01T11:30:00Z"));
        };
        let failed = |component: &mut InferenceComponent| component.status = "Failed".to_owned();
        Tester::new(&CONTROL)
            .on("/component/")
            .pass(components(), "component is InService")
            .pass(components().edit(updating), "component is Updating since")
            .fail(components().edit(failed), "component is Failed")
            .gate(Gate::Stop)
            .hidden(components().gap(crate::evidence::Hidden::One(crate::evidence::ResourceKey::new(
                FactKind::InferenceComponents,
                "chat",
            ))));
    }
}
