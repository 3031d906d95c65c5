//! The places where model versions serve, before it is known which version fills each.
//!
//! An endpoint bears traffic while it is in service, changes, or is rolled back; an endpoint whose roll-back failed
//! bears traffic with a mix of two configs. One that is being created, deleted or has failed does not, unless instances
//! of it still run. A status that this version does not know counts as bearing traffic: it must not hide a model.

use std::collections::BTreeMap;

use super::index::{Index, Place, place};
use super::{Hosting, Lookup, ServingPath};
use crate::evidence::{
    Endpoint, EndpointConfig, Fact, FactKind, InferenceComponent, InstancePool, Model, TransformJob, Variant,
    VariantSettings,
};

/// One place where a model version serves.
#[derive(Clone, Debug)]
pub(super) struct Slot<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) path: ServingPath,
    pub(super) hosting: Hosting,
    /// Name of the endpoint, or of the model for batch.
    pub(super) endpoint_name: &'a str,
    pub(super) endpoint: Option<&'a Fact<Endpoint>>,
    pub(super) config_name: Option<&'a str>,
    pub(super) config: Lookup<&'a Fact<EndpointConfig>>,
    pub(super) pending: bool,
    pub(super) variant_name: Option<&'a str>,
    pub(super) variant: Option<&'a Variant>,
    pub(super) settings: Option<&'a VariantSettings>,
    pub(super) pool: Option<&'a InstancePool>,
    pub(super) component: Option<&'a Fact<InferenceComponent>>,
    pub(super) jobs: Vec<&'a Fact<TransformJob>>,
    pub(super) traffic_share: Option<f64>,
    pub(super) model_name: Option<&'a str>,
    pub(super) model: Lookup<&'a Fact<Model>>,
}

/// Inference components by account, region and folded name of their endpoint.
type Components<'a> = BTreeMap<(Place<'a>, String), Vec<&'a Fact<InferenceComponent>>>;

/// One set of variants of an endpoint: those in force, or those of a deployment that has not finished.
#[derive(Clone, Copy, Debug)]
struct Fleet<'a> {
    endpoint: &'a Fact<Endpoint>,
    config_name: Option<&'a str>,
    config: Lookup<&'a Fact<EndpointConfig>>,
    variants: &'a [Variant],
    shadow_variants: &'a [Variant],
    pending: bool,
}

/// Every place at an endpoint where a model version serves.
pub(super) fn at_endpoints<'a>(index: &Index<'a>) -> Vec<Slot<'a>> {
    let mut components = Components::new();
    for component in index.components() {
        let endpoint = (place(component), component.data.endpoint.to_lowercase());
        components.entry(endpoint).or_default().push(component);
    }
    let mut slots = Vec::new();
    for endpoint in index.endpoints() {
        let on_it = components.remove(&(place(endpoint), endpoint.data.name.to_lowercase())).unwrap_or_default();
        if bears_traffic(&endpoint.data) {
            of_endpoint(index, endpoint, &on_it, &mut slots);
        }
    }
    // Components of endpoints that could not be read serve all the same.
    for component in components.into_values().flatten() {
        let (account, region) = place(component);
        if index.endpoint(account, region, &component.data.endpoint) == Lookup::Unseen && serves(&component.data) {
            slots.push(of_component(index, None, component));
        }
    }
    slots
}

fn of_endpoint<'a>(
    index: &Index<'a>,
    endpoint: &'a Fact<Endpoint>,
    components: &[&'a Fact<InferenceComponent>],
    slots: &mut Vec<Slot<'a>>,
) {
    let data = &endpoint.data;
    let config = |name: Option<&'a str>| {
        name.map_or(Lookup::NotNamed, |name| index.config(&endpoint.account, &endpoint.region, name))
    };
    let config_name = data.config_name.as_deref();
    let in_force = Fleet {
        endpoint,
        config_name,
        config: config(config_name),
        variants: &data.variants,
        shadow_variants: &data.shadow_variants,
        pending: false,
    };
    let first = slots.len();
    of_fleet(index, in_force, components, slots);
    for component in components.iter().filter(|component| serves(&component.data)) {
        slots.push(of_component(index, Some(in_force), component));
    }
    if let Some(pending) = &data.pending {
        let config_name = Some(pending.config_name.as_str());
        let fleet = Fleet {
            config_name,
            config: config(config_name),
            variants: &pending.variants,
            shadow_variants: &pending.shadow_variants,
            pending: true,
            ..in_force
        };
        of_fleet(index, fleet, components, slots);
        if pending.variants.iter().any(takes_traffic) {
            // How requests are divided between the two fleets is not told.
            slots.iter_mut().skip(first).for_each(|slot| slot.traffic_share = None);
        }
    }
    if slots.len() == first && components.is_empty() {
        // It serves something, and nothing that was read says what.
        slots.push(in_force.slot(ServingPath::Variant, None));
    }
}

fn of_fleet<'a>(
    index: &Index<'a>,
    fleet: Fleet<'a>,
    components: &[&'a Fact<InferenceComponent>],
    slots: &mut Vec<Slot<'a>>,
) {
    let total: f64 = fleet.variants.iter().filter_map(|variant| variant.weight).map(f64::from).sum();
    for name in fleet.names(|config| &config.variants, fleet.variants) {
        for mut slot in of_variant(index, fleet, name, false, components) {
            let weight = slot.variant.and_then(|variant| variant.weight).map(f64::from);
            // A variant's share is that of its own model only if nothing else serves in it.
            let whole = slot.path == ServingPath::Variant
                && slot.settings.is_none_or(|it| it.pools.iter().all(runs_the_variants_model));
            slot.traffic_share = weight.filter(|_| whole && total > 0.0 && !fleet.pending).map(|weight| weight / total);
            slots.push(slot);
        }
    }
    for name in fleet.names(|config| &config.shadow_variants, fleet.shadow_variants) {
        slots.extend(of_variant(index, fleet, name, true, components));
    }
}

/// What serves in one variant: its own model, the models of its pools, or nothing where components serve it.
fn of_variant<'a>(
    index: &Index<'a>,
    fleet: Fleet<'a>,
    name: &'a str,
    shadow: bool,
    components: &[&'a Fact<InferenceComponent>],
) -> Vec<Slot<'a>> {
    let path = if shadow { ServingPath::Shadow } else { ServingPath::Variant };
    let mut slot = fleet.slot(path, Some(name));
    let place = (slot.account, slot.region);
    let Some(settings) = slot.settings else {
        // Whether the variant names a model is not known; components on it say that it names none.
        let served = components.iter().any(|component| component.data.variant.as_deref() == Some(name));
        return if served { Vec::new() } else { vec![slot] };
    };
    let (overriding, plain): (Vec<_>, Vec<_>) = settings.pools.iter().partition(|pool| !runs_the_variants_model(pool));
    let pools = overriding.into_iter().filter_map(|pool| {
        let model_name = pool.model_override.as_deref()?;
        let model = index.model(place.0, place.1, model_name);
        Some(Slot { path: ServingPath::Pool, pool: Some(pool), model_name: Some(model_name), model, ..slot.clone() })
    });
    let mut slots: Vec<Slot<'a>> = pools.collect();
    if let Some(model_name) = settings.model_name.as_deref() {
        if slots.is_empty() || !plain.is_empty() {
            slot.model_name = Some(model_name);
            slot.model = index.model(place.0, place.1, model_name);
            slots.push(slot);
        }
    } else if slots.is_empty()
        && !components.iter().any(|component| component.data.variant.as_deref().is_none_or(|on| on == name))
    {
        let listed = index.listed(place.0, place.1, FactKind::InferenceComponents);
        let said = slot.config.found().and_then(|config| config.seen.last().copied());
        slot.model = said.filter(|_| listed).map_or(Lookup::Unseen, Lookup::Absent);
        slots.push(slot);
    }
    slots
}

fn of_component<'a>(index: &Index<'a>, fleet: Option<Fleet<'a>>, component: &'a Fact<InferenceComponent>) -> Slot<'a> {
    let (account, region) = place(component);
    let data = &component.data;
    let base = data.base_component.as_deref().and_then(|base| index.component(account, region, base).found());
    let variant_name = data.variant.as_deref().or_else(|| base.and_then(|base| base.data.variant.as_deref()));
    let blank = match fleet {
        Some(fleet) => fleet.slot(ServingPath::Component, variant_name),
        None => Slot::blank(account, region, ServingPath::Component, &data.endpoint, variant_name),
    };
    let model = match (data.model_name.as_deref(), &data.container) {
        (Some(name), _) => index.model(account, region, name),
        (None, Some(_)) => Lookup::NotNamed,
        (None, None) => Lookup::Unseen,
    };
    Slot { component: Some(component), model_name: data.model_name.as_deref(), model, ..blank }
}

impl<'a> Fleet<'a> {
    /// Names of variants: those that run, else those that are configured.
    fn names(
        self,
        configured: impl Fn(&'a EndpointConfig) -> &'a Vec<VariantSettings>,
        running: &'a [Variant],
    ) -> Vec<&'a str> {
        if running.is_empty() {
            let settings = self.config.found().map(|config| configured(&config.data)).into_iter().flatten();
            settings.map(|settings| settings.name.as_str()).collect()
        } else {
            running.iter().map(|variant| variant.name.as_str()).collect()
        }
    }

    /// A slot of this fleet, of which the model is not known yet: what hides the config hides the model.
    fn slot(self, path: ServingPath, variant_name: Option<&'a str>) -> Slot<'a> {
        let running = self.variants.iter().chain(self.shadow_variants);
        let variant = running.clone().find(|it| Some(it.name.as_str()) == variant_name);
        let config = self.config.found().map(|config| &config.data);
        let all = config.into_iter().flat_map(|config| config.variants.iter().chain(&config.shadow_variants));
        let settings = all.into_iter().find(|it| Some(it.name.as_str()) == variant_name);
        let asynchronous =
            self.endpoint.data.async_output.is_some() || config.is_some_and(|config| config.async_output.is_some());
        let serverless =
            variant.is_some_and(|it| it.serverless.is_some()) || settings.is_some_and(|it| it.serverless.is_some());
        let hosting = match (asynchronous, serverless) {
            (true, _) => Hosting::Asynchronous,
            (_, true) => Hosting::Serverless,
            _ => Hosting::RealTime,
        };
        let model = match self.config {
            Lookup::Absent(call) => Lookup::Absent(call),
            _ => Lookup::Unseen,
        };
        Slot {
            hosting,
            endpoint: Some(self.endpoint),
            config_name: self.config_name,
            config: self.config,
            pending: self.pending,
            variant,
            settings,
            model,
            ..Slot::blank(&self.endpoint.account, &self.endpoint.region, path, &self.endpoint.data.name, variant_name)
        }
    }
}

impl<'a> Slot<'a> {
    pub(super) fn blank(
        account: &'a str,
        region: &'a str,
        path: ServingPath,
        endpoint_name: &'a str,
        variant_name: Option<&'a str>,
    ) -> Self {
        Self {
            account,
            region,
            path,
            hosting: Hosting::RealTime,
            endpoint_name,
            endpoint: None,
            config_name: None,
            config: Lookup::NotNamed,
            pending: false,
            variant_name,
            variant: None,
            settings: None,
            pool: None,
            component: None,
            jobs: Vec::new(),
            traffic_share: None,
            model_name: None,
            model: Lookup::Unseen,
        }
    }

    /// The slot's id. A variant of a deployment that has not finished carries `@pending`, which no name may hold, so
    /// that it differs from the variant that it will replace; where no variant is known, a dash stands for it.
    pub(super) fn id(&self, object: Option<&str>) -> String {
        let path = if object.is_some() { ServingPath::MultiModel } else { self.path };
        let mut id = format!("{}/{}/{}/{}", self.account, self.region, path.as_str(), self.endpoint_name);
        if self.path != ServingPath::Batch {
            id.push('/');
            id.push_str(self.variant_name.unwrap_or("-"));
        }
        if self.pending {
            id.push_str("@pending");
        }
        let component = self.component.map(|component| component.data.name.as_str());
        let pool = self.pool.map(|pool| pool.instance_type.as_str());
        for part in [component, pool, object.filter(|object| !object.is_empty())].into_iter().flatten() {
            id.push('/');
            id.push_str(part);
        }
        id
    }
}

fn runs_the_variants_model(pool: &InstancePool) -> bool {
    pool.model_override.is_none()
}

fn bears_traffic(endpoint: &Endpoint) -> bool {
    match endpoint.status.as_str() {
        "OutOfService" | "Creating" | "Deleting" => false,
        "Failed" => endpoint.variants.iter().any(|it| it.serverless.is_some() || it.instances.is_none_or(|n| n > 0)),
        _ => true,
    }
}

fn serves(component: &InferenceComponent) -> bool {
    match component.status.as_str() {
        "Creating" | "Deleting" => false,
        "Failed" => component.copies.is_none_or(|copies| copies > 0),
        _ => true,
    }
}

/// Whether a variant of a roll-out may answer requests already.
fn takes_traffic(variant: &Variant) -> bool {
    !variant.status.iter().all(|status| status == "Creating") || variant.status.is_empty()
}

#[cfg(test)]
#[path = "slots_tests.rs"]
mod tests;
