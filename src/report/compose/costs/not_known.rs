//! What is not known about money, and why, in plain words. A manager who is not told would take silence for zero.

use std::collections::BTreeMap;

use crate::evidence::{FactKind, Gap};
use crate::report::document::{CostsSection, GapRow};
use crate::report::words;

/// Kinds of fact that are about money alone.
const ABOUT_MONEY: [FactKind; 11] = [
    FactKind::Bills,
    FactKind::Forecasts,
    FactKind::Budgets,
    FactKind::Prices,
    FactKind::AllocationTags,
    FactKind::TagCompliance,
    FactKind::ProvisionedThroughputs,
    FactKind::InferenceProfiles,
    FactKind::SavingHints,
    FactKind::Notebooks,
    FactKind::ScalingPolicies,
];

/// The list, in the order of how much it may hide. `gaps` and `rows` are the same gaps.
pub(super) fn list(costs: &CostsSection, gaps: &[Gap], rows: &[GapRow], live: usize) -> Vec<String> {
    let mut list = Vec::new();
    if let Some(why) = &costs.no_bill {
        list.push(format!("what AWS billed: {why}"));
    }
    list.extend(versions(costs, live));
    if let Some(why) = &costs.no_budgets {
        list.push(format!("which budgets there are: {why}"));
    }
    for (gap, row) in gaps.iter().zip(rows) {
        let mut kinds: Vec<FactKind> = gap.hides.iter().map(crate::evidence::Hidden::kind).collect();
        kinds.retain(|kind| ABOUT_MONEY.contains(kind));
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.is_empty() {
            continue;
        }
        let kinds: Vec<String> = kinds.iter().map(ToString::to_string).collect();
        let text = format!(
            "{} of account {}: `{}` failed, since {}; {}",
            words::list(&kinds),
            gap.account,
            row.action,
            row.cause_words,
            row.remedy
        );
        if !list.contains(&text) {
            list.push(text);
        }
    }
    if costs.outlook.is_none() && live > 0 {
        list.push("what the whole month will have cost: there is no forecast".to_owned());
    }
    for budget in &costs.budgets {
        list.extend(budget.unsure.iter().map(|unsure| format!("budget `{}`: {unsure}", budget.name)));
    }
    list
}

/// Live versions whose cost is not known, by reason.
fn versions(costs: &CostsSection, live: usize) -> Vec<String> {
    let mut by_reason: BTreeMap<&str, usize> = BTreeMap::new();
    for row in costs.live_versions.iter().filter(|row| row.cost.amount.is_none() && row.cost.none.is_none()) {
        *by_reason.entry(row.cost.why().unwrap_or("nothing says why")).or_default() += 1;
    }
    let silent = live - costs.live_versions.len().min(live);
    if silent > 0 {
        *by_reason.entry("it was not computed").or_default() += silent;
    }
    let told = |(why, count): (&str, usize)| {
        format!("the cost of {} of {}: {why}", words::number(count), words::count(live, "live version"))
    };
    by_reason.into_iter().map(told).collect()
}
