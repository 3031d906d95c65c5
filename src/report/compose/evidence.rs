//! The table of facts that findings rest on: each fact once, numbered in the order of its first use.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use crate::control::Cite;
use crate::evidence::{CallId, Snapshot};
use crate::report::document::{CallRow, EvidenceRow};
use crate::report::shared::{Interner, Shared};

/// Facts cited so far. Two cites of the same words and calls are one fact.
#[derive(Default)]
pub(super) struct Table {
    ids: HashMap<Rc<Cite>, Shared>,
    order: Vec<(Shared, Rc<Cite>)>,
}

impl Table {
    /// The id of a cited fact.
    pub(super) fn id(&mut self, cite: Cite) -> Shared {
        if let Some(id) = self.ids.get(&cite) {
            return id.clone();
        }
        let (id, cite) = (Shared::from(format!("e{}", self.order.len() + 1)), Rc::new(cite));
        self.order.push((id.clone(), cite.clone()));
        self.ids.insert(cite, id.clone());
        id
    }

    /// The facts, and the calls behind them in the order of their first use.
    pub(super) fn rows(
        self,
        snapshot: &Snapshot,
        names: &mut Interner,
    ) -> (BTreeMap<Shared, EvidenceRow>, BTreeMap<Shared, CallRow>) {
        drop(self.ids);
        let mut ids: HashMap<CallId, Shared> = HashMap::new();
        let mut calls = BTreeMap::new();
        let mut call = |id: &CallId| -> Option<Shared> {
            if let Some(known) = ids.get(id) {
                return Some(known.clone());
            }
            let call = snapshot.call(*id)?;
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
        let row = |(id, cite): (Shared, Rc<Cite>)| {
            // Nobody else holds it any more, so its words are moved.
            let Cite { what, seen } = Rc::unwrap_or_clone(cite);
            // As long as what it holds: most facts were shown by one call, and there are hundreds of thousands.
            let mut calls = Vec::with_capacity(seen.len());
            calls.extend(seen.iter().rev().filter_map(&mut call));
            (id, EvidenceRow { what, calls })
        };
        let facts = self.order.into_iter().map(row).collect();
        (facts, calls)
    }
}
