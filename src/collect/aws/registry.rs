//! The Model Registry: groups and packages, with their approval status and what they say they are made of.
//!
//! `ListModelPackages` says which packages exist and whether they are approved, `Search` what each is made of. A
//! package is described by itself only where the two leave something open, or where it would count against a model that
//! serves: it is not approved, or in neither answer, such as one that another account shares.

mod normalise;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_sagemaker::types::{IncludedData, ModelPackageType, ResourceType};

use super::engine::{Answer, Failure, Reader, token};
use super::index::{SEARCH, record_tags, search};
use super::live;
use super::text::{arn_place, nameless};
use crate::collect::{ApiCall, CollectorInfo};
use crate::evidence::{ApprovalStatus, CallId, FactKind, Hidden, Package, ResourceKey};

const LIST_GROUPS: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "ListModelPackageGroups",
    action: "sagemaker:ListModelPackageGroups",
    purpose: "which model package groups there are",
};

const LIST: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "ListModelPackages",
    action: "sagemaker:ListModelPackages",
    purpose: "which model packages exist and whether they are approved, since the index may lag",
};

const DESCRIBE: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "DescribeModelPackage",
    action: "sagemaker:DescribeModelPackage",
    purpose: "whether the package behind a model that serves is really not approved, and packages of other accounts",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "registry",
    summary: "reads model package groups and packages: versions, approval status, metrics, where the code came from",
    yields: &[FactKind::PackageGroups, FactKind::Packages, FactKind::Tags],
    calls: &[SEARCH, LIST_GROUPS, LIST, DESCRIBE],
};

const ALL_GROUPS: &[Hidden] = &[Hidden::All(FactKind::PackageGroups)];
const ALL_PACKAGES: &[Hidden] = &[Hidden::All(FactKind::Packages)];

/// Reads the whole registry of the account.
pub(crate) async fn collect(reader: &Reader<'_>) {
    futures_util::join!(groups(reader), packages(reader));
}

/// Groups are named and dated by their list as well as by the index, which is asked only where the list is denied.
async fn groups(reader: &Reader<'_>) {
    let listed = reader
        .pages(
            &LIST_GROUPS,
            "model package groups",
            |token| {
                reader.clients().sagemaker.list_model_package_groups().max_results(100).set_next_token(token).send()
            },
            |Answer { output, call }| {
                for given in output.model_package_group_summary_list.unwrap_or_default() {
                    let created = given.creation_time();
                    match normalise::group(given.model_package_group_name(), given.model_package_group_arn(), created) {
                        Ok(group) => reader.record(group, &[call]),
                        Err(malformed) => reader.malformed(&LIST_GROUPS, call, &malformed, ALL_GROUPS),
                    }
                }
                token(output.next_token.as_deref())
            },
        )
        .await;
    let Err(list_failure) = listed else { return };
    let searched = search(reader, ResourceType::ModelPackageGroup, |record, call| {
        let Some(given) = record.model_package_group else { return };
        record_tags(reader, given.model_package_group_arn(), given.tags.as_deref(), call);
        let created = given.creation_time();
        match normalise::group(given.model_package_group_name(), given.model_package_group_arn(), created) {
            Ok(group) => reader.record(group, &[call]),
            Err(malformed) => reader.malformed(&SEARCH, call, &malformed, ALL_GROUPS),
        }
    })
    .await;
    reader.gap(list_failure, if searched.is_ok() { &[] } else { ALL_GROUPS });
    if let Err(failure) = searched {
        reader.gap(failure, ALL_GROUPS);
    }
}

/// What `ListModelPackages` says of one package.
struct Listed {
    approval: Option<ApprovalStatus>,
    call: CallId,
}

async fn packages(reader: &Reader<'_>) {
    let ((listed, list_failure), (mut indexed, index_failure)) = futures_util::join!(list(reader), read_index(reader));
    // Either source alone names every package; only without both may one be unseen.
    let hides: &[Hidden] = if list_failure.is_some() && index_failure.is_some() { ALL_PACKAGES } else { &[] };
    let listed_all = list_failure.is_none();
    for failure in list_failure.into_iter().chain(index_failure) {
        reader.gap(failure, hides);
    }

    let arns: BTreeSet<String> = listed.keys().chain(indexed.keys()).cloned().collect();
    let mut open = Vec::new();
    for arn in arns {
        let listed = listed.get(&arn);
        let agreed = match (indexed.remove(&arn), listed) {
            (Some((package, call)), Some(listed)) => {
                let agreed = package.approval == listed.approval;
                reader.record(package, &[call, listed.call]);
                agreed
            }
            (Some((package, call)), None) => {
                reader.record(package, &[call]);
                // Not in a complete list: gone, and the index has not heard of it.
                !listed_all
            }
            (None, _) => false,
        };
        if !agreed {
            open.push((arn, listed.map(|listed| listed.call)));
        }
    }
    reader.each(open, async |(arn, listed)| describe(reader, &arn, listed).await).await;
}

async fn list(reader: &Reader<'_>) -> (BTreeMap<String, Listed>, Option<Failure>) {
    let mut found = BTreeMap::new();
    let listed = reader
        .pages(
            &LIST,
            "model packages",
            |token| {
                // Without the type, unversioned packages alone are listed.
                let request =
                    reader.clients().sagemaker.list_model_packages().model_package_type(ModelPackageType::Both);
                request.max_results(100).set_next_token(token).send()
            },
            |Answer { output, call }| {
                for package in output.model_package_summary_list.unwrap_or_default() {
                    let approval = package.model_approval_status.map(|status| ApprovalStatus::parse(status.as_str()));
                    match package.model_package_arn {
                        Some(arn) => drop(found.insert(arn, Listed { approval, call })),
                        None => reader.malformed(&LIST, call, &nameless("a model package"), ALL_PACKAGES),
                    }
                }
                token(output.next_token.as_deref())
            },
        )
        .await;
    (found, listed.err())
}

async fn read_index(reader: &Reader<'_>) -> (BTreeMap<String, (Package, CallId)>, Option<Failure>) {
    let mut found = BTreeMap::new();
    let searched = search(reader, ResourceType::ModelPackage, |record, call| {
        let Some(given) = record.model_package else { return };
        record_tags(reader, given.model_package_arn(), given.tags.as_deref(), call);
        // A record that cannot be read is not kept: the list names its package, which is then described.
        if let Ok(package) = normalise::package(&normalise::as_described(given), true) {
            found.insert(package.arn.clone(), (package, call));
        }
    })
    .await;
    (found, searched.err())
}

/// Describes what stands behind models that serve and would count against them.
pub(crate) async fn confirm(reader: &Reader<'_>) {
    let here = (reader.account(), reader.region());
    let asked: BTreeSet<String> = reader.facts(|facts| {
        let is_fine = |reference: &String| {
            facts.packages.iter().any(|fact| {
                let package = &fact.data;
                let by_name = || {
                    (fact.account.as_str(), fact.region.as_str()) == here && package.name.as_ref() == Some(reference)
                };
                let is_it = package.arn.eq_ignore_ascii_case(reference) || by_name();
                let confirmed = !package.from_index || package.approval == Some(ApprovalStatus::Approved);
                is_it && confirmed
            })
        };
        // What lives in another account that is read is asked there: whoever reads that account may.
        let of_others = live::packages_anywhere(facts).into_iter().filter(|it| arn_place(it) == Some(here));
        let asked_elsewhere = |it: &String| arn_place(it).is_some_and(|place| place != here && reader.is_read(place));
        let own = live::packages(reader, facts).into_iter().filter(|it| !asked_elsewhere(it));
        own.chain(of_others).filter(|reference| !is_fine(reference)).collect()
    });
    reader.each(asked, async |reference| describe(reader, &reference, None).await).await;
}

/// Describes one package, by its ARN or by the name of an unversioned one. Metadata only: the rest may be encrypted
/// with a key that the reader needs no access to.
async fn describe(reader: &Reader<'_>, reference: &str, listed: Option<CallId>) {
    let key = ResourceKey::new(FactKind::Packages, reference);
    let request = reader.clients().sagemaker.describe_model_package().model_package_name(reference);
    let request = request.included_data(IncludedData::MetadataOnly);
    match reader.ask(&DESCRIBE, reference, request.send()).await {
        Ok(Answer { output, call }) => match normalise::package(&output, false) {
            Ok(package) => {
                let seen: Vec<CallId> = listed.into_iter().chain([call]).collect();
                // A shared package is a fact about the account that owns it.
                let (account, region) = arn_place(&package.arn).unwrap_or((reader.account(), reader.region()));
                let (account, region) = (account.to_owned(), region.to_owned());
                reader.record_at(&account, &region, package, &seen);
            }
            Err(malformed) => reader.malformed(&DESCRIBE, call, &malformed, &[Hidden::One(key)]),
        },
        Err(failure) if failure.not_found => reader.absent(failure, key),
        Err(failure) => reader.gap(failure, &[Hidden::One(key)]),
    }
}
