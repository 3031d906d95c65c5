//! An evidence pack: everything behind the answers about one live version, in one file that anybody can check offline.
//!
//! # What is in it
//!
//! | Name | What it is |
//! |---|---|
//! | `index.html`, `report.json` | the report about this live version alone, to read and to process |
//! | `facts/KIND/NNNN.json` | every fact that was seen about it, one a file |
//! | `snapshot.json` | when and by whom it was collected, the calls behind the facts, and what could not be seen |
//! | `policy.toml` | the policy that judged; absent where the built-in defaults did |
//! | `rules/CODE.md` | what each control that judged requires, and why |
//! | `signer.pub.pem` | the public key of whoever signed |
//! | `manifest.json` | an [in-toto statement](https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md): the SHA-256 of every file above, and what the pack claims |
//! | `manifest.dsse.json` | that statement in a [DSSE envelope](https://github.com/secure-systems-lab/dsse/blob/master/envelope.md), with a signature where a key was given |
//!
//! The zip is **canonical**: files are stored as they are, sorted by name, without times or extras. Verification writes the
//! same zip anew from what it read, so that a byte changed anywhere, be it between the files, shows.
//!
//! # What verifying shows
//!
//! [`verify`] checks the container, the envelope and its signature, the hash of every file, and then judges the facts
//! again under the policy in the pack: the findings must come out as they are written. A signature shows that whoever holds
//! the key vouches for the pack; whose key that is, the verifier must know. Without a signature only the digest that was
//! printed when the pack was made ties it to its maker.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::evidence::SnapshotError;
use crate::policy::PolicyError;

mod canonical;
mod facts;
mod key;
mod make;
mod prune;
mod statement;
#[cfg(test)]
mod tests;
mod verify;

pub use key::{Algorithm, KeyError, LocalKey, PublicKey, Signer};
pub use make::{Made, Request, make};
pub use statement::{Claim, PREDICATE_TYPE};
pub use verify::{Fault, Trust, Verified, verify};

/// Files by name.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The in-toto statement.
const MANIFEST: &str = "manifest.json";
/// The envelope around it.
const ENVELOPE: &str = "manifest.dsse.json";
/// The report of the live version.
const REPORT: &str = "report.json";
/// The same for people.
const INDEX: &str = "index.html";
/// All of the snapshot but its facts.
const SNAPSHOT: &str = "snapshot.json";
/// The public key of whoever signed.
const SIGNER: &str = "signer.pub.pem";
/// The policy.
const POLICY: &str = "policy.toml";

/// Why a pack could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// No such live version.
    #[error("no live version is called `{id}`{}; `countersign assess` lists them", nearest(near))]
    Unknown {
        /// What was asked for.
        id: String,
        /// Ids that hold it, or that it holds.
        near: Vec<String>,
    },
    /// What it holds cannot be written as JSON.
    #[error("the evidence cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The container cannot be written.
    #[error("the pack cannot be put together: {0}")]
    Container(#[from] std::io::Error),
    /// The key does not sign.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The facts do not make a snapshot.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The policy in the pack is none.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

fn nearest(near: &[String]) -> String {
    match near {
        [] => String::new(),
        near => format!("; do you mean `{}`?", near.join("`, `")),
    }
}

/// The policy of a pack as it was read: its text and the days that it was checked against.
#[derive(Clone, Debug)]
pub struct PolicyText {
    /// The file.
    pub text: String,
    /// A waiver's longest life counts from here.
    pub today: Timestamp,
}
