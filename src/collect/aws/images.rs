//! The images that live models run, and those that a rollback would run: which digest stands behind each tag now, when
//! it was pushed, whether it is still there, and whether its tag may be moved.
//!
//! A registry belongs to an account and a region, and the URI of an image names both: an image of another account is
//! asked for in that account's registry, one of another region there. What AWS's own registries deny to strangers hides
//! only the images that it is about.
//!
//! Both calls take many names at once and fail as a whole if one is not there; then each is asked for by itself.
//!
//! Source: <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html>

mod normalise;
mod reference;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecr::config::{Builder, Region};
use aws_sdk_ecr::operation::describe_images::DescribeImagesOutput;
use aws_sdk_ecr::types::Repository;

use super::engine::{Answer, Failure, Reader};
use super::in_use::InUse;
use crate::collect::{ApiCall, CollectorInfo};
use crate::evidence::{CallId, FactKind, Facts, Hidden, Image, ResourceKey};
use reference::{Reference, Registry, Which};

const DESCRIBE: ApiCall = ApiCall {
    service: "ecr",
    operation: "DescribeImages",
    action: "ecr:DescribeImages",
    purpose: "whether a tag still stands for the image that was registered, and whether a rollback would find its image",
};

const DESCRIBE_REPOSITORIES: ApiCall = ApiCall {
    service: "ecr",
    operation: "DescribeRepositories",
    action: "ecr:DescribeRepositories",
    purpose: "whether the tag of an image may be moved to another",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "images",
    summary: "reads the images of live models and of rollback candidates from their registries: digest, age, and whether \
              their tags may be moved",
    yields: &[FactKind::Images],
    calls: &[DESCRIBE, DESCRIBE_REPOSITORIES],
};

/// Names that one call takes.
/// Source: <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html>
const AT_ONCE: usize = 100;

/// The images of one repository, each with its URI.
type Images = Vec<(String, Which)>;

/// Reads each registry that holds an image in use.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let wanted = reader.facts(|facts| wanted(facts, reader.account(), reader.region()));
    let mut registries: BTreeMap<Registry, BTreeMap<String, Images>> = BTreeMap::new();
    for uri in wanted {
        // What lies in no registry of ECR cannot be asked for.
        let Some(Reference { registry, repository, which }) = Reference::parse(&uri) else { continue };
        registries.entry(registry).or_default().entry(repository).or_default().push((uri, which));
    }
    reader.each(registries, async |(registry, repositories)| registry_of(reader, &registry, repositories).await).await;
}

/// URIs of the images that live containers name, and of those that the packages in use registered. Where a package
/// noted a digest, that image is wanted, too: a tag may stand for another one by now.
fn wanted(facts: &Facts, account: &str, region: &str) -> BTreeSet<String> {
    let in_use = InUse::of(facts, account, region);
    let live = in_use.containers.iter().filter_map(|container| container.image.clone());
    let packaged = in_use.packaged().flat_map(|container| {
        let pinned = container.image.as_deref().zip(container.image_digest.as_deref());
        let pinned = pinned.and_then(|(image, digest)| Image::pinned(image, digest));
        container.image.clone().into_iter().chain(pinned)
    });
    live.chain(packaged).collect()
}

fn key(uri: &str) -> ResourceKey {
    ResourceKey::new(FactKind::Images, uri)
}

/// What a request has to override.
fn settings(registry: &Registry) -> Builder {
    Builder::new().region(Region::new(registry.region.clone()))
}

async fn registry_of(reader: &Reader<'_>, registry: &Registry, repositories: BTreeMap<String, Images>) {
    let names: Vec<&String> = repositories.keys().collect();
    let mut known = BTreeMap::new();
    let mut missing = BTreeMap::new();
    for names in names.chunks(AT_ONCE) {
        match describe_repositories(reader, registry, names).await {
            Err(failure) if failure.not_found => {
                for name in names {
                    match describe_repositories(reader, registry, &[*name]).await {
                        Ok(found) => known.extend(found),
                        Err(failure) if failure.not_found => drop(missing.insert((*name).clone(), failure)),
                        Err(failure) => reader.gap(failure, &[]),
                    }
                }
            }
            Ok(found) => known.extend(found),
            // Whether tags may be moved stays open; the images themselves may be seen all the same.
            Err(failure) => reader.gap(failure, &[]),
        }
    }
    reader
        .each(&repositories, async |(name, images)| {
            if let Some(failure) = missing.get(name) {
                for (uri, _) in images {
                    reader.absent(failure.clone(), key(uri));
                }
                return;
            }
            let repository = Asked { reader, registry, name, about: known.get(name) };
            for images in images.chunks(AT_ONCE) {
                repository.read(images).await;
            }
        })
        .await;
}

async fn describe_repositories(
    reader: &Reader<'_>,
    registry: &Registry,
    names: &[&String],
) -> Result<Vec<(String, (Repository, CallId))>, Failure> {
    let names: Vec<String> = names.iter().map(|name| (*name).clone()).collect();
    let subject = match names.as_slice() {
        [name] => format!("{registry}/{name}"),
        names => format!("{} repositories of {registry}", names.len()),
    };
    let request = reader.clients().ecr.describe_repositories().registry_id(&registry.account);
    let request = request.set_repository_names(Some(names)).customize().config_override(settings(registry));
    let Answer { output, call } = reader.ask(&DESCRIBE_REPOSITORIES, &subject, request.send()).await?;
    let repositories = output.repositories.unwrap_or_default().into_iter();
    Ok(repositories.filter_map(|it| Some((it.repository_name.clone()?, (it, call)))).collect())
}

/// The repository that is asked about.
struct Asked<'a, 'r> {
    reader: &'a Reader<'r>,
    registry: &'a Registry,
    name: &'a str,
    about: Option<&'a (Repository, CallId)>,
}

impl Asked<'_, '_> {
    /// Reads images of the repository: all at once, or else one by one.
    async fn read(&self, images: &[(String, Which)]) {
        match self.describe(images).await {
            Ok(answer) => self.record(images, &answer),
            Err(failure) if failure.not_found && images.len() > 1 => {
                self.reader
                    .each(images, async |image| match self.describe(std::slice::from_ref(image)).await {
                        Ok(answer) => self.record(std::slice::from_ref(image), &answer),
                        Err(failure) => self.failed(std::slice::from_ref(image), failure),
                    })
                    .await;
            }
            Err(failure) => self.failed(images, failure),
        }
    }

    async fn describe(&self, images: &[(String, Which)]) -> Result<Answer<DescribeImagesOutput>, Failure> {
        let subject = match images {
            [(uri, _)] => uri.clone(),
            images => format!("{} images of {}/{}", images.len(), self.registry, self.name),
        };
        let request = self.reader.clients().ecr.describe_images().registry_id(&self.registry.account);
        // A tag may be asked for under several URIs.
        let ids: BTreeSet<&Which> = images.iter().map(|(_, which)| which).collect();
        let ids = ids.into_iter().map(Which::identifier).collect();
        let request = request.repository_name(self.name).set_image_ids(Some(ids));
        self.reader.ask(&DESCRIBE, &subject, request.customize().config_override(settings(self.registry)).send()).await
    }

    fn record(&self, images: &[(String, Which)], answer: &Answer<DescribeImagesOutput>) {
        for (uri, which) in images {
            let tags_mutable = self.about.and_then(|(repository, _)| normalise::tags_mutable(repository, which));
            let seen: Vec<CallId> = self.about.map(|(_, call)| *call).into_iter().chain([answer.call]).collect();
            match normalise::image(uri, which, answer.output.image_details(), tags_mutable) {
                Ok(image) => self.reader.record(image, &seen),
                Err(malformed) => {
                    self.reader.malformed(&DESCRIBE, answer.call, &malformed, &[Hidden::One(key(uri))]);
                }
            }
        }
    }

    fn failed(&self, images: &[(String, Which)], failure: Failure) {
        match images {
            [(uri, _)] if failure.not_found => self.reader.absent(failure, key(uri)),
            images => {
                let hides: Vec<Hidden> = images.iter().map(|(uri, _)| Hidden::One(key(uri))).collect();
                self.reader.gap(failure, &hides);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::aws::in_use::samples::{ACCOUNT, REGION, fact, package, serving};
    use crate::evidence::{ApprovalStatus, Container};

    #[test]
    fn images_of_live_containers_and_of_packages_in_use_are_wanted() {
        let registry = format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com");
        let image = |tag: &str| Some(format!("{registry}/churn:{tag}"));
        let versioned = |version: i32, digest: Option<&str>| {
            let mut package = package(version, ApprovalStatus::Approved);
            package.containers[0].image = image(&version.to_string());
            package.containers[0].image_digest = digest.map(str::to_owned);
            fact(package)
        };
        let live = Container { package: Some("churn/4".to_owned()), image: image("live"), ..Container::default() };
        let mut facts = serving("m", live);
        facts.packages = vec![
            versioned(1, None),
            versioned(2, Some("0cc175b9c0f1b6a831c399e269772661")),
            versioned(3, Some("sha256:3")),
            versioned(4, Some("sha256:4")),
        ];
        let names: Vec<String> =
            wanted(&facts, ACCOUNT, REGION).iter().map(|uri| uri.strip_prefix(&registry).unwrap().to_owned()).collect();
        assert_eq!(names, ["/churn:2", "/churn:3", "/churn:4", "/churn:live", "/churn@sha256:3", "/churn@sha256:4"]);
    }
}
