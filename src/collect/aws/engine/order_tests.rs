//! Whatever order answers arrive in, the snapshot is the same.

use jiff::Timestamp;
use proptest::prelude::*;

use super::order::settle;
use crate::evidence::order::renumber;
use crate::evidence::{
    Absence, ApprovalStatus, Call, CallId, Endpoint, Fact, FactKind, Facts, Gap, GapCause, Hidden, Package,
    ResourceKey, ResourceTags,
};

fn call(operation: &str, subject: &str) -> Call {
    Call {
        account: "111122223333".into(),
        region: "eu-central-1".into(),
        service: "sagemaker".into(),
        operation: operation.into(),
        subject: subject.into(),
        request_id: None,
        at: Timestamp::UNIX_EPOCH,
    }
}

fn fact<T>(data: T, seen: &[u32]) -> Fact<T> {
    let seen = seen.iter().copied().map(CallId).collect();
    Fact { account: "111122223333".into(), region: "eu-central-1".into(), seen, data }
}

fn package(name: &str, approval: ApprovalStatus, from_index: bool) -> Package {
    Package {
        arn: format!("arn:aws:sagemaker:eu-central-1:111122223333:model-package/{name}"),
        group: None,
        version: None,
        name: None,
        approval: Some(approval),
        approval_description: None,
        created: None,
        created_by: None,
        modified: None,
        modified_by: None,
        containers: Vec::new(),
        additional: Default::default(),
        commit: Default::default(),
        lifecycle: None,
        metrics: Vec::new(),
        metadata: Default::default(),
        card_status: None,
        kms_key: None,
        source_uri: None,
        from_index,
    }
}

fn endpoint(name: &str, from_index: bool) -> Endpoint {
    Endpoint {
        name: name.into(),
        arn: format!("arn:aws:sagemaker:eu-central-1:111122223333:endpoint/{}", name.to_lowercase()),
        config_name: None,
        status: "InService".into(),
        failure_reason: None,
        created: None,
        modified: None,
        variants: Vec::new(),
        shadow_variants: Vec::new(),
        pending: None,
        data_capture: None,
        async_output: None,
        rollback_alarms: Vec::new(),
        deployment: None,
        from_index,
    }
}

fn gap(operation: &str) -> Gap {
    Gap {
        account: "111122223333".into(),
        region: "eu-central-1".into(),
        service: "sagemaker".into(),
        operation: operation.into(),
        action: format!("sagemaker:{operation}"),
        subject: String::new(),
        cause: GapCause::Throttled,
        code: None,
        message: String::new(),
        pages_read: 0,
        hides: vec![Hidden::All(FactKind::Packages), Hidden::All(FactKind::Endpoints), Hidden::All(FactKind::Packages)],
        request_id: None,
        at: Timestamp::UNIX_EPOCH,
    }
}

/// An estate as a run would have learnt it, its calls and facts in the order of `calls`, `packages` and `gaps`.
fn learnt(calls: &[usize], packages: &[usize], gaps: &[usize]) -> (Vec<Call>, Facts, Vec<Gap>) {
    let all = [
        call("Search", "ModelPackage, page 1"),
        call("Search", "ModelPackage, page 2"),
        call("DescribeModelPackage", "a"),
        call("ListModelPackages", "model packages, page 1"),
    ];
    // Position of each call in this run.
    let id = |which: usize| u32::try_from(calls.iter().position(|&other| other == which).unwrap()).unwrap();
    let rows = [
        fact(package("a", ApprovalStatus::PendingManualApproval, true), &[id(0)]),
        fact(package("a", ApprovalStatus::Approved, false), &[id(3), id(2)]),
        fact(package("b", ApprovalStatus::Approved, true), &[id(1)]),
        fact(package("c", ApprovalStatus::Rejected, true), &[id(0)]),
    ];
    let facts = Facts { packages: packages.iter().map(|&row| rows[row].clone()).collect(), ..Facts::default() };
    let named = ["Search", "ListModelPackages", "Search"];
    (calls.iter().map(|&which| all[which].clone()).collect(), facts, gaps.iter().map(|&n| gap(named[n])).collect())
}

fn canonical((mut calls, mut facts, mut gaps): (Vec<Call>, Facts, Vec<Gap>)) -> (Vec<Call>, Facts, Vec<Gap>) {
    settle(&mut facts, &calls);
    renumber(&mut facts, &mut calls, &mut gaps);
    (calls, facts, gaps)
}

proptest! {
    #[test]
    fn the_order_of_arrival_leaves_no_trace(
        calls in Just(vec![0, 1, 2, 3]).prop_shuffle(),
        packages in Just(vec![0, 1, 2, 3]).prop_shuffle(),
        gaps in Just(vec![0, 1, 2]).prop_shuffle(),
    ) {
        let expected = canonical(learnt(&[0, 1, 2, 3], &[0, 1, 2, 3], &[0, 1, 2]));
        prop_assert_eq!(canonical(learnt(&calls, &packages, &gaps)), expected);
    }

    #[test]
    fn settling_between_phases_changes_nothing(packages in Just(vec![0, 1, 2, 3]).prop_shuffle(), first in 0_usize..4) {
        let (calls, all, gaps) = learnt(&[0, 1, 2, 3], &packages, &[]);
        let mut facts = Facts { packages: all.packages[..first].to_vec(), ..Facts::default() };
        settle(&mut facts, &calls);
        facts.packages.extend_from_slice(&all.packages[first..]);
        let expected = canonical((calls.clone(), all, gaps.clone()));
        prop_assert_eq!(canonical((calls, facts, gaps)), expected);
    }
}

#[test]
fn a_description_outranks_the_index_and_both_are_cited() {
    let (calls, facts, gaps) = canonical(learnt(&[0, 1, 2, 3], &[1, 0, 2, 3], &[0, 2]));
    let a = &facts.packages[0];
    assert_eq!(a.data.approval, Some(ApprovalStatus::Approved));
    let cited: Vec<&str> = a.seen.iter().map(|id| calls[id.0 as usize].operation.as_str()).collect();
    assert_eq!(cited, ["Search", "ListModelPackages", "DescribeModelPackage"]);
    assert_eq!(gaps.len(), 1, "the same gap twice is one");
    assert_eq!(gaps[0].hides.len(), 2);
}

#[test]
fn what_only_the_index_still_knows_is_dropped() {
    let calls = vec![call("Search", "Endpoint, page 1"), call("DescribeEndpoint", "gone")];
    let absent = Absence { resource: ResourceKey::new(FactKind::Endpoints, "Gone"), message: "Could not find".into() };
    let mut facts = Facts {
        endpoints: vec![fact(endpoint("Gone", true), &[0]), fact(endpoint("here", true), &[0])],
        absences: vec![fact(absent, &[1])],
        ..Facts::default()
    };
    settle(&mut facts, &calls);
    let names: Vec<&str> = facts.endpoints.iter().map(|fact| fact.data.name.as_str()).collect();
    assert_eq!(names, ["here"]);
}

#[test]
fn the_tags_of_one_resource_are_one_fact() {
    let calls = vec![call("Search", "Endpoint, page 1"), call("GetResources", "page 1")];
    let tags = |arn: &str, owner: &str| ResourceTags { arn: arn.into(), tags: [("owner".into(), owner.into())].into() };
    let mut facts = Facts {
        tags: vec![fact(tags("arn:x/A", "new"), &[1]), fact(tags("arn:x/a", "old"), &[0])],
        ..Facts::default()
    };
    settle(&mut facts, &calls);
    assert_eq!(facts.tags.len(), 1);
    assert_eq!(facts.tags[0].data.tags["owner"], "new");
    assert_eq!(facts.tags[0].seen, [CallId(0), CallId(1)]);
}
