//! Gaps by what they hide: an estate may have thousands of them, and every live version asks about a dozen resources.

use std::collections::{BTreeMap, BTreeSet};

use super::arn::Arn;
use crate::evidence::{FactKind, Gap, Hidden, ResourceKey};

/// The gaps of a snapshot, indexed.
#[derive(Debug)]
pub(super) struct Gaps<'a> {
    gaps: &'a [Gap],
    /// By account, region and kind, as the gap states them: an empty account or region stands for any.
    all: BTreeMap<(&'a str, &'a str, FactKind), Vec<usize>>,
    one: BTreeMap<&'a ResourceKey, Vec<usize>>,
    any: BTreeMap<(&'a str, &'a str, FactKind), BTreeSet<&'a ResourceKey>>,
    /// By account and region that were asked, whoever owns what is hidden.
    asked: BTreeSet<(&'a str, &'a str, FactKind)>,
}

impl<'a> Gaps<'a> {
    /// Indexes gaps.
    pub(super) fn new(gaps: &'a [Gap]) -> Self {
        let mut indexed =
            Self { gaps, all: BTreeMap::new(), one: BTreeMap::new(), any: BTreeMap::new(), asked: BTreeSet::new() };
        for (number, gap) in gaps.iter().enumerate() {
            for hidden in &gap.hides {
                indexed.asked.insert((gap.account.as_str(), gap.region.as_str(), hidden.kind()));
                let any = indexed.any.entry(hidden_place(gap, hidden)).or_default();
                match hidden {
                    Hidden::All(kind) => {
                        indexed.all.entry((gap.account.as_str(), gap.region.as_str(), *kind)).or_default().push(number);
                    }
                    Hidden::One(key) => {
                        any.insert(key);
                        indexed.one.entry(key).or_default().push(number);
                    }
                }
            }
        }
        indexed
    }

    /// Every gap that hides this resource, in the order of the snapshot.
    pub(super) fn over(&self, account: &str, region: &str, key: &ResourceKey) -> Vec<(usize, &'a Gap)> {
        let one = self.one.get(key).into_iter().flatten().copied();
        let all = self.keys(account, region, key.kind).flatten().copied();
        let mut numbers: Vec<usize> = one.chain(all).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let gaps = numbers.into_iter().filter_map(|number| Some((number, self.gaps.get(number)?)));
        gaps.filter(|(_, gap)| gap.concerns(account, region)).collect()
    }

    /// Whether some gap hides every resource of this kind.
    pub(super) fn over_all(&self, account: &str, region: &str, kind: FactKind) -> bool {
        self.keys(account, region, kind).next().is_some()
    }

    /// Whether some gap hides anything of this kind that belongs to the account and region.
    pub(super) fn any(&self, account: &str, region: &str, kind: FactKind) -> bool {
        places(account, region).into_iter().any(|(account, region)| self.any.contains_key(&(account, region, kind)))
    }

    /// Whether some gap of a call that was made for the account and region hides anything of this kind, wherever it is.
    pub(super) fn asked(&self, account: &str, region: &str, kind: FactKind) -> bool {
        places(account, region).into_iter().any(|(account, region)| self.asked.contains(&(account, region, kind)))
    }

    /// The resources of this kind that gaps hide one by one, by name.
    pub(super) fn names(&self, account: &str, region: &str, kind: FactKind) -> Vec<&'a ResourceKey> {
        let of_place = |(account, region)| self.any.get(&(account, region, kind)).into_iter().flatten().copied();
        places(account, region).into_iter().flat_map(of_place).collect()
    }

    fn keys<'s>(&'s self, account: &'s str, region: &'s str, kind: FactKind) -> impl Iterator<Item = &'s Vec<usize>> {
        places(account, region).into_iter().filter_map(move |(account, region)| self.all.get(&(account, region, kind)))
    }
}

/// Where something hidden belongs: where its ARN says, else where it was asked for. A package of another account that
/// could not be read does not make the registry of this one any less complete.
fn hidden_place<'a>(gap: &'a Gap, hidden: &'a Hidden) -> (&'a str, &'a str, FactKind) {
    let arn = match hidden {
        Hidden::One(key) => Arn::parse(&key.name),
        Hidden::All(_) => None,
    };
    arn.map_or((&gap.account, &gap.region, hidden.kind()), |arn| (arn.account, arn.region, hidden.kind()))
}

/// The ways in which a gap may state that it is about an account and region.
fn places<'s>(account: &'s str, region: &'s str) -> [(&'s str, &'s str); 4] {
    [(account, region), (account, ""), ("", region), ("", "")]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::evidence::GapCause;

    fn gap(account: &str, region: &str, hides: Vec<Hidden>) -> Gap {
        let mut gap =
            super::super::fixture::Fixture::empty().gap(Hidden::All(FactKind::Models)).snapshot.gaps.remove(0);
        gap.account = account.to_owned();
        gap.region = region.to_owned();
        gap.cause = GapCause::Throttled;
        gap.hides = hides;
        gap
    }

    fn any_gap() -> impl Strategy<Value = Gap> {
        let place = prop_oneof![Just(""), Just("a"), Just("b")];
        let kind = prop_oneof![Just(FactKind::Models), Just(FactKind::Topics)];
        let hidden = (kind, prop::option::of(prop_oneof![Just("x"), Just("y")])).prop_map(|(kind, name)| match name {
            None => Hidden::All(kind),
            Some(name) => Hidden::One(ResourceKey::new(kind, name)),
        });
        (place.clone(), place, prop::collection::vec(hidden, 0..3)).prop_map(|(a, r, hides)| gap(a, r, hides))
    }

    proptest! {
        #[test]
        fn the_index_says_what_a_search_through_all_gaps_says(gaps in prop::collection::vec(any_gap(), 0..12)) {
            let indexed = Gaps::new(&gaps);
            for account in ["a", "b"] {
                for kind in [FactKind::Models, FactKind::Topics] {
                    let key = ResourceKey::new(kind, "x");
                    let searched: Vec<usize> = gaps.iter().enumerate()
                        .filter(|(_, gap)| gap.covers(account, "a", &key)).map(|(number, _)| number).collect();
                    let found: Vec<usize> = indexed.over(account, "a", &key).into_iter().map(|(number, _)| number).collect();
                    prop_assert_eq!(found, searched);
                    let whole = gaps.iter().any(|gap| gap.covers_all(account, "a", kind));
                    prop_assert_eq!(indexed.over_all(account, "a", kind), whole);
                    let any = gaps.iter().any(|gap| gap.concerns(account, "a") && gap.hides.iter().any(|it| it.kind() == kind));
                    prop_assert_eq!(indexed.any(account, "a", kind), any);
                }
            }
        }
    }
}
