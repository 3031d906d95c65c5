//! Tags of what is billed, of package groups, and of alarms, in bulk where there is a bulk call.
//!
//! `GetResources` leaves out what was never tagged, so after a complete answer a known endpoint, group or alarm that
//! is not in it has no tags. Where it is denied, the tags that the search index carried stand, and only what is still
//! open is asked for one by one.
//!
//! Source: <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>

mod open;

use std::collections::BTreeSet;

use aws_sdk_resourcegroupstagging::types::{ComplianceDetails, ResourceTagMapping, Tag};

use super::engine::{Answer, Failure, Reader, token};
use super::text::required;
use crate::collect::{ApiCall, CollectorInfo, Malformed};
use crate::evidence::{CallId, FactKind, GapCause, Hidden, ResourceKey, ResourceTags, TagCompliance, Tags};
use open::Open;

const BULK: ApiCall = ApiCall {
    service: "tag",
    operation: "GetResources",
    action: "tag:GetResources",
    purpose: "owners and cost centres of endpoints, package groups and alarms, in bulk",
};

const SAGEMAKER: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "ListTags",
    action: "sagemaker:ListTags",
    purpose: "owners and cost centres of batch jobs, and of endpoints and package groups where the bulk call fails",
};

const CLOUDWATCH: ApiCall = ApiCall {
    service: "cloudwatch",
    operation: "ListTagsForResource",
    action: "cloudwatch:ListTagsForResource",
    purpose: "owners of alarms, one by one",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "tags",
    summary: "reads the tags of endpoints, package groups and alarms, and whether they comply with tag policies, to say who owns and pays for what serves",
    yields: &[FactKind::Tags, FactKind::AlarmTags, FactKind::TagCompliance],
    calls: &[BULK, SAGEMAKER, CLOUDWATCH],
};

/// Resources a page, the most that AWS gives.
const PAGE: i32 = 100;

/// What is billed, what names its owner, and what a cost tag is put on by mistake.
const BILLED: [&str; 4] =
    ["sagemaker:endpoint", "sagemaker:model-package-group", "sagemaker:inference-component", "sagemaker:model"];

/// Reads the tags of SageMaker's resources and of alarms.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let jobs = reader.facts(|facts| open::newest_jobs(facts, reader.account(), reader.region()));
    let jobs = reader.each(jobs, async |arn| list_sagemaker(reader, &arn).await);
    futures_util::join!(billed(reader), jobs, alarms(reader));
}

/// Reads the tags of alarms only.
pub(crate) async fn collect_of_alarms(reader: &Reader<'_>) {
    alarms(reader).await;
}

async fn billed(reader: &Reader<'_>) {
    let swept = sweep(reader, "SageMaker resources", FactKind::Tags, &BILLED).await;
    let open = reader.facts(|facts| open::billed(facts, reader.account(), reader.region(), &swept.found));
    match swept.end {
        // Models and components are left out: whether the bulk call knows their type is not documented everywhere.
        End::Complete => record_untagged(reader, open.asked, &swept.calls),
        broken => {
            let asked = fall_back(reader, broken, FactKind::Tags, open);
            reader.each(asked, async |arn| list_sagemaker(reader, &arn).await).await;
        }
    }
}

async fn alarms(reader: &Reader<'_>) {
    let swept = sweep(reader, "alarms", FactKind::AlarmTags, &["cloudwatch:alarm"]).await;
    let open = reader.facts(|facts| open::alarms(facts, reader.account(), reader.region(), &swept.found));
    match swept.end {
        End::Complete => record_untagged(reader, open.asked.into_iter().chain(open.others), &swept.calls),
        broken => {
            let asked = fall_back(reader, broken, FactKind::AlarmTags, open);
            list_alarms(reader, &asked).await;
        }
    }
}

/// Keeps the gap that the bulk call left, which hides only what nothing else is asked about, and returns what is.
fn fall_back(reader: &Reader<'_>, end: End, kind: FactKind, open: Open) -> Vec<String> {
    let hides: Vec<Hidden> = open.others.iter().map(|arn| hidden(kind, arn)).collect();
    match end {
        End::Complete => {}
        End::Failed(failure) if failure.is_cancelled() => {
            reader.gap(failure, &[Hidden::All(kind)]);
            return Vec::new();
        }
        End::Failed(failure) => reader.gap(failure, &hides),
        End::Lost(call) => {
            let reason = "`ResourceTagMappingList` is missing".to_owned();
            reader.malformed(&BULK, call, &Malformed { item: kind.words().to_owned(), reason }, &hides);
        }
    }
    open.asked
}

fn hidden(kind: FactKind, arn: &str) -> Hidden {
    Hidden::One(ResourceKey::new(kind, arn))
}

/// How far a sweep got.
struct Swept {
    found: Vec<String>,
    calls: Vec<CallId>,
    end: End,
}

/// How a sweep ended.
enum End {
    /// With the last page.
    Complete,
    /// With a page that could not be had.
    Failed(Failure),
    /// With an answer that lost its content on the way: AWS lists nothing as an empty list.
    Lost(CallId),
}

/// Reads the tags of all resources of some types that were ever tagged.
async fn sweep(reader: &Reader<'_>, subject: &str, kind: FactKind, types: &[&str]) -> Swept {
    let tagging = &reader.clients().tagging;
    let types: Vec<String> = types.iter().map(|&name| name.to_owned()).collect();
    let (mut found, mut calls, mut lost) = (Vec::new(), Vec::new(), None);
    let read = reader
        .pages(
            &BULK,
            subject,
            |token| {
                let request = tagging.get_resources().set_resource_type_filters(Some(types.clone()));
                // It costs no further call. Alarms are not billed, so nobody asks whether their tags comply.
                let request = request.set_include_compliance_details((kind == FactKind::Tags).then_some(true));
                request.resources_per_page(PAGE).set_pagination_token(token).send()
            },
            |Answer { output, call }| {
                calls.push(call);
                if output.resource_tag_mapping_list.is_none() {
                    lost = Some(call);
                }
                for mapping in output.resource_tag_mapping_list() {
                    match normalise(mapping) {
                        Ok(tags) => {
                            if let Some(compliance) = compliance(&tags.arn, mapping.compliance_details()) {
                                reader.record(compliance, &[call]);
                            }
                            found.push(tags.arn.clone());
                            reader.record(tags, &[call]);
                        }
                        Err(malformed) => reader.malformed(&BULK, call, &malformed, &[Hidden::All(kind)]),
                    }
                }
                token(output.pagination_token())
            },
        )
        .await;
    let end = match (read, lost) {
        (Err(failure), _) => End::Failed(failure),
        (Ok(_), Some(call)) => End::Lost(call),
        (Ok(_), None) => End::Complete,
    };
    Swept { found, calls, end }
}

fn record_untagged(reader: &Reader<'_>, arns: impl IntoIterator<Item = String>, calls: &[CallId]) {
    for arn in arns {
        reader.record(ResourceTags { arn, tags: Tags::new() }, calls);
    }
}

async fn list_sagemaker(reader: &Reader<'_>, arn: &str) {
    let sagemaker = &reader.clients().sagemaker;
    let (mut tags, mut calls) = (Tags::new(), Vec::new());
    let read = reader
        .pages(
            &SAGEMAKER,
            arn,
            |token| sagemaker.list_tags().resource_arn(arn).max_results(PAGE).set_next_token(token).send(),
            |Answer { output, call }| {
                calls.push(call);
                let pairs = output.tags().iter().map(|tag| (tag.key(), tag.value()));
                tags.extend(pairs.filter_map(pair));
                token(output.next_token())
            },
        )
        .await;
    match read {
        Ok(_) => reader.record(ResourceTags { arn: arn.to_owned(), tags }, &calls),
        Err(failure) => reader.gap(failure, &[hidden(FactKind::Tags, arn)]),
    }
}

/// Reads the tags of alarms one by one, at CloudWatch's pace. Where the first is denied, so will be the others, and a
/// minute of asking would tell no more.
async fn list_alarms(reader: &Reader<'_>, arns: &[String]) {
    let Some((first, others)) = arns.split_first() else { return };
    match list_alarm(reader, first).await {
        Err(failure) if matches!(failure.cause, GapCause::Denied(_)) => {
            let hides: Vec<Hidden> = arns.iter().map(|arn| hidden(FactKind::AlarmTags, arn)).collect();
            return reader.gap(failure, &hides);
        }
        Err(failure) => reader.gap(failure, &[hidden(FactKind::AlarmTags, first)]),
        Ok(()) => {}
    }
    reader
        .each(others, async |arn| {
            if let Err(failure) = list_alarm(reader, arn).await {
                reader.gap(failure, &[hidden(FactKind::AlarmTags, arn)]);
            }
        })
        .await;
}

async fn list_alarm(reader: &Reader<'_>, arn: &str) -> Result<(), Failure> {
    let request = reader.clients().cloudwatch.list_tags_for_resource().resource_arn(arn);
    let Answer { output, call } = reader.ask(&CLOUDWATCH, arn, request.send()).await?;
    let tags = output.tags().iter().filter_map(|tag| pair((tag.key(), tag.value()))).collect();
    reader.record(ResourceTags { arn: arn.to_owned(), tags }, &[call]);
    Ok(())
}

fn pair((key, value): (Option<&str>, Option<&str>)) -> Option<(String, String)> {
    Some((key?.to_owned(), value.unwrap_or_default().to_owned()))
}

/// The tags of one resource.
///
/// # Errors
/// If it has no ARN.
fn normalise(mapping: &ResourceTagMapping) -> Result<ResourceTags, Malformed> {
    let arn = required("a tagged resource", "ResourceARN", mapping.resource_arn())?;
    let pairs = mapping.tags().iter().map(|tag: &Tag| (tag.key().to_owned(), tag.value().to_owned()));
    Ok(ResourceTags { arn, tags: pairs.collect() })
}

/// What tag policies say of a resource; nothing where there are none.
fn compliance(arn: &str, details: Option<&ComplianceDetails>) -> Option<TagCompliance> {
    let details = details?;
    let keys = details.noncompliant_keys().iter().chain(details.keys_with_noncompliant_values());
    let keys: BTreeSet<&String> = keys.chain(details.missing_tag_keys()).collect();
    Some(TagCompliance {
        arn: arn.to_owned(),
        compliant: details.compliance_status()?,
        noncompliant_keys: keys.into_iter().cloned().collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_and_an_empty_list_is_an_answer() {
        let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build().unwrap();
        let tagged =
            ResourceTagMapping::builder().resource_arn("arn:x").tags(tag("owner", "risk")).tags(tag("Owner", "ops"));
        let read = normalise(&tagged.build()).unwrap();
        assert_eq!(
            (read.tags["owner"].as_str(), read.tags["Owner"].as_str()),
            ("risk", "ops"),
            "the case of a key is kept"
        );
        assert!(normalise(&ResourceTagMapping::builder().resource_arn("arn:x").build()).unwrap().tags.is_empty());
        normalise(&ResourceTagMapping::builder().build()).unwrap_err();
    }

    #[test]
    fn a_tag_policy_says_which_keys_are_wrong_and_none_says_nothing() {
        let details =
            ComplianceDetails::builder().noncompliant_keys("CostCenter").keys_with_noncompliant_values("stage");
        let details = details.missing_tag_keys("owner").compliance_status(false).build();
        let said = compliance("arn:x", Some(&details)).unwrap();
        assert_eq!((said.compliant, said.noncompliant_keys.join(" ")), (false, "CostCenter owner stage".to_owned()));
        assert_eq!(compliance("arn:x", None), None);
        assert_eq!(compliance("arn:x", Some(&ComplianceDetails::builder().build())), None, "no policy is in force");
    }
}
