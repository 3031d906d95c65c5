use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::report::sample::{bank, blank, hostile};

fn all(report: &Report) -> Vec<AsffFinding> {
    findings(report).collect()
}

fn of(all: &[AsffFinding], code: &str, status: ComplianceStatus) -> AsffFinding {
    all.iter()
        .find(|finding| finding.compliance.security_control_id == code && finding.compliance.status == status)
        .unwrap_or_else(|| panic!("{code} {status:?}"))
        .clone()
}

#[test]
fn an_unknown_is_no_verdict_and_what_ended_is_archived() {
    let all = all(&bank());
    let unknown = of(&all, "ART-001", ComplianceStatus::NotAvailable);
    assert_eq!(unknown.record_state, RecordState::Active);
    assert!(unknown.description.starts_with("Could not be decided: "), "{}", unknown.description);
    assert_eq!(unknown.severity.label, SeverityLabel::Critical, "what could hide there weighs as much");
    let healed = of(&all, "APR-001", ComplianceStatus::Passed);
    assert_eq!((healed.record_state, healed.severity.label), (RecordState::Archived, SeverityLabel::Informational));
    let gone = all.iter().find(|finding| finding.description.contains("loan-default")).unwrap();
    assert_eq!((gone.record_state, gone.compliance.status), (RecordState::Archived, ComplianceStatus::NotAvailable));
    assert_eq!(gone.aws_account_id, "111122223333");
    let waived: Vec<&AsffFinding> = all.iter().filter(|finding| finding.workflow.is_some()).collect();
    assert!(!waived.is_empty());
    for finding in waived {
        assert_eq!(finding.compliance.status, ComplianceStatus::Failed);
        assert!(finding.description.starts_with("Waived: "), "{}", finding.description);
    }
    assert_eq!(findings(&blank()).count(), 0);
}

#[test]
fn the_same_finding_has_the_same_id_in_the_next_run() {
    let (first, mut next) = (bank(), bank());
    next.collected_at += jiff::SignedDuration::from_hours(24);
    for (before, after) in all(&first).iter().zip(all(&next)) {
        assert_eq!((&before.id, &before.product_arn), (&after.id, &after.product_arn));
        assert!(before.updated_at < after.updated_at, "Security Hub drops what is not newer");
    }
    let product = "arn:aws:securityhub:eu-central-1:111122223333:product/111122223333/default";
    assert!(all(&first).iter().all(|finding| finding.product_arn == product && finding.region == "eu-central-1"));
}

#[test]
fn the_whole_run_is_laid_to_the_account_and_the_first_region() {
    let mut report = bank();
    let mut row = report.findings.iter().find(|row| row.status == crate::control::Status::Fail).unwrap().clone();
    row.subject = std::sync::Arc::new(crate::report::document::SubjectRow {
        kind: "run".into(),
        name: "run".into(),
        arn: None,
        account: "111122223333".into(),
        region: "".into(),
        live_version: None,
        live_versions: Vec::new(),
    });
    report.findings = vec![row];
    report.changes = None;
    let finding = all(&report).remove(0);
    assert_eq!(
        (finding.region.as_str(), finding.resources[0].id.as_str()),
        ("eu-central-1", "AWS::::Account:111122223333")
    );
}

#[test]
fn it_reads_as_before() {
    let mut text = Vec::new();
    write(&bank(), &mut text).unwrap();
    let list: Vec<Value> = serde_json::from_slice(&text).unwrap();
    let kept = ["NOT_AVAILABLE", "PASSED", "SUPPRESSED", "loan-default"];
    let picked: Vec<&Value> = kept
        .iter()
        .filter_map(|word| list.iter().find(|finding| finding.to_string().contains(word)))
        .chain(list.first())
        .collect();
    insta::assert_snapshot!("asff", serde_json::to_string_pretty(&picked).unwrap());
}

/// Every limit that AWS's reference names, in characters.
fn assert_limits(finding: &AsffFinding) {
    let value = serde_json::to_value(finding).unwrap();
    let chars = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).map_or(0, |text| text.chars().count());
    for (pointer, most) in [
        ("/Id", 512),
        ("/ProductArn", 2048),
        ("/GeneratorId", 512),
        ("/Region", 16),
        ("/Title", 256),
        ("/Description", 1024),
        ("/Remediation/Recommendation/Text", 512),
        ("/Compliance/StatusReasons/0/Description", 2048),
        ("/ProductName", 128),
        ("/CompanyName", 128),
    ] {
        assert!(chars(pointer) <= most, "{pointer}: {} of {most}", chars(pointer));
    }
    assert!(finding.product_fields.len() <= 50);
    for (name, value) in &finding.product_fields {
        assert!(name.chars().count() <= 128 && value.chars().count() <= 2048 && !value.trim().is_empty(), "{name}");
    }
    assert!((1..=32).contains(&finding.resources.len()) && finding.types.len() <= 50);
    assert!(finding.compliance.related_requirements.len() <= 32);
    let size = serde_json::to_vec(finding).unwrap().len();
    assert!(size <= 240 * 1024, "{size}");
}

#[test]
fn hostile_names_stay_within_the_limits_and_deceive_nobody() {
    for finding in all(&hostile()) {
        assert_limits(&finding);
        for text in [&finding.title, &finding.description] {
            let bad = text.chars().find(|c| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}'));
            assert_eq!(bad, None, "{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_text_of_any_length_breaks_a_limit(
        text in prop_oneof!["\\PC{0,40}", ".{0,3000}", "[é漢🦀]{300,2500}", "[\\x00-\\x20]{0,2000}"],
        notes in prop::collection::vec(".{0,900}", 0..4),
        facts in 0_usize..40,
    ) {
        let mut report = bank();
        report.findings.truncate(12);
        let name = crate::report::shared::Shared::from(text.as_str());
        for row in &mut report.findings {
            row.reason = name.clone();
            row.remedy = name.clone();
            row.summary = name.clone();
            row.notes.clone_from(&notes);
            row.evidence = report.evidence.keys().cycle().take(facts).cloned().collect();
            let mut subject = (*row.subject).clone();
            (subject.name, subject.arn, subject.account, subject.region) =
                (name.clone(), Some(name.clone()), name.clone(), name.clone());
            subject.live_versions = vec![name.clone(); 9];
            row.subject = std::sync::Arc::new(subject);
            row.status = crate::control::Status::Fail;
        }
        for fact in report.evidence.values_mut() {
            fact.what.clone_from(&text);
        }
        let findings = all(&report);
        prop_assert!(findings.len() >= 12);
        for finding in &findings {
            assert_limits(finding);
        }
    }
}
