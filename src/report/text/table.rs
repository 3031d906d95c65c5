//! A table that fits the width. Cells that are too long go on in the next line, broken where names have their joints; what
//! matters less is left out where there is no room for it.

use super::columns::{fit, pieces, width};
use crate::report::escape::visible;

/// Blanks between two columns.
const GAP: usize = 2;

/// A name takes so many lines at most, before its middle is left out.
const LINES: usize = 4;

/// One column.
pub(super) struct Column {
    head: String,
    /// Narrower than this it is no use, unless it holds nothing as wide.
    least: usize,
    /// Wider than this it is a waste of room.
    most: usize,
    /// 0 is always told; of the others, those of a higher rank are left out first.
    rank: usize,
    /// So many lines at most, before the middle is left out.
    lines: usize,
}

impl Column {
    /// A column that is always told.
    pub(super) fn new(head: impl Into<String>, least: usize, most: usize) -> Self {
        Self { head: head.into(), least, most, rank: 0, lines: LINES }
    }

    /// The same, told only where there is room.
    pub(super) fn if_room(self, rank: usize) -> Self {
        Self { rank, ..self }
    }

    /// The same for what is no name: nothing of it is left out.
    pub(super) fn in_full(self) -> Self {
        Self { lines: usize::MAX, ..self }
    }
}

/// Columns and the width of each that is told.
pub(super) struct Layout<'c> {
    columns: &'c [Column],
    widths: Vec<Option<usize>>,
}

impl<'c> Layout<'c> {
    /// Widths for these rows, which together take no more than `room`.
    pub(super) fn new<R: AsRef<[String]>>(columns: &'c [Column], rows: &[R], room: usize) -> Self {
        let wanted: Vec<usize> = columns
            .iter()
            .enumerate()
            .map(|(at, column)| {
                let longest = rows.iter().filter_map(|row| row.as_ref().get(at)).map(|cell| width(&visible(cell)));
                longest.max().unwrap_or_default().min(column.most).max(width(&column.head))
            })
            .collect();
        let least: Vec<usize> = columns.iter().zip(&wanted).map(|(column, wanted)| column.least.min(*wanted)).collect();
        let mut told: Vec<bool> = columns.iter().map(|column| column.rank == 0).collect();
        let mut optional: Vec<(usize, usize)> =
            columns.iter().enumerate().filter(|(_, column)| column.rank > 0).map(|(at, it)| (it.rank, at)).collect();
        optional.sort_unstable();
        for (_, at) in optional {
            let taken: usize = told.iter().zip(&least).filter(|(told, _)| **told).map(|(_, least)| least + GAP).sum();
            let Some((told, least)) = told.get_mut(at).zip(least.get(at)) else { continue };
            if taken + least > room {
                break;
            }
            *told = true;
        }
        let gaps = told.iter().filter(|told| **told).count().saturating_sub(1) * GAP;
        let room = room.saturating_sub(gaps);
        let want = |at: usize| wanted.get(at).copied().unwrap_or_default();
        let floor = |at: usize| least.get(at).copied().unwrap_or_default();
        let chosen: Vec<usize> = (0..columns.len()).filter(|at| told.get(*at).copied().unwrap_or_default()).collect();
        let widths = share(room, &chosen.iter().map(|at| (floor(*at), want(*at))).collect::<Vec<_>>());
        let mut all = vec![None; columns.len()];
        for (at, width) in chosen.into_iter().zip(widths) {
            if let Some(slot) = all.get_mut(at) {
                *slot = Some(width);
            }
        }
        Self { columns, widths: all }
    }

    /// Whether a column is told.
    pub(super) fn tells(&self, at: usize) -> bool {
        self.widths.get(at).copied().flatten().is_some()
    }

    /// The line above the rows.
    pub(super) fn head(&self) -> String {
        let told =
            self.widths.iter().zip(self.columns).filter_map(|(width, column)| Some(fit(&column.head, (*width)?)));
        told.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
    }

    /// The lines of a row.
    pub(super) fn row(&self, cells: &[String]) -> Vec<String> {
        let told = self.widths.iter().zip(self.columns).zip(cells);
        let cells: Vec<(usize, Vec<String>)> = told
            .filter_map(|((width, column), cell)| Some(((*width)?, column, visible(cell))))
            .map(|(columns, column, cell)| {
                let most = columns.saturating_mul(column.lines);
                (columns, if width(&cell) > most { pieces(&fit(&cell, most), columns) } else { pieces(&cell, columns) })
            })
            .collect();
        let lines = cells.iter().map(|(_, lines)| lines.len()).max().unwrap_or_default();
        (0..lines)
            .map(|line| {
                let parts =
                    cells.iter().map(|(columns, lines)| fit(lines.get(line).map_or("", String::as_str), *columns));
                parts.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
            })
            .collect()
    }
}

/// Divides the room: everybody gets what they need at least, then the narrow ones all they want, and the wide ones alike.
fn share(room: usize, columns: &[(usize, usize)]) -> Vec<usize> {
    let taken = |cap: usize| columns.iter().map(|(least, want)| (*want).min(cap.max(*least))).sum::<usize>();
    let most = columns.iter().map(|(_, want)| *want).max().unwrap_or_default();
    let cap = (0..=most).rev().find(|cap| taken(*cap) <= room);
    let mut widths: Vec<usize> = if let Some(cap) = cap {
        columns.iter().map(|(least, want)| (*want).min(cap.max(*least))).collect()
    } else {
        // Not even the least fits: the widest gives way.
        let taken = |cap: usize| columns.iter().map(|(least, _)| (*least).min(cap)).sum::<usize>();
        let cap = (1..=most).rev().find(|cap| taken(*cap) <= room).unwrap_or(1);
        columns.iter().map(|(least, _)| (*least).min(cap)).collect()
    };
    let mut left = room.saturating_sub(widths.iter().sum());
    for (width, (_, want)) in widths.iter_mut().zip(columns) {
        let more = want.saturating_sub(*width).min(left);
        *width += more;
        left -= more;
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn what_matters_less_goes_first_and_names_break_at_their_joints() {
        let columns =
            [Column::new("WHAT", 8, 40), Column::new("OWNER", 8, 20).if_room(2), Column::new("WHY", 10, 40).if_room(1)];
        let rows = [row(&["overdraft-advice/AllTraffic", "retail@bank.example", "its bytes changed"])];
        let laid = |room: usize| {
            let layout = Layout::new(&columns, &rows, room);
            std::iter::once(layout.head()).chain(layout.row(&rows[0])).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(
            laid(70),
            "WHAT                         OWNER                WHY\n\
             overdraft-advice/AllTraffic  retail@bank.example  its bytes changed"
        );
        assert_eq!(
            laid(40),
            "WHAT          OWNER         WHY\n\
             overdraft-    retail@       its bytes\n\
             advice/       bank.example  changed\n\
             AllTraffic"
        );
        assert_eq!(laid(24), "WHAT         WHY\noverdraft-   its bytes\nadvice/      changed\nAllTraffic");
        assert_eq!(laid(12), "WHAT\noverdraft-\nadvice/\nAllTraffic");
    }

    #[test]
    fn no_line_is_wider_than_the_room() {
        let columns = [Column::new("A", 10, 60), Column::new("B", 3, 9), Column::new("C", 12, 30).if_room(1)];
        let rows =
            [row(&["模型-模型-模型-模型-模型", "e\u{301}e\u{301}", &"x".repeat(300)]), row(&["", "b", "\u{202e}c"])];
        for room in 6..90 {
            let layout = Layout::new(&columns, &rows, room);
            for line in rows.iter().flat_map(|row| layout.row(row)).chain([layout.head()]) {
                assert!(width(&line) <= room, "{} in {room}: {line}", width(&line));
                assert!(!line.contains('\u{202e}'));
            }
        }
    }
}
