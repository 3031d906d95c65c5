//! From rows to the bytes of a Parquet file: in row groups, compressed, with statistics, and always the same bytes.

use std::iter::repeat_n;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow_json::ReaderBuilder;
use arrow_json::reader::Decoder;
use arrow_schema::{ArrowError, SchemaRef};
use jiff::Timestamp;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::table::{Row, Table, UTC};
use super::{HistoryError, Run, SCHEMA};

/// Rows that are turned into columns at once.
const BATCH: usize = 4096;

/// Rows that are encoded before they are compressed and let go. A run of 300,000 findings has five such groups.
const ROW_GROUP: usize = 65_536;

/// Who wrote the file, in the form that readers parse. Not the release: another one writes the same bytes.
const CREATED_BY: &str = "countersign version 1";

/// The file of one table and run; `None` where there are no rows.
///
/// # Errors
/// If a row does not fit the columns, or the file cannot be encoded.
pub(super) fn write<R: Row>(rows: impl IntoIterator<Item = R>, run: &Run<'_>) -> Result<Option<Vec<u8>>, HistoryError> {
    let unfit = |source| HistoryError::Rows { table: R::TABLE.name, source };
    let broken = |source| HistoryError::Encode { table: R::TABLE.name, source };
    let mut rows = rows.into_iter().peekable();
    if rows.peek().is_none() {
        return Ok(None);
    }
    let schema = R::TABLE.schema();
    let mut decoder =
        ReaderBuilder::new(R::TABLE.own_schema()).with_strict_mode(true).build_decoder().map_err(unfit)?;
    let metadata = [("countersign.schema", SCHEMA), ("countersign.table", R::TABLE.name)];
    let mut writer = open(&schema, &metadata, ROW_GROUP).map_err(broken)?;
    while rows.peek().is_some() {
        let piece: Vec<R> = rows.by_ref().take(BATCH).collect();
        if let Some(batch) = columns(&mut decoder, &piece).map_err(unfit)? {
            writer.write(&stamped(&schema, &batch, run).map_err(unfit)?).map_err(broken)?;
        }
    }
    writer.into_inner().map(Some).map_err(broken)
}

/// A file that is about to be written, with what stands in its metadata, and the rows of a row group.
pub(super) fn open(
    schema: &SchemaRef,
    metadata: &[(&str, &str)],
    row_group: usize,
) -> Result<ArrowWriter<Vec<u8>>, ParquetError> {
    let entry = |(key, value): &(&str, &str)| KeyValue::new((*key).to_owned(), (*value).to_owned());
    let metadata = metadata.iter().map(entry).collect();
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by(CREATED_BY.to_owned())
        .set_key_value_metadata(Some(metadata))
        .set_max_row_group_row_count(Some(row_group))
        .build();
    // Arrow's own copy of the schema says nothing that Parquet's does not.
    let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
    ArrowWriter::try_new_with_options(Vec::new(), Arc::clone(schema), options)
}

fn columns<R: Row>(decoder: &mut Decoder, rows: &[R]) -> Result<Option<RecordBatch>, ArrowError> {
    decoder.serialize(rows)?;
    decoder.flush()
}

/// The rows, each beginning with what is common to the run.
fn stamped(schema: &SchemaRef, own: &RecordBatch, run: &Run<'_>) -> Result<RecordBatch, ArrowError> {
    let rows = own.num_rows();
    let instant = |at: Timestamp| -> ArrayRef {
        Arc::new(TimestampMicrosecondArray::from_value(at.as_microsecond(), rows).with_timezone(UTC))
    };
    let id: ArrayRef = Arc::new(StringArray::from_iter_values(repeat_n(run.id, rows)));
    let common: [ArrayRef; Table::COMMON.len()] = [id, instant(run.as_of), instant(run.collected_at)];
    RecordBatch::try_new(Arc::clone(schema), common.into_iter().chain(own.columns().iter().cloned()).collect())
}
