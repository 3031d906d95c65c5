//! What S3 says of one version of an object.

use aws_sdk_s3::operation::get_object_attributes::GetObjectAttributesOutput;
use aws_sdk_s3::operation::get_object_retention::GetObjectRetentionOutput;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{ChecksumType, ObjectLockRetention, ReplicationStatus};
use jiff::Timestamp;

use crate::collect::Malformed;
use crate::collect::aws::text::{instant, text};
use crate::evidence::{Checksum, ObjectVersion};

/// The strongest checksum that S3 keeps of it.
///
/// # Errors
/// If the answer is about an object of another size: then it is not about this version.
pub(super) fn checksum(
    version: &ObjectVersion,
    answer: &GetObjectAttributesOutput,
) -> Result<Option<Checksum>, Malformed> {
    let size = answer.object_size().ok_or_else(|| malformed(version, "`ObjectSize` is missing"))?;
    if version.size.is_some_and(|listed| listed != size) {
        return Err(malformed(version, "its size is not the listed one"));
    }
    let Some(given) = answer.checksum() else { return Ok(None) };
    let by_strength = [
        ("SHA512", given.checksum_sha512()),
        ("SHA256", given.checksum_sha256()),
        ("SHA1", given.checksum_sha1()),
        ("MD5", given.checksum_md5()),
        ("XXHASH128", given.checksum_xxhash128()),
        ("XXHASH3", given.checksum_xxhash3()),
        ("XXHASH64", given.checksum_xxhash64()),
        ("CRC64NVME", given.checksum_crc64_nvme()),
        ("CRC32C", given.checksum_crc32_c()),
        ("CRC32", given.checksum_crc32()),
    ];
    let strongest = by_strength.into_iter().find_map(|(algorithm, value)| Some((algorithm, text(value)?)));
    Ok(strongest.map(|(algorithm, value)| Checksum {
        algorithm: algorithm.to_owned(),
        value,
        // One that does not say so may be over the checksums of parts.
        whole: given.checksum_type() == Some(&ChecksumType::FullObject),
    }))
}

/// Whether replication wrote it.
///
/// # Errors
/// If the answer does not even carry the `ETag`: then its headers were lost on the way.
pub(super) fn replica(version: &ObjectVersion, answer: &HeadObjectOutput) -> Result<bool, Malformed> {
    text(answer.e_tag()).ok_or_else(|| malformed(version, "`ETag` is missing"))?;
    Ok(answer.replication_status() == Some(&ReplicationStatus::Replica))
}

/// Until when it is locked.
///
/// # Errors
/// If the answer does not say. That there is no lock, S3 says by an error.
pub(super) fn retained_until(
    version: &ObjectVersion,
    answer: &GetObjectRetentionOutput,
) -> Result<Timestamp, Malformed> {
    instant(answer.retention().and_then(ObjectLockRetention::retain_until_date))
        .ok_or_else(|| malformed(version, "`RetainUntilDate` is missing"))
}

fn malformed(version: &ObjectVersion, reason: &str) -> Malformed {
    Malformed { item: format!("{}, version {}", version.key, version.version_id), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::types::Checksum as S3Checksum;
    use aws_smithy_types::DateTime;

    use super::super::wanted::tests::version;
    use super::*;

    #[test]
    fn the_strongest_checksum_is_taken_and_whether_it_is_over_the_whole() {
        let version = version("v1", "2026-05-01T08:00:00Z", "etag");
        let answer =
            |checksum: S3Checksum| GetObjectAttributesOutput::builder().object_size(7).checksum(checksum).build();
        let both = S3Checksum::builder().checksum_crc64_nvme("crc=").checksum_sha256("sha=");
        let read = |given: S3Checksum| checksum(&version, &answer(given)).unwrap().unwrap();
        let whole = read(both.clone().checksum_type(ChecksumType::FullObject).build());
        assert_eq!((whole.algorithm.as_str(), whole.value.as_str(), whole.whole), ("SHA256", "sha=", true));
        assert!(!read(both.clone().checksum_type(ChecksumType::Composite).build()).whole);
        assert!(!read(both.build()).whole, "it does not say");
        assert_eq!(checksum(&version, &answer(S3Checksum::builder().build())), Ok(None));

        let none = GetObjectAttributesOutput::builder();
        assert_eq!(checksum(&version, &none.clone().object_size(7).build()), Ok(None));
        checksum(&version, &none.clone().build()).unwrap_err();
        checksum(&version, &none.object_size(8).build()).unwrap_err();
    }

    #[test]
    fn a_replica_is_told_from_an_original_that_is_replicated() {
        let version = version("v1", "2026-05-01T08:00:00Z", "etag");
        let head = HeadObjectOutput::builder().e_tag("\"etag\"");
        assert_eq!(replica(&version, &head.clone().build()), Ok(false));
        for (status, is_replica) in [(ReplicationStatus::Replica, true), (ReplicationStatus::Completed, false)] {
            assert_eq!(replica(&version, &head.clone().replication_status(status).build()), Ok(is_replica));
        }
        replica(&version, &HeadObjectOutput::builder().build()).unwrap_err();
    }

    #[test]
    fn a_lock_says_until_when() {
        let version = version("v1", "2026-05-01T08:00:00Z", "etag");
        let retention = ObjectLockRetention::builder();
        let answer = |retention| GetObjectRetentionOutput::builder().retention(retention).build();
        let until =
            retained_until(&version, &answer(retention.clone().retain_until_date(DateTime::from_secs(9)).build()));
        assert_eq!(until, Ok("1970-01-01T00:00:09Z".parse().unwrap()));
        retained_until(&version, &answer(retention.build())).unwrap_err();
        retained_until(&version, &GetObjectRetentionOutput::builder().build()).unwrap_err();
    }
}
