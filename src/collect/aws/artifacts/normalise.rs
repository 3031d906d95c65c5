//! Object versions and delete markers as facts.

use std::cmp::Reverse;

use aws_sdk_s3::types::{DeleteMarkerEntry, EncodingType, ObjectVersion as S3Version};

use crate::collect::Malformed;
use crate::collect::aws::text::{decoded, instant, text};
use crate::evidence::{ObjectListing, ObjectVersion, S3Location};

/// One version of an object.
///
/// # Errors
/// If it has no key or no time.
pub(super) fn version(item: &S3Version, encoding: Option<&EncodingType>) -> Result<ObjectVersion, Malformed> {
    let key = key(item.key(), encoding)?;
    Ok(ObjectVersion {
        version_id: version_id(item.version_id()),
        is_latest: item.is_latest().unwrap_or_default(),
        last_modified: instant(item.last_modified()).ok_or_else(|| undated(&key))?,
        delete_marker: false,
        etag: text(item.e_tag()).map(|etag| etag.trim_matches('"').to_owned()),
        size: item.size(),
        storage_class: item.storage_class().map(|class| class.as_str().to_owned()),
        // While a restore is still under way there is no date, and nothing to read yet.
        restored_until: item.restore_status().and_then(|restore| instant(restore.restore_expiry_date())),
        checksum_algorithms: item.checksum_algorithm().iter().map(|algorithm| algorithm.as_str().to_owned()).collect(),
        checksum: None,
        retained_until: None,
        replica: false,
        key,
    })
}

/// One delete marker.
///
/// # Errors
/// As [`version`].
pub(super) fn delete_marker(
    item: &DeleteMarkerEntry,
    encoding: Option<&EncodingType>,
) -> Result<ObjectVersion, Malformed> {
    let key = key(item.key(), encoding)?;
    Ok(ObjectVersion {
        version_id: version_id(item.version_id()),
        is_latest: item.is_latest().unwrap_or_default(),
        last_modified: instant(item.last_modified()).ok_or_else(|| undated(&key))?,
        delete_marker: true,
        etag: None,
        size: None,
        storage_class: None,
        restored_until: None,
        checksum_algorithms: Vec::new(),
        checksum: None,
        retained_until: None,
        replica: false,
        key,
    })
}

/// What was written while a bucket was not versioned has the id `null`; some answers leave it out.
fn version_id(id: Option<&str>) -> String {
    id.filter(|id| !id.is_empty()).unwrap_or("null").to_owned()
}

fn key(key: Option<&str>, encoding: Option<&EncodingType>) -> Result<String, Malformed> {
    let key =
        key.ok_or_else(|| Malformed { item: "an object version".to_owned(), reason: "`Key` is missing".to_owned() })?;
    decoded(key, encoding)
}

fn undated(key: &str) -> Malformed {
    Malformed { item: key.to_owned(), reason: "`LastModified` is missing".to_owned() }
}

/// Everything about one location, newest first for each key. A key matches its namesakes (`model.tar.gz` also lists
/// `model.tar.gz.bak`), so of a single object only entries of exactly this key are kept.
pub(super) fn listing(location: &S3Location, prefix: bool, mut versions: Vec<ObjectVersion>) -> ObjectListing {
    if !prefix {
        versions.retain(|version| version.key == location.key);
    }
    // S3 gives versions and markers apart, each newest first; within one second the latest one leads.
    versions.sort_by(|a, b| {
        let order = |v: &ObjectVersion| (Reverse(v.is_latest), Reverse(v.last_modified));
        a.key.cmp(&b.key).then_with(|| order(a).cmp(&order(b)))
    });
    ObjectListing { location: location.clone(), versions }
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::types::{ChecksumAlgorithm, ObjectVersionStorageClass, RestoreStatus};
    use aws_smithy_types::DateTime;
    use proptest::prelude::*;

    use super::*;

    fn item(key: &str, seconds: i64) -> S3Version {
        S3Version::builder()
            .key(key)
            .version_id(format!("v{seconds}"))
            .e_tag("\"0cc175b9\"")
            .size(7)
            .is_latest(false)
            .last_modified(DateTime::from_secs(seconds))
            .storage_class(ObjectVersionStorageClass::from("GLACIER"))
            .checksum_algorithm(ChecksumAlgorithm::Crc64Nvme)
            .restore_status(RestoreStatus::builder().restore_expiry_date(DateTime::from_secs(9)).build())
            .build()
    }

    fn marker(key: &str, seconds: i64) -> DeleteMarkerEntry {
        DeleteMarkerEntry::builder().key(key).is_latest(true).last_modified(DateTime::from_secs(seconds)).build()
    }

    #[test]
    fn versions_and_markers_are_read() {
        let read = version(&item("k", 5), None).unwrap();
        assert_eq!(
            (read.etag.as_deref(), read.size, read.storage_class.as_deref()),
            (Some("0cc175b9"), Some(7), Some("GLACIER"))
        );
        assert_eq!(read.checksum_algorithms, ["CRC64NVME"]);
        assert_eq!(read.restored_until, Some("1970-01-01T00:00:09Z".parse().unwrap()));
        let read = delete_marker(&marker("k", 6), None).unwrap();
        assert!(read.delete_marker && read.is_latest && read.etag.is_none());
        assert_eq!(read.version_id, "null", "left out by some answers");
        version(&S3Version::builder().key("k").build(), None).unwrap_err();
        delete_marker(&DeleteMarkerEntry::builder().build(), None).unwrap_err();
    }

    #[test]
    fn of_a_key_only_its_own_entries_are_kept_and_of_a_prefix_all() {
        let versions = || -> Vec<ObjectVersion> {
            let given = [item("m.tar.gz", 1), item("m.tar.gz", 3), item("m.tar.gz.bak", 2)];
            let versions = given.iter().map(|item| version(item, None).unwrap());
            versions.chain([delete_marker(&marker("m.tar.gz", 3), None).unwrap()]).collect()
        };
        let location = S3Location { bucket: "b".to_owned(), key: "m.tar.gz".to_owned() };
        let exact = listing(&location, false, versions());
        let ids: Vec<&str> = exact.versions.iter().map(|version| version.version_id.as_str()).collect();
        assert_eq!(ids, ["null", "v3", "v1"], "newest first; the latest leads its second");
        assert_eq!(listing(&location, true, versions()).versions.len(), 4);
    }

    #[test]
    fn keys_are_decoded_when_the_answer_says_so() {
        let url = Some(&EncodingType::Url);
        for (given, key) in [("a+b%2Bc/%C3%BC", "a b+c/ü"), ("100%", "100%"), ("%zz", "%zz"), ("%4", "%4"), ("", "")] {
            assert_eq!(decoded(given, url).unwrap(), key);
            assert_eq!(decoded(given, None).unwrap(), given);
        }
        decoded("%FF", url).unwrap_err();
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(key in ".{0,20}") {
            let encoded: String = key
                .bytes()
                .map(|b| if b.is_ascii_alphanumeric() || b == b'/' { char::from(b).to_string() } else if b == b' ' { "+".to_owned() } else { format!("%{b:02X}") })
                .collect();
            prop_assert_eq!(decoded(&encoded, Some(&EncodingType::Url)).unwrap(), key);
        }
    }
}
