//! Findings that were accepted as known, so that a pipeline stops only for what is new: `countersign.baseline/1`.
//!
//! A baseline changes no finding and no verdict. It is a file to be reviewed and kept beside the policy, sorted and one
//! finding a line, so that a difference shows what was accepted.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::document::{BaselineRef, Report};
use crate::control::{Severity, Status};
use crate::files::write_atomically;

/// Name and version of the format.
pub const SCHEMA: &str = "countersign.baseline/1";

/// Findings that were accepted as known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// [`SCHEMA`].
    pub schema: String,
    /// The report that they come from was judged as of this instant.
    pub created: Timestamp,
    /// What failed then, by code and subject.
    pub findings: Vec<Known>,
    /// The file; empty for one that was just made.
    #[serde(skip)]
    pub origin: String,
}

/// One finding that was accepted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// Code of the control.
    pub code: String,
    /// Name of the subject.
    pub subject: String,
    /// Severity.
    pub severity: Severity,
    /// Why it failed.
    pub reason: String,
    /// What it is recognised by.
    pub fingerprint: String,
}

/// Why a baseline could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// The file system refused.
    #[error("cannot {verb} baseline `{}`: {source}", path.display())]
    Io {
        /// `read` or `write`.
        verb: &'static str,
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Not what `baseline create` writes.
    #[error("baseline `{}`, line {line}, column {column}: {message}; make it anew with `countersign baseline create`", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What was wrong.
        message: String,
    },
    /// Written by another version of the format.
    #[error("baseline `{}` has the schema `{found}`, but this version reads `{SCHEMA}`; make it anew with `countersign baseline create`", path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: String,
    },
}

impl Baseline {
    /// Everything of at least this severity that fails in a report.
    pub fn of(report: &Report, least: Severity) -> Self {
        let failing = report.findings.iter().filter(|row| row.status == Status::Fail && row.severity >= least);
        let mut findings: Vec<Known> = failing
            .map(|row| Known {
                code: row.code.to_string(),
                subject: row.subject.name.to_string(),
                severity: row.severity,
                reason: row.reason.to_string(),
                fingerprint: row.fingerprint.to_string(),
            })
            .collect();
        findings.sort();
        Self { schema: SCHEMA.to_owned(), created: report.as_of, findings, origin: String::new() }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read, or is no baseline of this version.
    pub fn load(path: &Path) -> Result<Self, BaselineError> {
        let io = |source| BaselineError::Io { verb: "read", path: path.to_owned(), source };
        let text = std::fs::read(path).map_err(io)?;
        let mut baseline: Self = serde_json::from_slice(&text).map_err(|error| BaselineError::Malformed {
            path: path.to_owned(),
            line: error.line(),
            column: error.column(),
            message: error.to_string(),
        })?;
        if baseline.schema != SCHEMA {
            return Err(BaselineError::Schema { path: path.to_owned(), found: baseline.schema });
        }
        baseline.origin = path.display().to_string();
        Ok(baseline)
    }

    /// Writes the file, one finding a line; it appears complete or not at all.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn save(&self, path: &Path) -> Result<(), BaselineError> {
        let io = |source| BaselineError::Io { verb: "write", path: path.to_owned(), source };
        write_atomically(path, |file| self.write(file)).map_err(io)
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let json = |value: &str| serde_json::to_string(value).map_err(io::Error::other);
        writeln!(out, "{{\n\"schema\": {},\n\"created\": {},", json(&self.schema)?, json(&self.created.to_string())?)?;
        write!(out, "\"findings\": [")?;
        for (at, known) in self.findings.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(out, "{comma}\n{}", serde_json::to_string(known).map_err(io::Error::other)?)?;
        }
        writeln!(out, "\n]\n}}")
    }

    /// Marks what it holds among the findings of a report.
    pub fn mark(&self, report: &mut Report) {
        let known: BTreeSet<&str> = self.findings.iter().map(|known| known.fingerprint.as_str()).collect();
        // What could not be decided, or may be in a place that could not be read, may fail as before.
        let all_seen = report.summary.unread.is_empty();
        let mut may_fail = BTreeSet::new();
        let mut reported = BTreeSet::new();
        for row in &mut report.findings {
            let Some(known) = known.get(row.fingerprint.as_str()) else { continue };
            row.known = matches!(row.status, Status::Fail | Status::Waived) || row.last_known.is_some();
            reported.insert(*known);
            if row.known || row.status == Status::Unknown {
                may_fail.insert(*known);
            }
        }
        let stale = known.iter().filter(|it| !may_fail.contains(*it) && (all_seen || reported.contains(*it))).count();
        report.baseline =
            Some(BaselineRef { origin: self.origin.clone(), created: self.created, findings: known.len(), stale });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_baseline_is_read_as_it_was_written_one_finding_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known.json");
        for report in [sample::bank(), sample::hostile(), sample::blank()] {
            let made = Baseline::of(&report, Severity::Info);
            made.save(&path).unwrap();
            let read = Baseline::load(&path).unwrap();
            assert_eq!(read, Baseline { origin: path.display().to_string(), ..made.clone() });
            let text = std::fs::read_to_string(&path).unwrap();
            assert_eq!(text.lines().count(), 6 + made.findings.len());
        }
    }

    #[test]
    fn only_what_fails_and_is_grave_enough_is_accepted() {
        let report = sample::bank();
        let all = Baseline::of(&report, Severity::Info).findings;
        let grave = Baseline::of(&report, Severity::Critical).findings;
        let failing =
            |least| report.findings.iter().filter(|it| it.status == Status::Fail && it.severity >= least).count();
        assert_eq!((all.len(), grave.len()), (failing(Severity::Info), failing(Severity::Critical)));
        assert!(!grave.is_empty() && grave.len() < all.len());
    }

    #[test]
    fn what_is_accepted_is_marked_and_what_no_longer_fails_is_counted() {
        let mut report = sample::bank();
        let mut baseline = Baseline::of(&report, Severity::High);
        baseline.findings.push(Known { fingerprint: "gone".to_owned(), ..baseline.findings[0].clone() });
        baseline.mark(&mut report);
        let marked = report.findings.iter().filter(|row| row.known).count();
        assert_eq!(marked + 1, baseline.findings.len());
        assert!(report.findings.iter().all(|row| !row.known || row.severity >= Severity::High));
        assert_eq!(report.baseline.as_ref().unwrap().stale, 1);

        let marked = report.findings.iter().position(|row| row.known).unwrap();
        report.findings[marked].status = Status::Pass;
        baseline.mark(&mut report);
        assert_eq!(report.baseline.as_ref().unwrap().stale, 2);
        report.findings[marked].status = Status::Unknown;
        baseline.mark(&mut report);
        assert_eq!(report.baseline.as_ref().unwrap().stale, 1, "it may still fail");
        report.summary.unread = vec!["111122223333/eu-central-1".to_owned()];
        baseline.mark(&mut report);
        assert_eq!(report.baseline.as_ref().unwrap().stale, 0, "and so may what could not be seen");
    }

    #[test]
    fn another_file_is_refused_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        for (text, words) in [
            ("{\n \"schema\": 7}", "line 2"),
            (
                "{\"schema\": \"countersign.report/1\", \"created\": \"2026-11-20T09:00:00Z\", \"findings\": []}",
                "countersign.report/1",
            ),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = Baseline::load(&path).unwrap_err().to_string();
            assert!(error.contains(words) && error.contains("baseline create"), "{error}");
        }
        assert!(
            Baseline::load(Path::new("/nowhere")).unwrap_err().to_string().contains("cannot read baseline `/nowhere`")
        );
    }
}
