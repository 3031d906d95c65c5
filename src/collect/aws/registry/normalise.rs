//! SDK packages and groups to ours.

use std::collections::BTreeMap;

use aws_sdk_sagemaker::operation::describe_model_package::DescribeModelPackageOutput;
use aws_sdk_sagemaker::types::{
    self, DriftCheckBaselines, FileSource, InferenceSpecification, MetricsSource, ModelMetrics, UserContext,
};
use aws_smithy_types::DateTime;

use crate::collect::Malformed;
use crate::collect::aws::containers::package_container;
use crate::collect::aws::text::{instant, required, text};
use crate::evidence::{
    ApprovalStatus, CommitRef, MetricsPointer, Package, PackageContainer, PackageGroup, PackageLifecycle, Principal,
};

/// A record of the index is a description with less in it, so both are read by the same function.
pub(super) fn as_described(record: types::ModelPackage) -> DescribeModelPackageOutput {
    DescribeModelPackageOutput::builder()
        .set_model_package_name(record.model_package_name)
        .set_model_package_group_name(record.model_package_group_name)
        .set_model_package_version(record.model_package_version)
        .set_model_package_arn(record.model_package_arn)
        .set_creation_time(record.creation_time)
        .set_inference_specification(record.inference_specification)
        .set_model_package_status(record.model_package_status)
        .set_model_approval_status(record.model_approval_status)
        .set_approval_description(record.approval_description)
        .set_created_by(record.created_by)
        .set_metadata_properties(record.metadata_properties)
        .set_model_metrics(record.model_metrics)
        .set_last_modified_time(record.last_modified_time)
        .set_last_modified_by(record.last_modified_by)
        .set_customer_metadata_properties(record.customer_metadata_properties)
        .set_drift_check_baselines(record.drift_check_baselines)
        .set_additional_inference_specifications(record.additional_inference_specifications)
        .set_source_uri(record.source_uri)
        .set_security_config(record.security_config)
        .set_model_card(record.model_card)
        .set_model_life_cycle(record.model_life_cycle)
        .build()
}

/// A group.
pub(super) fn group(
    name: Option<&str>,
    arn: Option<&str>,
    created: Option<&DateTime>,
) -> Result<PackageGroup, Malformed> {
    let name = required("a model package group", "ModelPackageGroupName", name)?;
    Ok(PackageGroup { arn: required(&name, "ModelPackageGroupArn", arn)?, created: instant(created), name })
}

/// A package.
pub(super) fn package(given: &DescribeModelPackageOutput, from_index: bool) -> Result<Package, Malformed> {
    let arn = required("a model package", "ModelPackageArn", given.model_package_arn())?;
    let group = text(given.model_package_group_name());
    let version = given.model_package_version();
    let mut metrics = Vec::new();
    given.model_metrics().into_iter().for_each(|given| evaluation(given, &mut metrics));
    given.drift_check_baselines().into_iter().for_each(|given| baselines(given, &mut metrics));
    Ok(Package {
        // A version goes by its group and number; its "name" is the group's or nothing, as the answer pleases.
        name: if group.is_none() { text(given.model_package_name()) } else { None },
        group,
        version,
        approval: given.model_approval_status().map(|status| ApprovalStatus::parse(status.as_str())),
        approval_description: text(given.approval_description()),
        created: instant(given.creation_time()),
        created_by: given.created_by().map(principal),
        modified: instant(given.last_modified_time()),
        modified_by: given.last_modified_by().map(principal),
        containers: given.inference_specification().map(main_containers).unwrap_or_default(),
        additional: additional(given.additional_inference_specifications()),
        commit: given.metadata_properties().map(commit).unwrap_or_default(),
        lifecycle: given.model_life_cycle().map(|cycle| PackageLifecycle {
            stage: text(cycle.stage()),
            status: text(cycle.stage_status()),
            description: text(cycle.stage_description()),
        }),
        metrics,
        metadata: given
            .customer_metadata_properties()
            .map(|metadata| metadata.iter().map(|(key, value)| (key.clone(), value.clone())).collect())
            .unwrap_or_default(),
        card_status: given.model_card().and_then(|card| text(Some(card.model_card_status()?.as_str()))),
        kms_key: given.security_config().and_then(|config| text(config.kms_key_id())),
        source_uri: text(given.source_uri()),
        from_index,
        arn,
    })
}

fn main_containers(given: &InferenceSpecification) -> Vec<PackageContainer> {
    given.containers().iter().map(package_container).collect()
}

fn additional(given: &[types::AdditionalInferenceSpecificationDefinition]) -> BTreeMap<String, Vec<PackageContainer>> {
    given
        .iter()
        .filter_map(|it| Some((text(it.name())?, it.containers().iter().map(package_container).collect())))
        .collect()
}

fn principal(given: &UserContext) -> Principal {
    let identity = given.iam_identity();
    Principal {
        arn: identity.and_then(|identity| text(identity.arn())),
        principal_id: identity.and_then(|identity| text(identity.principal_id())),
        source_identity: identity.and_then(|identity| text(identity.source_identity())),
        user_profile: text(given.user_profile_name()).or_else(|| text(given.user_profile_arn())),
        domain_id: text(given.domain_id()),
    }
}

fn commit(given: &types::MetadataProperties) -> CommitRef {
    CommitRef {
        commit: text(given.commit_id()),
        repository: text(given.repository()),
        generated_by: text(given.generated_by()),
        project: text(given.project_id()),
    }
}

fn evaluation(given: &ModelMetrics, into: &mut Vec<MetricsPointer>) {
    let mut add = |role: &str, source: Option<&MetricsSource>| into.extend(source.and_then(|it| file(role, it)));
    if let Some(quality) = given.model_quality() {
        add("ModelMetrics.ModelQuality.Statistics", quality.statistics());
        add("ModelMetrics.ModelQuality.Constraints", quality.constraints());
    }
    if let Some(quality) = given.model_data_quality() {
        add("ModelMetrics.ModelDataQuality.Statistics", quality.statistics());
        add("ModelMetrics.ModelDataQuality.Constraints", quality.constraints());
    }
    if let Some(bias) = given.bias() {
        add("ModelMetrics.Bias.Report", bias.report());
        add("ModelMetrics.Bias.PreTrainingReport", bias.pre_training_report());
        add("ModelMetrics.Bias.PostTrainingReport", bias.post_training_report());
    }
    add("ModelMetrics.Explainability.Report", given.explainability().and_then(types::Explainability::report));
}

fn baselines(given: &DriftCheckBaselines, into: &mut Vec<MetricsPointer>) {
    let mut add = |role: &str, source: Option<&MetricsSource>| into.extend(source.and_then(|it| file(role, it)));
    if let Some(quality) = given.model_quality() {
        add("DriftCheckBaselines.ModelQuality.Statistics", quality.statistics());
        add("DriftCheckBaselines.ModelQuality.Constraints", quality.constraints());
    }
    if let Some(quality) = given.model_data_quality() {
        add("DriftCheckBaselines.ModelDataQuality.Statistics", quality.statistics());
        add("DriftCheckBaselines.ModelDataQuality.Constraints", quality.constraints());
    }
    if let Some(bias) = given.bias() {
        add("DriftCheckBaselines.Bias.PreTrainingConstraints", bias.pre_training_constraints());
        add("DriftCheckBaselines.Bias.PostTrainingConstraints", bias.post_training_constraints());
    }
    if let Some(explainability) = given.explainability() {
        add("DriftCheckBaselines.Explainability.Constraints", explainability.constraints());
    }
    let mut configure = |role: &str, source: Option<&FileSource>| {
        into.extend(source.and_then(|it| {
            Some(MetricsPointer { role: role.to_owned(), uri: text(it.s3_uri())?, digest: text(it.content_digest()) })
        }));
    };
    configure("DriftCheckBaselines.Bias.ConfigFile", given.bias().and_then(types::DriftCheckBias::config_file));
    configure(
        "DriftCheckBaselines.Explainability.ConfigFile",
        given.explainability().and_then(types::DriftCheckExplainability::config_file),
    );
}

fn file(role: &str, given: &MetricsSource) -> Option<MetricsPointer> {
    Some(MetricsPointer { role: role.to_owned(), uri: text(given.s3_uri())?, digest: text(given.content_digest()) })
}

#[cfg(test)]
mod tests {
    use aws_sdk_sagemaker::types::{
        Bias, IamIdentity, ModelApprovalStatus, ModelPackageContainerDefinition, ModelQuality,
    };

    use super::*;

    const ARN: &str = "arn:aws:sagemaker:eu-central-1:111122223333:model-package/fraud/7";

    fn version() -> aws_sdk_sagemaker::operation::describe_model_package::builders::DescribeModelPackageOutputBuilder {
        DescribeModelPackageOutput::builder()
            .model_package_arn(ARN)
            .model_package_name("fraud")
            .model_package_group_name("fraud")
            .model_package_version(7)
    }

    fn source(uri: &str) -> MetricsSource {
        MetricsSource::builder().content_type("application/json").s3_uri(uri).content_digest("sha256:aa").build()
    }

    #[test]
    fn a_version_goes_by_group_and_number_and_an_unversioned_package_by_name() {
        let package = super::package(&version().build(), true).unwrap();
        assert_eq!((package.group.as_deref(), package.version, package.name), (Some("fraud"), Some(7), None));
        assert_eq!((package.approval, package.from_index), (None, true));
        let given = DescribeModelPackageOutput::builder().model_package_arn(ARN).model_package_name("old").build();
        let package = super::package(&given, false).unwrap();
        assert_eq!((package.group, package.version, package.name.as_deref()), (None, None, Some("old")));
        assert!(super::package(&DescribeModelPackageOutput::builder().build(), false).is_err());
    }

    #[test]
    fn approval_and_who_touched_it_last_are_kept_apart() {
        let who = UserContext::builder()
            .iam_identity(IamIdentity::builder().arn("arn:aws:sts:::x").source_identity("maria").build())
            .build();
        let given = version()
            .model_approval_status(ModelApprovalStatus::from("SomethingNew"))
            .last_modified_by(who)
            .approval_description("CHG-1")
            .build();
        let package = super::package(&given, false).unwrap();
        assert_eq!(package.approval, Some(ApprovalStatus::Other("SomethingNew".to_owned())));
        assert_eq!(package.created_by, None);
        assert_eq!(package.modified_by.unwrap().source_identity.as_deref(), Some("maria"));
    }

    #[test]
    fn every_pointer_to_metrics_and_baselines_is_kept_with_its_place() {
        let quality = ModelQuality::builder().statistics(source("s3://m/quality.json")).build();
        let metrics = ModelMetrics::builder()
            .model_quality(quality)
            .bias(Bias::builder().report(source("s3://m/bias.json")).build())
            .build();
        let config = FileSource::builder().s3_uri("s3://m/config.json").build();
        let drift =
            DriftCheckBaselines::builder().bias(types::DriftCheckBias::builder().config_file(config).build()).build();
        let package =
            super::package(&version().model_metrics(metrics).drift_check_baselines(drift).build(), false).unwrap();
        let roles: Vec<&str> = package.metrics.iter().map(|it| it.role.as_str()).collect();
        assert_eq!(
            roles,
            ["ModelMetrics.ModelQuality.Statistics", "ModelMetrics.Bias.Report", "DriftCheckBaselines.Bias.ConfigFile"]
        );
        assert_eq!(package.metrics[0].digest.as_deref(), Some("sha256:aa"));
    }

    #[test]
    fn additional_specifications_are_kept_by_name() {
        let container = ModelPackageContainerDefinition::builder().image("image:gpu").build();
        let gpu =
            types::AdditionalInferenceSpecificationDefinition::builder().name("gpu").containers(container).build();
        let package = super::package(&version().additional_inference_specifications(gpu).build(), false).unwrap();
        assert_eq!(package.additional["gpu"][0].image.as_deref(), Some("image:gpu"));
    }

    #[test]
    fn a_record_of_the_index_reads_like_a_description() {
        let record = types::ModelPackage::builder()
            .model_package_arn(ARN)
            .model_package_group_name("fraud")
            .model_package_version(7)
            .model_approval_status(ModelApprovalStatus::Rejected)
            .source_uri("s3://m/")
            .customer_metadata_properties("ticket", "CHG-1")
            .build();
        let given = version()
            .model_approval_status(ModelApprovalStatus::Rejected)
            .source_uri("s3://m/")
            .customer_metadata_properties("ticket", "CHG-1")
            .build();
        assert_eq!(package(&as_described(record), false), package(&given, false));
    }
}
