//! A bank's estate: a dozen live versions over all serving paths and verdicts.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::estate::{ActorKind, Grade, Hosting, ServingPath, Signal, Turn};
use crate::policy::Stage;

/// One live version in a line of a table.
struct Spec {
    slot: (&'static str, &'static str, Option<&'static str>),
    path: ServingPath,
    hosting: Hosting,
    package: Option<(&'static str, i32)>,
    share: Option<f64>,
    owner: Option<&'static str>,
    approval: Option<(&'static str, Grade, &'static str, ActorKind)>,
    /// One letter a signal: Covered, Broken, Missing, Unknown, Not applicable.
    coverage: &'static str,
    verdict: (&'static str, u8, &'static str),
    /// Findings that do not pass: code, status, reason.
    findings: &'static [(&'static str, Status, &'static str)],
    stage: Stage,
}

const DIVYA: (&str, ActorKind) = (
    "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_ModelApprover_0a1b2c3d4e5f6071/divya.rao@bank.example",
    ActorKind::Human,
);
const PIPELINE: (&str, ActorKind) =
    ("arn:aws:sts::111122223333:assumed-role/ReleasePipeline/build-4711", ActorKind::Automation);
const SHARED_ROLE: (&str, ActorKind) =
    ("arn:aws:sts::111122223333:assumed-role/DataScience/session", ActorKind::Unknown);

#[rustfmt::skip]
fn specs() -> Vec<Spec> {
    use ServingPath::*;
    let approved = |grade, (by, kind): (&'static str, ActorKind)| Some(("Approved", grade, by, kind));
    const ALL_SIGNALS: &str = "the error alarm is wired, but its topic has no confirmed subscription";
    const SOON: &str = "its trend is not known: metric data are not read";
    vec![
        Spec { slot: ("Fraud-Screening", "AllTraffic", None), path: Variant, hosting: Hosting::RealTime, package: Some(("fraud-screening", 41)), share: Some(1.0), owner: Some("fraud-analytics"),
            approval: approved(Grade::B, DIVYA), coverage: "CCCCMCC", verdict: ("operate_as_is", 5, SOON), findings: &[], stage: Stage::Production },
        Spec { slot: ("card-authorisation", "Champion", None), path: Variant, hosting: Hosting::RealTime, package: Some(("card-authorisation", 18)), share: Some(0.8), owner: Some("cards"),
            approval: approved(Grade::B, DIVYA), coverage: "CCCMMMM", verdict: ("operate_as_is", 4, "LIN-003 weighs 2 against it"), findings: &[("LIN-003", Status::Fail, "no commit is recorded")], stage: Stage::Production },
        Spec { slot: ("card-authorisation", "Challenger", None), path: Variant, hosting: Hosting::RealTime, package: Some(("card-authorisation", 19)), share: Some(0.2), owner: Some("cards"),
            approval: approved(Grade::B, SHARED_ROLE), coverage: "CCCMMMM", verdict: ("fix_controls_first", 2, "APR-004 fails"), findings: &[("APR-004", Status::Fail, "it served for 24 hours before it was approved"), ("APR-003", Status::Unknown, "the approver's session name is chosen by the caller, so it proves no person")], stage: Stage::Production },
        Spec { slot: ("credit-line", "AllTraffic", None), path: Variant, hosting: Hosting::RealTime, package: Some(("credit-line", 7)), share: Some(1.0), owner: Some("credit-risk"),
            approval: Some(("Rejected", Grade::B, DIVYA.0, DIVYA.1)), coverage: "CBMUMCM", verdict: ("stop", 1, "APR-005 fails: the version was rejected 6 days ago and still serves"), findings: &[("APR-001", Status::Fail, "`arn:aws:sagemaker:eu-central-1:111122223333:model-package/credit-line/7` is Rejected and still serves"), ("APR-005", Status::Fail, "rejected on 2026-11-14, and it still serves 6 days later; the limit is 24 hours"), ("MON-002", Status::Fail, "the latency alarm `credit-line-latency` watches dimensions that no metric has: EndpointName without VariantName"), ("MON-003", Status::Fail, "no alarm watches silence"), ("ART-001", Status::Unknown, "the artifact's versions could not be read")], stage: Stage::Production },
        Spec { slot: ("kyc-documents", "AllTraffic", None), path: Variant, hosting: Hosting::Asynchronous, package: Some(("kyc-documents", 3)), share: Some(1.0), owner: Some("onboarding"),
            approval: approved(Grade::E, DIVYA), coverage: "CCNMMNN", verdict: ("stop", 1, "ART-001 fails: the artifact was replaced after the approval"), findings: &[("ART-001", Status::Fail, "`s3://bank-models/kyc/model.tar.gz` was replaced on 2026-11-02, 12 days after its approval, with another size"), ("ART-004", Status::Waived, "bucket `bank-models` is not versioned")], stage: Stage::Production },
        Spec { slot: ("payments-anomaly", "AllTraffic", Some("anomaly-base")), path: Component, hosting: Hosting::RealTime, package: Some(("payments-anomaly", 12)), share: None, owner: Some("payments"),
            approval: approved(Grade::B, PIPELINE), coverage: "BCCMMNM", verdict: ("fix_controls_first", 2, "MON-001 fails"), findings: &[("MON-001", Status::Fail, ALL_SIGNALS), ("APR-002", Status::Fail, "the approver is automation without a declared gate")], stage: Stage::Production },
        Spec { slot: ("payments-anomaly", "AllTraffic", Some("anomaly-adapter-sepa")), path: Component, hosting: Hosting::RealTime, package: None, share: None, owner: Some("payments"),
            approval: None, coverage: "BCCMMNM", verdict: ("fix_controls_first", 2, "INV-002 fails"), findings: &[("INV-002", Status::Fail, "no registered package has this artifact"), ("MON-001", Status::Fail, ALL_SIGNALS)], stage: Stage::Production },
        Spec { slot: ("mortgage-pricing", "Blue", None), path: Shadow, hosting: Hosting::RealTime, package: Some(("mortgage-pricing", 30)), share: None, owner: None,
            approval: Some(("PendingManualApproval", Grade::None, "", ActorKind::Unknown)), coverage: "MMMMMNN", verdict: ("keep_in_pilot", 2, "MON-001 fails"), findings: &[("MON-001", Status::Fail, "no alarm watches errors"), ("MON-002", Status::Fail, "no alarm watches latency"), ("CST-001", Status::Fail, "the endpoint carries neither `owner` nor `cost-center`")], stage: Stage::Pilot },
        Spec { slot: ("chat-triage", "Main", Some("ml.g5.2xlarge")), path: Pool, hosting: Hosting::RealTime, package: Some(("chat-triage", 2)), share: None, owner: Some("contact-centre"),
            approval: approved(Grade::None, SHARED_ROLE), coverage: "CCUUMMN", verdict: ("operate_as_is", 4, "APR-002 to APR-006 are unknown: events could not be read so far back"), findings: &[("APR-002", Status::Unknown, "no event shows the approval: it may lie before the 90 days that CloudTrail keeps"), ("APR-004", Status::Unknown, "when it was approved is not known")], stage: Stage::Production },
        Spec { slot: ("merchant-models", "AllTraffic", Some("merchants/de/2026-10-04-09-15-00/model-3f9a1c2bd4e5.tar.gz")), path: MultiModel, hosting: Hosting::RealTime, package: None, share: None, owner: Some("merchant-services"),
            approval: None, coverage: "CCCMMNN", verdict: ("fix_controls_first", 2, "INV-002 fails"), findings: &[("INV-002", Status::Fail, "no registered package has this artifact")], stage: Stage::Production },
        Spec { slot: ("churn-monthly", "", None), path: Batch, hosting: Hosting::Batch, package: Some(("churn", 5)), share: None, owner: Some("marketing-analytics"),
            approval: approved(Grade::B, DIVYA), coverage: "NNNNNNN", verdict: ("operate_as_is", 5, SOON), findings: &[], stage: Stage::Production },
        Spec { slot: ("liquidity-forecast-with-a-name-that-goes-on-for-as-long-as-sixtythree", "AllTraffic", None), path: Variant, hosting: Hosting::Serverless, package: Some(("liquidity-forecast", 11)), share: Some(1.0), owner: Some("treasury"),
            approval: approved(Grade::A, DIVYA), coverage: "CCCNCNC", verdict: ("expand", 5, "all controls hold"), findings: &[], stage: Stage::Production },
    ]
}

/// The report.
pub(crate) fn bank() -> Report {
    let mut report = blank();
    report.summary.headline = "2 of 12 live versions should stop; 4 need controls fixed first; 1 should stay in pilot; 4 may operate as they are; 1 may expand.".to_owned();
    report.summary.evidence_share = Some(0.9642);
    report.scope.regions_with_endpoints = vec![REGION.to_owned()];
    for spec in specs() {
        add(&mut report, &spec);
    }
    report.live_versions.sort_by(|a, b| a.id.cmp(&b.id));
    report.actors = Some(super::actors::matrix());
    let id = |part: &str, report: &Report| {
        report.live_versions.iter().find(|live| live.id.contains(part)).expect(part).id.clone()
    };
    report.summary.actions = vec![
        action(
            "create an alarm on `Invocation5XXErrors` with both dimensions",
            "MON-001",
            "model operator",
            vec![id("anomaly-adapter", &report), id("anomaly-base", &report), id("mortgage", &report)],
            1,
        ),
        action(
            "register the model, recreate it from the package, deploy again",
            "INV-002",
            "model owner",
            vec![id("merchant", &report), id("anomaly-adapter", &report)],
            1,
        ),
        action("deploy the last approved version", "APR-005", "model operator", vec![id("credit-line", &report)], 1),
        action(
            "redeploy from the approved object version, then find out who wrote the new one",
            "ART-001",
            "model operator",
            vec![id("kyc", &report)],
            1,
        ),
    ];
    report.gaps = vec![gap(1, "s3:ListBucketVersions", "identity", 1), gap(2, "sagemaker:ListEndpoints", "scp", 0)];
    report.exclusions = vec![
        ExclusionRow {
            id: format!("{ACCOUNT}/{REGION}/variant/sandbox-llm/AllTraffic"),
            rule: "exclude `tag:governance=none`".to_owned(),
            by_tag: true,
        },
        ExclusionRow {
            id: format!("{ACCOUNT}/{REGION}/variant/load-test-7/AllTraffic"),
            rule: "exclude `load-test-*`".to_owned(),
            by_tag: false,
        },
    ];
    report.waivers = vec![
        waiver(
            "ART-004",
            "bank-models",
            "platform",
            "2027-01-31T00:00",
            "applied",
            1,
            "migration of the bucket ends in January",
        ),
        waiver(
            "MON-003",
            "*/churn-*",
            "marketing-analytics",
            "2026-10-01T00:00",
            "expired on 2026-10-01",
            0,
            "batch only",
        ),
    ];
    report.owners = owners(&report);
    report.alarms = alarms(&report);
    watching::watched(&mut report);
    costs::costs(&mut report);
    sum_up(&mut report);
    changed::since_yesterday(&mut report);
    report
}

fn action(action: &str, code: &str, role: &str, live_versions: Vec<Shared>, lifts_alone: usize) -> ActionRow {
    ActionRow { action: action.to_owned(), code: code.into(), role: role.into(), live_versions, lifts_alone }
}

fn waiver(
    control: &str,
    subject: &str,
    owner: &str,
    expires: &str,
    state: &str,
    findings: usize,
    reason: &str,
) -> WaiverRow {
    WaiverRow {
        control: control.to_owned(),
        subject: subject.to_owned(),
        owner: owner.to_owned(),
        approver: "chief-model-risk-officer".to_owned(),
        reason: reason.to_owned(),
        expires: at(expires),
        state: state.to_owned(),
        findings,
    }
}

fn owners(report: &Report) -> Vec<OwnerRow> {
    let mut by_owner: BTreeMap<Option<String>, Vec<&LiveVersionRow>> = BTreeMap::new();
    for live in &report.live_versions {
        by_owner.entry(live.owner.as_ref().map(|owner| owner.name.clone())).or_default().push(live);
    }
    let row = |(owner, live): (Option<String>, Vec<&LiveVersionRow>)| OwnerRow {
        owner,
        not_known: false,
        worst: words::VERDICTS.into_iter().find(|v| live.iter().any(|live| live.readiness.verdict == *v)).expect("one"),
        failing: live.iter().map(|live| live.readiness.binding.len()).sum(),
        live_versions: live.iter().map(|live| live.id.clone()).collect(),
    };
    by_owner.into_iter().map(row).collect()
}

fn alarms(report: &Report) -> Vec<AlarmRow> {
    let row = |name: &str, live: &str, signal, effective: Option<bool>, defects: &[&str], unseen: &[&str]| AlarmRow {
        name: name.to_owned(),
        arn: format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"),
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        kind: "metric".to_owned(),
        state: "OK".to_owned(),
        scaling_only: false,
        watches: [(
            report.live_versions.iter().find(|row| row.id.contains(live)).expect(live).id.clone(),
            vec![signal],
        )]
        .into(),
        effective,
        defects: defects.iter().map(|text| (*text).to_owned()).collect(),
        orphaned: Vec::new(),
        unseen: unseen.iter().map(|text| (*text).to_owned()).collect(),
        remedies: Vec::new(),
        since: None,
        owner: None,
        reaches: Vec::new(),
        replay: None,
        muted_share: None,
        notes: Vec::new(),
    };
    vec![
        row("Fraud-Screening-AllTraffic-errors", "Fraud-Screening", Signal::Errors, Some(true), &[], &[]),
        row(
            "credit-line-latency",
            "credit-line",
            Signal::Latency,
            Some(false),
            &["watches dimensions that no metric has: EndpointName without VariantName"],
            &[],
        ),
        row(
            "payments-anomaly-errors",
            "anomaly-base",
            Signal::Errors,
            Some(false),
            &[
                "notifies topic `arn:aws:sns:eu-central-1:111122223333:payments-oncall`, to which nobody has confirmed a subscription",
            ],
            &[],
        ),
        row(
            "chat-triage-silence",
            "chat-triage",
            Signal::Silence,
            None,
            &[],
            &["topic `arn:aws:sns:eu-central-1:999988887777:central-paging` lives in another account"],
        ),
        AlarmRow {
            orphaned: vec!["endpoint `loan-default`".to_owned()],
            watches: BTreeMap::new(),
            ..row("loan-default-errors", "chat-triage", Signal::Errors, Some(true), &[], &[])
        },
    ]
}

fn add(report: &mut Report, spec: &Spec) {
    let (endpoint, variant, component) = spec.slot;
    let mut id = format!("{ACCOUNT}/{REGION}/{}/{endpoint}", spec.path.as_str());
    for part in [(!variant.is_empty()).then_some(variant), component].into_iter().flatten() {
        id = format!("{id}/{part}");
    }
    let id = Shared::from(id);
    let evidence = cite(report, spec);
    let binding: Vec<String> = spec.findings.iter().filter(|f| f.1 == Status::Fail).map(|f| f.0.to_owned()).collect();
    let control = |code: &str| CONTROLS.iter().find(|control| control.0 == code).expect("a control");
    let flip_set = spec.findings.iter().filter(|f| f.1 == Status::Fail).take(2).map(|f| FlipRow {
        code: f.0.into(),
        subjects: Vec::new(),
        remedy: control(f.0).5.into(),
        role: "model operator".into(),
    });
    let states = spec.coverage.chars().zip(Signal::MATRIX).map(|(letter, signal)| {
        let (state, reason) = match letter {
            'C' => ("covered", None),
            'B' => ("broken", Some(format!("the {} alarm does not reach anybody", signal.words()))),
            'M' => ("missing", Some(format!("no alarm watches {}", signal.words()))),
            'U' => ("unknown", Some("a topic in another account cannot be read".to_owned())),
            _ => ("not_applicable", Some("its metrics know no such signal".to_owned())),
        };
        let alarms = if matches!(letter, 'C' | 'B') {
            vec![format!("{endpoint}-{}", signal.words()).into()]
        } else {
            Vec::new()
        };
        let reason = reason.map(Shared::from);
        (signal.words().into(), CoverageRow { state: state.into(), alarms, reason, remedy: None })
    });
    let package_arn = spec
        .package
        .map(|(group, version)| format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/{group}/{version}"));
    let artifact =
        format!("s3://bank-models/{endpoint}/{}/output/model.tar.gz", spec.package.map_or(0, |package| package.1));
    report.live_versions.push(LiveVersionRow {
        id: id.clone(),
        version_key: package_arn.clone().unwrap_or_else(|| format!("{endpoint}-model@9b2cf535f27731c974343645a3985328")),
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        arn: Some(format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/{}", endpoint.to_lowercase())),
        endpoint: endpoint.to_owned(),
        variant: (!variant.is_empty()).then(|| variant.to_owned()),
        component: component.map(str::to_owned),
        path: spec.path,
        hosting: spec.hosting,
        status: if spec.path == ServingPath::Batch { "Completed" } else { "InService" }.to_owned(),
        pending: false,
        model: Some(format!("{endpoint}-model")),
        package_arn: package_arn.clone(),
        group: spec.package.map(|package| package.0.to_owned()),
        version: spec.package.map(|package| package.1),
        traffic_share: spec.share,
        live_from: Some(LiveFromRow { at: at("2026-10-23T14:10"), bound: if endpoint.len() % 2 == 0 { "exact" } else { "upper_bound" }.to_owned() }),
        containers: vec![ContainerRow {
            image: Some(format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/serving/{endpoint}:release")),
            resolved_image: Some(format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/serving/{endpoint}@sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03")),
            package_arn,
            registration: if spec.package.is_some() { "named" } else { "none" }.to_owned(),
        }],
        approval: spec.approval.map(|(status, grade, by, kind)| approval(spec, status, grade, by, kind)),
        further_approvals: Vec::new(),
        artifact: Some(artifact.clone()),
        artifacts: vec![ArtifactRow {
            uri: artifact,
            role: "model".to_owned(),
            registered_etag: Some("9b2cf535f27731c974343645a3985328".to_owned()),
            etag: Some("9b2cf535f27731c974343645a3985328".to_owned()),
            version_id: Some("tKq3Z4mXJ0bH6sN1vQy8uC2dR5eW7fAg".to_owned()),
            size: Some(48_213_771),
            checksum: spec.package.map(|_| ChecksumRow {
                algorithm: "SHA256".to_owned(),
                value: "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=".to_owned(),
                whole: true,
            }),
            modified: Some(at("2026-10-02T07:44")),
            state: "present".to_owned(),
            states: unchanged(),
            since_approval: Some("same".to_owned()),
            since_approval_words: Some("unchanged".to_owned()),
            weakness: None,
        }],
        owner: spec.owner.map(|name| OwnerRef { name: name.to_owned(), source: "tag `owner` of the endpoint".to_owned() }),
        cost_center: spec.owner.map(|_| "CC-4101".to_owned()),
        tags: Some(spec.owner.map(|name| ("owner".to_owned(), name.to_owned())).into_iter().collect()),
        stage: StageRow { stage: spec.stage, rule: "the default of the policy".to_owned(), by_tag: false, uncertain: false },
        commit: Some("f2ca1bb6c7e907d06dafe4687e579fce76b37e4e".to_owned()),
        repository: Some("https://git.bank.example/models/fraud".to_owned()),
        card: spec.package.map(card),
        alarms: states.collect(),
        faults: Vec::new(),
        monitors: Vec::new(),
        capture: None,
        drift: Vec::new(),
        business: Vec::new(),
        retraining: None,
        feedback: Vec::new(),
        readiness: ReadinessRow {
            verdict: verdict_of(spec.verdict.0),
            rule: spec.verdict.1,
            reason: spec.verdict.2.to_owned(),
            binding,
            because: spec.findings.iter().filter(|f| f.1 == Status::Fail).map(|f| f.2.into()).collect(),
            flip_set: flip_set.collect(),
        },
        timeline: timeline(spec, endpoint),
        rollback: Some(super::rollback::card(spec.package, endpoint, spec.path)),
        paragraph: paragraph(spec),
    });
    for (n, control) in CONTROLS.iter().enumerate() {
        let odd = spec.findings.iter().find(|finding| finding.0 == control.0);
        let batch_only = control.0 == "INV-007" && spec.path != ServingPath::Batch;
        let (status, reason) = match odd {
            Some((_, status, reason)) => (*status, *reason),
            None if batch_only => (Status::NotApplicable, "it serves no batch jobs"),
            None => (Status::Pass, "it holds, as the evidence shows"),
        };
        report.findings.push(FindingRow {
            id: format!("{}-{:010x}", control.0, report.findings.len() * 7919).into(),
            fingerprint: format!("{:032x}", report.findings.len() * 104_729).into(),
            code: control.0.into(),
            control: control.1.into(),
            summary: control.2.into(),
            status,
            severity: control.3,
            gate: control.4,
            subject: Arc::new(SubjectRow {
                kind: "live_version".into(),
                name: id.clone(),
                arn: None,
                account: ACCOUNT.into(),
                region: REGION.into(),
                live_version: Some(id.clone()),
                live_versions: Vec::new(),
            }),
            state: matches!(status, Status::Fail | Status::Waived).then_some(FindingState::New),
            first_seen: None,
            last_known: None,
            known: false,
            reason: reason.into(),
            notes: if n == 0 && odd.is_some() {
                vec!["the rejection was seen in CloudTrail's event history".to_owned()]
            } else {
                Vec::new()
            },
            evidence: evidence.iter().skip(n % 2).take(2).cloned().collect(),
            gap_ids: if status == Status::Unknown && control.0 == "ART-001" { vec!["g1".into()] } else { Vec::new() },
            remedy: if matches!(status, Status::Pass | Status::NotApplicable) { "" } else { control.5 }.into(),
            waiver: (status == Status::Waived).then(|| {
                "migration of the bucket ends in January (owner platform, approved by chief-model-risk-officer)"
                    .to_owned()
            }),
        });
    }
}

/// An artifact that did not change.
fn unchanged() -> Vec<ArtifactStateRow> {
    [
        ("registered", "2026-10-20T17:02"),
        ("approved", "2026-10-21T08:30"),
        ("deployed", "2026-10-23T14:10"),
        ("now", "2026-11-20T09:00"),
    ]
    .map(|(moment, when)| ArtifactStateRow {
        moment: moment.to_owned(),
        at: at(when),
        bound: "exact".to_owned(),
        state: "present".to_owned(),
        version_id: Some("tKq3Z4mXJ0bH6sN1vQy8uC2dR5eW7fAg".to_owned()),
        etag: Some("9b2cf535f27731c974343645a3985328".to_owned()),
        objects: None,
    })
    .into()
}

/// Written, registered, approved, deployed; the artifact of a version that stops was written again.
fn timeline(spec: &Spec, endpoint: &str) -> TimelineRow {
    let moment = |when: &str, lane, what: &str, leaves| MomentRow {
        at: at(when),
        bound: "exact".to_owned(),
        lane,
        what: what.to_owned(),
        leaves,
        by: None,
        by_kind: None,
        grade: None,
        against: false,
        ahead: false,
    };
    let lane = |kind, name: &str| LaneRow { kind, name: name.to_owned(), unseen: None, left_out: 0 };
    let mut moments = vec![moment("2026-10-02T07:44", 1, "artifact written", LaneState::AsApproved)];
    if let Some((_, grade, by, kind)) = spec.approval {
        moments.push(moment("2026-10-20T17:02", 0, "registered", LaneState::Pending));
        moments.push(MomentRow {
            by: Some(by.to_owned()),
            by_kind: Some(kind),
            grade: Some(grade),
            ..moment("2026-10-21T08:30", 0, "approved", LaneState::Approved)
        });
    }
    moments.push(moment("2026-10-23T13:50", 2, "model made", LaneState::Nothing));
    moments.push(moment("2026-10-23T14:10", 2, "deployed", LaneState::Serving));
    if spec.verdict.0 == "stop" {
        let what = "artifact written again, 8 days after the approval, replaced by other bytes";
        moments.push(MomentRow { against: true, ..moment("2026-10-29T22:13", 1, what, LaneState::Replaced) });
    }
    let unseen = spec.approval.is_none().then(|| "which registered version it is, is not known".to_owned());
    TimelineRow {
        lanes: vec![
            LaneRow { unseen, ..lane(LaneKind::Approval, spec.package.map_or("no registered version", |it| it.0)) },
            lane(LaneKind::Artifact, "s3://bank-models/model.tar.gz"),
            lane(LaneKind::Serving, endpoint),
        ],
        moments,
        history_since: Some(at("2026-08-22T09:00")),
    }
}

fn approval(spec: &Spec, status: &str, grade: Grade, by: &str, kind: ActorKind) -> ApprovalRow {
    let proved = grade != Grade::None;
    let (group, version) = spec.package.expect("an approval is of a package");
    ApprovalRow {
        package_arn: format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/{group}/{version}"),
        status: Some(status.to_owned()),
        by: proved.then(|| by.to_owned()),
        by_kind: proved.then_some(kind),
        by_rule: proved.then(|| match kind {
            ActorKind::Human => "an Identity Center role names its person".to_owned(),
            ActorKind::Automation => "the role is a pipeline's".to_owned(),
            ActorKind::Unknown => "session names are chosen by the caller".to_owned(),
        }),
        at: proved.then(|| at("2026-10-21T08:30")),
        reason: Some("MRM-2201: validation passed, see evaluation report".to_owned()),
        grade,
        grade_words: grade.words().to_owned(),
        registered_by: Some(PIPELINE.0.to_owned()),
        registered_at: Some(at("2026-10-20T17:02")),
        event_id: (grade == Grade::B).then(|| "7f0e4c7e-1a57-4d6e-9a8d-2f1b0c9d8e77".to_owned()),
        lead_seconds: proved.then_some(if group == "card-authorisation" && version == 19 { -86_400 } else { 193_200 }),
        approved_as: None,
        history: vec![
            state(
                ("PendingManualApproval", Turn::Registered),
                ("2026-10-20T17:02", Some("2026-10-21T08:30")),
                (PIPELINE.0, ActorKind::Automation),
                Grade::B,
            ),
            state((status, Turn::Set), ("2026-10-21T08:30", None), (by, kind), grade),
        ],
    }
}

fn state(
    (state, change): (&str, Turn),
    (from, until): (&str, Option<&str>),
    (by, kind): (&str, ActorKind),
    grade: Grade,
) -> StateRow {
    StateRow {
        state: Some(state.to_owned()),
        change,
        content: Vec::new(),
        from: at(from),
        bound: "exact".to_owned(),
        until: until.map(at),
        by: Some(by.to_owned()),
        by_kind: Some(kind),
        grade,
        grade_words: grade.words().to_owned(),
        event_id: Some("7f0e4c7e-1a57-4d6e-9a8d-2f1b0c9d8e77".to_owned()),
        source: Some("s3://bank-trail/AWSLogs/log.json.gz".to_owned()),
    }
}

fn cite(report: &mut Report, spec: &Spec) -> Vec<Shared> {
    let (endpoint, ..) = spec.slot;
    let facts = [
        (format!("endpoint `{endpoint}` is InService"), "sagemaker:DescribeEndpoint", endpoint.to_owned()),
        (
            format!("the package of `{endpoint}` has its approval status"),
            "sagemaker:DescribeModelPackage",
            spec.package.map_or_else(String::new, |p| format!("{}/{}", p.0, p.1)),
        ),
        (
            format!("events about `{endpoint}` were read"),
            "cloudtrail:LookupEvents",
            "UpdateModelPackage, page 1".to_owned(),
        ),
    ];
    facts
        .into_iter()
        .map(|(what, call, subject)| {
            let id = Shared::from(format!("e{}", report.evidence.len() + 1));
            let call = CallRow {
                call: call.into(),
                subject: subject.into(),
                request_id: Some(format!("6c1d{:04x}-0b7e-4f7a-8d0e-5c1f9b3a2e61", report.evidence.len()).into()),
                account: ACCOUNT.into(),
                region: REGION.into(),
                at: at("2026-11-20T09:00"),
            };
            let call_id = Shared::from(format!("c{}", report.calls.len() + 1));
            report.calls.insert(call_id.clone(), call);
            report.evidence.insert(id.clone(), EvidenceRow { what, calls: vec![call_id] });
            id
        })
        .collect()
}

fn paragraph(spec: &Spec) -> String {
    let (endpoint, variant, _) = spec.slot;
    let what = spec.package.map_or_else(
        || format!("Model `{endpoint}-model`"),
        |(group, version)| format!("Version {version} of `{group}`"),
    );
    format!(
        "{what} serves 100 % of `{endpoint}`/`{variant}`, since 2026-10-23 14:10 UTC at the latest. It was approved by `AWSReservedSSO_ModelApprover_0a1b2c3d4e5f6071/divya.rao@bank.example` (a person) on 2026-10-21 08:30 UTC, at most 2 days before it began to serve (grade B: CloudTrail's event history). 3 of 5 signals would reach somebody; saturation and drift are not watched. Its owner is `{}` (tag `owner` of the endpoint). Verdict: {}, because {}.",
        spec.owner.unwrap_or("nobody"),
        words::verdict(verdict_of(spec.verdict.0)),
        spec.verdict.2
    )
}

/// What is said of a registered model.
fn card((group, version): (&str, i32)) -> CardRow {
    CardRow {
        generated_by: Some(format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:pipeline/{group}/execution/a1b2c3d4e5f6")),
        files: vec![CardFileRow {
            role: "ModelMetrics.ModelQuality.Statistics".to_owned(),
            uri: format!("s3://bank-models/{group}/{version}/evaluation/statistics.json"),
            digest: None,
        }],
        risk: Some("high".to_owned()),
        data_class: Some("confidential".to_owned()),
        personal_data: Some(true),
        not_for: vec!["the customer has been with the bank for less than 90 days".to_owned()],
        segments: vec!["sole traders".to_owned()],
        ..CardRow::default()
    }
}
