//! What the columns hold is what the JSON says.

use std::fs::File;
use std::io::Write as _;

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use super::*;
use crate::report::sample::{bank, blank, hostile, many};

const RUN: &str = "20261120T090000Z-1f";

fn read(bytes: &[u8]) -> Vec<Value> {
    let mut file: File = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    let batches: Vec<_> =
        ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap().map(Result::unwrap).collect();
    let mut writer = arrow_json::ArrayWriter::new(Vec::new());
    writer.write_batches(&batches.iter().collect::<Vec<_>>()).unwrap();
    writer.finish().unwrap();
    serde_json::from_slice(&writer.into_inner()).unwrap()
}

fn sorted(mut rows: Vec<Value>) -> Vec<Value> {
    rows.sort_by_key(|row| row["metadata"]["uid"].to_string() + &row.to_string());
    rows
}

#[test]
fn the_columns_hold_what_the_json_says_hostile_names_included() {
    for report in [bank(), hostile(), blank(), many(300)] {
        let files: Vec<HistoryFile> = files(&report, RUN).map(Result::unwrap).collect();
        let found = files.iter().flat_map(|file| read(&file.bytes)).collect();
        let expected = ocsf::events(&report).map(|event| serde_json::to_value(event).unwrap()).collect();
        assert_eq!(sorted(found), sorted(expected));
    }
}

#[test]
fn each_place_has_a_file_under_its_account_region_and_day() {
    let mut report = bank();
    report.collected_at = "2026-11-19T23:59:59.9Z".parse().unwrap();
    let elsewhere = |row: &mut crate::report::document::FindingRow| {
        let subject = std::sync::Arc::make_mut(&mut row.subject);
        (subject.account, subject.region) = ("222233334444".into(), "eu-west-1".into());
    };
    report.findings.iter_mut().filter(|row| row.code == "MON-001").for_each(elsewhere);
    let files: Vec<HistoryFile> = files(&report, RUN).map(Result::unwrap).collect();
    let keys: Vec<&str> = files.iter().map(|file| file.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "region=eu-central-1/accountId=111122223333/eventDay=20261119/20261120T090000Z-1f.parquet",
            "region=eu-west-1/accountId=222233334444/eventDay=20261119/20261120T090000Z-1f.parquet",
        ]
    );
    for (file, account) in files.iter().zip(["111122223333", "222233334444"]) {
        let rows = read(&file.bytes);
        assert!(!rows.is_empty());
        for row in rows {
            assert_eq!(row["cloud"]["account"]["uid"], account);
            assert_eq!(row["class_uid"], 2003);
            assert_eq!(row["time"], report.collected_at.as_millisecond());
        }
    }
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let all = || files(&hostile(), RUN).map(Result::unwrap).collect::<Vec<_>>();
    assert!(all() == all());
}

#[test]
fn nothing_to_tell_is_no_file_and_a_run_id_that_leads_elsewhere_is_refused() {
    assert_eq!(files(&blank(), RUN).count(), 0);
    assert!(matches!(files(&bank(), "../x").next(), Some(Err(HistoryError::RunId(_)))));
    assert_eq!(files(&bank(), "../x").count(), 1);
}

#[test]
fn the_value_of_a_partition_cannot_be_read_as_more() {
    let cases =
        [("eu-central-1", "eu-central-1"), ("a/b=c", "a%2Fb%3Dc"), ("..", "%2E%2E"), ("", "unknown"), ("ä", "%C3%A4")];
    for (value, expected) in cases {
        assert_eq!(partition(value), expected);
    }
}

#[test]
fn a_type_that_no_column_stands_for_is_an_error_not_a_guess() {
    #[derive(schemars::JsonSchema)]
    #[allow(dead_code, reason = "only its schema is read")]
    struct Open {
        anything: Value,
    }
    assert!(columns::of::<Open>().is_err());
    assert!(columns::of::<String>().is_err());
    let schema = schema().unwrap();
    let column = |name: &str| schema.field_with_name(name).unwrap().data_type().clone();
    assert_eq!(column("time"), arrow_schema::DataType::Int64);
    assert_eq!(column("class_uid"), arrow_schema::DataType::Int32);
    assert!(
        schema.field_with_name("evidences").unwrap().is_nullable()
            && !schema.field_with_name("time").unwrap().is_nullable()
    );
}
