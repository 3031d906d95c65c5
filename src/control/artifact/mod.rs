//! Whether what lies in S3 is still what was approved.

pub(super) mod bucket_versioned;
pub(super) mod registered_etag_matches;
pub(super) mod unchanged_since_approval;

use crate::evidence::ObjectVersion;

/// The version as a reader finds it: key, version id, time.
fn place(version: &ObjectVersion) -> String {
    format!("`{}` version `{}`, written {}", version.key, version.version_id, version.last_modified)
}

/// Whether the registry's or S3's `ETag` may be compared with another: the same form, and not one of parts.
fn comparable(one: &str, two: &str) -> bool {
    plain(one) && plain(two)
}

/// An `ETag` of 32 hexadecimal digits: of an object that was not uploaded in parts.
fn plain(etag: &str) -> bool {
    etag.len() == 32 && etag.bytes().all(|byte| byte.is_ascii_hexdigit())
}
