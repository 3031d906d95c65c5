//! Who answers when something happens.

pub(super) mod alarm_owned;
pub(super) mod answer;
pub(super) mod feedback_is_used;
pub(super) mod no_unattended_alarms;
pub(super) mod retraining_criteria;
