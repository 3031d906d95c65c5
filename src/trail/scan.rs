//! Reading all log files of a place: listed while they are read, on several threads, handed over in the order of their
//! keys.
//!
//! Memory is bounded by the few files that are under way, not by how many there are: a file is begun only while at most
//! a few for each thread wait for one before them.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread;

use jiff::Timestamp;

use super::file::{Content, FileReader, Problem};
use super::filter::Filter;
use super::gzip::LARGEST;
use super::layout::{self, LogFile};
use crate::store::{Store, StoreError};

/// Files that may be under way or wait for an earlier one, for each thread.
const AHEAD: usize = 2;

/// How to scan.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Threads that read and inflate.
    pub threads: NonZeroUsize,
    /// Also hash the inflated bytes of each file, to compare with what a digest lists.
    pub hash: bool,
}

/// One file that was read.
#[derive(Clone, Debug)]
pub struct Scanned {
    /// The file.
    pub file: LogFile,
    /// What it gave.
    pub content: Content,
}

/// What a scan read, all in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files that were read or tried.
    pub files: u64,
    /// Their bytes as they are stored.
    pub stored: u64,
    /// Their bytes, inflated.
    pub inflated: u64,
    /// Records that were asked for, duplicates included.
    pub records: u64,
    /// What could not be listed or read, by file and record.
    pub problems: Vec<Problem>,
    /// What was read of each account and region, by the names of the files.
    pub streams: BTreeMap<Stream, Deliveries>,
    /// Whether the scan was ended before everything was read, by whoever was handed the files.
    pub stopped: bool,
}

/// The log files of one account and region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stream {
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
}

/// The deliveries that were read of one stream. They tell what was there, not that it was everything: whether files are
/// missing in between, only a chain of digests can show, and a call may still be delivered later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deliveries {
    /// Files.
    pub files: u64,
    /// The first delivery, by the name of the file.
    pub first: Timestamp,
    /// The last one.
    pub last: Timestamp,
}

/// Reads every log file of a place that may hold what the filter asks for. Each is handed to `visit`, in the order of the
/// keys, with its records that are asked for; the same event may come from several files.
///
/// # Errors
/// If the place cannot be listed at all. What cannot be listed or read in it is among the summary's problems.
pub fn scan(
    store: &dyn Store,
    filter: &Filter,
    options: Options,
    visit: &mut dyn FnMut(Scanned) -> ControlFlow<()>,
) -> Result<Summary, StoreError> {
    let threads = options.threads.get();
    let (jobs, waiting) = mpsc::sync_channel::<Job>(threads);
    let (done, results) = mpsc::channel::<Message>();
    let (slots, free) = mpsc::channel::<()>();
    for _ in 0..threads * (AHEAD + 1) {
        // The receiver is right here.
        slots.send(()).ok();
    }
    let waiting = Mutex::new(waiting);
    thread::scope(|scope| {
        for _ in 0..threads {
            let (waiting, done) = (&waiting, done.clone());
            scope.spawn(move || read_files(store, FileReader::new(filter, options.hash), waiting, &done));
        }
        let lister = scope.spawn(move || list_files(store, filter, &jobs, &free, &done));
        let summary = gather(&results, &slots, visit);
        // Without a receiver, who still works ends.
        drop((results, slots));
        match lister.join() {
            Ok(listed) => listed.map(|()| summary),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// A file to read, and its place in the order.
type Job = (u64, LogFile);

/// What the threads tell.
enum Message {
    Read(u64, Box<Scanned>),
    NotListed(Problem),
}

/// Lists what is to be read, no faster than it is handed over.
fn list_files(
    store: &dyn Store,
    filter: &Filter,
    jobs: &SyncSender<Job>,
    free: &Receiver<()>,
    done: &Sender<Message>,
) -> Result<(), StoreError> {
    let mut next = 0;
    let mut visit = |file: LogFile| {
        let sent = free.recv().is_ok() && jobs.send((next, file)).is_ok();
        next += 1;
        if sent { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let mut failed = |prefix: String, error: &StoreError| {
        done.send(Message::NotListed(Problem { file: prefix, record: None, reason: error.to_string() })).ok();
    };
    layout::list(store, filter, &mut visit, &mut failed)
}

/// Reads files until there are none, or nobody wants them.
fn read_files(store: &dyn Store, mut reader: FileReader<'_>, waiting: &Mutex<Receiver<Job>>, done: &Sender<Message>) {
    let mut bytes = Vec::new();
    let mut wanted = true;
    loop {
        let job = waiting.lock().ok().and_then(|waiting| waiting.recv().ok());
        let Some((number, file)) = job else { return };
        if !wanted {
            // Taken all the same, so that whoever lists does not wait for ever.
            continue;
        }
        let key = &file.entry.key;
        let refused = |reason: String| Content {
            problems: vec![Problem { file: key.clone(), record: None, reason }],
            ..Content::default()
        };
        let content = if file.entry.size > LARGEST as u64 {
            refused(format!("it has {} bytes; more than {LARGEST} are not read", file.entry.size))
        } else {
            match store.read(key, &mut bytes) {
                Ok(()) => reader.read(key, &bytes),
                Err(error) => refused(error.to_string()),
            }
        };
        wanted = done.send(Message::Read(number, Box::new(Scanned { file, content }))).is_ok();
    }
}

/// Hands over what was read, in order, and counts it.
fn gather(
    results: &Receiver<Message>,
    slots: &Sender<()>,
    visit: &mut dyn FnMut(Scanned) -> ControlFlow<()>,
) -> Summary {
    let mut summary = Summary::default();
    let mut early = BTreeMap::new();
    let mut next = 0;
    for message in results {
        match message {
            Message::NotListed(problem) => summary.problems.push(problem),
            Message::Read(number, scanned) => {
                early.insert(number, scanned);
            }
        }
        while let Some(mut scanned) = early.remove(&next) {
            next += 1;
            summary.add(&mut scanned);
            slots.send(()).ok();
            if visit(*scanned).is_break() {
                summary.stopped = true;
                return summary;
            }
        }
    }
    // Parts that were not listed are told whenever they are met.
    summary.problems.sort();
    summary
}

impl Summary {
    fn add(&mut self, scanned: &mut Scanned) {
        let Scanned { file, content } = scanned;
        self.files += 1;
        self.stored += file.entry.size;
        self.inflated += content.inflated;
        self.records += content.records.len() as u64;
        self.problems.extend(content.problems.iter().cloned());
        if let Some(name) = &file.name {
            let stream = Stream { account: name.account.clone(), region: name.region.clone() };
            let new = Deliveries { files: 0, first: name.delivered, last: name.delivered };
            let deliveries = self.streams.entry(stream).or_insert(new);
            deliveries.files += 1;
            deliveries.first = deliveries.first.min(name.delivered);
            deliveries.last = deliveries.last.max(name.delivered);
        }
    }
}

#[cfg(test)]
mod tests;
