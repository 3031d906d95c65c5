//! Every collector against every way in which AWS fails: the recorded estate is replayed with one operation broken at a
//! time. Each failure must yield a gap, must turn no finding into a pass or a fail, and must not end the run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use countersign::collect::aws::{COLLECTORS, OPTIONAL};

use crate::support::replay::{Fault, Recording};
use crate::support::report::Report;
use crate::support::{against, fast_policy, parts, root, run};

const AS_OF: &str = "1795165200"; // 2026-11-20T09:00:00Z

/// Runs the binary against a replaying endpoint, asks for everything that can be asked for, and reads its report.
fn report(endpoint: &str, folder: &Path) -> Report {
    report_with(&["tests/scenarios/optional.toml"], endpoint, folder)
}

/// The same with these policies besides.
fn report_with(policies: &[&str], endpoint: &str, folder: &Path) -> Report {
    std::fs::create_dir_all(folder).expect("a folder");
    let policy = folder.join("policy.toml");
    let files = [root("src/cli/demo/bank.toml"), fast_policy().into()];
    let files = files.into_iter().chain(policies.iter().map(|path| root(path)));
    let text: Vec<String> = files.map(|path| std::fs::read_to_string(path).expect("a policy")).collect();
    std::fs::write(&policy, text.join("\n")).expect("a policy");
    let (policy, out) = (policy.display().to_string(), folder.join("out").display().to_string());
    let arguments = ["run", "--region", "us-east-1", "--policy", &policy, "--out", &out, "--format", "json"];
    let mut command = against(endpoint, "111122223333", &arguments);
    command.env("SOURCE_DATE_EPOCH", AS_OF);
    let (code, stdout, stderr) = parts(&run(command));
    assert_eq!(code, 0, "{stdout}\n{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    Report::in_folder(&folder.join("out"))
}

/// Operations that the recording holds, but for the one that says who reads.
fn operations(recording: &Recording) -> Vec<String> {
    recording.operations().into_iter().filter(|operation| operation != "sts:GetCallerIdentity").collect()
}

#[test]
fn the_recording_replays_to_the_embedded_demo() {
    let recording = Recording::load("bank");
    let (endpoint, asked) = recording.serve(&[]);
    let folder = tempfile::tempdir().expect("a folder");
    let replayed = report_with(&[], &endpoint, folder.path());
    assert_eq!(asked.unknown(), Vec::<String>::new(), "run tests/record-scenarios");
    let truth = std::fs::read(root("tests/scenarios/bank/truth.json")).expect("a truth");
    let truth = serde_json::from_slice(&truth).expect("JSON");
    assert_eq!(replayed.with_status("fail"), crate::support::report::planted(&truth, "fail"));
}

#[test]
fn every_operation_that_is_sent_is_declared_and_every_collector_is_exercised() {
    let sent = Recording::load("bank").operations();
    let declared: BTreeSet<String> = COLLECTORS
        .iter()
        .chain(OPTIONAL)
        .flat_map(|info| info.calls)
        .map(|call| format!("{}:{}", call.service, call.operation))
        .collect();
    // Who reads, and as whom, is no collector's business.
    let undeclared: Vec<_> = sent.difference(&declared).filter(|operation| !operation.starts_with("sts:")).collect();
    assert!(undeclared.is_empty(), "sent but not declared: {undeclared:?}");
    for info in COLLECTORS.iter().chain(OPTIONAL).filter(|info| !ELSEWHERE.contains(&info.name)) {
        let used = info.calls.iter().any(|call| sent.contains(&format!("{}:{}", call.service, call.operation)));
        assert!(used, "the recording exercises no call of collector `{}`", info.name);
    }
}

/// A collector denied as a whole has no other call to fall back on.
#[test]
fn no_collector_that_is_denied_decides_anything() {
    let recording = Recording::load("bank");
    let folder = tempfile::tempdir().expect("a folder");
    let sound = report(&recording.serve(&[]).0, &folder.path().join("sound")).statuses();
    let mut problems = Vec::new();
    let others = ["identity"].iter().chain(ELSEWHERE).copied().collect::<Vec<_>>();
    for info in COLLECTORS.iter().chain(OPTIONAL).filter(|info| !others.contains(&info.name)) {
        let calls: Vec<String> = info.calls.iter().map(|call| format!("{}:{}", call.service, call.operation)).collect();
        let denied: Vec<(&str, Fault)> = calls.iter().map(|name| (name.as_str(), Fault::Denied)).collect();
        let broken = report(&recording.serve(&denied).0, &folder.path().join(info.name));
        if broken.gap_actions().is_disjoint(&info.calls.iter().map(|call| call.action.to_owned()).collect()) {
            problems.push(format!("{}: no gap names an action of it", info.name));
        }
        problems.extend(decided(&sound, &broken).map(|what| format!("{}: {what}", info.name)));
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn no_failure_of_any_operation_decides_anything() {
    let recording = Recording::load("bank");
    let folder = tempfile::tempdir().expect("a folder");
    let sound = report(&recording.serve(&[]).0, &folder.path().join("sound")).statuses();

    let faults = [Fault::Denied, Fault::ThrottledInMidPage, Fault::Malformed, Fault::Empty];
    let cases: Vec<(String, Fault)> =
        operations(&recording).into_iter().flat_map(|name| faults.map(|fault| (name.clone(), fault))).collect();
    let (next, problems) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some((operation, fault)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let folder = folder.path().join(format!("{operation}-{fault:?}").replace(':', "-"));
                    let broken = report(&recording.serve(&[(operation, *fault)]).0, &folder);
                    let found = judge(&sound, &broken, operation, *fault);
                    problems.lock().expect("no poison").extend(found);
                }
            });
        }
    });
    let problems = problems.into_inner().expect("no poison");
    assert!(problems.is_empty(), "{} problems in {} cases:\n{}", problems.len(), cases.len(), problems.join("\n"));
}

/// What is wrong with a report that was made while one operation was broken.
fn judge(sound: &BTreeMap<String, String>, broken: &Report, operation: &str, fault: Fault) -> Vec<String> {
    let told = broken.0["gaps"].as_array().expect("gaps").iter().any(|gap| gap["call"] == operation);
    let mut problems: Vec<String> =
        decided(sound, broken).map(|what| format!("{operation} {fault:?}: {what}")).collect();
    if fault == Fault::Empty && MAY_BE_EMPTY.contains(&operation) {
        // AWS says just this where there is nothing: it is an answer, and what follows from it is no mistake.
        problems.clear();
    } else if !told {
        problems.push(format!("{operation} {fault:?}: no gap tells of it"));
    }
    problems
}

/// Findings that a failure turned into a pass or a fail.
fn decided<'r>(sound: &'r BTreeMap<String, String>, broken: &Report) -> impl Iterator<Item = String> + use<'r> {
    broken.statuses().into_iter().filter_map(|(name, status)| {
        // Where the parts of a variant cannot be seen, the variant stands for them: a subject of its own, which may pass.
        let was = sound.get(&name).map_or("(absent)", String::as_str);
        let decided = status == "pass" || status == "fail" || status == "waived";
        (decided && status != was && !(status == "pass" && was == "(absent)"))
            .then(|| format!("{name} became {status}, was {was}"))
    })
}

/// Operations whose answer without any member is taken for "there is none": see `collect/aws/engine/whole.rs`.
const MAY_BE_EMPTY: &[&str] = &["cloudwatch:ListAlarmMuteRules"];

/// Collectors whose answers no recording can hold, since keys and signatures are new each time: `it/elsewhere.rs` breaks each
/// of their calls against the emulator. The list of accounts is no estate: `it/organization.rs` reads it.
const ELSEWHERE: &[&str] = &["log-files", "organization"];
