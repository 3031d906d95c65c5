//! Entries: what one run added, and what came before it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::object::{Hash, Ref};

/// Name and version of the format. Additions keep the number.
pub const SCHEMA: &str = "countersign.archive/1";

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// [`SCHEMA`].
    pub schema: String,
    /// Its place in the chain, from 1.
    pub number: u64,
    /// SHA-256 of the entry before it, byte for byte as it was written; `None` in the first.
    pub previous: Option<Hash>,
    /// When the run collected.
    pub time: Timestamp,
    /// The tool that wrote it.
    pub tool: String,
    /// Tells runs apart that collected at the same time: a hash over where, when, by whom and what it reported.
    pub run: String,
    /// Account that was read.
    pub account: String,
    /// Regions that were read.
    pub regions: Vec<String>,
    /// What was new; its [`Item::entry`] is `None`.
    pub added: Vec<Item>,
    /// Everything that is still relevant, what was added included.
    pub index: Ref,
}

/// One piece of evidence: what it is about, and which object holds it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// Account that it is about.
    pub account: String,
    /// Region that it is about; empty for what is about a whole run.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub region: String,
    /// What it is about within the region.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// Which of several about the same: the month of events, the beginning of the hash of a description, when an earlier
    /// listing was last seen.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub part: String,
    /// The object.
    pub object: Ref,
    /// When the run that added it collected.
    pub time: Timestamp,
    /// When a listing was last seen so; `None` where the last run of its account and region saw it so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The entry that added it; `None` in that entry itself, which cannot hold its own hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Hash>,
}

/// Kinds of evidence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Events about one package, endpoint, config, model or component in one month: a list of
    /// [`TrailEvent`](crate::evidence::TrailEvent).
    Events,
    /// What an account's runs read completely, and when they listed artifacts last: [`Windows`](super::Windows).
    Windows,
    /// The description of a package: [`Package`](crate::evidence::Package).
    Package,
    /// An artifact in all its versions, one listing for each that differs from the one before it:
    /// [`ObjectListing`](crate::evidence::ObjectListing).
    Artifact,
    /// What Cost Explorer answered last, so that it is asked once a day:
    /// [`CostAnswers`](crate::evidence::CostAnswers).
    Costs,
    /// The report of a run: [`Report`](crate::report::document::Report).
    Report,
    /// What a run left for the next one to compare with: [`LastRun`](super::LastRun).
    LastRun,
    /// A kind that this version does not know; it is kept in the index as it is.
    #[serde(untagged)]
    Other(String),
}

impl Kind {
    /// The kind as listings print it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Events => "events",
            Self::Windows => "windows",
            Self::Package => "package",
            Self::Artifact => "artifact",
            Self::Costs => "costs",
            Self::Report => "report",
            Self::LastRun => "last_run",
            Self::Other(other) => other,
        }
    }
}

/// What an item is about: there is one of each in an index.
pub(super) type About = (Kind, String, String, String, String);

impl Item {
    pub(super) fn about(&self) -> About {
        (self.kind.clone(), self.account.clone(), self.region.clone(), self.subject.clone(), self.part.clone())
    }
}

/// The folders of entries and seals.
pub(super) const ENTRIES: &str = "entries/";
pub(super) const SEALS: &str = "seals/";

/// Where an entry lies.
pub(super) fn entry_key(number: u64) -> String {
    format!("{ENTRIES}{number:012}.json")
}

/// Where the seal of an entry lies.
pub(super) fn seal_key(number: u64) -> String {
    format!("{SEALS}{number:012}.sha256")
}

/// The number in the key of an entry.
pub(super) fn entry_number(key: &str) -> Option<u64> {
    number(key, ENTRIES, ".json").filter(|number| entry_key(*number) == key)
}

/// The number in the key of a seal.
pub(super) fn seal_number(key: &str) -> Option<u64> {
    number(key, SEALS, ".sha256").filter(|number| seal_key(*number) == key)
}

fn number(key: &str, folder: &str, extension: &str) -> Option<u64> {
    key.strip_prefix(folder)?.strip_suffix(extension)?.parse().ok()
}

/// The seal of an entry, in the form that `sha256sum -c` reads.
pub(super) fn seal(number: u64, hash: &Hash) -> String {
    format!("{}  {}\n", hash.hex(), entry_key(number))
}
