use serde_json::Value;

use super::*;
use crate::report::sample::{bank, blank};

fn all() -> Vec<ComplianceFinding> {
    events(&bank()).collect()
}

#[test]
fn the_life_of_a_finding_is_told_by_activity_and_status() {
    let all = all();
    let one = |code: &str, result: &str| {
        let of =
            |event: &&ComplianceFinding| event.compliance.control == code && event.compliance.status_code == result;
        let event = all.iter().find(of).unwrap_or_else(|| panic!("{code} {result}"));
        assert_eq!(event.type_uid, 200_300 + u64::from(event.activity_id));
        (event.activity_name, event.status, event.compliance.status)
    };
    assert_eq!(one("APR-005", "fail"), ("Create", "New", "Fail"));
    assert_eq!(one("APR-004", "fail"), ("Update", "New", "Fail"));
    assert_eq!(one("ART-001", "unknown"), ("Update", "New", "Unknown"));
    assert_eq!(one("APR-001", "healed"), ("Close", "Resolved", "Pass"));
    assert_eq!(one("INV-002", "gone"), ("Close", "Archived", "Unknown"));
    let waived = all.iter().find(|event| event.compliance.status_code == "waived").unwrap();
    assert_eq!((waived.status, waived.compliance.status), ("Suppressed", "Fail"));
    assert_eq!(events(&blank()).count(), 0);
}

#[test]
fn a_fact_leads_to_the_call_that_showed_it() {
    let report = bank();
    for event in all() {
        for evidence in &event.evidences {
            let fact = report.evidence.values().find(|fact| fact.what == evidence.name).unwrap();
            let call = fact.calls.first().and_then(|id| report.calls.get(id));
            assert_eq!(evidence.api.as_ref().map(|api| api.operation.as_str()), call.map(|call| call.call.as_str()));
        }
    }
    assert!(all().iter().any(|event| event.evidences.iter().any(|evidence| evidence.api.is_some())));
}

#[test]
fn it_reads_as_before() {
    let mut text = Vec::new();
    write(&bank(), &mut text).unwrap();
    let lines: Vec<Value> =
        std::str::from_utf8(&text).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let picked: Vec<&Value> = ["\"unknown\"", "\"healed\"", "\"waived\"", "\"gone\"", "\"fail\""]
        .iter()
        .filter_map(|word| lines.iter().find(|line| line["compliance"].to_string().contains(word)))
        .collect();
    insta::assert_snapshot!("ocsf", serde_json::to_string_pretty(&picked).unwrap());
}
