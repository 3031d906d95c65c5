//! Small estates for tests of what is in use.

use std::collections::BTreeMap;

use crate::evidence::{
    ApprovalStatus, CommitRef, Container, Endpoint, EndpointConfig, Fact, Facts, InstancePool, Model, ModelData,
    Package, PackageContainer, PendingDeployment, VariantSettings,
};

pub(in crate::collect::aws) const ACCOUNT: &str = "111122223333";
pub(in crate::collect::aws) const REGION: &str = "eu-central-1";

pub(in crate::collect::aws) fn fact<T>(data: T) -> Fact<T> {
    Fact { account: ACCOUNT.to_owned(), region: REGION.to_owned(), seen: vec![], data }
}

pub(in crate::collect::aws) fn data(uri: &str) -> ModelData {
    ModelData {
        uri: uri.to_owned(),
        role: "model".to_owned(),
        prefix: false,
        etag: None,
        manifest: None,
        manifest_etag: None,
    }
}

pub(in crate::collect::aws) fn endpoint(config: &str, pending: Option<&str>) -> Endpoint {
    Endpoint {
        name: "e".to_owned(),
        arn: "arn".to_owned(),
        config_name: Some(config.to_owned()),
        status: "InService".to_owned(),
        failure_reason: None,
        created: None,
        modified: None,
        variants: vec![],
        shadow_variants: vec![],
        pending: pending.map(|config| PendingDeployment {
            config_name: config.to_owned(),
            started: None,
            variants: vec![],
            shadow_variants: vec![],
        }),
        data_capture: None,
        async_output: None,
        rollback_alarms: vec![],
        deployment: None,
        from_index: false,
    }
}

pub(in crate::collect::aws) fn variant(model: Option<&str>, pool: Option<&str>) -> VariantSettings {
    VariantSettings {
        name: "v".to_owned(),
        model_name: model.map(str::to_owned),
        initial_weight: None,
        instance_type: None,
        initial_instances: None,
        pools: pool
            .map(|model| InstancePool {
                instance_type: "ml.g5".to_owned(),
                model_override: Some(model.to_owned()),
                priority: None,
            })
            .into_iter()
            .collect(),
        serverless: None,
        volume_gb: None,
    }
}

pub(in crate::collect::aws) fn config(
    name: &str,
    variants: Vec<VariantSettings>,
    shadow_variants: Vec<VariantSettings>,
) -> EndpointConfig {
    EndpointConfig {
        name: name.to_owned(),
        arn: "arn".to_owned(),
        created: None,
        variants,
        shadow_variants,
        async_output: None,
        kms_key: None,
        metric_seconds: None,
    }
}

pub(in crate::collect::aws) fn model(name: &str, container: Container) -> Model {
    Model {
        name: name.to_owned(),
        arn: "arn".to_owned(),
        created: None,
        containers: vec![container],
        execution_mode: None,
        role_arn: None,
        network_isolation: None,
    }
}

pub(in crate::collect::aws) fn plain(name: &str) -> Model {
    model(name, Container { data: vec![data(&format!("s3://b/{name}"))], ..Container::default() })
}

pub(in crate::collect::aws) fn package(version: i32, approval: ApprovalStatus) -> Package {
    Package {
        arn: format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/churn/{version}"),
        group: Some("churn".to_owned()),
        version: Some(version),
        name: None,
        approval: Some(approval),
        approval_description: None,
        created: None,
        created_by: None,
        modified: None,
        modified_by: None,
        containers: vec![PackageContainer {
            data: vec![data(&format!("s3://b/churn-{version}"))],
            ..Default::default()
        }],
        additional: BTreeMap::from([(
            "gpu".to_owned(),
            vec![PackageContainer { data: vec![data(&format!("s3://b/gpu-{version}"))], ..Default::default() }],
        )]),
        commit: CommitRef::default(),
        lifecycle: None,
        metrics: vec![],
        metadata: BTreeMap::new(),
        card_status: None,
        kms_key: None,
        source_uri: None,
        from_index: false,
    }
}

pub(in crate::collect::aws) fn serving(name: &str, container: Container) -> Facts {
    Facts {
        endpoints: vec![fact(endpoint("C", None))],
        endpoint_configs: vec![fact(config("c", vec![variant(Some(name), None)], vec![]))],
        models: vec![fact(model(name, container))],
        ..Facts::default()
    }
}
