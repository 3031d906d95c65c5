//! Chains of signed digests: whether log files are what CloudTrail delivered, all of them, unchanged.
//!
//! A trail with validation on writes a digest every hour. It lists the log files delivered in that hour with their
//! SHA-256, names the digest before it with its hash and signature, and is signed by CloudTrail. The signature lies in the
//! object's metadata. Where nothing was tampered with, the newest digest thus vouches for every file before it.
//!
//! - [`find`] says which accounts and regions have digests below a [`Source`];
//! - [`verify`] reads the digests and every log file that they list;
//! - [`Chains::read`] reads the digests only, for one who reads the log files anyway and asks [`Chains::judge`] of each.
//!
//! Both end in a [`Verification`]: each digest and log file with its [`State`], and [`Span`]s of time that are valid, invalid,
//! missing or not covered. Times are those of delivery: an event is in a file delivered some minutes later.
//!
//! What `aws cloudtrail validate-logs` detects is detected here, in its words. It is blind to more, which is detected too: a
//! wrong `previousDigestHashValue`; a `previousDigestSignature` that is not the older digest's own; bytes after the gzip stream
//! of a digest; metadata that name another signature algorithm; log files in covered hours that no digest lists; and a
//! newest digest that was deleted, where the trail's status, later log files or what earlier runs saw show it.
//!
//! A copy in a folder has no metadata. There the signature of a digest is taken from the next newer one, which states it;
//! the newest stays "not covered" unless `KEY.metadata.json`, as `aws s3api head-object` prints it, lies beside it.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html>

mod chain;
mod chains;
mod content;
mod document;
mod find;
mod key;
mod name;
mod newest;
mod read;
mod signature;
mod source;
mod span;
mod state;
mod verification;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

use crate::sha256::Sha256;
use jiff::Timestamp;

pub use chains::Chains;
pub use document::{Document, Listed, NotADigest, Previous};
pub use find::find;
pub use key::{KeyFile, KeysError, PublicKey, PublicKeys};
pub use name::Area;
pub use source::Source;
pub use span::Span;
pub use state::{Coverage, Fault, State};
pub use verification::{DigestFinding, LogFinding, TrailVerification, Verification};

use crate::evidence::Trail;
use crate::store::StoreError;

/// What to verify.
#[derive(Clone, Debug)]
pub struct Request {
    /// Whose log files.
    pub area: Area,
    /// Those delivered from this instant …
    pub from: Timestamp,
    /// … to this one.
    pub to: Timestamp,
    /// The trails that deliver there, with the status that they have in the area's region; empty where it is not known. They
    /// show that a newest digest was deleted.
    pub trails: Vec<Trail>,
    /// Digests that earlier runs saw: key and hash of the text. They show the same.
    pub remembered: Vec<(String, Sha256)>,
}

/// Why nothing was verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The files cannot be listed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The public keys cannot be read.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// There are digests, and no key.
    #[error("no public keys found in {region} between {from} and {to}; give those that CloudTrail used then")]
    NoKeys {
        /// Region whose keys were asked for.
        region: String,
        /// From this instant …
        from: Timestamp,
        /// … to this one.
        to: Timestamp,
    },
}

/// Reads the digests of one account and region and every log file that they list.
///
/// # Errors
/// If the files cannot be listed, or there are no public keys. What is wrong with a file is no error but a finding.
pub fn verify(source: &Source<'_>, keys: &dyn PublicKeys, request: &Request) -> Result<Verification, VerifyError> {
    let chains = Chains::read(source, keys, request)?;
    let judged = chains.check_logs(source);
    Ok(chains.conclude(&judged))
}
