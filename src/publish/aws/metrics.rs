//! The sink `metrics`: CloudWatch metrics as lines on standard output, which is Lambda's log. Needs no permission of its own.

use std::io::Write;

use crate::publish::{Delivering, Delivery, Publication, Sink, SinkError, emf};
use crate::report::words;

/// Standard output.
#[derive(Debug)]
pub(super) struct Metrics;

impl Sink for Metrics {
    fn name(&self) -> String {
        "metrics".to_owned()
    }

    fn publish<'a>(&'a self, publication: &'a Publication<'a>) -> Delivering<'a> {
        Box::pin(async move {
            let documents = emf::documents(publication);
            let lines: Vec<String> = documents.iter().map(|document| format!("{document}\n")).collect();
            // In one piece: no line of anybody else comes between.
            let mut out = std::io::stdout().lock();
            let written = out.write_all(lines.concat().as_bytes()).and_then(|()| out.flush());
            written.map_err(|error| SinkError { message: format!("cannot write to standard output: {error}") })?;
            Ok(Delivery { words: format!("{} of metrics on standard output", words::count(documents.len(), "line")) })
        })
    }
}
