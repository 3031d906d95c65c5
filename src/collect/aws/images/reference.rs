//! An image's URI, as it names a repository of ECR.
//!
//! Source: <https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html>

use std::fmt;

use aws_sdk_ecr::types::{ImageDetail, ImageIdentifier};

/// Tag that an image without any means.
const LATEST: &str = "latest";

/// What the names of registries end in: of the older form, and of the dual-stack one.
const SUFFIXES: [&str; 4] = ["amazonaws.com", "amazonaws.com.cn", "on.aws", "on.amazonwebservices.com.cn"];

/// A private registry: there is one for each account and region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Registry {
    pub(super) account: String,
    pub(super) region: String,
}

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.region)
    }
}

/// An image in a private registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) registry: Registry,
    pub(super) repository: String,
    pub(super) which: Which,
}

/// Which image of a repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Which {
    /// The one that this tag stands for now.
    Tag(String),
    /// This one, whatever its tags. A tag beside a digest says nothing.
    Digest(String),
}

impl Reference {
    /// Reads `account.dkr.ecr.region.amazonaws.com/name:tag`, also with a digest, and in the forms of FIPS and of
    /// dual-stack endpoints. `None` if it is in no private registry of ECR.
    pub(super) fn parse(uri: &str) -> Option<Self> {
        let (host, path) = uri.split_once('/')?;
        let mut parts = host.split('.');
        let account = parts.next().filter(|it| it.len() == 12 && it.bytes().all(|byte| byte.is_ascii_digit()))?;
        let region = match (parts.next()?, parts.next()?) {
            ("dkr", "ecr" | "ecr-fips") => parts.next()?,
            ("dkr-ecr" | "dkr-ecr-fips", region) => region,
            _ => return None,
        };
        let suffix = parts.collect::<Vec<_>>().join(".");
        if !SUFFIXES.contains(&suffix.as_str()) || !crate::policy::pattern::is_region(region) {
            return None;
        }
        let (name, digest) = path.split_once('@').map_or((path, None), |(name, digest)| (name, Some(digest)));
        // A repository's name holds slashes, but no colon.
        let (repository, tag) = name.split_once(':').map_or((name, LATEST), |(repository, tag)| (repository, tag));
        if repository.is_empty() || tag.is_empty() || digest.is_some_and(str::is_empty) {
            return None;
        }
        let which = digest.map_or_else(|| Which::Tag(tag.to_owned()), |digest| Which::Digest(digest.to_owned()));
        let registry = Registry { account: account.to_owned(), region: region.to_owned() };
        Some(Self { registry, repository: repository.to_owned(), which })
    }
}

impl Which {
    /// As ECR asks for it.
    pub(super) fn identifier(&self) -> ImageIdentifier {
        match self {
            Self::Tag(tag) => ImageIdentifier::builder().image_tag(tag).build(),
            Self::Digest(digest) => ImageIdentifier::builder().image_digest(digest).build(),
        }
    }

    /// Whether an image of the answer is the one that is meant.
    pub(super) fn is(&self, detail: &ImageDetail) -> bool {
        match self {
            Self::Tag(tag) => detail.image_tags().contains(tag),
            Self::Digest(digest) => detail.image_digest() == Some(digest),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn registries_are_found_under_each_of_their_names() {
        for host in [
            "111122223333.dkr.ecr.eu-central-1.amazonaws.com",
            "111122223333.dkr.ecr-fips.eu-central-1.amazonaws.com",
            "111122223333.dkr-ecr.eu-central-1.on.aws",
            "111122223333.dkr-ecr-fips.eu-central-1.on.aws",
        ] {
            let read = Reference::parse(&format!("{host}/serving/churn:7")).expect(host);
            assert_eq!(read.registry.to_string(), "111122223333/eu-central-1", "{host}");
            assert_eq!((read.repository.as_str(), read.which), ("serving/churn", Which::Tag("7".to_owned())));
        }
        let china = Reference::parse("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/churn").unwrap();
        assert_eq!(china.which, Which::Tag("latest".to_owned()), "no tag means the latest");
    }

    #[test]
    fn a_digest_says_more_than_the_tag_beside_it() {
        let host = "111122223333.dkr.ecr.eu-central-1.amazonaws.com";
        for uri in [format!("{host}/churn@sha256:ab"), format!("{host}/churn:7@sha256:ab")] {
            let read = Reference::parse(&uri).unwrap();
            assert_eq!((read.repository.as_str(), read.which), ("churn", Which::Digest("sha256:ab".to_owned())));
        }
    }

    #[test]
    fn what_is_in_no_private_registry_is_left_out() {
        for uri in [
            "",
            "image",
            "public.ecr.aws/docker/library/python:3",
            "docker.io/library/python:3",
            "111122223333.dkr.ecr.eu-central-1.evil.example/churn",
            "111122223333.dkr.ecr.eu-central-1.amazonaws.com.evil.example/churn",
            "111122223333.dkr.ecr.evil/churn",
            "123.dkr.ecr.eu-central-1.amazonaws.com/churn",
            "111122223333.dkr.ecr.eu-central-1.amazonaws.com/",
            "111122223333.dkr.ecr.eu-central-1.amazonaws.com/churn:",
            "111122223333.dkr.ecr.eu-central-1.amazonaws.com/churn@",
        ] {
            assert_eq!(Reference::parse(uri), None, "{uri}");
        }
    }

    proptest! {
        #[test]
        fn no_uri_makes_it_panic(uri in ".{0,80}") {
            drop(Reference::parse(&uri));
        }
    }
}
