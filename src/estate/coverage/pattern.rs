//! Patterns of EventBridge: whether an event matches one.
//!
//! Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>

use serde_json::Value;
use wildmatch::WildMatch;

/// Whether an event matches a pattern: `None` where the pattern asks for something that the event as given here leaves
/// open, or asks in a way that is not understood.
///
/// A member of the event that is `null` stands for a value that is not known beforehand.
pub(crate) fn matches(pattern: &Value, event: &Value) -> Option<bool> {
    let Value::Object(members) = pattern else { return None };
    let mut known = true;
    for (name, wanted) in members {
        let outcome = match (name.as_str(), wanted) {
            ("$or", Value::Array(patterns)) => any(patterns.iter().map(|pattern| matches(pattern, event))),
            (_, Value::Array(values)) => any(values.iter().map(|value| fits(value, event.get(name)))),
            (_, Value::Object(_)) => match event.get(name) {
                Some(inner @ Value::Object(_)) => matches(wanted, inner),
                Some(Value::Null) => None,
                _ => Some(false),
            },
            _ => None,
        };
        match outcome {
            Some(false) => return Some(false),
            Some(true) => {}
            None => known = false,
        }
    }
    known.then_some(true)
}

/// One is enough; where none fits for certain, one that may leaves it open.
fn any(outcomes: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut open = false;
    for outcome in outcomes {
        match outcome {
            Some(true) => return Some(true),
            Some(false) => {}
            None => open = true,
        }
    }
    (!open).then_some(false)
}

/// Whether one of the values that a pattern lists fits a member of the event.
fn fits(wanted: &Value, found: Option<&Value>) -> Option<bool> {
    if let (Some(exists), 1) =
        (wanted.get("exists").and_then(Value::as_bool), wanted.as_object().map_or(0, serde_json::Map::len))
    {
        return Some(found.is_some() == exists);
    }
    let found = match found {
        None => return Some(false),
        Some(Value::Null) => return None,
        // A list matches if one of its members does.
        Some(Value::Array(values)) => return any(values.iter().map(|value| fits(wanted, Some(value)))),
        Some(value) => value,
    };
    let Value::Object(operator) = wanted else { return Some(wanted == found) };
    let mut operators = operator.iter();
    let (Some((name, given)), None) = (operators.next(), operators.next()) else { return None };
    let text = found.as_str();
    match (name.as_str(), given) {
        ("prefix", Value::String(prefix)) => Some(text?.starts_with(prefix.as_str())),
        ("suffix", Value::String(suffix)) => Some(text?.ends_with(suffix.as_str())),
        ("equals-ignore-case", Value::String(other)) => Some(text?.eq_ignore_ascii_case(other)),
        // In EventBridge only the asterisk is a wildcard.
        ("wildcard", Value::String(wildcard)) if !wildcard.contains(['?', '\\']) => {
            Some(WildMatch::new(wildcard).matches(text?))
        }
        ("anything-but", Value::Array(values)) => Some(!values.contains(found)),
        ("anything-but", Value::Object(_)) => fits(given, Some(found)).map(|fits| !fits),
        ("anything-but", value) => Some(value != found),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_matches_as_eventbridge_documents_it() {
        let event = json!({ "source": "aws.sagemaker", "detail-type": "SageMaker Transform Job State Change",
            "resources": ["arn:a", "arn:b"], "detail": { "TransformJobStatus": "Failed", "TransformJobName": null } });
        let cases = [
            (json!({ "source": ["aws.sagemaker"] }), Some(true)),
            (json!({ "source": ["aws.s3", "aws.sagemaker"] }), Some(true)),
            (json!({ "source": ["aws.s3"] }), Some(false)),
            (json!({ "source": [{ "prefix": "aws.s" }] }), Some(true)),
            (json!({ "detail-type": [{ "suffix": "State Change" }] }), Some(true)),
            (json!({ "detail-type": [{ "wildcard": "SageMaker*Job*" }] }), Some(true)),
            (json!({ "detail-type": [{ "wildcard": "SageMaker ? Job" }] }), None),
            (json!({ "source": [{ "equals-ignore-case": "AWS.SageMaker" }] }), Some(true)),
            (json!({ "resources": ["arn:b"] }), Some(true)),
            (json!({ "resources": ["arn:c"] }), Some(false)),
            (json!({ "detail": { "TransformJobStatus": ["Failed", "Stopped"] } }), Some(true)),
            (json!({ "detail": { "TransformJobStatus": ["Completed"] } }), Some(false)),
            (json!({ "detail": { "TransformJobStatus": [{ "anything-but": "Completed" }] } }), Some(true)),
            (json!({ "detail": { "TransformJobStatus": [{ "anything-but": ["Failed"] }] } }), Some(false)),
            (json!({ "detail": { "TransformJobStatus": [{ "anything-but": { "prefix": "Fa" } }] } }), Some(false)),
            (json!({ "detail": { "TransformJobName": ["night"] } }), None),
            (json!({ "detail": { "TransformJobName": ["night"], "TransformJobStatus": ["Completed"] } }), Some(false)),
            (json!({ "detail": { "NoSuchMember": ["x"] } }), Some(false)),
            (json!({ "detail": { "NoSuchMember": [{ "exists": false }] } }), Some(true)),
            (
                json!({ "$or": [{ "source": ["aws.s3"] }, { "detail": { "TransformJobStatus": ["Failed"] } }] }),
                Some(true),
            ),
            (json!({ "detail": { "TransformJobStatus": [{ "numeric": [">", 0] }] } }), None),
            (json!({ "source": "aws.sagemaker" }), None),
            (json!([]), None),
            (json!({}), Some(true)),
        ];
        for (pattern, expected) in cases {
            assert_eq!(matches(&pattern, &event), expected, "{pattern}");
        }
    }
}
