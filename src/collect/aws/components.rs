//! Inference components: models and adapters that share the instances of a variant. The variant then names no model.

use aws_sdk_sagemaker::operation::describe_inference_component::DescribeInferenceComponentOutput;
use aws_sdk_sagemaker::types::{self, InferenceComponentSpecificationSummary};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

use super::containers::{component_container, deployed_image};
use super::engine::{Answer, Reader, token};
use super::text::{instant, nameless, required, text};
use crate::collect::{ApiCall, CollectorInfo, Malformed};
use crate::evidence::{CallId, FactKind, Hidden, InferenceComponent, ResourceKey};

const LIST: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "ListInferenceComponents",
    action: "sagemaker:ListInferenceComponents",
    purpose: "which inference components run on endpoints",
};

const DESCRIBE: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "DescribeInferenceComponent",
    action: "sagemaker:DescribeInferenceComponent",
    purpose: "which model or container an inference component runs",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "components",
    summary: "reads inference components, which put several models on one variant of an endpoint",
    yields: &[FactKind::InferenceComponents],
    calls: &[LIST, DESCRIBE],
};

const ALL: &[Hidden] = &[Hidden::All(FactKind::InferenceComponents)];

/// Lists all components of the account at once and describes each, since the list does not name the model.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let mut found: Vec<(String, CallId)> = Vec::new();
    let focus = reader.request().focus.as_ref();
    let listed = reader
        .pages(
            &LIST,
            "inference components",
            |token| {
                reader.clients().sagemaker.list_inference_components().max_results(100).set_next_token(token).send()
            },
            |Answer { output, call }| {
                for component in output.inference_components.unwrap_or_default() {
                    let elsewhere = |name: &str| focus.is_some_and(|focus| !focus.may_hold_endpoint(name));
                    if component.endpoint_name.as_deref().is_some_and(elsewhere) {
                        continue;
                    }
                    match component.inference_component_name {
                        Some(name) => found.push((name, call)),
                        None => reader.malformed(&LIST, call, &nameless("an inference component"), ALL),
                    }
                }
                token(output.next_token.as_deref())
            },
        )
        .await;
    if let Err(failure) = listed {
        reader.gap(failure, ALL);
    }
    reader.each(found, async |(name, listed)| describe(reader, &name, listed).await).await;
}

async fn describe(reader: &Reader<'_>, name: &str, listed: CallId) {
    let key = ResourceKey::new(FactKind::InferenceComponents, name);
    let request = reader.clients().sagemaker.describe_inference_component().inference_component_name(name);
    match reader.ask(&DESCRIBE, name, request.send()).await {
        Ok(Answer { output, call }) => match normalise(&output) {
            Ok(component) => {
                if let Some(malformed) = unread(&output, &component.name) {
                    reader.malformed(&DESCRIBE, call, &malformed, &[Hidden::One(key)]);
                }
                reader.record(component, &[listed, call]);
            }
            Err(malformed) => reader.malformed(&DESCRIBE, call, &malformed, &[Hidden::One(key)]),
        },
        Err(failure) if failure.not_found => reader.absent(failure, key),
        Err(failure) => reader.gap(failure, &[Hidden::One(key)]),
    }
}

/// The specification of a component: the only one, or the first of those for several instance types.
fn specification(given: &DescribeInferenceComponentOutput) -> Option<&InferenceComponentSpecificationSummary> {
    given.specification().or_else(|| given.specifications().first())
}

/// A component may run different things on different instance types. A fact holds one of them; that there are others
/// is not passed over.
fn unread(given: &DescribeInferenceComponentOutput, name: &str) -> Option<Malformed> {
    let first = specification(given)?;
    let runs = |specification: &InferenceComponentSpecificationSummary| {
        let container = specification.container().map(component_container);
        (specification.model_name().map(str::to_lowercase), container.map(|container| container.data))
    };
    given.specifications().iter().any(|other| runs(other) != runs(first)).then(|| Malformed {
        item: name.to_owned(),
        reason: "it runs different models on different instance types, of which only the first was read".to_owned(),
    })
}

fn normalise(given: &DescribeInferenceComponentOutput) -> Result<InferenceComponent, Malformed> {
    let name = required("an inference component", "InferenceComponentName", given.inference_component_name())?;
    let status = given.inference_component_status().map(types::InferenceComponentStatus::as_str);
    let specification = specification(given);
    let container = specification.and_then(InferenceComponentSpecificationSummary::container);
    let model_name = specification.and_then(|it| text(it.model_name()));
    let requires = specification.and_then(InferenceComponentSpecificationSummary::compute_resource_requirements);
    Ok(InferenceComponent {
        arn: required(&name, "InferenceComponentArn", given.inference_component_arn())?,
        endpoint: required(&name, "EndpointName", given.endpoint_name())?,
        variant: text(given.variant_name()),
        status: required(&name, "InferenceComponentStatus", status)?,
        failure_reason: text(given.failure_reason()),
        // Beside a model, the answer repeats the image that was resolved for it: that is not a container of its own.
        container: container.map(component_container).filter(|it| !it.data.is_empty() || model_name.is_none()),
        image: container.and_then(|container| container.deployed_image()).map(deployed_image),
        model_name,
        base_component: specification.and_then(|it| text(it.base_inference_component_name())),
        copies: given.runtime_config().and_then(types::InferenceComponentRuntimeConfigSummary::current_copy_count),
        cpus: requires.and_then(|it| Decimal::from_f32(it.number_of_cpu_cores_required()?)),
        accelerators: requires.and_then(|it| Decimal::from_f32(it.number_of_accelerator_devices_required()?)),
        created: instant(given.creation_time()),
        modified: instant(given.last_modified_time()),
        name,
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_sagemaker::types::{
        DeployedImage, InferenceComponentContainerSpecificationSummary as ContainerGiven, InferenceComponentStatus,
    };

    use super::*;

    fn described(specifications: Vec<InferenceComponentSpecificationSummary>) -> DescribeInferenceComponentOutput {
        let (mut one, mut many) = (None, None);
        match <[_; 1]>::try_from(specifications) {
            Ok([only]) => one = Some(only),
            Err(several) => many = Some(several),
        }
        DescribeInferenceComponentOutput::builder()
            .inference_component_name("base")
            .inference_component_arn("arn:aws:sagemaker:eu-central-1:111122223333:inference-component/base")
            .endpoint_name("Assistant")
            .endpoint_arn("arn:aws:sagemaker:eu-central-1:111122223333:endpoint/assistant")
            .inference_component_status(InferenceComponentStatus::InService)
            .set_specification(one)
            .set_specifications(many)
            .build()
    }

    fn image() -> DeployedImage {
        DeployedImage::builder().specified_image("image:1").resolved_image("image@sha256:aa").build()
    }

    #[test]
    fn the_image_beside_a_model_is_no_container_of_its_own() {
        let container = ContainerGiven::builder().deployed_image(image()).build();
        let runs = InferenceComponentSpecificationSummary::builder().model_name("llm").container(container).build();
        let component = normalise(&described(vec![runs])).unwrap();
        assert_eq!((component.model_name.as_deref(), component.container.is_none()), (Some("llm"), true));
        assert_eq!(component.image.unwrap().resolved.as_deref(), Some("image@sha256:aa"));
    }

    #[test]
    fn an_adapter_brings_its_own_artifact() {
        let container = ContainerGiven::builder().artifact_url("s3://models/lora/").build();
        let adapter = InferenceComponentSpecificationSummary::builder()
            .base_inference_component_name("llm")
            .container(container)
            .build();
        let component = normalise(&described(vec![adapter])).unwrap();
        assert_eq!(component.base_component.as_deref(), Some("llm"));
        let data = &component.container.unwrap().data[0];
        assert_eq!((data.uri.as_str(), data.prefix), ("s3://models/lora/", true));
    }

    #[test]
    fn different_models_on_different_instances_are_not_passed_over() {
        let runs = |model: &str| InferenceComponentSpecificationSummary::builder().model_name(model).build();
        assert!(unread(&described(vec![runs("a"), runs("A")]), "base").is_none());
        let given = described(vec![runs("a"), runs("b")]);
        assert_eq!(normalise(&given).unwrap().model_name.as_deref(), Some("a"));
        assert!(unread(&given, "base").is_some());
    }
}
