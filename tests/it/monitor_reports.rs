//! Reports of monitors as Model Monitor really wrote them: every one of the corpus is read, and what is none is refused.

use std::fs;
use std::path::{Path, PathBuf};

use countersign::monitor_report::read;
use serde_json::Value;

use crate::support::skip;

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the corpus is readable").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn name(path: &Path) -> String {
    path.file_name().expect("a file").to_string_lossy().into_owned()
}

#[test]
fn every_report_of_the_corpus_is_read_and_nothing_else_passes_for_one() {
    let Some(corpus) = std::env::var_os("COUNTERSIGN_CORPUS") else { return skip("COUNTERSIGN_CORPUS is not set") };
    let all = files(&Path::new(&corpus).join("model-monitor"));
    let (reports, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|path| name(path).contains("violation"));
    assert!(reports.len() >= 2, "the corpus holds {reports:?}");
    for path in &reports {
        let bytes = fs::read(path).expect("readable");
        let given: Value = serde_json::from_slice(&bytes).expect("JSON");
        let given = given["violations"].as_array().expect("a list");
        let report = read(&name(path), &bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(report.total, given.len(), "{}", path.display());
        for (violation, given) in report.violations.iter().zip(given) {
            let member = |name: &str| given[name].as_str().expect("a text").to_owned();
            assert_eq!(violation.feature, member("feature_name"));
            assert_eq!(violation.check, member("constraint_check_type"));
            assert_eq!(violation.description, member("description"));
        }
        let whole = bytes.trim_ascii_end().len();
        for end in 0..whole {
            let error = read("cut", &bytes[..end]).expect_err("a part of a report").to_string();
            assert!(error.starts_with("`cut`, line "), "{error}");
        }
        eprintln!("{}: {} violations, {whole} beginnings of it refused", path.display(), report.total);
    }
    // Baselines, statistics, captures and metrics lie beside the reports.
    assert!(others.len() >= 10, "the corpus holds {others:?}");
    for path in others {
        let bytes = fs::read(&path).expect("readable");
        let error = read(&name(&path), &bytes).expect_err("no report").to_string();
        assert!(error.contains("expected a report of a monitor"), "{error}");
    }
}
