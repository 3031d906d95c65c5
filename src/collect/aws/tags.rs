//! Tags of what is billed, of package groups, and of alarms, in bulk.
//!
//! `GetResources` leaves out what was never tagged, so after a complete answer a known endpoint, group or alarm that
//! is not in it has no tags. Where it is denied, the tags that the search index carried stand, and only what is still
//! open is asked for one by one.
//!
//! Source: <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>

mod open;

use aws_sdk_resourcegroupstagging::types::{ResourceTagMapping, Tag};

use super::engine::{Answer, Failure, Reader, token};
use super::text::required;
use crate::collect::{ApiCall, CollectorInfo, Malformed};
use crate::evidence::{CallId, FactKind, Hidden, ResourceKey, ResourceTags, Tags};
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
    purpose: "owners and cost centres of endpoints and package groups, one by one",
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
    summary: "reads the tags of endpoints, package groups and alarms, to say who owns and pays for what serves",
    yields: &[FactKind::Tags, FactKind::AlarmTags],
    calls: &[BULK, SAGEMAKER, CLOUDWATCH],
};

/// Resources a page, the most that AWS gives.
const PAGE: i32 = 100;

/// What is billed, what names its owner, and what a cost tag is put on by mistake.
const BILLED: [&str; 4] =
    ["sagemaker:endpoint", "sagemaker:model-package-group", "sagemaker:inference-component", "sagemaker:model"];

/// Reads the tags of SageMaker's resources and of alarms.
pub(crate) async fn collect(reader: &Reader<'_>) {
    futures_util::join!(billed(reader), alarms(reader));
}

async fn billed(reader: &Reader<'_>) {
    let swept = sweep(reader, "SageMaker resources", FactKind::Tags, &BILLED).await;
    let open = reader.facts(|facts| open::billed(facts, reader.account(), reader.region(), &swept.found));
    match swept.failure {
        // Models and components are left out: whether the bulk call knows their type is not documented everywhere.
        None => record_untagged(reader, open.asked, &swept.calls),
        Some(failure) => {
            if let Some(asked) = fall_back(reader, failure, FactKind::Tags, open) {
                reader.each(asked, async |arn| list_sagemaker(reader, &arn).await).await;
            }
        }
    }
}

async fn alarms(reader: &Reader<'_>) {
    let swept = sweep(reader, "alarms", FactKind::AlarmTags, &["cloudwatch:alarm"]).await;
    let open = reader.facts(|facts| open::alarms(facts, reader.account(), reader.region(), &swept.found));
    match swept.failure {
        None => record_untagged(reader, open.asked.into_iter().chain(open.others), &swept.calls),
        Some(failure) => {
            if let Some(asked) = fall_back(reader, failure, FactKind::AlarmTags, open) {
                reader.each(asked, async |arn| list_alarm(reader, &arn).await).await;
            }
        }
    }
}

/// Keeps the gap that the bulk call left, which hides only what nothing else is asked about, and returns what is.
fn fall_back(reader: &Reader<'_>, failure: Failure, kind: FactKind, open: Open) -> Option<Vec<String>> {
    if failure.is_cancelled() {
        reader.gap(failure, &[Hidden::All(kind)]);
        return None;
    }
    let hides: Vec<Hidden> = open.others.iter().map(|arn| hidden(kind, arn)).collect();
    reader.gap(failure, &hides);
    Some(open.asked)
}

fn hidden(kind: FactKind, arn: &str) -> Hidden {
    Hidden::One(ResourceKey::new(kind, arn))
}

/// How far a sweep got.
struct Swept {
    found: Vec<String>,
    calls: Vec<CallId>,
    failure: Option<Failure>,
}

/// Reads the tags of all resources of some types that were ever tagged.
async fn sweep(reader: &Reader<'_>, subject: &str, kind: FactKind, types: &[&str]) -> Swept {
    let tagging = &reader.clients().tagging;
    let types: Vec<String> = types.iter().map(|&name| name.to_owned()).collect();
    let (mut found, mut calls) = (Vec::new(), Vec::new());
    let read = reader
        .pages(
            &BULK,
            subject,
            |token| {
                let request = tagging.get_resources().set_resource_type_filters(Some(types.clone()));
                request.resources_per_page(PAGE).set_pagination_token(token).send()
            },
            |Answer { output, call }| {
                calls.push(call);
                for mapping in output.resource_tag_mapping_list() {
                    match normalise(mapping) {
                        Ok(tags) => {
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
    Swept { found, calls, failure: read.err() }
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

async fn list_alarm(reader: &Reader<'_>, arn: &str) {
    let request = reader.clients().cloudwatch.list_tags_for_resource().resource_arn(arn);
    match reader.ask(&CLOUDWATCH, arn, request.send()).await {
        Ok(Answer { output, call }) => {
            let tags = output.tags().iter().filter_map(|tag| pair((tag.key(), tag.value()))).collect();
            reader.record(ResourceTags { arn: arn.to_owned(), tags }, &[call]);
        }
        Err(failure) => reader.gap(failure, &[hidden(FactKind::AlarmTags, arn)]),
    }
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
}
