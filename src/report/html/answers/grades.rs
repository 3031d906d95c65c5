//! How well approvals are proved, as columns: one for each grade, from proved by an event to nothing at all.

use crate::estate::Grade;
use crate::report::document::Report;
use crate::report::html::tell;
use crate::report::words;

/// The columns stand on this line.
const BASE: usize = 46;

/// Height of the highest.
const HIGHEST: usize = 32;

/// From the left edge of one column to that of the next.
const STEP: usize = 54;

const GRADES: [Grade; 7] = [Grade::A, Grade::B, Grade::C, Grade::D, Grade::E, Grade::F, Grade::None];

pub(in crate::report::html) struct Grades {
    pub(in crate::report::html) columns: Vec<Column>,
    /// What it shows, in words.
    pub(in crate::report::html) words: String,
    /// How many there are, and how many of them an event proves.
    pub(super) all: usize,
    pub(super) proved: usize,
}

pub(in crate::report::html) struct Column {
    /// Left edge.
    pub(in crate::report::html) x: usize,
    pub(in crate::report::html) height: usize,
    pub(in crate::report::html) count: usize,
    pub(in crate::report::html) letter: &'static str,
    /// `proved`, `weak` or `none`.
    pub(in crate::report::html) class: &'static str,
}

impl Column {
    pub(in crate::report::html) fn y(&self) -> usize {
        BASE.saturating_sub(self.height)
    }

    pub(in crate::report::html) fn middle(&self) -> usize {
        self.x + 22
    }
}

impl Grades {
    pub(super) fn new(report: &Report) -> Self {
        let count = |grade: Grade| {
            let key = if grade == Grade::None { "none" } else { grade.as_str() };
            report.summary.by_grade.get(key).copied().unwrap_or_default()
        };
        let most = GRADES.map(count).into_iter().max().unwrap_or_default().max(1);
        let column = |(at, grade): (usize, Grade)| Column {
            x: at * STEP,
            height: match count(grade) {
                0 => 1,
                // One of ten thousand is still seen.
                some => (HIGHEST * some / most).max(4),
            },
            count: count(grade),
            letter: grade.as_str(),
            class: tell::grade_class(&grade),
        };
        let told = GRADES.into_iter().filter(|grade| count(*grade) > 0).map(|grade| {
            let name =
                if grade == Grade::None { "without a grade".to_owned() } else { format!("grade {}", grade.as_str()) };
            format!("{} {name}", words::number(count(grade)))
        });
        Self {
            columns: GRADES.into_iter().enumerate().map(column).collect(),
            words: words::list(&told.collect::<Vec<_>>()),
            all: GRADES.map(count).iter().sum(),
            proved: [Grade::A, Grade::B, Grade::C].map(count).iter().sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_column_is_the_most_and_the_smallest_is_seen() {
        let mut report = crate::report::sample::blank();
        for (grade, count) in [("A", 9_998), ("E", 1), ("none", 2)] {
            report.summary.by_grade.insert(grade.to_owned(), count);
        }
        let grades = Grades::new(&report);
        assert_eq!((grades.all, grades.proved), (10_001, 9_998));
        let heights: Vec<usize> = grades.columns.iter().map(|column| column.height).collect();
        assert_eq!(heights, [HIGHEST, 1, 1, 1, 4, 1, 4]);
        assert_eq!(grades.words, "9,998 grade A, 1 grade E and 2 without a grade");
    }
}
