//! Where an archive lies, as an operator writes it.

use std::fmt;
use std::path::PathBuf;

use crate::evidence::S3Location;

/// A folder, or a prefix of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A folder.
    Folder(PathBuf),
    /// A bucket, with a prefix or without.
    Bucket(S3Location),
}

impl Place {
    /// Reads `s3://bucket/prefix`, or the path of a folder.
    pub fn parse(text: &str) -> Option<Self> {
        if text.starts_with("s3://") {
            return S3Location::parse(text).map(Self::Bucket);
        }
        (!text.trim().is_empty() && !text.contains("://")).then(|| Self::Folder(text.into()))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Bucket(place) => place.fmt(f),
        }
    }
}
