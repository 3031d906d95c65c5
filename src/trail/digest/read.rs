//! Reading digests: what is listed, and what each says.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use jiff::{SignedDuration, Timestamp};

use super::content::unpack;
use super::document::Document;
use super::name::{Area, ChainName, day};
use super::source::Source;
use super::state::Fault;
use crate::sha256::Sha256;
use crate::store::{Entry, StoreError, StoreErrorKind};

/// Requests in flight. Each waits for the store far longer than it computes.
const IN_FLIGHT: usize = 16;

/// A digest that the store lists.
#[derive(Clone, Debug)]
pub(super) struct ListedDigest {
    pub(super) key: String,
    pub(super) end: Timestamp,
    pub(super) modified: Option<Timestamp>,
}

/// What came of reading one digest.
#[derive(Clone, Debug)]
pub(super) enum Reading {
    NotThere,
    Unread(String),
    Bad(Fault),
    Read { document: Box<Document>, hash: Sha256, seal: Option<Seal> },
}

/// What the metadata of a digest say. A folder keeps none.
#[derive(Clone, Debug)]
pub(super) struct Seal {
    pub(super) signature: String,
    pub(super) algorithm: Option<String>,
    pub(super) generated: Option<String>,
}

/// The digests of an area that end after `from`, by chain and in the order of their ends: up to a day more than asked for, since
/// a digest vouches for the one before it.
pub(super) fn list_digests(
    source: &Source<'_>,
    area: &Area,
    from: Timestamp,
    to: Timestamp,
) -> Result<BTreeMap<ChainName, Vec<ListedDigest>>, StoreError> {
    let mut chains: BTreeMap<ChainName, Vec<ListedDigest>> = BTreeMap::new();
    list_days(source, &area.digests(), from, to, &mut |entry| {
        if let Some(name) = area.digest(&entry.key).filter(|name| name.end > from) {
            let listed = ListedDigest { key: entry.key, end: name.end, modified: entry.modified };
            chains.entry(name.chain).or_default().push(listed);
        }
    })?;
    for digests in chains.values_mut() {
        digests.sort_by_key(|digest| digest.end);
        // The one that reaches the end of what was asked for, and the next, which vouches for it.
        let reached = digests.iter().position(|digest| digest.end >= to);
        digests.truncate(reached.map_or(usize::MAX, |at| at + 2));
    }
    Ok(chains)
}

/// The log files of an area from the day of `from` to the day after `to`.
pub(super) fn list_logs(
    source: &Source<'_>,
    area: &Area,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Entry>, StoreError> {
    let mut logs = Vec::new();
    list_days(source, &area.logs(), from, to, &mut |entry| logs.push(entry))?;
    Ok(logs)
}

fn list_days(
    source: &Source<'_>,
    folder: &str,
    from: Timestamp,
    to: Timestamp,
    visit: &mut dyn FnMut(Entry),
) -> Result<(), StoreError> {
    let last = day(to.checked_add(SignedDuration::from_hours(24)).unwrap_or(to));
    source.store().list(folder, Some(&format!("{folder}{}", day(from))), &mut |entry| {
        let beyond =
            entry.key.strip_prefix(folder).and_then(|rest| rest.get(..last.len())).is_some_and(|at| at > last.as_str());
        if beyond {
            return ControlFlow::Break(());
        }
        visit(entry);
        ControlFlow::Continue(())
    })
}

/// Reads one digest.
pub(super) fn read_digest(source: &Source<'_>, key: &str) -> Reading {
    let (object, metadata) = match source.get(key) {
        Ok(read) => read,
        Err(error) if error.kind == StoreErrorKind::NotFound => return Reading::NotThere,
        Err(error) => return Reading::Unread(error.to_string()),
    };
    let text = match unpack(&object.bytes, Fault::Format("it is cut off or damaged".to_owned())) {
        Ok(text) => text,
        Err(fault) => return Reading::Bad(fault),
    };
    let hash = Sha256::of(&text);
    match Document::parse(&text) {
        Err(error) => Reading::Bad(Fault::Format(error.to_string())),
        Ok(document) => {
            let seal = metadata.map(|metadata| Seal {
                signature: metadata.get("signature").cloned().unwrap_or_default(),
                algorithm: metadata.get("signature-algorithm").cloned(),
                generated: metadata.get("backfill-generation-timestamp").cloned(),
            });
            Reading::Read { document: Box::new(document), hash, seal }
        }
    }
}

/// Does the same with each item, several at a time, and gives the results in the order of the items.
pub(super) fn each<T: Sync, R: Send>(items: &[T], act: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some((at, item)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, items.get(at)?)))
        {
            done.push((at, act(item)));
        }
        done
    };
    let mut results: Vec<(usize, R)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..IN_FLIGHT.min(items.len())).map(|_| scope.spawn(work)).collect();
        let joined =
            workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.flatten().collect()
    });
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}
