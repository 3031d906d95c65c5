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

    /// All rows.
    pub(super) fn rows(&self, names: &mut Interner) -> BTreeMap<Shared, EvidenceRow> {
        let mut calls: HashMap<CallId, CallRow> = HashMap::new();
        let mut call = |id: &CallId| -> Option<CallRow> {
            if let Some(row) = calls.get(id) {
                return Some(row.clone());
            }
            let call = self.snapshot.call(*id)?;
            let row = CallRow {
                call: names.get(&call.name()),
                subject: names.get(&call.subject),
                request_id: call.request_id.as_deref().map(Shared::from),
                account: names.get(&call.account),
                region: names.get(&call.region),
                at: call.at,
            };
            calls.insert(*id, row.clone());
            Some(row)
        };
        let row = |(at, cite): (usize, &&'a Cite)| {
            let mut seen: Vec<CallRow> = cite.seen.iter().filter_map(&mut call).collect();
            let last = seen.pop();
            (Shared::from(format!("e{}", at + 1)), EvidenceRow { what: cite.what.clone(), call: last, also: seen })
        };
        self.order.iter().enumerate().map(row).collect()
    }
}
