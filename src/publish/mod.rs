//! Telling others: what a run found goes to the sinks that the operator named.
//!
//! A **sink** is one file: where it sends what, and what it needs to be allowed. It is handed a [`Publication`] and
//! delivers it or says why not; it never ends a run, and no sink hears of another one's failure. That nothing is sent twice
//! is the sink's affair: a repeated run changes nothing.

use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use crate::evidence::CollectStats;
use crate::report::document::Report;

#[cfg(feature = "aws")]
pub mod aws;
pub mod emf;
pub mod events;
pub mod message;
pub mod news;
pub mod plain;
pub mod shelf;
pub mod slack;
pub mod target;
pub mod webhook;

pub use target::{SecretName, Target, TargetError};

/// What is published of one run.
#[derive(Clone, Copy, Debug)]
pub struct Publication<'a> {
    /// The report.
    pub report: &'a Report,
    /// What the collection cost.
    pub stats: &'a CollectStats,
    /// Names the run: letters, digits and hyphens, in the order of time.
    pub run: &'a str,
    /// What made it run.
    pub trigger: &'a Trigger,
    /// The files that were written, the snapshot among them where it was kept.
    pub documents: &'a [PathBuf],
}

/// What made the agent run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// Somebody, or a pipeline, on a command line.
    Command,
    /// A schedule.
    Schedule,
    /// Something that happened in the estate; only what it names was looked at.
    Event {
        /// Id of the event.
        id: String,
        /// Its `detail-type`.
        kind: String,
        /// What it names: ARNs or names.
        names: Vec<String>,
    },
}

/// What became of handing over to one sink.
#[derive(Debug)]
pub struct Published {
    /// The sink.
    pub sink: String,
    /// What it took, or why it did not.
    pub result: Result<Delivery, SinkError>,
}

/// What a sink took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// In plain words, such as ``6 files below `s3://reports/2026/11/23/run-1` ``.
    pub words: String,
}

/// Why a sink did not take what it was handed.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct SinkError {
    /// What was refused, by whom, and what to do.
    pub message: String,
}

/// The answer that a sink gives in time.
pub type Delivering<'a> = Pin<Box<dyn Future<Output = Result<Delivery, SinkError>> + Send + 'a>>;

/// Where a publication goes.
pub trait Sink: fmt::Debug + Send + Sync {
    /// The place as an operator writes it; never a secret.
    fn name(&self) -> String;

    /// Hands it over.
    fn publish<'a>(&'a self, publication: &'a Publication<'a>) -> Delivering<'a>;
}

/// What to tell of a run, and whom.
#[derive(Clone, Debug)]
pub struct Errand {
    /// Names the run.
    pub run: String,
    /// What made it run.
    pub trigger: Trigger,
    /// Whom to tell.
    pub sinks: Vec<Arc<dyn Sink>>,
}

impl Errand {
    /// Hands a run over to every sink, side by side.
    #[cfg(feature = "aws")]
    pub async fn deliver(&self, report: &Report, stats: &CollectStats, documents: &[PathBuf]) -> Vec<Published> {
        let publication = Publication { report, stats, run: &self.run, trigger: &self.trigger, documents };
        let deliveries = self.sinks.iter().map(async |sink| {
            let result = sink.publish(&publication).await;
            Published { sink: sink.name(), result }
        });
        futures_util::future::join_all(deliveries).await
    }
}
