//! What of Bedrock is paid for by the hour, and what makes its tokens somebody's: provisioned throughput, and application
//! inference profiles with their tags.
//!
//! Source: <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListProvisionedModelThroughputs.html>,
//! <https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles.html>

use std::cell::RefCell;

use aws_sdk_bedrock::types::{InferenceProfileSummary, InferenceProfileType, ProvisionedModelSummary};

use super::engine::{Answer, Reader, token};
use super::text::{instant, required, text};
use crate::collect::{ApiCall, CollectorInfo, Malformed};
use crate::evidence::{FactKind, Hidden, InferenceProfile, ProvisionedThroughput, ResourceKey, ResourceTags};

const CAPACITY: ApiCall = ApiCall {
    service: "bedrock",
    operation: "ListProvisionedModelThroughputs",
    action: "bedrock:ListProvisionedModelThroughputs",
    purpose: "capacity of Bedrock that is paid for by the hour, used or not",
};

const PROFILES: ApiCall = ApiCall {
    service: "bedrock",
    operation: "ListInferenceProfiles",
    action: "bedrock:ListInferenceProfiles",
    purpose: "whose the tokens of Bedrock are",
};

const TAGS: ApiCall = ApiCall {
    service: "bedrock",
    operation: "ListTagsForResource",
    action: "bedrock:ListTagsForResource",
    purpose: "owners and cost centres of what is paid for at Bedrock",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "bedrock",
    summary: "reads provisioned throughput and inference profiles of Bedrock, to say what is paid for there and by whom",
    yields: &[FactKind::ProvisionedThroughputs, FactKind::InferenceProfiles, FactKind::Tags],
    calls: &[CAPACITY, PROFILES, TAGS],
};

const ALL_CAPACITY: &[Hidden] = &[Hidden::All(FactKind::ProvisionedThroughputs)];
const ALL_PROFILES: &[Hidden] = &[Hidden::All(FactKind::InferenceProfiles)];

/// Items a page.
const PAGE: i32 = 100;

/// Lists both in the region, and reads the tags of each.
pub(crate) async fn collect(reader: &Reader<'_>) {
    // There is no Bedrock in China, so there is none of it.
    // Source: <https://docs.aws.amazon.com/general/latest/gr/bedrock.html>
    if reader.session().partition() == "aws-cn" {
        return;
    }
    let arns = RefCell::new(Vec::new());
    futures_util::join!(capacity(reader, &arns), profiles(reader, &arns));
    reader.each(arns.into_inner(), async |arn| tags(reader, &arn).await).await;
}

async fn capacity(reader: &Reader<'_>, arns: &RefCell<Vec<String>>) {
    let bedrock = &reader.clients().bedrock;
    let listed = reader
        .pages(
            &CAPACITY,
            "provisioned throughput",
            |token| bedrock.list_provisioned_model_throughputs().max_results(PAGE).set_next_token(token).send(),
            |Answer { output, call }| {
                for capacity in output.provisioned_model_summaries() {
                    match throughput(capacity) {
                        Ok(capacity) => {
                            arns.borrow_mut().push(capacity.arn.clone());
                            reader.record(capacity, &[call]);
                        }
                        Err(malformed) => reader.malformed(&CAPACITY, call, &malformed, ALL_CAPACITY),
                    }
                }
                token(output.next_token())
            },
        )
        .await;
    if let Err(failure) = listed {
        reader.gap(failure, ALL_CAPACITY);
    }
}

async fn profiles(reader: &Reader<'_>, arns: &RefCell<Vec<String>>) {
    let bedrock = &reader.clients().bedrock;
    let listed = reader
        .pages(
            &PROFILES,
            "application inference profiles",
            |token| {
                let request = bedrock.list_inference_profiles().type_equals(InferenceProfileType::Application);
                request.max_results(PAGE).set_next_token(token).send()
            },
            |Answer { output, call }| {
                for listed in output.inference_profile_summaries() {
                    match profile(listed) {
                        Ok(profile) => {
                            arns.borrow_mut().push(profile.arn.clone());
                            reader.record(profile, &[call]);
                        }
                        Err(malformed) => reader.malformed(&PROFILES, call, &malformed, ALL_PROFILES),
                    }
                }
                token(output.next_token())
            },
        )
        .await;
    if let Err(failure) = listed {
        reader.gap(failure, ALL_PROFILES);
    }
}

async fn tags(reader: &Reader<'_>, arn: &str) {
    let request = reader.clients().bedrock.list_tags_for_resource().resource_arn(arn);
    match reader.ask(&TAGS, arn, request.send()).await {
        Ok(Answer { output, call }) => {
            let tags = output.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect();
            reader.record(ResourceTags { arn: arn.to_owned(), tags }, &[call]);
        }
        Err(failure) => reader.gap(failure, &[Hidden::One(ResourceKey::new(FactKind::Tags, arn))]),
    }
}

/// One capacity.
///
/// # Errors
/// If it has no name or ARN.
fn throughput(given: &ProvisionedModelSummary) -> Result<ProvisionedThroughput, Malformed> {
    let name = required("provisioned throughput", "provisionedModelName", Some(given.provisioned_model_name()))?;
    Ok(ProvisionedThroughput {
        arn: required(&name, "provisionedModelArn", Some(given.provisioned_model_arn()))?,
        model: required(&name, "modelArn", Some(given.model_arn()))?,
        units: given.model_units(),
        status: given.status().as_str().to_owned(),
        commitment: text(given.commitment_duration().map(aws_sdk_bedrock::types::CommitmentDuration::as_str)),
        expires: instant(given.commitment_expiration_time()),
        created: instant(Some(given.creation_time())),
        name,
    })
}

/// One profile.
///
/// # Errors
/// If it has no name, ARN or id.
fn profile(given: &InferenceProfileSummary) -> Result<InferenceProfile, Malformed> {
    let name = required("an inference profile", "inferenceProfileName", Some(given.inference_profile_name()))?;
    Ok(InferenceProfile {
        arn: required(&name, "inferenceProfileArn", Some(given.inference_profile_arn()))?,
        id: required(&name, "inferenceProfileId", Some(given.inference_profile_id()))?,
        models: given.models().iter().filter_map(|model| text(model.model_arn())).collect(),
        created: instant(given.created_at()),
        name,
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_bedrock::types::{
        CommitmentDuration, InferenceProfileModel, InferenceProfileStatus, ProvisionedModelStatus,
    };
    use aws_smithy_types::DateTime;

    use super::*;

    #[test]
    fn capacity_says_how_much_and_until_when() {
        let given = |name: &str| {
            let built = ProvisionedModelSummary::builder().provisioned_model_name(name).provisioned_model_arn("arn:p");
            let built = built.model_arn("arn:m").desired_model_arn("arn:m").foundation_model_arn("arn:m");
            let built = built.model_units(2).desired_model_units(3).status(ProvisionedModelStatus::InService);
            let built = built.commitment_duration(CommitmentDuration::OneMonth);
            let built = built.commitment_expiration_time(DateTime::from_secs(86_400));
            built.creation_time(DateTime::from_secs(0)).last_modified_time(DateTime::from_secs(0)).build().unwrap()
        };
        let read = throughput(&given("claims")).unwrap();
        assert_eq!((read.name.as_str(), read.units, read.status.as_str()), ("claims", 2, "InService"));
        assert_eq!(read.commitment.as_deref(), Some("OneMonth"));
        assert_eq!(read.expires.unwrap().to_string(), "1970-01-02T00:00:00Z");
        throughput(&given("")).unwrap_err();
    }

    #[test]
    fn a_profile_names_the_models_behind_it() {
        let given = |id: &str| {
            let built = InferenceProfileSummary::builder().inference_profile_name("claims").inference_profile_id(id);
            let model = |arn: &str| InferenceProfileModel::builder().model_arn(arn).build();
            let built = built.inference_profile_arn("arn:i").models(model("arn:a")).models(model("arn:b"));
            let built = built.status(InferenceProfileStatus::Active).r#type(InferenceProfileType::Application);
            built.build().unwrap()
        };
        let read = profile(&given("abc")).unwrap();
        assert_eq!((read.id.as_str(), read.models.join(" ")), ("abc", "arn:a arn:b".to_owned()));
        profile(&given("")).unwrap_err();
    }
}
