//! What objects hold that is no fact by itself.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ledger::ledger;
use super::object::Hash;
use crate::evidence::{EventWindow, History, LogWindow, PastFinding, PastLiveVersion, Unseen};
use crate::report::changes::{refusal, unseen};
use crate::report::document::Report;

/// A report as a later one sees it, without an archive between them.
pub fn as_history(report: &Report, name: &str) -> History {
    LastRun::of(report, None).named(name.to_owned(), name.to_owned())
}

/// Over which spans any run of an account read events completely, and when it last listed artifacts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Windows {
    /// Of the event history.
    pub events: Vec<At<EventWindow>>,
    /// Of log files.
    pub logs: Vec<At<LogWindow>>,
    /// When the artifacts of a place were last listed. A listing that nothing else is said of was last seen then.
    pub listed: Vec<At<Timestamp>>,
}

/// Something and where it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct At<T> {
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// What it is.
    pub data: T,
}

/// What a run leaves for the next one of its account to compare with: a [`History`](crate::evidence::History) that does
/// not know yet where it will lie.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastRun {
    /// When it collected.
    pub at: Timestamp,
    /// The tool.
    pub tool: String,
    /// SHA-256 of its policy.
    pub policy_hash: String,
    /// Regions that it read, in whichever account.
    pub regions: Vec<String>,
    /// Accounts and regions that it read, as `account/region`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<String>,
    /// Codes of the controls that judged.
    pub controls: Vec<String>,
    /// What became of each finding.
    pub findings: Vec<PastFinding>,
    /// Live versions.
    pub live_versions: Vec<PastLiveVersion>,
    /// Operations that AWS refused.
    pub refused: Vec<String>,
    /// What could not be seen at all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<Unseen>,
    /// Ids of live versions that its policy left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<String>,
}

impl LastRun {
    /// What a report leaves behind.
    pub(super) fn of(report: &Report, previous: Option<&History>) -> Self {
        let mut refused: Vec<String> = report.gaps.iter().filter(|gap| gap.cause == "denied").map(refusal).collect();
        refused.sort();
        refused.dedup();
        let live = report.live_versions.iter();
        Self {
            at: report.collected_at,
            tool: report.tool.clone(),
            policy_hash: report.policy.hash.clone(),
            regions: report.scope.regions.clone(),
            places: report.scope.places_read().map(|(account, region)| format!("{account}/{region}")).collect(),
            controls: report.controls.iter().map(ToString::to_string).collect(),
            findings: ledger(previous, report),
            live_versions: live
                .map(|live| PastLiveVersion {
                    id: live.id.to_string(),
                    version_key: live.version_key.clone(),
                    model: live.model.clone(),
                })
                .collect(),
            refused,
            unseen: unseen(&report.gaps).into_iter().collect(),
            excluded: report.exclusions.iter().map(|exclusion| exclusion.id.clone()).collect(),
        }
    }

    /// As the next run sees it, from the entry of this archive that holds it.
    pub(super) fn into_history(self, archive: String, entry: Hash) -> History {
        self.named(archive, entry.to_string())
    }

    fn named(self, archive: String, run: String) -> History {
        let Self {
            at,
            tool,
            policy_hash,
            regions,
            places,
            controls,
            findings,
            live_versions,
            refused,
            unseen,
            excluded,
        } = self;
        History {
            archive,
            run,
            at,
            tool,
            policy_hash,
            regions,
            places,
            controls,
            findings,
            live_versions,
            refused,
            unseen,
            excluded,
        }
    }
}
