//! A prefix of a bucket as a [`Store`] that is written, too: what an archive lies in, and what documents are published to.
//!
//! Every write is conditional (`If-None-Match: *`, `If-Match`), so that of two runs at once one is told that it came
//! second. Encryption is the bucket's default unless a key is named. Versioning and Object Lock are the bucket's as well;
//! where a retention is asked for, each object is written with it.
//!
//! What the writer needs, and `countersign iam-policy --archive` prints: `s3:ListBucket` on the prefix, `s3:GetObject` and
//! `s3:PutObject` on what lies below it, and `s3:PutObjectRetention` where a retention is asked for. It needs no right to
//! delete, and should have none.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>

use std::ops::ControlFlow;
use std::sync::Arc;

use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ObjectLockMode, ServerSideEncryption};
use aws_smithy_types::DateTime;
use jiff::{SignedDuration, Timestamp};
use tokio::runtime::Handle;

use crate::archive::{Closed, Place};
use crate::collect::aws::{Prefix, Session};
use crate::evidence::S3Location;
use crate::policy::ArchiveRules;
use crate::publish::shelf::content_type;
use crate::store::{Entry, Folder, Object, Store, StoreError, StoreErrorKind, Tag};

/// How often S3 may say that another write of the same key is under way.
const CONFLICTS: usize = 5;

/// Object Lock of what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Nobody deletes it before this instant …
    pub until: Timestamp,
    /// … and whether not even those who may bypass governance, nor the root of the account, can.
    pub compliance: bool,
}

/// Opens an archive. One whose role cannot be assumed is closed: the run goes on without it, and says so.
pub async fn open_archive(rules: &ArchiveRules, session: &Session, now: Timestamp) -> Arc<dyn Store> {
    let place = match &rules.location {
        Place::Folder(path) => return Arc::new(Folder::new(path)),
        Place::Bucket(place) => place,
    };
    let until = rules
        .retain_days
        .map(|days| now.checked_add(SignedDuration::from_hours(days.saturating_mul(24))).unwrap_or(Timestamp::MAX));
    let retention = until.map(|until| Retention { until, compliance: rules.compliance });
    let own;
    let writer = match &rules.role_arn {
        None => session,
        Some(role) => match session.as_role(role, rules.external_id.as_deref()).await {
            Ok(assumed) => {
                own = assumed;
                &own
            }
            Err(error) => return Arc::new(Closed { name: rules.location.to_string(), reason: error.to_string() }),
        },
    };
    Arc::new(S3Archive::new(writer, place, &Handle::current(), retention))
}

/// A prefix of a bucket, read and written.
#[derive(Clone, Debug)]
pub struct S3Archive {
    prefix: Prefix,
    retention: Option<Retention>,
    key: Option<String>,
}

impl S3Archive {
    /// The objects below `place`, read and written as `session` by requests on `runtime`. Nothing is asked yet.
    pub fn new(session: &Session, place: &S3Location, runtime: &Handle, retention: Option<Retention>) -> Self {
        Self { prefix: Prefix::new(session, place, runtime), retention, key: None }
    }

    /// The same, encrypting what is written with this KMS key instead of as the bucket does.
    #[must_use]
    pub fn encrypted_with(self, key: Option<String>) -> Self {
        Self { key, ..self }
    }

    /// Writes under a condition; `otherwise` is what it means if that does not hold.
    fn put(
        &self,
        key: &str,
        bytes: &[u8],
        otherwise: StoreErrorKind,
        condition: impl Fn(PutObjectFluentBuilder) -> PutObjectFluentBuilder,
    ) -> Result<Tag, StoreError> {
        let prefix = &self.prefix;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let answer = prefix.ask(|region| {
                let request = prefix.s3.put_object().bucket(&prefix.bucket).key(prefix.key(key));
                let request = self.encrypted(self.locked(condition(request)));
                let request = request.content_type(content_type(key)).body(ByteStream::from(bytes.to_vec()));
                request.customize().config_override(region).send()
            });
            let reason = match answer {
                Ok(answer) => return Ok(Tag(answer.e_tag().unwrap_or_default().to_owned())),
                Err(reason) => reason,
            };
            match reason.code.as_deref() {
                Some("ConditionalRequestConflict") if attempt < CONFLICTS => {}
                // The last: what was to be replaced is gone.
                Some("PreconditionFailed" | "ConditionalRequestConflict" | "NoSuchKey") => {
                    return Err(StoreError { kind: otherwise, ..prefix.error("write", key, reason) });
                }
                _ => return Err(prefix.error("write", key, reason)),
            }
        }
    }

    fn encrypted(&self, request: PutObjectFluentBuilder) -> PutObjectFluentBuilder {
        let Some(key) = &self.key else { return request };
        // One key of the bucket stands for many objects: a hundredth of the requests to KMS.
        request.server_side_encryption(ServerSideEncryption::AwsKms).ssekms_key_id(key).bucket_key_enabled(true)
    }

    fn locked(&self, request: PutObjectFluentBuilder) -> PutObjectFluentBuilder {
        let Some(Retention { until, compliance }) = self.retention else { return request };
        let mode = if compliance { ObjectLockMode::Compliance } else { ObjectLockMode::Governance };
        let until = DateTime::from_secs(until.as_second());
        request.object_lock_mode(mode).object_lock_retain_until_date(until)
    }
}

impl Store for S3Archive {
    fn name(&self) -> String {
        self.prefix.name()
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        visit: &mut dyn FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.prefix.list(prefix, after, visit)
    }

    fn get(&self, key: &str) -> Result<Object, StoreError> {
        self.prefix.get(key)
    }

    fn put_new(&self, key: &str, bytes: &[u8]) -> Result<Tag, StoreError> {
        self.put(key, bytes, StoreErrorKind::Exists, |request| request.if_none_match("*"))
    }

    fn replace(&self, key: &str, bytes: &[u8], read: &Tag) -> Result<Tag, StoreError> {
        self.put(key, bytes, StoreErrorKind::Changed, |request| request.if_match(&read.0))
    }
}
