//! What Application Auto Scaling may scale of SageMaker, and by which rules: how far a variant can grow and shrink, and
//! targets of endpoints that are gone.
//!
//! Source: <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html>,
//! <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingPolicies.html>

use aws_sdk_applicationautoscaling::types::{
    ScalableTarget as Listed, ScalingPolicy as ListedPolicy, ServiceNamespace, SuspendedState,
};

use super::engine::{Answer, Reader, token};
use super::text::{nameless, required};
use crate::collect::{ApiCall, CollectorInfo, Malformed};
use crate::evidence::{FactKind, Hidden, ScalableTarget, ScalingPolicy};

const DESCRIBE: ApiCall = ApiCall {
    service: "application-autoscaling",
    operation: "DescribeScalableTargets",
    action: "application-autoscaling:DescribeScalableTargets",
    purpose: "how far endpoints may scale, and what is left of endpoints that are gone",
};

const DESCRIBE_POLICIES: ApiCall = ApiCall {
    service: "application-autoscaling",
    operation: "DescribeScalingPolicies",
    action: "application-autoscaling:DescribeScalingPolicies",
    purpose: "whether anything scales endpoints down when there is little to do",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "scalable-targets",
    summary: "reads what Application Auto Scaling may scale of SageMaker, to find what scales endpoints that are gone, and what cannot shrink",
    yields: &[FactKind::ScalableTargets, FactKind::ScalingPolicies],
    calls: &[DESCRIBE, DESCRIBE_POLICIES],
};

const ALL: &[Hidden] = &[Hidden::All(FactKind::ScalableTargets)];
const ALL_POLICIES: &[Hidden] = &[Hidden::All(FactKind::ScalingPolicies)];

/// Targets a page, the most that AWS gives.
const PAGE: i32 = 50;

/// Lists the targets and policies of the region.
pub(crate) async fn collect(reader: &Reader<'_>) {
    futures_util::join!(targets(reader), policies(reader));
}

async fn targets(reader: &Reader<'_>) {
    let scaling = &reader.clients().scaling;
    let listed = reader
        .pages(
            &DESCRIBE,
            "targets of SageMaker",
            |token| {
                let request = scaling.describe_scalable_targets().service_namespace(ServiceNamespace::Sagemaker);
                request.max_results(PAGE).set_next_token(token).send()
            },
            |Answer { output, call }| {
                for target in output.scalable_targets() {
                    match normalise(target) {
                        Ok(target) => reader.record(target, &[call]),
                        Err(malformed) => reader.malformed(&DESCRIBE, call, &malformed, ALL),
                    }
                }
                token(output.next_token())
            },
        )
        .await;
    if let Err(failure) = listed {
        reader.gap(failure, ALL);
    }
}

async fn policies(reader: &Reader<'_>) {
    let scaling = &reader.clients().scaling;
    let listed = reader
        .pages(
            &DESCRIBE_POLICIES,
            "scaling policies of SageMaker",
            |token| {
                let request = scaling.describe_scaling_policies().service_namespace(ServiceNamespace::Sagemaker);
                request.max_results(PAGE).set_next_token(token).send()
            },
            |Answer { output, call }| {
                for policy in output.scaling_policies() {
                    match normalise_policy(policy) {
                        Ok(policy) => reader.record(policy, &[call]),
                        Err(malformed) => reader.malformed(&DESCRIBE_POLICIES, call, &malformed, ALL_POLICIES),
                    }
                }
                token(output.next_token())
            },
        )
        .await;
    if let Err(failure) = listed {
        reader.gap(failure, ALL_POLICIES);
    }
}

/// One target.
///
/// # Errors
/// If it does not say what it scales. The SDK fills in what an answer left out.
fn normalise(target: &Listed) -> Result<ScalableTarget, Malformed> {
    if target.resource_id().is_empty() {
        return Err(nameless("a scalable target"));
    }
    Ok(ScalableTarget {
        resource: target.resource_id().to_owned(),
        dimension: target.scalable_dimension().as_str().to_owned(),
        least: Some(target.min_capacity()),
        most: Some(target.max_capacity()),
        suspended: target.suspended_state().map(suspended).unwrap_or_default(),
    })
}

/// What is suspended.
fn suspended(state: &SuspendedState) -> Vec<String> {
    let parts = [
        ("in", state.dynamic_scaling_in_suspended()),
        ("out", state.dynamic_scaling_out_suspended()),
        ("scheduled", state.scheduled_scaling_suspended()),
    ];
    parts.into_iter().filter(|(_, suspended)| *suspended == Some(true)).map(|(part, _)| part.to_owned()).collect()
}

/// One policy.
///
/// # Errors
/// If it does not say what it scales, or is without a name.
fn normalise_policy(policy: &ListedPolicy) -> Result<ScalingPolicy, Malformed> {
    let name = required("a scaling policy", "PolicyName", Some(policy.policy_name()))?;
    Ok(ScalingPolicy {
        arn: required(&name, "PolicyARN", Some(policy.policy_arn()))?,
        resource: required(&name, "ResourceId", Some(policy.resource_id()))?,
        dimension: policy.scalable_dimension().as_str().to_owned(),
        kind: policy.policy_type().as_str().to_owned(),
        name,
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_applicationautoscaling::types::{PolicyType, ScalableDimension};
    use aws_smithy_types::DateTime;

    use super::*;

    #[test]
    fn a_target_says_what_it_scales_and_how_far() {
        let target = |resource: &str| {
            let built = Listed::builder().service_namespace(ServiceNamespace::Sagemaker).resource_id(resource);
            let built = built.scalable_dimension(ScalableDimension::SageMakerVariantDesiredInstanceCount);
            let suspended = SuspendedState::builder().dynamic_scaling_in_suspended(true);
            let built = built.suspended_state(suspended.dynamic_scaling_out_suspended(false).build());
            let built = built.min_capacity(1).max_capacity(4).role_arn("arn").creation_time(DateTime::from_secs(0));
            normalise(&built.build().unwrap())
        };
        let expected = ScalableTarget {
            resource: "endpoint/fraud/variant/a".to_owned(),
            dimension: "sagemaker:variant:DesiredInstanceCount".to_owned(),
            least: Some(1),
            most: Some(4),
            suspended: vec!["in".to_owned()],
        };
        assert_eq!(target("endpoint/fraud/variant/a"), Ok(expected));
        target("").unwrap_err();
    }

    #[test]
    fn a_policy_says_what_it_scales_and_how() {
        let policy = |resource: &str| {
            let built = ListedPolicy::builder().service_namespace(ServiceNamespace::Sagemaker).resource_id(resource);
            let built = built.scalable_dimension(ScalableDimension::SageMakerVariantDesiredInstanceCount);
            let built = built.policy_name("track").policy_arn("arn:p").policy_type(PolicyType::TargetTrackingScaling);
            normalise_policy(&built.creation_time(DateTime::from_secs(0)).build().unwrap())
        };
        let expected = ScalingPolicy {
            name: "track".to_owned(),
            arn: "arn:p".to_owned(),
            resource: "endpoint/fraud/variant/a".to_owned(),
            dimension: "sagemaker:variant:DesiredInstanceCount".to_owned(),
            kind: "TargetTrackingScaling".to_owned(),
        };
        assert_eq!(policy("endpoint/fraud/variant/a"), Ok(expected));
        policy("").unwrap_err();
    }
}
