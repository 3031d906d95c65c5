//! An archive that could not be opened: whoever reads or writes it hears why.

use std::ops::ControlFlow;

use crate::store::{Entry, Object, Store, StoreError, StoreErrorKind, Tag};

/// Stands for an archive to which there is no way in, such as one whose role could not be assumed. A run with it ends
/// like any other: what the archive would have told is a gap, and what it should have kept is a sink that failed.
#[derive(Clone, Debug)]
pub struct Closed {
    /// The archive.
    pub name: String,
    /// Why it is closed.
    pub reason: String,
}

impl Closed {
    fn refused(&self, verb: &'static str) -> StoreError {
        StoreError { verb, place: self.name.clone(), kind: StoreErrorKind::Denied, message: self.reason.clone() }
    }
}

impl Store for Closed {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn list(&self, _: &str, _: Option<&str>, _: &mut dyn FnMut(Entry) -> ControlFlow<()>) -> Result<(), StoreError> {
        Err(self.refused("list"))
    }

    fn get(&self, _: &str) -> Result<Object, StoreError> {
        Err(self.refused("read"))
    }

    fn put_new(&self, _: &str, _: &[u8]) -> Result<Tag, StoreError> {
        Err(self.refused("write"))
    }

    fn replace(&self, _: &str, _: &[u8], _: &Tag) -> Result<Tag, StoreError> {
        Err(self.refused("write"))
    }
}
