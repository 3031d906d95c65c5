//! What the engine promises, and the law that losing evidence decides nothing.

use super::*;
use crate::control::Severity;
use crate::control::tester::Tester;
use crate::declare_control;
use crate::estate::LiveVersion;
use crate::estate::fixture::*;
use crate::evidence::{Alarm, Hidden, Package, ResourceKey};
use crate::policy::Profile;
use crate::readiness::ReadinessVerdict;

mod losing;

mod panics {
    use super::*;

    declare_control! {
        /// It fails.
        "TST-001" "panics" {
            summary: "it panics",
            severity: High,
            gate: Fix,
            needs: [],
            uses: [],
            remedy: "mend it",
            role: "nobody",
            frameworks: [],
            check: Check::LiveVersion(check),
        }
    }

    fn check<'a>(live: &'a LiveVersion<'a>, _: Context<'a>) -> Verdict {
        panic!("no such thing as `{}`", live.id)
    }
}

mod reads_models {
    use super::*;

    declare_control! {
        /// It passes, unless it does not apply.
        "TST-002" "reads-models" {
            summary: "it passes",
            severity: High,
            gate: Fix,
            needs: [Models],
            uses: [Topics],
            remedy: "none",
            role: "nobody",
            frameworks: [],
            check: Check::LiveVersion(check),
        }
    }

    fn check<'a>(_: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
        match context.policy.profile {
            Profile::Standard => Verdict::pass("it holds"),
            Profile::Regulated => Verdict::not_applicable("the profile decides").settled(),
        }
    }
}

/// Status, reason, notes and number of gaps of the one finding that a test control makes.
fn one(control: &'static Control, fixture: &Fixture) -> (Status, String, String, usize) {
    let estate = fixture.estate();
    let assessment = assess_with(&[control], &estate, &fixture.policy);
    let [finding] = assessment.findings.as_slice() else { panic!("one finding: {:#?}", assessment.findings) };
    (finding.status, finding.verdict.reason.clone(), finding.verdict.notes.join("; "), finding.gaps.len())
}

#[test]
fn a_control_that_panics_is_unknown_and_ends_nothing() {
    let (status, reason, notes, _) = one(&panics::CONTROL, &Fixture::sound());
    assert_eq!(status, Status::Unknown);
    assert!(reason.contains("defect") && notes.contains("no such thing"), "{reason}: {notes}");
}

#[test]
fn a_gap_over_what_a_control_needs_makes_it_unknown_and_names_the_call() {
    let hidden = Fixture::sound().gap(Hidden::One(ResourceKey::new(FactKind::Models, MODEL)));
    let (status, reason, notes, gaps) = one(&reads_models::CONTROL, &hidden);
    assert_eq!((status, gaps), (Status::Unknown, 1));
    assert_eq!(reason, "models could not be read: `sagemaker:Describe` was denied by the reader's own policy");
    assert_eq!(notes, "as far as could be read: it holds");

    let other = Fixture::sound().gap(Hidden::One(ResourceKey::new(FactKind::Models, "other")));
    assert_eq!(one(&reads_models::CONTROL, &other).0, Status::Pass, "a gap over another model");
    let listed = Fixture::sound().gap(Hidden::All(FactKind::Models));
    assert_eq!(
        one(&reads_models::CONTROL, &listed).0,
        Status::Pass,
        "every model that it names was read some other way"
    );
    let mut elsewhere = Fixture::sound().hidden(FactKind::Models, MODEL);
    elsewhere.snapshot.gaps[0].region = "us-east-1".to_owned();
    assert_eq!(one(&reads_models::CONTROL, &elsewhere).0, Status::Pass, "a gap of another region");
}

#[test]
fn a_gap_over_what_a_control_uses_only_adds_a_note() {
    let (status, _, notes, gaps) = one(&reads_models::CONTROL, &Fixture::sound().gap(Hidden::All(FactKind::Topics)));
    assert_eq!((status, gaps), (Status::Pass, 1));
    assert!(notes.contains("notification topics could not be read"), "{notes}");
}

#[test]
fn what_the_policy_decides_no_gap_undoes() {
    let regulated = Fixture::sound()
        .gap(Hidden::One(ResourceKey::new(FactKind::Models, MODEL)))
        .policy(|policy| policy.profile = Profile::Regulated);
    assert_eq!(
        one(&reads_models::CONTROL, &regulated),
        (Status::NotApplicable, "the profile decides".to_owned(), String::new(), 0)
    );
}

#[test]
fn the_sound_estate_fails_nothing_and_is_only_held_by_the_trend() {
    let fixture = Fixture::sound();
    let estate = fixture.estate();
    let assessment = assess(&estate, &fixture.policy);
    for finding in &assessment.findings {
        let said = (finding.control.code, finding.subject_name(), finding.status, &finding.verdict.reason);
        assert!(matches!(finding.status, Status::Pass | Status::NotApplicable), "{said:?}");
    }
    let [readiness] = assessment.readiness.as_slice() else { panic!("one live version") };
    assert_eq!((readiness.verdict, readiness.rule), (ReadinessVerdict::OperateAsIs, 5));
    assert!(readiness.binding.is_empty() && readiness.flip_set.len() == 1, "{readiness:?}");
    let (decided, asked) = assessment.decided;
    assert!(decided == asked && asked > 20, "{decided} of {asked}");
}

#[test]
fn findings_come_by_live_version_alarm_bucket_region_account_and_run_and_by_code_within() {
    let fixture = Fixture::sound();
    let estate = fixture.estate();
    let assessment = assess(&estate, &fixture.policy);
    let place = |finding: &Finding<'_>| match finding.subject {
        Some(Subject::LiveVersion(_)) => 0,
        Some(Subject::Alarm(_)) => 1,
        Some(Subject::Bucket { .. }) => 2,
        Some(Subject::Region { .. }) => 3,
        Some(Subject::Account { .. }) => 4,
        None => 5,
    };
    let order: Vec<_> = assessment.findings.iter().map(|f| (place(f), f.subject_name(), f.control.code)).collect();
    assert!(order.is_sorted(), "{order:#?}");
    let places: std::collections::BTreeSet<_> = order.iter().map(|(place, ..)| *place).collect();
    assert_eq!(places.len(), 6);
}

#[test]
fn a_region_whose_endpoints_could_not_be_listed_is_not_empty_but_unknown() {
    let fixture = Fixture::empty().gap(Hidden::All(FactKind::Endpoints)).gap(Hidden::All(FactKind::TransformJobs));
    let estate = fixture.estate();
    let assessment = assess(&estate, &fixture.policy);
    let of_region = |code| {
        let mut findings = assessment.findings.iter().filter(|finding| finding.control.code == code);
        findings.next().map(|finding| (finding.status, finding.subject_name(), finding.gaps.clone()))
    };
    let region = format!("{ACCOUNT}/{REGION}");
    assert_eq!(of_region("INV-001"), Some((Status::Unknown, region.clone(), vec![0])));
    assert_eq!(of_region("INV-007"), Some((Status::Unknown, region, vec![1])));
    assert_eq!(of_region("EVD-001").map(|(status, ..)| status), Some(Status::Fail));
}

#[test]
fn an_empty_estate_that_was_read_completely_has_nothing_to_answer_for() {
    let fixture = Fixture::empty();
    let estate = fixture.estate();
    let assessment = assess(&estate, &fixture.policy);
    assert!(
        assessment.findings.iter().all(|finding| finding.status == Status::NotApplicable),
        "{:#?}",
        assessment.findings
    );
    assert_eq!((assessment.decided, assessment.readiness.len()), ((0, 0), 0));
}

#[test]
fn findings_of_alarms_and_buckets_count_for_the_live_versions_that_they_touch() {
    let fixture = Fixture::sound().edit_named(ERRORS, |alarm: &mut Alarm| alarm.actions_enabled = false);
    let estate = fixture.estate();
    let assessment = assess(&estate, &fixture.policy);
    let binding = &assessment.readiness[0].binding;
    assert!(binding.contains(&"MON-006".to_owned()) && binding.contains(&"MON-001".to_owned()), "{binding:?}");
    Tester::new(registry::find("ART-004").unwrap()).pass(fixture, "every write").touches(1);
}

fn waiver(control: &str, subject: &str, expires: &str) -> Waiver {
    Waiver {
        control: control.to_owned(),
        subject: subject.to_owned(),
        owner: "anna".to_owned(),
        approver: "ben".to_owned(),
        reason: "known".to_owned(),
        expires: at(expires),
        line: 1,
    }
}

const SOON: &str = "2026-07-01T00:00:00Z";

fn with_waiver(waiver: Waiver) -> Fixture {
    let pending =
        |package: &mut Package| package.approval = Some(crate::evidence::ApprovalStatus::PendingManualApproval);
    Fixture::sound().edit_named(PACKAGE, pending).policy(|policy| policy.waivers.push(waiver))
}

#[test]
fn a_waiver_lifts_a_failure_by_code_or_id_and_pattern_but_never_to_expand() {
    for control in ["APR-001", "approved-now", "apr-001"] {
        for subject in ["*/fraud-scoring/*", "*Fraud-Scoring*"] {
            Tester::new(registry::find(control).unwrap())
                .waived(with_waiver(waiver(control, subject, SOON)), "PendingManualApproval");
        }
    }
    let fixture = with_waiver(waiver("APR-001", "*", SOON));
    let estate = fixture.estate();
    let assessment = assess(&estate, &fixture.policy);
    assert!(assessment.idle_waivers.is_empty(), "{:?}", assessment.idle_waivers);
    assert!(assessment.readiness[0].verdict.step() <= ReadinessVerdict::OperateAsIs.step());
}

#[test]
fn a_waiver_that_lifts_nothing_is_said_with_why() {
    let cases = [
        (waiver("APR-999", "*", SOON), "no control `APR-999`"),
        (waiver("APR-001", "other/*", SOON), "matches no subject"),
        (waiver("INV-001", "*", SOON), "any more"),
        (waiver("APR-001", "*", "2026-05-31T00:00:00Z"), "expired"),
        (waiver("APR-001", "*", "2028-01-01T00:00:00Z"), "more than 365 days"),
        (Waiver { approver: " Anna ".to_owned(), ..waiver("APR-001", "*", SOON) }, "somebody else"),
    ];
    for (waiver, why) in cases {
        let fixture = with_waiver(waiver);
        let estate = fixture.estate();
        let assessment = assess(&estate, &fixture.policy);
        let [(_, said)] = assessment.idle_waivers.as_slice() else { panic!("{why}: {:?}", assessment.idle_waivers) };
        assert!(said.contains(why), "{said}");
        assert!(assessment.findings.iter().all(|finding| finding.status != Status::Waived));
    }
}

#[test]
fn a_waiver_covers_a_failure_and_not_what_is_unknown() {
    let hidden = with_waiver(waiver("APR-001", "*", SOON)).hidden(FactKind::Packages, PACKAGE);
    Tester::new(registry::find("APR-001").unwrap()).hidden(hidden);
}

#[test]
fn a_region_that_was_not_served_yet_has_soaking_to_do() {
    let fixture = Fixture::sound().at("2026-05-08T08:00:00Z");
    let estate = fixture.estate();
    let assessment = assess(&estate, &fixture.policy);
    let said = assessment.readiness[0].flip_set.join("; ");
    assert!(said.contains("serve for 7 days"), "{said}");
}

#[test]
fn severity_and_gate_are_those_of_the_case() {
    let fixture = Fixture::sound().rejected("2026-05-20T10:00:00Z");
    let estate = fixture.estate();
    let assessment = assess(&estate, &fixture.policy);
    let finding = assessment.findings.iter().find(|finding| finding.control.code == "APR-001").unwrap();
    assert_eq!((finding.control.gate, finding.gate, finding.severity), (Gate::Fix, Gate::Stop, Severity::Critical));
    assert_eq!(assessment.readiness[0].verdict, ReadinessVerdict::Stop);
}

/// Not a test of right or wrong: `cargo test --release --no-default-features --lib -- --ignored --nocapture how_fast`.
#[test]
#[ignore = "measures"]
#[allow(clippy::disallowed_methods, reason = "it measures")]
fn how_fast() {
    let (small, size) = (Fixture::sound(), 10_000);
    let estate = small.estate();
    let mut live = Vec::with_capacity(size);
    for number in 0..size {
        let mut one = estate.live[0].clone();
        one.id = format!("{ACCOUNT}/{REGION}/variant/endpoint-{number:05}/AllTraffic");
        live.push(one);
    }
    let estate = Estate { live, ..small.estate() };
    let started = std::time::Instant::now();
    let assessment = assess(&estate, &small.policy);
    println!("{} findings of {size} live versions in {:?}", assessment.findings.len(), started.elapsed());
}
