//! The SNS topics that alarms, rules of EventBridge and asynchronous endpoints speak to, and who hears them.
//!
//! An alarm is delivered only if the topic's policy and the key that encrypts it let CloudWatch in, and somebody confirmed a
//! subscription. Addresses are shown in part: they may be a
//! person's. What confirms a topic's silence is both its own count and the list of its subscriptions, since each can
//! be denied without the other.
//!
//! Sources: <https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html>,
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html>

pub(super) mod address;
mod keys;

use std::cell::RefCell;
use std::collections::BTreeSet;

use aws_sdk_sns::types::Subscription as SnsSubscription;

use super::engine::{Answer, Failure, Reader, token};
use super::text::text;
use crate::collect::{ApiCall, CollectorInfo, Malformed};
use crate::evidence::{CallId, FactKind, Facts, Hidden, ResourceKey, Subscription, Topic};

const ATTRIBUTES: ApiCall = ApiCall {
    service: "sns",
    operation: "GetTopicAttributes",
    action: "sns:GetTopicAttributes",
    purpose: "whether a topic exists, whom it lets publish, and how many subscriptions it counts",
};

const SUBSCRIPTIONS: ApiCall = ApiCall {
    service: "sns",
    operation: "ListSubscriptionsByTopic",
    action: "sns:ListSubscriptionsByTopic",
    purpose: "whom an alarm reaches",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "topics",
    summary: "reads each topic that an alarm speaks to, its subscriptions and its key, to say whom an alarm reaches",
    yields: &[FactKind::Topics, FactKind::Keys],
    calls: &[ATTRIBUTES, SUBSCRIPTIONS, keys::DESCRIBE, keys::POLICY],
};

/// Reads every topic that the alarms, rules and asynchronous endpoints of the region name, and the keys of those topics.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let topics = reader.facts(|facts| named(facts, reader.account(), reader.region()));
    let encrypting = RefCell::default();
    reader.each(topics, async |arn| topic(reader, &arn, &encrypting).await).await;
    keys::read(reader, encrypting.into_inner()).await;
}

/// ARNs of topics that somebody may hear from: actions on ALARM, actions on missing data (the only ones that tell of
/// silence where an alarm does not treat it as breaching), targets of rules, and error topics of asynchronous endpoints.
fn named(facts: &Facts, account: &str, region: &str) -> BTreeSet<String> {
    let here = |fact_account: &str, fact_region: &str| fact_account == account && fact_region == region;
    let alarms = facts.alarms.iter().filter(|fact| here(&fact.account, &fact.region));
    let actions = alarms.flat_map(|fact| fact.data.alarm_actions.iter().chain(&fact.data.insufficient_data_actions));
    let configs = facts.endpoint_configs.iter().filter(|fact| here(&fact.account, &fact.region));
    let configured = configs.filter_map(|fact| fact.data.async_output.as_ref());
    let endpoints = facts.endpoints.iter().filter(|fact| here(&fact.account, &fact.region));
    let serving = endpoints.filter_map(|fact| fact.data.async_output.as_ref());
    let errors = configured.chain(serving).filter_map(|output| output.error_topic.as_ref());
    let rules = facts.event_rules.iter().filter(|fact| here(&fact.account, &fact.region));
    let targets = rules.flat_map(|fact| fact.data.targets.iter().flatten());
    actions.chain(errors).chain(targets).filter(|arn| is_topic(arn)).cloned().collect()
}

/// Whether an action is `arn:PARTITION:sns:REGION:ACCOUNT:TOPIC`.
fn is_topic(action: &str) -> bool {
    let parts: Vec<&str> = action.split(':').collect();
    matches!(parts.as_slice(), ["arn", _, "sns", _, _, topic] if !topic.is_empty())
}

/// The region in an ARN.
fn region_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(3).filter(|region| !region.is_empty())
}

async fn topic(reader: &Reader<'_>, arn: &str, encrypting: &RefCell<keys::Encrypting>) {
    let key = ResourceKey::new(FactKind::Topics, arn);
    // An action may name a topic elsewhere; SNS knows only those of the region that is asked.
    let elsewhere = region_of(arn)
        .filter(|region| *region != reader.region())
        .map(|region| aws_sdk_sns::config::Builder::new().region(aws_sdk_sns::config::Region::new(region.to_owned())));
    let sns = &reader.clients().sns;
    let attributes = sns.get_topic_attributes().topic_arn(arn).customize();
    let attributes = match elsewhere.clone() {
        Some(region) => attributes.config_override(region),
        None => attributes,
    };
    let (counted, listed) = futures_util::join!(
        reader.ask(&ATTRIBUTES, arn, attributes.send()),
        subscriptions(reader, arn, elsewhere.as_ref()),
    );
    let mut seen = Vec::new();
    let mut topic =
        Topic { arn: arn.to_owned(), confirmed: None, pending: None, subscriptions: None, policy: None, key: None };
    let mut uncounted = None;
    match counted {
        Ok(Answer { output, call }) => {
            let attribute = |name: &str| output.attributes().and_then(|all| all.get(name)).map(String::as_str);
            topic.confirmed = count(attribute("SubscriptionsConfirmed"));
            topic.pending = count(attribute("SubscriptionsPending"));
            topic.policy = text(attribute("Policy"));
            topic.key = text(attribute("KmsMasterKeyId"));
            if let Some(key) = &topic.key {
                encrypting.borrow_mut().add(arn, key, call);
            }
            if topic.confirmed.is_none() {
                let reason = "its attributes do not say how many subscriptions are confirmed".to_owned();
                // The list says all that the counts would.
                reader.malformed(&ATTRIBUTES, call, &Malformed { item: arn.to_owned(), reason }, &[]);
            }
            seen.push(call);
        }
        Err(failure) if failure.not_found => return reader.absent(failure, key),
        Err(failure) => uncounted = Some(failure),
    }
    match listed {
        Ok(Listed { subscriptions, calls, malformed }) => {
            let lost = calls.last().filter(|_| falls_short(topic.confirmed, &subscriptions)).map(|call| {
                let reason = "the topic counts confirmed subscriptions, but the list holds none".to_owned();
                (*call, Malformed { item: arn.to_owned(), reason })
            });
            if let Some((call, malformed)) = malformed.or(lost) {
                reader.malformed(&SUBSCRIPTIONS, call, &malformed, &[Hidden::One(key.clone())]);
            } else {
                topic.subscriptions = Some(subscriptions);
            }
            seen.extend(calls);
        }
        Err(failure) if failure.not_found => return reader.absent(failure, key),
        Err(failure) => reader.gap(failure, &[Hidden::One(key.clone())]),
    }
    if let Some(failure) = uncounted {
        // The list says all that the counts would.
        let hides = if topic.subscriptions.is_some() { vec![] } else { vec![Hidden::One(key)] };
        reader.gap(failure, &hides);
    }
    if !seen.is_empty() {
        reader.record(topic, &seen);
    }
}

/// The subscriptions of a topic, with the calls that showed them.
#[derive(Default)]
struct Listed {
    subscriptions: Vec<Subscription>,
    calls: Vec<CallId>,
    malformed: Option<(CallId, Malformed)>,
}

async fn subscriptions(
    reader: &Reader<'_>,
    arn: &str,
    elsewhere: Option<&aws_sdk_sns::config::Builder>,
) -> Result<Listed, Failure> {
    let mut listed = Listed::default();
    let sns = &reader.clients().sns;
    reader
        .pages(
            &SUBSCRIPTIONS,
            arn,
            |token| {
                let request = sns.list_subscriptions_by_topic().topic_arn(arn).set_next_token(token).customize();
                match elsewhere {
                    Some(region) => request.config_override(region.clone()).send(),
                    None => request.send(),
                }
            },
            |Answer { output, call }| {
                listed.calls.push(call);
                for item in output.subscriptions() {
                    match subscription(item) {
                        Ok(subscription) => listed.subscriptions.push(subscription),
                        Err(malformed) => listed.malformed = Some((call, malformed)),
                    }
                }
                token(output.next_token())
            },
        )
        .await?;
    Ok(listed)
}

/// Whether the list denies what the topic counts. Both lag a little, but "nobody hears it" needs both to say so.
fn falls_short(confirmed: Option<i64>, listed: &[Subscription]) -> bool {
    confirmed.is_some_and(|count| count > 0) && !listed.iter().any(|subscription| subscription.confirmed)
}

/// A count, which SNS writes as text.
fn count(written: Option<&str>) -> Option<i64> {
    written?.trim().parse().ok()
}

/// One subscription.
///
/// # Errors
/// If it has no protocol. Its address may be missing: AWS leaves it out for some protocols of other accounts.
fn subscription(item: &SnsSubscription) -> Result<Subscription, Malformed> {
    let protocol = super::text::required("a subscription", "Protocol", item.protocol())?;
    let shown = address::show(&protocol, item.endpoint().unwrap_or_default());
    Ok(Subscription {
        protocol,
        endpoint: shown.address,
        // Until it is confirmed, and once it is deleted, a word stands in place of the ARN.
        confirmed: item.subscription_arn().is_some_and(|arn| arn.starts_with("arn:")),
        receiver: shown.receiver,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Alarm, AlarmKind, AlarmState, AsyncOutput, EndpointConfig, EventRule, Fact};

    fn item(protocol: &str, endpoint: &str, arn: &str) -> SnsSubscription {
        SnsSubscription::builder().protocol(protocol).endpoint(endpoint).subscription_arn(arn).build()
    }

    #[test]
    fn only_an_arn_confirms_a_subscription() {
        for (arn, confirmed) in [
            ("arn:aws:sns:eu-central-1:111122223333:page:7d1c", true),
            ("PendingConfirmation", false),
            ("Deleted", false),
            ("", false),
        ] {
            let subscription = subscription(&item("email", "maria@bank.example", arn)).unwrap();
            assert_eq!(
                (subscription.confirmed, subscription.endpoint.as_str()),
                (confirmed, "m…@bank.example"),
                "{arn}"
            );
        }
        subscription(&SnsSubscription::builder().endpoint("x").build()).unwrap_err();
    }

    #[test]
    fn counts_are_text_and_may_be_nonsense() {
        assert_eq!(
            (count(Some("3")), count(Some(" 0 ")), count(Some("many")), count(None)),
            (Some(3), Some(0), None, None)
        );
    }

    #[test]
    fn nobody_hears_a_topic_only_if_its_count_agrees() {
        let listed = |arn| vec![subscription(&item("email", "maria@bank.example", arn)).unwrap()];
        assert!(falls_short(Some(1), &[]) && falls_short(Some(1), &listed("PendingConfirmation")));
        assert!(
            !falls_short(Some(0), &[]) && !falls_short(None, &[]) && !falls_short(Some(2), &listed("arn:aws:sns:x"))
        );
    }

    fn fact<T>(region: &str, data: T) -> Fact<T> {
        Fact { account: "111122223333".to_owned(), region: region.to_owned(), seen: vec![], data }
    }

    #[test]
    fn topics_come_from_alarms_rules_and_asynchronous_endpoints_of_the_region() {
        let alarm = |actions: &[&str], silence: &[&str]| Alarm {
            name: "a".to_owned(),
            arn: "arn".to_owned(),
            description: None,
            actions_enabled: true,
            alarm_actions: actions.iter().map(|&s| s.to_owned()).collect(),
            ok_actions: vec!["arn:aws:sns:eu-central-1:111122223333:ok-only".to_owned()],
            insufficient_data_actions: silence.iter().map(|&s| s.to_owned()).collect(),
            state: AlarmState { value: "OK".to_owned(), reason: None, since: None, evaluation: None },
            kind: AlarmKind::Composite {
                rule: "TRUE".to_owned(),
                suppressor: None,
                suppressed_by: None,
                wait_seconds: None,
                extension_seconds: None,
            },
            configured: None,
        };
        let config = EndpointConfig {
            name: "c".to_owned(),
            arn: "arn".to_owned(),
            created: None,
            variants: vec![],
            shadow_variants: vec![],
            async_output: Some(AsyncOutput {
                output: None,
                failures: None,
                success_topic: Some("arn:aws:sns:eu-central-1:111122223333:success".to_owned()),
                error_topic: Some("arn:aws:sns:eu-central-1:111122223333:errors".to_owned()),
            }),
            kms_key: None,
            metric_seconds: None,
        };
        let page = "arn:aws:sns:eu-central-1:444455556666:page";
        let facts = Facts {
            alarms: vec![
                fact(
                    "eu-central-1",
                    alarm(
                        &[page, "arn:aws:lambda:eu-central-1:1:function:f"],
                        &[page, "arn:aws:sns:eu-central-1:1:quiet"],
                    ),
                ),
                fact("us-east-1", alarm(&["arn:aws:sns:us-east-1:1:other"], &[])),
            ],
            endpoint_configs: vec![fact("eu-central-1", config)],
            event_rules: vec![fact(
                "eu-central-1",
                EventRule {
                    name: "r".to_owned(),
                    arn: "arn".to_owned(),
                    enabled: true,
                    pattern: None,
                    targets: Some(vec![
                        "arn:aws:sns:eu-central-1:1:rules".to_owned(),
                        "arn:aws:sqs:eu-central-1:1:queue".to_owned(),
                    ]),
                },
            )],
            ..Facts::default()
        };
        let named: Vec<String> = named(&facts, "111122223333", "eu-central-1").into_iter().collect();
        let (errors, rules) = ("arn:aws:sns:eu-central-1:111122223333:errors", "arn:aws:sns:eu-central-1:1:rules");
        assert_eq!(named, [errors, "arn:aws:sns:eu-central-1:1:quiet", rules, page]);
    }
}
