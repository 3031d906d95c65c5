//! Stores that remember: what could not be read, and what digests say of what was.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::evidence::{DeniedBy, GapCause};
use crate::store::{Entry, Object, Store, StoreError, StoreErrorKind, Tag};
use crate::trail::digest::{Chains, State};

/// Remembers why a file could not be read.
#[derive(Debug)]
pub(super) struct Witness<'a> {
    store: &'a dyn Store,
    failures: Mutex<BTreeMap<String, GapCause>>,
}

impl<'a> Witness<'a> {
    pub(super) fn new(store: &'a dyn Store) -> Self {
        Self { store, failures: Mutex::default() }
    }

    /// Why each file could not be read, by key.
    pub(super) fn failures(&self) -> MutexGuard<'_, BTreeMap<String, GapCause>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note<T>(&self, key: &str, read: Result<T, StoreError>) -> Result<T, StoreError> {
        // What is not there is no failure: whether it should be, digests know.
        if let Err(error) = &read
            && error.kind != StoreErrorKind::NotFound
        {
            self.failures().insert(key.to_owned(), cause(error));
        }
        read
    }
}

/// What a failure of a store is as a gap.
pub(super) fn cause(error: &StoreError) -> GapCause {
    match error.kind {
        StoreErrorKind::Denied => GapCause::Denied(DeniedBy::from_message(&error.message)),
        StoreErrorKind::Throttled => GapCause::Throttled,
        StoreErrorKind::Unreachable => GapCause::Unreachable,
        StoreErrorKind::NotFound | StoreErrorKind::Exists | StoreErrorKind::Changed | StoreErrorKind::Other => {
            GapCause::ServiceError
        }
    }
}

impl Store for Witness<'_> {
    fn name(&self) -> String {
        self.store.name()
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        visit: &mut dyn FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.note(prefix, self.store.list(prefix, after, visit))
    }

    fn get(&self, key: &str) -> Result<Object, StoreError> {
        self.note(key, self.store.get(key))
    }

    fn read(&self, key: &str, into: &mut Vec<u8>) -> Result<(), StoreError> {
        self.note(key, self.store.read(key, into))
    }

    fn put_new(&self, key: &str, bytes: &[u8]) -> Result<Tag, StoreError> {
        self.store.put_new(key, bytes)
    }

    fn replace(&self, key: &str, bytes: &[u8], read: &Tag) -> Result<Tag, StoreError> {
        self.store.replace(key, bytes, read)
    }
}

/// Judges each log file by its digests while it is read, so that none is read twice.
#[derive(Debug)]
pub(super) struct Judging<'a> {
    witness: &'a Witness<'a>,
    chains: &'a [Chains],
    judged: Mutex<BTreeMap<String, State>>,
}

impl<'a> Judging<'a> {
    pub(super) fn new(witness: &'a Witness<'a>, chains: &'a [Chains]) -> Self {
        Self { witness, chains, judged: Mutex::default() }
    }

    /// Whether a file could not be read.
    pub(super) fn failed(&self, key: &str) -> bool {
        self.witness.failures().contains_key(key)
    }

    /// What was found of each file that a digest lists.
    pub(super) fn finish(self) -> BTreeMap<String, State> {
        self.judged.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn judge(&self, key: &str, bytes: &[u8]) {
        if let Some(state) = self.chains.iter().find_map(|chains| chains.judge(key, bytes)) {
            self.judged.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), state);
        }
    }
}

impl Store for Judging<'_> {
    fn name(&self) -> String {
        self.witness.name()
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        visit: &mut dyn FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.witness.list(prefix, after, visit)
    }

    fn get(&self, key: &str) -> Result<Object, StoreError> {
        let object = self.witness.get(key)?;
        self.judge(key, &object.bytes);
        Ok(object)
    }

    fn read(&self, key: &str, into: &mut Vec<u8>) -> Result<(), StoreError> {
        self.witness.read(key, into)?;
        self.judge(key, into);
        Ok(())
    }

    fn put_new(&self, key: &str, bytes: &[u8]) -> Result<Tag, StoreError> {
        self.witness.put_new(key, bytes)
    }

    fn replace(&self, key: &str, bytes: &[u8], read: &Tag) -> Result<Tag, StoreError> {
        self.witness.replace(key, bytes, read)
    }
}
