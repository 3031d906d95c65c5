//! What a container is made of, and what S3 held at any instant.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Lookup;
use super::index::Index;
use crate::evidence::{
    Container, Fact, ModelData, ObjectListing, ObjectVersion, Package, PackageContainer, S3Location,
};

/// One artifact of a container: model data, additional data, or code named in the environment.
#[derive(Clone, Debug)]
pub struct LiveArtifact<'a> {
    /// As stated by the package where there is one, else by the container.
    pub data: &'a ModelData,
    /// Where it lies; `None` where it is not in S3. For a model in a multi-model container, its own object.
    pub location: Option<S3Location>,
    /// Its versions. For a model in a multi-model container, the listing of the whole prefix.
    pub listing: Lookup<&'a Fact<ObjectListing>>,
    /// `ETag` that the registry recorded, where it did, without quotes.
    pub registered_etag: Option<&'a str>,
}

impl<'a> LiveArtifact<'a> {
    /// Whether it is a set of objects rather than one.
    pub fn is_set(&self) -> bool {
        match (&self.location, &self.listing) {
            // One object out of a listed prefix.
            (Some(location), Lookup::Found(listing)) if *location != listing.data.location => location.is_prefix(),
            (Some(location), _) => self.data.prefix || location.is_prefix(),
            (None, _) => self.data.prefix,
        }
    }

    /// What it consisted of at an instant, by key; empty if it was not there. `None` if that could not be seen.
    pub fn state_at(&self, at: Timestamp) -> Option<BTreeMap<&'a str, &'a ObjectVersion>> {
        let location = self.location.as_ref()?;
        match self.listing {
            Lookup::Found(listing) => {
                let mut state = state_at(&listing.data, at);
                if !self.is_set() {
                    state.retain(|key, _| *key == location.key);
                }
                Some(state)
            }
            Lookup::Absent(_) => Some(BTreeMap::new()),
            Lookup::Unseen | Lookup::NotNamed => None,
        }
    }

    pub(super) fn new(
        index: &Index<'a>,
        account: &str,
        region: &str,
        data: &'a ModelData,
        registered: Option<&'a str>,
    ) -> Self {
        let location = S3Location::parse(&data.uri);
        let listing = match &location {
            Some(location) => index.listing(account, region, &location.to_string()),
            None => Lookup::NotNamed,
        };
        Self { data, location, listing, registered_etag: registered }
    }
}

/// What S3 held at an instant below the listed key or prefix: of each key the newest entry written by then, unless that
/// is a delete marker. The order of the entries does not matter.
///
/// Entries of one key within one second, which S3 does not tell apart, are ranked by what S3 calls the latest.
pub fn state_at(listing: &ObjectListing, at: Timestamp) -> BTreeMap<&str, &ObjectVersion> {
    let mut newest: BTreeMap<&str, &ObjectVersion> = BTreeMap::new();
    for entry in listing.versions.iter().filter(|entry| entry.last_modified <= at) {
        let held = newest.entry(entry.key.as_str()).or_insert(entry);
        if by_age(held, entry) == Ordering::Less {
            *held = entry;
        }
    }
    newest.retain(|_, entry| !entry.delete_marker);
    newest
}

fn by_age(a: &ObjectVersion, b: &ObjectVersion) -> Ordering {
    let rank = |entry: &ObjectVersion| (entry.last_modified, entry.is_latest, !entry.delete_marker);
    rank(a).cmp(&rank(b)).then_with(|| a.version_id.cmp(&b.version_id))
}

/// The artifacts of a container: what its package states, with the `ETag`s that the registry recorded, then what the
/// container adds to that.
pub(super) fn of_container<'a>(
    index: &Index<'a>,
    account: &str,
    region: &str,
    container: &'a Container,
    package: Option<&'a Fact<Package>>,
) -> Vec<LiveArtifact<'a>> {
    let stated =
        package.into_iter().flat_map(|package| specification(&package.data, container)).flat_map(|it| &it.data);
    let mut artifacts: Vec<LiveArtifact<'a>> = stated
        .map(|data| LiveArtifact::new(index, account, region, data, data.etag.as_deref().map(unquoted)))
        .collect();
    for data in &container.data {
        let known = artifacts.iter().any(|known| known.data.uri == data.uri);
        if !known {
            artifacts.push(LiveArtifact::new(index, account, region, data, None));
        }
    }
    artifacts
}

/// The containers of a package that a container of a model stands for: those of the inference specification that it
/// names, else of the main one.
pub(super) fn specification<'a>(package: &'a Package, container: &Container) -> &'a [PackageContainer] {
    match &container.specification {
        Some(name) => package.additional.get(name).map_or(&[], Vec::as_slice),
        None => &package.containers,
    }
}

/// An `ETag` without the quotes that some APIs put around it.
pub(super) fn unquoted(etag: &str) -> &str {
    etag.trim_matches('"')
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::super::fixture::*;
    use super::*;

    fn ids(listing: &ObjectListing, instant: &str) -> Vec<(String, String)> {
        let state = state_at(listing, at(instant));
        state.into_iter().map(|(key, entry)| (key.to_owned(), entry.version_id.clone())).collect()
    }

    #[test]
    fn of_each_key_the_newest_entry_by_then_counts() {
        let listing = listing(
            "s3://b/p/",
            vec![
                version("p/a", "a2", "e2", "2026-05-02T00:00:00Z"),
                version("p/a", "a1", "e1", "2026-05-01T00:00:00Z"),
                deletion("p/b", "b2", "2026-05-02T00:00:00Z"),
                version("p/b", "b1", "e1", "2026-05-01T00:00:00Z"),
            ],
        );
        let pairs =
            |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<Vec<_>>();
        assert_eq!(ids(&listing, "2026-04-30T23:59:59Z"), pairs(&[]));
        assert_eq!(ids(&listing, "2026-05-01T00:00:00Z"), pairs(&[("p/a", "a1"), ("p/b", "b1")]));
        assert_eq!(ids(&listing, "2026-05-02T00:00:00Z"), pairs(&[("p/a", "a2")]));
    }

    #[test]
    fn within_one_second_the_latest_wins() {
        let listing = listing(
            "s3://b/k",
            vec![version("k", "a", "e", "2026-05-01T00:00:00Z"), version("k", "z", "e", "2026-05-01T00:00:00Z")],
        );
        assert_eq!(ids(&listing, AS_OF), [("k".to_owned(), "a".to_owned())], "the first of a listing is the latest");
    }

    #[test]
    fn the_registry_pins_an_etag_without_its_quotes() {
        let fixture = Fixture::sound().edit_named(PACKAGE, |package: &mut Package| {
            package.containers[0].data[0].etag = Some(format!("\"{ETAG}\""));
        });
        let estate = fixture.estate();
        let artifact = &estate.live[0].containers[0].artifacts[0];
        assert_eq!(artifact.registered_etag, Some(ETAG));
        let state = artifact.state_at(at(AS_OF)).expect("listed");
        assert_eq!(state.into_values().next().unwrap().etag.as_deref(), Some(ETAG));
    }

    #[test]
    fn what_the_container_adds_to_its_package_is_an_artifact_too() {
        let fixture = Fixture::sound().edit(|model: &mut crate::evidence::Model| {
            model.containers[0].data = vec![
                data(ARTIFACT, "model", None),
                data("s3://ml-models/fraud/code.tar.gz", "environment:SAGEMAKER_SUBMIT_DIRECTORY", None),
                data("bert-base-cased", "environment:HF_MODEL_ID", None),
            ];
        });
        let estate = fixture.estate();
        let artifacts = &estate.live[0].containers[0].artifacts;
        assert_eq!(
            artifacts.iter().map(|it| it.data.uri.as_str()).collect::<Vec<_>>(),
            [ARTIFACT, "s3://ml-models/fraud/code.tar.gz", "bert-base-cased"]
        );
        assert_eq!(artifacts[1].listing, Lookup::Unseen);
        assert_eq!((artifacts[2].listing, artifacts[2].state_at(at(AS_OF)).is_none()), (Lookup::NotNamed, true));
    }

    fn any_entries() -> impl Strategy<Value = Vec<ObjectVersion>> {
        let entry = (0..3_u8, 0..40_i64, any::<bool>());
        prop::collection::vec(entry, 0..12).prop_map(|entries| {
            let entry = |(number, (key, hour, deleted)): (usize, (u8, i64, bool))| {
                let mut entry = version(&format!("k{key}"), &format!("v{number}"), "e", WRITTEN);
                entry.last_modified = at(WRITTEN) + SignedDuration::from_hours(hour);
                entry.delete_marker = deleted;
                entry.is_latest = false;
                entry
            };
            entries.into_iter().enumerate().map(entry).collect()
        })
    }

    proptest! {
        #[test]
        fn the_order_of_entries_does_not_matter(entries in any_entries(), hour in 0..50_i64, turn in 0..12_usize) {
            let instant = at(WRITTEN) + SignedDuration::from_hours(hour);
            let mut turned = entries.clone();
            turned.reverse();
            let by = turn % turned.len().max(1);
            turned.rotate_left(by);
            let location = S3Location { bucket: "b".to_owned(), key: String::new() };
            let a = ObjectListing { location: location.clone(), versions: entries };
            let b = ObjectListing { location, versions: turned };
            prop_assert_eq!(state_at(&a, instant), state_at(&b, instant));
        }

        #[test]
        fn what_is_written_later_never_changes_the_past(entries in any_entries(), hour in 0..50_i64) {
            let instant = at(WRITTEN) + SignedDuration::from_hours(hour);
            let location = S3Location { bucket: "b".to_owned(), key: String::new() };
            let by_then = entries.iter().filter(|entry| entry.last_modified <= instant).cloned().collect();
            let all = ObjectListing { location: location.clone(), versions: entries };
            let past = ObjectListing { location, versions: by_then };
            prop_assert_eq!(state_at(&all, instant), state_at(&past, instant));
            // And between two instants, an object's version only ever gets newer.
            let (before, after) = (state_at(&all, instant), state_at(&all, Timestamp::MAX));
            for (key, entry) in before {
                if let Some(later) = after.get(key) {
                    prop_assert!(later.last_modified >= entry.last_modified);
                }
            }
        }
    }
}
