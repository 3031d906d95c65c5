//! One record, as people read it.

use serde_json::Value;

use crate::estate::{Actor, ActorKind};
use crate::evidence::TrailEvent;
use crate::trail::record;

/// What a line tells of one record. Everything in it comes from strangers; each format escapes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) time: String,
    pub(super) name: String,
    pub(super) source: String,
    /// The identity that made the call.
    pub(super) who: String,
    /// Human, automation or unknown.
    pub(super) kind: &'static str,
    /// What the call was about.
    pub(super) what: String,
    pub(super) account: String,
    pub(super) region: String,
    pub(super) error: String,
    pub(super) id: String,
    pub(super) file: String,
}

impl Row {
    /// Reads a record. What it lacks stays empty.
    pub(super) fn of(text: &str, file: &str) -> Self {
        let value: Value = serde_json::from_str(text).unwrap_or_default();
        let part = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let row = Self {
            time: part("eventTime"),
            name: part("eventName"),
            source: part("eventSource"),
            account: part("recipientAccountId"),
            region: part("awsRegion"),
            id: part("eventID"),
            file: file.to_owned(),
            ..Self::default()
        };
        match record::normalise(&value) {
            Ok(Some(event)) => {
                let actor = Actor::of_event(&event.identity);
                Self {
                    time: event.time.to_string(),
                    who: actor.person.map_or(actor.identity, |person| person),
                    kind: kind(actor.kind),
                    what: what(&event, &value),
                    error: event.error_code.unwrap_or_default(),
                    ..row
                }
            }
            // No call: the record tells of the rate of one, or of a refusal at an endpoint of a network.
            _ => Self { what: part("eventCategory"), ..row },
        }
    }
}

fn kind(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Human => "human",
        ActorKind::Automation => "automation",
        ActorKind::Unknown => "unknown",
    }
}

/// What a call is about, in the order in which its parameters are looked at.
const SUBJECTS: [&str; 9] = [
    "modelPackageArn",
    "modelPackageName",
    "inferenceComponentName",
    "endpointName",
    "endpointConfigName",
    "modelName",
    "modelPackageGroupName",
    "transformJobName",
    "executionRoleArn",
];

/// The subject of a call and the approval that it gives; else the first resource that the record lists.
fn what(event: &TrailEvent, record: &Value) -> String {
    let subject = SUBJECTS.iter().find_map(|name| event.parameter(name));
    let answer = || SUBJECTS.iter().find_map(|name| event.answer(name));
    let resource = || record.pointer("/resources/0/ARN").and_then(Value::as_str);
    let subject = subject.or_else(answer).or_else(resource).unwrap_or_default();
    match event.parameter("modelApprovalStatus") {
        Some(status) => format!("{subject} → {status}"),
        None => subject.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_approval_says_who_and_what() {
        let record = json!({
            "eventID": "e", "eventName": "UpdateModelPackage", "eventSource": "sagemaker.amazonaws.com",
            "eventTime": "2026-05-04T09:30:00Z", "awsRegion": "eu-central-1", "recipientAccountId": "111122223333",
            "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/Anna", "userName": "Anna"},
            "requestParameters": {"modelPackageArn": "arn:…/churn/7", "modelApprovalStatus": "Approved", "clientToken": "s3cr3t"},
        });
        let row = Row::of(&record.to_string(), "f");
        assert_eq!((row.who.as_str(), row.kind, row.what.as_str()), ("anna", "human", "arn:…/churn/7 → Approved"));
        assert_eq!(
            (row.account.as_str(), row.region.as_str(), row.error.as_str()),
            ("111122223333", "eu-central-1", "")
        );
    }

    #[test]
    fn any_record_gives_a_row() {
        let insight = json!({"eventID": "e", "eventTime": "t", "eventCategory": "Insight", "eventName": 7});
        let row = Row::of(&insight.to_string(), "f");
        assert_eq!((row.what.as_str(), row.time.as_str(), row.name.as_str()), ("Insight", "t", ""));
        for text in ["", "{}", "[]", "{\"eventID\":{}}"] {
            assert_eq!(Row::of(text, "f").file, "f");
        }
        let resource = json!({
            "eventID": "e", "eventName": "Decrypt", "eventSource": "kms.amazonaws.com", "eventTime": "2026-05-04T09:30:00Z",
            "resources": [{"ARN": "arn:aws:kms:…"}], "errorCode": "AccessDenied",
        });
        let row = Row::of(&resource.to_string(), "f");
        assert_eq!((row.what.as_str(), row.error.as_str(), row.kind), ("arn:aws:kms:…", "AccessDenied", "unknown"));
    }
}
