//! The sink `sns`: what changed, in plain text for people and in JSON for machines.
//!
//! One message a run, with the text that each protocol needs: mail gets the plain text, a phone one line, queues, functions
//! and web hooks the JSON. Attributes carry what a subscription filters by: `severity` (the worst of what fails), `verdict`,
//! `gate_changed`, `account`, `trigger` and `run`. A FIFO topic takes each run once; a standard one has no memory.
//!
//! Needs `sns:Publish` on the topic, and with an encrypted topic `kms:GenerateDataKey` and `kms:Decrypt` on its key.
//! Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html>

use std::fmt;

use aws_sdk_sns::types::MessageAttributeValue;

use super::failure::failure;
use crate::collect::aws::{Session, reason};
use crate::publish::message::Message;
use crate::publish::news::News;
use crate::publish::{Delivering, Delivery, Publication, Sink, SinkError};

/// A topic.
pub(super) struct Topic {
    arn: String,
    client: aws_sdk_sns::Client,
}

impl Topic {
    /// The topic of this ARN, published to where it lies.
    pub(super) fn new(session: &Session, arn: &str) -> Self {
        let region = arn.split(':').nth(3).unwrap_or_default();
        Self { arn: arn.to_owned(), client: aws_sdk_sns::Client::new(&session.settings(region)) }
    }

    async fn send(&self, publication: &Publication<'_>) -> Result<Delivery, SinkError> {
        let news = News::of(publication.report, publication.trigger);
        let message = Message::of(publication, &news);
        // The ending of such a name is no file extension: AWS takes it in lower case only.
        let is_fifo = self.arn.rsplit_once('.').is_some_and(|(_, ending)| ending == "fifo");
        let mut request = self
            .client
            .publish()
            .topic_arn(&self.arn)
            .subject(&message.subject)
            .message(message.by_protocol())
            .message_structure("json")
            .set_message_group_id(is_fifo.then(|| "countersign".to_owned()))
            .set_message_deduplication_id(is_fifo.then(|| publication.run.to_owned()));
        for (name, value) in &message.attributes {
            let text = MessageAttributeValue::builder().data_type("String").string_value(value).build();
            let text = text.map_err(|error| SinkError { message: format!("cannot write the message: {error}") })?;
            request = request.message_attributes(*name, text);
        }
        let sent = request.send().await.map_err(|error| failure("publish to", &self.arn, &reason(&error)))?;
        Ok(Delivery { words: format!("message {}: {}", sent.message_id().unwrap_or("without an id"), message.subject) })
    }
}

impl fmt::Debug for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Topic({})", self.arn)
    }
}

impl Sink for Topic {
    fn name(&self) -> String {
        self.arn.clone()
    }

    fn publish<'a>(&'a self, publication: &'a Publication<'a>) -> Delivering<'a> {
        Box::pin(self.send(publication))
    }
}
