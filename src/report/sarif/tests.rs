use serde_json::Value;

use super::*;
use crate::control::Status;
use crate::report::sample::{bank, blank, hostile};

fn sarif(report: &Report) -> Value {
    let mut text = Vec::new();
    write(report, &mut text).unwrap();
    serde_json::from_slice(&text).unwrap()
}

fn results(report: &Report) -> Vec<Value> {
    sarif(report)["runs"][0]["results"].as_array().unwrap().clone()
}

#[test]
fn unknown_is_open_and_a_waiver_suppresses() {
    let report = bank();
    let results = results(&report);
    let count = |status| report.findings.iter().filter(|row| row.status == status).count();
    let open: Vec<&Value> = results.iter().filter(|result| result["kind"] == "open").collect();
    assert_eq!(open.len(), count(Status::Unknown));
    for result in open {
        assert_eq!(result["level"], "none");
        assert!(result["message"]["text"].as_str().unwrap().starts_with("Could not be decided: "), "{result}");
    }
    let suppressed: Vec<&Value> =
        results.iter().filter(|result| !result["suppressions"].as_array().unwrap().is_empty()).collect();
    assert_eq!(suppressed.len(), count(Status::Waived));
    assert_eq!(results.len(), count(Status::Fail) + count(Status::Unknown) + count(Status::Waived));
    assert!(self::results(&blank()).is_empty());
}

#[test]
fn each_result_points_to_its_rule_and_to_one_alert() {
    let log = sarif(&bank());
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let mut alerts = std::collections::BTreeSet::new();
    for result in log["runs"][0]["results"].as_array().unwrap() {
        if let Some(index) = result["ruleIndex"].as_u64() {
            assert_eq!(rules[usize::try_from(index).unwrap()]["id"], result["ruleId"]);
        }
        assert!(alerts.insert(result["partialFingerprints"]["primaryLocationLineHash"].to_string()));
        let location = &result["locations"][0];
        assert_eq!(location["physicalLocation"]["artifactLocation"]["uri"], "countersign.toml");
        assert!(location["logicalLocations"][0]["fullyQualifiedName"].is_string());
    }
    let baseline: std::collections::BTreeSet<&str> =
        log["runs"][0]["results"].as_array().unwrap().iter().map(|it| it["baselineState"].as_str().unwrap()).collect();
    assert_eq!(baseline, ["new", "unchanged", "updated"].into());
    let first = results(&Report { changes: None, ..bank() });
    assert!(first.iter().all(|result| result.get("baselineState").is_none()), "there is nothing to compare with");
}

#[test]
fn where_the_policy_lies_is_a_relative_reference() {
    let of = |origin: Option<&str>| {
        let mut report = bank();
        report.policy.origin = origin.map(str::to_owned);
        policy_file(&report)
    };
    assert_eq!(of(None), "countersign.toml");
    assert_eq!(of(Some("governance/countersign.toml")), "governance/countersign.toml");
    assert_eq!(of(Some("./a b.toml")), "a%20b.toml");
    assert_eq!(of(Some("/home/ana/secret/countersign.toml")), "countersign.toml");
    assert_eq!(of(Some("../../x.toml")), "x.toml");
    assert_eq!(of(Some("s3://bucket/policies/x.toml")), "x.toml");
    assert_eq!(of(Some("/")), "countersign.toml");
}

#[test]
fn names_are_neither_links_nor_placeholders() {
    for result in results(&hostile()) {
        let text = result["message"]["text"].as_str().unwrap();
        assert!(!text.contains("]("), "{text}");
        let bare = text.replace("{{", "").replace("}}", "");
        assert!(!bare.contains(['{', '}']), "{text}");
        assert!(!text.chars().any(|c| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}')), "{text}");
    }
}

#[test]
fn it_reads_as_before() {
    let mut report = bank();
    report.findings.retain(|row| matches!(row.code.as_str(), "ART-001" | "APR-005" | "ART-004"));
    report.controls.retain(|code| matches!(code.as_str(), "ART-001" | "APR-005"));
    let mut text = Vec::new();
    write(&report, &mut text).unwrap();
    insta::assert_snapshot!("sarif", String::from_utf8(text).unwrap());
}
