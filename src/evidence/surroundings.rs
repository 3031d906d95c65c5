//! What stands around a model version: the image it runs, the roles that act, the Studio domains they come from.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An image in a container registry.
/// Source: <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// The image as it was asked for: `account.dkr.ecr.region.amazonaws.com/name:tag` or `…@sha256:…`.
    pub uri: String,
    /// `sha256:…` that it stands for now.
    pub digest: String,
    /// When that image was pushed.
    pub pushed: Option<Timestamp>,
    /// Whether the repository lets this tag be moved (of an image named by its digest: any tag); `None` where that was
    /// not read.
    pub tags_mutable: Option<bool>,
    /// Whether the registry has put it into its archive, from which nothing can be pulled until it is restored.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
}

impl Image {
    /// The URI under which an image is kept that was registered with a digest: without its tag, which may stand for
    /// another one by now. `None` where the digest is none (documentation also speaks of an MD5 hash).
    pub fn pinned(image: &str, digest: &str) -> Option<String> {
        let name = image.split_once('@').map_or(image, |(name, _)| name);
        let (host, path) = name.split_once('/')?;
        let repository = path.split_once(':').map_or(path, |(repository, _)| repository);
        digest.starts_with("sha256:").then(|| format!("{host}/{repository}@{digest}"))
    }
}

/// An IAM role that runs or approves something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// ARN, with its path.
    pub arn: String,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Who may assume it, as JSON.
    pub trust_policy: String,
}

/// A domain of SageMaker Studio.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StudioDomain {
    /// Id, such as `d-0a1b2c`.
    pub id: String,
    /// Name.
    pub name: Option<String>,
    /// `USER_PROFILE_NAME` where sessions carry the user's profile as source identity, `DISABLED` where not; `None`
    /// where the domain was not described.
    pub identity_config: Option<String>,
    /// Execution roles that its users share.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub execution_roles: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_pinned_without_its_tag() {
        for image in ["r.example:5000/a/b", "r.example:5000/a/b:7", "r.example:5000/a/b:7@sha256:old"] {
            assert_eq!(Image::pinned(image, "sha256:new").as_deref(), Some("r.example:5000/a/b@sha256:new"));
            assert_eq!(Image::pinned(image, "0cc175b9"), None);
        }
        assert_eq!(Image::pinned("image", "sha256:new"), None);
    }
}
