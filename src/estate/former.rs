//! The configs that an endpoint had before the present one, as CloudTrail shows them.
//!
//! Only configs in force are read, so whether a former one still exists is known only where another endpoint uses it.

use std::collections::{BTreeMap, BTreeSet};

use super::live_from::models_in_event;
use super::{Estate, Event, LiveVersion};

/// A config that an endpoint was put on, and that is no longer in force there.
#[derive(Clone, Debug)]
pub struct FormerConfig<'a> {
    /// Its name.
    pub name: &'a str,
    /// The model of each variant, shadow variants included.
    pub models: BTreeMap<&'a str, &'a str>,
    /// The call that made it.
    pub made: Event<'a>,
    /// The newest call that put the endpoint on it.
    pub used: Event<'a>,
}

/// The former configs of an endpoint whose making was seen, the newest use first.
pub fn former_configs<'a>(live: &LiveVersion<'a>, estate: &Estate<'a>) -> Vec<FormerConfig<'a>> {
    let Some(endpoint) = live.endpoint else { return Vec::new() };
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let pending = endpoint.data.pending.as_ref().map(|pending| pending.config_name.as_str());
    let present = endpoint.data.config_name.as_deref().into_iter().chain(pending);
    seen.extend(present.map(str::to_lowercase));
    let deployments = estate.events.deployments(live.account, live.region, live.endpoint_name);
    let newest_first = deployments.iter().rev().copied();
    newest_first
        .filter_map(|used| {
            let name = used.data.parameter("endpointConfigName")?;
            let made = estate.events.config_made(live.account, live.region, name)?;
            let models = models_in_event(made.data);
            seen.insert(name.to_lowercase()).then_some(FormerConfig { name, models, made, used })
        })
        .collect()
}
