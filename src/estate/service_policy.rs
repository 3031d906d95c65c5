//! Whether a policy on a resource lets a service of AWS act on it: CloudWatch publish to a topic, or use its key.
//!
//! A deny that applies wins over every allow. What is not understood makes the answer unclear where it could decide.
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use serde_json::{Map, Value};
use wildmatch::WildMatch;

/// The answer of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Allowed {
    /// It allows all that was asked.
    Yes,
    /// It does not.
    No,
    /// A statement that may decide is not understood; why.
    Unclear(String),
}

/// A call that a service makes on somebody's behalf.
#[derive(Clone, Copy, Debug)]
pub(super) struct ServiceCall<'c> {
    /// Service principal, such as `cloudwatch.amazonaws.com`.
    pub(super) service: &'c str,
    /// Action, such as `sns:Publish`.
    pub(super) action: &'c str,
    /// ARN of what it acts on; `*` in the policy of a key stands for the key.
    pub(super) resource: &'c str,
    /// What is known of the call: condition keys in lower case, with their values. Of other keys it is not known whether
    /// they are there.
    pub(super) context: &'c [(&'c str, &'c str)],
    /// Whether a grant to everybody reaches the service, as the default policy of a topic does for CloudWatch.
    pub(super) as_everybody: bool,
}

/// Condition keys that no call of a service carries: they are about principals of an account, or about networks.
const NEVER_THERE: [&str; 9] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:userid",
    "aws:username",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:multifactorauthpresent",
];

/// Reads what a policy says about a call.
pub(super) fn allows(policy: &str, call: &ServiceCall<'_>) -> Allowed {
    let Ok(document) = serde_json::from_str::<Value>(policy) else {
        return Allowed::Unclear("the policy is not JSON".to_owned());
    };
    let (mut allowed, mut unclear) = (false, None);
    for statement in list(document.get("Statement")) {
        let denies = statement.get("Effect").and_then(Value::as_str) == Some("Deny");
        match applies(statement, call) {
            Ok(true) if denies => return Allowed::No,
            Ok(true) => allowed |= statement.get("Effect").and_then(Value::as_str) == Some("Allow"),
            Ok(false) => {}
            // An allow that is not understood cannot take away what another one gives.
            Err(why) => unclear = unclear.or(Some((denies, why))),
        }
    }
    match (allowed, unclear) {
        (true, Some((true, why))) | (false, Some((_, why))) => Allowed::Unclear(why),
        (true, _) => Allowed::Yes,
        (false, None) => Allowed::No,
    }
}

/// Whether a statement is about the call, or why that is not understood.
fn applies(statement: &Value, call: &ServiceCall<'_>) -> Result<bool, String> {
    let name = statement.get("Sid").and_then(Value::as_str).unwrap_or("without a name");
    if !names(statement, "Action", |it| WildMatch::new_case_insensitive(it).matches(call.action)) {
        return Ok(false);
    }
    let any = |it: &str| it == "*" || WildMatch::new(it).matches(call.resource);
    if (statement.get("Resource").is_some() || statement.get("NotResource").is_some())
        && !names(statement, "Resource", any)
    {
        return Ok(false);
    }
    let Some(principal) = statement.get("Principal") else {
        return Err(format!("statement `{name}` names those whom it is not about"));
    };
    let service = texts(principal.get("Service")).any(|it| it == call.service || it == "*");
    let everybody = principal.as_str() == Some("*") || texts(principal.get("AWS")).any(|it| it == "*");
    let denies = statement.get("Effect").and_then(Value::as_str) == Some("Deny");
    if !service && !(everybody && (denies || call.as_everybody)) {
        return Ok(false);
    }
    let none = Map::new();
    let conditions = statement.get("Condition").and_then(Value::as_object).unwrap_or(&none);
    for (operator, keys) in conditions {
        for (key, values) in keys.as_object().into_iter().flatten() {
            match holds(operator, &key.to_lowercase(), values, call) {
                Some(true) => {}
                Some(false) => return Ok(false),
                None => {
                    return Err(format!(
                        "the condition `{operator}` on `{key}` of statement `{name}` is not understood"
                    ));
                }
            }
        }
    }
    Ok(true)
}

/// Whether a member or its negation covers what is asked.
fn names(statement: &Value, member: &str, covers: impl Fn(&str) -> bool) -> bool {
    match statement.get(format!("Not{member}")) {
        Some(except) => !texts(Some(except)).any(covers),
        None => texts(statement.get(member)).any(covers),
    }
}

/// Whether a condition holds; `None` where it is not understood, or rests on what is not known of the call.
fn holds(operator: &str, key: &str, values: &Value, call: &ServiceCall<'_>) -> Option<bool> {
    let (operator, if_exists) = operator.strip_suffix("IfExists").map_or((operator, false), |bare| (bare, true));
    let known = call.context.iter().find(|(own, _)| *own == key).map(|(_, value)| *value);
    let absent = NEVER_THERE.contains(&key) || (key == "aws:sourceowner" && known.is_none());
    if operator == "Null" {
        let wants_absent = texts(Some(values)).next() == Some("true") || values.as_bool() == Some(true);
        return (known.is_some() || absent).then_some(wants_absent == known.is_none());
    }
    let negative = operator.contains("Not");
    let Some(own) = known else {
        // A negated operator holds where the key is not there, any other one does not.
        return absent.then_some(if_exists || negative);
    };
    let given: Vec<String> = list(Some(values))
        .filter_map(|value| value.as_str().map(str::to_owned).or_else(|| value.as_bool().map(|it| it.to_string())))
        .collect();
    if given.iter().any(|value| value.contains("${")) {
        return None;
    }
    let matched = match operator {
        "StringEquals" | "StringNotEquals" => given.iter().any(|value| value == own),
        "StringEqualsIgnoreCase" | "StringNotEqualsIgnoreCase" => {
            given.iter().any(|value| value.eq_ignore_ascii_case(own))
        }
        "StringLike" | "StringNotLike" => given.iter().any(|value| WildMatch::new(value).matches(own)),
        "ArnLike" | "ArnNotLike" | "ArnEquals" | "ArnNotEquals" => given.iter().any(|value| arn_like(value, own)),
        "Bool" => given.iter().any(|value| value.eq_ignore_ascii_case(own)),
        _ => return None,
    };
    Some(matched != negative)
}

/// Patterns of ARNs are compared part by part, so that a `*` does not reach beyond its colon.
fn arn_like(pattern: &str, arn: &str) -> bool {
    let (mut patterns, mut parts) = (pattern.splitn(6, ':'), arn.splitn(6, ':'));
    loop {
        match (patterns.next(), parts.next()) {
            (None, None) => return true,
            (Some(pattern), Some(part)) if WildMatch::new(pattern).matches(part) => {}
            _ => return false,
        }
    }
}

/// The members of a list, or the one that stands for a list.
pub(super) fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let many = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    many.iter().chain(value.filter(|value| !value.is_array()))
}

/// The texts among them.
pub(super) fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    list(value).filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const TOPIC: &str = "arn:aws:sns:eu-central-1:111122223333:ml-oncall";
    const ALARM: &str = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:errors";
    const CONTEXT: [(&str, &str); 5] = [
        ("aws:sourcearn", ALARM),
        ("aws:sourceaccount", "111122223333"),
        ("aws:sourceowner", "111122223333"),
        ("aws:securetransport", "true"),
        ("aws:principalisawsservice", "true"),
    ];

    fn asked(statements: &[Value]) -> Allowed {
        let call = ServiceCall {
            service: "cloudwatch.amazonaws.com",
            action: "sns:Publish",
            resource: TOPIC,
            context: &CONTEXT,
            as_everybody: true,
        };
        allows(&json!({ "Statement": statements }).to_string(), &call)
    }

    fn statement(change: impl FnOnce(&mut Value)) -> Value {
        let mut statement = json!({ "Sid": "Alarms", "Effect": "Allow", "Action": "sns:Publish", "Resource": TOPIC,
            "Principal": { "Service": "cloudwatch.amazonaws.com" } });
        change(&mut statement);
        statement
    }

    fn with(condition: Value) -> Allowed {
        asked(&[statement(|it| it["Condition"] = condition)])
    }

    #[test]
    fn the_default_policy_of_a_topic_lets_alarms_of_its_account_publish() {
        let default = |owner: &str| {
            json!({ "Sid": "__default_statement_ID", "Effect": "Allow", "Principal": { "AWS": "*" },
                "Action": ["SNS:GetTopicAttributes", "SNS:Publish"], "Resource": TOPIC,
                "Condition": { "StringEquals": { "AWS:SourceOwner": owner } } })
        };
        assert_eq!(asked(&[default("111122223333")]), Allowed::Yes);
        assert_eq!(asked(&[default("999988887777")]), Allowed::No);
        let rule = ServiceCall {
            service: "events.amazonaws.com",
            action: "sns:Publish",
            resource: TOPIC,
            context: &[],
            as_everybody: false,
        };
        let policy = json!({ "Statement": [default("111122223333")] }).to_string();
        assert_eq!(allows(&policy, &rule), Allowed::No, "EventBridge must be named");
    }

    #[test]
    fn a_service_is_let_in_by_name_action_and_resource() {
        assert_eq!(asked(&[statement(|_| {})]), Allowed::Yes);
        assert_eq!(asked(&[statement(|it| it["Action"] = json!(["sns:*"]))]), Allowed::Yes);
        assert_eq!(asked(&[statement(|it| it["Resource"] = json!("*"))]), Allowed::Yes);
        let others: [fn(&mut Value); 5] = [
            |it| it["Principal"] = json!({ "Service": "events.amazonaws.com" }),
            |it| it["Principal"] = json!({ "AWS": "arn:aws:iam::111122223333:root" }),
            |it| it["Action"] = json!("sns:Subscribe"),
            |it| it["Resource"] = json!("arn:aws:sns:eu-central-1:111122223333:other"),
            |it| it["Effect"] = json!("Deny"),
        ];
        for (number, change) in others.into_iter().enumerate() {
            assert_eq!(asked(&[statement(change)]), Allowed::No, "{number}");
        }
        assert_eq!(asked(&[]), Allowed::No);
    }

    #[test]
    fn conditions_are_held_against_what_is_known_of_the_call() {
        let yes = [
            json!({ "StringEquals": { "aws:SourceAccount": ["999988887777", "111122223333"] } }),
            json!({ "ArnLike": { "aws:SourceArn": "arn:aws:cloudwatch:*:111122223333:alarm:*" } }),
            json!({ "ArnEquals": { "aws:SourceArn": ALARM } }),
            json!({ "StringEqualsIfExists": { "aws:PrincipalOrgID": "o-1" } }),
            json!({ "Bool": { "aws:SecureTransport": true } }),
            json!({ "Null": { "aws:PrincipalArn": "true" } }),
        ];
        yes.into_iter().for_each(|it| assert_eq!(with(it.clone()), Allowed::Yes, "{it}"));
        let no = [
            json!({ "StringEquals": { "aws:SourceAccount": "999988887777" } }),
            json!({ "ArnLike": { "aws:SourceArn": "arn:aws:cloudwatch:*:999988887777:alarm:*" } }),
            json!({ "ArnLike": { "aws:SourceArn": "arn:aws:cloudwatch:*" } }),
            json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1" } }),
        ];
        no.into_iter().for_each(|it| assert_eq!(with(it.clone()), Allowed::No, "{it}"));
        let unclear = [
            json!({ "StringEquals": { "aws:SourceOrgID": "o-1" } }),
            json!({ "NumericLessThan": { "aws:SourceAccount": "1" } }),
            json!({ "StringEquals": { "aws:SourceAccount": "${aws:PrincipalTag/x}" } }),
        ];
        unclear.into_iter().for_each(|it| assert!(matches!(with(it.clone()), Allowed::Unclear(_)), "{it}"));
    }

    #[test]
    fn a_deny_wins_where_it_applies_and_leaves_it_open_where_it_may() {
        let deny = |condition: Value| json!({ "Sid": "Deny", "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition });
        let allow = || statement(|_| {});
        assert_eq!(asked(&[allow(), deny(json!({ "Bool": { "aws:SecureTransport": "false" } }))]), Allowed::Yes);
        assert_eq!(asked(&[allow(), deny(json!({}))]), Allowed::No);
        let outside = json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-1" } });
        assert_eq!(asked(&[allow(), deny(outside)]), Allowed::No, "a service belongs to no organization");
        let but_services = json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-1" }, "Bool": { "aws:PrincipalIsAWSService": "false" } });
        assert_eq!(asked(&[allow(), deny(but_services)]), Allowed::Yes);
        let odd = deny(json!({ "StringNotEquals": { "aws:SourceOrgID": "o-1" } }));
        assert!(matches!(asked(&[allow(), odd]), Allowed::Unclear(_)));
        let odd_allow = statement(|it| it["Condition"] = json!({ "StringEquals": { "aws:SourceOrgID": "o-1" } }));
        assert_eq!(asked(&[odd_allow, allow()]), Allowed::Yes, "another one allows it anyway");
    }

    proptest! {
        /// No text makes it panic, and nothing is allowed that no statement allows.
        #[test]
        fn whatever_is_written_is_read(text in "\\PC{0,60}", effect in "Allow|Deny|") {
            let call = ServiceCall { service: "s", action: "a:B", resource: "r", context: &[], as_everybody: true };
            let _ = allows(&text, &call);
            let policy = json!({ "Statement": [{ "Effect": effect, "Principal": text, "Action": text, "Resource": text }] });
            if allows(&policy.to_string(), &call) == Allowed::Yes {
                prop_assert_ne!(effect, "Deny");
            }
        }
    }
}
