//! Container images, by the digest that runs.

use super::bom::{Component, Hash, version};
use super::reference::{piece, reference};
use super::{Components, visible};
use crate::report::document::{ContainerRow, LiveVersionRow};
use crate::sha256::Sha256;

/// The images that a live version runs in, by `bom-ref`; those that are new are added.
pub(super) fn images<'a>(live: &'a LiveVersionRow, components: &mut Components<'a>) -> Vec<String> {
    let add = |image: &'a str| {
        let reference = reference("image", image);
        components.entry(reference.clone()).or_insert_with_key(|reference| component(reference, image));
        reference
    };
    live.containers.iter().filter_map(name).map(add).collect()
}

/// The same, of images that are components already.
pub(super) fn references(live: &LiveVersionRow) -> Vec<String> {
    live.containers.iter().filter_map(name).map(|image| reference("image", image)).collect()
}

/// The image that runs, else the one that was asked for.
fn name(container: &ContainerRow) -> Option<&str> {
    container.resolved_image.as_deref().or(container.image.as_deref())
}

fn component<'a>(reference: &str, image: &'a str) -> Component<'a> {
    let parts = Parts::of(image);
    let mut component = Component::new("container", Some(reference.to_owned()), visible(parts.name));
    component.properties.say("image", image);
    component.version = parts.digest.or(parts.tag).and_then(version);
    match parts.sha256() {
        Some(hash) => {
            component.purl = parts.purl(hash);
            component.hashes = vec![Hash { alg: "SHA-256", content: hash.to_string() }];
        }
        None => component.properties.unknown("digest of the image that runs"),
    }
    component
}

/// An image's name taken apart: `registry/path/name:tag@digest`.
struct Parts<'a> {
    repository: &'a str,
    name: &'a str,
    tag: Option<&'a str>,
    digest: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(image: &'a str) -> Self {
        let (rest, digest) = image.split_once('@').map_or((image, None), |(rest, digest)| (rest, Some(digest)));
        // A colon before the last slash belongs to the registry's port.
        let (repository, tag) = match rest.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
            _ => (rest, None),
        };
        let name = repository.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(image);
        Self { repository, name, tag, digest }
    }

    fn sha256(&self) -> Option<Sha256> {
        Sha256::from_hex(self.digest?.strip_prefix("sha256:")?)
    }

    /// Source: [purl type `oci`](https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md)
    fn purl(&self, hash: Sha256) -> Option<String> {
        let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-._/:".contains(c));
        let known = self.repository.contains('/') && plain(self.repository);
        known.then(|| {
            let repository = piece(self.repository).replace("%2F", "/");
            format!("pkg:oci/{}@sha256%3A{hash}?repository_url={repository}", piece(&self.name.to_lowercase()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_taken_apart() {
        let hash = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
        let image = format!("registry.example:5000/serving/Fraud@sha256:{hash}");
        let parts = Parts::of(&image);
        assert_eq!((parts.name, parts.tag), ("Fraud", None));
        let purl = format!("pkg:oci/fraud@sha256%3A{hash}?repository_url=registry.example%3A5000/serving/Fraud");
        assert_eq!(parts.purl(parts.sha256().unwrap()), Some(purl));
        let tagged = Parts::of("registry.example:5000/fraud:release");
        assert_eq!((tagged.name, tagged.tag, tagged.sha256()), ("fraud", Some("release"), None));
        assert_eq!(Parts::of("fraud@md5:00").sha256(), None);
        assert_eq!(Parts::of(":/").name, ":/");
    }
}
