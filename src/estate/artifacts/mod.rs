//! What a container is made of, and what S3 held at any instant.
//!
//! [`state_at`] reads one listing; [`History`] knows in addition what a listing cannot show, and what earlier runs saw;
//! [`Change`] says what became of a key between two instants; [`End`] when lifecycle rules will take a version away.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Lookup;
use super::index::Index;
use crate::evidence::{
    Container, Fact, ModelData, ObjectListing, ObjectVersion, Package, PackageContainer, S3Location,
};

pub use compare::{Change, Outcome, Proof, objects};
pub use history::{Held, History, Unclear, Weakness};
pub use outlook::{Access, End, EndKind, access_at};
pub use state::state_at;

mod compare;
mod history;
mod outlook;
mod state;

/// One artifact of a container: model data, additional data, or code named in the environment.
#[derive(Clone, Debug)]
pub struct LiveArtifact<'a> {
    /// As stated by the package where there is one, else by the container.
    pub data: &'a ModelData,
    /// What lay there and when; `None` where it is not in S3.
    pub history: Option<History<'a>>,
    /// The manifest that lists the objects of a prefix, where one is named.
    pub manifest: Option<History<'a>>,
}

impl<'a> LiveArtifact<'a> {
    /// Where it lies; `None` where it is not in S3. For a model in a multi-model container, its own object.
    pub fn location(&self) -> Option<&S3Location> {
        self.history.as_ref().map(|history| &history.location)
    }

    /// Its versions. For a model in a multi-model container, the listing of the whole prefix.
    pub fn listing(&self) -> Lookup<&'a Fact<ObjectListing>> {
        self.history.as_ref().map_or(Lookup::NotNamed, |history| history.listing)
    }

    /// `ETag` that the registry recorded, where it did, without quotes.
    pub fn registered_etag(&self) -> Option<&'a str> {
        self.history.as_ref().and_then(|history| history.registered_etag)
    }

    /// Whether it is a set of objects rather than one.
    pub fn is_set(&self) -> bool {
        self.history.as_ref().map_or(self.data.prefix, |history| history.set)
    }

    /// Everything of it that lies in S3: itself, and the manifest of a prefix.
    pub fn histories(&self) -> impl Iterator<Item = &History<'a>> {
        self.history.iter().chain(&self.manifest)
    }

    /// What its newest listing says of an instant, by key; empty if it was not there. `None` if that could not be seen.
    pub fn state_at(&self, at: Timestamp) -> Option<BTreeMap<&'a str, &'a ObjectVersion>> {
        let history = self.history.as_ref()?;
        match history.listing {
            Lookup::Found(listing) => {
                let mut state = state_at(&listing.data, at);
                state.retain(|key, _| history.concerns(key));
                Some(state)
            }
            Lookup::Absent(_) => Some(BTreeMap::new()),
            Lookup::Unseen | Lookup::NotNamed => None,
        }
    }

    /// What a package registers, whether it is live or not.
    pub fn registered(index: &Index<'a>, account: &str, region: &str, data: &'a ModelData) -> Self {
        Self::new(index, account, region, data, true)
    }

    /// [`histories`](Self::histories), for whoever has no further use for the artifact.
    pub fn into_histories(self) -> impl Iterator<Item = History<'a>> {
        self.history.into_iter().chain(self.manifest)
    }

    pub(super) fn new(index: &Index<'a>, account: &str, region: &str, data: &'a ModelData, registered: bool) -> Self {
        let pinned = |etag: &'a Option<String>| etag.as_deref().map(unquoted).filter(|_| registered);
        let history = |uri: &str, prefix: bool, etag| {
            let location = S3Location::parse(uri)?;
            let set = prefix || location.is_prefix();
            Some(History::new(index, account, region, location, set, etag))
        };
        Self {
            data,
            history: history(&data.uri, data.prefix, pinned(&data.etag)),
            manifest: data.manifest.as_deref().and_then(|uri| history(uri, false, pinned(&data.manifest_etag))),
        }
    }
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
    let mut artifacts: Vec<LiveArtifact<'a>> =
        stated.map(|data| LiveArtifact::new(index, account, region, data, true)).collect();
    for data in &container.data {
        let known = artifacts.iter().any(|known| known.data.uri == data.uri);
        if !known {
            artifacts.push(LiveArtifact::new(index, account, region, data, false));
        }
    }
    artifacts
}

/// The containers of a package that a container of a model stands for: those of the inference specification that it
/// names, else of the main one.
pub fn specification<'a>(package: &'a Package, container: &Container) -> &'a [PackageContainer] {
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
    use super::super::fixture::*;
    use super::*;

    #[test]
    fn the_registry_pins_an_etag_without_its_quotes() {
        let fixture = Fixture::sound().edit_named(PACKAGE, |package: &mut Package| {
            package.containers[0].data[0].etag = Some(format!("\"{ETAG}\""));
        });
        let estate = fixture.estate();
        let artifact = &estate.live[0].containers[0].artifacts[0];
        assert_eq!(artifact.registered_etag(), Some(ETAG));
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
        assert_eq!(artifacts[1].listing(), Lookup::Unseen);
        assert_eq!((artifacts[2].listing(), artifacts[2].state_at(at(AS_OF)).is_none()), (Lookup::NotNamed, true));
    }
}
