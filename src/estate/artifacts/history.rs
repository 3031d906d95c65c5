//! What lay at one place in S3 at any instant, and how sure that is.
//!
//! A listing tells what is left. It proves what stood at an instant unless something may have been lost since: an
//! unversioned write (`null`) replaces the one before it in place, a lifecycle rule expires versions, anybody with the
//! right may delete a version by its id. A listing that an earlier run archived proves what was there then, whatever
//! became of it since. So of each instant the first listing that was taken after it is asked, and what may have been lost
//! in between is said ([`Unclear`]) instead of guessed.
//!
//! What no listing can show: a version that was written and deleted by its id between two runs. Object Lock prevents it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::compare::{Change, compare};
use super::state::{by_age, is_same, newest_at};
use crate::estate::{Index, Lookup};
use crate::evidence::{Bucket, Fact, ObjectListing, ObjectVersion, Remembered, S3Location, Versioning};

/// One key or prefix in time.
#[derive(Clone, Debug)]
pub struct History<'a> {
    /// Where it lies. For a model in a multi-model container, its own object.
    pub location: S3Location,
    /// Whether it is a set of objects rather than one.
    pub set: bool,
    /// Its versions. For a model in a multi-model container, the listing of the whole prefix.
    pub listing: Lookup<&'a Fact<ObjectListing>>,
    /// What earlier runs listed there, oldest first.
    pub earlier: Vec<&'a Fact<Remembered<ObjectListing>>>,
    /// Its bucket.
    pub bucket: Lookup<&'a Fact<Bucket>>,
    /// `ETag` that the registry recorded of it, where it did, without quotes.
    pub registered_etag: Option<&'a str>,
    /// When the listing was taken: from then on nothing is lost.
    pub collected: Timestamp,
}

/// What a key held at an instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Held<'a> {
    /// This version.
    Object(&'a ObjectVersion),
    /// Nothing; the delete marker that says so, where there is one.
    Nothing(Option<&'a ObjectVersion>),
    /// The evidence does not decide.
    Unclear(Unclear<'a>),
}

/// Why it cannot be told what a key held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unclear<'a> {
    /// An unversioned write after that instant took the place of whatever was there.
    Overwritten(&'a ObjectVersion),
    /// Only later versions are left, and a lifecycle rule may have expired those of the time; without the rules, that
    /// cannot be excluded.
    Expired(Option<&'a str>),
    /// An earlier run saw this version, and it is gone: deleted before or after that instant.
    Removed(&'a ObjectVersion),
    /// Replication wrote it: its time is the original's, and when it arrived is not known.
    Replica(&'a ObjectVersion),
}

/// Why even a clear history is weak evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// The bucket never kept versions.
    Unversioned,
    /// The bucket stopped keeping versions.
    Suspended,
    /// The bucket's settings were not read.
    NotRead,
}

impl Weakness {
    /// In plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Unversioned => {
                "weak evidence: the bucket never kept versions, so the time of the last write is all there is"
            }
            Self::Suspended => {
                "weak evidence: versioning is suspended, so an unversioned write may have come and gone without a trace"
            }
            Self::NotRead => "weak evidence: whether the bucket keeps versions was not read",
        }
    }
}

impl<'a> History<'a> {
    pub(super) fn new(
        index: &Index<'a>,
        account: &str,
        region: &str,
        location: S3Location,
        set: bool,
        registered_etag: Option<&'a str>,
    ) -> Self {
        let place = location.to_string();
        Self {
            listing: index.listing(account, region, &place),
            earlier: index.earlier_listings(&place),
            bucket: index.bucket(account, region, &location.bucket),
            collected: index.collected(),
            location,
            set,
            registered_etag,
        }
    }

    /// The history of one object out of a listed prefix.
    pub(in crate::estate) fn of_object(&self, key: &str, registered_etag: Option<&'a str>) -> Self {
        let location = S3Location { bucket: self.location.bucket.clone(), key: key.to_owned() };
        Self { location, set: false, registered_etag, ..self.clone() }
    }

    /// What each key held at an instant; `None` if no listing tells. Keys that held nothing and never held anything by
    /// then are left out.
    pub fn at(&self, instant: Timestamp) -> Option<BTreeMap<&'a str, Held<'a>>> {
        if let (Lookup::Absent(_), None) = (&self.listing, self.witness(instant)) {
            return Some(BTreeMap::new());
        }
        let witness = self.witness(instant)?;
        let newest = newest_at(witness, instant);
        let mut held: BTreeMap<&'a str, Held<'a>> = BTreeMap::new();
        for key in self.keys() {
            let found = newest.get(key).copied();
            match self.of_key(key, found, witness, instant) {
                Held::Nothing(None) => {}
                known => {
                    held.insert(key, known);
                }
            }
        }
        Some(held)
    }

    /// What became of each key between two instants; `None` if one of them cannot be seen at all.
    pub fn between(&self, then: Timestamp, now: Timestamp) -> Option<Vec<Change<'a>>> {
        let (before, after) = (self.at(then)?, self.at(now)?);
        let keys: BTreeSet<&'a str> = before.keys().chain(after.keys()).copied().collect();
        let held = |state: &BTreeMap<&'a str, Held<'a>>, key| state.get(key).copied().unwrap_or(Held::Nothing(None));
        Some(keys.into_iter().map(|key| compare(key, held(&before, key), held(&after, key))).collect())
    }

    /// Why what it says is weak evidence, if it is.
    pub fn weakness(&self) -> Option<Weakness> {
        match self.versioning() {
            Some(Versioning::Enabled) => None,
            Some(Versioning::Suspended) => Some(Weakness::Suspended),
            Some(Versioning::Never) => Some(Weakness::Unversioned),
            None => Some(Weakness::NotRead),
        }
    }

    /// Whether the bucket keeps versions, as far as that was read.
    pub fn versioning(&self) -> Option<Versioning> {
        self.bucket.found().and_then(|bucket| bucket.data.versioning)
    }

    /// Every entry that was ever seen, oldest first, each once.
    pub fn entries(&self) -> Vec<&'a ObjectVersion> {
        let mut entries: Vec<&'a ObjectVersion> = Vec::new();
        for entry in self.listings().flat_map(|(_, listing)| &listing.versions).filter(|it| self.concerns(&it.key)) {
            if !entries.iter().any(|known| is_same(known, entry)) {
                entries.push(entry);
            }
        }
        entries.sort_by(|a, b| by_age(a, b));
        entries
    }

    /// The version as it is stored now, if it still is.
    pub fn stored(&self, version: &ObjectVersion) -> Option<&'a ObjectVersion> {
        self.listing.found()?.data.versions.iter().find(|entry| is_same(entry, version))
    }

    /// The newest earlier listing that shows a version.
    pub fn remembered(&self, version: &ObjectVersion) -> Option<&'a Remembered<ObjectListing>> {
        let shows = |it: &&&'a Fact<Remembered<ObjectListing>>| {
            it.data.data.versions.iter().any(|entry| is_same(entry, version))
        };
        self.earlier.iter().rev().find(shows).map(|fact| &fact.data)
    }

    /// Whether this key belongs to it.
    pub(super) fn concerns(&self, key: &str) -> bool {
        self.set || key == self.location.key
    }

    fn keys(&self) -> BTreeSet<&'a str> {
        let all = self.listings().flat_map(|(_, listing)| &listing.versions);
        all.map(|entry| entry.key.as_str()).filter(|key| self.concerns(key)).collect()
    }

    /// Listings with when they were taken, oldest first.
    fn listings(&self) -> impl Iterator<Item = (Timestamp, &'a ObjectListing)> + use<'a, '_> {
        let earlier = self.earlier.iter().map(|it| (it.data.seen_at, &it.data.data));
        earlier.chain(self.listing.found().map(|listing| (Timestamp::MAX, &listing.data)))
    }

    /// The first listing that was taken after an instant.
    fn witness(&self, instant: Timestamp) -> Option<&'a ObjectListing> {
        self.listings().find(|(taken, _)| *taken >= instant).map(|(_, listing)| listing)
    }

    fn of_key(
        &self,
        key: &str,
        found: Option<&'a ObjectVersion>,
        witness: &'a ObjectListing,
        instant: Timestamp,
    ) -> Held<'a> {
        let of_key = || witness.versions.iter().filter(|entry| entry.key == key);
        let later = || of_key().filter(|entry| entry.last_modified > instant);
        if let Some(write) = later().find(|entry| entry.version_id == "null") {
            return Held::Unclear(Unclear::Overwritten(write));
        }
        if let Some(removed) = self.removed(key, found, witness, instant) {
            return Held::Unclear(Unclear::Removed(removed));
        }
        match found {
            None if later().next().is_some() => self.expired(key).map_or(Held::Nothing(None), Held::Unclear),
            None => Held::Nothing(None),
            Some(entry) if entry.delete_marker => Held::Nothing(Some(entry)),
            Some(entry) if entry.replica && instant < self.collected && !self.is_registered(entry) => {
                Held::Unclear(Unclear::Replica(entry))
            }
            Some(entry) => Held::Object(entry),
        }
    }

    /// A version that was seen before the instant, stood above what the witness shows, and is not in it any more.
    fn removed(
        &self,
        key: &str,
        found: Option<&ObjectVersion>,
        witness: &ObjectListing,
        instant: Timestamp,
    ) -> Option<&'a ObjectVersion> {
        if instant >= self.collected {
            return None;
        }
        let before = self.listings().take_while(|(taken, _)| *taken < instant);
        let entries = before.flat_map(|(_, listing)| &listing.versions).filter(|entry| entry.key == key);
        let above = |entry: &&ObjectVersion| found.is_none_or(|found| by_age(found, entry).is_lt());
        let gone = |entry: &&ObjectVersion| !witness.versions.iter().any(|left| is_same(left, entry));
        entries.filter(above).filter(gone).max_by(|a, b| by_age(a, b))
    }

    /// Whether a rule may have expired noncurrent versions of a key, with its id; without one if the rules were not read.
    fn expired(&self, key: &str) -> Option<Unclear<'a>> {
        let Some(rules) = self.bucket.found().and_then(|bucket| bucket.data.lifecycle.as_ref()) else {
            return Some(Unclear::Expired(None));
        };
        let rule = rules.iter().find(|it| it.enabled && it.noncurrent_days.is_some() && key.starts_with(&it.prefix))?;
        Some(Unclear::Expired(Some(rule.id.as_deref().unwrap_or("without a name"))))
    }

    /// Whether a version has the `ETag` that the registry recorded.
    pub fn is_registered(&self, version: &ObjectVersion) -> bool {
        !self.set && self.registered_etag.is_some() && version.etag.as_deref() == self.registered_etag
    }
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
