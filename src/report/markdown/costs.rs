//! What it costs, against which budget, what is wasted, and what is not known.

use std::fmt::Write as _;

use super::escape::{code, prose};
use super::left_out;
use crate::report::document::{CostsSection, FigureRow, GroupCostRow, MoneyRow, Report};
use crate::report::html::money;

/// So many rows of each table.
const ROWS: usize = 12;

/// The section.
pub(super) fn costs(page: &mut String, report: &Report) {
    let Some(costs) = &report.costs else { return };
    let sentence = money::sentence(costs, report.live_versions.len());
    _ = writeln!(page, "## What it costs\n\n{}.\n", prose(&sentence));
    if let Some(outlook) = &costs.outlook {
        let cost = outlook.cost.money().to_string();
        _ = writeln!(
            page,
            "Expected for the month, of all that is billed: {}, by {}.\n",
            prose(&cost),
            prose(&outlook.by)
        );
    }
    groups(page, costs);
    budgets(page, costs);
    waste(page, costs);
    if !costs.not_known.is_empty() {
        page.push_str("Not known about money:\n\n");
        for text in costs.not_known.iter().take(ROWS) {
            _ = writeln!(page, "- {}", prose(text));
        }
        left_out(page, costs.not_known.len(), ROWS);
        page.push('\n');
    }
}

fn groups(page: &mut String, costs: &CostsSection) {
    if costs.groups.is_empty() {
        return;
    }
    page.push_str(
        "| Group | Live versions | Cost | Expected for the month | Declared budget |\n|---|--:|--:|--:|--:|\n",
    );
    for row in costs.groups.iter().take(ROWS) {
        let group = row.group.as_deref().map_or_else(|| "in no group".to_owned(), code);
        let expected = row.month_end.as_ref().map_or_else(|| "not known".to_owned(), |it| amount(&it.cost));
        let declared = row.declared.as_ref().map_or_else(|| "–".to_owned(), amount);
        let live = row.live_versions.len();
        _ = writeln!(page, "| {group} | {live} | {} | {expected} | {declared} |", cost(row));
    }
    left_out(page, costs.groups.len(), ROWS);
    page.push('\n');
}

fn amount(row: &MoneyRow) -> String {
    prose(&row.money().to_string())
}

/// What is known of a group's cost, and of how many live versions nothing is.
fn cost(row: &GroupCostRow) -> String {
    let mut parts: Vec<String> = Vec::new();
    if !row.cost.is_empty() {
        parts.push(prose(&money::amounts(&row.cost)));
        if row.estimated > 0 {
            parts.push(
                if row.estimated < row.live_versions.len() { "partly an estimate" } else { "estimate" }.to_owned(),
            );
        }
    }
    if row.unknown > 0 {
        parts.push(format!("**{} not known**", row.unknown));
    }
    parts.join(", ")
}

fn budgets(page: &mut String, costs: &CostsSection) {
    let faulty: Vec<_> = costs.budgets.iter().filter(|row| !row.faults.is_empty()).collect();
    if faulty.is_empty() {
        return;
    }
    page.push_str("| Budget | Limit | Spent | AWS expects | What is wrong |\n|---|--:|--:|--:|---|\n");
    let shown = |row: &Option<MoneyRow>| row.as_ref().map_or_else(|| "not known".to_owned(), amount);
    for row in faulty.iter().take(ROWS) {
        let faults: Vec<String> = row.faults.iter().map(|fault| prose(fault)).collect();
        let (limit, actual, forecast) = (shown(&row.limit), shown(&row.actual), shown(&row.forecast));
        _ = writeln!(page, "| {} | {limit} | {actual} | {forecast} | {} |", code(&row.name), faults.join("; "));
    }
    left_out(page, faulty.len(), ROWS);
    page.push('\n');
}

fn waste(page: &mut String, costs: &CostsSection) {
    if costs.waste.is_empty() {
        return;
    }
    page.push_str("| What costs more than it has to | Why | A month would save | What ends it |\n|---|---|--:|---|\n");
    for row in costs.waste.iter().take(ROWS) {
        let (what, why, saves) = (prose(&row.what), prose(&row.why), saves(&row.saves));
        _ = writeln!(page, "| {what}: {} | {why} | {saves} | {} |", money::waste_words(row), code(&row.command));
    }
    left_out(page, costs.waste.len(), ROWS);
    page.push('\n');
}

fn saves(row: &FigureRow) -> String {
    row.money().map_or_else(|| "not known".to_owned(), |money| prose(&money.to_string()))
}
