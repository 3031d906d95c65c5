//! One loop for every paged operation.

use std::collections::BTreeSet;
use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use super::{Answer, Failure, Reader};
use crate::collect::ApiCall;
use crate::evidence::GapCause;

/// A hundred items a page and half a million items: more is a loop, not an estate.
const MOST_PAGES: u32 = 5_000;

impl Reader<'_> {
    /// Reads every page of a paged operation and returns how many there were.
    ///
    /// `send` makes the request for a token, `read` takes a page's items and returns the next token. A page may be
    /// empty and yet carry a token. Whatever `read` kept before a failure stays kept.
    ///
    /// # Errors
    /// The failure of the page that could not be read, with the number of pages before it; a token that comes again
    /// is a malformed answer.
    pub(crate) async fn pages<O, E, T, F>(
        &self,
        call: &ApiCall,
        subject: &str,
        mut send: impl FnMut(Option<T>) -> F,
        mut read: impl FnMut(Answer<O>) -> Option<T>,
    ) -> Result<u32, Failure>
    where
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
        O: RequestId,
        E: ProvideErrorMetadata + Error + 'static,
        T: Clone + Ord,
    {
        let mut token = None;
        let mut tokens = BTreeSet::new();
        for page in 1..=MOST_PAGES {
            let answer = self
                // Boxed: what one request keeps while it waits would otherwise be part of every collector's state.
                .ask(call, &format!("{subject}, page {page}"), Box::pin(send(token.clone())))
                .await
                .map_err(|failure| Failure { pages_read: page - 1, ..failure })?;
            let Some(next) = read(answer) else { return Ok(page) };
            if !tokens.insert(next.clone()) {
                return Err(self.unreadable(
                    call,
                    subject,
                    page,
                    "a page token came again, so the rest cannot be read",
                ));
            }
            token = Some(next);
        }
        Err(self.unreadable(call, subject, MOST_PAGES, "there was no end to the pages"))
    }

    fn unreadable(&self, call: &ApiCall, subject: &str, pages_read: u32, message: &str) -> Failure {
        Failure {
            call: *call,
            subject: subject.to_owned(),
            cause: GapCause::Malformed,
            code: None,
            message: message.to_owned(),
            pages_read,
            request_id: None,
            at: self.now(),
            not_found: false,
        }
    }
}

/// The next token of an answer; AWS sometimes says "no more" with an empty one.
pub(crate) fn token(next: Option<&str>) -> Option<String> {
    next.filter(|token| !token.is_empty()).map(str::to_owned)
}
