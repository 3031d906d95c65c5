//! The sinks `history` and `security-lake`: tables of every run in Parquet, in a folder or a bucket.
//!
//! One file a table and run, never overwritten: a run that is published twice changes nothing.

use std::sync::Arc;

use super::filed::in_the_background;
use crate::history::{self, lake};
use crate::publish::shelf::{put_once, written};
use crate::publish::{Delivering, Delivery, Publication, Sink, SinkError};
use crate::store::Store;

/// What tables hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    /// `countersign.history/1`.
    History,
    /// Findings in OCSF, as Security Lake lays them out.
    Ocsf,
}

/// Tables in a folder or a bucket.
#[derive(Debug)]
pub(super) struct Tables {
    /// As the operator wrote it.
    pub(super) name: String,
    /// What the tables hold.
    pub(super) rows: Rows,
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
            let (report, run) = (publication.report, publication.run);
            let (history, ocsf) = match self.rows {
                Rows::History => (Some(history::files(report, run)), None),
                Rows::Ocsf => (None, Some(lake::files(report, run))),
            };
            for file in history.into_iter().flatten().chain(ocsf.into_iter().flatten()) {
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
