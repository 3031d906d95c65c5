//! Who watches the money, and what is wasted.

use super::Ledger;
use crate::estate::Estate;
use crate::policy::Policy;

mod budgets;
mod candidate;
mod capacity;
mod filters;
mod growth;
mod heard;
mod outlook;
mod points;
mod scaling;
mod tokens;
mod uses;
mod waste;

/// Fills in candidates, use, budgets, the outlook, waste, growth, capacity and tokens.
pub(super) fn fill<'a>(ledger: &mut Ledger<'a>, estate: &Estate<'a>, policy: &Policy) {
    let candidates = candidate::all(ledger, estate);
    for (cost, candidate) in ledger.versions.iter_mut().zip(candidates) {
        cost.candidate = candidate;
    }
    ledger.uses = estate.live.iter().map(|live| uses::of(live, estate, policy)).collect();
    ledger.budgets = budgets::all(estate, policy);
    ledger.outlook = outlook::of(ledger, estate, policy);
    ledger.capacity = capacity::all(estate);
    ledger.tokens = tokens::all(ledger, estate);
    ledger.growth = growth::all(estate, policy, &ledger.tokens);
    ledger.waste = waste::all(ledger, estate, policy);
}
