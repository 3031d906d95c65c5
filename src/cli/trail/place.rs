//! Where log files lie, as an operator names it.

use std::path::PathBuf;

use crate::evidence::S3Location;

/// A folder, or a prefix of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A folder.
    Folder(PathBuf),
    /// A bucket, with a prefix or without.
    Bucket(S3Location),
}

/// Reads an argument that names a place.
pub(super) fn argument(text: &str) -> Result<Place, String> {
    let bucket = text.starts_with("s3://").then(|| S3Location::parse(text));
    match bucket {
        Some(Some(place)) => Ok(Place::Bucket(place)),
        None if !text.is_empty() && !text.contains("://") => Ok(Place::Folder(text.into())),
        _ => Err("name a folder, or a bucket like `s3://bucket/prefix`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_or_a_prefix_of_a_bucket() {
        let bucket = |key: &str| Place::Bucket(S3Location { bucket: "logs".into(), key: key.into() });
        assert_eq!(argument("s3://logs"), Ok(bucket("")));
        assert_eq!(argument("s3://logs/a/b/"), Ok(bucket("a/b/")));
        assert_eq!(argument("./logs"), Ok(Place::Folder("./logs".into())));
        for wrong in ["", "s3://", "https://logs"] {
            assert!(argument(wrong).is_err(), "{wrong}");
        }
    }
}
