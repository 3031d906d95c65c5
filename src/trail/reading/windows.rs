//! From deliveries to calls: over which time every call is in the files that were read.
//!
//! A file is delivered within about five minutes after a call, on average; this takes [`LAG`] for it, as AWS says that most
//! are. So deliveries from one instant to another tell of every call from the first until shortly before the second.
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html>

use jiff::{SignedDuration, Timestamp};

use crate::trail::digest::{Coverage, Span};

/// How long after a call its file is delivered at the latest, as far as this goes.
pub(super) const LAG: SignedDuration = SignedDuration::from_mins(15);

/// A span from one instant to another, and whether digests vouch for it.
type Piece = (Timestamp, Timestamp, bool);

/// The spans of one account and region over which every call is in a file that was read. `spans` say what digests vouch for,
/// by organization or not; `delivered` when files were delivered; `cuts` are deliveries that could not be read.
pub(super) fn of(
    since: Timestamp,
    until: Timestamp,
    spans: &[Vec<Span>],
    delivered: &[Timestamp],
    cuts: &[(Timestamp, Timestamp)],
) -> Vec<Piece> {
    let uncovered = [Span { from: since, to: until, coverage: Coverage::NotCovered }];
    // The files of an account lie in one place; where they lie in two, the one with digests tells more.
    let spans = spans.iter().max_by_key(|spans| covered(spans)).map_or(uncovered.as_slice(), Vec::as_slice);
    let valid = |span: &Span| span.coverage == Coverage::Valid;
    let mut pieces = Vec::new();
    for (at, span) in spans.iter().enumerate() {
        let (before, after) = (spans.get(..at).unwrap_or_default(), spans.get(at + 1..).unwrap_or_default());
        // Between two chains the trail may have been switched off: only the files in between say that it was not.
        let between = before.iter().any(valid) && after.iter().any(valid);
        let told = delivered.iter().filter(|time| !between || (span.from..=span.to).contains(*time));
        let (first, last) = (told.clone().min().copied(), told.max().copied());
        match (span.coverage, first, last) {
            (Coverage::Valid, ..) => pieces.push((span.from, span.to, true)),
            // Without digests, it is known only that files came from the first to the last.
            (Coverage::NotCovered, Some(first), Some(last)) => {
                pieces.push((span.from.max(first), span.to.min(last), false));
            }
            _ => {}
        }
    }
    let pieces: Vec<Piece> = pieces.into_iter().flat_map(|piece| without(piece, cuts)).collect();
    calls(&pieces)
}

fn covered(spans: &[Span]) -> SignedDuration {
    let valid = spans.iter().filter(|span| span.coverage == Coverage::Valid);
    valid.fold(SignedDuration::ZERO, |sum, span| sum.saturating_add(span.to.duration_since(span.from)))
}

/// A piece without the cuts, which are in order.
fn without((from, to, verified): Piece, cuts: &[(Timestamp, Timestamp)]) -> Vec<Piece> {
    let (mut rest, mut begin) = (Vec::new(), from);
    for (cut_from, cut_to) in cuts {
        if *cut_to <= begin || *cut_from >= to {
            continue;
        }
        rest.push((begin, *cut_from, verified));
        begin = begin.max(*cut_to);
    }
    rest.push((begin, to, verified));
    rest.retain(|(from, to, _)| from < to);
    rest
}

/// From spans of deliveries to spans of calls. A call of the last minutes of one piece may be delivered in the next, so it is
/// told for sure only if that was read, and proved only if that is proved.
fn calls(pieces: &[Piece]) -> Vec<Piece> {
    let earlier = |time: Timestamp| time.checked_sub(LAG).unwrap_or(time);
    let mut spans = Vec::new();
    for (at, (from, to, verified)) in pieces.iter().copied().enumerate() {
        let before = at.checked_sub(1).and_then(|at| pieces.get(at)).filter(|before| before.1 == from);
        let after = pieces.get(at + 1).filter(|after| after.0 == to);
        let begin = if !verified && before.is_some_and(|before| before.2) { earlier(from) } else { from };
        let end = if after.is_some_and(|after| after.2 || !verified) { to } else { earlier(to) };
        if begin < end {
            spans.push((begin, end, verified));
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        format!("2026-05-04T{time}:00Z").parse().unwrap()
    }

    fn span(from: &str, to: &str, coverage: Coverage) -> Span {
        Span { from: at(from), to: at(to), coverage }
    }

    fn windows(spans: &[Span], delivered: &[&str], cuts: &[(&str, &str)]) -> Vec<(String, String, bool)> {
        let delivered: Vec<Timestamp> = delivered.iter().map(|time| at(time)).collect();
        let cuts: Vec<_> = cuts.iter().map(|(from, to)| (at(from), at(to))).collect();
        let spans = if spans.is_empty() { vec![] } else { vec![spans.to_vec()] };
        let found = of(at("00:00"), at("12:00"), &spans, &delivered, &cuts);
        let time = |time: Timestamp| time.strftime("%H:%M").to_string();
        found.into_iter().map(|(from, to, verified)| (time(from), time(to), verified)).collect()
    }

    fn expected(spans: &[(&str, &str, bool)]) -> Vec<(String, String, bool)> {
        spans.iter().map(|(from, to, verified)| ((*from).to_owned(), (*to).to_owned(), *verified)).collect()
    }

    #[test]
    fn without_digests_the_files_tell_from_the_first_to_the_last() {
        assert_eq!(windows(&[], &["03:00", "02:00", "09:00"], &[]), expected(&[("02:00", "08:45", false)]));
        assert_eq!(windows(&[], &[], &[]), []);
        assert_eq!(windows(&[], &["02:00"], &[]), []);
    }

    #[test]
    fn digests_vouch_for_hours_without_a_file() {
        let valid = [span("00:00", "11:00", Coverage::Valid), span("11:00", "12:00", Coverage::NotCovered)];
        assert_eq!(windows(&valid, &[], &[]), expected(&[("00:00", "10:45", true)]));
        let later = expected(&[("00:00", "10:45", true), ("10:45", "11:15", false)]);
        assert_eq!(windows(&valid, &["01:00", "11:30"], &[]), later, "what comes later is read, too");
    }

    #[test]
    fn what_touches_goes_on_and_what_is_broken_does_not() {
        let spans = [
            span("00:00", "02:00", Coverage::NotCovered),
            span("02:00", "05:00", Coverage::Valid),
            span("05:00", "06:00", Coverage::Invalid),
            span("06:00", "12:00", Coverage::Valid),
        ];
        let told = [("01:00", "02:00", false), ("02:00", "04:45", true), ("06:00", "11:45", true)];
        assert_eq!(windows(&spans, &["01:00", "04:00"], &[]), expected(&told));
    }

    #[test]
    fn between_two_chains_only_the_files_in_between_say_that_the_trail_was_not_switched_off() {
        let spans = [
            span("00:00", "03:00", Coverage::Valid),
            span("03:00", "09:00", Coverage::NotCovered),
            span("09:00", "12:00", Coverage::Valid),
        ];
        let told = expected(&[("00:00", "02:45", true), ("09:00", "11:45", true)]);
        assert_eq!(windows(&spans, &["01:00", "10:00"], &[]), told);
        let told = expected(&[("00:00", "02:45", true), ("05:00", "06:45", false), ("09:00", "11:45", true)]);
        assert_eq!(windows(&spans, &["01:00", "05:00", "07:00", "10:00"], &[]), told);
    }

    #[test]
    fn a_file_that_could_not_be_read_leaves_a_hole() {
        let valid = [span("00:00", "12:00", Coverage::Valid)];
        let told = [("00:00", "02:30", true), ("03:00", "11:45", true)];
        assert_eq!(windows(&valid, &[], &[("02:45", "03:00")]), expected(&told));
        assert_eq!(windows(&valid, &[], &[("00:00", "12:00")]), []);
    }
}
