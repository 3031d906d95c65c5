//! Multi-model containers: every object below the prefix is a model that anybody who may write there has put live,
//! without any call to SageMaker.

use jiff::Timestamp;

use super::artifacts::state_at;
use super::index::Index;
use super::registration::{Registry, Setting};
use super::{History, LiveArtifact, LiveContainer, Lookup, Registration};
use crate::evidence::{Container, Fact, ModelData, ObjectVersion, Package, S3Location};

/// A multi-model container and what its prefix holds.
#[derive(Debug)]
pub(super) struct Shelf<'a> {
    /// Data that names the prefix: the container's own, or its package's.
    data: &'a ModelData,
    prefix: History<'a>,
    /// Current objects, by key.
    pub(super) objects: Vec<&'a ObjectVersion>,
}

impl<'a> Shelf<'a> {
    /// Looks at the prefix of a container; `None` if it names none in S3.
    pub(super) fn new(
        index: &Index<'a>,
        setting: Setting<'_>,
        container: &'a Container,
        package: Option<&'a Fact<Package>>,
    ) -> Option<Self> {
        let stated = package.into_iter().flat_map(|package| &package.data.containers).flat_map(|it| &it.data);
        let data = container.data.iter().chain(stated).find(|data| data.role == "model")?;
        let prefix = LiveArtifact::new(index, setting.account, setting.region, data, false).history?;
        let mut objects = Vec::new();
        if let Lookup::Found(listing) = prefix.listing {
            objects.extend(
                state_at(&listing.data, Timestamp::MAX).into_values().filter(|object| !object.key.ends_with('/')),
            );
        }
        Some(Self { data, prefix, objects })
    }

    /// Whether the prefix could be seen.
    pub(super) fn seen(&self) -> bool {
        self.prefix.listing != Lookup::Unseen
    }

    /// The key of an object, relative to the prefix: what an invocation asks for as `TargetModel`.
    pub(super) fn target<'o>(&self, object: &'o ObjectVersion) -> &'o str {
        let relative = object.key.strip_prefix(self.prefix.location.key.as_str()).unwrap_or(&object.key);
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
        let location = S3Location { bucket: self.prefix.location.bucket.clone(), key: object.key.clone() };
        let registration = registry.resolve_object(index, setting, &location, object.etag.as_deref());
        let stated =
            registration.package().into_iter().flat_map(|package| &package.data.containers).flat_map(|it| &it.data);
        let stated = stated.into_iter().find(|data| data.role == "model");
        let own =
            LiveArtifact {
                data: stated.unwrap_or(self.data),
                history: Some(self.prefix.of_object(
                    &object.key,
                    stated.and_then(|data| data.etag.as_deref()).map(super::artifacts::unquoted),
                )),
                manifest: None,
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
            Registration::Named(_) | Registration::Unseen { .. } | Registration::Absent { .. } => {
                whole.registration.clone()
            }
            _ => Registration::Unknown,
        };
        LiveContainer { registration, ..whole.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;
    use crate::estate::ServingPath;
    use crate::evidence::{FactKind, Hidden, ObjectListing};

    const PREFIX: &str = "s3://ml-models/fraud/live/";

    /// Last part of the id, the version behind it, and since when it can be asked for.
    fn models(fixture: &Fixture) -> Vec<(String, String, bool)> {
        let estate = fixture.estate();
        let of = |live: &crate::estate::LiveVersion<'_>| {
            assert_eq!((live.path, live.traffic_share), (ServingPath::MultiModel, None));
            let object = live.id.strip_prefix("111122223333/eu-central-1/multi-model/Fraud-Scoring/AllTraffic");
            let object = object.expect(&live.id).trim_start_matches('/').to_owned();
            (object, live.version_key.clone(), live.live_from.is_some_and(|from| from.exact))
        };
        estate.live.iter().map(of).collect()
    }

    fn row(object: &str, version: &str) -> (String, String, bool) {
        (object.to_owned(), version.to_owned(), true)
    }

    #[test]
    fn every_current_object_is_a_live_version_registered_by_its_content() {
        let fixture = Fixture::multi_model();
        assert_eq!(models(&fixture), [row("a.tar.gz", PACKAGE), row("b.tar.gz", &package_arn(8))]);
        let estate = fixture.estate();
        for live in &estate.live {
            let artifact = &live.containers[0].artifacts[0];
            assert!(!artifact.is_set());
            assert_eq!(artifact.state_at(at(AS_OF)).unwrap().len(), 1, "its own object, not the whole prefix");
            assert!(live.resources.iter().any(|key| key.name == PREFIX), "gaps over the prefix hide it");
        }
    }

    #[test]
    fn a_copy_is_known_by_its_content_and_a_stranger_is_not() {
        let fixture = Fixture::multi_model().edit_named(PREFIX, |listing: &mut ObjectListing| {
            let dropped = "2026-05-30T10:00:00Z";
            listing.versions.push(version("fraud/live/sub/copy.tar.gz", "vc", PREVIOUS_ETAG, dropped));
            listing.versions.push(version("fraud/live/stray.tar.gz", "vs", "eeee", dropped));
            listing.versions.push(version("fraud/live/sub/", "vd", "0000", dropped));
            listing.versions.push(deletion("fraud/live/gone.tar.gz", "vg", dropped));
        });
        let expected = [
            row("a.tar.gz", PACKAGE),
            row("b.tar.gz", &package_arn(8)),
            row("stray.tar.gz", "fraud-7@eeee"),
            row("sub/copy.tar.gz", PREVIOUS),
        ];
        assert_eq!(models(&fixture), expected);
        let estate = fixture.estate();
        let stray = &estate.live[2];
        assert!(matches!(stray.containers[0].registration, Registration::None));
        let from = stray.live_from.unwrap();
        assert_eq!(
            (from.at, from.event.is_none()),
            (at("2026-05-30T10:00:00Z"), true),
            "live since it was dropped there"
        );
    }

    #[test]
    fn a_prefix_that_was_not_seen_is_one_unknown_version_and_an_empty_one_is_none_of_them() {
        let hidden = Fixture::multi_model().hidden(FactKind::Objects, PREFIX);
        assert_eq!(models(&hidden).len(), 1);
        let estate = hidden.estate();
        assert_eq!(estate.live[0].id, "111122223333/eu-central-1/multi-model/Fraud-Scoring/AllTraffic");
        assert!(matches!(estate.live[0].containers[0].registration, Registration::Unknown));
        assert_eq!(estate.live[0].containers[0].artifacts[0].listing(), Lookup::Unseen);
        let key = crate::evidence::ResourceKey::new(FactKind::Objects, PREFIX);
        assert!(estate.index.gaps_over(ACCOUNT, REGION, &key).next().is_some());

        let empty = Fixture::multi_model().edit_named(PREFIX, |listing: &mut ObjectListing| listing.versions.clear());
        let estate = empty.estate();
        assert_eq!((estate.live.len(), estate.live[0].containers[0].artifacts.len()), (1, 0));
        assert_eq!(estate.live[0].notes.len(), 1);
    }

    #[test]
    fn without_the_whole_registry_a_stranger_is_not_called_unregistered() {
        let fixture = Fixture::multi_model()
            .edit_named(PREFIX, |listing: &mut ObjectListing| listing.versions[0].etag = Some("eeee".to_owned()))
            .edit_named(PACKAGE, |package: &mut Package| package.containers[0].data.clear())
            .gap(Hidden::All(FactKind::Packages));
        let estate = fixture.estate();
        assert!(matches!(estate.live[0].containers[0].registration, Registration::Unknown));
    }
}
