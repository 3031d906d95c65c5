//! Containers, and where their weights and code come from. Also the place where environment values are masked.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_sagemaker::types::{
    AdditionalModelDataSource, AdditionalS3DataSource, AdditionalS3DataSourceDataType, ContainerDefinition,
    ContainerMode, InferenceComponentContainerSpecificationSummary, ModelDataSource, ModelPackageContainerDefinition,
    S3ModelDataSource, S3ModelDataType,
};

use super::text::{instant, text};
use crate::evidence::{Container, DeployedImage, ModelData, PackageContainer, S3Location};

/// What stands for a value that is not kept.
const MASKED: &str = "(masked)";
/// Variables by which serving containers pull weights from a hub when they start.
const HUB_MODEL: &[&str] = &["HF_MODEL_ID", "MODEL_ID", "OPTION_MODEL_ID", "SERVING_MODEL_ID", "NIM_MODEL_NAME"];
/// Variables that pin such weights.
const HUB_REVISION: &[&str] = &["HF_MODEL_REVISION", "MODEL_REVISION", "OPTION_REVISION", "REVISION"];
/// Words in the names of variables that say where something is written, not what is served.
const WRITTEN: &[&str] = &["OUTPUT", "RESULT", "LOG", "CAPTURE", "UPLOAD", "DEST", "CACHE", "TMP", "TEMP"];

/// A container of a model.
pub(super) fn container(given: &ContainerDefinition) -> Container {
    let multi_model = given.mode() == Some(&ContainerMode::MultiModel);
    let (environment, pointers) = environment(given.environment());
    let mut data = sources(given.model_data_url(), None, given.model_data_source(), multi_model);
    data.extend(given.additional_model_data_sources().iter().filter_map(additional));
    data.extend(pointers);
    Container {
        hostname: text(given.container_hostname()),
        image: text(given.image()),
        multi_model,
        data,
        package: text(given.model_package_name()),
        specification: text(given.inference_specification_name()),
        environment,
        hub_content: given.model_data_source().and_then(ModelDataSource::s3_data_source).and_then(hub_content),
    }
}

/// The container that an inference component carries by itself.
pub(super) fn component_container(given: &InferenceComponentContainerSpecificationSummary) -> Container {
    let (environment, pointers) = environment(given.environment());
    let mut data = sources(given.artifact_url(), None, None, false);
    data.extend(pointers);
    let image = given.deployed_image().and_then(|image| text(image.specified_image()));
    Container { image, data, environment, ..Container::default() }
}

/// The image of a container as deployed, with its digest.
pub(super) fn deployed_image(given: &aws_sdk_sagemaker::types::DeployedImage) -> DeployedImage {
    DeployedImage {
        specified: text(given.specified_image()),
        resolved: text(given.resolved_image()),
        resolved_at: instant(given.resolution_time()),
    }
}

/// A container of a package.
pub(super) fn package_container(given: &ModelPackageContainerDefinition) -> PackageContainer {
    let (environment, pointers) = environment(given.environment());
    let mut data = sources(given.model_data_url(), given.model_data_e_tag(), given.model_data_source(), false);
    data.extend(given.additional_model_data_sources().iter().filter_map(additional));
    data.extend(given.additional_s3_data_source().and_then(additional_s3));
    data.extend(pointers);
    PackageContainer {
        image: text(given.image()),
        image_digest: text(given.image_digest()),
        data,
        product_id: text(given.product_id()),
        environment,
    }
}

/// The main data of a container. The API may say the same source twice, in its old form and in its new one.
fn sources(url: Option<&str>, etag: Option<&str>, source: Option<&ModelDataSource>, prefix: bool) -> Vec<ModelData> {
    let mut data: Vec<ModelData> =
        source.and_then(ModelDataSource::s3_data_source).and_then(|s3| s3_source(s3, "model")).into_iter().collect();
    if let Some(url) = text(url) {
        if let Some(same) = data.iter_mut().find(|data| data.uri == url) {
            same.etag = same.etag.take().or_else(|| unquoted(etag));
            same.prefix |= prefix;
        } else {
            data.push(ModelData {
                prefix: prefix || url.ends_with('/'),
                etag: unquoted(etag),
                ..pointer(url, "model".to_owned())
            });
        }
    }
    data
}

fn s3_source(source: &S3ModelDataSource, role: &str) -> Option<ModelData> {
    Some(ModelData {
        prefix: source.s3_data_type() == Some(&S3ModelDataType::S3Prefix),
        etag: unquoted(source.e_tag()),
        manifest: text(source.manifest_s3_uri()),
        manifest_etag: unquoted(source.manifest_etag()),
        ..pointer(text(source.s3_uri())?, role.to_owned())
    })
}

fn additional(source: &AdditionalModelDataSource) -> Option<ModelData> {
    s3_source(source.s3_data_source()?, &format!("additional:{}", source.channel_name().unwrap_or_default()))
}

fn additional_s3(source: &AdditionalS3DataSource) -> Option<ModelData> {
    Some(ModelData {
        prefix: source.s3_data_type() == Some(&AdditionalS3DataSourceDataType::S3Prefix),
        etag: unquoted(source.e_tag()),
        ..pointer(text(source.s3_uri())?, "additional:".to_owned())
    })
}

fn hub_content(source: &S3ModelDataSource) -> Option<String> {
    text(source.hub_access_config()?.hub_content_arn())
}

fn pointer(uri: String, role: String) -> ModelData {
    ModelData { uri, role, prefix: false, etag: None, manifest: None, manifest_etag: None }
}

/// An `ETag` without the quotes that some answers put around it.
fn unquoted(etag: Option<&str>) -> Option<String> {
    text(etag.map(|etag| etag.trim_matches('"')))
}

/// Environment variables with their values masked, and what the others point to. Values may be secrets; only what
/// points to S3 or names a model of a hub is kept.
fn environment(given: Option<&HashMap<String, String>>) -> (BTreeMap<String, String>, Vec<ModelData>) {
    let sorted: BTreeMap<&String, &String> = given.into_iter().flatten().collect();
    let mut kept = BTreeMap::new();
    let mut pointers = Vec::new();
    for (name, value) in sorted {
        let upper = name.to_uppercase();
        let is = |names: &[&str]| names.contains(&upper.as_str());
        let shown = s3_uri(value);
        let named = is(HUB_MODEL).then(|| hub_name(value)).flatten();
        if let Some(uri) = shown.clone().filter(|_| !WRITTEN.iter().any(|word| upper.contains(word))).or(named.clone())
        {
            let prefix = uri.ends_with('/');
            pointers.push(ModelData { prefix, ..pointer(uri, format!("environment:{name}")) });
        }
        let revision = is(HUB_REVISION).then(|| hub_name(value)).flatten();
        kept.insert(name.clone(), shown.or(named).or(revision).unwrap_or_else(|| MASKED.to_owned()));
    }
    (kept, pointers)
}

/// An address in S3, without the signature that a presigned one carries.
fn s3_uri(value: &str) -> Option<String> {
    let uri = value.trim().split(['?', '#']).next().unwrap_or_default();
    let plain = !uri.contains('@') && !uri.contains(char::is_whitespace) && uri.len() <= 1_100;
    (plain && S3Location::parse(uri).is_some()).then(|| uri.to_owned())
}

/// The name of a model or revision in a hub, such as `org/model`; a path in the container is not one.
fn hub_name(value: &str) -> Option<String> {
    let value = value.trim();
    let plain = value.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    let short = !value.is_empty() && value.len() <= 128 && value.matches('/').count() <= 2;
    // Access tokens of hubs are one long word without the separators that model names have.
    let token = ["hf_", "sk-", "nvapi-", "AKIA", "ASIA"].iter().any(|prefix| value.starts_with(prefix));
    (plain && short && !token && !value.starts_with(['/', '.'])).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use aws_sdk_sagemaker::types::InferenceHubAccessConfig;

    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> HashMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn values_of_the_environment_are_masked_but_for_pointers() {
        let given = variables(&[
            ("DB_PASSWORD", "hunter2"),
            ("HF_TOKEN", "hf_abcdefghijklmnop"),
            ("HF_MODEL_ID", "meta-llama/Llama-3-8B"),
            ("HF_MODEL_REVISION", "8cde5ca8380496c9a6cc7ef3a8b46a0372a1d920"),
            ("MODEL_ID", "hf_abcdefghijklmnop"),
            ("OPTION_MODEL_ID", "/opt/ml/model"),
            ("SAGEMAKER_SUBMIT_DIRECTORY", "s3://models/code/sourcedir.tar.gz"),
            ("ADAPTERS", "https://models.s3.eu-west-1.amazonaws.com/lora/?X-Amz-Signature=secret"),
            ("OUTPUT_PATH", "s3://results/today/"),
            ("ODD", "s3://user:secret@models/x"),
        ]);
        let (kept, pointers) = environment(Some(&given));
        assert_eq!(kept.len(), given.len(), "every name is kept");
        for name in ["DB_PASSWORD", "HF_TOKEN", "MODEL_ID", "OPTION_MODEL_ID", "ODD"] {
            assert_eq!(kept[name], MASKED, "{name}");
        }
        assert_eq!(kept["HF_MODEL_REVISION"], "8cde5ca8380496c9a6cc7ef3a8b46a0372a1d920");
        assert_eq!(kept["OUTPUT_PATH"], "s3://results/today/");
        let found: Vec<_> = pointers.iter().map(|p| (p.role.as_str(), p.uri.as_str(), p.prefix)).collect();
        assert_eq!(
            found,
            [
                ("environment:ADAPTERS", "https://models.s3.eu-west-1.amazonaws.com/lora/", true),
                ("environment:HF_MODEL_ID", "meta-llama/Llama-3-8B", false),
                ("environment:SAGEMAKER_SUBMIT_DIRECTORY", "s3://models/code/sourcedir.tar.gz", false),
            ]
        );
    }

    #[test]
    fn one_source_said_twice_is_one() {
        let s3 = S3ModelDataSource::builder()
            .s3_uri("s3://models/a/model.tar.gz")
            .s3_data_type(S3ModelDataType::S3Object)
            .e_tag("\"abc\"")
            .hub_access_config(InferenceHubAccessConfig::builder().hub_content_arn("arn:aws:sagemaker:x").build())
            .build();
        let given = ContainerDefinition::builder()
            .image("image:1")
            .model_data_url("s3://models/a/model.tar.gz")
            .model_data_source(ModelDataSource::builder().s3_data_source(s3).build())
            .build();
        let container = container(&given);
        assert_eq!(container.data.len(), 1);
        assert_eq!(container.data[0].etag.as_deref(), Some("abc"));
        assert_eq!(container.hub_content.as_deref(), Some("arn:aws:sagemaker:x"));
    }

    #[test]
    fn a_multi_model_container_serves_a_prefix() {
        let given =
            ContainerDefinition::builder().mode(ContainerMode::MultiModel).model_data_url("s3://models/all").build();
        let container = container(&given);
        assert!(container.multi_model && container.data[0].prefix);
    }

    #[test]
    fn the_etag_of_a_package_is_its_only_pin() {
        let given = ModelPackageContainerDefinition::builder()
            .image("image:1")
            .image_digest("sha256:aa")
            .model_data_url("s3://models/a/model.tar.gz")
            .model_data_e_tag("\"e1\"")
            .build();
        let container = package_container(&given);
        assert_eq!(container.data[0].etag.as_deref(), Some("e1"));
        assert_eq!(container.image_digest.as_deref(), Some("sha256:aa"));
    }
}
