//! What models are made of: every version and delete marker of each artifact in use, and how its bucket is set.
//!
//! `ListObjectVersions` tells what stood under a key at any time, without the right to read the object itself, which
//! `HeadObject` and `GetObjectAttributes` would need. A bucket may lie in another region than its models; S3 then
//! answers with the right one, which is asked instead.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html>

mod lifecycle;
mod normalise;
mod posture;
mod settings;
mod wanted;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types::{EncodingType, OptionalObjectAttributes};

use super::engine::{Answer, Failure, Reader};
use super::home::Home;
use super::in_use::Locations;
use super::text::decoded;
use crate::collect::{ApiCall, CollectorInfo, Malformed, OtherAccount, Purpose};
use crate::evidence::{CallId, FactKind, GapCause, Hidden, ObjectVersion, ResourceKey, S3Location};

const LIST: ApiCall = ApiCall {
    service: "s3",
    operation: "ListObjectVersions",
    action: "s3:ListBucketVersions",
    purpose: "whether an artifact is still what was approved",
};

const VERSIONING: ApiCall = ApiCall {
    service: "s3",
    operation: "GetBucketVersioning",
    action: "s3:GetBucketVersioning",
    purpose: "whether a bucket keeps what is overwritten",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "artifacts",
    summary: "reads every version of each artifact in use and its bucket's settings, to say whether what runs is still \
              what was approved",
    yields: &[FactKind::Objects, FactKind::Buckets],
    calls: &[
        LIST,
        VERSIONING,
        posture::ENCRYPTION,
        posture::PUBLIC_ACCESS,
        posture::LIFECYCLE,
        posture::OBJECT_LOCK,
        posture::POLICY,
        posture::REPLICATION,
    ],
};

/// Reads each bucket that holds something in use, but for what the account of the registry has shown already.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let wanted = reader.facts(|facts| {
        let shown: BTreeSet<&S3Location> = facts.objects.iter().map(|fact| &fact.data.location).collect();
        let mut wanted = wanted::wanted(facts, reader.account(), reader.region());
        if is_registry(reader) {
            wanted.extend(wanted::approved(facts, reader.account(), reader.region()));
        }
        wanted.retain(|location, _| !shown.contains(location));
        wanted
    });
    read(reader, wanted).await;
}

/// Whether the policy declares the account that is read to be a registry of others.
fn is_registry(reader: &Reader<'_>) -> bool {
    let declared = |other: &OtherAccount| other.purpose == Purpose::Registry && other.id == reader.account();
    reader.request().accounts.iter().any(declared)
}

/// Reads what the packages of this account are made of that serve in another.
pub(crate) async fn collect_registered(reader: &Reader<'_>) {
    read(reader, reader.facts(|facts| wanted::registered(facts, reader.account(), reader.region()))).await;
}

async fn read(reader: &Reader<'_>, wanted: Locations) {
    let mut buckets: BTreeMap<String, Vec<(S3Location, bool)>> = BTreeMap::new();
    for (location, prefix) in wanted {
        buckets.entry(location.bucket.clone()).or_default().push((location, prefix));
    }
    reader.each(buckets, async |(name, locations)| bucket(reader, &name, &locations).await).await;
}

fn object_key(location: &S3Location) -> ResourceKey {
    ResourceKey::new(FactKind::Objects, &location.to_string())
}

async fn bucket(reader: &Reader<'_>, name: &str, locations: &[(S3Location, bool)]) {
    let home = Home::new(reader.region());
    let key = ResourceKey::new(FactKind::Buckets, name);

    // First alone: it finds the bucket's region, or that there is no bucket, before anything else is asked.
    let s3 = &reader.clients().s3;
    let send = |region| s3.get_bucket_versioning().bucket(name).customize().config_override(region).send();
    let versioning = match home.ask(reader, &VERSIONING, name, send).await {
        Err(failure) if failure.not_found => {
            for (location, _) in locations {
                reader.absent(failure.clone(), object_key(location));
            }
            return reader.absent(failure, key);
        }
        answered => answered,
    };

    let keeps_versions = Cell::new(false);
    let listings = reader.each(locations, async |(location, prefix)| {
        if list(reader, &home, location, *prefix).await {
            keeps_versions.set(true);
        }
    });
    // Boxed: the state of six requests would otherwise be part of every bucket's.
    let (posture, ()) = futures_util::join!(Box::pin(posture::read(reader, &home, name)), listings);

    let versioning = match versioning {
        Ok(Answer { output, call }) => match settings::versioning(name, output.status(), keeps_versions.get()) {
            Ok(versioning) => Some((versioning, call)),
            Err(malformed) => {
                reader.malformed(&VERSIONING, call, &malformed, &[Hidden::One(key)]);
                None
            }
        },
        Err(failure) => {
            reader.gap(failure, &[Hidden::One(key)]);
            None
        }
    };
    if let Some((bucket, seen)) = posture.with(name, versioning) {
        reader.record(bucket, &seen);
    }
}

/// Lists one location, and says whether it holds anything that only a versioned bucket can.
async fn list(reader: &Reader<'_>, home: &Home, location: &S3Location, prefix: bool) -> bool {
    let asked_in = home.region();
    let mut listed = pages(reader, home, location, prefix).await;
    if listed.is_err() && home.region() != asked_in {
        listed = pages(reader, home, location, prefix).await;
    }
    let hides = [Hidden::One(object_key(location))];
    match listed {
        Ok(Listed { malformed: Some((call, malformed)), .. }) => reader.malformed(&LIST, call, &malformed, &hides),
        Ok(listed) => {
            let listing = normalise::listing(location, prefix, listed.versions);
            let keeps_versions = listing.versions.iter().any(|version| version.version_id != "null");
            reader.record(listing, &listed.calls);
            return keeps_versions;
        }
        Err(failure) if failure.not_found => reader.absent(failure, object_key(location)),
        Err(failure) if matches!(failure.cause, GapCause::Denied(_)) => {
            let message = format!("{}; a denial does not tell whether the object exists", failure.message);
            reader.gap(Failure { message, ..failure }, &hides);
        }
        Err(failure) => reader.gap(failure, &hides),
    }
    false
}

/// What the pages of one listing held. Part of a listing would pass for all of it, so it is kept only when complete.
#[derive(Default)]
struct Listed {
    versions: Vec<ObjectVersion>,
    calls: Vec<CallId>,
    malformed: Option<(CallId, Malformed)>,
}

/// Where a page ends: a key, and a version of it.
type Marker = (String, Option<String>);

async fn pages(reader: &Reader<'_>, home: &Home, location: &S3Location, prefix: bool) -> Result<Listed, Failure> {
    let s3 = &reader.clients().s3;
    let below = if prefix && !location.is_prefix() { format!("{}/", location.key) } else { location.key.clone() };
    let mut listed = Listed::default();
    reader
        .pages(
            &LIST,
            &location.to_string(),
            |marker: Option<Marker>| {
                let (key, version) = marker.map_or((None, None), |(key, version)| (Some(key), version));
                let request = s3.list_object_versions().bucket(&location.bucket).prefix(&below);
                let request = request.encoding_type(EncodingType::Url).set_key_marker(key);
                let request = request.optional_object_attributes(OptionalObjectAttributes::RestoreStatus);
                let request = request.set_version_id_marker(version).customize().config_override(home.settings());
                home.noticing(request.send())
            },
            |Answer { output, call }| {
                listed.calls.push(call);
                match read_page(&output, &mut listed.versions) {
                    Ok(next) => next.filter(|(key, _)| prefix || *key == location.key),
                    Err(malformed) => {
                        listed.malformed = Some((call, malformed));
                        None
                    }
                }
            },
        )
        .await?;
    Ok(listed)
}

/// Takes the entries of a page and returns where it ends, if another follows. A key sorts before all that it is a
/// prefix of, so once a page ends elsewhere, everything about a single object has been seen.
///
/// # Errors
/// If an entry cannot be read, or the page does not say whether and where the next one begins: an answer that was cut
/// off on its way must not pass for "nothing is there".
fn read_page(page: &ListObjectVersionsOutput, versions: &mut Vec<ObjectVersion>) -> Result<Option<Marker>, Malformed> {
    let encoding = page.encoding_type();
    let mut last_key: Option<String> = None;
    let given = page.versions().iter().map(|item| normalise::version(item, encoding));
    for entry in given.chain(page.delete_markers().iter().map(|item| normalise::delete_marker(item, encoding))) {
        let entry = entry?;
        last_key = last_key.max(Some(entry.key.clone()));
        versions.push(entry);
    }
    let missing =
        |part: &str| Malformed { item: "a page of versions".to_owned(), reason: format!("`{part}` is missing") };
    if !page.is_truncated().ok_or_else(|| missing("IsTruncated"))? {
        return Ok(None);
    }
    // `NextKeyMarker` is the last key; not every store encodes it as it encodes the keys, so the keys are believed.
    let marker = page.next_key_marker().map(|marker| decoded(marker, encoding)).transpose()?;
    let key = last_key.or(marker).ok_or_else(|| missing("NextKeyMarker"))?;
    Ok(Some((key, super::text::text(page.next_version_id_marker()))))
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::types::{DeleteMarkerEntry, ObjectVersion as S3Version};
    use aws_smithy_types::DateTime;

    use super::*;

    #[test]
    fn a_page_says_where_the_next_one_begins_in_plain_letters() {
        let time = DateTime::from_secs(1);
        let page = ListObjectVersionsOutput::builder().encoding_type(EncodingType::Url);
        let full = page
            .clone()
            .versions(S3Version::builder().key("a+b").last_modified(time).build())
            .delete_markers(DeleteMarkerEntry::builder().key("a+a").last_modified(time).build());
        let mut versions = Vec::new();
        let mut read = |page: ListObjectVersionsOutput| read_page(&page, &mut versions);

        for marker in ["a+b", "a b"] {
            let cut = full.clone().is_truncated(true).next_key_marker(marker).next_version_id_marker("v").build();
            assert_eq!(read(cut).unwrap(), Some(("a b".to_owned(), Some("v".to_owned()))), "encoded or not");
        }
        let empty = page.clone().is_truncated(true).next_key_marker("c+d").build();
        assert_eq!(read(empty).unwrap(), Some(("c d".to_owned(), None)));
        assert_eq!(read(full.clone().is_truncated(false).build()).unwrap(), None);
        read(page.is_truncated(true).build()).unwrap_err();
        read(full.build()).unwrap_err();
        assert!(versions.iter().all(|version| ["a b", "a a"].contains(&version.key.as_str())));
    }
}
