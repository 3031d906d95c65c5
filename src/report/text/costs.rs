//! Money in a few lines.

use super::super::document::Report;
use super::super::html::money;
use super::super::words;

/// So many budgets at fault are named.
const BUDGETS: usize = 3;

/// The lines; none where a report does not know of money.
pub(super) fn lines(report: &Report) -> Vec<String> {
    let Some(costs) = &report.costs else { return Vec::new() };
    let mut lines = vec![format!("Cost: {}", money::sentence(costs, report.live_versions.len()))];
    if let Some(outlook) = &costs.outlook {
        lines.push(format!("Expected for the month: {}, by {}", outlook.cost.money(), outlook.by));
    }
    let faulty: Vec<_> = costs.budgets.iter().filter(|row| !row.faults.is_empty()).collect();
    lines.extend(faulty.iter().take(BUDGETS).map(|row| format!("Budget {}: {}", row.name, words::list(&row.faults))));
    if faulty.len() > BUDGETS {
        lines.push(format!("… and {} with something wrong", words::count(faulty.len() - BUDGETS, "more budget")));
    }
    if !costs.waste.is_empty() {
        let saves = money::savings(costs).unwrap_or_else(|| "not known".to_owned());
        let things = words::count(costs.waste.len(), "thing");
        let verb = if costs.waste.len() == 1 { "costs" } else { "cost" };
        lines.push(format!("Waste: {things} {verb} more than needed; a month would save {saves}"));
    }
    if !costs.not_known.is_empty() {
        lines.push(format!("Not known about money: {}", words::count(costs.not_known.len(), "thing")));
    }
    lines
}
