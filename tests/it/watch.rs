//! What watches, end to end on the emulator: an estate in which every way that an alarm, a monitor or a rollout can fail is
//! planted once, read by the binary, and held against the truth that was written by hand (`localstack/estates/watch_truth.py`).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::emulator_or_skip;
use crate::support::report::{Report, planted};
use crate::support::{against, fast_policy, fresh_account, parts, run, seed};

/// The instant at which the story ends.
const AS_OF: &str = "1795165200"; // 2026-11-20T09:00:00Z

/// The estate, read once.
struct Watch {
    truth: Value,
    report: Report,
}

impl Watch {
    fn read(endpoint: &str) -> Self {
        let account = fresh_account();
        let folder = tempfile::tempdir().expect("a folder");
        let policy = folder.path().join("watch.toml").display().to_string();
        let truth = seed(endpoint, "watch", &account, &["--policy", &policy]);
        let pace = std::fs::read_to_string(fast_policy()).expect("a pace");
        let text = std::fs::read_to_string(&policy).expect("a policy");
        std::fs::write(&policy, format!("{text}\n{pace}")).expect("a policy");
        let out = folder.path().join("out");
        let arguments = ["run", "--region", "us-east-1", "--policy", &policy, "--out", &out.display().to_string()];
        let mut command = against(endpoint, &account, &arguments);
        command.env("SOURCE_DATE_EPOCH", AS_OF);
        let (code, stdout, stderr) = parts(&run(command));
        assert_eq!(code, 0, "{stdout}\n{stderr}");
        Self { truth, report: Report::in_folder(&out) }
    }

    /// `CODE subject` of the controls that the truth is complete for, without what it leaves open.
    fn judged(&self, names: BTreeSet<String>) -> BTreeSet<String> {
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let codes: Vec<String> = self.truth["codes"].as_array().expect("codes").iter().map(text).collect();
        let built = self.report.statuses();
        let built = |code: &String| built.keys().any(|name| name.starts_with(code.as_str()));
        let (codes, absent): (Vec<String>, Vec<String>) = codes.into_iter().partition(built);
        if !absent.is_empty() {
            eprintln!("not judged, for there is no such control: {}", absent.join(", "));
        }
        let open = self.truth["open"].as_array().expect("what is left open").iter();
        let open: BTreeSet<String> =
            open.map(|row| format!("{} {}", text(&row["code"]), text(&row["subject"]))).collect();
        let told = |name: &String| codes.iter().any(|code| name.starts_with(code.as_str())) && !open.contains(name);
        names.into_iter().filter(told).collect()
    }
}

/// Rows of the report and of the truth about the same live version.
fn pairs(watch: &Watch) -> impl Iterator<Item = (&str, &Value, &Value)> {
    let reported = watch.report.0["live_versions"].as_array().expect("live versions");
    watch.truth["live_versions"].as_array().expect("live versions").iter().map(move |told| {
        let found = reported.iter().find(|row| row["id"] == told["id"]);
        (told["id"].as_str().expect("an id"), told, found.unwrap_or_else(|| panic!("{} is reported", told["id"])))
    })
}

/// Whether what was found is what was told, or one of what was told where that is a list.
fn is_told(told: &Value, found: &Value) -> bool {
    told.as_array().map_or(told == found, |either| either.contains(found))
}

/// Findings of the controls that the truth is complete for.
fn findings(watch: &Watch) -> Vec<String> {
    let mut wrong = Vec::new();
    for status in ["fail", "unknown"] {
        let found = watch.judged(watch.report.with_status(status));
        let expected = watch.judged(planted(&watch.truth, status));
        wrong.extend(expected.difference(&found).map(|name| format!("{name}: missed, must {status}")));
        wrong.extend(found.difference(&expected).map(|name| format!("{name}: {status} without a cause")));
    }
    wrong
}

fn coverage(watch: &Watch) -> Vec<String> {
    let mut wrong = Vec::new();
    for (id, told, found) in pairs(watch) {
        for (signal, state) in told["coverage"].as_object().expect("coverage") {
            let row = &found["alarms"][signal.replace("responsible_ai", "responsible AI")];
            if !is_told(state, &row["state"]) {
                wrong.push(format!("{id} {signal}: told {state}, found {row}"));
            }
        }
    }
    wrong
}

fn from_fault_to_human(watch: &Watch) -> Vec<String> {
    let mut wrong = Vec::new();
    for (id, told, found) in pairs(watch) {
        let rows = found["faults"].as_array().expect("faults");
        for (fault, outcome) in told["faults"].as_object().expect("faults") {
            let row = rows.iter().find(|row| row["fault"] == fault.as_str());
            let row = row.unwrap_or_else(|| panic!("{id} {fault} is reported"));
            let mut have = json!({ "told": row["told"] });
            if row["told"] == "human" {
                have["minutes"] = json!([row["minutes_from"], row["minutes_to"]]);
            }
            let bare = |told: &Value| {
                let mut told = told.clone();
                told.as_object_mut().map(|told| told.remove("whom"));
                told
            };
            let wanted = outcome.as_array().map_or_else(|| bare(outcome), |all| all.iter().map(bare).collect());
            if !is_told(&wanted, &have) {
                wrong.push(format!("{id} {fault}: told {wanted}, found {row}"));
            } else if have["told"] == "human" && row["whom"].as_array().is_none_or(Vec::is_empty) {
                wrong.push(format!("{id} {fault}: whom is not told: {row}"));
            }
        }
    }
    wrong
}

#[test]
fn every_pathology_is_told_once_and_nothing_else() {
    let endpoint = emulator_or_skip!();
    let watch = Watch::read(endpoint);
    let ids: BTreeSet<String> = pairs(&watch).map(|(id, _, _)| id.to_owned()).collect();
    assert_eq!(watch.report.verdicts().into_keys().collect::<BTreeSet<_>>(), ids, "live versions");
    let wrong = [findings(&watch), coverage(&watch), from_fault_to_human(&watch)].concat();
    assert!(wrong.is_empty(), "{} differ from what was written by hand:\n{}", wrong.len(), wrong.join("\n"));
}
