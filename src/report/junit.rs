//! `junit.xml`: findings as tests, for the pages on which pipelines show test results.
//!
//! Each live version is a test suite, and what stands beside them (alarms, buckets, accounts and regions, the run) is one more.
//! Each finding is a test case:
//!
//! | Finding | Test case |
//! |---|---|
//! | passes | passes |
//! | fails | `failure`, its type the severity |
//! | could not be decided | `skipped`, with "not known: …" |
//! | could not be decided, and failed when it last was | `failure`: a lost permission makes no failure go away |
//! | waived | `skipped`, with "waived: …" |
//! | does not apply | is left out |
//!
//! Unknown is `skipped` and not `error`: pipelines count skipped tests apart from those that passed, and many stop at any error,
//! which would make each unread log file a verdict. Whoever wants incomplete evidence to stop the pipeline asks for
//! `--require-complete`, and exit code 3 stops it.
//!
//! One suite at a time is made and written, so a large report is never in memory as XML.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::document::{FindingRow, LiveVersionRow, Report};
use super::escape::visible;
use super::words;
use crate::control::Status;

/// Name of the suite of what is no live version.
const BESIDE: &str = "beside the live versions";

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(1 << 16, out);
    let count = |wanted: Test| report.findings.iter().filter(|row| test(row) == Some(wanted)).count();
    let (passed, failed, skipped) = (count(Test::Pass), count(Test::Fail), count(Test::Skip));
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"countersign\" tests=\"{}\" failures=\"{failed}\" errors=\"0\">",
        passed + failed + skipped
    )?;
    let live: HashMap<&str, &LiveVersionRow> = report.live_versions.iter().map(|row| (row.id.as_str(), row)).collect();
    for rows in report.findings.chunk_by(|a, b| a.subject.live_version == b.subject.live_version) {
        if let Some(suite) = suite(rows, &live) {
            write_suite(suite, &mut out)?;
        }
    }
    writeln!(out, "</testsuites>")?;
    out.flush()
}

/// What a finding is as a test.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Test {
    Pass,
    Fail,
    Skip,
}

/// `None` for what does not apply.
fn test(row: &FindingRow) -> Option<Test> {
    match row.status {
        Status::Pass => Some(Test::Pass),
        Status::Fail => Some(Test::Fail),
        Status::Unknown if row.last_known.is_some_and(|known| known.status == Status::Fail) => Some(Test::Fail),
        Status::Unknown | Status::Waived => Some(Test::Skip),
        Status::NotApplicable => None,
    }
}

/// The findings of one live version, or of what is none.
fn suite(rows: &[FindingRow], live: &HashMap<&str, &LiveVersionRow>) -> Option<TestSuite> {
    let id = rows.first()?.subject.live_version.as_ref();
    let mut suite = TestSuite::new(&*visible(id.map_or(BESIDE, |id| id)));
    if let Some(live) = id.and_then(|id| live.get(id.as_str())) {
        suite.add_property(("verdict", words::verdict(live.readiness.verdict)));
        if let Some(owner) = &live.owner {
            suite.add_property(("owner", &*visible(&owner.name)));
        }
        suite.add_property(("version", &*visible(&live.version_key)));
    }
    suite.add_test_cases(rows.iter().filter_map(case));
    (suite.tests > 0).then_some(suite)
}

fn case(row: &FindingRow) -> Option<TestCase> {
    let reason = visible(&row.reason);
    let status = match test(row)? {
        Test::Pass => TestCaseStatus::success(),
        Test::Fail => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let message = match row.last_known {
                Some(known) if row.status == Status::Unknown => {
                    format!("not known, and it failed when it was last decided, on {}: {reason}", words::day(known.at))
                }
                _ => reason.into_owned(),
            };
            status.set_message(message).set_type(words::severity(row.severity)).set_description(details(row));
            status
        }
        Test::Skip => {
            let mut status = TestCaseStatus::skipped();
            let message = match &row.waiver {
                Some(waiver) if row.status == Status::Waived => format!("waived: {}", visible(waiver)),
                _ => format!("not known: {reason}"),
            };
            status.set_message(message).set_type(words::status_key(row.status)).set_description(details(row));
            status
        }
    };
    let subject = &row.subject;
    let mut name = format!("{} {}", row.code, visible(&row.summary));
    if subject.live_version.is_none() {
        _ = write!(name, " [{} {}]", visible(&subject.kind), visible(&subject.name));
    }
    let mut case = TestCase::new(name, status);
    case.set_classname(format!("countersign.{}", row.code));
    Some(case)
}

/// What a reader needs to act, a line each.
fn details(row: &FindingRow) -> String {
    let mut lines = vec![
        format!("subject: {}", visible(&row.subject.name)),
        format!("severity: {}, gate: {}", words::severity(row.severity), words::gate(row.gate)),
        format!("reason: {}", visible(&row.reason)),
    ];
    lines.extend(row.notes.iter().map(|note| format!("note: {}", visible(note))));
    if !row.remedy.is_empty() {
        lines.push(format!("what to do: {}", visible(&row.remedy)));
    }
    lines.push(format!("finding: {}, countersign controls {}", visible(&row.id), visible(&row.code)));
    lines.join("\n")
}

/// Writes one suite without the frame that the library puts around it. Names are escaped, so its tags are the only ones.
fn write_suite(suite: TestSuite, out: &mut dyn Write) -> io::Result<()> {
    let mut frame = quick_junit::Report::unnamed();
    frame.add_test_suite(suite);
    let text = frame.to_string().map_err(io::Error::other)?;
    let start = text.find("    <testsuite ").unwrap_or_default();
    let end = text.rfind("</testsuites>").unwrap_or(text.len());
    out.write_all(text.get(start..end).unwrap_or_default().as_bytes())
}

#[cfg(test)]
mod tests;
