//! The tables: one file each, with its columns and how a report fills them.

use super::table::{Row as _, Table};
use super::{HistoryError, Run, parquet};
use crate::report::document::Report;

mod alarms;
mod approvals;
pub(super) mod costs;
mod coverage;
mod findings;
mod gaps;
mod live_versions;
mod places;
mod runs;

/// Makes the file of one table.
type Write = fn(&Report, &Run<'_>) -> Result<Option<Vec<u8>>, HistoryError>;

/// Every table and how its file is made.
pub(super) static WRITERS: [(&Table, Write); 9] = [
    (runs::Row::TABLE, |report, run| parquet::write(runs::rows(report), run)),
    (places::Row::TABLE, |report, run| parquet::write(places::rows(report), run)),
    (live_versions::Row::TABLE, |report, run| parquet::write(live_versions::rows(report), run)),
    (approvals::Row::TABLE, |report, run| parquet::write(approvals::rows(report), run)),
    (findings::Row::TABLE, |report, run| parquet::write(findings::rows(report), run)),
    (gaps::Row::TABLE, |report, run| parquet::write(gaps::rows(report), run)),
    (coverage::Row::TABLE, |report, run| parquet::write(coverage::rows(report), run)),
    (alarms::Row::TABLE, |report, run| parquet::write(alarms::rows(report), run)),
    (costs::Row::TABLE, |report, run| parquet::write(costs::rows(report), run)),
];

/// The texts of a list.
fn texts<T: AsRef<str>>(list: &[T]) -> Vec<&str> {
    list.iter().map(AsRef::as_ref).collect()
}
