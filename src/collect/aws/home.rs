//! In which region a bucket lies. S3 refuses a request that was sent to another one and names the right one.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html>

use std::error::Error;
use std::sync::{Mutex, PoisonError};

use aws_sdk_s3::config::{Builder, Region};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use super::engine::{Answer, Failure, Reader};
use crate::collect::ApiCall;

/// The region in which a bucket lies: the one that was asked first, until S3 tells of another.
#[derive(Debug)]
pub(crate) struct Home(Mutex<String>);

impl Home {
    pub(crate) fn new(region: &str) -> Self {
        Self(Mutex::new(region.to_owned()))
    }

    pub(crate) fn region(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What a request has to override. Without a region it would override the client's with none.
    pub(crate) fn settings(&self) -> Builder {
        Builder::new().region(Region::new(self.region()))
    }

    /// Makes a call, and makes it again in the right region if S3 answers that it was the wrong one.
    pub(crate) async fn ask<O, E, F>(
        &self,
        reader: &Reader<'_>,
        call: &ApiCall,
        subject: &str,
        send: impl Fn(Builder) -> F,
    ) -> Result<Answer<O>, Failure>
    where
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
        O: RequestId,
        E: ProvideErrorMetadata + Error + 'static,
    {
        let asked_in = self.region();
        match reader.ask(call, subject, self.noticing(send(self.settings()))).await {
            Err(_) if self.region() != asked_in => reader.ask(call, subject, send(self.settings())).await,
            answered => answered,
        }
    }

    /// Notes the region that S3 names when it refuses a request that was sent to another one.
    pub(crate) async fn noticing<O, E>(
        &self,
        send: impl Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    ) -> Result<O, SdkError<E, HttpResponse>>
    where
        E: ProvideErrorMetadata,
    {
        let answered = send.await;
        if let Err(SdkError::ServiceError(error)) = &answered
            && is_elsewhere(error.raw().status().as_u16(), error.err().code())
        {
            let header = error.raw().headers().get("x-amz-bucket-region");
            let region = header.map(str::to_owned).or_else(|| expected_region(error.err().message()?));
            if let Some(region) = region {
                *self.0.lock().unwrap_or_else(PoisonError::into_inner) = region;
            }
        }
        answered
    }
}

/// Whether an error means "ask in another region".
fn is_elsewhere(status: u16, code: Option<&str>) -> bool {
    const CODES: [&str; 4] = [
        "PermanentRedirect",
        "TemporaryRedirect",
        "AuthorizationHeaderMalformed",
        "IllegalLocationConstraintException",
    ];
    matches!(status, 301 | 307 | 308) || code.is_some_and(|code| CODES.contains(&code))
}

/// The region in `the region 'us-east-1' is wrong; expecting 'eu-west-1'`.
fn expected_region(message: &str) -> Option<String> {
    let (_, after) = message.split_once("expecting '")?;
    let (region, _) = after.split_once('\'')?;
    (!region.is_empty()).then(|| region.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_from_another_region_is_recognised() {
        assert!(is_elsewhere(301, None) && is_elsewhere(400, Some("AuthorizationHeaderMalformed")));
        assert!(!is_elsewhere(403, Some("AccessDenied")) && !is_elsewhere(404, Some("NoSuchBucket")));
        let message = "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'";
        assert_eq!(expected_region(message).as_deref(), Some("eu-west-1"));
        assert_eq!(expected_region("Access Denied"), None);
    }
}
