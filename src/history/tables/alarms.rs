//! `alarms`: the alarms that are about serving.

use crate::history::table::table;
use crate::report::document::{AlarmRow, Report};
use crate::report::shared::Shared;

use super::texts;

table! {
    /// One row an alarm about serving and run.
    "alarms": Row<'a> {
        /// Name of the alarm.
        alarm: &'a str,
        /// ARN.
        arn: &'a str,
        /// Account.
        account: &'a str,
        /// Region.
        region: &'a str,
        /// `metric`, `composite` or `log`.
        kind: &'a str,
        /// State, such as `OK`.
        state: &'a str,
        /// Whether all that it does is to scale instances.
        scaling_only: bool,
        /// Whether it would reach somebody; absent where that cannot be seen.
        effective: Option<bool>,
        /// Ids of the live versions that it watches.
        watches: Vec<&'a str>,
        /// What is wrong with it, to follow "the alarm …".
        defects: Vec<&'a str>,
        /// Endpoints and components that it names and that are not there.
        orphaned: Vec<&'a str>,
        /// What could not be seen of it.
        unseen: Vec<&'a str>,
    }
}

pub(super) fn rows(report: &Report) -> impl Iterator<Item = Row<'_>> {
    report.alarms.iter().map(row)
}

fn row(alarm: &AlarmRow) -> Row<'_> {
    Row {
        alarm: &alarm.name,
        arn: &alarm.arn,
        account: &alarm.account,
        region: &alarm.region,
        kind: &alarm.kind,
        state: &alarm.state,
        scaling_only: alarm.scaling_only,
        effective: alarm.effective,
        watches: alarm.watches.keys().map(Shared::as_str).collect(),
        defects: texts(&alarm.defects),
        orphaned: texts(&alarm.orphaned),
        unseen: texts(&alarm.unseen),
    }
}
