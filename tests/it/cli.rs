//! The command line as a user meets it: what it prints, what it leaves behind, how it ends.

use std::path::Path;

use crate::support::{countersign, parts, root, run};

/// Runs the binary in an empty folder and says how it ended.
fn ended(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = countersign(arguments);
    command.current_dir(folder);
    parts(&run(command))
}

fn demo_snapshot() -> Vec<u8> {
    std::fs::read(root("src/cli/demo/bank.snapshot.json.zst")).expect("the embedded recording")
}

/// What a folder holds, sorted.
fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn the_demo_needs_nothing_and_writes_every_format() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, stdout, stderr) = ended(folder.path(), &["demo", "--out", "demo"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(
        listing(&folder.path().join("demo")),
        ["findings.csv", "manager.html", "report.html", "report.json", "report.md"]
    );
    assert!(stdout.contains("report.html"), "it says where the report is: {stdout}");
    assert!(stdout.contains("stop"), "it says the verdicts: {stdout}");
    assert!(!stdout.contains('\u{1b}'), "no colour where there is no terminal");
}

#[test]
fn every_command_explains_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    for command in [
        "demo",
        "run",
        "collect",
        "assess",
        "controls",
        "policy",
        "doctor",
        "iam-policy",
        "trail",
        "archive",
        "history",
        "report",
        "show",
        "findings",
        "completions",
        "explain",
    ] {
        let (code, stdout, _) = ended(folder.path(), &[command, "--help"]);
        assert_eq!(code, 0, "{command}");
        assert!(stdout.contains("Usage:"), "{command}: {stdout}");
    }
    let (code, stdout, _) = ended(folder.path(), &["--version"]);
    assert_eq!((code, stdout.trim()), (0, concat!("countersign ", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn controls_are_found_by_code_and_by_id() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, by_code, _) = ended(folder.path(), &["controls", "APR-001"]);
    assert_eq!(code, 0);
    let (_, by_id, _) = ended(folder.path(), &["controls", "approved-now"]);
    assert_eq!(by_code, by_id);
    assert!(by_code.contains("What it requires"));
    let (code, _, stderr) = ended(folder.path(), &["controls", "APR-999"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("`APR-999`"), "{stderr}");
}

#[test]
fn words_are_explained_and_near_misses_suggested() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, stdout, _) = ended(folder.path(), &["explain", "operate-as-is"]);
    assert_eq!(code, 0, "{stdout}");
    let (code, _, stderr) = ended(folder.path(), &["explain", "waver"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("waiver"), "{stderr}");
}

#[test]
fn a_new_policy_is_valid_and_is_not_written_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, _, stderr) = ended(folder.path(), &["policy", "init"]);
    assert_eq!(code, 0, "{stderr}");
    let (code, stdout, stderr) = ended(folder.path(), &["policy", "check", "countersign.toml"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    std::fs::write(folder.path().join("countersign.toml"), "profile = \"regulated\"\n").expect("a policy");
    let (code, _, stderr) = ended(folder.path(), &["policy", "init"]);
    assert_eq!(code, 2, "{stderr}");
    assert_eq!(
        std::fs::read_to_string(folder.path().join("countersign.toml")).expect("a policy"),
        "profile = \"regulated\"\n"
    );
}

#[test]
fn three_mistakes_in_a_policy_are_three_messages_with_places() {
    let folder = tempfile::tempdir().expect("a folder");
    let policy = "profile = \"lax\"\n\n[tags]\nrequird = [\"owner\"]\n\n[[waiver]]\ncontrol = \"APR-001\"\nsubject = \"*\"\n\
                  owner = \"ana\"\napprover = \"ana\"\nreason = \"known\"\nexpires = 2026-12-01\n";
    std::fs::write(folder.path().join("bad.toml"), policy).expect("a policy");
    let snapshot = folder.path().join("bank.json.zst");
    std::fs::write(&snapshot, demo_snapshot()).expect("a snapshot");
    let (code, _, stderr) = ended(folder.path(), &["assess", "bank.json.zst", "--policy", "bad.toml", "--out", "out"]);
    assert_eq!(code, 2);
    for place in ["bad.toml:1:", "bad.toml:4:", "bad.toml:10:"] {
        assert!(stderr.contains(place), "{place} in\n{stderr}");
    }
    assert!(stderr.contains("required"), "the known key is suggested:\n{stderr}");
    assert_eq!(listing(folder.path()), ["bad.toml", "bank.json.zst"], "nothing is half-written");
}

#[test]
fn damaged_snapshots_are_refused_with_their_name_and_place() {
    let whole = zstd::decode_all(demo_snapshot().as_slice()).expect("zstd");
    let newer = String::from_utf8(whole.clone()).expect("utf-8").replacen(
        "countersign.snapshot/1",
        "countersign.snapshot/9",
        1,
    );
    let cases: [(&str, Vec<u8>, &str); 5] = [
        ("truncated.json", whole[..whole.len() / 2].to_vec(), "damaged"),
        ("truncated.json.zst", demo_snapshot()[..2_000].to_vec(), "damaged"),
        ("newer.json", newer.into_bytes(), "countersign.snapshot/9"),
        ("empty.json", Vec::new(), "damaged"),
        ("other.json", b"{\"a\": 1}".to_vec(), "schema"),
    ];
    for (name, bytes, words) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(name), bytes).expect("a file");
        let (code, stdout, stderr) = ended(folder.path(), &["assess", name, "--out", "out"]);
        assert_eq!(code, 2, "{name}: {stdout}{stderr}");
        assert!(stderr.contains(name) && stderr.contains(words), "{name}: {stderr}");
        assert_eq!(stderr.trim().lines().count(), 1, "one clear error: {stderr}");
        assert_eq!(listing(folder.path()), [name], "nothing is half-written");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (code, _, stderr) = ended(folder.path(), &["assess", "absent.json"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("`absent.json`"), "{stderr}");
}

/// Text that is none: a byte that UTF-8 does not know, half of a surrogate pair, a line end inside a string.
#[test]
fn broken_text_is_refused_with_the_place_where_it_stands() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, _, stderr) = ended(folder.path(), &["demo", "--out", ".", "--format", "json"]);
    assert_eq!(code, 0, "{stderr}");
    let snapshot = zstd::decode_all(demo_snapshot().as_slice()).expect("zstd");
    let report = std::fs::read(folder.path().join("report.json")).expect("a report");
    let files = [
        ("broken.json", snapshot, &b"\"name\":\""[..], &["assess", "broken.json", "--out", "out"][..]),
        ("broken.json", report, &b"\"endpoint\": \""[..], &["diff", "report.json", "broken.json"][..]),
    ];
    for (name, whole, before, command) in files {
        let at = whole.windows(before.len()).position(|part| part == before).expect("a name") + before.len();
        let line = whole[..at].split(|byte| *byte == b'\n').count();
        for broken in [&b"\xff"[..], b"\xed\xa0\x80", b"\\ud800x", b"\\udc00", b"\n"] {
            let bytes = [&whole[..at], broken, &whole[at..]].concat();
            std::fs::write(folder.path().join(name), bytes).expect("a file");
            let (code, stdout, stderr) = ended(folder.path(), command);
            assert_eq!(code, 2, "{broken:?}: {stdout}{stderr}");
            let places = [format!("line {line}"), format!("line {}", line + 1)];
            let placed = places.iter().any(|place| stderr.contains(place)) && stderr.contains("column");
            assert!(stderr.contains(name) && placed, "{broken:?}: {stderr}");
            assert_eq!(stderr.trim().lines().count(), 1, "one clear error: {stderr}");
        }
    }
    assert!(!folder.path().join("out").exists(), "nothing is half-written");
}

#[test]
fn an_unknown_region_and_absent_credentials_are_clear_errors() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = countersign(&["run", "--region", "mars-north-1", "--out", "out"]);
    command.current_dir(folder.path()).env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    let (code, _, stderr) = parts(&run(command));
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("`mars-north-1`") && stderr.contains("--allow-unknown-region"), "{stderr}");

    let (code, _, stderr) = ended(folder.path(), &["run", "--region", "us-east-1", "--out", "out"]);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("credentials"), "{stderr}");
    assert_eq!(listing(folder.path()), Vec::<String>::new(), "nothing is half-written");
}

#[test]
fn usage_errors_end_with_two() {
    let folder = tempfile::tempdir().expect("a folder");
    for arguments in
        [vec!["frobnicate"], vec!["assess"], vec!["demo", "--format", "docx"], vec!["demo", "--fail-on", "dire"]]
    {
        let (code, _, stderr) = ended(folder.path(), &arguments);
        assert_eq!(code, 2, "{arguments:?}: {stderr}");
    }
}

#[test]
fn exit_codes_say_what_was_found() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("bank.json.zst"), demo_snapshot()).expect("a snapshot");
    let policy = root("src/cli/demo/bank.toml").display().to_string();
    let assess = |more: &[&str]| {
        let mut arguments = vec!["assess", "bank.json.zst", "--policy", &policy, "--out", "out"];
        arguments.extend(more);
        ended(folder.path(), &arguments).0
    };
    assert_eq!(assess(&[]), 0);
    assert_eq!(assess(&["--fail-on", "critical"]), 1);
    assert_eq!(assess(&["--fail-on", "low"]), 1);
}

#[test]
fn an_earlier_instant_moves_the_evaluation_only() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("bank.json.zst"), demo_snapshot()).expect("a snapshot");
    let policy = root("src/cli/demo/bank.toml").display().to_string();
    let arguments =
        ["assess", "bank.json.zst", "--policy", &policy, "--as-of", "2027-11-20T09:00:00Z", "--out", "later"];
    let (code, _, stderr) = ended(folder.path(), &arguments);
    assert_eq!(code, 0, "{stderr}");
    let text = std::fs::read_to_string(folder.path().join("later/report.json")).expect("a report");
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(report["as_of"], "2027-11-20T09:00:00Z");
    assert_eq!(report["collected_at"], "2026-11-20T09:00:00Z");
}
