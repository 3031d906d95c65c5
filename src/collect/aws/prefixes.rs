//! What lies below the prefixes that manifests declare: feedback that is collected, labels that arrive, heartbeats of
//! monitors elsewhere.
//!
//! Objects are listed, not read. S3 is the same in every region, so the first one stands for all.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::engine::Reader;
use super::home::Home;
use super::objects::{LIST, Listing, Object, Wanted, listed};
use crate::collect::CollectorInfo;
use crate::evidence::{FactKind, Hidden, PrefixState, ResourceKey, S3Location};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "prefixes",
    summary: "reads how many objects lie below the prefixes that manifests declare, and when they were written",
    yields: &[FactKind::Prefixes],
    calls: &[LIST],
};

/// Pages that are read of each prefix, of a thousand objects each.
const PAGES: usize = 50;

/// The age in days up to which objects are counted by the day.
const OLDEST_DAYS: i64 = 400;

/// Lists each declared prefix.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let request = reader.request();
    if request.regions.first().map(String::as_str) != Some(reader.region()) {
        return;
    }
    let is_here = |account: &Option<String>| account.as_deref().is_none_or(|account| account == reader.account());
    let declared = request.declared.prefixes.iter().filter(|(account, _)| is_here(account));
    let declared: BTreeSet<&S3Location> = declared.map(|(_, location)| location).collect();
    reader.each(declared, async |location| state(reader, location).await).await;
}

async fn state(reader: &Reader<'_>, location: &S3Location) {
    let wanted = Wanted { pages: PAGES, ..Wanted::default() };
    match listed(reader, &Home::new(reader.region()), location, &wanted).await {
        Ok(listing) => {
            let calls = listing.calls.clone();
            reader.record(summed(location, listing, reader.request().now), &calls);
        }
        Err(failure) => {
            let key = ResourceKey::new(FactKind::Prefixes, &location.to_string());
            if failure.not_found {
                return reader.absent(failure, key);
            }
            for region in &reader.request().regions {
                reader.gap_at(reader.account(), region, failure.clone(), &[Hidden::One(key.clone())]);
            }
        }
    }
}

fn summed(location: &S3Location, listing: Listing, now: Timestamp) -> PrefixState {
    let Listing { mut objects, whole, .. } = listing;
    // What the console writes to show a folder.
    objects.retain(|object| object.size > 0 || !object.key.ends_with('/'));
    let times = || objects.iter().map(|object| object.modified);
    PrefixState {
        location: location.clone(),
        newest: times().max(),
        oldest: times().min(),
        objects: objects.len(),
        bytes: objects.iter().map(|object| object.size).fold(0, u64::saturating_add),
        written_since: by_age(&objects, now),
        whole,
    }
}

/// How many objects were written in the last so many days, for each number of days at which that changes.
fn by_age(objects: &[Object], now: Timestamp) -> BTreeMap<u32, usize> {
    const DAY: SignedDuration = SignedDuration::from_hours(24);
    let mut ages: BTreeMap<u32, usize> = BTreeMap::new();
    for object in objects {
        let age = now.duration_since(object.modified).max(SignedDuration::ZERO).as_secs();
        // Written within a day is one day, and so on.
        let days = age / DAY.as_secs() + i64::from(age % DAY.as_secs() > 0 || age == 0);
        if let Some(days) = u32::try_from(days).ok().filter(|days| i64::from(*days) <= OLDEST_DAYS) {
            *ages.entry(days).or_default() += 1;
        }
    }
    let mut sum = 0;
    for count in ages.values_mut() {
        sum += *count;
        *count = sum;
    }
    ages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_counted_by_their_age() {
        let now: Timestamp = "2026-09-10T12:00:00Z".parse().unwrap();
        let object =
            |key: &str, size, modified: &str| Object { key: key.into(), size, modified: modified.parse().unwrap() };
        let objects = vec![
            object("f/", 0, "2026-09-10T12:00:00Z"),
            object("f/a", 5, "2026-09-10T11:00:00Z"),
            object("f/b", 5, "2026-09-09T12:00:00Z"),
            object("f/c", 5, "2026-09-09T11:59:59Z"),
            object("f/d", 5, "2020-01-01T00:00:00Z"),
            object("f/e", 5, "2026-09-10T12:00:09Z"),
        ];
        let location = S3Location::parse("s3://bucket/f/").unwrap();
        let state = summed(&location, Listing { objects, whole: true, ..Listing::default() }, now);
        assert_eq!((state.objects, state.bytes, state.whole), (5, 25, true));
        assert_eq!(state.oldest, Some("2020-01-01T00:00:00Z".parse().unwrap()));
        let within = [0, 1, 2, 30, 9_999].map(|days| state.written_within(days));
        assert_eq!(within, [0, 3, 4, 4, 4], "older than 400 days are not counted by the day");
    }
}
