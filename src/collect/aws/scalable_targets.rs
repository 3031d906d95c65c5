//! What Application Auto Scaling may scale of SageMaker: how far a variant can grow, and targets of endpoints that are gone.
//!
//! Source: <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html>

use aws_sdk_applicationautoscaling::types::{ScalableTarget as Listed, ServiceNamespace};

use super::engine::{Answer, Reader, token};
use super::text::nameless;
use crate::collect::{ApiCall, CollectorInfo, Malformed};
use crate::evidence::{FactKind, Hidden, ScalableTarget};

const DESCRIBE: ApiCall = ApiCall {
    service: "application-autoscaling",
    operation: "DescribeScalableTargets",
    action: "application-autoscaling:DescribeScalableTargets",
    purpose: "how far endpoints may scale, and what is left of endpoints that are gone",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "scalable-targets",
    summary: "reads what Application Auto Scaling may scale of SageMaker, to find what scales endpoints that are gone",
    yields: &[FactKind::ScalableTargets],
    calls: &[DESCRIBE],
};

const ALL: &[Hidden] = &[Hidden::All(FactKind::ScalableTargets)];

/// Targets a page, the most that AWS gives.
const PAGE: i32 = 50;

/// Lists the targets of the region.
pub(crate) async fn collect(reader: &Reader<'_>) {
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
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_applicationautoscaling::types::ScalableDimension;
    use aws_smithy_types::DateTime;

    use super::*;

    #[test]
    fn a_target_says_what_it_scales_and_how_far() {
        let target = |resource: &str| {
            let built = Listed::builder().service_namespace(ServiceNamespace::Sagemaker).resource_id(resource);
            let built = built.scalable_dimension(ScalableDimension::SageMakerVariantDesiredInstanceCount);
            let built = built.min_capacity(1).max_capacity(4).role_arn("arn").creation_time(DateTime::from_secs(0));
            normalise(&built.build().unwrap())
        };
        let expected = ScalableTarget {
            resource: "endpoint/fraud/variant/a".to_owned(),
            dimension: "sagemaker:variant:DesiredInstanceCount".to_owned(),
            least: Some(1),
            most: Some(4),
        };
        assert_eq!(target("endpoint/fraud/variant/a"), Ok(expected));
        target("").unwrap_err();
    }
}
