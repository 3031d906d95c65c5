//! Evidence remembered between runs: `countersign.archive/1`.
//!
//! CloudTrail's event history forgets after 90 days, a registry keeps only the newest state of a package, and S3 forgets
//! the versions that a lifecycle rule expires. So each run keeps what its answers rested on, and the next one reads it
//! again: events of registrations, approvals and deployments, the spans over which events were read completely,
//! descriptions of packages, artifacts in all their versions, what Cost Explorer answered that day, the report, and what
//! became of each finding.
//!
//! # The format
//!
//! An archive is a folder, or a prefix of a bucket, with three kinds of file. Each is written once, under a condition
//! ("not there yet"), and never changed.
//!
//! | Key | What it is |
//! |---|---|
//! | `objects/sha256/ab/abcd….json.zst` | Evidence: compact JSON, compressed by zstd, named by the SHA-256 of the JSON. The same evidence is the same object, however often it is seen. |
//! | `entries/000000000042.json` | One run: [`Entry`]. It names the SHA-256 of the entry before it, and every object that it added, by hash. |
//! | `seals/000000000042.sha256` | The SHA-256 of that entry, as `sha256sum` writes it. |
//!
//! An entry also names its **index**: everything that is still relevant by then, each by hash. A run thus reads the newest
//! entry, its index and the few objects that it needs, and every byte of them is vouched for by the one hash of the entry.
//! How many entries there are does not matter. The index is itself two objects: a base, and the little that came since.
//!
//! None of it needs this tool to be checked: `sha256sum -c seals/*` holds every entry against its seal,
//! `jq .previous entries/*` shows the chain, `zstd -dc FILE | sha256sum` gives the name of an object.
//!
//! # Two runs at once, and a crash
//!
//! Objects are written first, then the entry, then its seal. There is no pointer to the newest entry: it is the one with
//! the highest number. Two runs that want the same number race for one conditional write; the one that loses reads what
//! the other wrote, adds its evidence to that, and takes the next number. A run that ends in the middle leaves objects
//! that no entry names, or an entry without a seal. Both are harmless: an object without an entry says nothing, and an
//! entry is complete without its seal.
//!
//! # What it shows, and what it cannot
//!
//! Any change of a file, and the removal of any one file that matters, shows: [`verify`] names it. Recall looks at the
//! newest entries of the chain and at every object it uses, takes nothing from behind a break, and makes the break a gap.
//!
//! Hashes prove that nothing was changed by accident, or by somebody who changed only some of it. They do not stop who
//! may write *and* knows the format: such a person can cut off the newest entries together with their seals, or write the
//! whole chain anew. Three things do: the bucket's Object Lock, which keeps every version for as long as
//! `archive.retain_days` says, whoever asks for its removal; a writer that may put but not delete; and a copy of a newer
//! entry's hash elsewhere, against which `countersign archive verify --head` holds the chain. Each run prints the hash
//! of its entry, and each report holds that of the run before.
//!
//! Where Object Lock is on, a deletion without a version only puts a delete marker above the file. To this tool the file is
//! then missing, which shows as a break; removing the marker brings it back.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>

use crate::store::StoreError;

mod chain;
mod closed;
mod contents;
mod costs;
mod evidence;
mod fetch;
mod index;
mod ledger;
mod needs;
mod object;
mod place;
mod recall;
mod record;
mod spans;
#[cfg(test)]
mod tests;
mod verify;
mod write;

pub use chain::{Break, Fault};
pub use closed::Closed;
pub use contents::{At, LastRun, Windows, as_history};
pub use costs::costs_of;
pub use ledger::ledger;
pub use object::{Hash, ObjectError, Ref};
pub use place::Place;
pub use recall::recall;
pub use record::{Entry, Item, Kind, SCHEMA};
pub use verify::{Damage, Found, Verified, list, verify};
pub use write::{Written, write};

/// Why an archive could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The folder or the bucket refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An object that is needed is not what its name says.
    #[error("archive `{archive}`: {object}; `countersign archive verify` shows what else is damaged")]
    Object {
        /// The archive.
        archive: String,
        /// What is wrong with it.
        object: ObjectError,
    },
    /// The chain is broken, so nothing is added to it.
    #[error(
        "archive `{archive}` is broken: {at}; look at it with `countersign archive verify`, keep it as it is, and name another location to go on with"
    )]
    Broken {
        /// The archive.
        archive: String,
        /// Where.
        at: Break,
    },
    /// Others kept on writing.
    #[error(
        "archive `{archive}`: {attempts} times another run wrote the entry that was about to be written; run again"
    )]
    Busy {
        /// The archive.
        archive: String,
        /// How often it was tried.
        attempts: usize,
    },
    /// What is to be kept could not be turned into JSON.
    #[error("archive: a {kind} cannot be written as JSON: {source}")]
    Json {
        /// Kind of evidence.
        kind: &'static str,
        /// What serde said.
        source: serde_json::Error,
    },
}
