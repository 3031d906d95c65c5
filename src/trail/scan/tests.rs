use std::fmt::Write;

use super::*;
use crate::store::Folder;
use crate::trail::gzip::tests::gzip;
use crate::trail::layout::{LogName, key};

/// A trail's folder with so many files of three records each, in an account of its own for every other file.
fn trail(files: u32) -> (tempfile::TempDir, Folder) {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path());
    for file in 0..files {
        let account = if file % 2 == 0 { "111122223333" } else { "444455556666" };
        let delivered = format!("2026-05-{:02}T09:35:00Z", 1 + file % 28).parse().unwrap();
        let unique = format!("{file:016}");
        let name = LogName { account: account.to_owned(), region: "eu-central-1".to_owned(), delivered, unique };
        let mut records = String::new();
        for record in 0..3 {
            write!(
                records,
                r#"{}{{"eventID":"{file}-{record}","eventName":"{}","eventSource":"sagemaker.amazonaws.com","eventTime":"2026-05-{:02}T09:30:0{record}Z"}}"#,
                if record > 0 { "," } else { "" },
                if record == 1 { "CreateModel" } else { "ListModels" },
                1 + file % 28,
            )
            .unwrap();
        }
        store.put_new(&key(None, &name), &gzip(format!(r#"{{"Records":[{records}]}}"#).as_bytes())).unwrap();
    }
    (folder, store)
}

fn options(threads: usize) -> Options {
    Options { threads: NonZeroUsize::new(threads).unwrap(), hash: false }
}

fn scan_all(store: &Folder, filter: &Filter, threads: usize) -> (Vec<(String, usize)>, Summary) {
    let mut seen = Vec::new();
    let mut visit = |scanned: Scanned| {
        seen.push((scanned.file.entry.key, scanned.content.records.len()));
        ControlFlow::Continue(())
    };
    let summary = scan(store, filter, options(threads), &mut visit).unwrap();
    (seen, summary)
}

#[test]
fn every_file_is_handed_over_in_order_whatever_the_threads() {
    let (_folder, store) = trail(60);
    let (one, first) = scan_all(&store, &Filter::default(), 1);
    assert_eq!((first.files, first.records, first.problems.len()), (60, 180, 0));
    assert!(one.is_sorted());
    for threads in [2, 7] {
        assert_eq!(scan_all(&store, &Filter::default(), threads), (one.clone(), first.clone()));
    }
    let named = Filter { names: ["CreateModel".to_owned()].into(), ..Filter::default() };
    assert_eq!(scan_all(&store, &named, 3).1.records, 60);
}

#[test]
fn what_was_read_of_each_stream_is_told() {
    let (_folder, store) = trail(28);
    let (_, summary) = scan_all(&store, &Filter::default(), 2);
    let streams: Vec<_> =
        summary.streams.iter().map(|(stream, it)| (stream.account.as_str(), it.files, it.first, it.last)).collect();
    let at = |day: u8| format!("2026-05-{day:02}T09:35:00Z").parse().unwrap();
    assert_eq!(streams, [("111122223333", 14, at(1), at(27)), ("444455556666", 14, at(2), at(28))]);
}

#[test]
fn a_file_that_cannot_be_read_is_a_problem_and_the_rest_is_read() {
    let (folder, store) = trail(6);
    let below = folder.path().join("AWSLogs/111122223333/CloudTrail/eu-central-1/2026/05/02");
    std::fs::create_dir_all(&below).unwrap();
    std::fs::write(below.join("x.json.gz"), b"\x1f\x8bnot gzip\0").unwrap();
    std::fs::write(below.join("y.json"), "<html>").unwrap();
    std::fs::create_dir(below.join("z.json")).unwrap();
    let (seen, summary) = scan_all(&store, &Filter::default(), 2);
    assert_eq!((seen.len(), summary.files, summary.records), (8, 8, 18));
    let told: Vec<String> = summary.problems.iter().map(ToString::to_string).collect();
    assert!(told[0].contains("x.json.gz`: not a whole gzip file"), "{told:?}");
    assert!(told[1].contains("y.json`: byte 0 begins neither an object nor a list"), "{told:?}");
}

#[test]
fn whoever_is_handed_the_files_may_end_it() {
    let (_folder, store) = trail(60);
    for threads in [1, 4] {
        for wanted in [1, 9] {
            let mut seen = 0;
            let mut visit = |_: Scanned| {
                seen += 1;
                if seen == wanted { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            let summary = scan(&store, &Filter::default(), options(threads), &mut visit).unwrap();
            assert_eq!((seen, summary.files, summary.stopped), (wanted, wanted, true));
        }
    }
}

#[test]
fn a_place_that_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path().join("nowhere"));
    let error = scan(&store, &Filter::default(), options(2), &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert!(error.to_string().contains("nowhere"), "{error}");
}

/// The records of a file of the corpus, as serde reads it.
fn counted(path: &std::path::Path) -> Vec<serde_json::Value> {
    match serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap() {
        serde_json::Value::Array(records) => records,
        mut file => match file.get_mut("Records").map(serde_json::Value::take) {
            Some(serde_json::Value::Array(records)) => records,
            _ => vec![file],
        },
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a test finds its material through the environment")]
fn every_real_record_is_found_whatever_is_asked_for() {
    let Ok(corpus) = std::env::var("COUNTERSIGN_CORPUS") else {
        println!("skipped: COUNTERSIGN_CORPUS is not set");
        return;
    };
    let store = Folder::new(std::path::Path::new(&corpus).join("cloudtrail"));
    let mut records = Vec::new();
    let mut ids = BTreeMap::<(String, String), Vec<String>>::new();
    let all = Filter { failed: true, ..Filter::default() };
    let mut visit = |scanned: Scanned| {
        let expected = counted(&std::path::Path::new(&store.name()).join(&scanned.file.entry.key));
        assert_eq!(scanned.content.records.len(), expected.len(), "{}", scanned.file.entry.key);
        for (record, expected) in scanned.content.records.iter().zip(&expected) {
            assert_eq!(serde_json::from_str::<serde_json::Value>(&record.text).unwrap(), *expected);
            let part = |name: &str| expected[name].as_str().unwrap().to_owned();
            ids.entry((part("eventName"), part("eventSource"))).or_default().push(record.id.clone());
        }
        records.extend(expected);
        ControlFlow::Continue(())
    };
    let summary = scan(&store, &all, options(2), &mut visit).unwrap();
    assert_eq!((summary.problems.len(), summary.records), (0, records.len() as u64));
    assert!(records.len() > 3_000);
    // Each of a few kinds, since every one is a scan of everything.
    for ((name, source), expected) in ids.iter().step_by(12) {
        let filter = Filter { names: [name.clone()].into(), sources: [source.clone()].into(), ..all.clone() };
        let mut found = Vec::new();
        let mut visit = |scanned: Scanned| {
            found.extend(scanned.content.records.into_iter().map(|record| record.id));
            ControlFlow::Continue(())
        };
        scan(&store, &filter, options(2), &mut visit).unwrap();
        assert_eq!(found, *expected, "{name} of {source}");
    }
    println!("{} records of {} kinds in {} files", records.len(), ids.len(), summary.files);
}
