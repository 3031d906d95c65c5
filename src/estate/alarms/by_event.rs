//! Whom a rule of EventBridge tells when it hears of something, or SageMaker itself by the topic of a queue.

use std::collections::BTreeSet;

use super::topic::{Reach, Sender, reaches, subscribed};
use crate::estate::Lookup;
use crate::estate::arn::Arn;
use crate::estate::index::{Index, Place};
use crate::evidence::CallId;

/// Whom a rule tells.
#[derive(Clone, Debug, Default)]
pub(in crate::estate) struct ToldByEvent {
    /// People, addresses shown in part.
    pub(in crate::estate) reaches: BTreeSet<String>,
    /// What could not be seen and may reach somebody.
    pub(in crate::estate) unseen: BTreeSet<String>,
    /// Why nobody is told, to follow "the rule …".
    pub(in crate::estate) why: String,
    /// The calls that showed it.
    pub(in crate::estate) seen: Vec<CallId>,
}

/// Who is told by what is called in an account and region: topics, response plans and others, by ARN. Where a rule calls them,
/// given by its ARN, policies and keys of topics must let EventBridge; a queue's error topic is its role's affair.
pub(in crate::estate) fn told_by_event<'t>(
    (account, region): Place<'_>,
    rule: Option<&str>,
    targets: impl IntoIterator<Item = &'t str>,
    index: &Index<'_>,
) -> ToldByEvent {
    let mut told = ToldByEvent { why: "calls nothing".to_owned(), ..ToldByEvent::default() };
    for target in targets {
        let all = match Arn::parse(target).map(|arn| arn.service) {
            Some("sns") => match index.topic(account, region, target) {
                Lookup::Found(topic) => {
                    let (told_by_it, of_key) = match rule {
                        Some(rule) => reaches(&topic.data, Sender::rule(rule, (account, region)), index),
                        None => (subscribed(&topic.data), Vec::new()),
                    };
                    told.seen.extend(topic.seen.iter().chain(&of_key));
                    told_by_it
                }
                Lookup::Absent(call) => {
                    told.seen.push(call);
                    told.why = format!("calls topic `{target}`, which does not exist");
                    continue;
                }
                Lookup::Unseen | Lookup::NotNamed => vec![Reach::NotKnown(format!("whom topic `{target}` speaks to"))],
            },
            Some("ssm-incidents") => vec![Reach::People(format!("response plan `{target}`"))],
            // They keep the event; nobody is told.
            Some("logs" | "firehose" | "kinesis") => {
                told.why = format!("calls `{target}`, which only reaches machines");
                continue;
            }
            _ => vec![Reach::NotKnown(format!("what `{target}` does with the event"))],
        };
        for reach in all {
            match reach {
                Reach::People(who) => drop(told.reaches.insert(who)),
                Reach::NotKnown(what) => drop(told.unseen.insert(what)),
                Reach::Nobody(defect) => told.why = defect.words(),
            }
        }
    }
    told
}
