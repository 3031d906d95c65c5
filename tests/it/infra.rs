//! The templates of `infra/`: what CloudFormation and our own rules say of them, and what comes of deploying them.

mod organization;
mod recheck;
mod stack;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use crate::support::{parts, root, run, validator};

/// Every template.
fn templates() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root("infra")).expect("infra").map(|entry| entry.expect("an entry").path());
    let mut found: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "yaml")).collect();
    found.sort();
    assert!(found.len() >= 3, "{found:?}");
    found
}

#[test]
fn templates_are_what_cloudformation_takes() {
    let Some(lint) = validator("cfn-lint") else { return };
    let mut command = Command::new(lint);
    command.args(["--regions", "us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1", "--"]).args(templates());
    let (code, out, err) = parts(&run(command));
    assert_eq!((code, out.trim(), err.trim()), (0, "", ""));
    for template in templates() {
        let bytes = std::fs::metadata(&template).unwrap().len();
        assert!(bytes < 51_200, "{} is too long to be deployed without a bucket", template.display());
    }
}

#[test]
fn templates_keep_our_rules() {
    let Some(guard) = validator("cfn-guard") else { return };
    let mut command = Command::new(guard);
    command.args(["validate", "--show-summary", "fail", "--rules"]).arg(root("infra/rules/"));
    for template in templates() {
        command.arg("--data").arg(template);
    }
    let (code, out, err) = parts(&run(command));
    assert_eq!(code, 0, "{out}{err}");
}

/// What each rule says of the templates in `infra/rules/tests`, by `cfn-guard test`.
fn verdicts(guard: &PathBuf, rules: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut command = Command::new(guard);
    command.arg("test").arg("--rules-file").arg(root(&format!("infra/rules/{rules}.guard")));
    command.arg("--test-data").arg(root(&format!("infra/rules/tests/{rules}_tests.yaml")));
    let (code, out, err) = parts(&run(command));
    assert_eq!(code, 0, "{rules}: {out}{err}");
    let mut verdicts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in out.lines() {
        if let Some((rule, verdict)) = line.trim().split_once(": Expected = ") {
            verdicts.entry(rule.to_owned()).or_default().insert(verdict.to_owned());
        }
    }
    verdicts
}

#[test]
fn every_rule_has_a_template_that_keeps_it_and_one_that_breaks_it() {
    let Some(guard) = validator("cfn-guard") else { return };
    for rules in ["identity", "messaging", "storage"] {
        let text = std::fs::read_to_string(root(&format!("infra/rules/{rules}.guard"))).unwrap();
        let declared = text.lines().filter_map(|line| line.strip_prefix("rule "));
        // One with parameters is a part of others.
        let names: BTreeSet<String> = declared
            .filter_map(|rest| rest.split([' ', '(']).next().filter(|name| !rest.starts_with(&format!("{name}("))))
            .map(str::to_owned)
            .collect();
        let verdicts = verdicts(&guard, rules);
        assert_eq!(names, verdicts.keys().cloned().collect());
        for (rule, seen) in verdicts {
            assert!(seen.contains("PASS") && seen.contains("FAIL"), "{rule}: {seen:?}");
        }
    }
    let files =
        std::fs::read_dir(root("infra/rules")).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_file());
    assert_eq!(files.count(), 3, "each file of rules is named above");
}

/// Parameters of a template, by its name.
fn parameters(template: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(root(template)).unwrap();
    let (_, rest) = text.split_once("\nParameters:\n").unwrap();
    let lines = rest.lines().take_while(|line| line.is_empty() || line.starts_with(' '));
    let names = lines.filter_map(|line| line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')));
    names.map(|line| line.trim_end_matches(':').to_owned()).collect()
}

#[test]
fn the_commands_that_are_documented_name_parameters_that_exist() {
    let mut seen = 0;
    for page in ["README.md", "infra/README.md"] {
        let text = std::fs::read_to_string(root(page)).unwrap().replace("\\\n", " ");
        for line in text.lines().filter(|line| line.starts_with("aws cloudformation")) {
            let Some(template) = line.split_whitespace().find(|word| word.contains("infra/")) else { continue };
            let known = parameters(template.trim_start_matches("file://"));
            let given = line.split("parameter-overrides").nth(1).map_or_else(
                || line.split("ParameterKey=").skip(1).filter_map(|rest| rest.split(',').next()).collect::<Vec<_>>(),
                |rest| rest.split_whitespace().filter_map(|word| word.split('=').next()).collect(),
            );
            for name in given {
                assert!(known.contains(name), "{page}: `{template}` has no parameter `{name}`");
                seen += 1;
            }
        }
    }
    assert!(seen > 12, "{seen}");
}
