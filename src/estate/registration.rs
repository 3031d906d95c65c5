//! Which registered package a container is.
//!
//! A container that was made from a package names it. One that was made from a raw artifact names none; it is a
//! registered version all the same if exactly one package has the same data, the same content and the same image.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Lookup;
use super::artifacts::{state_at, unquoted};
use super::image::{digest, registered_digest, repository};
use super::index::{Index, place};
use crate::evidence::{
    CallId, Container, DeployedImage, Fact, FactKind, ModelData, Package, PackageContainer, ResourceKey, S3Location,
};

/// How a container is tied to the registry.
#[derive(Clone, Debug)]
pub enum Registration<'a> {
    /// The model names the package.
    Named(&'a Fact<Package>),
    /// The model names no package, but exactly one has the same data, content and image.
    Inferred(&'a Fact<Package>),
    /// A package has the same URL but other content, or content that cannot be compared.
    UrlOnly {
        /// The package.
        package: &'a Fact<Package>,
        /// Whether content or image are known and differ; otherwise there is nothing to compare.
        differs: bool,
    },
    /// Several packages fit.
    Ambiguous(Vec<&'a Fact<Package>>),
    /// The model names a package that could not be read.
    Unseen {
        /// Its ARN or name.
        named: &'a str,
    },
    /// The model names a package that AWS says does not exist.
    Absent {
        /// Its ARN or name.
        named: &'a str,
        /// The call that said so.
        call: CallId,
    },
    /// No package fits, and the registry was read completely.
    None,
    /// No package fits among those that were seen, but not all were.
    Unknown,
}

impl<'a> Registration<'a> {
    /// The package, where there is no doubt about it.
    pub fn package(&self) -> Option<&'a Fact<Package>> {
        match self {
            Self::Named(package) | Self::Inferred(package) => Some(package),
            _ => None,
        }
    }
}

/// Where a container runs, and with which images.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    /// Images of the variant or component with the digests that they were resolved to.
    pub(super) images: &'a [DeployedImage],
}

/// How well a package's container fits what runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// The same URL, but content or image are known to differ.
    Differs,
    /// The same URL, and nothing to compare.
    Undecided,
    /// The same URL, content and image.
    Same,
}

/// Packages by what they are made of.
#[derive(Debug)]
pub(super) struct Registry<'a> {
    partition: &'a str,
    by_data: BTreeMap<String, Vec<Candidate<'a>>>,
    by_etag: BTreeMap<&'a str, Vec<&'a Fact<Package>>>,
}

type Candidate<'a> = (&'a Fact<Package>, &'a PackageContainer);

impl<'a> Registry<'a> {
    /// Indexes the packages of an estate.
    pub(super) fn new(index: &Index<'a>, partition: &'a str) -> Self {
        let mut registry = Self { partition, by_data: BTreeMap::new(), by_etag: BTreeMap::new() };
        for package in index.packages() {
            for container in package.data.containers.iter().chain(package.data.additional.values().flatten()) {
                let main = main_data(&container.data);
                if let Some(etag) = main.and_then(|data| data.etag.as_deref()) {
                    let held = registry.by_etag.entry(unquoted(etag)).or_default();
                    if held.last().is_none_or(|last| last.data.arn != package.data.arn) {
                        held.push(package);
                    }
                }
                let key = data_key(main, container.image.as_deref());
                registry.by_data.entry(key).or_default().push((package, container));
            }
        }
        registry
    }

    /// The package that a container is, as far as that is known.
    pub(super) fn resolve(
        &self,
        index: &Index<'a>,
        setting: Setting<'_>,
        container: &'a Container,
    ) -> Registration<'a> {
        if let Some(named) = &container.package {
            return match self.named(index, setting, named) {
                Lookup::Found(package) => Registration::Named(package),
                Lookup::Absent(call) => Registration::Absent { named, call },
                Lookup::Unseen | Lookup::NotNamed => Registration::Unseen { named },
            };
        }
        let main = main_data(&container.data);
        let etag = main.and_then(|data| current_etag(index, setting, data));
        let key = data_key(main, container.image.as_deref());
        let candidates = self.by_data.get(&key).map_or(&[][..], Vec::as_slice);
        let fits = candidates.iter().map(|(package, registered)| {
            let content = match main {
                Some(_) => same(etag, main_data(&registered.data).and_then(|data| data.etag.as_deref()).map(unquoted)),
                // Without data, the image is all there is.
                None => Some(true),
            };
            let image = same_image(container.image.as_deref(), setting.images, registered, main.is_none());
            let fit = match (content, image) {
                (Some(true), Some(true)) => Fit::Same,
                (Some(false), _) | (_, Some(false)) => Fit::Differs,
                _ => Fit::Undecided,
            };
            (fit, *package)
        });
        choose(setting, fits).unwrap_or_else(|| nothing(index, setting))
    }

    /// The package that one object below the prefix of a multi-model container is. Such objects are copies, so the
    /// content decides and not the place.
    pub(super) fn resolve_object(
        &self,
        index: &Index<'a>,
        setting: Setting<'_>,
        location: &S3Location,
        etag: Option<&str>,
    ) -> Registration<'a> {
        let key = location.to_string();
        let here = self.by_data.get(&key).into_iter().flatten().map(|(package, registered)| {
            let registered = main_data(&registered.data).and_then(|data| data.etag.as_deref()).map(unquoted);
            let fit = match same(etag, registered) {
                Some(true) => Fit::Same,
                Some(false) => Fit::Differs,
                None => Fit::Undecided,
            };
            (fit, *package)
        });
        let copies =
            etag.and_then(|etag| self.by_etag.get(etag)).into_iter().flatten().map(|package| (Fit::Same, *package));
        choose(setting, here.chain(copies)).unwrap_or_else(|| nothing(index, setting))
    }

    /// A package by ARN; by `group/version` or name, in the account and region of the model.
    fn named(&self, index: &Index<'a>, setting: Setting<'_>, named: &str) -> Lookup<&'a Fact<Package>> {
        let Setting { account, region, .. } = setting;
        let written = index.package(account, region, named);
        if written != Lookup::Unseen {
            return written;
        }
        index.package(account, region, &self.arn(setting, named))
    }

    /// ARN of a package that a model names.
    fn arn(&self, setting: Setting<'_>, named: &str) -> String {
        if named.to_lowercase().starts_with("arn:") {
            return named.to_owned();
        }
        format!("arn:{}:sagemaker:{}:{}:model-package/{named}", self.partition, setting.region, setting.account)
    }

    /// The name under which gaps and absences know the package that a model names.
    pub(super) fn key(&self, setting: Setting<'_>, named: &str) -> ResourceKey {
        ResourceKey::new(FactKind::Packages, &self.arn(setting, named))
    }
}

/// The best fit there is, if it is the only one of its kind; a copy that another account registered is no rival of the
/// model's own registry. Of several that are known to differ, the newest stands for
/// all: none of them is what runs.
fn choose<'a>(setting: Setting<'_>, fits: impl Iterator<Item = (Fit, &'a Fact<Package>)>) -> Option<Registration<'a>> {
    let mut by_arn: BTreeMap<&str, (Fit, &'a Fact<Package>)> = BTreeMap::new();
    for (fit, package) in fits {
        let held = by_arn.entry(package.data.arn.as_str()).or_insert((fit, package));
        held.0 = held.0.max(fit);
    }
    let best = by_arn.values().map(|(fit, _)| *fit).max()?;
    let mut packages: Vec<&'a Fact<Package>> =
        by_arn.into_values().filter(|(fit, _)| *fit == best).map(|(_, package)| package).collect();
    let here = |package: &&'a Fact<Package>| place(package) == (setting.account, setting.region);
    if packages.iter().any(here) {
        packages.retain(here);
    }
    packages.sort_by_key(|package| (package.data.created, package.data.version));
    let newest = *packages.last()?;
    Some(match (best, packages.len()) {
        (Fit::Same, 1) => Registration::Inferred(newest),
        (Fit::Undecided, 1) => Registration::UrlOnly { package: newest, differs: false },
        (Fit::Differs, _) => Registration::UrlOnly { package: newest, differs: true },
        _ => Registration::Ambiguous(packages),
    })
}

fn nothing<'a>(index: &Index<'a>, setting: Setting<'_>) -> Registration<'a> {
    if index.listed(setting.account, setting.region, FactKind::Packages) {
        Registration::None
    } else {
        Registration::Unknown
    }
}

fn main_data(data: &[ModelData]) -> Option<&ModelData> {
    data.iter().find(|data| data.role == "model")
}

/// Where the data lies, in one spelling; without data, the image.
fn data_key(main: Option<&ModelData>, image: Option<&str>) -> String {
    match main {
        Some(data) => S3Location::parse(&data.uri).map_or_else(|| data.uri.clone(), |location| location.to_string()),
        None => format!("image:{}", image.map(repository).unwrap_or_default()),
    }
}

/// `ETag` of what lies there now, or the one that SageMaker recorded. Of a prefix, that of its manifest.
fn current_etag<'a>(index: &Index<'a>, setting: Setting<'_>, data: &'a ModelData) -> Option<&'a str> {
    let recorded = data.etag.as_deref().or(data.manifest_etag.as_deref()).map(unquoted);
    recorded.or_else(|| {
        let location = S3Location::parse(&data.uri)?;
        let listing = index.listing(setting.account, setting.region, &location.to_string()).found()?;
        let now = state_at(&listing.data, Timestamp::MAX);
        now.get(location.key.as_str())?.etag.as_deref().map(unquoted)
    })
}

fn same(a: Option<&str>, b: Option<&str>) -> Option<bool> {
    Some(a? == b?)
}

/// Whether two containers run the same image. A tag may have moved, so where `exact` is asked for, only digests count.
fn same_image(
    image: Option<&str>,
    deployed: &[DeployedImage],
    registered: &PackageContainer,
    exact: bool,
) -> Option<bool> {
    let (image, registered_image) = (image?, registered.image.as_deref()?);
    if repository(image) != repository(registered_image) {
        return Some(false);
    }
    let resolved =
        deployed.iter().find(|it| it.specified.as_deref() == Some(image)).and_then(|it| it.resolved.as_deref());
    let runs = digest(image).or_else(|| resolved.and_then(digest));
    let pinned = registered_digest(registered);
    match (runs, pinned) {
        (Some(runs), Some(pinned)) => Some(runs == pinned),
        _ if image == registered_image && !exact => Some(true),
        _ if image == registered_image || runs.is_some() || pinned.is_some() => None,
        _ => Some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;
    use crate::evidence::{Endpoint, Hidden, Model};

    /// A registration in a form that outlives the estate: which kind, and of which versions.
    fn found(fixture: &Fixture) -> (String, Vec<Option<i32>>) {
        let estate = fixture.estate();
        let versions = |packages: &[&Fact<Package>]| packages.iter().map(|package| package.data.version).collect();
        let (kind, packages) = match &estate.live[0].containers[0].registration {
            Registration::Named(package) => ("named", versions(&[package])),
            Registration::Inferred(package) => ("inferred", versions(&[package])),
            Registration::UrlOnly { package, differs: true } => ("differs", versions(&[package])),
            Registration::UrlOnly { package, differs: false } => ("undecided", versions(&[package])),
            Registration::Ambiguous(packages) => ("ambiguous", versions(packages)),
            Registration::Unseen { .. } => ("unseen", vec![]),
            Registration::Absent { .. } => ("absent", vec![]),
            Registration::None => ("none", vec![]),
            Registration::Unknown => ("unknown", vec![]),
        };
        (kind.to_owned(), packages)
    }

    fn is(kind: &str, versions: &[i32]) -> (String, Vec<Option<i32>>) {
        (kind.to_owned(), versions.iter().map(|version| Some(*version)).collect())
    }

    fn raw() -> Fixture {
        made_of(from_artifact(ARTIFACT, None))
    }

    fn made_of(container: Container) -> Fixture {
        Fixture::sound().edit(move |model: &mut Model| model.containers = vec![container.clone()])
    }

    #[test]
    fn a_package_is_named_by_arn_in_any_case_by_version_or_by_name() {
        for name in [PACKAGE, &PACKAGE.to_uppercase(), "fraud/7", "Fraud/7"] {
            assert_eq!(found(&made_of(from_package(name))), is("named", &[7]), "{name}");
        }
        let unversioned = made_of(from_package("scorer")).edit_named(PREVIOUS, |package: &mut Package| {
            package.arn = format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/scorer");
            (package.group, package.version, package.name) = (None, None, Some("scorer".to_owned()));
        });
        assert_eq!(found(&unversioned), ("named".to_owned(), vec![None]));
    }

    #[test]
    fn a_named_package_may_be_missing_or_unread() {
        assert_eq!(found(&Fixture::sound().absent(FactKind::Packages, PACKAGE)), is("absent", &[]));
        assert_eq!(found(&Fixture::sound().hidden(FactKind::Packages, PACKAGE)), is("unseen", &[]));
        let by_name = made_of(from_package("gone")).absent(FactKind::Packages, "gone");
        assert_eq!(found(&by_name), is("absent", &[]));
        let elsewhere = "arn:aws:sagemaker:eu-central-1:999988887777:model-package/fraud/7";
        assert_eq!(found(&made_of(from_package(elsewhere))), is("unseen", &[]));
    }

    #[test]
    fn a_raw_artifact_is_a_version_if_exactly_one_has_its_data_content_and_image() {
        assert_eq!(found(&raw()), is("inferred", &[7]));
        assert_eq!(raw().estate().live[0].approvals.len(), 1);
        let https = format!("https://{BUCKET}.s3.{REGION}.amazonaws.com/fraud/7/model.tar.gz");
        assert_eq!(found(&made_of(from_artifact(&https, Some(ETAG)))), is("inferred", &[7]), "in another spelling");
        let twice = raw().with(package(8, ARTIFACT, ETAG, REGISTERED));
        assert_eq!(found(&twice), is("ambiguous", &[7, 8]));
    }

    #[test]
    fn other_content_under_the_same_url_is_not_the_version() {
        let replaced = raw().edit_named(ARTIFACT, |it: &mut crate::evidence::ObjectListing| {
            it.versions[0].etag = Some("other".to_owned());
        });
        assert_eq!(found(&replaced), is("differs", &[7]));
        let unlisted = raw().hidden(FactKind::Objects, ARTIFACT);
        assert_eq!(found(&unlisted), is("undecided", &[7]));
        let overwritten = replaced.with(package(8, ARTIFACT, "another", "2026-05-20T09:00:00Z"));
        assert_eq!(found(&overwritten), is("differs", &[8]), "the newest stands for all");
        let one_fits = raw().with(package(8, ARTIFACT, "another", "2026-05-20T09:00:00Z"));
        assert_eq!(found(&one_fits), is("inferred", &[7]));
    }

    #[test]
    fn another_image_is_another_version_and_digests_count_more_than_tags() {
        let image = |image: &str| {
            let container = Container { image: Some(image.to_owned()), ..from_artifact(ARTIFACT, None) };
            made_of(container).edit(|endpoint: &mut Endpoint| endpoint.variants[0].images.clear())
        };
        let digest =
            |digit: &str| format!("111122223333.dkr.ecr.eu-central-1.amazonaws.com/serve@sha256:{}", digit.repeat(64));
        assert_eq!(found(&image(&digest("0"))), is("inferred", &[7]));
        assert_eq!(found(&image(&digest("1"))), is("differs", &[7]));
        assert_eq!(found(&image("elsewhere/serve:1.4")), is("differs", &[7]));
        assert_eq!(found(&image("111122223333.dkr.ecr.eu-central-1.amazonaws.com/serve:1.5")), is("undecided", &[7]));
        let moved = raw().edit(|endpoint: &mut Endpoint| {
            endpoint.variants[0].images[0].resolved = Some(format!("{IMAGE}@sha256:{}", "2".repeat(64)));
        });
        assert_eq!(found(&moved), is("differs", &[7]), "the tag was moved to another image");
    }

    #[test]
    fn nothing_fits_only_if_the_registry_was_read() {
        let stray = || made_of(from_artifact("s3://ml-models/stray.tar.gz", None));
        assert_eq!(found(&stray()), is("none", &[]));
        assert_eq!(found(&stray().gap(Hidden::All(FactKind::Packages))), is("unknown", &[]));
        assert_eq!(
            found(&raw().hidden(FactKind::Packages, PACKAGE)),
            is("unknown", &[]),
            "it may be the one that was not read"
        );
        let foreign = "arn:aws:sagemaker:eu-central-1:999988887777:model-package/x/1";
        assert_eq!(found(&stray().hidden(FactKind::Packages, foreign)), is("none", &[]), "another account's registry");
        assert_eq!(found(&made_of(container())), is("none", &[]), "an image alone, which no package has");
    }
}
