//! The sink `history`: tables of every run in Parquet, in a folder or a bucket.
//!
//! One file a table and run, never overwritten: a run that is published twice changes nothing.

use std::sync::Arc;

use super::filed::in_the_background;
use crate::history;
use crate::publish::shelf::{put_once, written};
use crate::publish::{Delivering, Delivery, Publication, Sink, SinkError};
use crate::store::Store;

/// Tables in a folder or a bucket.
#[derive(Debug)]
pub(super) struct Tables {
    /// As the operator wrote it.
    pub(super) name: String,
    /// Where they lie.
    pub(super) store: Arc<dyn Store>,
}

impl Sink for Tables {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn publish<'a>(&'a self, publication: &'a Publication<'a>) -> Delivering<'a> {
        Box::pin(async move {
            let (mut files, mut added) = (0, 0);
            // One table is in memory at a time.
            for file in history::files(publication.report, publication.run) {
                let file = file.map_err(|error| SinkError { message: error.to_string() })?;
                let store = Arc::clone(&self.store);
                let new = in_the_background(move || put_once(&*store, &file.key, &file.bytes)).await?;
                files += 1;
                added += usize::from(new);
            }
            Ok(Delivery { words: format!("{} below `{}`", written(files, added), self.store.name()) })
        })
    }
}
