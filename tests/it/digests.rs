//! Digest chains against the reference: what `aws cloudtrail validate-logs` says of a trail of the emulator, and what
//! `countersign trail verify` says of the same one, untouched and tampered with in each way.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use serde_json::Value;

use crate::emulator_or_skip;
use crate::support::{against, fresh_account, parts, python, root, run, skip};

/// What is said of each file: nothing if it is valid, else why it is not.
type Said = BTreeMap<String, Option<String>>;

/// A trail that the tool made, in an account of its own.
struct Trail {
    account: String,
    about: Value,
}

impl Trail {
    fn new(emulator: &str, case: &str) -> Self {
        let account = fresh_account();
        let about = tool(emulator, &[&account, case]);
        Self { account, about }
    }

    fn about(&self, part: &str) -> &str {
        self.about[part].as_str().expect("the tool says it")
    }

    /// Exit code and words of the reference.
    fn reference(&self, aws: &str, emulator: &str) -> (i32, Said) {
        let mut command = Command::new(aws);
        command
            .args(["cloudtrail", "validate-logs", "--verbose", "--region", "us-east-1"])
            .args([
                "--trail-arn",
                self.about("arn"),
                "--start-time",
                self.about("from"),
                "--end-time",
                self.about("to"),
            ])
            .env("AWS_ENDPOINT_URL", emulator)
            .env("AWS_ACCESS_KEY_ID", &self.account)
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_CONFIG_FILE", "/nonexistent/config")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials");
        let (code, stdout, stderr) = parts(&run(command));
        let lines = stdout.lines().chain(stderr.lines()).filter_map(|line| {
            let mut cells = line.split('\t');
            let (_, file, words) = (cells.next()?, cells.next()?, cells.next()?);
            Some((file.to_owned(), words.strip_prefix("INVALID: ").map(str::to_owned)))
        });
        (code, lines.collect())
    }

    /// Exit code and words of the binary under test.
    fn ours(&self, emulator: &str) -> (i32, Said) {
        let source = self.about("source");
        let (from, to) = (self.about("from"), self.about("to"));
        let arguments = ["trail", "verify", source, "--since", from, "--until", to, "--format", "jsonl"];
        let (code, stdout, stderr) = parts(&run(against(emulator, &self.account, &arguments)));
        assert!(code == 0 || code == 1, "{stdout}\n{stderr}");
        let lines = stdout.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let said = lines.filter_map(|line| {
            let reason = (line["state"] != "valid").then(|| line["reason"].as_str().unwrap_or_default().to_owned());
            Some((line["file"].as_str()?.to_owned(), reason))
        });
        (code, said.collect())
    }
}

fn tool(emulator: &str, arguments: &[&str]) -> Value {
    let output = Command::new(python())
        .arg(root("tests/tools/tamper.py"))
        .args(arguments)
        .env("AWS_ENDPOINT_URL", emulator)
        .output()
        .expect("python starts");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The cases of one kind.
fn cases(emulator: &str, kind: &str) -> Vec<String> {
    let cases = tool(emulator, &["--cases"]);
    let named = cases[kind].as_array().expect("a list").iter();
    named.map(|case| case.as_str().expect("a name").to_owned()).collect()
}

/// Runs each case, a few at a time: most of it is waiting for Python to start.
fn each(cases: &[String], check: impl Fn(&str) + Sync) {
    let left = Mutex::new(cases.iter());
    let work = || {
        while let Some(case) = { left.lock().ok().and_then(|mut left| left.next()) } {
            check(case);
        }
    };
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(work);
        }
    });
}

fn reference() -> Option<String> {
    let aws = std::env::var("COUNTERSIGN_AWSCLI").ok();
    if aws.is_none() {
        skip("COUNTERSIGN_AWSCLI names no AWS CLI; `.ci/run` installs one");
    }
    aws
}

#[test]
fn it_agrees_with_the_reference_wherever_that_sees_anything() {
    let emulator = emulator_or_skip!();
    let Some(aws) = reference() else { return };
    let (harmless, detected) = (cases(emulator, "harmless"), cases(emulator, "detected"));
    each(&[harmless.clone(), detected].concat(), |case| {
        let trail = Trail::new(emulator, case);
        let (their_code, theirs) = trail.reference(&aws, emulator);
        let (code, ours) = trail.ours(emulator);
        assert_eq!(their_code, i32::from(!harmless.iter().any(|name| name == case)), "{case}: {theirs:#?}");
        assert_eq!(code, their_code, "{case}: {ours:#?}\n{theirs:#?}");
        assert!(theirs.len() >= 9, "{case}: {theirs:#?}");
        for (file, reason) in &theirs {
            let told = ours.get(file).unwrap_or_else(|| panic!("{case}: nothing is said of {file}: {ours:#?}"));
            assert_eq!(told.is_some(), reason.is_some(), "{case}: {file}: {told:?} and not {reason:?}");
            // The reference calls an absent algorithm a failed signature; what it leaves open is said here.
            if let (Some(told), Some(reason), false) = (told, reason, case == "algorithm-absent") {
                assert!(told.starts_with(reason.as_str()), "{case}: {file}: {told} and not {reason}");
            }
        }
        let more: Vec<&String> = ours.iter().filter(|(_, told)| told.is_some()).map(|(file, _)| file).collect();
        assert_eq!(more.len(), theirs.values().flatten().count(), "{case}: {ours:#?}");
    });
}

#[test]
fn it_sees_what_the_reference_does_not() {
    let emulator = emulator_or_skip!();
    let Some(aws) = reference() else { return };
    each(&cases(emulator, "unseen"), |case| {
        let trail = Trail::new(emulator, case);
        let (code, theirs) = trail.reference(&aws, emulator);
        assert!(code == 0 && theirs.values().all(Option::is_none), "the reference has learnt {case}: {theirs:#?}");
        let (code, ours) = trail.ours(emulator);
        assert_eq!(code, 1, "{case}: {ours:#?}");
        assert_eq!(ours.values().flatten().count(), 1, "{case}: {ours:#?}");
    });
}
