//! `costs`: what live versions cost. Reports hold no amounts yet, so no run writes this table; its columns are fixed so
//! that views over it can be.

use jiff::civil::Date;

use crate::history::cell::Amount;
use crate::history::table::table;
use crate::report::document::Report;

table! {
    /// One row a live version, period and run: what it cost in that period as far as that run knew.
    "costs": Row<'a> {
        /// The live version.
        live_version: &'a str,
        /// Account that pays.
        account: &'a str,
        /// Region.
        region: &'a str,
        /// Owner at the run.
        owner: Option<&'a str>,
        /// Cost centre at the run.
        cost_center: Option<&'a str>,
        /// First day of the period.
        period_start: Date,
        /// First day after the period.
        period_end: Date,
        /// The amount, exact.
        amount: Amount<'a>,
        /// Currency, such as `USD`.
        currency: &'a str,
        /// What the amount rests on, such as a bill or a list price.
        source: &'a str,
    }
}

pub(super) fn rows(_: &Report) -> impl Iterator<Item = Row<'_>> {
    std::iter::empty()
}
