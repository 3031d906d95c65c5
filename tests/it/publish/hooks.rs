//! Webhooks that fail, throttle, redirect and fall silent; and a signature that a stranger's library checks.

use std::process::Command;

use super::receivers::{Bank, Hooks};
use crate::emulator_or_skip;
use crate::support::{parts, python, run};

/// Publishes to a hook whose secret is this text; returns the exit code, standard output and standard error.
fn publish(bank: &Bank, secret: &str) -> (i32, String, String) {
    let text = serde_json::to_string(secret).unwrap();
    bank.python(&format!("client('secretsmanager').create_secret(Name='other', SecretString={text})"));
    bank.run("run-1", &["webhook:other"])
}

/// A server whose requests from the first on are answered with these statuses; the last one goes on.
fn answering(statuses: &'static [(u16, &'static str)]) -> Hooks {
    Hooks::answering(move |number, _| {
        let (status, headers) = statuses.get(number - 1).or(statuses.last()).unwrap();
        let header = headers.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
        (*status, header.into_iter().collect())
    })
}

#[test]
fn what_may_pass_is_tried_again_and_what_may_not_is_told() {
    let endpoint = emulator_or_skip!();
    for (statuses, code, requests, words) in [
        (&[(500, ""), (200, "")][..], 0, 2, "taken with status 200"),
        (&[(429, "Retry-After: 1"), (503, "Retry-After: 0"), (204, "")][..], 0, 3, "taken with status 204"),
        (&[(429, "Retry-After: 3600")][..], 4, 1, "takes messages again only in 3600 seconds"),
        (&[(404, "")][..], 4, 1, "refuses the message (status 404, `no_service`); check the address in the secret"),
        (
            &[(302, "Location: http://127.0.0.1:9/elsewhere")][..],
            4,
            1,
            "a redirect (status 302, `no_service`), which is not followed",
        ),
    ] {
        let bank = Bank::new(endpoint, &[]);
        let hooks = answering(statuses);
        let (ended, stdout, stderr) = publish(&bank, &format!("{}/x/hunter2", hooks.url));
        let said = format!("{stdout}{stderr}");
        assert_eq!(ended, code, "{words}: {said}");
        assert!(said.contains(words), "{words}: {said}");
        assert!(!said.contains("hunter2"), "the address is a secret: {said}");
        assert_eq!(hooks.requests("/x").len(), requests, "{words}");
    }
}

#[test]
fn who_does_not_answer_is_not_asked_twice() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::new(endpoint, &[]);
    let hooks = Hooks::answering(|_, _| {
        std::thread::sleep(std::time::Duration::from_secs(15));
        (200, Vec::new())
    });
    let (code, _, stderr) = publish(&bank, &format!("{}/x/hunter2", hooks.url));
    assert_eq!(code, 4, "{stderr}");
    assert!(stderr.contains("no answer came within 10 seconds") && !stderr.contains("hunter2"), "{stderr}");
    assert_eq!(hooks.requests("/x").len(), 1);
    // Where nobody listens nothing was taken: that is tried again.
    let (code, _, stderr) = publish(&Bank::new(endpoint, &[]), "http://127.0.0.1:9/x/hunter2");
    assert_eq!(code, 4, "{stderr}");
    assert!(
        stderr.contains("failed 4 times") && stderr.contains("no connection") && !stderr.contains("hunter2"),
        "{stderr}"
    );
}

#[test]
fn a_signature_is_checked_by_somebody_elses_library() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::new(endpoint, &[]);
    let hooks = Hooks::answering(|_, _| (200, Vec::new()));
    let (code, _, stderr) = publish(&bank, &format!(r#"{{"url": "{}/x", "key": "hunter3"}}"#, hooks.url));
    assert_eq!(code, 0, "{stderr}");
    let (headers, body) = hooks.requests("/x").pop().unwrap();
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["idempotency-key"], "run-1");
    let file = bank.folder().join("body");
    std::fs::write(&file, body).unwrap();
    let mut command = Command::new(python());
    let script = "import hmac, sys\nbody = open(sys.argv[1], 'rb').read()\n\
                  print('v1=' + hmac.new(b'hunter3', sys.argv[2].encode() + b'.' + body, 'sha256').hexdigest())";
    command.args(["-c", script]).arg(file).arg(&headers["countersign-timestamp"]);
    assert_eq!(parts(&run(command)).1.trim(), headers["countersign-signature"]);
    let at: i64 = headers["countersign-timestamp"].parse().unwrap();
    assert!((1_795_165_200..1_795_165_800).contains(&at), "from when the run began on: {at}");
}

#[test]
fn a_secret_that_is_none_is_told_without_repeating_it() {
    let endpoint = emulator_or_skip!();
    for (secret, words) in [
        ("http://hooks.example/hunter2", "must begin with `https://`"),
        ("hunter2", "https://"),
        ("{\"address\": \"hunter2\"}", "no JSON of the form"),
    ] {
        let (code, _, stderr) = publish(&Bank::new(endpoint, &[]), secret);
        assert_eq!(code, 4, "{stderr}");
        assert!(stderr.contains("cannot use the secret `other`") && stderr.contains(words), "{stderr}");
        assert!(!stderr.contains("hunter2"), "{stderr}");
    }
    let bank = Bank::new(endpoint, &[]);
    bank.python("client('ssm').put_parameter(Name='/plain', Type='String', Value='https://hooks.example/hunter2')");
    let (code, _, stderr) = bank.run("run-1", &["slack:/plain", "slack:/nowhere"]);
    assert_eq!(code, 4, "{stderr}");
    assert!(stderr.contains("`/plain` is no SecureString") && !stderr.contains("hunter2"), "{stderr}");
    assert!(stderr.contains("`/nowhere`: it is not there"), "{stderr}");
    let (code, _, stderr) = bank.run("run-1", &["slack:https://hooks.slack.com/services/hunter2"]);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("names no secret") && !stderr.contains("hunter2"), "{stderr}");
}
