//! How to go back to a version: commands of the AWS CLI, or words where no command is safe to give.
//!
//! Names come from strangers: each is one word to the shell, and goes into a filter of `jq` only as its argument.
//! Sources: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html>,
//! <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html>,
//! <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateInferenceComponent.html>

use super::Candidate;
use super::former::former;
use crate::control::{Context, day};
use crate::estate::{FormerConfig, LiveVersion, ServingPath, remedy};

/// The longest name of a model or a config.
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html>
const LONGEST: usize = 63;

/// The way to one version.
pub(crate) struct Steps<'a> {
    /// In order.
    pub(crate) steps: Vec<Step>,
    /// A config of old that would be put in force again, where there is one.
    pub(crate) config: Option<FormerConfig<'a>>,
}

/// One step.
pub(crate) struct Step {
    /// What to do, in plain words.
    pub(crate) what: String,
    /// The command that does it, where one does.
    pub(crate) command: Option<String>,
}

impl Step {
    fn run(what: impl Into<String>, command: String) -> Self {
        Self { what: what.into(), command: Some(command) }
    }

    fn say(what: impl Into<String>) -> Self {
        Self { what: what.into(), command: None }
    }
}

impl<'a> Steps<'a> {
    /// How a live version goes back to an earlier one.
    pub(crate) fn to(candidate: &Candidate<'a>, live: &LiveVersion<'a>, context: Context<'a>) -> Self {
        let mut steps = Vec::new();
        if live.pending {
            steps.push(Step::say("wait until the roll-out has ended: until then AWS takes no other update"));
        }
        if let Some(config) = former(candidate, live, context) {
            steps.extend(to_config(&config, live));
            return Self { steps, config: Some(config) };
        }
        let model = if let Some(model) = candidate.models.first() {
            model.data.name.clone()
        } else {
            let (step, name) = make_model(candidate, live);
            steps.push(step);
            name
        };
        steps.push(match live.path {
            ServingPath::Variant | ServingPath::Shadow => {
                let change = "(.ProductionVariants[] | select(.VariantName == $variant)).ModelName = $model";
                change_config(candidate, live, &model, change)
            }
            ServingPath::Pool => {
                let change = "(.ProductionVariants[] | select(.VariantName == $variant) | .InstancePools[] \
                              | select(.InstanceType == $pool)).ModelNameOverride = $model";
                change_config(candidate, live, &model, change)
            }
            ServingPath::Component => change_component(live, &model),
            ServingPath::MultiModel => Step::say(
                "put the bytes of that version under a key of their own below the container's prefix, and let callers name \
                 it: what was loaded from the present key stays in memory, and other bytes there are a change nobody \
                 approved",
            ),
            ServingPath::Batch => Step::say(format!("name model `{model}` in the jobs to come")),
        });
        Self { steps, config: None }
    }
}

/// A config is put in force again as it was.
fn to_config(config: &FormerConfig<'_>, live: &LiveVersion<'_>) -> [Step; 2] {
    let describe = ["--endpoint-config-name", config.name];
    // Counts that autoscaling has reached stay: without the last word AWS goes back to those of the config.
    let update = [
        "--endpoint-name",
        live.endpoint_name,
        "--endpoint-config-name",
        config.name,
        "--retain-all-variant-properties",
    ];
    [
        Step::run(
            format!(
                "see that config `{}` still exists, and that what it says beside models and instances is still wanted: \
                 the endpoint was put on it on {}, and only configs in force are read",
                config.name,
                day(config.used.data.time)
            ),
            remedy::line("sagemaker describe-endpoint-config", live.region, &describe),
        ),
        Step::run("put the endpoint on it", remedy::line("sagemaker update-endpoint", live.region, &update)),
    ]
}

/// A model of the package, with the role and the network of the live one.
fn make_model(candidate: &Candidate<'_>, live: &LiveVersion<'_>) -> (Step, String) {
    let package = &candidate.package.data;
    let group = package.group.as_deref().unwrap_or("model");
    let name = named(group, &format!("v{}", package.version.unwrap_or_default()));
    let what = format!("make model `{name}` of the package, with the role and the network of the live model");
    let (Some(model), [_]) = (live.model_name, live.containers.as_slice()) else {
        let what = format!("{what}, beside its other containers as they are");
        return (Step::say(what), name);
    };
    let describe = remedy::line("sagemaker describe-model", live.region, &["--model-name", model]);
    let filter = "{ModelName: $name, PrimaryContainer: {ModelPackageName: $package}, ExecutionRoleArn, VpcConfig, \
                  EnableNetworkIsolation} | with_entries(select(.value != null))";
    let jq = jq(&[("name", name.as_str()), ("package", package.arn.as_str())], filter);
    let create = remedy::line("sagemaker create-model", live.region, &["--cli-input-json", "file://model.json"]);
    (Step::run(what, format!("{describe} --output json | {jq} > model.json && {create}")), name)
}

/// A copy of the config under another name, with another model, is put in force.
fn change_config(candidate: &Candidate<'_>, live: &LiveVersion<'_>, model: &str, change: &str) -> Step {
    let what = format!("copy the config under a new name with model `{model}`, and put the endpoint on the copy");
    let (Some(config), Some(settings), Some(endpoint)) = (live.config.found(), live.settings, live.endpoint) else {
        return Step::say(what);
    };
    let name = named(&config.data.name, &format!("back-to-v{}", candidate.package.data.version.unwrap_or_default()));
    let pool = live.id.splitn(6, '/').nth(5).unwrap_or_default();
    let mut arguments = vec![("name", name.as_str()), ("variant", settings.name.as_str()), ("model", model)];
    if live.path == ServingPath::Pool {
        arguments.push(("pool", pool));
    }
    let filter = format!("del(.EndpointConfigArn, .CreationTime) | .EndpointConfigName = $name | {change}");
    let describe = ["--endpoint-config-name", config.data.name.as_str()];
    let describe = remedy::line("sagemaker describe-endpoint-config", live.region, &describe);
    let create =
        remedy::line("sagemaker create-endpoint-config", live.region, &["--cli-input-json", "file://config.json"]);
    let update = [
        "--endpoint-name",
        endpoint.data.name.as_str(),
        "--endpoint-config-name",
        &name,
        "--retain-all-variant-properties",
    ];
    let update = remedy::line("sagemaker update-endpoint", live.region, &update);
    let jq = jq(&arguments, &filter);
    Step::run(what, format!("{describe} --output json | {jq} > config.json && {create} && {update}"))
}

/// An inference component takes another model, and keeps what it requires.
fn change_component(live: &LiveVersion<'_>, model: &str) -> Step {
    let what = format!("put model `{model}` behind the inference component, with all else as it is");
    let Some(component) = live.component.map(|component| component.data.name.as_str()) else { return Step::say(what) };
    let describe = ["--inference-component-name", component];
    let describe = remedy::line("sagemaker describe-inference-component", live.region, &describe);
    let filter = "{InferenceComponentName, Specification: (.Specification | del(.Container) | .ModelName = $model)}";
    let jq = jq(&[("model", model)], filter);
    let update = ["--cli-input-json", "file://component.json"];
    let update = remedy::line("sagemaker update-inference-component", live.region, &update);
    Step::run(what, format!("{describe} --output json | {jq} > component.json && {update}"))
}

fn jq(arguments: &[(&str, &str)], filter: &str) -> String {
    let words = arguments.iter().flat_map(|&(name, value)| ["--arg", name, value]).chain([filter]);
    format!("jq {}", words.map(remedy::shell).collect::<Vec<_>>().join(" "))
}

/// A name with an ending that keeps to what names may be.
fn named(name: &str, ending: &str) -> String {
    let room = LONGEST.saturating_sub(ending.len() + 1);
    let start: String = name.chars().take(room).collect();
    format!("{}-{ending}", start.trim_end_matches('-'))
}

#[cfg(test)]
mod tests;
