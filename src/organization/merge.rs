//! Many snapshots as one. Pure: the same parts in any order give the same bytes.
//!
//! * **Each account and region is spoken for by one part.** Of two that read the same place the newer one counts and the
//!   other is left out there, with a note; one that could not be read never replaces one that was.
//! * **A thing that two parts saw is one fact**, as the better of them saw it: a description counts for more than a list, and
//!   of equals the later one. So a package that serves in one account and is registered in another has one description,
//!   and its events, its approval and its artifacts are those that the registry's own part read.
//! * **A gap is about what its part read.** That one account could not look into a registry hides nothing of it if the
//!   registry's own part was read.
//! * **It is judged as of the earliest beginning.** Nothing is then said about a time at which some part had yet to begin;
//!   what a later part saw of the time in between is among the facts all the same.
//! * **Counts are added up**, and the time that it took is from the first beginning to the last end.
//!
//! What an archive had told a part of earlier findings is left out: a merged snapshot is compared with the archive's last
//! merged run.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use super::Unit;
use super::gaps::{Seen, empty_part, without_a_part};
use crate::evidence::order::{Recorded, Visit, each_list, keep_best, renumber};
use crate::evidence::snapshot::SCHEMA;
use crate::evidence::{
    Call, CallCount, CallId, CollectStats, Fact, Facts, Gap, LeftOut, OtherScope, Remembered, Scope, ScopePart,
    Snapshot,
};
use crate::sha256::Sha256;

/// Parts that are to become one snapshot.
#[derive(Debug, Default)]
pub struct Merge {
    /// The parts.
    pub parts: Vec<Snapshot>,
    /// The units of work that should have left a part; one that did not is a gap.
    pub expected: Vec<Unit>,
    /// Accounts that were not to be read.
    pub left_out: Vec<LeftOut>,
}

/// One snapshot of all, and what a reader should know of how it was made.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// Such as which collection another one replaced.
    pub notes: Vec<String>,
}

/// Why nothing could be merged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// No part at all.
    #[error("there is nothing to merge: not one snapshot was given, or not one unit of work left a part")]
    Nothing,
    /// Accounts of two partitions have nothing to do with each other.
    #[error("the snapshots are of two partitions, `{0}` and `{1}`; merge those of each by themselves")]
    Partitions(String, String),
    /// More calls than a snapshot can number.
    #[error("the snapshots hold more calls than one can number; merge fewer")]
    TooMany,
}

impl Merge {
    /// Makes one snapshot of all parts.
    ///
    /// # Errors
    /// If there is no part, or they are of several partitions.
    pub fn finish(self) -> Result<Merged, MergeError> {
        let Self { mut parts, expected, left_out } = self;
        let expected: BTreeSet<Unit> = expected.into_iter().collect();
        let Some(first) = parts.first() else { return Err(MergeError::Nothing) };
        if let Some(other) = parts.iter().find(|part| part.scope.partition != first.scope.partition) {
            let (a, b) = (&first.scope.partition, &other.scope.partition);
            return Err(MergeError::Partitions(a.min(b).clone(), a.max(b).clone()));
        }
        // Newest first: the part that comes first in a place speaks for it.
        parts.sort_by_cached_key(|part| {
            let bytes = serde_json::to_vec(part).unwrap_or_default();
            (Reverse(was_read(&part.scope)), Reverse(part.as_of), Sha256::of(&bytes))
        });
        parts.dedup();
        if let ([only], true) = (parts.as_slice(), left_out.is_empty())
            && expected.iter().all(|unit| only.scope.covers(&unit.account, &unit.region))
        {
            let snapshot = parts.swap_remove(0);
            return Ok(Merged { snapshot, notes: Vec::new() });
        }
        let mut notes = Vec::new();
        let owned = own(&mut parts, &mut notes);
        let scope = scope(&parts, &owned, &expected, left_out);
        let as_of = parts.iter().map(|part| part.as_of).min().unwrap_or_default();
        let mut gaps: Vec<Gap> = expected
            .iter()
            .filter(|unit| !owned.owners.contains_key(&unit.place()))
            .map(|unit| without_a_part(unit, as_of))
            .collect();
        let mut seen = Seen { owners: owned.owners, keys: BTreeMap::new() };
        for (number, part) in parts.iter_mut().enumerate() {
            let Snapshot { facts, gaps, .. } = part;
            seen.note(number, facts, gaps);
        }
        let stats = stats(&parts);
        let (mut calls, mut facts) = (Vec::new(), Facts::default());
        for (number, mut part) in parts.into_iter().enumerate() {
            gaps.extend(seen.narrow(number, &part.scope, &mut part.facts, part.gaps));
            add(&mut calls, &mut facts, part.calls, part.facts)?;
        }
        keep_best(&mut facts, &calls);
        renumber(&mut facts, &mut calls, &mut gaps);
        remembered(&mut facts);
        gaps.sort_by(by_weight);
        let snapshot = Snapshot {
            schema: SCHEMA.to_owned(),
            tool: crate::run::tool(),
            as_of,
            scope,
            calls,
            facts,
            gaps,
            stats,
            history: None,
        };
        Ok(Merged { snapshot, notes })
    }
}

/// Whether anybody could read any of it.
fn was_read(scope: &Scope) -> bool {
    if scope.is_merged() { scope.parts.iter().any(|part| !part.reader.is_empty()) } else { !scope.reader.is_empty() }
}

type Place = (String, String);

/// Which part speaks for each place, by its number.
struct Owned {
    owners: BTreeMap<Place, usize>,
    /// When the collections began that another one replaced there.
    replaced: BTreeMap<Place, BTreeSet<Timestamp>>,
}

/// How good a part's word about a place is, best first: whether anybody could read it, when that began, and its number.
type Claim = (Reverse<bool>, Reverse<Timestamp>, usize);

/// Decides who speaks for each place, takes from the others what they say of it, and leaves out parts of which nothing is
/// left.
fn own(parts: &mut Vec<Snapshot>, notes: &mut Vec<String>) -> Owned {
    let mut claims: BTreeMap<Place, BTreeSet<Claim>> = BTreeMap::new();
    for (number, part) in parts.iter().enumerate() {
        for of in part.scope.to_parts(part.as_of) {
            let claim = (Reverse(!of.reader.is_empty()), Reverse(of.collected), number);
            for (account, region) in of.places() {
                claims.entry((account.to_owned(), region.to_owned())).or_default().insert(claim);
            }
        }
    }
    let mut owned = Owned { owners: BTreeMap::new(), replaced: BTreeMap::new() };
    let mut lost: BTreeMap<usize, BTreeSet<Place>> = BTreeMap::new();
    for (place, claims) in claims {
        let mut claims = claims.into_iter();
        let Some((_, Reverse(at), owner)) = claims.next() else { continue };
        for (_, Reverse(earlier), other) in claims {
            let (account, region) = &place;
            notes.push(format!(
                "{account}/{region} was read twice: what was read from {at} on counts, and what was read from {earlier} on does not"
            ));
            owned.replaced.entry(place.clone()).or_default().insert(earlier);
            if other != owner {
                lost.entry(other).or_default().insert(place.clone());
            }
        }
        owned.owners.insert(place, owner);
    }
    for (number, places) in &lost {
        if let Some(part) = parts.get_mut(*number) {
            each_list(&mut part.facts, &mut Leave { places });
            part.gaps.retain(|gap| !places.contains(&(gap.account.clone(), gap.region.clone())));
        }
    }
    let kept: BTreeSet<usize> = owned.owners.values().copied().collect();
    let renumbered: BTreeMap<usize, usize> = kept.iter().copied().zip(0..).collect();
    owned.owners.values_mut().for_each(|owner| *owner = renumbered.get(owner).copied().unwrap_or(*owner));
    let mut number = 0;
    parts.retain(|_| {
        number += 1;
        kept.contains(&(number - 1))
    });
    owned
}

/// Takes away the facts of some places.
struct Leave<'p> {
    places: &'p BTreeSet<Place>,
}

impl Visit for Leave<'_> {
    fn list<T: Recorded>(&mut self, list: &mut Vec<Fact<T>>) {
        list.retain(|fact| !self.places.contains(&(fact.account.clone(), fact.region.clone())));
    }
}

/// What all of them were asked to look at.
fn scope(parts: &[Snapshot], owned: &Owned, expected: &BTreeSet<Unit>, left_out: Vec<LeftOut>) -> Scope {
    let mut all: BTreeSet<ScopePart> = BTreeSet::new();
    for (number, snapshot) in parts.iter().enumerate() {
        for part in snapshot.scope.to_parts(snapshot.as_of) {
            let owns = |region: &String| owned.owners.get(&(part.account.clone(), region.clone())) == Some(&number);
            let regions: Vec<String> = part.regions.iter().filter(|region| owns(region)).cloned().collect();
            let replaced =
                regions.iter().filter_map(|region| owned.replaced.get(&(part.account.clone(), region.clone())));
            let replaces: BTreeSet<Timestamp> = part.replaces.iter().chain(replaced.flatten()).copied().collect();
            if !regions.is_empty() {
                all.insert(ScopePart { regions, replaces: replaces.into_iter().collect(), ..part });
            }
        }
    }
    let begun = parts.iter().map(|part| part.as_of).min().unwrap_or_default();
    let missing = expected.iter().filter(|unit| !owned.owners.contains_key(&unit.place()));
    all.extend(missing.map(|unit| empty_part(unit, begun)));

    let accounts: BTreeSet<String> = all.iter().map(|part| part.account.clone()).collect();
    let regions: BTreeSet<String> = all.iter().flat_map(|part| part.regions.iter().cloned()).collect();
    let readers: BTreeSet<&str> =
        all.iter().map(|part| part.reader.as_str()).filter(|reader| !reader.is_empty()).collect();
    let reader =
        if readers.len() == 1 { readers.first().copied().unwrap_or_default().to_owned() } else { String::new() };
    let left_out: BTreeSet<LeftOut> =
        parts.iter().flat_map(|part| part.scope.left_out.iter().cloned()).chain(left_out).collect();
    let log_files: BTreeSet<String> = parts.iter().flat_map(|part| part.scope.log_files.iter().cloned()).collect();
    Scope {
        partition: parts.first().map(|part| part.scope.partition.clone()).unwrap_or_default(),
        account: String::new(),
        reader,
        regions: regions.into_iter().collect(),
        events_since: all.iter().filter_map(|part| part.events_since).max(),
        batch_since: all.iter().filter_map(|part| part.batch_since).max(),
        others: others(parts, &accounts),
        log_files: log_files.into_iter().collect(),
        left_out: left_out.into_iter().filter(|out| !accounts.contains(&out.account)).collect(),
        parts: all.into_iter().collect(),
        focus: None,
    }
}

/// Accounts that were asked for evidence and have no part of their own, each once for a purpose.
fn others(parts: &[Snapshot], accounts: &BTreeSet<String>) -> Vec<OtherScope> {
    let mut others: BTreeMap<(String, String), Option<String>> = BTreeMap::new();
    let asked = parts.iter().flat_map(|part| &part.scope.others);
    for other in asked.filter(|other| other.purpose != "registry" || !accounts.contains(&other.account)) {
        let reader = others.entry((other.account.clone(), other.purpose.clone())).or_default();
        *reader = match (reader.take(), &other.reader) {
            (Some(held), Some(new)) => Some(held.min(new.clone())),
            (held, new) => held.or_else(|| new.clone()),
        };
    }
    others.into_iter().map(|((account, purpose), reader)| OtherScope { account, purpose, reader }).collect()
}

/// What all collections cost together.
fn stats(parts: &[Snapshot]) -> CollectStats {
    let mut counts: BTreeMap<(&str, &str), (u64, u64, u64)> = BTreeMap::new();
    for count in parts.iter().flat_map(|part| &part.stats.calls) {
        let sum = counts.entry((&count.service, &count.operation)).or_default();
        *sum = (sum.0 + count.sent, sum.1 + count.retried, sum.2 + count.failed);
    }
    let calls = counts.into_iter().map(|((service, operation), (sent, retried, failed))| CallCount {
        service: service.to_owned(),
        operation: operation.to_owned(),
        sent,
        retried,
        failed,
    });
    let began = parts.iter().map(|part| part.as_of.as_millisecond()).min().unwrap_or_default();
    let ended = |part: &Snapshot| part.as_of.as_millisecond().saturating_sub(began).unsigned_abs() + part.stats.wall_ms;
    CollectStats {
        calls: calls.collect(),
        wall_ms: parts.iter().map(ended).max().unwrap_or_default(),
        paced_ms: parts.iter().map(|part| part.stats.paced_ms).max().unwrap_or_default(),
        metrics: parts.iter().map(|part| part.stats.metrics).sum(),
    }
}

/// Appends one part, with its calls numbered after those that are there.
fn add(calls: &mut Vec<Call>, facts: &mut Facts, more: Vec<Call>, seen: Facts) -> Result<(), MergeError> {
    let offset = u32::try_from(calls.len()).map_err(|_| MergeError::TooMany)?;
    let last = u32::try_from(calls.len() + more.len()).map_err(|_| MergeError::TooMany)?;
    calls.extend(more);
    facts.append(seen, |CallId(id)| CallId(id.saturating_add(offset).min(last)));
    Ok(())
}

/// What archives told several parts, each thing once and in order.
fn remembered(facts: &mut Facts) {
    once(&mut facts.remembered_events);
    once(&mut facts.remembered_windows);
    once(&mut facts.remembered_log_windows);
    once(&mut facts.remembered_packages);
    once(&mut facts.remembered_objects);
}

fn once<T: Serialize>(list: &mut Vec<Fact<Remembered<T>>>) {
    let words = |fact: &Fact<Remembered<T>>| {
        let what = serde_json::to_string(&fact.data).unwrap_or_default();
        (fact.account.clone(), fact.region.clone(), what, fact.seen.clone())
    };
    list.sort_by_cached_key(words);
    let same = |a: &Fact<Remembered<T>>, b: &Fact<Remembered<T>>| {
        let ((a_account, a_region, a_what, _), (b_account, b_region, b_what, _)) = (words(a), words(b));
        (a_account, a_region, a_what) == (b_account, b_region, b_what)
    };
    list.dedup_by(|next, held| same(next, held));
}

/// Accounts of which nothing could be read come first.
fn by_weight(a: &Gap, b: &Gap) -> std::cmp::Ordering {
    let partly = |gap: &Gap| !super::gaps::closes_everything(gap);
    (partly(a), a).cmp(&(partly(b), b))
}
