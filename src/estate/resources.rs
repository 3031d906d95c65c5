//! The names of everything that a live version rests on: whatever was read to describe it, or would have been. Gaps are
//! matched against these names, so what could not be read is named too.

use std::collections::BTreeSet;

use super::approval::APPROVAL_EVENTS;
use super::arn::Arn;
use super::artifacts::specification;
use super::index::Index;
use super::registration::{Registration, Registry, Setting};
use super::slots::Slot;
use super::{LiveArtifact, LiveContainer, Lookup, ServingPath};
use crate::evidence::{FactKind, ResourceKey};

/// Of resources that might be concerned because they could not be read, so many are named: one is enough to doubt.
const UNREAD: usize = 10;

/// The names behind one live version.
pub(super) fn of(
    slot: &Slot<'_>,
    containers: &[LiveContainer<'_>],
    registry: &Registry<'_>,
    index: &Index<'_>,
    setting: Setting<'_>,
) -> BTreeSet<ResourceKey> {
    let mut keys = BTreeSet::new();
    let mut add = |kind, name: &str| keys.insert(ResourceKey::new(kind, name));
    if slot.path != ServingPath::Batch {
        add(FactKind::Endpoints, slot.endpoint_name);
    }
    for (kind, name) in [(FactKind::EndpointConfigs, slot.config_name), (FactKind::Models, slot.model_name)] {
        if let Some(name) = name {
            add(kind, name);
        }
    }
    if let Some(endpoint) = slot.endpoint {
        add(FactKind::Tags, &endpoint.data.arn);
        add(FactKind::TagCompliance, &endpoint.data.arn);
    }
    if let Some(component) = slot.component {
        add(FactKind::InferenceComponents, &component.data.name);
        add(FactKind::Tags, &component.data.arn);
        add(FactKind::TagCompliance, &component.data.arn);
        if let Some(base) = &component.data.base_component {
            add(FactKind::InferenceComponents, base);
        }
    } else if slot.settings.is_some_and(|settings| settings.model_name.is_none()) && slot.pool.is_none() {
        // Components that serve the variant were looked for and not found; they would be of this endpoint, and one that
        // could not be read may be on it.
        add(FactKind::InferenceComponents, slot.endpoint_name);
        for key in index.unread(slot.account, slot.region, FactKind::InferenceComponents).into_iter().take(UNREAD) {
            add(key.kind, &key.name);
        }
    }
    for job in &slot.jobs {
        add(FactKind::TransformJobs, &job.data.name);
    }
    if slot.path == ServingPath::Batch {
        // A job that could not be read may have run this model too.
        for key in index.unread(slot.account, slot.region, FactKind::TransformJobs).into_iter().take(UNREAD) {
            add(key.kind, &key.name);
        }
    }
    for name in APPROVAL_EVENTS.iter().chain(deployment_events(slot.path)) {
        add(FactKind::TrailEvents, name);
    }
    if let Some(role) = slot.model.found().and_then(|model| model.data.role_arn.as_deref()) {
        add(FactKind::Roles, role);
    }
    for container in containers {
        of_container(container, registry, index, setting, &mut add);
    }
    keys
}

fn of_container(
    container: &LiveContainer<'_>,
    registry: &Registry<'_>,
    index: &Index<'_>,
    setting: Setting<'_>,
    add: &mut impl FnMut(FactKind, &str) -> bool,
) {
    match &container.registration {
        Registration::Named(package) | Registration::Inferred(package) | Registration::UrlOnly { package, .. } => {
            add(FactKind::Packages, &package.data.arn);
            if let Some(group) = &package.data.group {
                add(FactKind::PackageGroups, group);
            }
            if let Some(arn) = group_arn(&package.data.arn) {
                add(FactKind::Tags, &arn);
            }
        }
        Registration::Ambiguous(packages) => {
            for package in packages {
                add(FactKind::Packages, &package.data.arn);
            }
        }
        Registration::Unseen { named } | Registration::Absent { named, .. } => {
            add(FactKind::Packages, named);
            add(FactKind::Packages, &registry.key(setting, named).name);
        }
        // Any package might have been the one: the name of the data stands for it.
        Registration::None | Registration::Unknown => {
            for key in index.unread(setting.account, setting.region, FactKind::Packages).into_iter().take(UNREAD) {
                add(key.kind, &key.name);
            }
            let data = container.container.data.first().map(|data| data.uri.as_str());
            add(FactKind::Packages, data.or(container.container.image.as_deref()).unwrap_or("any"));
        }
    }
    for key in of_artifacts(container) {
        add(key.kind, &key.name);
    }
    let registered = container.registration.package();
    let registered = registered.map_or(&[][..], |package| specification(&package.data, container.container));
    let images = registered.iter().filter_map(|registered| registered.image.as_deref());
    for image in images.chain(container.container.image.as_deref()) {
        add(FactKind::Images, image);
    }
}

/// The listings that show a container's artifacts, and their buckets.
pub(super) fn of_artifacts(container: &LiveContainer<'_>) -> impl Iterator<Item = ResourceKey> {
    let listed = container.artifacts.iter().flat_map(LiveArtifact::histories).map(|history| match history.listing {
        Lookup::Found(listing) => &listing.data.location,
        _ => &history.location,
    });
    listed.flat_map(|location| {
        let object = ResourceKey::new(FactKind::Objects, &location.to_string());
        [object, ResourceKey::new(FactKind::Buckets, &location.bucket)]
    })
}

/// The calls that put a model version behind a path.
pub(super) fn deployment_events(path: ServingPath) -> &'static [&'static str] {
    match path {
        ServingPath::Component => &["CreateInferenceComponent", "UpdateInferenceComponent"],
        ServingPath::Batch => &["CreateTransformJob"],
        _ => &["CreateEndpoint", "UpdateEndpoint"],
    }
}

/// ARN of the group of a versioned package.
pub(super) fn group_arn(package: &str) -> Option<String> {
    let Arn { partition, service, region, account, resource } = Arn::parse(package)?;
    let (group, _version) = resource.strip_prefix("model-package/")?.split_once('/')?;
    Some(format!("arn:{partition}:{service}:{region}:{account}:model-package-group/{group}"))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;

    #[test]
    fn a_live_version_names_all_that_it_rests_on() {
        let fixture = Fixture::sound();
        let estate = fixture.estate();
        let names: Vec<_> = estate.live[0].resources.iter().map(|key| (key.kind, key.name.clone())).collect();
        let expected = [
            (FactKind::Endpoints, ENDPOINT.to_lowercase()),
            (FactKind::EndpointConfigs, CONFIG.to_owned()),
            (FactKind::Models, MODEL.to_owned()),
            (FactKind::PackageGroups, GROUP.to_owned()),
            (FactKind::Packages, PACKAGE.to_owned()),
            (FactKind::TrailEvents, "CreateModelPackage".to_owned()),
            (FactKind::TrailEvents, "UpdateEndpoint".to_owned()),
            (FactKind::TrailEvents, "UpdateModelPackage".to_owned()),
            (FactKind::Objects, ARTIFACT.to_owned()),
            (FactKind::Images, IMAGE.to_owned()),
            (FactKind::Roles, ROLE.to_owned()),
            (FactKind::Buckets, BUCKET.to_owned()),
            (FactKind::Tags, ENDPOINT_ARN.to_owned()),
            (FactKind::Tags, GROUP_ARN.to_owned()),
            (FactKind::Alarms, ERRORS.to_owned()),
        ];
        for key in expected {
            assert!(names.contains(&key), "{key:?} is missing from {names:?}");
        }
    }

    #[test]
    fn what_could_not_be_read_and_might_be_concerned_is_named() {
        let unread = |fixture: &Fixture, kind| {
            let estate = fixture.estate();
            let of_kind = estate.live[0].resources.iter().filter(|key| key.kind == kind);
            of_kind.map(|key| key.name.clone()).collect::<Vec<_>>()
        };
        let batch =
            Fixture::sound().with(job("night", MODEL, "2026-05-30T01:00:00Z")).hidden(FactKind::TransformJobs, "early");
        assert_eq!(unread(&batch, FactKind::TransformJobs), ["early", "night"]);
        let stray = Fixture::sound()
            .edit(|it: &mut crate::evidence::Model| it.containers = vec![from_artifact("s3://b/stray", None)])
            .hidden(FactKind::Packages, PREVIOUS);
        assert!(unread(&stray, FactKind::Packages).contains(&PREVIOUS.to_owned()));
    }

    #[test]
    fn what_was_read_as_one_group_is_one_arn() {
        assert_eq!(group_arn(PACKAGE).as_deref(), Some(GROUP_ARN));
        assert_eq!(group_arn("arn:aws:sagemaker:r:a:model-package/unversioned"), None);
    }
}
