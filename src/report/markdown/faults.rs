//! Who is told when a live version goes wrong, and who is not.

use std::fmt::Write as _;

use super::escape::{code, prose};
use super::{left_out, slot};
use crate::estate::Fault;
use crate::report::document::{FaultRow, LiveVersionRow, Report, ToldState};
use crate::report::{faults, words};

/// So many live versions are told, those with the most faults of which nobody is told first.
const ROWS: usize = 24;

/// The table, and what it says in a sentence.
pub(super) fn faults(page: &mut String, report: &Report) {
    let counts = faults::counts(report);
    let Some(sentence) = faults::sentence(&counts) else { return };
    _ = writeln!(page, "## From a fault to a person\n\n{sentence}\n");
    let mut rows: Vec<&LiveVersionRow> =
        report.live_versions.iter().filter(|live| faults::rank(live) != (0, 0)).collect();
    if rows.is_empty() {
        return;
    }
    rows.sort_by_key(|live| std::cmp::Reverse(faults::rank(live)));
    let told: Vec<Fault> = counts.iter().map(|count| count.fault).collect();
    let heads: Vec<&str> = told.iter().map(|fault| faults::heading(*fault)).collect();
    _ = writeln!(page, "| Where | {} | Why not |\n|---|{}---|", heads.join(" | "), "---|".repeat(told.len()));
    for live in rows.iter().take(ROWS) {
        let cells: Vec<String> = told.iter().map(|fault| cell(faults::of(live, *fault))).collect();
        _ = writeln!(page, "| {} | {} | {} |", slot(live, &report.scope), cells.join(" | "), why(live));
    }
    left_out(page, rows.len(), ROWS);
    page.push('\n');
}

fn cell(row: Option<&FaultRow>) -> String {
    let Some(row) = row else { return "–".to_owned() };
    let whom = row.whom.first().map(|whom| format!(" → {}", code(whom))).unwrap_or_default();
    match (row.told, row.minutes_from, row.minutes_to) {
        (ToldState::Human, Some(from), Some(to)) => format!("{}{whom}", faults::minutes(from, to)),
        (ToldState::Human, ..) => format!("told{whom}"),
        (ToldState::Nobody, ..) => "**nobody**".to_owned(),
        (ToldState::Unknown, ..) => "?".to_owned(),
        (ToldState::NotApplicable, ..) => "·".to_owned(),
    }
}

/// Why nobody is told of the first fault of which nobody is, and of how many more.
fn why(live: &LiveVersionRow) -> String {
    let open = |told| live.faults.iter().filter(move |row| row.told == told);
    let all: Vec<&FaultRow> = open(ToldState::Nobody).chain(open(ToldState::Unknown)).collect();
    let first = all.iter().find_map(|row| row.why.first()).map_or_else(String::new, |why| prose(why));
    match all.len() {
        0 | 1 => first,
        more => format!("{first}; and {} more", words::count(more - 1, "fault")),
    }
}
