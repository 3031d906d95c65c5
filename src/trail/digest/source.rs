//! Where a trail's files lie, and how the places that digests name lead there.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::store::{Object, Store, StoreError};

/// The folder below which every trail delivers.
pub(super) const ROOT: &str = "AWSLogs/";

/// What S3 keeps beside a digest, where a digest was copied into a folder.
const SIDECAR: &str = ".metadata.json";

/// A store whose root is the place that a trail delivers to: the bucket with the trail's prefix, or a copy of it in a folder.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    store: &'a dyn Store,
    /// Bucket and prefix (ending in `/`, or empty). A folder does not know where its files came from.
    home: Option<(String, String)>,
}

impl<'a> Source<'a> {
    /// The files below a store.
    pub fn new(store: &'a dyn Store) -> Self {
        let name = store.name();
        let home = name.strip_prefix("s3://").map(|place| {
            let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
            let prefix = prefix.trim_end_matches('/');
            (bucket.to_owned(), if prefix.is_empty() { String::new() } else { format!("{prefix}/") })
        });
        Self { store, home }
    }

    /// The store.
    pub fn store(&self) -> &'a dyn Store {
        self.store
    }

    /// A key as an operator would look for it.
    pub fn place(&self, key: &str) -> String {
        match &self.home {
            _ if is_elsewhere(key) => key.to_owned(),
            Some((bucket, prefix)) => format!("s3://{bucket}/{prefix}{key}"),
            None => format!("{}/{key}", self.store.name().trim_end_matches('/')),
        }
    }

    /// Whether what lies at a key says of itself that it lies there.
    pub(super) fn is(&self, key: &str, bucket: &str, object: &str) -> bool {
        match &self.home {
            Some((home, prefix)) => home == bucket && object.strip_prefix(prefix.as_str()) == Some(key),
            None => object.strip_suffix(key).is_some_and(|before| before.is_empty() || before.ends_with('/')),
        }
    }

    /// The key of an object that a digest names; none if it lies elsewhere.
    pub(super) fn key(&self, bucket: &str, object: &str) -> Option<String> {
        match &self.home {
            Some((home, prefix)) if home == bucket => object.strip_prefix(prefix.as_str()).map(str::to_owned),
            Some(_) => None,
            None => {
                let mut at = object.rmatch_indices(ROOT).map(|(at, _)| at);
                let begins = |at: &usize| *at == 0 || object.get(..*at).is_some_and(|before| before.ends_with('/'));
                at.find(begins).and_then(|at| object.get(at..)).map(str::to_owned)
            }
        }
    }

    /// Reads an object with its metadata. `None` for metadata means that nothing keeps them: a folder without a sidecar.
    pub(super) fn get(&self, key: &str) -> Result<(Object, Option<BTreeMap<String, String>>), StoreError> {
        let mut object = self.store.get(key)?;
        let metadata = std::mem::take(&mut object.metadata);
        if self.home.is_some() || !metadata.is_empty() {
            return Ok((object, Some(metadata)));
        }
        let sidecar = self.store.get(&format!("{key}{SIDECAR}")).ok();
        let head = sidecar.and_then(|sidecar| serde_json::from_slice::<Head>(&sidecar.bytes).ok());
        Ok((object, head.map(|head| head.metadata)))
    }
}

/// Stands for the key of an object that lies in another bucket, or above the prefix.
pub(super) fn elsewhere(bucket: &str, object: &str) -> String {
    format!("s3://{bucket}/{object}")
}

/// Whether it stands for such an object.
pub(super) fn is_elsewhere(key: &str) -> bool {
    key.starts_with("s3://")
}

/// What `aws s3api head-object` prints.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "Metadata")]
    metadata: BTreeMap<String, String>,
}
