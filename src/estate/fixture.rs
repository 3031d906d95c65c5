//! A small sound estate for tests, and the verbs that break it.
//!
//! [`Fixture::sound`] is one live version on one endpoint with everything in order: registered, approved by a person,
//! deployed after that, watched by effective alarms, owned, tagged, with an approved version to go back to. A test names
//! the one thing that differs:
//!
//! ```ignore
//! let fixture = Fixture::sound()
//!     .edit(|package: &mut Package| package.approval = Some(ApprovalStatus::Rejected)) // every fact of the type
//!     .edit_named(ERRORS, |alarm: &mut Alarm| alarm.actions_enabled = false)           // one of them
//!     .absent(FactKind::Models, MODEL)                                                 // AWS says: not there
//!     .hidden(FactKind::Topics, TOPIC)                                                 // could not be read
//!     .hidden_all(FactKind::TrailEvents);                                              // nothing of the kind was read
//! let estate = fixture.estate();
//! ```
#![allow(dead_code, reason = "shared by the tests of several modules")]

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{Estate, reconcile};
use crate::evidence::{
    Absence, Alarm, AlarmKind, AlarmMetric, AlarmState, ApprovalStatus, Bucket, Call, CallId, CollectStats, CommitRef,
    Container, DeniedBy, DeployedImage, Endpoint, EndpointConfig, EventWindow, Fact, FactKind, Facts, Gap, GapCause,
    Hidden, InferenceComponent, MetricTerm, Model, ModelData, MuteRule, ObjectListing, ObjectVersion, Package,
    PackageContainer, PackageGroup, Principal, ResourceKey, ResourceTags, S3Location, Scope, Snapshot, Subscription,
    Topic, TrailEvent, TransformJob, UserIdentity, Variant, VariantSettings, Versioning, snapshot::SCHEMA,
};
use crate::policy::{Manifest, Policy};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "eu-central-1";
/// Everything below happened before this instant, and is evaluated at it.
pub(crate) const AS_OF: &str = "2026-06-01T12:00:00Z";
/// Events reach back to here.
pub(crate) const EVENTS_SINCE: &str = "2026-03-03T12:00:00Z";

pub(crate) const ENDPOINT: &str = "Fraud-Scoring";
pub(crate) const ENDPOINT_ARN: &str = "arn:aws:sagemaker:eu-central-1:111122223333:endpoint/fraud-scoring";
pub(crate) const VARIANT: &str = "AllTraffic";
pub(crate) const CONFIG: &str = "fraud-scoring-7";
pub(crate) const MODEL: &str = "fraud-7";
pub(crate) const GROUP: &str = "fraud";
pub(crate) const GROUP_ARN: &str = "arn:aws:sagemaker:eu-central-1:111122223333:model-package-group/fraud";
/// Version 7, which serves.
pub(crate) const PACKAGE: &str = "arn:aws:sagemaker:eu-central-1:111122223333:model-package/fraud/7";
/// Version 6, which is approved and could serve again.
pub(crate) const PREVIOUS: &str = "arn:aws:sagemaker:eu-central-1:111122223333:model-package/fraud/6";
pub(crate) const BUCKET: &str = "ml-models";
pub(crate) const ARTIFACT: &str = "s3://ml-models/fraud/7/model.tar.gz";
pub(crate) const PREVIOUS_ARTIFACT: &str = "s3://ml-models/fraud/6/model.tar.gz";
pub(crate) const ETAG: &str = "7777777777777777777777777777aaaa";
pub(crate) const PREVIOUS_ETAG: &str = "6666666666666666666666666666aaaa";
pub(crate) const IMAGE: &str = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/serve:1.4";
pub(crate) const TOPIC: &str = "arn:aws:sns:eu-central-1:111122223333:ml-oncall";

pub(crate) const ERRORS: &str = "fraud-errors";
pub(crate) const LATENCY: &str = "fraud-latency";
pub(crate) const SILENCE: &str = "fraud-silence";
pub(crate) const SATURATION: &str = "fraud-saturation";
pub(crate) const DRIFT: &str = "fraud-drift";
/// The alarms of the sound estate, one for each signal.
pub(crate) const ALARMS: [&str; 5] = [ERRORS, LATENCY, SILENCE, SATURATION, DRIFT];

/// Version 7 was registered by a pipeline …
pub(crate) const REGISTERED: &str = "2026-05-04T09:00:00Z";
/// … approved by Anna …
pub(crate) const APPROVED: &str = "2026-05-05T10:00:00Z";
/// … and deployed by another pipeline. Its config was made a little earlier.
pub(crate) const DEPLOYED: &str = "2026-05-06T08:00:00Z";
pub(crate) const CONFIGURED: &str = "2026-05-06T07:58:00Z";
/// Each artifact was written an hour before its version was registered.
pub(crate) const WRITTEN: &str = "2026-05-04T08:00:00Z";

/// Names of the events whose windows are complete in the sound estate.
pub(crate) const EVENT_NAMES: [&str; 11] = [
    "CreateEndpoint",
    "CreateEndpointConfig",
    "CreateInferenceComponent",
    "CreateModel",
    "CreateModelPackage",
    "CreateTransformJob",
    "DeleteModelPackage",
    "UpdateEndpoint",
    "UpdateEndpointWeightsAndCapacities",
    "UpdateInferenceComponent",
    "UpdateModelPackage",
];

/// A snapshot and a policy to reconcile.
#[derive(Clone, Debug)]
pub(crate) struct Fixture {
    pub(crate) snapshot: Snapshot,
    pub(crate) policy: Policy,
    pub(crate) as_of: Timestamp,
}

/// A kind of fact that the verbs can find by name.
pub(crate) trait Named: Sized {
    /// Its kind.
    const KIND: FactKind;
    /// The operation that reads it.
    const OPERATION: &'static str;
    /// Where its facts are.
    fn list(facts: &mut Facts) -> &mut Vec<Fact<Self>>;
    /// Its name, as resource keys use it.
    fn name(&self) -> String;
}

macro_rules! named {
    ($($kind:ident $type:ty: $field:ident, $operation:literal, $name:expr;)*) => {
        $(impl Named for $type {
            const KIND: FactKind = FactKind::$kind;
            const OPERATION: &'static str = $operation;

            fn list(facts: &mut Facts) -> &mut Vec<Fact<Self>> {
                &mut facts.$field
            }

            fn name(&self) -> String {
                let name: fn(&Self) -> String = $name;
                name(self)
            }
        })*

        fn remove(facts: &mut Facts, keep: &dyn Fn(&ResourceKey) -> bool) {
            $(facts.$field.retain(|fact| keep(&ResourceKey::new(FactKind::$kind, &fact.data.name())));)*
            facts.alarm_tags.retain(|fact| keep(&ResourceKey::new(FactKind::AlarmTags, &fact.data.arn)));
            facts.event_windows.retain(|fact| keep(&ResourceKey::new(FactKind::TrailEvents, &fact.data.event_name)));
        }
    };
}

named! {
    Endpoints Endpoint: endpoints, "DescribeEndpoint", |data| data.name.clone();
    EndpointConfigs EndpointConfig: endpoint_configs, "DescribeEndpointConfig", |data| data.name.clone();
    Models Model: models, "DescribeModel", |data| data.name.clone();
    InferenceComponents InferenceComponent: inference_components, "DescribeInferenceComponent", |data| data.name.clone();
    TransformJobs TransformJob: transform_jobs, "DescribeTransformJob", |data| data.name.clone();
    PackageGroups PackageGroup: package_groups, "Search", |data| data.name.clone();
    Packages Package: packages, "DescribeModelPackage", |data| data.arn.clone();
    Alarms Alarm: alarms, "DescribeAlarms", |data| data.name.clone();
    MuteRules MuteRule: mute_rules, "GetAlarmMuteRule", |data| data.name.clone();
    Topics Topic: topics, "GetTopicAttributes", |data| data.arn.clone();
    TrailEvents TrailEvent: trail_events, "LookupEvents", |data| data.name.clone();
    Objects ObjectListing: objects, "ListObjectVersions", |data| data.location.to_string();
    Buckets Bucket: buckets, "GetBucketVersioning", |data| data.name.clone();
    Tags ResourceTags: tags, "GetResources", |data| data.arn.clone();
}

impl Fixture {
    /// Nothing at all, completely read, under the built-in policy.
    pub(crate) fn empty() -> Self {
        let as_of = at(AS_OF);
        let snapshot = Snapshot {
            schema: SCHEMA.to_owned(),
            tool: "countersign test".to_owned(),
            as_of,
            scope: Scope {
                partition: "aws".to_owned(),
                account: ACCOUNT.to_owned(),
                reader: format!("arn:aws:sts::{ACCOUNT}:assumed-role/countersign/run"),
                regions: vec![REGION.to_owned()],
                events_since: Some(at(EVENTS_SINCE)),
                batch_since: Some(at("2026-05-02T12:00:00Z")),
            },
            calls: Vec::new(),
            facts: Facts::default(),
            gaps: Vec::new(),
            stats: CollectStats::default(),
        };
        let mut fixture = Self { snapshot, policy: Policy::default(), as_of };
        for name in EVENT_NAMES {
            let seen = fixture.call("LookupEvents", name);
            fixture.snapshot.facts.event_windows.push(fact(seen, window(name)));
        }
        fixture
    }

    /// The sound estate that the module describes.
    pub(crate) fn sound() -> Self {
        let mut fixture = Self::empty();
        fixture.policy.models.push(manifest(GROUP));
        fixture = fixture
            .with(endpoint(ENDPOINT, CONFIG, &[VARIANT]))
            .with(config(CONFIG, &[(VARIANT, Some(MODEL))]))
            .with(model(MODEL, from_package(PACKAGE)))
            .with(PackageGroup {
                name: GROUP.to_owned(),
                arn: GROUP_ARN.to_owned(),
                created: Some(at("2025-01-07T09:00:00Z")),
            })
            .with(package(6, PREVIOUS_ARTIFACT, PREVIOUS_ETAG, "2026-03-10T09:00:00Z"))
            .with(package(7, ARTIFACT, ETAG, REGISTERED))
            .with(object(PREVIOUS_ARTIFACT, &[("v6", PREVIOUS_ETAG, "2026-03-10T08:00:00Z")]))
            .with(object(ARTIFACT, &[("v7", ETAG, WRITTEN)]))
            .with(Bucket {
                name: BUCKET.to_owned(),
                versioning: Some(Versioning::Enabled),
                encryption: Some("aws:kms".to_owned()),
                public_access_blocked: Some(true),
            })
            .with(tags(ENDPOINT_ARN, &[("owner", "fraud-team"), ("cost-center", "4711"), ("stage", "production")]))
            .with(tags(GROUP_ARN, &[("owner", "fraud-models")]))
            .with(topic(TOPIC, &[("email", "f…@bank.example")]))
            .with(alarm(ERRORS, "Invocation5XXErrors"))
            .with(alarm(LATENCY, "ModelLatency"))
            .with(alarm(SILENCE, "Invocations"))
            .with(alarm(SATURATION, "CPUUtilization"))
            .with(alarm(DRIFT, "feature_baseline_drift_amount"))
            .with(registration(PREVIOUS, "2026-03-10T09:00:00Z", "PendingManualApproval", pipeline("train")))
            .with(approval(PREVIOUS, "2026-03-12T09:00:00Z", "Approved", sso("anna")))
            .with(registration(PACKAGE, REGISTERED, "PendingManualApproval", pipeline("train")))
            .with(approval(PACKAGE, APPROVED, "Approved", sso("anna")))
            .with(event(
                "CreateModel",
                "2026-05-06T07:57:00Z",
                pipeline("deploy"),
                &[("modelname", MODEL.into()), ("primarycontainer", serde_json::json!({ "modelPackageName": PACKAGE }))],
            ))
            .with(event(
                "CreateEndpointConfig",
                CONFIGURED,
                pipeline("deploy"),
                &[
                    ("endpointconfigname", CONFIG.into()),
                    ("productionvariants", serde_json::json!([{ "variantName": VARIANT, "modelName": MODEL }])),
                ],
            ))
            .with(event(
                "UpdateEndpoint",
                DEPLOYED,
                pipeline("deploy"),
                &[("endpointname", ENDPOINT.into()), ("endpointconfigname", CONFIG.into())],
            ));
        for name in ALARMS {
            fixture = fixture.with_alarm_tags(name, &[("owner", "fraud-oncall")]);
        }
        fixture
    }

    /// The sound estate with its artifact in a multi-model prefix of two models, both registered.
    pub(crate) fn multi_model() -> Self {
        const OTHER: &str = "8888888888888888888888888888aaaa";
        Self::sound()
            .edit(|model: &mut Model| {
                model.containers = vec![Container {
                    multi_model: true,
                    data: vec![data("s3://ml-models/fraud/live/", "model", None)],
                    ..container()
                }];
            })
            .with(listing(
                "s3://ml-models/fraud/live/",
                vec![
                    version("fraud/live/a.tar.gz", "va", ETAG, "2026-05-06T07:00:00Z"),
                    version("fraud/live/b.tar.gz", "vb", OTHER, "2026-05-06T07:00:00Z"),
                ],
            ))
            .with(package(8, "s3://ml-models/fraud/live/b.tar.gz", OTHER, REGISTERED))
            .edit_named(PACKAGE, |package: &mut Package| {
                package.containers[0].data = vec![data("s3://ml-models/fraud/live/a.tar.gz", "model", Some(ETAG))];
            })
    }

    /// Joins it.
    pub(crate) fn estate(&self) -> Estate<'_> {
        reconcile(&self.snapshot, &self.policy, self.as_of)
    }

    /// Adds a fact in the usual account and region.
    #[must_use]
    pub(crate) fn with<T: Named>(self, data: T) -> Self {
        self.with_in(ACCOUNT, REGION, data)
    }

    /// Adds a fact in another account or region.
    #[must_use]
    pub(crate) fn with_in<T: Named>(mut self, account: &str, region: &str, data: T) -> Self {
        let seen = self.call(T::OPERATION, &data.name());
        let fact = Fact { account: account.to_owned(), region: region.to_owned(), seen: vec![seen], data };
        T::list(&mut self.snapshot.facts).push(fact);
        self
    }

    /// Adds the tags of an alarm.
    #[must_use]
    pub(crate) fn with_alarm_tags(mut self, alarm: &str, pairs: &[(&str, &str)]) -> Self {
        let seen = self.call("GetResources", alarm);
        self.snapshot.facts.alarm_tags.push(fact(seen, tags(&alarm_arn(alarm), pairs)));
        self
    }

    /// Changes every fact of a type.
    #[must_use]
    pub(crate) fn edit<T: Named>(mut self, mut change: impl FnMut(&mut T)) -> Self {
        T::list(&mut self.snapshot.facts).iter_mut().for_each(|fact| change(&mut fact.data));
        self
    }

    /// Changes the facts of a type that have this name; there must be one.
    #[must_use]
    pub(crate) fn edit_named<T: Named>(mut self, name: &str, mut change: impl FnMut(&mut T)) -> Self {
        let key = ResourceKey::new(T::KIND, name);
        let mut found = false;
        for fact in T::list(&mut self.snapshot.facts) {
            if ResourceKey::new(T::KIND, &fact.data.name()) == key {
                found = true;
                change(&mut fact.data);
            }
        }
        assert!(found, "no {} `{name}` to edit", T::KIND);
        self
    }

    /// Takes facts of a type away, without a word about why.
    #[must_use]
    pub(crate) fn drop_where<T: Named>(mut self, mut which: impl FnMut(&T) -> bool) -> Self {
        T::list(&mut self.snapshot.facts).retain(|fact| !which(&fact.data));
        self
    }

    /// Changes the policy.
    #[must_use]
    pub(crate) fn policy(mut self, change: impl FnOnce(&mut Policy)) -> Self {
        change(&mut self.policy);
        self
    }

    /// Changes the manifest of the sound estate.
    #[must_use]
    pub(crate) fn manifest(self, change: impl FnOnce(&mut Manifest)) -> Self {
        self.policy(|policy| change(policy.models.first_mut().expect("the sound estate has a manifest")))
    }

    /// Takes the policy's manifests away.
    #[must_use]
    pub(crate) fn without_manifest(self) -> Self {
        self.policy(|policy| policy.models.clear())
    }

    /// Evaluates at another instant.
    #[must_use]
    pub(crate) fn at(mut self, instant: &str) -> Self {
        self.as_of = at(instant);
        self
    }

    /// A resource is not there, and AWS says so.
    #[must_use]
    pub(crate) fn absent(mut self, kind: FactKind, name: &str) -> Self {
        let resource = ResourceKey::new(kind, name);
        remove(&mut self.snapshot.facts, &|key| *key != resource);
        let seen = self.call("Describe", name);
        self.snapshot.facts.absences.push(fact(seen, Absence { resource, message: "could not find it".to_owned() }));
        self
    }

    /// A resource could not be read.
    #[must_use]
    pub(crate) fn hidden(mut self, kind: FactKind, name: &str) -> Self {
        let resource = ResourceKey::new(kind, name);
        remove(&mut self.snapshot.facts, &|key| *key != resource);
        self.gap(Hidden::One(resource))
    }

    /// Nothing of a kind could be read.
    #[must_use]
    pub(crate) fn hidden_all(mut self, kind: FactKind) -> Self {
        remove(&mut self.snapshot.facts, &|key| key.kind != kind);
        self.gap(Hidden::All(kind))
    }

    /// Adds a denied call that hides something; facts stay.
    #[must_use]
    pub(crate) fn gap(mut self, hides: Hidden) -> Self {
        self.snapshot.gaps.push(Gap {
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            service: "sagemaker".to_owned(),
            operation: "Describe".to_owned(),
            action: "sagemaker:Describe".to_owned(),
            subject: hides.kind().to_string(),
            cause: GapCause::Denied(DeniedBy::IdentityPolicy),
            code: Some("AccessDeniedException".to_owned()),
            message: "no identity-based policy allows it".to_owned(),
            pages_read: 0,
            hides: vec![hides],
            request_id: None,
            at: at(AS_OF),
        });
        self
    }

    /// Forgets every event, though the windows say that all were read.
    #[must_use]
    pub(crate) fn without_events(self) -> Self {
        self.drop_where(|_: &TrailEvent| true)
    }

    /// Event history reaches back to this instant only.
    #[must_use]
    pub(crate) fn events_since(mut self, instant: &str) -> Self {
        let since = at(instant);
        self.snapshot.scope.events_since = Some(since);
        self.snapshot.facts.event_windows.iter_mut().for_each(|window| window.data.from = since);
        self.drop_where(|event: &TrailEvent| event.time < since)
    }

    /// Makes the version that serves Rejected at an instant, with the event that shows it.
    #[must_use]
    pub(crate) fn rejected(self, instant: &str) -> Self {
        self.edit_named(PACKAGE, |package: &mut Package| package.approval = Some(ApprovalStatus::Rejected))
            .with(approval(PACKAGE, instant, "Rejected", sso("anna")))
    }

    fn call(&mut self, operation: &str, subject: &str) -> CallId {
        let id = CallId(u32::try_from(self.snapshot.calls.len()).expect("few calls"));
        self.snapshot.calls.push(Call {
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            service: "sagemaker".to_owned(),
            operation: operation.to_owned(),
            subject: subject.to_owned(),
            request_id: Some(format!("request-{}", id.0)),
            at: self.snapshot.as_of,
        });
        id
    }
}

fn fact<T>(seen: CallId, data: T) -> Fact<T> {
    Fact { account: ACCOUNT.to_owned(), region: REGION.to_owned(), seen: vec![seen], data }
}

/// An instant.
pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect(text)
}

/// An endpoint in service with these variants, equally weighted.
pub(crate) fn endpoint(name: &str, config: &str, variants: &[&str]) -> Endpoint {
    Endpoint {
        name: name.to_owned(),
        arn: format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/{}", name.to_lowercase()),
        config_name: Some(config.to_owned()),
        status: "InService".to_owned(),
        failure_reason: None,
        created: Some(at("2025-01-08T09:00:00Z")),
        modified: Some(at("2026-05-06T08:10:00Z")),
        variants: variants.iter().map(|name| variant(name)).collect(),
        shadow_variants: Vec::new(),
        pending: None,
        data_capture: None,
        async_output: None,
        rollback_alarms: Vec::new(),
        from_index: false,
    }
}

/// A variant as it runs.
pub(crate) fn variant(name: &str) -> Variant {
    Variant {
        name: name.to_owned(),
        weight: Some(1.0),
        instances: Some(2),
        images: vec![DeployedImage {
            specified: Some(IMAGE.to_owned()),
            resolved: Some(format!("{IMAGE}@sha256:{}", "0".repeat(64))),
            resolved_at: Some(at(CONFIGURED)),
        }],
        serverless: None,
        status: Vec::new(),
    }
}

/// A config with variants and the model of each.
pub(crate) fn config(name: &str, variants: &[(&str, Option<&str>)]) -> EndpointConfig {
    EndpointConfig {
        name: name.to_owned(),
        arn: format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint-config/{}", name.to_lowercase()),
        created: Some(at(CONFIGURED)),
        variants: variants.iter().map(|(name, model)| settings(name, *model)).collect(),
        shadow_variants: Vec::new(),
        async_output: None,
        kms_key: None,
    }
}

/// A variant as configured.
pub(crate) fn settings(name: &str, model: Option<&str>) -> VariantSettings {
    VariantSettings {
        name: name.to_owned(),
        model_name: model.map(str::to_owned),
        initial_weight: Some(1.0),
        instance_type: Some("ml.m5.xlarge".to_owned()),
        initial_instances: Some(2),
        pools: Vec::new(),
        serverless: None,
    }
}

/// A model of one container.
pub(crate) fn model(name: &str, container: Container) -> Model {
    Model {
        name: name.to_owned(),
        arn: format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/{}", name.to_lowercase()),
        created: Some(at("2026-05-06T07:57:00Z")),
        containers: vec![container],
        execution_mode: None,
        role_arn: Some(format!("arn:aws:iam::{ACCOUNT}:role/serve")),
        network_isolation: Some(true),
    }
}

/// A container of the usual image, without data.
pub(crate) fn container() -> Container {
    Container { image: Some(IMAGE.to_owned()), ..Container::default() }
}

/// A container made from a package, as `DescribeModel` echoes it: the package's name and nothing else.
pub(crate) fn from_package(package: &str) -> Container {
    Container { package: Some(package.to_owned()), ..Container::default() }
}

/// A container made from an artifact.
pub(crate) fn from_artifact(uri: &str, etag: Option<&str>) -> Container {
    Container { data: vec![data(uri, "model", etag)], ..container() }
}

/// Where data of a container lies.
pub(crate) fn data(uri: &str, role: &str, etag: Option<&str>) -> ModelData {
    ModelData {
        uri: uri.to_owned(),
        role: role.to_owned(),
        prefix: uri.ends_with('/'),
        etag: etag.map(str::to_owned),
        manifest: None,
        manifest_etag: None,
    }
}

/// A version of the group, registered by the training pipeline and approved by Anna a day later.
pub(crate) fn package(version: i32, artifact: &str, etag: &str, registered: &str) -> Package {
    let registered = at(registered);
    Package {
        arn: package_arn(version),
        group: Some(GROUP.to_owned()),
        version: Some(version),
        name: None,
        approval: Some(ApprovalStatus::Approved),
        approval_description: Some("CHG-1042: validated against the champion".to_owned()),
        created: Some(registered),
        created_by: Some(principal(&pipeline("train"))),
        modified: Some(registered + jiff::SignedDuration::from_hours(25)),
        modified_by: Some(principal(&sso("anna"))),
        containers: vec![PackageContainer {
            image: Some(IMAGE.to_owned()),
            image_digest: Some(format!("sha256:{}", "0".repeat(64))),
            data: vec![data(artifact, "model", Some(etag))],
            product_id: None,
            environment: BTreeMap::new(),
        }],
        additional: BTreeMap::new(),
        commit: CommitRef {
            commit: Some("9f1c2b7".to_owned()),
            repository: Some("https://git.bank.example/ml/fraud".to_owned()),
            generated_by: None,
            project: None,
        },
        lifecycle: None,
        metrics: Vec::new(),
        metadata: BTreeMap::new(),
        card_status: None,
        kms_key: None,
        source_uri: None,
        from_index: false,
    }
}

/// ARN of a version of the group.
pub(crate) fn package_arn(version: i32) -> String {
    format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/{GROUP}/{version}")
}

/// An inference component in service on a variant of the usual endpoint.
pub(crate) fn component(name: &str, model: Option<&str>) -> InferenceComponent {
    InferenceComponent {
        name: name.to_owned(),
        arn: format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:inference-component/{}", name.to_lowercase()),
        endpoint: ENDPOINT.to_owned(),
        variant: Some(VARIANT.to_owned()),
        status: "InService".to_owned(),
        failure_reason: None,
        model_name: model.map(str::to_owned),
        container: None,
        image: None,
        base_component: None,
        copies: Some(1),
        created: Some(at("2026-05-06T08:30:00Z")),
        modified: Some(at("2026-05-06T08:40:00Z")),
    }
}

/// A completed batch job of a model.
pub(crate) fn job(name: &str, model: &str, started: &str) -> TransformJob {
    TransformJob {
        name: name.to_owned(),
        arn: format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:transform-job/{name}"),
        model_name: model.to_owned(),
        status: "Completed".to_owned(),
        created: Some(at(started)),
        started: Some(at(started)),
        ended: Some(at(started) + jiff::SignedDuration::from_mins(20)),
    }
}

/// Versions of one key, given newest first as id, ETag and instant.
pub(crate) fn object(uri: &str, versions: &[(&str, &str, &str)]) -> ObjectListing {
    let key = S3Location::parse(uri).expect(uri).key;
    listing(uri, versions.iter().map(|(id, etag, written)| version(&key, id, etag, written)).collect())
}

/// Entries below a key or prefix, newest first for each key.
pub(crate) fn listing(uri: &str, mut versions: Vec<ObjectVersion>) -> ObjectListing {
    let mut seen = std::collections::BTreeSet::new();
    for version in &mut versions {
        version.is_latest = seen.insert(version.key.clone());
    }
    ObjectListing { location: S3Location::parse(uri).expect(uri), versions }
}

/// One version of an object.
pub(crate) fn version(key: &str, id: &str, etag: &str, written: &str) -> ObjectVersion {
    ObjectVersion {
        key: key.to_owned(),
        version_id: id.to_owned(),
        is_latest: true,
        last_modified: at(written),
        delete_marker: false,
        etag: Some(etag.to_owned()),
        size: Some(4_096),
        storage_class: Some("STANDARD".to_owned()),
    }
}

/// A delete marker.
pub(crate) fn deletion(key: &str, id: &str, written: &str) -> ObjectVersion {
    ObjectVersion { delete_marker: true, etag: None, size: None, storage_class: None, ..version(key, id, "", written) }
}

/// Tags of a resource.
pub(crate) fn tags(arn: &str, pairs: &[(&str, &str)]) -> ResourceTags {
    let tags = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    ResourceTags { arn: arn.to_owned(), tags }
}

/// A topic with confirmed subscriptions, given as protocol and address.
pub(crate) fn topic(arn: &str, subscribers: &[(&str, &str)]) -> Topic {
    let subscriptions: Vec<_> = subscribers.iter().map(|(protocol, address)| subscription(protocol, address)).collect();
    Topic {
        arn: arn.to_owned(),
        confirmed: i64::try_from(subscriptions.len()).ok(),
        pending: Some(0),
        subscriptions: Some(subscriptions),
    }
}

/// A confirmed subscription; of a web address the host is the receiver, of an ARN the service.
pub(crate) fn subscription(protocol: &str, address: &str) -> Subscription {
    let receiver = match protocol {
        "http" | "https" => address.split("://").nth(1).and_then(|rest| rest.split('/').next()),
        _ => address.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(1)),
    };
    Subscription {
        protocol: protocol.to_owned(),
        endpoint: address.to_owned(),
        confirmed: true,
        receiver: receiver.map(str::to_owned),
    }
}

/// ARN of an alarm.
pub(crate) fn alarm_arn(name: &str) -> String {
    format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}")
}

/// An armed alarm on a metric of the usual variant, in the metric's own namespace, that tells the usual topic.
pub(crate) fn alarm(name: &str, metric: &str) -> Alarm {
    let namespace = if metric.starts_with("feature_") {
        "aws/sagemaker/Endpoints/data-metrics"
    } else if metric.ends_with("Utilization") {
        "/aws/sagemaker/Endpoints"
    } else {
        "AWS/SageMaker"
    };
    let dimensions: &[(&str, &str)] = if metric.starts_with("feature_") {
        &[("Endpoint", ENDPOINT), ("MonitoringSchedule", "fraud-daily")]
    } else {
        &[("EndpointName", ENDPOINT), ("VariantName", VARIANT)]
    };
    metric_alarm(name, namespace, metric, dimensions)
}

/// An armed alarm on any metric. One on `Invocations` fires when they stop, any other when the value is high.
pub(crate) fn metric_alarm(name: &str, namespace: &str, metric: &str, dimensions: &[(&str, &str)]) -> Alarm {
    let silence = metric == "Invocations";
    Alarm {
        name: name.to_owned(),
        arn: alarm_arn(name),
        description: Some("runbook=https://wiki.bank.example/fraud respond_within=30".to_owned()),
        actions_enabled: true,
        alarm_actions: vec![TOPIC.to_owned()],
        ok_actions: Vec::new(),
        insufficient_data_actions: Vec::new(),
        state: AlarmState {
            value: "OK".to_owned(),
            reason: None,
            since: Some(at("2026-05-07T08:00:00Z")),
            evaluation: None,
        },
        kind: AlarmKind::Metric(AlarmMetric {
            terms: vec![MetricTerm {
                id: String::new(),
                namespace: namespace.to_owned(),
                metric: metric.to_owned(),
                dimensions: dimensions.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
                statistic: Some("Sum".to_owned()),
                period: Some(300),
                account: None,
                judged: true,
            }],
            expressions: BTreeMap::new(),
            promql: None,
            threshold_metric: None,
            threshold: Some(1.0),
            comparison: Some(if silence { "LessThanThreshold" } else { "GreaterThanThreshold" }.to_owned()),
            evaluation_periods: Some(3),
            datapoints_to_alarm: Some(3),
            missing_data: Some(if silence { "breaching" } else { "missing" }.to_owned()),
        }),
        configured: Some(at("2026-01-10T08:00:00Z")),
    }
}

/// The rule of a metric alarm, to change it.
pub(crate) fn rule(alarm: &mut Alarm) -> &mut AlarmMetric {
    match &mut alarm.kind {
        AlarmKind::Metric(metric) => metric,
        other => panic!("`{}` is no metric alarm: {other:?}", alarm.name),
    }
}

/// An armed composite alarm that tells the usual topic.
pub(crate) fn composite(name: &str, rule: &str) -> Alarm {
    Alarm {
        kind: AlarmKind::Composite { rule: rule.to_owned(), suppressor: None, suppressed_by: None },
        ..metric_alarm(name, "", "", &[])
    }
}

/// A mute rule that is active now.
pub(crate) fn mute(name: &str, alarms: &[&str]) -> MuteRule {
    MuteRule {
        name: name.to_owned(),
        arn: format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm-mute-rule:{name}"),
        status: Some("ACTIVE".to_owned()),
        alarms: alarms.iter().map(|alarm| (*alarm).to_owned()).collect(),
        expression: Some("at(2026-06-01T11:00)".to_owned()),
        duration: Some("PT4H".to_owned()),
        timezone: Some("UTC".to_owned()),
        starts: None,
        expires: None,
    }
}

/// The window of one event name over the usual time.
pub(crate) fn window(name: &str) -> EventWindow {
    EventWindow {
        event_name: name.to_owned(),
        event_source: "sagemaker.amazonaws.com".to_owned(),
        from: at(EVENTS_SINCE),
        to: at(AS_OF),
    }
}

/// A SageMaker event; parameter names are in lower case, as they are kept.
pub(crate) fn event(name: &str, time: &str, identity: UserIdentity, request: &[(&str, Value)]) -> TrailEvent {
    TrailEvent {
        id: format!("{name}-{time}"),
        name: name.to_owned(),
        source: "sagemaker.amazonaws.com".to_owned(),
        time: at(time),
        identity,
        error_code: None,
        request: request.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect(),
        response: BTreeMap::new(),
    }
}

/// `UpdateModelPackage` that sets a status.
pub(crate) fn approval(package: &str, time: &str, status: &str, by: UserIdentity) -> TrailEvent {
    event(
        "UpdateModelPackage",
        time,
        by,
        &[("modelpackagearn", package.into()), ("modelapprovalstatus", status.into())],
    )
}

/// `UpdateModelPackage` that changes something else.
pub(crate) fn package_edit(package: &str, time: &str, parameter: &str, by: UserIdentity) -> TrailEvent {
    event(
        "UpdateModelPackage",
        time,
        by,
        &[("modelpackagearn", package.into()), (parameter, serde_json::json!({ "masked": true }))],
    )
}

/// `CreateModelPackage`.
pub(crate) fn registration(package: &str, time: &str, status: &str, by: UserIdentity) -> TrailEvent {
    let mut event = event(
        "CreateModelPackage",
        time,
        by,
        &[("modelpackagegroupname", GROUP.into()), ("modelapprovalstatus", status.into())],
    );
    event.response.insert("modelpackagearn".to_owned(), package.into());
    event
}

/// A person who signed in with Identity Center.
pub(crate) fn sso(user: &str) -> UserIdentity {
    const ROLE: &str = "AWSReservedSSO_ModelApprover_0a1b2c3d4e5f6071";
    UserIdentity {
        role_arn: Some(format!("arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/{ROLE}")),
        ..session(ROLE, user)
    }
}

/// A pipeline's role; SageMaker Pipelines make the calls.
pub(crate) fn pipeline(role: &str) -> UserIdentity {
    UserIdentity { invoked_by: Some("sagemaker.amazonaws.com".to_owned()), ..session(role, "PipelineExecution") }
}

/// A session of a role, under a name that the caller chose.
pub(crate) fn session(role: &str, name: &str) -> UserIdentity {
    UserIdentity {
        kind: Some("AssumedRole".to_owned()),
        arn: Some(format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}")),
        principal_id: Some(format!("AROAEXAMPLE{}:{name}", role.len())),
        account: Some(ACCOUNT.to_owned()),
        role_arn: Some(format!("arn:aws:iam::{ACCOUNT}:role/{role}")),
        ..UserIdentity::default()
    }
}

/// An IAM user.
pub(crate) fn iam_user(name: &str) -> UserIdentity {
    UserIdentity {
        kind: Some("IAMUser".to_owned()),
        arn: Some(format!("arn:aws:iam::{ACCOUNT}:user/{name}")),
        principal_id: Some("AIDAEXAMPLE".to_owned()),
        account: Some(ACCOUNT.to_owned()),
        user_name: Some(name.to_owned()),
        ..UserIdentity::default()
    }
}

/// An identity as the SageMaker API shows it.
pub(crate) fn principal(identity: &UserIdentity) -> Principal {
    Principal { arn: identity.arn.clone(), principal_id: identity.principal_id.clone(), ..Principal::default() }
}

/// A complete manifest of a group.
pub(crate) fn manifest(group: &str) -> Manifest {
    let signals = || ["errors", "latency", "silence", "saturation", "drift"].map(str::to_owned).into_iter();
    Manifest {
        group: group.to_owned(),
        owner: Some("Maria Stern".to_owned()),
        oncall: Some("fraud-oncall".to_owned()),
        respond_within: signals().map(|signal| (signal, 30)).collect(),
        runbook: signals().map(|signal| (signal, "https://wiki.bank.example/fraud".to_owned())).collect(),
        retrain_when: vec!["drift above 0.2 for a week".to_owned()],
        do_not_use_when: vec!["the payment is not in euro".to_owned()],
        ..Manifest::default()
    }
}
