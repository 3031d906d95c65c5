//! Every sink, and the IAM actions that it needs, on what: `countersign iam-policy --publish` and the templates of the agent
//! are made from it.

use serde_json::{Value, json};

use crate::collect::ApiCall;
use crate::evidence::S3Location;
use crate::publish::{SecretName, Target};

/// What a sink says about itself.
#[derive(Debug)]
pub struct SinkInfo {
    /// The kind of its targets, as [`Target::kind`] gives it.
    pub name: &'static str,
    /// How a target is written.
    pub target: &'static str,
    /// One sentence: what it sends.
    pub summary: &'static str,
    /// Calls that it may make.
    pub calls: &'static [SinkCall],
}

/// One API operation of a sink, what authorises it, and on what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SinkCall {
    /// The operation; its purpose is what the sink does with it.
    pub call: ApiCall,
    /// What the action has to be allowed on.
    pub on: Resource,
    /// Whether it is needed only where the rules name a KMS key, or what the target names is encrypted with one.
    pub with_key: bool,
}

/// What an action is allowed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// The objects below the prefix of a bucket.
    Objects,
    /// A topic.
    Topic,
    /// An event bus.
    Bus,
    /// A secret of Secrets Manager.
    Secret,
    /// A parameter of Systems Manager.
    Parameter,
    /// The product through which one's own findings come into Security Hub.
    Product,
    /// Any KMS key, if asked through the service that the sink writes to.
    Key,
}

const fn call(service: &'static str, operation: &'static str, action: &'static str, purpose: &'static str) -> ApiCall {
    ApiCall { service, operation, action, purpose }
}

const fn on(call: ApiCall, on: Resource) -> SinkCall {
    SinkCall { call, on, with_key: false }
}

const fn key(call: ApiCall) -> SinkCall {
    SinkCall { call, on: Resource::Key, with_key: true }
}

const PUT: SinkCall = on(call("s3", "PutObject", "s3:PutObject", "writing what was not there yet"), Resource::Objects);
const GET: SinkCall =
    on(call("s3", "GetObject", "s3:GetObject", "seeing that what is there already is the same"), Resource::Objects);
const DATA_KEY: SinkCall =
    key(call("kms", "GenerateDataKey", "kms:GenerateDataKey", "encrypting what is written, where a key is named"));
const DECRYPT: SinkCall = key(call("kms", "Decrypt", "kms:Decrypt", "reading what was encrypted so"));
const SECRET: SinkCall = on(
    call("secretsmanager", "GetSecretValue", "secretsmanager:GetSecretValue", "the address that is kept there"),
    Resource::Secret,
);
const PARAMETER: SinkCall =
    on(call("ssm", "GetParameter", "ssm:GetParameter", "the address that is kept there"), Resource::Parameter);

/// Every sink, in the order in which they are documented.
pub static SINKS: &[SinkInfo] = &[
    SinkInfo {
        name: "folder",
        target: "`PATH`",
        summary: "the documents of every run below its date and name, and `latest.json`",
        calls: &[],
    },
    SinkInfo {
        name: "s3",
        target: "`s3://bucket/prefix`",
        summary: "the same below a prefix of a bucket, never overwriting",
        calls: &[PUT, GET, DATA_KEY, DECRYPT],
    },
    SinkInfo {
        name: "sns",
        target: "ARN of a topic",
        summary: "what changed, as plain text for people and JSON for machines; by default only if something changed",
        calls: &[
            on(call("sns", "Publish", "sns:Publish", "one message a run"), Resource::Topic),
            key(call("kms", "GenerateDataKey", "kms:GenerateDataKey", "a topic that is encrypted with a key")),
            key(call("kms", "Decrypt", "kms:Decrypt", "a topic that is encrypted with a key")),
        ],
    },
    SinkInfo {
        name: "slack",
        target: "`slack:SECRET`",
        summary: "what changed, to a channel; by default only if something changed",
        calls: &[SECRET, PARAMETER, DECRYPT],
    },
    SinkInfo {
        name: "webhook",
        target: "`webhook:SECRET`",
        summary: "what changed, in JSON, signed where the secret holds a key",
        calls: &[SECRET, PARAMETER, DECRYPT],
    },
    SinkInfo {
        name: "security-hub",
        target: "`security-hub`",
        summary: "findings in ASFF, updated under the same id, and archived when they are healed or gone",
        calls: &[on(
            call(
                "securityhub",
                "BatchImportFindings",
                "securityhub:BatchImportFindings",
                "importing findings of the writer's own account",
            ),
            Resource::Product,
        )],
    },
    SinkInfo {
        name: "events",
        target: "`events:BUS`",
        summary: "one EventBridge event for each finding that opened, changed or closed, with its owner",
        calls: &[on(call("events", "PutEvents", "events:PutEvents", "sending the events"), Resource::Bus)],
    },
    SinkInfo {
        name: "metrics",
        target: "`metrics`",
        summary: "CloudWatch metrics as lines on standard output, in the embedded metric format",
        calls: &[],
    },
    SinkInfo {
        name: "history",
        target: "`history:LOCATION`",
        summary: "tables of every run in Parquet, for Athena",
        calls: &[PUT, GET, DATA_KEY, DECRYPT],
    },
    SinkInfo {
        name: "security-lake",
        target: "`security-lake:LOCATION`",
        summary: "findings in OCSF 1.5.0 as Parquet, in the layout of Security Lake",
        calls: &[PUT, GET, DATA_KEY, DECRYPT],
    },
];

/// What is declared of a kind of target.
pub fn info(target: &Target) -> Option<&'static SinkInfo> {
    SINKS.iter().find(|sink| sink.name == target.kind())
}

/// The statements of a policy with which everything can be written to these targets, and nothing else. `with_keys` adds
/// what KMS keys need.
pub fn statements(targets: &[Target], partition: &str, with_keys: bool) -> Vec<Value> {
    let mut statements: Vec<Value> = Vec::new();
    for target in targets {
        let calls = info(target).map_or(&[][..], |sink| sink.calls);
        let mut seen: Vec<Resource> = Vec::new();
        for on in calls.iter().map(|call| call.on) {
            if seen.contains(&on) {
                continue;
            }
            seen.push(on);
            let Some(resource) = arn(on, target, partition) else { continue };
            let actions: Vec<&str> = calls
                .iter()
                .filter(|call| call.on == on && (with_keys || !call.with_key))
                .map(|call| call.call.action)
                .collect();
            if actions.is_empty() {
                continue;
            }
            let mut statement = json!({
                "Sid": format!("CountersignPublishes{}", statements.len() + 1),
                "Effect": "Allow",
                "Action": actions,
                "Resource": resource,
            });
            if let (Some(condition), Some(fields)) = (condition(on, target), statement.as_object_mut()) {
                fields.insert("Condition".to_owned(), condition);
            }
            // Two targets may need the same.
            let same = |other: &Value| {
                ["Action", "Resource", "Condition"].iter().all(|key| other.get(key) == statement.get(key))
            };
            if !statements.iter().any(same) {
                statements.push(statement);
            }
        }
    }
    statements
}

/// The ARN of what a target names; `None` where it names no such thing.
fn arn(on: Resource, target: &Target, partition: &str) -> Option<String> {
    match (on, target) {
        (Resource::Objects, Target::Bucket(place)) => Some(below(place, partition)),
        (Resource::Objects, Target::History(place) | Target::SecurityLake(place)) => match place {
            crate::archive::Place::Bucket(place) => Some(below(place, partition)),
            crate::archive::Place::Folder(_) => None,
        },
        (Resource::Topic, Target::Topic(arn)) => Some(arn.clone()),
        (Resource::Bus, Target::Events(bus)) if bus.starts_with("arn:") => Some(bus.clone()),
        (Resource::Bus, Target::Events(bus)) => Some(format!("arn:{partition}:events:*:*:event-bus/{bus}")),
        (Resource::Secret, Target::Slack(SecretName::Secret(name)) | Target::Webhook(SecretName::Secret(name))) => {
            // Six characters of Secrets Manager's own end each name.
            let whole = name.starts_with("arn:");
            Some(if whole { name.clone() } else { format!("arn:{partition}:secretsmanager:*:*:secret:{name}-??????") })
        }
        (
            Resource::Parameter,
            Target::Slack(SecretName::Parameter(name)) | Target::Webhook(SecretName::Parameter(name)),
        ) => {
            let whole = name.starts_with("arn:");
            Some(if whole { name.clone() } else { format!("arn:{partition}:ssm:*:*:parameter{name}") })
        }
        (Resource::Product, Target::SecurityHub) => Some(format!("arn:{partition}:securityhub:*:*:product/*/default")),
        (Resource::Key, Target::Folder(_) | Target::Metrics) => None,
        (Resource::Key, _) => Some(format!("arn:{partition}:kms:*:*:key/*")),
        _ => None,
    }
}

fn below(place: &S3Location, partition: &str) -> String {
    let slash = if place.is_prefix() { "" } else { "/" };
    format!("arn:{partition}:s3:::{}/{}{slash}*", place.bucket, place.key)
}

/// Keys are used through the service that the sink speaks to, and for nothing else.
fn condition(on: Resource, target: &Target) -> Option<Value> {
    let service = match (on, target) {
        (Resource::Key, Target::Bucket(_) | Target::History(_) | Target::SecurityLake(_)) => "s3",
        (Resource::Key, Target::Topic(_)) => "sns",
        (Resource::Key, Target::Events(_)) => "events",
        (Resource::Key, Target::Slack(SecretName::Secret(_)) | Target::Webhook(SecretName::Secret(_))) => {
            "secretsmanager"
        }
        (Resource::Key, Target::Slack(_) | Target::Webhook(_)) => "ssm",
        _ => return None,
    };
    Some(json!({ "StringLike": { "kms:ViaService": format!("{service}.*.amazonaws.com*") } }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(targets: &[&str], with_keys: bool) -> Vec<String> {
        let targets: Vec<Target> = targets.iter().map(|text| text.parse().unwrap()).collect();
        let line = |statement: &Value| {
            let actions: Vec<&str> =
                statement["Action"].as_array().unwrap().iter().map(|action| action.as_str().unwrap()).collect();
            format!("{} {}", actions.join(","), statement["Resource"].as_str().unwrap())
        };
        statements(&targets, "aws", with_keys).iter().map(line).collect()
    }

    #[test]
    fn the_writer_is_allowed_what_its_targets_name_and_nothing_else() {
        assert!(allowed(&["./reports"], true).is_empty());
        assert_eq!(
            allowed(
                &[
                    "s3://reports/a",
                    "arn:aws:sns:eu-central-1:111122223333:t",
                    "slack:/a/b",
                    "webhook:hook",
                    "webhook:/a/b",
                    "events:default",
                    "security-hub",
                    "metrics",
                    "history:s3://reports/a",
                ],
                false
            ),
            [
                "s3:PutObject,s3:GetObject arn:aws:s3:::reports/a/*",
                "sns:Publish arn:aws:sns:eu-central-1:111122223333:t",
                "ssm:GetParameter arn:aws:ssm:*:*:parameter/a/b",
                "secretsmanager:GetSecretValue arn:aws:secretsmanager:*:*:secret:hook-??????",
                "events:PutEvents arn:aws:events:*:*:event-bus/default",
                "securityhub:BatchImportFindings arn:aws:securityhub:*:*:product/*/default",
            ]
        );
        let keys = allowed(&["s3://reports"], true);
        assert_eq!(keys[1], "kms:GenerateDataKey,kms:Decrypt arn:aws:kms:*:*:key/*");
    }

    #[test]
    fn every_kind_of_target_is_declared() {
        let texts = [
            "./a",
            "s3://bucket/a",
            "arn:aws:sns:eu-central-1:111122223333:t",
            "slack:/a",
            "webhook:a",
            "security-hub",
            "events:default",
            "metrics",
            "history:a",
            "security-lake:a",
        ];
        let named: Vec<&str> = texts.iter().map(|text| info(&text.parse().unwrap()).unwrap().name).collect();
        assert_eq!(named, SINKS.iter().map(|sink| sink.name).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_that_is_declared_deletes_and_every_purpose_is_told() {
        for call in SINKS.iter().flat_map(|sink| sink.calls) {
            let (service, action) = call.call.action.split_once(':').unwrap();
            assert_eq!(service, call.call.service);
            assert!(
                !action.contains('*') && !action.starts_with("Delete") && !call.call.purpose.is_empty(),
                "{action}"
            );
        }
    }
}
