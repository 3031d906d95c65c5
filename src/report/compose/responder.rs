//! Who answers for an alarm, and where the name was found: from near to far, as RSP-001 looks for it.

use crate::control::engine::Assessment;
use crate::estate::{BoundAlarm, Lookup};
use crate::report::document::{AlarmRow, OwnerRef};

/// Tag keys that name who is called, beside those that the policy takes for an owner.
const ON_CALL: [&str; 3] = ["oncall", "on-call", "on_call"];

/// Names who answers for each alarm; the rows are those of the alarms about serving, in the order of the estate.
pub(super) fn named(mut rows: Vec<AlarmRow>, assessment: &Assessment<'_>) -> Vec<AlarmRow> {
    let alarms = assessment.estate.alarms.iter().filter(|alarm| alarm.about_serving);
    for (row, alarm) in rows.iter_mut().zip(alarms) {
        row.owner = owner(alarm, assessment);
    }
    rows
}

fn owner(alarm: &BoundAlarm<'_>, assessment: &Assessment<'_>) -> Option<OwnerRef> {
    if alarm.scaling_only {
        return None;
    }
    if let Lookup::Found(tags) = alarm.tags {
        for key in assessment.policy.tags.owner.iter().map(String::as_str).chain(ON_CALL) {
            let tag = tags.iter().find(|(own, value)| own.eq_ignore_ascii_case(key) && !value.trim().is_empty());
            if let Some((own, value)) = tag {
                return Some(OwnerRef { name: value.clone(), source: format!("tag `{own}` of the alarm") });
            }
        }
    }
    let described = alarm.alarm.data.description.as_deref().and_then(stated);
    if let Some(name) = described {
        return Some(OwnerRef { name: name.to_owned(), source: "the alarm's description".to_owned() });
    }
    let mut live = alarm.bound.iter().filter_map(|(live, _)| assessment.estate.live.get(*live));
    let owner = live.find_map(|live| live.owner.as_ref())?;
    Some(OwnerRef { name: owner.name.clone(), source: owner.source.clone() })
}

/// The value of `owner=value` in a description.
fn stated(description: &str) -> Option<&str> {
    let words = description.split(|c: char| c.is_whitespace() || c == ';' || c == ',');
    let mut pairs = words.filter_map(|word| word.split_once('='));
    pairs.find(|(key, value)| key.eq_ignore_ascii_case("owner") && !value.is_empty()).map(|(_, value)| value)
}
