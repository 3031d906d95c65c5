//! One item of an alarm's history as what it says happened. The particulars are JSON within the answer.

use aws_sdk_cloudwatch::types::{AlarmHistoryItem, HistoryItemType};
use jiff::Timestamp;
use serde_json::Value;

use crate::collect::Malformed;
use crate::collect::aws::text::{instant, text};
use crate::evidence::{ActionRun, StateChange};

/// What an item says.
#[derive(Debug, PartialEq)]
pub(super) enum Entry {
    /// The alarm changed its state.
    Change(StateChange),
    /// It tried an action.
    Action(ActionRun),
    /// It was made, or configured anew.
    Configured(Timestamp),
    /// Something about one of many series, or of a kind that this version does not know.
    Other,
}

/// Reads one item.
///
/// # Errors
/// If it names no alarm, no time or no kind, or its particulars are not what its kind has.
pub(super) fn entry(item: &AlarmHistoryItem) -> Result<Entry, Malformed> {
    let name = item.alarm_name().filter(|name| !name.is_empty());
    let malformed = |reason: &str| Malformed {
        item: format!("history of {}", name.unwrap_or("an alarm without a name")),
        reason: reason.to_owned(),
    };
    if name.is_none() {
        return Err(malformed("`AlarmName` is missing"));
    }
    let at = instant(item.timestamp()).ok_or_else(|| malformed("`Timestamp` is missing"))?;
    let kind = item.history_item_type().ok_or_else(|| malformed("`HistoryItemType` is missing"))?;
    let particulars = || match item.history_data() {
        None | Some("") => Ok(Value::Null),
        Some(text) => serde_json::from_str(text).map_err(|_| malformed("`HistoryData` is not JSON")),
    };
    Ok(match kind {
        HistoryItemType::StateUpdate => {
            let particulars = particulars()?;
            let state = |of: &str| Some(particulars.get(of)?.get("stateValue")?.as_str()?.to_owned());
            let to = state("newState").ok_or_else(|| malformed("`HistoryData` names no new state"))?;
            Entry::Change(StateChange { at, from: state("oldState"), to })
        }
        HistoryItemType::Action => Entry::Action(action(at, item, &particulars()?)),
        HistoryItemType::ConfigurationUpdate => Entry::Configured(at),
        _ => Entry::Other,
    })
}

fn action(at: Timestamp, item: &AlarmHistoryItem, particulars: &Value) -> ActionRun {
    let summary = text(item.history_summary()).unwrap_or_default();
    let named = particulars.get("notificationResource").and_then(Value::as_str).map(str::to_owned);
    let in_words = || summary.split_whitespace().find(|word| word.starts_with("arn:"));
    let succeeded = match particulars.get("actionState").and_then(Value::as_str) {
        Some("Succeeded") => Some(true),
        Some("Failed") => Some(false),
        _ if summary.starts_with("Successfully executed action") => Some(true),
        _ if summary.starts_with("Failed to execute action") => Some(false),
        _ => None,
    };
    let action = named.or_else(|| in_words().map(|arn| arn.trim_end_matches(['.', ',']).to_owned()));
    ActionRun { at, action, succeeded, summary: crate::collect::aws::engine::presentable(&summary) }
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;
    use proptest::prelude::*;

    use super::*;

    const TOPIC: &str = "arn:aws:sns:eu-central-1:111122223333:page";

    fn item(kind: HistoryItemType, data: &str, summary: &str) -> AlarmHistoryItem {
        AlarmHistoryItem::builder()
            .alarm_name("errors")
            .timestamp(DateTime::from_secs(0))
            .history_item_type(kind)
            .history_data(data)
            .history_summary(summary)
            .build()
    }

    /// As in the examples of the AWS command line for `describe-alarm-history`.
    const UPDATED: &str = r#"{"version":"1.0","oldState":{"stateValue":"OK","stateReason":"fine"},"newState":{"stateValue":"ALARM","stateReason":"Threshold Crossed","stateReasonData":{"version":"1.0","recentDatapoints":[38.9]}}}"#;

    #[test]
    fn a_change_of_state_says_from_what_to_what() {
        let change = |from: Option<&str>, to: &str| {
            Entry::Change(StateChange { at: Timestamp::UNIX_EPOCH, from: from.map(str::to_owned), to: to.to_owned() })
        };
        let read = |data| entry(&item(HistoryItemType::StateUpdate, data, "Alarm updated from OK to ALARM"));
        assert_eq!(read(UPDATED), Ok(change(Some("OK"), "ALARM")));
        assert_eq!(read(r#"{"newState":{"stateValue":"OK"}}"#), Ok(change(None, "OK")));
        for odd in ["", "{}", "[]", "not JSON", r#"{"newState":{"stateValue":7}}"#] {
            read(odd).unwrap_err();
        }
    }

    #[test]
    fn an_action_says_what_became_of_it_in_its_particulars_or_in_words() {
        let read = |data: &str, summary: &str| match entry(&item(HistoryItemType::Action, data, summary)).unwrap() {
            Entry::Action(run) => (run.succeeded, run.action),
            other => panic!("{other:?}"),
        };
        let topic = Some(TOPIC.to_owned());
        let state = |state: &str| format!(r#"{{"actionState":"{state}","notificationResource":"{TOPIC}"}}"#);
        assert_eq!(read(&state("Succeeded"), ""), (Some(true), topic.clone()));
        assert_eq!(read(&state("Failed"), ""), (Some(false), topic.clone()));
        assert_eq!(read("", &format!("Successfully executed action {TOPIC}")), (Some(true), topic.clone()));
        let refused = format!("Failed to execute action {TOPIC}. Received error: \"not authorized\"");
        assert_eq!(read("", &refused), (Some(false), topic));
        assert_eq!(read(r#"{"actionState":"Muted"}"#, "Muted"), (None, None));
    }

    #[test]
    fn what_says_neither_alarm_nor_time_nor_kind_is_malformed() {
        let whole = item(HistoryItemType::ConfigurationUpdate, "", "");
        assert_eq!(entry(&whole), Ok(Entry::Configured(Timestamp::UNIX_EPOCH)));
        let lacking: [fn(&mut AlarmHistoryItem); 3] =
            [|it| it.alarm_name = None, |it| it.timestamp = None, |it| it.history_item_type = None];
        for lack in lacking {
            let mut item = whole.clone();
            lack(&mut item);
            entry(&item).unwrap_err();
        }
        let other = item(HistoryItemType::AlarmContributorStateUpdate, "not JSON", "");
        assert_eq!(entry(&other), Ok(Entry::Other));
    }

    proptest! {
        #[test]
        fn no_particulars_make_it_panic(data in ".{0,80}", summary in ".{0,80}", action in any::<bool>()) {
            let kind = if action { HistoryItemType::Action } else { HistoryItemType::StateUpdate };
            drop(entry(&item(kind, &data, &summary)));
        }
    }
}
