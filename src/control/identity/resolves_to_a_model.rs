//! INV-001

use crate::control::{Check, Context, Status, Verdict};
use crate::declare_control;
use crate::estate::{LiveVersion, Lookup, ServingPath};
use crate::evidence::FactKind;

declare_control! {
    /// ## What it requires
    /// Everything that answers requests leads to the model that answers: endpoint to config, config to model, model to
    /// containers.
    ///
    /// ## Why
    /// Config and model can be deleted while the endpoint serves. From then on nobody can say what answers, and the next
    /// scale-out or repair fails.
    ///
    /// ## Evidence
    /// The endpoint, the config that it names, the model that the variant names; for inference components their model or own
    /// container. A region whose endpoints could not be listed has a result of its own.
    ///
    /// ## Results
    /// - **pass**: every step leads on
    /// - **fail**: config or model do not exist any more although the endpoint serves; after a failed roll-back
    ///   (`UpdateRollbackFailed`), since a mix of two configs answers
    /// - **unknown**: a step could not be read; a batch model that was deleted after its job; endpoints that could not be listed
    /// - **not applicable**: a variant that waits for inference components. What is being created or deleted answers nothing,
    ///   and is no live version
    "INV-001" "resolves-to-a-model" {
        summary: "what serves resolves to a model",
        severity: Critical,
        gate: Fix,
        needs: [Endpoints, EndpointConfigs, Models, InferenceComponents],
        uses: [],
        remedy: "make the config again from its CreateEndpointConfig event and update the endpoint to it; deny deletion of configs and models in use",
        role: "release engineer",
        frameworks: [("NIST AI RMF", "GOVERN 1.6"), ("ISO/IEC 42001", "A.6.2.5"), ("EU AI Act", "Art. 12"), ("PRA SS1/23", "P1")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    let mut verdict = resolve(live, context);
    if verdict.status != Status::Pass
        && let Some(hint) = &live.hint
    {
        verdict = verdict.note(hint.clone());
    }
    if let Some(endpoint) = live.endpoint {
        verdict = verdict.cite(endpoint, format!("endpoint `{}` is {}", endpoint.data.name, endpoint.data.status));
    }
    if let Some(component) = live.component {
        verdict = verdict.cite(component, format!("component `{}` is {}", component.data.name, component.data.status));
    }
    verdict
}

fn resolve<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    let config = live.endpoint.and_then(|endpoint| endpoint.data.config_name.as_deref()).unwrap_or("unnamed");
    match live.config {
        Lookup::Absent(call) => {
            return Verdict::fail(format!("its endpoint config `{config}` does not exist any more, and it serves"))
                .cite_calls(&[call], format!("endpoint config `{config}` does not exist"));
        }
        Lookup::Unseen => return Verdict::unknown(format!("its endpoint config `{config}` could not be read")),
        Lookup::Found(_) | Lookup::NotNamed => {}
    }
    if live.model_name.is_none() && live.component.is_none() && live.path != ServingPath::Batch {
        return waits(live, context);
    }
    let name = live.model_name.unwrap_or("unnamed");
    match live.model {
        Lookup::Absent(call) if live.path == ServingPath::Batch => {
            Verdict::unknown(format!("model `{name}` was deleted after its jobs, so what they ran cannot be read"))
                .cite_calls(&[call], format!("model `{name}` does not exist"))
        }
        Lookup::Absent(call) => Verdict::fail(format!("its model `{name}` does not exist any more, and it serves"))
            .cite_calls(&[call], format!("model `{name}` does not exist")),
        Lookup::Unseen => Verdict::unknown(format!("its model `{name}` could not be read")),
        _ if mixed(live) => {
            Verdict::fail("a failed roll-back left a mix of two configs, and which of them answers cannot be told")
        }
        Lookup::Found(model) if live.resolved() => {
            Verdict::pass(format!("it is model `{name}`")).cite(model, format!("model `{name}` exists"))
        }
        Lookup::Found(model) => Verdict::unknown(format!("model `{name}` states no container"))
            .cite(model, format!("model `{name}` exists")),
        Lookup::NotNamed if live.resolved() => Verdict::pass("the component carries its own container"),
        Lookup::NotNamed => Verdict::unknown("neither a model nor a container is named"),
    }
}

/// A variant without a model is served by inference components, each a live version of its own.
fn waits<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    let gap = context.view.gaps_of(live.account, live.region, FactKind::InferenceComponents).next();
    match gap {
        Some(_) => Verdict::unknown("inference components serve the variant, and some could not be read").gap(gap),
        None => Verdict::not_applicable("the variant waits for inference components, and none is placed on it"),
    }
}

fn mixed(live: &LiveVersion<'_>) -> bool {
    live.endpoint.is_some_and(|endpoint| endpoint.data.status == "UpdateRollbackFailed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Endpoint, EndpointConfig, InferenceComponent, Model};

    fn status(status: &'static str) -> Fixture {
        Fixture::sound().edit(move |endpoint: &mut Endpoint| endpoint.status = status.to_owned())
    }

    fn components(fixture: Fixture) -> Fixture {
        fixture.edit(|config: &mut EndpointConfig| config.variants[0].model_name = None)
    }

    #[test]
    fn every_step_leads_on_or_does_not() {
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), MODEL)
            .fail(
                Fixture::sound().absent(FactKind::EndpointConfigs, CONFIG),
                "endpoint config, does not exist any more",
            )
            .fail(Fixture::sound().absent(FactKind::Models, MODEL), "model, does not exist any more")
            .hidden(Fixture::sound().hidden(FactKind::EndpointConfigs, CONFIG))
            .hidden(Fixture::sound().hidden(FactKind::Models, MODEL))
            .hidden(Fixture::sound().hidden_all(FactKind::Models))
            .unknown(Fixture::sound().edit(|model: &mut Model| model.containers.clear()), "states no container");
    }

    #[test]
    fn after_a_failed_roll_back_nobody_can_say_what_answers() {
        Tester::new(&CONTROL)
            .fail(status("UpdateRollbackFailed"), "mix of two configs")
            .pass(status("Updating"), MODEL)
            .pass(status("Failed"), MODEL);
    }

    #[test]
    fn components_serve_a_variant_without_a_model() {
        let own = |component: &mut InferenceComponent| component.container = Some(from_artifact(ARTIFACT, Some(ETAG)));
        Tester::new(&CONTROL)
            .not_applicable(components(Fixture::sound()), "waits for inference components")
            .unknown(components(Fixture::sound()).hidden_all(FactKind::InferenceComponents), "could not be read")
            .on("/component/")
            .pass(components(Fixture::sound()).with(component("chat", Some(MODEL))), MODEL)
            .pass(components(Fixture::sound()).with(component("adapter", None)).edit(own), "own container")
            .fail(
                components(Fixture::sound()).with(component("chat", Some("gone"))).absent(FactKind::Models, "gone"),
                "gone",
            );
    }

    #[test]
    fn a_batch_model_may_be_gone_by_now() {
        let batch =
            Fixture::sound().with(job("night", "once", "2026-05-20T01:00:00Z")).absent(FactKind::Models, "once");
        Tester::new(&CONTROL).on("/batch/").unknown(batch, "deleted after its jobs");
    }
}
