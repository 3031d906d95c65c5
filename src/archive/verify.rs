//! Every file of an archive, held against every other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::ControlFlow;

use super::ArchiveError;
use super::chain::{self, Break, Fault, Sealed};
use super::fetch::fetch;
use super::index::Stored;
use super::object::{self, FOLDER, Hash, ObjectError, Ref, Unread};
use super::record::{ENTRIES, Entry, Item, SEALS, entry_key, entry_number, seal_key, seal_number};
use crate::store::Store;

/// What an archive holds, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// The entries that could be read, in their order, with their hashes.
    pub entries: Vec<Found>,
    /// What is wrong; empty if nothing is.
    pub damage: Vec<Damage>,
    /// Entries without a seal: their run ended before it wrote one. Harmless: an entry is complete without it.
    pub unsealed: Vec<u64>,
    /// Keys of objects that no entry names, left by runs that ended in the middle. Harmless: they say nothing.
    pub unreferenced: Vec<String>,
    /// Keys that do not belong to an archive. Harmless: nothing reads them.
    pub strangers: Vec<String>,
    /// Objects that entries name, each counted once.
    pub objects: usize,
}

/// An entry that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its hash.
    pub hash: Hash,
    /// The entry.
    pub entry: Entry,
    /// Whether it can be trusted: it is sound, and so is the chain up to it.
    pub trusted: bool,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Damage {
    /// An entry, or its link to the one before it.
    Entry(Break),
    /// A seal that seals nothing: its entry was removed.
    Seal(u64),
    /// An object that an entry names.
    Object {
        /// The first entry that names it.
        number: u64,
        /// What is wrong with it.
        object: ObjectError,
    },
    /// An object under a name that is not its content's. No entry names it.
    Unreferenced(String),
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(at) => at.fmt(f),
            Self::Seal(number) => write!(f, "entry {number} is missing: `{}` is its seal", seal_key(*number)),
            Self::Object { number, object } => write!(f, "entry {number}: {object}"),
            Self::Unreferenced(key) => write!(f, "`{key}` is not what its name says; no entry names it"),
        }
    }
}

impl Verified {
    /// Whether nothing is wrong.
    pub fn sound(&self) -> bool {
        self.damage.is_empty()
    }

    /// The newest entry that can be trusted.
    pub fn head(&self) -> Option<&Found> {
        self.entries.iter().rev().find(|found| found.trusted)
    }
}

/// Reads an archive from its first entry to its last, and every object.
///
/// # Errors
/// If the store cannot be listed or read. What is read and is wrong is no error but [`Verified::damage`].
pub fn verify(store: &dyn Store) -> Result<Verified, ArchiveError> {
    let mut verified = Verified::default();
    let keys = Keys::list(store, &mut verified)?;
    let named = entries(store, &keys, &mut verified)?;
    objects(store, &keys, named, &mut verified)?;
    verified.damage.sort();
    verified.damage.dedup();
    Ok(verified)
}

/// Reads the entries of an archive and no object: [`Verified::objects`] and what lies unreferenced stay empty.
///
/// # Errors
/// As [`verify`].
pub fn list(store: &dyn Store) -> Result<Verified, ArchiveError> {
    let mut verified = Verified::default();
    let keys = Keys::list(store, &mut verified)?;
    entries(store, &keys, &mut verified)?;
    Ok(verified)
}

/// What lies there, by its kind.
#[derive(Default)]
struct Keys {
    entries: BTreeSet<u64>,
    seals: BTreeSet<u64>,
    objects: BTreeMap<Hash, String>,
}

impl Keys {
    fn list(store: &dyn Store, verified: &mut Verified) -> Result<Self, ArchiveError> {
        let mut keys = Self::default();
        chain::list(store, "", &mut |key| {
            if let Some(number) = entry_number(key).filter(|_| key.starts_with(ENTRIES)) {
                keys.entries.insert(number);
            } else if let Some(number) = seal_number(key).filter(|_| key.starts_with(SEALS)) {
                keys.seals.insert(number);
            } else if let Some(hash) = object::named_by(key).filter(|_| key.starts_with(FOLDER)) {
                keys.objects.insert(hash, key.to_owned());
            } else {
                verified.strangers.push(key.to_owned());
            }
            ControlFlow::Continue(())
        })?;
        Ok(keys)
    }
}

/// Walks the chain; gives back which objects are named, and by which entry first.
fn entries(store: &dyn Store, keys: &Keys, verified: &mut Verified) -> Result<BTreeMap<Ref, u64>, ArchiveError> {
    let mut named: BTreeMap<Ref, u64> = BTreeMap::new();
    let last = keys.entries.iter().chain(&keys.seals).max().copied().unwrap_or(0);
    let mut before: Option<Hash> = None;
    let mut trusted = true;
    for number in 1..=last {
        let wrong = |fault| Damage::Entry(Break { number, fault });
        if !keys.entries.contains(&number) {
            // A year of missing entries is one line for each: whoever removed them left this much to tell.
            verified.damage.push(if keys.seals.contains(&number) {
                Damage::Seal(number)
            } else {
                wrong(Fault::Missing)
            });
            (before, trusted) = (None, false);
            continue;
        }
        let Some(bytes) = chain::optional(store, &entry_key(number))? else {
            verified.damage.push(wrong(Fault::Missing));
            (before, trusted) = (None, false);
            continue;
        };
        let seal = if keys.seals.contains(&number) { chain::optional(store, &seal_key(number))? } else { None };
        if seal.is_none() {
            verified.unsealed.push(number);
        }
        match chain::open(number, &bytes, seal.as_deref()) {
            Err(fault) => {
                verified.damage.push(wrong(fault));
                trusted = false;
            }
            Ok(Sealed { hash, entry }) => {
                // After a missing entry there is nothing to hold the link against.
                if (number == 1 || before.is_some()) && entry.previous != before {
                    verified.damage.push(wrong(Fault::Unlinked));
                    trusted = false;
                }
                for object in entry.added.iter().map(|item| item.object).chain([entry.index]) {
                    named.entry(object).or_insert(number);
                }
                verified.entries.push(Found { hash, entry, trusted });
            }
        }
        before = Some(Hash::of(&bytes));
    }
    Ok(named)
}

/// Reads every object that is named, then the names of the rest.
fn objects(
    store: &dyn Store,
    keys: &Keys,
    mut named: BTreeMap<Ref, u64>,
    verified: &mut Verified,
) -> Result<(), ArchiveError> {
    // An index names a base, and that may name what was added long ago: all of it has to be there.
    let indices: BTreeSet<Ref> = verified.entries.iter().map(|found| found.entry.index).collect();
    let mut unread: Vec<Ref> = named.keys().copied().collect();
    let mut bases: BTreeSet<Ref> = BTreeSet::new();
    while !unread.is_empty() {
        let mut next: BTreeMap<Ref, u64> = BTreeMap::new();
        for names in unread.chunks(BATCH) {
            for (name, content) in names.iter().zip(fetch(store, names)) {
                let number = named.get(name).copied().unwrap_or(0);
                let mut follow = |items: &[Item], base: Option<Ref>| {
                    next.extend(items.iter().map(|item| item.object).chain(base).map(|object| (object, number)));
                };
                let judged = content.and_then(|content| {
                    if indices.contains(name) {
                        let stored: Stored = object::parse(&content, name).map_err(Unread::Object)?;
                        follow(&stored.recent, stored.base);
                        bases.extend(stored.base);
                    }
                    if bases.contains(name) {
                        let items: Vec<Item> = object::parse(&content, name).map_err(Unread::Object)?;
                        follow(&items, None);
                    }
                    Ok(())
                });
                match judged {
                    Ok(()) => {}
                    Err(Unread::Object(object)) => verified.damage.push(Damage::Object { number, object }),
                    Err(Unread::Store(error)) => return Err(error.into()),
                }
            }
        }
        next.retain(|name, _| !named.contains_key(name));
        unread = next.keys().copied().collect();
        named.extend(next);
    }
    verified.objects = named.len();
    let hashes: BTreeSet<Hash> = named.keys().map(|name| name.hash).collect();
    for (hash, key) in keys.objects.iter().filter(|(hash, _)| !hashes.contains(hash)) {
        let held = chain::optional(store, key)?.unwrap_or_default();
        if object::unpack_any(&held, hash, LARGEST).is_some() {
            verified.unreferenced.push(key.clone());
        } else {
            verified.damage.push(Damage::Unreferenced(key.clone()));
        }
    }
    Ok(())
}

/// Objects that are read before what they say is kept.
const BATCH: usize = 256;

/// The most that is unpacked of an object of which nobody says how large it is.
const LARGEST: u64 = 1 << 30;
