//! The settings of a bucket as facts. Of most, AWS says by an error that there are none: an answer that is empty instead
//! lost its content on the way, and is never taken for "none".

use aws_sdk_s3::types::{
    BucketVersioningStatus, DefaultRetention, ObjectLockConfiguration, ObjectLockEnabled,
    PublicAccessBlockConfiguration, ReplicationConfiguration, ReplicationRuleStatus, ServerSideEncryptionConfiguration,
};

use crate::collect::Malformed;
use crate::evidence::{ObjectLock, Versioning};

/// Days of a year in a default retention, which S3 counts in days or in years.
const DAYS_A_YEAR: i32 = 365;

/// A bucket's versioning state; AWS says nothing about one that never had it.
///
/// # Errors
/// If the state is one that this version does not know, or "nothing" although the bucket holds versions: then the
/// answer lost its content on the way.
pub(super) fn versioning(
    bucket: &str,
    status: Option<&BucketVersioningStatus>,
    keeps_versions: bool,
) -> Result<Versioning, Malformed> {
    match status {
        Some(BucketVersioningStatus::Enabled) => Ok(Versioning::Enabled),
        Some(BucketVersioningStatus::Suspended) => Ok(Versioning::Suspended),
        Some(other) => Err(malformed(bucket, &format!("its versioning is `{}`", other.as_str()))),
        None if keeps_versions => Err(malformed(bucket, "its versioning has no state, yet it holds versions")),
        None => Ok(Versioning::Never),
    }
}

/// A bucket's default encryption. That there is none, AWS says by an error.
///
/// # Errors
/// If the answer holds no rule.
pub(super) fn encryption(
    bucket: &str,
    configuration: Option<&ServerSideEncryptionConfiguration>,
) -> Result<String, Malformed> {
    let rules = configuration.map(ServerSideEncryptionConfiguration::rules).unwrap_or_default();
    let default = rules.iter().find_map(|rule| rule.apply_server_side_encryption_by_default());
    let algorithm = default.map(|default| default.sse_algorithm().as_str().to_owned());
    algorithm.ok_or_else(|| malformed(bucket, "its encryption has no rule"))
}

/// Whether a bucket blocks public access in all four ways. That it blocks none, AWS says by an error.
///
/// # Errors
/// If the answer is empty.
pub(super) fn public_access_blocked(
    bucket: &str,
    configuration: Option<&PublicAccessBlockConfiguration>,
) -> Result<bool, Malformed> {
    let settings = configuration.map(|block| {
        [
            block.block_public_acls(),
            block.ignore_public_acls(),
            block.block_public_policy(),
            block.restrict_public_buckets(),
        ]
    });
    let settings = settings
        .filter(|settings| settings.iter().any(Option::is_some))
        .ok_or_else(|| malformed(bucket, "its public access block is empty"))?;
    Ok(settings.iter().all(|setting| *setting == Some(true)))
}

/// What a bucket locks by default.
///
/// # Errors
/// If the answer is empty, or its state is one that this version does not know.
pub(super) fn object_lock(
    bucket: &str,
    configuration: Option<&ObjectLockConfiguration>,
) -> Result<ObjectLock, Malformed> {
    match configuration.and_then(ObjectLockConfiguration::object_lock_enabled) {
        Some(ObjectLockEnabled::Enabled) => {}
        Some(other) => return Err(malformed(bucket, &format!("its Object Lock is `{}`", other.as_str()))),
        None => return Err(malformed(bucket, "its Object Lock configuration is empty")),
    }
    let default = configuration.and_then(|configuration| configuration.rule()?.default_retention());
    let days = |default: &DefaultRetention| {
        default.days().or_else(|| default.years().map(|years| years.saturating_mul(DAYS_A_YEAR)))
    };
    Ok(ObjectLock {
        enabled: true,
        mode: default.and_then(DefaultRetention::mode).map(|mode| mode.as_str().to_owned()),
        days: default.and_then(days),
    })
}

/// A bucket's policy. That there is none, AWS says by an error.
///
/// # Errors
/// If the answer is no JSON object.
pub(super) fn policy(bucket: &str, policy: Option<&str>) -> Result<String, Malformed> {
    let policy = policy.unwrap_or_default();
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(policy) {
        Ok(document) if !document.is_empty() => Ok(policy.to_owned()),
        _ => Err(malformed(bucket, "its policy is no JSON object")),
    }
}

/// Whether any rule by which a bucket replicates is in force.
///
/// # Errors
/// If the answer holds no rule.
pub(super) fn replicates(bucket: &str, configuration: Option<&ReplicationConfiguration>) -> Result<bool, Malformed> {
    let rules = configuration.map(ReplicationConfiguration::rules).unwrap_or_default();
    if rules.is_empty() {
        return Err(malformed(bucket, "its replication has no rule"));
    }
    Ok(rules.iter().any(|rule| *rule.status() == ReplicationRuleStatus::Enabled))
}

pub(super) fn malformed(bucket: &str, reason: &str) -> Malformed {
    Malformed { item: bucket.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::types::{
        Destination, ObjectLockRetentionMode, ObjectLockRule, ReplicationRule, ServerSideEncryption,
        ServerSideEncryptionByDefault, ServerSideEncryptionRule,
    };

    use super::*;

    #[test]
    fn bucket_settings_are_read_and_an_empty_answer_is_no_setting() {
        assert_eq!(versioning("b", None, false), Ok(Versioning::Never));
        versioning("b", None, true).unwrap_err();
        assert_eq!(versioning("b", Some(&BucketVersioningStatus::Suspended), true), Ok(Versioning::Suspended));
        versioning("b", Some(&BucketVersioningStatus::from("Sideways")), true).unwrap_err();

        let default =
            ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::AwsKms).build().unwrap();
        let rule = ServerSideEncryptionRule::builder().apply_server_side_encryption_by_default(default).build();
        let configuration = ServerSideEncryptionConfiguration::builder().rules(rule).build().unwrap();
        assert_eq!(encryption("b", Some(&configuration)).as_deref(), Ok("aws:kms"));
        encryption("b", None).unwrap_err();

        let block = PublicAccessBlockConfiguration::builder().block_public_acls(true).ignore_public_acls(true);
        let block = block.block_public_policy(true);
        assert_eq!(public_access_blocked("b", Some(&block.clone().restrict_public_buckets(true).build())), Ok(true));
        assert_eq!(public_access_blocked("b", Some(&block.build())), Ok(false));
        public_access_blocked("b", None).unwrap_err();
    }

    #[test]
    fn a_lock_is_read_with_what_it_does_by_default() {
        let lock = |retention: Option<DefaultRetention>| {
            let rule = retention.map(|retention| ObjectLockRule::builder().default_retention(retention).build());
            ObjectLockConfiguration::builder().object_lock_enabled(ObjectLockEnabled::Enabled).set_rule(rule).build()
        };
        let read = |configuration| object_lock("b", Some(&configuration)).unwrap();
        assert_eq!(read(lock(None)), ObjectLock { enabled: true, mode: None, days: None });
        let retention = DefaultRetention::builder().mode(ObjectLockRetentionMode::Compliance);
        let locked = read(lock(Some(retention.clone().years(2).build())));
        assert_eq!((locked.mode.as_deref(), locked.days), (Some("COMPLIANCE"), Some(730)));
        assert_eq!(read(lock(Some(retention.days(30).build()))).days, Some(30));
        object_lock("b", None).unwrap_err();
        object_lock("b", Some(&ObjectLockConfiguration::builder().build())).unwrap_err();
    }

    #[test]
    fn a_policy_is_kept_as_it_is_written_and_nothing_else_passes_for_one() {
        let text = r#"{"Version": "2012-10-17", "Statement": []}"#;
        assert_eq!(policy("b", Some(text)).as_deref(), Ok(text));
        for other in [None, Some(""), Some("{}"), Some("[]"), Some("<Policy/>"), Some(r#"{"Version": "2012"#)] {
            policy("b", other).unwrap_err();
        }
    }

    #[test]
    fn only_a_rule_in_force_replicates() {
        let with = |status: &[ReplicationRuleStatus]| {
            let to = Destination::builder().bucket("arn:aws:s3:::copy").build().unwrap();
            let rule = |status: &ReplicationRuleStatus| {
                ReplicationRule::builder().status(status.clone()).destination(to.clone()).build().unwrap()
            };
            let rules = status.iter().map(rule).collect();
            ReplicationConfiguration::builder().role("r").set_rules(Some(rules)).build().unwrap()
        };
        use ReplicationRuleStatus::{Disabled, Enabled};
        assert_eq!(replicates("b", Some(&with(&[Disabled, Enabled]))), Ok(true));
        assert_eq!(replicates("b", Some(&with(&[Disabled]))), Ok(false));
        replicates("b", Some(&with(&[]))).unwrap_err();
        replicates("b", None).unwrap_err();
    }
}
