//! What serves, as far as earlier phases know: the names that later phases have to ask about.

use std::collections::{BTreeMap, BTreeSet};

use super::engine::Reader;
use crate::evidence::{Fact, Facts};

/// Account and region.
type Place<'p> = (&'p str, &'p str);

/// Names of the models that serve in the reader's region, by folded name.
pub(super) fn models(reader: &Reader<'_>, facts: &Facts) -> BTreeMap<String, String> {
    models_of((reader.account(), reader.region()), facts)
}

fn models_of(place: Place<'_>, facts: &Facts) -> BTreeMap<String, String> {
    let configs = at(place, &facts.endpoint_configs).flat_map(|config| {
        config.variants.iter().chain(&config.shadow_variants).flat_map(|variant| {
            variant.model_name.iter().chain(variant.pools.iter().filter_map(|pool| pool.model_override.as_ref()))
        })
    });
    let components = at(place, &facts.inference_components).filter_map(|component| component.model_name.as_ref());
    let jobs = at(place, &facts.transform_jobs).map(|job| &job.model_name);
    configs.chain(components).chain(jobs).map(|name| (name.to_lowercase(), name.clone())).collect()
}

/// Packages that those models were made from, as the models name them: an ARN, or the name of an unversioned one.
pub(super) fn packages(reader: &Reader<'_>, facts: &Facts) -> BTreeSet<String> {
    packages_of((reader.account(), reader.region()), facts)
}

/// The same of every account and region that is read.
pub(super) fn packages_anywhere(facts: &Facts) -> BTreeSet<String> {
    let places: BTreeSet<Place<'_>> =
        facts.models.iter().map(|fact| (fact.account.as_str(), fact.region.as_str())).collect();
    places.into_iter().flat_map(|place| packages_of(place, facts)).collect()
}

fn packages_of(place: Place<'_>, facts: &Facts) -> BTreeSet<String> {
    let live = models_of(place, facts);
    at(place, &facts.models)
        .filter(|model| live.contains_key(&model.name.to_lowercase()))
        .flat_map(|model| model.containers.iter().filter_map(|container| container.package.clone()))
        .collect()
}

/// The facts of the reader's account and region.
pub(super) fn here<'f, T>(reader: &Reader<'_>, facts: &'f [Fact<T>]) -> impl Iterator<Item = &'f T> + use<'f, T> {
    at((reader.account(), reader.region()), facts)
}

fn at<'f, T>((account, region): Place<'_>, facts: &'f [Fact<T>]) -> impl Iterator<Item = &'f T> + use<'f, T> {
    let (account, region) = (account.to_owned(), region.to_owned());
    facts.iter().filter(move |fact| fact.account == account && fact.region == region).map(|fact| &fact.data)
}
