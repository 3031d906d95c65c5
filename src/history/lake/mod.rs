//! Findings for Amazon Security Lake: Compliance Findings of OCSF 1.5.0 as Parquet, in the layout of a custom source.
//!
//! Keys are relative to the location of the source, which Security Lake tells when the source is made
//! (`s3://LAKE/ext/countersign/1.0`): `region=REGION/accountId=ACCOUNT/eventDay=YYYYMMDD/RUN.parquet`, one file for each account
//! and region that something is told of. Every file holds one class of events, sorted by their time, compressed with
//! Zstandard, in pages below one megabyte and row groups far below 256.
//!
//! Columns are made from the type that writes `findings.ocsf.jsonl`, so both say the same: structs nested as in the JSON,
//! numbers of 32 bits as the schema has them, times as milliseconds, and maps of text for what the schema leaves open.
//!
//! Source: [custom sources](https://docs.aws.amazon.com/security-lake/latest/userguide/custom-sources.html).

use std::collections::BTreeMap;

use arrow_json::ReaderBuilder;
use arrow_schema::SchemaRef;
use jiff::tz::TimeZone;

use super::{HistoryError, HistoryFile, may_stand_in_key, parquet};
use crate::report::document::Report;
use crate::report::ocsf::{self, event::ComplianceFinding};
use crate::report::told::{Told, told};

mod columns;

/// What errors call the table.
const TABLE: &str = "compliance_finding";

/// Events that are turned into columns at once: one holds all the facts that its finding cites.
const BATCH: usize = 512;

/// Events that are encoded before they are compressed and let go.
const ROW_GROUP: usize = 8192;

/// The files of one run, each made when it is asked for.
///
/// # Errors
/// If the run id cannot stand in a key. A row that does not fit and a file that cannot be encoded are errors of that item;
/// no report is known to cause either.
pub fn files<'a>(report: &'a Report, run_id: &'a str) -> impl Iterator<Item = Result<HistoryFile, HistoryError>> + 'a {
    let refused = (!may_stand_in_key(run_id)).then(|| Err(HistoryError::RunId(run_id.to_owned())));
    let mut places: BTreeMap<(&str, &str), Vec<Told<'a>>> = BTreeMap::new();
    if refused.is_none() {
        for told in told(report) {
            places.entry((told.region(), told.account())).or_default().push(told);
        }
    }
    let day = report.collected_at.to_zoned(TimeZone::UTC).strftime("%Y%m%d").to_string();
    let made = places.into_iter().map(move |((region, account), told)| {
        let (region, account) = (partition(region), partition(account));
        let key = format!("region={region}/accountId={account}/eventDay={day}/{run_id}.parquet");
        Ok(HistoryFile { key, bytes: file(report, &told)? })
    });
    refused.into_iter().chain(made)
}

/// The columns.
///
/// # Errors
/// If the type of events holds something that no column stands for; a test holds that it does not.
fn schema() -> Result<SchemaRef, HistoryError> {
    columns::of::<ComplianceFinding>().map_err(|source| HistoryError::Rows { table: TABLE, source })
}

fn file(report: &Report, told: &[Told<'_>]) -> Result<Vec<u8>, HistoryError> {
    let unfit = |source| HistoryError::Rows { table: TABLE, source };
    let broken = |source| HistoryError::Encode { table: TABLE, source };
    let schema = schema()?;
    let mut decoder =
        ReaderBuilder::new(SchemaRef::clone(&schema)).with_strict_mode(true).build_decoder().map_err(unfit)?;
    let mut writer = parquet::open(&schema, &[("ocsf.version", ocsf::VERSION)], ROW_GROUP).map_err(broken)?;
    // All of one run have the time of its collection, so any order is sorted by time.
    for piece in told.chunks(BATCH) {
        let events: Vec<ComplianceFinding> = piece.iter().map(|told| ocsf::event(report, told)).collect();
        decoder.serialize(&events).map_err(unfit)?;
        if let Some(batch) = decoder.flush().map_err(unfit)? {
            writer.write(&batch).map_err(broken)?;
        }
    }
    writer.into_inner().map_err(broken)
}

/// The value of a partition as Hive writes it: what could be read as another part of the key is escaped.
fn partition(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let escaped = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    let value: String = value.bytes().map(escaped).collect();
    if value.is_empty() { "unknown".to_owned() } else { value }
}

#[cfg(test)]
mod tests;
