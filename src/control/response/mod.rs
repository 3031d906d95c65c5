//! Who answers when something happens.

pub(super) mod alarm_owned;
