//! What each live version costs, and the roll-ups of it.

use super::Ledger;
use crate::estate::Estate;
use crate::policy::Policy;

/// Fills in the period, the bill, the cost of each live version, and the roll-ups.
pub(super) fn fill<'a>(_ledger: &mut Ledger<'a>, _estate: &Estate<'a>, _policy: &Policy) {}
