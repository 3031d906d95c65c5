//! End to end on the emulator: an estate whose faults are known is seeded, read by the binary, and the findings are
//! compared with the truth that the seeder wrote down.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::emulator_or_skip;
use crate::support::report::{Report, planted};
use crate::support::{against, fast_policy, fresh_account, parts, python, registry_of, root, run, seed};

/// The instant at which the story of the bank ends.
const AS_OF: &str = "1795165200"; // 2026-11-20T09:00:00Z

/// A bank of its own: account, truth, policy.
struct Bank {
    account: String,
    truth: Value,
    folder: tempfile::TempDir,
}

impl Bank {
    fn seeded(endpoint: &str) -> Self {
        let account = fresh_account();
        let folder = tempfile::tempdir().expect("a folder");
        let policy = folder.path().join("bank.toml");
        let truth = seed(endpoint, "bank", &account, &["--policy", &policy.display().to_string()]);
        let pace = std::fs::read_to_string(fast_policy()).expect("a pace");
        let text = std::fs::read_to_string(&policy).expect("a policy");
        std::fs::write(&policy, format!("{text}\n{pace}")).expect("a policy");
        Self { account, truth, folder }
    }

    fn policy(&self) -> PathBuf {
        self.folder.path().join("bank.toml")
    }

    fn command(&self, endpoint: &str, out: &Path, more: &[&str]) -> Command {
        let (policy, out) = (self.policy().display().to_string(), out.display().to_string());
        let mut arguments = vec!["run", "--region", "us-east-1", "--policy", &policy, "--out", &out];
        arguments.extend(more);
        let mut command = against(endpoint, &self.account, &arguments);
        command.env("SOURCE_DATE_EPOCH", AS_OF);
        command
    }

    fn report(&self, endpoint: &str, name: &str) -> Report {
        self.report_with(endpoint, name, &[])
    }

    fn report_with(&self, endpoint: &str, name: &str, more: &[&str]) -> Report {
        let out = self.folder.path().join(name);
        let output = run(self.command(endpoint, &out, more));
        let (code, stdout, stderr) = parts(&output);
        assert_eq!(code, 0, "{stdout}\n{stderr}");
        Report::in_folder(&out)
    }
}

/// Fault rules for one account; they go with it.
struct Faults<'e> {
    endpoint: &'e str,
    account: String,
}

impl<'e> Faults<'e> {
    /// Refuses these operations of a service (`*` for all), in AWS's words.
    fn denied(endpoint: &'e str, account: &str, operations: &[(&str, &str)]) -> Self {
        let rule = |(service, operation): &(&str, &str)| {
            let mut rule = json!({ "account": account, "service": service, "error": { "denied": "identity" } });
            if *operation != "*" {
                rule["operation"] = json!(operation);
            }
            rule
        };
        let faults = Self { endpoint, account: account.to_owned() };
        faults.send("PATCH", &operations.iter().map(rule).collect());
        faults
    }

    fn send(&self, method: &str, rules: &Value) {
        let script = "import sys, urllib.request as u\n\
                      r = u.Request(sys.argv[1], method=sys.argv[2], data=sys.argv[3].encode(), headers={'content-type': 'application/json'})\n\
                      u.urlopen(r, timeout=20).read()";
        let route = format!("{}/_localstack/chaos/faults?account={}", self.endpoint, self.account);
        let status = Command::new(python()).args(["-c", script, &route, method, &rules.to_string()]).status();
        assert!(status.expect("python starts").success(), "{method} {rules}");
    }
}

impl Drop for Faults<'_> {
    fn drop(&mut self) {
        let all = json!([]);
        self.send("DELETE", &all);
    }
}

#[test]
fn every_planted_fault_is_found_and_no_other() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::seeded(endpoint);
    let report = bank.report(endpoint, "out");

    assert_eq!(report.with_status("fail"), planted(&bank.truth, "fail"), "failing findings");
    assert_eq!(report.with_status("waived"), planted(&bank.truth, "waived"), "waived findings");
    let unknown = report.with_status("unknown");
    let missing: Vec<_> = planted(&bank.truth, "unknown").difference(&unknown).cloned().collect();
    assert_eq!(missing, Vec::<String>::new(), "planted unknowns");
    let expected = bank.truth["live_versions"].as_array().expect("live versions");
    let verdicts = report.verdicts();
    assert_eq!(
        verdicts.keys().cloned().collect::<BTreeSet<_>>(),
        expected.iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect::<BTreeSet<_>>(),
        "live versions"
    );
    for row in expected {
        let id = row["id"].as_str().expect("an id");
        assert_eq!(verdicts[id], row["verdict"].as_str().expect("a verdict"), "verdict of {id}");
    }
}

#[test]
fn without_search_the_same_is_found() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::seeded(endpoint);
    let with = bank.report(endpoint, "with");
    let faults = Faults::denied(endpoint, &bank.account, &[("sagemaker", "Search")]);
    let without = bank.report(endpoint, "without");
    drop(faults);

    assert_eq!(without.statuses(), with.statuses());
    assert!(without.gap_actions().contains("sagemaker:Search"), "the denial is told: {:?}", without.gap_actions());
}

#[test]
fn without_events_only_what_needs_them_becomes_unknown() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::seeded(endpoint);
    // Without the log files, too: they hold the same events.
    let with = bank.report_with(endpoint, "with", &["--trail", "none"]);
    let faults = Faults::denied(endpoint, &bank.account, &[("cloudtrail", "LookupEvents")]);
    let without = bank.report_with(endpoint, "without", &["--trail", "none"]);
    drop(faults);

    assert!(without.gap_actions().contains("cloudtrail:LookupEvents"));
    let before = with.statuses();
    for (name, status) in without.statuses() {
        let was = &before[&name];
        if name.starts_with("APR-001 ") {
            assert_eq!(&status, was, "{name} does not rest on events");
        } else if !name.contains("/travel-insurance/")
            && ["APR-002 ", "APR-003 ", "APR-004 ", "APR-005 ", "APR-006 "].iter().any(|code| name.starts_with(code))
        {
            assert!(
                status == "unknown" || (status == "not_applicable" && was == &status),
                "{name} is {status}, was {was}"
            );
        } else {
            assert!(&status == was || status == "unknown", "{name} is {status}, was {was}");
        }
    }
}

#[test]
fn without_log_files_what_the_history_forgot_is_unknown() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::seeded(endpoint);
    let with = bank.report(endpoint, "with").statuses();
    let without = bank.report_with(endpoint, "without", &["--trail", "none"]).statuses();
    let old = format!("{}/us-east-1/variant/aml-alert-triage/pipeline", bank.account);
    for code in ["APR-002", "APR-003", "APR-006", "APR-008"] {
        let name = format!("{code} {old}");
        assert_eq!((with[&name].as_str(), without[&name].as_str()), ("pass", "unknown"), "{name}");
    }
    for (name, status) in &without {
        let was = &with[name];
        assert!(status == was || status == "unknown" || name.starts_with("AUD-002 "), "{name} is {status}, was {was}");
    }
}

#[test]
fn assessing_the_saved_snapshot_gives_the_same_bytes() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::seeded(endpoint);
    bank.report(endpoint, "run");
    let folder = bank.folder.path();
    let (snapshot, again) = (folder.join("run/snapshot.json.zst"), folder.join("again"));
    let output = run(crate::support::countersign(&[
        "assess",
        &snapshot.display().to_string(),
        "--policy",
        &bank.policy().display().to_string(),
        "--out",
        &again.display().to_string(),
    ]));
    let (code, _, stderr) = parts(&output);
    assert_eq!(code, 0, "{stderr}");
    for name in ["report.json", "report.html", "report.md", "findings.csv", "manager.html"] {
        let read = |place: &str| std::fs::read(folder.join(place).join(name)).expect(name);
        assert!(read("run") == read("again"), "{name} differs");
    }
}

#[test]
fn an_account_with_nothing_serving_is_a_good_answer() {
    let endpoint = emulator_or_skip!();
    let account = fresh_account();
    seed(endpoint, "empty", &account, &["--live-clock"]);
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().display().to_string();
    let arguments = ["run", "--region", "us-east-1", "--policy", &fast_policy(), "--out", &out, "--require-complete"];
    let (code, stdout, stderr) = parts(&run(against(endpoint, &account, &arguments)));
    assert_eq!(code, 0, "{stdout}\n{stderr}");
    let report = Report::in_folder(folder.path());
    assert!(report.headline().to_lowercase().contains("nothing serves in us-east-1"), "{}", report.headline());
    assert!(report.verdicts().is_empty());
    assert!(report.gap_actions().is_empty(), "{:?}", report.gap_actions());
}

#[test]
fn where_everything_is_denied_nothing_reads_as_zero() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::seeded(endpoint);
    let services = ["sagemaker", "cloudwatch", "cloudtrail", "sns", "s3", "ecr", "iam", "resourcegroupstaggingapi"]
        .map(|name| (name, "*"));
    let faults = Faults::denied(endpoint, &bank.account, &services);
    let out = bank.folder.path().join("denied");
    let (code, stdout, stderr) = parts(&run(bank.command(endpoint, &out, &["--require-complete"])));
    drop(faults);

    assert_eq!(code, 3, "{stdout}\n{stderr}");
    let report = Report::in_folder(&out);
    assert!(report.with_status("fail").is_empty() && report.with_status("pass").is_empty(), "{:?}", report.statuses());
    let headline = report.headline().to_lowercase();
    assert!(!headline.contains("nothing serves"), "{headline}");
    assert!(headline.contains("could not"), "{headline}");
    for action in
        ["sagemaker:Search", "sagemaker:ListEndpoints", "cloudtrail:LookupEvents", "cloudwatch:DescribeAlarms"]
    {
        assert!(report.gap_actions().contains(action), "{action} in {:?}", report.gap_actions());
    }
}

#[test]
fn findings_set_the_exit_code_when_asked() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::seeded(endpoint);
    let out = bank.folder.path().join("gate");
    let (code, _, stderr) = parts(&run(bank.command(endpoint, &out, &["--fail-on", "critical"])));
    assert_eq!(code, 1, "{stderr}");
    assert!(
        out.join("report.html").exists() && out.join("snapshot.json.zst").exists(),
        "the report is written all the same"
    );
}

#[test]
fn the_truth_of_the_bank_is_the_one_that_was_recorded() {
    let recorded = std::fs::read(root("tests/scenarios/bank/truth.json")).expect("a recorded truth");
    let recorded: Value = serde_json::from_slice(&recorded).expect("JSON");
    let endpoint = emulator_or_skip!();
    let bank = Bank::seeded(endpoint);
    let text = bank.truth.to_string().replace(&bank.account, "111122223333");
    let text = text.replace(&registry_of(&bank.account), "444455556666");
    assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), recorded, "run tests/record-scenarios");
}
