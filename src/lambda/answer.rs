//! What the function answers: small, since whoever invoked it keeps it, and state machines pass it on.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::gates::GateChange;
use crate::publish::Published;
use crate::report::escape::visible;
use crate::run::{Exit, Outcome};

/// The longest text that is passed on, in characters.
const LONGEST: usize = 500;
/// So many gate changes, files and sinks are told of by name.
const MOST: usize = 50;

/// The answer to one invocation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// What became of it.
    pub outcome: Did,
    /// Names the run, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// Id of the event, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Why nothing was done, or what else there is to say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What was looked at, where it was not everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub focus: Vec<String>,
    /// How a command would have ended: `done` or `sink_failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<String>,
    /// Live versions by verdict.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub verdicts: BTreeMap<String, usize>,
    /// What could not be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gaps: Option<usize>,
    /// Whether the time ran out before everything was read; the rest is among the gaps.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stopped_early: bool,
    /// The archive's entry, or why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<Told>,
    /// What became of each sink.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub published: Vec<Told>,
    /// Gates that changed, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// When to ask the same again with `countersign_attempt` 2: what looks unapproved may only not be told yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recheck_at: Option<Timestamp>,
}

/// What became of an invocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Did {
    /// The estate was read and judged, all of it or what an event names.
    #[default]
    Ran,
    /// Nothing: it is of no concern.
    Ignored,
}

/// What became of one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The place.
    pub to: String,
    /// What it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took: Option<String>,
    /// Why it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

impl Answer {
    /// Nothing was done, for this reason.
    pub fn nothing(outcome: Did, why: &str) -> Self {
        Self { outcome, notes: vec![short(why)], ..Self::default() }
    }

    /// What came of a run.
    pub fn of(run: &str, outcome: &Outcome, archive: Option<&str>) -> Self {
        let archived = outcome.archived.as_ref().map(|archived| {
            let told =
                archived.as_ref().map(|written| format!("entry {}, {} new objects", written.number, written.added));
            told_of(archive.unwrap_or("archive"), told.map_err(ToString::to_string))
        });
        let cancelled = outcome.report.gaps.iter().any(|gap| gap.cause == "cancelled");
        Self {
            outcome: Did::Ran,
            run: Some(run.to_owned()),
            focus: outcome.report.scope.focus.iter().take(MOST).map(|text| short(text)).collect(),
            exit: Some(exit(outcome.exit).to_owned()),
            verdicts: outcome.report.summary.by_verdict.clone().into_iter().filter(|(_, count)| *count > 0).collect(),
            gaps: Some(outcome.report.gaps.len()),
            stopped_early: cancelled,
            archived,
            published: outcome.published.iter().take(MOST).map(told).collect(),
            ..Self::default()
        }
    }

    /// Gates that changed.
    pub fn changes(&mut self, changed: &[GateChange]) {
        self.changed = changed.iter().take(MOST).map(|change| short(&change.words())).collect();
    }

    /// Something else to say.
    pub fn note(&mut self, note: &str) {
        self.notes.push(short(note));
    }

    /// Whether nothing came of it at all: there were places to write to, and none of them took anything.
    pub fn came_to_nothing(&self) -> bool {
        let mut places = self.archived.iter().chain(&self.published).peekable();
        places.peek().is_some() && places.all(|told| told.took.is_none())
    }

    /// Everything that failed, in words.
    pub fn failures(&self) -> String {
        let failed = self
            .archived
            .iter()
            .chain(&self.published)
            .filter_map(|told| told.failed.as_ref().map(|why| format!("{}: {why}", told.to)));
        failed.collect::<Vec<_>>().join("; ")
    }
}

fn told(published: &Published) -> Told {
    let result = published.result.as_ref();
    told_of(&published.sink, result.map(|delivery| delivery.words.clone()).map_err(ToString::to_string))
}

fn told_of(to: &str, result: Result<String, String>) -> Told {
    let (took, failed) = match result {
        Ok(took) => (Some(short(&took)), None),
        Err(failed) => (None, Some(short(&failed))),
    };
    Told { to: short(to), took, failed }
}

/// How a command would have ended, in a word.
fn exit(exit: Exit) -> &'static str {
    match exit {
        Exit::Done => "done",
        Exit::Findings => "findings",
        Exit::CouldNotRun => "could_not_run",
        Exit::Incomplete => "incomplete",
        Exit::SinkFailed => "sink_failed",
    }
}

/// What strangers named may be long, and may hold what steers a terminal.
pub(super) fn short(text: &str) -> String {
    let shown = visible(text);
    if shown.chars().count() <= LONGEST {
        return shown.to_string();
    }
    shown.chars().take(LONGEST).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_small_and_comes_back_as_it_was() {
        let answer = Answer::nothing(Did::Ignored, &format!("\u{1b}[31m{}", "x".repeat(9_000)));
        let text = serde_json::to_string(&answer).unwrap();
        assert!(text.len() < 700 && !text.contains("u001b"), "{text}");
        assert_eq!(serde_json::from_str::<Answer>(&text).unwrap(), answer);
    }

    #[test]
    fn a_run_of_which_nobody_took_anything_came_to_nothing() {
        let told = |took: Option<&str>| Told {
            to: "x".to_owned(),
            took: took.map(str::to_owned),
            failed: took.is_none().then(|| "refused".to_owned()),
        };
        let answer = |published: &[Option<&str>]| Answer {
            published: published.iter().map(|took| told(*took)).collect(),
            ..Answer::default()
        };
        assert!(!answer(&[]).came_to_nothing(), "nobody was to be told");
        assert!(!answer(&[None, Some("6 files")]).came_to_nothing());
        assert!(answer(&[None, None]).came_to_nothing());
        assert!(answer(&[None]).failures().contains("x: refused"));
    }
}
