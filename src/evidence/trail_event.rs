//! CloudTrail events, reduced to what governance asks of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Parameter, Parameters};

/// One management event. Request parameters are kept under lower-cased top-level keys, with possible secrets masked:
/// CloudTrail writes them in lower camel case for most SageMaker calls, but no published sample shows all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrailEvent {
    /// CloudTrail's `eventID`.
    pub id: String,
    /// Such as `UpdateModelPackage`.
    pub name: String,
    /// Such as `sagemaker.amazonaws.com`; names collide between services, so it is always compared.
    pub source: String,
    /// When the call was made.
    pub time: Timestamp,
    /// Who made it.
    pub identity: UserIdentity,
    /// Error code, if the call failed; such an event changed nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// Request parameters of interest.
    #[serde(default, skip_serializing_if = "Parameters::is_empty")]
    pub request: Parameters,
    /// Response elements of interest.
    #[serde(default, skip_serializing_if = "Parameters::is_empty")]
    pub response: Parameters,
    /// CloudTrail's `sharedEventID`: the records of one call in the accounts of caller and callee have it in common.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_id: Option<String>,
    /// Where the record was read.
    #[serde(default, skip_serializing_if = "Origin::is_history")]
    pub origin: Origin,
}

/// Where the record of an event was read: what its grade as evidence hangs on.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// CloudTrail's event history, by `LookupEvents`.
    #[default]
    History,
    /// A log file that a trail delivered.
    LogFile {
        /// Where it lies, such as `s3://bucket/AWSLogs/…json.gz`.
        file: String,
        /// Whether a signed digest that belongs to an unbroken chain lists it with the hash that it has.
        verified: bool,
    },
    /// An event of EventBridge that set this run off. Whoever may invoke the agent may have made it up.
    Delivered {
        /// Id of that event.
        event: String,
    },
}

impl Origin {
    /// Whether it is the event history.
    pub fn is_history(&self) -> bool {
        *self == Self::History
    }
}

impl TrailEvent {
    /// A string parameter of the request, by its name in any case.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.request.get(&name.to_lowercase()).and_then(Parameter::as_str)
    }

    /// Whether the request carried the parameter at all.
    pub fn has_parameter(&self, name: &str) -> bool {
        self.request.get(&name.to_lowercase()).is_some_and(|value| *value != Parameter::Null)
    }

    /// A string of the response, by its name in any case.
    pub fn answer(&self, name: &str) -> Option<&str> {
        self.response.get(&name.to_lowercase()).and_then(Parameter::as_str)
    }
}

/// `userIdentity` of a CloudTrail record; every part may be missing.
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UserIdentity {
    /// `Root`, `IAMUser`, `AssumedRole`, `AWSService` and so on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// ARN of the caller; for an assumed role it ends in `/role/session`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// `principalId`, such as `AROA…:session`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal_id: Option<String>,
    /// Account of the caller, which may differ from the account that was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// User name, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// ARN of the role behind the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// `sourceIdentity` of the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_identity: Option<String>,
    /// Federated provider of a web identity (a pipeline that signs in with OIDC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub federated_provider: Option<String>,
    /// The service that made the call on somebody's behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoked_by: Option<String>,
    /// The user of IAM Identity Center on whose behalf it was made, as `identity store's ARN/user id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
}

/// How far back the events of one name were read. Without a window that covers it, "no event" says nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EventWindow {
    /// Event name.
    pub event_name: String,
    /// Event source that was asked for.
    pub event_source: String,
    /// From this instant …
    pub from: Timestamp,
    /// … to this one, every event that CloudTrail had delivered was read.
    pub to: Timestamp,
}
