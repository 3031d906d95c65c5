//! Publishing as an operator meets it: the bank's recorded estate is read, and what it comes to is handed to every sink on
//! the emulator, read back at the receivers, with one thing broken at a time.

mod faults;
mod hooks;
mod hub;
mod receivers;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use self::receivers::{Bank, Receivers};
use crate::emulator_or_skip;

/// What strangers may have written where a reason is read from.
const HOSTILE: &str =
    "x\r\n\r\n- forged\u{1b}[2J\u{202e} <!channel> <https://evil.example|here> & www.evil.example `y`";

#[test]
fn a_run_reaches_every_sink_and_changes_nothing_a_second_time() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::new(endpoint, &[]);
    let receivers = Receivers::make(&bank);
    let targets = receivers.targets();
    let (code, stdout, stderr) = bank.run("run-1", &targets);
    assert_eq!(code, 0, "{stderr}");
    for target in &targets {
        assert!(target == "metrics" || stdout.contains(&format!("Published to {target}:")), "{target}:\n{stdout}");
    }
    let objects = receivers.objects();
    let report = "reports/2026/11/20/run-1/report.json";
    let of = |key: &str| objects.get(key).unwrap_or_else(|| panic!("{key}: {:?}", objects.keys()));
    assert_eq!(of(report)["ContentType"], "application/json");
    assert_eq!(of(report)["ServerSideEncryption"], "AES256", "as the bucket does");
    assert_eq!(of("reports/2026/11/20/run-1/report.html")["ContentType"], "text/html; charset=utf-8");
    assert!(objects.contains_key("reports/2026/11/20/run-1/snapshot.json.zst"), "{:?}", objects.keys());
    assert!(objects.keys().any(|key| key.starts_with("tables/runs/v=1/day=2026-11-20/run-1")), "{:?}", objects.keys());
    let lake = objects.keys().find(|key| key.starts_with("lake/") && key.ends_with("/run-1.parquet"));
    assert_eq!(
        of(lake.unwrap_or_else(|| panic!("{:?}", objects.keys())))["ContentType"],
        "application/vnd.apache.parquet"
    );
    let latest: Value = serde_json::from_str(of("reports/latest.json")["Body"].as_str().unwrap()).unwrap();
    assert_eq!((&latest["run"], &latest["folder"]), (&json!("run-1"), &json!("2026/11/20/run-1")));
    assert_eq!(
        std::fs::read(bank.folder().join("shelf/2026/11/20/run-1/report.json")).unwrap(),
        std::fs::read(bank.folder().join("out/report.json")).unwrap()
    );

    let metrics: Vec<Value> =
        stdout.lines().filter(|line| line.starts_with("{\"")).map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(metrics.iter().filter(|line| line["RunCompleted"] == 1).count(), 1, "{stdout}");

    let message = receivers.message();
    let told: Value = serde_json::from_str(message["Message"].as_str().unwrap()).unwrap();
    assert_eq!((&told["schema"], &told["run"]), (&json!("countersign.message/1"), &json!("run-1")));
    assert_eq!(message["MessageAttributes"]["severity"]["Value"], "critical");
    assert_eq!(receivers.heard().len(), 1, "the subscriber on loopback heard of it");
    assert!(
        message["Subject"].as_str().unwrap().starts_with(&format!("Countersign, account {}: ", bank.account)),
        "{message}"
    );

    let failing: usize = latest_report(&bank)["summary"]["failing_by_severity"]
        .as_object()
        .unwrap()
        .values()
        .map(|count| usize::try_from(count.as_u64().unwrap()).unwrap())
        .sum();
    let events = receivers.events(failing);
    let keys: BTreeMap<&str, &Value> =
        events.iter().map(|event| (event["detail"]["idempotency_key"].as_str().unwrap(), event)).collect();
    assert_eq!(keys.len(), failing, "one for each fingerprint");
    assert!(events.iter().all(|event| event["detail-type"] == "Countersign Finding Opened"));
    assert!(events.iter().any(|event| event["detail"]["owner"].is_string()));

    let slack = receivers.hooks.bodies("/slack");
    assert!(slack[0]["blocks"].is_array() && slack[0]["text"].is_string(), "{slack:?}");
    assert_eq!(receivers.hooks.bodies("/hook").len(), 1);

    // The same run again, from its snapshot: what lies there stays as it is.
    let before = receivers.versions();
    let (code, stdout, stderr) = bank.again("run-1", &["s3", "history", "folder"].map(|kind| receivers.target(kind)));
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(stdout.matches("there already").count(), 3, "{stdout}");
    assert_eq!(receivers.versions(), before, "no object has a new version");

    // Another reading under the same name is not the same run.
    let (code, _, stderr) = bank.run("run-1", &[receivers.target("s3")]);
    assert_eq!(code, 4, "{stderr}");
    assert!(stderr.contains("never overwritten") && stderr.contains("`--run-id`"), "{stderr}");
    assert_eq!(receivers.versions(), before, "nor is anything of it written");
}

#[test]
fn a_key_of_ones_own_encrypts_and_only_some_formats_are_kept() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::new(endpoint, &[]);
    let receivers = Receivers::make(&bank);
    let key =
        receivers.python("print(boto3.client('kms', region_name='us-east-1').create_key()['KeyMetadata']['Arn'])");
    let policy = format!(
        "[[sink]]\ntarget = \"{}\"\nkms_key = \"{}\"\nformats = [\"csv\"]\n",
        receivers.target("s3"),
        key.trim()
    );
    let (code, _, stderr) = bank.run_declaring("run-1", &policy);
    assert_eq!(code, 0, "{stderr}");
    let objects = receivers.objects();
    assert_eq!(objects.len(), 2, "{:?}", objects.keys());
    let csv = &objects["reports/2026/11/20/run-1/findings.csv"];
    assert_eq!((&csv["ServerSideEncryption"], &csv["SSEKMSKeyId"]), (&json!("aws:kms"), &json!(key.trim())));
    assert_eq!(csv["ContentType"], "text/csv; charset=utf-8");
}

#[test]
fn people_hear_of_changes_and_of_gates_only_if_they_ask_so() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::new(endpoint, &[]);
    let receivers = Receivers::make(&bank);
    let (topic, archive) = (receivers.target("sns"), bank.folder().join("kept").display().to_string());
    let policy = format!(
        "[archive]\nlocation = \"{archive}\"\n[[sink]]\ntarget = \"{topic}\"\n[[sink]]\ntarget = \"{}\"\nwhen = \"gate\"\n\
         [[sink]]\ntarget = \"{}\"\n",
        receivers.target("webhook"),
        receivers.target("events"),
    );
    let (code, stdout, stderr) = bank.run_declaring("run-1", &policy);
    assert_eq!(code, 0, "{stderr}");
    assert!(!stdout.contains("nothing to tell"), "the first run tells everything: {stdout}");
    let (code, stdout, stderr) = bank.run_declaring("run-2", &policy);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("nothing to tell: nothing changed since the run of"), "{stdout}");
    assert!(stdout.contains("nothing to tell: no gate began to fail or was healed"), "{stdout}");
    assert!(stdout.contains("0 events"), "{stdout}");
    assert_eq!(receivers.hooks.bodies("/hook").len(), 1);
    // The endpoint whose update failed is in service again.
    let healed = Bank::beside(&bank, &[("UpdateRollbackFailed", "InService")]);
    let (code, stdout, stderr) = healed.run_declaring("run-3", &policy);
    assert_eq!(code, 0, "{stderr}");
    assert!(!stdout.contains("nothing to tell"), "{stdout}");
    let events = receivers.events(1);
    let closed = events.iter().filter(|event| event["detail-type"] == "Countersign Finding Closed");
    let codes: Vec<&str> = closed.map(|event| event["detail"]["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"INV-006"), "{codes:?}");
    let told = receivers.hooks.bodies("/hook").pop().unwrap();
    assert_eq!((told["run"].as_str(), told["gate_changed"].as_bool()), (Some("run-3"), Some(true)));
}

#[test]
fn what_strangers_wrote_is_data_at_every_receiver() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::new(endpoint, &[("did not pass the ping health check", HOSTILE)]);
    let receivers = Receivers::make(&bank);
    let (code, stdout, stderr) = bank.run("run-1", &receivers.targets());
    assert_eq!(code, 0, "{stdout}{stderr}");
    let report = std::fs::read_to_string(bank.folder().join("out/report.json")).unwrap();
    assert!(report.contains("<!channel>"), "it was read");
    let clean = |what: &str, text: &str, breaks: bool| {
        let control = |c: char| c.is_control() && !(breaks && c == '\n');
        assert!(!text.chars().any(control) && !text.contains('\u{202e}'), "{what}: {text:?}");
        assert!(!text.contains("https://evil") && !text.contains("www.evil"), "{what}: {text}");
        assert!(!text.contains("\n- forged"), "{what}: {text}");
    };
    let (plain, subject) = receivers.plain_text();
    clean("the mail", &plain, true);
    clean("its subject", &subject, false);
    assert!(plain.contains("<!channel>"), "a mail calls nobody, and shows it: {plain}");
    for body in receivers.hooks.bodies("/slack") {
        let text = body.to_string();
        assert!(!text.contains("<!channel>") && text.contains("&lt;!channel&gt;"), "{text}");
        for block in body["blocks"].as_array().unwrap() {
            clean("the channel", block["text"]["text"].as_str().unwrap_or_default(), true);
        }
    }
    // JSON is data: there it is what it was.
    let told = receivers.hooks.bodies("/hook");
    assert!(told[0].to_string().contains("<!channel>"), "{told:?}");
    let detail = receivers.events(1).iter().any(|event| event["detail"]["reason"].to_string().contains("<!channel>"));
    assert!(detail, "an event tells it");
    assert!(stdout.lines().filter(|line| line.contains("\"_aws\"")).all(|line| !line.contains("channel")));
}

fn latest_report(bank: &Bank) -> Value {
    serde_json::from_slice(&std::fs::read(bank.folder().join("out/report.json")).unwrap()).unwrap()
}
