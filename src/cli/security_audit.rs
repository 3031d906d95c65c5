//! What the managed policy `SecurityAudit` of AWS allows of what is called here.

/// Version and day of the policy that the table was read from.
/// Source: <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/SecurityAudit.html>
pub(super) const AS_OF: &str = "version 94 of 2026-09-30";

/// The policy's statements for every service that a collector calls. A test refuses a service that is not here.
const ALLOWED: &[(&str, &[&str])] = &[
    ("application-autoscaling", &["Describe*"]),
    ("events", &["Describe*", "List*"]),
    ("kms", &["Describe*", "Get*", "List*"]),
    ("bedrock", &["ListInferenceProfiles", "ListProvisionedModelThroughputs", "ListTagsForResource"]),
    ("budgets", &[]),
    ("ce", &[]),
    ("cost-optimization-hub", &[]),
    ("pricing", &[]),
    ("cloudtrail", &["DescribeTrails", "GetEventSelectors", "GetTrailStatus", "LookupEvents"]),
    ("cloudwatch", &["Describe*", "GetDashboard", "GetMetricData", "ListDashboards", "ListTagsForResource"]),
    (
        "s3",
        &[
            "GetBucket*",
            "GetEncryptionConfiguration",
            "GetLifecycleConfiguration",
            "GetReplicationConfiguration",
            "ListBucket",
        ],
    ),
    ("ecr", &["DescribeImages", "DescribeRepositories"]),
    ("iam", &["Get*", "List*"]),
    ("organizations", &["Describe*", "List*"]),
    ("sagemaker", &["Describe*", "List*"]),
    ("sns", &["GetTopicAttributes", "ListSubscriptionsByTopic"]),
    ("tag", &["GetResources"]),
];

/// Whether the managed policy allows an action; `None` for a service that the table does not hold.
pub(super) fn allows(action: &str) -> Option<bool> {
    let (service, name) = action.split_once(':')?;
    let (_, allowed) = ALLOWED.iter().find(|(known, _)| *known == service)?;
    Some(allowed.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == *pattern,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_declared_action_is_decided() {
        let optional: Vec<&str> = crate::collect::aws::OPTIONAL.iter().map(|collector| collector.name).collect();
        for action in super::super::iam_policy::actions(&optional) {
            assert!(allows(action).is_some(), "look up whether SecurityAudit allows `{action}`, and add its service");
        }
    }

    #[test]
    fn patterns_are_prefixes() {
        for (action, allowed) in [
            ("sagemaker:DescribeEndpoint", Some(true)),
            ("sagemaker:Search", Some(false)),
            ("s3:GetBucketVersioning", Some(true)),
            ("s3:ListBucketVersions", Some(false)),
            ("cloudwatch:ListAlarmMuteRules", Some(false)),
            ("ce:GetCostAndUsage", Some(false)),
            ("lex:ListBots", None),
            ("nonsense", None),
        ] {
            assert_eq!(allows(action), allowed, "{action}");
        }
    }
}
