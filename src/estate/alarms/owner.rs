//! Who answers for an alarm, and where that is said: from near to far.

use super::BoundAlarm;
use crate::estate::{Declared, Estate, LiveVersion, Lookup, Owner, declared};
use crate::policy::{Manifest, Policy};

/// Tag keys that name who is called, beside those that the policy takes for an owner.
const ON_CALL: [&str; 3] = ["oncall", "on-call", "on_call"];

/// The owner of an alarm: a tag of its own, `owner=` in its description, the owner of what it watches, the manifest of that.
pub(crate) fn alarm_owner(alarm: &BoundAlarm<'_>, estate: &Estate<'_>, policy: &Policy) -> Option<Owner> {
    let live = || alarm.bound.iter().filter_map(|(index, _)| estate.live.get(*index));
    tagged(alarm, policy)
        .or_else(|| described(alarm))
        .or_else(|| live().find_map(|live| live.owner.clone()))
        .or_else(|| live().find_map(|live| on_call(live, estate, policy)))
}

fn tagged(alarm: &BoundAlarm<'_>, policy: &Policy) -> Option<Owner> {
    let Lookup::Found(tags) = alarm.tags else { return None };
    let keys = policy.tags.owner.iter().map(String::as_str).chain(ON_CALL);
    let mut held = keys
        .filter_map(|key| tags.iter().find(|(own, value)| own.eq_ignore_ascii_case(key) && !value.trim().is_empty()));
    held.next().map(|(own, value)| Owner { name: value.clone(), source: format!("tag `{own}` of the alarm") })
}

fn described(alarm: &BoundAlarm<'_>) -> Option<Owner> {
    let name = stated(alarm.alarm.data.description.as_deref()?, "owner")?;
    Some(Owner { name: name.to_owned(), source: "the alarm's description".to_owned() })
}

fn on_call(live: &LiveVersion<'_>, estate: &Estate<'_>, policy: &Policy) -> Option<Owner> {
    match declared(live, &estate.index, policy, answers_for_alarms) {
        Declared::Says(name) => Some(Owner { name: name.to_owned(), source: "the manifest".to_owned() }),
        Declared::Silent | Declared::Unsure => None,
    }
}

/// Who answers for the alarms of a group, as its manifest says.
pub(crate) fn answers_for_alarms(manifest: &Manifest) -> Option<&str> {
    manifest.oncall.as_deref().or(manifest.owner.as_deref())
}

/// The value of `key=value` in a description.
pub(crate) fn stated<'d>(description: &'d str, key: &str) -> Option<&'d str> {
    let words = description.split(|c: char| c.is_whitespace() || c == ';' || c == ',');
    let mut pairs = words.filter_map(|word| word.split_once('='));
    pairs.find(|(own, value)| own.eq_ignore_ascii_case(key) && !value.is_empty()).map(|(_, value)| value)
}
