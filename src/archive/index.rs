//! The index: everything that is still relevant, each by hash.
//!
//! It is stored as a base and the little that came since, so that an hourly run of a quiet estate writes a few lines
//! rather than the whole. When the little has grown to more than an eighth of the base, both become the new base.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::ArchiveError;
use super::chain::Sealed;
use super::evidence::Subject;
use super::object::{self, Ref, Unread};
use super::record::{About, Item, Kind};
use crate::store::Store;

/// So many recent items are never worth a new base.
const FEW: usize = 64;

/// The object that [`Entry::index`](super::Entry::index) names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stored {
    /// A list of items, sorted by what they are about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) base: Option<Ref>,
    /// Items that are not in the base, or that replace what is there.
    pub(super) recent: Vec<Item>,
}

/// An index as a run uses it.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    base: Option<Ref>,
    old: BTreeMap<About, Item>,
    recent: BTreeMap<About, Item>,
}

impl Index {
    /// The index of an entry. What that entry added now names it.
    pub(super) fn load(store: &dyn Store, head: &Sealed) -> Result<Self, Unread> {
        let stored: Stored = object::read(store, &head.entry.index)?;
        let old: Vec<Item> = match &stored.base {
            Some(base) => object::read(store, base)?,
            None => Vec::new(),
        };
        let named = |item: Item| (item.about(), Item { entry: item.entry.or(Some(head.hash)), ..item });
        Ok(Self {
            base: stored.base,
            old: old.into_iter().map(named).collect(),
            recent: stored.recent.into_iter().map(named).collect(),
        })
    }

    pub(super) fn get(&self, about: &About) -> Option<&Item> {
        self.recent.get(about).or_else(|| self.old.get(about))
    }

    /// The items about one subject, whatever their part.
    pub(super) fn parts<'s>(
        &'s self,
        kind: &Kind,
        account: &str,
        region: &str,
        subject: &str,
    ) -> impl Iterator<Item = &'s Item> + use<'s> {
        let first = (kind.clone(), account.to_owned(), region.to_owned(), subject.to_owned(), String::new());
        let same = {
            let first = first.clone();
            move |about: &About| (&about.0, &about.1, &about.2, &about.3) == (&first.0, &first.1, &first.2, &first.3)
        };
        let same_too = same.clone();
        let old = self.old.range(first.clone()..).take_while(move |(about, _)| same(about));
        let recent = self.recent.range(first..).take_while(move |(about, _)| same_too(about));
        let old = old.filter(|(about, _)| !self.recent.contains_key(*about));
        old.chain(recent).map(|(_, item)| item)
    }

    /// Everything of a kind.
    pub(super) fn of(&self, kind: &Kind) -> impl Iterator<Item = &Item> {
        let is = move |about: &&About| about.0 == *kind;
        let old = self.old.keys().filter(is).filter(|about| !self.recent.contains_key(*about));
        old.chain(self.recent.keys().filter(is)).filter_map(|about| self.get(about))
    }

    /// Subjects of events that are about no single resource, such as a trail that was stopped.
    pub(super) fn about_no_resource(&self) -> BTreeSet<Subject> {
        let others = self.of(&Kind::Events).filter(|item| item.subject.starts_with("event/"));
        others.map(|item| (item.account.clone(), item.region.clone(), item.subject.clone())).collect()
    }

    /// Every item.
    #[cfg(test)]
    pub(super) fn all(&self) -> impl Iterator<Item = &Item> {
        let old = self.old.iter().filter(|(about, _)| !self.recent.contains_key(*about));
        old.chain(&self.recent).map(|(_, item)| item)
    }

    pub(super) fn put(&mut self, item: Item) {
        self.recent.insert(item.about(), item);
    }

    /// Keeps the index, with a new base where that is worth it.
    pub(super) fn store(&self, store: &dyn Store) -> Result<Ref, ArchiveError> {
        let mut stored = Stored { base: self.base, recent: self.recent.values().cloned().collect() };
        let settled = |item: &&Item| item.entry.is_some();
        if stored.recent.iter().filter(settled).count() > FEW.max(self.old.len() / 8) {
            // What is new does not know its entry yet, so it stays recent.
            let mut base = self.old.clone();
            base.extend(
                self.recent.iter().filter(|(_, item)| settled(item)).map(|(about, item)| (about.clone(), item.clone())),
            );
            let base: Vec<&Item> = base.values().collect();
            stored.base = Some(object::put(store, &json("index", &base)?)?);
            stored.recent.retain(|item| !settled(&item));
        }
        Ok(object::put(store, &json("index", &stored)?)?)
    }
}

/// Compact JSON.
pub(super) fn json<T: Serialize>(kind: &'static str, value: &T) -> Result<Vec<u8>, ArchiveError> {
    serde_json::to_vec(value).map_err(|source| ArchiveError::Json { kind, source })
}

#[cfg(test)]
mod tests {
    use super::super::object::Hash;
    use super::super::record::{Entry, SCHEMA};
    use super::*;
    use crate::store::Folder;

    fn item(subject: usize, part: &str) -> Item {
        Item {
            kind: Kind::Package,
            account: "111122223333".to_owned(),
            region: "eu-central-1".to_owned(),
            subject: format!("p{subject:04}"),
            part: part.to_owned(),
            object: Ref::of(format!("{subject}{part}").as_bytes()),
            time: "2026-06-01T12:00:00Z".parse().unwrap(),
            until: None,
            entry: None,
        }
    }

    fn entry(number: u64, index: Ref) -> Sealed {
        let entry = Entry {
            schema: SCHEMA.to_owned(),
            number,
            previous: None,
            time: "2026-06-01T12:00:00Z".parse().unwrap(),
            tool: String::new(),
            run: String::new(),
            account: String::new(),
            regions: Vec::new(),
            added: Vec::new(),
            index,
        };
        Sealed { hash: Hash::of(&number.to_le_bytes()), entry }
    }

    #[test]
    fn an_index_holds_everything_however_it_was_put_together() {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(folder.path());
        let (mut index, mut bases) = (Index::default(), std::collections::BTreeSet::new());
        for number in 1..=200_u64 {
            // One that changes each time, one that is new.
            index.put(Item { object: Ref::of(&number.to_le_bytes()), ..item(0, "") });
            index.put(item(usize::try_from(number).unwrap(), "a"));
            let stored = index.store(&store).unwrap();
            index = Index::load(&store, &entry(number, stored)).unwrap();
            bases.extend(index.base);
            assert_eq!(index.all().count() as u64, number + 1);
            assert!(index.recent.len() <= FEW + 2, "{}", index.recent.len());
        }
        assert!((2..=4).contains(&bases.len()), "{}", bases.len());
        let changing = index.get(&item(0, "").about()).unwrap();
        assert_eq!(
            (changing.object, changing.entry),
            (Ref::of(&200_u64.to_le_bytes()), Some(entry(200, item(0, "").object).hash))
        );
        let early = index.get(&item(3, "a").about()).unwrap();
        assert_eq!(early.entry, Some(entry(3, item(0, "").object).hash), "who added it is known for good");
    }

    #[test]
    fn parts_are_those_of_one_subject() {
        let mut index = Index::default();
        for (subject, part) in [(1, "a"), (2, "a"), (2, "b"), (3, "")] {
            index.put(item(subject, part));
        }
        let parts: Vec<&str> = index
            .parts(&Kind::Package, "111122223333", "eu-central-1", "p0002")
            .map(|item| item.part.as_str())
            .collect();
        assert_eq!(parts, ["a", "b"]);
        assert_eq!(index.parts(&Kind::Events, "111122223333", "eu-central-1", "p0002").count(), 0);
    }
}
