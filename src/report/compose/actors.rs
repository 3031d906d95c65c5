//! The approver matrix: everybody who acted, held against who is declared to approve.

use std::collections::{BTreeMap, BTreeSet};

use crate::control::engine::Assessment;
use crate::estate::{Deed, Hand, LiveVersion};
use crate::policy::Manifest;
use crate::report::document::{ActorRow, ActorsSection, DeclaredRow, DeedRow};
use crate::report::shared::Interner;

/// So many people and roles are listed.
const ROWS: usize = 500;

/// The matrix; nothing where nobody acted and nobody is declared to.
pub(super) fn section(assessment: &Assessment<'_>, names: &mut Interner) -> Option<ActorsSection> {
    let (hands, manifests) = (&assessment.estate.hands, &assessment.policy.models);
    let mut rows: Vec<ActorRow> = hands.iter().map(|hand| row(hand, manifests, names)).collect();
    rows.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.identity.cmp(&b.identity)));
    let mut declared: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for manifest in manifests {
        for approver in &manifest.approvers {
            declared.entry(approver).or_default().insert(&manifest.group);
        }
    }
    let seen = |name: &str| hands.iter().any(|hand| hand.is(name) && hand.deeds.contains_key(&Deed::Decided));
    let declared_unseen: Vec<DeclaredRow> = declared
        .iter()
        .filter(|(name, _)| !seen(name))
        .map(|(name, groups)| DeclaredRow { name: (*name).to_owned(), groups: owned(groups) })
        .collect();
    if rows.is_empty() && declared.is_empty() {
        return None;
    }
    let serving: BTreeSet<&str> = assessment.estate.live.iter().filter_map(LiveVersion::group).collect();
    let has_approvers = |group: &str| manifests.iter().any(|it| it.group == group && !it.approvers.is_empty());
    let undeclared: BTreeSet<&str> = serving.into_iter().filter(|group| !has_approvers(group)).collect();
    let left_out = rows.len().saturating_sub(ROWS);
    rows.truncate(ROWS);
    Some(ActorsSection {
        rows,
        left_out,
        declared_unseen,
        undeclared_groups: owned(&undeclared),
        not_read: vec![
            "who could: the permissions of people and roles (IAM) are not read, so this is who did".to_owned(),
            "who wrote the artifacts: S3's object-level events are not read; when they were written is in each version's timeline".to_owned(),
        ],
    })
}

fn row(hand: &Hand, manifests: &[Manifest], names: &mut Interner) -> ActorRow {
    let done = |deed| hand.deeds.get(&deed).map(|it| DeedRow { count: it.count, at: it.last, grade: it.grade });
    let of = |which: &dyn Fn(&Manifest) -> bool| -> Vec<String> {
        let groups: BTreeSet<&str> = manifests.iter().filter(|it| which(it)).map(|it| it.group.as_str()).collect();
        owned(&groups)
    };
    let approves = |it: &Manifest| it.approvers.iter().any(|name| hand.is(name));
    let gates = |it: &Manifest| it.automation_gates.iter().any(|gate| hand.is(&gate.role));
    // Names of groups are compared without their case, as ARNs are kept among events.
    let decided = |group: &str| hand.decided_in.iter().any(|own| own.eq_ignore_ascii_case(group));
    ActorRow {
        identity: hand.actor.identity.clone(),
        person: hand.actor.person.clone(),
        kind: hand.actor.kind,
        rule: hand.actor.rule.to_owned(),
        identities: hand.identities.len(),
        registered: done(Deed::Registered),
        decided: done(Deed::Decided),
        edited: done(Deed::Edited),
        deployed: done(Deed::Deployed),
        approver_of: of(&approves),
        gate_of: of(&gates),
        outside: of(&|it| !it.approvers.is_empty() && decided(&it.group) && !approves(it) && !gates(it)),
        both: hand.both.iter().map(|arn| names.get(arn)).collect(),
        one_hand: !hand.both.is_empty() && hand.is_one(),
    }
}

/// Those first whom a reviewer asks about first.
fn rank(row: &ActorRow) -> (bool, bool, bool, bool, std::cmp::Reverse<usize>) {
    let count = |deed: &Option<DeedRow>| deed.as_ref().map_or(0, |deed| deed.count);
    (
        row.both.is_empty(),
        row.outside.is_empty(),
        row.decided.is_none(),
        row.edited.is_none() && row.deployed.is_none(),
        std::cmp::Reverse(count(&row.decided) + count(&row.deployed) + count(&row.registered)),
    )
}

fn owned(names: &BTreeSet<&str>) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::engine;
    use crate::estate::fixture::*;
    use crate::evidence::TrailEvent;
    use crate::report::compose::compose;

    fn matrix(fixture: &Fixture) -> Option<ActorsSection> {
        let estate = fixture.estate();
        compose(engine::assess(&estate, &fixture.policy)).actors
    }

    fn approver(fixture: &Fixture) -> ActorRow {
        let rows = matrix(fixture).expect("somebody acted").rows;
        rows.into_iter().find(|row| row.decided.is_some()).expect("somebody approved")
    }

    #[test]
    fn who_did_is_held_against_who_is_declared() {
        let by = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            Fixture::sound().manifest(|manifest| manifest.approvers = names)
        };
        let anna = approver(&by(&["anna"]));
        assert_eq!((anna.approver_of.as_slice(), anna.outside.len()), ([GROUP.to_owned()].as_slice(), 0));
        let other = by(&["ben"]);
        assert_eq!(approver(&other).outside, [GROUP]);
        let section = matrix(&other).unwrap();
        assert_eq!(section.declared_unseen, [DeclaredRow { name: "ben".to_owned(), groups: vec![GROUP.to_owned()] }]);
        assert!(section.undeclared_groups.is_empty());
        let nobody = by(&[]);
        assert!(approver(&nobody).outside.is_empty(), "where nobody is declared, nobody is outside");
        assert_eq!(matrix(&nobody).unwrap().undeclared_groups, [GROUP]);
    }

    #[test]
    fn one_hand_on_both_sides_comes_first() {
        let both = Fixture::sound().edit(|event: &mut TrailEvent| {
            if event.time == at(REGISTERED) {
                event.identity = sso("anna");
            }
        });
        let section = matrix(&both).unwrap();
        assert!(section.rows[0].one_hand && section.rows[0].registered.is_some(), "{:?}", section.rows);
        assert_eq!(section.rows[0].both.iter().map(|arn| arn.as_str()).collect::<Vec<_>>(), [PACKAGE]);
        assert!(matrix(&Fixture::sound()).unwrap().rows.iter().all(|row| row.both.is_empty()));
    }

    #[test]
    fn a_large_estate_is_bounded_and_an_empty_one_has_no_matrix() {
        let mut crowd = Fixture::sound();
        for number in 0..ROWS + 20 {
            let mut event = approval(PACKAGE, "2026-05-07T10:00:00Z", "Approved", sso(&format!("person{number}")));
            event.id = format!("crowd-{number}");
            crowd = crowd.with(event);
        }
        let section = matrix(&crowd).unwrap();
        assert_eq!(section.rows.len(), ROWS);
        assert!(section.left_out >= 20);
        assert_eq!(matrix(&Fixture::empty()), None);
    }
}
