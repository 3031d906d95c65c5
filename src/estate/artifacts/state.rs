//! What one listing says of any instant.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::evidence::{ObjectListing, ObjectVersion};

/// What S3 held at an instant below the listed key or prefix: of each key the newest entry written by then, unless that
/// is a delete marker. The order of the entries does not matter.
///
/// Entries of one key within one second, which S3 does not tell apart, are ranked by what S3 calls the latest.
///
/// A listing only knows what is left: see [`History`](super::History) for what may have been lost.
pub fn state_at(listing: &ObjectListing, at: Timestamp) -> BTreeMap<&str, &ObjectVersion> {
    let mut newest = newest_at(listing, at);
    newest.retain(|_, entry| !entry.delete_marker);
    newest
}

/// The newest entry of each key by then, delete markers included.
pub(super) fn newest_at(listing: &ObjectListing, at: Timestamp) -> BTreeMap<&str, &ObjectVersion> {
    let mut newest: BTreeMap<&str, &ObjectVersion> = BTreeMap::new();
    for entry in listing.versions.iter().filter(|entry| entry.last_modified <= at) {
        let held = newest.entry(entry.key.as_str()).or_insert(entry);
        if by_age(held, entry) == Ordering::Less {
            *held = entry;
        }
    }
    newest
}

/// Older entries first.
pub(super) fn by_age(a: &ObjectVersion, b: &ObjectVersion) -> Ordering {
    let rank = |entry: &ObjectVersion| (entry.last_modified, entry.is_latest, !entry.delete_marker);
    rank(a).cmp(&rank(b)).then_with(|| a.version_id.cmp(&b.version_id))
}

/// Whether two listings mean the same entry. `null` is no identity: each unversioned write has that id.
pub(super) fn is_same(a: &ObjectVersion, b: &ObjectVersion) -> bool {
    a.key == b.key
        && a.version_id == b.version_id
        && a.last_modified == b.last_modified
        && a.delete_marker == b.delete_marker
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::super::super::fixture::*;
    use super::*;
    use crate::evidence::S3Location;

    fn ids(listing: &ObjectListing, instant: &str) -> Vec<(String, String)> {
        let state = state_at(listing, at(instant));
        state.into_iter().map(|(key, entry)| (key.to_owned(), entry.version_id.clone())).collect()
    }

    #[test]
    fn of_each_key_the_newest_entry_by_then_counts() {
        let listing = listing(
            "s3://b/p/",
            vec![
                version("p/a", "a2", "e2", "2026-05-02T00:00:00Z"),
                version("p/a", "a1", "e1", "2026-05-01T00:00:00Z"),
                deletion("p/b", "b2", "2026-05-02T00:00:00Z"),
                version("p/b", "b1", "e1", "2026-05-01T00:00:00Z"),
            ],
        );
        let pairs =
            |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<Vec<_>>();
        assert_eq!(ids(&listing, "2026-04-30T23:59:59Z"), pairs(&[]));
        assert_eq!(ids(&listing, "2026-05-01T00:00:00Z"), pairs(&[("p/a", "a1"), ("p/b", "b1")]));
        assert_eq!(ids(&listing, "2026-05-02T00:00:00Z"), pairs(&[("p/a", "a2")]));
    }

    #[test]
    fn within_one_second_the_latest_wins() {
        let listing = listing(
            "s3://b/k",
            vec![version("k", "a", "e", "2026-05-01T00:00:00Z"), version("k", "z", "e", "2026-05-01T00:00:00Z")],
        );
        assert_eq!(ids(&listing, AS_OF), [("k".to_owned(), "a".to_owned())], "the first of a listing is the latest");
    }

    fn any_entries() -> impl Strategy<Value = Vec<ObjectVersion>> {
        let entry = (0..3_u8, 0..40_i64, any::<bool>());
        prop::collection::vec(entry, 0..12).prop_map(|entries| {
            let entry = |(number, (key, hour, deleted)): (usize, (u8, i64, bool))| {
                let mut entry = version(&format!("k{key}"), &format!("v{number}"), "e", WRITTEN);
                entry.last_modified = at(WRITTEN) + SignedDuration::from_hours(hour);
                entry.delete_marker = deleted;
                entry.is_latest = false;
                entry
            };
            entries.into_iter().enumerate().map(entry).collect()
        })
    }

    proptest! {
        #[test]
        fn the_order_of_entries_does_not_matter(entries in any_entries(), hour in 0..50_i64, turn in 0..12_usize) {
            let instant = at(WRITTEN) + SignedDuration::from_hours(hour);
            let mut turned = entries.clone();
            turned.reverse();
            let by = turn % turned.len().max(1);
            turned.rotate_left(by);
            let location = S3Location { bucket: "b".to_owned(), key: String::new() };
            let a = ObjectListing { location: location.clone(), versions: entries };
            let b = ObjectListing { location, versions: turned };
            prop_assert_eq!(state_at(&a, instant), state_at(&b, instant));
        }

        #[test]
        fn what_is_written_later_never_changes_the_past(entries in any_entries(), hour in 0..50_i64) {
            let instant = at(WRITTEN) + SignedDuration::from_hours(hour);
            let location = S3Location { bucket: "b".to_owned(), key: String::new() };
            let by_then = entries.iter().filter(|entry| entry.last_modified <= instant).cloned().collect();
            let all = ObjectListing { location: location.clone(), versions: entries };
            let past = ObjectListing { location, versions: by_then };
            prop_assert_eq!(state_at(&all, instant), state_at(&past, instant));
            // And between two instants, an object's version only ever gets newer.
            let (before, after) = (state_at(&all, instant), state_at(&all, Timestamp::MAX));
            for (key, entry) in before {
                if let Some(later) = after.get(key) {
                    prop_assert!(later.last_modified >= entry.last_modified);
                }
            }
        }

        #[test]
        fn between_two_writes_nothing_changes(entries in any_entries(), hour in 0..50_i64) {
            let location = S3Location { bucket: "b".to_owned(), key: String::new() };
            let listing = ObjectListing { location, versions: entries };
            let instant = at(WRITTEN) + SignedDuration::from_hours(hour);
            let last = listing.versions.iter().map(|entry| entry.last_modified).filter(|at| *at <= instant).max();
            if let Some(last) = last {
                prop_assert_eq!(state_at(&listing, last), state_at(&listing, instant));
            } else {
                prop_assert!(state_at(&listing, instant).is_empty());
            }
        }
    }
}
