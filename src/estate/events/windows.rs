//! How far events were read: "no such event" says something only where all of them were.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::estate::index::{Place, place};
use crate::evidence::{EventWindow, Fact, FactKind, Facts, Gap, LogWindow, ResourceKey};

/// Whether every event of one name was read over a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cover {
    /// Some part of it was not read.
    No,
    /// All of it was read, some of it in log files that no digest vouches for: one that was taken away would not show.
    Unverified,
    /// All of it was read.
    Whole,
}

impl Cover {
    /// Whether "no such event" says that there was none. Log files without digests do not: one that was taken away, or the
    /// hours over which the trail was switched off, leave nothing behind.
    pub fn is_whole(self) -> bool {
        self == Self::Whole
    }
}

type Span = (Timestamp, Timestamp);
/// Account and region, event source, event name.
type Watch<'a> = (Place<'a>, &'a str, &'a str);

/// Spans that were read, from all sources: the event history by name, log files with all that is watched in them, and
/// the same as earlier runs read and archived it.
#[derive(Debug, Default)]
pub(super) struct Windows<'a> {
    named: BTreeMap<Watch<'a>, Vec<Span>>,
    verified: BTreeMap<Place<'a>, Vec<Span>>,
    unverified: BTreeMap<Place<'a>, Vec<Span>>,
}

impl<'a> Windows<'a> {
    /// Indexes the windows of a snapshot. A window over which there is a gap covers nothing.
    pub(super) fn new(facts: &'a Facts, gaps: &[Gap]) -> Self {
        let mut windows = Self::default();
        let whole = |window: &&Fact<EventWindow>| {
            let key = ResourceKey::new(FactKind::TrailEvents, &window.data.event_name);
            !gaps.iter().any(|gap| gap.covers(&window.account, &window.region, &key))
        };
        let read = facts.event_windows.iter().filter(whole).map(|fact| (place(fact), &fact.data));
        let remembered = facts.remembered_windows.iter().map(|fact| (place(fact), &fact.data.data));
        for (place, window) in read.chain(remembered) {
            windows.add(place, window);
        }
        let remembered = facts.remembered_log_windows.iter().map(|fact| (place(fact), &fact.data.data));
        for (place, window) in facts.log_windows.iter().map(|fact| (place(fact), &fact.data)).chain(remembered) {
            windows.add_logs(place, window);
        }
        windows
    }

    fn add(&mut self, place: Place<'a>, window: &'a EventWindow) {
        let watch = (place, window.event_source.as_str(), window.event_name.as_str());
        self.named.entry(watch).or_default().push((window.from, window.to));
    }

    fn add_logs(&mut self, place: Place<'a>, window: &'a LogWindow) {
        let spans = if window.verified { &mut self.verified } else { &mut self.unverified };
        spans.entry(place).or_default().push((window.from, window.to));
    }

    /// Whether every event of one name was read from one instant to another.
    pub(super) fn cover(&self, watch: Watch<'_>, from: Timestamp, to: Timestamp) -> Cover {
        if self.reach(watch, to, false).is_some_and(|since| since <= from) {
            Cover::Whole
        } else if self.reach(watch, to, true).is_some_and(|since| since <= from) {
            Cover::Unverified
        } else {
            Cover::No
        }
    }

    /// The earliest instant from which on every event of one name was read until `to`. Spans that touch are one.
    pub(super) fn reach(&self, watch: Watch<'_>, to: Timestamp, unverified: bool) -> Option<Timestamp> {
        let (place, ..) = watch;
        let logs = self.verified.get(&place).into_iter().chain(self.unverified.get(&place).filter(|_| unverified));
        let mut spans: Vec<Span> = self.named.get(&watch).into_iter().chain(logs).flatten().copied().collect();
        // By their ends, latest first: each either reaches on to what is covered so far, or nothing later does.
        spans.sort_unstable_by_key(|(from, until)| (std::cmp::Reverse(*until), *from));
        let mut since = None;
        for (from, until) in spans {
            if from > until || until < since.unwrap_or(to) {
                continue;
            }
            if from <= since.unwrap_or(to) {
                since = Some(from);
            }
        }
        since
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::super::super::fixture::*;
    use super::*;
    use crate::evidence::Remembered;

    const WATCH: Watch<'static> = ((ACCOUNT, REGION), "sagemaker.amazonaws.com", "CreateModel");

    fn hour(hour: i64) -> Timestamp {
        at("2026-01-01T00:00:00Z") + SignedDuration::from_hours(hour)
    }

    fn fact<T>(data: T) -> Fact<T> {
        Fact { account: ACCOUNT.to_owned(), region: REGION.to_owned(), seen: Vec::new(), data }
    }

    fn remembered<T>(data: T) -> Fact<Remembered<T>> {
        fact(Remembered { entry: "sha256:1".to_owned(), seen_at: hour(0), data })
    }

    fn logs(from: i64, to: i64, verified: bool) -> LogWindow {
        LogWindow { source: "s3://trail".to_owned(), from: hour(from), to: hour(to), verified, files: 1 }
    }

    fn facts(spans: &[(i64, i64, u8)]) -> Facts {
        let mut facts = Facts::default();
        for (from, to, kind) in spans.iter().copied() {
            let window = EventWindow { from: hour(from), to: hour(to), ..window("CreateModel") };
            match kind {
                0 => facts.event_windows.push(fact(window)),
                1 => facts.remembered_windows.push(remembered(window)),
                2 => facts.log_windows.push(fact(logs(from, to, true))),
                3 => facts.remembered_log_windows.push(remembered(logs(from, to, true))),
                4 => facts.log_windows.push(fact(logs(from, to, false))),
                _ => facts.remembered_log_windows.push(remembered(logs(from, to, false))),
            }
        }
        facts
    }

    #[test]
    fn spans_of_all_sources_join_where_they_touch() {
        let facts = facts(&[(0, 4, 1), (4, 6, 2), (6, 9, 0)]);
        let windows = Windows::new(&facts, &[]);
        assert_eq!(windows.cover(WATCH, hour(0), hour(9)), Cover::Whole);
        assert_eq!(windows.reach(WATCH, hour(9), false), Some(hour(0)));
        assert_eq!(windows.cover(WATCH, hour(0), hour(10)), Cover::No);
        let other = (WATCH.0, WATCH.1, "CreateEndpoint");
        assert_eq!(windows.cover(other, hour(4), hour(6)), Cover::Whole, "log files hold every name");
        assert_eq!(windows.cover(other, hour(3), hour(6)), Cover::No);
        let elsewhere = (("999988887777", REGION), WATCH.1, WATCH.2);
        assert_eq!(windows.cover(elsewhere, hour(4), hour(6)), Cover::No);
        let same_name = (WATCH.0, "apigateway.amazonaws.com", WATCH.2);
        assert_eq!(windows.cover(same_name, hour(6), hour(9)), Cover::No);
    }

    #[test]
    fn what_rests_on_files_that_nothing_vouches_for_says_so() {
        let facts = facts(&[(0, 5, 4), (4, 9, 0)]);
        let windows = Windows::new(&facts, &[]);
        assert_eq!(windows.cover(WATCH, hour(0), hour(9)), Cover::Unverified);
        assert_eq!(windows.cover(WATCH, hour(4), hour(9)), Cover::Whole);
    }

    proptest! {
        #[test]
        fn the_union_covers_what_brute_force_covers(
            spans in prop::collection::vec((0..24_i64, 0..24_i64, 0..6_u8), 0..10),
            from in 0..24_i64,
            length in 1..24_i64,
        ) {
            let to = from + length;
            // Hour by hour: spans begin and end on the hour, so an hour is covered by one span or not at all.
            let covered = |verified_only: bool| (from..to).all(|h| spans.iter().any(|(begin, end, kind)| {
                *begin <= h && h < *end && !(verified_only && *kind >= 4)
            }));
            let expected = if covered(true) { Cover::Whole } else if covered(false) { Cover::Unverified } else { Cover::No };
            let facts = facts(&spans);
            prop_assert_eq!(Windows::new(&facts, &[]).cover(WATCH, hour(from), hour(to)), expected);
        }
    }
}
