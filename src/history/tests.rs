//! Rows in are rows out, byte for byte, and the format keeps its word.

use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Decimal128Type, TimestampMicrosecondType};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use jiff::civil::Date;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::cell::{Amount, Instant};
use super::table::{Row as _, table};
use super::*;
use crate::control::Status;
use crate::report::sample::{HOSTILE, bank, blank, denied, hostile, many, organization};

const RUN: &str = "2026-11-20T09-00-00Z.1f";

fn run(report: &Report) -> Run<'static> {
    Run { id: RUN, as_of: report.as_of, collected_at: report.collected_at }
}

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// The rows of a file, by columns; an instant as microseconds, an absent value as null.
fn read(bytes: &[u8], table: &Table) -> Vec<Map<String, Value>> {
    let batches = ParquetRecordBatchReaderBuilder::try_new(file(bytes)).unwrap().build().unwrap();
    let batches: Vec<_> = batches.map(|batch| spelled_as_offset(&batch.unwrap(), table)).collect();
    let mut writer = arrow_json::WriterBuilder::new()
        .with_explicit_nulls(true)
        .build::<_, arrow_json::writer::JsonArray>(Vec::new());
    writer.write_batches(&batches.iter().collect::<Vec<_>>()).unwrap();
    writer.finish().unwrap();
    let mut rows: Vec<Map<String, Value>> = serde_json::from_slice(&writer.into_inner()).unwrap();
    for row in &mut rows {
        for column in table.columns().filter(|column| column.kind == Kind::Instant) {
            micros(&mut row[column.name]);
        }
    }
    rows
}

/// Arrow's JSON knows time zones by their offset only.
fn spelled_as_offset(batch: &RecordBatch, table: &Table) -> RecordBatch {
    let column = |(column, array): (&Column, &ArrayRef)| -> ArrayRef {
        if column.kind != Kind::Instant {
            return Arc::clone(array);
        }
        assert_eq!(array.data_type(), &DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())));
        Arc::new(array.as_primitive::<TimestampMicrosecondType>().clone().with_timezone(table::UTC))
    };
    let columns = table.columns().zip(batch.columns()).map(column).collect();
    RecordBatch::try_new(table.schema(), columns).unwrap()
}

/// An instant as microseconds.
fn micros(value: &mut Value) {
    if let Value::String(text) = value {
        *value = json!(text.parse::<Timestamp>().unwrap().as_microsecond());
    }
}

fn rows_of(report: &Report, name: &str) -> Vec<Map<String, Value>> {
    let table = tables().find(|table| table.name == name).unwrap();
    let found = files(report, RUN).map(Result::unwrap).find(|file| file.key.starts_with(&format!("{name}/")));
    found.map(|file| read(&file.bytes, table)).unwrap_or_default()
}

/// Column by column, where `report.json` holds the same.
fn same(report: &Report, table: &str, expected: &[Value], columns: &[(&str, &str)]) {
    let rows = rows_of(report, table);
    assert_eq!(rows.len(), expected.len(), "{table}");
    for (row, expected) in rows.iter().zip(expected) {
        assert_eq!(row["run_id"], RUN);
        assert_eq!(row["as_of"], report.as_of.as_microsecond());
        assert_eq!(row["collected_at"], report.collected_at.as_microsecond());
        for (column, pointer) in columns {
            let mut value = expected.pointer(pointer).cloned().unwrap_or(Value::Null);
            if row[*column].is_number() {
                micros(&mut value);
            }
            assert_eq!(row[*column], value, "{table}.{column}");
        }
    }
}

#[rustfmt::skip]
#[test]
fn the_tables_say_what_the_report_says_hostile_names_included() {
    for report in [bank(), hostile(), blank(), denied()] {
        let json = serde_json::to_value(&report).unwrap();
        let list = |name: &str| json[name].as_array().cloned().unwrap_or_default();
        same(&report, "findings", &list("findings"), &[
            ("finding", "/id"), ("fingerprint", "/fingerprint"), ("code", "/code"), ("control", "/control"), ("status", "/status"),
            ("severity", "/severity"), ("gate", "/gate"), ("subject_kind", "/subject/kind"), ("subject", "/subject/name"),
            ("subject_arn", "/subject/arn"), ("account", "/subject/account"), ("region", "/subject/region"),
            ("live_version", "/subject/live_version"), ("reason", "/reason"), ("remedy", "/remedy"), ("state", "/state"),
            ("first_seen", "/first_seen"), ("last_known_status", "/last_known/status"), ("last_known_at", "/last_known/at"),
            ("waiver", "/waiver"), ("gap_ids", "/gap_ids"),
        ]);
        same(&report, "live_versions", &list("live_versions"), &[
            ("live_version", "/id"), ("version_key", "/version_key"), ("account", "/account"), ("region", "/region"),
            ("endpoint", "/endpoint"), ("variant", "/variant"), ("component", "/component"), ("path", "/path"),
            ("hosting", "/hosting"), ("serving_status", "/status"), ("pending", "/pending"), ("traffic_share", "/traffic_share"),
            ("live_from", "/live_from/at"), ("live_from_bound", "/live_from/bound"), ("model", "/model"),
            ("package_arn", "/package_arn"), ("package_group", "/group"), ("package_version", "/version"),
            ("artifact", "/artifact"), ("artifact_etag", "/artifacts/0/etag"), ("stage", "/stage/stage"), ("owner", "/owner/name"),
            ("owner_source", "/owner/source"), ("cost_center", "/cost_center"), ("verdict", "/readiness/verdict"),
            ("verdict_reason", "/readiness/reason"), ("binding", "/readiness/binding"),
            ("approval_status", "/approval/status"), ("approval_grade", "/approval/grade"),
        ]);
        let approvals: Vec<Value> = list("live_versions").iter().flat_map(|live| {
            let further = live["further_approvals"].as_array().cloned().unwrap_or_default();
            let all = Some(live["approval"].clone()).filter(|leading| !leading.is_null()).into_iter().chain(further);
            all.map(|approval| json!({"live_version": live["id"], "approval": approval})).collect::<Vec<_>>()
        }).collect();
        same(&report, "approvals", &approvals, &[
            ("live_version", "/live_version"), ("package_arn", "/approval/package_arn"), ("approval_status", "/approval/status"),
            ("approved_by", "/approval/by"), ("approved_by_kind", "/approval/by_kind"), ("approved_at", "/approval/at"),
            ("approval_reason", "/approval/reason"), ("grade", "/approval/grade"), ("registered_by", "/approval/registered_by"),
            ("registered_at", "/approval/registered_at"), ("event_id", "/approval/event_id"), ("lead_seconds", "/approval/lead_seconds"),
        ]);
        same(&report, "gaps", &list("gaps"), &[
            ("gap", "/id"), ("account", "/account"), ("region", "/region"), ("operation", "/call"), ("cause", "/cause"),
            ("error_code", "/code"), ("message", "/message"), ("hides", "/hides"), ("iam_action", "/action"),
            ("happened_at", "/at"),
        ]);
        same(&report, "alarms", &list("alarms"), &[
            ("alarm", "/name"), ("arn", "/arn"), ("state", "/state"), ("effective", "/effective"), ("defects", "/defects"),
        ]);
        same(&report, "runs", std::slice::from_ref(&json), &[
            ("tool", "/tool"), ("accounts", "/scope/accounts"), ("regions", "/scope/regions"), ("policy_hash", "/policy/hash"),
            ("live_versions", "/summary/live_versions"), ("verdict_stop", "/summary/by_verdict/stop"),
            ("findings_fail", "/summary/by_status/fail"), ("failing_high", "/summary/failing_by_severity/high"),
            ("evidence_share", "/summary/evidence_share"), ("verdict", "/summary/verdict"),
        ]);
    }
}

#[test]
fn nothing_serves_is_told_apart_from_nothing_was_read() {
    let listed = |report: &Report| -> Vec<(Value, Value)> {
        rows_of(report, "places").into_iter().map(|row| (row["region"].clone(), row["listed"].clone())).collect()
    };
    assert_eq!(listed(&blank()), [(json!("eu-central-1"), json!(true)), (json!("eu-west-1"), json!(true))]);
    assert_eq!(listed(&denied()), [(json!("eu-central-1"), json!(false)), (json!("eu-west-1"), json!(true))]);
    let mut focused = blank();
    focused.scope.focus = vec!["endpoint fraud-scoring".to_owned()];
    assert_eq!(listed(&focused), [(json!("eu-central-1"), json!(false)), (json!("eu-west-1"), json!(false))]);
    let regions: Vec<(Value, Value)> = rows_of(&organization(), "places")
        .into_iter()
        .map(|row| (row["account"].clone(), row["listed"].clone()))
        .collect();
    let of = |account: &str, listed: bool| (json!(account), json!(listed));
    let places = [of("111122223333", true), of("222233334444", true), of("333344445555", false)];
    assert_eq!(regions, places, "one row for what was asked, not for each account in the regions of another");
    assert_eq!(rows_of(&focused, "runs")[0]["focus"], json!(["endpoint fraud-scoring"]));
    assert_eq!(rows_of(&blank(), "runs")[0]["complete"], true);
    assert_eq!(rows_of(&denied(), "runs")[0]["complete"], false);
}

#[test]
fn a_run_has_its_place_under_the_day_of_its_collection() {
    let mut report = bank();
    report.collected_at = "2026-11-19T23:59:59.999999999Z".parse().unwrap();
    let keys: Vec<String> = files(&report, RUN).map(|file| file.unwrap().key).collect();
    let key = |table: &str| format!("{table}/v=1/day=2026-11-19/{RUN}.parquet");
    // Reports hold no costs.
    let tables = ["runs", "places", "live_versions", "approvals", "findings", "gaps", "coverage", "alarms"];
    assert_eq!(keys, tables.map(key));
    let empty: Vec<String> = files(&blank(), RUN).map(|file| file.unwrap().key).collect();
    assert_eq!(empty, ["runs", "places"].map(|table| format!("{table}/v=1/day=2026-11-20/{RUN}.parquet")));
}

#[test]
fn a_run_id_that_leads_elsewhere_is_refused() {
    let report = blank();
    for id in ["", "..", "../x", ".hidden", "a/b", "a b", "ä", "a\0", "-x", &"x".repeat(129)] {
        let made: Vec<_> = files(&report, id).collect();
        assert!(matches!(made.as_slice(), [Err(HistoryError::RunId(refused))] if refused == id), "{id:?}: {made:?}");
    }
    for id in ["1", RUN, &run_id(&report).unwrap(), &"x".repeat(128)] {
        assert!(files(&report, id).all(|file| file.is_ok()), "{id}");
    }
}

#[test]
fn a_run_is_named_after_what_it_reported() {
    let (id, other) = (run_id(&bank()).unwrap(), run_id(&many(20)).unwrap());
    assert!(id.starts_with("20261120T090000Z-") && id.len() == 33, "{id}");
    assert_eq!(id, run_id(&bank()).unwrap());
    assert_ne!(id, other);
}

#[test]
fn the_same_run_gives_the_same_bytes_and_another_one_gives_others() {
    let all = |report: &Report, id: &str| files(report, id).map(Result::unwrap).collect::<Vec<_>>();
    let report = hostile();
    let read_again: Report = serde_json::from_slice(&serde_json::to_vec(&report).unwrap()).unwrap();
    assert!(all(&report, RUN) == all(&read_again, RUN));
    assert!(all(&report, "1").iter().zip(all(&report, "2")).all(|(one, other)| one.bytes != other.bytes));
}

#[test]
fn a_file_names_its_format_and_has_statistics_and_compression() {
    for made in files(&bank(), RUN).map(Result::unwrap) {
        let reader = SerializedFileReader::new(file(&made.bytes)).unwrap();
        let metadata = reader.metadata().file_metadata();
        let table = made.key.split('/').next().unwrap();
        let entries: Vec<_> = metadata
            .key_value_metadata()
            .unwrap()
            .iter()
            .map(|entry| (entry.key.as_str(), entry.value.as_deref()))
            .collect();
        assert_eq!(entries, [("countersign.schema", Some(SCHEMA)), ("countersign.table", Some(table))]);
        assert_eq!(metadata.created_by(), Some("countersign version 1"));
        for column in reader.metadata().row_group(0).columns() {
            assert!(column.statistics().is_some(), "{table} {}", column.column_path());
            assert!(matches!(column.compression(), ::parquet::basic::Compression::ZSTD(_)));
        }
    }
}

#[test]
fn a_large_run_is_written_group_by_group() {
    let report = many(2_000);
    let findings = report.findings.len();
    let made = files(&report, RUN).map(Result::unwrap).find(|file| file.key.starts_with("findings/")).unwrap();
    let reader = SerializedFileReader::new(file(&made.bytes)).unwrap();
    let groups: Vec<i64> = reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
    assert_eq!(groups.iter().sum::<i64>(), i64::try_from(findings).unwrap());
    assert!(groups.len() == findings.div_ceil(65_536) && groups.iter().all(|rows| *rows <= 65_536), "{groups:?}");
}

table! {
    /// Every kind of column, required and not.
    "sample": Sample<'a> {
        text: &'a str,
        texts: Vec<&'a str>,
        integer: i64,
        share: f64,
        truth: bool,
        instant: Instant,
        day: Date,
        amount: Amount<'a>,
        status: Status,
        maybe_text: Option<&'a str>,
        maybe_integer: Option<i64>,
        maybe_share: Option<f64>,
        maybe_truth: Option<bool>,
        maybe_instant: Option<Instant>,
    }
}

/// Text as strangers choose it.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), proptest::sample::select(&HOSTILE).prop_map(str::to_owned), Just(String::new())]
}

fn instant() -> impl Strategy<Value = Timestamp> {
    // Years 0 to 9998: the spelling that the test reads back knows no other.
    (-62_167_219_200_000_000_i64..253_370_764_800_000_000).prop_map(|at| Timestamp::from_microsecond(at).unwrap())
}

type Drawn = (
    (String, Vec<String>, i64, f64, bool, Timestamp),
    (i32, i64, Option<String>, Option<i64>, Option<f64>, Option<bool>, Option<Timestamp>),
);

fn drawn() -> impl Strategy<Value = Drawn> {
    let share = || (-1e15..1e15_f64).prop_map(|share| share / 7.0);
    let required = (text(), prop::collection::vec(text(), 0..4), any::<i64>(), share(), any::<bool>(), instant());
    let option = prop::option::of::<BoxedStrategy<i64>>;
    let amount = -999_999_999_999_999_999_i64..1_000_000_000_000_000_000;
    (
        required,
        (
            0..60_000_i32,
            amount,
            prop::option::of(text()),
            option(any::<i64>().boxed()),
            prop::option::of(share()),
            prop::option::of(any::<bool>()),
            prop::option::of(instant()),
        ),
    )
}

fn spelled(millionths: i64) -> String {
    let (sign, digits) = (if millionths < 0 { "-" } else { "" }, millionths.unsigned_abs());
    format!("{sign}{}.{:06}", digits / 1_000_000, digits % 1_000_000)
}

fn row<'a>((required, optional): &'a Drawn, amount: &'a str) -> Sample<'a> {
    let (text, texts, integer, share, truth, at) = required;
    let (day, _, maybe_text, maybe_integer, maybe_share, maybe_truth, maybe_instant) = optional;
    Sample {
        text,
        texts: texts.iter().map(String::as_str).collect(),
        integer: *integer,
        share: *share,
        truth: *truth,
        instant: Instant(*at),
        day: Date::new(1970, 1, 1).unwrap().checked_add(jiff::Span::new().days(*day)).unwrap(),
        amount: Amount(amount),
        status: [Status::Pass, Status::Fail, Status::NotApplicable][texts.len() % 3],
        maybe_text: maybe_text.as_deref(),
        maybe_integer: *maybe_integer,
        maybe_share: *maybe_share,
        maybe_truth: *maybe_truth,
        maybe_instant: maybe_instant.map(Instant),
    }
}

/// What was written, as it should be read; amounts by their digits.
fn expected(row: &Sample<'_>) -> Map<String, Value> {
    let Ok(Value::Object(map)) = serde_json::to_value(row) else { panic!("a row is an object") };
    map
}

fn written(rows: &[Drawn]) -> Option<Vec<Map<String, Value>>> {
    let amounts: Vec<String> = rows.iter().map(|row| spelled(row.1.1)).collect();
    let rows = rows.iter().zip(&amounts).map(|(drawn, amount)| row(drawn, amount));
    let bytes = parquet::write(rows, &run(&blank())).unwrap()?;
    let mut rows = read(&bytes, Sample::TABLE);
    for row in &mut rows {
        row.retain(|name, _| !Table::COMMON.iter().any(|column| column.name == name));
    }
    Some(rows)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn rows_in_are_rows_out(drawn in prop::collection::vec(drawn(), 0..40)) {
        let Some(rows) = written(&drawn) else {
            prop_assert!(drawn.is_empty(), "no file only where there are no rows");
            return Ok(());
        };
        prop_assert_eq!(rows.len(), drawn.len());
        for (mut found, drawn) in rows.into_iter().zip(&drawn) {
            let amount = spelled(drawn.1.1);
            let mut expected = expected(&row(drawn, &amount));
            // Numbers of this test's JSON are binary: amounts are compared by the column's own statistics below.
            found.remove("amount");
            expected.remove("amount");
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn the_order_of_rows_changes_no_row(drawn in prop::collection::vec(drawn(), 1..20)) {
        let reversed: Vec<Drawn> = drawn.iter().rev().cloned().collect();
        let (rows, mut others) = (written(&drawn).unwrap(), written(&reversed).unwrap());
        others.reverse();
        prop_assert_eq!(rows, others);
    }

    #[test]
    fn amounts_are_exact(drawn in drawn()) {
        let amount = spelled(drawn.1.1);
        let bytes = parquet::write([row(&drawn, &amount)], &run(&blank())).unwrap().unwrap();
        let batch = ParquetRecordBatchReaderBuilder::try_new(file(&bytes)).unwrap().build().unwrap().next().unwrap().unwrap();
        let column = batch.column_by_name("amount").unwrap().as_primitive::<Decimal128Type>();
        prop_assert_eq!(column.value(0), i128::from(drawn.1.1));
        prop_assert_eq!(column.scale(), 6);
    }
}

#[test]
fn more_rows_than_one_batch_stay_in_order() {
    let rows = (0..10_000).map(|n| Sample { integer: n, ..row_of_nothing() });
    let bytes = parquet::write(rows, &run(&blank())).unwrap().unwrap();
    let numbers: Vec<i64> = read(&bytes, Sample::TABLE).iter().map(|row| row["integer"].as_i64().unwrap()).collect();
    assert!(numbers == (0..10_000).collect::<Vec<i64>>());
}

fn row_of_nothing() -> Sample<'static> {
    Sample {
        text: "",
        texts: Vec::new(),
        integer: 0,
        share: 0.0,
        truth: false,
        instant: Instant(Timestamp::UNIX_EPOCH),
        day: Date::new(1970, 1, 1).unwrap(),
        amount: Amount("0"),
        status: Status::Pass,
        maybe_text: None,
        maybe_integer: None,
        maybe_share: None,
        maybe_truth: None,
        maybe_instant: None,
    }
}

/// Words that SQL keeps for itself in Athena or `DuckDB`, where a column of that name needs quotes.
#[rustfmt::skip]
const RESERVED: [&str; 44] = [
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "at", "by", "case", "column", "current", "date", "default",
    "desc", "end", "for", "from", "full", "group", "having", "in", "interval", "lateral", "leading", "limit", "natural", "offset",
    "on", "order", "partition", "range", "row", "rows", "start", "table", "time", "timestamp", "to", "trailing", "user", "values",
    "when",
];

#[test]
fn columns_are_named_so_that_nobody_has_to_quote_them() {
    for table in tables() {
        let mut names: Vec<&str> = table.columns().map(|column| column.name).collect();
        for column in table.columns() {
            assert!(column.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}.{}", table.name, column.name);
            assert!(!RESERVED.contains(&column.name), "{}.{}", table.name, column.name);
            assert!(column.about.ends_with('.') && column.about.len() < 255, "{}.{}", table.name, column.name);
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), table.columns().count(), "{} has two columns of one name", table.name);
    }
}

/// What version 1 promised. A line that no longer holds needs a new version; a column that is new must be one that rows
/// may lack, since older files do.
#[test]
fn additions_keep_the_number_and_nothing_else_does() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/history/columns.v1");
    let promised = std::fs::read_to_string(path).unwrap_or_default();
    let columns = tables().flat_map(|table| table.columns().map(move |column| (table, column)));
    let line = |(table, column): (&Table, &Column)| {
        format!("{}.{} {}{}", table.name, column.name, column.kind.glue(), if column.required { "" } else { "?" })
    };
    let now: Vec<String> = columns.map(line).collect();
    let lost: Vec<&str> = promised.lines().filter(|line| !now.iter().any(|now| now == line)).collect();
    assert_eq!(lost, Vec::<&str>::new(), "version 1 promised this: raise the version");
    let new: Vec<&String> = now.iter().filter(|now| !promised.lines().any(|line| line == *now)).collect();
    assert!(promised.is_empty() || new.iter().all(|line| line.ends_with('?')), "older files lack these: {new:?}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, now.join("\n") + "\n").unwrap();
        return;
    }
    assert!(
        new.is_empty(),
        "UPDATE=1 cargo test --no-default-features --lib history writes down that these are promised: {new:?}"
    );
}
