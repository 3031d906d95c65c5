//! Counts what was really sent, attempt by attempt, and notices throttles: an interceptor in every SDK client.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction, RetryReason};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::ErrorKind;

use super::pacer::Adaptive;
use crate::evidence::CallCount;

/// Counts of requests by service and operation, shared by all clients of a session.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<BTreeMap<(String, String), Counts>>);

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    sent: u64,
    retried: u64,
    failed: u64,
}

impl Tally {
    fn add(&self, cfg: &ConfigBag, change: impl FnOnce(&mut Counts)) {
        let Some(metadata) = cfg.load::<Metadata>() else { return };
        let key = (iam_service(metadata.service()).to_owned(), metadata.name().to_owned());
        change(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default());
    }

    /// The counts since the last time, sorted; counting starts again from nothing.
    pub(crate) fn take(&self) -> Vec<CallCount> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
            .into_iter()
            .map(|((service, operation), Counts { sent, retried, failed })| CallCount {
                service,
                operation,
                sent,
                retried,
                failed,
            })
            .collect()
    }
}

/// The name that IAM uses for a service that the SDK calls by its title.
fn iam_service(title: &str) -> &str {
    match title {
        "SageMaker" => "sagemaker",
        "CloudTrail" => "cloudtrail",
        "CloudWatch" => "cloudwatch",
        "S3" => "s3",
        "SNS" => "sns",
        "STS" => "sts",
        "Organizations" => "organizations",
        "EventBridge" => "events",
        "Application Auto Scaling" => "application-autoscaling",
        "KMS" => "kms",
        "ECR" => "ecr",
        "IAM" => "iam",
        "Cost Explorer" => "ce",
        "Budgets" => "budgets",
        "Pricing" => "pricing",
        "Cost Optimization Hub" => "cost-optimization-hub",
        "Bedrock" => "bedrock",
        "Resource Groups Tagging API" => "tag",
        other => other,
    }
}

/// The interceptor: one for each client.
#[derive(Debug)]
pub(crate) struct Counting {
    tally: Arc<Tally>,
    /// Lane that is told of throttles, where the client has one.
    lane: Option<Arc<Adaptive>>,
}

impl Counting {
    pub(crate) fn new(tally: Arc<Tally>, lane: Option<Arc<Adaptive>>) -> Self {
        Self { tally, lane }
    }
}

#[dyn_dispatch_hint]
impl Intercept for Counting {
    fn name(&self) -> &'static str {
        "countersign counts"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let attempt = cfg.load::<RequestAttempts>().map_or(1, RequestAttempts::attempts);
        self.tally.add(cfg, |counts| {
            counts.sent += 1;
            counts.retried += u64::from(attempt > 1);
        });
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if matches!(context.output_or_error(), Some(Err(_))) {
            self.tally.add(cfg, |counts| counts.failed += 1);
            if let Some(lane) = &self.lane
                && is_throttle(context, components)
            {
                lane.throttled();
            }
        }
        Ok(())
    }
}

/// Asks the SDK's own classifiers, so that what counts as a throttle is what it retries as one.
fn is_throttle(context: &FinalizerInterceptorContextRef<'_>, components: &RuntimeComponents) -> bool {
    components.retry_classifiers().any(|classifier| {
        matches!(
            classifier.classify_retry(context.inner()),
            RetryAction::RetryIndicated(RetryReason::RetryableError { kind: ErrorKind::ThrottlingError, .. })
        )
    })
}
