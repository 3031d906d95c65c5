//! Images of containers: repository, tag and digest, and which one runs.

use super::{LiveContainer, LiveVersion};
use crate::evidence::{DeployedImage, PackageContainer};

/// An image without its tag or digest.
pub fn repository(image: &str) -> &str {
    let name = image.split_once('@').map_or(image, |(name, _)| name);
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => name,
    }
}

/// The digest that an image is pinned to, `sha256:…`.
pub fn digest(image: &str) -> Option<&str> {
    image.split_once('@').map(|(_, digest)| digest)
}

/// The digest that a package states: in the image, else beside it. What is none of an image's digests (the documentation
/// calls the field an MD5 hash) cannot be compared.
pub fn registered_digest(registered: &PackageContainer) -> Option<&str> {
    let stated = registered.image_digest.as_deref().filter(|digest| digest.starts_with("sha256:"));
    registered.image.as_deref().and_then(digest).or(stated)
}

/// The image of a container as it was deployed, with the digest that runs. Batch jobs do not show theirs.
pub fn deployed<'a>(container: &LiveContainer<'_>, live: &LiveVersion<'a>) -> Option<&'a DeployedImage> {
    let of_variant = live.variant.map(|variant| variant.images.as_slice());
    let of_component = || live.component.and_then(|component| component.data.image.as_ref()).map(std::slice::from_ref);
    let deployed = match live.component {
        Some(_) => of_component().or(of_variant),
        None => of_variant,
    };
    match deployed.unwrap_or_default() {
        // One deployed image can only be this container's; several are told apart by what was specified.
        [only] if live.containers.len() == 1 => Some(only),
        several => {
            let image = container.container.image.as_ref()?;
            several.iter().find(|deployed| deployed.specified.as_ref() == Some(image))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_and_digests_are_told_apart() {
        assert_eq!(repository("r:5000/a/b:1@sha256:x"), "r:5000/a/b");
        assert_eq!(repository("r:5000/a/b"), "r:5000/a/b");
        assert_eq!(repository("a"), "a");
        assert_eq!(digest("a@sha256:x"), Some("sha256:x"));
    }
}
