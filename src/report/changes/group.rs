//! Changes told in one breath: one lost permission may hide a hundred findings, and one endpoint that is gone had twenty.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::document::{Cause, Change, ChangeRow};

/// Changes of one kind with one cause.
#[derive(Debug)]
pub struct Group<'a> {
    /// The worst of them.
    pub first: &'a ChangeRow,
    /// The others.
    pub more: Vec<&'a ChangeRow>,
}

impl<'a> Group<'a> {
    /// All of them, worst first.
    pub fn each(&self) -> impl Iterator<Item = &'a ChangeRow> {
        std::iter::once(self.first).chain(self.more.iter().copied())
    }

    /// The codes of their controls, each once.
    pub fn codes(&self) -> Vec<&'a str> {
        self.each().map(|row| row.code.as_str()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// What they are about, each once, in the order of the changes.
    pub fn subjects(&self) -> Vec<&'a str> {
        let mut seen = BTreeSet::new();
        self.each().map(|row| row.subject.as_str()).filter(|subject| seen.insert(*subject)).collect()
    }

    /// What to say of it: the reason of a finding that is told alone, else what they have in common.
    pub fn why(&self) -> &'a str {
        let alone = self.more.is_empty() && !self.first.reason.is_empty() && !from_outside(self.first);
        if alone { &self.first.reason } else { &self.first.because }
    }
}

/// Groups changes, in the order of the worst of each.
pub fn groups(rows: &[ChangeRow]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places: BTreeMap<(Change, Cause, &str, &str), usize> = BTreeMap::new();
    for row in rows {
        let subject = if from_outside(row) { "" } else { row.subject.as_str() };
        if from_outside(row) || row.now.is_none() {
            let place = *places.entry((row.change, row.cause, row.because.as_str(), subject)).or_insert(groups.len());
            if let Some(group) = groups.get_mut(place) {
                group.more.push(row);
                continue;
            }
        }
        groups.push(Group { first: row, more: Vec::new() });
    }
    groups
}

/// Whether what caused it lies outside of what the finding is about.
fn from_outside(row: &ChangeRow) -> bool {
    matches!(row.cause, Cause::Controls | Cause::Permission | Cause::Reading)
}
