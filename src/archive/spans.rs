//! Windows of many runs, joined: runs overlap, so what they read completely is one long span with few holes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::contents::{At, Windows};
use super::record::Item;
use crate::evidence::{EventWindow, LogWindow, Snapshot};

type Span = (Timestamp, Timestamp);

/// Account, region and what the spans are of, with the spans and how many files each rests on.
type Spans<Of> = BTreeMap<(String, String, Of), Vec<(Span, u64)>>;

impl Windows {
    /// The windows of a snapshot. What is younger than `latency` may not have been delivered yet: a later run that does
    /// not reach back to it would leave it unread, so no window is remembered up to there.
    pub(super) fn of(snapshot: &Snapshot, latency: SignedDuration) -> Self {
        let facts = &snapshot.facts;
        let events = facts.event_windows.iter().filter_map(|fact| {
            let to = fact.data.to.checked_sub(latency).ok().filter(|to| *to >= fact.data.from)?;
            Some(at(&fact.account, &fact.region, EventWindow { to, ..fact.data.clone() }))
        });
        let logs = facts.log_windows.iter().map(|fact| at(&fact.account, &fact.region, fact.data.clone()));
        let read = snapshot.scope.places().filter(|(account, region)| !snapshot.scope.is_closed(account, region));
        let listed = facts.objects.iter().map(|fact| (fact.account.as_str(), fact.region.as_str()));
        let places: BTreeSet<(&str, &str)> = read.chain(listed).collect();
        let listed = places.into_iter().map(|(account, region)| at(account, region, snapshot.as_of));
        Self { events: events.collect(), logs: logs.collect(), listed: listed.collect() }
    }

    /// When the artifacts of a place were last listed.
    pub(super) fn listed(&self, account: &str, region: &str) -> Option<Timestamp> {
        self.listed.iter().find(|it| (it.account.as_str(), it.region.as_str()) == (account, region)).map(|it| it.data)
    }

    /// When a listing was last seen as it is.
    pub(super) fn last_seen(&self, listing: &Item) -> Timestamp {
        listing.until.or_else(|| self.listed(&listing.account, &listing.region)).unwrap_or(listing.time)
    }

    /// Everything that either of them covers.
    pub(super) fn join(self, other: Self) -> Self {
        let mut events: Spans<(String, String)> = BTreeMap::new();
        for At { account, region, data } in self.events.into_iter().chain(other.events) {
            let of = (account, region, (data.event_source, data.event_name));
            events.entry(of).or_default().push(((data.from, data.to), 0));
        }
        let mut logs: Spans<(String, bool)> = BTreeMap::new();
        for At { account, region, data } in self.logs.into_iter().chain(other.logs) {
            let of = (account, region, (data.source, data.verified));
            logs.entry(of).or_default().push(((data.from, data.to), data.files));
        }
        let events = events.into_iter().flat_map(|((account, region, (event_source, event_name)), spans)| {
            joined(spans).into_iter().map(move |((from, to), _)| {
                let (event_name, event_source) = (event_name.clone(), event_source.clone());
                at(&account, &region, EventWindow { event_name, event_source, from, to })
            })
        });
        let logs = logs.into_iter().flat_map(|((account, region, (source, verified)), spans)| {
            joined(spans).into_iter().map(move |((from, to), files)| {
                at(&account, &region, LogWindow { source: source.clone(), from, to, verified, files })
            })
        });
        let mut listed: BTreeMap<(String, String), Timestamp> = BTreeMap::new();
        for At { account, region, data } in self.listed.into_iter().chain(other.listed) {
            let last = listed.entry((account, region)).or_insert(data);
            *last = data.max(*last);
        }
        let listed = listed.into_iter().map(|((account, region), last)| At { account, region, data: last });
        Self { events: events.collect(), logs: logs.collect(), listed: listed.collect() }
    }
}

fn at<T>(account: &str, region: &str, data: T) -> At<T> {
    At { account: account.to_owned(), region: region.to_owned(), data }
}

/// Spans that touch or overlap as one. Runs read mostly the same files, so of the numbers beside them the largest counts.
fn joined(mut spans: Vec<(Span, u64)>) -> Vec<(Span, u64)> {
    spans.retain(|((from, to), _)| from <= to);
    spans.sort_unstable();
    let mut out: Vec<(Span, u64)> = Vec::with_capacity(spans.len());
    for ((from, to), number) in spans {
        match out.last_mut() {
            Some(((_, until), most)) if from <= *until => {
                *until = to.max(*until);
                *most = number.max(*most);
            }
            _ => out.push(((from, to), number)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn windows(spans: &[(i64, i64)]) -> Windows {
        let window = |&(from, to): &(i64, i64)| EventWindow {
            event_name: "CreateModel".to_owned(),
            event_source: "sagemaker.amazonaws.com".to_owned(),
            from: Timestamp::from_second(from).unwrap(),
            to: Timestamp::from_second(to).unwrap(),
        };
        let events = spans.iter().map(|span| at("111122223333", "eu-central-1", window(span))).collect();
        Windows { events, ..Windows::default() }
    }

    fn covers(windows: &Windows, second: i64) -> bool {
        let second = Timestamp::from_second(second).unwrap();
        windows.events.iter().any(|window| window.data.from <= second && second <= window.data.to)
    }

    #[test]
    fn runs_that_overlap_leave_one_span_and_a_pause_leaves_a_hole() {
        let all = windows(&[(0, 90), (60, 150)]).join(windows(&[(200, 250)]));
        assert_eq!(all, windows(&[(0, 150), (200, 250)]));
    }

    proptest! {
        #[test]
        fn joining_covers_what_either_covers_and_nothing_else(
            a in prop::collection::vec((0..60_i64, 0..20_i64), 0..6),
            b in prop::collection::vec((0..60_i64, 0..20_i64), 0..6),
        ) {
            let spans = |list: &[(i64, i64)]| list.iter().map(|(from, length)| (*from, from + length)).collect::<Vec<_>>();
            let (a, b) = (windows(&spans(&a)), windows(&spans(&b)));
            let joined = a.clone().join(b.clone());
            for second in 0..90 {
                prop_assert_eq!(covers(&joined, second), covers(&a, second) || covers(&b, second), "at {}", second);
            }
            prop_assert_eq!(&joined.clone().join(Windows::default()), &joined);
            prop_assert_eq!(b.join(a), joined);
        }
    }
}
