//! Which versions make a difference: those that stood under a key when it mattered and those that stand there now.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::evidence::{
    ApprovalStatus, CallId, Facts, ModelData, ObjectListing, ObjectVersion, Package, S3Location, TrailEvent,
};

/// A listing, and which of its versions are asked about.
#[derive(Debug, PartialEq)]
pub(super) struct Wanted {
    pub(super) listing: ObjectListing,
    /// The calls that showed the listing.
    pub(super) seen: Vec<CallId>,
    /// Versions whose `ETag`s differ between then and now.
    pub(super) differing: BTreeSet<usize>,
    /// Versions of then and of now in a bucket that locks objects.
    pub(super) locked: BTreeSet<usize>,
}

/// What packages say of one location.
#[derive(Default)]
struct Registered {
    /// When it was registered and approved.
    moments: BTreeSet<Timestamp>,
    /// `ETag`s that the registry noted.
    etags: BTreeSet<String>,
}

impl Registered {
    /// Whether the registry noted an `ETag` that nothing there has: what is there may have come by replication.
    fn names_none_of(&self, entries: &[Entry<'_>]) -> bool {
        let noted = |etag: &String| self.etags.contains(etag);
        !self.etags.is_empty() && !entries.iter().any(|(_, version)| version.etag.as_ref().is_some_and(noted))
    }
}

/// Every listing of the account and region of which something is worth asking.
pub(super) fn wanted(facts: &Facts, account: &str, region: &str) -> Vec<Wanted> {
    let registered = registered(facts);
    let locking: BTreeSet<&str> = facts
        .buckets
        .iter()
        .filter(|fact| fact.data.object_lock.as_ref().is_some_and(|lock| lock.enabled))
        .map(|fact| fact.data.name.as_str())
        .collect();
    let listings = facts.objects.iter().filter(|fact| fact.account == account && fact.region == region);
    let wanted = listings.filter_map(|fact| {
        let listing = &fact.data;
        let registered = registered.get(&listing.location)?;
        let (mut differing, mut of_interest) = (BTreeSet::new(), BTreeSet::new());
        for entries in by_key(&listing.versions).values() {
            let Some(now) = entries.iter().copied().find(|entry| entry.1.is_latest) else { continue };
            let then: Vec<_> = entries.iter().copied().filter(|entry| mattered(*entry, entries, registered)).collect();
            let kept = |(_, version): &(usize, &ObjectVersion)| !version.delete_marker;
            of_interest.extend(then.iter().copied().chain([now]).filter(kept).map(|(at, _)| at));
            if !kept(&now) {
                continue;
            }
            let others = then.into_iter().filter(kept).filter(|(_, version)| version.etag != now.1.etag);
            let others: Vec<usize> = others.map(|(at, _)| at).collect();
            if !others.is_empty() || registered.names_none_of(entries) {
                differing.extend(others.into_iter().chain([now.0]));
            }
        }
        let locked = if locking.contains(listing.location.bucket.as_str()) { of_interest } else { BTreeSet::new() };
        let worth_it = !differing.is_empty() || !locked.is_empty();
        worth_it.then(|| Wanted { listing: listing.clone(), seen: fact.seen.clone(), differing, locked })
    });
    wanted.collect()
}

type Entry<'l> = (usize, &'l ObjectVersion);

/// The entries of each key, newest first as they are listed.
fn by_key(versions: &[ObjectVersion]) -> BTreeMap<&str, Vec<Entry<'_>>> {
    let mut keys: BTreeMap<&str, Vec<Entry<'_>>> = BTreeMap::new();
    for (at, version) in versions.iter().enumerate() {
        keys.entry(&version.key).or_default().push((at, version));
    }
    keys
}

/// Whether an entry stood under its key at one of the moments, or has an `ETag` that was registered.
fn mattered((at, version): Entry<'_>, entries: &[Entry<'_>], registered: &Registered) -> bool {
    let stood = |moment: &Timestamp| {
        let newest = entries.iter().filter(|(_, entry)| entry.last_modified <= *moment);
        newest.max_by_key(|(_, entry)| (entry.last_modified, entry.is_latest)).is_some_and(|(newest, _)| *newest == at)
    };
    version.etag.as_ref().is_some_and(|etag| registered.etags.contains(etag)) || registered.moments.iter().any(stood)
}

/// What is known of each location that a package names.
fn registered(facts: &Facts) -> BTreeMap<S3Location, Registered> {
    let mut approvals: BTreeMap<String, Vec<Timestamp>> = BTreeMap::new();
    for event in facts.trail_events.iter().map(|fact| &fact.data).filter(|event| approves(event)) {
        if let Some(arn) = event.parameter("modelPackageArn").or_else(|| event.answer("modelPackageArn")) {
            approvals.entry(arn.to_lowercase()).or_default().push(event.time);
        }
    }
    let mut registered: BTreeMap<S3Location, Registered> = BTreeMap::new();
    for package in facts.packages.iter().map(|fact| &fact.data) {
        let approved = approvals.get(&package.arn.to_lowercase()).into_iter().flatten().copied();
        let moments: Vec<Timestamp> = package.created.into_iter().chain(approved).chain(edited(package)).collect();
        for data in package.containers.iter().chain(package.additional.values().flatten()).flat_map(|it| &it.data) {
            for (location, etag) in locations(data) {
                let known = registered.entry(location).or_default();
                known.moments.extend(&moments);
                known.etags.extend(etag.cloned());
            }
        }
    }
    registered
}

fn approves(event: &TrailEvent) -> bool {
    event.source == "sagemaker.amazonaws.com"
        && event.error_code.is_none()
        && event.parameter("modelApprovalStatus") == Some(ApprovalStatus::Approved.as_str())
}

/// The last edit of an approved package: the latest moment at which it may have been approved.
fn edited(package: &Package) -> Option<Timestamp> {
    package.modified.filter(|_| package.approval == Some(ApprovalStatus::Approved))
}

/// Where a container's data lies, and its manifest, each with the `ETag` that the registry noted.
fn locations(data: &ModelData) -> impl Iterator<Item = (S3Location, Option<&String>)> {
    let object = S3Location::parse(&data.uri).map(|location| (location, data.etag.as_ref()));
    let manifest = data.manifest.as_deref().and_then(S3Location::parse);
    object.into_iter().chain(manifest.map(|location| (location, data.manifest_etag.as_ref())))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::collect::aws::in_use::samples::{ACCOUNT, REGION, data, fact, package};
    use crate::evidence::{Bucket, ObjectLock};

    const KEY: &str = "churn-3";

    pub(in super::super) fn version(id: &str, written: &str, etag: &str) -> ObjectVersion {
        ObjectVersion {
            key: KEY.to_owned(),
            version_id: id.to_owned(),
            is_latest: false,
            last_modified: written.parse().unwrap(),
            delete_marker: false,
            etag: Some(etag.to_owned()),
            size: Some(7),
            storage_class: None,
            restored_until: None,
            checksum_algorithms: vec![],
            checksum: None,
            retained_until: None,
            replica: false,
        }
    }

    /// Registered on 2 May, approved on 4 May.
    fn facts(mut versions: Vec<ObjectVersion>) -> Facts {
        versions[0].is_latest = true;
        let mut package = package(3, ApprovalStatus::Approved);
        package.created = Some("2026-05-02T08:00:00Z".parse().unwrap());
        let approval = serde_json::json!({
            "eventID": "e", "eventName": "UpdateModelPackage", "eventSource": "sagemaker.amazonaws.com",
            "eventTime": "2026-05-04T08:00:00Z",
            "requestParameters": {"modelPackageArn": package.arn, "modelApprovalStatus": "Approved"},
        });
        Facts {
            packages: vec![fact(package)],
            trail_events: vec![fact(crate::trail::record::normalise(&approval).unwrap().unwrap())],
            objects: vec![fact(ObjectListing {
                location: S3Location { bucket: "b".to_owned(), key: KEY.to_owned() },
                versions,
            })],
            ..Facts::default()
        }
    }

    fn asked(facts: &Facts) -> (Vec<usize>, Vec<usize>) {
        let wanted = wanted(facts, ACCOUNT, REGION);
        let all = |of: fn(&Wanted) -> &BTreeSet<usize>| wanted.iter().flat_map(|it| of(it).iter().copied()).collect();
        (all(|it| &it.differing), all(|it| &it.locked))
    }

    fn locking(mut facts: Facts) -> Facts {
        let bucket = Bucket {
            name: "b".to_owned(),
            versioning: None,
            encryption: None,
            public_access_blocked: None,
            lifecycle: None,
            object_lock: Some(ObjectLock { enabled: true, mode: None, days: None }),
            policy: None,
            replicates: None,
        };
        facts.buckets = vec![fact(bucket)];
        facts
    }

    #[test]
    fn what_was_not_replaced_is_not_asked_about() {
        let untouched = facts(vec![version("v1", "2026-05-01T08:00:00Z", "one")]);
        assert_eq!(asked(&untouched), (vec![], vec![]));
        assert_eq!(asked(&locking(untouched)), (vec![], vec![0]), "but until when it is kept");
        let rewritten =
            vec![version("v2", "2026-05-09T08:00:00Z", "one"), version("v1", "2026-05-01T08:00:00Z", "one")];
        assert_eq!(asked(&facts(rewritten)), (vec![], vec![]), "equal ETags are equal bytes");
    }

    #[test]
    fn of_what_was_replaced_then_and_now_are_asked_about_and_nothing_between() {
        let history = || {
            vec![
                version("now", "2026-05-09T08:00:00Z", "four"),
                version("between", "2026-05-08T08:00:00Z", "three"),
                version("approved", "2026-05-03T08:00:00Z", "two"),
                version("registered", "2026-05-01T08:00:00Z", "one"),
                version("before", "2026-04-01T08:00:00Z", "zero"),
            ]
        };
        assert_eq!(asked(&facts(history())), (vec![0, 2, 3], vec![]));
        assert_eq!(asked(&locking(facts(history()))).1, [0, 2, 3]);
        let mut elsewhere = facts(history());
        elsewhere.objects[0].region = "us-east-1".to_owned();
        assert_eq!(asked(&elsewhere), (vec![], vec![]), "another region's listing");
    }

    #[test]
    fn the_registered_etag_names_a_version_whatever_its_time() {
        let mut facts = facts(vec![
            version("now", "2026-04-02T08:00:00Z", "two"),
            version("copied", "2026-04-01T08:00:00Z", "one"),
        ]);
        assert_eq!(asked(&facts).0, [0_usize; 0], "what stands there now stood there then");
        let mut noted = data("s3://b/churn-3");
        noted.etag = Some("one".to_owned());
        facts.packages[0].data.containers[0].data = vec![noted.clone()];
        assert_eq!(asked(&facts).0, [0, 1]);
        noted.etag = Some("lost".to_owned());
        facts.packages[0].data.containers[0].data = vec![noted];
        assert_eq!(asked(&facts).0, [0], "whether replication wrote it");
    }

    #[test]
    fn a_delete_marker_has_nothing_to_compare() {
        let mut marker = version("gone", "2026-05-09T08:00:00Z", "");
        (marker.delete_marker, marker.etag) = (true, None);
        let history = vec![marker, version("approved", "2026-05-01T08:00:00Z", "one")];
        assert_eq!(asked(&locking(facts(history))), (vec![], vec![1]));
    }
}
