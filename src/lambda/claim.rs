//! Each event is looked at once, although EventBridge and Lambda may deliver it more than once: who looks at it writes so
//! into the state, under a condition, and leaves the answer there.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use crate::store::{Store, StoreError, StoreErrorKind, Tag};

/// Name and version of the marker.
const SCHEMA: &str = "countersign.event/1";

/// What lies in the state for each event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Marker {
    schema: String,
    /// The invocation that looks at it. One that Lambda repeats keeps its name.
    claimed_by: String,
    /// When that invocation is over, whether or not it came to an end.
    expires: Timestamp,
    /// What it answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
}

/// What became of the attempt to be the one who looks.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// This invocation does.
    Mine(Box<Held>),
    /// Another one did, with this answer.
    Answered(Box<Answer>),
    /// Another one does, until then at most.
    UnderWay(Timestamp),
}

/// An event that this invocation looks at.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    key: String,
    marker: Marker,
    tag: Tag,
}

/// Tries to be the one who looks at an event. `by` names the invocation, which is over at `expires`.
///
/// # Errors
/// If the state cannot be read or written.
pub fn claim(
    store: &dyn Store,
    (id, attempt): (&str, u64),
    by: &str,
    now: Timestamp,
    expires: Timestamp,
) -> Result<Claim, StoreError> {
    let key = if attempt > 1 { format!("events/{id}-{attempt}.json") } else { format!("events/{id}.json") };
    let marker = Marker { schema: SCHEMA.to_owned(), claimed_by: by.to_owned(), expires, answer: None };
    match store.put_new(&key, &bytes(&marker)) {
        Ok(tag) => return Ok(Claim::Mine(Box::new(Held { key, marker, tag }))),
        Err(error) if error.kind == StoreErrorKind::Exists => {}
        Err(error) => return Err(error),
    }
    let found = store.get(&key)?;
    // What cannot be read was not written by this version, or was cut off: it holds nobody back.
    if let Ok(other) = serde_json::from_slice::<Marker>(&found.bytes) {
        if let Some(answer) = other.answer {
            return Ok(Claim::Answered(Box::new(answer)));
        }
        if other.expires > now && other.claimed_by != by {
            return Ok(Claim::UnderWay(other.expires));
        }
    }
    match store.replace(&key, &bytes(&marker), &found.tag) {
        Ok(tag) => Ok(Claim::Mine(Box::new(Held { key, marker, tag }))),
        Err(error) if error.kind == StoreErrorKind::Changed => Ok(Claim::UnderWay(expires)),
        Err(error) => Err(error),
    }
}

impl Held {
    /// Leaves the answer for whoever comes with the same event.
    ///
    /// # Errors
    /// If the state cannot be written, or somebody else has taken the event over.
    pub fn answered(self, store: &dyn Store, answer: &Answer) -> Result<(), StoreError> {
        let marker = Marker { answer: Some(answer.clone()), ..self.marker };
        store.replace(&self.key, &bytes(&marker), &self.tag).map(drop)
    }

    /// Gives it up: nothing was done, and whoever comes next may try.
    ///
    /// # Errors
    /// If the state cannot be written, or somebody else has taken the event over.
    pub fn released(self, store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
        let marker = Marker { expires: now, ..self.marker };
        store.replace(&self.key, &bytes(&marker), &self.tag).map(drop)
    }
}

fn bytes(marker: &Marker) -> Vec<u8> {
    // A marker holds nothing that JSON cannot; an empty one would hold nobody back.
    serde_json::to_vec(marker).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::answer::Did;
    use super::*;
    use crate::store::Folder;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    const NOW: &str = "2026-11-20T09:00:00Z";
    const END: &str = "2026-11-20T09:15:00Z";

    fn try_for(store: &Folder, by: &str, now: &str) -> Claim {
        claim(store, ("e-1", 1), by, at(now), at(now) + jiff::SignedDuration::from_mins(15)).unwrap()
    }

    fn mine(claim: Claim) -> Held {
        match claim {
            Claim::Mine(held) => *held,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_second_gets_the_answer_of_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(folder.path());
        let held = mine(try_for(&store, "a", NOW));
        assert_eq!(try_for(&store, "b", NOW), Claim::UnderWay(at(END)));
        let answer = Answer::nothing(Did::Ignored, "x");
        held.answered(&store, &answer).unwrap();
        for by in ["a", "b"] {
            assert_eq!(try_for(&store, by, END), Claim::Answered(Box::new(answer.clone())));
        }
        let again = claim(&store, ("e-1", 2), "c", at(NOW), at(END)).unwrap();
        assert!(matches!(again, Claim::Mine(_)), "the second look is another one");
    }

    #[test]
    fn one_who_crashed_is_followed_by_itself_at_once_and_by_others_after_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(folder.path());
        let lost = mine(try_for(&store, "a", NOW));
        mine(try_for(&store, "a", NOW));
        assert!(matches!(try_for(&store, "b", "2026-11-20T09:14:59Z"), Claim::UnderWay(_)));
        mine(try_for(&store, "b", END));
        let late = lost.answered(&store, &Answer::default()).unwrap_err();
        assert_eq!(late.kind, StoreErrorKind::Changed, "whoever was overtaken changes nothing");
    }

    #[test]
    fn what_was_given_up_or_is_damaged_holds_nobody_back() {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(folder.path());
        mine(try_for(&store, "a", NOW)).released(&store, at(NOW)).unwrap();
        mine(try_for(&store, "b", NOW));
        std::fs::write(folder.path().join("events/e-1.json"), "{").unwrap();
        mine(try_for(&store, "c", NOW));
    }
}
