//! Where log files are read from and where evidence is kept: a folder, or a prefix of an S3 bucket.
//!
//! The trait is small and blocking, so that what reads through it is plain code with threads of its own; the S3 store
//! drives its requests on the runtime of the command that opened it. Writing knows two operations only, and both are
//! conditional: put what is not there yet, and replace what is still as it was read. Two runs at once therefore cannot
//! overwrite each other unseen, on either store.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;

use jiff::Timestamp;

mod folder;

pub use folder::Folder;

/// A folder, or a prefix of a bucket. Keys are relative to it and use `/`.
pub trait Store: fmt::Debug + Send + Sync {
    /// The place as an operator writes it: a path, or `s3://bucket/prefix`.
    fn name(&self) -> String;

    /// Visits every entry whose key begins with `prefix` and comes after `after`, in the order of their keys (by byte).
    /// The next page is fetched while the entries of the last one are visited.
    ///
    /// # Errors
    /// If the place cannot be listed to the end.
    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        visit: &mut dyn FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;

    /// Reads one object.
    ///
    /// # Errors
    /// [`StoreErrorKind::NotFound`] if it is not there.
    fn get(&self, key: &str) -> Result<Object, StoreError>;

    /// Reads one object's bytes only, into a buffer that is used again.
    ///
    /// # Errors
    /// [`StoreErrorKind::NotFound`] if it is not there.
    fn read(&self, key: &str, into: &mut Vec<u8>) -> Result<(), StoreError> {
        *into = self.get(key)?.bytes;
        Ok(())
    }

    /// Writes an object that is not there yet; it appears complete or not at all.
    ///
    /// # Errors
    /// [`StoreErrorKind::Exists`] if something is there already.
    fn put_new(&self, key: &str, bytes: &[u8]) -> Result<Tag, StoreError>;

    /// Replaces an object that still is what was read; it appears complete or not at all.
    ///
    /// # Errors
    /// [`StoreErrorKind::Changed`] if it is another by now, or gone.
    fn replace(&self, key: &str, bytes: &[u8], read: &Tag) -> Result<Tag, StoreError>;
}

/// One listed object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Key, relative to the store.
    pub key: String,
    /// Size in bytes.
    pub size: u64,
    /// When it was written, where the store says.
    pub modified: Option<Timestamp>,
}

/// One object that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its bytes, as stored.
    pub bytes: Vec<u8>,
    /// S3's user metadata with lower-cased names, without `x-amz-meta-`; empty in a folder.
    pub metadata: BTreeMap<String, String>,
    /// What it is now, for [`Store::replace`].
    pub tag: Tag,
}

/// Stands for one content of one key: S3's `ETag`, a hash of the bytes in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag(pub String);

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("cannot {verb} `{place}`: {message}")]
pub struct StoreError {
    /// `list`, `read` or `write`.
    pub verb: &'static str,
    /// Store and key.
    pub place: String,
    /// What kind of failure it is.
    pub kind: StoreErrorKind,
    /// What the store said.
    pub message: String,
}

/// Kinds of failure that callers tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreErrorKind {
    /// It is not there.
    NotFound,
    /// Something is there already.
    Exists,
    /// It is no longer what was read.
    Changed,
    /// The caller may not.
    Denied,
    /// It was asked too often, for longer than the retries last.
    Throttled,
    /// No answer came.
    Unreachable,
    /// Anything else.
    Other,
}
