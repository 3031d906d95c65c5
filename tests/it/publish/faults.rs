//! One thing broken at a time: the others are done, the exit code is 4, and the message says what to do.

use serde_json::{Value, json};

use super::receivers::{Bank, Receivers};
use crate::emulator_or_skip;

/// Publishes to every sink with these calls broken; asserts that only `broken` fails, and returns what it said.
fn fails_alone(bank: &Bank, receivers: &Receivers<'_>, name: &str, broken: &str, rules: Value) -> String {
    bank.broken(rules);
    let (code, stdout, stderr) = bank.run(name, &receivers.targets());
    bank.mended();
    assert_eq!(code, 4, "{broken}: {stdout}{stderr}");
    let failed: Vec<&str> = stderr.lines().filter(|line| line.contains("not published to")).collect();
    let [line] = failed.as_slice() else { panic!("{broken}: {stderr}") };
    assert!(line.contains(&receivers.target(broken)), "{broken}: {line}");
    for target in receivers.targets() {
        let done = stdout.contains(&format!("Published to {target}:"));
        assert_eq!(done, target != receivers.target(broken), "{target} beside {broken}: {stdout}");
    }
    assert!(bank.folder().join("out/report.json").exists());
    (*line).to_owned()
}

#[test]
fn one_sink_that_is_refused_leaves_the_others_done() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::new(endpoint, &[]);
    let receivers = Receivers::make(&bank);
    let denied = json!({"denied": "identity"});
    let slow = json!({"code": "ThrottlingException", "message": "Rate exceeded"});
    for (number, (broken, rule, words)) in [
        (
            "s3",
            json!({"service": "s3", "operation": "PutObject", "match": {"Key": "reports/latest.json"}, "error": denied}),
            "refused",
        ),
        ("sns", json!({"service": "sns", "operation": "Publish", "error": denied}), "countersign iam-policy --publish"),
        ("slack", json!({"service": "ssm", "operation": "GetParameter", "error": denied}), "countersign iam-policy --publish"),
        ("webhook", json!({"service": "secretsmanager", "operation": "GetSecretValue", "error": slow}), "slowed down"),
        ("events", json!({"service": "events", "operation": "PutEvents", "error": slow}), "slowed down"),
    ]
    .into_iter()
    .enumerate()
    {
        let said = fails_alone(&bank, &receivers, &format!("run-{number}"), broken, json!([rule]));
        assert!(said.contains(words), "{broken}: {said}");
    }
}

#[test]
fn what_is_refused_in_part_is_sent_again_or_told() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::new(endpoint, &[]);
    let receivers = Receivers::make(&bank);
    let entries = |code: &str| {
        let entry = |number: usize| match number % 2 {
            0 => json!({"EventId": format!("e-{number}")}),
            _ => json!({"ErrorCode": code, "ErrorMessage": "not now"}),
        };
        let entries: Vec<Value> = (0..10).map(entry).collect();
        json!({"FailedEntryCount": 5, "Entries": entries}).to_string()
    };
    let half = |code: &str| {
        json!([{"service": "events", "operation": "PutEvents", "times": 1, "body": entries(code),
                "headers": {"content-type": "application/x-amz-json-1.1"}}])
    };
    bank.broken(half("ThrottlingException"));
    let (code, stdout, stderr) = bank.run("run-1", &[receivers.target("events")]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    bank.broken(half("NotAuthorizedForSourceException"));
    let (code, _, stderr) = bank.run("run-2", &[receivers.target("events")]);
    bank.mended();
    assert_eq!(code, 4, "{stderr}");
    assert!(stderr.contains("5 of ") && stderr.contains("NotAuthorizedForSourceException: not now"), "{stderr}");
    // Of the first run five were sent again, and five never came: the emulator said that it had taken them.
    let keys: std::collections::BTreeSet<String> = receivers
        .events(1)
        .iter()
        .map(|event| event["detail"]["idempotency_key"].as_str().unwrap().to_owned())
        .collect();
    let of = |run: &str| keys.iter().filter(|key| key.starts_with(run)).count();
    assert_eq!(of("run-1/"), of("run-2/") + 5);
}

#[test]
fn what_was_published_under_a_name_is_not_overwritten() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::new(endpoint, &[]);
    let receivers = Receivers::make(&bank);
    assert_eq!(bank.run("run-1", &[receivers.target("s3")]).0, 0);
    let before = receivers.versions();
    let other = Bank::beside(&bank, &[("did not pass the ping health check", "never answered")]);
    let (code, _, stderr) = other.run("run-1", &[receivers.target("s3")]);
    assert_eq!(code, 4, "{stderr}");
    assert!(stderr.contains("is never overwritten"), "{stderr}");
    assert_eq!(receivers.versions(), before);
    // A later run moves the pointer on, and an older one does not move it back.
    assert_eq!(bank.run("run-3", &[receivers.target("s3")]).0, 0);
    assert_eq!(bank.run("run-2", &[receivers.target("s3")]).0, 0);
    let latest = receivers.objects()["reports/latest.json"]["Body"].to_string();
    assert!(latest.contains("2026/11/20/run-3"), "{latest}");
}

#[test]
fn a_role_that_cannot_be_assumed_is_a_sink_that_fails() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::new(endpoint, &[]);
    let receivers = Receivers::make(&bank);
    let policy = format!(
        "[[sink]]\ntarget = \"{}\"\nrole_arn = \"arn:aws:iam::111122223333:role/writer\"\n[[sink]]\ntarget = \"./shelf\"\n",
        receivers.target("s3")
    );
    let (code, stdout, stderr) = bank.run_declaring("run-1", &policy);
    assert_eq!(code, 4, "{stdout}{stderr}");
    assert!(stderr.contains("cannot assume role `arn:aws:iam::111122223333:role/writer`"), "{stderr}");
    assert!(stdout.contains("Published to ./shelf:"), "{stdout}");
    assert!(receivers.objects().is_empty());
}
