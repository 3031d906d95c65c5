//! The join of everything.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::events::Events;
use super::live::Join;
use super::registration::Registry;
use super::scope::{self, Decision};
use super::{Estate, Exclusion, Index, alarms, batch, slots};
use crate::evidence::Snapshot;
use crate::policy::Policy;

/// Joins the facts of a snapshot. Pure: the same facts in any order give the same estate.
pub fn reconcile<'a>(snapshot: &'a Snapshot, policy: &'a Policy, as_of: Timestamp) -> Estate<'a> {
    let index = Index::new(snapshot);
    let mut places = slots::at_endpoints(&index);
    places.extend(batch::slots(snapshot, &index, policy.thresholds.batch_days, as_of));

    let mut join = Join {
        events: Events::new(snapshot),
        registry: Registry::new(&index, &snapshot.scope.partition),
        index: &index,
        policy,
        as_of,
        approvals: BTreeMap::new(),
    };
    let (mut live, mut excluded, mut hidden) = (Vec::new(), Vec::new(), BTreeSet::new());
    for mut version in places.iter().flat_map(|slot| join.fill(slot)) {
        match scope::decide(&policy.scope, version.endpoint_name, version.tags) {
            Decision::In(note) => {
                version.notes.extend(note);
                live.push(version);
            }
            Decision::Out { rule, by_tag } => {
                hidden.insert(((version.account, version.region), version.endpoint_name.to_lowercase()));
                excluded.push(Exclusion { id: version.id, rule, by_tag });
            }
        }
    }
    live.sort_by(|a, b| a.id.cmp(&b.id));
    excluded.sort_by(|a: &Exclusion, b: &Exclusion| a.id.cmp(&b.id));

    let alarms = alarms::bind(&index, &mut live, &hidden);
    Estate { snapshot, as_of, index, live, excluded, alarms }
}
