//! A config that the endpoint had before, where it differs from the present one in the version and in nothing that counts.
//!
//! Only configs in force are read, so of a former one there is what CloudTrail kept of the call that made it: the names,
//! models and instances of its variants. That settings such as data capture were given is kept, and not what they say.

use super::Candidate;
use crate::control::Context;
use crate::estate::{FormerConfig, LiveVersion, former_configs};
use crate::evidence::{EndpointConfig, Parameter, TrailEvent, VariantSettings};

/// Settings of a config of which only is known that they were given.
const GIVEN: [&str; 4] = ["dataCaptureConfig", "kmsKeyId", "asyncInferenceConfig", "explainerConfig"];

/// A config with which the endpoint would serve this version again, on the same instances, with the same models behind
/// its other variants.
pub(super) fn former<'a>(
    candidate: &Candidate<'a>,
    live: &LiveVersion<'a>,
    context: Context<'a>,
) -> Option<FormerConfig<'a>> {
    let variant = live.settings?.name.as_str();
    let present = &live.config.found()?.data;
    let captures = live.endpoint.is_none_or(|endpoint| endpoint.data.data_capture.is_some());
    if captures || present.kms_key.is_some() || present.async_output.is_some() {
        return None;
    }
    let same = |config: &FormerConfig<'_>| {
        let fits = |settings: &VariantSettings| match (config.models.get(settings.name.as_str()), &settings.model_name)
        {
            (Some(then), _) if settings.name == variant => {
                candidate.models.iter().any(|it| it.data.name.eq_ignore_ascii_case(then))
            }
            (Some(then), Some(model)) => model.eq_ignore_ascii_case(then),
            _ => false,
        };
        variants(present).count() == config.models.len()
            && variants(present).all(fits)
            && !GIVEN.iter().any(|name| config.made.data.has_parameter(name))
            && variants(present).all(|settings| same_instances(settings, config.made.data))
    };
    former_configs(live, context.estate).into_iter().find(same)
}

fn variants(config: &EndpointConfig) -> impl Iterator<Item = &VariantSettings> {
    config.variants.iter().chain(&config.shadow_variants)
}

/// Whether a variant had the instances that it has now. Serverless settings and sizes of volumes are not recorded.
fn same_instances(settings: &VariantSettings, made: &TrailEvent) -> bool {
    let lists = ["productionvariants", "shadowproductionvariants"];
    let mut recorded = lists.iter().filter_map(|list| made.request.get(list)).filter_map(Parameter::as_list).flatten();
    let text = |of: &Parameter, name: &str| of.get(name).and_then(Parameter::as_str).map(str::to_owned);
    let Some(then) = recorded.find(|it| text(it, "variantName").is_some_and(|name| name == settings.name)) else {
        return false;
    };
    let pools = then.get("instancePools").and_then(Parameter::as_list).unwrap_or_default();
    let pools = pools.iter().map(|pool| (text(pool, "instanceType"), text(pool, "modelNameOverride")));
    let now = settings.pools.iter().map(|pool| (Some(pool.instance_type.clone()), pool.model_override.clone()));
    (settings.serverless.is_none() && settings.volume_gb.is_none())
        && (settings.instance_type.is_some() || !settings.pools.is_empty())
        && text(then, "instanceType") == settings.instance_type
        && pools.eq(now)
}
