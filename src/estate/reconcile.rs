//! The join of everything.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::actor::Who;
use super::approval::Archived;
use super::events::Events;
use super::live::Join;
use super::registration::Registry;
use super::scope::{self, Decision};
use super::{Estate, Exclusion, Index, alarms, batch, coverage, faults, hands, monitors, slots};
use crate::cost::{self, Ledger};
use crate::evidence::Snapshot;
use crate::policy::Policy;

/// Joins the facts of a snapshot. Pure: the same facts in any order give the same estate.
pub fn reconcile<'a>(snapshot: &'a Snapshot, policy: &'a Policy, as_of: Timestamp) -> Estate<'a> {
    join(snapshot, policy, as_of, None)
}

/// The same with no live version but one, for evidence about it alone.
pub fn reconcile_one<'a>(snapshot: &'a Snapshot, policy: &'a Policy, as_of: Timestamp, id: &str) -> Estate<'a> {
    join(snapshot, policy, as_of, Some(id))
}

fn join<'a>(snapshot: &'a Snapshot, policy: &'a Policy, as_of: Timestamp, only: Option<&str>) -> Estate<'a> {
    let index = Index::new(snapshot);
    let mut places = slots::at_endpoints(&index);
    places.extend(batch::slots(snapshot, &index, policy.thresholds.batch_days, as_of));

    let mut join = Join {
        events: Events::new(snapshot),
        who: Who::new(&snapshot.facts),
        archived: Archived::new(&snapshot.facts),
        facts: &snapshot.facts,
        registry: Registry::new(&index, &snapshot.scope.partition),
        index: &index,
        policy,
        as_of,
        approvals: BTreeMap::new(),
    };
    let (mut live, mut excluded, mut hidden) = (Vec::new(), Vec::new(), BTreeSet::new());
    if let Some(focus) = &snapshot.scope.focus {
        // Of these only the names were read: they are there, and nothing is said about them.
        places.retain(|slot| {
            let holds = slot.endpoint.is_none() || focus.holds(slot.account, slot.region, slot.endpoint_name);
            if !holds {
                hidden.insert(((slot.account, slot.region), slot.endpoint_name.to_lowercase()));
            }
            holds
        });
    }
    for mut version in places.iter().flat_map(|slot| join.fill(slot)) {
        match scope::decide(&policy.scope, version.endpoint_name, version.tags) {
            Decision::In(note) => {
                version.notes.extend(note);
                live.push(version);
            }
            Decision::Out { rule, by_tag } => {
                hidden.insert(((version.account, version.region), version.endpoint_name.to_lowercase()));
                excluded.push(Exclusion { id: version.id, rule, by_tag });
            }
        }
    }
    if let Some(only) = only {
        live.retain(|version| version.id == only);
        excluded.clear();
    }
    live.sort_by(|a, b| a.id.cmp(&b.id));
    excluded.sort_by(|a: &Exclusion, b: &Exclusion| a.id.cmp(&b.id));

    let hands = hands::of(&join.events, &join.who, &live);
    let events = join.events;
    let alarms = alarms::bind(&index, &mut live, &hidden, snapshot, policy, as_of);
    monitors::watch(&index, &snapshot.facts, &mut live, &alarms, policy, as_of);
    coverage::judge(&index, &mut live, &alarms, policy);
    faults::simulate(&index, &mut live, &alarms, policy);
    let mut estate = Estate { snapshot, as_of, index, events, live, excluded, alarms, money: Ledger::default(), hands };
    estate.money = cost::ledger(&estate, policy);
    estate
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::super::fixture::*;
    use crate::evidence::{Endpoint, EndpointConfig, Facts, InstancePool, Model, PendingDeployment};

    /// An estate with every serving path, and facts that were read twice.
    fn bank() -> Fixture {
        let pool = InstancePool {
            instance_type: "ml.g5.xlarge".to_owned(),
            model_override: Some("fraud-gpu".to_owned()),
            priority: None,
        };
        let mut churn =
            config("churn-1", &[("Blue", Some("churn-raw")), ("Green", Some("fraud-gpu")), ("Parts", None)]);
        churn.variants[1].pools.push(pool);
        churn.shadow_variants.push(settings("Shadow", Some("gone")));
        let shelf = Model {
            containers: vec![crate::evidence::Container {
                multi_model: true,
                data: vec![data("s3://ml-models/shelf/", "model", None)],
                ..container()
            }],
            ..model("shelf", container())
        };
        Fixture::sound()
            .with(Endpoint {
                shadow_variants: vec![variant("Shadow")],
                ..endpoint("Churn", "churn-1", &["Blue", "Green", "Parts"])
            })
            .with(churn)
            .with(model("churn-raw", from_artifact(ARTIFACT, None)))
            .with(model("churn-raw", from_artifact(PREVIOUS_ARTIFACT, None)))
            .with(model("fraud-gpu", from_package(PREVIOUS)))
            .with(shelf)
            .with(endpoint("Shelf", "shelf-1", &[VARIANT]))
            .with(config("shelf-1", &[(VARIANT, Some("shelf"))]))
            .with(listing(
                "s3://ml-models/shelf/",
                vec![version("shelf/a", "1", ETAG, WRITTEN), version("shelf/b", "1", "e", WRITTEN)],
            ))
            .with(component("part", Some(MODEL)))
            .with(crate::evidence::InferenceComponent {
                endpoint: "churn".to_owned(),
                variant: Some("Parts".to_owned()),
                ..component("part-2", Some(MODEL))
            })
            .edit_named("Shelf", |it: &mut Endpoint| {
                it.pending = Some(PendingDeployment {
                    config_name: CONFIG.to_owned(),
                    started: Some(at(DEPLOYED)),
                    variants: vec![variant(VARIANT)],
                    shadow_variants: vec![],
                });
            })
            .with(job("j1", MODEL, "2026-05-30T01:00:00Z"))
            .with(job("j2", MODEL, "2026-05-30T01:00:00Z"))
            .with(job("j2", &MODEL.to_uppercase(), "2026-05-30T01:00:00Z"))
            .with(approval(PACKAGE, APPROVED, "Approved", sso("anna")))
            .remembered_event(approval(PACKAGE, APPROVED, "Approved", sso("anna")))
            .remembered_package("2026-05-10T00:00:00Z", package(7, ARTIFACT, "other", REGISTERED))
            .remembered_package("2026-05-10T00:00:00Z", package(7, ARTIFACT, ETAG, REGISTERED))
            .logs(EVENTS_SINCE, DEPLOYED, false)
            .with(composite("page", &format!("ALARM({ERRORS}) OR ALARM({LATENCY})")))
            .with(mute("a", &[ERRORS]))
            .with(mute("b", &[ERRORS, LATENCY]))
            .absent(crate::evidence::FactKind::Models, "gone")
    }

    /// Everything that an estate says, without the snapshot behind it.
    fn told(fixture: &Fixture) -> String {
        let estate = fixture.estate();
        format!("{:#?}\n{:#?}\n{:#?}", estate.live, estate.excluded, estate.alarms)
    }

    #[test]
    fn every_path_has_its_id_and_none_is_there_twice() {
        let fixture = bank();
        let estate = fixture.estate();
        let ids: Vec<&str> = estate.live.iter().map(|live| live.id.as_str()).collect();
        let expected = [
            "batch/fraud-7",
            "component/Churn/Parts/part-2",
            "component/Fraud-Scoring/AllTraffic/part",
            "multi-model/Shelf/AllTraffic/a",
            "multi-model/Shelf/AllTraffic/b",
            "pool/Churn/Green/ml.g5.xlarge",
            "shadow/Churn/Shadow",
            "variant/Churn/Blue",
            "variant/Fraud-Scoring/AllTraffic",
            "variant/Shelf/AllTraffic@pending",
        ];
        assert_eq!(ids, expected.map(|id| format!("{ACCOUNT}/{REGION}/{id}")));
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    }

    #[test]
    fn nothing_gives_nothing() {
        let fixture = Fixture::empty();
        let estate = fixture.estate();
        assert!(estate.live.is_empty() && estate.alarms.is_empty() && estate.excluded.is_empty());
    }

    fn turn<T>(list: &mut [T], by: usize, reversed: bool) {
        if reversed {
            list.reverse();
        }
        let length = list.len();
        list.rotate_left(by % length.max(1));
    }

    fn turned(facts: &mut Facts, by: usize, reversed: bool) {
        turn(&mut facts.endpoints, by, reversed);
        turn(&mut facts.endpoint_configs, by, reversed);
        turn(&mut facts.models, by, reversed);
        turn(&mut facts.inference_components, by, reversed);
        turn(&mut facts.transform_jobs, by, reversed);
        turn(&mut facts.packages, by, reversed);
        turn(&mut facts.alarms, by, reversed);
        turn(&mut facts.mute_rules, by, reversed);
        turn(&mut facts.topics, by, reversed);
        turn(&mut facts.trail_events, by, reversed);
        turn(&mut facts.event_windows, by, reversed);
        turn(&mut facts.log_windows, by, reversed);
        turn(&mut facts.remembered_events, by, reversed);
        turn(&mut facts.remembered_packages, by, reversed);
        turn(&mut facts.roles, by, reversed);
        turn(&mut facts.objects, by, reversed);
        turn(&mut facts.tags, by, reversed);
        turn(&mut facts.absences, by, reversed);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn the_order_of_facts_does_not_matter(by in 0..40_usize, reversed in any::<bool>()) {
            let fixture = bank();
            let mut other = fixture.clone();
            turned(&mut other.snapshot.facts, by, reversed);
            prop_assert_eq!(told(&fixture), told(&other));
        }

        #[test]
        fn losing_facts_never_makes_it_panic(keep in prop::collection::vec(any::<bool>(), 60)) {
            let mut fixture = bank();
            let mut keep = keep.into_iter().cycle();
            let facts = &mut fixture.snapshot.facts;
            facts.endpoints.retain(|_| keep.next().unwrap_or(true));
            facts.endpoint_configs.retain(|_| keep.next().unwrap_or(true));
            facts.models.retain(|_| keep.next().unwrap_or(true));
            facts.packages.retain(|_| keep.next().unwrap_or(true));
            facts.alarms.retain(|_| keep.next().unwrap_or(true));
            facts.objects.retain(|_| keep.next().unwrap_or(true));
            facts.trail_events.retain(|_| keep.next().unwrap_or(true));
            facts.endpoints.iter_mut().for_each(|it| it.seen.clear());
            told(&fixture);
        }
    }

    #[test]
    #[ignore = "measures; run it with --release -- --ignored --nocapture"]
    fn ten_thousand_live_versions() {
        let mut fixture = Fixture::sound();
        for number in 0..10_000 {
            let name = format!("endpoint-{number}");
            let uri = format!("s3://ml-models/{number}/model.tar.gz");
            let mut registered = package(7, &uri, ETAG, REGISTERED);
            registered.arn = format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/g{number}/1");
            let watches = [("EndpointName", name.as_str()), ("VariantName", VARIANT)];
            fixture = fixture
                .with(endpoint(&name, &name, &[VARIANT]))
                .with(config(&name, &[(VARIANT, Some(&name))]))
                .with(model(&name, from_package(&registered.arn)))
                .with(approval(&registered.arn, APPROVED, "Approved", sso("anna")))
                .with(object(&uri, &[("1", ETAG, WRITTEN)]))
                .with(metric_alarm(&name, "AWS/SageMaker", "Invocation5XXErrors", &watches))
                .with(registered);
        }
        for number in 0..2_000 {
            fixture = fixture.gap(crate::evidence::Hidden::One(crate::evidence::ResourceKey::new(
                crate::evidence::FactKind::Objects,
                &format!("s3://x/{number}"),
            )));
        }
        let begin = std::time::Instant::now();
        let live = fixture.estate().live.len();
        println!("{live} live versions of {} facts in {:?}", fixture.snapshot.facts.len(), begin.elapsed());
        assert_eq!(live, 10_001);
    }

    #[test]
    fn configs_are_shared_and_an_unnamed_config_is_no_config() {
        let fixture = Fixture::sound()
            .with(endpoint("twin", CONFIG, &[VARIANT]))
            .with(Endpoint { config_name: None, ..endpoint("bare", "x", &[VARIANT]) })
            .edit(|it: &mut EndpointConfig| it.created = None);
        let estate = fixture.estate();
        assert_eq!(estate.live.len(), 3);
        assert_eq!(estate.live[1].config, crate::estate::Lookup::NotNamed);
        assert_eq!(estate.live[2].version_key, PACKAGE);
    }
}
