//! Whose findings are: the owners of the live versions that each is about or touches.

use std::collections::BTreeMap;

use super::document::{FindingRow, Report};

/// Owners by live version.
pub struct Owners<'r>(BTreeMap<&'r str, &'r str>);

impl<'r> Owners<'r> {
    /// Those of a report.
    pub fn of(report: &'r Report) -> Self {
        let named = report.live_versions.iter();
        Self(named.filter_map(|live| Some((live.id.as_str(), live.owner.as_ref()?.name.as_str()))).collect())
    }

    /// Those of a finding, each once, by name.
    pub fn of_finding(&self, finding: &FindingRow) -> Vec<&'r str> {
        let mut owners: Vec<&str> =
            finding.subject.touches().filter_map(|id| self.0.get(id.as_str()).copied()).collect();
        owners.sort_unstable();
        owners.dedup();
        owners
    }

    /// Whether a live version that a finding is about or touches has this owner, or none.
    pub fn has(&self, finding: &FindingRow, owner: Option<&str>) -> bool {
        finding.subject.touches().any(|id| match (self.0.get(id.as_str()), owner) {
            (Some(name), Some(owner)) => name.eq_ignore_ascii_case(owner),
            (None, None) => true,
            _ => false,
        })
    }
}
