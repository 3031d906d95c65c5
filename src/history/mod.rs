//! The history of runs as tables: `countersign.history/1`, Parquet files that Athena, `DuckDB` or any other engine reads.
//!
//! One run writes at most one file a table, `TABLE/v=1/day=YYYY-MM-DD/RUN.parquet`, where the day is that of the
//! collection, in UTC. The same report under the same run id gives the same bytes and the same keys, so a run that is
//! written again changes nothing. A table that a run has no rows for gets no file; `runs` and `places` always have rows,
//! which tells *nothing serves there* apart from *nothing was read there*.
//!
//! A run that an event limited to what it names writes its rows as well, and its places say that not everything was listed
//! there: views that tell what was live pass it over.
//!
//! Every row begins with `run_id`, `as_of` and `collected_at`. Times are UTC in microseconds, words are spelled as in
//! `report.json`, and text is exact: names come from strangers, and a table is no place to change them.
//!
//! Additions keep the number: readers match columns by name and find nothing in files that are older than a column. A
//! removal or a changed meaning raises the number in the key, so that both can be read side by side. The number and the
//! table also stand in each file's key-value metadata.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::report::document::Report;
use crate::sha256;

pub use table::{Column, Kind, Table};

pub mod lake;

mod cell;
mod parquet;
mod table;
mod tables;

/// Name and version of the format.
pub const SCHEMA: &str = "countersign.history/1";

/// The version alone, as keys spell it.
const VERSION: u8 = 1;

/// One file of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryFile {
    /// Where it belongs, relative to the root of the history.
    pub key: String,
    /// The Parquet file.
    pub bytes: Vec<u8>,
}

/// Why a file could not be made.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The run id cannot stand in a key.
    #[error("`{0}` is no run id: 1 to 128 letters, digits, `.`, `_` and `-` are expected, the first a letter or digit")]
    RunId(String),
    /// A row does not fit its table's columns.
    #[error("the rows of table `{table}` do not fit its columns: {source}")]
    Rows {
        /// Name of the table.
        table: &'static str,
        /// What did not fit.
        source: arrow_schema::ArrowError,
    },
    /// The file could not be encoded.
    #[error("cannot encode table `{table}`: {source}")]
    Encode {
        /// Name of the table.
        table: &'static str,
        /// What was wrong.
        source: ::parquet::errors::ParquetError,
    },
}

/// Every table, in the order in which [`files`] writes them.
pub fn tables() -> impl Iterator<Item = &'static Table> {
    tables::WRITERS.iter().map(|(table, _)| *table)
}

/// The files of one run, each made when it is asked for: one table is in memory at a time, compressed.
///
/// # Errors
/// If the run id cannot stand in a key. A row that does not fit and a file that cannot be encoded are errors of that item;
/// no report is known to cause either.
pub fn files<'a>(report: &'a Report, run_id: &'a str) -> impl Iterator<Item = Result<HistoryFile, HistoryError>> + 'a {
    let run = Run { id: run_id, as_of: report.as_of, collected_at: report.collected_at };
    let refused = (!may_stand_in_key(run_id)).then(|| Err(HistoryError::RunId(run_id.to_owned())));
    let writers = if refused.is_some() { &[] } else { tables::WRITERS.as_slice() };
    let made = writers.iter().filter_map(move |(table, write)| {
        let bytes = write(report, &run).transpose()?;
        Some(bytes.map(|bytes| HistoryFile { key: key(table, &run), bytes }))
    });
    refused.into_iter().chain(made)
}

/// A name for a run that was given none: when it collected, and the beginning of a hash of what it reported. The same report
/// always has the same.
///
/// # Errors
/// None is known: a report is always JSON.
pub fn run_id(report: &Report) -> serde_json::Result<String> {
    let hash = sha256::Sha256::of(&serde_json::to_vec(report)?);
    let (begin, _) = hash.as_bytes().split_at(8);
    Ok(format!("{}-{}", report.collected_at.strftime("%Y%m%dT%H%M%SZ"), sha256::hex(begin)))
}

/// What every row of a run begins with.
#[derive(Clone, Copy, Debug)]
struct Run<'a> {
    id: &'a str,
    as_of: Timestamp,
    collected_at: Timestamp,
}

fn key(table: &Table, run: &Run<'_>) -> String {
    let day = run.collected_at.to_zoned(TimeZone::UTC).date();
    format!("{}/v={VERSION}/day={day}/{}.parquet", table.name, run.id)
}

/// Whether a run id is one name in every store, without a way to another folder.
fn may_stand_in_key(run_id: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    run_id.len() <= 128 && run_id.starts_with(|c: char| c.is_ascii_alphanumeric()) && run_id.chars().all(plain)
}

#[cfg(test)]
mod tests;
