//! Whether what lies in S3 is still what was approved.

pub(super) mod approved_bytes_retrievable;
pub(super) mod bucket_versioned;
pub(super) mod bucket_write_protected;
pub(super) mod registered_etag_matches;
pub(super) mod unchanged_since_approval;

mod approved;

use crate::evidence::ObjectVersion;

/// The version as a reader finds it: key, version id, time.
fn place(version: &ObjectVersion) -> String {
    format!("`{}` version `{}`, written {}", version.key, version.version_id, version.last_modified)
}
