//! The bar that shows how the verdicts are distributed.

use crate::readiness::ReadinessVerdict;
use crate::report::document::Summary;
use crate::report::words;

/// The bar is drawn in a box of this width.
pub(super) const WIDTH: usize = 1000;

/// Least width of a segment: one of ten thousand is still seen.
const LEAST: usize = 12;

/// Segments from left to right.
pub(super) struct Bar {
    pub(super) segments: Vec<Segment>,
    /// What it shows, in words.
    pub(super) words: String,
}

pub(super) struct Segment {
    pub(super) verdict: ReadinessVerdict,
    pub(super) x: usize,
    pub(super) width: usize,
}

impl Bar {
    pub(super) fn new(summary: &Summary) -> Self {
        let counts: Vec<(ReadinessVerdict, usize)> = words::VERDICTS
            .into_iter()
            .filter_map(|verdict| Some((verdict, *summary.by_verdict.get(words::verdict_key(verdict))?)))
            .filter(|(_, count)| *count > 0)
            .collect();
        let total: usize = counts.iter().map(|(_, count)| count).sum();
        let room = WIDTH.saturating_sub(LEAST * counts.len());
        let mut segments = Vec::new();
        let mut x = 0;
        for (at, (verdict, count)) in counts.iter().enumerate() {
            let width =
                if at + 1 == counts.len() { WIDTH.saturating_sub(x) } else { LEAST + room * count / total.max(1) };
            segments.push(Segment {
                verdict: *verdict,
                x,
                width: width.saturating_sub(if at + 1 == counts.len() { 0 } else { 3 }),
            });
            x += width;
        }
        let parts: Vec<String> = counts
            .iter()
            .map(|(verdict, count)| format!("{} {}", words::number(*count), words::verdict(*verdict)))
            .collect();
        Self { segments, words: words::list(&parts) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_full_and_the_smallest_part_is_seen() {
        let mut summary = crate::report::sample::blank().summary;
        for (verdict, count) in [("stop", 1), ("operate_as_is", 9_998), ("expand", 1)] {
            summary.by_verdict.insert(verdict.to_owned(), count);
        }
        let bar = Bar::new(&summary);
        assert_eq!(bar.segments.len(), 3);
        assert!(bar.segments.iter().all(|segment| segment.width >= 8));
        let last = bar.segments.last().unwrap();
        assert_eq!(last.x + last.width, WIDTH);
        assert_eq!(bar.words, "1 stop, 9,998 operate as is and 1 expand");
    }
}
