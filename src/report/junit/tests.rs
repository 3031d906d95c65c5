use proptest::prelude::*;

use super::*;
use crate::report::sample::{bank, blank, hostile};

fn junit(report: &Report) -> String {
    let mut text = Vec::new();
    write(report, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn what_is_counted_is_what_is_there() {
    let report = bank();
    let text = junit(&report);
    let of = |wanted: &[Status]| report.findings.iter().filter(|row| wanted.contains(&row.status)).count();
    let still = report.findings.iter().filter(|row| row.status == Status::Unknown && row.last_known.is_some()).count();
    assert!(still > 0);
    assert_eq!(text.matches("<failure ").count(), of(&[Status::Fail]) + still);
    assert_eq!(text.matches("<skipped ").count(), of(&[Status::Unknown, Status::Waived]) - still);
    assert_eq!(text.matches("<testcase ").count(), of(&[Status::Pass, Status::Fail, Status::Unknown, Status::Waived]));
    let live = report.live_versions.iter().filter(|live| {
        report.findings.iter().any(|row| row.subject.live_version.as_ref() == Some(&live.id) && test(row).is_some())
    });
    assert_eq!(text.matches("<testsuite ").count(), live.count());
    let read = quick_junit::Report::deserialize_from_str(&text).unwrap();
    assert_eq!(read.tests, text.matches("<testcase ").count());
    assert_eq!(read.test_suites.iter().map(|suite| suite.failures).sum::<usize>(), read.failures);
    assert!(junit(&blank()).contains("tests=\"0\""));
}

#[test]
fn an_unknown_never_reads_as_a_pass() {
    let report = bank();
    let read = quick_junit::Report::deserialize_from_str(&junit(&report)).unwrap();
    let passed = read.test_suites.iter().flat_map(|suite| &suite.test_cases);
    let passed = passed.filter(|case| matches!(case.status, TestCaseStatus::Success { .. })).count();
    assert_eq!(passed, report.findings.iter().filter(|row| row.status == Status::Pass).count());
}

#[test]
fn hostile_names_are_text() {
    let text = junit(&hostile());
    let bad = text
        .chars()
        .find(|c| (c.is_control() && *c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{fffe}' | '\u{ffff}'));
    assert_eq!(bad, None);
    let read = quick_junit::Report::deserialize_from_str(&text).unwrap();
    let cases = hostile().findings.iter().filter(|row| test(row).is_some()).count();
    assert_eq!(read.test_suites.iter().map(|suite| suite.test_cases.len()).sum::<usize>(), cases);
    let first = hostile().live_versions.iter().map(|live| visible(&live.id).into_owned()).collect::<Vec<_>>();
    assert!(read.test_suites.iter().any(|suite| first.contains(&suite.name.as_str().to_owned())), "names survive");
}

/// What XML 1.0 allows, less what a terminal obeys.
fn is_text(c: char) -> bool {
    matches!(c, '\n' | ' '..='\u{7e}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_makes_a_document(text in prop_oneof![".{0,60}", "(?s)[\\x00-\\x9f\\u{fff0}-\\u{ffff}<>&'\"\\]]{0,60}"]) {
        let mut report = bank();
        report.findings.truncate(30);
        let name = crate::report::shared::Shared::from(text.as_str());
        let once = |name: &str| crate::report::shared::Shared::from(format!("{name}{text}"));
        for (row, status) in report.findings.iter_mut().zip(crate::report::words::STATUSES.into_iter().cycle()) {
            (row.reason, row.remedy, row.summary) = (name.clone(), name.clone(), name.clone());
            (row.id, row.waiver, row.status) = (once(&row.id), Some(text.clone()), status);
            let mut subject = (*row.subject).clone();
            subject.live_version = subject.live_version.map(|id| once(&id));
            (subject.name, subject.kind) = (name.clone(), name.clone());
            row.subject = std::sync::Arc::new(subject);
        }
        for live in &mut report.live_versions {
            (live.id, live.version_key) = (once(&live.id), format!("{}{text}", live.version_key));
        }
        let written = junit(&report);
        prop_assert!(written.chars().all(is_text), "{written}");
        let read = quick_junit::Report::deserialize_from_str(&written).unwrap();
        let cases = report.findings.iter().filter(|row| test(row).is_some()).count();
        prop_assert_eq!(read.test_suites.iter().map(|suite| suite.test_cases.len()).sum::<usize>(), cases);
    }
}

#[test]
fn it_reads_as_before() {
    let mut report = bank();
    let live = report.live_versions[1].id.clone();
    report.findings.retain(|row| row.subject.live_version.as_ref() == Some(&live));
    report.findings.truncate(3);
    let beside = crate::report::document::SubjectRow {
        kind: "alarm".into(),
        name: "anomaly-errors".into(),
        live_version: None,
        ..(*report.findings[0].subject).clone()
    };
    for status in [Status::Fail, Status::Unknown, Status::Waived, Status::NotApplicable] {
        let subject = std::sync::Arc::new(beside.clone());
        let waiver = Some("until the migration (owner ana, approved by omar)".to_owned());
        report.findings.push(FindingRow { status, subject, waiver, ..report.findings[0].clone() });
    }
    insta::assert_snapshot!("junit", junit(&report));
}
