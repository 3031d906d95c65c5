//! What stands before every sink: whether it is to hear of this run at all, and a sink to which there is no way.

use std::sync::Arc;

use crate::policy::When;
use crate::publish::news::News;
use crate::publish::{Delivering, Delivery, Publication, Sink, SinkError};

/// A sink that hears only of some runs.
#[derive(Debug)]
pub(super) struct Gated {
    /// Of which.
    pub(super) when: When,
    /// The sink.
    pub(super) sink: Arc<dyn Sink>,
}

impl Sink for Gated {
    fn name(&self) -> String {
        self.sink.name()
    }

    fn publish<'a>(&'a self, publication: &'a Publication<'a>) -> Delivering<'a> {
        let (report, when) = (publication.report, self.when);
        let news = News::of(report, publication.trigger);
        if news.is_due(when) {
            return self.sink.publish(publication);
        }
        Box::pin(std::future::ready(Ok(Delivery { words: news.nothing(report, when) })))
    }
}

/// A sink to which there is no way: its role cannot be assumed.
#[derive(Debug)]
pub(super) struct Closed {
    /// As the operator wrote it.
    pub(super) name: String,
    /// Why there is none.
    pub(super) reason: String,
}

impl Sink for Closed {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn publish<'a>(&'a self, _: &'a Publication<'a>) -> Delivering<'a> {
        Box::pin(std::future::ready(Err(SinkError { message: self.reason.clone() })))
    }
}
