//! Files, registry, ids, codes, documentation and the catalogue page say the same.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::*;
use crate::control::catalogue::catalogue;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/control")
}

/// Every file that declares a control, by its path from the package's root.
fn files() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for family in std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for file in std::fs::read_dir(&family).unwrap().map(|entry| entry.unwrap().path()) {
            let declares = std::fs::read_to_string(&file).is_ok_and(|text| text.contains("\ndeclare_control! {"));
            if declares {
                let path = file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
                found.insert(path.to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    found
}

#[test]
fn every_file_is_registered_under_the_id_that_its_name_states() {
    let registered: BTreeSet<String> = CONTROLS.iter().map(|control| control.file.replace('\\', "/")).collect();
    assert_eq!(registered, files());
    for control in CONTROLS {
        let name = Path::new(control.file).file_stem().unwrap().to_str().unwrap();
        assert_eq!(name.replace('_', "-"), control.id, "{}", control.file);
        let first = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(control.file)).unwrap();
        assert!(first.starts_with(&format!("//! {}\n", control.code)), "{} does not begin with its code", control.file);
    }
}

#[test]
fn codes_and_ids_are_unique_and_well_formed() {
    let codes: BTreeSet<_> = CONTROLS.iter().map(|control| control.code).collect();
    let ids: BTreeSet<_> = CONTROLS.iter().map(|control| control.id).collect();
    assert_eq!((codes.len(), ids.len()), (CONTROLS.len(), CONTROLS.len()));
    for code in codes {
        let (family, number) = code.split_once('-').expect(code);
        assert!(family.len() == 3 && family.bytes().all(|byte| byte.is_ascii_uppercase()), "{code}");
        assert!(number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    }
}

#[test]
fn a_control_is_found_by_code_and_by_id() {
    for control in CONTROLS {
        for name in [control.code, control.id, &control.code.to_lowercase(), &format!(" {} ", control.id)] {
            assert_eq!(find(name).map(|found| found.code), Some(control.code));
        }
    }
    assert!(find("APR-999").is_none() && find("").is_none());
}

#[test]
fn every_control_is_documented_alike() {
    let headings = ["## What it requires", "## Why", "## Evidence", "## Results"];
    let results = ["- **pass", "- **fail", "- **unknown", "- **not applicable"];
    for control in CONTROLS {
        let lines: Vec<&str> = control.doc.lines().map(str::trim_start).collect();
        let stated: Vec<_> = lines.iter().copied().filter(|line| line.starts_with("## ")).collect();
        assert_eq!(stated, headings, "{}", control.code);
        let stated: Vec<_> = lines
            .iter()
            .filter(|line| line.starts_with("- **"))
            .map(|line| line.split_once("**:").map_or(*line, |(result, _)| result))
            .collect();
        assert_eq!(stated, results, "{}", control.code);
        for text in [control.summary, control.remedy, control.role] {
            assert!(!text.is_empty() && !text.ends_with('.') && text.trim() == text, "{}: `{text}`", control.code);
        }
        assert!(!control.frameworks.is_empty(), "{}", control.code);
        assert!(
            control.needs.iter().all(|kind| !control.uses.contains(kind)),
            "{} needs and uses the same",
            control.code
        );
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a test that writes the page when it is asked to")]
fn the_catalogue_page_is_the_one_that_the_controls_make() {
    let (path, page) = (folder().join("README.md"), catalogue());
    if std::env::var("UPDATE").is_ok_and(|update| update == "1") {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "`{}` is not what the controls make: run this test with UPDATE=1", path.display());
}
