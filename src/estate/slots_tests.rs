use super::*;
use crate::estate::fixture::*;
use crate::evidence::{AsyncOutput, PendingDeployment, ServerlessSettings};

const PREFIX: &str = "111122223333/eu-central-1";

/// Ids without account and region, with the model.
fn served(fixture: &Fixture) -> Vec<(String, Option<String>)> {
    let estate = fixture.estate();
    let short = |id: &str| id.strip_prefix(PREFIX).and_then(|id| id.strip_prefix('/')).unwrap_or(id).to_owned();
    estate.live.iter().map(|live| (short(&live.id), live.model_name.map(str::to_owned))).collect()
}

fn pair(id: &str, model: &str) -> (String, Option<String>) {
    (id.to_owned(), Some(model.to_owned()))
}

fn shares(fixture: &Fixture) -> Vec<Option<f64>> {
    fixture.estate().live.iter().map(|live| live.traffic_share).collect()
}

fn two_variants() -> Fixture {
    Fixture::sound()
        .edit(|it: &mut Endpoint| {
            it.variants = vec![Variant { weight: Some(3.0), ..variant("Blue") }, variant("Green")]
        })
        .edit(|it: &mut EndpointConfig| *it = config(CONFIG, &[("Blue", Some(MODEL)), ("Green", Some("fraud-8"))]))
        .with(model("fraud-8", from_package(PREVIOUS)))
}

#[test]
fn the_sound_estate_is_one_variant_with_all_its_traffic() {
    let fixture = Fixture::sound();
    assert_eq!(served(&fixture), [pair("variant/Fraud-Scoring/AllTraffic", MODEL)]);
    assert_eq!(shares(&fixture), [Some(1.0)]);
    let estate = fixture.estate();
    let live = &estate.live[0];
    assert_eq!((live.version_key.as_str(), live.group(), live.resolved()), (PACKAGE, Some(GROUP), true));
    assert!(!live.pending && live.hint.is_none() && live.notes.is_empty());
}

#[test]
fn variants_share_requests_by_weight() {
    let fixture = two_variants();
    assert_eq!(
        served(&fixture),
        [pair("variant/Fraud-Scoring/Blue", MODEL), pair("variant/Fraud-Scoring/Green", "fraud-8")]
    );
    assert_eq!(shares(&fixture), [Some(0.75), Some(0.25)]);
    let idle = fixture.edit(|it: &mut Endpoint| it.variants.iter_mut().for_each(|it| it.weight = Some(0.0)));
    assert_eq!(shares(&idle), [None, None]);
}

#[test]
fn a_shadow_variant_has_a_path_of_its_own_and_no_share() {
    let fixture = Fixture::sound()
        .edit(|it: &mut Endpoint| it.shadow_variants = vec![variant("Shadow")])
        .edit(|it: &mut EndpointConfig| it.shadow_variants = vec![settings("Shadow", Some("fraud-8"))])
        .with(model("fraud-8", from_package(PREVIOUS)));
    assert_eq!(
        served(&fixture),
        [pair("shadow/Fraud-Scoring/Shadow", "fraud-8"), pair("variant/Fraud-Scoring/AllTraffic", MODEL)]
    );
    assert_eq!(shares(&fixture), [None, Some(1.0)]);
}

#[test]
fn instance_pools_may_run_other_models_and_leave_the_variant_nothing() {
    let pool = |kind: &str, model: Option<&str>| InstancePool {
        instance_type: kind.to_owned(),
        model_override: model.map(str::to_owned),
        priority: None,
    };
    let pools = |pools: Vec<InstancePool>| {
        Fixture::sound()
            .edit(move |it: &mut EndpointConfig| it.variants[0].pools.clone_from(&pools))
            .with(model("fraud-gpu", from_package(PREVIOUS)))
    };
    let mixed = pools(vec![pool("ml.m5.large", None), pool("ml.g5.xlarge", Some("fraud-gpu"))]);
    assert_eq!(
        served(&mixed),
        [
            pair("pool/Fraud-Scoring/AllTraffic/ml.g5.xlarge", "fraud-gpu"),
            pair("variant/Fraud-Scoring/AllTraffic", MODEL)
        ]
    );
    assert_eq!(shares(&mixed), [None, None], "how the pools divide requests is not told");
    let overridden = pools(vec![pool("ml.g5.xlarge", Some("fraud-gpu"))]);
    assert_eq!(served(&overridden), [pair("pool/Fraud-Scoring/AllTraffic/ml.g5.xlarge", "fraud-gpu")]);
    assert_eq!(shares(&pools(vec![pool("ml.m5.large", None)])), [Some(1.0)]);
}

#[test]
fn a_variant_without_a_model_is_served_by_its_components() {
    let bare = || Fixture::sound().edit(|it: &mut EndpointConfig| it.variants[0].model_name = None);
    let adapter = InferenceComponent {
        base_component: Some("base".to_owned()),
        variant: None,
        container: Some(from_artifact("s3://ml-models/fraud/adapter.tar.gz", None)),
        ..component("adapter", None)
    };
    let fixture = bare().with(component("base", Some(MODEL))).with(adapter);
    assert_eq!(
        served(&fixture),
        [
            ("component/Fraud-Scoring/AllTraffic/adapter".to_owned(), None),
            pair("component/Fraud-Scoring/AllTraffic/base", MODEL)
        ]
    );
    let estate = fixture.estate();
    assert_eq!(estate.live[0].model, Lookup::NotNamed);
    assert!(estate.live[0].resolved());
    assert_eq!(estate.live[1].version_key, PACKAGE);

    let creating = bare().with(InferenceComponent { status: "Creating".to_owned(), ..component("base", Some(MODEL)) });
    assert_eq!(served(&creating), [], "its components serve nothing yet");
    let empty = bare();
    assert!(matches!(empty.estate().live[0].model, Lookup::Absent(_)), "nothing runs there, and all was listed");
    for unread in
        [bare().hidden_all(FactKind::InferenceComponents), bare().hidden(FactKind::InferenceComponents, "base")]
    {
        let estate = unread.estate();
        assert_eq!((estate.live[0].model, estate.live[0].resolved()), (Lookup::Unseen, false));
    }
}

#[test]
fn components_of_an_endpoint_that_could_not_be_read_serve_all_the_same() {
    let fixture = Fixture::sound().hidden(FactKind::Endpoints, ENDPOINT).with(component("base", Some(MODEL)));
    assert_eq!(served(&fixture), [pair("component/Fraud-Scoring/AllTraffic/base", MODEL)]);
    let gone = Fixture::sound().absent(FactKind::Endpoints, ENDPOINT).with(component("base", Some(MODEL)));
    assert_eq!(served(&gone), []);
}

#[test]
fn both_versions_of_an_unfinished_deployment_are_live() {
    let pending = |status: &str| {
        let status = status.to_owned();
        Fixture::sound()
            .edit(move |it: &mut Endpoint| {
                it.status = "Updating".to_owned();
                it.pending = Some(PendingDeployment {
                    config_name: "fraud-scoring-8".to_owned(),
                    started: Some(at("2026-06-01T11:50:00Z")),
                    variants: vec![Variant { status: vec![status.clone()], ..variant(VARIANT) }],
                    shadow_variants: Vec::new(),
                });
            })
            .with(config("fraud-scoring-8", &[(VARIANT, Some("fraud-8"))]))
            .with(model("fraud-8", from_package(PREVIOUS)))
    };
    let fixture = pending("Baking");
    assert_eq!(
        served(&fixture),
        [pair("variant/Fraud-Scoring/AllTraffic", MODEL), pair("variant/Fraud-Scoring/AllTraffic@pending", "fraud-8")]
    );
    assert_eq!(shares(&fixture), [None, None]);
    let estate = fixture.estate();
    assert_eq!((estate.live[0].pending, estate.live[1].pending), (false, true));
    let from = estate.live[1].live_from.unwrap();
    assert_eq!((from.at, from.exact), (at("2026-06-01T11:50:00Z"), true));
    assert_eq!(shares(&pending("Creating")), [Some(1.0), None]);
}

#[test]
fn only_what_bears_traffic_is_live() {
    let cases = [
        ("InService", true),
        ("Updating", true),
        ("SystemUpdating", true),
        ("RollingBack", true),
        ("UpdateRollbackFailed", true),
        ("SomethingNew", true),
        ("Failed", true),
        ("Creating", false),
        ("Deleting", false),
        ("OutOfService", false),
    ];
    for (status, live) in cases {
        let fixture = Fixture::sound().edit(|it: &mut Endpoint| it.status = status.to_owned());
        assert_eq!(!served(&fixture).is_empty(), live, "{status}");
    }
    for instances in [Some(0), None] {
        let failed = Fixture::sound().edit(|it: &mut Endpoint| {
            it.status = "Failed".to_owned();
            if instances.is_none() {
                it.variants.clear();
            } else {
                it.variants[0].instances = instances;
            }
        });
        assert_eq!(served(&failed), [], "nothing of it runs");
    }
}

#[test]
fn a_deleted_config_leaves_a_lead_and_a_hidden_one_does_not_resolve_either() {
    let deleted = Fixture::sound().absent(FactKind::EndpointConfigs, CONFIG);
    let estate = deleted.estate();
    let live = &estate.live[0];
    assert!(matches!((live.config, live.model), (Lookup::Absent(_), Lookup::Absent(_))));
    assert!(live.hint.as_deref().is_some_and(|hint| hint.contains(MODEL)), "{:?}", live.hint);
    assert_eq!((live.model_name, live.resolved(), live.version_key.as_str()), (None, false, "unknown"));

    let hidden = Fixture::sound().hidden(FactKind::EndpointConfigs, CONFIG);
    let estate = hidden.estate();
    assert_eq!(
        (estate.live[0].config, estate.live[0].model, &estate.live[0].hint),
        (Lookup::Unseen, Lookup::Unseen, &None)
    );

    let model_gone = Fixture::sound().absent(FactKind::Models, MODEL);
    let estate = model_gone.estate();
    assert!(matches!(estate.live[0].model, Lookup::Absent(_)));
    assert!(estate.live[0].hint.as_deref().is_some_and(|hint| hint.contains(PACKAGE)));
}

#[test]
fn names_are_joined_whatever_their_case_and_variants_are_found_in_the_config() {
    let shouting = Fixture::sound()
        .edit(|it: &mut Endpoint| it.config_name = Some(CONFIG.to_uppercase()))
        .edit(|it: &mut EndpointConfig| it.variants[0].model_name = Some(MODEL.to_uppercase()));
    assert!(shouting.estate().live[0].resolved());
    let unsaid = Fixture::sound().edit(|it: &mut Endpoint| it.variants.clear());
    assert_eq!(served(&unsaid), [pair("variant/Fraud-Scoring/AllTraffic", MODEL)]);
    let nothing = unsaid.hidden(FactKind::EndpointConfigs, CONFIG);
    assert_eq!(served(&nothing), [("variant/Fraud-Scoring/-".to_owned(), None)]);
}

#[test]
fn hosting_is_read_from_the_endpoint_or_its_config() {
    let hosting = |fixture: &Fixture| fixture.estate().live[0].hosting;
    let output = || AsyncOutput { output: None, failures: None, success_topic: None, error_topic: None };
    assert_eq!(hosting(&Fixture::sound()), Hosting::RealTime);
    let by_config = Fixture::sound().edit(|it: &mut EndpointConfig| it.async_output = Some(output()));
    assert_eq!(hosting(&by_config), Hosting::Asynchronous);
    let serverless = Fixture::sound().edit(|it: &mut Endpoint| {
        it.variants[0].serverless = Some(ServerlessSettings { memory_mb: 1024, max_concurrency: 5, provisioned: None });
    });
    assert_eq!(hosting(&serverless), Hosting::Serverless);
}
