//! All chains of one account and region, and what they list.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::chain::{Keys, Step, Walk, before};
use super::content::unpack;
use super::document::Listed;
use super::key::PublicKeys;
use super::name::{Area, ChainName};
use super::newest::{Newest, by_log, by_status};
use super::read::{ListedDigest, each, list_digests, list_logs};
use super::source::{Source, elsewhere, is_elsewhere};
use super::span::{Span, partition, union};
use super::state::{Coverage, Fault, State};
use super::verification::{DigestFinding, LogFinding, TrailVerification, Verification};
use super::{Request, VerifyError};
use crate::sha256::Sha256;
use crate::store::StoreErrorKind;

/// A log file is listed by the digest of the hour in which it was delivered: some minutes after the minute in its name.
const DELIVERY: SignedDuration = SignedDuration::from_mins(15);

/// The digests of one account and region, verified, and what they say of log files.
#[derive(Debug)]
pub struct Chains {
    area: Area,
    from: Timestamp,
    to: Timestamp,
    trails: BTreeMap<(String, String), Walked>,
    /// By key: the hashes that digests which CloudTrail signed give it, with the digest.
    listed: BTreeMap<String, Vec<(Sha256, String)>>,
    /// Keys of the log files that are there.
    present: HashSet<String>,
    unlisted: Vec<String>,
}

/// The chains of one trail: the standard one and the one written after the fact.
#[derive(Debug, Default)]
struct Walked {
    steps: Vec<(bool, Step)>,
    notes: Vec<String>,
}

impl Chains {
    /// Reads and verifies the digests, and lists the log files without reading them.
    ///
    /// # Errors
    /// As [`super::verify`].
    pub fn read(source: &Source<'_>, keys: &dyn PublicKeys, request: &Request) -> Result<Self, VerifyError> {
        let Request { area, from, to, .. } = request;
        let digests = list_digests(source, area, *from, *to)?;
        let mut trails = BTreeMap::new();
        if !digests.is_empty() {
            let until = to.checked_add(SignedDuration::from_hours(2)).unwrap_or(*to);
            let keys = Keys::of(keys, &area.region, *from, until)?;
            if keys.known.is_empty() {
                return Err(VerifyError::NoKeys { region: area.region.clone(), from: *from, to: until });
            }
            let mut walk = Walk { source, area, from: *from, keys };
            for (name, listed) in &digests {
                let (steps, notes) = walk.run(listed)?;
                let trail: &mut Walked = trails.entry((name.trail.clone(), name.home_region.clone())).or_default();
                trail.steps.extend(steps.into_iter().map(|step| (name.backfill, step)));
                trail.notes.extend(notes);
            }
        }
        let mut chains = Self {
            area: area.clone(),
            from: *from,
            to: *to,
            trails,
            listed: BTreeMap::new(),
            present: HashSet::new(),
            unlisted: Vec::new(),
        };
        chains.note_remembered(request);
        chains.collect_listed(source);
        let later = chains.look_for_unlisted(source)?;
        chains.look_for_deleted(request, &digests, later);
        Ok(chains)
    }

    /// Whether a digest that CloudTrail signed lists a log file.
    pub fn lists(&self, key: &str) -> bool {
        self.listed.contains_key(key)
    }

    /// Judges a log file by its bytes, as stored. `None` if no digest that CloudTrail signed lists it.
    pub fn judge(&self, key: &str, file: &[u8]) -> Option<State> {
        let hashes = self.listed.get(key)?;
        let content = match unpack(file, Fault::Hash) {
            Ok(content) => content,
            Err(fault) => return Some(State::Invalid(fault)),
        };
        let hash = Sha256::of(&content);
        let same = hashes.iter().all(|(stated, _)| *stated == hash);
        Some(if same { State::Valid } else { State::Invalid(Fault::Hash) })
    }

    /// Reads every log file that a digest lists, and judges it.
    pub fn check_logs(&self, source: &Source<'_>) -> BTreeMap<String, State> {
        let keys: Vec<&String> = self.listed.keys().collect();
        let states = each(&keys, |key| match source.store().get(key) {
            _ if is_elsewhere(key) => None,
            Ok(object) => self.judge(key, &object.bytes),
            Err(error) if error.kind == StoreErrorKind::NotFound => Some(State::Missing),
            Err(error) => Some(State::NotCovered(error.to_string())),
        });
        keys.into_iter().cloned().zip(states).filter_map(|(key, state)| Some((key, state?))).collect()
    }

    /// Draws the conclusion, given what is known of the log files: one that is listed and not among them is missing if it is
    /// not there, and not covered if it was not read.
    pub fn conclude(self, judged: &BTreeMap<String, State>) -> Verification {
        let of_log = |key: &str| match judged.get(key) {
            Some(state) => state.clone(),
            None if is_elsewhere(key) || self.present.contains(key) => State::NotCovered("it was not read".to_owned()),
            None => State::Missing,
        };
        let mut by_digest: HashMap<&str, Vec<(&str, State)>> = HashMap::new();
        for (key, digests) in &self.listed {
            for (_, digest) in digests {
                by_digest.entry(digest).or_default().push((key, of_log(key)));
            }
        }
        let trails = self.trails.iter().map(|((trail, home_region), walked)| {
            let (mut digests, mut logs, mut spans) = (Vec::new(), Vec::new(), Vec::new());
            for (backfill, step) in walked.steps.iter().filter(|(_, step)| step.from < self.to && self.from < step.to) {
                let listed = by_digest.get(step.key.as_str()).map(Vec::as_slice).unwrap_or_default();
                let of_logs = listed.iter().map(|(_, state)| state.coverage());
                spans.push(Span { from: step.from, to: step.to, coverage: together(step.state.coverage(), of_logs) });
                logs.extend(listed.iter().map(|(key, state)| LogFinding {
                    key: (*key).to_owned(),
                    digest: step.key.clone(),
                    state: state.clone(),
                }));
                digests.push(DigestFinding {
                    key: step.key.clone(),
                    from: step.from,
                    to: step.to,
                    backfill: *backfill,
                    hash: step.hash,
                    state: step.state.clone(),
                });
            }
            digests.sort_by(|one, other| (one.from, one.to, &one.key).cmp(&(other.from, other.to, &other.key)));
            logs.sort_by(|one, other| (&one.key, &one.digest).cmp(&(&other.key, &other.digest)));
            TrailVerification {
                trail: trail.clone(),
                home_region: home_region.clone(),
                digests,
                logs,
                spans: partition(self.from, self.to, &spans),
                notes: walked.notes.clone(),
            }
        });
        let trails: Vec<TrailVerification> = trails.collect();
        let verified = verified(&trails);
        Verification { area: self.area, from: self.from, to: self.to, trails, unlisted: self.unlisted, verified }
    }

    /// Compares with what earlier runs saw: a digest that was there then must be there now, and be the same.
    fn note_remembered(&mut self, request: &Request) {
        for (key, hash) in &request.remembered {
            let Some(name) = self.area.digest(key).filter(|name| name.end > self.from) else { continue };
            let ChainName { trail, home_region, backfill } = name.chain;
            let walked = self.trails.entry((trail, home_region)).or_default();
            match walked.steps.iter_mut().find(|(_, step)| step.key == *key) {
                Some((_, step)) if step.hash.is_some_and(|now| now != *hash) && step.state == State::Valid => {
                    step.state = State::Invalid(Fault::Replaced);
                }
                Some(_) => {}
                // Beyond what was asked for.
                None if before(name.end) >= self.to => {}
                None => {
                    let older = walked.steps.iter().map(|(_, step)| step.to).filter(|to| *to < name.end).max();
                    let step = Step {
                        key: key.clone(),
                        from: older.unwrap_or_else(|| before(name.end)).max(before(name.end)),
                        to: name.end,
                        state: State::Missing,
                        hash: None,
                        signed: false,
                        logs: Vec::new(),
                    };
                    walked.steps.push((backfill, step));
                }
            }
        }
    }

    /// Notes what the digests list.
    fn collect_listed(&mut self, source: &Source<'_>) {
        for (_, step) in self.trails.values().flat_map(|walked| &walked.steps) {
            for Listed { bucket, object, hash } in &step.logs {
                let key = source.key(bucket, object).unwrap_or_else(|| elsewhere(bucket, object));
                self.listed.entry(key).or_default().push((*hash, step.key.clone()));
            }
        }
    }

    /// Lists the log files, and finds those that no digest lists although the digests of their hours are there. Gives the
    /// minute of the newest log file that no digest lists.
    fn look_for_unlisted(&mut self, source: &Source<'_>) -> Result<Option<Timestamp>, VerifyError> {
        let steps = self.trails.values().flat_map(|walked| &walked.steps).map(|(_, step)| step.from);
        let first = steps.min().map_or(self.from, |first| first.min(self.from));
        let trails: Vec<At> = self.trails.values().map(At::of).collect();
        let mut later = None;
        for entry in list_logs(source, &self.area, before(first), self.to)? {
            let key = entry.key;
            let claims = self.area.log(&key);
            if let Some((from, to)) = claims.filter(|_| !self.listed.contains_key(&key)) {
                later = later.max(Some(from));
                let within = from < self.to && self.from <= to;
                let told = if from == to {
                    let delivered = from.checked_add(DELIVERY).unwrap_or(from);
                    trails.iter().any(|trail| trail.covers(from, delivered))
                        && trails.iter().all(|trail| trail.tells(from, delivered))
                } else {
                    trails.iter().any(|trail| trail.touches(from, to))
                };
                if within && told {
                    self.unlisted.push(key.clone());
                }
            }
            self.present.insert(key);
        }
        Ok(later)
    }

    /// Looks for digests deleted at the new end of each chain.
    fn look_for_deleted(
        &mut self,
        request: &Request,
        digests: &BTreeMap<ChainName, Vec<ListedDigest>>,
        later: Option<Timestamp>,
    ) {
        let newest = |trail: &(String, String)| {
            let of_trail = digests
                .iter()
                .filter(|(name, _)| !name.backfill && (&name.trail, &name.home_region) == (&trail.0, &trail.1));
            of_trail.filter_map(|(_, listed)| listed.last()).max_by_key(|digest| digest.end)
        };
        let last_of_all = digests.values().flatten().map(|digest| digest.end).max();
        for trail in request.trails.iter().filter(|trail| trail.validation) {
            self.trails.entry((trail.name.clone(), trail.home_region.clone())).or_default();
        }
        for (id, walked) in &mut self.trails {
            let status = request.trails.iter().find(|trail| (&trail.name, &trail.home_region) == (&id.0, &id.1));
            let there = newest(id);
            let begun = status.and_then(|trail| trail.started).map_or(self.from, |started| started.max(self.from));
            let newest = there.map_or(Newest { end: begun, modified: None }, |digest| Newest {
                end: digest.end,
                modified: digest.modified,
            });
            // Where the listing ended because enough was read, nothing is missing after it.
            if newest.end >= self.to {
                continue;
            }
            let known = status.and_then(|trail| {
                by_status(newest, trail, &self.area.region).map(|until| {
                    (
                        until,
                        format!(
                            "the trail delivered a digest at {until}, and none is there that ends after {}",
                            newest.end
                        ),
                    )
                })
            });
            let is_validated = status.is_none_or(|trail| trail.validation);
            let last = there.is_some() && last_of_all == Some(newest.end) && is_validated;
            let guessed = || {
                let until = later.filter(|_| last).and_then(|delivered| by_log(newest, delivered))?;
                Some((
                    until,
                    format!(
                        "log files were delivered until {until}, and no digest is there that ends after {}: it was deleted, or \
                     validation was switched off",
                        newest.end
                    ),
                ))
            };
            let Some((until, why)) = known.or_else(guessed) else { continue };
            walked.notes.push(why);
            let key = format!("{}(the digests after {})", self.area.digests(), newest.end);
            let step = Step {
                key,
                from: newest.end,
                to: until,
                state: State::Missing,
                hash: None,
                signed: false,
                logs: Vec::new(),
            };
            walked.steps.push((false, step));
        }
    }
}

/// The log files that valid digests list with the content that they have, and none with another.
fn verified(trails: &[TrailVerification]) -> BTreeSet<String> {
    let (mut good, mut bad) = (BTreeSet::new(), BTreeSet::new());
    for trail in trails {
        let valid = |digest: &&DigestFinding| digest.state == State::Valid;
        let valid: HashSet<&str> = trail.digests.iter().filter(valid).map(|digest| digest.key.as_str()).collect();
        for log in &trail.logs {
            let holds = log.state == State::Valid && valid.contains(log.digest.as_str());
            if holds { &mut good } else { &mut bad }.insert(log.key.clone());
        }
    }
    good.retain(|key| !bad.contains(key));
    good
}

/// When a trail was at work, and when its digests tell all that it delivered.
struct At {
    told: Vec<(Timestamp, Timestamp)>,
    work: Vec<(Timestamp, Timestamp)>,
}

impl At {
    fn of(walked: &Walked) -> Self {
        let steps = || walked.steps.iter().map(|(_, step)| step);
        let told = union(steps().filter(|step| step.signed).map(|step| (step.from, step.to)).collect());
        // Its next digest may not be there yet.
        let later = |at: Timestamp| at.checked_add(SignedDuration::from_hours(2)).unwrap_or(at);
        Self { told, work: union(steps().map(|step| (step.from, later(step.to))).collect()) }
    }

    fn covers(&self, from: Timestamp, to: Timestamp) -> bool {
        self.told.iter().any(|span| span.0 <= from && to <= span.1)
    }

    fn touches(&self, from: Timestamp, to: Timestamp) -> bool {
        self.told.iter().any(|span| span.0 < to && from < span.1)
    }

    /// Whether a file of these minutes that the digests do not list is none of this trail's.
    fn tells(&self, from: Timestamp, to: Timestamp) -> bool {
        self.covers(from, to) || !self.work.iter().any(|span| span.0 < to && from < span.1)
    }
}

/// A digest covers its time as well as the worst of what it lists.
fn together(digest: Coverage, logs: impl Iterator<Item = Coverage>) -> Coverage {
    let logs: Vec<Coverage> = logs.collect();
    let worst = logs.iter().copied().chain([digest]).max().unwrap_or(digest);
    let unread = logs.contains(&Coverage::NotCovered);
    if worst == Coverage::Valid && unread { Coverage::NotCovered } else { worst }
}
