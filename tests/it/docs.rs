//! Documents that could drift from the code are compared with it. `UPDATE=1 tests/run docs` writes them anew.

use std::path::Path;

use crate::support::{countersign, parts, root, run};

/// Compares, or writes where `UPDATE` is set.
fn hold(path: &Path, expected: &str) {
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, expected).expect("a file");
        return;
    }
    let actual = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        actual == expected,
        "{} differs from what the code says; UPDATE=1 tests/run docs writes it",
        path.display()
    );
}

/// Replaces what stands between `<!-- name -->` and `<!-- /name -->`.
fn with_block(text: &str, name: &str, block: &str) -> String {
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = text.split_once(&open).unwrap_or_else(|| panic!("README.md has no block `{name}`"));
    let (_, after) = rest.split_once(&close).unwrap_or_else(|| panic!("README.md does not close block `{name}`"));
    format!("{before}{open}{block}{close}{after}")
}

fn printed(arguments: &[&str]) -> String {
    let mut command = countersign(arguments);
    command.env("COLUMNS", "110");
    let (code, stdout, stderr) = parts(&run(command));
    assert_eq!(code, 0, "{arguments:?}: {stderr}");
    stdout
}

#[test]
fn the_readme_quotes_the_help_and_the_policy_as_they_are() {
    let path = root("README.md");
    let mut text = std::fs::read_to_string(&path).expect("a README");
    text = with_block(&text, "help", &format!("```text\n{}\n```\n", printed(&["--help"]).trim_end()));
    text = with_block(&text, "help run", &format!("```text\n{}\n```\n", printed(&["run", "--help"]).trim_end()));
    let policy = std::fs::read_to_string(root("infra/iam-policy.json")).expect("the generated policy");
    text = with_block(&text, "iam-policy", &format!("```json\n{}\n```\n", policy.trim_end()));
    text = with_block(&text, "controls", &controls());
    text = with_block(&text, "sinks", &sinks());
    hold(&path, &text);
}

/// The table of sinks.
fn sinks() -> String {
    let mut table = String::from("| Target | What it is told | IAM actions |\n|---|---|---|\n");
    for sink in countersign::publish::aws::SINKS {
        let actions = sink.calls.iter().map(|call| {
            let key = if call.with_key { " (own key)" } else { "" };
            format!("`{}`{key}", call.call.action)
        });
        let actions: Vec<String> = actions.collect();
        table.push_str(&format!("| {} | {} | {} |\n", sink.target, sink.summary, actions.join(", ")));
    }
    table
}

/// The table of controls.
fn controls() -> String {
    let mut table = String::from("| Code | What must hold | Severity |\n|---|---|---|\n");
    for control in countersign::control::registry::CONTROLS {
        table.push_str(&format!(
            "| [{}](src/control/README.md#{}) | {} | {:?} |\n",
            control.code,
            control.code.to_lowercase(),
            control.summary,
            control.severity
        ));
    }
    table
}
