//! Rules about the source itself.

use std::path::{Path, PathBuf};

use crate::support::root;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every source file with its text, what only tests use left out.
fn all() -> Vec<(String, String)> {
    let mut found = Vec::new();
    sources(&root("src"), &mut found);
    let name = |path: &Path| path.strip_prefix(root("")).expect("inside").display().to_string();
    let for_tests =
        |name: &str| ["/tests/", "tests.rs", "/fixture", "/sample", "/tester"].iter().any(|part| name.contains(part));
    let files = found.iter().map(|path| (name(path), std::fs::read_to_string(path).expect("a source file")));
    files.filter(|(name, _)| !for_tests(name)).collect()
}

/// Invariant 1: only the collectors and the entry points know AWS's crates.
#[test]
fn aws_crates_stay_below_the_collectors() {
    let crates = ["aws_sdk_", "aws_smithy_", "aws_config::", "aws_types::", "aws_credential_types::"];
    let imports = |line: &str| !line.trim_start().starts_with("//") && crates.iter().any(|name| line.contains(name));
    let strays: Vec<String> = all()
        .into_iter()
        .filter(|(name, _)| {
            !["src/collect/aws/", "src/publish/aws/"].iter().any(|place| name.starts_with(place))
                && name != "src/main.rs"
        })
        .filter(|(_, text)| text.lines().any(imports))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(strays, Vec::<String>::new());
}

/// Invariant 5: the clock and the environment are read at the entry points only.
#[test]
fn the_core_reads_no_clock_and_no_environment() {
    let entry = |name: &str| {
        let below = ["src/cli/", "src/collect/aws/", "src/publish/aws/"].iter().any(|place| name.starts_with(place));
        below || ["src/main.rs", "src/lambda/function.rs"].contains(&name)
    };
    let strays: Vec<String> = all()
        .into_iter()
        .filter(|(name, _)| !entry(name))
        .filter(|(_, text)| {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            ["Timestamp::now", "SystemTime::now", "Instant::now", "env::var", "Zoned::now"]
                .iter()
                .any(|call| code.contains(call))
        })
        .map(|(name, _)| name)
        .collect();
    assert_eq!(strays, Vec::<String>::new());
}

/// A file holds one idea: past about 400 lines of code (tests apart) it holds two.
#[test]
fn files_are_small() {
    let large: Vec<(String, usize)> = all()
        .into_iter()
        .map(|(name, text)| (name, text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().lines().count()))
        .filter(|(name, lines)| *lines > 450 && name != "src/report/document.rs" && name != "src/control/mod.rs")
        .collect();
    assert_eq!(large, Vec::new());
}
