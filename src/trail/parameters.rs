//! Which request parameters of a CloudTrail record are kept.
//!
//! An allow-list, so that a secret in a parameter that nobody thought of stays out: names, ARNs, locations, images,
//! weights and approval fields are kept; of maps that people fill (environment variables, tags, metadata) only the
//! names are; everything else leaves the mark [`masked`] behind, which says that the parameter was given and nothing
//! more.
//!
//! CloudTrail writes lower camel case for most SageMaker calls (`modelPackageArn`), but no published sample shows all
//! of them, so names are compared without regard to case. Top-level names are kept in lower case, nested ones as this
//! table spells them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What CloudTrail writes in place of a value that the service keeps back.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// What is kept of one parameter.
enum Keep {
    /// A string, number or truth value, or a list of such.
    Value,
    /// The names in a map, or the keys in a list of tags; no values.
    Names,
    /// These members of an object, or of each object in a list.
    Members(&'static [(&'static str, Keep)]),
}

use Keep::{Members, Names, Value as Plain};

const S3_DATA_SOURCE: Keep = Members(&[
    ("s3Uri", Plain),
    ("s3DataType", Plain),
    ("compressionType", Plain),
    ("manifestS3Uri", Plain),
    ("eTag", Plain),
    ("manifestEtag", Plain),
    ("hubAccessConfig", Members(&[("hubContentArn", Plain)])),
]);
const DATA_SOURCE: Keep = Members(&[("s3DataSource", S3_DATA_SOURCE)]);
const DATA_SOURCES: Keep = Members(&[("channelName", Plain), ("s3DataSource", S3_DATA_SOURCE)]);
const CONTAINER: Keep = Members(&[
    ("containerHostname", Plain),
    ("image", Plain),
    ("imageDigest", Plain),
    ("mode", Plain),
    ("modelDataUrl", Plain),
    ("modelDataETag", Plain),
    ("modelDataSource", DATA_SOURCE),
    ("additionalModelDataSources", DATA_SOURCES),
    ("additionalS3DataSource", S3_DATA_SOURCE),
    ("modelPackageName", Plain),
    ("inferenceSpecificationName", Plain),
    ("productId", Plain),
    ("artifactUrl", Plain),
    ("environment", Names),
]);
const VARIANT: Keep = Members(&[
    ("variantName", Plain),
    ("modelName", Plain),
    ("initialInstanceCount", Plain),
    ("instanceType", Plain),
    ("initialVariantWeight", Plain),
    ("instancePools", Members(&[("instanceType", Plain), ("modelNameOverride", Plain), ("priority", Plain)])),
]);
const INFERENCE_SPECIFICATION: Keep = Members(&[("name", Plain), ("containers", CONTAINER)]);
const COMPONENT_SPECIFICATION: Keep = Members(&[
    ("modelName", Plain),
    ("container", CONTAINER),
    ("baseInferenceComponentName", Plain),
    ("instanceType", Plain),
]);

const FIELD_SELECTORS: Keep = Members(&[
    ("field", Plain),
    ("equals", Plain),
    ("notEquals", Plain),
    ("startsWith", Plain),
    ("notStartsWith", Plain),
    ("endsWith", Plain),
    ("notEndsWith", Plain),
]);
/// S3's requests are XML; a record holds one rule as an object, several as a list.
const LIFECYCLE_RULE: Keep = Members(&[
    ("id", Plain),
    ("status", Plain),
    ("prefix", Plain),
    ("filter", Members(&[("prefix", Plain), ("and", Members(&[("prefix", Plain)]))])),
    ("expiration", Members(&[("days", Plain), ("date", Plain)])),
    ("noncurrentVersionExpiration", Members(&[("noncurrentDays", Plain), ("newerNoncurrentVersions", Plain)])),
]);

/// Everything that is kept, whatever the event: a name means the same in each request that has it.
const KEPT: &[(&str, Keep)] = &[
    // registry and approval
    ("modelPackageArn", Plain),
    ("modelPackageName", Plain),
    ("modelPackageGroupName", Plain),
    ("modelApprovalStatus", Plain),
    ("approvalDescription", Plain),
    ("modelPackageRegistrationType", Plain),
    ("modelLifeCycle", Members(&[("stage", Plain), ("stageStatus", Plain), ("stageDescription", Plain)])),
    ("inferenceSpecification", INFERENCE_SPECIFICATION),
    ("additionalInferenceSpecifications", INFERENCE_SPECIFICATION),
    ("additionalInferenceSpecificationsToAdd", INFERENCE_SPECIFICATION),
    ("sourceUri", Plain),
    (
        "sourceAlgorithmSpecification",
        Members(&[(
            "sourceAlgorithms",
            Members(&[("algorithmName", Plain), ("modelDataUrl", Plain), ("modelDataETag", Plain)]),
        )]),
    ),
    (
        "metadataProperties",
        Members(&[("commitId", Plain), ("repository", Plain), ("generatedBy", Plain), ("projectId", Plain)]),
    ),
    ("customerMetadataProperties", Names),
    ("customerMetadataPropertiesToRemove", Plain),
    ("skipModelValidation", Plain),
    // models
    ("modelName", Plain),
    ("primaryContainer", CONTAINER),
    ("containers", CONTAINER),
    ("executionRoleArn", Plain),
    ("inferenceExecutionConfig", Members(&[("mode", Plain)])),
    ("enableNetworkIsolation", Plain),
    // deployment
    ("endpointName", Plain),
    ("endpointConfigName", Plain),
    ("productionVariants", VARIANT),
    ("shadowProductionVariants", VARIANT),
    ("retainAllVariantProperties", Plain),
    (
        "desiredWeightsAndCapacities",
        Members(&[("variantName", Plain), ("desiredWeight", Plain), ("desiredInstanceCount", Plain)]),
    ),
    ("inferenceComponentName", Plain),
    ("variantName", Plain),
    ("specification", COMPONENT_SPECIFICATION),
    ("specifications", COMPONENT_SPECIFICATION),
    ("runtimeConfig", Members(&[("copyCount", Plain)])),
    ("transformJobName", Plain),
    // what watches
    ("monitoringScheduleName", Plain),
    ("alarmName", Plain),
    ("alarmNames", Plain),
    ("stateValue", Plain),
    ("rule", Members(&[("schedule", Members(&[("expression", Plain), ("duration", Plain), ("timezone", Plain)]))])),
    ("muteTargets", Members(&[("alarmNames", Plain)])),
    ("startDate", Plain),
    ("expireDate", Plain),
    // trails; `name` is also that of a mute rule
    ("name", Plain),
    ("trailName", Plain),
    ("s3BucketName", Plain),
    ("s3KeyPrefix", Plain),
    ("isMultiRegionTrail", Plain),
    ("isOrganizationTrail", Plain),
    ("includeGlobalServiceEvents", Plain),
    ("enableLogFileValidation", Plain),
    (
        "eventSelectors",
        Members(&[
            ("readWriteType", Plain),
            ("includeManagementEvents", Plain),
            ("excludeManagementEventSources", Plain),
        ]),
    ),
    ("advancedEventSelectors", Members(&[("name", Plain), ("fieldSelectors", FIELD_SELECTORS)])),
    // buckets
    ("bucketName", Plain),
    ("versioningConfiguration", Members(&[("status", Plain), ("mfaDelete", Plain)])),
    ("lifecycleConfiguration", Members(&[("rule", LIFECYCLE_RULE)])),
    // anything
    ("tags", Names),
];

/// The mark of a parameter that was given but is not kept.
pub fn masked() -> Value {
    json!({ "masked": true })
}

/// What is kept of a record's `requestParameters`.
pub fn request(parameters: &Value) -> BTreeMap<String, Value> {
    let Some(parameters) = object(parameters) else {
        return BTreeMap::new();
    };
    let kept = parameters.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| {
        let value = find(KEPT, name).map_or_else(masked, |(_, keep)| reduce(keep, value));
        (name.to_lowercase(), value)
    });
    kept.collect()
}

/// What is kept of a record's `responseElements`: the ARNs of what was made or changed.
pub fn response(elements: &Value) -> BTreeMap<String, Value> {
    let Some(elements) = object(elements) else {
        return BTreeMap::new();
    };
    let arns = elements.iter().filter_map(|(name, value)| {
        let name = name.to_lowercase();
        let arn = value.as_str().filter(|arn| name.ends_with("arn") && arn.starts_with("arn:"))?;
        Some((name, Value::from(arn)))
    });
    arns.collect()
}

fn find<'k>(kept: &'k [(&'static str, Keep)], name: &str) -> Option<&'k (&'static str, Keep)> {
    kept.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))
}

/// An object, also where a service wrote it as JSON inside a string.
pub(super) fn object(value: &Value) -> Option<std::borrow::Cow<'_, Map<String, Value>>> {
    match value {
        Value::Object(object) => Some(std::borrow::Cow::Borrowed(object)),
        Value::String(text) => match serde_json::from_str(text) {
            Ok(Value::Object(object)) => Some(std::borrow::Cow::Owned(object)),
            _ => None,
        },
        _ => None,
    }
}

fn reduce(keep: &Keep, value: &Value) -> Value {
    match (keep, value) {
        (_, Value::String(text)) if text == HIDDEN => masked(),
        (Plain, Value::String(text)) => Value::from(without_credentials(text)),
        (Plain, Value::Number(_) | Value::Bool(_)) => value.clone(),
        (Plain | Members(_), Value::Array(items)) => items.iter().map(|item| reduce(keep, item)).collect(),
        (Names, Value::Array(tags)) => tags
            .iter()
            .filter_map(object)
            .filter_map(|tag| {
                let (_, key) = tag.iter().find(|(name, _)| name.eq_ignore_ascii_case("key"))?;
                key.as_str().filter(|key| *key != HIDDEN).map(Value::from)
            })
            .collect(),
        (Names, _) => {
            object(value).map_or_else(masked, |map| map.keys().map(|name| Value::from(name.as_str())).collect())
        }
        (Members(members), _) => object(value).map_or_else(masked, |given| {
            let kept = given.iter().filter_map(|(name, value)| {
                let (spelling, keep) = find(members, name)?;
                (!value.is_null()).then(|| ((*spelling).to_owned(), reduce(keep, value)))
            });
            Value::Object(kept.collect())
        }),
        (Plain, _) => masked(),
    }
}

/// Text with the credentials taken out of its web addresses: user names and passwords before the host, and the values
/// of query parameters that are named like a secret.
fn without_credentials(text: &str) -> String {
    text.split_inclusive(char::is_whitespace)
        .map(|word| bare_address(word).unwrap_or_else(|| word.to_owned()))
        .collect()
}

fn bare_address(word: &str) -> Option<String> {
    let (scheme, rest) = word.split_once("://")?;
    if scheme.is_empty() || scheme.ends_with("s3") {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let Some((path, query)) = path.split_once('?') else {
        return Some(format!("{scheme}://{host}{path}"));
    };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}=…"),
        _ => pair.to_owned(),
    });
    Some(format!("{scheme}://{host}{path}?{}", pairs.collect::<Vec<_>>().join("&")))
}

/// Whether a name is one under which secrets travel.
pub(super) fn is_secret(name: &str) -> bool {
    const WORDS: [&str; 9] =
        ["token", "secret", "password", "passwd", "credential", "signature", "apikey", "accesskey", "private"];
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    WORDS.iter().any(|word| name.contains(word)) || ["key", "sig", "auth", "code", "pwd"].contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(kept: &'static [(&'static str, Keep)], all: &mut Vec<&'static str>) {
        for (name, keep) in kept {
            all.push(name);
            if let Members(members) = keep {
                names(members, all);
            }
        }
    }

    #[test]
    fn nothing_named_like_a_secret_is_on_the_list() {
        let mut all = Vec::new();
        names(KEPT, &mut all);
        assert!(all.len() > 60);
        for name in all {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn names_are_found_in_any_case_and_nested_ones_come_out_in_one_spelling() {
        let kept = request(&json!({
            "PrimaryContainer": {"MODELDATAURL": "s3://b/k", "Image": "i", "Environment": {"PASSWORD": "hunter2"}},
            "modelname": "m",
        }));
        let container = &kept["primarycontainer"];
        assert_eq!(container["modelDataUrl"], "s3://b/k");
        assert_eq!(container["image"], "i");
        assert_eq!(container["environment"], json!(["PASSWORD"]));
        assert_eq!(kept["modelname"], "m");
        assert!(!serde_json::to_string(&kept).unwrap().contains("hunter2"));
    }

    #[test]
    fn what_is_not_listed_leaves_only_its_name() {
        let kept = request(&json!({"modelCard": {"content": "…"}, "clientToken": "t", "vpcConfig": null}));
        assert_eq!(
            kept.into_iter().collect::<Vec<_>>(),
            [("clienttoken".to_owned(), masked()), ("modelcard".to_owned(), masked())]
        );
    }

    #[test]
    fn what_switches_off_logs_versions_and_alarms_is_kept() {
        let selectors = json!([{"readWriteType": "ReadOnly", "includeManagementEvents": false, "dataResources": [{"type": "AWS::S3::Object"}],
                                "excludeManagementEventSources": ["kms.amazonaws.com"]}]);
        let rule =
            json!({"Status": "Enabled", "Filter": {"Prefix": "AWSLogs/"}, "Expiration": {"Days": 1}, "ID": "nuke"});
        for (given, name, kept) in [
            (json!({"name": "audit", "s3BucketName": "elsewhere"}), "s3bucketname", json!("elsewhere")),
            (
                json!({"trailName": "audit", "eventSelectors": selectors}),
                "eventselectors",
                json!([{"readWriteType": "ReadOnly", "includeManagementEvents": false,
                        "excludeManagementEventSources": ["kms.amazonaws.com"]}]),
            ),
            (
                json!({"advancedEventSelectors": [{"name": "n", "fieldSelectors": [{"field": "readOnly", "equals": ["true"]}]}]}),
                "advancedeventselectors",
                json!([{"name": "n", "fieldSelectors": [{"field": "readOnly", "equals": ["true"]}]}]),
            ),
            (json!({"alarmNames": ["latency", "errors"]}), "alarmnames", json!(["latency", "errors"])),
            (
                json!({"bucketName": "models", "versioning": "", "VersioningConfiguration": {"Status": "Suspended", "xmlns": "x"}}),
                "versioningconfiguration",
                json!({"status": "Suspended"}),
            ),
            (
                json!({"bucketName": "logs", "LifecycleConfiguration": {"Rule": rule}}),
                "lifecycleconfiguration",
                json!({"rule": {"status": "Enabled", "filter": {"prefix": "AWSLogs/"}, "expiration": {"days": 1}, "id": "nuke"}}),
            ),
        ] {
            assert_eq!(request(&given)[name], kept, "{given}");
        }
    }

    #[test]
    fn a_value_that_the_service_hid_is_not_taken_for_the_value() {
        let kept = request(&json!({"approvalDescription": HIDDEN, "tags": [{"key": HIDDEN, "value": HIDDEN}]}));
        assert_eq!(kept["approvaldescription"], masked());
        assert_eq!(kept["tags"], json!([]));
    }

    #[test]
    fn of_tags_and_metadata_only_the_keys_are_kept() {
        let kept = request(&json!({
            "tags": [{"key": "owner", "value": "s3cr3t"}, {"Key": "stage", "Value": "s3cr3t"}],
            "customerMetadataProperties": {"reviewed-by": "s3cr3t"},
        }));
        assert_eq!(kept["tags"], json!(["owner", "stage"]));
        assert_eq!(kept["customermetadataproperties"], json!(["reviewed-by"]));
    }

    #[test]
    fn json_inside_a_string_is_read() {
        let kept = request(&Value::from(r#"{"inferenceSpecification":"{\"containers\":[{\"image\":\"i\"}]}"}"#));
        assert_eq!(kept["inferencespecification"]["containers"][0]["image"], "i");
        assert_eq!(request(&Value::from("not json")), BTreeMap::new());
    }

    #[test]
    fn a_value_of_another_shape_is_masked() {
        let kept = request(&json!({"modelName": {"secret": "x"}, "primaryContainer": 7, "tags": "x"}));
        assert!(kept.values().all(|value| *value == masked()), "{kept:?}");
    }

    #[test]
    fn addresses_lose_their_credentials_and_keep_the_rest() {
        let cases = [
            ("CHG-123, see https://jira.bank.example/browse?id=CHG-123", None),
            ("s3://bucket/key?token=is-a-key", None),
            ("https://me:ghp_x@git.example/repo.git", Some("https://git.example/repo.git")),
            (
                "look: https://x.example/a?X-Amz-Signature=abc&id=7 ok",
                Some("look: https://x.example/a?X-Amz-Signature=…&id=7 ok"),
            ),
            ("https://x.example?key=abc", Some("https://x.example?key=…")),
            ("ä://ö@ü", Some("ä://ü")),
        ];
        for (text, bare) in cases {
            assert_eq!(without_credentials(text), bare.unwrap_or(text));
        }
    }

    #[test]
    fn of_a_response_only_arns_are_kept() {
        let kept =
            response(&json!({"modelPackageArn": "arn:aws:sagemaker:…", "credentials": {"x": 1}, "fakeArn": "no"}));
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["modelpackagearn"]);
    }
}
