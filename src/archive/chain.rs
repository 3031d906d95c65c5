//! The chain of entries, as far back as a run looks: what its newest trustworthy entry is, and where it breaks.

use std::fmt;
use std::ops::ControlFlow;

use super::ArchiveError;
use super::object::Hash;
use super::record::{ENTRIES, Entry, SCHEMA, entry_key, entry_number, seal, seal_key};
use crate::store::{Store, StoreError, StoreErrorKind};

/// How many of the newest entries a run holds against each other: a day of hourly runs. That none is missing among all
/// of them shows in their names; `verify` reads all.
const LOOK_BACK: u64 = 24;

/// An entry with its own hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sealed {
    pub(super) hash: Hash,
    pub(super) entry: Entry,
}

/// What a run needs to know of the chain.
#[derive(Debug)]
pub(super) struct Chain {
    /// The newest entry that can be trusted; `None` in a new archive, and where the chain is broken from its beginning.
    pub(super) head: Option<Sealed>,
    /// Where it breaks, if it does: nothing from there on is trusted.
    pub(super) broken: Option<Break>,
}

/// Where a chain breaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Break {
    /// Number of the first entry that cannot be trusted.
    pub number: u64,
    /// Why.
    pub fault: Fault,
}

/// What is wrong with an entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It is not there, although later ones, or its seal, are.
    Missing,
    /// It is not what its seal says.
    Altered,
    /// It cannot be read as an entry of this number.
    Malformed(String),
    /// It names another predecessor than the one that is there.
    Unlinked,
    /// Another version of the format; this one cannot judge it.
    Foreign(String),
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {} {}", self.number, self.fault)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("is missing"),
            Self::Altered => f.write_str("is not what its seal says"),
            Self::Malformed(why) => write!(f, "cannot be read: {why}"),
            Self::Unlinked => f.write_str("is not the successor of the entry before it"),
            Self::Foreign(schema) => write!(f, "has the schema `{schema}`, but this version reads `{SCHEMA}`"),
        }
    }
}

/// Lists a place; one that does not exist yet is empty.
pub(super) fn list(
    store: &dyn Store,
    prefix: &str,
    visit: &mut dyn FnMut(&str) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    match store.list(prefix, None, &mut |entry| visit(&entry.key)) {
        Err(error) if error.kind == StoreErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Reads what there is of one file.
pub(super) fn optional(store: &dyn Store, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
    match store.get(key) {
        Ok(object) => Ok(Some(object.bytes)),
        Err(error) if error.kind == StoreErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl Chain {
    /// Looks at the names of all entries and at the newest of them.
    pub(super) fn look(store: &dyn Store) -> Result<Self, ArchiveError> {
        let mut numbers = Vec::new();
        list(store, ENTRIES, &mut |key| {
            numbers.extend(entry_number(key));
            ControlFlow::Continue(())
        })?;
        let unbroken = (1..).zip(&numbers).take_while(|(expected, number)| expected == *number).count();
        let mut top = unbroken as u64;
        let mut broken = (unbroken < numbers.len()).then_some(Break { number: top + 1, fault: Fault::Missing });
        let mut head: Option<Sealed> = None;
        let mut successor: Option<Sealed> = None;
        let mut number = top;
        while number > 0 && top - number < LOOK_BACK {
            let read = entry(store, number)?;
            let fault = match read {
                Ok(sealed) if successor.as_ref().is_some_and(|next| next.entry.previous != Some(sealed.hash)) => {
                    // Which of the two is the false one cannot be told: neither is trusted.
                    Fault::Unlinked
                }
                Ok(sealed) => {
                    head.get_or_insert_with(|| sealed.clone());
                    successor = Some(sealed);
                    number -= 1;
                    continue;
                }
                Err(fault) => fault,
            };
            broken = Some(match fault {
                Fault::Unlinked => Break { number: number + 1, fault },
                fault => Break { number, fault },
            });
            (head, successor) = (None, None);
            number -= 1;
            top = number;
        }
        if number == 0
            && let Some(first) = successor.filter(|first| first.entry.previous.is_some())
        {
            broken = Some(Break { number: first.entry.number, fault: Fault::Unlinked });
            head = None;
        }
        Ok(Self { head, broken })
    }
}

/// Reads one entry and holds it against its seal, if it has one.
pub(super) fn entry(store: &dyn Store, number: u64) -> Result<Result<Sealed, Fault>, StoreError> {
    let Some(bytes) = optional(store, &entry_key(number))? else { return Ok(Err(Fault::Missing)) };
    let seal = optional(store, &seal_key(number))?;
    Ok(open(number, &bytes, seal.as_deref()))
}

/// An entry from its bytes.
pub(super) fn open(number: u64, bytes: &[u8], sealed: Option<&[u8]>) -> Result<Sealed, Fault> {
    let hash = Hash::of(bytes);
    if sealed.is_some_and(|sealed| sealed != seal(number, &hash).as_bytes()) {
        return Err(Fault::Altered);
    }
    let malformed = |error: serde_json::Error| Fault::Malformed(error.to_string());
    let header: Header = serde_json::from_slice(bytes).map_err(malformed)?;
    if header.schema != SCHEMA {
        return Err(Fault::Foreign(header.schema));
    }
    let entry: Entry = serde_json::from_slice(bytes).map_err(malformed)?;
    if entry.number != number {
        return Err(Fault::Malformed(format!("it says that it is entry {}", entry.number)));
    }
    Ok(Sealed { hash, entry })
}

/// Only what is needed to recognise an entry of another version.
#[derive(serde::Deserialize)]
struct Header {
    schema: String,
}
