//! Which signals somebody hears of, and which nobody does: signals down, what becomes of them across.

use crate::estate::Signal;
use crate::report::document::Report;
use crate::report::html::tell;
use crate::report::words;

/// From the middle of one row to that of the next.
const STEP: usize = 17;

/// The states across, each with the right edge of its numbers.
pub(in crate::report::html) const STATES: [(&str, usize); 4] =
    [("covered", 190), ("broken", 262), ("missing", 334), ("unknown", 406)];

pub(in crate::report::html) struct Matrix {
    pub(in crate::report::html) rows: Vec<Row>,
    /// What it shows, in words.
    pub(in crate::report::html) words: String,
    /// Signals of live versions of which somebody hears, and all that apply.
    pub(super) heard: usize,
    pub(super) asked: usize,
    pub(super) unknown: usize,
}

pub(in crate::report::html) struct Row {
    pub(in crate::report::html) signal: String,
    pub(in crate::report::html) y: usize,
    /// For each state its name, where its numbers end, and how many have it.
    pub(in crate::report::html) cells: [(&'static str, usize, usize); 4],
}

impl Matrix {
    pub(super) fn new(report: &Report) -> Self {
        let count = |signal: Signal, state: &str| {
            let states = report.live_versions.iter().map(|live| tell::known_state(live.alarms.get(signal.words())));
            states.filter(|of| *of == state).count()
        };
        let row = |(at, signal): (usize, Signal)| Row {
            signal: words::sentence(signal.words()),
            y: 28 + at * STEP,
            cells: STATES.map(|(state, x)| (state, x, count(signal, state))),
        };
        let rows: Vec<Row> = words::signals_told(report).into_iter().enumerate().map(row).collect();
        let sum = |state: &str| {
            let cells = rows.iter().flat_map(|row| row.cells);
            cells.filter(|(of, ..)| *of == state).map(|(.., count)| count).sum()
        };
        Self {
            words: rows.iter().map(Row::words).collect::<Vec<_>>().join("; "),
            heard: sum("covered"),
            asked: STATES.iter().map(|(state, _)| sum(state)).sum(),
            unknown: sum("unknown"),
            rows,
        }
    }

    pub(in crate::report::html) fn height(&self) -> usize {
        self.rows.last().map_or(0, |row| row.y + STEP / 2)
    }
}

impl Row {
    fn words(&self) -> String {
        let told = self.cells.iter().filter(|(.., count)| *count > 0);
        let told: Vec<String> = told
            .map(|(state, _, count)| format!("{} {}", words::number(*count), tell::coverage_words(state)))
            .collect();
        format!("{}: {}", self.signal, words::list(&told))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signal_that_applies_has_a_row_that_adds_up() {
        let report = crate::report::sample::bank();
        let matrix = Matrix::new(&report);
        assert!(!matrix.rows.is_empty());
        for row in &matrix.rows {
            let of = |state| row.cells.iter().find(|cell| cell.0 == state).unwrap().2;
            assert!(of("covered") + of("broken") + of("missing") + of("unknown") <= report.live_versions.len());
            assert!(matrix.words.contains(&row.signal), "{}", matrix.words);
        }
        assert_eq!(matrix.asked, matrix.rows.iter().flat_map(|row| row.cells).map(|cell| cell.2).sum::<usize>());
        assert!(matrix.heard > 0 && matrix.heard < matrix.asked);
    }
}
