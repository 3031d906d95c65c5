//! A prefix of a bucket as a [`Store`]: what threads that may wait read log files and evidence through.
//!
//! The trait is blocking. A request runs on the runtime of the command that opened the session, which has to go on
//! running meanwhile: a store is used from `spawn_blocking` or from threads below it, never from the runtime's own thread.

use std::collections::BTreeMap;
use std::error::Error;
use std::ops::ControlFlow;
use std::sync::Arc;

use aws_sdk_s3::config::Builder;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::types::EncodingType;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::engine::{Reason, chain, presentable, reason};
use super::home::Home;
use super::session::Session;
use super::text::{decoded, instant};
use crate::collect::Malformed;
use crate::evidence::{DeniedBy, GapCause, S3Location};
use crate::store::{Entry, Object, Store, StoreError, StoreErrorKind, Tag};

/// A prefix of a bucket, read.
#[derive(Clone, Debug)]
pub struct S3Store(Prefix);

impl S3Store {
    /// The objects below `place`, read as `session` by requests on `runtime`. Nothing is asked yet.
    pub fn new(session: &Session, place: &S3Location, runtime: &Handle) -> Self {
        Self(Prefix::new(session, place, runtime))
    }
}

impl Store for S3Store {
    fn name(&self) -> String {
        self.0.name()
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        visit: &mut dyn FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.0.list(prefix, after, visit)
    }

    fn get(&self, key: &str) -> Result<Object, StoreError> {
        self.0.get(key)
    }

    fn put_new(&self, key: &str, _: &[u8]) -> Result<Tag, StoreError> {
        Err(self.0.only_read(key))
    }

    fn replace(&self, key: &str, _: &[u8], _: &Tag) -> Result<Tag, StoreError> {
        Err(self.0.only_read(key))
    }
}

/// A prefix of a bucket: what reading it and writing it have in common.
#[derive(Clone, Debug)]
pub(crate) struct Prefix {
    pub(crate) bucket: String,
    /// Empty, or ends in `/`.
    below: String,
    pub(crate) s3: aws_sdk_s3::Client,
    home: Arc<Home>,
    runtime: Handle,
}

impl Prefix {
    pub(crate) fn new(session: &Session, place: &S3Location, runtime: &Handle) -> Self {
        // S3 tells where the bucket lies if it is not here.
        let region = session.regions().first().map_or("us-east-1", String::as_str);
        let below = if place.is_prefix() { place.key.clone() } else { format!("{}/", place.key) };
        Self {
            bucket: place.bucket.clone(),
            below,
            s3: session.s3(region),
            home: Arc::new(Home::new(region)),
            runtime: runtime.clone(),
        }
    }

    /// `s3://bucket/prefix`, as an operator writes it.
    pub(crate) fn name(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.below).trim_end_matches('/').to_owned()
    }

    /// The key in the bucket of a key in the store.
    pub(crate) fn key(&self, key: &str) -> String {
        format!("{}{key}", self.below)
    }

    /// Makes one request and waits for its answer; asks again where the bucket lies if that is elsewhere.
    ///
    /// # Errors
    /// What S3 said; [`Prefix::error`] makes an error of it.
    pub(crate) fn ask<O, E, F>(&self, send: impl Fn(Builder) -> F) -> Result<O, Reason>
    where
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
        O: RequestId,
        E: ProvideErrorMetadata + Error + 'static,
    {
        self.runtime.block_on(at_home(&self.home, send))
    }

    /// A failure, told in the words of a store.
    pub(crate) fn error(&self, verb: &'static str, key: &str, reason: Reason) -> StoreError {
        let kind = match reason.cause {
            _ if reason.not_found => StoreErrorKind::NotFound,
            GapCause::Denied(_) => StoreErrorKind::Denied,
            GapCause::Throttled => StoreErrorKind::Throttled,
            GapCause::Unreachable => StoreErrorKind::Unreachable,
            _ => StoreErrorKind::Other,
        };
        let message = match reason.cause {
            GapCause::Denied(DeniedBy::Unstated) => reason.message,
            GapCause::Denied(by) => format!("refused by {}: {}", by.words(), reason.message),
            GapCause::Throttled => format!("S3 slowed it down for longer than the retries last: {}", reason.message),
            _ => reason.message,
        };
        StoreError { verb, place: self.place(key), kind, message: message.trim_end_matches('.').to_owned() }
    }

    fn other(&self, verb: &'static str, key: &str, message: &str) -> StoreError {
        StoreError { verb, place: self.place(key), kind: StoreErrorKind::Other, message: message.to_owned() }
    }

    fn only_read(&self, key: &str) -> StoreError {
        self.other("write", key, "what holds log files is only read")
    }

    fn place(&self, key: &str) -> String {
        format!("s3://{}/{}", self.bucket, self.key(key))
    }

    /// As [`Store::get`].
    pub(crate) fn get(&self, key: &str) -> Result<Object, StoreError> {
        let full = self.key(key);
        let send =
            |region| self.s3.get_object().bucket(&self.bucket).key(&full).customize().config_override(region).send();
        let answer = self.ask(send).map_err(|reason| {
            let unsure = matches!(reason.cause, GapCause::Denied(_));
            let error = self.error("read", key, reason);
            let hint = if unsure { "; a denial does not tell whether the object exists" } else { "" };
            StoreError { message: error.message + hint, ..error }
        })?;
        let tag = Tag(answer.e_tag().unwrap_or_default().to_owned());
        let metadata: BTreeMap<String, String> = answer
            .metadata()
            .map(|given| given.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect())
            .unwrap_or_default();
        let body = self.runtime.block_on(answer.body.collect());
        let body = body.map_err(|error| {
            self.other("read", key, &format!("the answer was cut off: {}", presentable(&chain(&error))))
        })?;
        Ok(Object { bytes: body.to_vec(), metadata, tag })
    }

    /// As [`Store::list`].
    pub(crate) fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        visit: &mut dyn FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut last = after.map(str::to_owned);
        let mut coming = Some(self.ask_for_page(prefix, Beginning::After(after.map(|key| self.key(key)))));
        while let Some(page) = coming.take() {
            let page = self.runtime.block_on(page).map_err(|_| self.other("list", prefix, "the run was stopped"))?;
            let page = page.map_err(|reason| self.error("list", prefix, reason))?;
            let (entries, token) =
                self.read_page(&page).map_err(|malformed| self.other("list", prefix, &malformed.to_string()))?;
            // On its way while these entries are visited.
            coming = token.map(|token| self.ask_for_page(prefix, Beginning::Token(token)));
            for entry in entries {
                if last.as_ref().is_some_and(|last| entry.key <= *last) {
                    let message = format!(
                        "`{}` comes after `{}`: keys in no order cannot be read to their end",
                        entry.key,
                        last.unwrap_or_default()
                    );
                    return Err(self.other("list", prefix, &message));
                }
                last = Some(entry.key.clone());
                if visit(entry).is_break() {
                    if let Some(unwanted) = coming {
                        unwanted.abort();
                    }
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn ask_for_page(&self, prefix: &str, begin: Beginning) -> JoinHandle<Result<ListObjectsV2Output, Reason>> {
        let request = self.s3.list_objects_v2().bucket(&self.bucket).prefix(self.key(prefix));
        let request = request.encoding_type(EncodingType::Url);
        let request = match begin {
            Beginning::After(key) => request.set_start_after(key),
            Beginning::Token(token) => request.continuation_token(token),
        };
        let home = Arc::clone(&self.home);
        self.runtime.spawn(async move {
            at_home(&home, |region| request.clone().customize().config_override(region).send()).await
        })
    }

    /// The entries of a page, and the token of the next one.
    ///
    /// # Errors
    /// If an entry lacks its key or size, or the page does not say whether another follows: a listing that was cut off on
    /// its way must not pass for the whole.
    fn read_page(&self, page: &ListObjectsV2Output) -> Result<(Vec<Entry>, Option<String>), Malformed> {
        let malformed = |item: &str, reason: &str| Malformed { item: item.to_owned(), reason: reason.to_owned() };
        let mut entries = Vec::with_capacity(page.contents().len());
        for object in page.contents() {
            let key = object.key().ok_or_else(|| malformed("an object", "`Key` is missing"))?;
            let key = decoded(key, page.encoding_type())?;
            let size = object.size().and_then(|size| u64::try_from(size).ok());
            let size = size.ok_or_else(|| malformed(&key, "`Size` is missing"))?;
            let relative =
                key.strip_prefix(&self.below).ok_or_else(|| malformed(&key, "it is not below the prefix"))?;
            entries.push(Entry { key: relative.to_owned(), size, modified: instant(object.last_modified()) });
        }
        let truncated =
            page.is_truncated().ok_or_else(|| malformed("a page of objects", "`IsTruncated` is missing"))?;
        let token = page.next_continuation_token().filter(|token| !token.is_empty()).map(str::to_owned);
        if truncated && token.is_none() {
            return Err(malformed("a page of objects", "`NextContinuationToken` is missing"));
        }
        Ok((entries, token.filter(|_| truncated)))
    }
}

/// Where a page of a listing begins.
enum Beginning {
    After(Option<String>),
    Token(String),
}

/// Sends a request, and sends it again to the right region if S3 answers that it was the wrong one.
async fn at_home<O, E, F>(home: &Home, send: impl Fn(Builder) -> F) -> Result<O, Reason>
where
    F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    O: RequestId,
    E: ProvideErrorMetadata + Error + 'static,
{
    let asked_in = home.region();
    let answered = match home.noticing(send(home.settings())).await {
        Err(_) if home.region() != asked_in => send(home.settings()).await,
        answered => answered,
    };
    answered.map_err(|error| reason(&error))
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::types::Object as Listed;
    use aws_smithy_types::DateTime;

    use super::*;

    fn prefix(key: &str, runtime: &Handle) -> Prefix {
        let place = S3Location { bucket: "trail-logs".to_owned(), key: key.to_owned() };
        Prefix::new(&Session::offline(), &place, runtime)
    }

    fn reason(cause: GapCause, not_found: bool) -> Reason {
        Reason { cause, code: None, message: "Access Denied.".to_owned(), request_id: None, not_found }
    }

    #[tokio::test]
    async fn keys_are_relative_to_the_prefix() {
        for (key, name, full) in [
            ("", "s3://trail-logs", "AWSLogs/1"),
            ("audit", "s3://trail-logs/audit", "audit/AWSLogs/1"),
            ("audit/", "s3://trail-logs/audit", "audit/AWSLogs/1"),
        ] {
            let prefix = prefix(key, &Handle::current());
            assert_eq!((prefix.name().as_str(), prefix.key("AWSLogs/1").as_str()), (name, full));
        }
    }

    #[tokio::test]
    async fn a_failure_says_where_and_by_what() {
        let prefix = prefix("audit", &Handle::current());
        let error = prefix.error("read", "x", reason(GapCause::Denied(DeniedBy::ServiceControlPolicy), false));
        assert_eq!(error.kind, StoreErrorKind::Denied);
        let words = error.to_string();
        assert!(
            words.starts_with("cannot read `s3://trail-logs/audit/x`: refused by a service control policy"),
            "{words}"
        );
        assert!(words.ends_with("Access Denied"), "{words}");
        assert_eq!(prefix.error("read", "x", reason(GapCause::ServiceError, true)).kind, StoreErrorKind::NotFound);
        assert_eq!(prefix.error("read", "x", reason(GapCause::Throttled, false)).kind, StoreErrorKind::Throttled);
    }

    #[tokio::test]
    async fn a_page_that_was_cut_off_is_no_end() {
        let prefix = prefix("audit", &Handle::current());
        let object = |key: &str| Listed::builder().key(key).size(3).last_modified(DateTime::from_secs(9)).build();
        let page = || ListObjectsV2Output::builder().encoding_type(EncodingType::Url);
        let full = page().contents(object("audit/a+b%2Fc"));
        let (entries, token) =
            prefix.read_page(&full.clone().is_truncated(true).next_continuation_token("t").build()).unwrap();
        assert_eq!((entries[0].key.as_str(), entries[0].size, token.as_deref()), ("a b/c", 3, Some("t")));
        assert_eq!(prefix.read_page(&full.clone().is_truncated(false).build()).unwrap().1, None);
        for (cut, words) in [
            (full.clone().build(), "IsTruncated"),
            (full.is_truncated(true).build(), "NextContinuationToken"),
            (page().contents(object("other/a")).is_truncated(false).build(), "not below"),
            (page().contents(Listed::builder().key("audit/a").build()).is_truncated(false).build(), "Size"),
        ] {
            let error = prefix.read_page(&cut).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
