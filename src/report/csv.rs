//! `findings.csv`: one row a finding, passes included, for spreadsheets.
//!
//! A spreadsheet takes a cell for a formula if it begins with `=`, `+`, `-`, `@`, a tab or a carriage return, even
//! inside quotes. Such a cell gets a leading apostrophe, which spreadsheets hide and other readers must strip. Control
//! characters are written out first, so that only the four signs remain.

use std::borrow::Cow;
use std::io::{self, Write};

use super::document::{FindingRow, FindingState, Report};
use super::escape::visible;
use super::owned::Owners;
use super::shared::Shared;
use super::words;

const HEADER: [&str; 20] = [
    "id",
    "status",
    "severity",
    "gate",
    "code",
    "control",
    "summary",
    "account",
    "region",
    "subject_kind",
    "subject",
    "live_versions",
    "owner",
    "reason",
    "remedy",
    "evidence",
    "fingerprint",
    "state",
    "first_seen",
    "known",
];

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    write_some(report, report.findings.iter(), out)
}

/// The same for some of the findings of a report.
pub(super) fn write_some<'r>(
    report: &'r Report,
    findings: impl Iterator<Item = &'r FindingRow>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let owners = Owners::of(report);
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    csv.write_record(HEADER)?;
    for finding in findings {
        write_row(&mut csv, finding, &owners.of_finding(finding).join("; "))?;
    }
    csv.flush()
}

fn write_row<W: Write>(csv: &mut csv::Writer<W>, finding: &FindingRow, owners: &str) -> csv::Result<()> {
    let subject = &finding.subject;
    let cells: [&str; HEADER.len()] = [
        &finding.id,
        words::status_key(finding.status),
        words::severity(finding.severity),
        words::gate(finding.gate),
        &finding.code,
        &finding.control,
        &finding.summary,
        &subject.account,
        &subject.region,
        &subject.kind,
        &subject.name,
        &joined(subject.touches(), "; "),
        owners,
        &reason(finding),
        &finding.remedy,
        &joined(&finding.evidence, " "),
        &finding.fingerprint,
        finding.state.map_or("", FindingState::key),
        &finding.first_seen.map(|at| at.to_string()).unwrap_or_default(),
        if finding.known { "yes" } else { "no" },
    ];
    for text in cells {
        csv.write_field(cell(text).as_bytes())?;
    }
    csv.write_record(None::<&[u8]>)
}

/// The reason with what else a reader should know.
fn reason(finding: &FindingRow) -> String {
    let mut text = finding.reason.to_string();
    for note in &finding.notes {
        text.push_str("; ");
        text.push_str(note);
    }
    if let Some(waiver) = &finding.waiver {
        text.push_str("; waived: ");
        text.push_str(waiver);
    }
    text
}

fn joined<'a>(parts: impl IntoIterator<Item = &'a Shared>, separator: &str) -> String {
    parts.into_iter().map(Shared::as_str).collect::<Vec<_>>().join(separator)
}

/// What opens a formula; some spreadsheets also take the full-width signs for it.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// A cell that no spreadsheet takes for a formula.
pub(crate) fn cell(text: &str) -> Cow<'_, str> {
    let shown = visible(text);
    if shown.starts_with(FORMULA) { Cow::Owned(format!("'{shown}")) } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\u{ff1d}1"] {
            let cell = cell(text);
            assert!(!cell.starts_with(FORMULA) && !cell.starts_with(['\t', '\r']), "{cell}");
        }
        assert_eq!(cell("fraud-screening"), "fraud-screening");
    }
}
