//! What could not be read of log files, or not be believed: each hole names the file.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::Request;
use super::windows::LAG;
use super::witness::{Witness, cause};
use crate::evidence::GapCause;
use crate::store::StoreError;
use crate::trail::digest::{Area, KeysError, Source, State, Verification, VerifyError};
use crate::trail::file::Problem;
use crate::trail::layout::LogName;
use crate::trail::scan::Stream;

/// Of one cause, so many are told one by one.
const TOLD: usize = 20;

/// Something that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hole {
    /// Account whose log files are concerned; empty for all.
    pub account: String,
    /// Region whose log files are concerned; empty for all.
    pub region: String,
    /// Where it lies: a file, a prefix, or the whole place.
    pub place: String,
    /// What was tried.
    pub step: Step,
    /// Why nothing came of it.
    pub cause: GapCause,
    /// The same in words.
    pub reason: String,
    /// Whether everything of that account and region may be missing, not just one file.
    pub whole: bool,
}

/// What was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Listing files.
    List,
    /// Reading a file.
    Read,
    /// Asking for public keys.
    Keys,
}

/// The holes of one place, found in any order.
#[derive(Debug)]
pub(super) struct Holes<'s> {
    source: &'s Source<'s>,
    /// Of one file there is one hole.
    files: BTreeMap<String, Hole>,
    others: Vec<Hole>,
    /// Files that are not what CloudTrail delivered.
    altered: BTreeSet<String>,
    /// When calls were delivered that could not be read.
    cuts: BTreeMap<Stream, Vec<(Timestamp, Timestamp)>>,
    /// Accounts and regions whose files could not be listed.
    unlisted: BTreeSet<Stream>,
}

impl<'s> Holes<'s> {
    pub(super) fn new(source: &'s Source<'s>) -> Self {
        Self {
            source,
            files: BTreeMap::new(),
            others: Vec::new(),
            altered: BTreeSet::new(),
            cuts: BTreeMap::new(),
            unlisted: BTreeSet::new(),
        }
    }

    /// The place cannot be listed at all.
    pub(super) fn place(&mut self, error: &StoreError, request: &Request) {
        self.everywhere(request, Step::List, cause(error), &error.to_string());
    }

    /// Nothing lies there.
    pub(super) fn empty(&mut self, request: &Request) {
        let reason = "no log file of these accounts, regions and days lies there".to_owned();
        self.everywhere(request, Step::List, GapCause::OutOfReach, &reason);
    }

    /// So many files in a row could not be read that the others were not tried.
    pub(super) fn gave_up(&mut self, request: &Request, after: u64) {
        let last = self.files.values().next_back().map_or(GapCause::ServiceError, |hole| hole.cause);
        let reason = format!("{after} files in a row could not be read, so the others were not tried");
        self.everywhere(request, Step::Read, last, &reason);
    }

    fn everywhere(&mut self, request: &Request, step: Step, cause: GapCause, reason: &str) {
        for account in &request.accounts {
            for region in &request.regions {
                let (account, region) = (account.clone(), region.clone());
                let place = self.source.store().name();
                self.others.push(Hole { account, region, place, step, cause, reason: reason.to_owned(), whole: true });
            }
        }
    }

    /// The files of an account and region cannot be listed.
    pub(super) fn area(&mut self, area: &Area, step: Step, error: &StoreError) {
        let (account, region) = (area.account.clone(), area.region.clone());
        let stream = Stream { account: account.clone(), region: region.clone() };
        self.unlisted.insert(stream);
        let (cause, reason, place) = (cause(error), error.to_string(), self.source.store().name());
        self.others.push(Hole { account, region, place, step, cause, reason, whole: true });
    }

    /// Digests cannot be verified for want of keys; what they list is read all the same.
    pub(super) fn keys(&mut self, area: &Area, error: &VerifyError) {
        let cause = match error {
            VerifyError::Keys(KeysError::Call { cause, .. }) => *cause,
            VerifyError::Keys(KeysError::File { .. } | KeysError::Content { .. }) => GapCause::Malformed,
            VerifyError::NoKeys { .. } | VerifyError::Store(_) => GapCause::ServiceError,
        };
        self.others.push(Hole {
            account: area.account.clone(),
            region: area.region.clone(),
            place: format!("public keys of {}", area.region),
            step: Step::Keys,
            cause,
            reason: error.to_string(),
            whole: false,
        });
    }

    /// What a scan could not list or read, and what was refused while digests were read.
    pub(super) fn of_files(&mut self, problems: &[Problem], witness: &Witness<'_>) {
        let failures = witness.failures();
        for problem in problems {
            let cause = failures.get(&problem.file).copied().unwrap_or(GapCause::Malformed);
            let reason = match problem.record {
                Some(record) => format!("record {record}: {}", problem.reason),
                None => problem.reason.clone(),
            };
            if problem.file.ends_with('/') {
                self.prefix(&problem.file, cause, reason);
            } else {
                self.cut(&problem.file);
                self.file(&problem.file, cause, reason);
            }
        }
        for (key, cause) in
            failures.iter().filter(|(key, _)| key.contains("/CloudTrail-Digest/") && !key.ends_with('/'))
        {
            self.file(key, *cause, "the digest could not be read, so it vouches for nothing".to_owned());
        }
    }

    /// What digests say is not as CloudTrail delivered it.
    pub(super) fn of_digests(&mut self, verifications: &[Verification]) {
        let is_wrong = |state: &State| matches!(state, State::Invalid(_) | State::Missing);
        for verification in verifications {
            for trail in &verification.trails {
                for digest in trail.digests.iter().filter(|digest| is_wrong(&digest.state)) {
                    self.altered(&digest.key, format!("the digest {}", words(&digest.state)));
                }
                for log in trail.logs.iter().filter(|log| is_wrong(&log.state)) {
                    self.altered(&log.key, format!("the log file {}", words(&log.state)));
                }
            }
            for key in &verification.unlisted {
                self.altered(key, "no digest of its hour lists it: CloudTrail did not deliver it".to_owned());
            }
        }
    }

    /// Events that two files tell differently.
    pub(super) fn of_records(&mut self, contradictions: Vec<Problem>) {
        for problem in contradictions {
            self.file(&problem.file, GapCause::Malformed, problem.reason);
        }
    }

    /// A record that is asked for and cannot be taken for what it should be.
    pub(super) fn record(&mut self, key: &str, reason: String) {
        self.cut(key);
        self.file(key, GapCause::Malformed, reason);
    }

    /// Whether a file is not what CloudTrail delivered.
    pub(super) fn is_altered(&self, key: &str) -> bool {
        self.altered.contains(key)
    }

    /// Deliveries that could not be read, in order; `None` if no file could even be listed.
    pub(super) fn cuts(&self, stream: &Stream) -> Option<Vec<(Timestamp, Timestamp)>> {
        if self.unlisted.contains(stream) {
            return None;
        }
        let mut cuts = self.cuts.get(stream).cloned().unwrap_or_default();
        cuts.sort_unstable();
        Some(cuts)
    }

    /// All of them; of one cause the first by name, and how many there are besides.
    pub(super) fn told(self) -> Vec<Hole> {
        let mut told = self.others;
        let mut by_cause: BTreeMap<GapCause, Vec<Hole>> = BTreeMap::new();
        for hole in self.files.into_values() {
            by_cause.entry(hole.cause).or_default().push(hole);
        }
        for mut holes in by_cause.into_values() {
            let untold = holes.split_off(holes.len().min(TOLD));
            told.append(&mut holes);
            if let Some(first) = untold.first() {
                let reason = format!("{} more files for the same cause, the first: {}", untold.len(), first.reason);
                told.push(Hole { reason, ..first.clone() });
            }
        }
        told
    }

    fn altered(&mut self, key: &str, reason: String) {
        self.altered.insert(key.to_owned());
        // What digests say outweighs what reading alone says.
        self.files.remove(key);
        self.file(key, GapCause::Altered, reason);
    }

    fn file(&mut self, key: &str, cause: GapCause, reason: String) {
        let Stream { account, region } = stream(key).unwrap_or_else(nobody);
        let place = self.source.place(key);
        let hole = Hole { account, region, place, step: Step::Read, cause, reason, whole: false };
        self.files.entry(key.to_owned()).or_insert(hole);
    }

    fn prefix(&mut self, prefix: &str, cause: GapCause, reason: String) {
        let stream = stream(prefix);
        self.unlisted.extend(stream.clone());
        let Stream { account, region } = stream.unwrap_or_else(nobody);
        let place = self.source.place(prefix);
        self.others.push(Hole { account, region, place, step: Step::List, cause, reason, whole: true });
    }

    /// The calls of a file that could not be read were made before it was delivered, by the minute.
    fn cut(&mut self, key: &str) {
        let (Some(stream), Some(name)) = (stream(key), LogName::parse(key)) else { return };
        let from = name.delivered.checked_sub(LAG).unwrap_or(name.delivered);
        let to = name.delivered.checked_add(SignedDuration::from_mins(1)).unwrap_or(name.delivered);
        self.cuts.entry(stream).or_default().push((from, to));
    }
}

fn nobody() -> Stream {
    Stream { account: String::new(), region: String::new() }
}

/// Account and region of a key or prefix: `…/ACCOUNT/CloudTrail[-Digest]/REGION/…`.
fn stream(key: &str) -> Option<Stream> {
    let parts: Vec<&str> = key.split('/').collect();
    let at = parts.iter().position(|part| matches!(*part, "CloudTrail" | "CloudTrail-Digest"))?;
    let account = parts.get(at.checked_sub(1)?)?;
    let region = parts.get(at + 1).filter(|region| !region.is_empty())?;
    Some(Stream { account: (*account).to_owned(), region: (*region).to_owned() })
}

fn words(state: &State) -> String {
    match state {
        State::Missing => "is gone".to_owned(),
        state => format!("is not as CloudTrail delivered it: {}", state.reason()),
    }
}
