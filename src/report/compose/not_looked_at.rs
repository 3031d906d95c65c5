//! What no part of this version looks at. A reader who is not told would take silence for a clean bill.

/// In the order of how much it may hide.
pub(super) const NOT_LOOKED_AT: &[&str] = &[
    "models that are hosted outside SageMaker: on EC2, ECS, EKS, Lambda, on premises or at another provider",
    "Amazon Bedrock: custom and imported models, provisioned throughput, agents",
    "managed AI services: Comprehend, Rekognition, Personalize, Textract, Transcribe, Forecast and the like",
    "SageMaker inference routers, whose operations the AWS SDK for Rust does not offer yet",
    "SageMaker Edge, HyperPod and notebook instances that answer requests themselves",
    "accounts and regions other than those listed above",
    "CloudTrail log files and their digests: only the event history of the last 90 days is read",
    "who could approve, deploy or overwrite: IAM policies, resource policies of endpoints and buckets, KMS key policies",
    "training data, training jobs, pipelines and lineage; evaluation reports beyond their location",
    "whether image tags in ECR still point to the approved digest, and what image scans found",
    "Model Monitor schedules, baselines and their violations; drift is seen only as far as alarms watch it",
    "metric data: alarms are judged by their configuration and state, they are not replayed against past values",
    "costs, budgets and utilisation: tags are checked, amounts are not",
    "trends of errors, latency and drift, so that no live version can be called ready to expand",
];
