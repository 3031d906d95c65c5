//! What stands for the facts that a finding rests on, so that a later run can tell whether they are still the same.

use std::collections::{BTreeMap, HashSet};

use crate::evidence::PastFinding;
use crate::report::document::{EvidenceRow, FindingRow};
use crate::report::shared::Shared;
use crate::sha256::Sha256;

/// The facts that a finding rests on: one word a fact, sorted. The same facts give the same basis, whatever the policy
/// made of them.
pub fn basis(row: &FindingRow, evidence: &BTreeMap<Shared, EvidenceRow>) -> String {
    let mut words: Vec<String> = row.evidence.iter().filter_map(|id| evidence.get(id)).map(word).collect();
    words.sort_unstable();
    words.dedup();
    words.join(" ")
}

/// 48 bits are enough to tell one fact from what took its place.
fn word(fact: &EvidenceRow) -> String {
    let digest = Sha256::of(fact.what.as_bytes());
    format!("{:012x}", digest.as_bytes().iter().take(6).fold(0_u64, |word, byte| word << 8 | u64::from(*byte)))
}

/// The facts of two runs that any finding rests on.
pub(super) struct Facts<'a> {
    then: HashSet<&'a str>,
    now: HashSet<String>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(past: &'a [PastFinding], evidence: &BTreeMap<Shared, EvidenceRow>) -> Self {
        Self {
            then: past.iter().flat_map(|past| words(&past.basis)).collect(),
            now: evidence.values().map(word).collect(),
        }
    }

    /// Whether nothing that a finding rested on is gone, and nothing that it rests on is new. A finding may cite other
    /// facts only because something else came of them; those are known to be the same if both runs saw all of them.
    pub(super) fn same(&self, before: &str, now: &str) -> bool {
        words(before).all(|word| self.now.contains(word)) && words(now).all(|word| self.then.contains(word))
    }
}

fn words(basis: &str) -> impl Iterator<Item = &str> {
    basis.split(' ').filter(|word| !word.is_empty())
}
