//! What it costs, and who pays.

pub(super) mod capacity_used;
pub(super) mod cost_tags;
pub(super) mod cost_tags_activated;
pub(super) mod growth_within_ceiling;
pub(super) mod no_idle_endpoints;
pub(super) mod right_sized;
pub(super) mod within_watched_budget;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use super::{Context, Verdict};
use crate::cost::{Use, VersionCost};
use crate::estate::LiveVersion;

/// Where a live version stands in the estate, as the rows of the ledger count them.
fn position(live: &LiveVersion<'_>, context: Context<'_>) -> Option<usize> {
    context.estate.live.binary_search_by(|other| other.id.cmp(&live.id)).ok()
}

/// How a live version is used.
fn usage<'a>(live: &LiveVersion<'_>, context: Context<'a>) -> Option<&'a Use> {
    context.estate.money.uses.get(position(live, context)?)
}

/// What a live version costs.
fn cost<'a>(live: &LiveVersion<'_>, context: Context<'a>) -> Option<&'a VersionCost> {
    context.estate.money.versions.get(position(live, context)?)
}

/// Whether a tag key counts in cost reports; `None` where AWS listed no such key.
fn activation(key: &str, context: Context<'_>) -> Option<bool> {
    let facts = &context.estate.snapshot.facts.allocation_tags;
    let mut of_key = facts.iter().filter(|fact| fact.data.key == key).peekable();
    of_key.peek()?;
    Some(of_key.any(|fact| fact.data.active))
}

/// The answer where a question was never put to AWS: then finding nothing says nothing.
fn not_asked(operation: &str, what: &str, context: Context<'_>) -> Option<Verdict> {
    let asked = context.estate.index.asked(operation);
    (!asked).then(|| Verdict::not_applicable(format!("not asked for: the run read no {what}")).settled())
}

/// A share as a percentage.
fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}
