//! The canonical order of a snapshot: the same estate gives the same file, whatever order its answers arrived in.

use std::collections::BTreeSet;

use crate::evidence::order::{Recorded, Visit, authority, call, each_list};
use crate::evidence::{Call, CallId, Fact, FactKind, Facts, ResourceKey};

/// Merges what several calls said about one thing, sorts every list, and drops what only the index still knows.
pub(super) fn settle(facts: &mut Facts, calls: &[Call]) {
    each_list(facts, &mut Merging { calls });
    drop_absent(facts, calls);
}

struct Merging<'c> {
    calls: &'c [Call],
}

impl Visit for Merging<'_> {
    fn list<T: Recorded>(&mut self, list: &mut Vec<Fact<T>>) {
        merge(list, self.calls);
    }
}

fn merge<T: Recorded>(list: &mut Vec<Fact<T>>, calls: &[Call]) {
    let mut keyed: Vec<_> = std::mem::take(list)
        .into_iter()
        .map(|fact| {
            let said_by: Vec<Option<Call>> = fact.seen.iter().map(|id| call(calls, *id).cloned()).collect();
            let key = (fact.account.clone(), fact.region.clone(), fact.data.identity());
            ((key, fact.data.worth(), authority(&fact, calls), said_by), fact)
        })
        .collect();
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut last_key = None;
    for ((key, ..), fact) in keyed {
        match list.last_mut() {
            Some(last) if last_key.as_ref() == Some(&key) => absorb(last, fact),
            _ => list.push(fact),
        }
        last_key = Some(key);
    }
}

/// The later fact is the more authoritative: its data stands, and its calls end the list of those who showed it.
fn absorb<T>(earlier: &mut Fact<T>, later: Fact<T>) {
    let mut seen = std::mem::take(&mut earlier.seen);
    seen.retain(|id| !later.seen.contains(id));
    seen.extend(later.seen.iter().copied());
    *earlier = Fact { seen, ..later };
}

/// What only the index shows and a description denied is gone: the index had not heard of it yet.
fn drop_absent(facts: &mut Facts, calls: &[Call]) {
    let absent: BTreeSet<(String, String, ResourceKey)> = facts
        .absences
        .iter()
        .map(|fact| (fact.account.clone(), fact.region.clone(), fact.data.resource.clone()))
        .collect();
    if absent.is_empty() {
        return;
    }
    let gone = |account: &str, region: &str, seen: &[CallId], kind: FactKind, name: &str| {
        seen.iter().all(|id| call(calls, *id).is_some_and(|call| call.operation == "Search"))
            && absent.contains(&(account.to_owned(), region.to_owned(), ResourceKey::new(kind, name)))
    };
    facts.endpoints.retain(|f| !gone(&f.account, &f.region, &f.seen, FactKind::Endpoints, &f.data.name));
    facts.models.retain(|f| !gone(&f.account, &f.region, &f.seen, FactKind::Models, &f.data.name));
    facts.packages.retain(|f| !gone(&f.account, &f.region, &f.seen, FactKind::Packages, &f.data.arn));
}
