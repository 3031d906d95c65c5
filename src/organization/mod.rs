//! Many accounts as one estate: which units of work they make, and how what each unit read becomes one snapshot.
//!
//! A **unit** is one account in one region: what one process, or one step of a state machine, reads by itself. It leaves a
//! **part**: a snapshot like any other. A unit that could not be entered leaves a part too, whose gap hides everything
//! there, and a unit that left nothing at all gets one when the parts are [merged](Merge).

mod gaps;
#[cfg(test)]
mod memory_tests;
mod merge;
#[cfg(test)]
mod tests;
mod units;

pub use gaps::{not_entered, without_a_part};
pub use merge::{Merge, MergeError, Merged};
pub use units::{Account, Accounts, Rules, Unit, Units, role_arn, units};
