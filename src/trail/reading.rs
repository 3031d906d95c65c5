//! Log files as evidence: scanned for the events that are watched, and verified by the digests over them, in one pass.
//!
//! What no file tells is told, too: how far the files reach ([`Window`]), and what is missing in between ([`Hole`]). A file
//! that is not what CloudTrail delivered proves nothing: its events are left out, and it is a hole.

mod holes;
mod windows;
mod witness;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use serde::Deserialize;

use super::digest::{self, Area, Chains, PublicKeys, Source, Verification, VerifyError};
use super::file::Record;
use super::filter::Filter;
use super::layout::LogName;
use super::record;
use super::scan::{self, Deliveries, Options, Scanned, Stream};
use super::timeline::Timeline;
use super::watched::{WATCHED, is_watched};
use crate::evidence::{LogWindow, Trail, TrailEvent};
use crate::store::{Store, StoreError};
use holes::Holes;
use witness::{Judging, Witness};

pub use holes::{Hole, Step};

/// Where so many files in a row cannot be read, the others are not tried.
const GIVE_UP: u64 = 50;

/// What is to be read of one place.
#[derive(Clone, Debug)]
pub struct Request {
    /// Accounts whose calls are asked for.
    pub accounts: BTreeSet<String>,
    /// Regions whose calls are asked for.
    pub regions: BTreeSet<String>,
    /// Calls from this instant …
    pub since: Timestamp,
    /// … to this one.
    pub until: Timestamp,
    /// The trails that deliver there, by the account that they log.
    pub trails: Vec<(String, Trail)>,
    /// Threads that read and inflate.
    pub threads: NonZeroUsize,
}

/// What one place gave.
#[derive(Debug, Default)]
pub struct Reading {
    /// Each event once, by time and then by id.
    pub events: Vec<Logged>,
    /// How far the files reach.
    pub windows: Vec<Window>,
    /// What could not be read or not be believed.
    pub holes: Vec<Hole>,
    /// Whether it was ended before everything was read.
    pub cancelled: bool,
}

/// An event and the file that tells of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Logged {
    /// Account that received the call.
    pub account: String,
    /// Region that received the call.
    pub region: String,
    /// Where the file lies.
    pub file: String,
    /// Whether signed digests vouch for the file.
    pub verified: bool,
    /// The event.
    pub event: TrailEvent,
}

/// A span over which everything was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// The span.
    pub window: LogWindow,
}

/// Reads a place. It ends early once `cancelled` is set; nothing is then said to be complete.
pub fn read(store: &dyn Store, keys: &dyn PublicKeys, request: &Request, cancelled: &AtomicBool) -> Reading {
    let witness = Witness::new(store);
    let source = Source::new(&witness);
    let mut holes = Holes::new(&source);
    let chains = match chains(&source, keys, request, &mut holes) {
        Ok(chains) => chains,
        Err(error) => {
            holes.place(&error, request);
            return Reading { holes: holes.told(), ..Reading::default() };
        }
    };
    let judging = Judging::new(&witness, &chains);
    let mut kept: Vec<Kept> = Vec::new();
    let mut delivered: BTreeMap<Stream, Vec<Timestamp>> = BTreeMap::new();
    let (mut in_vain, mut gave_up) = (0, false);
    let options = Options { threads: request.threads, hash: false };
    let scanned = scan::scan(&judging, &filter(request), options, &mut |scanned: Scanned| {
        if let Some(name) = &scanned.file.name {
            let stream = Stream { account: name.account.clone(), region: name.region.clone() };
            delivered.entry(stream).or_default().push(name.delivered);
        }
        in_vain = if judging.failed(&scanned.file.entry.key) { in_vain + 1 } else { 0 };
        gave_up = in_vain == GIVE_UP;
        let Scanned { file, content } = scanned;
        kept.extend(content.records.into_iter().map(|record| Kept {
            key: file.entry.key.clone(),
            name: file.name.clone(),
            record,
        }));
        if gave_up || cancelled.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let summary = match scanned {
        Ok(summary) => summary,
        Err(error) => {
            holes.place(&error, request);
            return Reading { holes: holes.told(), ..Reading::default() };
        }
    };
    let judged = judging.finish();
    let verifications: Vec<Verification> = chains.into_iter().map(|chains| chains.conclude(&judged)).collect();
    holes.of_files(&summary.problems, &witness);
    holes.of_digests(&verifications);
    if gave_up {
        holes.gave_up(request, GIVE_UP);
    } else if summary.files == 0 && !summary.stopped {
        holes.empty(request);
    }
    let windows = if summary.stopped {
        Vec::new()
    } else {
        windows_of(&source, request, &verifications, &summary.streams, &delivered, &holes)
    };
    let events = events(&source, kept, &verifications, &mut holes);
    Reading { events, windows, holes: holes.told(), cancelled: summary.stopped && !gave_up }
}

/// What is looked for in the files.
fn filter(request: &Request) -> Filter {
    Filter {
        sources: WATCHED.iter().map(|watched| watched.source.to_owned()).collect(),
        names: WATCHED.iter().map(|watched| watched.name.to_owned()).collect(),
        accounts: request.accounts.clone(),
        regions: request.regions.clone(),
        since: Some(request.since),
        until: Some(request.until),
        // As the event history tells them, too.
        failed: true,
        writes: false,
    }
}

/// The digests of every account and region that are asked for and have some.
fn chains(
    source: &Source<'_>,
    keys: &dyn PublicKeys,
    request: &Request,
    holes: &mut Holes<'_>,
) -> Result<Vec<Chains>, StoreError> {
    let asked_for = |area: &Area| request.accounts.contains(&area.account) && request.regions.contains(&area.region);
    let mut chains = Vec::new();
    for area in digest::find(source)?.into_iter().filter(asked_for) {
        let trails = request.trails.iter().filter(|(account, _)| *account == area.account);
        let asked = digest::Request {
            trails: trails.map(|(_, trail)| trail.clone()).collect(),
            area: area.clone(),
            from: request.since,
            to: request.until,
            remembered: Vec::new(),
        };
        match Chains::read(source, keys, &asked) {
            Ok(read) => chains.push(read),
            Err(VerifyError::Store(error)) => holes.area(&area, Step::List, &error),
            Err(error) => holes.keys(&area, &error),
        }
    }
    Ok(chains)
}

/// How far the files of each account and region reach.
fn windows_of(
    source: &Source<'_>,
    request: &Request,
    verifications: &[Verification],
    streams: &BTreeMap<Stream, Deliveries>,
    delivered: &BTreeMap<Stream, Vec<Timestamp>>,
    holes: &Holes<'_>,
) -> Vec<Window> {
    let mut windows = Vec::new();
    let streams: BTreeSet<Stream> = verifications
        .iter()
        .map(|it| Stream { account: it.area.account.clone(), region: it.area.region.clone() })
        .chain(streams.keys().cloned())
        .collect();
    for stream in streams {
        let Some(cuts) = holes.cuts(&stream) else { continue };
        let times = delivered.get(&stream).map(Vec::as_slice).unwrap_or_default();
        let of_stream =
            verifications.iter().filter(|it| it.area.account == stream.account && it.area.region == stream.region);
        let spans: Vec<_> = of_stream.map(Verification::spans).collect();
        for (from, to, verified) in windows::of(request.since, request.until, &spans, times, &cuts) {
            let files = times.iter().filter(|at| (from..=to).contains(*at)).count();
            let window = LogWindow {
                source: source.store().name(),
                from,
                to,
                verified,
                files: u64::try_from(files).unwrap_or(u64::MAX),
            };
            windows.push(Window { account: stream.account.clone(), region: stream.region.clone(), window });
        }
    }
    windows
}

/// A record that was asked for, and the file that it was in.
struct Kept {
    key: String,
    name: Option<LogName>,
    record: Record,
}

/// Whose record it is; what it does not say, its file does.
#[derive(Default, Deserialize)]
struct Whose {
    #[serde(rename = "recipientAccountId")]
    account: Option<String>,
    #[serde(rename = "awsRegion")]
    region: Option<String>,
}

/// Each event once: told by a verified file where there is one, and by none that is not what CloudTrail delivered.
fn events(source: &Source<'_>, kept: Vec<Kept>, verifications: &[Verification], holes: &mut Holes<'_>) -> Vec<Logged> {
    let mut timeline = Timeline::default();
    let mut names: BTreeMap<String, Option<LogName>> = BTreeMap::new();
    for Kept { key, name, record } in kept {
        if !holes.is_altered(&key) {
            timeline.add(&key, u8::from(is_verified(&key, verifications)), vec![record]);
            names.insert(key, name);
        }
    }
    let ordered = timeline.ordered();
    holes.of_records(ordered.contradictions);
    let mut events = Vec::new();
    for (_, key, told) in ordered.events {
        let event = match record::from_text(&told.text) {
            Ok(Some(event)) if is_watched(&event) => event,
            Ok(_) => continue,
            Err(malformed) => {
                holes.record(&key, malformed.to_string());
                continue;
            }
        };
        let Whose { account, region } = serde_json::from_str(&told.text).unwrap_or_default();
        let name = names.get(&key).and_then(Option::as_ref);
        let account = account.or_else(|| name.map(|name| name.account.clone()));
        let region = region.or_else(|| name.map(|name| name.region.clone()));
        let (Some(account), Some(region)) = (account, region) else {
            holes.record(&key, format!("event `{}` names neither account nor region", event.id));
            continue;
        };
        let verified = is_verified(&key, verifications);
        events.push(Logged { account, region, file: source.place(&key), verified, event });
    }
    events
}

fn is_verified(key: &str, verifications: &[Verification]) -> bool {
    verifications.iter().any(|verification| verification.verified(key))
}

#[cfg(test)]
mod tests;
