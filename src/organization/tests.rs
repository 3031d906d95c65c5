use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::control::Status;
use crate::estate::Grade;
use crate::estate::fixture::*;
use crate::evidence::{
    FactKind, Gap, GapCause, Hidden, LeftOut, Model, ObjectListing, OtherScope, Package, ResourceKey, Snapshot,
};
use crate::policy::Policy;
use crate::report::document::Report;
use crate::run::judge;

pub(super) const FRAUD: &str = "444455556666";
pub(super) const CREDIT: &str = "555566667777";
const REGISTRY: &str = "222233334444";
const OTHER_REGION: &str = "us-east-1";

/// The same estate in another account and region: every name in it says so.
fn moved(snapshot: &Snapshot, account: &str, region: &str) -> Snapshot {
    let json = String::from_utf8(snapshot.to_bytes(false).unwrap()).unwrap();
    let json =
        json.replace(ACCOUNT, account).replace(REGION, region).replace("request-", &format!("{account}-{region}-"));
    Snapshot::from_bytes(json.as_bytes(), Path::new("moved")).unwrap()
}

/// The same with a bucket of its own.
pub(super) fn apart(snapshot: &Snapshot, account: &str, region: &str) -> Snapshot {
    let json = String::from_utf8(moved(snapshot, account, region).to_bytes(false).unwrap()).unwrap();
    let json = json.replace(BUCKET, &format!("{BUCKET}-{account}-{region}"));
    Snapshot::from_bytes(json.as_bytes(), Path::new("apart")).unwrap()
}

pub(super) fn merge(parts: Vec<Snapshot>) -> Snapshot {
    Merge { parts, ..Merge::default() }.finish().unwrap().snapshot
}

pub(super) fn report(snapshot: &Snapshot) -> Report {
    judge(snapshot, &Policy::default(), None)
}

pub(super) fn unit(account: &str, region: &str) -> Unit {
    Unit { account: account.to_owned(), region: region.to_owned() }
}

/// Three accounts that differ: all in order, one rejected, one half unread.
pub(super) fn three() -> Vec<Snapshot> {
    let unread = Fixture::sound().hidden_all(FactKind::Topics).hidden(FactKind::Objects, ARTIFACT);
    vec![
        Fixture::sound().snapshot,
        apart(&Fixture::sound().rejected("2026-05-20T10:00:00Z").snapshot, FRAUD, REGION),
        apart(&unread.snapshot, CREDIT, OTHER_REGION),
    ]
}

/// Results by control and status, but for the run's own, which is one and not one an account.
fn results(report: &Report) -> BTreeMap<(String, &'static str), usize> {
    let mut counts = BTreeMap::new();
    for row in report.findings.iter().filter(|row| row.subject.kind != *"run") {
        *counts.entry((row.code.to_string(), crate::report::words::status_key(row.status))).or_default() += 1;
    }
    counts
}

fn sum<K: Ord>(maps: impl IntoIterator<Item = BTreeMap<K, usize>>) -> BTreeMap<K, usize> {
    let mut all = BTreeMap::new();
    for (key, count) in maps.into_iter().flatten() {
        *all.entry(key).or_default() += count;
    }
    all
}

#[test]
fn one_part_is_what_it_was() {
    let only = Fixture::sound().snapshot;
    assert_eq!(merge(vec![only.clone()]), only);
    assert_eq!(merge(vec![only.clone(), only.clone()]), only, "given twice");
    assert_eq!(Merge::default().finish().unwrap_err(), MergeError::Nothing);
}

#[test]
fn a_snapshot_of_one_account_says_nothing_of_parts_and_old_ones_load() {
    let json = String::from_utf8(Fixture::sound().snapshot.to_bytes(false).unwrap()).unwrap();
    assert!(!json.contains("\"parts\"") && !json.contains("\"left_out\""));
    let merged = merge(three());
    let again = Snapshot::from_bytes(&merged.to_bytes(true).unwrap(), Path::new("merged")).unwrap();
    assert_eq!(again, merged);
}

#[test]
fn the_totals_are_the_sum_of_the_parts() {
    let parts = three();
    let alone: Vec<Report> = parts.iter().map(report).collect();
    let whole = report(&merge(parts));
    assert_eq!(results(&whole), sum(alone.iter().map(results)));
    let verdicts = |report: &Report| report.summary.by_verdict.clone();
    assert_eq!(verdicts(&whole), sum(alone.iter().map(verdicts)));
    let facts: usize = three().iter().map(|part| part.facts.len()).sum();
    assert_eq!(merge(three()).facts.len(), facts);
    let sent: u64 = alone.iter().map(|report| report.stats.sent).sum();
    assert_eq!(whole.stats.sent, sent);
}

#[test]
fn what_was_not_asked_is_not_read_as_nothing_there() {
    let merged = merge(three());
    let places: Vec<_> = merged.scope.places().collect();
    assert_eq!(places, [(ACCOUNT, REGION), (FRAUD, REGION), (CREDIT, OTHER_REGION)]);
    assert!(!merged.scope.covers(CREDIT, REGION), "each account has regions of its own");
    let about = |account: &str, region: &str| {
        let findings = report(&merged).findings;
        findings.iter().filter(|row| row.subject.account == *account && row.subject.region == *region).count()
    };
    assert_eq!(about(CREDIT, REGION), 0);
    assert!(about(CREDIT, OTHER_REGION) > 0);
}

#[test]
fn a_unit_without_a_part_is_unknown_and_never_nothing() {
    let expected = vec![unit(ACCOUNT, REGION), unit(FRAUD, REGION)];
    let merge = Merge { parts: vec![Fixture::sound().snapshot], expected, left_out: Vec::new() };
    let merged = merge.finish().unwrap().snapshot;
    let gap = &merged.gaps[0];
    assert_eq!((gap.account.as_str(), gap.region.as_str(), gap.service.as_str()), (FRAUD, REGION, "organization"));
    let report = report(&merged);
    assert_eq!(report.summary.unread, [format!("{FRAUD}/{REGION}")]);
    // What is asked of an account as a whole is not asked where the policy does not.
    let there = report.findings.iter().filter(|row| row.subject.account == *FRAUD && row.subject.kind != *"account");
    let there: Vec<Status> = there.map(|row| row.status).collect();
    assert!(!there.is_empty() && there.iter().all(|status| *status == Status::Unknown), "{there:?}");
    let alone = self::report(&Fixture::sound().snapshot);
    let own = |report: &Report| {
        let mut report = report.clone();
        report.findings.retain(|row| row.subject.account == *ACCOUNT && row.subject.kind != *"run");
        results(&report)
    };
    assert_eq!(own(&report), own(&alone), "and it hides nothing of the others");
}

#[test]
fn of_two_collections_of_one_place_the_newer_counts_unless_it_could_not_read() {
    let older = Fixture::sound().rejected("2026-05-20T10:00:00Z").snapshot;
    let later = |mut snapshot: Snapshot| {
        snapshot.as_of = snapshot.as_of.checked_add(jiff::SignedDuration::from_hours(2)).unwrap();
        snapshot
    };
    let newer = later(Fixture::sound().snapshot);
    let other = moved(&Fixture::sound().snapshot, FRAUD, REGION);
    let Merged { snapshot, notes } =
        Merge { parts: vec![older.clone(), newer, other.clone()], ..Merge::default() }.finish().unwrap();
    assert!(notes.len() == 1 && notes[0].contains("was read twice"), "{notes:?}");
    assert_eq!(snapshot.scope.parts[0].replaces, [older.as_of]);
    let approval = |snapshot: &Snapshot| {
        let own = |fact: &&crate::evidence::Fact<Package>| fact.data.arn == PACKAGE;
        snapshot.facts.packages.iter().find(own).unwrap().data.approval.clone()
    };
    assert_eq!(approval(&snapshot), Some(crate::evidence::ApprovalStatus::Approved));

    let mut closed = later(Fixture::empty().snapshot);
    closed.scope.reader.clear();
    closed.facts = Default::default();
    closed.gaps = vec![not_entered(
        &unit(ACCOUNT, REGION),
        ("sts", "AssumeRole"),
        "role",
        GapCause::Throttled,
        "no",
        closed.as_of,
    )];
    let snapshot = merge(vec![closed, older, other]);
    assert_eq!(approval(&snapshot), Some(crate::evidence::ApprovalStatus::Rejected));
    assert!(snapshot.gaps.is_empty(), "what was read hides nothing");
}

/// An account that serves what another one registered, and the registry, read by itself in its own region.
pub(super) fn joined(region: &str) -> (Snapshot, Snapshot) {
    let elsewhere = PACKAGE.replace(ACCOUNT, REGISTRY).replace(REGION, region);
    let named = elsewhere.clone();
    let serving = Fixture::sound()
        .drop_where(|_: &Package| true)
        .edit(move |model: &mut Model| model.containers = vec![from_package(&named)])
        .gap(Hidden::One(ResourceKey::new(FactKind::Packages, &elsewhere)));
    let mut registry = moved(&Fixture::sound().snapshot, REGISTRY, region);
    registry.facts.endpoints.clear();
    registry.facts.endpoint_configs.clear();
    registry.facts.models.clear();
    registry.facts.alarms.clear();
    // The bucket is the same wherever it is asked for.
    (serving.snapshot, registry)
}

#[test]
fn a_package_of_another_account_is_joined_with_its_approval_and_events() {
    for region in [REGION, OTHER_REGION] {
        let (serving, registry) = joined(region);
        let alone = report(&serving);
        assert!(alone.live_versions[0].approval.is_none(), "{region}: it could not be read from here");
        let whole = report(&merge(vec![serving, registry]));
        let approval = whole.live_versions[0].approval.as_ref().expect("joined");
        assert_eq!((approval.status.as_deref(), approval.grade), (Some("Approved"), Grade::B), "{region}");
        let found = |code: &str| {
            let own =
                |row: &&crate::report::document::FindingRow| row.code == *code && row.subject.live_version.is_some();
            whole.findings.iter().find(own).unwrap()
        };
        let approved = found("APR-001");
        assert_eq!(approved.status, Status::Pass, "{region}: {}", approved.reason);
        let calls = approved.evidence.iter().flat_map(|id| &whole.evidence[id].calls);
        let accounts: Vec<&str> = calls.map(|id| whole.calls[id].account.as_str()).collect();
        assert!(accounts.contains(&REGISTRY), "{region}: the evidence is the registry's: {accounts:?}");
        assert_eq!(found("APR-003").status, Status::Pass, "{region}: {}", found("APR-003").reason);
    }
}

#[test]
fn a_registry_that_one_account_cannot_enter_is_known_by_its_own_part() {
    let (mut serving, registry) = joined(REGION);
    serving.scope.others =
        vec![OtherScope { account: REGISTRY.to_owned(), purpose: "registry".to_owned(), reader: None }];
    let denied = |account: &str, hides: &[FactKind]| Gap {
        account: account.to_owned(),
        region: String::new(),
        hides: hides.iter().map(|kind| Hidden::All(*kind)).collect(),
        ..not_entered(&unit(account, ""), ("sts", "AssumeRole"), "role", GapCause::Throttled, "no", serving.as_of)
    };
    serving.gaps.push(denied(
        REGISTRY,
        &[FactKind::PackageGroups, FactKind::Packages, FactKind::TrailEvents, FactKind::Trails],
    ));
    serving.gaps.push(denied("", &[FactKind::LogFiles]));
    let third = moved(&Fixture::sound().snapshot, CREDIT, REGION);
    let merged = merge(vec![serving, registry, third]);
    assert!(merged.scope.others.is_empty(), "it was read by itself");
    let hides = |account: &str, kind| merged.gaps.iter().any(|gap| gap.covers_all(account, REGION, kind));
    assert!(!hides(REGISTRY, FactKind::TrailEvents) && !hides(REGISTRY, FactKind::Packages));
    assert!(hides(ACCOUNT, FactKind::LogFiles), "the logs are closed to the account that asked");
    assert!(!hides(CREDIT, FactKind::LogFiles), "and to no other");
    assert_eq!(report(&merged).live_versions.len(), 2);
}

#[test]
fn what_one_account_saw_in_part_takes_nothing_from_one_that_saw_it_whole() {
    let whole = Fixture::sound().snapshot;
    // The same bucket, which this account may list but not look into.
    let part = Fixture::sound().edit(|bucket: &mut crate::evidence::Bucket| bucket.policy = None);
    let part = moved(&part.hidden(FactKind::Objects, ARTIFACT).snapshot, FRAUD, REGION);
    let merged = report(&merge(vec![whole.clone(), part]));
    let own = |report: &Report| {
        let mut report = report.clone();
        report.findings.retain(|row| row.subject.account == *ACCOUNT && row.subject.kind != *"run");
        results(&report)
    };
    assert_eq!(own(&merged), own(&report(&whole)));
}

#[test]
fn a_registry_that_two_parts_read_is_one_registry() {
    let registry = moved(&Fixture::sound().snapshot, REGISTRY, REGION);
    let mut parts = three();
    for part in &mut parts {
        let mut calls = registry.calls.clone();
        calls
            .iter_mut()
            .for_each(|call| call.request_id = Some(format!("{} for {}", call.subject, part.scope.account)));
        let offset = u32::try_from(part.calls.len()).unwrap();
        part.calls.extend(calls);
        let mut facts = registry.facts.clone();
        facts.endpoints.clear();
        part.facts.append(facts, |id| crate::evidence::CallId(id.0 + offset));
        part.scope.others = vec![OtherScope {
            account: REGISTRY.to_owned(),
            purpose: "registry".to_owned(),
            reader: Some("r".to_owned()),
        }];
    }
    let merged = merge(parts);
    let of_registry = |account: &str| merged.facts.packages.iter().filter(|fact| fact.account == account).count();
    assert_eq!(of_registry(REGISTRY), registry.facts.packages.len());
    assert_eq!(
        merged.facts.trail_events.iter().filter(|fact| fact.account == REGISTRY).count(),
        registry.facts.trail_events.len()
    );
    assert_eq!(merged.scope.others.len(), 1);
    assert!(merged.facts.calls().all(|id| merged.call(id).is_some()));
}

#[test]
fn accounts_of_which_nothing_is_known_come_first_among_the_gaps() {
    let mut parts = three();
    parts[0].gaps.extend(Fixture::sound().hidden_all(FactKind::Alarms).snapshot.gaps);
    let expected = vec![unit("999988887777", REGION)];
    let left_out =
        vec![LeftOut { account: "888877776666".to_owned(), name: "old".to_owned(), why: "suspended".to_owned() }];
    let merged = Merge { parts, expected, left_out: left_out.clone() }.finish().unwrap().snapshot;
    assert_eq!(merged.gaps[0].account, "999988887777");
    assert_eq!(merged.scope.left_out, left_out);
}

#[test]
fn it_is_judged_as_of_the_earliest_beginning() {
    let mut parts = three();
    let begin = parts[1].as_of;
    for (part, minutes) in parts.iter_mut().zip([7, 0, 20]) {
        part.as_of = begin.checked_add(jiff::SignedDuration::from_mins(minutes)).unwrap();
        part.stats.wall_ms = 60_000;
    }
    let merged = merge(parts);
    assert_eq!((merged.as_of, merged.stats.wall_ms), (begin, 21 * 60_000));
    let collected: Vec<Timestamp> = merged.scope.parts.iter().map(|part| part.collected).collect();
    assert_eq!(collected.iter().max().unwrap().duration_since(begin).as_mins(), 20, "{collected:?}");
}

/// Several accounts, each sound or with something broken or unread.
fn organization() -> impl Strategy<Value = Vec<Snapshot>> {
    let part = (0..4_usize, 0..6_u8, 0..3_i64);
    prop::collection::vec(part, 1..5).prop_map(|parts| {
        let parts = parts.into_iter().map(|(place, kind, hours)| {
            let (account, region) =
                [(ACCOUNT, REGION), (FRAUD, REGION), (CREDIT, OTHER_REGION), (ACCOUNT, OTHER_REGION)][place];
            let fixture = match kind {
                0 => Fixture::sound(),
                1 => Fixture::sound().rejected("2026-05-20T10:00:00Z"),
                2 => Fixture::sound().hidden_all(FactKind::TrailEvents),
                3 => Fixture::sound().hidden(FactKind::Objects, ARTIFACT),
                4 => Fixture::sound().remembered_event(approval(PACKAGE, APPROVED, "Approved", sso("anna"))),
                _ => Fixture::sound().drop_where(|_: &ObjectListing| true),
            };
            let mut snapshot = moved(&fixture.snapshot, account, region);
            snapshot.as_of = snapshot.as_of.checked_add(jiff::SignedDuration::from_hours(hours)).unwrap();
            snapshot
        });
        parts.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_order_of_the_parts_does_not_matter(parts in organization(), turn in 0..5_usize, reversed in any::<bool>()) {
        let mut other = parts.clone();
        let length = other.len();
        other.rotate_left(turn % length);
        if reversed {
            other.reverse();
        }
        let (one, two) = (merge(parts), merge(other));
        prop_assert_eq!(one.to_bytes(false).unwrap(), two.to_bytes(false).unwrap());
    }

    #[test]
    fn what_is_merged_again_with_its_own_parts_is_the_same(parts in organization()) {
        let whole = merge(parts.clone());
        let places = |snapshot: &Snapshot| {
            snapshot.scope.places().map(|(account, region)| format!("{account}/{region}")).collect::<Vec<_>>()
        };
        let mut again = parts;
        again.push(whole.clone());
        let again = merge(again);
        let mut expected = places(&whole);
        expected.sort();
        let mut found = places(&again);
        found.sort();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(results(&report(&again)), results(&report(&whole)));
    }

    #[test]
    fn every_fact_still_names_the_calls_that_showed_it(parts in organization()) {
        let asked = |snapshot: &Snapshot| {
            let mut asked: Vec<String> = Vec::new();
            for fact in &snapshot.facts.packages {
                for id in &fact.seen {
                    let call = snapshot.call(*id).unwrap();
                    asked.push(format!("{} {} {:?} {}", fact.data.arn, call.name(), call.request_id, call.account));
                }
            }
            asked
        };
        let before: Vec<String> = parts.iter().flat_map(asked).collect();
        for call in asked(&merge(parts)) {
            prop_assert!(before.contains(&call), "{}", call);
        }
    }
}
