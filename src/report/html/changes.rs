//! What changed, and the evidence horizon: the first rows stand open, the others are folded.

use super::Page;
use crate::control::Status;
use crate::report::changes::{Group, groups};
use crate::report::document::{Cause, ChangeRow, Changes, HorizonRow};

/// So many rows are told in all; the rest is in the JSON.
const ROWS: usize = 300;

/// So many rows stand open.
const OPEN: usize = 12;

/// Rows of a table that may be long.
pub(super) struct Folded<T> {
    rows: Vec<T>,
    left_out: usize,
}

impl<T> Folded<T> {
    fn new(mut rows: Vec<T>) -> Self {
        let left_out = rows.len().saturating_sub(ROWS);
        rows.truncate(ROWS);
        Self { rows, left_out }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows that stand open: all, if the rest is not worth folding.
    pub(super) fn first(&self) -> &[T] {
        self.rows.get(..self.open()).unwrap_or(&self.rows)
    }

    pub(super) fn rest(&self) -> &[T] {
        self.rows.get(self.open()..).unwrap_or_default()
    }

    pub(super) fn left_out(&self) -> usize {
        self.left_out
    }

    fn open(&self) -> usize {
        if self.rows.len() <= OPEN + 3 { self.rows.len() } else { OPEN }
    }
}

impl Page<'_> {
    #[allow(clippy::unused_self, reason = "called from a template")]
    pub(super) fn changes<'c>(&self, changes: &'c Changes) -> Folded<Group<'c>> {
        Folded::new(groups(&changes.findings))
    }

    /// Causes of changes that something has, with how many.
    #[allow(clippy::unused_self, reason = "called from a template")]
    pub(super) fn causes(&self, changes: &Changes) -> Vec<(Cause, usize)> {
        let count = |cause: Cause| changes.by_cause.get(cause.key()).copied().unwrap_or_default();
        Cause::ALL.into_iter().map(|cause| (cause, count(cause))).filter(|(_, count)| *count > 0).collect()
    }

    pub(super) fn horizon(&self) -> Folded<&HorizonRow> {
        Folded::new(self.report.horizon.iter().collect())
    }

    /// The finding that changed, if the page tells it.
    pub(super) fn told<'c>(&self, row: &'c ChangeRow) -> Option<&'c str> {
        let open = matches!(row.now, Some(Status::Fail | Status::Unknown | Status::Waived));
        row.finding.as_deref().filter(|_| open || self.thorough())
    }
}
