//! The sink `events`: one EventBridge event for each finding that opened, changed or closed.
//!
//! Needs `events:PutEvents` on the bus. An entry that EventBridge could not take is sent again; one that it refuses is told.
//! Source: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>

use std::fmt;
use std::time::Duration;

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_types::DateTime;

use super::failure::failure;
use crate::collect::aws::{Session, reason};
use crate::control::Severity;
use crate::publish::events::{Event, SOURCE, batches, events};
use crate::publish::news::News;
use crate::publish::{Delivering, Delivery, Publication, Sink, SinkError};
use crate::report::words;

/// How often an entry is sent in all.
const ATTEMPTS: u32 = 4;
/// Before the second attempt; twice as long before each further one.
const PAUSE: Duration = Duration::from_millis(250);

/// An event bus.
pub(super) struct Bus {
    /// Name or ARN.
    bus: String,
    least: Severity,
    client: aws_sdk_eventbridge::Client,
}

/// Entries that were not taken, and what was said of the first.
#[derive(Default)]
struct Refused {
    count: usize,
    first: Option<String>,
}

impl Bus {
    /// The bus of this name or ARN; findings below `least` are left out.
    pub(super) fn new(session: &Session, bus: &str, least: Severity) -> Self {
        let region = if bus.starts_with("arn:") { bus.split(':').nth(3) } else { None };
        let settings = session.settings(region.unwrap_or_else(|| session.home()));
        Self { bus: bus.to_owned(), least, client: aws_sdk_eventbridge::Client::new(&settings) }
    }

    async fn send(&self, publication: &Publication<'_>) -> Result<Delivery, SinkError> {
        let news = News::of(publication.report, publication.trigger);
        let all = events(publication, &news, self.least);
        let (total, at) = (all.len(), DateTime::from_secs(publication.report.collected_at.as_second()));
        let mut refused = Refused::default();
        for batch in batches(all) {
            self.put(batch, at, &mut refused).await?;
        }
        if let Some(first) = refused.first {
            let message = format!(
                "{} of {} were not taken by `{}`: {first}; check the bus and its policy",
                words::number(refused.count),
                words::count(total, "event"),
                self.bus
            );
            return Err(SinkError { message });
        }
        let compared = if news.compared { "" } else { "; without an archive every run is the first" };
        Ok(Delivery { words: format!("{}{compared}", words::count(total, "event")) })
    }

    /// Sends one batch, and again what was not taken for want of time.
    async fn put(&self, mut batch: Vec<Event>, at: DateTime, refused: &mut Refused) -> Result<(), SinkError> {
        let mut pause = PAUSE;
        for attempt in 1..=ATTEMPTS {
            let entries: Vec<PutEventsRequestEntry> = batch.iter().map(|event| self.entry(event, at)).collect();
            let answer = self.client.put_events().set_entries(Some(entries)).send().await;
            let answer = answer.map_err(|error| failure("send events to", &self.bus, &reason(&error)))?;
            let mut again = Vec::new();
            // The answers stand in the order of the entries.
            let mut answers = answer.entries().iter();
            for event in batch {
                let Some(answer) = answers.next() else {
                    refused.note("the answer is shorter than the request");
                    continue;
                };
                let Some(code) = answer.error_code() else { continue };
                let passing = code.starts_with("Throttling") || code.starts_with("Internal");
                if passing && attempt < ATTEMPTS {
                    again.push(event);
                } else {
                    refused.note(&format!("{code}: {}", answer.error_message().unwrap_or("no reason given")));
                }
            }
            if again.is_empty() {
                return Ok(());
            }
            batch = again;
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        Ok(())
    }

    fn entry(&self, event: &Event, at: DateTime) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(SOURCE)
            .detail_type(event.detail_type)
            .detail(&event.detail)
            .time(at)
            .set_resources(event.resource.as_ref().map(|arn| vec![arn.clone()]))
            .build()
    }
}

impl Refused {
    fn note(&mut self, words: &str) {
        self.count += 1;
        self.first.get_or_insert_with(|| crate::collect::aws::presentable(words));
    }
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bus({})", self.bus)
    }
}

impl Sink for Bus {
    fn name(&self) -> String {
        format!("events:{}", self.bus)
    }

    fn publish<'a>(&'a self, publication: &'a Publication<'a>) -> Delivering<'a> {
        Box::pin(self.send(publication))
    }
}
