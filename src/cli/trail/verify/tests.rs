//! The command on a copy in a folder, made by the test.

use std::path::Path;

use clap::Parser;

use super::*;
use crate::store::Store;
use crate::trail::digest::fixture::{self, Trail};

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    verify: Verify,
}

/// A folder with a copy of what a trail delivered, its newest digest with metadata, and a file with the public keys.
fn copy(trail: &Trail, folder: &Path) {
    let store = Folder::new(folder.join("logs"));
    for (key, (bytes, _)) in &trail.bucket.objects {
        store.put_new(key, bytes).unwrap();
    }
    let newest = trail.digests.last().unwrap();
    let head = serde_json::json!({"Metadata": trail.bucket.objects[newest].1}).to_string();
    store.put_new(&format!("{newest}.metadata.json"), head.as_bytes()).unwrap();
    std::fs::write(folder.join("keys.json"), fixture::key_file()).unwrap();
}

/// Runs the command with what comes after the folder and the keys.
fn run(folder: &Path, more: &str) -> anyhow::Result<Exit> {
    let (logs, keys) = (folder.join("logs").display().to_string(), folder.join("keys.json").display().to_string());
    let fixed = ["verify", &logs, "--public-keys", &keys].map(str::to_owned);
    let line = Line::try_parse_from(fixed.into_iter().chain(more.split_whitespace().map(str::to_owned))).unwrap();
    line.verify.run(Console::new(true))
}

const SPAN: &str = "--since 2026-03-01T12:00:00Z --until 2026-03-01T15:00:00Z";

#[test]
fn the_exit_code_says_whether_anything_is_wrong_or_open() {
    let folder = tempfile::tempdir().unwrap();
    let mut trail = Trail::of_hours(3);
    copy(&trail, folder.path());
    assert_eq!(run(folder.path(), SPAN).unwrap(), Exit::Done);
    let longer = "--since 2026-03-01T12:00:00Z --until 2026-03-01T18:00:00Z";
    assert_eq!(run(folder.path(), longer).unwrap(), Exit::Done);
    assert_eq!(run(folder.path(), &format!("{longer} --require-complete")).unwrap(), Exit::Incomplete);
    assert_eq!(run(folder.path(), &format!("{SPAN} --require-complete --format jsonl")).unwrap(), Exit::Done);

    let folder = tempfile::tempdir().unwrap();
    let log = trail.logs[0].clone();
    trail.delete(&log);
    copy(&trail, folder.path());
    assert_eq!(run(folder.path(), SPAN).unwrap(), Exit::Findings);
    assert_eq!(run(folder.path(), &format!("{longer} --require-complete")).unwrap(), Exit::Findings);
}

#[test]
fn what_cannot_be_verified_is_an_error_that_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    copy(&Trail::of_hours(2), folder.path());
    let cases = [
        ("--since 2026-03-02 --until 2026-03-01", "is not before"),
        ("--since 2026-03-01 --until 2026-03-02 --region us-west-2", "only of 111122223333 in eu-central-1"),
        ("--since 2026-03-01 --until 2026-03-02 --trail other", "no trail `other`"),
    ];
    for (line, said) in cases {
        let error = run(folder.path(), line).unwrap_err().to_string();
        assert!(error.contains(said), "{line}: {error}");
    }
    std::fs::write(folder.path().join("keys.json"), "{\"PublicKeyList\": []}").unwrap();
    assert!(run(folder.path(), SPAN).unwrap_err().to_string().contains("no public keys found"));
    let empty = tempfile::tempdir().unwrap();
    std::fs::create_dir(empty.path().join("logs")).unwrap();
    std::fs::copy(folder.path().join("keys.json"), empty.path().join("keys.json")).unwrap();
    assert!(run(empty.path(), SPAN).unwrap_err().to_string().contains("no digests lie below"));
}

#[test]
fn names_of_strangers_do_not_drive_the_terminal() {
    let mut trail = Trail::new();
    trail.name = "ma\u{1b}[31min\u{202e}".to_owned();
    trail.log(10);
    trail.digest(0, 60);
    let log = trail.logs[0].clone();
    trail.delete(&log);
    let evil = Trail::log_key(20).replace("_00", "_\u{1b}[2J");
    trail.bucket.objects.insert(evil, (fixture::gzip(b"{}"), Default::default()));
    let source = Source::new(&trail.bucket);
    let verification = trail.verify(1);
    let places = page::keys(&verification).map(|key| (key.to_owned(), source.place(key))).collect();
    let verified = Verified { source: source.store().name(), places, found: vec![verification] };
    let table = page::table(&verified);
    assert!(!table.contains(['\u{1b}', '\u{202e}']), "{table:?}");
    for words in [
        "trail ma\\u{1b}[31min\\u{202e}",
        "missing: log file s3://trail-bucket/AWSLogs/",
        "listed by no digest",
        "log files: 1 missing",
    ] {
        assert!(table.contains(words), "{words}\n{table}");
    }
    let lines = page::jsonl(&verified).unwrap();
    assert!(!lines.contains('\u{1b}'), "{lines:?}");
    let states: Vec<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|line| format!("{} {}", line["kind"].as_str().unwrap(), line["state"].as_str().unwrap()))
        .collect();
    assert_eq!(states, ["span missing", "digest valid", "log missing", "log unlisted"]);
}
