//! The alarms that `countersign remedy` writes: CloudFormation takes them, a shell takes them, and once they are there
//! what was missing is covered.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::emulator_or_skip;
use crate::support::aws::Aws;
use crate::support::report::Report;
use crate::support::{against, countersign, fast_policy, fresh_account, parts, root, run, seed, validator};

/// What the command writes about the recording of the demo.
fn of_the_demo(more: &[&str]) -> String {
    let [snapshot, policy] =
        ["bank.snapshot.json.zst", "bank.toml"].map(|name| root("src/cli/demo").join(name).display().to_string());
    let mut arguments = vec!["remedy", &snapshot, "--policy", &policy];
    arguments.extend(more);
    let (code, out, err) = parts(&run(countersign(&arguments)));
    assert_eq!(code, 0, "{out}{err}");
    out
}

#[test]
fn the_template_is_what_cloudformation_takes() {
    let Some(lint) = validator("cfn-lint") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let topic = "arn:aws:sns:us-east-1:111122223333:ml-oncall";
    for more in [&["--format", "cloudformation"][..], &["--format", "cloudformation", "--sns-topic", topic]] {
        let text = of_the_demo(more);
        let template: Value = serde_json::from_str(&text).expect("the template is JSON");
        assert!(template["Resources"].as_object().unwrap().len() > 3, "{text}");
        let path = folder.path().join("alarms.json");
        std::fs::write(&path, &text).unwrap();
        let mut command = Command::new(&lint);
        command.args(["--regions", "us-east-1", "--"]).arg(&path);
        let (code, out, err) = parts(&run(command));
        assert_eq!((code, out.trim(), err.trim()), (0, "", ""));
    }
}

#[test]
fn a_shell_takes_each_command_as_it_is_meant() {
    let all: Value = serde_json::from_str(&of_the_demo(&["--format", "json"])).expect("JSON");
    // In place of the AWS CLI, a function that shows each argument on a line of its own.
    let script = format!("aws() {{ printf '%s\\n' \"$@\"; echo; }}\nTOPIC_ARN=the-topic\n{}", of_the_demo(&[]));
    let mut command = Command::new("sh");
    command.args(["-eu", "-c", &script]);
    let (code, out, err) = parts(&run(command));
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let shown: Vec<BTreeMap<&str, &str>> = out
        .split("\n\n")
        .filter(|block| !block.is_empty())
        .map(|block| {
            let words: Vec<&str> = block.lines().collect();
            assert_eq!(words[..2], ["cloudwatch", "put-metric-alarm"], "{block}");
            words[2..].chunks(2).map(|pair| (pair[0], pair[1])).collect()
        })
        .collect();
    let meant = all["alarms"].as_array().unwrap();
    assert_eq!(shown.len(), meant.len());
    for (shown, meant) in shown.iter().zip(meant) {
        let alarm = &meant["alarm"];
        assert_eq!(alarm["name"], shown["--alarm-name"]);
        assert_eq!(alarm["description"], shown["--alarm-description"]);
        let dimensions: Value = serde_json::from_str(shown["--dimensions"]).expect("dimensions are JSON");
        for dimension in dimensions.as_array().unwrap() {
            assert_eq!(alarm["series"]["dimensions"][dimension["Name"].as_str().unwrap()], dimension["Value"]);
        }
    }
}

/// Coverage by live version and signal, such as `.../errors`.
fn coverage(report: &Report) -> BTreeMap<String, String> {
    let live = report.0["live_versions"].as_array().expect("live versions").iter();
    live.flat_map(|live| {
        let rows = live["alarms"].as_object().expect("coverage").iter();
        rows.map(move |(signal, row)| {
            (format!("{}/{signal}", live["id"].as_str().unwrap()), row["state"].as_str().unwrap().to_owned())
        })
    })
    .collect()
}

fn read(emulator: &str, account: &str, policy: &str, out: &Path) -> Report {
    let folder = out.display().to_string();
    let mut command = against(
        emulator,
        account,
        &["run", "--region", "us-east-1", "--policy", policy, "--out", &folder, "--format", "json"],
    );
    command.env("SOURCE_DATE_EPOCH", "1795165200"); // 2026-11-20T09:00:00Z, where the estate's clock stands
    let (code, stdout, stderr) = parts(&run(command));
    assert_eq!(code, 0, "{stdout}\n{stderr}");
    Report::in_folder(out)
}

#[test]
fn what_was_missing_is_covered_once_the_template_is_deployed() {
    let emulator = emulator_or_skip!();
    let (account, folder) = (fresh_account(), tempfile::tempdir().expect("a folder"));
    let policy = folder.path().join("watch.toml").display().to_string();
    seed(emulator, "watch", &account, &["--policy", &policy]);
    let [text, pace] = [&policy, &fast_policy()].map(|path| std::fs::read_to_string(path).expect("a policy"));
    std::fs::write(&policy, format!("{text}\n{pace}")).expect("a policy");
    let (before, after) = (folder.path().join("before"), folder.path().join("after"));
    let first = coverage(&read(emulator, &account, &policy, &before));
    let topic = format!("arn:aws:sns:us-east-1:{account}:ml-oncall");
    let snapshot = before.join("snapshot.json.zst").display().to_string();
    let made = |format: &str| {
        let arguments = [
            "remedy",
            &snapshot,
            "--policy",
            &policy,
            "--format",
            format,
            "--sns-topic",
            &topic,
            "--account",
            &account,
        ];
        let (code, out, err) = parts(&run(countersign(&arguments)));
        assert_eq!(code, 0, "{out}{err}");
        out
    };
    let all: Value = serde_json::from_str(&made("json")).expect("JSON");
    let mut aws = Aws::new(emulator, &account);
    let stack = json!({ "StackName": "model-alarms", "TemplateBody": made("cloudformation") });
    aws.call("cloudformation", "create_stack", &stack);
    let described =
        aws.until(120, "cloudformation", "describe_stacks", &json!({"StackName": "model-alarms"}), |answer| {
            answer["Stacks"][0]["StackStatus"].as_str().is_some_and(|status| !status.ends_with("_IN_PROGRESS"))
        });
    assert_eq!(described["Stacks"][0]["StackStatus"], "CREATE_COMPLETE", "{described}");

    let second = coverage(&read(emulator, &account, &policy, &after));
    let mut covered = 0;
    for remedy in all["alarms"].as_array().unwrap() {
        for live in remedy["live"].as_array().unwrap() {
            let signal = remedy["signal"].as_str().unwrap().replace('_', " ");
            let name = format!("{}/{signal}", live.as_str().unwrap());
            assert!(["missing", "broken"].contains(&first[&name].as_str()), "{name} was {}", first[&name]);
            assert_eq!(second[&name], "covered", "{name}: {}", remedy["alarm"]);
            covered += 1;
        }
    }
    assert!(covered > 10, "{covered}");
    for (name, state) in &first {
        assert!(state != "covered" || second[name] == "covered", "{name} is covered no more");
    }
}
