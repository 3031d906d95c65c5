//! What serves: endpoints with their configs and models, inference components, batch transform jobs.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A real-time, serverless or asynchronous endpoint.
///
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Name with its case kept, as CloudWatch dimensions need it.
    pub name: String,
    /// ARN, in which AWS lower-cases the name.
    pub arn: String,
    /// Config in force.
    pub config_name: Option<String>,
    /// Status, such as `InService` or `UpdateRollbackFailed`.
    pub status: String,
    /// Why it failed, where it did.
    pub failure_reason: Option<String>,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// Variants that answer requests.
    #[serde(deserialize_with = "super::memory::exact")]
    pub variants: Vec<Variant>,
    /// Shadow variants: they receive copies of real requests and their answers are dropped.
    pub shadow_variants: Vec<Variant>,
    /// A roll-out under way: two versions are live at once.
    pub pending: Option<PendingDeployment>,
    /// Data capture.
    pub data_capture: Option<DataCapture>,
    /// Output settings, if it is asynchronous.
    pub async_output: Option<AsyncOutput>,
    /// Names of alarms that roll a deployment back.
    pub rollback_alarms: Vec<String>,
    /// How the last deployment was rolled out; `None` where there was none, or it was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<Deployment>,
    /// Whether only the bulk index was read. The index leaves out pending deployments and asynchronous settings.
    pub from_index: bool,
}

/// The longest that the creation of an endpoint takes, which ends with the time of its last change: containers may take an
/// hour for their first health check.
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html>
const CREATION: SignedDuration = SignedDuration::from_hours(2);

impl Endpoint {
    /// Whether it was changed after it was created, as far as its times tell.
    pub fn was_updated(&self) -> bool {
        let times = self.created.zip(self.modified);
        times.is_some_and(|(created, modified)| modified.duration_since(created) > CREATION)
    }
}

/// A variant as it runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// Name.
    pub name: String,
    /// Weight in force; the share is the weight over the sum of weights.
    pub weight: Option<f32>,
    /// Instances in force.
    pub instances: Option<i32>,
    /// Images that run, with the digests that they were resolved to.
    #[serde(deserialize_with = "super::memory::exact")]
    pub images: Vec<DeployedImage>,
    /// Serverless settings, if it is serverless.
    pub serverless: Option<ServerlessSettings>,
    /// Progress, such as `Creating` or `Baking`.
    pub status: Vec<String>,
}

/// Image of a container as deployed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DeployedImage {
    /// As given to the model.
    pub specified: Option<String>,
    /// With the digest that runs.
    pub resolved: Option<String>,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
}

/// A deployment that has not finished.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PendingDeployment {
    /// Config that is being rolled out.
    pub config_name: String,
    /// Since when.
    pub started: Option<Timestamp>,
    /// Its variants.
    #[serde(deserialize_with = "super::memory::exact")]
    pub variants: Vec<Variant>,
    /// Its shadow variants.
    pub shadow_variants: Vec<Variant>,
}

/// Serverless settings of a variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerlessSettings {
    /// Memory in MB.
    pub memory_mb: i32,
    /// Most concurrent requests.
    pub max_concurrency: i32,
    /// Concurrency kept warm.
    pub provisioned: Option<i32>,
}

/// How an update is rolled out.
///
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeploymentConfig.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// `ALL_AT_ONCE`, `CANARY`, `LINEAR` or `ROLLING`.
    pub kind: String,
    /// Seconds that each step waits for alarms.
    pub wait_seconds: Option<i32>,
}

/// Data capture of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataCapture {
    /// Whether it is on.
    pub enabled: bool,
    /// `Started` or `Stopped`.
    pub status: Option<String>,
    /// Share of requests that are captured, in percent.
    pub sampling_percent: Option<i32>,
    /// Where captures go.
    pub destination: Option<String>,
    /// What is captured: `Input`, `Output`, both; empty where only the config says it and it was not read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<String>,
}

/// Output settings of an asynchronous endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsyncOutput {
    /// Where answers go.
    pub output: Option<String>,
    /// Where failures go.
    pub failures: Option<String>,
    /// Topic that hears of successes.
    pub success_topic: Option<String>,
    /// Topic that hears of failures.
    pub error_topic: Option<String>,
}

/// An endpoint config: the only source of the model behind each variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndpointConfig {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// Variants.
    #[serde(deserialize_with = "super::memory::exact")]
    pub variants: Vec<VariantSettings>,
    /// Shadow variants.
    pub shadow_variants: Vec<VariantSettings>,
    /// Output settings, if it is asynchronous.
    pub async_output: Option<AsyncOutput>,
    /// Key that encrypts the volumes.
    pub kms_key: Option<String>,
    /// Seconds between two data points of each instance's utilization; AWS's default is 60.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric_seconds: Option<i32>,
}

/// A variant as configured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariantSettings {
    /// Name.
    pub name: String,
    /// Model; `None` where inference components serve the variant.
    pub model_name: Option<String>,
    /// Weight at the start; `UpdateEndpointWeightsAndCapacities` changes it without a new config.
    pub initial_weight: Option<f32>,
    /// Instance type.
    pub instance_type: Option<String>,
    /// Instances at the start.
    pub initial_instances: Option<i32>,
    /// Instance pools, which may each run another model.
    pub pools: Vec<InstancePool>,
    /// Serverless settings.
    pub serverless: Option<ServerlessSettings>,
    /// Size of the volume of each instance in GB, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume_gb: Option<i32>,
}

/// One instance pool of a variant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InstancePool {
    /// Instance type.
    pub instance_type: String,
    /// Model that this pool runs instead of the variant's.
    pub model_override: Option<String>,
    /// Priority; lower comes first.
    pub priority: Option<i32>,
}

/// A model: containers in order.
///
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModel.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// Containers in the order in which a request passes them.
    #[serde(deserialize_with = "super::memory::exact")]
    pub containers: Vec<Container>,
    /// `Serial` or `Direct`, where there are several containers.
    pub execution_mode: Option<String>,
    /// Execution role.
    pub role_arn: Option<String>,
    /// Whether the containers are cut off from the network.
    pub network_isolation: Option<bool>,
}

/// One container of a model or of an inference component.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Host name, where one is given.
    pub hostname: Option<String>,
    /// Image as given; a container made from a package may not say it.
    pub image: Option<String>,
    /// Whether it loads many models from a prefix.
    pub multi_model: bool,
    /// Model data, additional sources included; pointers found in environment variables too.
    #[serde(deserialize_with = "super::memory::exact")]
    pub data: Vec<ModelData>,
    /// Package it was made from: an ARN or a name.
    pub package: Option<String>,
    /// Which inference specification of the package; `None` is the main one.
    pub specification: Option<String>,
    /// Environment variables: names, with values only where they point to S3 or a model hub; all else is masked.
    pub environment: BTreeMap<String, String>,
    /// `HubContentArn` or JumpStart model id, where the weights come from a hub.
    pub hub_content: Option<String>,
}

/// Where weights or code of a container come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ModelData {
    /// URI as given.
    pub uri: String,
    /// `model`, `additional:<channel>`, or `environment:<variable>`.
    pub role: String,
    /// Whether it names a prefix.
    pub prefix: bool,
    /// ETag that SageMaker recorded, without its quotes: the only pin there is.
    pub etag: Option<String>,
    /// Manifest that lists the objects of a prefix.
    pub manifest: Option<String>,
    /// ETag of the manifest.
    pub manifest_etag: Option<String>,
}

/// An inference component: a model, or an adapter on one, placed on an endpoint's variant.
///
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeInferenceComponent.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InferenceComponent {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// Endpoint that it runs on.
    pub endpoint: String,
    /// Variant that it runs on.
    pub variant: Option<String>,
    /// Status, such as `InService`.
    pub status: String,
    /// Why it failed, where it did.
    pub failure_reason: Option<String>,
    /// Model, where it runs one.
    pub model_name: Option<String>,
    /// Container, where it carries its own.
    pub container: Option<Container>,
    /// Digest of the image that runs.
    pub image: Option<DeployedImage>,
    /// Component that it adapts.
    pub base_component: Option<String>,
    /// Copies in force.
    pub copies: Option<i32>,
    /// CPU cores that each copy requires.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "rust_decimal::serde::str_option")]
    pub cpus: Option<Decimal>,
    /// Accelerators that each copy requires.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "rust_decimal::serde::str_option")]
    pub accelerators: Option<Decimal>,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
}

/// A batch transform job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransformJob {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// Model that it ran.
    pub model_name: String,
    /// Status, such as `Completed`.
    pub status: String,
    /// When it was asked for.
    pub created: Option<Timestamp>,
    /// When it began to transform.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Type of its instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_type: Option<String>,
    /// How many of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instances: Option<i32>,
}
