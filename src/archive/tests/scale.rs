//! How much a run reads of an archive that is long.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::store::{Entry as Listed, Object, StoreError, Tag};

/// A store that counts what is asked of it.
#[derive(Debug)]
struct Counting {
    inner: Folder,
    gets: AtomicUsize,
    puts: AtomicUsize,
}

impl Counting {
    fn counted(&self) -> (usize, usize) {
        (self.gets.swap(0, Ordering::Relaxed), self.puts.swap(0, Ordering::Relaxed))
    }
}

impl Store for Counting {
    fn name(&self) -> String {
        self.inner.name()
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        visit: &mut dyn FnMut(Listed) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.inner.list(prefix, after, visit)
    }

    fn get(&self, key: &str) -> Result<Object, StoreError> {
        self.gets.fetch_add(1, Ordering::Relaxed);
        self.inner.get(key)
    }

    fn put_new(&self, key: &str, bytes: &[u8]) -> Result<Tag, StoreError> {
        self.puts.fetch_add(1, Ordering::Relaxed);
        self.inner.put_new(key, bytes)
    }

    fn replace(&self, key: &str, bytes: &[u8], read: &Tag) -> Result<Tag, StoreError> {
        self.inner.replace(key, bytes, read)
    }
}

#[test]
fn a_quiet_run_costs_the_same_after_many_runs() {
    let folder = tempfile::tempdir().unwrap();
    let store = Counting { inner: Folder::new(folder.path()), gets: AtomicUsize::new(0), puts: AtomicUsize::new(0) };
    let (mut cost, mut size) = (Vec::new(), Vec::new());
    for hour in 0..60 {
        let mut fixture = Fixture::sound();
        fixture.snapshot.as_of = at(AS_OF) + SignedDuration::from_hours(hour);
        recalled(&store, &fixture);
        let (gets, _) = store.counted();
        archive(&store, &fixture);
        let (_, puts) = store.counted();
        cost.push((gets, puts));
        size.push(
            std::fs::metadata(folder.path().join(record::entry_key(u64::try_from(hour).unwrap() + 1))).unwrap().len(),
        );
    }
    let (after_a_day, in_the_end) = (cost[30], cost[59]);
    assert_eq!(after_a_day, in_the_end, "reads and writes of a run");
    assert!(in_the_end.0 < 70 && in_the_end.1 < 8, "{in_the_end:?}");
    assert!(size[59] < 2_000, "{} bytes", size[59]);
    assert!(verify(&store).unwrap().sound());
}
