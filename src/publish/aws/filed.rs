//! The sinks `folder` and `s3`: the documents of every run, below its date and name, and `latest.json`.
//!
//! Needs `s3:PutObject` on what lies below the prefix, `s3:GetObject` to see that what is there already is the same, and
//! with a key of one's own `kms:GenerateDataKey` and `kms:Decrypt`. It deletes nothing and overwrites nothing but the pointer.

use std::sync::Arc;

use crate::publish::shelf::Edition;
use crate::publish::{Delivering, Publication, Sink, SinkError};
use crate::report::Format;
use crate::store::Store;

/// Documents in a folder or a bucket.
#[derive(Debug)]
pub(super) struct Filed {
    /// As the operator wrote it.
    pub(super) name: String,
    /// Where they lie.
    pub(super) store: Arc<dyn Store>,
    /// Which; empty for those that the run wrote.
    pub(super) formats: Vec<Format>,
}

impl Sink for Filed {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn publish<'a>(&'a self, publication: &'a Publication<'a>) -> Delivering<'a> {
        Box::pin(async move {
            let edition = Edition::of(publication, &self.formats)?;
            let store = Arc::clone(&self.store);
            in_the_background(move || edition.put(&*store)).await
        })
    }
}

/// Runs what waits for a store, whose answers this thread has to go on fetching.
pub(super) async fn in_the_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SinkError> + Send + 'static,
) -> Result<T, SinkError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|stopped| Err(SinkError { message: format!("the work was stopped: {stopped}") }))
}
