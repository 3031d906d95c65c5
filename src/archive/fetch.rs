//! Many objects at once: each read waits for the network, none for another.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::object::{self, Ref, Unread};
use crate::store::Store;

/// Reads in flight.
const READERS: usize = 16;

/// The contents of objects, in their order.
pub(super) fn fetch(store: &dyn Store, wanted: &[Ref]) -> Vec<Result<Vec<u8>, Unread>> {
    let next = AtomicUsize::new(0);
    let read = Mutex::new(Vec::with_capacity(wanted.len()));
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(name) = wanted.get(at) else { return };
            let content = object::get(store, name);
            read.lock().unwrap_or_else(PoisonError::into_inner).push((at, content));
        }
    };
    thread::scope(|scope| {
        // This thread reads too, so that a single object needs no other.
        for _ in 1..READERS.min(wanted.len()) {
            scope.spawn(work);
        }
        work();
    });
    let mut read = read.into_inner().unwrap_or_else(PoisonError::into_inner);
    read.sort_unstable_by_key(|(at, _)| *at);
    read.into_iter().map(|(_, content)| content).collect()
}
