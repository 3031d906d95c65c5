//! The embedded demo is a recording of the real collectors: made again from the seeded estate, it must come out the same.

use std::path::Path;

use serde_json::{Map, Value};

use countersign::evidence::Snapshot;

use crate::emulator_or_skip;
use crate::support::{against, fast_policy, fresh_account, parts, registry_of, root, run, seed};

/// Values that are made anew each time: ids that the emulator draws, instants at which calls were answered, costs.
fn scrubbed(value: &Value, account: &str) -> Value {
    match value {
        Value::Object(map) => {
            let kept =
                map.iter().filter(|(name, _)| !matches!(name.as_str(), "request_id" | "at" | "stats" | "principal_id"));
            let scrub = |(name, value): (&String, &Value)| {
                let drawn =
                    matches!((name.as_str(), value.as_str()), ("version_id" | "id", Some(text)) if text.len() > 20);
                (name.clone(), if drawn { Value::from("(drawn)") } else { scrubbed(value, account) })
            };
            Value::Object(kept.map(scrub).collect::<Map<_, _>>())
        }
        Value::Array(values) => Value::Array(values.iter().map(|value| scrubbed(value, account)).collect()),
        Value::String(text) => {
            Value::from(text.replace(account, "111122223333").replace(&registry_of(account), "444455556666"))
        }
        other => other.clone(),
    }
}

/// Facts in an order that does not hang on ids that are drawn.
fn sorted(facts: &Value) -> Vec<String> {
    let mut facts: Vec<String> = facts.as_array().expect("facts").iter().map(Value::to_string).collect();
    facts.sort();
    facts
}

fn facts(path: &Path, account: &str) -> Value {
    let snapshot = Snapshot::load(path).expect("a snapshot");
    scrubbed(&serde_json::to_value(&snapshot).expect("JSON"), account)
}

#[test]
fn the_embedded_demo_is_what_the_collectors_see_today() {
    let endpoint = emulator_or_skip!();
    // What is sorted by names that begin with the account comes in the recorded order only where the account begins alike.
    let account = format!("1{}", &fresh_account()[1..]);
    let folder = tempfile::tempdir().expect("a folder");
    let (policy, out) = (folder.path().join("bank.toml"), folder.path().join("again.json.zst"));
    seed(endpoint, "bank", &account, &["--policy", &policy.display().to_string()]);
    let texts = [&policy, Path::new(&fast_policy())].map(|path| std::fs::read_to_string(path).expect("a policy"));
    std::fs::write(&policy, texts.concat()).expect("a policy");
    let (policy, target) = (policy.display().to_string(), out.display().to_string());
    let arguments = ["collect", "--region", "us-east-1", "--policy", &policy, "--out", &target];
    let mut command = against(endpoint, &account, &arguments);
    command.env("SOURCE_DATE_EPOCH", "1795165200");
    let (code, _, stderr) = parts(&run(command));
    assert_eq!(code, 0, "{stderr}");

    let (again, embedded) =
        (facts(&out, &account), facts(&root("src/cli/demo/bank.snapshot.json.zst"), "111122223333"));
    for part in embedded.as_object().expect("an object").keys() {
        if part == "facts" {
            for kind in embedded["facts"].as_object().expect("facts").keys() {
                assert_eq!(
                    sorted(&again["facts"][kind]),
                    sorted(&embedded["facts"][kind]),
                    "{kind}: run tests/record-scenarios"
                );
            }
        } else {
            assert_eq!(again[part], embedded[part], "{part}: run tests/record-scenarios");
        }
    }
}
