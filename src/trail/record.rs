//! One CloudTrail record, as it really comes: with parts missing, JSON inside strings, and values held back.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::parameters::{self, object};
use crate::collect::Malformed;
use crate::evidence::{Origin, TrailEvent, UserIdentity};

/// Stands for the code of a failed call whose record gives only a message.
const UNSTATED_ERROR: &str = "Unstated";

/// Reads a record from its text, such as the `CloudTrailEvent` of a `LookupEvents` item.
///
/// # Errors
/// As [`normalise`], and if the text is not JSON.
pub fn from_text(text: &str) -> Result<Option<TrailEvent>, Malformed> {
    let record: Value = serde_json::from_str(text)
        .map_err(|error| Malformed { item: "CloudTrail record".to_owned(), reason: format!("not JSON: {error}") })?;
    normalise(&record)
}

/// Reads a record. `None` if it is not about a call to the service that it names: Insights and network-activity
/// records carry the name and source of a call, but tell of its rate or of a refusal at a VPC endpoint.
///
/// # Errors
/// If the record lacks what no record may lack: `eventID`, `eventName`, `eventSource`, `eventTime`.
pub fn normalise(record: &Value) -> Result<Option<TrailEvent>, Malformed> {
    let unnamed = || Malformed { item: "CloudTrail record".to_owned(), reason: "not an object".to_owned() };
    let record = object(record).ok_or_else(unnamed)?;
    if text(&record, "eventCategory").is_some_and(|category| category != "Management" && category != "Data") {
        return Ok(None);
    }
    let id = text(&record, "eventID");
    let item = id.clone().unwrap_or_else(|| "CloudTrail record".to_owned());
    let missing = |part: &str| Malformed { item: item.clone(), reason: format!("{part} is missing") };
    let time = text(&record, "eventTime").ok_or_else(|| missing("eventTime"))?;
    let time: Timestamp = time.parse().map_err(|error| Malformed {
        item: item.clone(),
        reason: format!("eventTime `{time}` is not an instant: {error}"),
    })?;
    let error_code =
        text(&record, "errorCode").or_else(|| text(&record, "errorMessage").map(|_| UNSTATED_ERROR.to_owned()));
    Ok(Some(TrailEvent {
        id: id.ok_or_else(|| missing("eventID"))?,
        name: text(&record, "eventName").ok_or_else(|| missing("eventName"))?,
        source: text(&record, "eventSource").ok_or_else(|| missing("eventSource"))?,
        time,
        identity: part(&record, "userIdentity").map(|identity| self::identity(&identity)).unwrap_or_default(),
        error_code,
        request: record.get("requestParameters").into_iter().flat_map(parameters::request).collect(),
        response: record.get("responseElements").into_iter().flat_map(parameters::response).collect(),
        shared_id: text(&record, "sharedEventID"),
        origin: Origin::History,
    }))
}

/// Reads `userIdentity`, of which any part may be missing.
fn identity(identity: &Map<String, Value>) -> UserIdentity {
    let session = part(identity, "sessionContext").unwrap_or_default();
    let issuer = part(&session, "sessionIssuer").unwrap_or_default();
    let federation = part(&session, "webIdFederationData").unwrap_or_default();
    UserIdentity {
        kind: text(identity, "type"),
        arn: text(identity, "arn"),
        principal_id: text(identity, "principalId"),
        account: text(identity, "accountId"),
        user_name: text(identity, "userName"),
        role_arn: text(&issuer, "arn").filter(|arn| arn.contains(":role/")),
        source_identity: text(&session, "sourceIdentity"),
        federated_provider: text(&federation, "federatedProvider").or_else(|| text(identity, "identityProvider")),
        invoked_by: text(identity, "invokedBy"),
        on_behalf_of: part(identity, "onBehalfOf").and_then(|user| on_behalf_of(&user)),
    }
}

/// A user id means something only within its identity store.
fn on_behalf_of(user: &Map<String, Value>) -> Option<String> {
    Some(format!("{}/{}", text(user, "identityStoreArn")?, text(user, "userId")?))
}

/// A member that is an object, or an object written as a string.
fn part(of: &Map<String, Value>, name: &str) -> Option<Map<String, Value>> {
    of.get(name).and_then(object).map(std::borrow::Cow::into_owned)
}

/// A member that is a non-empty string.
fn text(of: &Map<String, Value>, name: &str) -> Option<String> {
    of.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn approval() -> Value {
        json!({
            "eventVersion": "1.11", "eventID": "e-1", "eventName": "UpdateModelPackage",
            "eventSource": "sagemaker.amazonaws.com", "eventTime": "2026-05-04T09:30:00Z", "eventType": "AwsApiCall",
            "eventCategory": "Management", "readOnly": false, "recipientAccountId": "111122223333",
            "userIdentity": {
                "type": "AssumedRole", "principalId": "AROAX:anna", "accountId": "111122223333",
                "arn": "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Approver_0a1b/anna",
                "accessKeyId": "ASIAX",
                "sessionContext": {
                    "sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/aws-reserved/AWSReservedSSO_Approver_0a1b"},
                    "sourceIdentity": "anna", "webIdFederationData": {}, "attributes": {"mfaAuthenticated": "false"},
                },
            },
            "requestParameters": {
                "modelPackageArn": "arn:aws:sagemaker:eu-central-1:111122223333:model-package/churn/7",
                "modelApprovalStatus": "Approved", "approvalDescription": "CHG-123",
            },
            "responseElements": {"modelPackageArn": "arn:aws:sagemaker:eu-central-1:111122223333:model-package/churn/7"},
        })
    }

    fn without(path: &str) -> Value {
        let mut record = approval();
        let (parent, name) = path.rsplit_once('/').unwrap();
        record.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
        record
    }

    #[test]
    fn an_approval_is_read_with_who_and_what() {
        let event = normalise(&approval()).unwrap().unwrap();
        assert_eq!(event.parameter("ModelApprovalStatus"), Some("Approved"));
        assert_eq!(event.parameter("approvalDescription"), Some("CHG-123"));
        assert!(event.answer("modelPackageArn").unwrap().ends_with("churn/7"));
        assert_eq!(event.identity.source_identity.as_deref(), Some("anna"));
        assert!(event.identity.role_arn.unwrap().contains("role/aws-reserved/"));
        assert_eq!((event.error_code, event.identity.federated_provider), (None, None));
        assert_eq!(event.time, "2026-05-04T09:30:00Z".parse().unwrap());
    }

    #[test]
    fn each_optional_part_may_be_missing_and_each_needed_one_is_named() {
        for path in [
            "/eventVersion",
            "/eventCategory",
            "/userIdentity",
            "/userIdentity/type",
            "/userIdentity/sessionContext",
            "/userIdentity/sessionContext/sessionIssuer",
            "/requestParameters",
            "/responseElements",
        ] {
            assert!(normalise(&without(path)).unwrap().is_some(), "{path}");
        }
        for part in ["eventID", "eventName", "eventSource", "eventTime"] {
            let error = normalise(&without(&format!("/{part}"))).unwrap_err();
            assert!(error.reason.contains(part), "{error}");
        }
    }

    #[test]
    fn odd_shapes_are_survived() {
        let mut record = approval();
        record["userIdentity"]["sessionContext"]["sessionIssuer"] = json!({});
        record["requestParameters"] = Value::Null;
        record["responseElements"] = json!("HIDDEN_DUE_TO_SECURITY_REASONS");
        let event = normalise(&record).unwrap().unwrap();
        assert_eq!(event.identity.role_arn, None);
        assert!(event.request.is_empty() && event.response.is_empty());

        let mut record = approval();
        for part in ["userIdentity", "requestParameters"] {
            record[part] = Value::from(record[part].to_string());
        }
        assert_eq!(normalise(&record).unwrap(), normalise(&approval()).unwrap(), "JSON inside strings");
        assert_eq!(
            from_text(&Value::from(approval().to_string()).to_string()).unwrap(),
            normalise(&approval()).unwrap()
        );
        for text in ["", "{", "7", "[]", "null", "\"x\""] {
            from_text(text).unwrap_err();
        }
    }

    #[test]
    fn a_failed_call_says_so_even_without_a_code() {
        let mut record = approval();
        record["errorCode"] = json!("AccessDenied");
        assert_eq!(normalise(&record).unwrap().unwrap().error_code.as_deref(), Some("AccessDenied"));
        record["errorCode"] = Value::Null;
        record["errorMessage"] = json!("no");
        assert_eq!(normalise(&record).unwrap().unwrap().error_code.as_deref(), Some(UNSTATED_ERROR));
    }

    #[test]
    fn records_that_only_look_like_a_call_are_left_out() {
        for category in ["Insight", "NetworkActivity"] {
            let mut record = approval();
            record["eventCategory"] = json!(category);
            assert_eq!(normalise(&record).unwrap(), None, "{category}");
        }
    }

    #[test]
    fn the_role_behind_a_web_identity_is_a_role_and_its_provider_is_kept() {
        let mut record = approval();
        record["userIdentity"]["sessionContext"]["webIdFederationData"] = json!({"federatedProvider": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com", "attributes": {}});
        record["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] = json!("arn:aws:iam::111122223333:root");
        let identity = normalise(&record).unwrap().unwrap().identity;
        assert!(identity.federated_provider.unwrap().ends_with("githubusercontent.com"));
        assert_eq!(identity.role_arn, None, "an issuer that is no role is not called one");
    }

    #[test]
    fn a_call_on_behalf_of_a_person_and_its_twin_in_another_account_are_told() {
        let mut record = approval();
        record["sharedEventID"] = json!("shared-1");
        record["userIdentity"]["onBehalfOf"] =
            json!({"userId": "u-1", "identityStoreArn": "arn:aws:identitystore::111122223333:identitystore/d-1"});
        let event = normalise(&record).unwrap().unwrap();
        assert_eq!(event.shared_id.as_deref(), Some("shared-1"));
        let person = event.identity.on_behalf_of;
        assert_eq!(person.as_deref(), Some("arn:aws:identitystore::111122223333:identitystore/d-1/u-1"));
        record["userIdentity"]["onBehalfOf"] = json!({"userId": "u-1"});
        assert_eq!(normalise(&record).unwrap().unwrap().identity.on_behalf_of, None, "of which store?");
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-zA-Z]{1,8}", inner, 0..4).prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_record_makes_it_panic(parts in prop::collection::vec(any_json(), 6), whole in any_json()) {
            let mut record = approval();
            for (name, part) in ["userIdentity", "requestParameters", "responseElements", "eventTime", "errorCode", "eventCategory"].iter().zip(parts) {
                record[*name] = part;
            }
            drop(normalise(&record));
            drop(normalise(&whole));
        }

        #[test]
        fn an_environment_value_never_gets_through(secret in "[A-Z0-9]{24}", depth in 0..4) {
            let environment = json!({"API_KEY": secret});
            let mut record = approval();
            record["requestParameters"] = match depth {
                0 => json!({"environment": environment}),
                1 => json!({"primaryContainer": {"environment": environment, "modelDataUrl": format!("https://u:{secret}@h/p?token={secret}")}}),
                2 => json!({"containers": [{"Environment": environment}], "password": secret}),
                _ => json!({"inferenceSpecification": {"containers": [{"environment": environment, "apiToken": secret}]}}),
            };
            let event = normalise(&record).unwrap().unwrap();
            prop_assert!(!serde_json::to_string(&event).unwrap().contains(&secret));
        }
    }

    fn files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                found.push(path);
            }
        }
    }

    #[test]
    #[allow(clippy::disallowed_methods, reason = "a test finds its material through the environment")]
    fn every_real_record_is_read() {
        let Ok(corpus) = std::env::var("COUNTERSIGN_CORPUS") else {
            println!("skipped: COUNTERSIGN_CORPUS is not set");
            return;
        };
        let mut paths = Vec::new();
        files(&Path::new(&corpus).join("cloudtrail"), &mut paths);
        let (mut records, mut failed, mut roles) = (0, 0, 0);
        for path in paths {
            let file: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            let list = file.get("Records").and_then(Value::as_array).or(file.as_array());
            for record in list.map_or(std::slice::from_ref(&file), Vec::as_slice) {
                let event = normalise(record).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                let event = event.unwrap_or_else(|| panic!("{}: {} is a call", path.display(), record["eventID"]));
                assert_eq!(
                    event.error_code.is_some(),
                    record.get("errorCode").is_some() || record.get("errorMessage").is_some()
                );
                let kept = serde_json::to_string(&event).unwrap();
                for secret in ["masterUserPassword\":\"", "HIDDEN_DUE_TO", "sessionToken\":\""] {
                    assert!(!kept.contains(secret), "{}: {kept}", path.display());
                }
                records += 1;
                failed += usize::from(event.error_code.is_some());
                roles += usize::from(event.identity.role_arn.is_some());
            }
        }
        println!("{records} records, {failed} failed calls, {roles} made by a role");
        assert!(records > 3_000 && failed > 300 && roles > 100);
    }
}
