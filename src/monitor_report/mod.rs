//! Reports of Model Monitor: what one execution found against its constraints.
//!
//! The four kinds of monitor, and containers of one's own, write a file of the same shape, in which a violation is about a
//! feature, a metric, a label, or one group of people:
//!
//! | Monitor | Members of a violation, beside `constraint_check_type` and `description` |
//! |---|---|
//! | data quality | `feature_name` |
//! | model quality | `metric_name` |
//! | bias | `facet`, `facet_value`, `metric_name` |
//! | feature attribution | `label`, `metric_name` |
//!
//! A file comes from whoever may write below its prefix, so its size is bounded and nothing in it is believed to be short.
//!
//! Sources: <https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-violations.html>,
//! <https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-bias-drift-violations.html>,
//! <https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-model-attribution-drift-violations.html>

mod entry;

use std::fmt;

use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::evidence::Violation;
use entry::Entry;

/// Names that a report's file has: that of AWS's own containers, and how containers of one's own often spell it.
pub const FILE_NAMES: [&str; 2] = ["constraint_violations.json", "constraints_violations.json"];

/// The largest file that is read, in bytes: a violation takes some 200, and a monitor has at most thousands of features.
pub const LARGEST: usize = 8 * 1024 * 1024;

/// Violations that are kept; all are counted.
pub const KEPT: usize = 1_000;

/// What a report says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Violations in the order of the file, the first [`KEPT`].
    pub violations: Vec<Violation>,
    /// How many there are in all.
    pub total: usize,
}

/// A report that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// It is larger than a report can be.
    #[error("`{file}` has more than {LARGEST} bytes; a report of a monitor is expected to be far smaller")]
    TooLarge {
        /// The file.
        file: String,
    },
    /// It does not say what a report says.
    #[error(
        "`{file}`, line {line}, column {column}: {problem}; expected a report of a monitor, \
         `{{\"violations\": [{{\"feature_name\": …, \"constraint_check_type\": …, \"description\": …}}]}}`"
    )]
    Malformed {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong there.
        problem: String,
    },
}

/// Reads a report. `file` is what errors call it.
///
/// # Errors
/// If it is larger than [`LARGEST`], no JSON, cut off, or one of its members is missing or of another type.
pub fn read(file: &str, bytes: &[u8]) -> Result<Report, ReportError> {
    if bytes.len() > LARGEST {
        return Err(ReportError::TooLarge { file: file.to_owned() });
    }
    // Some editors on Windows begin a file with the mark of its encoding.
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = serde_json::Deserializer::from_slice(text);
    let report = reader.deserialize_map(Whole).and_then(|report| reader.end().map(|()| report));
    report.map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let problem = error.to_string();
        let place = format!(" at line {line} column {column}");
        let problem = problem.strip_suffix(&place).unwrap_or(&problem).replace(char::is_control, " ");
        ReportError::Malformed { file: file.to_owned(), line, column, problem }
    })
}

/// The file: an object with `violations` and whatever else.
struct Whole;

impl<'de> Visitor<'de> for Whole {
    type Value = Report;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Report, A::Error> {
        let mut report = None;
        while let Some(name) = members.next_key::<String>()? {
            if name != "violations" {
                members.next_value::<IgnoredAny>()?;
            } else if report.is_some() {
                return Err(serde::de::Error::duplicate_field("violations"));
            } else {
                report = Some(members.next_value::<List>()?.0);
            }
        }
        report.ok_or_else(|| serde::de::Error::missing_field("violations"))
    }
}

/// The list of violations, of which only the first are kept.
struct List(Report);

impl<'de> serde::Deserialize<'de> for List {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = List;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of violations")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<List, A::Error> {
                let mut report = Report::default();
                while let Some(entry) = entries.next_element::<Entry>()? {
                    report.total += 1;
                    let violation = entry.violation(report.total).map_err(serde::de::Error::custom)?;
                    if report.violations.len() < KEPT {
                        report.violations.push(violation);
                    }
                }
                Ok(List(report))
            }
        }
        deserializer.deserialize_seq(Entries)
    }
}

#[cfg(test)]
mod tests;
