//! Rules of EventBridge that carry what alarms and SageMaker tell to somebody: an alarm without an action of its own may be
//! heard by one.
//!
//! Only the default bus is read, since AWS's services speak on no other, and of its rules those whose pattern may match one of
//! the two sources.
//!
//! Sources: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRules.html>,
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-content-based-filtering.html>

use aws_sdk_eventbridge::types::{Rule, RuleState};
use serde_json::Value;

use super::engine::{Answer, Reader, token};
use super::text::{required, text};
use crate::collect::{ApiCall, CollectorInfo, Malformed};
use crate::evidence::{CallId, EventRule, FactKind, Hidden, ResourceKey};

const RULES: ApiCall = ApiCall {
    service: "events",
    operation: "ListRules",
    action: "events:ListRules",
    purpose: "which rules carry on what alarms and SageMaker tell",
};

const TARGETS: ApiCall = ApiCall {
    service: "events",
    operation: "ListTargetsByRule",
    action: "events:ListTargetsByRule",
    purpose: "whom such a rule reaches",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "event-rules",
    summary: "reads the rules of EventBridge that listen to alarms or to SageMaker, to say whom they tell",
    yields: &[FactKind::EventRules],
    calls: &[RULES, TARGETS],
};

const ALL: &[Hidden] = &[Hidden::All(FactKind::EventRules)];

/// Who speaks of what serves.
const SOURCES: [&str; 2] = ["aws.cloudwatch", "aws.sagemaker"];

/// Lists the rules of the default bus, and the targets of those that may listen.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let events = &reader.clients().events;
    let mut rules: Vec<(EventRule, CallId)> = Vec::new();
    let listed = reader
        .pages(
            &RULES,
            "rules of the default bus",
            |token| events.list_rules().event_bus_name("default").limit(100).set_next_token(token).send(),
            |Answer { output, call }| {
                for rule in output.rules() {
                    match normalise(rule) {
                        Ok(Some(rule)) => rules.push((rule, call)),
                        Ok(None) => {}
                        Err(malformed) => reader.malformed(&RULES, call, &malformed, ALL),
                    }
                }
                token(output.next_token())
            },
        )
        .await;
    if let Err(failure) = listed {
        reader.gap(failure, ALL);
    }
    reader.each(rules, async |(rule, listed)| targets(reader, rule, listed).await).await;
}

async fn targets(reader: &Reader<'_>, rule: EventRule, listed: CallId) {
    let events = &reader.clients().events;
    let (mut targets, mut seen) = (Vec::new(), vec![listed]);
    let read = reader
        .pages(
            &TARGETS,
            &rule.name,
            |token| {
                let request = events.list_targets_by_rule().event_bus_name("default").rule(&rule.name);
                request.limit(100).set_next_token(token).send()
            },
            |Answer { output, call }| {
                seen.push(call);
                targets.extend(output.targets().iter().map(|target| target.arn().to_owned()));
                token(output.next_token())
            },
        )
        .await;
    match read {
        Ok(_) => reader.record(EventRule { targets: Some(targets), ..rule }, &seen),
        // It was deleted in between.
        Err(failure) if failure.not_found => {
            reader.absent(failure, ResourceKey::new(FactKind::EventRules, &rule.arn));
        }
        Err(failure) => {
            reader.gap(failure, &[Hidden::One(ResourceKey::new(FactKind::EventRules, &rule.arn))]);
            reader.record(rule, &seen);
        }
    }
}

/// A rule that may listen to one of the sources; `None` if it listens to others, or to the clock.
///
/// # Errors
/// If it has no name or ARN.
fn normalise(rule: &Rule) -> Result<Option<EventRule>, Malformed> {
    let name = required("a rule", "Name", rule.name())?;
    let arn = required(&name, "Arn", rule.arn())?;
    let Some(pattern) = text(rule.event_pattern()) else { return Ok(None) };
    if !may_listen(&pattern) {
        return Ok(None);
    }
    let enabled = rule.state() != Some(&RuleState::Disabled);
    Ok(Some(EventRule { name, arn, enabled, pattern: Some(pattern), targets: None }))
}

/// Whether a pattern may match an event of one of the sources. What is not understood may.
fn may_listen(pattern: &str) -> bool {
    let Ok(pattern) = serde_json::from_str::<Value>(pattern) else { return true };
    SOURCES.iter().any(|source| admits(&pattern, source))
}

fn admits(pattern: &Value, source: &str) -> bool {
    let named = pattern.get("source").and_then(Value::as_array);
    let named = named.is_none_or(|matchers| matchers.iter().any(|matcher| matches(matcher, source)));
    let alternatives = pattern.get("$or").and_then(Value::as_array);
    named && alternatives.is_none_or(|all| all.iter().any(|alternative| admits(alternative, source)))
}

fn matches(matcher: &Value, source: &str) -> bool {
    if let Some(exact) = matcher.as_str() {
        return exact == source;
    }
    let word = |name: &str| matcher.get(name).and_then(Value::as_str);
    if let Some(prefix) = word("prefix") {
        return source.starts_with(prefix);
    }
    if let Some(suffix) = word("suffix") {
        return source.ends_with(suffix);
    }
    if let Some(same) = word("equals-ignore-case") {
        return same.eq_ignore_ascii_case(source);
    }
    match matcher.get("anything-but") {
        Some(Value::String(other)) => other != source,
        Some(Value::Array(others)) => !others.iter().any(|other| other == source),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_pattern_listens_unless_its_source_is_another() {
        for (pattern, listens) in [
            (r#"{"source":["aws.cloudwatch"],"detail-type":["CloudWatch Alarm State Change"]}"#, true),
            (r#"{"source":["aws.ec2","aws.sagemaker"]}"#, true),
            (r#"{"source":["aws.ec2"]}"#, false),
            (r#"{"detail-type":["CloudWatch Alarm State Change"]}"#, true),
            (r#"{"source":[{"prefix":"aws."}]}"#, true),
            (r#"{"source":[{"prefix":"com.bank"}]}"#, false),
            (r#"{"source":[{"suffix":".ec2"}]}"#, false),
            (r#"{"source":[{"equals-ignore-case":"AWS.SageMaker"}]}"#, true),
            (r#"{"source":[{"anything-but":"aws.cloudwatch"}]}"#, true),
            (r#"{"source":[{"anything-but":["aws.cloudwatch","aws.sagemaker"]}]}"#, false),
            (r#"{"source":[{"wildcard":"aws.*"}]}"#, true),
            (r#"{"$or":[{"source":["aws.ec2"]},{"source":["aws.cloudwatch"]}]}"#, true),
            (r#"{"$or":[{"source":["aws.ec2"]},{"source":["aws.s3"]}]}"#, false),
            ("not JSON", true),
        ] {
            assert_eq!(may_listen(pattern), listens, "{pattern}");
        }
    }

    #[test]
    fn rules_of_the_clock_are_left_out_and_nameless_ones_malformed() {
        let rule = || Rule::builder().name("n").arn("arn:aws:events:r:1:rule/n");
        assert_eq!(normalise(&rule().schedule_expression("rate(1 day)").build()), Ok(None));
        let read = |state| normalise(&rule().event_pattern("{}").state(state).build()).unwrap().unwrap();
        assert!(read(RuleState::EnabledWithAllCloudtrailManagementEvents).enabled);
        assert!(!read(RuleState::Disabled).enabled);
        normalise(&Rule::builder().name("n").build()).unwrap_err();
    }

    proptest! {
        #[test]
        fn no_pattern_makes_it_panic(pattern in r#"[\[\]{}":,$a-z.-]{0,60}"#) {
            let _: bool = may_listen(&pattern);
        }
    }
}
