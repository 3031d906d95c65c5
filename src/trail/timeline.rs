//! Records of many files, each event once, in the order of time.
//!
//! The same event comes in several files: CloudTrail promises to deliver it at least once, and two trails deliver it to
//! the same bucket. The id tells. Everything that is kept is in memory, so this is for what a filter lets through.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiff::Timestamp;
use serde_json::Value;

use super::file::{Problem, Record};

/// Gathers records.
#[derive(Debug, Default)]
pub struct Timeline {
    events: HashMap<String, Event>,
    files: Vec<String>,
    contradictions: Vec<Problem>,
    duplicates: u64,
}

/// One event, as the best file tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When the call was made.
    pub time: Timestamp,
    /// The record.
    pub text: Box<str>,
    rank: u8,
    file: usize,
}

/// What was gathered.
#[derive(Debug, Default)]
pub struct Ordered {
    /// Id, file and event, by time and then by id.
    pub events: Vec<(String, String, Event)>,
    /// Events that two files tell differently.
    pub contradictions: Vec<Problem>,
    /// Records that told of an event once more.
    pub duplicates: u64,
}

impl Timeline {
    /// Adds the records of one file. Where two files tell of the same event, the one of higher rank is believed (such as
    /// one that a digest vouches for), among equals the first; if they differ, that is a contradiction, and told.
    pub fn add(&mut self, file: &str, rank: u8, records: Vec<Record>) {
        if records.is_empty() {
            return;
        }
        let number = self.files.len();
        self.files.push(file.to_owned());
        for Record { id, time, text } in records {
            let event = Event { time, text, rank, file: number };
            match self.events.entry(id) {
                Entry::Vacant(place) => drop(place.insert(event)),
                Entry::Occupied(mut place) => {
                    self.duplicates += 1;
                    let known = place.get();
                    if !is_same(&known.text, &event.text) {
                        let other = self.files.get(known.file).map_or("", String::as_str);
                        let reason = format!("event `{}` differs from the one in `{other}`", place.key());
                        self.contradictions.push(Problem { file: file.to_owned(), record: None, reason });
                    }
                    if rank > known.rank {
                        place.insert(event);
                    }
                }
            }
        }
    }

    /// Everything in its order.
    pub fn ordered(self) -> Ordered {
        let Self { events, files, contradictions, duplicates } = self;
        let file = |event: &Event| files.get(event.file).cloned().unwrap_or_default();
        let mut events: Vec<_> = events.into_iter().map(|(id, event)| (id, file(&event), event)).collect();
        events.sort_by(|(id, _, event), (other_id, _, other)| (event.time, id).cmp(&(other.time, other_id)));
        Ordered { events, contradictions, duplicates }
    }
}

/// Whether two records say the same, however they are spaced and in whatever order their members stand.
fn is_same(one: &str, other: &str) -> bool {
    let value = |text| serde_json::from_str::<Value>(text).ok();
    one == other || (value(one).is_some() && value(one) == value(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str, second: u8, more: &str) -> Record {
        let time = format!("2026-05-04T09:30:{second:02}Z");
        let text = format!(r#"{{"eventID":"{id}","eventTime":"{time}"{more}}}"#);
        Record { id: id.to_owned(), time: time.parse().unwrap(), text: text.into() }
    }

    fn ids(ordered: &Ordered) -> Vec<&str> {
        ordered.events.iter().map(|(id, _, _)| id.as_str()).collect()
    }

    #[test]
    fn each_event_comes_once_in_the_order_of_time_and_then_of_ids() {
        let mut timeline = Timeline::default();
        timeline.add("late", 0, vec![record("d", 9, ""), record("b", 5, ""), record("a", 5, "")]);
        timeline.add("early", 0, vec![record("c", 1, ""), record("b", 5, "")]);
        let ordered = timeline.ordered();
        assert_eq!(ids(&ordered), ["c", "a", "b", "d"]);
        assert_eq!((ordered.duplicates, ordered.contradictions.len()), (1, 0));
        assert_eq!(ordered.events[2].1, "late", "the first file that told it");
    }

    #[test]
    fn the_better_file_is_believed_and_a_difference_is_told() {
        for (first, second) in [(0, 1), (1, 0)] {
            let mut timeline = Timeline::default();
            timeline.add(
                if first == 1 { "good" } else { "bad" },
                first,
                vec![record("a", 1, if first == 1 { "" } else { r#","x":1"# })],
            );
            timeline.add(
                if second == 1 { "good" } else { "bad" },
                second,
                vec![record("a", 1, if second == 1 { "" } else { r#","x":1"# })],
            );
            let ordered = timeline.ordered();
            assert_eq!(ordered.events[0].1, "good");
            assert!(ordered.contradictions[0].reason.contains("event `a` differs from the one in `"));
        }
    }

    #[test]
    fn spaces_and_order_make_no_difference() {
        assert!(is_same(r#"{"a":1,"b":[2]}"#, r#"{ "b" : [ 2 ], "a": 1 }"#));
        assert!(!is_same(r#"{"a":1}"#, r#"{"a":2}"#));
        assert!(!is_same("{", "["));
    }
}
