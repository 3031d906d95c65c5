//! `gaps`: what could not be seen.

use crate::history::cell::Instant;
use crate::history::table::table;
use crate::report::document::{GapRow, Report};

use super::texts;

table! {
    /// One row a gap and run: a call that yielded nothing usable, and what it hides.
    "gaps": Row<'a> {
        /// Id of the gap within its run.
        gap: &'a str,
        /// Account.
        account: &'a str,
        /// Region.
        region: &'a str,
        /// Service and operation, such as `sagemaker:Search`.
        operation: &'a str,
        /// What was asked for.
        subject: &'a str,
        /// Cause, such as `denied`.
        cause: &'a str,
        /// The cause in plain words.
        cause_words: &'a str,
        /// AWS's error code.
        error_code: Option<&'a str>,
        /// The message.
        message: &'a str,
        /// What is therefore not seen; empty where another call filled in.
        hides: Vec<&'a str>,
        /// The IAM action that authorises the call.
        iam_action: &'a str,
        /// What to do about it.
        remedy: &'a str,
        /// Findings that it made unknown.
        findings: usize,
        /// AWS's request id.
        request_id: Option<&'a str>,
        /// When it happened.
        happened_at: Instant,
    }
}

pub(super) fn rows(report: &Report) -> impl Iterator<Item = Row<'_>> {
    report.gaps.iter().map(row)
}

fn row(gap: &GapRow) -> Row<'_> {
    Row {
        gap: &gap.id,
        account: &gap.account,
        region: &gap.region,
        operation: &gap.call,
        subject: &gap.subject,
        cause: &gap.cause,
        cause_words: &gap.cause_words,
        error_code: gap.code.as_deref(),
        message: &gap.message,
        hides: texts(&gap.hides),
        iam_action: &gap.action,
        remedy: &gap.remedy,
        findings: gap.findings,
        request_id: gap.request_id.as_deref(),
        happened_at: Instant(gap.at),
    }
}
