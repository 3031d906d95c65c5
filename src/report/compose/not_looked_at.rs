//! What no part of this version looks at. A reader who is not told would take silence for a clean bill.

use std::collections::BTreeSet;

use crate::evidence::{FactKind, Hidden, Snapshot};

/// What one collection did not look at.
pub(super) fn of(snapshot: &Snapshot) -> Vec<String> {
    let mut list: Vec<String> = NOT_LOOKED_AT.iter().map(|&what| what.to_owned()).collect();
    if snapshot.scope.log_files.is_empty() {
        list.insert(LOG_FILES.min(list.len()), log_files(snapshot));
    }
    let asked_in_vain = snapshot.gaps.iter().any(|gap| gap.hides.contains(&Hidden::All(FactKind::Bills)));
    if snapshot.facts.bills.is_empty() && !asked_in_vain {
        list.push(BILLS.to_owned());
    }
    list
}

/// What only somebody may ask who may spend money on it.
const BILLS: &str = "what was billed: Cost Explorer charges for each request and is asked only where `[cost]` allows it; amounts are estimates";

/// Where log files stand in the list.
const LOG_FILES: usize = 6;

/// Log files of trails, and where they could be read.
fn log_files(snapshot: &Snapshot) -> String {
    let unread = "log files of trails and their digests: only the event history of the last 90 days is read";
    let delivered: BTreeSet<(&str, &str)> = snapshot
        .facts
        .trails
        .iter()
        .filter_map(|fact| Some((fact.data.name.as_str(), fact.data.bucket.as_deref()?)))
        .collect();
    match delivered.first() {
        None => unread.to_owned(),
        Some((name, bucket)) => {
            let more = match delivered.len() - 1 {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            format!(
                "{unread}; trail `{name}` delivers to `s3://{bucket}`{more}: `--trail auto` reads what it delivered"
            )
        }
    }
}

/// In the order of how much it may hide.
const NOT_LOOKED_AT: &[&str] = &[
    "models that are hosted outside SageMaker: on EC2, ECS, EKS, Lambda, on premises or at another provider",
    "Amazon Bedrock: custom and imported models, agents; provisioned throughput and inference profiles beyond what they cost",
    "managed AI services: Comprehend, Rekognition, Personalize, Textract, Transcribe, Forecast and the like",
    "SageMaker inference routers, whose operations the AWS SDK for Rust does not offer yet",
    "SageMaker Edge, HyperPod and notebook instances that answer requests themselves",
    "accounts and regions other than those listed above",
    "who could approve, deploy or overwrite: IAM policies, resource policies of endpoints and buckets, KMS key policies",
    "training data, training jobs, pipelines and lineage; evaluation reports beyond their location",
    "whether image tags in ECR still point to the approved digest, and what image scans found",
    "past values under composite alarms, anomaly bands and queries: those alarms are judged by their rules, not replayed",
    "trends of errors, latency and drift, so that no live version can be called ready to expand",
];
