//! The table of facts that findings rest on: each fact once, numbered in the order of its first use.

use std::collections::{BTreeMap, HashMap};

use crate::control::Cite;
use crate::evidence::{CallId, Snapshot};
use crate::report::document::{CallRow, EvidenceRow};
use crate::report::shared::{Interner, Shared};

/// Facts cited so far. Two cites of the same words and calls are one fact.
pub(super) struct Table<'a> {
    snapshot: &'a Snapshot,
    ids: HashMap<(&'a str, &'a [CallId]), Shared>,
    order: Vec<&'a Cite>,
}

impl<'a> Table<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        Self { snapshot, ids: HashMap::new(), order: Vec::new() }
    }

    /// The id of a cited fact.
    pub(super) fn id(&mut self, cite: &'a Cite) -> Shared {
        let order = &mut self.order;
        let id = self.ids.entry((cite.what.as_str(), cite.seen.as_slice())).or_insert_with(|| {
            order.push(cite);
            format!("e{}", order.len()).into()
        });
        id.clone()
    }

    /// The facts, and the calls behind them in the order of their first use.
    pub(super) fn rows(&self, names: &mut Interner) -> (BTreeMap<Shared, EvidenceRow>, BTreeMap<Shared, CallRow>) {
        let mut ids: HashMap<CallId, Shared> = HashMap::new();
        let mut calls = BTreeMap::new();
        let mut call = |id: &CallId| -> Option<Shared> {
            if let Some(known) = ids.get(id) {
                return Some(known.clone());
            }
            let call = self.snapshot.call(*id)?;
            let new = Shared::from(format!("c{}", ids.len() + 1));
            ids.insert(*id, new.clone());
            calls.insert(
                new.clone(),
                CallRow {
                    call: names.get(&call.name()),
                    subject: names.get(&call.subject),
                    request_id: call.request_id.as_deref().map(Shared::from),
                    account: names.get(&call.account),
                    region: names.get(&call.region),
                    at: call.at,
                },
            );
            Some(new)
        };
        let row = |(at, cite): (usize, &&'a Cite)| {
            let calls = cite.seen.iter().rev().filter_map(&mut call).collect();
            (Shared::from(format!("e{}", at + 1)), EvidenceRow { what: cite.what.clone(), calls })
        };
        let facts = self.order.iter().enumerate().map(row).collect();
        (facts, calls)
    }
}
