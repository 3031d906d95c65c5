//! What is in use: what live models are made of, and what one would roll back to. Artifacts, images and roles are asked
//! about only as far as these need them.

#[cfg(test)]
pub(super) mod samples;

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::{
    ApprovalStatus, Container, Fact, Facts, Model, ModelData, Package, PackageContainer, S3Location, VariantSettings,
};

/// Locations in S3, and whether each names a set of objects. SageMaker may mean a prefix where no slash ends it.
pub(super) type Locations = BTreeMap<S3Location, bool>;

/// Approved versions besides the live one that count as candidates for a rollback.
const CANDIDATES: usize = 2;

/// What one account uses in one region.
#[derive(Debug)]
pub(super) struct InUse<'f> {
    /// Models that serve.
    pub(super) models: Vec<&'f Model>,
    /// Their containers, and those that inference components carry by themselves.
    pub(super) containers: Vec<&'f Container>,
    /// Packages behind them.
    pub(super) packages: Vec<&'f Package>,
    /// Packages that one would roll back to.
    pub(super) candidates: Vec<&'f Package>,
    /// Models made from those, by which a rollback would be quickest.
    pub(super) fallbacks: Vec<&'f Model>,
}

impl<'f> InUse<'f> {
    /// Finds it among the facts.
    pub(super) fn of(facts: &'f Facts, account: &str, region: &str) -> Self {
        let models = live_models(facts, account, region);
        let components = here(&facts.inference_components, account, region);
        let carried = components.filter_map(|component| component.container.as_ref());
        let containers: Vec<&Container> = models.iter().flat_map(|model| &model.containers).chain(carried).collect();

        let mut locations = Locations::new();
        for container in &containers {
            add(&mut locations, &container.data);
        }
        let prefixes: Vec<&S3Location> =
            locations.iter().filter(|(_, prefix)| **prefix).map(|(location, _)| location).collect();
        let serves = |location: &S3Location| {
            // The artifacts of a multi-model container lie below its prefix.
            let below =
                |prefix: &&S3Location| prefix.bucket == location.bucket && location.key.starts_with(&prefix.key);
            locations.contains_key(location) || prefixes.iter().any(below)
        };

        let all: Vec<&Package> = facts.packages.iter().map(|fact| &fact.data).collect();
        let packages: Vec<&Package> =
            all.iter().copied().filter(|package| is_live(package, &containers, serves)).collect();
        let candidates = candidates(&all, &packages);
        let made_from_one = |model: &&Model| {
            let mut named = model.containers.iter().filter_map(|container| container.package.as_deref());
            named.any(|name| candidates.iter().any(|candidate| names(name, candidate)))
        };
        let fallbacks = here(&facts.models, account, region).filter(made_from_one).collect();
        Self { models, containers, packages, candidates, fallbacks }
    }

    /// The containers that all packages in use describe.
    pub(super) fn packaged(&self) -> impl Iterator<Item = &'f PackageContainer> {
        self.packages.iter().chain(&self.candidates).flat_map(|package| self.containers_of(package))
    }

    /// The containers that one package describes: of the main specification, and of any other that a live container asks
    /// for by name.
    pub(super) fn containers_of(&self, package: &'f Package) -> impl Iterator<Item = &'f PackageContainer> + use<'f> {
        package.containers.iter().chain(named_specifications(package, &self.containers))
    }
}

/// Every model that an endpoint, an inference component or a batch job of the region runs.
fn live_models<'f>(facts: &'f Facts, account: &str, region: &str) -> Vec<&'f Model> {
    let endpoints = here(&facts.endpoints, account, region);
    let configs_in_force: BTreeSet<String> = endpoints
        .flat_map(|endpoint| {
            let pending = endpoint.pending.as_ref().map(|pending| &pending.config_name);
            endpoint.config_name.iter().chain(pending)
        })
        .map(|name| name.to_lowercase())
        .collect();
    let configs = here(&facts.endpoint_configs, account, region)
        .filter(|config| configs_in_force.contains(&config.name.to_lowercase()));
    let variants = configs.flat_map(|config| config.variants.iter().chain(&config.shadow_variants));
    let components = here(&facts.inference_components, account, region);
    let by_component = components.filter_map(|component| component.model_name.as_ref());
    let by_job = here(&facts.transform_jobs, account, region).map(|job| &job.model_name);
    let models: BTreeSet<String> =
        variants.flat_map(models_of).chain(by_component).chain(by_job).map(|name| name.to_lowercase()).collect();
    here(&facts.models, account, region).filter(|model| models.contains(&model.name.to_lowercase())).collect()
}

fn models_of(variant: &VariantSettings) -> impl Iterator<Item = &String> {
    variant.model_name.iter().chain(variant.pools.iter().filter_map(|pool| pool.model_override.as_ref()))
}

fn here<'f, T>(list: &'f [Fact<T>], account: &str, region: &str) -> impl Iterator<Item = &'f T> {
    list.iter().filter(move |fact| fact.account == account && fact.region == region).map(|fact| &fact.data)
}

/// Whether a live container was made from the package, or runs the data that it registered.
fn is_live(package: &Package, containers: &[&Container], serves: impl Fn(&S3Location) -> bool) -> bool {
    let named = containers.iter().filter_map(|container| container.package.as_deref()).any(|name| names(name, package));
    let mut data = package.containers.iter().chain(package.additional.values().flatten()).flat_map(|c| &c.data);
    named || data.any(|data| S3Location::parse(&data.uri).is_some_and(|location| serves(&location)))
}

/// Whether a container's `ModelPackageName`, an ARN or a name, means this package.
fn names(name: &str, package: &Package) -> bool {
    let (name, arn) = (name.to_lowercase(), package.arn.to_lowercase());
    arn == name || arn.split_once(":model-package/").is_some_and(|(_, own)| own == name)
}

/// For each live version of a group, the newest two Approved versions, and the newest two that are older than it.
fn candidates<'f>(packages: &[&'f Package], live: &[&'f Package]) -> Vec<&'f Package> {
    let mut chosen = BTreeMap::new();
    for current in live {
        let (Some(group), Some(version)) = (group_of(current), current.version) else { continue };
        let mut approved: Vec<&Package> = packages
            .iter()
            .copied()
            .filter(|other| group_of(other).as_ref() == Some(&group) && other.arn != current.arn)
            .filter(|other| other.approval == Some(ApprovalStatus::Approved))
            .collect();
        approved.sort_by_key(|other| std::cmp::Reverse(other.version));
        let older = approved.iter().filter(|other| other.version.is_some_and(|other| other < version));
        for candidate in approved.iter().take(CANDIDATES).chain(older.take(CANDIDATES)) {
            chosen.insert(candidate.arn.as_str(), *candidate);
        }
    }
    chosen.into_values().collect()
}

/// The group of a versioned package, in the account and region that own it.
fn group_of(package: &Package) -> Option<String> {
    package.version?;
    Some(package.arn.rsplit_once('/')?.0.to_lowercase())
}

/// Containers of the additional specifications of a package that a live container asks for by name.
fn named_specifications<'f>(
    package: &'f Package,
    containers: &[&Container],
) -> impl Iterator<Item = &'f PackageContainer> + use<'f> {
    let asked: BTreeSet<&str> = containers
        .iter()
        .filter(|container| container.package.as_deref().is_some_and(|name| names(name, package)))
        .filter_map(|container| container.specification.as_deref())
        .collect();
    let asked: Vec<&Vec<PackageContainer>> =
        package.additional.iter().filter(|(name, _)| asked.contains(name.as_str())).map(|(_, list)| list).collect();
    asked.into_iter().flatten()
}

/// Adds where the data of a container lies.
pub(super) fn add(locations: &mut Locations, data: &[ModelData]) {
    for item in data {
        if let Some(location) = S3Location::parse(&item.uri) {
            let prefix = item.prefix || location.is_prefix();
            *locations.entry(location).or_default() |= prefix;
        }
        if let Some(manifest) = item.manifest.as_deref().and_then(S3Location::parse) {
            locations.entry(manifest).or_default();
        }
    }
}
