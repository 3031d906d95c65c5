//! `countersign explain`: the words of a report in plain words.

use anyhow::anyhow;
use clap::Args;

use super::console::Console;
use super::glossary::{Entry, entries};
use super::plain::wrap;
use crate::policy::nearest::nearest;
use crate::run::Exit;

const EXAMPLES: &str = "\
Examples:
  countersign explain
  countersign explain operate-as-is
  countersign explain \"grade B\"";

/// Explains a word of the report in plain words, or lists the words
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Explain {
    /// A verdict, a status, a gate, a grade, or any other word of a report
    word: Vec<String>,
}

impl Explain {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        let columns = console.columns().min(100);
        let text = if self.word.is_empty() { list(columns) } else { explain(&self.word.join(" "), columns)? };
        console.print(text)?;
        Ok(Exit::Done)
    }
}

/// How words are compared: `FIX_CONTROLS_FIRST`, `fix-controls-first` and `fix controls first` are one.
fn fold(word: &str) -> String {
    word.to_lowercase().replace(['-', '_'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn names(entry: &Entry) -> impl Iterator<Item = &'static str> {
    std::iter::once(entry.word).chain(entry.also.iter().copied())
}

/// Every entry of this word: "pending" may be one of several things.
fn find(word: &str) -> Vec<&'static Entry> {
    let asked = fold(word);
    let is_named = |entry: &&Entry| names(entry).any(|name| fold(name) == asked);
    let with_kind = |entry: &&Entry| fold(&format!("{} {}", entry.kind, entry.word)) == asked;
    entries().filter(|entry| is_named(entry) || with_kind(entry)).collect()
}

fn explain(word: &str, columns: usize) -> anyhow::Result<String> {
    let found = find(word);
    if found.is_empty() {
        let meant = nearest(&fold(word), entries().flat_map(names));
        let meant = meant.map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default();
        return Err(anyhow!("`{word}` is not in the glossary; {meant}`countersign explain` lists the words"));
    }
    let texts = found.iter().map(|entry| {
        format!("{} ({})\n  {}\n", entry.word, entry.kind, wrap(entry.text, columns.saturating_sub(2), "  "))
    });
    Ok(texts.collect::<Vec<_>>().join("\n"))
}

fn list(columns: usize) -> String {
    let mut text = String::new();
    let mut kinds: Vec<&str> = Vec::new();
    for entry in entries() {
        if !kinds.contains(&entry.kind) {
            kinds.push(entry.kind);
        }
    }
    for kind in kinds {
        let words: Vec<&str> = entries().filter(|entry| entry.kind == kind).map(|entry| entry.word).collect();
        text.push_str(&wrap(&format!("{kind}: {}", words.join(", ")), columns, "  "));
        text.push('\n');
    }
    text.push_str("\n`countersign explain WORD` explains one; `countersign controls CODE` explains a control.\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::{Gate, Severity, Status};
    use crate::cost::{CostSource, WasteKind};
    use crate::estate::{CoverageState, Fault, Grade, Hosting, ServingPath, Signal};
    use crate::policy::{Profile, Stage};
    use crate::readiness::ReadinessVerdict;
    use crate::report::document::{Cause, Change, FindingState, ToldState};

    /// Every value of an enum that a report prints. Each `match` refuses to compile once a value is missing here.
    fn printed() -> Vec<(&'static str, String)> {
        let name = |value: serde_json::Value| value.as_str().unwrap().to_owned();
        macro_rules! all {
            ($kind:literal, $type:ident: $($value:ident)*) => {{
                #[allow(dead_code, reason = "it only has to compile")]
                fn complete(value: $type) { match value { $($type::$value => (),)* } }
                vec![$(($kind, name(serde_json::to_value($type::$value).unwrap()))),*]
            }};
        }
        let mut values = all!("verdict", ReadinessVerdict: Stop FixControlsFirst KeepInPilot OperateAsIs Expand);
        values.extend(all!("status", Status: Pass Fail Unknown NotApplicable Waived));
        values.extend(all!("severity", Severity: Info Low Medium High Critical));
        values.extend(all!("gate", Gate: Stop Fix Operability Expansion Advisory));
        values.extend(all!("grade", Grade: A B C D E F None));
        values.extend(all!("serving path", ServingPath: Variant Shadow Component Pool MultiModel Batch));
        values.extend(all!("hosting", Hosting: RealTime Serverless Asynchronous Batch));
        values.extend(all!("signal", Signal: Errors Latency Silence Saturation Drift ResponsibleAi Business Other));
        values
            .extend(all!("fault", Fault: RequestsFail LatencyTriples TrafficStops InstanceSaturates PredictionsDrift));
        values.extend(all!("told", ToldState: Nobody Unknown Human NotApplicable));
        values.extend(all!("coverage", CoverageState: Covered Broken Missing NotApplicable Unknown));
        values.extend(all!("stage", Stage: Production Pilot Development));
        values.extend(all!("profile", Profile: Standard Regulated));
        values.extend(all!("state", FindingState: New Open Reopened Healed));
        values.extend(all!("change", Change: New Reopened OutOfSight Healed Waived BackInSight Gone));
        values.extend(all!("cause", Cause: Estate Policy Controls Permission Reading Time));
        values.extend(all!("cost source", CostSource: BilledByResource BilledByTag Estimate));
        values.extend(all!("waste", WasteKind: Idle OverProvisioned ServerlessCandidate BoundedScaling UnusedCapacity
            Notebook Recommended));
        values
    }

    #[test]
    fn every_printed_value_is_explained() {
        for (kind, value) in printed() {
            let entries = find(&value);
            assert!(entries.iter().any(|entry| entry.kind == kind), "the glossary lacks the {kind} `{value}`");
        }
        for word in [
            "replay",
            "monitor",
            "retraining path",
            "fact",
            "gap",
            "live version",
            "waiver",
            "manifest",
            "evidence horizon",
            "baseline",
            "known",
            "first seen",
            "provenance",
            "snapshot",
            "estate",
            "serving path",
            "control",
            "finding",
            "status",
            "severity",
            "gate",
            "readiness",
            "flip set",
            "fingerprint",
            "evidence",
            "version key",
            "four eyes",
            "as of",
            "sink",
        ] {
            assert!(!find(word).is_empty(), "the glossary lacks `{word}`");
        }
    }

    #[test]
    fn no_two_entries_of_a_kind_share_a_word() {
        let mut seen = std::collections::BTreeSet::new();
        for entry in entries() {
            for name in names(entry) {
                assert!(seen.insert((entry.kind, fold(name))), "{name} twice among {}", entry.kind);
            }
            assert!(entry.text.ends_with('.'), "{}", entry.word);
        }
    }

    #[test]
    fn words_are_found_however_they_are_written() {
        for word in ["operate-as-is", "OPERATE_AS_IS", "operate as is", "verdict operate as is"] {
            assert_eq!(find(word).len(), 1, "{word}");
        }
        assert!(explain("stop", 80).unwrap().matches("(").count() >= 2, "a verdict and a gate");
        assert!(explain("grade b", 80).unwrap().starts_with("B (grade)"));
        let error = explain("waver", 80).unwrap_err().to_string();
        assert!(error.contains("did you mean `waiver`?"), "{error}");
        assert!(list(80).lines().all(|line| line.chars().count() <= 88));
    }
}
