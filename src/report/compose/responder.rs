//! Who answers for an alarm, and where the name was found, as RSP-001 finds it.

use crate::control::engine::Assessment;
use crate::estate::alarm_owner;
use crate::report::document::{AlarmRow, OwnerRef};

/// Names who answers for each alarm; the rows are those of the alarms about serving, in the order of the estate.
pub(super) fn named(mut rows: Vec<AlarmRow>, assessment: &Assessment<'_>) -> Vec<AlarmRow> {
    let alarms = assessment.estate.alarms.iter().filter(|alarm| alarm.about_serving);
    for (row, alarm) in rows.iter_mut().zip(alarms).filter(|(_, alarm)| !alarm.scaling_only) {
        let owner = alarm_owner(alarm, assessment.estate, assessment.policy);
        row.owner = owner.map(|owner| OwnerRef { name: owner.name, source: owner.source });
    }
    rows
}
