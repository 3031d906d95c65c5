//! SageMaker's index: `Search` gives a hundred full records a call, but it may lag behind the truth.
//!
//! So what it says is marked, and everything that would count against a model is asked again of the description.

use aws_sdk_sagemaker::types::{ResourceType, SearchRecord, Tag};

use super::engine::{Answer, Failure, Reader, token};
use super::text::text;
use crate::collect::ApiCall;
use crate::evidence::{CallId, ResourceTags};

/// The call, as each collector that makes it declares it. IAM cannot narrow it to resources.
pub(super) const SEARCH: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "Search",
    action: "sagemaker:Search",
    purpose: "endpoints, models and the registry a hundred at a time; without it each is described by itself",
};

/// Reads every record of a kind, in no particular order.
pub(super) async fn search(
    reader: &Reader<'_>,
    resource: ResourceType,
    mut keep: impl FnMut(SearchRecord, CallId),
) -> Result<u32, Failure> {
    let subject = resource.as_str().to_owned();
    reader
        .pages(
            &SEARCH,
            &subject,
            |token| {
                let request = reader.clients().sagemaker.search().resource(resource.clone()).max_results(100);
                request.set_next_token(token).send()
            },
            |Answer { output, call }| {
                output.results.unwrap_or_default().into_iter().for_each(|record| keep(record, call));
                token(output.next_token.as_deref())
            },
        )
        .await
}

/// Keeps the tags of a record. A record without any says nothing: the index leaves them out of some kinds.
pub(super) fn record_tags(reader: &Reader<'_>, arn: Option<&str>, tags: Option<&[Tag]>, seen: CallId) {
    let (Some(arn), Some(tags)) = (text(arn), tags) else { return };
    let tags = tags.iter().filter_map(|tag| Some((tag.key.clone()?, tag.value.clone().unwrap_or_default()))).collect();
    let tags = ResourceTags { arn, tags };
    if !tags.tags.is_empty() {
        reader.record(tags, &[seen]);
    }
}
