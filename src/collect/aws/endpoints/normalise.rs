//! SDK endpoints and configs to ours.

use std::collections::BTreeSet;

use aws_sdk_sagemaker::operation::describe_endpoint::DescribeEndpointOutput;
use aws_sdk_sagemaker::operation::describe_endpoint_config::DescribeEndpointConfigOutput;
use aws_sdk_sagemaker::types::{
    self, AsyncInferenceConfig, BlueGreenUpdatePolicy, DataCaptureConfigSummary, DeploymentConfig,
    PendingDeploymentSummary, PendingProductionVariantSummary, ProductionVariant, ProductionVariantServerlessConfig,
    ProductionVariantSummary,
};

use crate::collect::Malformed;
use crate::collect::aws::containers::deployed_image;
use crate::collect::aws::text::{instant, required, text};
use crate::evidence::{
    AsyncOutput, DataCapture, Deployment, Endpoint, EndpointConfig, InstancePool, PendingDeployment,
    ServerlessSettings, Variant, VariantSettings,
};

/// A record of the index is a description with less in it, so both are read by the same function.
pub(super) fn as_described(record: types::Endpoint) -> DescribeEndpointOutput {
    DescribeEndpointOutput::builder()
        .set_endpoint_name(record.endpoint_name)
        .set_endpoint_arn(record.endpoint_arn)
        .set_endpoint_config_name(record.endpoint_config_name)
        .set_production_variants(record.production_variants)
        .set_shadow_production_variants(record.shadow_production_variants)
        .set_data_capture_config(record.data_capture_config)
        .set_endpoint_status(record.endpoint_status)
        .set_failure_reason(record.failure_reason)
        .set_creation_time(record.creation_time)
        .set_last_modified_time(record.last_modified_time)
        .build()
}

/// An endpoint.
pub(super) fn endpoint(given: &DescribeEndpointOutput, from_index: bool) -> Result<Endpoint, Malformed> {
    let name = required("an endpoint", "EndpointName", given.endpoint_name())?;
    let rollback = given.last_deployment_config().and_then(types::DeploymentConfig::auto_rollback_configuration);
    Ok(Endpoint {
        arn: required(&name, "EndpointArn", given.endpoint_arn())?,
        config_name: text(given.endpoint_config_name()),
        status: required(&name, "EndpointStatus", given.endpoint_status().map(types::EndpointStatus::as_str))?,
        failure_reason: text(given.failure_reason()),
        created: instant(given.creation_time()),
        modified: instant(given.last_modified_time()),
        variants: variants(&name, given.production_variants())?,
        shadow_variants: variants(&name, given.shadow_production_variants())?,
        pending: given.pending_deployment_summary().map(|pending| deployment(&name, pending)).transpose()?,
        data_capture: given.data_capture_config().map(capture),
        async_output: given.async_inference_config().map(async_output),
        deployment: given.last_deployment_config().and_then(rolled_out),
        rollback_alarms: rollback
            .map(|rollback| rollback.alarms().iter().filter_map(|alarm| text(alarm.alarm_name())).collect())
            .unwrap_or_default(),
        from_index,
        name,
    })
}

/// A config.
pub(super) fn config(given: &DescribeEndpointConfigOutput) -> Result<EndpointConfig, Malformed> {
    let name = required("an endpoint config", "EndpointConfigName", given.endpoint_config_name())?;
    let all = |variants: &[ProductionVariant]| -> Result<Vec<VariantSettings>, Malformed> {
        variants.iter().map(|variant| settings(&name, variant)).collect()
    };
    Ok(EndpointConfig {
        arn: required(&name, "EndpointConfigArn", given.endpoint_config_arn())?,
        created: instant(given.creation_time()),
        variants: all(given.production_variants())?,
        shadow_variants: all(given.shadow_production_variants())?,
        async_output: given.async_inference_config().map(async_output),
        kms_key: text(given.kms_key_id()),
        metric_seconds: given.metrics_config().and_then(types::MetricsConfig::metric_publish_frequency_in_seconds),
        name: name.clone(),
    })
}

fn variants(endpoint: &str, given: &[ProductionVariantSummary]) -> Result<Vec<Variant>, Malformed> {
    given.iter().map(|variant| running(endpoint, variant)).collect()
}

fn running(endpoint: &str, given: &ProductionVariantSummary) -> Result<Variant, Malformed> {
    Ok(Variant {
        name: required(endpoint, "VariantName", given.variant_name())?,
        weight: given.current_weight(),
        instances: given.current_instance_count(),
        images: given.deployed_images().iter().map(deployed_image).collect(),
        serverless: given.current_serverless_config().and_then(serverless),
        status: given.variant_status().iter().filter_map(|status| text(Some(status.status()?.as_str()))).collect(),
    })
}

fn deployment(endpoint: &str, given: &PendingDeploymentSummary) -> Result<PendingDeployment, Malformed> {
    let all = |variants: &[PendingProductionVariantSummary]| {
        variants.iter().map(|variant| running(endpoint, &as_running(variant))).collect::<Result<_, _>>()
    };
    Ok(PendingDeployment {
        config_name: required(endpoint, "PendingDeploymentSummary.EndpointConfigName", given.endpoint_config_name())?,
        started: instant(given.start_time()),
        variants: all(given.production_variants())?,
        shadow_variants: all(given.shadow_production_variants())?,
    })
}

/// A variant of a pending deployment has the members of a running one, and some more.
fn as_running(given: &PendingProductionVariantSummary) -> ProductionVariantSummary {
    let given = given.clone();
    ProductionVariantSummary::builder()
        .set_variant_name(given.variant_name)
        .set_deployed_images(given.deployed_images)
        .set_current_weight(given.current_weight)
        .set_current_instance_count(given.current_instance_count)
        .set_current_serverless_config(given.current_serverless_config)
        .set_variant_status(given.variant_status)
        .build()
}

fn settings(config: &str, given: &ProductionVariant) -> Result<VariantSettings, Malformed> {
    let pool = |pool: &types::InstancePool| {
        Ok(InstancePool {
            instance_type: required(
                config,
                "InstancePools.InstanceType",
                pool.instance_type().map(types::ProductionVariantInstanceType::as_str),
            )?,
            model_override: text(pool.model_name_override()),
            priority: pool.priority(),
        })
    };
    Ok(VariantSettings {
        name: required(config, "VariantName", given.variant_name())?,
        model_name: text(given.model_name()),
        initial_weight: given.initial_variant_weight(),
        instance_type: given.instance_type().map(|kind| kind.as_str().to_owned()),
        initial_instances: given.initial_instance_count(),
        pools: given.instance_pools().iter().map(pool).collect::<Result<_, _>>()?,
        serverless: given.serverless_config().and_then(serverless),
        volume_gb: given.volume_size_in_gb(),
    })
}

fn serverless(given: &ProductionVariantServerlessConfig) -> Option<ServerlessSettings> {
    Some(ServerlessSettings {
        memory_mb: given.memory_size_in_mb()?,
        max_concurrency: given.max_concurrency()?,
        provisioned: given.provisioned_concurrency(),
    })
}

fn capture(given: &DataCaptureConfigSummary) -> DataCapture {
    DataCapture {
        enabled: given.enable_capture().unwrap_or_default(),
        status: given.capture_status().map(|status| status.as_str().to_owned()),
        sampling_percent: given.current_sampling_percentage(),
        destination: text(given.destination_s3_uri()),
        parts: Vec::new(),
    }
}

/// What a config says is captured: `Input`, `Output`, both. The description of an endpoint does not say it.
pub(super) fn captured(given: &DescribeEndpointConfigOutput) -> Vec<String> {
    let options = given.data_capture_config().map(types::DataCaptureConfig::capture_options).unwrap_or_default();
    let parts: BTreeSet<&str> = options.iter().filter_map(|option| Some(option.capture_mode()?.as_str())).collect();
    // One mode stands for both.
    parts
        .into_iter()
        .flat_map(|part| if part == "InputAndOutput" { vec!["Input", "Output"] } else { vec![part] })
        .map(str::to_owned)
        .collect()
}

/// How an update was rolled out; `None` where the answer does not say.
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeploymentConfig.html>
fn rolled_out(given: &DeploymentConfig) -> Option<Deployment> {
    if let Some(rolling) = given.rolling_update_policy() {
        return Some(Deployment { kind: "ROLLING".to_owned(), wait_seconds: rolling.wait_interval_in_seconds() });
    }
    let routing = given.blue_green_update_policy().and_then(BlueGreenUpdatePolicy::traffic_routing_configuration)?;
    let kind = routing.r#type()?.as_str().to_owned();
    Some(Deployment { kind, wait_seconds: routing.wait_interval_in_seconds() })
}

fn async_output(given: &AsyncInferenceConfig) -> AsyncOutput {
    let output = given.output_config();
    let topics = output.and_then(types::AsyncInferenceOutputConfig::notification_config);
    AsyncOutput {
        output: output.and_then(|output| text(output.s3_output_path())),
        failures: output.and_then(|output| text(output.s3_failure_path())),
        success_topic: topics.and_then(|topics| text(topics.success_topic())),
        error_topic: topics.and_then(|topics| text(topics.error_topic())),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_sagemaker::types::{
        Alarm, AsyncInferenceNotificationConfig, AsyncInferenceOutputConfig, AutoRollbackConfig, CaptureMode,
        CaptureOption, DataCaptureConfig, EndpointStatus, InstancePool as PoolGiven, ProductionVariantInstanceType,
        ProductionVariantStatus, RollingUpdatePolicy, TrafficRoutingConfig, TrafficRoutingConfigType, VariantStatus,
    };

    use super::*;

    fn described() -> aws_sdk_sagemaker::operation::describe_endpoint::builders::DescribeEndpointOutputBuilder {
        DescribeEndpointOutput::builder()
            .endpoint_name("Fraud-Screening")
            .endpoint_arn("arn:aws:sagemaker:eu-central-1:111122223333:endpoint/fraud-screening")
            .endpoint_config_name("Fraud-Screening-c1")
            .endpoint_status(EndpointStatus::Updating)
    }

    #[test]
    fn a_rollout_under_way_keeps_both_versions() {
        let old = ProductionVariantSummary::builder().variant_name("main").current_weight(1.0).build();
        let new = PendingProductionVariantSummary::builder()
            .variant_name("main")
            .variant_status(ProductionVariantStatus::builder().status(VariantStatus::Baking).build())
            .build();
        let pending = PendingDeploymentSummary::builder()
            .endpoint_config_name("Fraud-Screening-c2")
            .production_variants(new)
            .build();
        let rollback = AutoRollbackConfig::builder().alarms(Alarm::builder().alarm_name("errors").build()).build();
        let given = described()
            .production_variants(old)
            .pending_deployment_summary(pending)
            .last_deployment_config(DeploymentConfig::builder().auto_rollback_configuration(rollback).build())
            .build();
        let read = endpoint(&given, false).unwrap();
        assert_eq!((read.name.as_str(), read.status.as_str()), ("Fraud-Screening", "Updating"));
        let pending = read.pending.unwrap();
        assert_eq!(pending.config_name, "Fraud-Screening-c2");
        assert_eq!(pending.variants[0].status, ["Baking"]);
        assert_eq!(read.variants[0].weight, Some(1.0));
        assert_eq!(read.rollback_alarms, ["errors"]);
    }

    #[test]
    fn how_an_update_was_rolled_out_and_what_is_captured_is_read() {
        let canary = TrafficRoutingConfig::builder()
            .r#type(TrafficRoutingConfigType::Canary)
            .wait_interval_in_seconds(600)
            .build();
        let policy = BlueGreenUpdatePolicy::builder().traffic_routing_configuration(canary).build();
        let config = DeploymentConfig::builder().blue_green_update_policy(policy).build();
        let told = |config: DeploymentConfig| {
            let read = endpoint(&described().last_deployment_config(config).build(), false).unwrap().deployment;
            read.map(|read| (read.kind, read.wait_seconds))
        };
        assert_eq!(told(config), Some(("CANARY".to_owned(), Some(600))));
        let rolling = RollingUpdatePolicy::builder().wait_interval_in_seconds(60).build();
        let rolling = DeploymentConfig::builder().rolling_update_policy(rolling).build();
        assert_eq!(told(rolling), Some(("ROLLING".to_owned(), Some(60))));
        assert_eq!(told(DeploymentConfig::builder().build()), None);

        let parts = |modes: &[CaptureMode]| {
            let options = modes.iter().map(|mode| CaptureOption::builder().capture_mode(mode.clone()).build());
            let capture = DataCaptureConfig::builder().set_capture_options(Some(options.collect())).build();
            captured(&DescribeEndpointConfigOutput::builder().data_capture_config(capture).build())
        };
        assert_eq!(parts(&[CaptureMode::Output, CaptureMode::Input]), ["Input", "Output"]);
        assert_eq!(parts(&[CaptureMode::InputAndOutput]), ["Input", "Output"]);
        assert_eq!(parts(&[]), Vec::<String>::new());
    }

    #[test]
    fn a_record_of_the_index_reads_like_a_description() {
        let variant = ProductionVariantSummary::builder().variant_name("main").current_weight(0.5).build();
        let record = types::Endpoint::builder()
            .endpoint_name("Fraud-Screening")
            .endpoint_arn("arn:aws:sagemaker:eu-central-1:111122223333:endpoint/fraud-screening")
            .endpoint_config_name("Fraud-Screening-c1")
            .endpoint_status(EndpointStatus::Updating)
            .production_variants(variant.clone())
            .build();
        let from_index = endpoint(&as_described(record), true).unwrap();
        let from_description = endpoint(&described().production_variants(variant).build(), false).unwrap();
        assert_eq!(Endpoint { from_index: false, ..from_index }, from_description);
    }

    #[test]
    fn a_variant_without_a_name_makes_the_endpoint_malformed() {
        let given = described().production_variants(ProductionVariantSummary::builder().build()).build();
        let malformed = endpoint(&given, false).unwrap_err();
        assert_eq!(
            (malformed.item.as_str(), malformed.reason.as_str()),
            ("Fraud-Screening", "`VariantName` is missing")
        );
    }

    #[test]
    fn a_config_names_every_model_that_may_run() {
        let pool = PoolGiven::builder()
            .instance_type(ProductionVariantInstanceType::MlG5Xlarge)
            .model_name_override("fraud-gpu")
            .priority(1)
            .build();
        let topics = AsyncInferenceNotificationConfig::builder().error_topic("arn:aws:sns:::errors").build();
        let output =
            AsyncInferenceOutputConfig::builder().s3_output_path("s3://out/").notification_config(topics).build();
        let given = DescribeEndpointConfigOutput::builder()
            .endpoint_config_name("c1")
            .endpoint_config_arn("arn:aws:sagemaker:eu-central-1:111122223333:endpoint-config/c1")
            .production_variants(
                ProductionVariant::builder().variant_name("main").model_name("fraud").instance_pools(pool).build(),
            )
            .shadow_production_variants(ProductionVariant::builder().variant_name("next").model_name("fraud-2").build())
            .async_inference_config(AsyncInferenceConfig::builder().output_config(output).build())
            .build();
        let config = config(&given).unwrap();
        assert_eq!(config.variants[0].model_name.as_deref(), Some("fraud"));
        assert_eq!(config.variants[0].pools[0].model_override.as_deref(), Some("fraud-gpu"));
        assert_eq!(config.shadow_variants[0].model_name.as_deref(), Some("fraud-2"));
        assert_eq!(config.async_output.unwrap().error_topic.as_deref(), Some("arn:aws:sns:::errors"));
    }
}
