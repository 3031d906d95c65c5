//! One model's life on the emulator, told with real calls and read by the binary after each of them: what the report
//! says of it is what happened, and how well it is proved.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::emulator_or_skip;
use crate::support::report::Report;
use crate::support::{Child, against, fast_policy, fresh_account, parts, python, root, run};

/// A model in an account of its own, whose life is played step by step.
struct Tale<'e> {
    endpoint: &'e str,
    account: String,
    folder: tempfile::TempDir,
    steps: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// What the last step left: the clock, and the names to look for.
    last: Value,
    runs: u32,
    _player: Child,
}

impl<'e> Tale<'e> {
    /// Begins with the steps given, a day apart.
    fn of(endpoint: &'e str, steps: &[&str]) -> Self {
        let account = fresh_account();
        let mut player = Command::new(python())
            .arg(root("localstack/tell.py"))
            .arg(&account)
            .env("AWS_ENDPOINT_URL", endpoint)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the player starts");
        let (steps_in, answers) = (player.stdin.take().expect("an input"), player.stdout.take().expect("an output"));
        let mut tale = Self {
            endpoint,
            account,
            folder: tempfile::tempdir().expect("a folder"),
            steps: steps_in,
            answers: BufReader::new(answers),
            last: Value::Null,
            runs: 0,
            _player: Child(player),
        };
        for step in steps {
            tale.play(step);
        }
        tale
    }

    /// Plays `step`, or `step days`.
    fn play(&mut self, step: &str) {
        writeln!(self.steps, "{step}").expect("the player listens");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the player answers");
        self.last = serde_json::from_str(&line).unwrap_or_else(|_| panic!("`{step}` failed: {line}"));
    }

    fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What a run at the clock's now reports.
    fn told(&mut self, more: &[&str]) -> Told {
        self.runs += 1;
        let out = self.place(&format!("run-{}", self.runs));
        let (policy, target) = (fast_policy(), out.display().to_string());
        let mut arguments = vec!["run", "--region", "us-east-1", "--policy", &policy, "--out", &target];
        arguments.extend(more);
        let mut command = against(self.endpoint, &self.account, &arguments);
        command.env("SOURCE_DATE_EPOCH", self.last["now"].to_string());
        let output = run(command);
        let (code, stdout, stderr) = parts(&output);
        assert_eq!(code, 0, "{stdout}\n{stderr}");
        Told::read(&out, &self.last)
    }
}

/// One report about the model.
struct Told {
    report: Report,
    subject: String,
    models: String,
    region: String,
}

impl Told {
    fn read(folder: &Path, last: &Value) -> Self {
        let text = |name: &str| last[name].as_str().expect("a name").to_owned();
        let subject = text("subject");
        let region = subject.split('/').take(2).collect::<Vec<_>>().join("/");
        Self { report: Report::in_folder(folder), subject, models: text("models"), region }
    }

    /// The status of a control over the live version, its bucket, or its account and region.
    fn status(&self, code: &str) -> String {
        let statuses = self.report.statuses();
        let named = [&self.subject, &self.models, &self.region].map(|name| format!("{code} {name}"));
        named.iter().find_map(|name| statuses.get(name)).unwrap_or_else(|| panic!("no {code} in {statuses:#?}")).clone()
    }

    /// Asserts the statuses of several controls at once.
    fn says(&self, expected: &[(&str, &str)]) -> &Self {
        let have: Vec<_> = expected.iter().map(|(code, _)| (*code, self.status(code))).collect();
        let have: Vec<_> = have.iter().map(|(code, status)| (*code, status.as_str())).collect();
        assert_eq!(have, expected, "{:#?}", self.reasons(expected));
        self
    }

    fn reasons(&self, of: &[(&str, &str)]) -> Vec<String> {
        let findings = self.report.0["findings"].as_array().expect("findings").iter();
        findings
            .filter(|finding| of.iter().any(|(code, _)| finding["code"] == *code))
            .map(|finding| format!("{} {}: {}", finding["code"], finding["status"], finding["reason"]))
            .collect()
    }

    fn live(&self) -> &Value {
        let rows = self.report.0["live_versions"].as_array().expect("live versions");
        rows.iter().find(|row| row["id"] == self.subject.as_str()).expect("the live version")
    }

    fn approval(&self) -> &Value {
        &self.live()["approval"]
    }

    /// Who approved it, by the name of the session, and how well that is proved.
    fn approved(&self) -> (Option<&str>, &str) {
        let approval = self.approval();
        let by = approval["by"].as_str().and_then(|identity| identity.rsplit('/').next());
        (by, approval["grade"].as_str().expect("a grade"))
    }

    fn verdict(&self) -> &str {
        self.live()["readiness"]["verdict"].as_str().expect("a verdict")
    }

    /// The approval statuses that the version went through, oldest first.
    fn states(&self) -> Vec<&str> {
        let rows = self.approval()["history"].as_array().expect("a history");
        rows.iter().filter_map(|row| row["state"].as_str()).collect()
    }
}

const MARIA: &str = "maria.lopez@bank.example";
/// Registered by one person, approved by another, deployed by the pipeline.
const BY_THE_BOOK: [&str; 4] = ["begin", "create", "approve", "deploy"];

#[test]
fn created_approved_by_another_deployed_by_the_pipeline() {
    let endpoint = emulator_or_skip!();
    let mut tale = Tale::of(endpoint, &BY_THE_BOOK);
    let told = tale.told(&[]);
    told.says(&[
        ("INV-002", "pass"),
        ("APR-001", "pass"),
        ("APR-002", "pass"),
        ("APR-003", "pass"),
        ("APR-004", "pass"),
        ("APR-006", "pass"),
        ("ART-001", "pass"),
    ]);
    assert_eq!(told.approved(), (Some(MARIA), "B"));
    assert_eq!(told.states(), ["PendingManualApproval", "Approved"]);
    assert_eq!(told.live()["live_from"]["bound"], "exact");
}

#[test]
fn approved_by_whoever_registered_it() {
    let endpoint = emulator_or_skip!();
    let mut tale = Tale::of(endpoint, &["begin", "create", "approve_oneself", "deploy"]);
    tale.told(&[]).says(&[("APR-001", "pass"), ("APR-002", "pass"), ("APR-003", "fail")]);
}

#[test]
fn approved_after_it_was_deployed_and_deployed_without_approval() {
    let endpoint = emulator_or_skip!();
    let mut tale = Tale::of(endpoint, &["begin", "create", "deploy"]);
    tale.told(&[]).says(&[("APR-001", "fail")]);
    tale.play("approve");
    tale.told(&[]).says(&[("APR-001", "pass"), ("APR-004", "fail")]);
}

#[test]
fn rejected_while_it_serves() {
    let endpoint = emulator_or_skip!();
    let mut tale = Tale::of(endpoint, &BY_THE_BOOK);
    tale.play("reject");
    let told = tale.told(&[]);
    told.says(&[("APR-001", "fail"), ("APR-005", "pass")]);
    assert_eq!(told.states(), ["PendingManualApproval", "Approved", "Rejected"]);
    tale.play("wait 2");
    let told = tale.told(&[]);
    told.says(&[("APR-001", "fail"), ("APR-005", "fail")]);
    assert_eq!(told.verdict(), "stop", "nobody acted for two days");
}

#[test]
fn edited_after_its_approval_and_approved_again() {
    let endpoint = emulator_or_skip!();
    let mut tale = Tale::of(endpoint, &BY_THE_BOOK);
    tale.told(&[]).says(&[("APR-008", "pass")]);
    tale.play("edit");
    let told = tale.told(&[]);
    told.says(&[("APR-001", "pass"), ("APR-008", "fail")]);
    assert_eq!(told.verdict(), "stop");
    tale.play("approve");
    tale.told(&[]).says(&[("APR-008", "pass")]);
}

#[test]
fn its_artifact_overwritten_and_restored() {
    let endpoint = emulator_or_skip!();
    let mut tale = Tale::of(endpoint, &BY_THE_BOOK);
    tale.play("overwrite");
    let told = tale.told(&[]);
    told.says(&[("ART-001", "fail"), ("ART-002", "fail"), ("ART-003", "pass")]);
    assert_eq!(told.verdict(), "stop");
    tale.play("restore");
    tale.told(&[]).says(&[("ART-001", "pass"), ("ART-002", "pass")]);
}

#[test]
fn its_artifact_deleted_and_undeleted() {
    let endpoint = emulator_or_skip!();
    let mut tale = Tale::of(endpoint, &BY_THE_BOOK);
    tale.play("delete");
    let told = tale.told(&[]);
    told.says(&[("ART-003", "fail")]);
    assert_eq!(told.live()["artifacts"][0]["state"], "deleted");
    tale.play("undelete");
    tale.told(&[]).says(&[("ART-001", "pass"), ("ART-003", "pass")]);
}

#[test]
fn versioning_suspended_and_resumed() {
    let endpoint = emulator_or_skip!();
    let mut tale = Tale::of(endpoint, &BY_THE_BOOK);
    tale.told(&[]).says(&[("ART-004", "pass")]);
    tale.play("suspend");
    tale.told(&[]).says(&[("ART-004", "fail"), ("ART-001", "pass")]);
    tale.play("overwrite");
    // Whether what was approved stood there as a version that has been overwritten in place, nobody can say.
    tale.told(&[]).says(&[("ART-001", "unknown")]);
    tale.play("resume");
    tale.told(&[]).says(&[("ART-004", "pass"), ("ART-001", "unknown")]);
}

#[test]
fn the_trail_stopped_and_started() {
    let endpoint = emulator_or_skip!();
    let mut tale = Tale::of(endpoint, &BY_THE_BOOK);
    tale.play("deliver");
    tale.told(&[]).says(&[("AUD-001", "pass")]);
    tale.play("stop_trail");
    tale.told(&[]).says(&[("AUD-001", "fail")]);
    tale.play("start_trail");
    tale.play("deliver");
    tale.told(&[]).says(&[("AUD-001", "pass")]);
}

#[test]
fn four_months_later_the_archive_proves_the_approval_and_without_it_nothing_does() {
    let endpoint = emulator_or_skip!();
    let mut tale = Tale::of(endpoint, &BY_THE_BOOK);
    let archive = tale.place("archive").display().to_string();
    let first = tale.told(&["--archive", &archive]);
    assert_eq!(first.approved(), (Some(MARIA), "B"));

    tale.play("wait 120");
    let told = tale.told(&["--archive", &archive]);
    told.says(&[
        ("APR-002", "pass"),
        ("APR-003", "pass"),
        ("APR-004", "pass"),
        ("APR-006", "pass"),
        ("APR-008", "pass"),
        ("ART-001", "pass"),
        ("AUD-002", "pass"),
    ]);
    assert_eq!(told.approved(), (Some(MARIA), "C"));
    assert_eq!(told.approval()["event_id"], first.approval()["event_id"], "by the same event");
    assert_eq!(told.live()["live_from"], first.live()["live_from"], "and it serves since then");

    let told = tale.told(&[]);
    told.says(&[("APR-002", "unknown"), ("APR-003", "unknown"), ("AUD-002", "fail")]);
    assert!(matches!(told.approved().1, "E" | "F" | "None"), "{}", told.approval());
}

#[test]
fn an_edit_after_the_history_forgot_shows_against_the_archive() {
    let endpoint = emulator_or_skip!();
    let mut tale = Tale::of(endpoint, &BY_THE_BOOK);
    let archive = tale.place("archive").display().to_string();
    tale.told(&["--archive", &archive]).says(&[("APR-008", "pass")]);
    tale.play("edit");
    tale.play("wait 120");
    // Nobody looked for four months: that it was edited shows, and whether somebody approved the edit does not.
    let told = tale.told(&["--archive", &archive]);
    told.says(&[("APR-008", "unknown")]);
    let reasons = told.reasons(&[("APR-008", "unknown")]);
    assert!(reasons[0].contains("serving/hotfix"), "{reasons:?}");
}

#[test]
fn an_edit_that_an_earlier_run_saw_is_never_forgotten() {
    let endpoint = emulator_or_skip!();
    let mut tale = Tale::of(endpoint, &BY_THE_BOOK);
    let archive = tale.place("archive").display().to_string();
    tale.told(&["--archive", &archive]).says(&[("APR-008", "pass")]);
    tale.play("edit");
    tale.play("wait 60");
    tale.told(&["--archive", &archive]).says(&[("APR-008", "fail")]);
    tale.play("wait 60");
    tale.told(&["--archive", &archive]).says(&[("APR-008", "fail")]);
}

#[test]
fn log_files_with_a_verified_chain_prove_what_the_history_forgot() {
    let endpoint = emulator_or_skip!();
    let mut tale = Tale::of(endpoint, &BY_THE_BOOK);
    tale.play("deliver");
    assert_eq!(tale.told(&["--trail", "auto"]).approved(), (Some(MARIA), "A"));

    tale.play("wait 119");
    tale.play("deliver");
    let told = tale.told(&["--trail", "auto"]);
    told.says(&[("APR-002", "pass"), ("APR-003", "pass"), ("APR-004", "pass"), ("AUD-002", "pass")]);
    assert_eq!(told.approved(), (Some(MARIA), "A"));
    tale.told(&[]).says(&[("APR-002", "unknown"), ("AUD-002", "fail")]);
}

#[test]
fn an_approval_given_while_the_trail_was_stopped_is_in_no_log_file() {
    let endpoint = emulator_or_skip!();
    let mut tale =
        Tale::of(endpoint, &["begin", "create", "stop_trail", "approve", "start_trail", "deploy", "deliver"]);
    let told = tale.told(&["--trail", "auto"]);
    assert_eq!(told.approved(), (Some(MARIA), "B"), "the event history still has it");
    told.says(&[("AUD-001", "pass"), ("AUD-004", "fail")]);
    tale.play("wait 120");
    tale.play("deliver");
    tale.told(&["--trail", "auto"]).says(&[("APR-002", "unknown")]);
}
