//! Reading a `report.json` as a stranger would: by its documented names, without our types.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

/// A report that was read back.
pub struct Report(pub Value);

impl Report {
    /// Reads `report.json` in a folder.
    pub fn in_folder(folder: &Path) -> Self {
        let bytes = std::fs::read(folder.join("report.json")).expect("a report");
        Self(serde_json::from_slice(&bytes).expect("the report is JSON"))
    }

    /// `CODE subject` of every finding with this status, the completeness of evidence left out.
    pub fn with_status(&self, status: &str) -> BTreeSet<String> {
        self.findings().filter(|(_, is)| *is == status).map(|(name, _)| name).collect()
    }

    /// Status by `CODE subject`.
    pub fn statuses(&self) -> BTreeMap<String, String> {
        self.findings().map(|(name, status)| (name, status.to_owned())).collect()
    }

    fn findings(&self) -> impl Iterator<Item = (String, &str)> {
        let findings = self.0["findings"].as_array().expect("findings").iter();
        findings.filter(|finding| finding["code"] != "EVD-001").map(|finding| {
            let text = |value: &'_ Value| value.as_str().expect("text").to_owned();
            let name = format!("{} {}", text(&finding["code"]), text(&finding["subject"]["name"]));
            (name, finding["status"].as_str().expect("a status"))
        })
    }

    /// Verdict by live version.
    pub fn verdicts(&self) -> BTreeMap<String, String> {
        let rows = self.0["live_versions"].as_array().expect("live versions").iter();
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        rows.map(|row| (text(&row["id"]), text(&row["readiness"]["verdict"]))).collect()
    }

    /// IAM actions that the gaps name.
    pub fn gap_actions(&self) -> BTreeSet<String> {
        let gaps = self.0["gaps"].as_array().expect("gaps").iter();
        gaps.map(|gap| gap["action"].as_str().expect("an action").to_owned()).collect()
    }

    /// The headline.
    pub fn headline(&self) -> &str {
        self.0["summary"]["headline"].as_str().expect("a headline")
    }
}

/// `CODE subject` of every entry of a truth file with this status.
pub fn planted(truth: &Value, status: &str) -> BTreeSet<String> {
    let rows = ["findings", "unknown"].into_iter().filter_map(|name| truth[name].as_array()).flatten();
    rows.filter(|row| row["status"] == status)
        .map(|row| format!("{} {}", row["code"].as_str().expect("a code"), row["subject"].as_str().expect("a subject")))
        .collect()
}
