//! Whether what was replaced is still the same: checksums that S3 keeps, read only where the policy asks for them.
//!
//! Copying in place, uploading in parts and encrypting anew change the `ETag` of equal bytes. The checksum that S3 keeps
//! beside an object tells equal from other bytes, but reading it takes the right to read the object itself, which a reader
//! of evidence should not need otherwise. So this collector runs only where it is asked for, and asks only about versions
//! that make a difference: those that stood under a key when it was registered or approved and those that stand there
//! now, where their `ETag`s differ. Where the bucket locks objects, it also asks until when such versions are kept.
//!
//! For objects that are encrypted with a key of one's own, the reader also needs `kms:Decrypt` on that key.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html>

mod normalise;
mod wanted;

use std::cell::RefCell;
use std::collections::BTreeMap;

use aws_sdk_s3::types::ObjectAttributes;

use super::engine::{Answer, Failure, Reader};
use super::home::Home;
use crate::collect::{ApiCall, CollectorInfo, Malformed};
use crate::evidence::{CallId, FactKind, Hidden, ObjectListing, ObjectVersion, ResourceKey, S3Location};
use wanted::Wanted;

const ATTRIBUTES: ApiCall = ApiCall {
    service: "s3",
    operation: "GetObjectAttributes",
    action: "s3:GetObjectVersionAttributes",
    purpose: "whether an artifact with another ETag holds the bytes that were approved",
};

/// Its action is that of reading an object, which `GetObjectAttributes` needs besides its own.
const HEAD: ApiCall = ApiCall {
    service: "s3",
    operation: "HeadObject",
    action: "s3:GetObjectVersion",
    purpose: "whether a version of an artifact was written by replication, so that its time is the original's",
};

const RETENTION: ApiCall = ApiCall {
    service: "s3",
    operation: "GetObjectRetention",
    action: "s3:GetObjectRetention",
    purpose: "until when Object Lock keeps a version of an artifact",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "checksums",
    summary: "reads the checksums of artifacts that were replaced since they were registered or approved, to tell equal \
              bytes from others",
    yields: &[FactKind::Objects],
    calls: &[ATTRIBUTES, HEAD, RETENTION],
};

/// Asks about the versions that make a difference, bucket by bucket, and records their listings anew.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let wanted = reader.facts(|facts| wanted::wanted(facts, reader.account(), reader.region()));
    let mut buckets: BTreeMap<String, Vec<Wanted>> = BTreeMap::new();
    for listing in wanted {
        buckets.entry(listing.listing.location.bucket.clone()).or_default().push(listing);
    }
    reader
        .each(buckets, async |(_, listings)| {
            let home = Home::new(reader.region());
            reader.each(listings, async |wanted| examine(reader, &home, wanted).await).await;
        })
        .await;
}

/// What an answer changes about a version.
type Change = Box<dyn FnOnce(&mut ObjectVersion)>;

/// What was learnt of one version of a listing.
#[derive(Default)]
struct Learnt {
    seen: Vec<CallId>,
    apply: Vec<Change>,
}

async fn examine(reader: &Reader<'_>, home: &Home, wanted: Wanted) {
    let Wanted { listing, mut seen, differing, locked } = wanted;
    let learnt: RefCell<BTreeMap<usize, Learnt>> = RefCell::default();
    let note = |at: usize, call: CallId, apply: Change| {
        let mut learnt = learnt.borrow_mut();
        let of_version = learnt.entry(at).or_default();
        of_version.seen.push(call);
        of_version.apply.push(apply);
    };
    let version =
        |at: usize| listing.versions.get(at).map(|version| Asked { reader, home, listing: &listing, version });

    let differing = reader.each(differing, async |at| {
        let Some(asked) = version(at) else { return };
        let (checksum, replica) = futures_util::join!(asked.checksum(), asked.replica());
        if let Some((checksum, call)) = checksum {
            note(at, call, Box::new(move |version| version.checksum = checksum));
        }
        if let Some((replica, call)) = replica {
            note(at, call, Box::new(move |version| version.replica = replica));
        }
    });
    let locked = reader.each(locked, async |at| {
        let Some(asked) = version(at) else { return };
        if let Some((until, call)) = asked.retention().await {
            note(at, call, Box::new(move |version| version.retained_until = until));
        }
    });
    futures_util::join!(differing, locked);

    let learnt = learnt.into_inner();
    if learnt.is_empty() {
        return;
    }
    let mut listing = listing;
    for (at, learnt) in learnt {
        seen.extend(learnt.seen);
        if let Some(version) = listing.versions.get_mut(at) {
            learnt.apply.into_iter().for_each(|apply| apply(version));
        }
    }
    reader.record(listing, &seen);
}

/// The version that is asked about.
struct Asked<'a, 'r> {
    reader: &'a Reader<'r>,
    home: &'a Home,
    listing: &'a ObjectListing,
    version: &'a ObjectVersion,
}

/// What a call showed, and which.
type Seen<T> = Option<(T, CallId)>;

impl Asked<'_, '_> {
    fn subject(&self) -> String {
        let S3Location { bucket, .. } = &self.listing.location;
        format!("s3://{bucket}/{}, version {}", self.version.key, self.version.version_id)
    }

    /// The checksum, if the object has one. Without it equality is not proved, which is what holds before it is asked: a
    /// failure hides nothing.
    async fn checksum(&self) -> Seen<Option<crate::evidence::Checksum>> {
        let s3 = &self.reader.clients().s3;
        let send = |region| {
            let request = s3.get_object_attributes().bucket(&self.listing.location.bucket).key(&self.version.key);
            let request = request.version_id(&self.version.version_id);
            let request = request.object_attributes(ObjectAttributes::Checksum);
            request.object_attributes(ObjectAttributes::ObjectSize).customize().config_override(region).send()
        };
        let answered = self.home.ask(self.reader, &ATTRIBUTES, &self.subject(), send).await;
        self.keep(&ATTRIBUTES, answered, &[], |answer| normalise::checksum(self.version, answer))
    }

    /// Whether replication wrote it. Its time would otherwise be taken for that of its arrival, so a failure hides it.
    async fn replica(&self) -> Seen<bool> {
        let s3 = &self.reader.clients().s3;
        let send = |region| {
            let request = s3.head_object().bucket(&self.listing.location.bucket).key(&self.version.key);
            request.version_id(&self.version.version_id).customize().config_override(region).send()
        };
        let answered = self.home.ask(self.reader, &HEAD, &self.subject(), send).await;
        self.keep(&HEAD, answered, &self.hides(), |answer| normalise::replica(self.version, answer))
    }

    /// Until when it is locked. It would otherwise be taken for one that may vanish, so a failure hides it.
    async fn retention(&self) -> Seen<Option<jiff::Timestamp>> {
        let s3 = &self.reader.clients().s3;
        let send = |region| {
            let request = s3.get_object_retention().bucket(&self.listing.location.bucket).key(&self.version.key);
            request.version_id(&self.version.version_id).customize().config_override(region).send()
        };
        match self.home.ask(self.reader, &RETENTION, &self.subject(), send).await {
            // This version has no retention of its own.
            Err(failure) if failure.is("NoSuchObjectLockConfiguration") => Some((None, self.reader.noted(&failure))),
            answered => self.keep(&RETENTION, answered, &self.hides(), |answer| {
                normalise::retained_until(self.version, answer).map(Some)
            }),
        }
    }

    fn hides(&self) -> [Hidden; 1] {
        [Hidden::One(ResourceKey::new(FactKind::Objects, &self.listing.location.to_string()))]
    }

    fn keep<O, T>(
        &self,
        call: &ApiCall,
        answered: Result<Answer<O>, Failure>,
        hides: &[Hidden],
        read: impl FnOnce(&O) -> Result<T, Malformed>,
    ) -> Seen<T> {
        match answered {
            Ok(Answer { output, call: id }) => match read(&output) {
                Ok(value) => Some((value, id)),
                Err(malformed) => {
                    self.reader.malformed(call, id, &malformed, hides);
                    None
                }
            },
            Err(failure) => {
                self.reader.gap(failure, hides);
                None
            }
        }
    }
}
