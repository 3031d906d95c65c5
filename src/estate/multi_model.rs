//! Multi-model containers: every object below the prefix is a model that anybody who may write there has put live,
//! without any call to SageMaker.

use jiff::Timestamp;

use super::artifacts::state_at;
use super::registration::{Registry, Setting};
use super::{LiveArtifact, LiveContainer, Lookup, Registration};
use super::index::Index;
use crate::evidence::{Container, Fact, ModelData, ObjectListing, ObjectVersion, Package, S3Location};

/// A multi-model container and what its prefix holds.
#[derive(Debug)]
pub(super) struct Shelf<'a> {
    /// Data that names the prefix: the container's own, or its package's.
    data: &'a ModelData,
    location: S3Location,
    listing: Lookup<&'a Fact<ObjectListing>>,
    /// Current objects, by key.
    pub(super) objects: Vec<&'a ObjectVersion>,
}

impl<'a> Shelf<'a> {
    /// Looks at the prefix of a container; `None` if it names none in S3.
    pub(super) fn new(index: &Index<'a>, setting: Setting<'_>, container: &'a Container, package: Option<&'a Fact<Package>>) -> Option<Self> {
        let stated = package.into_iter().flat_map(|package| &package.data.containers).flat_map(|it| &it.data);
        let data = container.data.iter().chain(stated).find(|data| data.role == "model")?;
        let location = S3Location::parse(&data.uri)?;
        let listing = index.listing(setting.account, setting.region, &location.to_string());
        let mut objects = Vec::new();
        if let Lookup::Found(listing) = listing {
            objects.extend(state_at(&listing.data, Timestamp::MAX).into_values().filter(|object| !object.key.ends_with('/')));
        }
        Some(Self { data, location, listing, objects })
    }

    /// Whether the prefix could be seen.
    pub(super) fn seen(&self) -> bool {
        self.listing != Lookup::Unseen
    }

    /// The key of an object, relative to the prefix: what an invocation asks for as `TargetModel`.
    pub(super) fn target<'o>(&self, object: &'o ObjectVersion) -> &'o str {
        let relative = object.key.strip_prefix(self.location.key.as_str()).unwrap_or(&object.key);
        relative.trim_start_matches('/')
    }

    /// The container with one of its models. What else the container is made of stays with it.
    pub(super) fn with(
        &self,
        object: &'a ObjectVersion,
        registry: &Registry<'a>,
        index: &Index<'a>,
        setting: Setting<'_>,
        whole: &LiveContainer<'a>,
    ) -> LiveContainer<'a> {
        let location = S3Location { bucket: self.location.bucket.clone(), key: object.key.clone() };
        let registration = registry.resolve_object(index, setting, &location, object.etag.as_deref());
        let stated = registration.package().into_iter().flat_map(|package| &package.data.containers).flat_map(|it| &it.data);
        let stated = stated.into_iter().find(|data| data.role == "model");
        let own = LiveArtifact {
            data: stated.unwrap_or(self.data),
            location: Some(location),
            listing: self.listing,
            registered_etag: stated.and_then(|data| data.etag.as_deref()).map(super::artifacts::unquoted),
        };
        let others = whole.artifacts.iter().filter(|artifact| artifact.data.uri != self.data.uri).cloned();
        LiveContainer { registration, artifacts: std::iter::once(own).chain(others).collect(), ..whole.clone() }
    }

    /// The container while nothing is known to lie below the prefix: no artifact if it is empty, the prefix itself if
    /// that could not be seen.
    pub(super) fn bare(&self, whole: &LiveContainer<'a>) -> LiveContainer<'a> {
        if self.seen() {
            let artifacts = whole.artifacts.iter().filter(|it| it.data.uri != self.data.uri).cloned().collect();
            return LiveContainer { artifacts, ..whole.clone() };
        }
        let registration = match &whole.registration {
            Registration::Named(_) | Registration::Unseen { .. } | Registration::Absent { .. } => whole.registration.clone(),
            _ => Registration::Unknown,
        };
        LiveContainer { registration, ..whole.clone() }
    }
}
