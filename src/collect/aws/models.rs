//! Models: the containers behind each variant, component and batch job, and the packages that they were made from.
//!
//! The index gives them all at once. Once it is known what serves, the models that the index does not know, or that
//! look as if they bypassed the registry, are described one by one; so nothing is hidden when `Search` is denied.

use std::collections::BTreeMap;

use aws_sdk_sagemaker::operation::describe_model::DescribeModelOutput;
use aws_sdk_sagemaker::types::{self, ResourceType};

use super::engine::{Answer, Reader};
use super::index::{SEARCH, record_tags, search};
use super::text::{instant, required, text};
use super::{containers, live};
use crate::collect::{ApiCall, CollectorInfo, Malformed};
use crate::evidence::{Container, FactKind, Hidden, Model, ResourceKey};

const DESCRIBE: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "DescribeModel",
    action: "sagemaker:DescribeModel",
    purpose: "what a model that serves is made of, where the index does not say or says that it bypassed the registry",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "models",
    summary: "reads models: their containers, artifacts and the packages that they were made from",
    yields: &[FactKind::Models, FactKind::Tags],
    calls: &[SEARCH, DESCRIBE],
};

/// Reads what the index knows. What it does not tell, [`confirm`] asks for by name.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let searched = search(reader, ResourceType::Model, |record, call| {
        let Some(given) = record.model.and_then(|row| row.model) else { return };
        record_tags(reader, given.model_arn(), given.tags.as_deref(), call);
        let jumpstart = jumpstart_model(given.tags());
        // A record that cannot be read is not kept: if its model serves, it is described.
        if let Ok(model) = normalise(&as_described(given)) {
            reader.record(from_hub(model, jumpstart), &[call]);
        }
    })
    .await;
    if let Err(failure) = searched {
        reader.gap(failure, &[]);
    }
}

/// Describes the models that serve but are unknown to the index, or that no package stands behind.
pub(crate) async fn confirm(reader: &Reader<'_>) {
    let asked = reader.facts(|facts| {
        let indexed: BTreeMap<String, &Model> =
            live::here(reader, &facts.models).map(|model| (model.name.to_lowercase(), model)).collect();
        let mut asked = Vec::new();
        for (key, name) in live::models(reader, facts) {
            let model = indexed.get(&key);
            if !model.is_some_and(|model| is_from_registry(model)) {
                asked.push((name, model.and_then(|model| model.containers.first()?.hub_content.clone())));
            }
        }
        asked
    });
    reader.each(asked, async |(name, hub_content)| describe(reader, &name, hub_content).await).await;
}

/// Whether a package stands behind every container.
fn is_from_registry(model: &Model) -> bool {
    !model.containers.is_empty() && model.containers.iter().all(|container| container.package.is_some())
}

/// Describes a model. What the index knew of its hub is kept, for tags are not part of a description.
async fn describe(reader: &Reader<'_>, name: &str, hub_content: Option<String>) {
    let key = ResourceKey::new(FactKind::Models, name);
    match reader.ask(&DESCRIBE, name, reader.clients().sagemaker.describe_model().model_name(name).send()).await {
        Ok(Answer { output, call }) => match normalise(&output) {
            Ok(model) => reader.record(from_hub(model, hub_content), &[call]),
            Err(malformed) => reader.malformed(&DESCRIBE, call, &malformed, &[Hidden::One(key)]),
        },
        Err(failure) if failure.not_found => reader.absent(failure, key),
        Err(failure) => reader.gap(failure, &[Hidden::One(key)]),
    }
}

/// The model, with the hub that its tags name where its containers name none.
fn from_hub(mut model: Model, hub_content: Option<String>) -> Model {
    if let Some(container) = model.containers.first_mut() {
        container.hub_content = container.hub_content.take().or(hub_content);
    }
    model
}

/// JumpStart leaves its model id in a tag.
fn jumpstart_model(tags: &[types::Tag]) -> Option<String> {
    let tag = tags.iter().find(|tag| tag.key() == Some("sagemaker-sdk:jumpstart-model-id"))?;
    text(tag.value())
}

fn as_described(record: types::Model) -> DescribeModelOutput {
    DescribeModelOutput::builder()
        .set_model_name(record.model_name)
        .set_model_arn(record.model_arn)
        .set_primary_container(record.primary_container)
        .set_containers(record.containers)
        .set_inference_execution_config(record.inference_execution_config)
        .set_execution_role_arn(record.execution_role_arn)
        .set_creation_time(record.creation_time)
        .set_enable_network_isolation(record.enable_network_isolation)
        .build()
}

fn normalise(given: &DescribeModelOutput) -> Result<Model, Malformed> {
    let name = required("a model", "ModelName", given.model_name())?;
    let mut made_of: Vec<Container> = given.containers().iter().map(containers::container).collect();
    if made_of.is_empty() {
        made_of.extend(given.primary_container().map(containers::container));
    }
    let mode = given.inference_execution_config().and_then(types::InferenceExecutionConfig::mode);
    Ok(Model {
        arn: required(&name, "ModelArn", given.model_arn())?,
        created: instant(given.creation_time()),
        containers: made_of,
        execution_mode: mode.map(|mode| mode.as_str().to_owned()),
        role_arn: text(given.execution_role_arn()),
        network_isolation: given.enable_network_isolation(),
        name,
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_sagemaker::types::{
        ContainerDefinition, InferenceExecutionConfig, InferenceExecutionMode, Model as ModelGiven, Tag,
    };

    use super::*;

    fn container(package: &str) -> ContainerDefinition {
        ContainerDefinition::builder().model_package_name(package).build()
    }

    fn model() -> aws_sdk_sagemaker::types::builders::ModelBuilder {
        ModelGiven::builder()
            .model_name("Fraud")
            .model_arn("arn:aws:sagemaker:eu-central-1:111122223333:model/fraud")
            .primary_container(container("primary"))
    }

    #[test]
    fn containers_keep_their_order_and_outrank_the_primary_one() {
        let serial = InferenceExecutionConfig::builder().mode(InferenceExecutionMode::Serial).build();
        let given = model().containers(container("first")).containers(container("second"));
        let read = normalise(&as_described(given.inference_execution_config(serial).build())).unwrap();
        let packages: Vec<_> = read.containers.iter().map(|it| it.package.as_deref().unwrap()).collect();
        assert_eq!(packages, ["first", "second"]);
        assert_eq!((read.name.as_str(), read.execution_mode.as_deref()), ("Fraud", Some("Serial")));
        let read = normalise(&as_described(model().build())).unwrap();
        assert_eq!(read.containers[0].package.as_deref(), Some("primary"));
    }

    #[test]
    fn a_record_without_an_arn_is_malformed_and_named() {
        let given = ModelGiven::builder().model_name("Fraud").build();
        assert_eq!(normalise(&as_described(given)).unwrap_err().item, "Fraud");
    }

    #[test]
    fn jumpstart_models_are_known_by_a_tag() {
        let tag =
            Tag::builder().key("sagemaker-sdk:jumpstart-model-id").value("meta-textgeneration-llama-3-8b").build();
        assert_eq!(jumpstart_model(&[tag]).as_deref(), Some("meta-textgeneration-llama-3-8b"));
        assert_eq!(jumpstart_model(&[]), None);
        let named = from_hub(normalise(&as_described(model().build())).unwrap(), Some("llama".to_owned()));
        assert_eq!(named.containers[0].hub_content.as_deref(), Some("llama"));
    }

    #[test]
    fn a_model_bypassed_the_registry_unless_every_container_names_a_package() {
        let read = |given: ModelGiven| normalise(&as_described(given)).unwrap();
        assert!(is_from_registry(&read(model().build())));
        let bare = ContainerDefinition::builder().image("image:1").build();
        assert!(!is_from_registry(&read(model().containers(container("a")).containers(bare).build())));
        let empty = ModelGiven::builder().model_name("m").model_arn("arn:aws:sagemaker:::model/m").build();
        assert!(!is_from_registry(&read(empty)), "a record without containers says nothing");
    }
}
