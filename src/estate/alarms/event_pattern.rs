//! Whether a rule of EventBridge hears of an alarm that goes into ALARM.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html>

use serde_json::{Value, json};

use crate::estate::coverage::pattern;
use crate::evidence::{Alarm, Fact};

/// Whether a pattern matches the event of this alarm going into ALARM; `None` where that cannot be told.
pub(super) fn hears(pattern: &str, alarm: &Fact<Alarm>) -> Option<bool> {
    let pattern: Value = serde_json::from_str(pattern).ok()?;
    // What depends on the moment is not known beforehand.
    let event = json!({
        "version": "0",
        "id": null,
        "source": "aws.cloudwatch",
        "detail-type": "CloudWatch Alarm State Change",
        "account": alarm.account,
        "time": null,
        "region": alarm.region,
        "resources": [alarm.data.arn],
        "detail": {
            "alarmName": alarm.data.name,
            "state": { "value": "ALARM", "reason": null, "reasonData": null, "timestamp": null },
            "previousState": null,
            "configuration": null,
        },
    });
    pattern::matches(&pattern, &event)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::*;

    fn heard(pattern: &Value) -> Option<bool> {
        let data = alarm(ERRORS, "Invocation5XXErrors");
        let fact = Fact { account: ACCOUNT.to_owned(), region: REGION.to_owned(), seen: vec![], data };
        hears(&pattern.to_string(), &fact)
    }

    #[test]
    fn a_pattern_hears_of_an_alarm_by_its_name_arn_and_state() {
        let whole = json!({ "source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"],
            "resources": [alarm_arn(ERRORS)], "detail": { "alarmName": ["other", ERRORS], "state": { "value": ["ALARM"] } } });
        assert_eq!(heard(&whole), Some(true));
        for choice in [
            json!({ "prefix": "fraud-" }),
            json!({ "suffix": "-errors" }),
            json!({ "wildcard": "fraud*rors" }),
            json!({ "anything-but": ["churn-errors"] }),
        ] {
            assert_eq!(heard(&json!({ "detail": { "alarmName": [choice] } })), Some(true), "{choice}");
        }
        assert_eq!(heard(&json!({ "source": ["aws.sagemaker"] })), Some(false));
        assert_eq!(heard(&json!({ "detail": { "state": { "value": ["OK"] } } })), Some(false));
        assert_eq!(heard(&json!({ "resources": [alarm_arn("other")] })), Some(false));
    }

    #[test]
    fn what_depends_on_the_moment_cannot_be_told() {
        assert_eq!(heard(&json!({ "detail": { "previousState": { "value": ["OK"] } } })), None);
        let not_mine = json!({ "source": ["aws.ec2"], "detail": { "previousState": { "value": ["OK"] } } });
        assert_eq!(heard(&not_mine), Some(false), "one member decides");
    }
}
