//! Losing evidence may turn results into "unknown", and never into pass or fail.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{Index, subsequence};

use super::*;
use crate::evidence::{
    ApprovalStatus, Bucket, Endpoint, InferenceComponent, ObjectListing, ResourceTags, Topic, TrailEvent, Versioning,
};
use crate::policy::{Fallback, Risk, Stage};

type Change = fn(Fixture) -> Fixture;

mod costs;
mod watched;

/// What may be different in a generated estate: faults, other paths, declarations.
const CHANGES: &[Change] = &[
    |it| it.rejected("2026-05-20T10:00:00Z"),
    |it| it.rejected("2026-06-01T06:00:00Z"),
    |it| it.edit_named(PACKAGE, |it: &mut Package| it.approval = Some(ApprovalStatus::PendingManualApproval)),
    |it| it.edit_named(PACKAGE, |it: &mut Package| it.approval_description = None),
    |it| it.edit_named(PACKAGE, |it: &mut Package| it.commit.commit = None),
    |it| it.edit_named(PREVIOUS, |it: &mut Package| it.approval = Some(ApprovalStatus::Rejected)),
    |it| it.edit_named(PACKAGE, |it: &mut Package| it.modified = Some(at("2026-05-31T10:00:00Z"))),
    |it| it.drop_where(|it: &TrailEvent| it.time == at(APPROVED)),
    |it| {
        it.with(approval(PACKAGE, "2026-05-12T10:00:00Z", "Rejected", sso("ben"))).with(approval(
            PACKAGE,
            "2026-05-13T10:00:00Z",
            "Approved",
            pipeline("train"),
        ))
    },
    |it| {
        it.edit(|it: &mut TrailEvent| {
            if it.time == at(REGISTERED) {
                it.identity = sso("anna")
            }
        })
    },
    |it| it.events_since("2026-05-06T00:00:00Z"),
    |it| {
        it.edit_named(ARTIFACT, |it: &mut ObjectListing| {
            it.versions.insert(
                0,
                crate::evidence::ObjectVersion {
                    size: Some(5),
                    ..version("fraud/7/model.tar.gz", "v8", PREVIOUS_ETAG, "2026-05-10T08:00:00Z")
                },
            );
            it.versions[1].is_latest = false;
        })
    },
    |it| it.edit_named(PREVIOUS_ARTIFACT, |it: &mut ObjectListing| it.versions.clear()),
    |it| it.edit(|it: &mut Bucket| it.versioning = Some(Versioning::Never)),
    |it| it.edit(|it: &mut Bucket| it.policy = Some(String::new())),
    |it| {
        let rule = crate::evidence::LifecycleRule { enabled: true, expires_days: Some(40), ..Default::default() };
        it.edit(move |it: &mut Bucket| it.lifecycle = Some(vec![rule.clone()]))
    },
    |it| it.edit(|it: &mut crate::evidence::Image| it.tags_mutable = Some(true)),
    |it| {
        it.edit_named(PACKAGE, |it: &mut Package| it.containers[0].image_digest = None)
            .edit(|it: &mut crate::evidence::Image| it.digest = format!("sha256:{}", "1".repeat(64)))
    },
    |it| it.absent(FactKind::Roles, ROLE),
    |it| {
        let seen =
            listing(ARTIFACT, vec![version("fraud/7/model.tar.gz", "v9", PREVIOUS_ETAG, "2026-05-05T09:00:00Z")]);
        it.remember("2026-05-06T09:00:00Z", seen)
    },
    |it| it.edit_named(ARTIFACT, |it: &mut ObjectListing| it.versions[0].last_modified = at("2026-05-10T08:00:00Z")),
    |it| it.edit_named(ERRORS, |it: &mut Alarm| it.actions_enabled = false),
    |it| it.drop_where(|it: &Alarm| it.name == LATENCY),
    |it| it.edit_named(SILENCE, |it: &mut Alarm| rule(it).missing_data = Some("missing".to_owned())),
    |it| it.with(mute("night", &[SATURATION, ERRORS])),
    |it| it.with(composite("page", &format!("ALARM(\"{ERRORS}\")"))),
    |it| {
        it.with(metric_alarm(
            "gone",
            "AWS/SageMaker",
            "Invocation5XXErrors",
            &[("EndpointName", "gone"), ("VariantName", VARIANT)],
        ))
    },
    |it| it.edit(|it: &mut Topic| it.subscriptions = Some(vec![])),
    |it| {
        it.edit(|it: &mut ResourceTags| {
            it.tags.remove("owner");
        })
    },
    |it| {
        it.edit_named(ENDPOINT_ARN, |it: &mut ResourceTags| {
            it.tags.insert("stage".to_owned(), "dev".to_owned());
        })
    },
    |it| {
        it.edit_named(ENDPOINT_ARN, |it: &mut ResourceTags| {
            it.tags.clear();
        })
    },
    |it| it.edit(|it: &mut Endpoint| it.status = "UpdateRollbackFailed".to_owned()),
    |it| it.edit(|it: &mut Endpoint| it.status = "Updating".to_owned()),
    |it| {
        it.edit(|it: &mut crate::evidence::EndpointConfig| it.variants[0].model_name = None)
            .with(component("adapter", None))
            .edit(|it: &mut InferenceComponent| {
                it.container = Some(from_artifact(ARTIFACT, Some(ETAG)));
                it.base_component = Some("base".to_owned());
            })
    },
    |it| {
        it.edit(|it: &mut crate::evidence::EndpointConfig| it.variants[0].model_name = None)
            .with(component("chat", Some(MODEL)))
    },
    |it| {
        it.edit(|it: &mut crate::evidence::EndpointConfig| it.variants[0].model_name = None)
            .with(component("chat", Some(MODEL)))
            .with(tags(
                "arn:aws:sagemaker:eu-central-1:111122223333:inference-component/chat",
                &[("owner", "chat-team")],
            ))
    },
    |it| {
        it.with(job("pilot", MODEL, "2026-05-25T01:00:00Z")).with(tags(
            "arn:aws:sagemaker:eu-central-1:111122223333:transform-job/pilot",
            &[("stage", "pilot"), ("owner", "crm")],
        ))
    },
    |it| it.with(job("night", MODEL, "2026-05-20T01:00:00Z")).with(job("early", MODEL, "2026-05-04T12:00:00Z")),
    |it| it.edit(|it: &mut crate::evidence::Model| it.containers = vec![from_artifact(ARTIFACT, Some(ETAG))]),
    |it| {
        it.edit(|it: &mut crate::evidence::Model| {
            it.containers = vec![from_artifact("s3://ml-models/raw.tar.gz", None)]
        })
    },
    |it| it.absent(FactKind::Models, MODEL),
    |it| it.absent(FactKind::EndpointConfigs, CONFIG),
    |it| it.policy(|it| it.models.iter_mut().for_each(|it| it.group = "another".to_owned())),
    |it| it.manifest(|it| it.sporadic_traffic = true),
    |it| it.manifest(|it| it.alarms_elsewhere = Some("the monitoring account".to_owned())),
    |it| it.manifest(|it| it.unregistered_because = Some("an experiment".to_owned())),
    |it| it.manifest(|it| it.stage = Some(Stage::Pilot)),
    |it| it.manifest(|it| it.approval_required = true),
    |it| it.manifest(|it| it.required_tags = vec!["risk".to_owned()]),
    |it| {
        it.manifest(|it| {
            it.single_approval = true;
            it.risk = Some(Risk::Low);
        })
    },
    |it| it.manifest(|it| it.owner = None).manifest(|it| it.oncall = None),
    |it| {
        it.manifest(|it| {
            it.fallback = Some(Fallback {
                kind: "rules".to_owned(),
                owner: Some("desk".to_owned()),
                tested: Some(at("2026-05-01T00:00:00Z")),
            })
        })
    },
    |it| it.policy(|it| it.profile = Profile::Regulated),
    |it| {
        it.asked("ListRules").with(job("night", MODEL, "2026-05-20T01:00:00Z")).with(event_rule(
            "failed",
            FAILED_JOBS,
            &[TOPIC],
        ))
    },
    |it| {
        it.edit(|it: &mut Endpoint| it.async_output = Some(async_output())).with(scalable(
            &format!("endpoint/{ENDPOINT}/variant/{VARIANT}"),
            0,
            4,
        ))
    },
    |it| it.edit_named(ERRORS, |it: &mut Alarm| it.alarm_actions.clear()),
    |it| it.manifest(|it| it.risk = Some(Risk::High)),
    |it| it.with(package_edit(PACKAGE, "2026-05-20T10:00:00Z", "inferencespecification", sso("carla"))),
    |it| {
        it.with(package_edit(PACKAGE, "2026-05-20T10:00:00Z", "sourceuri", sso("carla"))).with(approval(
            PACKAGE,
            "2026-05-21T10:00:00Z",
            "Approved",
            sso("ben"),
        ))
    },
    // Log files that cover the whole time hold every event.
    |it| {
        it.logs(EVENTS_SINCE, AS_OF, true).edit(|it: &mut TrailEvent| {
            it.origin = crate::evidence::Origin::LogFile { file: "s3://trail/a.json.gz".to_owned(), verified: true };
        })
    },
    |it| it.events_since("2026-05-20T00:00:00Z").logs("2026-05-01T00:00:00Z", "2026-05-21T00:00:00Z", false),
    |it| it.events_since("2026-05-20T00:00:00Z").remembered_event(approval(PACKAGE, APPROVED, "Approved", sso("anna"))),
    |it| it.remembered_package("2026-05-06T00:00:00Z", package(7, ARTIFACT, ETAG, REGISTERED)),
    |it| {
        it.edit_named(PACKAGE, |it: &mut Package| {
            it.lifecycle = Some(crate::evidence::PackageLifecycle {
                stage: Some("Production".to_owned()),
                status: Some("Rejected".to_owned()),
                description: None,
            });
        })
    },
    |it| {
        it.with(TrailEvent {
            source: "cloudtrail.amazonaws.com".to_owned(),
            ..event("StopLogging", "2026-05-10T03:00:00Z", sso("eve"), &[("name", "audit".into())])
        })
    },
    |it| it.edit(|it: &mut crate::evidence::Trail| it.validation = false),
    |it| it.with(role("ml-team", &trusts_own_name("sts:RoleSessionName"))),
    |it| {
        it.edit(|it: &mut TrailEvent| {
            if it.time == at(APPROVED) {
                it.identity = session("ml-team", "anna");
            }
        })
    },
    |it| {
        it.edit(|it: &mut TrailEvent| {
            if it.time == at(DEPLOYED) {
                it.identity = sso("ben");
            }
        })
    },
    |it| it.manifest(|it| it.review_period_days = Some(10)),
    |it| it.policy(|it| it.stage.names.push(("fraud*".to_owned(), Stage::Pilot))),
];

/// All of them.
fn changes() -> Vec<Change> {
    [CHANGES, watched::CHANGES, costs::CHANGES].concat()
}

/// A package was last modified when its last event says, as AWS keeps it.
fn with_changes(changes: &[Change]) -> Fixture {
    let fixture = changes.iter().fold(Fixture::sound(), |fixture, change| change(fixture));
    let events = fixture
        .snapshot
        .facts
        .trail_events
        .iter()
        .filter(|event| event.data.parameter("modelPackageArn") == Some(PACKAGE));
    let last = events.map(|event| event.data.time).max();
    fixture.edit_named(PACKAGE, |it: &mut Package| it.modified = it.modified.max(last))
}

fn estates() -> impl Strategy<Value = Fixture> {
    subsequence(changes(), 0..=4).prop_map(|changes| with_changes(&changes))
}

/// Everything that one more denied call could hide: each kind, and each resource that a live version or an alarm names.
fn hideable(fixture: &Fixture) -> Vec<Hidden> {
    let estate = fixture.estate();
    let mut keys: Vec<ResourceKey> = estate.live.iter().flat_map(|live| live.resources.iter().cloned()).collect();
    for alarm in &estate.alarms {
        keys.push(ResourceKey::new(FactKind::Alarms, &alarm.alarm.data.name));
        keys.push(ResourceKey::new(FactKind::AlarmTags, &alarm.alarm.data.arn));
    }
    keys.extend([PREVIOUS, PACKAGE].map(|arn| ResourceKey::new(FactKind::Packages, arn)));
    keys.push(ResourceKey::new(FactKind::Topics, TOPIC));
    keys.push(ResourceKey::new(FactKind::Objects, PREVIOUS_ARTIFACT));
    keys.sort();
    keys.dedup();
    FactKind::ALL.into_iter().map(Hidden::All).chain(keys.into_iter().map(Hidden::One)).collect()
}

fn without(fixture: &Fixture, hidden: &Hidden) -> Fixture {
    match hidden {
        Hidden::All(kind) => fixture.clone().hidden_all(*kind),
        Hidden::One(key) => fixture.clone().hidden(key.kind, &key.name),
    }
}

fn results(fixture: &Fixture) -> BTreeMap<(String, &'static str), (Status, String)> {
    let estate = fixture.estate();
    let assessment = assess(&estate, &fixture.policy);
    let rows = assessment.findings.iter().filter(|finding| finding.subject.is_some());
    rows.map(|finding| {
        ((finding.subject_name(), finding.control.code), (finding.status, finding.verdict.reason.clone()))
    })
    .collect()
}

/// Results of subjects that are judged both before and after.
fn breaches(before: &Fixture, hidden: &Hidden) -> Vec<String> {
    let (before, after) = (results(before), results(&without(before, hidden)));
    let both = after.iter().filter_map(|(subject, new)| Some((subject, before.get(subject)?, new)));
    both.filter(|(_, old, new)| old.0 != new.0 && matches!(new.0, Status::Pass | Status::Fail))
        .map(|(subject, old, new)| format!("hiding {hidden:?} turned {subject:?} from {old:?} into {new:?}"))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn losing_evidence_never_makes_a_result_pass_or_fail(fixture in estates(), which in any::<Index>()) {
        let hideable = hideable(&fixture);
        let hidden = &hideable[which.index(hideable.len())];
        let breaches = breaches(&fixture, hidden);
        prop_assert!(breaches.is_empty(), "{}", breaches.join("\n"));
    }
}

/// Each single change with each single loss: what the random cases could miss.
#[test]
fn no_loss_makes_a_result_pass_or_fail_in_any_estate_with_one_change() {
    let mut broken = Vec::new();
    for (number, change) in changes().iter().enumerate() {
        let fixture = with_changes(&[*change]);
        let found = hideable(&fixture).into_iter().flat_map(|hidden| breaches(&fixture, &hidden));
        broken.extend(found.map(|breach| format!("{number}: {breach}")));
    }
    assert!(broken.is_empty(), "{} cases:\n{}", broken.len(), broken.join("\n"));
}

/// The recording of the demo, which holds every serving path and every fault: each kind of fact lost in turn.
#[test]
fn no_collector_lost_makes_a_result_pass_or_fail_in_the_banks_estate() {
    let path = std::path::Path::new("bank.snapshot.json.zst");
    let recording = include_bytes!("../../../cli/demo/bank.snapshot.json.zst");
    let snapshot = crate::evidence::Snapshot::from_bytes(recording, path).unwrap();
    let dates = crate::policy::Dates { today: snapshot.as_of, as_of: snapshot.as_of };
    let text = include_str!("../../../cli/demo/bank.toml");
    let policy = crate::policy::Policy::parse(text, "bank.toml", &dates).unwrap().policy;
    let bank = Fixture { as_of: snapshot.as_of, policy, snapshot };
    let before = results(&bank);
    assert!(before.len() > 500, "{} results", before.len());
    for kind in FactKind::ALL {
        let mut lost = bank.clone().hidden_all(kind);
        for gap in &mut lost.snapshot.gaps {
            gap.region.clone_from(&bank.snapshot.scope.regions[0]);
        }
        let after = results(&lost);
        let both = after.iter().filter_map(|(subject, new)| Some((subject, before.get(subject)?, new)));
        let breaches: Vec<_> = both
            .filter(|(_, old, new)| old.0 != new.0 && matches!(new.0, Status::Pass | Status::Fail))
            .map(|(subject, old, new)| format!("without {kind}, {subject:?} went from {old:?} to {new:?}"))
            .collect();
        assert!(breaches.is_empty(), "{}", breaches.join("\n"));
    }
}
