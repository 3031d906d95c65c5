//! Spans of time: what covers which part of the span that was asked for.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::state::Coverage;

/// A span of time and how well it is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// From this instant …
    pub from: Timestamp,
    /// … to this one, which is not part of it.
    pub to: Timestamp,
    /// How well it is covered.
    pub coverage: Coverage,
}

/// Cuts the span that was asked for into spans of one coverage each: in order, without overlap, and nothing left out. Where
/// several cover the same time, the worst counts; where none does, it is not covered.
pub(super) fn partition(from: Timestamp, to: Timestamp, spans: &[Span]) -> Vec<Span> {
    // At each instant, how many spans of each coverage begin and end.
    let mut changes: BTreeMap<Timestamp, Vec<(Coverage, i64)>> = BTreeMap::new();
    for span in spans {
        let (begin, end) = (span.from.max(from), span.to.min(to));
        if begin < end {
            changes.entry(begin).or_default().push((span.coverage, 1));
            changes.entry(end).or_default().push((span.coverage, -1));
        }
    }
    let mut open: BTreeMap<Coverage, i64> = BTreeMap::new();
    let mut cut: Vec<Span> = Vec::new();
    let mut begin = from;
    for (at, changed) in changes {
        push(&mut cut, begin, at, &open);
        begin = at;
        for (coverage, by) in changed {
            *open.entry(coverage).or_default() += by;
        }
    }
    push(&mut cut, begin, to, &open);
    cut
}

fn push(cut: &mut Vec<Span>, from: Timestamp, to: Timestamp, open: &BTreeMap<Coverage, i64>) {
    if from >= to {
        return;
    }
    let worst = open.iter().rev().find(|(_, count)| **count > 0).map(|(coverage, _)| *coverage);
    let coverage = worst.unwrap_or(Coverage::NotCovered);
    match cut.last_mut() {
        Some(last) if last.coverage == coverage => last.to = to,
        _ => cut.push(Span { from, to, coverage }),
    }
}

/// Joins spans that touch or overlap.
pub(super) fn union(mut spans: Vec<(Timestamp, Timestamp)>) -> Vec<(Timestamp, Timestamp)> {
    spans.sort();
    let mut joined: Vec<(Timestamp, Timestamp)> = Vec::new();
    for (from, to) in spans {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn coverage() -> impl Strategy<Value = Coverage> {
        prop::sample::select(vec![Coverage::NotCovered, Coverage::Valid, Coverage::Missing, Coverage::Invalid])
    }

    proptest! {
        #[test]
        fn spans_partition_what_was_asked(
            from in 0..50i64,
            length in 1..50i64,
            spans in prop::collection::vec((0..100i64, 0..30i64, coverage()), 0..12),
        ) {
            let to = from + length;
            let spans: Vec<Span> =
                spans.into_iter().map(|(a, l, coverage)| Span { from: at(a), to: at(a + l), coverage }).collect();
            let cut = partition(at(from), at(to), &spans);
            prop_assert_eq!(cut.first().unwrap().from, at(from));
            prop_assert_eq!(cut.last().unwrap().to, at(to));
            for pair in cut.windows(2) {
                prop_assert_eq!(pair[0].to, pair[1].from);
                prop_assert_ne!(pair[0].coverage, pair[1].coverage);
            }
            for second in from..to {
                let of = |spans: &[Span]| spans.iter().filter(|s| s.from <= at(second) && at(second) < s.to).map(|s| s.coverage).max();
                prop_assert_eq!(of(&cut).unwrap(), of(&spans).unwrap_or(Coverage::NotCovered));
            }
        }
    }

    #[test]
    fn touching_spans_are_one() {
        let joined = union(vec![(at(5), at(6)), (at(0), at(2)), (at(2), at(3)), (at(1), at(2))]);
        assert_eq!(joined, [(at(0), at(3)), (at(5), at(6))]);
    }
}
