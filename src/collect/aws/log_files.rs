//! Log files of trails: what the event history forgets after 90 days, and the only events that a signature proves.
//!
//! They are read only where somebody asks for it, for a year of an organization's log files takes time and requests. A
//! trail's bucket often lies in another account, whose role then reads it. [`reading`] finds the watched events and
//! verifies them; here they become facts of the account and region that their records name, and what could not be read
//! becomes gaps. An event that the history tells, too, is one fact, on the better of its origins.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html>

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{SignedDuration, Timestamp};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::engine::{Failure, Reader};
use super::in_use::InUse;
use super::public_keys::{self, CloudTrailKeys};
use super::session::Session;
use super::store::S3Store;
use crate::collect::{ApiCall, CollectorInfo, LogSource, Purpose};
use crate::evidence::{CallId, FactKind, Facts, Hidden, Origin, ResourceKey, S3Location, Trail, TrailEvent};
use crate::store::{Folder, Store};
use crate::trail::reading::{self, Hole, Reading, Request, Step};

const LIST: ApiCall = ApiCall {
    service: "s3",
    operation: "ListObjectsV2",
    action: "s3:ListBucket",
    purpose: "which log files a trail delivered",
};

const GET: ApiCall = ApiCall {
    service: "s3",
    operation: "GetObject",
    action: "s3:GetObject",
    purpose: "approvals older than the event history, and the signatures that prove them",
};

/// What reading a local folder is called where calls are told.
const FOLDER: ApiCall =
    ApiCall { service: "file", operation: "Read", action: "file:Read", purpose: "log files that were copied" };

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "log-files",
    summary: "reads the log files of trails that the policy or `--trail` names, and verifies their signed digests",
    yields: &[FactKind::LogFiles],
    calls: &[LIST, GET, public_keys::LIST],
};

/// Files in flight. Each waits for S3 far longer than it is worked on.
const THREADS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(15);

/// How long before its package was registered something may have happened that matters.
const BEFORE: SignedDuration = SignedDuration::from_hours(24);

/// Where log files lie.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Bucket(S3Location),
    Folder(PathBuf),
}

/// Reads every place that is asked for. `keys` lists the public keys; the reader itself reads the buckets, unless their
/// account could not be entered.
pub(crate) async fn collect(reader: &Reader<'_>, keys: &Session, buckets_are_closed: bool) {
    let (places, accounts, since) = reader.facts(|facts| {
        let trails: Vec<(String, Trail)> =
            facts.trails.iter().map(|fact| (fact.account.clone(), fact.data.clone())).collect();
        let since = reader.request().log_files.since.unwrap_or_else(|| {
            let oldest = oldest_in_use(facts).unwrap_or(reader.request().events_since);
            oldest.checked_sub(BEFORE).unwrap_or(oldest)
        });
        (places(&reader.request().log_files.sources, trails), accounts(reader), since)
    });
    for (place, trails) in places {
        if matches!(place, Place::Bucket(_)) && buckets_are_closed {
            continue;
        }
        let request = Request {
            accounts: accounts.clone(),
            regions: reader.request().regions.iter().cloned().collect(),
            since: since.min(reader.request().now),
            until: reader.request().now,
            trails,
            threads: THREADS,
        };
        let given = read(reader, keys, &place, request).await;
        keep(reader, &place, given);
    }
}

/// When the oldest package was registered that serves anywhere, or that one would roll back to.
fn oldest_in_use(facts: &Facts) -> Option<Timestamp> {
    let places: BTreeSet<(&str, &str)> =
        facts.models.iter().map(|fact| (fact.account.as_str(), fact.region.as_str())).collect();
    let registered = places.into_iter().filter_map(|(account, region)| {
        let InUse { packages, candidates, .. } = InUse::of(facts, account, region);
        packages.iter().chain(&candidates).filter_map(|package| package.created).min()
    });
    registered.min()
}

/// The accounts whose log files are asked for: that of the estate and those of its registries.
fn accounts(reader: &Reader<'_>) -> BTreeSet<String> {
    let registries = reader.request().accounts.iter().filter(|account| account.purpose == Purpose::Registry);
    registries.map(|account| account.id.clone()).chain([reader.estate().to_owned()]).collect()
}

/// The places that are asked for, each once, with the trails that deliver there.
fn places(sources: &[LogSource], trails: Vec<(String, Trail)>) -> BTreeMap<Place, Vec<(String, Trail)>> {
    let mut found: BTreeMap<Place, Vec<(String, Trail)>> = BTreeMap::new();
    for (account, trail) in trails {
        let Some(bucket) = trail.bucket.clone() else { continue };
        let prefix = trail.prefix.as_deref().unwrap_or_default().trim_matches('/');
        let key = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        let delivering = found.entry(Place::Bucket(S3Location { bucket, key })).or_default();
        if !delivering.contains(&(account.clone(), trail.clone())) {
            delivering.push((account, trail));
        }
    }
    let mut places = BTreeMap::new();
    for source in sources {
        match source {
            LogSource::Found => places.extend(found.clone()),
            LogSource::Bucket(location) => {
                let place = Place::Bucket(root(location));
                let trails = found.get(&place).cloned().unwrap_or_default();
                places.insert(place, trails);
            }
            LogSource::Folder(path) => {
                places.insert(Place::Folder(path.clone()), Vec::new());
            }
        }
    }
    places
}

/// Where a trail delivers to, of which the operator may have named a part.
fn root(location: &S3Location) -> S3Location {
    let key = match location.key.split_once("AWSLogs") {
        Some((before, after)) if (before.is_empty() || before.ends_with('/')) && !after.starts_with(|c| c != '/') => {
            before
        }
        _ => location.key.as_str(),
    };
    let key = key.trim_end_matches('/');
    let key = if key.is_empty() { String::new() } else { format!("{key}/") };
    S3Location { bucket: location.bucket.clone(), key }
}

/// Reads one place on threads of its own, and ends them if the run is stopped.
async fn read(reader: &Reader<'_>, keys: &Session, place: &Place, request: Request) -> Reading {
    let runtime = Handle::current();
    let store: Box<dyn Store> = match place {
        Place::Bucket(location) => Box::new(S3Store::new(reader.session(), location, &runtime)),
        Place::Folder(path) => Box::new(Folder::new(path)),
    };
    let keys = CloudTrailKeys::new(keys, &runtime);
    let cancelled = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&cancelled);
    let mut work = spawn_blocking(move || reading::read(store.as_ref(), &keys, &request, &told));
    let done = tokio::select! {
        biased;
        () = reader.stopped() => {
            cancelled.store(true, Ordering::Relaxed);
            (&mut work).await
        }
        done = &mut work => done,
    };
    match done {
        Ok(reading) => reading,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Reading { cancelled: true, ..Reading::default() },
    }
}

/// Keeps what one place gave.
fn keep(reader: &Reader<'_>, place: &Place, given: Reading) {
    let (list, get) = match place {
        Place::Bucket(_) => (LIST, GET),
        Place::Folder(_) => (FOLDER, FOLDER),
    };
    let mut files: BTreeMap<String, CallId> = BTreeMap::new();
    for logged in given.events {
        let call = *files.entry(logged.file.clone()).or_insert_with(|| reader.answered(&get, &logged.file));
        let origin = Origin::LogFile { file: logged.file, verified: logged.verified };
        reader.record_at(&logged.account, &logged.region, TrailEvent { origin, ..logged.event }, &[call]);
    }
    let mut listings: BTreeMap<String, CallId> = BTreeMap::new();
    for found in given.windows {
        let source = &found.window.source;
        let call = *listings.entry(source.clone()).or_insert_with(|| reader.answered(&list, source));
        reader.record_at(&found.account, &found.region, found.window, &[call]);
    }
    for hole in given.holes {
        gap(reader, hole, &list, &get);
    }
    if given.cancelled {
        for account in accounts(reader) {
            for region in &reader.request().regions {
                let failure = reader.cancelled(&list, &named(place));
                reader.gap_at(&account, region, failure, &[Hidden::All(FactKind::LogFiles)]);
            }
        }
    }
}

fn named(place: &Place) -> String {
    match place {
        Place::Bucket(location) => location.to_string(),
        Place::Folder(path) => path.display().to_string(),
    }
}

fn gap(reader: &Reader<'_>, hole: Hole, list: &ApiCall, get: &ApiCall) {
    let call = match hole.step {
        Step::List => *list,
        Step::Read => *get,
        Step::Keys => public_keys::LIST,
    };
    let hides = if hole.whole {
        Hidden::All(FactKind::LogFiles)
    } else {
        Hidden::One(ResourceKey::new(FactKind::LogFiles, &hole.place))
    };
    let failure = Failure {
        call,
        subject: hole.place,
        cause: hole.cause,
        code: None,
        message: hole.reason,
        pages_read: 0,
        request_id: None,
        at: reader.now(),
        not_found: false,
    };
    reader.gap_at(&hole.account, &hole.region, failure, &[hides]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trail(bucket: Option<&str>, prefix: Option<&str>) -> (String, Trail) {
        let trail = serde_json::json!({
            "arn": "arn", "name": "t", "home_region": "r", "bucket": bucket, "prefix": prefix, "multi_region": true,
            "organization": false, "validation": true, "logging": true, "management": null,
        });
        ("111122223333".to_owned(), serde_json::from_value(trail).unwrap())
    }

    fn asked(sources: &[&str], trails: Vec<(String, Trail)>) -> Vec<(String, usize)> {
        let sources: Vec<LogSource> = sources.iter().map(|source| LogSource::parse(source).unwrap()).collect();
        places(&sources, trails).into_iter().map(|(place, trails)| (named(&place), trails.len())).collect()
    }

    #[test]
    fn places_are_found_or_named_and_read_once() {
        let trails = || vec![trail(Some("logs"), Some("audit")), trail(Some("logs"), Some("audit")), trail(None, None)];
        assert_eq!(asked(&[], trails()), []);
        assert_eq!(asked(&["auto"], trails()), [("s3://logs/audit/".to_owned(), 1)]);
        assert_eq!(asked(&["auto", "s3://logs/audit"], trails()), [("s3://logs/audit/".to_owned(), 1)]);
        assert_eq!(asked(&["s3://other", "copy"], trails()), [("s3://other/".to_owned(), 0), ("copy".to_owned(), 0)]);
    }

    #[test]
    fn a_part_of_a_trails_layout_stands_for_the_whole() {
        for (given, expected) in [
            ("s3://logs", "s3://logs/"),
            ("s3://logs/AWSLogs/", "s3://logs/"),
            ("s3://logs/audit/AWSLogs/111122223333/CloudTrail", "s3://logs/audit/"),
            ("s3://logs/MyAWSLogs", "s3://logs/MyAWSLogs/"),
            ("s3://logs/AWSLogsOld", "s3://logs/AWSLogsOld/"),
        ] {
            assert_eq!(root(&S3Location::parse(given).unwrap()).to_string(), expected, "{given}");
        }
    }
}
