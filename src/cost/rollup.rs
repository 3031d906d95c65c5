//! Costs by who answers for them. Each live version counts in one row of each roll-up, so that all have the same total.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Known, RollUp, Sum, VersionCost};
use crate::estate::LiveVersion;

/// Adds costs up by what `of` says of each live version; the dearest first, then by name.
pub(super) fn by<'v, 'a, S: AsRef<str> + Ord>(
    live: &'v [LiveVersion<'a>],
    costs: &[VersionCost],
    of: impl Fn(&'v LiveVersion<'a>) -> Option<S>,
) -> Vec<RollUp> {
    let mut rows: BTreeMap<Option<S>, RollUp> = BTreeMap::new();
    for (at, (version, cost)) in live.iter().zip(costs).enumerate() {
        let of = of(version);
        let name = of.as_ref().map(|of| of.as_ref().to_owned());
        let row =
            rows.entry(of).or_insert_with(|| RollUp { of: name, live: Vec::new(), cost: Sum::default(), unknown: 0 });
        row.live.push(at);
        match &cost.cost {
            Known::Known(figure) => row.cost.add(&figure.amount),
            Known::Unknown(_) => row.unknown += 1,
            Known::None(_) => {}
        }
    }
    let mut rows: Vec<RollUp> = rows.into_values().collect();
    // Of several currencies the largest number decides: an order is not a sum.
    rows.sort_by_cached_key(|row| Reverse(row.cost.amounts().map(|amount| amount.value).max()));
    rows
}
