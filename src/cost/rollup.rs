//! Costs by who answers for them. Each live version counts in one row of each roll-up, so that all have the same total.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Known, RollUp, Sum, VersionCost};
use crate::estate::LiveVersion;

/// Adds costs up by what `of` says of each live version; the dearest first, then by name.
pub(super) fn by<'v, 'a>(
    live: &'v [LiveVersion<'a>],
    costs: &[VersionCost],
    of: impl Fn(&'v LiveVersion<'a>) -> Option<&'v str>,
) -> Vec<RollUp> {
    let mut rows: BTreeMap<Option<&str>, RollUp> = BTreeMap::new();
    for (at, (version, cost)) in live.iter().zip(costs).enumerate() {
        let of = of(version);
        let row = rows.entry(of).or_insert_with(|| RollUp {
            of: of.map(str::to_owned),
            live: Vec::new(),
            cost: Sum::default(),
            unknown: 0,
        });
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
