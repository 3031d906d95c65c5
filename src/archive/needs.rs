//! What a run asks of the archive: what live versions, and those that they could be rolled back to, rest on.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::evidence::{Subject, named, package_subject};
use crate::estate::Estate;
use crate::evidence::{ApprovalStatus, Fact, Package};

/// So many approved versions of a live version's group are looked at as ways back.
const CANDIDATES: usize = 4;

/// Subjects of items.
#[derive(Debug, Default)]
pub(super) struct Needs {
    /// Where packages live, as [`package_subject`] writes them.
    pub(super) packages: BTreeSet<Subject>,
    /// Locations of artifacts.
    pub(super) artifacts: BTreeSet<Subject>,
    /// What deployments are about: endpoints, components, configs and models.
    pub(super) deployments: BTreeSet<Subject>,
}

impl Needs {
    pub(super) fn of(estate: &Estate<'_>) -> Self {
        let mut needs = Self::default();
        for live in &estate.live {
            let here = |subject: String| (live.account.to_owned(), live.region.to_owned(), subject);
            let config = live.config.found().map(|config| named("endpoint-config", &config.data.name));
            let pending = live.endpoint.and_then(|endpoint| endpoint.data.pending.as_ref());
            let configs = live.endpoint.and_then(|endpoint| endpoint.data.config_name.as_deref());
            let configs = configs.into_iter().chain(pending.map(|pending| pending.config_name.as_str()));
            needs.deployments.extend(
                live.endpoint
                    .map(|endpoint| named("endpoint", &endpoint.data.name))
                    .into_iter()
                    .chain(live.component.map(|component| named("inference-component", &component.data.name)))
                    .chain(live.model_name.map(|model| named("model", model)))
                    .chain(config)
                    .chain(configs.map(|config| named("endpoint-config", config)))
                    .map(here),
            );
            let locations = live.containers.iter().flat_map(|it| &it.artifacts).filter_map(|it| it.location());
            needs.artifacts.extend(locations.map(|location| here(location.to_string())));
            let named_packages = live.containers.iter().filter_map(|it| it.container.package.as_deref());
            needs.packages.extend(named_packages.map(|arn| here(package_subject(arn))));
            for package in live.packages() {
                needs.packages.insert(of_package(package));
                needs.packages.extend(ways_back(estate, package).into_iter().map(of_package));
            }
        }
        // Whatever was listed was listed because a live version, or a way back, is made of it.
        let listed = estate.snapshot.facts.objects.iter();
        needs
            .artifacts
            .extend(listed.map(|fact| (fact.account.clone(), fact.region.clone(), fact.data.location.to_string())));
        needs
    }
}

fn of_package(package: &Fact<Package>) -> Subject {
    (package.account.clone(), package.region.clone(), package_subject(&package.data.arn))
}

/// The newest approved versions beside a live one.
fn ways_back<'a>(estate: &Estate<'a>, live: &Fact<Package>) -> Vec<&'a Fact<Package>> {
    let Some(group) = &live.data.group else { return Vec::new() };
    let same = |other: &&Fact<Package>| {
        other.data.group.as_ref() == Some(group)
            && (&other.account, &other.region) == (&live.account, &live.region)
            && other.data.approval == Some(ApprovalStatus::Approved)
            && other.data.arn != live.data.arn
    };
    let mut versions: Vec<&Fact<Package>> = estate.snapshot.facts.packages.iter().filter(same).collect();
    versions.sort_by_key(|package| Reverse(package.data.version));
    versions.truncate(CANDIDATES);
    versions
}
