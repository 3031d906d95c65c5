//! How a bucket of artifacts is set: what protects the objects in it, and what will take them away.
//!
//! Each setting has its own call and fails alone: it then stays open, which hides no other.

use std::error::Error;

use aws_sdk_s3::config::Builder;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use super::{lifecycle, settings};
use crate::collect::aws::engine::{Answer, Reader};
use crate::collect::aws::home::Home;
use crate::collect::{ApiCall, Malformed};
use crate::evidence::{Bucket, CallId, LifecycleRule, ObjectLock, Versioning};

pub(super) const ENCRYPTION: ApiCall = ApiCall {
    service: "s3",
    operation: "GetBucketEncryption",
    action: "s3:GetEncryptionConfiguration",
    purpose: "how a bucket of artifacts is encrypted",
};

pub(super) const PUBLIC_ACCESS: ApiCall = ApiCall {
    service: "s3",
    operation: "GetPublicAccessBlock",
    action: "s3:GetBucketPublicAccessBlock",
    purpose: "whether a bucket of artifacts may become public",
};

pub(super) const LIFECYCLE: ApiCall = ApiCall {
    service: "s3",
    operation: "GetBucketLifecycleConfiguration",
    action: "s3:GetLifecycleConfiguration",
    purpose: "when a rule deletes or archives an approved artifact",
};

pub(super) const OBJECT_LOCK: ApiCall = ApiCall {
    service: "s3",
    operation: "GetObjectLockConfiguration",
    action: "s3:GetBucketObjectLockConfiguration",
    purpose: "whether versions of artifacts are locked against deletion",
};

pub(super) const POLICY: ApiCall = ApiCall {
    service: "s3",
    operation: "GetBucketPolicy",
    action: "s3:GetBucketPolicy",
    purpose: "whether a bucket of artifacts denies writing to all but the release role",
};

pub(super) const REPLICATION: ApiCall = ApiCall {
    service: "s3",
    operation: "GetBucketReplication",
    action: "s3:GetReplicationConfiguration",
    purpose: "whether a bucket of artifacts is copied to another",
};

/// A setting that was read, and the call that showed it.
type Seen<T> = Option<(T, CallId)>;

/// What was read of a bucket besides its versioning.
pub(super) struct Posture {
    encryption: Seen<String>,
    public_access_blocked: Seen<bool>,
    lifecycle: Seen<Vec<LifecycleRule>>,
    object_lock: Seen<ObjectLock>,
    policy: Seen<String>,
    replicates: Seen<bool>,
}

impl Posture {
    /// The bucket with the calls that showed it; none where nothing could be read.
    pub(super) fn with(self, name: &str, versioning: Seen<Versioning>) -> Option<(Bucket, Vec<CallId>)> {
        fn split<T>(setting: Seen<T>, seen: &mut Vec<CallId>) -> Option<T> {
            let (value, call) = setting?;
            seen.push(call);
            Some(value)
        }
        let mut seen = Vec::new();
        let bucket = Bucket {
            name: name.to_owned(),
            versioning: split(versioning, &mut seen),
            encryption: split(self.encryption, &mut seen),
            public_access_blocked: split(self.public_access_blocked, &mut seen),
            lifecycle: split(self.lifecycle, &mut seen),
            object_lock: split(self.object_lock, &mut seen),
            policy: split(self.policy, &mut seen),
            replicates: split(self.replicates, &mut seen),
        };
        (!seen.is_empty()).then_some((bucket, seen))
    }
}

/// Reads every setting at once.
pub(super) async fn read(reader: &Reader<'_>, home: &Home, name: &str) -> Posture {
    let s3 = &reader.clients().s3;
    let bucket = Asked { reader, home, name };
    let (encryption, public_access_blocked, lifecycle, object_lock, policy, replicates) = futures_util::join!(
        bucket.setting(
            &ENCRYPTION,
            ("ServerSideEncryptionConfigurationNotFoundError", "none".to_owned()),
            |region| s3.get_bucket_encryption().bucket(name).customize().config_override(region).send(),
            |answer| settings::encryption(name, answer.server_side_encryption_configuration()),
        ),
        // The account may have a block besides.
        bucket.setting(
            &PUBLIC_ACCESS,
            ("NoSuchPublicAccessBlockConfiguration", false),
            |region| s3.get_public_access_block().bucket(name).customize().config_override(region).send(),
            |answer| settings::public_access_blocked(name, answer.public_access_block_configuration()),
        ),
        bucket.setting(
            &LIFECYCLE,
            ("NoSuchLifecycleConfiguration", Vec::new()),
            |region| s3.get_bucket_lifecycle_configuration().bucket(name).customize().config_override(region).send(),
            |answer| lifecycle::rules(name, answer.rules()),
        ),
        bucket.setting(
            &OBJECT_LOCK,
            ("ObjectLockConfigurationNotFoundError", ObjectLock::default()),
            |region| s3.get_object_lock_configuration().bucket(name).customize().config_override(region).send(),
            |answer| settings::object_lock(name, answer.object_lock_configuration()),
        ),
        bucket.setting(
            &POLICY,
            ("NoSuchBucketPolicy", String::new()),
            |region| s3.get_bucket_policy().bucket(name).customize().config_override(region).send(),
            |answer| settings::policy(name, answer.policy()),
        ),
        bucket.setting(
            &REPLICATION,
            ("ReplicationConfigurationNotFoundError", false),
            |region| s3.get_bucket_replication().bucket(name).customize().config_override(region).send(),
            |answer| settings::replicates(name, answer.replication_configuration()),
        ),
    );
    Posture { encryption, public_access_blocked, lifecycle, object_lock, policy, replicates }
}

/// The bucket that is asked about.
struct Asked<'a, 'r> {
    reader: &'a Reader<'r>,
    home: &'a Home,
    name: &'a str,
}

impl Asked<'_, '_> {
    /// Reads one setting. `unset` is the error by which AWS says that there is none, and what that means.
    async fn setting<O, E, F, T>(
        &self,
        call: &ApiCall,
        unset: (&str, T),
        send: impl Fn(Builder) -> F,
        read: impl FnOnce(&O) -> Result<T, Malformed>,
    ) -> Seen<T>
    where
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
        O: RequestId,
        E: ProvideErrorMetadata + Error + 'static,
    {
        match self.home.ask(self.reader, call, self.name, send).await {
            Ok(Answer { output, call: id }) => match read(&output) {
                Ok(value) => Some((value, id)),
                Err(malformed) => {
                    self.reader.malformed(call, id, &malformed, &[]);
                    None
                }
            },
            Err(failure) if failure.is(unset.0) => Some((unset.1, self.reader.noted(&failure))),
            Err(failure) => {
                self.reader.gap(failure, &[]);
                None
            }
        }
    }
}
