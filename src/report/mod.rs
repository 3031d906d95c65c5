//! The report: one versioned document ([`document`]), composed from an assessment ([`compose()`]), and one file a format
//! that renders it.
//!
//! Names in a report come from strangers. What deceives the eye is made visible in one place ([`escape`]); each format
//! escapes its own markup on top of that, and tests send one hostile corpus through all of them.

use std::io::{self, Write};

use self::document::{FindingRow, Report};

pub mod asff;
pub mod baseline;
pub mod changes;
pub mod compose;
pub mod document;
pub mod escape;
pub mod faults;
pub mod ocsf;
pub mod owned;
pub mod shared;
pub mod text;
pub mod told;
pub mod words;

mod costs_csv;
mod csv;
mod cyclonedx;
mod html;
mod json;
mod junit;
mod lines;
mod markdown;
mod sarif;
mod xlsx;

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

pub use compose::compose;
pub(crate) use csv::cell;

/// A file format of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
pub enum Format {
    /// One self-contained page for people.
    Html,
    /// For pull requests and tickets.
    #[value(name = "md", alias = "markdown")]
    Markdown,
    /// The document itself, `countersign.report/1`.
    Json,
    /// One row a finding, for spreadsheets.
    Csv,
    /// One screen a group of models for those who answer for them: verdict, cost, budget, owner, reviews.
    Manager,
    /// One row a live version with what it costs, for spreadsheets.
    Costs,
    /// The same as a workbook, with owners, budgets and waste: real numbers and dates.
    Xlsx,
    /// Open and ended findings for AWS Security Hub.
    Asff,
    /// Open and ended findings for data lakes and SIEMs, OCSF 1.5.0.
    Ocsf,
    /// Open findings for code-scanning pages, SARIF 2.1.0.
    Sarif,
    /// Findings as test results, for pipelines.
    Junit,
    /// Bill of materials of what serves, for inventories of software and models, CycloneDX 1.7.
    #[value(name = "cyclonedx")]
    CycloneDx,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 12] = [
        Self::Html,
        Self::Markdown,
        Self::Json,
        Self::Csv,
        Self::Manager,
        Self::Costs,
        Self::Xlsx,
        Self::Asff,
        Self::Ocsf,
        Self::Sarif,
        Self::Junit,
        Self::CycloneDx,
    ];

    /// What a run writes unless it is asked for something else.
    pub const DEFAULT: [Self; 5] = [Self::Html, Self::Markdown, Self::Json, Self::Csv, Self::Manager];

    /// The name of the file that a run writes.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Html => "report.html",
            Self::Markdown => "report.md",
            Self::Json => "report.json",
            Self::Csv => "findings.csv",
            Self::Manager => "manager.html",
            Self::Costs => "costs.csv",
            Self::Xlsx => "costs.xlsx",
            Self::Asff => "findings.asff.json",
            Self::Ocsf => "findings.ocsf.jsonl",
            Self::Sarif => "report.sarif",
            Self::Junit => "junit.xml",
            Self::CycloneDx => "report.cdx.json",
        }
    }
}

/// Writes the report in a format, piece by piece: a large report need never be in memory as text.
///
/// # Errors
/// If `out` fails.
pub fn write(report: &Report, format: Format, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Html => html::write(report, out),
        Format::Markdown => markdown::write(report, out),
        Format::Json => json::write(report, out),
        Format::Csv => csv::write(report, out),
        Format::Manager => html::write_manager(report, out),
        Format::Costs => costs_csv::write(report, out),
        Format::Xlsx => xlsx::write(report, out),
        Format::Asff => asff::write(report, out),
        Format::Ocsf => ocsf::write(report, out),
        Format::Sarif => sarif::write(report, out),
        Format::Junit => junit::write(report, out),
        Format::CycloneDx => cyclonedx::write(report, out),
    }
}

/// Writes some findings of a report as `findings.csv` has them.
///
/// # Errors
/// If `out` fails.
pub fn write_csv(report: &Report, findings: &[&FindingRow], out: &mut dyn Write) -> io::Result<()> {
    csv::write_some(report, findings.iter().copied(), out)
}

/// Writes findings as the report holds them, one on a line of JSON.
///
/// # Errors
/// If `out` fails.
pub fn write_jsonl(findings: &[&FindingRow], out: &mut dyn Write) -> io::Result<()> {
    lines::jsonl(findings.iter(), out)
}

/// The bytes of the file.
///
/// # Errors
/// None is known: memory does not fail.
pub fn render(report: &Report, format: Format) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write(report, format, &mut bytes)?;
    Ok(bytes)
}

/// The JSON Schema of [`Report`].
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Report).to_value()
}
