//! INV-004

use super::registered;
use crate::control::approval::{Asked, asked};
use crate::control::declared::{Declared, declared};
use crate::control::{Check, Context, Status, Verdict, worst};
use crate::declare_control;
use crate::estate::{LiveVersion, ServingPath};
use crate::evidence::ApprovalStatus;

declare_control! {
    /// ## What it requires
    /// What serves beside the main path of an endpoint is a registered and approved version too: shadow variants, instance
    /// pools with a model of their own, adapters, models of a multi-model prefix, a deployment that has not finished.
    ///
    /// ## Why
    /// These paths receive real requests and do not show where one looks first. An adapter or an artifact in a multi-model
    /// prefix comes into service without an endpoint update.
    ///
    /// ## Evidence
    /// Endpoint and config, inference components, the listing of multi-model prefixes; of each path the registration and the
    /// approval status. Routers and endpoint policies are not read by this version.
    ///
    /// ## Results
    /// - **pass**: the hidden path serves a registered version, and an approved one where approval is asked for
    /// - **fail**: it serves an unregistered or unapproved version
    /// - **unknown**: registration or status could not be read
    /// - **not applicable**: it is the main path of its endpoint, or batch, which INV-002 and APR-001 judge; the manifest says
    ///   why it may serve unregistered
    "INV-004" "no-hidden-path" {
        summary: "no hidden path serves an ungoverned version",
        severity: Medium,
        gate: Fix,
        needs: [Endpoints, EndpointConfigs, InferenceComponents, Models, Packages],
        uses: [Objects],
        remedy: "register and approve what the path serves, or take the override, adapter or artifact away",
        role: "release engineer",
        frameworks: [("NIST AI RMF", "MAP 2.1"), ("ISO/IEC 42001", "A.4.2"), ("PRA SS1/23", "P1")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    let Some(path) = hidden_path(live) else {
        return Verdict::not_applicable("it is the main path of its endpoint, which INV-002 and APR-001 judge");
    };
    let excused = declared(live, context, |manifest| manifest.unregistered_because.as_deref());
    if let Declared::Says(reason) = excused {
        return Verdict::not_applicable(format!("the manifest lets it serve unregistered: {reason}")).settled();
    }
    let known = worst(live.containers.iter().map(|container| registered(container, live, context)))
        .unwrap_or_else(|| Verdict::unknown("what it serves is not known; INV-001 judges that"));
    let verdict = if known.status == Status::Pass { approved(live, context, path) } else { known };
    let verdict = Verdict { reason: format!("{path}: {}", verdict.reason), ..verdict };
    match excused {
        Declared::Unsure => {
            verdict.doubted("which manifest applies is not known, and one lets models serve unregistered")
        }
        _ => verdict,
    }
}

fn approved<'a>(live: &'a LiveVersion<'a>, context: Context<'a>, path: &str) -> Verdict {
    let each = live.approvals.iter().map(|approval| {
        let (package, arn) = (approval.package, &approval.package.data.arn);
        let verdict = match approval.status {
            Some(ApprovalStatus::Approved) => Verdict::pass("what it serves is registered and approved"),
            Some(status) => Verdict::fail(format!("it serves `{arn}`, which is {}", status.as_str())),
            None => Verdict::unknown(format!("the approval status of `{arn}` is not known")),
        };
        let status = approval.status.map_or("not known", ApprovalStatus::as_str);
        verdict.cite(package, format!("the status of `{arn}` is {status}"))
    });
    let verdict = worst(each).unwrap_or_else(|| Verdict::unknown(format!("no approval is known of {path}")));
    match asked(live, context) {
        Asked::No(reason) if verdict.status == Status::Fail => {
            Verdict { cites: verdict.cites, ..Verdict::pass("what it serves is registered").note(reason) }
        }
        Asked::Yes | Asked::No(_) => verdict,
        Asked::Unsure(why) => verdict.doubted(why),
    }
}

fn hidden_path(live: &LiveVersion<'_>) -> Option<&'static str> {
    let adapter = live.component.is_some_and(|component| component.data.base_component.is_some());
    match live.path {
        ServingPath::Shadow => Some("shadow variant"),
        ServingPath::Pool => Some("instance pool with a model of its own"),
        ServingPath::MultiModel => Some("model of a multi-model prefix"),
        ServingPath::Component if adapter => Some("adapter"),
        ServingPath::Variant | ServingPath::Component if live.pending => Some("deployment that has not finished"),
        ServingPath::Variant | ServingPath::Component | ServingPath::Batch => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{
        Endpoint, EndpointConfig, FactKind, InferenceComponent, InstancePool, Package, PendingDeployment, ResourceTags,
    };

    fn shadow() -> Fixture {
        Fixture::sound()
            .edit(|endpoint: &mut Endpoint| endpoint.shadow_variants = vec![variant("candidate")])
            .edit(|config: &mut EndpointConfig| config.shadow_variants = vec![settings("candidate", Some("fraud-6"))])
            .with(model("fraud-6", from_package(PREVIOUS)))
    }

    fn adapter(base: Option<&'static str>) -> Fixture {
        Fixture::sound()
            .edit(|config: &mut EndpointConfig| config.variants[0].model_name = None)
            .with(component("adapter", None))
            .edit(move |component: &mut InferenceComponent| {
                component.base_component = base.map(str::to_owned);
                component.container = Some(from_artifact("s3://ml-models/adapter.tar.gz", None));
            })
    }

    fn pool() -> Fixture {
        let pool = |name: Option<&str>| InstancePool {
            instance_type: "ml.g5.xlarge".to_owned(),
            model_override: name.map(str::to_owned),
            priority: Some(2),
        };
        Fixture::sound()
            .edit(move |config: &mut EndpointConfig| config.variants[0].pools = vec![pool(None), pool(Some("fraud-6"))])
            .with(model("fraud-6", from_package(PREVIOUS)))
    }

    fn pending(package: &mut Package) {
        package.approval = Some(ApprovalStatus::PendingManualApproval);
    }

    #[test]
    fn the_main_path_is_judged_elsewhere() {
        let batch = Fixture::sound().with(job("night", MODEL, "2026-05-20T01:00:00Z"));
        Tester::new(&CONTROL).not_applicable(Fixture::sound(), "main path").not_applicable(batch, "main path");
    }

    #[test]
    fn a_shadow_or_a_pool_serves_a_governed_version() {
        for (fixture, path) in [(shadow as fn() -> Fixture, "/shadow/"), (pool, "/pool/")] {
            Tester::new(&CONTROL)
                .on(path)
                .pass(fixture(), "registered and approved")
                .fail(fixture().edit_named(PREVIOUS, pending), "fraud/6, PendingManualApproval")
                .hidden(fixture().hidden(FactKind::Packages, PREVIOUS));
        }
    }

    #[test]
    fn an_adapter_that_no_registry_knows() {
        Tester::new(&CONTROL)
            .on("/component/")
            .fail(adapter(Some("base")), "adapter, no registered version")
            .not_applicable(adapter(None), "main path")
            .hidden(adapter(Some("base")).hidden(FactKind::Packages, PREVIOUS));
    }

    #[test]
    fn a_deployment_that_has_not_finished_is_a_path_of_its_own() {
        let rolling = Fixture::sound()
            .edit(|endpoint: &mut Endpoint| {
                endpoint.status = "Updating".to_owned();
                endpoint.pending = Some(PendingDeployment {
                    config_name: "fraud-scoring-8".to_owned(),
                    started: Some(at("2026-06-01T11:00:00Z")),
                    variants: vec![variant(VARIANT)],
                    shadow_variants: Vec::new(),
                });
            })
            .with(config("fraud-scoring-8", &[(VARIANT, Some("raw"))]))
            .with(model("raw", from_artifact("s3://ml-models/raw.tar.gz", None)));
        let fixture = rolling.clone();
        let estate = fixture.estate();
        let pending: Vec<_> = estate.live.iter().filter(|live| live.pending).map(|live| live.id.clone()).collect();
        let [pending] = pending.as_slice() else { panic!("one pending live version: {pending:?}") };
        Tester::new(&CONTROL).on(pending).fail(rolling, "has not finished, no registered version");
    }

    #[test]
    fn models_of_a_multi_model_prefix_are_paths_too() {
        Tester::new(&CONTROL).on("/multi-model/").pass(Fixture::multi_model(), "registered and approved");
    }

    #[test]
    fn outside_production_it_has_to_be_registered_only() {
        let staged = |value: &'static str| {
            move |tags: &mut ResourceTags| {
                tags.tags.insert("stage".to_owned(), value.to_owned());
            }
        };
        Tester::new(&CONTROL)
            .on("/shadow/")
            .pass(shadow().edit_named(PREVIOUS, pending).edit_named(ENDPOINT_ARN, staged("dev")), "registered")
            .note("outside production")
            .unknown(
                shadow().edit_named(PREVIOUS, pending).hidden(FactKind::Tags, ENDPOINT_ARN),
                "tags decide its stage",
            )
            .not_applicable(
                shadow().manifest(|manifest| manifest.unregistered_because = Some("a trial".to_owned())),
                "a trial",
            );
    }
}
