//! `coverage`: what alerts if a live version misbehaves.

use crate::history::table::table;
use crate::report::document::Report;

use super::texts;

table! {
    /// One row a live version, signal and run: whether an alarm on the signal reaches somebody.
    "coverage": Row<'a> {
        /// The live version.
        live_version: &'a str,
        /// Account.
        account: &'a str,
        /// Region.
        region: &'a str,
        /// The signal, such as `errors` or `latency`.
        signal: &'a str,
        /// `covered`, `broken`, `missing`, `not_applicable` or `unknown`.
        state: &'a str,
        /// Names of the alarms bound, those that reach somebody first.
        alarms: Vec<&'a str>,
        /// Why it is not covered.
        reason: Option<&'a str>,
    }
}

pub(super) fn rows(report: &Report) -> impl Iterator<Item = Row<'_>> {
    report.live_versions.iter().flat_map(|live| {
        live.alarms.iter().map(|(signal, coverage)| Row {
            live_version: &live.id,
            account: &live.account,
            region: &live.region,
            signal,
            state: &coverage.state,
            alarms: texts(&coverage.alarms),
            reason: coverage.reason.as_deref(),
        })
    })
}
